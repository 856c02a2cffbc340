//! The `branch` step: several paths, one after the other, each with the same documents.

use crate::kind::here::common;
use crate::kind::step::{DeclaredPath, DeclaredStep, Facts, Flow, Share, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual};
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Path, Step, Work};
use crate::source::{Finding, Span, Spanned};
use crate::syntax::Node;

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "branch",
        summary: "runs several paths in order, each with the original documents",
        usage: "branch { path NAME { STEP... } ... }",
        text: "The paths run one after the other, each to its end, each with the documents that entered the branch; what \
               one path sets on a document does not show in another. The documents that reach the end of their path go \
               on behind the branch, in the order of the paths. A failure in a path ends the process.",
        example: "branch {\n    path \"acknowledge\" {\n        map order-to-receipt\n        return\n    }\n    path \"log\" {\n        notify info \"received {request.id}\"\n        stop\n    }\n}",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    span: Span,
    paths: Vec<(Option<Spanned<String>>, DeclaredPath)>,
    broken: bool,
}

#[derive(Debug)]
struct Branch {
    paths: Vec<Path>,
}

fn read(mut node: Node<'_>, kinds: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let span = node.name_span();
    let (mut paths, mut broken) = (Vec::new(), false);
    for mut child in node.children() {
        if child.name() != "path" {
            child.unknown("unknown-word", "a part of `branch`", ["path"]);
            broken = true;
            continue;
        }
        let name = child.optional("path's name");
        paths.push((name, DeclaredPath::inner(child, kinds)));
    }
    node.finish();
    Some(Box::new(Declared { span, paths, broken }))
}

impl DeclaredStep for Declared {
    fn facts(&self) -> Facts<'_> {
        let inner: Vec<_> = self.paths.iter().map(|(_, path)| path).collect();
        Facts { keeps: inner.iter().all(|path| path.keeps()), inner, share: Share::Every, ..Facts::default() }
    }

    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        if self.paths.is_empty() && !self.broken {
            let finding = Finding::error("empty-branch", self.span, "a `branch` without paths does nothing");
            compiling.report(finding.help("write path \"name\" { ... } in it"));
            return None;
        }
        for (index, (name, _)) in self.paths.iter().enumerate() {
            let Some(name) = name else { continue };
            let mut others = self.paths.iter().take(index).filter_map(|(other, _)| other.as_ref());
            if let Some(first) = others.find(|other| other.value == name.value) {
                let message = format!("there are two paths \"{}\" in this branch", name.value);
                let finding = Finding::error("duplicate-name", name.span, message);
                compiling.report(finding.also(first.span, "the first one is here"));
            }
        }
        let paths: Vec<&DeclaredPath> = self.paths.iter().map(|(_, path)| path).collect();
        let answers: Vec<bool> = paths.iter().map(|path| path.flow() == Flow::Answers).collect();
        let (mut compiled, mut ends) = (Vec::new(), Vec::new());
        for (at, path) in paths.iter().enumerate() {
            // What another path answers for sure, this one owes nothing to.
            let others = answers.iter().enumerate().any(|(other, answers)| *answers && other != at);
            let mut inner = Here { owed: here.owed && !others, ..here.clone() };
            compiled.push(path.compile(&mut inner, compiling));
            if path.falls() {
                ends.push(inner.document);
            }
        }
        here.document = common(ends);
        let paths: Option<Vec<Path>> = compiled.into_iter().collect();
        Some(Box::new(Branch { paths: paths? }))
    }
}

impl Step for Branch {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        Work::Later(Box::pin(async move {
            let mut out = run.gather();
            for (at, path) in self.paths.iter().enumerate() {
                let later = self.paths.iter().skip(at + 1).any(|path| path.last_answer.is_some());
                let _hold = later.then(|| run.hold());
                out.add(run.path(path, documents.clone()).await?)?;
            }
            Ok(out.done())
        }))
    }
}
