//! The `xml` profile format: declared inline, or by a sample.

use std::sync::Arc;

use crate::kind::format::{DeclaredProfile, FormatKind};
use crate::kind::{Compiling, Manual};
use crate::pipeline::operation::Profile;
use crate::profile::{sample, shapes, xml_schema};
use crate::schema::{AttributeShape, Occurs, Shape, ShapeKind, infer};
use crate::source::{Finding, Span, Spanned};
use crate::syntax::Node;
use crate::xml::{XML, is_ncname};

/// The kind.
pub const KIND: FormatKind = FormatKind {
    manual: Manual {
        name: "xml",
        summary: "XML documents, described inline, by XML Schema or by a sample",
        usage: "profile NAME format=xml { element ROOT [namespace=URI] { attribute NAME [type=TYPE] [required=#true]; element NAME [type=TYPE] [occurs=RANGE] [nillable=#true] [FACET=...] [{ ... }] } }\nprofile NAME format=xml xsd=FILE-or-URL [root=ELEMENT] [{ xsd FILE-or-URL }]\nprofile NAME format=xml sample=FILE",
        text: "One root element. An element with a block has the attributes and child elements listed there, in this order; \
               one without holds a value of its type. Elements are in the namespace of their parent unless `namespace=` \
               says otherwise, attributes are in none. `occurs=` is a range such as \"0..1\" or \"1..*\"; without it an \
               element occurs exactly once. Types are the built-in types of XML Schema, such as string, integer, decimal, \
               boolean, date, dateTime, time, duration, anyURI and base64Binary. Facets are min=, max=, min-exclusive= and \
               max-exclusive= (numbers, and dates, times and durations as text), total-digits=, fraction-digits=, \
               length=, min-length=, max-length= (characters, or bytes of binary data), pattern= (a regular expression of \
               XML Schema, which matches the whole value) and values=. Documents from callers are checked strictly against it.\n\n\
               With xsd= the profile is an XML Schema 1.0 document with all that it includes, imports and redefines, by paths \
               relative to each document; more documents are named in the block. Nothing is fetched: an import by address \
               is one of the well-known schemas that are built in, or of a document that is named here. An address in xsd= is read from \
               the cache that `soapstone wsdl update` fills: `soapstone explain wsdl-cache`. `root=` names the \
               root, `{namespace}Name` or the name alone where one element has it; a schema with one global element \
               needs none. Documents are checked by all that the schema says: content models, substitution groups, \
               xsi:type, facets, keys. Default values are not filled in. An operation over SOAP publishes the documents \
               themselves. In paths, elements of a choice are optional, those of a repeated group repeat, and what \
               derived types add is there; recursive types and very large ones may hold anything from some depth on. \
               xsd= takes a WSDL 1.1 too: the schemas in it and in what it imports, and one element for each message of \
               style rpc, {namespace of its soap:body}operation and {...}operationResponse, with the parts in it. \
               The type of an element is @xsi:type, read and written as {namespace}Name whatever the prefixes: \
               set \"Order/Pet/@xsi:type\" value=\"{{urn:example:zoo}Dog\" (in value=, `{{` is a brace).\n\nWith \
               `sample=` a saved document says it: what repeats among siblings may repeat, what some of them lack is \
               optional, and a value is an integer, decimal, date, dateTime, time, boolean or, in doubt and with leading \
               zeros, text. `soapstone import profile FILE` prints the same as an inline profile to change.",
        example: "profile order format=xml {\n    element Order namespace=\"urn:example:orders\" {\n        attribute id type=string required=#true\n        element Line occurs=\"1..*\" {\n            element Sku pattern=\"[A-Z]{3}-[0-9]+\"\n            element Quantity type=integer min=1\n        }\n    }\n}\nprofile ack format=xml sample=\"samples/ack.xml\"",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    root: Option<Shape>,
}

fn read(mut node: Node<'_>) -> Option<Box<dyn DeclaredProfile>> {
    if node.has_property("sample") {
        let root = sample::read(&mut node, &XML).map(|root| infer::xml(&[&root]));
        node.finish();
        return Some(Box::new(Declared { root }));
    }
    if node.has_property("xsd") || node.has_property("root") {
        return xml_schema::read(node);
    }
    let span = node.name_span();
    let mut roots: Vec<(Span, Option<Shape>)> = Vec::new();
    let mut broken = false;
    for child in node.children() {
        if child.name() == "element" {
            roots.push((child.name_span(), element(child, None, 0)));
        } else {
            child.unknown("unknown-word", "a part of an XML profile", ["element"]);
            broken = true;
        }
    }
    if roots.is_empty() && !broken {
        let finding = Finding::error("empty-profile", span, "an XML profile needs a root element");
        node.report(finding.help("write element Name { ... } in it"));
    }
    if let Some((second, _)) = roots.get(1) {
        let finding = Finding::error("several-roots", *second, "an XML document has one root element");
        node.report(finding.help("make this a profile of its own, or a child of the first"));
    }
    node.finish();
    Some(Box::new(Declared { root: roots.into_iter().next().and_then(|(_, shape)| shape) }))
}

/// Nesting beyond any real document: profiles are walked recursively.
const DEEPEST: usize = 64;

fn element(mut node: Node<'_>, namespace: Option<&Arc<str>>, depth: usize) -> Option<Shape> {
    let name = node.argument::<String>("element's name");
    let own = node.property::<String>("namespace");
    let namespace = match own {
        Some(uri) if uri.value.is_empty() => None,
        Some(uri) => Some(Arc::from(uri.value)),
        None => namespace.cloned(),
    };
    if let Some(name) = name.as_ref().filter(|name| !is_ncname(&name.value)) {
        node.report(bad_name(name));
    }
    let default = if depth == 0 { Occurs::ONCE } else { shapes::occurs(&mut node, Occurs::ONCE) };
    let nillable = node.property::<bool>("nillable").is_some_and(|given| given.value);
    let (attributes, kind) = if node.has_block() {
        block(&mut node, namespace.as_ref(), depth)
    } else {
        let base = shapes::simple_type(&mut node);
        (Vec::new(), ShapeKind::Simple(shapes::simple(&mut node, base)))
    };
    node.finish();
    Some(Shape {
        name: name?.value.into(),
        namespace,
        occurs: default,
        nillable,
        attributes,
        kind,
        checking: Default::default(),
    })
}

/// The attributes and children of an element; one with attributes alone holds a value beside them, and one with a part
/// that could not be read may hold anything, so that no path through it is blamed.
fn block(
    node: &mut Node<'_>,
    namespace: Option<&Arc<str>>,
    depth: usize,
) -> (Vec<AttributeShape>, ShapeKind) {
    let (mut attributes, mut children) = (Vec::new(), Vec::new());
    let mut seen: Vec<(String, Span)> = Vec::new();
    let typed = node.has_property("type");
    let mut broken = false;
    for child in node.children() {
        let (word, span) = (child.name(), child.name_span());
        match word {
            "attribute" => {
                let Some(attribute) = attribute(child) else {
                    broken = true;
                    continue;
                };
                check_twice(&mut seen, node, format!("@{}", attribute.name), span);
                attributes.push(attribute);
            }
            "element" if depth >= DEEPEST => {
                child.report(Finding::error(
                    "too-deep",
                    span,
                    format!("profiles nest at most {DEEPEST} deep"),
                ));
            }
            "element" => {
                let Some(shape) = element(child, namespace, depth + 1) else {
                    broken = true;
                    continue;
                };
                check_twice(&mut seen, node, shape.name.to_string(), span);
                children.push(shape);
            }
            _ => {
                child.unknown("unknown-word", "a part of an element", ["element", "attribute"]);
                broken = true;
            }
        }
    }
    if broken {
        return (attributes, ShapeKind::Any);
    }
    if typed && children.is_empty() {
        let base = shapes::simple_type(node);
        return (attributes, ShapeKind::Simple(shapes::simple(node, base)));
    }
    (attributes, ShapeKind::Children(children))
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

fn attribute(mut node: Node<'_>) -> Option<AttributeShape> {
    let name = node.argument::<String>("attribute's name");
    if let Some(name) = name.as_ref().filter(|name| !is_ncname(&name.value)) {
        node.report(bad_name(name));
    }
    let required = node.property::<bool>("required").is_some_and(|given| given.value);
    let base = shapes::simple_type(&mut node);
    let simple = shapes::simple(&mut node, base);
    node.finish();
    Some(AttributeShape { name: name?.value.into(), namespace: None, required, simple })
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

impl DeclaredProfile for Declared {
    fn compile(&self, name: &str, _: &Compiling<'_>) -> Option<Profile> {
        Some(Profile { name: name.to_owned(), codec: (&XML).into(), shape: Arc::new(self.root.clone()?) })
    }
}
