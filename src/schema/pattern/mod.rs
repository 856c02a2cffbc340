//! Patterns: the regular expressions of XML Schema, compiled once to match whole values in linear time.

mod blocks;
mod class;
mod ecma;
mod escape;
mod sample;
mod translate;

use compact_str::CompactString;
use regex::{Regex, RegexBuilder};

use translate::Translated;

/// Bytes that one compiled expression may take: counts such as `{1,100000}` of a large class would fill the memory.
const LARGEST: usize = 8 << 20;

/// Why a text is no regular expression of XML Schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternError {
    /// The byte of the text where the fault lies.
    pub offset: usize,
    /// What is wrong there.
    pub message: String,
}

/// The patterns of one derivation step, of which a value must match one (XML Schema part 2, section 4.3.4).
#[derive(Debug, Clone)]
pub struct Pattern {
    any: Vec<One>,
}

#[derive(Debug, Clone)]
struct One {
    source: CompactString,
    regex: Regex,
    /// How many characters there may be, where the expression leaves counting to the caller.
    count: Option<(u32, Option<u32>)>,
}

impl Pattern {
    /// Compiles one expression (XML Schema part 2, appendix F).
    ///
    /// # Errors
    /// Where it is wrong, or that it would take too much memory.
    pub fn new(source: &str) -> Result<Self, PatternError> {
        let Translated { text, count } = translate::translate(source)?;
        let regex = RegexBuilder::new(&text).size_limit(LARGEST).build().map_err(|error| {
            let message = match error {
                regex::Error::CompiledTooBig(_) => {
                    "it takes too much memory: repeat less often, or bound the length by a facet".to_owned()
                }
                error => error.to_string().lines().last().unwrap_or_default().to_owned(),
            };
            PatternError { offset: 0, message }
        })?;
        Ok(Self { any: vec![One { source: source.into(), regex, count }] })
    }

    /// The same with those of another: a value must match one of both.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        self.any.extend(other.any);
        self
    }

    /// Whether the whole text matches.
    pub fn matches(&self, text: &str) -> bool {
        self.any.iter().any(|one| one.matches(text))
    }

    /// The same in the dialect of JSON Schema (ECMA-262), for whole values; `None` where that cannot say it.
    pub fn ecma(&self) -> Option<String> {
        let all: Option<Vec<String>> = self.sources().map(ecma::ecma).collect();
        match all?.as_slice() {
            [one] => Some(one.clone()),
            several => Some(format!("(?:{})", several.join(")|(?:"))),
        }
    }

    /// The expressions as written.
    pub fn sources(&self) -> impl Iterator<Item = &str> {
        self.any.iter().map(|one| one.source.as_str())
    }
}

impl One {
    fn matches(&self, text: &str) -> bool {
        if let Some((min, max)) = self.count {
            let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
            if length < min || max.is_some_and(|max| length > max) {
                return false;
            }
        }
        self.regex.is_match(text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.sources().eq(other.sources())
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
