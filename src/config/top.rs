//! The top level: one reader for each word a declaration begins with.

use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};

use super::{
    DECLARATIONS, Declarations, NamedProfile, api, contract, listener, operation, settings, table, users,
};
use crate::kind::Kinds;
use crate::kind::connector::{ConnectorKind, NamedConnector};
use crate::kind::item::{DeclaredMap, read_items};
use crate::kind::step::DeclaredPath;
use crate::pipeline::gateway::Part;
use crate::schema::Mode;
use crate::source::{Finding, Spanned};
use crate::syntax::{Literal, Node};

/// The declarations without a name, which are made once.
pub const ONCE: &[&str] = &["admin", "log", "capacity", "files", "state", "trace", "drain"];

/// Reads one declaration, and notes a hash of all it says: its text and what it takes from outside.
pub fn declaration(node: Node<'_>, kinds: &Kinds, into: &mut Declarations, parts: &mut Vec<Part>) {
    let reading = node.reading;
    let seen_before = reading.seen.borrow().len();
    let kind = node.name().to_owned();
    let mut hash = Context::new(&SHA256);
    node.texts().iter().for_each(|text| hash.update(text.as_bytes()));
    let name = read(node, kinds, into).unwrap_or_default();
    for (what, bytes) in reading.seen.borrow().iter().skip(seen_before) {
        hash.update(what.as_bytes());
        hash.update(bytes);
    }
    let hash = hash.finish().as_ref().try_into().unwrap_or_default();
    parts.push(Part { kind, name, hash });
}

/// Reads a declaration by its word; gives its name.
fn read(node: Node<'_>, kinds: &Kinds, into: &mut Declarations) -> Option<String> {
    match node.name() {
        "listener" => {
            named(listener::read(node, kinds), &mut into.listeners, |listener| &listener.name.value)
        }
        "users" => named(users::read(node), &mut into.users, |users| &users.name.value),
        "profile" => named(profile(node, kinds), &mut into.profiles, |profile| &profile.name.value),
        "map" => named(map(node, kinds), &mut into.maps, |map| &map.name.value),
        "table" => named(table::read(node), &mut into.tables, |table| &table.name.value),
        "process" => {
            let (name, path) = process(node, kinds)?;
            let text = name.value.clone();
            into.processes.push((name, path));
            Some(text)
        }
        "fault" => named(contract::fault(node), &mut into.faults, |fault| &fault.name.value),
        "operation" => {
            named(operation::read(node, kinds), &mut into.operations, |operation| &operation.name.value)
        }
        "api" => {
            let api = api::read(node, kinds)?;
            let identity = api.identity();
            into.apis.push(api);
            Some(identity)
        }
        "functions" => {
            into.functions.push(functions(node));
            None
        }
        "admin" => once(node, &mut into.admin, settings::admin),
        "log" => once(node, &mut into.log, settings::log),
        "capacity" => once(node, &mut into.capacity, settings::capacity),
        "files" => once(node, &mut into.files, settings::files),
        "state" => once(node, &mut into.state, settings::state),
        "trace" => once(node, &mut into.trace, settings::trace),
        "drain" => once(node, &mut into.drain, drain),
        word => {
            if let Some(kind) = kinds.connectors.iter().find(|kind| kind.manual.name == word) {
                return named(connector(node, kind), &mut into.connectors, |system| &system.name.value);
            }
            node.unknown(
                "unknown-declaration",
                "a declaration",
                DECLARATIONS
                    .iter()
                    .chain(kinds.connectors.iter().map(|kind| &kind.manual))
                    .map(|manual| manual.name),
            );
            None
        }
    }
}

fn named<T>(item: Option<T>, list: &mut Vec<T>, name: impl Fn(&T) -> &String) -> Option<String> {
    let item = item?;
    let text = name(&item).clone();
    list.push(item);
    Some(text)
}

/// A declaration that may be made once.
fn once<T>(
    node: Node<'_>,
    slot: &mut Option<Spanned<T>>,
    read: impl Fn(Node<'_>) -> Option<T>,
) -> Option<String> {
    let span = node.name_span();
    if let Some(first) = slot {
        let message = format!("there are two `{}`", node.name());
        node.report(
            Finding::error("duplicate-name", span, message).also(first.span, "the first one is here"),
        );
    }
    *slot = read(node).map(|value| Spanned::new(value, span));
    None
}

/// A profile; with an unknown format its name is kept, so that those who use it are not blamed.
fn profile(mut node: Node<'_>, kinds: &Kinds) -> Option<NamedProfile> {
    let name = node.argument::<String>("name");
    let format = node.required::<String>("format");
    let kind = format.as_ref().and_then(|format| {
        let found = kinds.formats.iter().find(|kind| kind.manual.name == format.value);
        if found.is_none() {
            let message = format!("`{}` is not a profile format", format.value);
            let known = kinds.formats.iter().map(|kind| kind.manual.name);
            node.report(Finding::error("unknown-format", format.span, message).suggest(&format.value, known));
        }
        found
    });
    let validate = validate(&mut node);
    let profile = kind.and_then(|kind| (kind.read)(node));
    Some(NamedProfile { name: name?, profile, validate })
}

/// Reads `validate=`, which profiles of all formats have.
fn validate(node: &mut Node<'_>) -> Mode {
    let Some(given) = node.property::<String>("validate") else { return Mode::default() };
    let found = Mode::ALL.iter().find(|(word, _)| *word == given.value);
    found.map(|(_, mode)| *mode).unwrap_or_else(|| {
        let message = format!("`{}` is not a way to check documents", given.value);
        let known = Mode::ALL.iter().map(|(word, _)| *word);
        node.report(Finding::error("unknown-mode", given.span, message).suggest(&given.value, known));
        Mode::default()
    })
}

/// A system that steps call; with mistakes its name is kept, so that those who use it are not blamed.
fn connector(mut node: Node<'_>, kind: &'static ConnectorKind) -> Option<NamedConnector> {
    let name = node.argument::<String>("name");
    let declared = (kind.read)(node);
    Some(NamedConnector { name: name?, kind: kind.manual.name, declared })
}

fn map(mut node: Node<'_>, kinds: &Kinds) -> Option<DeclaredMap> {
    let name = node.argument("name");
    let (from, to) = (node.required("from"), node.required("to"));
    let children = node.children();
    let count = children.len();
    let items = read_items(children, kinds);
    node.finish();
    let broken = items.len() < count;
    Some(DeclaredMap { name: name?, from, to, items, broken })
}

fn process(mut node: Node<'_>, kinds: &Kinds) -> Option<(Spanned<String>, DeclaredPath)> {
    let name = node.argument("name");
    let path = DeclaredPath::read(node.children(), kinds);
    node.finish();
    Some((name?, path))
}

/// Rhai functions: from a file, or inline.
fn functions(mut node: Node<'_>) -> Option<Spanned<Literal>> {
    let file = node.property::<String>("file");
    let inline = node.optional::<Literal>("functions");
    let span = node.name_span();
    let found = match (file, inline) {
        (Some(file), None) => library(&node, &file),
        (None, Some(inline)) => Some(inline),
        _ => {
            let finding = Finding::error("missing-value", span, "`functions` takes either file= or a script");
            node.report(
                finding.help("functions file=\"lib/pricing.rhai\", or functions #\"fn f(x) { x }\"#"),
            );
            None
        }
    };
    node.finish();
    found
}

fn library(node: &Node<'_>, file: &Spanned<String>) -> Option<Spanned<Literal>> {
    let (id, text) = node.reading.file(file)?;
    Some(Spanned::new(Literal::file(text, id), file.span))
}

fn drain(mut node: Node<'_>) -> Option<Duration> {
    let time = node.argument::<Duration>("duration");
    node.finish();
    Some(time?.value)
}
