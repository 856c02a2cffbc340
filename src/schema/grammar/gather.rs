//! The values of identity constraints and IDs, gathered on the way through a document (XML Schema part 1, section 3.11).
//!
//! The work and the memory are linear in the document: a reference that is not resolved yet keeps its value and its element,
//! each value once; where that stands becomes text only when it leads nowhere, and for as many as are reported.

use std::collections::{HashMap, HashSet};

use compact_str::CompactString;

use super::identity::{Constraint, Kind};
use super::locate::Wrong;
use super::{Declaration, Grammar};
use crate::document::tree::{Element, Name};
use crate::schema::Simple;
use crate::schema::at::{At, shown};
use crate::schema::simple::{Key, SimpleType, Variety};
use crate::schema::validate::Check;

/// What was gathered so far of a document.
#[derive(Debug, Default)]
pub struct Identity<'e> {
    /// The names from the root down to the element at hand; empty in a grammar without constraints.
    way: Vec<&'e Name>,
    /// The element that began last: values are of it.
    element: Option<&'e Element>,
    scopes: Vec<Scope<'e>>,
    rows: Vec<Row>,
    ids: HashSet<CompactString>,
    /// Each word that no ID was seen for yet, with its first place.
    references: HashMap<CompactString, Spot<'e>>,
}

/// Where a reference to an ID stands.
#[derive(Debug)]
struct Spot<'e> {
    /// How many were noted before.
    number: usize,
    element: &'e Element,
    attribute: Option<CompactString>,
}

/// A constraint within an element that declares it.
#[derive(Debug)]
struct Scope<'e> {
    constraint: usize,
    /// The constraint whose values it refers to.
    refers: Option<usize>,
    /// The length of the way to its element.
    depth: usize,
    /// Its own values; of a reference, those that it may refer to, of keys whose element is over.
    values: HashSet<Vec<Key>>,
    /// What is referred to, with the first element that does and the values as they are written there.
    references: HashMap<Vec<Key>, (&'e Element, Vec<CompactString>)>,
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
        self.element = Some(element);
        if grammar.constraints.is_empty() {
            return;
        }
        self.way.push(&element.name);
        let depth = self.way.len();
        for constraint in declaration.map(|own| own.constraints.as_slice()).unwrap_or_default() {
            let refers = match grammar.constraints.get(*constraint).map(|own| own.kind) {
                Some(Kind::Reference(key)) => Some(key),
                _ => None,
            };
            self.scopes.push(Scope {
                constraint: *constraint,
                refers,
                depth,
                values: HashSet::new(),
                references: HashMap::new(),
            });
        }
        for (number, scope) in self.scopes.iter().enumerate() {
            let Some(constraint) = grammar.constraints.get(scope.constraint) else { continue };
            let below = self.way.get(scope.depth..).unwrap_or_default();
            if constraint.selector.iter().any(|path| path.takes(below, None)) {
                let fields = constraint.fields.iter().map(|_| None).collect();
                self.rows.push(Row {
                    constraint: scope.constraint,
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
        (at, check): (&At<'_>, &mut Check),
    ) {
        if grammar.has_ids {
            self.id(attribute, simple, text, (at, &mut *check));
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
    fn id(
        &mut self,
        attribute: Option<&Name>,
        simple: &Simple,
        text: &str,
        (at, check): (&At<'_>, &mut Check),
    ) {
        let item = match &simple.variety {
            Variety::List(item) => item.base,
            _ => simple.base,
        };
        match item {
            SimpleType::Id if !self.ids.insert(text.trim().into()) => {
                check.report(at, format!("the ID `{}` is there twice", shown(text)));
            }
            SimpleType::IdRef => {
                let Some(element) = self.element else { return };
                for word in text.split_whitespace() {
                    worked(1);
                    if self.ids.contains(word) || self.references.contains_key(word) {
                        continue;
                    }
                    let attribute = attribute.map(|name| name.local.clone());
                    let spot = Spot { number: self.references.len(), element, attribute };
                    self.references.insert(word.into(), spot);
                }
            }
            _ => {}
        }
    }

    /// An element ends.
    pub fn leave(&mut self, element: &'e Element, grammar: &Grammar, at: &At<'_>, check: &mut Check) {
        if grammar.constraints.is_empty() {
            return;
        }
        let depth = self.way.len();
        while let Some(row) = self.rows.pop_if(|row| row.depth == depth) {
            self.finish(row, element, grammar, (at, &mut *check));
        }
        let first = self.scopes.iter().position(|scope| scope.depth == depth).unwrap_or(self.scopes.len());
        // Keys first: a reference on the same element may be to one of them.
        let over = self.scopes.split_off(first).into_iter();
        let (mut references, keys): (Vec<_>, Vec<_>) = over.partition(|scope| scope.refers.is_some());
        for scope in keys {
            hand_on(scope.constraint, scope.values, &mut self.scopes, &mut references);
        }
        while let Some(mut scope) = references.pop() {
            unresolved(&mut scope, element, grammar, (at, &mut *check));
            if let Some(key) = scope.refers {
                hand_on(key, scope.values, &mut self.scopes, &mut references);
            }
        }
        self.way.pop();
    }

    /// An element that a selector selected ends.
    fn finish(
        &mut self,
        row: Row,
        element: &'e Element,
        grammar: &Grammar,
        (at, check): (&At<'_>, &mut Check),
    ) {
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
        let (keys, texts): (Vec<Key>, Vec<CompactString>) = row.fields.into_iter().flatten().unzip();
        if scope.refers.is_some() {
            scope.references.entry(keys).or_insert((element, texts));
        } else if !scope.values.insert(keys) {
            let texts = quoted(&texts);
            check.report(at, format!("the value {texts} is there twice, and `{name}` must be unique"));
        }
    }

    /// The document ends: every reference must have led to an element.
    pub fn end(self, root: &Element, at: &At<'_>, check: &mut Check) {
        let open = self.references.into_iter().filter(|(word, _)| !self.ids.contains(word));
        let mut open: Vec<(CompactString, Spot<'_>)> = open.collect();
        open.sort_unstable_by_key(|(_, spot)| spot.number);
        let open = open.into_iter().map(|(word, spot)| (spot.element, (word, spot.attribute)));
        Wrong::new(open).report(root, at, check, &|(word, attribute)| {
            let message = format!("there is no element with the ID `{}`", shown(word));
            (attribute.as_deref(), message)
        });
    }
}

/// Reports the references of a scope that lead nowhere; `element` is the scope's.
fn unresolved(
    scope: &mut Scope<'_>,
    element: &Element,
    grammar: &Grammar,
    (at, check): (&At<'_>, &mut Check),
) {
    let name = |number: usize| grammar.constraints.get(number).map_or("", |own: &Constraint| &own.name.local);
    let (own, key) = (name(scope.constraint), scope.refers.map_or("", name));
    worked(scope.references.len());
    let open = std::mem::take(&mut scope.references).into_iter();
    let open = open.filter(|(keys, _)| !scope.values.contains(keys)).map(|(_, found)| found);
    Wrong::new(open).report(element, at, check, &|texts| {
        let message = format!("the key `{key}` has no value {}, which `{own}` refers to", quoted(texts));
        (None, message)
    });
}

/// Gives the values of a constraint whose element is over to the innermost reference to it around, if there is one: the
/// smaller set goes into the larger one.
fn hand_on<'e>(
    constraint: usize,
    mut values: HashSet<Vec<Key>>,
    outer: &mut [Scope<'e>],
    here: &mut [Scope<'e>],
) {
    let mut around = outer.iter_mut().chain(here).rev();
    let Some(taker) = around.find(|scope| scope.refers == Some(constraint)) else { return };
    if taker.values.len() < values.len() {
        std::mem::swap(&mut taker.values, &mut values);
    }
    worked(values.len());
    taker.values.extend(values);
}

/// Values as a message shows them.
fn quoted(texts: &[CompactString]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| format!("`{}`", shown(text))).collect();
    texts.join(", ")
}

/// Counts steps whose number must be linear in the document, for tests.
pub(super) fn worked(_steps: usize) {
    #[cfg(test)]
    WORK.with(|work| work.set(work.get() + _steps));
}

#[cfg(test)]
thread_local! {
    /// The steps of this thread.
    pub(super) static WORK: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}
