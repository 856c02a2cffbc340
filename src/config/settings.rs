//! `admin`, `log`, `capacity`, `files`, `state` and `trace`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use compact_str::CompactString;
use tracing::Level;

use super::operation;
use crate::pipeline::gateway::{Log, Tracing};
use crate::pipeline::load::Capacity;
use crate::source::{Finding, Spanned};
use crate::state::store::{self, StoreSpec};
use crate::syntax::{Bytes, Node, Secret};

/// An `admin` declaration.
#[derive(Debug, Clone)]
pub struct DeclaredAdmin {
    /// Where it is bound.
    pub bind: Spanned<SocketAddr>,
    /// The token to show.
    pub token: Option<Spanned<Secret>>,
}

/// Reads `admin bind=ADDRESS { token (env)NAME }`.
pub fn admin(mut node: Node<'_>) -> Option<DeclaredAdmin> {
    let bind = node.required("bind");
    let (mut token, mut broken) = (None, false);
    for mut child in node.parts(&["token"]) {
        if child.name() == "token" {
            token = child.argument::<Secret>("token");
            broken |= token.is_none();
            child.finish();
        } else {
            child.unknown("unknown-word", "a part of `admin`", ["token"]);
            broken = true;
        }
    }
    node.finish();
    if broken {
        return None;
    }
    Some(DeclaredAdmin { bind: bind?, token })
}

/// Reads `capacity [memory=SIZE] [executions=N] [caches=SIZE]`.
pub fn capacity(mut node: Node<'_>) -> Option<Capacity> {
    let (memory, executions) = (node.property::<Bytes>("memory"), node.property::<usize>("executions"));
    let caches = node.property::<Bytes>("caches");
    let none = executions.as_ref().filter(|given| given.value == 0);
    if let Some(given) = none {
        let finding =
            Finding::error("no-capacity", given.span, "a gateway without executions answers nobody");
        node.report(finding.help("give a number of executions, such as 10000"));
    }
    node.finish();
    let known = Capacity::default();
    Some(Capacity {
        memory: memory.map_or(known.memory, |given| given.value.0),
        executions: executions.map_or(known.executions, |given| given.value),
        caches: caches.map_or(known.caches, |given| given.value.0),
    })
}

/// A `files` declaration.
#[derive(Debug, Clone)]
pub struct DeclaredFiles {
    /// The folder; `None` after a finding.
    pub root: Option<PathBuf>,
}

/// Reads `files root=PATH`.
pub fn files(mut node: Node<'_>) -> Option<DeclaredFiles> {
    let root = node.required::<String>("root");
    if let Some(root) = root.as_ref().filter(|root| root.value.is_empty()) {
        let finding = Finding::error("wrong-value", root.span, "this is not the path of a folder");
        node.report(finding.label("expected a path, such as \"var/exchange\""));
    }
    let root = root.filter(|root| !root.value.is_empty()).map(|root| node.reading.resolve(&root));
    node.finish();
    Some(DeclaredFiles { root })
}

/// The least that `size=` of `state` may be: a page of an answer has to fit.
const SMALLEST: usize = 1 << 20;

/// Reads `state [sqlite=PATH] [size=SIZE] [age=TIME]`.
pub fn state(mut node: Node<'_>) -> Option<StoreSpec> {
    let path = node.property::<String>("sqlite");
    if let Some(path) = path.as_ref().filter(|path| path.value.is_empty()) {
        let finding = Finding::error("wrong-value", path.span, "this is not the path of a file");
        node.report(finding.label("expected a path, such as \"var/soapstone.db\""));
    }
    let (size, age) = (node.property::<Bytes>("size"), node.property::<Duration>("age"));
    if let Some(small) = size.as_ref().filter(|given| given.value.0 < SMALLEST) {
        let finding = Finding::error("too-small", small.span, "so little holds not even one answer");
        node.report(finding.label("expected at least 1MiB"));
    }
    if let Some(none) = age.as_ref().filter(|given| given.value.is_zero()) {
        let finding = Finding::error("zero-limit", none.span, "`age=` of 0 would keep nothing");
        node.report(finding.help("say how long anything is kept at most, such as \"24h\""));
    }
    let place = path.map(|path| store::Place::File(node.reading.resolve(&path))).unwrap_or_default();
    node.finish();
    let size = size.map_or(store::SIZE, |given| given.value.0);
    Some(StoreSpec {
        place,
        bounds: store::Bounds { size, age: age.map_or(store::AGE, |given| given.value) },
    })
}

/// Reads `trace [sample=PART] [keep=N] { [roles ROLE...] }`.
pub fn trace(mut node: Node<'_>) -> Option<Tracing> {
    let mut tracing = Tracing::default();
    if let Some(sample) = operation::sample(&mut node) {
        tracing.sample = sample;
    }
    if let Some(keep) = node.property::<usize>("keep") {
        if keep.value > MOST_KEPT {
            let finding = Finding::error("keeps-too-much", keep.span, format!("{} are too many", keep.value));
            node.report(finding.label(format!("expected at most {MOST_KEPT}")));
        }
        tracing.keep = keep.value.min(MOST_KEPT);
    }
    for mut child in node.parts(&["roles"]) {
        if child.name() == "roles" {
            let roles = child.arguments::<CompactString>("role");
            tracing.roles.extend(roles.into_iter().map(|role| role.value));
            child.finish();
        } else {
            child.unknown("unknown-word", "a part of `trace`", ["roles"]);
        }
    }
    node.finish();
    Some(tracing)
}

/// Traces and failures that may be kept in memory.
const MOST_KEPT: usize = 10_000;

const LEVELS: &[(&str, Level)] = &[
    ("error", Level::ERROR),
    ("warn", Level::WARN),
    ("info", Level::INFO),
    ("debug", Level::DEBUG),
    ("trace", Level::TRACE),
];

/// Reads `log level=LEVEL format=text|json`.
pub fn log(mut node: Node<'_>) -> Option<Log> {
    let mut log = Log::default();
    if let Some(level) = node.property::<String>("level") {
        match LEVELS.iter().find(|(name, _)| *name == level.value) {
            Some((_, known)) => log.level = *known,
            None => {
                let finding =
                    Finding::error("unknown-level", level.span, format!("`{}` is not a level", level.value));
                node.report(finding.suggest(&level.value, LEVELS.iter().map(|(name, _)| *name)));
            }
        }
    }
    if let Some(format) = node.property::<String>("format") {
        match format.value.as_str() {
            "json" => log.json = true,
            "text" => log.json = false,
            other => {
                let finding = Finding::error(
                    "unknown-format",
                    format.span,
                    format!("`{other}` is not a format of the log"),
                );
                node.report(finding.suggest(other, ["text", "json"]));
            }
        }
    }
    node.finish();
    Some(log)
}
