//! Places in a document that is only read: a chain of positions from its root, resolved when something is asked of them.

use std::cell::RefCell;
use std::rc::Rc;

use compact_str::CompactString;
use rhai::{Array, Dynamic};

use super::shapes::{FlatKind, ShapeId, Shapes};
use super::typed;
use super::view::{Raised, View, raise};
use crate::document::Document;
use crate::document::tree::{Content, Element, Node};

/// The last member that was asked for and not there, with what it was asked of: for the message if something is then
/// asked of it.
pub(super) type LastAbsent = RefCell<Option<(CompactString, CompactString)>>;

/// What all places of one document share.
#[derive(Debug)]
pub(super) struct Root {
    pub tree: Tree,
    pub shapes: Rc<Shapes>,
    pub absent: Rc<LastAbsent>,
}

/// Who owns the tree.
#[derive(Debug)]
pub(super) enum Tree {
    Document(Document),
    Element(Element),
}

impl Root {
    fn element(&self) -> Option<&Element> {
        match &self.tree {
            Tree::Document(document) => document.parsed(),
            Tree::Element(element) => Some(element),
        }
    }
}

/// A place in a document.
#[derive(Debug)]
pub(super) struct Place {
    root: Rc<Root>,
    up: Up,
    shape: Option<ShapeId>,
}

#[derive(Debug)]
enum Up {
    /// Above the root: its one member is the root element, as in `source.Order`.
    Above,
    /// The root element.
    Root,
    /// The node of that number in the place above.
    In(Rc<Place>, usize),
}

impl Place {
    /// The whole document as a variable shows it: above a root with a name, at a root without one.
    pub(super) fn document(root: Rc<Root>, shape: Option<ShapeId>) -> Dynamic {
        let named = root.element().is_some_and(|e| !e.name.local.is_empty());
        if !named {
            return Self::root(root, shape);
        }
        let up = Up::Above;
        View::read(Rc::new(Self { root, up, shape }))
    }

    /// The root element itself.
    pub(super) fn root(root: Rc<Root>, shape: Option<ShapeId>) -> Dynamic {
        let up = Up::Root;
        Rc::new(Self { root, up, shape }).value()
    }

    /// The element at this place; `None` above the root.
    pub(super) fn element(&self) -> Option<&Element> {
        match &self.up {
            Up::Above => None,
            Up::Root => self.root.element(),
            Up::In(parent, _) if matches!(parent.up, Up::Above) => self.root.element(),
            Up::In(parent, position) => match parent.element()?.nodes().get(*position)? {
                Node::Element(element) => Some(element),
                Node::Text(_) => None,
            },
        }
    }

    /// The element, or above the root the root element: for what asks for the text or a copy of everything.
    pub(super) fn content(&self) -> Option<&Element> {
        self.element().or_else(|| self.root.element())
    }

    /// The element's name as messages show it.
    pub(super) fn name(&self) -> CompactString {
        match self.element() {
            Some(element) if !element.name.local.is_empty() => element.name.local.clone(),
            _ => CompactString::const_new("the document"),
        }
    }

    fn inner(self: &Rc<Self>, position: usize, shape: Option<ShapeId>) -> Rc<Self> {
        Rc::new(Self { root: Rc::clone(&self.root), up: Up::In(Rc::clone(self), position), shape })
    }

    /// The value at this place: a list for an array, a typed value for a leaf, else a view.
    fn value(self: Rc<Self>) -> Dynamic {
        let Some(element) = self.element() else {
            return Dynamic::UNIT;
        };
        if matches!(element.content, Content::Items(_)) {
            return Dynamic::from(self.items());
        }
        match self.leaf(element) {
            Some(value) => value,
            None => View::read(self),
        }
    }

    fn leaf(&self, element: &Element) -> Option<Dynamic> {
        leaf_of(&self.root.shapes, self.shape, &element.content, !element.attributes.is_empty())
    }

    /// The items of an array; of anything else itself, as a list of one.
    pub(super) fn items(self: &Rc<Self>) -> Array {
        let Some(element) = self.element() else {
            return vec![View::read(Rc::clone(self))];
        };
        let Content::Items(nodes) = &element.content else {
            return vec![View::read(Rc::clone(self))];
        };
        let shape = self.root.shapes.item(self.shape);
        let positions = 0..nodes.len();
        positions.map(|i| self.inner(i, shape).value()).collect()
    }

    /// The member of that name: child, `@attribute`, attribute or a path of them; `()` when it is not there.
    ///
    /// # Errors
    /// The shape knows no such member.
    pub(super) fn member(self: &Rc<Self>, name: &str) -> Result<Dynamic, Raised> {
        if let Some(attribute) = name.strip_prefix('@') {
            return self.attribute(attribute).map_or_else(|| self.missing(name), Ok);
        }
        let shapes = &self.root.shapes;
        let shape = match self.up {
            Up::Above => self.shape,
            _ => shapes.child(self.shape, name).map(|(_, id)| id),
        };
        if matches!(self.up, Up::Above) {
            let element = self.root.element();
            return match element.filter(|e| e.name.local == name) {
                Some(_) => Ok(self.inner(0, shape).value()),
                None => self.path(name),
            };
        }
        let Some(element) = self.element() else {
            return Ok(Dynamic::UNIT);
        };
        let mut found = positions(element.nodes(), name);
        if shapes.get(shape).is_some_and(|flat| flat.repeats) {
            let list: Array = found.map(|i| self.inner(i, shape).value()).collect();
            return Ok(Dynamic::from(list));
        }
        let Some(first) = found.next() else {
            if shapes.is_list(shape) {
                return Ok(Dynamic::from(Array::new()));
            }
            return self.attribute(name).map_or_else(|| self.path(name), Ok);
        };
        let value = self.inner(first, shape).value();
        let mut rest = found.map(|i| self.inner(i, shape).value()).peekable();
        if rest.peek().is_none() {
            return Ok(value);
        }
        Ok(Dynamic::from(std::iter::once(value).chain(rest).collect::<Array>()))
    }

    fn attribute(&self, name: &str) -> Option<Dynamic> {
        let value = self.element()?.attribute(name)?;
        Some(typed::text(value, self.root.shapes.attribute(self.shape, name)))
    }

    /// `Price/@currency`: the way to an attribute of a leaf, which has no members of its own.
    fn path(self: &Rc<Self>, name: &str) -> Result<Dynamic, Raised> {
        let Some((first, rest)) = name.split_once('/') else {
            return self.missing(name);
        };
        let inner = match self.up {
            Up::Above => {
                let root = self.root.element().filter(|e| e.name.local == first);
                root.map(|_| self.inner(0, self.shape))
            }
            _ => {
                let shape = self.root.shapes.child(self.shape, first).map(|(_, id)| id);
                let nodes = self.element().map_or(&[][..], Element::nodes);
                positions(nodes, first).next().map(|i| self.inner(i, shape))
            }
        };
        inner.map_or_else(|| self.missing(name), |place| place.member(rest))
    }

    fn missing(&self, name: &str) -> Result<Dynamic, Raised> {
        let above = matches!(self.up, Up::Above);
        if let Some(message) = self.root.shapes.refusal(self.shape, above, name) {
            return Err(raise(message));
        }
        *self.root.absent.borrow_mut() = Some((name.into(), self.name()));
        Ok(Dynamic::UNIT)
    }

    /// The names of the children in document order, each once.
    pub(super) fn names(&self) -> Vec<CompactString> {
        let mut names: Vec<CompactString> = Vec::new();
        let Some(element) = self.element() else {
            return self.root.element().map(|e| e.name.local.clone()).into_iter().collect();
        };
        for child in element.elements() {
            if !names.contains(&child.name.local) {
                names.push(child.name.local.clone());
            }
        }
        names
    }
}

fn positions<'a>(nodes: &'a [Node], name: &'a str) -> impl Iterator<Item = usize> + 'a {
    nodes
        .iter()
        .enumerate()
        .filter_map(move |(i, node)| matches!(node, Node::Element(e) if e.name.local == name).then_some(i))
}

/// The typed value of a leaf; `None` for what has parts, or is empty where parts belong.
pub(super) fn leaf_of(
    shapes: &Shapes,
    shape: Option<ShapeId>,
    content: &Content,
    attributes: bool,
) -> Option<Dynamic> {
    let simple = shapes.simple(shape);
    if matches!(content, Content::Empty) && simple.is_none() {
        let parts = shapes.get(shape).is_some_and(|flat| matches!(flat.kind, FlatKind::Children(_)));
        if parts || attributes {
            return None;
        }
    }
    typed::leaf(content, simple)
}
