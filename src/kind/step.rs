//! The step kind: how a step is read, what it says about itself, and what it compiles to.

use std::fmt::Debug;
use std::time::Duration;

use compact_str::CompactString;

use super::here::Here;
use super::{Compiling, Kinds, Manual};
use crate::pipeline::step::{Path, Step, StepNode, WithComing};
use crate::source::{Finding, Span, Spanned};
use crate::syntax::Node;

/// One kind of step.
#[derive(Debug, Clone, Copy)]
pub struct StepKind {
    /// Its manual entry; the name is the node's.
    pub manual: Manual,
    /// Reads its node; `None` after findings.
    pub read: fn(Node<'_>, &Kinds) -> Option<Box<dyn DeclaredStep>>,
}

/// How a path goes on after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Flow {
    /// To the next step.
    #[default]
    On,
    /// It ends here on purpose, and adds nothing to the answer: `stop`.
    Stops,
    /// It ends here with an answer or a failure: `return`, `throw`.
    Answers,
}

/// Which of a step's inner paths a document takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Share {
    /// All of them, one after the other: `branch`.
    Every,
    /// One of them.
    #[default]
    One,
    /// One of them, or none, and then it goes on behind the step.
    OneOrPast,
}

/// What a step sets the status of the answer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusSet {
    /// This one.
    To(u16),
    /// One that is known only when it runs.
    Computed,
}

/// What a declared step is made of, known before it is compiled.
#[derive(Debug, Default)]
pub struct Facts<'a> {
    /// The paths inside it.
    pub inner: Vec<&'a DeclaredPath>,
    /// Which of them a document takes.
    pub share: Share,
    /// Whether documents go on behind it with the body that they came with.
    pub keeps: bool,
    /// How a path goes on after it, where its inner paths do not say so.
    pub flow: Flow,
    /// Whether it adds its documents to the answer.
    pub returns: bool,
    /// Whether it sets a status or a header field of the answer.
    pub shapes_answer: bool,
    /// Whether it adds attachments to the answer.
    pub attaches: bool,
    /// What it sets the status of the answer to.
    pub status: Option<StatusSet>,
    /// The status and the code of the failure that it ends with.
    pub throws: Option<(u16, &'a str)>,
    /// The processes that it runs, each with whether it waits for it.
    pub calls: Vec<(&'a Spanned<String>, bool)>,
    /// The declared fault that it throws.
    pub fault: Option<&'a Spanned<String>>,
    /// What it does with a cache.
    pub cache: Option<CacheUse<'a>>,
    /// The database that its statements are for.
    pub database: Option<&'a Spanned<String>>,
    /// The database that it holds a transaction of.
    pub transaction: Option<&'a Spanned<String>>,
}

/// What a step does with a cache; all steps that name one are checked together.
#[derive(Debug, Clone, Copy)]
pub struct CacheUse<'a> {
    /// The cache's name.
    pub name: &'a Spanned<String>,
    /// How many parts its key has.
    pub parts: usize,
    /// What it does.
    pub access: CacheAccess<'a>,
}

/// How a step uses a cache.
#[derive(Debug, Clone, Copy)]
pub enum CacheAccess<'a> {
    /// It puts documents in; perhaps it says how many there may be.
    Put(Option<&'a Spanned<usize>>),
    /// It gets them.
    Get,
    /// It removes them.
    Remove,
}

/// A step as declared.
pub trait DeclaredStep: Debug {
    /// What it is made of.
    fn facts(&self) -> Facts<'_> {
        Facts::default()
    }

    /// Checks it and makes what runs; `None` after findings. What it knows of the documents that come out it notes in
    /// `here`.
    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>>;
}

/// Steps in order, as declared.
#[derive(Debug, Default)]
pub struct DeclaredPath {
    /// What it is in the step that it stands in: `then`, `path store`; empty for a process's own.
    pub name: CompactString,
    /// Where that stands.
    pub span: Span,
    /// The steps.
    pub steps: Vec<DeclaredNode>,
    /// Before which of the steps others stand that could not be read.
    pub unread: Vec<usize>,
}

/// A step with its kind and its place.
#[derive(Debug)]
pub struct DeclaredNode {
    /// The kind's name.
    pub kind: &'static str,
    /// How it begins in the file, on one line.
    pub text: String,
    /// Where its name stands.
    pub span: Span,
    /// How long it may take.
    pub timeout: Option<Spanned<Duration>>,
    /// What it says.
    pub step: Box<dyn DeclaredStep>,
}

impl DeclaredPath {
    /// Reads the nodes of a block as steps. `timeout=` is a property that every step has.
    pub fn read(nodes: Vec<Node<'_>>, kinds: &Kinds) -> Self {
        let mut steps = Vec::new();
        let mut unread = Vec::new();
        for mut node in nodes {
            let span = node.name_span();
            match kinds.steps.iter().find(|kind| kind.manual.name == node.name()) {
                Some(kind) => {
                    let (timeout, text) = (node.property("timeout"), node.head());
                    match (kind.read)(node, kinds) {
                        Some(step) => {
                            steps.push(DeclaredNode { kind: kind.manual.name, text, span, timeout, step });
                        }
                        None => unread.push(steps.len()),
                    }
                }
                None => {
                    node.unknown("unknown-step", "a step", kinds.steps.iter().map(|kind| kind.manual.name));
                    unread.push(steps.len());
                }
            }
        }
        Self { steps, unread, ..Self::default() }
    }

    /// Reads the block of a part of a step, `then { ... }`, as a path that is named as the part is written.
    pub fn inner(mut node: Node<'_>, kinds: &Kinds) -> Self {
        let (name, span) = (node.head().into(), node.name_span());
        let path = Self::read(node.children(), kinds);
        node.finish();
        Self { name, span, ..path }
    }

    /// Compiles the steps; `None` after findings. `here` is what is known where it begins, and afterwards where it ends.
    pub fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Path> {
        self.check_reach(compiling);
        let mut whole = true;
        let mut steps = Vec::new();
        for (at, node) in self.steps.iter().enumerate() {
            self.forget(at, here);
            if let Some(timeout) = node.timeout.as_ref().filter(|timeout| timeout.value.is_zero()) {
                let finding = Finding::error("bad-timeout", timeout.span, "no step is done in no time");
                compiling.report(finding.help("remove it, or say how long the step may take"));
            }
            let owed = here.owed;
            let step = node.step.compile(here, compiling);
            here.data &= node.step.facts().keeps;
            here.owed = owed && node.flow() != Flow::Answers;
            match step {
                Some(step) => steps.push(StepNode {
                    owes: here.owed,
                    kind: node.kind,
                    text: node.text.as_str().into(),
                    place: compiling.place(node.span),
                    timeout: node.timeout.as_ref().map(|timeout| timeout.value),
                    step,
                }),
                None => whole = false,
            }
        }
        self.forget(self.steps.len(), here);
        let last_answer = self.last_answer(compiling);
        let touches = |node: &StepNode| node.step.with_coming() != WithComing::Passes;
        let untouched_from = steps.iter().rposition(touches).map_or(0, |last| last + 1);
        let first = steps.iter().find(|node| touches(node));
        let sends_on = first.is_some_and(|node| node.step.with_coming() == WithComing::Sends);
        let name = self.name.clone();
        whole.then_some(Path { name, steps, last_answer, owes: here.owed, untouched_from, sends_on })
    }

    /// Whether a step could not be read: then nothing follows from what is not there.
    pub fn is_broken(&self) -> bool {
        !self.unread.is_empty()
    }

    /// What a step before this position makes of the documents is not known if it could not be read.
    fn forget(&self, at: usize, here: &mut Here) {
        if self.unread.contains(&at) {
            here.document = None;
            here.data = false;
        }
    }

    /// Whether all its steps let documents go on with the body that they came with.
    pub fn keeps(&self) -> bool {
        self.steps.iter().all(|node| node.step.facts().keeps)
    }

    /// A step behind one that ends its path can never run.
    fn check_reach(&self, compiling: &Compiling<'_>) {
        for pair in self.steps.windows(2) {
            let [step, next] = pair else { continue };
            if !step.falls() || !step.comes_back(compiling) {
                let message =
                    format!("`{}` can never run: `{}` before it ends the path", next.kind, step.kind);
                compiling.report(
                    Finding::error("unreachable-step", next.span, message)
                        .also(step.span, "the path ends here"),
                );
                return;
            }
        }
    }

    /// Whether documents can reach the end of the path.
    pub fn falls(&self) -> bool {
        self.is_broken() || self.steps.iter().all(DeclaredNode::falls)
    }

    /// What becomes of every document that enters: the least of what may become of one.
    pub fn flow(&self) -> Flow {
        self.steps.iter().map(DeclaredNode::flow).max().unwrap_or_default()
    }

    /// Whether all its steps could be read, and those of the paths inside it.
    pub fn is_whole(&self) -> bool {
        !self.is_broken()
            && self.steps.iter().all(|node| node.step.facts().inner.iter().all(|path| path.is_whole()))
    }

    /// Whether a `return` stands in it or in a path inside it.
    pub fn returns(&self) -> bool {
        self.any(&|facts| facts.returns)
    }

    /// Whether something holds of a step in it or in a path inside it.
    pub fn any(&self, holds: &dyn Fn(&Facts<'_>) -> bool) -> bool {
        self.steps.iter().any(|node| node.any(holds))
    }

    /// The position of the last step that can add to the answer.
    fn last_answer(&self, compiling: &Compiling<'_>) -> Option<usize> {
        self.steps.iter().rposition(|node| node.adds(compiling))
    }

    /// The last step that can add to the answer, where steps of the path can still run behind it or in it; `None` where the
    /// answer leaves at the end.
    pub fn runs_on(&self, compiling: &Compiling<'_>) -> Option<&DeclaredNode> {
        let last = self.last_answer(compiling)?;
        let node = self.steps.get(last)?;
        let Facts { inner, share, .. } = node.step.facts();
        let runs_behind = |(at, path): (usize, &&DeclaredPath)| {
            let others = inner.iter().skip(at + 1).any(|path| !path.steps.is_empty());
            share == Share::Every && others && path.last_answer(compiling).is_some()
        };
        if last + 1 < self.steps.len() || inner.iter().enumerate().any(runs_behind) {
            return Some(node);
        }
        inner.iter().find_map(|path| path.runs_on(compiling))
    }

    /// The processes that steps in it run, those of the paths inside it included, with whether they wait.
    pub fn calls(&self) -> Vec<(&Spanned<String>, bool)> {
        let mut all = Vec::new();
        for node in &self.steps {
            let facts = node.step.facts();
            all.extend(facts.calls);
            all.extend(facts.inner.into_iter().flat_map(DeclaredPath::calls));
        }
        all
    }

    /// The declared faults that steps in it throw, those of the paths inside it included.
    pub fn faults(&self) -> Vec<&Spanned<String>> {
        let mut all = Vec::new();
        for node in &self.steps {
            let facts = node.step.facts();
            all.extend(facts.fault);
            all.extend(facts.inner.into_iter().flat_map(DeclaredPath::faults));
        }
        all
    }

    /// What steps in it do with caches, those of the paths inside it included.
    pub fn caches(&self) -> Vec<CacheUse<'_>> {
        let mut all = Vec::new();
        for node in &self.steps {
            let facts = node.step.facts();
            all.extend(facts.cache);
            all.extend(facts.inner.into_iter().flat_map(DeclaredPath::caches));
        }
        all
    }
}

impl DeclaredNode {
    /// Whether documents can go on behind it.
    fn falls(&self) -> bool {
        let facts = self.step.facts();
        match facts.share {
            _ if facts.flow != Flow::On => false,
            _ if facts.inner.is_empty() => true,
            Share::OneOrPast => true,
            Share::Every | Share::One => facts.inner.iter().any(|path| path.falls()),
        }
    }

    /// Whether what it calls, if that is all it does, lets anything go on.
    fn comes_back(&self, compiling: &Compiling<'_>) -> bool {
        let facts = self.step.facts();
        match facts.calls.as_slice() {
            [(name, true)] if facts.inner.is_empty() && facts.share == Share::One => {
                compiling.processes.get(&name.value).is_none_or(|callee| callee.goes_on)
            }
            _ => true,
        }
    }

    /// What becomes of every document in it.
    pub fn flow(&self) -> Flow {
        let facts = self.step.facts();
        let mut inner = facts.inner.iter().map(|path| path.flow());
        match facts.share {
            _ if facts.inner.is_empty() => facts.flow,
            Share::OneOrPast => Flow::On,
            Share::One => inner.min().unwrap_or_default(),
            // One path that answers is enough; but that one of them stops says nothing of the others.
            Share::Every if inner.clone().any(|flow| flow == Flow::Answers) => Flow::Answers,
            Share::Every if inner.all(|flow| flow == Flow::Stops) => Flow::Stops,
            Share::Every => Flow::On,
        }
    }

    fn any(&self, holds: &dyn Fn(&Facts<'_>) -> bool) -> bool {
        let facts = self.step.facts();
        holds(&facts) || facts.inner.iter().any(|path| path.any(holds))
    }

    /// Whether it can add to the answer, by itself or by a process that it runs and waits for.
    fn adds(&self, compiling: &Compiling<'_>) -> bool {
        self.any(&|facts| {
            let called =
                |(name, waits): &(&Spanned<String>, bool)| *waits && compiling.shapes_answer(&name.value);
            facts.returns || facts.shapes_answer || facts.calls.iter().any(called)
        })
    }
}
