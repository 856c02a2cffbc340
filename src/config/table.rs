//! `table`: rows to look things up in, inline or from a CSV file.

use compact_str::CompactString;

use super::table_csv;
use crate::document::value::Value;
use crate::kind::value::Scalar;
use crate::script::table::Match;
use crate::source::{Finding, Span, Spanned};
use crate::syntax::Node;

/// A `table` declaration.
#[derive(Debug)]
pub struct DeclaredTable {
    /// Its name.
    pub name: Spanned<String>,
    /// The names of the key columns, separated by white space.
    pub key: Option<Spanned<String>>,
    /// How keys are compared.
    pub matching: Match,
    /// The rows; `None` with mistakes.
    pub rows: Option<Rows>,
}

/// Rows with their columns.
#[derive(Debug, Default)]
pub struct Rows {
    /// The names of the columns.
    pub columns: Vec<CompactString>,
    /// The rows in order; each has a value for each column.
    pub rows: Vec<DeclaredRow>,
}

/// One row.
#[derive(Debug)]
pub struct DeclaredRow {
    /// A value for each column, absent where the row leaves it out.
    pub cells: Vec<Value>,
    /// Where it stands.
    pub span: Span,
}

/// Reads `table NAME key=COLUMNS [match=WORD] { row ... }`, or with `csv=PATH [delimiter=TEXT]`.
pub fn read(mut node: Node<'_>) -> Option<DeclaredTable> {
    let name = node.argument::<String>("name");
    let key = node.required::<String>("key");
    let matching = node.property::<String>("match").map_or(Some(Match::Exact), |word| matching(&node, &word));
    let csv = node.property::<String>("csv");
    let delimiter = node.property::<String>("delimiter");
    let inline = node.has_block();
    let rows = match (&csv, inline) {
        (Some(path), false) => table_csv::read(&node, path, delimiter.as_ref(), most(matching)),
        (None, true) => inline_rows(&mut node, most(matching)),
        _ if csv.is_none() && node.misspells(&["csv"]) => None,
        _ => {
            let message = "`table` has either rows in its block or csv=";
            let finding = Finding::error("missing-value", node.name_span(), message);
            node.report(
                finding
                    .help("table countries key=code { row code=DE name=Germany }, or csv=\"countries.csv\""),
            );
            None
        }
    };
    if let Some(delimiter) = delimiter.filter(|_| csv.is_none()) {
        let finding = Finding::error("unknown-property", delimiter.span, "rows in a block have no delimiter");
        node.report(finding.help("delimiter= is for csv="));
    }
    node.finish();
    Some(DeclaredTable { name: name?, key, rows: matching.and(rows), matching: matching? })
}

fn most(matching: Option<Match>) -> usize {
    matching.unwrap_or(Match::Exact).most_rows()
}

fn matching(node: &Node<'_>, word: &Spanned<String>) -> Option<Match> {
    let found = Match::ALL.iter().find(|(name, _)| *name == word.value);
    if found.is_none() {
        let message = format!("`{}` is not a way to compare keys", word.value);
        let finding = Finding::error("unknown-match", word.span, message);
        node.report(finding.suggest(&word.value, Match::ALL.map(|(name, _)| name)));
    }
    found.map(|(_, matching)| *matching)
}

/// More rows than a table may have.
pub(super) fn too_many(span: Span, most: usize) -> Finding {
    let message = format!("this table has more than {most} rows");
    let help = "with match=exact it may have 200000, with wildcard 10000, with regex 1000";
    Finding::error("table-too-large", span, message).help(help)
}

/// The rows of the block: the first one says which columns there are.
fn inline_rows(node: &mut Node<'_>, most: usize) -> Option<Rows> {
    let mut rows = Rows::default();
    let mut broken = false;
    for mut child in node.children() {
        let span = child.name_span();
        if child.name() != "row" {
            child.unknown("unknown-word", "a part of `table`", ["row"]);
            broken = true;
            continue;
        }
        let cells = child.properties::<Scalar>();
        child.finish();
        if rows.rows.len() == most {
            node.report(too_many(span, most));
            return None;
        }
        if rows.columns.is_empty() {
            rows.columns = cells.iter().map(|(name, _)| name.value.as_str().into()).collect();
        }
        let mut row = vec![Value::Absent; rows.columns.len()];
        for (name, value) in cells {
            let column = rows.columns.iter().position(|column| *column == name.value);
            let Some(slot) = column.and_then(|column| row.get_mut(column)) else {
                let message = format!("the first row has no column `{}`", name.value);
                let finding = Finding::error("unknown-column", name.span, message);
                node.report(finding.suggest(&name.value, rows.columns.iter().map(CompactString::as_str)));
                broken = true;
                continue;
            };
            match value {
                Some(scalar) => *slot = scalar.value,
                None => broken = true,
            }
        }
        rows.rows.push(DeclaredRow { cells: row, span });
    }
    (!broken).then_some(rows)
}
