//! Attributes of types: declarations, references and groups put together (XML Schema part 1, sections 3.2, 3.5 and 3.6).

use std::sync::Arc;

use super::compile::{Compiler, DEEPEST};
use super::source::{At, XS};
use super::symbols::Kind;
use super::wildcard::{Namespaces, Process, Wildcard};
use super::{Attribute, Content, TypeId, Use};
use crate::document::tree::Name;
use crate::schema::Simple;
use crate::xml::{XML_NAMESPACE, XSI};

/// The attributes that a type or group lists.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// Those that may be there.
    pub uses: Vec<Use>,
    /// Those that a restriction takes away.
    pub prohibited: Vec<Name>,
    /// The wildcard: what all of those listed take.
    pub any: Option<Wildcard>,
}

impl Compiler<'_> {
    /// The declaration at an `xs:attribute` with a name; `None` after a finding.
    pub fn attribute(&mut self, at: At) -> Option<Arc<Attribute>> {
        if let Some(known) = self.attributes.get(&at) {
            return Some(known.clone());
        }
        let local = self.get(at, "name")?;
        let namespace = match self.is_global(at) || self.is_qualified(at, "attributeFormDefault") {
            true => self.doc(at).and_then(|doc| doc.target.clone()),
            false => None,
        };
        if local == "xmlns" || namespace.as_deref() == Some(XSI) {
            self.wrong(
                at,
                format!("no attribute `{local}` can be declared here: the standard itself defines it"),
            );
        }
        if self.get(at, "type").is_some() && self.child(at, &["simpleType"]).is_some() {
            self.wrong(at, "this attribute has type= and a type of its own: remove one of the two");
        }
        let simple = self.value_type(at);
        let value = self.given(at);
        if let (Some(given), Some(simple)) = (&value, &simple)
            && let Err(expected) = simple.check(&given.text)
        {
            self.wrong(at, format!("the value `{}` does not fit its type: expected {expected}", given.text));
        }
        self.afford(at);
        let name = Name { namespace, local: local.into() };
        let attribute = Arc::new(Attribute { name, simple: simple?, value });
        self.attributes.insert(at, attribute.clone());
        Some(attribute)
    }

    /// The type of an attribute: named, its own, or any simple one.
    fn value_type(&mut self, at: At) -> Option<Arc<Simple>> {
        let named = self.get(at, "type");
        let id = match (named, self.child(at, &["simpleType"])) {
            (Some(name), _) => self.type_named(at, name)?,
            (None, Some(own)) => self.type_at(own),
            (None, None) => TypeId::ANY_SIMPLE,
        };
        let simple = self.simple_of(id);
        if simple.is_none() {
            let name = named.unwrap_or_default();
            self.wrong(at, format!("`{name}` is a complex type, and an attribute has a simple one"));
        }
        simple
    }

    /// What a simple type, or the content of one with simple content, is.
    pub fn simple_of(&mut self, id: TypeId) -> Option<Arc<Simple>> {
        self.completed(id);
        match &self.grammar.types.get(id.0)?.content {
            Content::Simple(simple) => Some(simple.clone()),
            Content::Empty | Content::Elements { .. } => None,
        }
    }

    /// The attributes that stand in a type, derivation or group.
    pub fn listed(&mut self, at: At, depth: usize) -> Listed {
        let mut listed = Listed::default();
        if depth > DEEPEST {
            self.wrong(at, "attribute groups are nested too deeply");
            return listed;
        }
        let children: Vec<At> = self.children(at).collect();
        for child in children {
            match self.tag(child) {
                "attribute" => self.used(child, &mut listed),
                "attributeGroup" => self.group_used(child, &mut listed, depth),
                "anyAttribute" => {
                    let own = self.wildcard(child);
                    listed.meet(own);
                }
                _ => {}
            }
        }
        listed
    }

    /// What the structure of an attribute does not say (section 3.2.3).
    fn check_use(&mut self, at: At) {
        let has = |name: &str| self.get(at, name).is_some();
        let own = self.child(at, &["simpleType"]).is_some();
        let message = match (has("ref"), has("name")) {
            (true, true) => "this attribute has name= and ref=: remove one of the two",
            (false, false) => "this attribute needs name= or ref=",
            (true, false) if has("type") || has("form") || own => {
                "type= and form= cannot stand beside ref=: the attribute says that where it is declared"
            }
            _ => return,
        };
        self.wrong(at, message);
    }

    fn used(&mut self, at: At, listed: &mut Listed) {
        self.check_use(at);
        let attribute = match self.get(at, "ref") {
            Some(name) => self.referred(at, name),
            None => self.attribute(at),
        };
        let Some(attribute) = attribute else { return };
        let value = if self.get(at, "ref").is_some() { self.given(at) } else { None };
        if self.get(at, "use") == Some("prohibited") {
            return listed.prohibited.push(attribute.name.clone());
        }
        let is_required = self.get(at, "use") == Some("required");
        if let Some(fixed) = attribute.value.as_ref().filter(|given| given.is_fixed)
            && value.as_ref().is_some_and(|own| !own.is_fixed || own.text != fixed.text)
        {
            self.wrong(at, format!("the declaration of `{}` fixes its value already", attribute.name.local));
        }
        if listed.uses.iter().any(|known| known.attribute.name == attribute.name) {
            return self.wrong(at, format!("the attribute `{}` is there twice", attribute.name.local));
        }
        if self.get(at, "default").is_some() && is_required {
            self.wrong(at, "an attribute with a default is optional: remove use= or default=");
        }
        let array = self.array(at);
        listed.uses.push(Use { attribute, is_required, value, array });
    }

    fn referred(&mut self, at: At, name: &str) -> Option<Arc<Attribute>> {
        let resolved = self.name(at, name)?;
        // What is built into the standard, for documents that import no schema of it.
        let built_in = resolved.namespace.as_deref() == Some(XML_NAMESPACE)
            && self.symbols.find(Kind::Attribute, &resolved).is_none();
        if built_in {
            let type_name = match resolved.local.as_str() {
                "lang" | "space" => "string",
                "base" => "anyURI",
                "id" => "ID",
                _ => return self.find(Kind::Attribute, at, name).and_then(|at| self.attribute(at)),
            };
            let id = self.grammar.named_types.get(&Name::qualified(XS, type_name)).copied()?;
            let simple = self.simple_of(id)?;
            return Some(Arc::new(Attribute { name: resolved, simple, value: None }));
        }
        let found = self.find(Kind::Attribute, at, name)?;
        self.attribute(found)
    }

    fn group_used(&mut self, at: At, listed: &mut Listed, depth: usize) {
        let Some(name) = self.get(at, "ref") else { return };
        let Some(found) = self.find(Kind::AttributeGroup, at, name) else { return };
        if self.open.contains(&found) {
            // Attribute groups in a circle are an error of XML Schema 1.0, except in redefinitions.
            return self.wrong(at, format!("the attribute group `{name}` contains itself"));
        }
        self.open.push(found);
        self.reasons.push(found);
        let inner = self.listed(found, depth + 1);
        self.reasons.pop();
        self.open.pop();
        for used in inner.uses {
            if listed.uses.iter().any(|known| known.attribute.name == used.attribute.name) {
                let local = &used.attribute.name.local;
                self.wrong(at, format!("the attribute `{local}` is there twice"));
                continue;
            }
            listed.uses.push(used);
        }
        if let Some(any) = inner.any {
            listed.meet(any);
        }
    }

    /// Checks an attribute group that perhaps nothing refers to.
    pub fn attribute_group_alone(&mut self, at: At) {
        self.open.push(at);
        self.reasons.push(at);
        self.listed(at, 0);
        self.reasons.pop();
        self.open.pop();
    }

    /// The wildcard at an `xs:any` or `xs:anyAttribute`.
    pub fn wildcard(&self, at: At) -> Wildcard {
        let target = self.doc(at).and_then(|doc| doc.target.clone());
        let namespaces = Namespaces::read(self.get(at, "namespace").unwrap_or("##any"), &target);
        let process = match self.get(at, "processContents") {
            Some("lax") => Process::Lax,
            Some("skip") => Process::Skip,
            _ => Process::Strict,
        };
        Wildcard { namespaces, process }
    }
}

impl Listed {
    /// Another wildcard beside those so far: what all of them take; the first one says how it is checked.
    fn meet(&mut self, other: Wildcard) {
        self.any = Some(match self.any.take() {
            Some(own) => Wildcard { namespaces: own.namespaces.intersect(&other.namespaces), ..own },
            None => other,
        });
    }
}
