//! What `--trace` prints: a line for each item, with its line in the file, what it read and what it wrote.

use std::cell::RefCell;
use std::fmt::Write as _;

use crate::document::json;
use crate::document::tree::Element;
use crate::document::value::Value;
use crate::kind::trace::{Did, Note, Tracer};

/// Gathers the lines, so that they do not mix with the result on a terminal.
#[derive(Debug, Default)]
pub struct Printer(RefCell<String>);

impl Printer {
    /// The lines so far.
    pub fn taken(&self) -> String {
        self.0.take()
    }
}

impl Tracer for Printer {
    fn note(&self, note: &Note<'_>) {
        let mut out = self.0.borrow_mut();
        let place = note.place;
        let _ = write!(out, "{}:{}: {}{}", place.file, place.line, "  ".repeat(note.way.len()), note.item);
        if !note.target.is_empty() {
            let _ = write!(out, " {}", note.target);
        }
        for (depth, at) in note.way.iter().enumerate() {
            let _ = write!(out, "{}[{at}]", if depth == 0 { " " } else { "" });
        }
        let _ = match &note.did {
            Did::Value { read: Some(read), written } => {
                writeln!(out, ": read {}, wrote {}", shown(read), shown(written))
            }
            Did::Value { read: None, written } => writeln!(out, ": wrote {}", shown(written)),
            Did::Secret => writeln!(out, ": wrote a secret"),
            Did::Each { found, taken } if found == taken => writeln!(out, ": found {found}"),
            Did::Each { found, taken } => writeln!(out, ": found {found}, took {taken}"),
            Did::Whole => writeln!(out),
        };
    }
}

/// A value on one line, shortened.
fn shown(value: &Value) -> String {
    match value {
        Value::Absent => "nothing".to_owned(),
        Value::Nil => "nil".to_owned(),
        Value::Text(text) => quoted(text),
        Value::Number(number) => short(number),
        Value::Bool(value) => value.to_string(),
        Value::Tree(element) => tree(element),
        Value::List(values) => format!("a list of {}", values.len()),
    }
}

fn tree(element: &Element) -> String {
    let names: Vec<&str> = element.elements().map(|child| child.name.local.as_str()).collect();
    match names.iter().any(|name| !name.is_empty()) {
        true => format!("{{ {} }}", short(&names.join(", "))),
        false => format!("a list of {}", names.len()),
    }
}

fn quoted(text: &str) -> String {
    let mut out = Vec::new();
    json::write_string(&short(text), &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

fn short(text: &str) -> String {
    const LONGEST: usize = 80;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
