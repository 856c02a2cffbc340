//! Any text is a schema or findings about it, and any document can be checked against a schema: `SCHEMA NUL DOCUMENT`.
#![no_main]

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use soapstone::document::codec::{Codec, Limits};
use soapstone::schema::grammar::{self, Files};
use soapstone::schema::{Format, validate};
use soapstone::source::{FileId, Span};
use soapstone::xml::XML;

/// One schema, whatever the name.
struct Only<'a>(&'a str);

impl Files for Only<'_> {
    fn open(&mut self, _: &Path) -> Result<(FileId, String), String> {
        Ok((FileId::default(), self.0.to_owned()))
    }

    fn built_in(&mut self, _: &str, _: &str) -> FileId {
        FileId::default()
    }
}

fuzz_target!(|text: &str| {
    let (schema, document) = text.split_once('\0').unwrap_or((text, "<a/>"));
    let documents = grammar::load(&[("a.xsd".into(), Span::default())], &mut Only(schema));
    let (grammar, findings) = grammar::compile(&documents);
    let Ok(root) = XML.decode(&Bytes::copy_from_slice(document.as_bytes()), &Limits::default()) else { return };
    if !findings.is_empty() {
        return;
    }
    let grammar = Arc::new(grammar);
    if let Some(shape) = grammar.root(&root.name).and_then(|element| grammar.shape(element)) {
        assert!(validate(&root, &shape, Format::Xml, 5).len() <= 5);
    }
});
