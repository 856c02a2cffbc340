//! The `relay` step: passes on the header blocks of a request that are not for this node.

use crate::kind::step::{DeclaredStep, Facts, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual};
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Step, Work};
use crate::syntax::Node;

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "relay",
        summary: "passes on the SOAP header blocks that are for other nodes",
        usage: "relay",
        text: "Adds to the answer the header blocks of the request that an intermediary passes on, in their order and as they \
               came (SOAP 1.2 part 1, section 2.7): those for other roles and for none, and those for this node that it does \
               not process and that say relay=\"true\". A service that is an intermediary says so: `soap PATH \
               intermediary=#true`; blocks without a role are then for the node behind it. Over other protocols the step does \
               nothing.",
        example: "relay",
    },
    read,
};

#[derive(Debug)]
struct Relay;

fn read(node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    node.finish();
    Some(Box::new(Relay))
}

impl DeclaredStep for Relay {
    fn facts(&self) -> Facts<'_> {
        Facts { shapes_answer: true, ..Facts::default() }
    }

    fn compile(&self, _: &mut Here, _: &Compiling<'_>) -> Option<Box<dyn Step>> {
        Some(Box::new(Self))
    }
}

impl Step for Relay {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        let Some(soap) = run.execution.soap.as_ref() else { return Ok(documents).into() };
        let mut on = soap.blocks.iter().filter(|block| block.goes_on(&soap.processed));
        let passed = on.try_for_each(|block| run.add_block(block.element.clone()));
        passed.map(|()| documents).into()
    }

    fn gives_each(&self) -> bool {
        true
    }
}
