//! The `encode` step: the body as text of a small alphabet, or in another character set.

use crate::document::Document;
use crate::document::coding::{Coding, Uncodable};
use crate::kind::step::{DeclaredStep, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual};
use crate::pipeline::failure::Failure;
use crate::pipeline::leaving::{Leaving, leaving};
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Step, Work};
use crate::source::{Finding, Spanned};
use crate::step::apart::apart;
use crate::syntax::Node;

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "encode",
        summary: "writes the bytes of each document in a coding or character set",
        usage: "encode base64 | base64url | hex | url | CHARSET",
        text: "Each document becomes plain data with its properties: its bytes in base64 (base64url is URL-safe and without \
               padding), in hexadecimal digits, or with all but letters, digits, `-`, `.`, `_` and `~` as `%` and two digits. \
               With a character set (utf-8, us-ascii, iso-8859-1, windows-1252, utf-16, utf-16le, utf-16be) it is a text, in \
               UTF-8 or as its profile has it, and becomes the bytes of that set; an XML declaration in it is made to say so. A \
               text with a character that the set lacks fails with the code unwritable-document, bytes that are no text with \
               unreadable-document.",
        example: "message \"{request.user}:{request.id}\"\nencode base64",
    },
    read,
};

#[derive(Debug)]
struct Declared(Spanned<String>);

#[derive(Debug)]
struct Encode {
    coding: Coding,
    /// What is done with documents before they are encoded: nobody looks into them behind it.
    leaving: Option<Leaving>,
}

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let coding = node.argument("coding");
    node.finish();
    Some(Box::new(Declared(coding?)))
}

/// The coding of a word; `None` after a finding.
pub fn coding(word: &Spanned<String>, compiling: &Compiling<'_>) -> Option<Coding> {
    let coding = Coding::by_name(&word.value);
    if coding.is_none() {
        let message = format!("`{}` is no coding, and no character set that is known here", word.value);
        let finding = Finding::error("unknown-coding", word.span, message);
        compiling.report(finding.suggest(&word.value, Coding::names()));
    }
    coding
}

impl DeclaredStep for Declared {
    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        let leaving = here.leaving();
        here.document = None;
        coding(&self.0, compiling).map(|coding| Box::new(Encode { coding, leaving }) as Box<dyn Step>)
    }
}

fn failed(uncodable: Uncodable) -> Failure {
    match uncodable {
        Uncodable::Unreadable(malformed) => Failure::unreadable(&malformed),
        Uncodable::Lacking(why) => {
            Failure::internal("unwritable-document", format!("the document cannot be encoded: {why}"))
        }
    }
}

impl Step for Encode {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        Work::Later(Box::pin(async move {
            let mut out = run.gather();
            for document in documents {
                run.turn().await?;
                let left = leaving(self.leaving.as_ref(), &document, run.request().limits)?;
                let (coding, codec, bytes) = (self.coding, left.codec().cloned(), left.bytes().clone());
                let work = move || coding.encode(&bytes, codec.as_ref().and_then(|codec| codec.charset()));
                let made = apart(left.bytes().len(), work).await?.map_err(failed)?;
                out.add(vec![document.replaced(Document::data(made.into()))])?;
            }
            Ok(out.done())
        }))
    }

    fn gives_each(&self) -> bool {
        true
    }
}
