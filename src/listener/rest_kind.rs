//! The `rest` protocol: operations as methods on paths.

use std::sync::Arc;

use hyper::Method;

use super::kinds::{Address, route};
use super::rest_route::DeclaredRoute;
use super::{rest, rest_route};
use crate::kind::protocol::{DeclaredEndpoint, Description, ProtocolKind, Published};
use crate::kind::{Compiling, Manual};
use crate::pipeline::operation::Operation;
use crate::pipeline::route::Route;
use crate::source::{Finding, Spanned};
use crate::syntax::Node;

/// The kind.
pub const KIND: ProtocolKind = ProtocolKind {
    manual: Manual {
        name: "rest",
        summary: "operations as methods on paths, in XML and JSON",
        usage: "rest { [openapi PATH|#false]; METHOD PATH OPERATION [prefix=#true] { [description TEXT] [header NAME VALUE] ...\n    [query NAME [type=TYPE] [min=N] [max=N] [pattern=TEXT] ... [required=#true] [default=VALUE] [description=TEXT]] ...\n    [input xml|json|form] [output xml|json] [on-empty STATUS] [page N] [max-page N] } ... }",
        text: "By default an operation is published at /ws/rest/OBJECT under the method of its action: GET for get and query, \
               POST for create, upsert and execute, PUT for update, DELETE for delete. A get or query that has an `input` is \
               published under POST, since a GET has no body. In an `api` each line gives a method \
               (get, post, put, patch, delete), a path below the base, in which `{name}` stands for one segment \
               (`request.path.name`), and an operation. An operation of XML profiles also takes and gives JSON: \
               Content-Type and Accept decide. The same operation may stand at any number of addresses; the block of a route \
               says what differs at this one: `input` and `output` the only format spoken, `on-empty`, `page`, `max-page` \
               and `description` what the operation says elsewhere. With `header NAME VALUE` a route is only for requests \
               whose field has exactly that value; such a condition counts like a fixed segment behind the path, so of one \
               path the route with the most conditions that hold is taken, and the first one written of equally many. `Vary` of every answer at the path names these fields. \
               `query` declares a parameter: a type and facets as in a profile, `required=#true`, and `default=`, which is the \
               value of `request.query.NAME` when none is given. What does not fit, is missing or is given twice is answered \
               with 400 and the places before anything runs; a parameter that is not declared is let through. \
               `prefix=#true` serves everything below the path too, where no other route does; `request.path.rest` is what \
               stands behind the path. HEAD is served where GET is, and OPTIONS everywhere, with `Allow`. With \
               `input form` a route reads the fields of a form (application/x-www-form-urlencoded) and nothing else, where \
               the input is a flat profile: an object or root of single values, or lists of them in JSON; an empty field \
               stands for none where its type has no empty value. Any web page lets a browser send such a form with the \
               password or certificate that it has for the address: do not publish so what only a user may do. Failures are problem documents (RFC 9457). The OpenAPI of it all is at /openapi.json below the \
               base, or where `openapi PATH` says; `openapi #false` serves none. See `soapstone explain openapi`.",
        example: "rest {\n    post \"/orders\" create-order\n}",
    },
    prefix: "/ws/rest",
    publish,
    read: Some(read),
};

const METHODS: &[(&str, Method)] = &[
    ("get", Method::GET),
    ("post", Method::POST),
    ("put", Method::PUT),
    ("patch", Method::PATCH),
    ("delete", Method::DELETE),
];

fn publish(published: &Published<'_>, compiling: &Compiling<'_>) -> Vec<Route> {
    let one = |operation: &Arc<Operation>| {
        // Without an object there is nothing to name the address after: an `api` can.
        let path = rest::path(operation)?;
        let address = Address {
            method: rest::method(operation),
            path: format!("{}{path}", published.prefix),
            protocol: "rest",
            serves: &operation.name,
            span: compiling.operations.span(&operation.name).unwrap_or(published.span),
        };
        let place = compiling.place(address.span);
        let resource = rest::resource(operation, address.method.clone(), &address.path, place);
        let resource = Arc::new(resource);
        let endpoint = rest::endpoint(resource.clone());
        Some(Route { resource: Some(resource), ..route(address, &endpoint, compiling) })
    };
    published.operations.iter().filter_map(one).collect()
}

#[derive(Debug)]
struct Declared {
    routes: Vec<DeclaredRoute>,
    /// What `openapi` says: a path, or that there is none.
    openapi: Option<Option<Spanned<String>>>,
}

/// What `openapi` says: a path, or `#false` for none.
struct Where(Option<String>);

impl crate::syntax::FromValue for Where {
    fn from_value(given: &crate::syntax::Given<'_>) -> Result<Self, String> {
        match (given.text(), given.value.as_bool()) {
            (Some(path), _) => Ok(Self(Some(path.to_owned()))),
            (None, Some(false)) => Ok(Self(None)),
            _ => Err("a path such as \"/openapi.json\", or #false".to_owned()),
        }
    }
}

/// Reads `openapi PATH` or `openapi #false`; `None` after a finding.
fn openapi(mut node: Node<'_>) -> Option<Option<Spanned<String>>> {
    let said = node.argument::<Where>("path");
    let said = said.map(|said| said.value.0.map(|path| Spanned::new(path, said.span)));
    let is_path =
        |path: &str| path.starts_with('/') && path.len() > 1 && !path.contains(['{', '}', '?', '#', ' ']);
    if let Some(Some(path)) = said.as_ref().filter(|path| path.as_ref().is_some_and(|p| !is_path(&p.value))) {
        let finding = Finding::error("bad-address", path.span, format!("`{}` is not an address", path.value));
        node.report(finding.help("a description has a path such as \"/openapi.json\""));
    }
    node.finish();
    said
}

fn read(mut node: Node<'_>) -> Option<Box<dyn DeclaredEndpoint>> {
    let mut routes = Vec::new();
    let mut openapi = None;
    for child in node.parts(&["openapi"]) {
        if child.name() == "openapi" {
            openapi = self::openapi(child);
            continue;
        }
        match METHODS.iter().find(|(word, _)| *word == child.name()) {
            Some((_, method)) => routes.extend(rest_route::read(child, method.clone())),
            None => {
                let known = METHODS.iter().map(|(word, _)| *word).chain(["openapi"]);
                child.unknown("unknown-method", "a method of REST", known);
            }
        }
    }
    if routes.is_empty() && !node.has_block() {
        node.report(Finding::error("missing-value", node.name_span(), "`rest` needs routes in its block"));
    }
    node.finish();
    Some(Box::new(Declared { routes, openapi }))
}

impl DeclaredEndpoint for Declared {
    fn routes(&self, base: &str, compiling: &Compiling<'_>) -> Vec<Route> {
        self.routes.iter().filter_map(|declared| declared.route(base, compiling)).collect()
    }

    fn description(&self) -> Option<Description<'_>> {
        Some(match &self.openapi {
            None => Description::Usual,
            Some(None) => Description::Off,
            Some(Some(path)) => Description::At(path),
        })
    }
}
