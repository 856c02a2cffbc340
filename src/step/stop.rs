//! The `stop` step: the path ends, and its documents go nowhere.

use crate::kind::step::{DeclaredStep, Facts, Flow, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual};
use crate::pipeline::failure::Failure;
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Step, Work};
use crate::syntax::Node;

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "stop",
        summary: "ends the path without adding to the answer",
        usage: "stop [all=#true]",
        text: "The documents go no further. Other paths of the process go on, and the process counts as successful. With \
               `all=#true` the process that it stands in ends as a whole, successfully: no other path of it goes on or \
               begins, and what was returned so far is the answer. Nothing may stand behind it in its path.",
        example: "stop",
    },
    read,
};

#[derive(Debug, Clone, Copy)]
struct Stop {
    all: bool,
}

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let all = node.property::<bool>("all").is_some_and(|given| given.value);
    node.finish();
    Some(Box::new(Stop { all }))
}

impl DeclaredStep for Stop {
    fn facts(&self) -> Facts<'_> {
        Facts { flow: Flow::Stops, ..Facts::default() }
    }

    fn compile(&self, _: &mut Here, _: &Compiling<'_>) -> Option<Box<dyn Step>> {
        Some(Box::new(*self))
    }
}

impl Step for Stop {
    fn run<'a>(&'a self, _: &'a Run, _: Documents) -> Work<'a> {
        let outcome = if self.all { Err(Failure::stop()) } else { Ok(Documents::new()) };
        outcome.into()
    }
}
