//! Statements that are run for each document: those that give rows, and those that give nothing.

use std::sync::Arc;

use super::Answer;
use super::outcome::affected;
use super::rows::Rows;
use super::sql::Bindings;
use crate::document::path::Language;
use crate::kind::statements::{self, Written};
use crate::kind::{Compiling, Here};
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Outcome, Step, Work};
use crate::source::Spanned;
use crate::sql::Task;

/// A `query`, or the call of a procedure: its rows go on.
#[derive(Debug)]
struct Query {
    statement: Arc<Bindings>,
    rows: Rows,
}

/// An `exec`: the documents go on.
#[derive(Debug)]
struct Exec {
    statement: Arc<Bindings>,
}

/// Compiles a statement that gives rows; without one after findings. What is known of its rows goes on all the same.
pub fn query(
    statement: Option<Option<Arc<Bindings>>>,
    answer: &Answer,
    here: &mut Here,
    compiling: &Compiling<'_>,
) -> Option<Box<dyn Step>> {
    here.document = None;
    let profile = match &answer.profile {
        Some(name) => Some((compiling.profile(name)?, name.span)),
        None => None,
    };
    let mut rows =
        Rows::compile(profile.as_ref().map(|(profile, span)| (profile, *span)), answer.each, compiling)?;
    match &profile {
        Some((profile, _)) if answer.each.is_row() => here.becomes(profile),
        _ => here.becomes_some(Language::Location, "rows", false),
    }
    let statement = statement??;
    rows.may_pass = matches!(statement.written, Written::Name(_));
    let gives = match &profile {
        Some((_, span)) => statements::Rows::Of(Spanned::new(rows.columns(), *span)),
        None => statements::Rows::Any,
    };
    compiling.statements.borrow_mut().push(statement.prepared(gives));
    Some(Box::new(Query { statement, rows }))
}

/// Compiles a statement that gives nothing.
pub fn exec(statement: Arc<Bindings>, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
    compiling.statements.borrow_mut().push(statement.prepared(statements::Rows::Dropped));
    Some(Box::new(Exec { statement }))
}

impl Query {
    async fn all(&self, run: &Run, documents: Documents) -> Outcome {
        if let Some(stand_in) = run.execution.stand_in(&self.statement.database.name) {
            return self.rows.stand_in(run, stand_in);
        }
        let bounds = run.execution.bounds;
        let mut out = run.gather();
        for document in documents {
            run.turn().await?;
            let all = vec![self.statement.of(run, &document)?];
            let rows = if self.rows.each.is_row() { bounds.documents } else { usize::MAX };
            let task = Task { all, atomic: false, rows, bytes: bounds.bytes };
            let answer = self.statement.perform(run, task).await?.pop().unwrap_or_default();
            if answer.columns.is_empty() && self.rows.may_pass {
                out.add(vec![affected(document, answer.affected)])?;
                continue;
            }
            self.rows.documents(run, &document, answer, &mut out).await?;
        }
        Ok(out.done())
    }
}

impl Step for Query {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        Work::Later(Box::pin(self.all(run, documents)))
    }
}

impl Exec {
    async fn all(&self, run: &Run, documents: Documents) -> Outcome {
        if run.execution.stand_in(&self.statement.database.name).is_some() {
            return Ok(documents);
        }
        let mut all = Vec::with_capacity(documents.len());
        for document in &documents {
            run.turn().await?;
            all.push(self.statement.of(run, document)?);
        }
        let bounds = run.execution.bounds;
        let task = Task { all, atomic: true, rows: bounds.documents, bytes: bounds.bytes };
        let answers = self.statement.perform(run, task).await?;
        let counts = answers.iter().map(|answer| answer.affected);
        Ok(documents.into_iter().zip(counts).map(|(document, count)| affected(document, count)).collect())
    }
}

impl Step for Exec {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        Work::Later(Box::pin(self.all(run, documents)))
    }
}
