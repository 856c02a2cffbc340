//! Tables that scripts look things up in: rows found by their key, exactly, by wildcards or by regular expressions.

use std::collections::HashMap;

use compact_str::CompactString;
use regex::{Regex, RegexBuilder};

use crate::document::value::Value;

/// How keys are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// The key is the text.
    Exact,
    /// The text fits the key, in which `*` stands for any characters and `?` for one.
    Wildcard,
    /// The whole text fits the key, which is a regular expression.
    Regex,
}

impl Match {
    /// The words for them.
    pub const ALL: [(&'static str, Self); 3] =
        [("exact", Self::Exact), ("wildcard", Self::Wildcard), ("regex", Self::Regex)];

    /// How many rows a table may have: a lookup in one of patterns asks them one after the other.
    pub fn most_rows(self) -> usize {
        match self {
            Self::Exact => 200_000,
            Self::Wildcard => 10_000,
            Self::Regex => 1000,
        }
    }
}

/// Bytes that a regular expression of a key may compile to.
const LARGEST: usize = 64 << 10;

/// Bytes of a text that is looked up by regular expressions; a longer one fits none.
const LONGEST: usize = 4096;

/// Characters of a text that is looked up by wildcards, whose time grows with the text times the pattern; a longer one
/// fits none.
const LONGEST_WILDCARD: usize = 256;

/// Rows of patterns that are tried between two looks at the clock.
const LOOK: usize = 64;

/// The time was up before a row was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Late;

/// A table, compiled: shared by all workers.
#[derive(Debug)]
pub struct Table {
    name: CompactString,
    columns: Vec<CompactString>,
    keys: usize,
    /// Row after row, each as long as there are columns.
    cells: Vec<Value>,
    index: Index,
}

#[derive(Debug)]
enum Index {
    /// The first row of each key.
    Exact(HashMap<Box<[CompactString]>, usize>),
    /// For each row, what its key columns must fit; of wildcards or of regular expressions.
    Patterns(Vec<Box<[Pattern]>>, Match),
}

#[derive(Debug)]
enum Pattern {
    Text(CompactString),
    Wildcard(Box<[char]>),
    Regex(Box<Regex>),
}

/// What is wrong with a row.
#[derive(Debug, PartialEq, Eq)]
pub enum RowProblem {
    /// The row of that number has the key of an earlier one, and is never found.
    Duplicate(usize, usize),
    /// The key of the row of that number is not a regular expression, and why.
    Pattern(usize, String),
}

impl Table {
    /// Compiles a table. `keys` are the numbers of the key columns; each of `rows` has a value for each column.
    pub fn new(
        name: &str,
        columns: Vec<CompactString>,
        keys: &[usize],
        rows: Vec<Vec<Value>>,
        matching: Match,
    ) -> (Self, Vec<RowProblem>) {
        let mut problems = Vec::new();
        let key = |row: &Vec<Value>| -> Vec<CompactString> {
            keys.iter().map(|k| row.get(*k).and_then(Value::text).unwrap_or_default()).collect()
        };
        let mut first: HashMap<Box<[CompactString]>, usize> = HashMap::with_capacity(rows.len());
        let mut patterns = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            let key = key(row);
            if matching != Match::Exact {
                let compiled: Result<Box<[Pattern]>, String> =
                    key.iter().map(|text| Pattern::new(text, matching)).collect();
                match compiled {
                    Ok(compiled) => patterns.push(compiled),
                    Err(why) => problems.push(RowProblem::Pattern(number, why)),
                }
            }
            match first.get(key.as_slice()) {
                Some(earlier) => problems.push(RowProblem::Duplicate(number, *earlier)),
                None => drop(first.insert(key.into(), number)),
            }
        }
        let index = match matching {
            Match::Exact => Index::Exact(first),
            _ => Index::Patterns(patterns, matching),
        };
        let cells = rows.into_iter().flatten().collect();
        (Self { name: name.into(), columns, keys: keys.len(), cells, index }, problems)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names of its columns.
    pub fn columns(&self) -> &[CompactString] {
        &self.columns
    }

    /// The number of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// How many key columns it has.
    pub fn keys(&self) -> usize {
        self.keys
    }

    /// The number of the first row that fits a key, which has a text for each key column; `None` also for a text of more
    /// than 256 characters among wildcards, or of more than 4096 bytes among regular expressions. `is_late` is asked while
    /// patterns are tried.
    ///
    /// # Errors
    /// It was late before all patterns were tried.
    pub fn find(&self, key: &[CompactString], is_late: impl Fn() -> bool) -> Result<Option<usize>, Late> {
        let (rows, matching) = match &self.index {
            Index::Exact(rows) => return Ok(rows.get(key).copied()),
            Index::Patterns(rows, matching) => (rows, *matching),
        };
        let long = |text: &CompactString| match matching {
            Match::Wildcard => text.chars().nth(LONGEST_WILDCARD).is_some(),
            Match::Exact | Match::Regex => text.len() > LONGEST,
        };
        if key.iter().any(long) {
            return Ok(None);
        }
        for (number, row) in rows.iter().enumerate() {
            if number % LOOK == 0 && is_late() {
                return Err(Late);
            }
            if row.iter().zip(key).all(|(pattern, text)| pattern.fits(text)) {
                return Ok(Some(number));
            }
        }
        Ok(None)
    }

    /// The value in a row's column.
    pub fn cell(&self, row: usize, column: usize) -> Option<&Value> {
        self.cells.get(row.checked_mul(self.columns.len())?.checked_add(column)?)
    }
}

impl Pattern {
    fn new(text: &str, matching: Match) -> Result<Self, String> {
        Ok(match matching {
            Match::Wildcard if text.contains(['*', '?']) => Self::Wildcard(text.chars().collect()),
            Match::Exact | Match::Wildcard => Self::Text(text.into()),
            Match::Regex => {
                let whole = format!("^(?:{text})$");
                let built = RegexBuilder::new(&whole).size_limit(LARGEST).dfa_size_limit(LARGEST).build();
                Self::Regex(Box::new(built.map_err(|error| {
                    let text = error.to_string();
                    let last = text.lines().last().unwrap_or_default();
                    last.strip_prefix("error: ").unwrap_or(last).to_owned()
                })?))
            }
        })
    }

    fn fits(&self, text: &str) -> bool {
        match self {
            Self::Text(own) => own == text,
            Self::Wildcard(pattern) => wildcard(pattern, text),
            Self::Regex(regex) => regex.is_match(text),
        }
    }
}

/// Whether a text fits a pattern with `*` and `?`. Goes back to the last `*` only, so its time is at most the product of
/// both lengths.
fn wildcard(pattern: &[char], text: &str) -> bool {
    let (mut at, mut rest) = (0, text.chars());
    let mut last: Option<(usize, std::str::Chars<'_>)> = None;
    loop {
        let before = rest.clone();
        match (pattern.get(at), rest.next()) {
            (Some('*'), _) => {
                at += 1;
                rest = before;
                last = Some((at, rest.clone()));
            }
            (Some('?'), Some(_)) => at += 1,
            (Some(wanted), Some(found)) if *wanted == found => at += 1,
            (None, None) => return true,
            _ => {
                let Some((after, from)) = &mut last else { return false };
                if from.next().is_none() {
                    return false;
                }
                at = *after;
                rest = from.clone();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn table(matching: Match, keys: &[&str]) -> (Table, Vec<RowProblem>) {
        let rows = keys.iter().enumerate();
        let rows = rows.map(|(n, key)| vec![Value::Text((*key).into()), Value::Number(n.to_string().into())]);
        Table::new("t", vec!["key".into(), "n".into()], &[0], rows.collect(), matching)
    }

    fn found(matching: Match, keys: &[&str], key: &str) -> Option<usize> {
        table(matching, keys).0.find(&[key.into()], || false).unwrap()
    }

    #[test]
    fn the_first_row_that_fits_wins() {
        assert_eq!(found(Match::Exact, &["a", "b"], "b"), Some(1));
        assert_eq!(found(Match::Exact, &["a", "b"], "c"), None);
        assert_eq!(found(Match::Wildcard, &["A-1", "A-*", "*"], "A-17"), Some(1));
        assert_eq!(found(Match::Wildcard, &["A-1", "A-*", "*"], "B"), Some(2));
        assert_eq!(found(Match::Wildcard, &["A?"], "A"), None);
        assert_eq!(found(Match::Regex, &["[0-9]+", "a|b"], "b"), Some(1));
        assert_eq!(found(Match::Regex, &["[0-9]+", "a|b"], "12x"), None);
        assert_eq!(table(Match::Exact, &["a", "b", "a"]).1, [RowProblem::Duplicate(2, 0)]);
        assert!(matches!(table(Match::Regex, &["a", "("]).1.as_slice(), [RowProblem::Pattern(1, _)]));
        assert_eq!(table(Match::Exact, &["a"]).0.cell(0, 1), Some(&Value::Number("0".into())));
    }

    #[test]
    fn a_search_of_patterns_ends_when_it_is_late() {
        let asked = std::cell::Cell::new(0);
        let second = || asked.replace(asked.get() + 1) > 0;
        let keys = vec!["x"; 1000];
        for matching in [Match::Wildcard, Match::Regex] {
            asked.set(0);
            assert_eq!(table(matching, &keys).0.find(&["a".into()], second), Err(Late));
            assert_eq!(asked.get(), 2, "each 64 rows");
        }
        assert_eq!(table(Match::Exact, &keys).0.find(&["x".into()], || true), Ok(Some(0)));
    }

    #[test]
    fn what_is_too_long_for_patterns_fits_none() {
        let text = |length| "ä".repeat(length);
        assert_eq!(found(Match::Wildcard, &["*"], &text(256)), Some(0));
        assert_eq!(found(Match::Wildcard, &["*"], &text(257)), None);
        assert_eq!(found(Match::Regex, &[".*"], &text(2048)), Some(0));
        assert_eq!(found(Match::Regex, &[".*"], &text(2049)), None);
    }

    proptest! {
        #[test]
        fn wildcards_fit_as_regular_expressions_do(pattern in "[ab*?]{0,8}", text in "[ab]{0,12}") {
            let regex = format!("^{}$", pattern.replace('*', ".*").replace('?', "."));
            let chars: Vec<char> = pattern.chars().collect();
            prop_assert_eq!(wildcard(&chars, &text), Regex::new(&regex).unwrap().is_match(&text));
        }
    }
}
