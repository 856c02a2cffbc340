//! What the inline forms of all profiles share: types, facets and how often something occurs.

use compact_str::CompactString;
use regex::Regex;
use rust_decimal::Decimal;

use crate::schema::{Facets, Occurs, Simple, SimpleType};
use crate::source::{Finding, Spanned};
use crate::syntax::{Literal, Node};

/// Reads `type=`; `string` without one, `None` after a finding.
pub fn simple_type(node: &mut Node<'_>) -> Option<SimpleType> {
    let given = node.has_property("type");
    let Some(name) = node.property::<String>("type") else { return (!given).then_some(SimpleType::String) };
    match SimpleType::ALL.iter().find(|(known, _)| *known == name.value) {
        Some((_, simple)) => Some(*simple),
        None => {
            let finding =
                Finding::error("unknown-type", name.span, format!("`{}` is not a type", name.value));
            node.report(finding.suggest(&name.value, SimpleType::ALL.iter().map(|(known, _)| *known)));
            None
        }
    }
}

/// Reads the facets that belong to a type: `min= max= length= min-length= max-length= pattern= values=`.
pub fn simple(node: &mut Node<'_>, base: Option<SimpleType>) -> Simple {
    let mut facets = Facets {
        length: node.property::<u32>("length").map(|n| n.value),
        min_length: node.property::<u32>("min-length").map(|n| n.value),
        max_length: node.property::<u32>("max-length").map(|n| n.value),
        pattern: node.property::<Literal>("pattern").and_then(|literal| pattern(node, &literal)),
        values: values(node),
        ..Facets::default()
    };
    let (min, max) = (node.property::<Decimal>("min"), node.property::<Decimal>("max"));
    for (name, given) in [("min", &min), ("max", &max)] {
        if let (Some(base), Some(given)) = (base.filter(|base| !base.is_number()), given) {
            let message = format!("`{name}=` is for numbers, and this is of type {}", base.name());
            let finding = Finding::error("facet-type", given.span, message);
            node.report(finding.help("min-length= and max-length= bound text"));
        }
    }
    if let (Some(min), Some(max)) = (&min, &max)
        && min.value > max.value
    {
        node.report(
            Finding::error("facet-order", max.span, "`max=` is less than `min=`")
                .also(min.span, "`min=` is here"),
        );
    }
    facets.min = min.map(|n| n.value);
    facets.max = max.map(|n| n.value);
    Simple { base: base.unwrap_or(SimpleType::String), facets }
}

/// `values="a b c"`: the only ones allowed, separated by spaces.
fn values(node: &mut Node<'_>) -> Vec<CompactString> {
    let given = node.property::<String>("values");
    given.map(|given| given.value.split_whitespace().map(CompactString::from).collect()).unwrap_or_default()
}

/// A pattern matches the whole value (XML Schema part 2, section 4.3.4).
fn pattern(node: &Node<'_>, literal: &Spanned<Literal>) -> Option<(String, Regex)> {
    let text = &literal.value.text;
    match Regex::new(&format!("^(?:{text})$")) {
        Ok(regex) => Some((text.clone(), regex)),
        Err(error) => {
            let what = error.to_string();
            let last = what.lines().last().unwrap_or("").trim_start_matches("error: ").to_owned();
            node.report(Finding::error(
                "bad-pattern",
                literal.span,
                format!("this is not a regular expression: {last}"),
            ));
            None
        }
    }
}

/// Reads `occurs=`: `"1"`, `"0..1"`, `"1..*"`, `"2..5"`.
pub fn occurs(node: &mut Node<'_>, default: Occurs) -> Occurs {
    let Some(given) = node.property::<String>("occurs") else { return default };
    parse_occurs(&given.value).unwrap_or_else(|| {
        let message = format!("`{}` does not say how often", given.value);
        node.report(
            Finding::error("bad-occurs", given.span, message)
                .label("expected such as \"0..1\", \"1..*\" or \"2..5\""),
        );
        default
    })
}

fn parse_occurs(text: &str) -> Option<Occurs> {
    let (min, max) = text.split_once("..").unwrap_or((text, text));
    let min: u32 = if min == "*" { 0 } else { min.parse().ok()? };
    let max: Option<u32> = if max == "*" { None } else { Some(max.parse().ok()?) };
    (max != Some(0) && max.is_none_or(|max| min <= max)).then_some(Occurs { min, max })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn occurs_is_a_range() {
        assert_eq!(parse_occurs("1"), Some(Occurs::ONCE));
        assert_eq!(parse_occurs("0..1"), Some(Occurs::OPTIONAL));
        assert_eq!(parse_occurs("1..*"), Some(Occurs { min: 1, max: None }));
        assert_eq!(parse_occurs("*"), Some(Occurs { min: 0, max: None }));
        for wrong in ["", "x", "3..1", "0", "1..", "-1"] {
            assert_eq!(parse_occurs(wrong), None, "{wrong}");
        }
    }
}
