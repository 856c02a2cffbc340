//! `soapstone explain process NAME`: the steps of a process as an outline, or drawn.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use super::arguments::Format;
use super::output::Output;
use super::{FAILED, FINE};
use crate::compile;
use crate::config::Layers;
use crate::picture::{Graph, Process, svg};
use crate::source::nearest;
use crate::world::{Real, reason};

/// Prints the outline of a process of a file, or writes its picture.
pub fn process(name: &str, layers: &Layers, picture: Option<&Path>, out: &mut Output) -> u8 {
    let compiled = compile::compile(layers, &Real);
    if compiled.findings.has_errors() {
        out.findings(&compiled.findings, &compiled.sources, Format::Text);
        return FAILED;
    }
    let Some(process) = compiled.pictures.get(name) else {
        let near = nearest(name, compiled.pictures.keys().map(String::as_str));
        let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        out.tell(&format!("{layers}: there is no process `{name}`{near}\n"));
        return FAILED;
    };
    let Some(picture) = picture else {
        out.say(&outline(process));
        return FINE;
    };
    let drawn = svg(&Graph::of(process));
    match File::create(picture).and_then(|mut file| file.write_all(drawn.as_bytes())) {
        Ok(()) => FINE,
        Err(error) => {
            out.tell(&format!("{} cannot be written: {}\n", picture.display(), reason(&error)));
            FAILED
        }
    }
}

/// The lines of the file in a column, and the steps beside them.
fn outline(process: &Process) -> String {
    let lines = process.outline();
    let place = |place: &crate::source::Place| format!("{}:{}", place.file, place.line);
    let width = lines.iter().map(|(at, _, _)| place(at).chars().count()).max().unwrap_or(0);
    let width = width.max(place(&process.place).chars().count());
    let mut out = format!("{:width$}  process {}\n", place(&process.place), process.name);
    for (at, depth, text) in lines {
        let indent = 2 * (depth + 1);
        out.push_str(format!("{:width$}  {:indent$}{text}", place(at), "").trim_end());
        out.push('\n');
    }
    out
}
