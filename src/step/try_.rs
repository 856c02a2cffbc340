//! The `try` step: runs its steps, again if they fail, and lets `catch` have the original documents when they still do.

use std::time::{Duration, Instant};

use tokio::time::sleep_until;
use tracing::info;

use crate::kind::here::common;
use crate::kind::step::{DeclaredPath, DeclaredStep, Facts, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual};
use crate::pipeline::called::told;
use crate::pipeline::failure::{End, Failure};
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Path, Step, Work};
use crate::source::{Finding, Span, Spanned};
use crate::step::inner::compile_all;
use crate::syntax::{Node, parse_duration};

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "try",
        summary: "catches the failures of its steps, and may run them again first",
        usage: "try [retry=N] [backoff=TIMES] { STEP... [catch { STEP... }] }",
        text: "The steps run with all documents. When one of them fails they run again from the start, with the documents that \
               entered the `try`, up to `retry=` times (10 at most), after waiting: `backoff=\"1s 5s 30s\"` says how long before \
               each, the last holding for the rest; without it \"0s 10s 30s 60s 120s\". When they still fail, `catch` runs with \
               the documents that entered, and what comes out of it goes on behind the `try`. In it, `error.message`, \
               `error.code`, `error.status`, `error.blame` (client, gateway, upstream), `error.retry` (true where trying again \
               may help), `error.step`, `error.place` and `error.fault` say what failed; `error.message` is what a caller may read, `error.fault` what otherwise \
               the log alone keeps. The nearest `try` around a step \
               catches; without `catch` the failure goes on after the last attempt. What an attempt that fails has returned, \
               and the status and header fields it has set, are taken back; `process.NAME` stays as it was set. A failure is \
               that of all documents: `for-each { try { ... } }` catches for each of its own. Caught failures are counted, and \
               noted in the log line of the request. Nothing catches the end of the request's time.",
        example: "try retry=2 backoff=\"100ms 1s\" {\n    map order-to-receipt\n    catch {\n        notify warn \"{error.step} failed: {error.message} {error.fault}\"\n        throw \"this order cannot be read\" status=422 code=Unreadable\n    }\n}",
    },
    read,
};

/// Attempts after the first.
const MOST_RETRIES: usize = 10;

/// How long is waited before each further attempt, where the file does not say; the last holds for the rest.
const BACKOFF: &[Duration] = &[
    Duration::ZERO,
    Duration::from_secs(10),
    Duration::from_secs(30),
    Duration::from_secs(60),
    Duration::from_secs(120),
];

#[derive(Debug)]
struct Declared {
    span: Span,
    /// Whether it says how often, if perhaps wrongly.
    retries: bool,
    retry: Option<Spanned<usize>>,
    backoff: Option<Spanned<String>>,
    body: DeclaredPath,
    catch: Option<DeclaredPath>,
}

#[derive(Debug)]
struct Try {
    retries: usize,
    backoff: Vec<Duration>,
    body: Path,
    catch: Option<Path>,
}

fn read(mut node: Node<'_>, kinds: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let span = node.name_span();
    let retries = node.has_property("retry");
    let (retry, backoff) = (node.property("retry"), node.property("backoff"));
    let (mut steps, mut catch) = (Vec::new(), None);
    for child in node.parts(&["catch"]) {
        if child.name() != "catch" {
            if let Some(first) = &catch {
                let first: &DeclaredPath = first;
                let message = "`catch` comes last in a `try`: this step stands behind it";
                let finding = Finding::error("step-after-catch", child.name_span(), message);
                child.report(finding.also(first.span, "`catch` begins here"));
            }
            steps.push(child);
            continue;
        }
        catch = Some(DeclaredPath::inner(child, kinds));
    }
    let body = DeclaredPath { span, ..DeclaredPath::read(steps, kinds) };
    node.finish();
    Some(Box::new(Declared { span, retries, retry, backoff, body, catch }))
}

impl Declared {
    fn most(&self, compiling: &Compiling<'_>) -> Option<usize> {
        let Some(retry) = &self.retry else { return Some(0) };
        if retry.value > MOST_RETRIES {
            let finding =
                Finding::error("too-many-retries", retry.span, format!("{} are too many", retry.value));
            compiling.report(finding.label(format!("expected at most {MOST_RETRIES}")));
            return None;
        }
        Some(retry.value)
    }

    fn backoff(&self, compiling: &Compiling<'_>) -> Option<Vec<Duration>> {
        let Some(backoff) = &self.backoff else { return Some(BACKOFF.to_vec()) };
        if !self.retries {
            let finding = Finding::error("no-retry", backoff.span, "nothing is tried again here");
            compiling.report(finding.help("say how often: retry=2"));
            return None;
        }
        let times: Result<Vec<Duration>, String> =
            backoff.value.split_whitespace().map(parse_duration).collect();
        match times {
            Ok(times) if !times.is_empty() => Some(times),
            wrong => {
                let expected = wrong.err().unwrap_or_else(|| "at least one duration".to_owned());
                let message = "this is not how long to wait";
                let finding = Finding::error("wrong-value", backoff.span, message);
                compiling.report(finding.label(format!("expected {expected}, or several of them")));
                None
            }
        }
    }
}

impl DeclaredStep for Declared {
    fn facts(&self) -> Facts<'_> {
        let inner: Vec<_> = std::iter::once(&self.body).chain(&self.catch).collect();
        Facts { keeps: inner.iter().all(|path| path.keeps()), inner, ..Facts::default() }
    }

    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        if self.body.steps.is_empty() && !self.body.is_broken() {
            let finding = Finding::error("empty-try", self.span, "this `try` has no steps that could fail");
            compiling.report(finding.help("put the steps into it, before `catch`"));
        }
        if self.catch.is_none() && !self.retries {
            let finding =
                Finding::error("nothing-caught", self.span, "this `try` neither catches nor tries again");
            compiling.report(finding.help("add catch { ... }, or retry=2"));
        }
        let (retries, backoff) = (self.most(compiling), self.backoff(compiling));
        let (paths, ends) = compile_all(&self.facts().inner, here, compiling);
        here.document = common(ends);
        let mut paths = paths?.into_iter();
        Some(Box::new(Try { retries: retries?, backoff: backoff?, body: paths.next()?, catch: paths.next() }))
    }
}

impl Try {
    /// Waits before an attempt, counted from 1.
    async fn wait(&self, run: &Run, attempt: usize) -> Result<(), Failure> {
        let time = self.backoff.get(attempt - 1).or(self.backoff.last()).copied().unwrap_or_default();
        if !time.is_zero() {
            let until = Instant::now().checked_add(time).unwrap_or_else(|| run.deadline());
            sleep_until(until.min(run.deadline()).into()).await;
        }
        run.turn().await
    }

    /// The steps' outcome after the last attempt.
    async fn attempts(&self, run: &Run, documents: &Documents) -> Result<Documents, Failure> {
        let mut attempt = 0;
        loop {
            // What the steps return is taken back when they fail: the answer does not leave before they have ended.
            let (mark, hold) = (run.mark(), run.hold());
            let outcome = run.path(&self.body, documents.clone()).await;
            drop(hold);
            let failure = match outcome {
                Ok(out) => return Ok(out),
                Err(failure) => failure,
            };
            if failure.end != End::Catchable || run.is_over() {
                return Err(failure);
            }
            run.back_to(mark);
            if attempt >= self.retries {
                return Err(failure);
            }
            attempt += 1;
            let (request, code) = (run.request().id.as_str(), failure.code.as_str());
            info!(%request, attempt, code, place = failure.place.as_ref().map(tracing::field::display), cause = failure.log, "trying again");
            // Who runs out of time while waiting reads why it was waited.
            self.wait(run, attempt).await.map_err(|late| if run.is_over() { late } else { failure })?;
        }
    }
}

impl Step for Try {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        Work::Later(Box::pin(async move {
            let failure = match self.attempts(run, &documents).await {
                Ok(out) => return Ok(out),
                Err(failure) => failure,
            };
            let Some(catch) = self.catch.as_ref().filter(|_| failure.end == End::Catchable && !run.is_over())
            else {
                return Err(failure);
            };
            run.execution.catches(&failure);
            let documents = documents.into_iter().map(|document| told(document, &failure)).collect();
            run.path(catch, documents).await
        }))
    }
}
