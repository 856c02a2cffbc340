//! Routes: what each listener serves at which address, and that no two claim one.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{KINDS, described};
use crate::config::{Declarations, DeclaredApi, DeclaredListener};
use crate::kind::Compiling;
use crate::kind::names::Names;
use crate::kind::protocol::{Description, Published};
use crate::pipeline::access::Access;
use crate::pipeline::operation::Operation;
use crate::pipeline::published::Api;
use crate::pipeline::route::{Condition, Route};
use crate::pipeline::router::Router;
use crate::source::{Finding, Span, Spanned};

/// An api's routes, and where its description is served.
#[derive(Debug)]
struct PublishedApi<'a> {
    listener: Option<&'a str>,
    routes: Vec<Route>,
    description: Description<'a>,
}

/// What is published: the routes of the apis, and the operations that none of them publishes.
#[derive(Debug)]
pub struct Publication<'a> {
    apis: Vec<PublishedApi<'a>>,
    rest: Vec<Arc<Operation>>,
}

impl<'a> Publication<'a> {
    /// Makes the routes of the apis once; listeners take theirs.
    pub fn new(declared: &'a Declarations, listeners: &Names<()>, compiling: &Compiling<'_>) -> Self {
        let mut names: Names<()> = Names::new("api");
        let mut apis = Vec::new();
        for api in &declared.apis {
            let identity = Spanned::new(api.identity(), api.name.span);
            if let Err(finding) = names.enter(&identity, Some(Arc::new(()))) {
                compiling.report(finding.help("give one of them another name or version"));
            }
            if let Some(Err(Some(finding))) = api.listener.as_ref().map(|name| listeners.find(name)) {
                compiling.report(finding);
            }
            let routes = routes(api, compiling);
            let listener = api.listener.as_ref().map(|name| name.value.as_str());
            apis.push(PublishedApi { listener, routes, description: described::place(api) });
        }
        // Before the rest is looked up: an operation is used when an api names it.
        let mut unpublished: BTreeSet<String> =
            compiling.operations.unused_names().map(str::to_owned).collect();
        // A name that is taken was reported: publishing it once more would only clash with itself.
        let all = declared.operations.iter().filter(|operation| unpublished.remove(&operation.name.value));
        let rest = all.filter_map(|operation| compiling.operations.find(&operation.name).ok()).collect();
        Self { apis, rest }
    }
}

/// The routes of an api, with what it says about itself.
fn routes(declared: &DeclaredApi, compiling: &Compiling<'_>) -> Vec<Route> {
    let endpoints = declared.endpoints.iter();
    let mut routes: Vec<Route> =
        endpoints.flat_map(|endpoint| endpoint.routes(&declared.base, compiling)).collect();
    let api = Arc::new(Api {
        name: Arc::from(declared.name.value.as_str()),
        title: declared.title.clone(),
        version: declared.version.as_ref().map(|version| version.value.clone()),
        description: declared.description.clone(),
        deprecation: declared.deprecation.clone(),
        base: declared.base.clone(),
        listener: declared.listener.as_ref().map(|listener| listener.value.clone()),
        resources: routes.iter().filter_map(|route| route.resource.clone()).collect(),
        place: compiling.place(declared.name.span),
    });
    routes.iter_mut().for_each(|route| route.api = Some(Arc::clone(&api)));
    routes
}

/// The router of a listener; `None` after findings.
pub fn router(
    declared: &DeclaredListener,
    publication: &Publication<'_>,
    access: &Access,
    compiling: &Compiling<'_>,
) -> Option<Router> {
    let here = |api: &&PublishedApi<'_>| api.listener.is_none_or(|name| name == declared.name.value);
    let others: Vec<Route> =
        publication.apis.iter().filter(here).flat_map(|api| &api.routes).cloned().collect();
    let mut routes: Vec<Route> = Vec::new();
    for kind in KINDS.protocols {
        let moved = declared.paths.iter().find(|(protocol, _)| *protocol == kind.manual.name);
        let prefix = moved.map_or(kind.prefix, |(_, path)| path.value.as_str()).trim_end_matches('/');
        let published =
            Published { prefix, others: &others, operations: &publication.rest, span: declared.name.span };
        routes.extend((kind.publish)(&published, compiling));
    }
    routes.extend(others);
    let places = publication.apis.iter().filter(here);
    let places = places.filter_map(|api| Some((api.routes.first()?.api.clone()?, api.description)));
    described::add(declared, &places.collect::<Vec<_>>(), access, &mut routes, compiling);
    let spans: Vec<(Span, String)> = routes.iter().map(|route| (route.span, address(route))).collect();
    let (router, clashes) = Router::new(routes);
    for (second, first) in &clashes {
        if let (Some((span, address)), Some((other, _))) = (spans.get(*second), spans.get(*first)) {
            let finding = Finding::error("duplicate-route", *span, format!("{address} is published twice"));
            let help = "give one of them an address of its own in an `api`, or another object";
            compiling.report(finding.also(*other, "it is published here too").help(help));
        }
    }
    clashes.is_empty().then_some(router)
}

/// A route in words.
fn address(route: &Route) -> String {
    let conditions: Vec<String> = route.conditions.iter().map(Condition::to_string).collect();
    let with = if conditions.is_empty() { String::new() } else { format!(" with {}", conditions.join(", ")) };
    format!("{} {}{with}", route.method, route.path)
}
