//! The `message` step: a text with placeholders takes the place of the document's body.

use bytes::Bytes;

use crate::document::Document;
use crate::document::codec::{Codec, Limits, Malformed};
use crate::document::json::JSON;
use crate::kind::step::{DeclaredStep, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual, template};
use crate::pipeline::endpoint::MediaType;
use crate::pipeline::run::{Run, each_document};
use crate::pipeline::step::{Documents, Step, Work};
use crate::pipeline::template::{Escape, Template};
use crate::source::{Finding, Spanned};
use crate::syntax::{Literal, Node};
use crate::xml::XML;

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "message",
        summary: "replaces each document by a text with placeholders",
        usage: "message TEXT [type=MEDIA-TYPE]",
        text: "`{name}` stands for a property, `{= expression}` for what a Rhai expression gives (`doc` is the document), \
               `{{` for a brace. What is put in is escaped for the type: XML and JSON are told by their media types, \
               anything else is plain text. The document's properties stay.",
        example: "message \"<Ack xmlns=\\\"urn:example:ack\\\"><Id>{request.id}</Id></Ack>\" type=\"application/xml\"",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    text: Spanned<Literal>,
    kind: Option<Spanned<String>>,
}

#[derive(Debug)]
struct Message {
    template: Template,
    codec: Option<&'static dyn Codec>,
}

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let text = node.argument("text");
    let kind = node.property("type");
    node.finish();
    Some(Box::new(Declared { text: text?, kind }))
}

impl Declared {
    /// How to escape and read the text; `None` after a finding.
    fn format(&self, compiling: &Compiling<'_>) -> Option<(Escape, Option<&'static dyn Codec>)> {
        let Some(kind) = &self.kind else { return Some((Escape::None, None)) };
        let Some(media) = MediaType::parse(&kind.value) else {
            let finding =
                Finding::error("bad-media-type", kind.span, format!("`{}` is not a media type", kind.value));
            compiling
                .report(finding.help("such as \"application/xml\", \"application/json\" or \"text/plain\""));
            return None;
        };
        Some(match () {
            () if media.is_xml() => (Escape::Xml, Some(&XML)),
            () if media.is_json() => (Escape::Json, Some(&JSON)),
            () => (Escape::None, None),
        })
    }
}

impl DeclaredStep for Declared {
    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        let format = self.format(compiling);
        let escape = format.map_or(Escape::None, |(escape, _)| escape);
        let shape = here.document.take().map(|side| side.shape);
        let template = template::compile(&self.text, escape, shape.as_ref(), compiling);
        if let Some((_, Some(codec))) = format {
            here.becomes_some(codec.language(), codec.format(), codec.is_typed());
        }
        let ((_, codec), template) = (format?, template?);
        if let (Some(codec), Some(text)) = (codec, template.plain())
            && let Err(malformed) = codec.decode(&Bytes::from(text.into_string()), &Limits::default())
        {
            let format = codec.format().to_uppercase();
            let message = if self.text.value.is_outside {
                format!("this text from outside is not well-formed {format}")
            } else {
                format!("this is not well-formed {format}: {}", malformed.message)
            };
            let start = offset(&self.text.value.text, &malformed);
            let span = self.text.value.span_of(start, start + 1);
            let finding = Finding::error("bad-message", span, message);
            compiling.report(match codec.format() {
                "json" => finding.help("a brace of the text itself is written `{{`, its closing one `}`"),
                _ => finding,
            });
            return None;
        }
        Some(Box::new(Message { template, codec }))
    }
}

/// The byte of the text as written at which the text without its placeholders' escapes is malformed: `{{` became `{`.
fn offset(text: &str, malformed: &Malformed) -> usize {
    let (mut line, mut column) = (1, 1);
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if (line, column) == (malformed.line, malformed.column) {
            return at;
        }
        if c == '{' {
            chars.next_if(|(_, next)| *next == '{');
        }
        (line, column) = if c == '\n' { (line + 1, 1) } else { (line, column + 1) };
    }
    text.trim_end().len()
}

impl Step for Message {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        each_document(run, documents, |document| {
            let bytes = Bytes::from(self.template.fill(run, &document)?.into_string());
            let body = match self.codec {
                Some(codec) => Document::encoded(bytes, codec, Limits::default()),
                None => Document::data(bytes),
            };
            Ok(document.replaced(body))
        })
    }

    fn gives_each(&self) -> bool {
        true
    }
}
