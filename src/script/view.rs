//! The `element` of scripts: a place in a document that is read, or a slot of the one that is changed.

use std::rc::Rc;

use compact_str::CompactString;
use rhai::{Array, Dynamic, EvalAltResult, Position};

use super::arena::{self, Kid, Shared, SlotId};
use super::assign;
use super::convert;
use super::place::Place;
use crate::document::tree::Element;

/// An error on its way through the interpreter.
pub(super) type Raised = Box<EvalAltResult>;

/// An error with a message of ours. Rhai places this kind of error where it arose, and a script's `throw` is another kind.
pub(super) fn raise(message: impl Into<String>) -> Raised {
    Box::new(EvalAltResult::ErrorArithmetic(message.into(), Position::NONE))
}

/// An element as scripts see it. Copies are the same element.
#[derive(Debug, Clone)]
pub(super) enum View {
    /// In a document that is only read.
    Read(Rc<Place>),
    /// In the document that the script changes.
    Write(Shared, SlotId),
}

impl View {
    /// A view of a place, as a script value.
    pub(super) fn read(place: Rc<Place>) -> Dynamic {
        Dynamic::from(Self::Read(place))
    }

    /// A view of a slot, as a script value.
    pub(super) fn write(shared: &Shared, id: SlotId) -> Dynamic {
        Dynamic::from(Self::Write(Rc::clone(shared), id))
    }

    /// The member of that name; `()` when it is not there, an error when the shape knows no such member.
    pub(super) fn member(&self, name: &str) -> Result<Dynamic, Raised> {
        match self {
            Self::Read(place) => place.member(name),
            Self::Write(shared, id) => arena::member(shared, *id, name),
        }
    }

    /// Gives a member a value.
    ///
    /// Rhai also calls this after a method call on a member, to write back what the call may have changed: for a document
    /// that is only read this must not fail as long as nothing changed.
    pub(super) fn set_member(&self, name: &str, value: Dynamic) -> Result<(), Raised> {
        match self {
            Self::Write(shared, id) => assign::member(shared, *id, name, value),
            Self::Read(_) if value.is_array() || value.is::<Self>() => Ok(()),
            Self::Read(place) => match same(&place.member(name)?, &value) {
                true => Ok(()),
                false => Err(raise(format!(
                    "`{name}` is in a document that is only read: a map changes `target`, a script step changes `doc`"
                ))),
            },
        }
    }

    /// The element as a list: its items if it is an array, else itself alone.
    pub(super) fn items(&self) -> Array {
        match self {
            Self::Read(place) => place.items(),
            Self::Write(shared, id) => arena::items(shared, &shared.borrow(), *id),
        }
    }

    /// Whether it stands above the root element, as `doc` does.
    pub(super) fn is_document(&self) -> bool {
        match self {
            Self::Read(place) => place.element().is_none(),
            Self::Write(shared, id) => *id == 0 && shared.borrow().above,
        }
    }

    /// All text in it.
    pub(super) fn text(&self) -> CompactString {
        match self {
            Self::Read(place) => place.content().map(Element::string_value).unwrap_or_default(),
            Self::Write(shared, id) => shared.borrow().copy(*id).string_value(),
        }
    }

    /// A copy of the element with everything in it.
    pub(super) fn copy(&self) -> Element {
        match self {
            Self::Read(place) => place.content().cloned().unwrap_or_default(),
            Self::Write(shared, id) => {
                let arena = shared.borrow();
                match (arena.above && *id == 0, arena.kids(0).first()) {
                    (true, Some(Kid::Slot(root))) => arena.copy(*root),
                    _ => arena.copy(*id),
                }
            }
        }
    }

    /// The names of its children, each once.
    pub(super) fn names(&self) -> Vec<CompactString> {
        match self {
            Self::Read(place) => place.names(),
            Self::Write(shared, id) => {
                let arena = shared.borrow();
                let mut names = Vec::new();
                for kid in arena.kids(*id) {
                    if let Kid::Slot(id) = kid
                        && let Some(slot) = arena.slots.get(*id)
                        && !names.contains(&slot.name.local)
                    {
                        names.push(slot.name.local.clone());
                    }
                }
                names
            }
        }
    }

    /// Its own name.
    pub(super) fn name(&self) -> CompactString {
        match self {
            Self::Read(place) => place.element().map(|e| e.name.local.clone()).unwrap_or_default(),
            Self::Write(shared, id) => {
                let arena = shared.borrow();
                arena.slots.get(*id).map(|s| s.name.local.clone()).unwrap_or_default()
            }
        }
    }
}

/// Whether two leaf values are the same.
fn same(a: &Dynamic, b: &Dynamic) -> bool {
    (a.is_unit() && b.is_unit()) || (a.type_id() == b.type_id() && convert::leaf(a) == convert::leaf(b))
}
