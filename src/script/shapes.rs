//! The shapes that scripts see, copied into one table so that a worker shares nothing with another.

use std::collections::HashMap;
use std::sync::Arc;

use compact_str::CompactString;

use crate::schema::{Shape, ShapeKind, SimpleType};

/// A shape's number in its [`Shapes`].
pub(super) type ShapeId = u32;

/// A shape without its facets.
#[derive(Debug)]
pub(super) struct Flat {
    pub name: CompactString,
    pub namespace: Option<Arc<str>>,
    pub repeats: bool,
    pub attributes: Vec<(CompactString, SimpleType)>,
    pub kind: FlatKind,
}

/// What a shape holds.
#[derive(Debug)]
pub(super) enum FlatKind {
    Simple(SimpleType),
    Children(Vec<ShapeId>),
    Items(ShapeId),
    Any,
}

/// All shapes of a worker's scripts.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    flat: Vec<Flat>,
    /// Roots by the address of the gateway's shape: many scripts see the same one.
    roots: HashMap<usize, ShapeId>,
    namespaces: HashMap<Box<str>, Arc<str>>,
}

impl Shapes {
    /// Copies `shape` with everything under it, once.
    pub(super) fn add(&mut self, shape: &Arc<Shape>) -> ShapeId {
        let address = Arc::as_ptr(shape) as usize;
        if let Some(id) = self.roots.get(&address) {
            return *id;
        }
        let id = self.copy(shape);
        self.roots.insert(address, id);
        id
    }

    fn copy(&mut self, shape: &Shape) -> ShapeId {
        let kind = match &shape.kind {
            ShapeKind::Simple(simple) => FlatKind::Simple(simple.base),
            ShapeKind::Children(children) | ShapeKind::Open(children) => {
                FlatKind::Children(children.iter().map(|child| self.copy(child)).collect())
            }
            ShapeKind::Items(item) => FlatKind::Items(self.copy(item)),
            ShapeKind::Any => FlatKind::Any,
        };
        let namespace = shape.namespace.as_deref().map(|name| {
            let own = self.namespaces.entry(name.into());
            Arc::clone(own.or_insert_with(|| Arc::from(name)))
        });
        let attributes = shape.attributes.iter();
        self.flat.push(Flat {
            name: shape.name.clone(),
            namespace,
            repeats: shape.occurs.repeats(),
            attributes: attributes.map(|a| (a.name.clone(), a.simple.base)).collect(),
            kind,
        });
        ShapeId::try_from(self.flat.len() - 1).unwrap_or(ShapeId::MAX)
    }

    /// The shape of that number.
    pub(super) fn get(&self, id: Option<ShapeId>) -> Option<&Flat> {
        self.flat.get(id? as usize)
    }

    /// The declared child of that name, with its position among the children.
    pub(super) fn child(&self, parent: Option<ShapeId>, name: &str) -> Option<(usize, ShapeId)> {
        let FlatKind::Children(children) = &self.get(parent)?.kind else {
            return None;
        };
        let of_name = |id: &ShapeId| self.get(Some(*id)).is_some_and(|flat| flat.name == name);
        let position = children.iter().position(of_name)?;
        Some((position, *children.get(position)?))
    }

    /// The shape of an array's items.
    pub(super) fn item(&self, array: Option<ShapeId>) -> Option<ShapeId> {
        match &self.get(array)?.kind {
            FlatKind::Items(item) => Some(*item),
            _ => None,
        }
    }

    /// Whether a child of that shape is always a list.
    pub(super) fn is_list(&self, id: Option<ShapeId>) -> bool {
        self.get(id).is_some_and(|flat| flat.repeats || matches!(flat.kind, FlatKind::Items(_)))
    }

    /// The simple type of a leaf.
    pub(super) fn simple(&self, id: Option<ShapeId>) -> Option<SimpleType> {
        match &self.get(id)?.kind {
            FlatKind::Simple(simple) => Some(*simple),
            _ => None,
        }
    }

    /// The simple type of an attribute.
    pub(super) fn attribute(&self, id: Option<ShapeId>, name: &str) -> Option<SimpleType> {
        let attributes = &self.get(id)?.attributes;
        attributes.iter().find(|(n, _)| n == name).map(|(_, t)| *t)
    }

    /// Why nothing of that name can ever be in that shape; `None` where it may only be absent, or nothing is declared.
    ///
    /// `above` tells that the name is asked of the document, whose one member is the root element.
    pub(super) fn refusal(&self, shape: Option<ShapeId>, above: bool, name: &str) -> Option<String> {
        let flat = self.get(shape)?;
        let first = name.split('/').next().unwrap_or(name);
        let attribute = name.strip_prefix('@');
        if above {
            let known = flat.name.is_empty() || flat.name == name || flat.name == first;
            return (!known).then(|| format!("`{name}` is not in the document; it has {}", flat.name));
        }
        let open = match &flat.kind {
            FlatKind::Children(_) => false,
            FlatKind::Simple(_) => attribute.is_none(),
            FlatKind::Items(_) | FlatKind::Any => true,
        };
        let child = |name| attribute.is_none() && self.child(shape, name).is_some();
        let declared = self.attribute(shape, attribute.unwrap_or(name)).is_some();
        if open || declared || child(name) || child(first) {
            return None;
        }
        let children = match &flat.kind {
            FlatKind::Children(ids) => ids.as_slice(),
            _ => &[],
        };
        let children = children.iter().filter_map(|id| Some(self.get(Some(*id))?.name.to_string()));
        let attributes = flat.attributes.iter().map(|(name, _)| format!("@{name}"));
        let known: Vec<String> = children.chain(attributes).collect();
        let known = if known.is_empty() { "nothing".to_owned() } else { known.join(", ") };
        let owner = match flat.name.as_str() {
            "" => "this".to_owned(),
            own => format!("`{own}`"),
        };
        Some(format!("`{name}` is not in the profile of {owner}; it has {known}"))
    }
}
