//! The executor: runs the steps of paths in order, with deadlines, bounds, places of failures, and notes for who looks on.

use std::future::poll_fn;
use std::time::{Duration, Instant};

use tokio::time::timeout_at;

use super::failure::{End, Failure};
use super::run::{Run, TIMEOUT, too_late};
use super::step::{Documents, Outcome, Path, Pending, StepNode, WithComing, Work};
use crate::document::Document;
use crate::document::coming::Cut;

impl Run {
    /// Runs a process to its end; that a step has stopped all of it is no failure.
    ///
    /// # Errors
    /// A step fails and nothing catches it, or the time is up.
    pub async fn whole(&self, path: &Path, documents: Documents) -> Outcome {
        match self.steps(path, documents, true).await {
            Err(failure) if failure.end == End::Stop => Ok(Documents::new()),
            outcome => outcome,
        }
    }

    /// Runs the steps of a path in order. A step does not run without documents.
    pub fn path<'a>(&'a self, path: &'a Path, documents: Documents) -> Pending<'a> {
        self.steps(path, documents, false)
    }

    /// The same, for a path that is perhaps all there is: behind its last step nothing runs on, so that the answer is
    /// not let go ahead of it.
    fn steps<'a>(&'a self, path: &'a Path, documents: Documents, is_all: bool) -> Pending<'a> {
        Box::pin(async move {
            let mut documents = documents;
            let hands_on = !documents.is_empty() && self.takes_hands_on();
            for (at, node) in path.steps.iter().enumerate() {
                if documents.is_empty() {
                    break;
                }
                let is_unread = documents.len() == 1 && at + 1 >= path.untouched_from;
                self.hands_on.set(hands_on && is_unread && node.step.gives_coming());
                let hold = path.last_answer.filter(|last| at < *last).map(|_| self.hold());
                documents = self.step(path, node, documents).await?;
                drop(hold);
                // Documents without an answer may still end in a failure.
                let is_rest = !is_all || (!documents.is_empty() && at + 1 < path.steps.len());
                if is_rest && path.last_answer == Some(at) && (documents.is_empty() || !node.owes) {
                    self.complete().await;
                }
            }
            if !is_all && path.last_answer.is_some() && (documents.is_empty() || !path.owes) {
                self.complete().await;
            }
            Ok(documents)
        })
    }

    async fn step(&self, path: &Path, node: &StepNode, documents: Documents) -> Outcome {
        self.turn().await.map_err(|failure| located(failure, path, node))?;
        let is_coming = documents.iter().any(|document| document.on_its_way().is_some());
        let documents = match is_coming && node.step.with_coming() == WithComing::Reads {
            true => Box::pin(self.arrived(documents)).await?,
            false => documents,
        };
        let outcome = match (&self.execution.trace, node.timeout) {
            (None, None) => match node.step.run(self, documents) {
                Work::Done(outcome) => outcome,
                Work::Later(pending) => {
                    self.execution.waits(node);
                    self.waited(pending).await
                }
            },
            _ => Box::pin(self.watched(path, node, documents)).await,
        };
        let outcome = outcome.and_then(|documents| self.weigh(&documents).map(|()| documents));
        outcome.map_err(|failure| located(failure, path, node))
    }

    /// The documents when all of their bodies are there.
    ///
    /// # Errors
    /// A body broke off, or is more than may be held. What broke it off says more to who sent it.
    pub async fn arrived(&self, mut documents: Documents) -> Outcome {
        for document in &mut documents {
            let Some(coming) = document.on_its_way() else { continue };
            let bytes = coming.gather(|bytes| self.execution.holds(bytes).map_err(Refused::Failure)).await;
            *document = document.replaced(Document::data(bytes?));
        }
        self.weigh(&documents)?;
        Ok(documents)
    }

    /// Waits for a step. While it does, the others on this worker have their turn, so its own begins anew.
    async fn waited(&self, mut work: Pending<'_>) -> Outcome {
        let mut waits = false;
        let outcome = poll_fn(|cx| {
            let outcome = work.as_mut().poll(cx);
            waits |= outcome.is_pending();
            outcome
        })
        .await;
        if waits {
            self.execution.turn.set(None);
        }
        outcome
    }

    /// The same for a step that is bounded in time, or that somebody looks at.
    async fn watched(&self, path: &Path, node: &StepNode, documents: Documents) -> Outcome {
        self.execution.waits(node);
        let Some(trace) = &self.execution.trace else { return self.timed(node, documents).await };
        let within = self.inside.get();
        let (running, at) = trace.enter(within, path, node, &documents, self);
        self.inside.set(at);
        let outcome = self.timed(node, documents).await;
        self.inside.set(within);
        trace.leave(running, &outcome, self);
        outcome
    }

    async fn timed(&self, node: &StepNode, documents: Documents) -> Outcome {
        let work = |documents| match node.step.run(self, documents) {
            Work::Done(outcome) => Box::pin(std::future::ready(outcome)),
            Work::Later(pending) => pending,
        };
        let Some(time) = node.timeout else { return work(documents).await };
        let outer = self.step_deadline.get();
        let until = Instant::now().checked_add(time).unwrap_or_else(|| self.deadline.get());
        self.step_deadline.set(Some(outer.map_or(until, |outer| outer.min(until))));
        let outcome = timeout_at(until.into(), async { work(documents).await }).await;
        self.step_deadline.set(outer);
        let late = || step_too_late(node, time);
        match outcome {
            // A script or a turn within it may have noticed first.
            Ok(Err(failure)) if failure.code == TIMEOUT && Instant::now() >= until && !self.is_over() => {
                Err(late())
            }
            Ok(outcome) => outcome,
            Err(_) => Err(late()),
        }
    }

    /// The failure of an execution whose time is up while a step of it waits.
    pub fn too_late(&self) -> Failure {
        match self.execution.waiting() {
            Some((kind, place)) => {
                let mut failure = too_late().at(&place);
                failure.steps.push(kind.into());
                failure
            }
            None => too_late(),
        }
    }
}

/// Why a body is not there.
enum Refused {
    Cut(Cut),
    Failure(Failure),
}

impl From<Cut> for Refused {
    fn from(cut: Cut) -> Self {
        Self::Cut(cut)
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Failure(failure) => failure,
            Refused::Cut(cut) => Self::broken_off(&cut),
        }
    }
}

fn step_too_late(node: &StepNode, time: Duration) -> Failure {
    let log = format!("`{}` was not done within {time:?}", node.kind);
    let mut failure = too_late().ending(End::Catchable).log(log);
    failure.message = "A part of the work took longer than it may.".to_owned();
    failure
}

fn located(failure: Failure, path: &Path, node: &StepNode) -> Failure {
    let mut failure = failure.at(&node.place);
    failure.steps.insert(0, node.kind.into());
    if !path.name.is_empty() {
        failure.steps.insert(0, path.name.clone());
    }
    failure
}
