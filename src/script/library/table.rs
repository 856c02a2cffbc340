//! The package `table`: lookups in the tables that `gateway.kdl` declares.

use std::rc::Rc;
use std::sync::Arc;

use compact_str::CompactString;
use rhai::{Dynamic, ImmutableString};

use super::arguments::{text, too_late};
use super::{Function, Package};
use crate::document::value::Value;
use crate::script::convert;
use crate::script::engine::State;
use crate::script::table::Table;
use crate::script::view::{Raised, raise};
use crate::source::nearest;

pub(super) const PACKAGE: Package = Package {
    name: "table",
    summary: "Lookups in declared tables (`soapstone explain table`). A key of several columns is given as a list; the examples know the table of that page.",
    functions: &[
        Function {
            name: "find",
            signature: "table::find(table, key)",
            summary: "The first row that fits the key; its columns are members. `()` when none does.",
            example: r#"table::find("countries", "AT").name"#,
            result: "Austria",
            checks: &[],
            register: |r| {
                let state = r.state();
                r.add(move |name: ImmutableString, key: Dynamic| {
                    let (table, row) = find(&state, &name, &key)?;
                    Ok::<_, Raised>(row.map_or(Dynamic::UNIT, |row| Dynamic::from(Row { table, row })))
                });
            },
        },
        Function {
            name: "get",
            signature: "table::get(table, key, column [, default])",
            summary: "One column of the first row that fits the key; when none does, the default or `()`.",
            example: r#"table::get("countries", "XX", "name", "elsewhere")"#,
            result: "elsewhere",
            checks: &[],
            register: |r| {
                let (state, other) = (r.state(), r.state());
                r.add(move |name: ImmutableString, key: Dynamic, column: ImmutableString| {
                    get(&state, &name, &key, &column, Dynamic::UNIT)
                })
                .add(
                    move |name: ImmutableString, key: Dynamic, column: ImmutableString, default: Dynamic| {
                        get(&other, &name, &key, &column, default)
                    },
                );
            },
        },
    ],
};

/// A table as the scripts of one worker hold it: counting its users must not touch what other workers count on.
#[derive(Debug)]
pub(in crate::script) struct Held(pub Arc<Table>);

impl std::ops::Deref for Held {
    type Target = Table;

    fn deref(&self) -> &Table {
        &self.0
    }
}

/// A row of a table as scripts see it.
#[derive(Debug, Clone)]
pub(in crate::script) struct Row {
    table: Rc<Held>,
    row: usize,
}

impl Row {
    /// The value of a column; an error when there is no such column.
    pub(in crate::script) fn get(&self, column: &str) -> Result<Dynamic, Raised> {
        let number = self.table.column(column).ok_or_else(|| no_column(&self.table, column))?;
        Ok(dynamic(self.table.cell(self.row, number)))
    }

    /// Its columns with their values.
    pub(in crate::script) fn cells(&self) -> impl Iterator<Item = (&CompactString, &Value)> {
        let columns = self.table.columns().iter().enumerate();
        columns.filter_map(|(number, name)| Some((name, self.table.cell(self.row, number)?)))
    }
}

fn dynamic(cell: Option<&Value>) -> Dynamic {
    cell.and_then(|cell| convert::dynamic(cell, None)).unwrap_or(Dynamic::UNIT)
}

fn no_column(table: &Table, column: &str) -> Raised {
    let names = || table.columns().iter().map(CompactString::as_str);
    let help = match nearest(column, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it has {}", names().collect::<Vec<_>>().join(", ")),
    };
    raise(format!("`table {}` has no column `{column}`: {help}", table.name()))
}

fn find(state: &State, name: &str, key: &Dynamic) -> Result<(Rc<Held>, Option<usize>), Raised> {
    let tables = state.tables.borrow();
    let Some(table) = tables.iter().find(|table| table.name() == name) else {
        let near = nearest(name, tables.iter().map(|table| table.name()));
        let help = near.map(|near| format!(": did you mean `{near}`?")).unwrap_or_default();
        return Err(raise(format!("there is no `table {name}`{help}")));
    };
    let row = match key.read_lock::<rhai::Array>() {
        Some(parts) => {
            let parts: Result<Vec<CompactString>, Raised> = parts.iter().map(text).collect();
            row(state, table, &parts?)?
        }
        // Nothing fits what is absent.
        None if key.is_unit() => None,
        None => row(state, table, std::slice::from_ref(&text(key)?))?,
    };
    Ok((Rc::clone(table), row))
}

fn row(state: &State, table: &Table, key: &[CompactString]) -> Result<Option<usize>, Raised> {
    match table.keys() == key.len() {
        true => table.find(key, || state.is_late()).map_err(|_| too_late()),
        false => Err(raise(format!(
            "`table {}` has {} key columns, and the key has {}: several are given as a list",
            table.name(),
            table.keys(),
            key.len()
        ))),
    }
}

fn get(state: &State, name: &str, key: &Dynamic, column: &str, default: Dynamic) -> Result<Dynamic, Raised> {
    let (table, row) = find(state, name, key)?;
    let number = table.column(column).ok_or_else(|| no_column(&table, column))?;
    Ok(match row.map(|row| dynamic(table.cell(row, number))) {
        Some(value) if !value.is_unit() => value,
        _ => default,
    })
}
