//! The elements, lists and attributes of an inline XML profile, as they are declared.

use std::sync::Arc;

use crate::document::tree::Name;
use crate::profile::shapes;
use crate::profile::written::{self, DeclaredDates};
use crate::schema::{AttributeShape, Form, Occurs, Shape, ShapeKind, Simple};
use crate::source::{Finding, Span, Spanned};
use crate::syntax::Node;
use crate::xml::is_ncname;

/// Nesting beyond any real document: profiles are walked recursively.
const DEEPEST: usize = 64;

/// Reads an element and what is in it; `around` is the namespace of what it stands in.
pub(super) fn element(mut node: Node<'_>, around: Option<&Arc<str>>, depth: usize) -> Option<Shape> {
    let head = Head::read(&mut node, around, depth);
    let content = Content::read(&mut node, head.inner.as_ref(), depth);
    node.finish();
    head.shape(content)
}

/// An element around a list: `item=` names what repeats in it, and the block, the type and its facets are those of an item.
fn list(mut node: Node<'_>, around: Option<&Arc<str>>, depth: usize) -> Option<Shape> {
    let head = Head::read(&mut node, around, depth);
    if head.occurs.repeats() {
        let message = "a list is one element around its items";
        let finding = Finding::error("bad-occurs", shapes::span(&mut node, "occurs"), message);
        node.report(
            finding.help("items= says how many items there may be, occurs= whether the list must be there"),
        );
    }
    let item = node.required::<String>("item");
    if let Some(item) = item.as_ref().filter(|item| !is_ncname(&item.value)) {
        node.report(bad_name(item));
    }
    let items = shapes::items(&mut node, ANY_NUMBER);
    let content = Content::read(&mut node, head.inner.as_ref(), depth + 1);
    node.finish();
    let inner = Head {
        name: item,
        namespace: head.inner.clone(),
        inner: None,
        occurs: items,
        nillable: false,
        left_out: false,
    };
    let children = vec![inner.shape(content)?];
    let mut shape = head.shape(Content::of(ShapeKind::Children(children)))?;
    shape.form.list = true;
    Some(shape)
}

const ANY_NUMBER: Occurs = Occurs { min: 0, max: None };

/// What an element is and where it stands, before what is in it.
struct Head {
    name: Option<Spanned<String>>,
    namespace: Option<Arc<str>>,
    /// The namespace of what is in it.
    inner: Option<Arc<str>>,
    occurs: Occurs,
    nillable: bool,
    left_out: bool,
}

impl Head {
    fn read(node: &mut Node<'_>, around: Option<&Arc<str>>, depth: usize) -> Self {
        let name = node.argument::<String>("element's name");
        if let Some(name) = name.as_ref().filter(|name| !is_ncname(&name.value)) {
            node.report(bad_name(name));
        }
        let (namespace, inner) = namespaces(node, around);
        let occurs = if depth == 0 { Occurs::ONCE } else { shapes::occurs(node, Occurs::ONCE) };
        let nillable = node.property::<bool>("nillable").is_some_and(|given| given.value);
        // Of the root there is nothing to leave out.
        let excluded = if depth == 0 { None } else { written::exclude(node) };
        if let Some(excluded) = excluded.as_ref().filter(|_| node.has_property("occurs") && occurs.min > 0) {
            node.report(written::needed(excluded.span, "occurs="));
        }
        let left_out = excluded.is_some();
        let occurs = if left_out { Occurs { min: 0, ..occurs } } else { occurs };
        Self { name, namespace, inner, occurs, nillable, left_out }
    }

    fn shape(self, content: Content) -> Option<Shape> {
        let Self { name, namespace, occurs, nillable, left_out, .. } = self;
        let Content { attributes, kind, attributes_left_out } = content;
        let form = Form { left_out, attributes_left_out, ..Form::default() };
        let name = name?.value.into();
        Some(Shape {
            name,
            namespace,
            occurs,
            nillable,
            attributes,
            kind,
            checking: Default::default(),
            form,
        })
    }
}

/// The namespace of an element, and of what is in it: of `namespace=`, else of what is around it. An element that is not
/// qualified is in none, and what is in it as it would be otherwise (XML Schema part 1, section 3.3.2).
fn namespaces(node: &mut Node<'_>, around: Option<&Arc<str>>) -> (Option<Arc<str>>, Option<Arc<str>>) {
    let named = node.property::<String>("namespace");
    let qualified = node.property::<bool>("qualified").filter(|given| !given.value);
    let inner = match &named {
        Some(uri) if uri.value.is_empty() => None,
        Some(uri) => Some(Arc::from(uri.value.as_str())),
        None => around.cloned(),
    };
    let Some(qualified) = qualified else { return (inner.clone(), inner) };
    match &named {
        Some(named) => {
            let message = "`namespace=` and `qualified=#false` cannot both be";
            let finding = Finding::error("bad-qualified", qualified.span, message);
            node.report(finding.also(named.span, "the namespace is here").help(
                "remove one: namespace= is for the element and what is in it, qualified=#false for the element alone",
            ));
        }
        None if inner.is_none() => node.report(no_namespace(qualified.span)),
        None => {}
    }
    (None, inner)
}

fn no_namespace(span: Span) -> Finding {
    let message = "there is no namespace here that a name could be in";
    Finding::error("bad-qualified", span, message)
        .help("remove qualified=, or give an element around it namespace=")
}

/// What is in an element.
struct Content {
    attributes: Vec<AttributeShape>,
    attributes_left_out: Vec<Name>,
    kind: ShapeKind,
}

impl Content {
    fn of(kind: ShapeKind) -> Self {
        Self { attributes: Vec::new(), attributes_left_out: Vec::new(), kind }
    }

    /// What the block holds, or the value of the type; in `namespace`.
    fn read(node: &mut Node<'_>, namespace: Option<&Arc<str>>, depth: usize) -> Self {
        let typed = node.has_property("type");
        let mut content = match node.has_block() {
            true => block(node, namespace, depth),
            false => Self::of(ShapeKind::Children(Vec::new())),
        };
        let mut simple = None;
        let mut is_known = content.kind != ShapeKind::Any;
        if !node.has_block() || (typed && content.kind == ShapeKind::Children(Vec::new())) {
            let base = shapes::simple_type(node);
            is_known &= base.is_some();
            simple = Some(shapes::simple(node, base));
        }
        // Of a type that could not be read, nothing can be said.
        if let Some(dates) = DeclaredDates::read(node).filter(|_| is_known) {
            dates.apply(simple.as_mut(), &|finding| node.report(finding));
        }
        if let Some(simple) = simple {
            content.kind = ShapeKind::Simple(simple);
        }
        content
    }
}

/// The attributes and children of an element; one with attributes alone may hold a value beside them, and one with a part
/// that could not be read may hold anything, so that no path through it is blamed.
fn block(node: &mut Node<'_>, namespace: Option<&Arc<str>>, depth: usize) -> Content {
    let mut content = Content::of(ShapeKind::Any);
    let mut children = Vec::new();
    let mut seen: Vec<(String, Span)> = Vec::new();
    let mut broken = false;
    for child in node.children() {
        let (word, span) = (child.name(), child.name_span());
        let part = match word {
            "attribute" => {
                let Some((attribute, left_out)) = attribute(child, namespace) else {
                    broken = true;
                    continue;
                };
                check_twice(&mut seen, node, format!("@{}", attribute.name), span);
                if left_out {
                    let AttributeShape { name, namespace, .. } = &attribute;
                    content
                        .attributes_left_out
                        .push(Name { local: name.clone(), namespace: namespace.clone() });
                }
                content.attributes.push(attribute);
                continue;
            }
            "element" | "list" if depth >= DEEPEST => {
                let message = format!("profiles nest at most {DEEPEST} deep");
                child.report(Finding::error("too-deep", span, message));
                continue;
            }
            "element" => element(child, namespace, depth + 1),
            "list" => list(child, namespace, depth + 1),
            _ => {
                child.unknown("unknown-word", "a part of an element", ["element", "list", "attribute"]);
                None
            }
        };
        let Some(shape) = part else {
            broken = true;
            continue;
        };
        check_twice(&mut seen, node, shape.name.to_string(), span);
        children.push(shape);
    }
    if !broken {
        content.kind = ShapeKind::Children(children);
    }
    content
}

fn check_twice(seen: &mut Vec<(String, Span)>, node: &Node<'_>, name: String, span: Span) {
    match seen.iter().find(|(other, _)| *other == name) {
        Some((_, first)) => {
            let message = format!("`{name}` is declared twice in this element");
            let finding =
                Finding::error("duplicate-name", span, message).also(*first, "the first one is here");
            node.report(finding.help("an element that repeats is declared once, with occurs=\"1..*\""));
        }
        None => seen.push((name, span)),
    }
}

/// An attribute, and whether it is never written. It is in no namespace, unless it is qualified: then in that of what its
/// element holds.
fn attribute(mut node: Node<'_>, namespace: Option<&Arc<str>>) -> Option<(AttributeShape, bool)> {
    let name = node.argument::<String>("attribute's name");
    if let Some(name) = name.as_ref().filter(|name| !is_ncname(&name.value)) {
        node.report(bad_name(name));
    }
    let required = node.property::<bool>("required").filter(|given| given.value);
    let excluded = written::exclude(&mut node);
    if let (Some(excluded), Some(_)) = (&excluded, &required) {
        node.report(written::needed(excluded.span, "required=#true"));
    }
    let qualified = node.property::<bool>("qualified").filter(|given| given.value);
    if let Some(qualified) = qualified.as_ref().filter(|_| namespace.is_none()) {
        node.report(no_namespace(qualified.span));
    }
    let simple = value(&mut node);
    node.finish();
    let namespace = qualified.and_then(|_| namespace.cloned());
    let attribute =
        AttributeShape { name: name?.value.into(), namespace, required: required.is_some(), simple };
    Some((attribute, excluded.is_some()))
}

/// The type of an attribute's value, and how its dates are written.
fn value(node: &mut Node<'_>) -> Simple {
    let base = shapes::simple_type(node);
    let mut simple = shapes::simple(node, base);
    if let Some(dates) = DeclaredDates::read(node).filter(|_| base.is_some()) {
        dates.apply(Some(&mut simple), &|finding| node.report(finding));
    }
    simple
}

fn bad_name(name: &Spanned<String>) -> Finding {
    let finding = Finding::error(
        "bad-name",
        name.span,
        format!("`{}` cannot be the name of an XML element or attribute", name.value),
    );
    finding.help(
        "names begin with a letter or `_`, without a prefix: namespace= puts an element into a namespace",
    )
}
