//! Giving members of the changed document a value: leaves, maps, lists and elements, in the place their shape gives.

use std::rc::Rc;

use compact_str::CompactString;
use rhai::{Array, Dynamic, EvalAltResult, Map, Position};

use super::arena::{Arena, Held, Kid, Shared, Slot, SlotId};
use super::convert;
use super::shapes::{FlatKind, ShapeId};
use super::view::{Raised, View, raise};
use crate::document::tree::{Attribute, Content, Element, Name};

/// Elements within elements that one assigned value may have.
const DEPTH: usize = 64;

/// Gives the member `name` of `parent` a value: `()` removes it, a list gives one element for each item.
pub(super) fn member(shared: &Shared, parent: SlotId, name: &str, value: Dynamic) -> Result<(), Raised> {
    let mut writer = Writer { shared, arena: &mut shared.borrow_mut(), depth: 0 };
    writer.assign(parent, name, value)
}

/// Adds one item at the end of an array.
pub(super) fn push(shared: &Shared, array: SlotId, value: Dynamic) -> Result<(), Raised> {
    let mut writer = Writer { shared, arena: &mut shared.borrow_mut(), depth: 0 };
    let shape = writer.arena.slots.get(array).and_then(|slot| slot.shape);
    let item = writer.arena.shapes.item(shape);
    let id = writer.build(value, Name::default(), array, item)?;
    match writer.arena.slots.get_mut(array).map(|slot| &mut slot.held) {
        Some(Held::Items(kids)) => {
            kids.push(Kid::Slot(id));
            Ok(())
        }
        _ => Err(raise("only a list can be added to")),
    }
}

struct Writer<'a> {
    shared: &'a Shared,
    arena: &'a mut Arena,
    depth: usize,
}

impl Writer<'_> {
    fn assign(&mut self, parent: SlotId, name: &str, value: Dynamic) -> Result<(), Raised> {
        if let Some(attribute) = name.strip_prefix('@') {
            return self.set_attribute(parent, attribute, value);
        }
        let existing: Vec<SlotId> = self.arena.named(parent, name).collect();
        let declared = self.arena.child_shape(parent, name);
        if existing.is_empty() && declared.is_none() {
            if self.is_attribute(parent, name) {
                return self.set_attribute(parent, name, value);
            }
            if let Some((first, rest)) = name.split_once('/') {
                let inner = self.arena.named(parent, first).next();
                if let Some(inner) = inner {
                    return self.assign(inner, rest, value);
                }
            }
        }
        if self.arena.above && parent == 0 && existing.is_empty() && !self.arena.kids(0).is_empty() {
            return Err(raise(format!("a document has one root element, and `{name}` would be a second")));
        }
        let shape = declared.map(|(_, shape)| shape);
        match value.try_cast_result::<Array>() {
            Ok(list) => self.assign_list(parent, name, shape, &existing, list),
            Err(value) if value.is_unit() => {
                self.replace(parent, name, &existing, Vec::new());
                Ok(())
            }
            Err(value) => self.assign_one(parent, name, shape, &existing, value),
        }
    }

    fn assign_one(
        &mut self,
        parent: SlotId,
        name: &str,
        shape: Option<ShapeId>,
        existing: &[SlotId],
        value: Dynamic,
    ) -> Result<(), Raised> {
        // A leaf keeps its attributes when it gets another value.
        if let [id] = existing
            && let Some(content) = convert::leaf(&value)
        {
            self.spend(0, text_of(&content))?;
            self.arena.hold(*id, Held::Leaf(content));
            return Ok(());
        }
        if self.is_same(&value, existing) {
            return Ok(());
        }
        let id = self.build(value, self.child_name(parent, name, shape), parent, shape)?;
        self.replace(parent, name, existing, vec![id]);
        Ok(())
    }

    fn assign_list(
        &mut self,
        parent: SlotId,
        name: &str,
        shape: Option<ShapeId>,
        existing: &[SlotId],
        list: Array,
    ) -> Result<(), Raised> {
        if self.is_array(shape, existing) {
            let array = match existing {
                [id, ..] => *id,
                [] => {
                    let id = self.slot(self.child_name(parent, name, shape), parent, shape)?;
                    self.replace(parent, name, existing, vec![id]);
                    id
                }
            };
            let item = self.arena.shapes.item(shape);
            let items = self.build_all(list, &Name::default(), array, item)?;
            let kids = items.into_iter().map(Kid::Slot).collect();
            self.arena.hold(array, Held::Items(kids));
            return Ok(());
        }
        let own = self.child_name(parent, name, shape);
        let ids = self.build_all(list, &own, parent, shape)?;
        if ids != existing {
            self.replace(parent, name, existing, ids);
        }
        Ok(())
    }

    /// Whether a list there is a JSON array rather than an element that repeats.
    fn is_array(&self, shape: Option<ShapeId>, existing: &[SlotId]) -> bool {
        if let Some(flat) = self.arena.shapes.get(shape) {
            return matches!(flat.kind, FlatKind::Items(_));
        }
        let held = |id: &SlotId| self.arena.slots.get(*id).map(|slot| &slot.held);
        match existing {
            [id] => matches!(held(id), Some(Held::Items(_))) || !self.arena.above,
            [] => !self.arena.above,
            _ => false,
        }
    }

    fn build_all(
        &mut self,
        list: Array,
        name: &Name,
        parent: SlotId,
        shape: Option<ShapeId>,
    ) -> Result<Vec<SlotId>, Raised> {
        let mut ids = Vec::with_capacity(list.len());
        for value in list {
            let kept = self.own_slot(&value).filter(|id| {
                let slot = self.arena.slots.get(*id);
                slot.is_some_and(|s| s.parent == Some(parent) && s.name == *name)
            });
            match kept.filter(|id| !ids.contains(id)) {
                Some(id) => ids.push(id),
                None => ids.push(self.build(value, name.clone(), parent, shape)?),
            }
        }
        Ok(ids)
    }

    /// The slot behind a view of this same document.
    fn own_slot(&self, value: &Dynamic) -> Option<SlotId> {
        match &*value.read_lock::<View>()? {
            View::Write(shared, id) if Rc::ptr_eq(shared, self.shared) => Some(*id),
            _ => None,
        }
    }

    fn is_same(&self, value: &Dynamic, existing: &[SlotId]) -> bool {
        matches!((self.own_slot(value), existing), (Some(id), [only]) if id == *only)
    }

    /// Makes an element of a value.
    fn build(
        &mut self,
        value: Dynamic,
        name: Name,
        parent: SlotId,
        shape: Option<ShapeId>,
    ) -> Result<SlotId, Raised> {
        if self.depth >= DEPTH {
            return Err(raise(format!("a value goes deeper than {DEPTH} levels")));
        }
        if let Some(content) = convert::leaf(&value) {
            self.spend(0, text_of(&content))?;
            let id = self.slot(name, parent, shape)?;
            self.arena.hold(id, Held::Leaf(content));
            return Ok(id);
        }
        if let Some(element) = self.element_of(&value) {
            let (items, text) = size(&element);
            self.spend(items, text)?;
            return Ok(self.arena.load(Element { name, ..element }, Some(parent), shape));
        }
        let id = self.slot(name, parent, shape)?;
        self.depth += 1;
        match value.try_cast_result::<Map>() {
            Ok(map) => self.fill(id, map)?,
            Err(value) => match value.try_cast_result::<Array>() {
                Ok(list) => {
                    let item = self.arena.shapes.item(shape);
                    let ids = self.build_all(list, &Name::default(), id, item)?;
                    let kids = ids.into_iter().map(Kid::Slot).collect();
                    self.arena.hold(id, Held::Items(kids));
                }
                Err(value) => return Err(convert::unfit(&value)),
            },
        }
        self.depth -= 1;
        Ok(id)
    }

    fn fill(&mut self, id: SlotId, map: Map) -> Result<(), Raised> {
        self.arena.hold(id, Held::Children(Vec::new()));
        for (name, value) in map {
            self.assign(id, &name, value)?;
        }
        Ok(())
    }

    fn element_of(&self, value: &Dynamic) -> Option<Element> {
        let view = value.read_lock::<View>()?;
        match self.own_slot(value) {
            Some(id) => Some(self.arena.copy(id)),
            None => Some(view.copy()),
        }
    }

    fn slot(&mut self, name: Name, parent: SlotId, shape: Option<ShapeId>) -> Result<SlotId, Raised> {
        self.spend(1, name.local.len())?;
        self.arena.slots.push(Slot { name, parent: Some(parent), shape, ..Slot::default() });
        Ok(self.arena.slots.len() - 1)
    }

    fn child_name(&self, parent: SlotId, name: &str, shape: Option<ShapeId>) -> Name {
        let namespace = match self.arena.shapes.get(shape) {
            Some(flat) => flat.namespace.clone(),
            None => self.arena.slots.get(parent).and_then(|slot| slot.name.namespace.clone()),
        };
        let local = CompactString::from(name);
        Name { namespace, local }
    }

    /// Puts `ids` where the children `old` of that name stood, or where the shape wants them.
    fn replace(&mut self, parent: SlotId, name: &str, old: &[SlotId], ids: Vec<SlotId>) {
        let is_old = |kid: &Kid| matches!(kid, Kid::Slot(id) if old.contains(id));
        let kids = self.arena.kids(parent);
        let at = match kids.iter().position(is_old) {
            Some(at) => at,
            None => self.place(parent, name),
        };
        if let Some(slot) = self.arena.slots.get_mut(parent) {
            if !matches!(slot.held, Held::Children(_)) {
                if ids.is_empty() {
                    return;
                }
                slot.held = Held::Children(Vec::new());
            }
            if let Held::Children(kids) = &mut slot.held {
                kids.retain(|kid| !is_old(kid));
                let at = at.min(kids.len());
                kids.splice(at..at, ids.into_iter().map(Kid::Slot));
            }
        }
    }

    /// Before the first child that the shape puts later; else at the end.
    fn place(&self, parent: SlotId, name: &str) -> usize {
        let kids = self.arena.kids(parent);
        let Some((own, _)) = self.arena.child_shape(parent, name) else {
            return kids.len();
        };
        let later = |kid: &Kid| {
            let Kid::Slot(id) = kid else { return false };
            let Some(slot) = self.arena.slots.get(*id) else {
                return false;
            };
            let other = self.arena.child_shape(parent, &slot.name.local);
            other.is_some_and(|(position, _)| position > own)
        };
        kids.iter().position(later).unwrap_or(kids.len())
    }

    fn is_attribute(&self, id: SlotId, name: &str) -> bool {
        let Some(slot) = self.arena.slots.get(id) else {
            return false;
        };
        slot.attributes.iter().any(|a| a.name.is("", name))
            || self.arena.shapes.attribute(slot.shape, name).is_some()
    }

    fn set_attribute(&mut self, id: SlotId, name: &str, value: Dynamic) -> Result<(), Raised> {
        if self.arena.above && id == 0 {
            return Err(raise(format!("`@{name}` belongs to an element, and this is the document")));
        }
        let text = match value.is_unit() {
            true => None,
            false => Some(convert::leaf(&value).ok_or_else(|| {
                raise(format!("the attribute `{name}` takes text, a number, true or false"))
            })?),
        };
        let text = text.map(|content| Element::with(Name::default(), content).string_value());
        self.spend(1, text.as_ref().map_or(0, CompactString::len))?;
        let Some(slot) = self.arena.slots.get_mut(id) else {
            return Ok(());
        };
        let at = slot.attributes.iter().position(|a| a.name.is("", name));
        match (at.and_then(|at| slot.attributes.get_mut(at)), text) {
            (Some(attribute), Some(value)) => attribute.value = value,
            (None, Some(value)) => slot.attributes.push(Attribute { name: Name::local(name), value }),
            (_, None) => slot.attributes.retain(|a| !a.name.is("", name)),
        }
        Ok(())
    }

    fn spend(&mut self, items: usize, text: usize) -> Result<(), Raised> {
        let left = self.arena.items_left.checked_sub(items);
        let text = self.arena.text_left.checked_sub(text);
        let (Some(items), Some(text)) = (left, text) else {
            let what = "What the script adds to the document".to_owned();
            return Err(Box::new(EvalAltResult::ErrorDataTooLarge(what, Position::NONE)));
        };
        self.arena.items_left = items;
        self.arena.text_left = text;
        Ok(())
    }
}

fn text_of(content: &Content) -> usize {
    match content {
        Content::Text(text) | Content::Number(text) => text.len(),
        _ => 0,
    }
}

/// The elements in an element, itself included, and the bytes of its text.
fn size(element: &Element) -> (usize, usize) {
    let attributes = element.attributes.iter();
    let own = attributes.fold(text_of(&element.content), |sum, a| sum + a.value.len());
    let kids = element.elements().map(size);
    kids.fold((1, own), |(a, b), (c, d)| (a + c, b + d))
}
