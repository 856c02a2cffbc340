//! The `map` step: each document becomes what a map makes of it.

use crate::kind::item::Map;
use crate::kind::step::{DeclaredStep, StepKind};
use crate::kind::{Compiling, Kinds, Manual};
use crate::pipeline::run::{Run, each_document};
use crate::pipeline::step::{Documents, Step, Work};
use crate::source::Spanned;
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

impl DeclaredStep for Declared {
    fn compile(&self, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        Some(Box::new(MapStep { map: compiling.map(&self.name)? }))
    }
}

impl Step for MapStep {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        each_document(run, documents, |document| self.map.apply(run, document))
    }
}
