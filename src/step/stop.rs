//! The `stop` step: the path ends, and its documents go nowhere.

use crate::kind::step::{DeclaredStep, Facts, Flow, StepKind};
use crate::kind::{Compiling, Kinds, Manual};
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Step, Work};
use crate::syntax::Node;

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "stop",
        summary: "ends the path without adding to the answer",
        usage: "stop",
        text: "The documents go no further. Other paths of the process go on, and the process counts as successful. \
               Nothing may stand behind it in its path.",
        example: "stop",
    },
    read,
};

#[derive(Debug)]
struct Stop;

fn read(node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    node.finish();
    Some(Box::new(Stop))
}

impl DeclaredStep for Stop {
    fn facts(&self) -> Facts<'_> {
        Facts { flow: Some(Flow::Ends), ..Facts::default() }
    }

    fn compile(&self, _: &Compiling<'_>) -> Option<Box<dyn Step>> {
        Some(Box::new(Stop))
    }
}

impl Step for Stop {
    fn run<'a>(&'a self, _: &'a Run, _: Documents) -> Work<'a> {
        Ok(Documents::new()).into()
    }
}
