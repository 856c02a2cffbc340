//! Resources as OpenAPI describes them: what is sent to them, and in which media types.

use std::sync::Arc;

use hyper::Method;

use super::rest_answers::answers;
use super::{NAMESPACE, rest};
use crate::document::family::Family;
use crate::mime::MediaType;
use crate::openapi::{self, Content, Contract, List, Media, Place, Scheme};
use crate::pipeline::access::Access;
use crate::pipeline::operation::{Io, Operation};
use crate::pipeline::page::{Paging, SIZE, TOKEN};
use crate::pipeline::published::{Api, Form, Parameter, Resource};
use crate::pipeline::route::{REST, Route};
use crate::schema::{GivenFacets, Simple, SimpleType};

/// What one description is about: the resources of an api, or those that a listener publishes without one.
#[derive(Debug, Clone)]
pub struct Group {
    /// The api; `None` for what none publishes.
    pub api: Option<Arc<Api>>,
    /// What all its addresses begin with.
    pub base: String,
    /// What is there, in the order of the file.
    pub resources: Vec<Arc<Resource>>,
}

impl Group {
    /// Whether both are about the same.
    pub fn is_of(&self, other: &Self) -> bool {
        match (&self.api, &other.api) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, None) => true,
            _ => false,
        }
    }
}

/// What a listener with these routes publishes over REST, in the order of the routes.
pub fn groups(routes: &[Route]) -> Vec<Group> {
    let mut found: Vec<Group> = Vec::new();
    for route in routes {
        let Some(resource) = &route.resource else { continue };
        let base = match &route.api {
            Some(api) => api.base.clone(),
            None => {
                let own = rest::path(&resource.operation).unwrap_or_default();
                resource.path.strip_suffix(own.as_str()).unwrap_or_default().to_owned()
            }
        };
        let group = Group { api: route.api.clone(), base, resources: vec![Arc::clone(resource)] };
        match found.iter_mut().find(|known| known.is_of(&group)) {
            Some(known) => known.resources.extend(group.resources),
            None => found.push(group),
        }
    }
    found
}

/// A group as a listener with these rules publishes it.
pub fn described(group: &Group, listener: &str, access: &Access) -> openapi::Api {
    let api = group.api.as_deref();
    let text = |text: Option<&String>| text.cloned().unwrap_or_default();
    openapi::Api {
        title: api.map_or(listener, Api::shown).to_owned(),
        // A document has a version, whether the api says one or not.
        version: api.and_then(|api| api.version.clone()).unwrap_or_else(|| "1".to_owned()),
        description: text(api.and_then(|api| api.description.as_ref())),
        base: group.base.clone(),
        schemes: schemes(access),
        resources: group.resources.iter().flat_map(|one| resources(one, group, access)).collect(),
    }
}

/// A resource; one that serves all below it stands there a second time.
fn resources(resource: &Resource, group: &Group, access: &Access) -> Vec<openapi::Resource> {
    let same = |other: &&Arc<Resource>| other.method == Method::GET && other.path == resource.path;
    let stateful = group.resources.iter().filter(same).any(|other| other.operation.etag.is_some());
    let one = self::resource(resource, group, access, stateful);
    let below = resource.prefix.then(|| below(&one));
    std::iter::once(one).chain(below).collect()
}

/// The schemes of a listener, by what their challenges say (RFC 9110, section 11.3).
fn schemes(access: &Access) -> Vec<Scheme> {
    let mut names: Vec<String> = Vec::new();
    for challenge in access.schemes.iter().filter_map(|scheme| scheme.challenge()) {
        let name = challenge.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names.into_iter().map(|name| Scheme { name }).collect()
}

fn resource(resource: &Resource, group: &Group, access: &Access, stateful: bool) -> openapi::Resource {
    let operation = &resource.operation;
    let api = group.api.as_deref();
    let path = resource.path.strip_prefix(group.base.as_str()).unwrap_or(&resource.path);
    let description = resource.description.clone().unwrap_or_else(|| operation.description.to_string());
    openapi::Resource {
        path: if path.is_empty() { "/".to_owned() } else { path.to_owned() },
        method: resource.method.as_str().to_ascii_lowercase(),
        id: operation.name.to_string(),
        description,
        deprecated: api.is_some_and(|api| api.deprecation.is_some()),
        parameters: parameters(resource, stateful),
        body: resource.reads().into_iter().flat_map(|(form, media)| body(operation, form, media)).collect(),
        answers: answers(resource, access, api, stateful),
    }
}

/// The same for everything below it.
fn below(resource: &openapi::Resource) -> openapi::Resource {
    let rest = openapi::Parameter {
        place: Place::Path,
        name: REST.to_owned(),
        required: true,
        description: "The rest of the path, slashes included.".to_owned(),
        simple: Simple::of(SimpleType::String),
        default: None,
        only: None,
    };
    let parameters = resource.parameters.iter().cloned().chain([rest]).collect();
    let path = format!("{}/{{{REST}}}", resource.path.trim_end_matches('/'));
    openapi::Resource { path, parameters, ..resource.clone() }
}

/// What asks for a state (RFC 9110, section 13.1).
const STATES: &[(&str, &str)] = &[
    ("If-Match", "Entity tags of which the state must have one, or *."),
    ("If-None-Match", "Entity tags of which the state must have none, or *."),
];

fn parameters(resource: &Resource, stateful: bool) -> Vec<openapi::Parameter> {
    let states = STATES.iter().filter(|_| stateful).map(|(name, description)| openapi::Parameter {
        place: Place::Header,
        name: (*name).to_owned(),
        required: false,
        description: (*description).to_owned(),
        simple: Simple::of(SimpleType::String),
        default: None,
        only: None,
    });
    let conditions = resource.conditions.iter().map(|condition| openapi::Parameter {
        place: Place::Header,
        name: condition.name.to_string(),
        required: true,
        description: String::new(),
        simple: Simple::of(SimpleType::String),
        default: None,
        only: Some(condition.value.to_string()),
    });
    let queries = resource.parameters.iter().map(|parameter: &Parameter| openapi::Parameter {
        place: Place::Query,
        name: parameter.name.to_string(),
        required: parameter.required,
        description: parameter.description.clone().unwrap_or_default(),
        simple: parameter.simple.clone(),
        default: parameter.default.as_ref().map(ToString::to_string),
        only: None,
    });
    let pages = resource.operation.paging.iter().flat_map(pages);
    queries.chain(pages).chain(conditions).chain(states).collect()
}

/// What asks for a page.
fn pages(paging: &Paging) -> [openapi::Parameter; 2] {
    let one = GivenFacets { min_inclusive: Some("1".to_owned()), ..GivenFacets::default() };
    let number = Simple::of(SimpleType::Integer);
    let number = number.restrict(&one).unwrap_or(number);
    let parameter = |name: &str, description: String, simple| openapi::Parameter {
        place: Place::Query,
        name: name.to_owned(),
        required: false,
        description,
        simple,
        default: None,
        only: None,
    };
    let (size, most) = (paging.size, paging.most);
    let size = format!("How many documents a page has: {size} unless it says, and at most {most}.");
    let token = "Which page, as the `Link` of the one before says.".to_owned();
    [parameter(SIZE, size, number), parameter(TOKEN, token, Simple::of(SimpleType::String))]
}

/// A body in one of its forms.
fn body(operation: &Operation, form: Form, media: &str) -> Option<Media> {
    let list = List { name: format!("{}List", operation.object), namespace: None };
    let content = content(&operation.input, false, form, media, list)?;
    let essence = if media == "*/*" { "application/octet-stream" } else { media };
    Some(Media { essence: essence.to_owned(), content })
}

/// An answer in one of its forms.
pub(super) fn answer(operation: &Operation, form: Form, media: &str) -> Option<Media> {
    let name = format!("{}ResponseList", operation.object);
    let list = List { name, namespace: Some(NAMESPACE.to_owned()) };
    let content = content(&operation.output, true, form, media, list)?;
    Some(Media { essence: media.to_owned(), content })
}

fn content(io: &Io, leaves: bool, form: Form, media: &str, list: List) -> Option<Content> {
    let (profile, many) = match io {
        Io::None => return None,
        Io::Profile { profile, many, .. } => (profile, *many),
        Io::Multipart { .. } if media.starts_with("multipart/form-data") => return Some(Content::Parts),
        Io::Multipart { .. } => return Some(Content::Any),
        _ if media.starts_with("text/") => return Some(Content::Text),
        _ => {
            let is_any = MediaType::parse(media).is_some_and(|media| media.is_json() || media.is_xml());
            return Some(if is_any { Content::Any } else { Content::Bytes });
        }
    };
    let family = Family::of(&*profile.codec);
    let contract = Contract {
        profile: profile.name.clone(),
        shape: Arc::clone(&profile.shape),
        is_xml: family == Family::Xml,
        leaves,
        list: many.then_some(list),
    };
    Some(match (form, family) {
        (Form::Json | Form::Fields, _) | (Form::Own, Family::Json) => Content::Json(contract),
        (Form::Own, Family::Xml) => Content::Xml(contract),
        // Rows are JSON.
        (Form::Own, Family::File) if MediaType::parse(media).is_some_and(|media| media.is_json()) => {
            Content::Json(contract)
        }
        (Form::Own, Family::File) => Content::Text,
    })
}
