//! Simple types as the file writes them: `type=` and the facets that narrow it, everywhere read the same way.

use rust_decimal::Decimal;

use crate::schema::pattern::Pattern;
use crate::schema::{Fault, GivenFacets, Simple, SimpleType};
use crate::source::{Finding, Span, Spanned, nearest};
use crate::syntax::{FromValue, Given, Home, Literal, Node};

/// The types that a help text names; it would be of no help to name all.
const DAILY: usize = 9;

/// Reads `type=`; `string` without one, `None` after a finding.
pub fn simple_type(node: &mut Node<'_>) -> Option<SimpleType> {
    let given = node.has_property("type");
    let Some(name) = node.property::<String>("type") else { return (!given).then_some(SimpleType::String) };
    let found = SimpleType::named(&name.value);
    if found.is_none() {
        let finding = Finding::error("unknown-type", name.span, format!("`{}` is not a type", name.value));
        let help = match nearest(&name.value, SimpleType::all().map(SimpleType::name)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                let daily: Vec<&str> = SimpleType::all().take(DAILY).map(SimpleType::name).collect();
                format!("known here: {}, and the other built-in types of XML Schema", daily.join(", "))
            }
        };
        node.report(finding.help(help));
    }
    found
}

/// Reads the facets that belong to a type: `min= max= min-exclusive= max-exclusive= length= min-length= max-length=
/// total-digits= fraction-digits= pattern= values=`. One that is wrong is a finding, and narrows nothing.
pub fn simple(node: &mut Node<'_>, base: Option<SimpleType>) -> Simple {
    narrowed(node, base, &COUNTS)
}

/// As [`simple`], where `length=` says how wide a field is, and a value may be shorter.
pub fn simple_in_field(node: &mut Node<'_>, base: Option<SimpleType>) -> Simple {
    narrowed(node, base, COUNTS.get(1..).unwrap_or_default())
}

type SetCount = fn(&mut GivenFacets, String);

/// The facets that are counts.
const COUNTS: [(&str, SetCount); 5] = [
    ("length", |given, text| given.length = Some(text)),
    ("min-length", |given, text| given.min_length = Some(text)),
    ("max-length", |given, text| given.max_length = Some(text)),
    ("total-digits", |given, text| given.total_digits = Some(text)),
    ("fraction-digits", |given, text| given.fraction_digits = Some(text)),
];

fn narrowed(node: &mut Node<'_>, base: Option<SimpleType>, counts: &[(&'static str, SetCount)]) -> Simple {
    let simple = Simple::of(base.unwrap_or(SimpleType::String));
    let mut narrowing = Narrowing { is_known: base.is_some(), simple, bounds: Vec::new() };
    narrowing.counts(node, counts);
    narrowing.bound(node, "min", |given, text| given.min_inclusive = Some(text));
    narrowing.bound(node, "min-exclusive", |given, text| given.min_exclusive = Some(text));
    narrowing.bound(node, "max", |given, text| given.max_inclusive = Some(text));
    narrowing.bound(node, "max-exclusive", |given, text| given.max_exclusive = Some(text));
    if let Some(literal) = node.property::<Literal>("pattern") {
        narrowing.pattern(node, &literal);
    }
    if let Some(values) = node.property::<String>("values") {
        let enumeration = values.value.split_whitespace().map(str::to_owned).collect();
        let given = GivenFacets { enumeration, ..GivenFacets::default() };
        narrowing.step(node, "values", values.span, &given);
    }
    narrowing.simple
}

/// A type that is narrowed facet by facet, so that each that is wrong gets its own finding.
struct Narrowing {
    /// Whether the type is the declared one: facets of an unknown one are read, and not judged.
    is_known: bool,
    simple: Simple,
    /// The bounds so far, with their places.
    bounds: Vec<(&'static str, Span)>,
}

impl Narrowing {
    /// The facets that are counts.
    fn counts(&mut self, node: &mut Node<'_>, counts: &[(&'static str, SetCount)]) {
        for (word, set) in counts {
            if let Some(count) = node.property::<u32>(word) {
                let mut given = GivenFacets::default();
                set(&mut given, count.value.to_string());
                self.step(node, word, count.span, &given);
            }
        }
    }

    /// One bound: a number where the type is one, else a text in the type's own form.
    fn bound(&mut self, node: &mut Node<'_>, word: &'static str, set: fn(&mut GivenFacets, String)) {
        let read = match self.is_known && self.simple.is_number() {
            true => {
                node.property::<Amount>(word).map(|given| Spanned { value: given.value.0, span: given.span })
            }
            false => {
                node.property::<Limit>(word).map(|given| Spanned { value: given.value.0, span: given.span })
            }
        };
        let Some(text) = read else { return };
        let twin = word
            .strip_suffix("-exclusive")
            .and_then(|twin| self.bounds.iter().find(|(other, _)| *other == twin));
        if let Some((twin, place)) = twin {
            let message = format!("`{word}=` and `{twin}=` cannot both be");
            let finding = Finding::error("facet-order", text.span, message);
            return node.report(finding.also(*place, format!("`{twin}=` is here")));
        }
        self.bounds.push((word, text.span));
        let mut given = GivenFacets::default();
        set(&mut given, text.value);
        self.step(node, word, text.span, &given);
    }

    /// A pattern in XML Schema's syntax, which matches the whole value (part 2, section 4.3.4).
    fn pattern(&mut self, node: &Node<'_>, literal: &Spanned<Literal>) {
        let text = &literal.value.text;
        let given = GivenFacets { patterns: vec![text.clone()], ..GivenFacets::default() };
        let error = match Pattern::new(text) {
            Ok(_) => {
                let anchor = text.starts_with('^') || (text.ends_with('$') && !text.ends_with("\\$"));
                if anchor {
                    let message = "`^` and `$` are characters in a pattern of XML Schema";
                    let finding = Finding::warning("pattern-anchor", literal.span, message);
                    node.report(finding.help(
                        "a pattern always matches the whole value: leave them out, or write \\^ and \\$",
                    ));
                }
                return self.step(node, "pattern", literal.span, &given);
            }
            Err(error) => error,
        };
        let (span, message) = match literal.value.is_outside {
            true => (literal.span, "this is not a regular expression of XML Schema".to_owned()),
            false => {
                let end =
                    text.get(error.offset..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
                (literal.value.span_of(error.offset, error.offset + end), error.message)
            }
        };
        let finding = Finding::error("bad-pattern", span, message);
        node.report(finding.help("patterns are regular expressions of XML Schema part 2, appendix F"));
    }

    /// One step of derivation with one facet.
    fn step(&mut self, node: &Node<'_>, word: &'static str, span: Span, given: &GivenFacets) {
        let error = match self.simple.restrict(given) {
            Ok(simple) => {
                self.simple = simple;
                return;
            }
            Err(error) if self.is_known => error,
            Err(_) => return,
        };
        let code = match error.fault {
            Fault::Inapplicable => "facet-type",
            Fault::Value => "facet-value",
            Fault::Conflict => "facet-order",
            Fault::Pattern(_) => "bad-pattern",
        };
        let mut finding = Finding::error(code, span, format!("`{word}=` {}", error.message));
        if error.fault == Fault::Conflict
            && let Some((lower, place)) = self.bounds.iter().find(|(other, _)| *other != word)
            && matches!(word, "max" | "max-exclusive")
        {
            finding = finding.also(*place, format!("`{lower}=` is here"));
        }
        if error.fault == Fault::Inapplicable && (word.starts_with("min") || word.starts_with("max")) {
            finding = finding.help("min= and max= bound values, min-length= and max-length= their length");
        }
        node.report(finding);
    }
}

/// A bound of a number.
struct Amount(String);

impl FromValue for Amount {
    const HOME: Home = Home::File;

    fn from_value(given: &Given<'_>) -> Result<Self, String> {
        Decimal::from_value(given).map(|number| Self(number.normalize().to_string()))
    }
}

/// A bound of any other type: a text, or a number such as a year.
struct Limit(String);

impl FromValue for Limit {
    const HOME: Home = Home::File;

    fn from_value(given: &Given<'_>) -> Result<Self, String> {
        match given.text() {
            Some(text) => Ok(Self(text.to_owned())),
            None => Amount::from_value(given)
                .map(|number| Self(number.0))
                .map_err(|_| "a number or text".to_owned()),
        }
    }
}
