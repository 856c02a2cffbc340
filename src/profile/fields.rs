//! The fields of a `fixed` profile's records, as they are declared and checked.

use crate::document::flat::Holds;
use crate::document::flat::fixed::{Align, Field, Tag};
use crate::profile::columns::{self, value};
use crate::profile::records::{Declares, position};
use crate::profile::shapes;
use crate::schema::Shape;
use crate::source::{Finding, Span};
use crate::syntax::Node;

impl Declares for Field {
    const WORD: &'static str = "field";

    fn name(&self) -> &str {
        &self.name
    }

    fn read(node: Node<'_>) -> Option<(Self, Shape)> {
        field(node)
    }

    /// Reports a field that stands where another is.
    fn check(&self, node: &Node<'_>, before: &[(Self, Span)], span: Span) {
        let meets = |other: &Field| other.at < self.at + self.length && self.at < other.at + other.length;
        let Some((other, first)) = before.iter().find(|(other, _)| meets(other)) else { return };
        let (name, from, to) = (&self.name, self.at + 1, self.at + self.length);
        let message = format!("the field `{name}` stands at {from} to {to}, where another is");
        let finding = Finding::error("overlap", span, message);
        let other = format!("it stands at {} to {}", other.at + 1, other.at + other.length);
        node.report(finding.also(*first, other));
    }

    /// Reports fields that stand where the tag is.
    fn check_tag(node: &Node<'_>, tag: &Tag, fields: &[Self], span: Span) {
        let (from, to) = (tag.at, tag.at + tag.text.chars().count());
        for other in fields.iter().filter(|other| other.at < to && from < other.at + other.length) {
            let message = format!(
                "the tag stands at {} to {to}, where a field stands at {} to {}",
                from + 1,
                other.at + 1,
                other.at + other.length
            );
            node.report(
                Finding::error("overlap", span, message).help("the tag is no field: it is written of itself"),
            );
        }
    }
}

fn field(mut node: Node<'_>) -> Option<(Field, Shape)> {
    let name = columns::name(&mut node, "field's name");
    node.required::<u16>("at");
    node.required::<u16>("length");
    let at = position(&mut node, "at");
    let length = position(&mut node, "length").map(|length| length.value + 1);
    let required = node.property::<bool>("required").is_some_and(|given| given.value);
    let base = shapes::simple_type(&mut node);
    let simple = shapes::simple_in_field(&mut node, base);
    let holds = columns::holds(simple.base);
    let align = align(&mut node, if holds == Holds::Number { Align::Right } else { Align::Left });
    let pad = pad(&mut node, align);
    let decimals = decimals(&mut node, holds, length);
    node.finish();
    let name = name?;
    let field =
        Field { name: name.as_str().into(), at: at?.value, length: length?, pad, align, holds, decimals };
    Some((field, value(&name, required, simple)))
}

fn align(node: &mut Node<'_>, default: Align) -> Align {
    const WORDS: [(&str, Align); 2] = [("left", Align::Left), ("right", Align::Right)];
    let Some(given) = node.property::<String>("align") else { return default };
    let found = WORDS.iter().find(|(word, _)| *word == given.value);
    if found.is_none() {
        let message = format!("`{}` is not a side that values stand at", given.value);
        let finding = Finding::error("unknown-side", given.span, message);
        node.report(finding.suggest(&given.value, WORDS.iter().map(|(word, _)| *word)));
    }
    found.map_or(default, |(_, align)| *align)
}

fn pad(node: &mut Node<'_>, align: Align) -> char {
    let Some(given) = node.property::<String>("pad") else { return ' ' };
    let mut characters = given.value.chars();
    match (characters.next(), characters.next()) {
        (Some(pad), None) if pad.is_ascii_digit() && align == Align::Left => {
            let message = "digits behind a value would be taken for its own";
            let finding = Finding::error("bad-pad", given.span, message);
            node.report(finding.help("let the value stand right: align=right"));
            ' '
        }
        (Some(pad), None) if !pad.is_control() => pad,
        _ => {
            let finding = Finding::error("bad-pad", given.span, "a field is filled with one character");
            node.report(finding.label("expected such as \"0\" or \"*\""));
            ' '
        }
    }
}

/// Reads `decimals=`: digits behind a point that is not written.
fn decimals(node: &mut Node<'_>, holds: Holds, length: Option<usize>) -> usize {
    let Some(given) = node.property::<u16>("decimals") else { return 0 };
    let decimals = usize::from(given.value);
    let problem = match holds {
        Holds::Number if length.is_none_or(|length| decimals <= length) => return decimals,
        Holds::Number => "the field is shorter than its decimals",
        _ => "only numbers have decimals: add type=decimal",
    };
    node.report(Finding::error("bad-decimals", given.span, problem));
    0
}
