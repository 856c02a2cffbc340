//! Routes: what each listener serves at which address, and that no two claim one.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::KINDS;
use crate::config::{Declarations, DeclaredListener};
use crate::kind::Compiling;
use crate::kind::names::Names;
use crate::kind::protocol::Published;
use crate::pipeline::operation::Operation;
use crate::pipeline::router::{Route, Router};
use crate::source::{Finding, Span};

/// What is published: the routes of the apis, and the operations that none of them publishes.
#[derive(Debug)]
pub struct Publication<'a> {
    apis: Vec<(Option<&'a str>, Vec<Route>)>,
    rest: Vec<Arc<Operation>>,
}

impl<'a> Publication<'a> {
    /// Makes the routes of the apis once; listeners take theirs.
    pub fn new(declared: &'a Declarations, listeners: &Names<()>, compiling: &Compiling<'_>) -> Self {
        let mut names: Names<()> = Names::new("api");
        let mut apis = Vec::new();
        for api in &declared.apis {
            if let Err(finding) = names.enter(&api.name, Some(Arc::new(()))) {
                compiling.report(finding);
            }
            if let Some(Err(Some(finding))) = api.listener.as_ref().map(|name| listeners.find(name)) {
                compiling.report(finding);
            }
            let routes =
                api.endpoints.iter().flat_map(|endpoint| endpoint.routes(&api.base, compiling)).collect();
            apis.push((api.listener.as_ref().map(|name| name.value.as_str()), routes));
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

/// The router of a listener; `None` after findings.
pub fn router(
    declared: &DeclaredListener,
    publication: &Publication<'_>,
    compiling: &Compiling<'_>,
) -> Option<Router> {
    let mut routes: Vec<Route> = Vec::new();
    for kind in KINDS.protocols {
        let moved = declared.paths.iter().find(|(protocol, _)| *protocol == kind.manual.name);
        let prefix = moved.map_or(kind.prefix, |(_, path)| path.value.as_str()).trim_end_matches('/');
        let published = Published { prefix, operations: &publication.rest, span: declared.name.span };
        routes.extend((kind.publish)(&published, compiling));
    }
    for (listener, found) in &publication.apis {
        if listener.is_none_or(|listener| listener == declared.name.value) {
            routes.extend(found.iter().cloned());
        }
    }
    let spans: Vec<(Span, String)> =
        routes.iter().map(|route| (route.span, format!("{} {}", route.method, route.path))).collect();
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
