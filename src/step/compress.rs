//! The `compress` step: each document as gzip, or all of them as one zip archive.

use std::collections::HashSet;

use bytes::Bytes;

use crate::document::Document;
use crate::document::packed::{gzip, unfit_name, zip};
use crate::kind::step::{DeclaredStep, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual, template};
use crate::pipeline::failure::Failure;
use crate::pipeline::leaving::{Leaving, leaving};
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Outcome, Step, Work};
use crate::pipeline::template::{Escape, Template};
use crate::source::{Finding, Spanned};
use crate::step::apart::apart;
use crate::step::packing::Packing;
use crate::syntax::{Literal, Node};

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "compress",
        summary: "packs each document by gzip, or all of them into one zip archive",
        usage: "compress gzip | zip [name=TEXT]",
        text: "With `gzip` each document becomes plain data with its properties. With `zip` all documents become one archive, \
               with the properties of the first. `name=` is the name of each file in it, with placeholders as in `message`; \
               without it the files are 1.xml, 2.xml and so on, by the format of each, and of plain data 1, 2. A name that two \
               files have, or one that is absolute or has `..`, a backslash or a control character in it, fails with the code \
               bad-file-name. The same documents give the same bytes: files bear no time.",
        example: "split \"Order/Line\"\ncompress zip name=\"lines/{= doc.Line.Sku}.xml\"",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    packing: Spanned<String>,
    name: Option<Spanned<Literal>>,
}

#[derive(Debug)]
struct Compress {
    packing: Packing,
    name: Option<Template>,
    /// What is done with documents before they are packed: nobody looks into them behind it.
    leaving: Option<Leaving>,
}

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let (packing, name) = (node.argument("compression"), node.property("name"));
    node.finish();
    Some(Box::new(Declared { packing: packing?, name }))
}

impl DeclaredStep for Declared {
    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        let leaving = here.leaving();
        let shape = here.document.take().map(|side| side.shape);
        let packing = Packing::compile(&self.packing, compiling);
        let name = match &self.name {
            Some(name) => Some(template::compile(name, Escape::None, shape.as_ref(), compiling)?),
            None => None,
        };
        if let (Some(name), Some(Packing::Gzip)) = (&self.name, packing) {
            let message = "a gzip is one document, which has no name in it";
            let finding = Finding::error("no-file-name", name.span, message);
            compiling.report(finding.help("remove name=, or write compress zip"));
            return None;
        }
        Some(Box::new(Compress { packing: packing?, name, leaving }))
    }
}

/// What the name of a file in a format ends in.
fn ending(document: &Document) -> &'static str {
    match document.codec().map(|codec| codec.format()) {
        Some("xml") => ".xml",
        Some("json" | "rows") => ".json",
        Some("csv") => ".csv",
        Some("fixed") => ".txt",
        Some("x12" | "edifact") => ".edi",
        _ => "",
    }
}

impl Compress {
    fn bytes(&self, run: &Run, document: &Document) -> Result<Bytes, Failure> {
        Ok(leaving(self.leaving.as_ref(), document, run.request().limits)?.bytes().clone())
    }

    async fn each(&self, run: &Run, documents: Documents) -> Outcome {
        let mut out = run.gather();
        for document in documents {
            run.turn().await?;
            let bytes = self.bytes(run, &document)?;
            let packed = apart(bytes.len(), move || gzip(&bytes)).await?;
            let packed = packed.map_err(|refused| Failure::internal("unwritable-document", refused.0))?;
            out.add(vec![document.replaced(Document::data(packed.into()))])?;
        }
        Ok(out.done())
    }

    async fn all(&self, run: &Run, documents: Documents) -> Outcome {
        let mut files: Vec<(String, Bytes)> = Vec::with_capacity(documents.len());
        let mut names = HashSet::new();
        for (at, document) in documents.iter().enumerate() {
            run.turn().await?;
            let name = match &self.name {
                Some(name) => name.fill(run, document)?.into_string(),
                None => format!("{}{}", at + 1, ending(document)),
            };
            let wrong = unfit_name(&name).or((!names.insert(name.clone())).then_some("another file has it"));
            if let Some(why) = wrong {
                let log = format!("document {} is to be the file {name:?} of an archive: {why}", at + 1);
                return Err(Failure::internal("bad-file-name", log));
            }
            files.push((name, self.bytes(run, document)?));
        }
        let bytes = files.iter().map(|(_, bytes)| bytes.len()).fold(0, usize::saturating_add);
        let packed = apart(bytes, move || zip(&files)).await?;
        let packed = packed.map_err(|refused| Failure::internal("unwritable-document", refused.0))?;
        let first = documents.into_iter().next().unwrap_or_default();
        Ok(vec![first.replaced(Document::data(packed.into()))])
    }
}

impl Step for Compress {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        match self.packing {
            Packing::Gzip => Work::Later(Box::pin(self.each(run, documents))),
            Packing::Zip => Work::Later(Box::pin(self.all(run, documents))),
        }
    }

    fn gives_each(&self) -> bool {
        matches!(self.packing, Packing::Gzip)
    }
}
