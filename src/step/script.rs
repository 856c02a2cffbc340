//! The `script` step: changes each document by Rhai statements.

use crate::document::Document;
use crate::document::codec::{Codec, CodecRef};
use crate::kind::step::{DeclaredStep, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual};
use crate::pipeline::failure::Failure;
use crate::pipeline::run::{Run, each_document};
use crate::pipeline::scripted::Scripted;
use crate::pipeline::step::{Documents, Step, Work};
use crate::script::{Bindings, ScriptKind, Variable};
use crate::source::Spanned;
use crate::syntax::{Literal, Node};
use crate::xml::{XML, uncarried_in};

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "script",
        summary: "changes each document by a script",
        usage: "script SCRIPT",
        text: "Rhai statements that see the document as `doc` and may change it; its format stays. Where the profile of the \
               documents is known, names that it does not have are mistakes. Compiled once; bounded in operations, depth, \
               memory and time; an error names its place in the file. Properties are read by `property(\"NAME\")`.",
        example: "script #\"\"\"\n    doc.Order.Customer.Country = doc.Order.Customer.Country.to_upper();\n    \"\"\"#",
    },
    read,
};

#[derive(Debug)]
struct Declared(Spanned<Literal>);

#[derive(Debug)]
struct Script(Scripted);

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let text = node.argument("script");
    node.finish();
    Some(Box::new(Declared(text?)))
}

impl DeclaredStep for Declared {
    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        let bindings = Bindings::default().with(Variable::Doc, here.shape().cloned());
        let script = compiling.script(&self.0.value, ScriptKind::Statements, bindings)?;
        Some(Box::new(Script(script)))
    }
}

impl Script {
    fn change(&self, run: &Run, document: &Document) -> Result<Document, Failure> {
        let tree = document.tree().map_err(|malformed| Failure::unreadable(&malformed))?;
        let changed = self.0.change(run, document, tree.clone(), None)?;
        let Some(codec) = document.codec() else {
            return Err(Failure::internal(
                "wrong-document",
                "a script changes documents of a format, not plain data",
            ));
        };
        let unwritable = |why: String| Failure::internal("unwritable-document", why);
        if codec.format() == XML.format()
            && let Some((path, why)) = uncarried_in(&changed)
        {
            return Err(unwritable(format!("the script makes what XML cannot hold, at `{path}`: {why}")));
        }
        let body = match codec {
            CodecRef::Fixed(_) => Document::tree_of(changed, codec.clone()),
            CodecRef::Made(_) => Document::written(changed, codec.clone())
                .map_err(|why| unwritable(format!("the script made what its format cannot hold: {why}")))?,
        };
        Ok(document.replaced(body))
    }
}

impl Step for Script {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        each_document(run, documents, |document| self.change(run, &document))
    }

    fn gives_each(&self) -> bool {
        true
    }
}
