//! SQL as it is written in a file: its named parameters, told from all that only looks like one.

use super::{Dialect, control};

/// A part of a statement, as byte positions of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// SQL that is sent as it is.
    Text(usize, usize),
    /// `:name`, without the colon.
    Parameter(usize, usize),
}

/// What is wrong with a statement, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Its first byte.
    pub start: usize,
    /// The byte behind it.
    pub end: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// Whether a text can be the name of a parameter.
pub fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Takes a statement apart. Quotes, comments, casts and dollar quotes are passed over as the dialect has them.
///
/// # Errors
/// Every mistake: a placeholder of the language, one without a name, a second statement, a quote that never ends, the
/// beginning or the end of a transaction.
pub fn scan(text: &str, dialect: Dialect) -> Result<Vec<Part>, Vec<Mistake>> {
    let (parts, mistakes) = (Vec::new(), Vec::new());
    let mut scan = Scan { text, dialect, at: 0, from: 0, parts, mistakes, first: None, ended: None };
    scan.all();
    scan.mistakes.extend(scan.first.and_then(|at| control::mistake(text, at, dialect)));
    if scan.from < text.len() {
        scan.parts.push(Part::Text(scan.from, text.len()));
    }
    if scan.mistakes.is_empty() { Ok(scan.parts) } else { Err(scan.mistakes) }
}

struct Scan<'a> {
    text: &'a str,
    dialect: Dialect,
    at: usize,
    /// Where the text begins that no part has yet.
    from: usize,
    parts: Vec<Part>,
    mistakes: Vec<Mistake>,
    /// Where its first word begins.
    first: Option<usize>,
    /// Where the statement has ended.
    ended: Option<usize>,
}

impl Scan<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn all(&mut self) {
        while let Some(c) = self.rest().chars().next() {
            if let Some(end) = self.passed(c) {
                self.at = end;
                continue;
            }
            if let Some(end) = self.ended.filter(|_| !c.is_whitespace() && c != ';') {
                self.wrong(end, self.text.len(), "there is a second statement behind this", "write one statement: for several use several steps, in a `transaction` where they belong together");
                return;
            }
            if !c.is_whitespace() {
                self.first.get_or_insert(self.at);
            }
            match c {
                ':' => self.colon(),
                '{' => self.brace(self.text.len()),
                ';' => self.ended = self.ended.or(Some(self.at)),
                '?' | '$' | '@' => self.bare(c),
                _ => {}
            }
            self.at += self.rest().chars().next().map_or(1, char::len_utf8);
        }
    }

    fn wrong(&mut self, start: usize, end: usize, message: impl Into<String>, help: impl Into<String>) {
        self.mistakes.push(Mistake { start, end, message: message.into(), help: help.into() });
    }

    /// The end of a comment or a quoted text that begins here.
    fn passed(&mut self, c: char) -> Option<usize> {
        let rest = self.rest();
        let (mysql, postgres) = (self.dialect == Dialect::MySql, self.dialect == Dialect::Postgres);
        let dashes = rest.starts_with("--")
            && (!mysql || rest.chars().nth(2).is_none_or(|c| c.is_whitespace() || c.is_control()));
        if dashes || (mysql && c == '#') {
            return Some(self.at + rest.find('\n').unwrap_or(rest.len()));
        }
        if rest.starts_with("/*") {
            return Some(self.comment(postgres));
        }
        let escapes = match c {
            '\'' => mysql || (postgres && self.is_escape_string()),
            '"' => mysql,
            '`' if !postgres => false,
            '[' if self.dialect == Dialect::Sqlite => return Some(self.until("]")),
            '$' if postgres => return self.dollars(),
            _ => return None,
        };
        Some(self.quoted(c, escapes))
    }

    /// Whether the quote here stands behind an `E` that is a word of its own (PostgreSQL, section 4.1.2.2).
    fn is_escape_string(&self) -> bool {
        let mut before = self.text.get(..self.at).unwrap_or_default().chars().rev();
        matches!(before.next(), Some('e' | 'E'))
            && !before.next().is_some_and(|c| c.is_alphanumeric() || c == '_')
    }

    fn comment(&mut self, nests: bool) -> usize {
        let (mut depth, mut at) = (1_usize, self.at + 2);
        while let Some(rest) = self.text.get(at..).filter(|rest| !rest.is_empty()) {
            if rest.starts_with("*/") {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            } else if nests && rest.starts_with("/*") {
                depth += 1;
                at += 2;
            } else {
                at += rest.chars().next().map_or(1, char::len_utf8);
            }
        }
        self.wrong(self.at, self.at + 2, "this comment never ends", "end it with */");
        self.text.len()
    }

    fn until(&mut self, end: &str) -> usize {
        match self.text.get(self.at + 1..).and_then(|rest| rest.find(end)) {
            Some(found) => self.at + 1 + found + end.len(),
            None => {
                self.wrong(self.at, self.at + 1, "what begins here never ends", format!("end it with {end}"));
                self.text.len()
            }
        }
    }

    /// A text in quotes, in which a doubled quote stands for one.
    fn quoted(&mut self, quote: char, escapes: bool) -> usize {
        let mut at = self.at + 1;
        while let Some(c) = self.text.get(at..).and_then(|rest| rest.chars().next()) {
            if c == '\\' && escapes {
                at += 1 + self
                    .text
                    .get(at + 1..)
                    .and_then(|rest| rest.chars().next())
                    .map_or(0, char::len_utf8);
                continue;
            }
            if c == quote {
                if !self.text.get(at + 1..).is_some_and(|rest| rest.starts_with(quote)) {
                    self.braces_in(at);
                    return at + 1;
                }
                at += 1;
            }
            at += c.len_utf8();
        }
        self.wrong(self.at, self.at + 1, "this quote never ends", format!("end it with {quote}"));
        self.text.len()
    }

    /// A placeholder of the language in a quoted text that ends at `end`.
    fn braces_in(&mut self, end: usize) {
        let start = self.at;
        let inner = self.text.get(start..end).unwrap_or_default().to_owned();
        for (open, _) in inner.match_indices('{') {
            let name =
                inner.get(open + 1..).and_then(|rest| rest.split_once('}')).map(|(name, _)| name.trim());
            // Without a dot it may be the literal of an array: '{a}'.
            if name.is_some_and(|name| name.starts_with('=') || (name.contains('.') && is_property(name))) {
                self.at = start + open;
                self.brace(end);
            }
        }
        self.at = start;
    }

    /// A text between `$$` or `$tag$`.
    fn dollars(&mut self) -> Option<usize> {
        let rest = self.rest();
        let end = rest.get(1..)?.find('$')? + 1;
        let tag = rest.get(1..end)?;
        if !tag.is_empty() && !is_name(tag) {
            return None;
        }
        let mark = rest.get(..=end)?.to_owned();
        let Some(length) = rest.get(end + 1..)?.find(&mark) else {
            self.wrong(self.at, self.at + end + 1, "this text never ends", format!("end it with {mark}"));
            return Some(self.text.len());
        };
        Some(self.at + end + 1 + length + mark.len())
    }

    fn colon(&mut self) {
        let rest = self.rest();
        if let Some(after) = rest.strip_prefix("::").or_else(|| rest.strip_prefix(":=")) {
            // A cast, or an assignment: the second character is passed here, the first by the caller.
            self.at += rest.len() - after.len() - 1;
            return;
        }
        let inner = rest.get(1..).unwrap_or_default();
        let length = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
        if !inner.get(..length).is_some_and(is_name) {
            return;
        }
        if self.from < self.at {
            self.parts.push(Part::Text(self.from, self.at));
        }
        let start = self.at + 1;
        self.parts.push(Part::Parameter(start, start + length));
        self.from = start + length;
        self.at = start + length - 1;
    }

    /// A placeholder of the language, up to `most`.
    fn brace(&mut self, most: usize) {
        let rest = self.text.get(self.at..most).unwrap_or_default();
        let Some((inner, _)) = rest.get(1..).and_then(|rest| rest.split_once('}')) else { return };
        let end = self.at + inner.len() + 2;
        let help = match inner.trim() {
            name if is_property(name) => format!(
                "write :value in its place, without quotes, and bind value property={name} in the block"
            ),
            _ => "write :value in its place, without quotes, and bind value script=\"...\" in the block"
                .to_owned(),
        };
        self.wrong(
            self.at,
            end,
            "SQL takes no placeholders: a value in the text could change the statement",
            help,
        );
    }

    /// A parameter without a name, as drivers write them.
    fn bare(&mut self, c: char) {
        let next = self.rest().chars().nth(1);
        let digit = next.is_some_and(|c| c.is_ascii_digit());
        let word = next.is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
        let is_bare = match (self.dialect, c) {
            (Dialect::Postgres, '$') => digit,
            (Dialect::Postgres | Dialect::MySql, '@' | '$') => false,
            (Dialect::Postgres, _) => false,
            (Dialect::MySql | Dialect::Sqlite, '?') => true,
            (_, _) => word,
        };
        let before = self.text.get(..self.at).and_then(|before| before.chars().next_back());
        if is_bare && !before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            self.wrong(
                self.at,
                self.at + 1,
                "this parameter has no name",
                "write :name, and bind name ... in the block",
            );
        }
    }
}

/// Whether a text reads as the name of a property.
fn is_property(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of the parameters.
    fn names(text: &str, dialect: Dialect) -> Vec<&str> {
        let parts = scan(text, dialect).unwrap_or_else(|mistakes| panic!("{text}: {mistakes:?}"));
        let name = |part: &Part| match part {
            Part::Parameter(start, end) => text.get(*start..*end),
            Part::Text(..) => None,
        };
        parts.iter().filter_map(name).collect()
    }

    fn wrong(text: &str, dialect: Dialect) -> Vec<String> {
        let mistakes = scan(text, dialect).unwrap_err();
        mistakes.iter().map(|mistake| text[mistake.start..mistake.end].to_owned()).collect()
    }

    #[test]
    fn parameters_are_told_from_what_looks_like_them() {
        use Dialect::{MySql, Postgres, Sqlite};
        assert_eq!(names("select :a, b::text, :c::int from t where d = :a", Postgres), ["a", "c", "a"]);
        assert_eq!(names("select ':a', \":b\", 'it''s :c' -- :d\n, /* :e /* :f */ */ :g", Postgres), ["g"]);
        assert_eq!(names("select E'it\\'s :a', $$ :b $$, $tag$ :c $$ :d $tag$, :e", Postgres), ["e"]);
        assert_eq!(names("select 'a\\', :b, '{1,2}'::int[], '{a}', x ? 'k'", Postgres), ["b"]);
        assert_eq!(names("select 'it\\'s :a', `:b`, \":c\" # :d\n, :e, @x := 1, 5--1", MySql), ["e"]);
        assert_eq!(names("select [:a], `:b`, ':c' where d = :e;", Sqlite), ["e"]);
        assert_eq!(names("select '12:30', :a_1", Sqlite), ["a_1"]);
    }

    #[test]
    fn mistakes_have_places() {
        use Dialect::{MySql, Postgres, Sqlite};
        assert_eq!(wrong("select * from t where a = '{customer.id}'", Postgres), ["{customer.id}"]);
        assert_eq!(wrong("select {= doc.id}, {name}", MySql), ["{= doc.id}", "{name}"]);
        assert_eq!(wrong("select ?", MySql), ["?"]);
        assert_eq!(wrong("select $1, ':a'", Postgres), ["$"]);
        assert_eq!(wrong("select @a", Sqlite), ["@"]);
        assert_eq!(wrong("select 1; delete from t", Sqlite), ["; delete from t"]);
        assert_eq!(wrong("select 'a", Sqlite), ["'"]);
        assert_eq!(wrong("select $x$ a", Postgres), ["$x$"]);
    }

    #[test]
    fn any_text_is_scanned() {
        for text in ["", ":", "$", "'", "{", "ü:ü'ü", "$ü$", "/*", "E'\\", "::", ":=", "[", "{}"] {
            for dialect in [Dialect::Postgres, Dialect::MySql, Dialect::Sqlite] {
                let _ = scan(text, dialect);
            }
        }
    }
}
