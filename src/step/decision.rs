//! The `decision` step: documents that meet a condition take one path, the others another.

use crate::kind::here::common;
use crate::kind::step::{DeclaredPath, DeclaredStep, Facts, StepKind};
use crate::kind::value::DeclaredValue;
use crate::kind::{Compiling, Here, Kinds, Manual};
use crate::pipeline::failure::Failure;
use crate::pipeline::run::Run;
use crate::pipeline::source::ValueSource;
use crate::pipeline::step::{Documents, Path, Step, WithComing, Work};
use crate::source::Finding;
use crate::step::compare::{DeclaredTest, Test};
use crate::step::inner::{compile_all, one_of, single};
use crate::syntax::Node;

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "decision",
        summary: "sends each document down `then` or `else`",
        usage: "decision from=PATH | property=NAME | script=EXPRESSION [eq=|ne=|gt=|ge=|lt=|le=LITERAL | matches=REGEX | like=WILDCARD] { then { STEP... }; [else { STEP... }] }",
        text: "The value is compared with the literal: as numbers when both are numbers, as text otherwise. Absent, nil and \
               empty are the same. `matches=` looks for a regular expression anywhere in the text; `like=` compares the \
               whole text, `*` standing for any characters and `?` for one. Without a comparison a document takes `then` \
               when the value is there and is not \
               `false`. All documents of `then` run to its end before those of `else` begin. What reaches the ends goes \
               on behind the decision, `then` first; without `else` the other documents go on unchanged.",
        example: "decision from=\"Order/Total\" gt=1000 {\n    then {\n        throw \"too large\" status=422\n    }\n    else {\n        notify info \"fine\"\n    }\n}",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    value: DeclaredValue,
    test: DeclaredTest,
    then: DeclaredPath,
    other: DeclaredPath,
}

#[derive(Debug)]
struct Decision {
    value: ValueSource,
    test: Test,
    then: Path,
    other: Path,
}

fn read(mut node: Node<'_>, kinds: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let span = node.name_span();
    let value = DeclaredValue::read(&mut node, false);
    let test = DeclaredTest::read(&mut node);
    let (mut then, mut other, mut broken) = (None, None, false);
    for child in node.parts(&["then", "else"]) {
        let slot = match child.name() {
            "then" => &mut then,
            "else" => &mut other,
            _ => {
                child.unknown("unknown-word", "a part of `decision`", ["then", "else"]);
                broken = true;
                continue;
            }
        };
        *slot = Some(DeclaredPath::inner(child, kinds));
    }
    if then.is_none() && other.is_none() && !broken {
        let finding =
            Finding::error("empty-decision", span, "a `decision` without `then` and `else` does nothing");
        node.report(finding.help("write then { ... } in it"));
    }
    node.finish();
    // What is not written is named all the same: it may be the way by which documents go nowhere.
    let unwritten = |name: &str| DeclaredPath { name: name.into(), span, ..DeclaredPath::default() };
    let then = then.unwrap_or_else(|| unwritten("then"));
    let other = other.unwrap_or_else(|| unwritten("else"));
    Some(Box::new(Declared { value: value?, test, then, other }))
}

impl DeclaredStep for Declared {
    fn facts(&self) -> Facts<'_> {
        let keeps = self.then.keeps() && self.other.keeps();
        Facts { inner: vec![&self.then, &self.other], keeps, ..Facts::default() }
    }

    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        let value = single(&self.value, here, compiling);
        let test = self.test.compile("a `decision`", compiling);
        let (paths, ends) = compile_all(&[&self.then, &self.other], here, compiling);
        here.document = common(ends);
        let [then, other] = <[Path; 2]>::try_from(paths?).ok()?;
        Some(Box::new(Decision { value: value?, test: test?, then, other }))
    }
}

impl Decision {
    /// Which documents meet the condition, in their order, and which do not.
    async fn sort(&self, run: &Run, documents: Documents) -> Result<(Documents, Documents), Failure> {
        let (mut then, mut other) = (Documents::new(), Documents::new());
        for (at, document) in documents.into_iter().enumerate() {
            if at > 0 {
                run.turn().await?;
            }
            let value = self.value.read(run, &document, None)?;
            if self.test.holds(&value) { then.push(document) } else { other.push(document) }
        }
        Ok((then, other))
    }
}

impl Step for Decision {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        Work::Later(Box::pin(async move {
            let (then, other) = self.sort(run, documents).await?;
            let mut out = run.gather();
            // The other documents have no answer yet, and may end in a failure.
            let hold = (!other.is_empty()).then(|| run.hold());
            out.add(run.path(&self.then, then).await?)?;
            drop(hold);
            out.add(run.path(&self.other, other).await?)?;
            Ok(out.done())
        }))
    }

    fn with_coming(&self) -> WithComing {
        one_of(&self.value, [&self.then, &self.other])
    }

    fn gives_coming(&self) -> bool {
        true
    }

    fn choices(&self) -> Vec<Option<&Path>> {
        vec![Some(&self.then), Some(&self.other)]
    }

    fn gives_each(&self) -> bool {
        self.choices().into_iter().flatten().all(Path::gives_each)
    }
}
