//! What the inline forms of all profiles share: how often something occurs, beside the types that all of the file has.

pub use crate::kind::facets::{simple, simple_in_field, simple_type};
use crate::schema::Occurs;
use crate::source::{Finding, Span};
use crate::syntax::Node;

/// Reads `occurs=`: `"1"`, `"0..1"`, `"1..*"`, `"2..5"`.
pub fn occurs(node: &mut Node<'_>, default: Occurs) -> Occurs {
    range(node, "occurs", default)
}

/// Reads `items=`, how many items a list may have, in the same form.
pub fn items(node: &mut Node<'_>, default: Occurs) -> Occurs {
    let span = span(node, "items");
    let items = range(node, "items", default);
    if !items.repeats() {
        let message = "a list of one item at most is no list";
        node.report(Finding::error("bad-occurs", span, message).help("write an element in an element"));
    }
    items
}

/// Where a property stands, or the node without it.
pub fn span(node: &mut Node<'_>, word: &'static str) -> Span {
    node.property::<String>(word).map_or_else(|| node.name_span(), |given| given.span)
}

fn range(node: &mut Node<'_>, word: &'static str, default: Occurs) -> Occurs {
    let Some(given) = node.property::<String>(word) else { return default };
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
