//! The `database` step: statements for a database, rows that come back, rows that are written.

mod bind;
mod call;
mod outcome;
mod rows;
mod sql;
mod table;

pub(super) use self::outcome::{failure, pool};

use self::bind::DeclaredBind;
use self::rows::Each;
use crate::kind::step::{DeclaredStep, Facts, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual};
use crate::pipeline::step::Step;
use crate::source::{Finding, Spanned};
use crate::sql::Action;
use crate::syntax::{Literal, Node};

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "database",
        summary: "runs SQL: reads rows into documents, writes documents as rows",
        usage: "database NAME query=SQL [documents=row|all|N] [profile=PROFILE] { [bind PARAMETER SOURCE [type=TYPE]] ... }\ndatabase NAME exec=SQL { [bind ...] }\ndatabase NAME procedure=NAME [documents=row|all|N] [profile=PROFILE] { [bind ...] }\ndatabase NAME insert=TABLE [profile=PROFILE] [batch=N]\ndatabase NAME update|upsert|delete=TABLE key=COLUMNS [profile=PROFILE] [batch=N]",
        text: "A parameter is written `:name` in the SQL and gets its value from `bind name`, which takes from=, value=, property= or \
               script= and default=, for each document; absent and nil are NULL. Values are bound and never become a part of \
               the SQL. PostgreSQL reads a value as the type that the statement wants; MySQL and SQLite take text, or a value \
               of `type=`, as a `column` of a profile has them: say type=base64Binary for bytes, and type=dateTime for moments. \
               `query` runs once for each document, and its rows go on with the properties of that document, in the format `rows`: \
               documents=row (the default) makes a document of each row, none where there is none; `all` one of all rows, \
               N one of each N rows. With `profile=` they are of that profile, and a row that does not fit it fails (database-rows, 502). \
               Values come as text in the forms of XML Schema, exact: numerics with all their digits, moments with their zone \
               (in UTC), bytes in Base64, NULL as nil; arrays and JSON as JSON. `exec` runs a statement for what it changes, and drops what it gives back; the documents \
               go on, and the property `database.affected` says how many rows it changed. `procedure` calls a stored procedure with the values in \
               the order of the binds; where it gives rows they go on, else the documents. `insert`, `update`, `upsert` and \
               `delete` take rows: documents of a `rows` profile, one row or a list each, known here or named by `profile=`. \
               A column that a row does not have keeps what the database has for it. `key=` names the columns that a \
               row is found by, which for `upsert` have a unique index. Up to batch= (500) rows go into one statement. \
               All that one step writes, of all its documents, holds together or not at all. Failures: database-unreachable, \
               database-timeout, database-conflict (409: a unique or foreign key), database-serialization (a deadlock: try \
               again), database-statement (502), database-value (422: a value does not fit). What the database says \
               is in `error.fault` and in the log.",
        example: "database erp query=\"select id, total from orders where customer = :customer\" documents=all {\n    bind customer property=request.query.customer\n}\ndatabase erp exec=\"update orders set state = 'sent' where id = :id\" {\n    bind id value=1 type=integer\n}",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    database: Spanned<String>,
    does: Does,
}

/// What the step does.
#[derive(Debug)]
enum Does {
    Query { sql: Spanned<Literal>, binds: Vec<DeclaredBind>, answer: Answer },
    Exec { sql: Spanned<Literal>, binds: Vec<DeclaredBind> },
    Procedure { name: Spanned<String>, binds: Vec<DeclaredBind>, answer: Answer },
    Write(table::Declared),
}

/// How rows become documents, as declared.
#[derive(Debug)]
struct Answer {
    each: Each,
    profile: Option<Spanned<String>>,
}

/// What a step can do, each a property.
const ACTIONS: &[&str] = &["query", "exec", "procedure", "insert", "update", "upsert", "delete"];

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let span = node.name_span();
    let database = node.argument("database's name");
    let given: Vec<&str> = ACTIONS.iter().copied().filter(|action| node.has_property(action)).collect();
    let [action] = given.as_slice() else {
        let (code, message) = match given.is_empty() {
            true if node.misspells(ACTIONS) => return None,
            true => ("missing-property", "this step does not say what it does with the database"),
            false => ("several-actions", "a `database` step does one thing"),
        };
        let help = format!("write one of {}=", ACTIONS.join("=, "));
        node.report(Finding::error(code, span, message).help(help));
        return None;
    };
    let does = match *action {
        "query" => {
            statement(&mut node, "query").map(|(sql, binds, answer)| Does::Query { sql, binds, answer })
        }
        "exec" => {
            let sql = node.property::<Literal>("exec");
            let binds = DeclaredBind::read_all(&mut node);
            sql.zip(binds).map(|(sql, binds)| Does::Exec { sql, binds })
        }
        "procedure" => {
            let name = node.property::<String>("procedure");
            let (binds, answer) = (DeclaredBind::read_all(&mut node), answer(&mut node));
            name.zip(binds).map(|(name, binds)| Does::Procedure { name, binds, answer })
        }
        "insert" => table::Declared::read(&mut node, "insert", Action::Insert).map(Does::Write),
        "update" => table::Declared::read(&mut node, "update", Action::Update).map(Does::Write),
        "upsert" => table::Declared::read(&mut node, "upsert", Action::Upsert).map(Does::Write),
        _ => table::Declared::read(&mut node, "delete", Action::Delete).map(Does::Write),
    };
    node.finish();
    Some(Box::new(Declared { database: database?, does: does? }))
}

fn statement(
    node: &mut Node<'_>,
    name: &'static str,
) -> Option<(Spanned<Literal>, Vec<DeclaredBind>, Answer)> {
    let sql = node.property::<Literal>(name);
    let (binds, answer) = (DeclaredBind::read_all(node), answer(node));
    Some((sql?, binds?, answer))
}

fn answer(node: &mut Node<'_>) -> Answer {
    let each = node.property::<Each>("documents").map(|given| given.value).unwrap_or_default();
    Answer { each, profile: node.property("profile") }
}

impl DeclaredStep for Declared {
    fn facts(&self) -> Facts<'_> {
        Facts { database: Some(&self.database), ..Facts::default() }
    }

    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        let database = compiling.database(&self.database);
        match &self.does {
            Does::Query { sql, binds, answer } => {
                let statement = database.map(|database| sql::compile(database, sql, binds, here, compiling));
                call::query(statement, answer, here, compiling)
            }
            Does::Exec { sql, binds } => {
                let statement = sql::compile(database?, sql, binds, here, compiling)?;
                call::exec(statement, compiling)
            }
            Does::Procedure { name, binds, answer } => {
                let statement =
                    database.map(|database| sql::procedure(database, name, binds, here, compiling));
                call::query(statement, answer, here, compiling)
            }
            Does::Write(declared) => declared.compile(database?, here, compiling),
        }
    }
}

/// The parts of the name of a table or procedure, `schema.name`; `None` after a finding.
fn name_parts<'n>(name: &'n Spanned<String>, most: usize, compiling: &Compiling<'_>) -> Option<Vec<&'n str>> {
    let parts: Vec<&str> = name.value.split('.').collect();
    let plain = |part: &&str| !part.is_empty() && part.len() <= 64 && !part.chars().any(char::is_control);
    if parts.len() <= most && parts.iter().all(plain) {
        return Some(parts);
    }
    let message = format!("`{}` is not a name in this database", name.value);
    let finding = Finding::error("bad-name", name.span, message);
    compiling.report(finding.help(format!("write it plainly, in at most {most} parts: \"shop.orders\"")));
    None
}
