//! `insert`, `update`, `upsert` and `delete`: the documents are rows of a table.

use std::sync::Arc;

use super::outcome::{affected, failure, perform};
use super::{name_parts, rows};
use crate::document::Document;
use crate::document::tree::Element;
use crate::document::value::Value;
use crate::kind::statements::{Prepared, Rows, Written};
use crate::kind::{Compiling, Here};
use crate::pipeline::failure::Failure;
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Outcome, Step, Work};
use crate::schema::{Shape, ShapeKind, SimpleType};
use crate::source::{Finding, Spanned};
use crate::sql::{Action, Bound, Database, Dialect, Kind, One, Row, SqlError, Table, Task};
use crate::syntax::Node;

/// Rows in one statement, where the file does not say.
const BATCH: usize = 500;

/// As declared.
#[derive(Debug)]
pub struct Declared {
    action: Action,
    table: Spanned<String>,
    key: Option<Spanned<String>>,
    profile: Option<Spanned<String>>,
    batch: usize,
}

impl Declared {
    /// Reads it; `None` after findings.
    pub fn read(node: &mut Node<'_>, word: &'static str, action: Action) -> Option<Self> {
        let table = node.property::<String>(word);
        let key = if action == Action::Insert { None } else { node.required::<String>("key") };
        let (profile, batch) = (node.property("profile"), node.property::<usize>("batch"));
        if let Some(zero) = batch.as_ref().filter(|batch| batch.value == 0) {
            let finding = Finding::error("wrong-value", zero.span, "a statement writes at least one row");
            node.report(finding.label("expected a number from 1"));
        }
        if action != Action::Insert && key.is_none() {
            return None;
        }
        Some(Self {
            action,
            table: table?,
            key,
            profile,
            batch: batch.map_or(BATCH, |batch| batch.value.max(1)),
        })
    }

    /// Compiles it; `None` after findings.
    pub fn compile(
        &self,
        database: Arc<Database>,
        here: &Here,
        compiling: &Compiling<'_>,
    ) -> Option<Box<dyn Step>> {
        let dialect = database.spec.dialect();
        let most = if dialect == Dialect::Postgres { 3 } else { 2 };
        let parts = name_parts(&self.table, most, compiling);
        let shape = self.shape(here, compiling)?;
        let columns = shape.children().to_vec();
        let key = self.key(&columns, compiling)?;
        parts?;
        let table = Table { name: self.table.value.clone(), action: self.action, key, batch: self.batch };
        let names = self.sent(&table, &columns);
        let statement = Arc::new(table.statement(&names, 1, dialect));
        let written = Written::Name(self.table.span);
        let prepared = Prepared { database: Arc::clone(&database), statement, written, rows: Rows::Dropped };
        compiling.statements.borrow_mut().push(prepared);
        Some(Box::new(Write { database, table, columns }))
    }

    /// The shape of a row; `None` after a finding.
    fn shape(&self, here: &Here, compiling: &Compiling<'_>) -> Option<Arc<Shape>> {
        if let Some(name) = &self.profile {
            let profile = compiling.profile(name)?;
            rows::is_rows(&profile, name.span, compiling)?;
            return Some(Arc::clone(&profile.shape));
        }
        let known = here.document.as_ref().filter(|side| side.format == "rows");
        let shape =
            known.map(|side| &side.shape).filter(|shape| matches!(shape.kind, ShapeKind::Children(_)));
        if shape.is_none() {
            let message = match &here.document {
                Some(side) if side.format != "rows" => {
                    format!("the documents here are {}, and rows are written", side.format.to_uppercase())
                }
                _ => "it is not known here which columns the documents have".to_owned(),
            };
            let finding = Finding::error("wrong-document", self.table.span, message);
            compiling.report(finding.help("`map` them to a profile of format=rows before, or name the profile that they have: profile=NAME"));
        }
        shape.cloned()
    }

    /// The columns of the key, each one of the profile; `None` after findings.
    fn key(&self, columns: &[Shape], compiling: &Compiling<'_>) -> Option<Vec<String>> {
        let Some(key) = &self.key else { return Some(Vec::new()) };
        let names: Vec<String> = key.value.split_whitespace().map(str::to_owned).collect();
        if names.is_empty() {
            let finding = Finding::error("wrong-value", key.span, "this names no column");
            compiling.report(
                finding.help("name the columns that a row is found by: key=id, key=\"country number\""),
            );
            return None;
        }
        let unknown = names.iter().filter(|name| !columns.iter().any(|column| column.name == **name));
        let unknown: Vec<&String> = unknown.collect();
        for name in &unknown {
            let message = format!("the rows have no column `{name}`");
            let finding = Finding::error("unknown-name", key.span, message);
            compiling.report(finding.suggest(name, columns.iter().map(|column| column.name.as_str())));
        }
        unknown.is_empty().then_some(names)
    }

    /// The columns of a statement for a row that has all of them, in its order.
    fn sent<'c>(&self, table: &Table, columns: &'c [Shape]) -> Vec<&'c str> {
        let (key, others): (Vec<&str>, Vec<&str>) = columns
            .iter()
            .map(|column| column.name.as_str())
            .partition(|name| table.key.iter().any(|key| key == name));
        match self.action {
            Action::Delete => key,
            Action::Update => others.into_iter().chain(key).collect(),
            Action::Insert | Action::Upsert => key.into_iter().chain(others).collect(),
        }
    }
}

/// Writes rows.
#[derive(Debug)]
struct Write {
    database: Arc<Database>,
    table: Table,
    columns: Vec<Shape>,
}

impl Write {
    async fn all(&self, run: &Run, documents: Documents) -> Outcome {
        if run.execution.stand_in(&self.database.name).is_some() {
            return Ok(documents);
        }
        let (mut rows, mut all) = (Vec::new(), Vec::new());
        for document in &documents {
            self.rows(run, document, &mut rows, &mut all).await?;
        }
        self.statements(&mut rows, &mut all)?;
        let mut count = 0;
        if !all.is_empty() {
            let task = Task { all, atomic: true, rows: usize::MAX, bytes: run.execution.bounds.bytes };
            let answers = perform(run, &self.database, task, |_| None).await?;
            count = answers.iter().map(|answer| answer.affected).sum();
        }
        Ok(documents.into_iter().map(|document| affected(document, count)).collect())
    }

    /// Adds the rows of a document, and makes statements of them as soon as there are as many as go into one.
    async fn rows(
        &self,
        run: &Run,
        document: &Document,
        rows: &mut Vec<Row>,
        all: &mut Vec<One>,
    ) -> Result<(), Failure> {
        let root = document.tree().map_err(|malformed| Failure::unreadable(&malformed))?;
        for row in rows::of(root) {
            run.turn().await?;
            rows.push(self.row(row)?);
            if rows.len() >= self.table.batch {
                self.statements(rows, all)?;
            }
        }
        Ok(())
    }

    /// The values of a row.
    fn row(&self, row: &Element) -> Result<Row, Failure> {
        let dialect = self.database.spec.dialect();
        let mut values = Vec::with_capacity(self.columns.len());
        for value in row.elements() {
            let name = &value.name.local;
            let Some(at) = rows::column(value, &self.columns) else {
                let log = format!("a row has the column `{name}`, which the profile does not have");
                return Err(Failure::internal("wrong-document", log));
            };
            let bound = Bound::of(&Value::of(value), self.simple(at), dialect);
            let told = |why| failure(&SqlError::new(Kind::Value, format!("the column `{name}`: {why}")));
            values.push((at, bound.map_err(told)?));
        }
        Ok(values)
    }

    /// Makes statements of the rows so far.
    fn statements(&self, rows: &mut Vec<Row>, all: &mut Vec<One>) -> Result<(), Failure> {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
        let made = self.table.statements(&names, std::mem::take(rows), self.database.spec.dialect());
        all.extend(made.map_err(|why| failure(&SqlError::new(Kind::Value, why)))?);
        Ok(())
    }

    /// The type of a column.
    fn simple(&self, at: usize) -> Option<SimpleType> {
        match self.columns.get(at).map(|column| &column.kind) {
            Some(ShapeKind::Simple(simple)) => Some(simple.base),
            _ => None,
        }
    }
}

impl Step for Write {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        Work::Later(Box::pin(self.all(run, documents)))
    }
}
