//! The `map` step: each document becomes what a map makes of it.

use crate::kind::item::Map;
use crate::kind::path::Side;
use crate::kind::step::{DeclaredStep, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual};
use crate::pipeline::run::{Run, each_document};
use crate::pipeline::step::{Documents, Step, Work};
use crate::source::{Finding, Spanned};
use crate::syntax::Node;

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "map",
        summary: "turns each document into another by a map",
        usage: "map NAME",
        text: "Runs the map of that name on each document. The document's properties stay. A document that the map \
               cannot read, or a script in it that fails, ends the process with a failure that names the line of the map.",
        example: "map order-to-receipt",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    name: Spanned<String>,
}

#[derive(Debug)]
struct MapStep {
    map: Map,
}

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let name = node.argument("map's name");
    node.finish();
    Some(Box::new(Declared { name: name? }))
}

impl Declared {
    /// Whether the documents that are known to come here are such as the map reads; `None` after a finding.
    fn check(&self, known: &Side, map: &Map, compiling: &Compiling<'_>) -> Option<()> {
        let source = map.source();
        let (has, wants) = (known.format.to_uppercase(), source.codec.format().to_uppercase());
        let message = if has != wants {
            format!("`{}` reads {wants}, and the documents here are {has}", self.name.value)
        } else if known.differs(&source.shape) {
            let (is, other) = (&source.shape.name, &known.shape.name);
            format!("`{}` reads documents of `{is}`, and those here are of `{other}`", self.name.value)
        } else {
            return Some(());
        };
        let finding = Finding::error("wrong-document", self.name.span, message);
        compiling.report(finding.help(format!("it is a map from profile `{}`", source.name)));
        None
    }
}

impl DeclaredStep for Declared {
    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        let known = here.document.take();
        let map = compiling.map(&self.name)?;
        here.becomes(map.target());
        if let Some(known) = known {
            self.check(&known, &map, compiling)?;
        }
        Some(Box::new(MapStep { map }))
    }
}

impl Step for MapStep {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        each_document(run, documents, |document| self.map.apply(run, document))
    }

    fn gives_each(&self) -> bool {
        true
    }
}
