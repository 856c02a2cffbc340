//! JSONPath (RFC 9535): plain chains of members and items become steps, all else a query.

mod compare;
mod compile;
mod query;
#[cfg(test)]
mod tests;

use super::path::{Kind, PathError, Step, Test};

pub(super) use query::Query;

/// A JSONPath that was read.
#[derive(Debug)]
pub(super) struct Chain {
    /// Whether it begins with `$`.
    pub absolute: bool,
    /// Its steps, as far as they are members, items and wildcards.
    pub steps: Vec<Step>,
    /// The whole of it, if that is more.
    pub query: Option<Query>,
}

/// Reads a path: `$...`, `@...`, or relative without either (`lines[0].sku`, `['a b']`).
pub(super) fn parse(text: &str) -> Result<Chain, PathError> {
    let absolute = text.starts_with('$');
    let plain = text.find(['[', '\'', '"']).and_then(|end| text.get(..end)).unwrap_or(text);
    if let Some(offset) = plain.find('/') {
        let steps: Vec<_> = text.split('/').filter(|step| !step.is_empty()).collect();
        let message = format!(
            "this looks like a path of XML; in JSON steps are separated by dots: `$.{}`",
            steps.join(".").replace('@', "")
        );
        return Err(PathError::new(offset, message));
    }
    // A relative path is completed to one from `$`; `added` is by how many bytes that moves places in it.
    let (body, added) = match text.strip_prefix(['$', '@']) {
        Some(body) => (body.to_owned(), 0),
        None if text.starts_with('[') => (text.to_owned(), 1),
        None if text.starts_with('.') => {
            let message =
                "a path does not begin with `.`: write `$.name` from the root, `name` or `@` from here";
            return Err(PathError::new(0, message));
        }
        None => (format!(".{text}"), 2),
    };
    let mut chain = Native { rest: &body, at: 1, added, steps: Vec::new() };
    let whole = chain.steps();
    let steps = chain.steps;
    let query = if whole {
        None
    } else {
        Some(Query::parse(&format!("${body}")).map_err(|mut error| {
            error.offset = error.offset.saturating_sub(added).min(text.len());
            while !text.is_char_boundary(error.offset) {
                error.offset -= 1;
            }
            error
        })?)
    };
    Ok(Chain { absolute, steps, query })
}

/// Reads segments as long as each is one name, one position or a wildcard.
struct Native<'t> {
    rest: &'t str,
    /// Where `rest` begins in the completed path.
    at: usize,
    added: usize,
    steps: Vec<Step>,
}

impl<'t> Native<'t> {
    /// Whether the whole path was such segments.
    fn steps(&mut self) -> bool {
        while !self.rest.is_empty() {
            let (before, at) = (self.rest, self.at);
            if self.segment().is_none() {
                (self.rest, self.at) = (before, at);
                return false;
            }
        }
        true
    }

    fn skip(&mut self, length: usize) {
        self.rest = self.rest.get(length..).unwrap_or_default();
        self.at += length;
    }

    fn skip_space(&mut self) {
        self.skip(self.rest.len() - self.rest.trim_start_matches([' ', '\t', '\n', '\r']).len());
    }

    fn push(&mut self, kind: Kind, offset: usize) {
        self.steps.push(Step::new(kind, offset.saturating_sub(self.added)));
    }

    fn segment(&mut self) -> Option<()> {
        self.skip_space();
        if self.rest.starts_with('[') {
            return self.bracket();
        }
        self.rest.strip_prefix('.')?;
        self.skip(1);
        let offset = self.at;
        if self.rest.starts_with('*') {
            self.skip(1);
            self.push(Kind::Child(Test::Any), offset);
            return Some(());
        }
        let end = self.rest.find(|c: char| !is_member(c)).unwrap_or(self.rest.len());
        let name = self
            .rest
            .get(..end)
            .filter(|name| name.starts_with(|c: char| is_member(c) && !c.is_ascii_digit()))?;
        self.steps.push(Step::child(name, offset.saturating_sub(self.added)));
        self.skip(end);
        Some(())
    }

    /// `['name']`, `[0]` or `[*]`.
    fn bracket(&mut self) -> Option<()> {
        self.skip(1);
        self.skip_space();
        let offset = self.at;
        let rest = self.rest;
        if rest.starts_with('*') {
            self.skip(1);
            self.push(Kind::Child(Test::Any), offset);
        } else if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            let name = rest.get(1..)?.split_once(quote)?.0;
            // Names with escapes are left to the full grammar.
            if name.contains(|c: char| c == '\\' || c < ' ') {
                return None;
            }
            self.steps.push(Step::child(name, offset.saturating_sub(self.added)));
            self.skip(name.len() + 2);
        } else {
            let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '-')).unwrap_or(rest.len());
            let position = position(rest.get(..end)?)?;
            self.push(Kind::Item(position), offset);
            self.skip(end);
        }
        self.skip_space();
        self.rest.strip_prefix(']')?;
        self.skip(1);
        Some(())
    }
}

/// An index within the exact range of I-JSON (RFC 9535, section 2.1), without leading zeros.
fn position(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let canonical = text == "0" || !digits.starts_with('0');
    text.parse().ok().filter(|at: &i64| canonical && at.unsigned_abs() < 1 << 53)
}

fn is_member(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii()
}
