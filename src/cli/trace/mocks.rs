//! `--mock NAME=FILE`: the document that stands in for what a process returns or a system answers.

use std::path::Path;

use crate::cli::files::document;
use crate::compile::Compiled;
use crate::pipeline::execution::StandIns;
use crate::pipeline::gateway::Gateway;
use crate::source::{Finding, Span};

/// Reads what stands in for which process or system.
///
/// # Errors
/// A text is not `NAME=FILE`, there is no process and no system of its name, or its file cannot be read.
pub fn read(texts: &[String], compiled: &Compiled, gateway: &Gateway) -> Result<StandIns, String> {
    let systems = gateway.systems.iter().map(|system| &**system.name());
    let known: Vec<&str> = compiled.processes.names().chain(systems).collect();
    let one = |text: &String| {
        let Some((name, file)) = text.split_once('=') else {
            return Err(format!("--mock {text}: expected NAME=FILE"));
        };
        if !known.contains(&name) {
            let message = format!("there is no process and no system `{name}`");
            let finding = Finding::error("unknown-name", Span::default(), message);
            let finding = finding.suggest(name, known.iter().copied());
            return Err(format!("--mock {text}: {}", crate::cli::told(&finding)));
        }
        Ok((name.to_owned(), document(Path::new(file))?))
    };
    texts.iter().map(one).collect()
}
