//! The `notify` step: writes a line to the log.

use tracing::{error, info, warn};

use crate::document::Document;
use crate::kind::step::{DeclaredStep, Facts, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual, template};
use crate::pipeline::failure::Failure;
use crate::pipeline::run::{Run, each_document};
use crate::pipeline::step::{Documents, Step, Work};
use crate::pipeline::template::{Escape, Template};
use crate::source::{Finding, Spanned};
use crate::syntax::{Literal, Node};

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "notify",
        summary: "writes a line to the log for each document",
        usage: "notify info|warn|error TEXT",
        text: "The text may hold placeholders as in `message`. The line carries the request id. Secrets of the file \
               and the caller's credentials are struck out. Documents pass unchanged; \
               texts beyond 10,000 characters are cut.",
        example: "notify info \"order {= doc.Order.id} from {request.user}\"",
    },
    read,
};

/// Characters of one line.
const LONGEST: usize = 10_000;

const LEVELS: &[(&str, Level)] = &[("info", Level::Info), ("warn", Level::Warn), ("error", Level::Error)];

#[derive(Debug, Clone, Copy)]
enum Level {
    Info,
    Warn,
    Error,
}

#[derive(Debug)]
struct Declared {
    level: Spanned<String>,
    text: Spanned<Literal>,
}

#[derive(Debug)]
struct Notify {
    level: Level,
    template: Template,
}

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let level = node.argument("level");
    let text = node.argument("text");
    node.finish();
    Some(Box::new(Declared { level: level?, text: text? }))
}

impl DeclaredStep for Declared {
    fn facts(&self) -> Facts<'_> {
        Facts { keeps: true, ..Facts::default() }
    }

    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        let template = template::compile(&self.text, Escape::None, here.shape(), compiling);
        let Some((_, level)) = LEVELS.iter().find(|(name, _)| *name == self.level.value) else {
            let message = format!("`{}` is not a level", self.level.value);
            let finding = Finding::error("unknown-level", self.level.span, message);
            compiling.report(finding.suggest(&self.level.value, LEVELS.iter().map(|(name, _)| *name)));
            return None;
        };
        Some(Box::new(Notify { level: *level, template: template? }))
    }
}

impl Notify {
    fn write(&self, run: &Run, document: &Document) -> Result<(), Failure> {
        let text = self.template.fill(run, document)?;
        let text = run.execution.redaction().strike(&text);
        let text: String = text.chars().take(LONGEST).collect();
        let request = run.request().id.as_str();
        match self.level {
            Level::Info => info!(target: "notify", %request, "{text}"),
            Level::Warn => warn!(target: "notify", %request, "{text}"),
            Level::Error => error!(target: "notify", %request, "{text}"),
        }
        Ok(())
    }
}

impl Step for Notify {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        each_document(run, documents, |document| self.write(run, &document).map(|()| document))
    }

    fn gives_each(&self) -> bool {
        true
    }
}
