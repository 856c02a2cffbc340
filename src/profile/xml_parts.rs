//! What a profile says of parts of its schema, `part PATH`: how they are written, against what the schema has there.

use compact_str::CompactString;

use crate::document::tree::Name;
use crate::kind::Compiling;
use crate::kind::path::{Side, Target};
use crate::pipeline::operation::Profile;
use crate::profile::written::{self, DeclaredDates};
use crate::schema::{AttributeShape, Shape, ShapeKind};
use crate::source::{Finding, Span, Spanned};
use crate::syntax::{Literal, Node};

/// One `part` as declared.
#[derive(Debug)]
pub(super) struct DeclaredPart {
    path: Spanned<Literal>,
    exclude: Option<Span>,
    list: Option<Span>,
    dates: Option<DeclaredDates>,
}

/// Reads a `part`; `None` after findings.
pub(super) fn read(mut node: Node<'_>) -> Option<DeclaredPart> {
    let span = node.name_span();
    let path = node.argument::<Literal>("path");
    let exclude = written::exclude(&mut node).map(|given| given.span);
    let list = node.property::<bool>("list").filter(|given| given.value).map(|given| given.span);
    let dates = DeclaredDates::read(&mut node);
    let says_how = list.is_some() || dates.is_some();
    match exclude {
        Some(excluded) if says_how => {
            let message = "what is excluded is never written, so that there is nothing to say of how";
            node.report(
                Finding::error("excluded-part", excluded, message).help("remove exclude=, or the rest"),
            );
        }
        None if !says_how => {
            let finding = Finding::error("empty-part", span, "this `part` says nothing of how it is written");
            node.report(finding.help("give exclude=#true, list=#true, zone= or fraction="));
        }
        _ => {}
    }
    node.finish();
    Some(DeclaredPart { path: path?, exclude, list, dates })
}

/// Reports parts that are named twice.
pub(super) fn check_twice(parts: &[DeclaredPart], node: &Node<'_>) {
    for (at, part) in parts.iter().enumerate() {
        let text = &part.path.value.text;
        if let Some(first) = parts.iter().take(at).find(|first| first.path.value.text == *text) {
            let finding = Finding::error("duplicate-name", part.path.span, "this part is named twice");
            node.report(finding.also(first.path.span, "the first one is here").help("write both into one"));
        }
    }
}

/// The profile with what the parts say of it; `None` after findings.
pub(super) fn apply(parts: &[DeclaredPart], profile: Profile, compiling: &Compiling<'_>) -> Option<Profile> {
    let side = Side::of(&profile);
    let mut shape = (*profile.shape).clone();
    let mut fit = true;
    for part in parts {
        fit &= part.apply(&mut shape, &side, compiling).is_some();
    }
    fit.then(|| Profile::new(&profile.name, profile.codec, shape))
}

impl DeclaredPart {
    /// Says it of a shape of which `side` is made; `None` after findings.
    fn apply(&self, shape: &mut Shape, side: &Side, compiling: &Compiling<'_>) -> Option<()> {
        let target = side.target(&self.path, compiling)?;
        let attribute = target.segments.last().filter(|last| last.attribute).map(|last| &last.name);
        let names = target.segments.len() - usize::from(attribute.is_some());
        let at = inside(shape, &target.order)?;
        let declared = target.order.len() == names && attribute.is_none_or(|name| has(at, name));
        if !declared {
            let unknown = target.segments.get(target.order.len()).map_or("", |segment| &segment.name.local);
            compiling.report(self.undeclared(at, unknown));
            return None;
        }
        match attribute {
            Some(name) => self.of_attribute(at, name, compiling),
            None => self.of_element(at, &target, compiling),
        }
    }

    /// Anything may stand there, and nothing is known of it.
    fn undeclared(&self, at: &Shape, unknown: &str) -> Finding {
        let message = format!("the schema does not declare `{unknown}` in `{}`", at.name);
        let attributes = at.attributes.iter().map(|attribute| &attribute.name);
        let known = at.children().iter().map(|child| &child.name).chain(attributes);
        let finding = Finding::error("undeclared-part", self.path.span, message);
        finding.suggest(unknown, known.map(CompactString::as_str))
    }

    fn of_attribute(&self, owner: &mut Shape, name: &Name, compiling: &Compiling<'_>) -> Option<()> {
        let known = owner.attributes.iter_mut().find(|known| is(known, name))?;
        if self.list.is_some() {
            let help = "name the element around the items";
            return self.report(compiling, "not-a-list", "an attribute is no element around a list", help);
        }
        if self.exclude.is_some() {
            if known.required {
                return self.report(compiling, "excluded-part", REQUIRED, KEEP);
            }
            owner.form.attributes_left_out.push(name.clone());
            return Some(());
        }
        self.dates.as_ref()?.apply(Some(&mut known.simple), &|finding| compiling.report(finding));
        Some(())
    }

    fn of_element(&self, shape: &mut Shape, target: &Target, compiling: &Compiling<'_>) -> Option<()> {
        if self.exclude.is_some() {
            if target.segments.is_empty() || shape.occurs.min > 0 {
                return self.report(compiling, "excluded-part", REQUIRED, KEEP);
            }
            shape.form.left_out = true;
            return Some(());
        }
        if self.list.is_some() {
            let single = match &shape.kind {
                ShapeKind::Children(children) if shape.attributes.is_empty() => {
                    matches!(children.as_slice(), [item] if item.occurs.repeats())
                }
                _ => false,
            };
            if !single || shape.occurs.repeats() {
                let message = "this is more than one element around a list";
                let help = "a list stands once, without attributes, and holds one element that repeats and nothing else";
                return self.report(compiling, "not-a-list", message, help);
            }
            shape.form.list = true;
        }
        if let Some(dates) = &self.dates {
            let simple = match &mut shape.kind {
                ShapeKind::Simple(simple) => Some(simple),
                _ => None,
            };
            dates.apply(simple, &|finding| compiling.report(finding));
        }
        Some(())
    }

    fn report(&self, compiling: &Compiling<'_>, code: &'static str, message: &str, help: &str) -> Option<()> {
        let span = self.exclude.or(self.list).unwrap_or(self.path.span);
        compiling.report(Finding::error(code, span, message).help(help));
        None
    }
}

const REQUIRED: &str = "the schema requires this part: documents without it would not be valid";
const KEEP: &str = "only what is optional can be left out of what a schema describes";

/// The element at the end of a way of positions.
fn inside<'s>(shape: &'s mut Shape, order: &[usize]) -> Option<&'s mut Shape> {
    let mut at = shape;
    for position in order {
        at = match &mut at.kind {
            ShapeKind::Children(children) | ShapeKind::Open(children) => children.get_mut(*position)?,
            ShapeKind::Simple(_) | ShapeKind::Items(_) | ShapeKind::Any => return None,
        };
    }
    Some(at)
}

fn is(known: &AttributeShape, name: &Name) -> bool {
    known.name == name.local && known.namespace == name.namespace
}

fn has(shape: &Shape, name: &Name) -> bool {
    shape.attributes.iter().any(|known| is(known, name))
}
