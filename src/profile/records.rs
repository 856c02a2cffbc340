//! The records of `fixed` and `csv` profiles, and their groups, as they are declared and checked.

use crate::document::flat::records::{Record, Tag};
use crate::profile::columns::{self, check_twice, nameless};
use crate::profile::shapes;
use crate::schema::{Occurs, Shape};
use crate::source::{Finding, Span, Spanned};
use crate::syntax::Node;

/// A field of records, as one format declares it.
pub trait Declares: Sized {
    /// The word that declares one.
    const WORD: &'static str;

    fn name(&self) -> &str;

    /// Reads one; `None` when it could not be read, which was reported.
    fn read(node: Node<'_>) -> Option<(Self, Shape)>;

    /// Reports what is wrong beside those before it in its record.
    fn check(&self, node: &Node<'_>, before: &[(Self, Span)], span: Span);

    /// Reports what is wrong with the tag of a record with these fields.
    fn check_tag(node: &Node<'_>, tag: &Tag, fields: &[Self], span: Span);
}

/// What a block declares.
#[derive(Debug)]
pub struct Part<F> {
    pub records: Vec<Record<F>>,
    /// The shapes of the records.
    pub shapes: Vec<Shape>,
    pub fields: Vec<F>,
    pub field_shapes: Vec<Shape>,
    /// Where the first field stands.
    pub span: Option<Span>,
    /// The tags of all records, with those of records in records.
    pub tags: Tags,
    /// Whether a part could not be read.
    pub broken: bool,
}

/// The tags of records, with the places of their declarations.
pub type Tags = Vec<(Option<Tag>, Span)>;

/// Nesting beyond any real file: profiles are walked recursively.
const DEEPEST: usize = 16;

/// Reads the fields, records and groups of a block.
pub fn block<F: Declares>(node: &mut Node<'_>, depth: usize) -> Part<F> {
    let (mut records, mut shapes, mut tags) = (Vec::new(), Vec::new(), Vec::new());
    let (mut fields, mut field_shapes) = (Vec::<(F, Span)>::new(), Vec::new());
    let mut names: Vec<(String, Span)> = Vec::new();
    let mut broken = false;
    for child in node.children() {
        let span = child.name_span();
        match child.name() {
            word if word == F::WORD => {
                let Some((field, shape)) = F::read(child) else {
                    broken = true;
                    continue;
                };
                check_twice(&mut names, node, field.name(), span);
                field.check(node, &fields, span);
                fields.push((field, span));
                field_shapes.push(shape);
            }
            "record" | "group" if depth < DEEPEST => {
                let group = child.name() == "group";
                let read = if group { self::group(child, depth + 1) } else { record(child, depth + 1) };
                let Some((record, shape, mut inner)) = read else {
                    broken = true;
                    continue;
                };
                check_twice(&mut names, node, &record.name, span);
                if !group {
                    tags.push((record.tag.clone(), span));
                }
                tags.append(&mut inner);
                records.push(record);
                shapes.push(shape);
            }
            "record" | "group" => {
                let message = format!("records nest at most {DEEPEST} deep");
                child.report(Finding::error("too-deep", span, message));
                broken = true;
            }
            _ => {
                child.unknown("unknown-word", "a part of this profile", [F::WORD, "record", "group"]);
                broken = true;
            }
        }
    }
    let span = fields.first().map(|(_, span)| *span);
    let fields = fields.into_iter().map(|(field, _)| field).collect();
    Part { records, shapes, fields, field_shapes, span, tags, broken }
}

/// Reports a profile that has nothing, or fields beside its records.
pub fn check_parts<F: Declares>(node: &Node<'_>, part: &Part<F>, what: &str, example: &str) {
    let word = F::WORD;
    if let (Some(span), false) = (part.span, part.records.is_empty()) {
        let finding =
            Finding::error("fields-and-records", span, format!("this profile has {word}s beside records"));
        node.report(finding.help(format!("put the {word}s into a record")));
    }
    if part.fields.is_empty() && part.records.is_empty() && !part.broken {
        let finding = Finding::error("empty-profile", node.name_span(), format!("{what} needs {word}s"));
        node.report(finding.help(format!("write {example} in its block")));
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

type Read<F> = Option<(Record<F>, Shape, Tags)>;

fn record<F: Declares>(mut node: Node<'_>, depth: usize) -> Read<F> {
    let span = node.name_span();
    let name = columns::name(&mut node, "record's name");
    let tag = tag(&mut node);
    let occurs = shapes::occurs(&mut node, Occurs::ONCE);
    let part = block::<F>(&mut node, depth);
    if let Some(tag) = tag.as_ref().filter(|_| !part.broken) {
        F::check_tag(&node, tag, &part.fields, span);
    }
    node.finish();
    finished(name?, tag, occurs, part, false)
}

/// Reads a group: an element around its records.
fn group<F: Declares>(mut node: Node<'_>, depth: usize) -> Read<F> {
    let span = node.name_span();
    let name = columns::name(&mut node, "group's name");
    let occurs = shapes::occurs(&mut node, Occurs::ONCE);
    let part = block::<F>(&mut node, depth);
    if let Some(span) = part.span {
        let word = F::WORD;
        let finding =
            Finding::error("group-with-fields", span, format!("a group has no {word}s: it is no record"));
        node.report(finding.help(format!("put the {word} into a record of the group")));
    }
    if part.records.is_empty() && !part.broken {
        let finding = Finding::error("empty-group", span, "a group needs records");
        node.report(finding.help("write record NAME tag=TEXT { ... } in its block"));
    }
    node.finish();
    finished(name?, None, occurs, part, true)
}

fn finished<F>(name: String, tag: Option<Tag>, occurs: Occurs, part: Part<F>, group: bool) -> Read<F> {
    let Part { records, mut shapes, fields, mut field_shapes, tags, broken, .. } = part;
    if broken {
        return None;
    }
    field_shapes.append(&mut shapes);
    let once = occurs.max == Some(1);
    let record = Record { name: name.as_str().into(), tag, fields, records, length: 0, group, once };
    Some((record, Shape { name: name.into(), occurs, ..nameless(field_shapes) }, tags))
}

/// Reads `tag=` and `at=`.
fn tag(node: &mut Node<'_>) -> Option<Tag> {
    let text = node.property::<String>("tag");
    let at = position(node, "at");
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
    text.map(|text| Tag { at, text: text.value.into() })
}

/// Reads a position, counted from 1, as one from 0; a length likewise.
pub fn position(node: &mut Node<'_>, name: &'static str) -> Option<Spanned<usize>> {
    let given = node.property::<u16>(name)?;
    match usize::from(given.value).checked_sub(1) {
        Some(position) => Some(Spanned::new(position, given.span)),
        None => {
            let message = format!("`{name}=` is at least 1: counting begins there");
            node.report(Finding::error("bad-position", given.span, message));
            None
        }
    }
}
