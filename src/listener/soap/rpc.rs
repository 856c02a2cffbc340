//! Bodies of the style rpc: an element of the operation's name around parts without a namespace (WSDL 1.1, section 3.5).

use std::sync::Arc;

use compact_str::CompactString;

use crate::document::tree::{Content, Element, Name, Node};
use crate::pipeline::operation::{Io, Profile};
use crate::schema::{Shape, ShapeKind};
use crate::soap::encoded;
use crate::wsdl::TypeName;
use crate::xml::write_element;

/// The namespace of the subcodes of rpc, and of what names the result in an answer.
pub(super) const NAMESPACE: &str = "http://www.w3.org/2003/05/soap-rpc";

/// How the documents of a profile are carried: the children of the root are the parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parts {
    root: Name,
    children: Vec<(CompactString, Option<Arc<str>>)>,
}

/// Why documents cannot be carried as parts; `None` when they can.
pub(super) fn reason_against(io: &Io, side: &str) -> Option<String> {
    let Io::Profile { profile, many, .. } = io else { return None };
    let shape = &profile.shape;
    let name = &profile.name;
    if *many {
        return Some(format!("its {side} is a list, and style=rpc has parts: use style=document"));
    }
    if shape.checking.rule.is_some() {
        return Some(format!(
            "profile `{name}` is an XML Schema, which describes elements, and the parts of style=rpc have types: write \
             the profile inline, or use style=document"
        ));
    }
    let ShapeKind::Children(children) = &shape.kind else {
        return Some(format!(
            "the root of profile `{name}` does not hold elements, which are the parts of style=rpc"
        ));
    };
    if !shape.attributes.is_empty() {
        return Some(format!("the root of profile `{name}` has attributes, and in style=rpc it is not sent"));
    }
    let repeated = children.iter().find(|child| child.occurs.repeats())?;
    Some(format!("`{}` repeats in profile `{name}`, and a part of style=rpc is there once", repeated.name))
}

impl Parts {
    /// Of a profile that [`reason_against`] has nothing against.
    pub(super) fn of(profile: &Profile) -> Self {
        let shape = &profile.shape;
        let children = shape.children().iter();
        Self {
            root: shape.element_name(),
            children: children.map(|child| (child.name.clone(), child.namespace.clone())).collect(),
        }
    }

    /// The document that a checked body carries.
    pub(super) fn document(&self, body: Element) -> Element {
        let mut document = Element { name: self.root.clone(), ..body };
        if let Content::Children(nodes) = &mut document.content {
            for node in nodes {
                let Node::Element(child) = node else { continue };
                let known = self.children.iter().find(|(local, _)| *local == child.name.local);
                child.name.namespace = known.and_then(|(_, namespace)| namespace.clone());
            }
        }
        document
    }

    /// Appends the parts of a document.
    pub(super) fn write(document: &Element, out: &mut Vec<u8>) {
        for child in document.elements() {
            if child.name.namespace.is_none() {
                write_element(child, None, out);
            } else {
                let part = Element { name: Name::local(child.name.local.clone()), ..child.clone() };
                write_element(&part, None, out);
            }
        }
    }
}

/// Appends the parts of a document in the encoding of SOAP 1.2, behind what names the return value: there is one where an
/// operation has one part to answer with, and the document has it. Several are all parameters that go out (SOAP 1.2 part 2,
/// section 4.2.1).
pub(super) fn write_encoded(mut document: Element, shape: &Shape, out: &mut Vec<u8>) {
    let mut parts = parts(shape);
    if let (Some(part), None, Some(_)) = (parts.next(), parts.next(), document.elements().next()) {
        let value = Content::Text(part.name.clone());
        write_element(&Element::with(Name::qualified(NAMESPACE, "result"), value), None, out);
    }
    encoded::mark(&mut document, shape);
    Parts::write(&document, out);
}

/// The parts of a profile's documents as they stand in a body: without a namespace.
pub(super) fn shapes(shape: &Shape) -> Vec<Shape> {
    shape.children().iter().map(|child| Shape { namespace: None, ..child.clone() }).collect()
}

/// The parts of a message that are sent: of an answer, those that its profile does not leave out.
pub(super) fn parts(shape: &Shape) -> impl Iterator<Item = &Shape> {
    shape.children().iter().filter(|part| !part.form.left_out)
}

/// The type of a part, and the namespace that it needs a declaration in, where it is not built in.
pub(super) fn type_of(part: &Shape, name: &str, service: &str) -> TypeName {
    match &part.kind {
        ShapeKind::Simple(simple) if part.attributes.is_empty() && simple.is_builtin() => {
            TypeName::BuiltIn(simple.base.name())
        }
        _ => {
            let inner = part.children().iter().find_map(|child| child.namespace.as_deref());
            TypeName::Named(inner.unwrap_or(service).to_owned(), name.to_owned())
        }
    }
}
