//! The statements of a file, as those see them who ask the databases whether they would take them.

use std::ops::Range;
use std::sync::Arc;

use compact_str::CompactString;

use crate::source::{Span, Spanned};
use crate::sql::{Database, Dialect, Position, SqlError, Statement};
use crate::syntax::Literal;

/// A statement of a step.
#[derive(Debug)]
pub struct Prepared {
    /// The database it is for.
    pub database: Arc<Database>,
    /// The statement, for a single row.
    pub statement: Arc<Statement>,
    /// What the file says: the SQL, or the name of a table or procedure.
    pub written: Written,
    /// What becomes of the rows that it gives.
    pub rows: Rows,
}

/// What becomes of the rows that a statement gives.
#[derive(Debug, Clone)]
pub enum Rows {
    /// Nothing: it is run for what it changes.
    Dropped,
    /// They go on, whatever their columns are.
    Any,
    /// They go on and must fit a profile: its columns, with where its name stands.
    Of(Spanned<Vec<Column>>),
}

/// A column of a profile.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name.
    pub name: CompactString,
    /// Whether each row must have it.
    pub is_required: bool,
}

/// What the file says of a statement.
#[derive(Debug, Clone)]
pub enum Written {
    /// SQL, and the characters that the name of each parameter has there, its colon included.
    Sql(Literal, Vec<usize>),
    /// A name.
    Name(Span),
}

impl Prepared {
    /// The place in the file that a database complains about.
    pub fn place(&self, error: &SqlError) -> Span {
        let blamed = self.written.blamed(&self.statement, self.database.spec.dialect(), error);
        match (&self.written, blamed) {
            (Written::Sql(literal, _), Some(blamed)) => literal.span_of(blamed.start, blamed.end),
            (written, _) => written.span(),
        }
    }
}

impl Written {
    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Sql(literal, _) => literal.span,
            Self::Name(span) => *span,
        }
    }

    /// The bytes of the SQL that a database complains about: the word that begins at the character that it names, or the
    /// line; `None` where it names neither.
    pub fn blamed(&self, statement: &Statement, dialect: Dialect, error: &SqlError) -> Option<Range<usize>> {
        let Self::Sql(literal, names) = self else { return None };
        let text = literal.text.as_str();
        match error.position? {
            Position::Character(sent) => {
                let at = statement.written_character(dialect, names, sent);
                let start = text.char_indices().nth(at).map_or(text.len(), |(start, _)| start);
                let rest = text.get(start..).unwrap_or_default();
                let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                let word = word.max(rest.chars().next().map_or(0, char::len_utf8));
                Some(start..start + word)
            }
            // A parameter is on one line, however it is written. The server takes the white space off before it counts.
            Position::Line(line) => {
                let blank = text.len() - text.trim_ascii_start().len();
                let line = line + text.get(..blank)?.matches('\n').count();
                let start = text.split_inclusive('\n').take(line).map(str::len).sum();
                let line = text.get(start..)?.lines().next()?;
                let indent = line.len() - line.trim_start().len();
                Some(start + indent..start + line.trim_end().len().max(indent))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::Kind;

    #[test]
    fn a_place_that_a_database_names_is_one_in_the_file_s_sql() {
        let text = "select ü\n  from t\n where :id = nothing";
        let mut statement = Statement::default();
        statement.text("select ü\n  from t\n where ");
        statement.parameter();
        statement.text(" = nothing");
        let literal = Literal::new(text, text, Span::default());
        let written = Written::Sql(literal, vec![3]);
        let blamed = |position| {
            let error = SqlError { position, ..SqlError::new(Kind::Statement, "") };
            let found = written.blamed(&statement, Dialect::Postgres, &error);
            found.map(|range| text.get(range).unwrap_or_default())
        };
        assert_eq!(blamed(Some(Position::Character(7))), Some("ü"));
        assert_eq!(blamed(Some(Position::Character(30))), Some("nothing"));
        assert_eq!(blamed(Some(Position::Character(99))), Some(""));
        assert_eq!(blamed(Some(Position::Line(1))), Some("from t"));
        assert_eq!(blamed(Some(Position::Line(2))), Some("where :id = nothing"));
        assert_eq!(blamed(Some(Position::Line(9))), None);
        assert_eq!(blamed(None), None);
    }

    #[test]
    fn a_line_is_counted_from_where_the_statement_begins() {
        let text = "\n  \n select 1\n  form t";
        let written = Written::Sql(Literal::new(text, text, Span::default()), Vec::new());
        let error = SqlError { position: Some(Position::Line(1)), ..SqlError::new(Kind::Statement, "") };
        let found = written.blamed(&Statement::default(), Dialect::MySql, &error);
        assert_eq!(found.and_then(|range| text.get(range)), Some("form t"));
    }
}
