//! Identity constraints as a schema declares them: keys, references to them and unique values (XML Schema part 1, section 3.11).

use super::compile::Compiler;
use super::source::At;
use super::xpath::{self, Paths};
use crate::document::tree::Name;

/// An identity constraint.
#[derive(Debug, Clone)]
pub struct Constraint {
    /// Its name, for references and messages.
    pub name: Name,
    /// What it asks for.
    pub kind: Kind,
    /// The elements that it is about, from the one that declares it.
    pub selector: Paths,
    /// The parts of a value, from such an element.
    pub fields: Vec<Paths>,
}

/// What a constraint asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Values that are all there, and each once.
    Key,
    /// Each value once.
    Unique,
    /// A reference to the values of that constraint.
    Reference(usize),
}

impl Compiler<'_> {
    /// The constraints that an element declares.
    pub fn constraints(&mut self, at: At) -> Vec<usize> {
        let own: Vec<At> = self.children(at).collect();
        let mut found = Vec::new();
        for child in own {
            let tag = self.tag(child);
            if !matches!(tag, "key" | "unique" | "keyref") {
                continue;
            }
            let Some(local) = self.get(child, "name") else { continue };
            let namespace = self.doc(child).and_then(|doc| doc.target.clone());
            let name = Name { namespace, local: local.into() };
            if self.grammar.constraints.iter().any(|known| known.name == name) {
                self.wrong(child, format!("there are two identity constraints `{local}`"));
                continue;
            }
            let Some((selector, fields)) = self.paths(child) else { continue };
            let kind = match tag {
                "key" => Kind::Key,
                "unique" => Kind::Unique,
                _ => Kind::Reference(usize::MAX),
            };
            let number = self.grammar.constraints.len();
            self.grammar.constraints.push(Constraint { name, kind, selector, fields });
            if tag == "keyref" {
                self.references.push((number, child));
            }
            found.push(number);
        }
        found
    }

    fn paths(&mut self, at: At) -> Option<(Paths, Vec<Paths>)> {
        let parts: Vec<At> = self.children(at).collect();
        let (mut selector, mut fields) = (None, Vec::new());
        for part in parts {
            let is_field = self.tag(part) == "field";
            let text = self.get(part, "xpath").unwrap_or_default();
            match xpath::read(text, self.doc(part)?, part.node, is_field) {
                Ok(paths) if is_field => fields.push(paths),
                Ok(paths) => selector = Some(paths),
                Err(wrong) => {
                    self.wrong(part, wrong);
                    return None;
                }
            }
        }
        Some((selector?, fields))
    }

    /// Finds what references refer to.
    pub fn resolve_references(&mut self) {
        for (number, at) in std::mem::take(&mut self.references) {
            let Some(name) = self.get(at, "refer").and_then(|refer| self.name(at, refer)) else { continue };
            let found = self
                .grammar
                .constraints
                .iter()
                .position(|known| known.name == name && !matches!(known.kind, Kind::Reference(_)));
            let fields = |at: usize| self.grammar.constraints.get(at).map(|known| known.fields.len());
            match found {
                None => self.wrong(at, format!("there is no key `{}` to refer to", name.local)),
                Some(found) if fields(found) != fields(number) => {
                    self.wrong(at, format!("the key `{}` has another number of fields", name.local));
                }
                Some(found) => {
                    if let Some(own) = self.grammar.constraints.get_mut(number) {
                        own.kind = Kind::Reference(found);
                    }
                }
            }
        }
    }
}
