//! Identity constraints: keys, references to them and unique values, gathered on the way through a document (section 3.11).

use std::collections::HashSet;

use compact_str::CompactString;

use super::compile::Compiler;
use super::source::At;
use super::xpath::{self, Paths};
use super::{Declaration, Grammar};
use crate::document::tree::{Element, Name};
use crate::schema::Simple;
use crate::schema::at::{At as Place, shown};
use crate::schema::simple::{Key, SimpleType, Variety};
use crate::schema::validate::{Check, Violation};

/// An identity constraint.
#[derive(Debug, Clone)]
pub struct Constraint {
    name: Name,
    kind: Kind,
    selector: Paths,
    fields: Vec<Paths>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Key,
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

/// What was gathered so far of a document.
#[derive(Debug, Default)]
pub struct Identity<'e> {
    /// The names from the root down to the element at hand; empty in a grammar without constraints.
    way: Vec<&'e Name>,
    scopes: Vec<Scope>,
    rows: Vec<Row>,
    /// Values of keys whose element is over, for references further out.
    tables: Vec<(usize, HashSet<Vec<Key>>)>,
    ids: HashSet<CompactString>,
    references: Vec<(CompactString, Violation)>,
}

/// A constraint within an element that declares it.
#[derive(Debug)]
struct Scope {
    constraint: usize,
    /// The length of the way to its element.
    depth: usize,
    /// The tables that were there before.
    tables: usize,
    values: HashSet<Vec<Key>>,
    references: Vec<(Vec<Key>, Violation)>,
}

/// An element that a selector selected.
#[derive(Debug)]
struct Row {
    constraint: usize,
    scope: usize,
    depth: usize,
    fields: Vec<Option<(Key, CompactString)>>,
    is_broken: bool,
}

impl<'e> Identity<'e> {
    /// An element begins.
    pub fn enter(&mut self, element: &'e Element, declaration: Option<&Declaration>, grammar: &Grammar) {
        if grammar.constraints.is_empty() {
            return;
        }
        self.way.push(&element.name);
        let depth = self.way.len();
        for constraint in declaration.map(|own| own.constraints.as_slice()).unwrap_or_default() {
            self.scopes.push(Scope {
                constraint: *constraint,
                depth,
                tables: self.tables.len(),
                values: HashSet::new(),
                references: Vec::new(),
            });
        }
        for (number, scope) in self.scopes.iter().enumerate() {
            let Some(constraint) = grammar.constraints.get(scope.constraint) else { continue };
            let below = self.way.get(scope.depth..).unwrap_or_default();
            if constraint.selector.iter().any(|path| path.takes(below, None)) {
                let fields = constraint.fields.iter().map(|_| None).collect();
                let scope_constraint = scope.constraint;
                self.rows.push(Row {
                    constraint: scope_constraint,
                    scope: number,
                    depth,
                    fields,
                    is_broken: false,
                });
            }
        }
    }

    /// A value, of the element at hand or of one of its attributes.
    pub fn value(
        &mut self,
        attribute: Option<&Name>,
        simple: &Simple,
        text: &str,
        grammar: &Grammar,
        (at, check): (&Place<'_>, &mut Check),
    ) {
        if grammar.has_ids {
            self.id(simple, text, (at, &mut *check));
        }
        for row in &mut self.rows {
            let Some(constraint) = grammar.constraints.get(row.constraint) else { continue };
            let below = self.way.get(row.depth..).unwrap_or_default();
            for (paths, field) in constraint.fields.iter().zip(&mut row.fields) {
                if !paths.iter().any(|path| path.takes(below, attribute)) {
                    continue;
                }
                if field.is_some() {
                    row.is_broken = true;
                    let name = &constraint.name.local;
                    check.report(at, format!("a field of `{name}` has more than one value here"));
                }
                *field = Some((simple.key(text), text.into()));
            }
        }
    }

    /// Names that stand for elements, and references to them (part 2, sections 3.3.8 and 3.3.9).
    fn id(&mut self, simple: &Simple, text: &str, (at, check): (&Place<'_>, &mut Check)) {
        let item = match &simple.variety {
            Variety::List(item) => item.base,
            _ => simple.base,
        };
        match item {
            SimpleType::Id if !self.ids.insert(text.trim().into()) => {
                check.report(at, format!("the ID `{}` is there twice", shown(text)));
            }
            SimpleType::IdRef => {
                for word in text.split_whitespace() {
                    let message = format!("there is no element with the ID `{}`", shown(word));
                    self.references.push((word.into(), check.violation(at, message)));
                }
            }
            _ => {}
        }
    }

    /// An element ends.
    pub fn leave(&mut self, grammar: &Grammar, at: &Place<'_>, check: &mut Check) {
        if grammar.constraints.is_empty() {
            return;
        }
        let depth = self.way.len();
        while let Some(row) = self.rows.pop_if(|row| row.depth == depth) {
            self.finish(row, grammar, at, check);
        }
        let first = self.scopes.iter().position(|scope| scope.depth == depth).unwrap_or(self.scopes.len());
        let over = self.scopes.split_off(first);
        // Keys first: a reference on the same element may be to one of them.
        let mut references = Vec::new();
        for scope in over {
            if scope.references.is_empty() {
                self.tables.push((scope.constraint, scope.values));
            } else {
                references.push(scope);
            }
        }
        for scope in references {
            let Some(Constraint { kind: Kind::Reference(key), .. }) =
                grammar.constraints.get(scope.constraint)
            else {
                continue;
            };
            let tables = self.tables.get(scope.tables..).unwrap_or_default();
            for (values, violation) in scope.references {
                if !tables.iter().any(|(constraint, table)| constraint == key && table.contains(&values)) {
                    check.add(violation);
                }
            }
        }
        if self.scopes.is_empty() {
            self.tables.clear();
        }
        self.way.pop();
    }

    /// An element that a selector selected ends.
    fn finish(&mut self, row: Row, grammar: &Grammar, at: &Place<'_>, check: &mut Check) {
        let (Some(constraint), Some(scope)) =
            (grammar.constraints.get(row.constraint), self.scopes.get_mut(row.scope))
        else {
            return;
        };
        let name = &constraint.name.local;
        if row.is_broken {
            return;
        }
        let is_whole = row.fields.iter().all(Option::is_some);
        if !is_whole {
            if constraint.kind == Kind::Key {
                check.report(at, format!("a field of the key `{name}` has no value here"));
            }
            return;
        }
        let texts = row.fields.iter().flatten().map(|(_, text)| format!("`{}`", shown(text)));
        match constraint.kind {
            Kind::Key | Kind::Unique => {
                let texts: Vec<String> = texts.collect();
                let keys: Vec<Key> = row.fields.into_iter().flatten().map(|(key, _)| key).collect();
                if !scope.values.insert(keys) {
                    let texts = texts.join(", ");
                    check
                        .report(at, format!("the value {texts} is there twice, and `{name}` must be unique"));
                }
            }
            Kind::Reference(key) => {
                let key = grammar.constraints.get(key).map_or("", |key| key.name.local.as_str());
                let texts: Vec<String> = texts.collect();
                let message =
                    format!("the key `{key}` has no value {}, which `{name}` refers to", texts.join(", "));
                let keys = row.fields.into_iter().flatten().map(|(key, _)| key).collect();
                scope.references.push((keys, check.violation(at, message)));
            }
        }
    }

    /// The document ends: every reference must have led to an element.
    pub fn end(self, check: &mut Check) {
        for (id, violation) in self.references {
            if !self.ids.contains(&id) {
                check.add(violation);
            }
        }
    }
}
