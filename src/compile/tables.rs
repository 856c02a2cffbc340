//! Tables: keys checked, rows indexed, and each given to the scripts that look into it.

use std::sync::Arc;

use compact_str::CompactString;

use super::names::entered;
use crate::config::{Declarations, DeclaredTable, Rows};
use crate::document::value::Value;
use crate::kind::Compiling;
use crate::script::table::{RowProblem, Table};
use crate::source::{Finding, Span, Spanned};

/// Bytes of all values of a table.
const LARGEST: usize = 32 << 20;

/// Compiles the tables: before the scripts that name them.
pub fn tables(declared: &Declarations, compiling: &mut Compiling<'_>) {
    for declared in &declared.tables {
        let table = table(declared, compiling).map(Arc::new);
        compiling.scripts.get_mut().table(&declared.name.value, table.clone());
        let result = compiling.tables.enter(&declared.name, table);
        entered(result, compiling);
    }
}

/// Notes the tables that scripts look into as used.
pub fn note_used(compiling: &Compiling<'_>) {
    for name in compiling.scripts.borrow().used_tables() {
        // Whatever is wrong with its name was told where the script stands.
        let _ = compiling.tables.find(&Spanned::new(name.to_owned(), Span::default()));
    }
}

fn table(declared: &DeclaredTable, compiling: &Compiling<'_>) -> Option<Table> {
    let (key, rows) = (declared.key.as_ref()?, declared.rows.as_ref()?);
    if rows.rows.is_empty() {
        let message = format!("`table {}` has no rows", declared.name.value);
        let finding = Finding::warning("empty-table", declared.name.span, message);
        compiling.report(finding.help("nothing is found in it"));
        if rows.columns.is_empty() {
            // Without a row it is not known which columns there are: only its keys.
            let columns: Vec<CompactString> = key.value.split_whitespace().map(Into::into).collect();
            let keys: Vec<usize> = (0..columns.len()).collect();
            return Some(Table::new(&declared.name.value, columns, &keys, Vec::new(), declared.matching).0);
        }
    }
    let keys = keys(key, rows, compiling)?;
    check_size(declared, rows, compiling)?;
    let mut complete = true;
    for row in &rows.rows {
        let missing = keys.iter().find(|key| matches!(row.cells.get(**key), None | Some(Value::Absent)));
        if let Some(name) = missing.and_then(|key| rows.columns.get(*key)) {
            let message = format!("this row has no `{name}`, which is a key column");
            compiling.report(Finding::error("missing-key", row.span, message));
            complete = false;
        }
    }
    if !complete {
        return None;
    }
    let cells = rows.rows.iter().map(|row| row.cells.clone()).collect();
    let (table, problems) =
        Table::new(&declared.name.value, rows.columns.clone(), &keys, cells, declared.matching);
    let span = |number: usize| rows.rows.get(number).map_or(declared.name.span, |row| row.span);
    for problem in &problems {
        compiling.report(match problem {
            RowProblem::Duplicate(second, first) => {
                let message = "this row has the key of an earlier one, and is never found";
                Finding::warning("duplicate-key", span(*second), message)
                    .also(span(*first), "this one is found")
                    .help("remove one of the two")
            }
            RowProblem::Pattern(row, why) => {
                let message = format!("the key of this row is not a regular expression: {why}");
                Finding::error("bad-pattern", span(*row), message)
                    .help("special characters that stand for themselves need a backslash")
            }
        });
    }
    let broken = problems.iter().any(|problem| matches!(problem, RowProblem::Pattern(..)));
    (!broken).then_some(table)
}

/// The numbers of the key columns.
fn keys(key: &Spanned<String>, rows: &Rows, compiling: &Compiling<'_>) -> Option<Vec<usize>> {
    let mut keys = Vec::new();
    for name in key.value.split_whitespace() {
        match rows.columns.iter().position(|column| column == name) {
            Some(number) if !keys.contains(&number) => keys.push(number),
            Some(_) => {
                let message = format!("`{name}` is named twice");
                compiling.report(Finding::error("bad-key", key.span, message).help("each key column once"));
                return None;
            }
            None => {
                let message = format!("there is no column `{name}`");
                let finding = Finding::error("unknown-column", key.span, message);
                compiling.report(finding.suggest(name, rows.columns.iter().map(CompactString::as_str)));
                return None;
            }
        }
    }
    if keys.is_empty() {
        let finding = Finding::error("bad-key", key.span, "the key names no column");
        compiling.report(finding.help("such as key=code, or key=\"country product\" for two columns"));
        return None;
    }
    Some(keys)
}

fn check_size(declared: &DeclaredTable, rows: &Rows, compiling: &Compiling<'_>) -> Option<()> {
    let size = |cell: &Value| match cell {
        Value::Text(text) | Value::Number(text) => text.len(),
        _ => 0,
    };
    let bytes: usize = rows.rows.iter().flat_map(|row| row.cells.iter().map(size)).sum();
    if bytes <= LARGEST {
        return Some(());
    }
    let message = format!("`table {}` holds more than 32 MiB", declared.name.value);
    let finding = Finding::error("table-too-large", declared.name.span, message);
    compiling.report(finding.help("leave out the columns that nothing reads"));
    None
}
