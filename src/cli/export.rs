//! `soapstone export openapi`: the description of an api, as it is served, for who builds clients or publishes it.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use super::arguments::{ExportOptions, Format};
use super::output::Output;
use super::{FAILED, FINE};
use crate::compile;
use crate::listener::{Group, described, groups};
use crate::openapi::{Document, Version};
use crate::pipeline::gateway::{Gateway, Listener};
use crate::source::nearest;
use crate::world::{Real, reason};

/// Prints the description, or writes it to a file.
pub fn openapi(options: &ExportOptions, out: &mut Output) -> u8 {
    let compiled = compile::compile(options.overlays.of(&options.file), &Real);
    if compiled.findings.has_errors() {
        out.findings(&compiled.findings, &compiled.sources, Format::Text);
    }
    let Some(gateway) = compiled.gateway else { return FAILED };
    let document = chosen(&gateway, options.api.as_deref())
        .map(|(listener, group)| document(&listener, &group, options.openapi.into()));
    let written = document.and_then(|document| match &options.output {
        None => {
            out.bytes(&document);
            Ok(())
        }
        Some(path) => write(path, &document),
    });
    match written {
        Ok(()) => FINE,
        Err(message) => {
            out.tell(&format!("{message}\n"));
            FAILED
        }
    }
}

/// Everything that can be described, each once.
fn all(gateway: &Gateway) -> Vec<(Arc<Listener>, Group)> {
    let mut found: Vec<(Arc<Listener>, Group)> = Vec::new();
    for listener in &gateway.listeners {
        for group in groups(listener.router.routes()) {
            let is_known = group.api.is_some() && found.iter().any(|(_, known)| known.is_of(&group));
            if !is_known {
                found.push((Arc::clone(listener), group));
            }
        }
    }
    found
}

/// What an api is asked for as: its name, with its version where there is one; for what no api publishes, the listener's.
fn name((listener, group): &(Arc<Listener>, Group)) -> String {
    group.api.as_ref().map_or_else(|| listener.name.to_string(), |api| api.identity())
}

/// The api that is meant.
fn chosen(gateway: &Gateway, wanted: Option<&str>) -> Result<(Arc<Listener>, Group), String> {
    let mut all = all(gateway);
    let names: Vec<String> = all.iter().map(name).collect();
    if let Some(wanted) = wanted {
        let is = |one: &(Arc<Listener>, Group)| {
            name(one) == wanted || one.1.api.as_ref().is_some_and(|api| &*api.name == wanted)
        };
        all.retain(is);
    }
    let listed = |names: &[String]| names.join(", ");
    match (all.len(), wanted) {
        (0, Some(wanted)) => {
            let near = nearest(wanted, names.iter().map(String::as_str));
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", listed(&names)),
            };
            Err(format!("there is no api `{wanted}` that publishes anything over REST; {help}"))
        }
        (0, None) => Err("nothing is published over REST: there is nothing to describe".to_owned()),
        (1, _) => all.pop().ok_or_else(String::new),
        _ => {
            let names: Vec<String> = all.iter().map(name).collect();
            Err(format!("several apis can be described; say with --api which one: {}", listed(&names)))
        }
    }
}

/// The text. Its address is relative: where the file is read, the gateway is.
fn document(listener: &Listener, group: &Group, version: Version) -> Vec<u8> {
    Document::new(&described(group, &listener.name, &listener.access), version).at("")
}

/// Writes the file.
fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let written = File::create(path).and_then(|mut file| file.write_all(bytes));
    written.map_err(|error| format!("{} cannot be written: {}", path.display(), reason(&error)))
}
