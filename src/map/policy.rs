//! What a `set` writes when its value is absent or nil: nothing, nil, an empty value, or a failure.

use hyper::StatusCode;

use crate::document::tree::{Content, Element, Name};
use crate::document::value::Value;
use crate::kind::Compiling;
use crate::kind::path::Target;
use crate::kind::value::DeclaredValue;
use crate::pipeline::failure::Failure;
use crate::schema::ShapeKind;
use crate::source::{Finding, Place, Spanned};
use crate::syntax::{FromValue, Given, Home, Literal, Node};

/// What is written in place of a value that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Nothing: the target is not made.
    Omit,
    /// Nil: `xsi:nil`, JSON `null`.
    Nil,
    /// An empty text; of an object or array one without members or items.
    Empty,
    /// Nothing, and the map fails.
    Error,
}

const WORDS: &[(&str, Policy)] =
    &[("omit", Policy::Omit), ("nil", Policy::Nil), ("empty", Policy::Empty), ("error", Policy::Error)];

impl FromValue for Policy {
    const HOME: Home = Home::File;

    fn from_value(given: &Given<'_>) -> Result<Self, String> {
        let word = given.text().unwrap_or_default();
        let found = WORDS.iter().find(|(known, _)| *known == word).map(|(_, policy)| *policy);
        found.ok_or_else(|| "omit, nil, empty or error".to_owned())
    }
}

/// `when-absent=` and `when-nil=` as declared.
#[derive(Debug)]
pub struct Declared {
    absent: Option<Spanned<Policy>>,
    nil: Option<Spanned<Policy>>,
}

/// The two policies of one `set`.
#[derive(Debug)]
pub struct Policies {
    absent: Policy,
    nil: Policy,
    /// What an empty value is at the target.
    empty: Value,
}

impl Declared {
    /// Reads the properties off a node.
    pub fn read(node: &mut Node<'_>) -> Self {
        Self { absent: node.property("when-absent"), nil: node.property("when-nil") }
    }

    /// Checks them against the target, and puts defaults for what is not said: what is absent is left out, and so is nil
    /// where the profile does not let it stand. `None` after findings.
    pub fn compile(
        &self,
        name: &Spanned<Literal>,
        value: &DeclaredValue,
        target: &Target,
        compiling: &Compiling<'_>,
    ) -> Option<Policies> {
        let mut fits = true;
        for given in [&self.absent, &self.nil].into_iter().flatten() {
            let finding = beside_default(given, value).or_else(|| misfit(given, name, target));
            fits &= finding.is_none();
            if let Some(finding) = finding {
                compiling.report(finding);
            }
        }
        let nil = if target.nillable { Policy::Nil } else { Policy::Omit };
        fits.then(|| Policies {
            absent: self.absent.as_ref().map_or(Policy::Omit, |given| given.value),
            nil: self.nil.as_ref().map_or(nil, |given| given.value),
            empty: empty(target),
        })
    }
}

/// A default stands in for what is absent, nil or empty, so that nothing would be left for a policy.
fn beside_default(given: &Spanned<Policy>, value: &DeclaredValue) -> Option<Finding> {
    let default = value.default.as_ref()?;
    let message = "a `default=` stands in for what is absent or nil: there is nothing left to say of it";
    let finding = Finding::error("default-and-policy", given.span, message);
    Some(finding.also(default.span, "the default is here").help("remove one of the two"))
}

fn misfit(given: &Spanned<Policy>, name: &Spanned<Literal>, target: &Target) -> Option<Finding> {
    let text = &name.value.text;
    let attribute = target.segments.last().is_some_and(|last| last.attribute);
    match (given.value, &target.end.shape, target.end.simple) {
        (Policy::Nil, _, _) if attribute => {
            let message = format!("`{text}` is an attribute, which cannot be nil");
            let help = "write omit to leave it out, empty for an empty text, or error";
            Some(Finding::error("not-nillable", given.span, message).help(help))
        }
        (Policy::Nil, Some(shape), _) if !target.nillable && !matches!(shape.kind, ShapeKind::Any) => {
            let message = format!("`{text}` cannot be nil by its profile");
            let help = "let it be there: nillable=#true; or write omit, empty or error";
            Some(Finding::error("not-nillable", given.span, message).help(help))
        }
        (Policy::Empty, _, Some(simple)) if !simple.accepts("") => {
            let message = format!("an empty text does not fit `{text}` of type {}", simple.name());
            let help = "write omit, nil or error; or give another value by default=";
            Some(Finding::error("type-misfit", given.span, message).help(help))
        }
        _ => None,
    }
}

fn empty(target: &Target) -> Value {
    let content = match target.end.shape.as_ref().map(|shape| &shape.kind) {
        Some(ShapeKind::Children(_) | ShapeKind::Open(_)) => Content::Children(Vec::new()),
        Some(ShapeKind::Items(_)) => Content::Items(Vec::new()),
        Some(ShapeKind::Simple(_) | ShapeKind::Any) | None => return Value::Text("".into()),
    };
    Value::Tree(Box::new(Element::with(Name::default(), content)))
}

impl Policies {
    /// What to write for a value; absent for nothing.
    ///
    /// # Errors
    /// The value is absent or nil, and must not be: the caller's fault when it was to come `from` its document or request,
    /// as `from` says, else the file's.
    pub fn apply(&self, value: Value, from: &Wanted<'_>) -> Result<Value, Failure> {
        let (policy, what) = match value {
            Value::Absent => (self.absent, "absent"),
            Value::Nil => (self.nil, "nil"),
            other => return Ok(other),
        };
        match policy {
            Policy::Omit => Ok(Value::Absent),
            Policy::Nil => Ok(Value::Nil),
            Policy::Empty => Ok(self.empty.clone()),
            Policy::Error => Err(from.missing(what)),
        }
    }
}

/// What a `set` wanted, for the failure of not having got it.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The path or property as written; `None` for a script alone.
    pub from: Option<&'a str>,
    /// The target as written.
    pub target: &'a str,
    /// Where the `set` stands.
    pub place: &'a Place,
}

impl Wanted<'_> {
    fn missing(&self, what: &str) -> Failure {
        let log = format!("`set {}` needs a value, and it is {what}", self.target);
        let failure = match self.from {
            Some(from) => {
                let message = format!("A value is needed at `{from}`, and it is {what}.");
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                Failure::client(status, "missing-value", message).log(format!("{log}: from `{from}`"))
            }
            None => Failure::internal("missing-value", log),
        };
        failure.at(self.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::failure::Blame;

    #[test]
    fn a_policy_says_what_stands_in() {
        let place = Place { file: "gateway.kdl".into(), line: 7, column: 5 };
        let wanted = Wanted { from: Some("Order/@id"), target: "$.id", place: &place };
        let policies = |absent, nil| Policies { absent, nil, empty: Value::Text("".into()) };
        let both = policies(Policy::Nil, Policy::Empty);
        assert_eq!(both.apply(Value::Absent, &wanted).unwrap(), Value::Nil);
        assert_eq!(both.apply(Value::Nil, &wanted).unwrap(), Value::Text("".into()));
        assert_eq!(both.apply(Value::Bool(true), &wanted).unwrap(), Value::Bool(true));
        let strict = policies(Policy::Error, Policy::Omit);
        assert_eq!(strict.apply(Value::Nil, &wanted).unwrap(), Value::Absent);
        let failure = strict.apply(Value::Absent, &wanted).unwrap_err();
        assert_eq!((failure.blame, failure.status.as_u16()), (Blame::Client, 422));
        assert_eq!(failure.message, "A value is needed at `Order/@id`, and it is absent.");
        assert_eq!(
            failure.log.as_deref(),
            Some("`set $.id` needs a value, and it is absent: from `Order/@id`")
        );
        assert_eq!(failure.place.as_ref().map(|place| place.line), Some(7));
        let failure = strict.apply(Value::Absent, &Wanted { from: None, ..wanted }).unwrap_err();
        assert_eq!((failure.blame, failure.status.as_u16()), (Blame::Gateway, 500));
    }
}
