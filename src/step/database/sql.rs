//! SQL with its binds, checked against each other, and calls of procedures.

use std::sync::Arc;

use super::bind::{Bind, DeclaredBind};
use super::name_parts;
use super::outcome::perform;
use crate::document::Document;
use crate::kind::statements::{Prepared, Rows, Written};
use crate::kind::{Compiling, Here};
use crate::pipeline::failure::Failure;
use crate::pipeline::run::Run;
use crate::source::{Finding, Lines, Spanned};
use crate::sql::{Answer, Database, Dialect, One, Part, SqlError, Statement, Task, is_name, scan};
use crate::syntax::{Literal, name_from_outside};

/// A statement with its values.
#[derive(Debug)]
pub struct Bindings {
    /// The database it is for.
    pub database: Arc<Database>,
    /// What is sent.
    pub statement: Arc<Statement>,
    /// For each place the position of its bind.
    places: Vec<usize>,
    binds: Vec<Bind>,
    /// What the file says.
    pub written: Written,
    /// Where the SQL stands; `None` without any.
    lines: Option<Lines>,
}

impl Bindings {
    /// Runs it; a mistake that the database points at is at its place in the SQL.
    pub async fn perform(&self, run: &Run, task: Task) -> Result<Vec<Answer>, Failure> {
        let place = |error: &SqlError| {
            let dialect = self.database.spec.dialect();
            let blamed = self.written.blamed(&self.statement, dialect, error)?;
            self.lines.as_ref()?.place(blamed.start)
        };
        perform(run, &self.database, task, place).await
    }

    /// The statement with the values for a document.
    pub fn of(&self, run: &Run, document: &Document) -> Result<One, Failure> {
        let dialect = self.database.spec.dialect();
        let values = self.binds.iter().map(|bind| bind.read(run, document, dialect));
        let values = values.collect::<Result<Vec<_>, _>>()?;
        let values = self.places.iter().filter_map(|at| values.get(*at).cloned()).collect();
        Ok(One { statement: Arc::clone(&self.statement), row: Arc::clone(&self.statement), values })
    }

    /// What is known of it, and of what becomes of its rows, for whoever asks the database.
    pub fn prepared(&self, rows: Rows) -> Prepared {
        let (database, statement) = (Arc::clone(&self.database), Arc::clone(&self.statement));
        Prepared { database, statement, written: self.written.clone(), rows }
    }
}

/// Compiles SQL with its binds; `None` after findings, each at its place in the SQL.
pub fn compile(
    database: Arc<Database>,
    sql: &Spanned<Literal>,
    binds: &[DeclaredBind],
    here: &Here,
    compiling: &Compiling<'_>,
) -> Option<Arc<Bindings>> {
    let literal = &sql.value;
    let compiled: Vec<Option<Bind>> = binds.iter().map(|bind| bind.compile(here, compiling)).collect();
    if literal.is_outside {
        compiling.report(name_from_outside(sql.span));
        return None;
    }
    let parts = match scan(&literal.text, database.spec.dialect()) {
        Ok(parts) => parts,
        Err(mistakes) => {
            for mistake in mistakes {
                let span = literal.span_of(mistake.start, mistake.end);
                compiling.report(Finding::error("bad-sql", span, mistake.message).help(mistake.help));
            }
            return None;
        }
    };
    if literal.text.trim().is_empty() {
        compiling.report(Finding::error("bad-sql", sql.span, "there is no statement here").help("write SQL"));
        return None;
    }
    let (mut statement, mut places, mut names, mut whole) =
        (Statement::default(), Vec::new(), Vec::new(), true);
    for part in parts {
        match part {
            Part::Text(start, end) => statement.text(literal.text.get(start..end).unwrap_or_default()),
            Part::Parameter(start, end) => {
                let name = literal.text.get(start..end).unwrap_or_default();
                statement.parameter();
                names.push(name.chars().count() + 1);
                match binds.iter().position(|bind| bind.name.value == name) {
                    Some(at) => places.push(at),
                    None => {
                        unbound(literal, (start, end), binds, compiling);
                        whole = false;
                    }
                }
            }
        }
    }
    for (_, bind) in binds.iter().enumerate().filter(|(at, _)| !places.contains(at)) {
        let message = format!("the statement has no parameter `:{}`", bind.name.value);
        let finding = Finding::error("unused-bind", bind.name.span, message);
        compiling.report(finding.help("write it into the SQL, or remove the bind"));
        whole = false;
    }
    let binds = compiled.into_iter().collect::<Option<Vec<_>>>().filter(|_| whole)?;
    let written = Written::Sql(literal.clone(), names);
    let lines = Some(compiling.lines(literal));
    Some(Arc::new(Bindings { database, statement: Arc::new(statement), places, binds, written, lines }))
}

/// A parameter that nothing binds.
fn unbound(
    literal: &Literal,
    (start, end): (usize, usize),
    binds: &[DeclaredBind],
    compiling: &Compiling<'_>,
) {
    let name = literal.text.get(start..end).unwrap_or_default();
    let span = literal.span_of(start.saturating_sub(1), end);
    let finding = Finding::error("unknown-bind", span, format!("nothing binds the parameter `:{name}`"));
    let known = binds.iter().map(|bind| bind.name.value.as_str());
    let near = crate::source::nearest(name, known);
    compiling.report(match near {
        Some(near) => finding.help(format!("did you mean `:{near}`?")),
        None => finding.help(format!("add bind {name} from=... to the block of the step")),
    });
}

/// Compiles the call of a procedure, whose values are those of the binds in their order; `None` after findings.
pub fn procedure(
    database: Arc<Database>,
    name: &Spanned<String>,
    binds: &[DeclaredBind],
    here: &Here,
    compiling: &Compiling<'_>,
) -> Option<Arc<Bindings>> {
    let compiled: Vec<Option<Bind>> = binds.iter().map(|bind| bind.compile(here, compiling)).collect();
    let dialect = database.spec.dialect();
    if dialect == Dialect::Sqlite {
        let finding = Finding::error("no-procedures", name.span, "SQLite has no stored procedures");
        compiling.report(finding.help("write the statements as `query` and `exec`, in a `transaction`"));
        return None;
    }
    let parts = name_parts(name, 2, compiling)?;
    let quoted = parts.iter().map(|part| match dialect {
        _ if is_name(part) => (*part).to_owned(),
        Dialect::MySql => format!("`{}`", part.replace('`', "``")),
        Dialect::Postgres | Dialect::Sqlite => format!("\"{}\"", part.replace('"', "\"\"")),
    });
    let mut statement = Statement::default();
    statement.text(&format!("call {}(", quoted.collect::<Vec<_>>().join(".")));
    for at in 0..binds.len() {
        if at > 0 {
            statement.text(", ");
        }
        statement.parameter();
    }
    statement.text(")");
    let places = (0..binds.len()).collect();
    let binds = compiled.into_iter().collect::<Option<Vec<_>>>()?;
    let written = Written::Name(name.span);
    Some(Arc::new(Bindings { database, statement: Arc::new(statement), places, binds, written, lines: None }))
}
