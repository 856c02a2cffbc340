//! The document a script changes: its elements in numbered slots, so that a view stays right whatever moves around it.

use std::cell::RefCell;
use std::rc::Rc;

use compact_str::CompactString;
use rhai::{Array, Dynamic};

use super::place::{LastAbsent, leaf_of};
use super::shapes::{ShapeId, Shapes};
use super::typed;
use super::view::{Raised, View, raise};
use crate::document::tree::{Attribute, Content, Element, Name, Node};

/// An element's number; stays the same when it moves.
pub(super) type SlotId = usize;

/// One element.
#[derive(Debug, Default)]
pub(super) struct Slot {
    pub name: Name,
    pub attributes: Vec<Attribute>,
    pub held: Held,
    pub parent: Option<SlotId>,
    pub shape: Option<ShapeId>,
}

/// What an element holds: its own content while it is a leaf.
#[derive(Debug)]
pub(super) enum Held {
    Leaf(Content),
    Children(Vec<Kid>),
    Items(Vec<Kid>),
}

impl Default for Held {
    fn default() -> Self {
        Self::Leaf(Content::Empty)
    }
}

/// One child.
#[derive(Debug, Clone)]
pub(super) enum Kid {
    Slot(SlotId),
    Text(CompactString),
}

/// All elements of the document, those that were removed included until the run ends.
#[derive(Debug)]
pub(super) struct Arena {
    pub slots: Vec<Slot>,
    pub shapes: Rc<Shapes>,
    /// Whether slot 0 stands above a root with a name, and is no element itself.
    pub above: bool,
    pub root_shape: Option<ShapeId>,
    /// Elements that may still be made, and bytes of text that may still be written.
    pub items_left: usize,
    pub text_left: usize,
    pub absent: Rc<LastAbsent>,
}

/// The arena as the views of one run share it.
pub(super) type Shared = Rc<RefCell<Arena>>;

impl Arena {
    /// Takes a document's tree apart. Nothing is copied.
    pub(super) fn new(
        root: Element,
        shape: Option<ShapeId>,
        shapes: Rc<Shapes>,
        absent: Rc<LastAbsent>,
        (items_left, text_left): (usize, usize),
    ) -> Self {
        let above = !root.name.local.is_empty();
        let mut arena = Self {
            slots: Vec::with_capacity(32),
            shapes,
            above,
            root_shape: shape,
            items_left,
            text_left,
            absent,
        };
        if above {
            arena.slots.push(Slot::default());
            let id = arena.load(root, Some(0), shape);
            arena.hold(0, Held::Children(vec![Kid::Slot(id)]));
        } else {
            arena.load(root, None, shape);
        }
        arena
    }

    /// Puts an element with everything under it into slots.
    pub(super) fn load(
        &mut self,
        element: Element,
        parent: Option<SlotId>,
        shape: Option<ShapeId>,
    ) -> SlotId {
        let id = self.slots.len();
        self.slots.push(Slot {
            name: element.name,
            attributes: element.attributes,
            held: Held::default(),
            parent,
            shape,
        });
        let held = match element.content {
            Content::Children(nodes) => Held::Children(self.load_all(nodes, id, shape, false)),
            Content::Items(nodes) => Held::Items(self.load_all(nodes, id, shape, true)),
            leaf => Held::Leaf(leaf),
        };
        self.hold(id, held);
        id
    }

    fn load_all(
        &mut self,
        nodes: Vec<Node>,
        parent: SlotId,
        shape: Option<ShapeId>,
        items: bool,
    ) -> Vec<Kid> {
        let load = |node| match node {
            Node::Text(text) => Kid::Text(text),
            Node::Element(element) => {
                let own = match items {
                    true => self.shapes.item(shape),
                    false => self.shapes.child(shape, &element.name.local).map(|(_, id)| id),
                };
                Kid::Slot(self.load(element, Some(parent), own))
            }
        };
        nodes.into_iter().map(load).collect()
    }

    /// Sets what a slot holds.
    pub(super) fn hold(&mut self, id: SlotId, held: Held) {
        if let Some(slot) = self.slots.get_mut(id) {
            slot.held = held;
        }
    }

    /// The document's root element, put together again; `None` if the script removed it.
    pub(super) fn into_root(mut self) -> Option<Element> {
        if !self.above {
            return Some(self.take(0));
        }
        let root = self.kids(0).iter().find_map(|kid| match kid {
            Kid::Slot(id) => Some(*id),
            Kid::Text(_) => None,
        })?;
        Some(self.take(root))
    }

    fn take(&mut self, id: SlotId) -> Element {
        let Some(slot) = self.slots.get_mut(id).map(std::mem::take) else {
            return Element::default();
        };
        let mut all = |kids: Vec<Kid>| {
            let node = |kid| match kid {
                Kid::Text(text) => Node::Text(text),
                Kid::Slot(id) => Node::Element(self.take(id)),
            };
            kids.into_iter().map(node).collect()
        };
        let content = match slot.held {
            Held::Leaf(content) => content,
            Held::Children(kids) => Content::Children(all(kids)),
            Held::Items(kids) => Content::Items(all(kids)),
        };
        Element { name: slot.name, attributes: slot.attributes, content }
    }

    /// A copy of an element with everything under it.
    pub(super) fn copy(&self, id: SlotId) -> Element {
        let Some(slot) = self.slots.get(id) else {
            return Element::default();
        };
        let all = |kids: &[Kid]| {
            let node = |kid: &Kid| match kid {
                Kid::Text(text) => Node::Text(text.clone()),
                Kid::Slot(id) => Node::Element(self.copy(*id)),
            };
            kids.iter().map(node).collect()
        };
        let content = match &slot.held {
            Held::Leaf(content) => content.clone(),
            Held::Children(kids) => Content::Children(all(kids)),
            Held::Items(kids) => Content::Items(all(kids)),
        };
        Element { name: slot.name.clone(), attributes: slot.attributes.clone(), content }
    }

    /// The children and texts of a slot.
    pub(super) fn kids(&self, id: SlotId) -> &[Kid] {
        match self.slots.get(id).map(|slot| &slot.held) {
            Some(Held::Children(kids) | Held::Items(kids)) => kids,
            _ => &[],
        }
    }

    /// The children of that name.
    pub(super) fn named<'a>(&'a self, parent: SlotId, name: &'a str) -> impl Iterator<Item = SlotId> + 'a {
        self.kids(parent).iter().filter_map(move |kid| match kid {
            Kid::Slot(id) => (self.slots.get(*id)?.name.local == name).then_some(*id),
            Kid::Text(_) => None,
        })
    }

    /// The shape of a child, and its position among the declared ones.
    pub(super) fn child_shape(&self, parent: SlotId, name: &str) -> Option<(usize, ShapeId)> {
        if self.above && parent == 0 {
            let root = self.root_shape?;
            return (self.shapes.get(Some(root))?.name == name).then_some((0, root));
        }
        self.shapes.child(self.slots.get(parent)?.shape, name)
    }

    /// The element's name as messages show it.
    pub(super) fn name(&self, id: SlotId) -> CompactString {
        match self.slots.get(id) {
            Some(slot) if !slot.name.local.is_empty() => slot.name.local.clone(),
            _ => CompactString::const_new("the document"),
        }
    }
}

/// The value of a slot: a typed value for a leaf, else a view.
pub(super) fn value(shared: &Shared, arena: &Arena, id: SlotId) -> Dynamic {
    let Some(slot) = arena.slots.get(id) else {
        return Dynamic::UNIT;
    };
    match &slot.held {
        Held::Items(_) => Dynamic::from(items(shared, arena, id)),
        Held::Leaf(content) => leaf_of(&arena.shapes, slot.shape, content, !slot.attributes.is_empty())
            .unwrap_or_else(|| View::write(shared, id)),
        Held::Children(_) => View::write(shared, id),
    }
}

/// The items of an array; of anything else itself, as a list of one.
pub(super) fn items(shared: &Shared, arena: &Arena, id: SlotId) -> Array {
    match arena.slots.get(id).map(|slot| &slot.held) {
        Some(Held::Items(kids)) => {
            let slots = kids.iter().filter_map(|kid| match kid {
                Kid::Slot(id) => Some(*id),
                Kid::Text(_) => None,
            });
            slots.map(|id| value(shared, arena, id)).collect()
        }
        _ => vec![View::write(shared, id)],
    }
}

/// The member of that name, as [`super::place::Place::member`] gives it.
pub(super) fn member(shared: &Shared, id: SlotId, name: &str) -> Result<Dynamic, Raised> {
    let arena = shared.borrow();
    if let Some(attribute) = name.strip_prefix('@') {
        return arena.attribute(id, attribute).map_or_else(|| arena.missing(id, name), Ok);
    }
    let shape = arena.child_shape(id, name).map(|(_, shape)| shape);
    let mut found = arena.named(id, name);
    if id_repeats(&arena, id, shape) {
        return Ok(Dynamic::from(found.map(|id| value(shared, &arena, id)).collect::<Array>()));
    }
    let Some(first) = found.next() else {
        if arena.shapes.is_list(shape) {
            return Ok(Dynamic::from(Array::new()));
        }
        if let Some(value) = arena.attribute(id, name) {
            return Ok(value);
        }
        if let Some((first, rest)) = name.split_once('/')
            && let Some(inner) = arena.named(id, first).next()
        {
            return member(shared, inner, rest);
        }
        return arena.missing(id, name);
    };
    let one = value(shared, &arena, first);
    let rest: Array = found.map(|id| value(shared, &arena, id)).collect();
    if rest.is_empty() {
        return Ok(one);
    }
    Ok(Dynamic::from(std::iter::once(one).chain(rest).collect::<Array>()))
}

fn id_repeats(arena: &Arena, parent: SlotId, shape: Option<ShapeId>) -> bool {
    let root = arena.above && parent == 0;
    !root && arena.shapes.get(shape).is_some_and(|flat| flat.repeats)
}

impl Arena {
    fn attribute(&self, id: SlotId, name: &str) -> Option<Dynamic> {
        let slot = self.slots.get(id)?;
        let attribute = slot.attributes.iter().find(|a| a.name.is("", name))?;
        Some(typed::text(&attribute.value, self.shapes.attribute(slot.shape, name)))
    }

    fn missing(&self, id: SlotId, name: &str) -> Result<Dynamic, Raised> {
        let above = self.above && id == 0;
        let shape = match above {
            true => self.root_shape,
            false => self.slots.get(id).and_then(|slot| slot.shape),
        };
        if let Some(message) = self.shapes.refusal(shape, above, name) {
            return Err(raise(message));
        }
        *self.absent.borrow_mut() = Some((name.into(), self.name(id)));
        Ok(Dynamic::UNIT)
    }
}
