//! The types of the elements of a document, found along its grammar: what an encoding says beside each value.

use super::arrays::{Array, ENCODINGS};
use super::check::DEEPEST;
use super::model::{State, Taker};
use super::source::XS;
use super::{Content, ElementId, Grammar, Type, TypeId};
use crate::document::tree::{Content as Held, Element, Name, Node};
use crate::xml::XSI;

/// What is known of an element.
#[derive(Debug)]
pub struct Typed<'g> {
    /// Its type; `None` for one without a name. Of a text that may be anything it is `xs:string`.
    pub name: Option<&'g Name>,
    /// What its items are, where it is an encoded array.
    pub array: Option<&'g Array>,
}

/// The type of an element: its number, and its items where that alone does not say it.
struct Found {
    id: TypeId,
    array: Option<Array>,
}

impl Grammar {
    /// Visits every element below the root of a document, inner ones first. `xsi:type` in the document is followed.
    pub fn visit_types(
        &self,
        root: ElementId,
        document: &mut Element,
        visit: &mut dyn FnMut(&mut Element, &Typed<'_>),
    ) {
        let Some(declaration) = self.declaration(root) else { return };
        let found = Found { id: declaration.type_id, array: None };
        let found = self.actual_type(document, found);
        self.visit_children(document, &found, 0, visit);
    }

    fn visit_children(
        &self,
        element: &mut Element,
        around: &Found,
        depth: usize,
        visit: &mut dyn FnMut(&mut Element, &Typed<'_>),
    ) {
        let (Some(known), true) = (self.type_of(around.id), depth < DEEPEST) else { return };
        let model = match known.content {
            Content::Elements { model, .. } => self.models.get(model),
            Content::Empty | Content::Simple(_) => None,
        };
        let mut state = model.map(super::model::Model::start);
        let (Held::Children(nodes) | Held::Items(nodes)) = &mut element.content else { return };
        for node in nodes {
            let Node::Element(child) = node else { continue };
            let declared = model.zip(state.as_mut());
            let declared = declared.and_then(|(model, state)| self.declared_type(model, state, child));
            let found = declared.or_else(|| around.array.as_ref().and_then(|array| self.item(array)));
            let found = self.actual_type(child, found.unwrap_or(Found { id: TypeId::ANY, array: None }));
            self.visit_children(child, &found, depth + 1, visit);
            let name = self.type_of(found.id).and_then(|known| self.shown_type(child, found.id, known));
            visit(child, &Typed { name, array: found.array.as_ref() });
        }
    }

    /// The type of a child by its declaration; `None` for what only a wildcard takes and no schema declares.
    fn declared_type(
        &self,
        model: &super::model::Model,
        state: &mut State,
        child: &Element,
    ) -> Option<Found> {
        let id = match model.step(state, &child.name, &self.elements)? {
            Taker::Element(id) => id,
            Taker::Any(_) => self.root(&child.name)?,
        };
        Some(Found { id: self.declaration(id)?.type_id, array: None })
    }

    /// What an item of an array is.
    fn item(&self, array: &Array) -> Option<Found> {
        if let Some(inner) = array.inner() {
            let of = ENCODINGS.iter().find_map(|of| self.named_types.get(&Name::qualified(of, "Array")));
            return of.map(|id| Found { id: *id, array: Some(inner) });
        }
        self.named_types.get(&array.item).map(|id| Found { id: *id, array: None })
    }

    /// The type that `xsi:type` names, else the given one, with what the items of an array are.
    fn actual_type(&self, element: &Element, found: Found) -> Found {
        let named = element.attribute_in(XSI, "type").and_then(|value| self.type_by_name(value));
        let id = named.unwrap_or(found.id);
        Found { id, array: found.array.or_else(|| self.array_of(id)) }
    }

    fn shown_type<'g>(&'g self, element: &Element, id: TypeId, known: &'g Type) -> Option<&'g Name> {
        let is_text = matches!(element.content, Held::Text(_) | Held::Number(_) | Held::Bool(_));
        if is_text && (id == TypeId::ANY || id == TypeId::ANY_SIMPLE) {
            let string = self.named_types.get(&Name::qualified(XS, "string"));
            return string.and_then(|id| self.type_of(*id)).map(|known| &known.name);
        }
        Some(&known.name).filter(|name| !name.local.is_empty())
    }
}
