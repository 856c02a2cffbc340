//! Delimiters: the characters that part an interchange, from its first segment or from the defaults.

use super::Syntax;
use crate::document::charset::shown;

/// The characters that part an interchange. All of them differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delimiters {
    /// Whose they are.
    pub syntax: Syntax,
    /// Between the elements of a segment.
    pub element: char,
    /// Between the components of a composite element.
    pub component: char,
    /// Between repetitions of an element, where the version has them.
    pub repetition: Option<char>,
    /// At the end of a segment.
    pub terminator: char,
    /// Before a character that does not delimit (EDIFACT).
    pub release: Option<char>,
    /// The decimal mark of numbers (EDIFACT).
    pub decimal: char,
}

impl Delimiters {
    /// Those of X12 as they are mostly used; the standard fixes none.
    pub const X12: Self = Self {
        syntax: Syntax::X12,
        element: '*',
        component: ':',
        repetition: Some('^'),
        terminator: '~',
        release: None,
        decimal: '.',
    };

    /// Those of EDIFACT without a service string advice (ISO 9735-1, section 7.1); the repetition separator counts from
    /// syntax version 4 on.
    pub const EDIFACT: Self = Self {
        syntax: Syntax::Edifact,
        element: '+',
        component: ':',
        repetition: Some('*'),
        terminator: '\'',
        release: Some('?'),
        decimal: '.',
    };

    /// The defaults of a syntax.
    pub const fn of(syntax: Syntax) -> Self {
        match syntax {
            Syntax::X12 => Self::X12,
            Syntax::Edifact => Self::EDIFACT,
        }
    }

    /// Whether the character parts something.
    pub fn has(&self, c: char) -> bool {
        c == self.element
            || c == self.component
            || c == self.terminator
            || Some(c) == self.repetition
            || Some(c) == self.release
    }

    /// Whether a value cannot hold the character: a control character that delimits nothing. The character sets of both
    /// syntaxes have none (X12.6, section 3.3; ISO 9735-1, section 5).
    pub(super) fn is_foreign(&self, c: char) -> bool {
        c.is_ascii_control() && !self.has(c)
    }

    /// The first such character of a segment, and where it stands. Files of EDIFACT may be wrapped: there the ends of
    /// lines are none.
    pub(super) fn foreign(&self, segment: &str) -> Option<(usize, char)> {
        // Nearly no segment has one: all bytes are looked at without a branch for each.
        if !segment.bytes().fold(false, |found, b| found | (b < b' ') | (b == 0x7F)) {
            return None;
        }
        let wrap = |c: char| self.syntax == Syntax::Edifact && matches!(c, '\r' | '\n');
        segment.char_indices().find(|(_, c)| self.is_foreign(*c) && !wrap(*c))
    }

    /// What a message says of such a character.
    pub(super) fn not_data(&self, c: char) -> String {
        let lines = if matches!(c, '\r' | '\n') { "; lines may end between segments" } else { "" };
        format!("{} is a control character, which no value may hold{lines}", shown(c))
    }

    /// Why they cannot part anything: a letter, a digit or a space, or one character with two meanings.
    pub fn fault(&self) -> Option<String> {
        let mut seen: Vec<char> = Vec::with_capacity(5);
        let all = [Some(self.element), Some(self.component), self.repetition, self.release];
        for c in all.into_iter().flatten().chain([self.terminator]) {
            if c.is_alphanumeric() || c == ' ' {
                return Some(format!("`{c}` cannot be a delimiter: letters, digits and spaces are data"));
            }
            if seen.contains(&c) {
                return Some(format!("`{}` delimits two things", c.escape_default()));
            }
            seen.push(c);
        }
        None
    }

    /// The service string advice without its tag (ISO 9735-1, section 7.1): component, element, decimal mark, release,
    /// repetition, terminator; a space where there is none.
    pub fn advice(&self) -> String {
        let or_space = |c: Option<char>| c.unwrap_or(' ');
        [
            self.component,
            self.element,
            self.decimal,
            or_space(self.release),
            or_space(self.repetition),
            self.terminator,
        ]
        .into_iter()
        .collect()
    }

    /// Reads a service string advice without its tag; `None` unless it has six characters.
    pub fn of_advice(advice: &str) -> Option<Self> {
        let mut chars = advice.chars();
        let mut next = || chars.next();
        let (component, element, decimal) = (next()?, next()?, next()?);
        let (release, repetition, terminator) = (next()?, next()?, next()?);
        let or_none = |c: char| (c != ' ').then_some(c);
        let (release, repetition) = (or_none(release), or_none(repetition));
        chars.next().is_none().then_some(Self {
            syntax: Syntax::Edifact,
            element,
            component,
            repetition,
            terminator,
            release,
            decimal,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_advice_reads_back() {
        assert_eq!(Delimiters::EDIFACT.advice(), ":+.?*'");
        let other = Delimiters::of_advice("=*.? ~").unwrap();
        assert_eq!((other.component, other.element, other.repetition), ('=', '*', None));
        assert_eq!(other.advice(), "=*.? ~");
        assert_eq!(Delimiters::of_advice(":+.?"), None);
    }

    #[test]
    fn delimiters_that_cannot_part_are_told() {
        let letter = Delimiters { element: 'x', ..Delimiters::X12 };
        assert!(letter.fault().unwrap().contains("letters"));
        let twice = Delimiters { element: ':', ..Delimiters::X12 };
        assert!(twice.fault().unwrap().contains("two things"));
        assert_eq!(Delimiters::X12.fault(), None);
    }
}
