//! The writer of fixed-width files: records with their tags, fields at their places, nothing cut.

use super::layout::{Fixed, Framing, Record};
use super::value;
use crate::document::codec::Unwritable;
use crate::document::flat::output::{Output, unrepresentable};
use crate::document::flat::walk::walk;
use crate::document::flat::{root, values};
use crate::document::tree::Element;

/// Appends one file of the records of these trees.
pub(super) fn write(fixed: &Fixed, roots: &[&Element], out: &mut Vec<u8>) -> Result<(), Unwritable> {
    let mut writer = Writer { fixed, output: Output::new(out, fixed.charset, false) };
    roots.iter().try_for_each(|file| root(file, "records"))?;
    walk(&fixed.types, roots, &mut |record, element, path| writer.line(record, element, path))?;
    writer.output.finish()
}

struct Writer<'w> {
    fixed: &'w Fixed,
    output: Output<'w>,
}

impl Writer<'_> {
    /// The characters of one record.
    fn line(&mut self, record: &Record, element: &Element, path: &str) -> Result<(), Unwritable> {
        let mut found = Vec::with_capacity(record.fields.len());
        values(
            element,
            record.fields.iter().map(|field| field.name.as_str()),
            &|| path.to_owned(),
            &mut found,
        )?;
        let mut parts: Vec<(usize, String)> = Vec::with_capacity(record.fields.len() + 1);
        if let Some(tag) = &record.tag {
            parts.push((tag.at, tag.text.to_string()));
        }
        for (field, value) in record.fields.iter().zip(&found) {
            let mut text = String::with_capacity(field.length);
            let wrong = |message| Unwritable { path: format!("{path}/{}", field.name), message };
            value::write(field, *value, &mut text).map_err(wrong)?;
            if matches!(self.fixed.framing, Framing::Lines(_)) && text.contains(['\r', '\n']) {
                return Err(wrong("this has the end of a line in it, and a field is part of one".to_owned()));
            }
            parts.push((field.at, text));
        }
        parts.sort_by_key(|(at, _)| *at);
        let mut written = 0;
        for (at, part) in parts {
            self.blanks(at.saturating_sub(written));
            self.output.text.push_str(&part);
            written = at + part.chars().count();
        }
        self.blanks(record.length.saturating_sub(written));
        if let Framing::Lines(newline) = self.fixed.framing {
            self.output.text.push_str(newline);
        }
        let charset = self.fixed.charset;
        self.output.flush().map_err(|c| {
            let has = |value: &Option<&str>| value.is_some_and(|text| text.contains(c));
            let field = found.iter().position(has).and_then(|at| record.fields.get(at));
            let name = field.map(|field| format!("/{}", field.name)).unwrap_or_default();
            unrepresentable(c, charset, format!("{path}{name}"))
        })
    }

    fn blanks(&mut self, count: usize) {
        self.output.text.extend(std::iter::repeat_n(' ', count));
    }
}
