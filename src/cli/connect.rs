//! `soapstone check --connect`: every database of a file is connected to, and looks at every statement without running it.

use std::sync::Arc;

use crate::compile::Compiled;
use crate::kind::statements::Prepared;
use crate::source::{Finding, Span};
use crate::sql::{Databases, Described, Kind, Pool, SqlError};

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
            answers.findings.push(unreachable(name, span, &error));
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

fn unreachable(name: &str, span: Span, error: &SqlError) -> Finding {
    let finding = Finding::error("database-unreachable", span, format!("`{name}` cannot be asked: {error}"));
    finding.help(match error.kind {
        Kind::Refused => "check user, password and the name of the database in its URL",
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

/// Columns that the profile of the rows does not have, or needs and does not get.
fn columns(prepared: &Prepared, described: &Described) -> Option<Finding> {
    let profile = prepared.profile.as_ref().filter(|_| !described.columns.is_empty())?;
    let foreign = described.columns.iter().find(|name| !profile.value.contains(name))?;
    let message = format!("the statement gives a column `{foreign}`, which this profile does not have");
    let finding = Finding::error("wrong-document", profile.span, message);
    Some(finding.suggest(foreign, profile.value.iter().map(|name| name.as_str())))
}
