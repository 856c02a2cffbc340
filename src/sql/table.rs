//! Statements that write rows of a table: several rows at once where the database takes them so.

use std::sync::Arc;

use super::Dialect;
use super::statement::{One, Statement};
use super::value::Bound;

/// What is done with rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// New ones.
    Insert,
    /// Those of the same key are changed.
    Update,
    /// Those of the same key are changed, and others are new.
    Upsert,
    /// Those of the same key are removed.
    Delete,
}

/// A table that rows are written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name, of one to three parts: `schema.orders`.
    pub name: String,
    /// What is done.
    pub action: Action,
    /// The columns that a row is found by.
    pub key: Vec<String>,
    /// Rows in one statement.
    pub batch: usize,
}

/// A row to write: the columns that it has, as positions among all, with their values.
pub type Row = Vec<(usize, Bound)>;

/// Rows of one `delete`: beyond, the condition is deeper than SQLite takes.
const DELETED: usize = 500;

impl Table {
    /// The statements that write rows. `columns` are the names of all columns. Rows next to each other that have the same
    /// columns go together, so that a column that a row does not have keeps what the database has for it.
    ///
    /// # Errors
    /// A row without a column of the key.
    pub fn statements(&self, columns: &[&str], rows: Vec<Row>, dialect: Dialect) -> Result<Vec<One>, String> {
        let mut all = Vec::new();
        let mut rows = rows.into_iter().peekable();
        while let Some(first) = rows.next() {
            let places: Vec<usize> = self.places(&first, columns)?;
            let most = self.most(places.len(), dialect);
            let mut count = 1;
            let mut keys = vec![self.of_key(&first, columns)];
            let mut values = self.values(first, &places);
            while count < most
                && let Some(next) = rows.next_if(|row| {
                    // No database changes a row twice in one statement.
                    let again = self.action == Action::Upsert && keys.contains(&self.of_key(row, columns));
                    !again && self.places(row, columns).as_ref() == Ok(&places)
                })
            {
                if self.action == Action::Upsert {
                    keys.push(self.of_key(&next, columns));
                }
                values.extend(self.values(next, &places));
                count += 1;
            }
            let names: Vec<&str> = places.iter().filter_map(|at| columns.get(*at).copied()).collect();
            let row = Arc::new(self.statement(&names, 1, dialect));
            let statement = match count {
                1 => Arc::clone(&row),
                _ => Arc::new(self.statement(&names, count, dialect)),
            };
            all.push(One { statement, row, values });
        }
        Ok(all)
    }

    /// The columns whose values are sent for a row, in the order of the statement.
    fn places(&self, row: &Row, columns: &[&str]) -> Result<Vec<usize>, String> {
        let is_key = |at: &usize| columns.get(*at).is_some_and(|name| self.key.iter().any(|key| key == name));
        let key = self.key.iter().map(|key| {
            let found = row.iter().find(|(at, _)| columns.get(*at).is_some_and(|name| name == key));
            found.map(|(at, _)| *at).ok_or_else(|| format!("a row has no value of its key column `{key}`"))
        });
        let key: Vec<usize> = key.collect::<Result<_, _>>()?;
        let mut others = row.iter().map(|(at, _)| *at).filter(|at| !is_key(at));
        Ok(match self.action {
            Action::Delete => key,
            Action::Update => others.chain(key).collect(),
            Action::Insert | Action::Upsert => key.into_iter().chain(others.by_ref()).collect(),
        })
    }

    /// The values of a row's key.
    fn of_key(&self, row: &Row, columns: &[&str]) -> Vec<Bound> {
        let is_key = |at: usize| columns.get(at).is_some_and(|name| self.key.iter().any(|key| key == name));
        let mut key: Vec<&(usize, Bound)> = row.iter().filter(|(at, _)| is_key(*at)).collect();
        key.sort_by_key(|(at, _)| *at);
        key.into_iter().map(|(_, value)| value.clone()).collect()
    }

    fn values(&self, row: Row, places: &[usize]) -> Vec<Bound> {
        let value =
            |at: &usize| row.iter().find(|(other, _)| other == at).map_or(Bound::Null, |(_, v)| v.clone());
        places.iter().map(value).collect()
    }

    /// Rows in one statement of so many columns.
    fn most(&self, columns: usize, dialect: Dialect) -> usize {
        let by_parameters = dialect.parameters() / columns.max(1);
        match self.action {
            Action::Update => 1,
            Action::Delete => self.batch.min(by_parameters).min(DELETED),
            Action::Insert | Action::Upsert => self.batch.min(by_parameters),
        }
        .max(1)
    }

    /// The statement for so many rows with values of these columns.
    pub fn statement(&self, names: &[&str], rows: usize, dialect: Dialect) -> Statement {
        let mut out = Statement::default();
        let table = self.name.split('.').map(|part| quoted(part, dialect)).collect::<Vec<_>>().join(".");
        match self.action {
            Action::Insert | Action::Upsert => self.insert(&mut out, &table, names, rows, dialect),
            Action::Update => {
                out.text(&format!("update {table} set "));
                let others = names.len().saturating_sub(self.key.len());
                let (set, key) = names.split_at_checked(others).unwrap_or_default();
                // A statement must set something, and a row of nothing but its key changes nothing.
                if let (Some(first), true) = (self.key.first(), set.is_empty()) {
                    let first = quoted(first, dialect);
                    out.text(&format!("{first} = {first}"));
                }
                equal(&mut out, set, ", ", dialect);
                out.text(" where ");
                equal(&mut out, key, " and ", dialect);
            }
            Action::Delete => {
                out.text(&format!("delete from {table} where "));
                for row in 0..rows {
                    out.text(if row > 0 { " or (" } else { "(" });
                    equal(&mut out, names, " and ", dialect);
                    out.text(")");
                }
            }
        }
        out
    }

    fn insert(&self, out: &mut Statement, table: &str, names: &[&str], rows: usize, dialect: Dialect) {
        let columns = names.iter().map(|name| quoted(name, dialect)).collect::<Vec<_>>().join(", ");
        out.text(&format!("insert into {table} ({columns}) values "));
        for row in 0..rows {
            out.text(if row > 0 { ", (" } else { "(" });
            for at in 0..names.len() {
                if at > 0 {
                    out.text(", ");
                }
                out.parameter();
            }
            out.text(")");
        }
        if self.action == Action::Upsert {
            out.text(&self.on_conflict(names, dialect));
        }
    }

    /// What an `upsert` does with a row whose key is there.
    fn on_conflict(&self, names: &[&str], dialect: Dialect) -> String {
        let key: Vec<String> = self.key.iter().map(|name| quoted(name, dialect)).collect();
        let others = names.iter().filter(|name| !self.key.iter().any(|key| key == *name));
        let others: Vec<String> = others.map(|name| quoted(name, dialect)).collect();
        if dialect == Dialect::MySql {
            let set: Vec<String> = match key.first() {
                Some(first) if others.is_empty() => vec![format!("{first} = {first}")],
                _ => others.iter().map(|name| format!("{name} = values({name})")).collect(),
            };
            return format!(" on duplicate key update {}", set.join(", "));
        }
        let key = key.join(", ");
        if others.is_empty() {
            return format!(" on conflict ({key}) do nothing");
        }
        let set: Vec<String> = others.iter().map(|name| format!("{name} = excluded.{name}")).collect();
        format!(" on conflict ({key}) do update set {}", set.join(", "))
    }
}

/// `a = ? and b = ?`.
fn equal(out: &mut Statement, names: &[&str], between: &str, dialect: Dialect) {
    for (at, name) in names.iter().enumerate() {
        let between = if at > 0 { between } else { "" };
        out.text(&format!("{between}{} = ", quoted(name, dialect)));
        out.parameter();
    }
}

/// A name in the quotes of a dialect.
fn quoted(name: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::MySql => format!("`{}`", name.replace('`', "``")),
        Dialect::Postgres | Dialect::Sqlite => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(action: Action) -> Table {
        let key = if action == Action::Insert { Vec::new() } else { vec!["id".to_owned()] };
        Table { name: "shop.or\"ders".to_owned(), action, key, batch: 2 }
    }

    fn row(columns: &[usize]) -> Row {
        columns.iter().map(|at| (*at, Bound::Whole(i64::try_from(*at).unwrap()))).collect()
    }

    fn sql(action: Action, rows: Vec<Row>, dialect: Dialect) -> Vec<String> {
        let all = table(action).statements(&["id", "total", "note"], rows, dialect).unwrap();
        all.iter()
            .inspect(|one| assert_eq!(one.values.len(), one.statement.parameters()))
            .map(|one| one.statement.sql(dialect))
            .collect()
    }

    #[test]
    fn rows_of_the_same_columns_go_together() {
        let rows = vec![row(&[0, 1]), row(&[0, 1]), row(&[0, 1]), row(&[0, 2])];
        let start = "insert into \"shop\".\"or\"\"ders\" (\"id\", ";
        assert_eq!(
            sql(Action::Insert, rows, Dialect::Postgres),
            [
                format!("{start}\"total\") values ($1, $2), ($3, $4)"),
                format!("{start}\"total\") values ($1, $2)"),
                format!("{start}\"note\") values ($1, $2)"),
            ]
        );
    }

    #[test]
    fn every_action_is_written_for_every_database() {
        let one = |action, columns: &[usize], dialect| sql(action, vec![row(columns)], dialect).remove(0);
        assert!(
            one(Action::Upsert, &[0, 1], Dialect::Sqlite)
                .ends_with(" on conflict (\"id\") do update set \"total\" = excluded.\"total\"")
        );
        assert!(one(Action::Upsert, &[0], Dialect::Postgres).ends_with(" on conflict (\"id\") do nothing"));
        assert!(
            one(Action::Upsert, &[0, 1], Dialect::MySql)
                .ends_with(" on duplicate key update `total` = values(`total`)")
        );
        let update = "update `shop`.`or\"ders` set `total` = ?, `note` = ? where `id` = ?";
        assert_eq!(one(Action::Update, &[0, 1, 2], Dialect::MySql), update);
        let deleted = sql(Action::Delete, vec![row(&[0, 1]), row(&[0])], Dialect::MySql);
        assert_eq!(deleted, ["delete from `shop`.`or\"ders` where (`id` = ?) or (`id` = ?)"]);
    }

    #[test]
    fn rows_of_one_key_go_one_after_the_other() {
        let rows = vec![row(&[0, 1]), row(&[0, 1]), row(&[0, 1])];
        assert_eq!(sql(Action::Upsert, rows, Dialect::Postgres).len(), 3);
    }

    #[test]
    fn a_row_needs_its_key() {
        let missing = table(Action::Update).statements(&["id", "total"], vec![row(&[1])], Dialect::MySql);
        assert!(missing.unwrap_err().contains("`id`"));
    }
}
