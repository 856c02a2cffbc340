//! The `combine` step: all documents become one.

use crate::kind::step::{DeclaredStep, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual};
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Step, Work};
use crate::step::join::{DeclaredJoin, Join};
use crate::syntax::Node;

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "combine",
        summary: "makes one document of all",
        usage: "combine [root=NAME] [separator=TEXT]",
        text: "The documents, in their order, become one with the properties of the first. Those of XML become the children of an \
               element that `root=` names, \"{namespace}name\" for one in a namespace. Those of JSON become an array; with `root=` \
               an object with the array as its only member. The records of CSV and fixed-width files, the rows of a database and \
               the messages of EDI interchanges become one file. Plain data is put one behind the other, with the text of \
               `separator=` between. Documents of several formats are no one document: they fail with the code mixed-documents.",
        example: "split \"Order/Line\"\ncombine root=Lines",
    },
    read,
};

#[derive(Debug)]
struct Declared(DeclaredJoin);

#[derive(Debug)]
struct Combine(Join);

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let join = DeclaredJoin::read(&mut node, true);
    node.finish();
    Some(Box::new(Declared(join)))
}

impl DeclaredStep for Declared {
    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        self.0.compile(here, compiling).map(|join| Box::new(Combine(join)) as Box<dyn Step>)
    }
}

impl Step for Combine {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        Work::Later(Box::pin(async move { Ok(vec![self.0.run(run, &documents).await?]) }))
    }
}
