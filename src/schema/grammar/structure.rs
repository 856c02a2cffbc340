//! The structure of schema documents: each one is checked against a schema of schemas by the same engine.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use super::Grammar;
use super::check::Root;
use super::compile::compile_trusted;
use super::documents::Documents;
use super::source::{Doc, XS, read};
use crate::document::tree::{Element, Name};
use crate::schema::validate::{Format, Violation, validate};
use crate::schema::{Checking, Occurs, Shape, ShapeKind};
use crate::source::{Finding, Span};

/// What is wrong in one document that is still told.
const BOUND: usize = 20;

/// The shape of an `xs:schema` document; `None` never, as the tests see to.
static STRUCTURE: LazyLock<Option<Shape>> = LazyLock::new(|| {
    let tree = read(include_str!("wellknown/structure.xsd")).ok()?;
    let doc = Doc {
        file: Default::default(),
        path: PathBuf::new(),
        target: Some(Arc::from(XS)),
        is_file: false,
        is_chameleon: false,
        tree: Arc::new(tree),
    };
    let documents = Documents { docs: vec![doc], ..Documents::default() };
    let (grammar, findings) = compile_trusted(&documents);
    let grammar: Arc<Grammar> = Arc::new(grammar);
    let name = Name::qualified(XS, "schema");
    let element = grammar.root(&name).filter(|_| findings.is_empty())?;
    Some(Shape {
        name: name.local,
        namespace: name.namespace,
        occurs: Occurs::ONCE,
        nillable: false,
        attributes: Vec::new(),
        kind: ShapeKind::Any,
        checking: Checking { rule: Some(Arc::new(Root { grammar, element })), ..Checking::default() },
        form: Default::default(),
    })
});

/// What is wrong with the structure of a document.
pub(super) fn check(doc: &Doc) -> Vec<Finding> {
    let Some(shape) = &*STRUCTURE else { return Vec::new() };
    let found = validate(&doc.tree.root, shape, Format::Xml, BOUND);
    found.into_iter().map(|violation| finding(doc, &violation)).collect()
}

fn finding(doc: &Doc, violation: &Violation) -> Finding {
    // Elements are numbered in document order.
    let (mut number, mut at) = (0, &doc.tree.root);
    for position in &violation.way {
        let mut before = 1;
        let mut next = None;
        for (index, child) in at.elements().enumerate() {
            if index == *position {
                next = Some(child);
                break;
            }
            before += count(child);
        }
        let Some(next) = next else { break };
        number += before;
        at = next;
    }
    let span: Span = doc.span(number);
    // The element, and its attribute where it is about one.
    let mut parts = violation.path.rsplit('/');
    let last = parts.next().unwrap_or_default();
    let place = match last.starts_with('@') {
        true => format!("{}/{last}", parts.next().unwrap_or_default()),
        false => last.to_owned(),
    };
    Finding::error("bad-schema", span, format!("xs:{place}: {}", violation.message))
}

/// An element with all in it.
fn count(element: &Element) -> usize {
    1 + element.elements().map(count).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_of_schemas_compiles_and_fits_itself() {
        assert!(STRUCTURE.is_some());
        let tree = read(include_str!("wellknown/structure.xsd")).unwrap();
        let doc = Doc {
            file: Default::default(),
            path: PathBuf::new(),
            target: None,
            is_file: false,
            is_chameleon: false,
            tree: Arc::new(tree),
        };
        assert_eq!(check(&doc), Vec::new());
    }
}
