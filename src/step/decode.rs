//! The `decode` step: bytes out of text of a small alphabet, or text out of another character set.

use crate::document::charset::Charset;
use crate::document::coding::Coding;
use crate::kind::step::{DeclaredStep, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual};
use crate::pipeline::failure::Failure;
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Step, Work};
use crate::source::{Finding, Spanned};
use crate::step::apart::apart;
use crate::step::content::Content;
use crate::step::encode;
use crate::syntax::Node;

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "decode",
        summary: "reads the bytes of each document out of a coding or character set",
        usage: "decode base64 | base64url | hex | url | CHARSET [profile=NAME]",
        text: "The reverse of `encode`. base64 is read with or without padding, base64 and hexadecimal digits with white space \
               anywhere. A text in a character set becomes one in UTF-8, and an XML declaration in it is made to say so. What \
               comes out is plain data with the document's properties, or of the profile that `profile=` names. What is not of \
               the coding fails with the code unreadable-document.",
        example: "decode base64 profile=order\nnotify info \"order {= doc.Order.id}\"",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    coding: Spanned<String>,
    profile: Option<Spanned<String>>,
}

#[derive(Debug)]
struct Decode {
    coding: Coding,
    content: Content,
}

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let (coding, profile) = (node.argument("coding"), node.property("profile"));
    node.finish();
    Some(Box::new(Declared { coding: coding?, profile }))
}

impl DeclaredStep for Declared {
    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        let coding = encode::coding(&self.coding, compiling);
        let content = Content::compile(self.profile.as_ref(), here, compiling);
        let (coding, content) = (coding?, content?);
        if let (Coding::Charset(_), Some(profile)) = (coding, &self.profile)
            && let Some(charset) =
                content.charset().filter(|set| !matches!(set, Charset::Utf8 | Charset::Ascii))
        {
            let message =
                format!("`{}` reads {}, and what comes out here is UTF-8", profile.value, charset.name());
            let finding = Finding::error("wrong-charset", profile.span, message);
            compiling.report(
                finding.help("name a profile that reads utf-8, or leave it to the profile: validate NAME"),
            );
            return None;
        }
        Some(Box::new(Decode { coding, content }))
    }
}

impl Step for Decode {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        Work::Later(Box::pin(async move {
            let mut out = run.gather();
            for document in documents {
                run.turn().await?;
                let (coding, bytes) = (self.coding, document.bytes().clone());
                let made = apart(bytes.len(), move || coding.decode(&bytes)).await?;
                let made = made.map_err(|malformed| Failure::unreadable(&malformed))?;
                out.add(vec![document.replaced(self.content.document(made.into(), run))])?;
            }
            Ok(out.done())
        }))
    }

    fn gives_each(&self) -> bool {
        true
    }
}
