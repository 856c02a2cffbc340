//! `multipart` in the step `http`: a form whose fields may be files (RFC 7578).

use std::borrow::Cow;

use crate::document::Document;
use crate::kind::step::DeclaredPath;
use crate::kind::value::{DeclaredValue, For};
use crate::kind::{Compiling, Here, Kinds};
use crate::mime::{FORM_DATA, boundary};
use crate::pipeline::failure::Failure;
use crate::pipeline::leaving::{Leaving, leaving};
use crate::pipeline::multipart::{self, Multipart};
use crate::pipeline::part;
use crate::pipeline::run::Run;
use crate::pipeline::source::ValueSource;
use crate::pipeline::step::{Documents, Outcome, Path};
use crate::pipeline::template::Template;
use crate::source::{Finding, Spanned};
use crate::step::beside::{media_type, text};
use crate::syntax::{Literal, Node};

/// The media type of a field that is a text, where the file says no other.
const TEXT: &str = "text/plain; charset=utf-8";

/// A field as it is written.
#[derive(Debug)]
pub(super) struct DeclaredPart {
    name: Spanned<String>,
    /// Where its text comes from; without one it is made of documents.
    value: Option<DeclaredValue>,
    kind: Option<Spanned<Literal>>,
    file: Option<Spanned<Literal>>,
    /// The steps that make those of the document; without any it is the document itself.
    pub(super) path: DeclaredPath,
}

/// A field of a form.
#[derive(Debug)]
pub(super) struct Part {
    name: String,
    content: Content,
    kind: Option<Template>,
    file: Option<Template>,
}

/// What a field holds.
#[derive(Debug)]
enum Content {
    Text(ValueSource),
    /// A part for each document that comes out.
    Documents(Path, Option<Leaving>),
}

/// Reads the block of `multipart`; `None` after findings.
pub(super) fn read(mut node: Node<'_>, kinds: &Kinds) -> Option<Vec<DeclaredPart>> {
    let span = node.name_span();
    let (mut parts, mut whole) = (Vec::new(), true);
    for child in node.children() {
        match child.name() {
            "part" => match DeclaredPart::read(child, kinds) {
                Some(part) => parts.push(part),
                None => whole = false,
            },
            _ => {
                child.unknown("unknown-word", "a part of `multipart`", ["part"]);
                whole = false;
            }
        }
    }
    if whole && parts.is_empty() {
        let finding = Finding::error("missing-value", span, "this `multipart` has no parts");
        node.report(
            finding.help(
                "write part NAME in its block, with a source, steps or nothing for the document itself",
            ),
        );
        whole = false;
    }
    node.finish();
    whole.then_some(parts)
}

impl DeclaredPart {
    fn read(mut node: Node<'_>, kinds: &Kinds) -> Option<Self> {
        let name = node.argument("field's name");
        let (kind, file) = (node.property("type"), node.property("file"));
        let sources = ["from", "value", "property", "script"];
        let has_source = sources.iter().any(|source| node.has_property(source));
        if has_source && node.has_block() {
            let message = "this part says its content twice: by a value, and in its block";
            node.report(
                Finding::error("several-values", node.name_span(), message).help("keep one of the two"),
            );
        }
        let value = if has_source { Some(DeclaredValue::read(&mut node, true)?) } else { None };
        let path = DeclaredPath::inner(node, kinds);
        Some(Self { name: name?, value, kind, file, path })
    }

    /// Checks it; `None` after findings. What it is called may hold placeholders for what its steps make.
    pub(super) fn compile(&self, here: &Here, compiling: &Compiling<'_>) -> Option<Part> {
        let mut inner = here.clone();
        let content = match &self.value {
            Some(value) => {
                value.compile(&For::here(here), compiling).map(|(source, _)| Content::Text(source))
            }
            None => {
                let path = self.path.compile(&mut inner, compiling);
                path.map(|path| Content::Documents(path, inner.leaving()))
            }
        };
        let (kind, file) = (media_type(&self.kind, &inner, compiling), text(&self.file, &inner, compiling));
        Some(Part { name: self.name.value.clone(), content: content?, kind: kind?, file: file? })
    }
}

impl Part {
    /// The parts of this field for a document: none for a text that is absent.
    async fn make(&self, run: &Run, document: &Document) -> Outcome {
        let made: Documents = match &self.content {
            Content::Text(source) => {
                let text = source.read(run, document, None)?.text();
                let data = |text: compact_str::CompactString| {
                    let mut part = Document::data(text.into_string().into());
                    part.properties.set(part::TYPE, TEXT);
                    part
                };
                text.map(data).into_iter().collect()
            }
            Content::Documents(path, known) => {
                let made = run.path(path, vec![document.clone()]).await?;
                let limits = run.request().limits;
                let left = made.iter().map(|made| leaving(known.as_ref(), made, limits).map(Cow::into_owned));
                left.collect::<Result<_, _>>()?
            }
        };
        made.into_iter().map(|made| self.named(run, document, made)).collect()
    }

    /// A part with the names that the file gives it; else it has those of its own properties.
    fn named(&self, run: &Run, document: &Document, mut made: Document) -> Result<Document, Failure> {
        // What a text is called is made of the document that it was read from.
        let of = if matches!(self.content, Content::Text(_)) { document.clone() } else { made.clone() };
        made.properties.set(part::NAME, self.name.as_str());
        for (property, template) in [(part::TYPE, &self.kind), (part::FILENAME, &self.file)] {
            if let Some(template) = template {
                made.properties.set(property, template.fill(run, &of)?);
            }
        }
        Ok(made)
    }
}

/// The body for a document.
///
/// # Errors
/// As the steps and sources of its parts.
pub(super) async fn body(parts: &[Part], run: &Run, document: &Document) -> Result<Multipart, Failure> {
    let mut all = run.gather();
    for part in parts {
        all.add(part.make(run, document).await?)?;
    }
    let documents: Documents = all.done();
    multipart::parts(&boundary(), FORM_DATA, &documents.iter().collect::<Vec<_>>())
}
