//! Descriptions: where the OpenAPI of each api is served, and of what no api publishes.

use std::sync::Arc;

use hyper::Method;

use crate::config::{DeclaredApi, DeclaredListener};
use crate::kind::Compiling;
use crate::kind::protocol::Description;
use crate::listener::{self, Group, groups};
use crate::pipeline::access::Access;
use crate::pipeline::published::Api;
use crate::pipeline::route::Route;
use crate::source::{Finding, Span};

/// Where a description is, below the base of its api, unless the file says otherwise.
const USUAL: &str = "/openapi.json";

/// What an api says of its description: the first of its blocks that says something.
pub fn place(api: &DeclaredApi) -> Description<'_> {
    let mut said = api.endpoints.iter().filter_map(|endpoint| endpoint.description());
    said.find(|place| !matches!(place, Description::Usual)).unwrap_or(Description::Usual)
}

/// Adds a route for the description of each api that a listener publishes over REST, and of what no api publishes.
pub fn add(
    declared: &DeclaredListener,
    places: &[(Arc<Api>, Description<'_>)],
    access: &Access,
    routes: &mut Vec<Route>,
    compiling: &Compiling<'_>,
) {
    for group in groups(routes) {
        let own = |api: &Arc<Api>| places.iter().find(|(known, _)| Arc::ptr_eq(known, api));
        let place = group.api.as_ref().and_then(own).map_or(Description::Usual, |(_, place)| *place);
        let span = routes.iter().find(|route| is_of(route, &group)).map_or(declared.name.span, |r| r.span);
        let (path, span) = match place {
            Description::Off => continue,
            Description::At(path) => (format!("{}{}", group.base, path.value), path.span),
            Description::Usual => (format!("{}{USUAL}", group.base), span),
        };
        let taken = routes.iter().find(|route| route.path == path && route.method == Method::GET);
        if let Some(taken) = taken.filter(|_| matches!(place, Description::Usual)) {
            // Where the file serves something there itself, nothing is said: it knows what it does.
            if taken.resource.is_none() {
                report(&path, span, taken.span, compiling);
            }
            continue;
        }
        routes.push(Route {
            method: Method::GET,
            path,
            prefix: false,
            conditions: Arc::default(),
            vary: None,
            protocol: "rest",
            serves: "OpenAPI".to_owned(),
            place: compiling.place(span),
            span,
            defaults: None,
            resource: None,
            api: group.api.clone(),
            endpoint: listener::description(group, &declared.name.value, access),
        });
    }
}

/// Whether a route belongs to a group.
fn is_of(route: &Route, group: &Group) -> bool {
    let same = match (&route.api, &group.api) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        (None, None) => true,
        _ => false,
    };
    same && route.resource.is_some()
}

/// Two apis of one base have descriptions at one address.
fn report(path: &str, span: Span, taken: Span, compiling: &Compiling<'_>) {
    let message = format!("the OpenAPI of this api is not served: {path} is that of another one");
    let finding = Finding::warning("hidden-description", span, message).also(taken, "the other one is here");
    compiling.report(finding.help("give it an address of its own: rest { openapi \"/NAME.json\"; ... }"));
}
