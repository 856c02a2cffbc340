//! The text of one schema: declarations of elements, attributes and types (XML Schema part 1).

use std::fmt::Write as _;
use std::sync::Arc;

use super::rule::Published;
use super::xsd::{Schema, is_local};
use super::{AttributeShape, Occurs, Shape, ShapeKind, Simple};
use crate::xml::escape_attribute;

const XML_SCHEMA: &str = "http://www.w3.org/2001/XMLSchema";

/// Writes a schema, line by line.
pub(super) struct Writer<'a> {
    schema: &'a Schema,
    /// Whether local elements are qualified unless they say otherwise.
    qualified: bool,
    indent: usize,
    out: String,
    /// Simple types that need a name, each with its text, to stand at the end.
    named: Vec<(String, &'a Simple)>,
    inside: usize,
    imports: Vec<(usize, Option<Arc<str>>)>,
}

impl<'a> Writer<'a> {
    /// The `xs:schema` element, indented.
    pub(super) fn schema(schema: &'a Schema, indent: usize) -> Published {
        let mut unqualified = true;
        for element in schema.elements.iter().chain(schema.types.iter().map(|(_, shape)| shape)) {
            each_local(element, schema.namespace.as_ref(), &mut |child| {
                unqualified &= child.namespace.is_none();
            });
        }
        let qualified = !unqualified && schema.namespace.is_some();
        let out = String::new();
        let mut writer =
            Self { schema, qualified, indent, out, named: Vec::new(), inside: 0, imports: Vec::new() };
        writer.all();
        let Self { out, inside, imports, .. } = writer;
        Published { namespace: schema.namespace.clone(), text: out, inside, imports }
    }

    fn all(&mut self) {
        let mut open = format!("<xs:schema xmlns:xs=\"{XML_SCHEMA}\"");
        if let Some(namespace) = &self.schema.namespace {
            let form = if self.qualified { "qualified" } else { "unqualified" };
            let (namespace, prefix) = (attribute(namespace), &self.schema.prefix);
            let _ = write!(
                open,
                " xmlns:{prefix}=\"{namespace}\" targetNamespace=\"{namespace}\" elementFormDefault=\"{form}\""
            );
        }
        for (namespace, prefix) in &self.schema.imports {
            if let Some(namespace) = namespace {
                let _ = write!(open, " xmlns:{prefix}=\"{}\"", attribute(namespace));
            }
        }
        self.open(&(open + ">"));
        self.inside = self.out.len();
        for (namespace, _) in &self.schema.imports {
            let place = self.out.len() + 2 * self.indent + "<xs:import".len();
            self.imports.push((place, namespace.clone()));
            match namespace {
                Some(namespace) => self.line(&format!("<xs:import namespace=\"{}\"/>", attribute(namespace))),
                None => self.line("<xs:import/>"),
            }
        }
        for element in &self.schema.elements {
            self.declaration(element, format!("<xs:element name=\"{}\"", element.name));
        }
        for (name, shape) in &self.schema.types {
            self.named_type(name, shape);
        }
        for at in 0.. {
            let Some((name, simple)) = self.named.get(at).cloned() else { break };
            self.open(&format!("<xs:simpleType name=\"{name}\">"));
            self.definition(simple);
            self.close("</xs:simpleType>");
        }
        self.close("</xs:schema>");
    }

    /// A type of its own that holds what an element of that shape holds.
    fn named_type(&mut self, name: &str, shape: &'a Shape) {
        match &shape.kind {
            ShapeKind::Simple(simple) if shape.attributes.is_empty() => {
                self.open(&format!("<xs:simpleType name=\"{name}\">"));
                self.definition(simple);
                self.close("</xs:simpleType>");
            }
            ShapeKind::Simple(simple) => {
                self.text_with_attributes(shape, simple, &format!("<xs:complexType name=\"{name}\">"));
            }
            ShapeKind::Children(children) | ShapeKind::Open(children) => {
                self.complex(shape, children, &format!("<xs:complexType name=\"{name}\">"));
            }
            ShapeKind::Any | ShapeKind::Items(_) => {
                self.open(&format!("<xs:complexType name=\"{name}\" mixed=\"true\">"));
                self.line("<xs:sequence><xs:any minOccurs=\"0\" maxOccurs=\"unbounded\" processContents=\"lax\"/></xs:sequence>");
                self.line("<xs:anyAttribute processContents=\"lax\"/>");
                self.close("</xs:complexType>");
            }
        }
    }

    /// An element within a sequence: declared in place, or a reference to one of another namespace.
    fn local(&mut self, shape: &'a Shape) {
        let mut tag = String::from("<xs:element");
        if is_local(shape, self.schema.namespace.as_ref()) {
            let _ = write!(tag, " name=\"{}\"", shape.name);
            let is_qualified = shape.namespace.is_some();
            if self.schema.namespace.is_some() && is_qualified != self.qualified {
                let form = if is_qualified { "qualified" } else { "unqualified" };
                let _ = write!(tag, " form=\"{form}\"");
            }
            occurs(shape.occurs, &mut tag);
            return self.declaration(shape, tag);
        }
        let import = self.schema.imports.iter().find(|(namespace, _)| *namespace == shape.namespace);
        let prefix = match import {
            Some((Some(_), prefix)) => format!("{prefix}:"),
            _ => String::new(),
        };
        let _ = write!(tag, " ref=\"{prefix}{}\"", shape.name);
        occurs(shape.occurs, &mut tag);
        self.line(&(tag + "/>"));
    }

    /// The rest of an element's declaration, from behind its name.
    fn declaration(&mut self, shape: &'a Shape, mut tag: String) {
        if shape.nillable {
            tag.push_str(" nillable=\"true\"");
        }
        match &shape.kind {
            ShapeKind::Any | ShapeKind::Items(_) => self.line(&(tag + "/>")),
            ShapeKind::Simple(simple) if !shape.attributes.is_empty() => {
                self.open(&(tag + ">"));
                self.text_with_attributes(shape, simple, "<xs:complexType>");
                self.close("</xs:element>");
            }
            ShapeKind::Simple(simple) if simple.is_builtin() => {
                self.line(&format!("{tag} type=\"xs:{}\"/>", simple.base.name()));
            }
            ShapeKind::Simple(simple) => {
                self.open(&(tag + ">"));
                self.simple(simple);
                self.close("</xs:element>");
            }
            ShapeKind::Children(children) | ShapeKind::Open(children) => {
                self.open(&(tag + ">"));
                self.complex(shape, children, "<xs:complexType>");
                self.close("</xs:element>");
            }
        }
    }

    fn complex(&mut self, shape: &'a Shape, children: &'a [Shape], tag: &str) {
        self.open(tag);
        if children.is_empty() {
            self.line("<xs:sequence/>");
        } else {
            self.open("<xs:sequence>");
            for child in children {
                self.local(child);
            }
            self.close("</xs:sequence>");
        }
        self.attributes(&shape.attributes);
        self.close("</xs:complexType>");
    }

    fn text_with_attributes(&mut self, shape: &'a Shape, simple: &'a Simple, tag: &str) {
        let base = if simple.is_builtin() {
            format!("xs:{}", simple.base.name())
        } else {
            // An extension's base has a name, so the narrowed type needs one; with a number, as names may repeat.
            let name = format!("{}-text-{}", shape.name, self.named.len() + 1);
            let base = match &self.schema.namespace {
                Some(_) => format!("{}:{name}", self.schema.prefix),
                None => name.clone(),
            };
            self.named.push((name, simple));
            base
        };
        self.open(tag);
        self.open("<xs:simpleContent>");
        self.open(&format!("<xs:extension base=\"{base}\">"));
        self.attributes(&shape.attributes);
        self.close("</xs:extension>");
        self.close("</xs:simpleContent>");
        self.close("</xs:complexType>");
    }

    fn attributes(&mut self, attributes: &'a [AttributeShape]) {
        for attribute in attributes {
            let mut tag = format!("<xs:attribute name=\"{}\"", attribute.name);
            if attribute.namespace.is_some() {
                tag.push_str(" form=\"qualified\"");
            }
            let plain = attribute.simple.is_builtin();
            if plain {
                let _ = write!(tag, " type=\"xs:{}\"", attribute.simple.base.name());
            }
            if attribute.required {
                tag.push_str(" use=\"required\"");
            }
            if plain {
                self.line(&(tag + "/>"));
            } else {
                self.open(&(tag + ">"));
                self.simple(&attribute.simple);
                self.close("</xs:attribute>");
            }
        }
    }

    /// One line, indented.
    pub(super) fn line(&mut self, text: &str) {
        for _ in 0..self.indent {
            self.out.push_str("  ");
        }
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// A start tag; what follows is indented.
    pub(super) fn open(&mut self, text: &str) {
        self.line(text);
        self.indent += 1;
    }

    /// An end tag.
    pub(super) fn close(&mut self, text: &str) {
        self.indent = self.indent.saturating_sub(1);
        self.line(text);
    }
}

/// Every element that is declared in place below this one.
fn each_local<'s>(shape: &'s Shape, namespace: Option<&Arc<str>>, see: &mut impl FnMut(&'s Shape)) {
    for child in shape.children().iter().filter(|child| is_local(child, namespace)) {
        see(child);
        each_local(child, namespace, see);
    }
}

fn occurs(occurs: Occurs, tag: &mut String) {
    if occurs.min != 1 {
        let _ = write!(tag, " minOccurs=\"{}\"", occurs.min);
    }
    match occurs.max {
        Some(1) => {}
        Some(max) => {
            let _ = write!(tag, " maxOccurs=\"{max}\"");
        }
        None => tag.push_str(" maxOccurs=\"unbounded\""),
    }
}

/// A text as the value of an attribute.
pub(super) fn attribute(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    escape_attribute(text, &mut out);
    String::from_utf8(out).unwrap_or_default()
}
