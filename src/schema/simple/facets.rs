//! Facets: what narrows a simple type, as compiled, and the check of one value against them.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt::Write as _;

use compact_str::CompactString;

use super::ordered::Ordered;
use super::space::words;
use super::{Key, Simple, SimpleType, Variety};
use crate::document::number::Lexical;
use crate::schema::lexical::{base64_length, hex_length};
use crate::schema::pattern::Pattern;

/// What narrows a simple type, over all steps of its derivation. All must hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facets {
    /// The exact length: in characters, in bytes of binary data, in items of a list.
    pub length: Option<u32>,
    /// The least length.
    pub min_length: Option<u32>,
    /// The greatest length.
    pub max_length: Option<u32>,
    /// The lower bound.
    pub min: Option<Bound>,
    /// The upper bound.
    pub max: Option<Bound>,
    /// The most digits of a number.
    pub total_digits: Option<u32>,
    /// The most digits behind the point.
    pub fraction_digits: Option<u32>,
    /// The patterns of each step that has some: a value matches one of every step.
    pub patterns: Vec<Pattern>,
    /// The only values allowed, when there are any.
    pub values: Option<Values>,
}

/// A bound of an ordered type.
#[derive(Debug, Clone)]
pub struct Bound {
    /// As written.
    pub text: CompactString,
    /// Whether the bound itself is allowed.
    pub inclusive: bool,
    pub(super) value: Ordered,
}

impl PartialEq for Bound {
    fn eq(&self, other: &Self) -> bool {
        (&self.text, self.inclusive) == (&other.text, other.inclusive)
    }
}

/// The only values that a type has.
#[derive(Debug, Clone)]
pub struct Values {
    /// As written, in their order.
    pub texts: Vec<CompactString>,
    /// The same for a quick look: most values are written as they are listed.
    written: HashSet<CompactString>,
    keys: HashSet<Key>,
}

impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        self.texts == other.texts
    }
}

impl Values {
    /// These values of a type, each of which it accepts.
    pub(super) fn new(simple: &Simple, texts: Vec<CompactString>) -> Self {
        let keys = texts.iter().map(|text| simple.key(text)).collect();
        Self { written: texts.iter().cloned().collect(), keys, texts }
    }

    fn has(&self, simple: &Simple, text: &str) -> bool {
        // Only the key of a union tells of which member it is: `1` may be text or a number.
        let exact = !matches!(simple.variety, Variety::Union(_)) && self.written.contains(text);
        exact || self.keys.contains(&simple.key(text))
    }

    /// The allowed values as words, as many as are useful.
    fn expectation(&self) -> String {
        const SHOWN: usize = 10;
        let mut text = String::from("one of");
        for (at, value) in self.texts.iter().take(SHOWN).enumerate() {
            let comma = if at == 0 { "" } else { "," };
            // Writing to a String cannot fail.
            let _ = write!(text, "{comma} `{value}`");
        }
        if self.texts.len() > SHOWN {
            text.push_str(", ...");
        }
        text
    }
}

impl Facets {
    /// Checks a text that is of the type without its facets, its white space already treated.
    ///
    /// # Errors
    /// The first facet that does not hold, to stand behind the word "expected".
    pub(super) fn check(&self, simple: &Simple, text: &str) -> Result<(), String> {
        self.bounds(simple.base, text)?;
        self.digits(text)?;
        self.lengths(simple, text)?;
        for pattern in &self.patterns {
            if !pattern.matches(text) {
                let sources: Vec<&str> = pattern.sources().collect();
                return Err(format!("a match of the pattern {}", sources.join(" or ")));
            }
        }
        match &self.values {
            Some(values) if !values.has(simple, text) => Err(values.expectation()),
            _ => Ok(()),
        }
    }

    fn bounds(&self, base: SimpleType, text: &str) -> Result<(), String> {
        for (bound, beyond, words) in [
            (&self.min, Ordering::Less, ["at least", "more than"]),
            (&self.max, Ordering::Greater, ["at most", "less than"]),
        ] {
            let Some(bound) = bound else { continue };
            // What cannot be compared with a bound does not lie within it.
            let within = match bound.value.place(base, text) {
                None => false,
                Some(Ordering::Equal) => bound.inclusive,
                Some(place) => place != beyond,
            };
            if !within {
                let [inclusive, exclusive] = words;
                return Err(format!(
                    "{} {}",
                    if bound.inclusive { inclusive } else { exclusive },
                    bound.text
                ));
            }
        }
        Ok(())
    }

    fn digits(&self, text: &str) -> Result<(), String> {
        if (self.total_digits, self.fraction_digits) == (None, None) {
            return Ok(());
        }
        let Some(number) = Lexical::json(text) else { return Ok(()) };
        if let Some(most) = self.total_digits
            && number.total_digits() > u64::from(most)
        {
            return Err(format!("at most {most} digits"));
        }
        match self.fraction_digits {
            Some(0) if number.fraction_digits() > 0 => {
                Err("a number without digits behind the point".to_owned())
            }
            Some(most) if number.fraction_digits() > u64::from(most) => {
                Err(format!("at most {most} digits behind the point"))
            }
            _ => Ok(()),
        }
    }

    fn lengths(&self, simple: &Simple, text: &str) -> Result<(), String> {
        if (self.length, self.min_length, self.max_length) == (None, None, None) {
            return Ok(());
        }
        let (length, unit) = match (&simple.variety, simple.base) {
            (Variety::List(_), _) => (words(text).count(), "items"),
            (_, SimpleType::Base64Binary) => (base64_length(text).unwrap_or_default(), "bytes"),
            (_, SimpleType::HexBinary) => (hex_length(text).unwrap_or_default(), "bytes"),
            // How long a name is depends on the prefix that its writer chose (section 4.3.1).
            (_, SimpleType::QName | SimpleType::Notation) => return Ok(()),
            _ => (text.chars().count(), "characters"),
        };
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        match (self.length, self.min_length, self.max_length) {
            (Some(exact), _, _) if length != exact => Err(format!("exactly {exact} {unit}, not {length}")),
            (_, Some(least), _) if length < least => Err(format!("at least {least} {unit}, not {length}")),
            (_, _, Some(most)) if length > most => Err(format!("at most {most} {unit}, not {length}")),
            _ => Ok(()),
        }
    }
}
