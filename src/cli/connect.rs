//! `soapstone check --connect`: every database of a file is connected to, and looks at every statement without running it.

use std::sync::Arc;

use compact_str::CompactString;

use crate::compile::Compiled;
use crate::kind::statements::{Column, Prepared, Rows};
use crate::source::{Finding, Span, Spanned};
use crate::sql::{Database, Databases, Described, Kind, Place, Pool, SqlError};

/// What the databases said.
pub struct Answers {
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// How many statements they looked at.
    pub asked: usize,
}

/// Asks all databases of a file.
///
/// # Errors
/// The system gives no runtime, in words.
pub fn ask(compiled: &Compiled) -> Result<Answers, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.map_err(|error| format!("nothing can be run here: {error}"))?;
    runtime.block_on(all(compiled))
}

async fn all(compiled: &Compiled) -> Result<Answers, String> {
    let shared = Databases::default();
    let mut answers = Answers { findings: Vec::new(), asked: 0 };
    for name in compiled.databases.names() {
        let Some(database) = compiled.databases.get(name) else { continue };
        let span = compiled.databases.span(name).unwrap_or_default();
        let pool = shared.open(database).map_err(|error| error.to_string())?;
        if let Err(error) = pool.describe("select 1".to_owned()).await {
            answers.findings.push(unreachable(database, span, &error));
            continue;
        }
        for prepared in
            compiled.statements.iter().filter(|prepared| Arc::ptr_eq(&prepared.database, database))
        {
            answers.asked += 1;
            answers.findings.extend(statement(&pool, prepared).await);
        }
    }
    Ok(answers)
}

fn unreachable(database: &Database, span: Span, error: &SqlError) -> Finding {
    let message = format!("`{}` cannot be asked: {error}", database.name);
    Finding::error("database-unreachable", span, message).help(match (&database.spec.place, error.kind) {
        (Place::Sqlite(_), _) => {
            "make the file, or correct the path in its URL; with ?mode=rwc behind the path it is made when it is opened"
        }
        (_, Kind::Refused) => "check user, password and the name of the database in its URL",
        _ => "check the address in its URL, and whether the database runs",
    })
}

/// What a database says of one statement.
async fn statement(pool: &Arc<Pool>, prepared: &Prepared) -> Option<Finding> {
    let sql = prepared.statement.sql(prepared.database.spec.dialect());
    match pool.describe(sql).await {
        Ok(described) => columns(prepared, &described),
        Err(error) => {
            let message = format!("`{}` does not take this statement: {error}", prepared.database.name);
            Some(Finding::error("database-statement", prepared.place(&error), message))
        }
    }
}

/// Rows of a statement that is to give none; columns that the profile of the rows does not have, or needs and does not
/// get.
fn columns(prepared: &Prepared, described: &Described) -> Option<Finding> {
    if described.columns.is_empty() {
        return None;
    }
    match &prepared.rows {
        Rows::Of(profile) => misfit(profile, &described.columns),
        Rows::Any => None,
        Rows::Dropped => {
            let message = "the statement gives rows, which `exec` drops";
            let finding = Finding::warning("rows-dropped", prepared.written.span(), message);
            Some(finding.help("write query= for the rows to go on"))
        }
    }
}

/// What is wrong with the columns of rows that must fit a profile.
fn misfit(profile: &Spanned<Vec<Column>>, given: &[CompactString]) -> Option<Finding> {
    let known = || profile.value.iter().map(|column| column.name.as_str());
    let foreign: Vec<&str> =
        given.iter().map(CompactString::as_str).filter(|name| !known().any(|known| known == *name)).collect();
    let missing = profile.value.iter().filter(|column| column.is_required && !given.contains(&column.name));
    let missing: Vec<&str> = missing.map(|column| column.name.as_str()).collect();
    let mut told = Vec::new();
    if !foreign.is_empty() {
        told.push(format!("gives `{}`, which this profile does not have", foreign.join("`, `")));
    }
    if !missing.is_empty() {
        told.push(format!("does not give `{}`, which each of its rows must have", missing.join("`, `")));
    }
    let message = format!("the statement {}", told.join(", and "));
    let finding = Finding::error("wrong-document", profile.span, message);
    match (foreign.first(), missing.first()) {
        (Some(name), _) => Some(finding.suggest(name, known())),
        (None, Some(_)) => Some(finding.help("select it as well, or remove required= in the profile")),
        (None, None) => None,
    }
}
