//! `admin` and `log`.

use std::net::SocketAddr;

use tracing::Level;

use crate::pipeline::gateway::Log;
use crate::source::{Finding, Spanned};
use crate::syntax::{Node, Secret};

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
