//! Conditions on a value, as steps that choose have them: a comparison with a literal, or a pattern.

use compact_str::CompactString;

use crate::document::number::{Lexical, Number};
use crate::document::value::Value;
use crate::kind::Compiling;
use crate::kind::value::Scalar;
use crate::pipeline::source::is_blank;
use crate::source::{Finding, Span, Spanned};
use crate::syntax::{Literal, Node};

/// The comparisons by their property.
const COMPARISONS: &[(&str, Comparison)] = &[
    ("eq", Comparison::Equal),
    ("ne", Comparison::NotEqual),
    ("gt", Comparison::Greater),
    ("ge", Comparison::GreaterOrEqual),
    ("lt", Comparison::Less),
    ("le", Comparison::LessOrEqual),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// A condition as declared: `eq=`, `ne=`, `gt=`, `ge=`, `lt=`, `le=`, `matches=` or `like=`.
#[derive(Debug)]
pub struct DeclaredTest {
    comparisons: Vec<(Comparison, Spanned<Scalar>)>,
    matches: Option<Spanned<Literal>>,
    like: Option<Spanned<Literal>>,
}

/// A compiled condition.
#[derive(Debug)]
pub enum Test {
    /// The value is there, and is not `false`.
    Present,
    /// It compares so with a literal.
    Compare(Condition),
    /// A regular expression finds something in its text.
    Matches(regex::Regex),
}

/// A comparison with a literal.
#[derive(Debug)]
pub struct Condition {
    comparison: Comparison,
    against: Against,
}

/// The literal that is compared with, as text and, when it is one, as a number.
#[derive(Debug)]
struct Against {
    text: CompactString,
    number: Option<Number>,
}

impl Against {
    fn new(literal: &Value) -> Self {
        let text = literal.text().unwrap_or_default();
        let number = Number::any(text.trim());
        Self { text, number }
    }
}

impl DeclaredTest {
    /// Reads the properties off a node.
    pub fn read(node: &mut Node<'_>) -> Self {
        let mut comparisons = Vec::new();
        for (name, comparison) in COMPARISONS {
            comparisons.extend(node.property::<Scalar>(name).map(|scalar| (*comparison, scalar)));
        }
        Self { comparisons, matches: node.property("matches"), like: node.property("like") }
    }

    /// Whether there is no condition.
    pub fn is_none(&self) -> bool {
        self.spans().is_empty()
    }

    fn spans(&self) -> Vec<Span> {
        let comparisons = self.comparisons.iter().map(|(_, scalar)| scalar.span);
        comparisons.chain([&self.matches, &self.like].into_iter().flatten().map(|text| text.span)).collect()
    }

    /// Checks it; `None` after a finding. `what` has it: "a `decision`".
    pub fn compile(&self, what: &str, compiling: &Compiling<'_>) -> Option<Test> {
        if let Some(span) = self.spans().get(1) {
            let finding = Finding::error("several-comparisons", *span, format!("{what} compares once"));
            compiling.report(finding.help("put a second `decision` into its path"));
            return None;
        }
        let pattern = match (&self.matches, &self.like) {
            (Some(pattern), _) => Some((pattern.span, pattern.value.text.clone())),
            (None, Some(wildcard)) => Some((wildcard.span, from_wildcard(&wildcard.value.text))),
            (None, None) => None,
        };
        if let Some((span, pattern)) = pattern {
            return match regex::Regex::new(&pattern) {
                Ok(regex) => Some(Test::Matches(regex)),
                Err(error) => {
                    let message =
                        format!("this is not a regular expression: {}", last_line(&error.to_string()));
                    compiling.report(Finding::error("bad-pattern", span, message));
                    None
                }
            };
        }
        Some(match self.comparisons.first() {
            Some((comparison, scalar)) => {
                let against = Against::new(&scalar.value.value);
                Test::Compare(Condition { comparison: *comparison, against })
            }
            None => Test::Present,
        })
    }
}

/// The regular expression of a wildcard: `*` is any text, `?` any character.
fn from_wildcard(text: &str) -> String {
    let mut pattern = String::from("(?s)^");
    for c in text.chars() {
        match c {
            '*' => pattern.push_str(".*"),
            '?' => pattern.push('.'),
            c => pattern.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    pattern.push('$');
    pattern
}

/// The regex crate draws the pattern first; what is wrong stands at the end.
fn last_line(text: &str) -> String {
    text.lines().last().unwrap_or(text).trim_start_matches("error: ").to_owned()
}

impl Test {
    /// One of the literals of a `case`.
    pub fn equals(literal: &Value) -> Self {
        Self::Compare(Condition { comparison: Comparison::Equal, against: Against::new(literal) })
    }

    /// Whether a value meets it.
    pub fn holds(&self, value: &Value) -> bool {
        match self {
            // Properties are texts.
            Self::Present => !is_blank(value) && value.text().is_none_or(|text| text != "false"),
            Self::Compare(condition) => compare(condition.comparison, value, &condition.against),
            Self::Matches(regex) => regex.is_match(&value.text().unwrap_or_default()),
        }
    }
}

/// As numbers when both are, as text otherwise; what is blank is the empty text.
fn compare(comparison: Comparison, value: &Value, literal: &Against) -> bool {
    let text = value.text().unwrap_or_default();
    let order = match (&literal.number, Lexical::any(text.trim())) {
        (Some(literal), Some(number)) => number.compare(literal.lexical()),
        _ => text.cmp(&literal.text),
    };
    match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_as_numbers_and_text_as_text() {
        let number = |text: &str| Against::new(&Value::Number(text.into()));
        let literal = |text: &str| Against::new(&Value::Text(text.into()));
        let text = |text: &str| Value::Text(text.into());
        assert!(compare(Comparison::Greater, &text("1000.01"), &number("1000")));
        assert!(compare(Comparison::Equal, &text("1.0"), &number("1")));
        assert!(compare(Comparison::Less, &text("DE"), &literal("FR")));
        assert!(compare(Comparison::Less, &text("10"), &literal("9a")));
    }

    #[test]
    fn no_number_is_too_large_to_be_compared_as_one() {
        let thousand = Against::new(&Value::Number("1000".into()));
        for large in
            ["0.1e41", "1e99", "1E+400", "1e99999999999999999999", "1000000000000000000000000000000000000"]
        {
            assert!(compare(Comparison::Greater, &Value::Number(large.into()), &thousand), "{large}");
            assert!(compare(Comparison::Greater, &Value::Text(large.into()), &thousand), "{large}");
        }
        for small in ["9e-99", "-9e99", "0.9999e3"] {
            assert!(compare(Comparison::Less, &Value::Number(small.into()), &thousand), "{small}");
        }
    }

    #[test]
    fn absent_nil_and_empty_are_the_same() {
        for value in [Value::Absent, Value::Nil, Value::Text("".into())] {
            assert!(compare(Comparison::Equal, &value, &Against::new(&Value::Text("".into()))));
            assert!(!Test::Present.holds(&value));
        }
        assert!(!Test::Present.holds(&Value::Bool(false)));
        assert!(Test::Present.holds(&Value::Text("x".into())));
    }

    #[test]
    fn a_wildcard_fits_the_whole_text() {
        let like = |pattern: &str, text: &str| {
            Test::Matches(regex::Regex::new(&from_wildcard(pattern)).unwrap())
                .holds(&Value::Text(text.into()))
        };
        assert!(like("F*", "FR") && like("F?", "FR") && like("a.c", "a.c") && like("*", ""));
        assert!(!like("F?", "F") && !like("F*", "AF") && !like("a.c", "abc"));
    }
}
