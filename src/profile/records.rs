//! The records and fields of a `fixed` profile, as they are declared and checked.

use crate::document::flat::Holds;
use crate::document::flat::fixed::{Align, Field, Record, Tag};
use crate::profile::columns::{self, check_twice, nameless, value};
use crate::profile::shapes;
use crate::schema::{Occurs, Shape};
use crate::source::{Finding, Span, Spanned};
use crate::syntax::Node;

/// What a block declares.
#[derive(Debug, Default)]
pub struct Part {
    pub records: Vec<Record>,
    /// The shapes of the records.
    pub shapes: Vec<Shape>,
    pub fields: Vec<Field>,
    pub field_shapes: Vec<Shape>,
    /// Where the first field stands.
    pub span: Option<Span>,
    /// The tags of all records, with those of records in records.
    pub tags: Vec<(Option<Tag>, Span)>,
    /// Whether a part could not be read.
    pub broken: bool,
}

/// Nesting beyond any real file: profiles are walked recursively.
const DEEPEST: usize = 16;

/// Reads the fields and records of a block.
pub fn block(node: &mut Node<'_>, depth: usize) -> Part {
    let mut part = Part::default();
    let mut names: Vec<(String, Span)> = Vec::new();
    let mut places: Vec<(std::ops::Range<usize>, Span)> = Vec::new();
    for child in node.children() {
        let span = child.name_span();
        match child.name() {
            "field" => {
                part.span.get_or_insert(span);
                let Some((field, shape)) = field(child) else {
                    part.broken = true;
                    continue;
                };
                check_twice(&mut names, node, &field.name, span);
                let place = field.at..field.at + field.length;
                overlap(node, &places, &place, &format!("the field `{}`", field.name), span);
                places.push((place, span));
                part.fields.push(field);
                part.field_shapes.push(shape);
            }
            "record" if depth < DEEPEST => {
                let Some((record, shape, mut inner)) = record(child, depth + 1) else {
                    part.broken = true;
                    continue;
                };
                check_twice(&mut names, node, &record.name, span);
                part.tags.push((record.tag.clone(), span));
                part.tags.append(&mut inner);
                part.records.push(record);
                part.shapes.push(shape);
            }
            "record" => {
                let message = format!("records nest at most {DEEPEST} deep");
                child.report(Finding::error("too-deep", span, message));
                part.broken = true;
            }
            _ => {
                child.unknown("unknown-word", "a part of this profile", ["field", "record"]);
                part.broken = true;
            }
        }
    }
    part
}

fn overlap(
    node: &Node<'_>,
    places: &[(std::ops::Range<usize>, Span)],
    place: &std::ops::Range<usize>,
    what: &str,
    span: Span,
) {
    let meets = |other: &std::ops::Range<usize>| other.start < place.end && place.start < other.end;
    if let Some((other, first)) = places.iter().find(|(other, _)| meets(other)) {
        let message = format!("{what} stands at {} to {}, where another is", place.start + 1, place.end);
        let finding = Finding::error("overlap", span, message);
        let other = format!("it stands at {} to {}", other.start + 1, other.end);
        node.report(finding.also(*first, other));
    }
}

/// Reports records that cannot be told apart.
pub fn same_tags(node: &Node<'_>, tags: &[(Option<Tag>, Span)]) {
    for (index, (tag, span)) in tags.iter().enumerate() {
        let Some((_, first)) = tags.iter().take(index).find(|(other, _)| other == tag) else { continue };
        let message = match tag {
            Some(tag) => format!("another record has the tag `{}` at this position, too", tag.text),
            None => "another record has no tag, either".to_owned(),
        };
        let finding = Finding::error("same-tag", *span, message).also(*first, "it is here");
        node.report(finding.help("tell them apart: tag=TEXT, at=POSITION"));
    }
}

/// The tags of the records in one.
type Inner = Vec<(Option<Tag>, Span)>;

fn record(mut node: Node<'_>, depth: usize) -> Option<(Record, Shape, Inner)> {
    let span = node.name_span();
    let name = columns::name(&mut node, "record's name");
    let text = node.property::<String>("tag");
    let at = position(&mut node, "at");
    if let (Some(at), None) = (&at, &text) {
        let finding =
            Finding::error("missing-property", at.span, "this is the place of a tag, and there is none");
        node.report(finding.help("add tag=TEXT"));
    }
    let empty = text.as_ref().filter(|text| text.value.is_empty() || text.value.contains(['\r', '\n']));
    if let Some(text) = empty {
        let finding =
            Finding::error("bad-tag", text.span, "a tag is at least one character, all in one line");
        node.report(finding);
    }
    let at = at.map_or(0, |at| at.value);
    let tag = text.map(|text| Tag { at, text: text.value.into() });
    let occurs = shapes::occurs(&mut node, Occurs::ONCE);
    let part = block(&mut node, depth);
    if let Some(tag) = &tag {
        let place = tag.at..tag.at + tag.text.chars().count();
        let fields = part.fields.iter().map(|field| field.at..field.at + field.length);
        for other in fields.filter(|other| other.start < place.end && place.start < other.end) {
            let message = format!(
                "the tag stands at {} to {}, where a field stands at {} to {}",
                place.start + 1,
                place.end,
                other.start + 1,
                other.end
            );
            node.report(
                Finding::error("overlap", span, message).help("the tag is no field: it is written of itself"),
            );
        }
    }
    node.finish();
    let Part { records, mut shapes, fields, mut field_shapes, tags, broken, .. } = part;
    if broken {
        return None;
    }
    field_shapes.append(&mut shapes);
    let name = name?;
    let record = Record { name: name.as_str().into(), tag, fields, records, length: 0 };
    Some((record, Shape { name: name.into(), occurs, ..nameless(field_shapes) }, tags))
}

/// Reads a position, counted from 1, as one from 0; a length likewise.
fn position(node: &mut Node<'_>, name: &'static str) -> Option<Spanned<usize>> {
    let given = node.property::<u16>(name)?;
    match usize::from(given.value).checked_sub(1) {
        Some(position) => Some(Spanned::new(position, given.span)),
        None => {
            let message = format!("`{name}=` is at least 1: characters are counted from 1");
            node.report(Finding::error("bad-position", given.span, message));
            None
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
