//! The `decision` step: documents that meet a condition take one path, the others another.

use compact_str::CompactString;

use crate::document::number::{Lexical, Number};
use crate::document::value::Value;
use crate::kind::step::{DeclaredPath, DeclaredStep, Facts, StepKind};
use crate::kind::value::{DeclaredValue, For, Scalar};
use crate::kind::{Compiling, Kinds, Manual};
use crate::pipeline::failure::Failure;
use crate::pipeline::run::Run;
use crate::pipeline::source::{ValueSource, is_blank};
use crate::pipeline::step::{Documents, Path, Step, Work};
use crate::source::{Finding, Spanned};
use crate::syntax::{Literal, Node};

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "decision",
        summary: "sends each document down `then` or `else`",
        usage: "decision from=PATH | property=NAME | script=EXPRESSION [eq=|ne=|gt=|ge=|lt=|le=LITERAL | matches=REGEX] { then { STEP... } [else { STEP... }] }",
        text: "The value is compared with the literal: as numbers when both are numbers, as text otherwise. Absent, nil and \
               empty are the same. Without a comparison a document takes `then` when the value is there and is not \
               `false`. All documents of `then` run to its end before those of `else` begin. What reaches the ends goes \
               on behind the decision, `then` first; without `else` the other documents go on unchanged.",
        example: "decision from=\"Order/Total\" gt=1000 {\n    then {\n        throw \"too large\" status=422\n    }\n    else {\n        notify info \"fine\"\n    }\n}",
    },
    read,
};

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

#[derive(Debug)]
struct Declared {
    value: DeclaredValue,
    comparisons: Vec<(Comparison, Spanned<Scalar>)>,
    matches: Option<Spanned<Literal>>,
    then: DeclaredPath,
    other: DeclaredPath,
}

#[derive(Debug)]
struct Decision {
    value: ValueSource,
    test: Test,
    then: Path,
    other: Path,
}

#[derive(Debug)]
enum Test {
    Present,
    Compare(Comparison, Against),
    Matches(regex::Regex),
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

fn read(mut node: Node<'_>, kinds: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let span = node.name_span();
    let value = DeclaredValue::read(&mut node, false);
    let mut comparisons = Vec::new();
    for (name, comparison) in COMPARISONS {
        comparisons.extend(node.property::<Scalar>(name).map(|scalar| (*comparison, scalar)));
    }
    let matches = node.property("matches");
    let (mut then, mut other, mut broken) = (None, None, false);
    for mut child in node.parts(&["then", "else"]) {
        let slot = match child.name() {
            "then" => &mut then,
            "else" => &mut other,
            _ => {
                child.unknown("unknown-word", "a part of `decision`", ["then", "else"]);
                broken = true;
                continue;
            }
        };
        *slot = Some(DeclaredPath::read(child.children(), kinds));
        child.finish();
    }
    if then.is_none() && other.is_none() && !broken {
        let finding =
            Finding::error("empty-decision", span, "a `decision` without `then` and `else` does nothing");
        node.report(finding.help("write then { ... } in it"));
    }
    node.finish();
    let (then, other) = (then.unwrap_or_default(), other.unwrap_or_default());
    Some(Box::new(Declared { value: value?, comparisons, matches, then, other }))
}

impl Declared {
    fn test(&self, compiling: &Compiling<'_>) -> Option<Test> {
        let extra = self.comparisons.get(1).map(|(_, scalar)| scalar.span);
        let both = self.matches.as_ref().filter(|_| !self.comparisons.is_empty()).map(|literal| literal.span);
        if let Some(span) = extra.or(both) {
            let finding = Finding::error("several-comparisons", span, "a `decision` compares once");
            compiling.report(finding.help("put a second decision into `then`"));
            return None;
        }
        if let Some(pattern) = &self.matches {
            return match regex::Regex::new(&pattern.value.text) {
                Ok(regex) => Some(Test::Matches(regex)),
                Err(error) => {
                    let message =
                        format!("this is not a regular expression: {}", last_line(&error.to_string()));
                    compiling.report(Finding::error("bad-pattern", pattern.span, message));
                    None
                }
            };
        }
        Some(match self.comparisons.first() {
            Some((comparison, scalar)) => Test::Compare(*comparison, Against::new(&scalar.value.value)),
            None => Test::Present,
        })
    }
}

/// The regex crate draws the pattern first; what is wrong stands at the end.
fn last_line(text: &str) -> String {
    text.lines().last().unwrap_or(text).trim_start_matches("error: ").to_owned()
}

impl DeclaredStep for Declared {
    fn facts(&self) -> Facts<'_> {
        Facts { inner: vec![&self.then, &self.other], ..Facts::default() }
    }

    fn compile(&self, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        let value = self.value.compile(&For::default(), compiling);
        let test = self.test(compiling);
        let (then, other) = (self.then.compile(compiling), self.other.compile(compiling));
        Some(Box::new(Decision { value: value?.0, test: test?, then: then?, other: other? }))
    }
}

impl Test {
    fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Present => !is_blank(value) && *value != Value::Bool(false),
            Self::Compare(comparison, literal) => compare(*comparison, value, literal),
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

impl Decision {
    /// Which documents meet the condition, in their order, and which do not.
    async fn sort(&self, run: &Run, documents: Documents) -> Result<(Documents, Documents), Failure> {
        let (mut then, mut other) = (Documents::new(), Documents::new());
        for (at, document) in documents.into_iter().enumerate() {
            if at > 0 {
                run.turn().await?;
            }
            let value = self.value.read(run, &document, None)?;
            if self.test.holds(&value) { then.push(document) } else { other.push(document) }
        }
        Ok((then, other))
    }
}

impl Step for Decision {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        Work::Later(Box::pin(async move {
            let (then, other) = self.sort(run, documents).await?;
            let mut out = run.path(&self.then, then).await?;
            out.extend(run.path(&self.other, other).await?);
            Ok(out)
        }))
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
}
