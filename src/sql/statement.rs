//! Statements as they are sent: SQL with the placeholders of the database, and the values for them.

use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use super::Dialect;
use super::value::Bound;

/// A piece of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Parameter,
}

/// A statement: texts, and places for values between them. A name that stands several times is as many places.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statement {
    pieces: Vec<Piece>,
    parameters: usize,
    /// The SQL as it was asked for first: a statement is for one dialect.
    sent: OnceLock<(Dialect, Arc<str>)>,
}

impl Statement {
    /// Adds text.
    pub fn text(&mut self, text: &str) {
        self.sent = OnceLock::new();
        match self.pieces.last_mut() {
            Some(Piece::Text(last)) => last.push_str(text),
            _ => self.pieces.push(Piece::Text(text.to_owned())),
        }
    }

    /// Adds a place for a value.
    pub fn parameter(&mut self) {
        self.sent = OnceLock::new();
        self.parameters += 1;
        self.pieces.push(Piece::Parameter);
    }

    /// How many values it takes.
    pub fn parameters(&self) -> usize {
        self.parameters
    }

    /// The same as [`Statement::sql`], written once.
    pub(super) fn sent(&self, dialect: Dialect) -> Arc<str> {
        let (own, sql) = self.sent.get_or_init(|| (dialect, self.sql(dialect).into()));
        if *own == dialect { Arc::clone(sql) } else { self.sql(dialect).into() }
    }

    /// The SQL with the placeholders of a dialect.
    pub fn sql(&self, dialect: Dialect) -> String {
        self.written(|number, out| match dialect {
            Dialect::Postgres => {
                // Writing into a String cannot fail.
                let _ = write!(out, "${number}");
            }
            Dialect::MySql | Dialect::Sqlite => out.push('?'),
        })
    }

    /// The SQL for PostgreSQL with values that are given as text and read by the server as of these types; those of
    /// further rows begin again with the first.
    pub fn typed(&self, types: &[String]) -> String {
        self.written(|number, out| placeholder(number, types, out))
    }

    fn written(&self, mut parameter: impl FnMut(usize, &mut String)) -> String {
        let (mut out, mut number) = (String::new(), 0);
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Parameter => {
                    number += 1;
                    parameter(number, &mut out);
                }
            }
        }
        out
    }

    /// The character of the SQL as written, with `names` in the places, that one of [`Statement::sql`] belongs to: `names`
    /// are the characters that each name has.
    pub fn written_character(&self, dialect: Dialect, names: &[usize], at: usize) -> usize {
        let placeholder = |number: usize| match dialect {
            Dialect::Postgres => number.to_string().len() + 1,
            Dialect::MySql | Dialect::Sqlite => 1,
        };
        let name = |number: usize| names.get(number - 1).copied().unwrap_or_default();
        self.moved(at, placeholder, name)
    }

    /// The character of [`Statement::sql`] for PostgreSQL that one of [`Statement::typed`] belongs to.
    pub(super) fn untyped_character(&self, types: &[String], at: usize) -> usize {
        let typed = |number: usize| {
            let mut out = String::new();
            placeholder(number, types, &mut out);
            out.chars().count()
        };
        self.moved(at, typed, |number| number.to_string().len() + 1)
    }

    /// The character that one becomes where placeholders have other lengths; in a placeholder it is where that begins.
    fn moved(&self, at: usize, from: impl Fn(usize) -> usize, to: impl Fn(usize) -> usize) -> usize {
        let (mut before, mut after, mut number) = (0, 0, 0);
        for piece in &self.pieces {
            let (here, there, inside) = match piece {
                Piece::Text(text) => {
                    let length = text.chars().count();
                    (length, length, at.saturating_sub(before))
                }
                Piece::Parameter => {
                    number += 1;
                    (from(number), to(number), 0)
                }
            };
            if at < before + here {
                return after + inside;
            }
            before += here;
            after += there;
        }
        after
    }
}

/// Writes a placeholder of PostgreSQL whose value is given as text and read as of its type.
fn placeholder(number: usize, types: &[String], out: &mut String) {
    let at = (number - 1).checked_rem(types.len()).unwrap_or_default();
    // Writing into a String cannot fail.
    let _ = match types.get(at).map(String::as_str) {
        Some("bytea") => write!(out, "decode(${number}::text, 'base64')"),
        Some("text") | None => write!(out, "${number}::text"),
        Some(other) => write!(out, "(${number}::text)::{other}"),
    };
}

/// One statement with its values.
#[derive(Debug, Clone)]
pub struct One {
    /// What is sent.
    pub statement: Arc<Statement>,
    /// The same for a single row, whose parameters say what the types of all are.
    pub row: Arc<Statement>,
    /// As many as it has places.
    pub values: Vec<Bound>,
}

/// Statements that are run one after the other on one connection.
#[derive(Debug, Clone)]
pub struct Task {
    /// The statements.
    pub all: Vec<One>,
    /// Whether they hold all or none of them, where no transaction is around them.
    pub atomic: bool,
    /// Rows that may come back.
    pub rows: usize,
    /// Bytes that may come back.
    pub bytes: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement() -> Statement {
        let mut statement = Statement::default();
        statement.text("select ü, ");
        statement.parameter();
        statement.text(" from t where id = ");
        statement.parameter();
        statement
    }

    #[test]
    fn placeholders_are_those_of_the_database() {
        let statement = statement();
        assert_eq!(statement.sql(Dialect::Postgres), "select ü, $1 from t where id = $2");
        assert_eq!(statement.sql(Dialect::MySql), "select ü, ? from t where id = ?");
        for dialect in [Dialect::MySql, Dialect::Postgres, Dialect::MySql] {
            assert_eq!(*statement.sent(dialect), *statement.sql(dialect));
        }
        let types = ["int4".to_owned(), "bytea".to_owned()];
        let typed = "select ü, ($1::text)::int4 from t where id = decode($2::text, 'base64')";
        assert_eq!(statement.typed(&types), typed);
    }

    #[test]
    fn a_place_in_what_was_sent_is_one_in_what_was_written() {
        // "select ü, :name from t where id = :id"
        let (statement, names) = (statement(), [5, 3]);
        assert_eq!(statement.written_character(Dialect::Postgres, &names, 7), 7);
        assert_eq!(statement.written_character(Dialect::Postgres, &names, 10), 10);
        assert_eq!(statement.written_character(Dialect::Postgres, &names, 18), 21);
        assert_eq!(statement.written_character(Dialect::Postgres, &names, 99), 37);
        assert_eq!(statement.written_character(Dialect::Postgres, &names, 11), 10);
    }

    #[test]
    fn a_place_among_typed_placeholders_is_one_among_plain_ones() {
        let (statement, types) = (statement(), ["int4".to_owned(), "bytea".to_owned()]);
        let (typed, plain) = (statement.typed(&types), statement.sql(Dialect::Postgres));
        let character = |text: &str, part: &str| text[..text.find(part).unwrap()].chars().count();
        for (part, same) in [("ü", "ü"), ("$1", "$1"), ("::int4", "$1"), ("where", "where"), ("base64", "$2")]
        {
            let found = statement.untyped_character(&types, character(&typed, part));
            assert_eq!(found, character(&plain, same), "{part}");
        }
    }
}
