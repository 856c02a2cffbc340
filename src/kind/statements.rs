//! The statements of a file, as those see them who ask the databases whether they would take them.

use std::sync::Arc;

use compact_str::CompactString;

use crate::source::{Span, Spanned};
use crate::sql::{Database, SqlError, Statement};
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
    /// The columns of the profile that its rows must fit, with where its name stands.
    pub profile: Option<Spanned<Vec<CompactString>>>,
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
        match &self.written {
            Written::Name(span) => *span,
            Written::Sql(literal, names) => {
                let Some(sent) = error.character else { return literal.span };
                let at = self.statement.written_character(self.database.spec.dialect(), names, sent);
                let text = literal.text.as_str();
                let start = text.char_indices().nth(at).map_or(text.len(), |(start, _)| start);
                let rest = text.get(start..).unwrap_or_default();
                let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                literal.span_of(start, start + word.max(rest.chars().next().map_or(0, char::len_utf8)))
            }
        }
    }
}
