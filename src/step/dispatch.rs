//! The `dispatch` step: a value of each document decides which process runs with it.

use compact_str::CompactString;

use crate::kind::step::{DeclaredStep, Facts, Share, StepKind};
use crate::kind::value::DeclaredValue;
use crate::kind::{Compiling, Here, Kinds, Manual};
use crate::pipeline::run::Run;
use crate::pipeline::source::ValueSource;
use crate::pipeline::step::{Documents, Step, Work};
use crate::source::{Finding, Span, Spanned};
use crate::step::called::Called;
use crate::step::inner::single;
use crate::syntax::Node;

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "dispatch",
        summary: "runs the process that a value of each document names in a table",
        usage: "dispatch from=PATH | property=NAME | script=EXPRESSION { when KEY... process=PROCESS ... [default process=PROCESS] }",
        text: "The value of each document is looked up among the keys, exactly. Documents with keys of the same line go to its \
               process together, in one call; the lines run in the order in which they are written, `default` last. What \
               goes on is what `call` would let go on. Without `default` the documents whose key is in no line go on \
               unchanged, behind the others.",
        example: "dispatch property=request.header.x-partner {\n    when acme globex process=approve\n    default process=acknowledge\n}",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    value: DeclaredValue,
    lines: Vec<DeclaredLine>,
    default: Option<Spanned<String>>,
    span: Span,
    broken: bool,
}

#[derive(Debug)]
struct DeclaredLine {
    keys: Vec<Spanned<CompactString>>,
    process: Spanned<String>,
}

#[derive(Debug)]
struct Dispatch {
    value: ValueSource,
    lines: Vec<(Vec<CompactString>, Called)>,
    default: Option<Called>,
}

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let span = node.name_span();
    let value = DeclaredValue::read(&mut node, false);
    let (mut lines, mut default, mut broken) = (Vec::new(), None, false);
    for mut child in node.parts(&["default"]) {
        match child.name() {
            "when" => {
                let (keys, process) = (child.arguments("key"), child.required("process"));
                if keys.is_empty() {
                    let finding =
                        Finding::error("missing-argument", child.name_span(), "`when` names no key");
                    child.report(finding.help("write when acme process=acme-orders"));
                }
                broken |= process.is_none();
                lines.extend(process.map(|process| DeclaredLine { keys, process }));
                child.finish();
            }
            "default" => {
                default = child.required("process");
                broken |= default.is_none();
                child.finish();
            }
            _ => {
                child.unknown("unknown-word", "a part of `dispatch`", ["when", "default"]);
                broken = true;
            }
        }
    }
    node.finish();
    Some(Box::new(Declared { value: value?, lines, default, span, broken }))
}

impl Declared {
    /// A key that stands in an earlier line never leads to a later one.
    fn check_keys(&self, compiling: &Compiling<'_>) {
        let mut seen: Vec<&Spanned<CompactString>> = Vec::new();
        for key in self.lines.iter().flat_map(|line| &line.keys) {
            match seen.iter().find(|other| other.value == key.value) {
                Some(first) => {
                    let message = format!("`{}` has a process already", key.value);
                    let finding = Finding::error("unreachable-case", key.span, message);
                    compiling.report(finding.also(first.span, "it stands here first"));
                }
                None => seen.push(key),
            }
        }
    }
}

impl DeclaredStep for Declared {
    fn facts(&self) -> Facts<'_> {
        let processes = self.lines.iter().map(|line| &line.process).chain(&self.default);
        // Documents without a line go past.
        let share = if self.default.is_some() { Share::One } else { Share::OneOrPast };
        Facts { calls: processes.map(|process| (process, true)).collect(), share, ..Facts::default() }
    }

    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        if self.lines.is_empty() && !self.broken {
            let finding =
                Finding::error("empty-dispatch", self.span, "a `dispatch` without keys does nothing");
            compiling.report(finding.help("write when KEY process=NAME in it"));
            return None;
        }
        self.check_keys(compiling);
        let value = single(&self.value, here, compiling);
        let mut ends = Vec::new();
        let mut called = |name: &Spanned<String>| {
            let mut inner = here.clone();
            let called = Called::compile(name, false, &mut inner, compiling);
            ends.push(inner.document);
            called
        };
        let lines: Vec<_> = self.lines.iter().map(|line| called(&line.process)).collect();
        let default = self.default.as_ref().map(&mut called);
        if default.is_none() {
            ends.push(here.document.take());
        }
        here.document = crate::kind::here::common(ends);
        let keys = self.lines.iter().map(|line| line.keys.iter().map(|key| key.value.clone()).collect());
        let lines = keys.zip(lines).map(|(keys, called)| Some((keys, called?))).collect::<Option<Vec<_>>>();
        let default = match default {
            Some(default) => Some(default?),
            None => None,
        };
        Some(Box::new(Dispatch { value: value?, lines: lines?, default }))
    }
}

impl Step for Dispatch {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        Work::Later(Box::pin(async move {
            let mut shares: Vec<Documents> = self.lines.iter().map(|_| Documents::new()).collect();
            let mut others = Documents::new();
            for (at, document) in documents.into_iter().enumerate() {
                if at > 0 {
                    run.turn().await?;
                }
                let key = self.value.read(run, &document, None)?.text().unwrap_or_default();
                let line = self.lines.iter().position(|(keys, _)| keys.contains(&key));
                line.and_then(|line| shares.get_mut(line)).unwrap_or(&mut others).push(document);
            }
            let mut out = run.gather();
            for ((_, called), share) in self.lines.iter().zip(shares) {
                if !share.is_empty() {
                    out.add(called.wait(run, share).await?)?;
                }
            }
            match &self.default {
                Some(called) if !others.is_empty() => out.add(called.wait(run, others).await?)?,
                _ => out.add(others)?,
            }
            Ok(out.done())
        }))
    }
}
