//! The check of a document by a grammar: one walk over its elements, each against its declaration and its type.

use std::fmt::Write as _;
use std::sync::Arc;

use super::gather::Identity;
use super::model::{State, Taker};
use super::wildcard::{Process, Wildcard};
use super::{Content, Declaration, ElementId, Given, Grammar, Type, TypeId, Ways};
use crate::document::tree::{Content as Held, Element, Name};
use crate::schema::at::{At, Step, shown};
use crate::schema::rule::Published;
use crate::schema::validate::{Check, hint, stray_text};
use crate::schema::{Mode, Rule, Simple};
use crate::xml::XSI;

/// Nesting of a document that is checked: a reader stops before, and a script that goes beyond is told so.
pub(super) const DEEPEST: usize = 400;

/// The check of documents whose root is one element of a grammar.
#[derive(Debug)]
pub struct Root {
    /// The grammar.
    pub grammar: Arc<Grammar>,
    /// The root's declaration.
    pub element: ElementId,
}

impl Rule for Root {
    fn check(&self, element: &Element, at: &At<'_>, check: &mut Check) {
        let mut walk = Walk { grammar: &self.grammar, check, identity: Identity::default(), depth: 0 };
        walk.element(element, self.element, at);
        walk.identity.end(element, at, walk.check);
    }

    fn published(&self) -> Option<&[Published]> {
        self.grammar.published.as_deref()
    }
}

/// A check on its way through a document.
pub(super) struct Walk<'g, 'c, 'e> {
    pub grammar: &'g Grammar,
    pub check: &'c mut Check,
    pub identity: Identity<'e>,
    depth: usize,
}

impl<'e> Walk<'_, '_, 'e> {
    /// An element that has the declaration's name (section 3.3.4).
    fn element(&mut self, element: &'e Element, id: ElementId, at: &At<'_>) {
        let grammar = self.grammar;
        let Some(declaration) = grammar.declaration(id) else { return };
        if self.check.full() {
            return;
        }
        if declaration.is_abstract {
            return self.is_abstract(declaration, at);
        }
        let type_id = self.actual(element, declaration.type_id, declaration.block, at);
        self.typed(element, type_id, Some(declaration), at);
    }

    /// What stands in place of an abstract element.
    fn is_abstract(&mut self, declaration: &Declaration, at: &At<'_>) {
        let members = declaration.members.iter().filter_map(|member| self.grammar.declaration(*member));
        let names: Vec<&Name> = members.filter(|m| !m.is_abstract).map(|member| &member.name).collect();
        let mut message = "this element is abstract: another one stands in its place".to_owned();
        append(&mut message, "; expected ", names.into_iter());
        self.check.report(at, message);
    }

    /// The type that `xsi:type` names, if it does and may; else the declared one.
    fn actual(&mut self, element: &Element, declared: TypeId, block: Ways, at: &At<'_>) -> TypeId {
        if element.attributes.is_empty() {
            return declared;
        }
        let Some(value) = element.attribute_in(XSI, "type") else { return declared };
        let here = At::part(at, Step::Attribute("type"));
        let Some(named) = self.grammar.type_by_name(value) else {
            let wanted = self.stand_ins(declared);
            self.check.report(&here, format!("there is no type `{}`{wanted}", shown(value)));
            return declared;
        };
        let blocked = block.and(self.grammar.type_of(declared).map_or(Ways::NONE, |known| known.block));
        if !self.grammar.derives(named, declared, blocked) {
            let wanted = self.stand_ins(declared);
            let message =
                format!("the type `{}` may not stand in for the declared one{wanted}", shown(value));
            self.check.report(&here, message);
            return declared;
        }
        named
    }

    /// The types that may be named for a declared one, as a message ends.
    fn stand_ins(&self, declared: TypeId) -> String {
        let may = |(_, id): &(&Name, &TypeId)| {
            self.grammar.derives(**id, declared, Ways::NONE)
                && self.grammar.type_of(**id).is_some_and(|known| !known.is_abstract)
        };
        let mut names: Vec<&Name> = match declared {
            TypeId::ANY | TypeId::ANY_SIMPLE => Vec::new(),
            _ => self.grammar.named_types.iter().filter(may).map(|(name, _)| name).collect(),
        };
        names.sort_by(|left, right| left.local.cmp(&right.local));
        let mut text = String::new();
        append(&mut text, "; expected ", names.into_iter());
        text
    }

    /// An element of a type, with its declaration where there is one.
    fn typed(&mut self, element: &'e Element, id: TypeId, declaration: Option<&Declaration>, at: &At<'_>) {
        let grammar = self.grammar;
        let Some(known) = grammar.type_of(id) else { return };
        if known.is_abstract {
            let wanted = self.stand_ins(id);
            let name = &known.name.local;
            let message = format!("its type `{name}` is abstract: xsi:type names another one{wanted}");
            return self.check.report(at, message);
        }
        if self.depth >= DEEPEST {
            return self.check.report(at, format!("elements are nested deeper than {DEEPEST}"));
        }
        self.depth += 1;
        self.identity.enter(element, declaration, grammar);
        self.attributes(element, known, at);
        if !self.is_nil(element, declaration, at) {
            let given = declaration.and_then(|declaration| declaration.value.as_ref());
            self.content(element, known, given, at);
        }
        self.identity.leave(element, grammar, at, self.check);
        self.depth -= 1;
    }

    /// Whether it is nil; one that says so and may not, or has content all the same, is an error.
    fn is_nil(&mut self, element: &Element, declaration: Option<&Declaration>, at: &At<'_>) -> bool {
        let may = declaration.is_none_or(|declaration| declaration.is_nillable);
        let fixed = declaration.and_then(|declaration| declaration.value.as_ref()).filter(|v| v.is_fixed);
        if matches!(element.content, Held::Nil) {
            if !may {
                self.check.report(at, "found nil (xsi:nil), which is not allowed here".to_owned());
            } else if let Some(fixed) = fixed {
                self.check.report(at, format!("found nil (xsi:nil), expected `{}`", shown(&fixed.text)));
            }
            return true;
        }
        if element.attributes.is_empty() {
            return false;
        }
        match element.attribute_in(XSI, "nil").map(str::trim) {
            None => {}
            Some("true" | "1") => {
                self.check.report(at, "found content in an element that is nil (xsi:nil)".to_owned());
            }
            Some("false" | "0") if may => {}
            Some("false" | "0") => {
                self.check.report(at, "found xsi:nil on an element that cannot be nil".to_owned());
            }
            Some(other) => {
                let message = format!("found xsi:nil `{}`, expected true or false", shown(other));
                self.check.report(at, message);
            }
        }
        false
    }

    /// What an element holds (sections 3.3.4 and 3.4.4).
    fn content(&mut self, element: &'e Element, known: &Type, given: Option<&Given>, at: &At<'_>) {
        match &known.content {
            Content::Empty => {
                if let Some(inner) = element.elements().next() {
                    let name = shown(&inner.name.local);
                    self.check.report(at, format!("found the element `{name}`, expected nothing here"));
                } else if let Some(text) = element.leaf().filter(|text| !text.is_empty()) {
                    self.check.complain(at, text, "nothing here");
                }
            }
            Content::Simple(simple) => self.text(element, simple, given, at),
            Content::Elements { model, is_mixed } => {
                if !is_mixed && let Some(text) = stray_text(element) {
                    let text = shown(text);
                    self.check.report(at, format!("found the text `{text}`, expected only elements here"));
                }
                if let Some(fixed) = given.filter(|given| given.is_fixed && *is_mixed) {
                    let is_empty = matches!(&element.content, Held::Empty);
                    if !is_empty && element.leaf() != Some(fixed.text.as_str()) {
                        self.check.report(at, format!("expected `{}`, which is fixed", shown(&fixed.text)));
                    }
                }
                self.children(element, *model, at);
            }
        }
    }

    fn text(&mut self, element: &Element, simple: &Simple, given: Option<&Given>, at: &At<'_>) {
        let Some(text) = element.leaf() else {
            let inner = element.elements().next().map(|inner| shown(&inner.name.local)).unwrap_or_default();
            let expected = simple.expectation();
            return self.check.report(at, format!("found the element `{inner}`, expected {expected}"));
        };
        match given {
            // The value of the declaration stands in for an empty one.
            Some(given) if text.is_empty() => return self.seen(None, simple, &given.text, at),
            Some(given)
                if given.is_fixed && text != given.text && simple.key(text) != simple.key(&given.text) =>
            {
                return self.check.complain(at, text, &format!("`{}`, which is fixed", shown(&given.text)));
            }
            _ => {}
        }
        match simple.check(text) {
            Ok(()) => self.seen(None, simple, text, at),
            Err(expected) => self.check.complain(at, text, &expected),
        }
    }

    /// A right value, for the constraints that want to know it.
    pub(super) fn seen(&mut self, attribute: Option<&Name>, simple: &Simple, text: &str, at: &At<'_>) {
        self.identity.value(attribute, simple, text, self.grammar, (at, self.check));
    }

    /// Child elements along a content model.
    fn children(&mut self, element: &'e Element, model: usize, at: &At<'_>) {
        let grammar = self.grammar;
        let Some(model) = grammar.models.get(model) else { return };
        let mut state = model.start();
        let mut is_whole = true;
        for (index, child) in element.elements().enumerate() {
            if self.check.full() {
                return;
            }
            let here = At::child(at, Step::Of(element, &child.name.local), index);
            match model.step(&mut state, &child.name, &grammar.elements) {
                Some(taker) => self.taken(child, &taker, &here),
                None => {
                    is_whole &= self.misplaced(child, model, &mut state, &here);
                }
            }
        }
        if is_whole && !model.may_end(&state) {
            self.missing(model, &state, at);
        }
    }

    /// A child that something in the model takes.
    fn taken(&mut self, child: &'e Element, taker: &Taker<'_>, at: &At<'_>) {
        match taker {
            Taker::Element(id) => self.element(child, *id, at),
            Taker::Any(any) => self.wild(child, any, at),
        }
    }

    /// A child that a wildcard takes (section 3.10.1).
    fn wild(&mut self, child: &'e Element, any: &Wildcard, at: &At<'_>) {
        if any.process == Process::Skip {
            return;
        }
        if let Some(id) = self.grammar.root(&child.name) {
            return self.element(child, id, at);
        }
        let named = child.attribute_in(XSI, "type").and_then(|value| self.grammar.type_by_name(value));
        if let Some(id) = named {
            return self.typed(child, id, None, at);
        }
        if any.process == Process::Strict && self.check.mode() != Mode::Lax {
            let known = self.grammar.roots().filter(|name| any.takes(name.namespace.as_deref()));
            let hint = hint(&child.name.local, known.map(|name| name.local.as_str()));
            let message = format!("there is no declaration of this element{hint}");
            return self.check.report(at, message);
        }
        // Nothing is known of it; what is in it may be known again.
        self.typed(child, TypeId::ANY, None, at);
    }

    /// A child that nothing takes where it stands: what is wrong with that, and the check goes on behind it. Whether the
    /// end of the element is still worth a look.
    fn misplaced<'m>(
        &mut self,
        child: &'e Element,
        model: &'m super::model::Model,
        state: &mut State,
        at: &At<'_>,
    ) -> bool {
        let elements = &self.grammar.elements;
        let taker = model.anywhere(&child.name, elements).filter(|taker| matches!(taker, Taker::Element(_)));
        match taker {
            None if self.check.mode() == Mode::Lax => true,
            None => {
                let message = self.unknown(child, model, state);
                self.check.report(at, message);
                true
            }
            Some(taker) => {
                let expected = self.expected(model, state);
                let message = match expected.is_empty() {
                    true => "found more elements here than are allowed".to_owned(),
                    false => format!("this element cannot stand here: expected {expected}"),
                };
                self.check.report(at, message);
                model.resume(state, &child.name, elements);
                self.taken(child, &taker, at);
                false
            }
        }
    }

    /// The message on a child that the model does not have at all.
    fn unknown(&self, child: &Element, model: &super::model::Model, state: &State) -> String {
        let names = || model.leaves().filter_map(|taker| self.name(&taker));
        if let Some(other) = names().find(|name| name.local == child.name.local) {
            return format!(
                "found the element {}, expected it {}",
                within(&child.name),
                within_phrase(other)
            );
        }
        let local = &child.name.local;
        let expected = self.expected(model, state);
        let hint = hint(local, names().map(|name| name.local.as_str()));
        if hint.contains("did you mean") || expected.is_empty() {
            return format!("this element is not known here{hint}");
        }
        format!("this element is not known here; expected {expected}")
    }

    fn name<'m>(&'m self, taker: &Taker<'m>) -> Option<&'m Name> {
        match taker {
            Taker::Element(id) => self.grammar.declaration(*id).map(|declaration| &declaration.name),
            Taker::Any(_) => None,
        }
    }

    /// What may come next, as words; empty for nothing.
    fn expected(&self, model: &super::model::Model, state: &State) -> String {
        const SHOWN: usize = 5;
        let mut text = String::new();
        let expected = model.expected(state);
        for (number, taker) in expected.iter().enumerate().take(SHOWN) {
            let comma = if number == 0 { "" } else { ", " };
            let _ = match taker {
                Taker::Element(id) => {
                    let name = self.grammar.declaration(*id).map_or("", |d| d.name.local.as_str());
                    write!(text, "{comma}`{name}`")
                }
                Taker::Any(any) => write!(text, "{comma}{}", any.shown()),
            };
        }
        if expected.len() > SHOWN {
            text.push_str(", ...");
        }
        if !text.is_empty() && model.may_end(state) {
            text.push_str(" or nothing");
        }
        text
    }

    /// The element ends before all that must be there was.
    fn missing(&mut self, model: &super::model::Model, state: &State, at: &At<'_>) {
        let expected = model.expected(state);
        if let [Taker::Element(id)] = expected.as_slice()
            && let Some(declaration) = self.grammar.declaration(*id)
        {
            let here = At::part(at, Step::Name(&declaration.name.local));
            return self.check.report(&here, "this element is missing".to_owned());
        }
        let expected = self.expected(model, state);
        let message = match expected.is_empty() {
            true => "no content is allowed by its type, so that it can never stand here".to_owned(),
            false => format!("an element is missing at its end: expected {expected}"),
        };
        self.check.report(at, message);
    }
}

/// A name with its namespace, in words.
fn within(name: &Name) -> String {
    let local = shown(&name.local);
    match &name.namespace {
        Some(namespace) => format!("`{local}` in namespace `{}`", shown(namespace)),
        None => format!("`{local}` in no namespace"),
    }
}

fn within_phrase(name: &Name) -> String {
    match &name.namespace {
        Some(namespace) => format!("in namespace `{namespace}`"),
        None => "in no namespace".to_owned(),
    }
}

/// Appends names to a message, as many as are useful.
fn append<'n>(text: &mut String, before: &str, names: impl ExactSizeIterator<Item = &'n Name>) {
    const SHOWN: usize = 5;
    let more = names.len() > SHOWN;
    for (number, name) in names.take(SHOWN).enumerate() {
        let before = if number == 0 { before } else { ", " };
        // Writing to a String cannot fail.
        let _ = write!(text, "{before}`{name}`");
    }
    if more {
        text.push_str(", ...");
    }
}
