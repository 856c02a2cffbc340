//! `api`: operations published at addresses of their own.

use crate::kind::Kinds;
use crate::kind::protocol::DeclaredEndpoint;
use crate::source::{Finding, Spanned};
use crate::syntax::Node;

/// An `api` declaration.
#[derive(Debug)]
pub struct DeclaredApi {
    /// Its name.
    pub name: Spanned<String>,
    /// The listener it is published on; every listener without one.
    pub listener: Option<Spanned<String>>,
    /// What all its addresses begin with.
    pub base: String,
    /// The protocols' blocks.
    pub endpoints: Vec<Box<dyn DeclaredEndpoint>>,
}

/// Reads `api NAME [version=TEXT] [listener=NAME] base=PATH { ... }`.
pub fn read(mut node: Node<'_>, kinds: &Kinds) -> Option<DeclaredApi> {
    let name = node.argument("name");
    let listener = node.property("listener");
    let base = node.required::<String>("base");
    if let Some(base) =
        base.as_ref().filter(|base| !base.value.starts_with('/') || base.value.contains(['{', '?', '#']))
    {
        let finding = Finding::error(
            "bad-prefix",
            base.span,
            format!("`{}` cannot be the start of addresses", base.value),
        );
        node.report(finding.help("a base is a path such as \"/orders/v1\""));
    }
    let mut endpoints = Vec::new();
    let readers = || kinds.protocols.iter().filter_map(|kind| Some((kind.manual.name, kind.read?)));
    for child in node.children() {
        match readers().find(|(word, _)| *word == child.name()) {
            Some((_, read)) => endpoints.extend(read(child)),
            None => child.unknown("unknown-word", "a part of `api`", readers().map(|(word, _)| word)),
        }
    }
    node.finish();
    let base = base?.value.trim_end_matches('/').to_owned();
    Some(DeclaredApi { name: name?, listener, base, endpoints })
}
