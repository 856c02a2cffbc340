//! Selection: running the steps of a path over an element tree.

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::step::{Kind, Predicate, Step, Test};
use super::{At, Found};
use crate::document::tree::{Content, Element};

type Visit<'v, 'a> = &'v mut dyn FnMut(Found<'a>) -> ControlFlow<()>;

/// Calls `visit` for everything the steps lead to, in document order and once each, until it breaks.
pub(super) fn each<'a>(steps: &[Step], at: At<'a>, visit: Visit<'_, 'a>) {
    if !may_repeat(steps) {
        let _ = start(steps, at, visit);
        return;
    }
    let mut found: HashMap<usize, Found<'a>> = HashMap::new();
    let _ = start(steps, at, &mut |place| {
        found.insert(address(place), place);
        ControlFlow::Continue(())
    });
    let (At::Document(root) | At::Element(root)) = at;
    let _ = in_order(root, &mut found, visit);
}

/// Whether elements below one another can lead to the same place, or to places out of order.
fn may_repeat(steps: &[Step]) -> bool {
    let descends = steps.iter().position(|step| matches!(step.kind, Kind::Descendant(_)));
    let last = steps.iter().rposition(|step| !matches!(step.kind, Kind::Attribute(_) | Kind::Own));
    descends < last && descends.is_some()
}

/// The first place that steps lead to which only name children and attributes ([`Step::is_name`]).
pub(super) fn first<'a>(steps: &[Step], element: &'a Element) -> Option<Found<'a>> {
    match steps.split_first() {
        None => Some(Found::Element(element)),
        Some((Step { kind: Kind::Attribute(test), .. }, _)) => {
            let mut attributes = element.attributes.iter();
            attributes.find(|attribute| test.takes(&attribute.name)).map(Found::Attribute)
        }
        // An item of an array has no name to be asked for.
        Some(_) if matches!(element.content, Content::Items(_)) => None,
        Some(_) => first_of(steps, element.elements()),
    }
}

/// The same among the elements that the first step chooses from.
pub(super) fn first_of<'a>(
    steps: &[Step],
    mut elements: impl Iterator<Item = &'a Element>,
) -> Option<Found<'a>> {
    let (step, rest) = steps.split_first()?;
    let Kind::Child(test) = &step.kind else { return None };
    if let Test::Name { namespace: None, local } = test {
        let local = local.as_str();
        if rest.is_empty() {
            return elements.find(|element| element.name.local == local).map(Found::Element);
        }
        return elements.find_map(|element| match element.name.local == local {
            true => first(rest, element),
            false => None,
        });
    }
    elements.find_map(|element| if test.takes(&element.name) { first(rest, element) } else { None })
}

fn address(found: Found<'_>) -> usize {
    match found {
        Found::Element(element) => std::ptr::from_ref(element).addr(),
        Found::Attribute(attribute) => std::ptr::from_ref(attribute).addr(),
    }
}

fn in_order<'a>(
    element: &'a Element,
    found: &mut HashMap<usize, Found<'a>>,
    visit: Visit<'_, 'a>,
) -> ControlFlow<()> {
    let attributes = element.attributes.iter().map(Found::Attribute);
    for place in std::iter::once(Found::Element(element)).chain(attributes) {
        if let Some(place) = found.remove(&address(place)) {
            visit(place)?;
        }
    }
    element.elements().try_for_each(|child| in_order(child, found, visit))
}

fn start<'a>(steps: &[Step], at: At<'a>, visit: Visit<'_, 'a>) -> ControlFlow<()> {
    let root = match at {
        At::Element(element) => return run(steps, element, visit),
        At::Document(root) => root,
    };
    let Some((step, rest)) = steps.split_first() else { return visit(Found::Element(root)) };
    match &step.kind {
        Kind::Own => start(rest, at, visit),
        Kind::Child(test) => among(std::iter::once(root), test, step, rest, visit),
        Kind::Descendant(test) => {
            among(std::iter::once(root), test, step, rest, visit)?;
            below(root, test, step, rest, visit)
        }
        Kind::Attribute(_) | Kind::Item(_) => ControlFlow::Continue(()),
    }
}

/// Goes on from an element.
fn run<'a>(steps: &[Step], element: &'a Element, visit: Visit<'_, 'a>) -> ControlFlow<()> {
    let Some((step, rest)) = steps.split_first() else { return visit(Found::Element(element)) };
    match &step.kind {
        Kind::Own => run(rest, element, visit),
        Kind::Child(test) => {
            // An item of an array has no name to be asked for, not even the empty one.
            if matches!(element.content, Content::Items(_)) && *test != Test::Any {
                return ControlFlow::Continue(());
            }
            among(element.elements(), test, step, rest, visit)
        }
        Kind::Descendant(test) => below(element, test, step, rest, visit),
        Kind::Item(at) => match item(element, *at) {
            Some(item) => run(rest, item, visit),
            None => ControlFlow::Continue(()),
        },
        Kind::Attribute(test) => element
            .attributes
            .iter()
            .filter(|attribute| test.takes(&attribute.name))
            .try_for_each(|attribute| visit(Found::Attribute(attribute))),
    }
}

/// The children that the step takes, and further from each.
fn among<'a>(
    children: impl Iterator<Item = &'a Element>,
    test: &Test,
    step: &Step,
    rest: &[Step],
    visit: Visit<'_, 'a>,
) -> ControlFlow<()> {
    let mut counts = vec![0; step.predicates.len()];
    for child in children.filter(|child| test.takes(&child.name)) {
        if passes(child, &step.predicates, &mut counts) {
            run(rest, child, visit)?;
        }
    }
    ControlFlow::Continue(())
}

/// Everything below that the step takes; positions count among the children of one parent (XPath 1.0, section 2.5).
fn below<'a>(
    parent: &'a Element,
    test: &Test,
    step: &Step,
    rest: &[Step],
    visit: Visit<'_, 'a>,
) -> ControlFlow<()> {
    let mut counts = vec![0; step.predicates.len()];
    for child in parent.elements() {
        if test.takes(&child.name) && passes(child, &step.predicates, &mut counts) {
            run(rest, child, visit)?;
        }
        below(child, test, step, rest, visit)?;
    }
    ControlFlow::Continue(())
}

/// The item at a position of an array, from the end if negative.
pub(in crate::document) fn item(element: &Element, at: i64) -> Option<&Element> {
    let Content::Items(nodes) = &element.content else { return None };
    let at = if at < 0 { at.checked_add_unsigned(nodes.len() as u64)? } else { at };
    element.elements().nth(usize::try_from(at).ok()?)
}

/// Whether all predicates hold; `counts` are the elements that each of them has seen under this parent.
fn passes(element: &Element, predicates: &[Predicate], counts: &mut [usize]) -> bool {
    predicates.iter().zip(counts).all(|(predicate, count)| match predicate {
        Predicate::Position(position) => {
            *count += 1;
            count == position
        }
        Predicate::Exists(steps) => any(steps, element, |_| true),
        Predicate::Text { steps, equal, value } => {
            any(steps, element, |found| found.text().is_some_and(|text| (text == value.as_str()) == *equal))
        }
    })
}

fn any(steps: &[Step], element: &Element, holds: impl Fn(Found<'_>) -> bool) -> bool {
    let mut visit =
        |found: Found<'_>| if holds(found) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    run(steps, element, &mut visit).is_break()
}
