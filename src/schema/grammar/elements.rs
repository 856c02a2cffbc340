//! Element declarations: names, types and values, and what else an element says (XML Schema part 1, section 3.3).

use compact_str::CompactString;

use super::compile::{Compiler, DEEPEST, is_true};
use super::source::{At, XS};
use super::symbols::Kind;
use super::{Content, Declaration, ElementId, Given, TypeId, Ways};
use crate::document::tree::Name;
use crate::schema::simple::{SimpleType, Variety};

impl Declaration {
    /// An element of a type, of which nothing else is said.
    pub(super) fn of(name: Name, type_id: TypeId) -> Self {
        Self {
            name,
            type_id,
            is_nillable: false,
            is_abstract: false,
            value: None,
            block: Ways::NONE,
            closed: Ways::NONE,
            constraints: Vec::new(),
            members: Vec::new(),
        }
    }
}

impl Compiler<'_> {
    /// The declaration at an `xs:element` that has a name.
    pub fn element(&mut self, at: At) -> ElementId {
        if let Some(known) = self.elements.get(&at) {
            return *known;
        }
        let id = ElementId(self.grammar.elements.len());
        self.elements.insert(at, id);
        let is_global = self.is_global(at);
        let namespace = match is_global || self.is_qualified(at, "elementFormDefault") {
            true => self.doc(at).and_then(|doc| doc.target.clone()),
            false => None,
        };
        let local: CompactString = self.get(at, "name").unwrap_or_default().into();
        let value = self.given(at);
        let block = self.ways(at, "block", "blockDefault", Ways(7));
        let closed = self.ways(at, "final", "finalDefault", Ways(3));
        let (is_nillable, is_abstract) =
            (is_true(self.get(at, "nillable")), is_true(self.get(at, "abstract")));
        self.grammar.elements.push(Declaration {
            is_nillable,
            is_abstract,
            value,
            block,
            closed,
            ..Declaration::of(Name { local, namespace }, TypeId::ANY)
        });
        if !self.afford(at) {
            return id;
        }
        self.check_element(at);
        let type_id = self.element_type(at, id);
        let constraints = self.constraints(at);
        if let Some(declaration) = self.grammar.elements.get_mut(id.0) {
            declaration.type_id = type_id;
            declaration.constraints = constraints;
        }
        id
    }

    /// The type of an element: named, its own, or that of the head of its substitution group.
    fn element_type(&mut self, at: At, id: ElementId) -> TypeId {
        let head = self.get(at, "substitutionGroup").and_then(|head| self.find(Kind::Element, at, head));
        let head = head.filter(|_| self.heads_open < DEEPEST).map(|head| {
            self.heads_open += 1;
            let head = self.element(head);
            self.heads_open -= 1;
            self.heads.push((id, head, at));
            head
        });
        if let Some(name) = self.get(at, "type") {
            return self.type_named(at, name).unwrap_or(TypeId::ANY);
        }
        if let Some(own) = self.child(at, &["simpleType", "complexType"]) {
            return self.type_at(own);
        }
        let declared = head.and_then(|head| self.grammar.elements.get(head.0));
        declared.map_or(TypeId::ANY, |declared| declared.type_id)
    }

    /// Whether a type of this grammar is one of IDs or references to them.
    pub fn has_ids(&self) -> bool {
        let own = self.grammar.types.iter().filter(|known| known.name.namespace.as_deref() != Some(XS));
        let of_types = own.filter_map(|known| match &known.content {
            Content::Simple(simple) => Some(simple),
            Content::Empty | Content::Elements { .. } => None,
        });
        let elements = self.grammar.elements.iter().filter_map(|own| self.grammar.type_of(own.type_id));
        let of_elements = elements.filter_map(|known| match &known.content {
            Content::Simple(simple) => Some(simple),
            Content::Empty | Content::Elements { .. } => None,
        });
        let of_attributes = self.grammar.types.iter().flat_map(|known| &known.attributes);
        let of_attributes = of_attributes.map(|used| &used.attribute.simple);
        of_types.chain(of_elements).chain(of_attributes).any(|simple| {
            let item = match &simple.variety {
                Variety::List(item) => item.base,
                _ => simple.base,
            };
            matches!(item, SimpleType::Id | SimpleType::IdRef)
        })
    }

    /// The default and fixed values of elements, against their types.
    pub fn check_values(&mut self) {
        let places: Vec<(At, ElementId)> = self.elements.iter().map(|(at, id)| (*at, *id)).collect();
        for (at, id) in places {
            let Some(own) = self.grammar.elements.get(id.0) else { continue };
            let Some(given) = &own.value else { continue };
            let known = self.grammar.type_of(own.type_id).map(|known| &known.content);
            let message = match known {
                Some(Content::Simple(simple)) => match simple.check(&given.text) {
                    Ok(()) => continue,
                    Err(expected) => {
                        format!("the value `{}` does not fit its type: expected {expected}", given.text)
                    }
                },
                Some(Content::Elements { is_mixed: true, .. }) | None => continue,
                Some(_) => "an element with child elements has no default or fixed value".to_owned(),
            };
            self.wrong(at, message);
        }
    }

    /// The default or fixed value that a declaration gives.
    pub fn given(&mut self, at: At) -> Option<Given> {
        let raw = |name: &str| {
            let node = self.doc(at)?.tree.nodes.get(at.node)?;
            node.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
        };
        match (raw("fixed"), raw("default")) {
            (Some(_), Some(_)) => {
                self.wrong(at, "there is either a default or a fixed value, not both");
                None
            }
            (Some(text), None) => Some(Given { text, is_fixed: true }),
            (None, Some(text)) => Some(Given { text, is_fixed: false }),
            (None, None) => None,
        }
    }

    /// Whether it stands at the top of its document.
    pub fn is_global(&self, at: At) -> bool {
        let root = self.doc(at).and_then(|doc| doc.tree.nodes.first());
        root.is_some_and(|root| root.children.contains(&at.node))
    }

    /// Whether a local declaration is in the target namespace.
    pub fn is_qualified(&self, at: At, default: &str) -> bool {
        let root = At { doc: at.doc, node: 0 };
        self.get(at, "form").or_else(|| self.get(root, default)) == Some("qualified")
    }

    /// The ways that `block=` or `final=` lists, or those of the document's default.
    pub fn ways(&self, at: At, name: &str, default: &str, of: Ways) -> Ways {
        let root = At { doc: at.doc, node: 0 };
        let text = self.get(at, name).or_else(|| self.get(root, default)).unwrap_or_default();
        let ways = text.split_whitespace().map(|word| match word {
            "#all" => Ways::ALL,
            "extension" => Ways::EXTENSION,
            "restriction" => Ways::RESTRICTION,
            "substitution" => Ways::SUBSTITUTION,
            "list" => Ways::LIST,
            "union" => Ways::UNION,
            _ => Ways::NONE,
        });
        Ways(ways.fold(Ways::NONE, Ways::and).0 & of.0)
    }

    /// What the structure of an element's declaration does not say (section 3.3.3).
    fn check_element(&mut self, at: At) {
        if self.get(at, "type").is_some() && self.child(at, &["simpleType", "complexType"]).is_some() {
            self.wrong(at, "this element has type= and a type of its own: remove one of the two");
        }
        if self.get(at, "name").is_none() {
            self.wrong(at, "this element needs name= or ref=");
        }
    }

    /// A reference says where an element stands, and nothing of what it is (section 3.3.3).
    pub fn check_reference(&mut self, at: At) {
        let own = ["name", "type", "nillable", "default", "fixed", "form", "block"];
        let given = own.into_iter().find(|name| self.get(at, name).is_some());
        if let Some(name) = given {
            self.wrong(
                at,
                format!("`{name}=` cannot stand beside ref=: the element says that where it is declared"),
            );
        } else if self.children(at).next().is_some() {
            self.wrong(at, "an element with ref= has nothing in it: the element is declared elsewhere");
        }
    }
}
