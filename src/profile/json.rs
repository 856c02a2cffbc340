//! The `json` profile format: declared inline, by a JSON Schema, or by a sample.

use crate::document::json::JSON;
use crate::kind::format::{DeclaredProfile, FormatKind};
use crate::kind::{Compiling, Manual};
use crate::pipeline::operation::Profile;
use crate::profile::written::{self, DeclaredDates};
use crate::profile::{json_schema, sample, shapes};
use crate::schema::{Form, Occurs, Shape, ShapeKind, Simple, SimpleType, infer};
use crate::source::{Finding, Span};
use crate::syntax::Node;

/// The kind.
pub const KIND: FormatKind = FormatKind {
    manual: Manual {
        name: "json",
        summary: "JSON documents, described inline, by a JSON Schema or by a sample",
        usage: "profile NAME format=json { object { TYPE NAME [required=#true] [nillable=#true] [FACET=...] [exclude=#true] [zone=ZONE] [fraction=DIGITS] [{ ... }] } | array { TYPE [{ ... }] } }\nprofile NAME format=json schema=PATH [{ resource URI file=PATH; ... }]\nprofile NAME format=json sample=PATH",
        text: "The block says what the document is: one `object` or one `array`. The words string, integer, number, boolean, \
               object, array, and the built-in types of XML Schema, such as date, dateTime, anyURI, base64Binary, int and \
               double, name the type of a member; `required=#true` says that it must be there, `nillable=#true` that it \
               may be null. Members come in any order, unknown ones are refused. An array's block holds the type of its \
               items. Facets are those of an XML profile, and so are `exclude=#true`, `zone=` and `fraction=`, by which documents leave. All types of numbers are numbers, and INF, -INF and NaN of \
               float and double are strings.\n\nWith `schema=` a JSON Schema says what the document is: 2020-12, or the draft that its `$schema` \
               names, such as draft-07. It is read with the files that its `$ref`s name, relative to it; nothing is ever \
               fetched from a network: `resource` says which file is the document of a URI. Patterns are matched in linear \
               time, so they have no look-around; `format` is noted, as the standard has it, not checked. Paths and maps \
               see of it what a list of members can say.\n\nWith `sample=` a saved document says it: see the format xml.",
        example: "profile receipt format=json {\n    object {\n        string id required=#true\n        number total\n        array lines { object { string sku; integer quantity } }\n    }\n}\nprofile shipment format=json schema=\"schemas/shipment.schema.json\"",
    },
    read,
};

/// The words for types that XML Schema does not have; `object` and `array` hold others.
const WORDS: &[(&str, Option<SimpleType>)] =
    &[("number", Some(SimpleType::Decimal)), ("object", None), ("array", None)];

/// What a word for a type means: the type of a value, or nothing for one that holds others.
fn type_of(word: &str) -> Option<Option<SimpleType>> {
    let own = WORDS.iter().find(|(known, _)| *known == word).map(|(_, simple)| *simple);
    own.or_else(|| SimpleType::named(word).map(Some))
}

/// Nesting beyond any real document: profiles are walked recursively.
const DEEPEST: usize = 64;

#[derive(Debug)]
struct Declared {
    root: Option<Shape>,
}

fn read(mut node: Node<'_>) -> Option<Box<dyn DeclaredProfile>> {
    if node.has_property("schema") {
        return json_schema::read(node);
    }
    if node.has_property("sample") {
        let root = sample::read(&mut node, &JSON).map(|root| infer::json(&[&root], &ShapeKind::Any));
        node.finish();
        return Some(Box::new(Declared { root }));
    }
    let root = only(&mut node, "a JSON profile", 0);
    node.finish();
    Some(Box::new(Declared { root }))
}

/// The one type in a block: of the document, or of an array's items.
fn only(node: &mut Node<'_>, what: &str, depth: usize) -> Option<Shape> {
    let span = node.name_span();
    let mut found: Vec<(Span, Option<Shape>)> = Vec::new();
    for child in node.children() {
        found.push((child.name_span(), value(child, false, depth)));
    }
    if found.is_empty() {
        let finding = Finding::error("empty-profile", span, format!("{what} needs a type in its block"));
        node.report(finding.help("write object { ... } in it"));
    }
    if let Some((second, _)) = found.get(1) {
        node.report(Finding::error("several-roots", *second, format!("{what} holds one type")));
    }
    found.into_iter().next().and_then(|(_, shape)| shape)
}

/// A value: a member with a name, or an item or document without.
fn value(mut node: Node<'_>, member: bool, depth: usize) -> Option<Shape> {
    let word = node.name();
    let Some(simple) = type_of(word) else {
        let own = WORDS.iter().map(|(known, _)| *known);
        node.unknown("unknown-type", "a JSON type", own.chain(SimpleType::all().map(SimpleType::name)));
        return None;
    };
    if depth > DEEPEST {
        node.report(Finding::error(
            "too-deep",
            node.name_span(),
            format!("profiles nest at most {DEEPEST} deep"),
        ));
        return None;
    }
    let name = if member {
        node.argument::<String>("member's name").map(|name| name.value)
    } else {
        Some(String::new())
    };
    let required = member && node.property::<bool>("required").is_some_and(|given| given.value);
    let excluded = if member { written::exclude(&mut node) } else { None };
    if let Some(excluded) = excluded.as_ref().filter(|_| required) {
        node.report(written::needed(excluded.span, "required=#true"));
    }
    let nillable = node.property::<bool>("nillable").is_some_and(|given| given.value);
    let kind = match (simple, word) {
        (Some(base), _) => Some(ShapeKind::Simple(single(&mut node, base))),
        (None, "object") => Some(members(&mut node, depth)),
        (None, _) => only(&mut node, "an array", depth + 1).map(|item| ShapeKind::Items(Box::new(item))),
    };
    node.finish();
    let occurs = if required || !member { Occurs::ONCE } else { Occurs::OPTIONAL };
    Some(Shape {
        name: name?.into(),
        namespace: None,
        occurs,
        nillable,
        attributes: Vec::new(),
        kind: kind?,
        checking: Default::default(),
        form: Form { left_out: excluded.is_some(), ..Form::default() },
    })
}

/// The type of a single value, and how its dates are written.
fn single(node: &mut Node<'_>, base: SimpleType) -> Simple {
    let mut simple = shapes::simple(node, Some(base));
    if let Some(dates) = DeclaredDates::read(node) {
        dates.apply(Some(&mut simple), &|finding| node.report(finding));
    }
    simple
}

/// The members of an object; with one that could not be read it may hold anything, so that no path through it is blamed.
fn members(node: &mut Node<'_>, depth: usize) -> ShapeKind {
    let mut members: Vec<Shape> = Vec::new();
    let mut broken = false;
    for child in node.children() {
        let span = child.name_span();
        let Some(shape) = value(child, true, depth + 1) else {
            broken = true;
            continue;
        };
        if members.iter().any(|member| member.name == shape.name) {
            let message = format!("the member `{}` is declared twice", shape.name);
            node.report(Finding::error("duplicate-name", span, message).help("remove one of the two"));
        }
        members.push(shape);
    }
    if broken { ShapeKind::Any } else { ShapeKind::Children(members) }
}

impl DeclaredProfile for Declared {
    fn compile(&self, name: &str, _: &Compiling<'_>) -> Option<Profile> {
        Some(Profile::new(name, &JSON, self.root.clone()?))
    }
}
