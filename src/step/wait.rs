//! The `wait` step: lets some time pass.

use std::time::{Duration, Instant};

use tokio::time::sleep_until;

use crate::kind::step::{DeclaredStep, Facts, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual};
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Step, Work};
use crate::syntax::Node;

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "wait",
        summary: "lets some time pass",
        usage: "wait DURATION",
        text: "Waits once for all documents, which pass unchanged. Other requests go on meanwhile. When the time of the request \
               is up, or of a `timeout=` around, the wait ends with it.",
        example: "wait \"100ms\"",
    },
    read,
};

#[derive(Debug, Clone, Copy)]
struct Wait(Duration);

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let time = node.argument::<Duration>("duration");
    node.finish();
    Some(Box::new(Wait(time?.value)))
}

impl DeclaredStep for Wait {
    fn facts(&self) -> Facts<'_> {
        Facts { keeps: true, ..Facts::default() }
    }

    fn compile(&self, _: &mut Here, _: &Compiling<'_>) -> Option<Box<dyn Step>> {
        Some(Box::new(*self))
    }
}

impl Step for Wait {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        Work::Later(Box::pin(async move {
            let end = Instant::now().checked_add(self.0);
            sleep_until(end.map_or_else(|| run.deadline(), |end| end.min(run.deadline())).into()).await;
            run.turn().await.map(|()| documents)
        }))
    }

    fn gives_each(&self) -> bool {
        true
    }
}
