//! The check of one value against its simple type: white space, lexical form, then the facets.

use super::space::words;
use super::{Simple, SimpleType, Variety, WhiteSpace};
use crate::document::number::Lexical;
use crate::schema::at::shown;

impl Simple {
    /// Checks a value as it stands in a document, treating its white space first.
    ///
    /// # Errors
    /// What was expected instead, to stand behind the word "expected".
    pub fn check(&self, text: &str) -> Result<(), String> {
        if self.is_any_text() {
            return Ok(());
        }
        self.normal(&self.space.normalize(text))
    }

    /// As [`Simple::check`], for a string of JSON, where white space around a number or date is not nothing.
    ///
    /// # Errors
    /// As there.
    pub fn check_json_string(&self, text: &str) -> Result<(), String> {
        if self.is_any_text() {
            return Ok(());
        }
        if !matches!(self.variety, Variety::Atomic) {
            return self.check(text);
        }
        if self.base.primitive() == SimpleType::String && !self.space.is_normal(text) {
            let without = match self.space {
                WhiteSpace::Collapse => "text without tabs, line ends and needless spaces",
                _ => "text without tabs and line ends",
            };
            return Err(without.to_owned());
        }
        self.normal(text)
    }

    /// As [`Simple::check`], for the text of a JSON number, which may have an exponent where a decimal is expected.
    ///
    /// # Errors
    /// As there.
    pub fn check_json_number(&self, text: &str) -> Result<(), String> {
        let right = match self.base {
            SimpleType::Decimal => Lexical::json(text).is_some(),
            base => base.accepts(text),
        };
        if !right {
            return Err(self.expectation());
        }
        self.narrowed(text)
    }

    /// What is expected of a value, its facets aside.
    pub fn expectation(&self) -> String {
        match &self.variety {
            Variety::List(item) if self.base.item().is_none() => {
                format!("a list, each item of it {}", item.expectation())
            }
            Variety::Atomic | Variety::List(_) => self.base.expectation().to_owned(),
            Variety::Union(members) => {
                let members = members.iter().map(|member| member.expectation());
                one_of(members.collect())
            }
        }
    }

    /// A text whose white space is treated.
    fn normal(&self, text: &str) -> Result<(), String> {
        match &self.variety {
            Variety::Atomic if !self.base.accepts(text) => Err(self.base.expectation().to_owned()),
            Variety::Atomic => self.narrowed(text),
            Variety::List(item) => {
                for (at, word) in words(text).enumerate() {
                    item.check(word).map_err(|expected| {
                        format!("{expected} as item {}, not `{}`", at + 1, shown(word))
                    })?;
                }
                // The built-in lists have at least one item (sections 3.3.5, 3.3.10 and 3.3.12).
                if self.base.item().is_some() && words(text).next().is_none() {
                    return Err(self.base.expectation().to_owned());
                }
                self.narrowed(text)
            }
            Variety::Union(members) => {
                let mut expected = Vec::new();
                for member in members.iter() {
                    match member.check(text) {
                        Ok(()) if self.facets.is_none() => return Ok(()),
                        // White space is treated as the member does that takes it (section 4.3.6).
                        Ok(()) => return self.narrowed(&member.space.normalize(text)),
                        Err(wanted) => expected.push(wanted),
                    }
                }
                Err(one_of(expected))
            }
        }
    }

    /// Whether every text is a value as it stands, which is so of most.
    fn is_any_text(&self) -> bool {
        let plain = self.base == SimpleType::String && self.space == WhiteSpace::Preserve;
        plain && matches!(self.variety, Variety::Atomic) && self.facets.is_none()
    }

    fn narrowed(&self, text: &str) -> Result<(), String> {
        self.facets.as_ref().map_or(Ok(()), |facets| facets.check(self, text))
    }
}

/// Alternatives as words, each once and no more than are useful.
fn one_of(expected: Vec<String>) -> String {
    const SHOWN: usize = 5;
    let mut seen: Vec<String> = Vec::new();
    for wanted in expected {
        if !seen.contains(&wanted) {
            seen.push(wanted);
        }
    }
    if seen.len() > SHOWN {
        seen.truncate(SHOWN);
        seen.push("...".to_owned());
    }
    if seen.is_empty() { "nothing: this union has no types".to_owned() } else { seen.join(", or ") }
}
