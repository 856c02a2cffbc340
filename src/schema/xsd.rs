//! Shapes as XML Schema text: one schema per namespace, with imports, the same text for the same shapes every time.

use std::sync::Arc;

use compact_str::CompactString;

use super::rule::Published;
use super::xsd_write::Writer;
use super::{Finish, Shape};

/// Global elements gathered by namespace, in the order they were added.
#[derive(Debug, Clone, Default)]
pub struct Schemas {
    list: Vec<Schema>,
    /// Every namespace that a schema speaks of: each has one prefix in all of them, since there are clients that read
    /// the prefixes of all documents as if they were one.
    prefixed: Vec<Option<Arc<str>>>,
    /// Documents that are there as they were written.
    written: Vec<Published>,
}

/// The global elements of one namespace.
#[derive(Debug, Clone)]
pub(super) struct Schema {
    pub(super) namespace: Option<Arc<str>>,
    pub(super) elements: Vec<Shape>,
    /// Types with names, for what refers to types.
    pub(super) types: Vec<(CompactString, Shape)>,
    /// The prefix of the namespace.
    pub(super) prefix: String,
    /// The other namespaces that its elements refer to, each with its prefix.
    pub(super) imports: Vec<(Option<Arc<str>>, String)>,
}

/// Two different shapes for one element name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// The namespace; empty for none.
    pub namespace: String,
    /// The local name.
    pub local: String,
}

impl Schemas {
    /// Adds the shape as a global element of its namespace, and everything in it that must be global elsewhere. It is taken to
    /// be of documents that leave, without what they are left without: for those that come in, see [`Shape::incoming`].
    ///
    /// # Errors
    /// There is another element of that name already, and it looks different.
    pub fn add(&mut self, shape: &Shape) -> Result<(), Clash> {
        if let Some(written) = shape.checking.rule.as_ref().and_then(|rule| rule.published()) {
            for document in written {
                if !self.written.contains(document) {
                    self.written.push(document.clone());
                }
            }
            return Ok(());
        }
        let at = self.schema(shape.namespace.as_ref());
        let Some(schema) = self.list.get_mut(at) else { return Ok(()) };
        match schema.elements.iter_mut().find(|known| known.name == shape.name) {
            Some(known) if same(known, shape) => {
                if Finish::of(known).is_none() && Finish::of(shape).is_none() {
                    return Ok(());
                }
                // One name is one element, whichever way it goes and whatever else leaves by it, so that it has to be true of
                // all: what only leaves without a part is published without it, and beside documents that may have the part
                // it is there, optional as it always is where something leaves it out.
                *known = known.covering(shape);
            }
            Some(_) => {
                let namespace = shape.namespace.as_deref().unwrap_or_default().to_owned();
                return Err(Clash { namespace, local: shape.name.to_string() });
            }
            None => schema.elements.push(shape.clone()),
        }
        self.inner(shape, at)
    }

    /// Adds a type that holds what the shape holds, under a name in a namespace.
    ///
    /// # Errors
    /// As [`Schemas::add`].
    pub fn add_type(&mut self, name: &str, namespace: &str, shape: &Shape) -> Result<(), Clash> {
        let at = self.schema(Some(&Arc::from(namespace)));
        let Some(schema) = self.list.get_mut(at) else { return Ok(()) };
        schema.types.push((name.into(), shape.clone()));
        self.inner(shape, at)
    }

    /// Elements of other namespaces cannot be declared in place: they are global there, and referred to.
    fn inner(&mut self, shape: &Shape, at: usize) -> Result<(), Clash> {
        for child in shape.children().iter().filter(|child| !child.form.left_out) {
            if self.list.get(at).is_some_and(|schema| is_local(child, schema.namespace.as_ref())) {
                self.inner(child, at)?;
                continue;
            }
            self.add(child)?;
            let prefix = self.prefix(child.namespace.as_ref());
            if let Some(schema) = self.list.get_mut(at)
                && !schema.imports.iter().any(|(known, _)| *known == child.namespace)
            {
                schema.imports.push((child.namespace.clone(), prefix));
            }
        }
        Ok(())
    }

    fn schema(&mut self, namespace: Option<&Arc<str>>) -> usize {
        let found = self.list.iter().position(|schema| schema.namespace.as_ref() == namespace);
        found.unwrap_or_else(|| {
            let prefix = self.prefix(namespace);
            self.list.push(Schema {
                namespace: namespace.cloned(),
                elements: Vec::new(),
                types: Vec::new(),
                prefix,
                imports: Vec::new(),
            });
            self.list.len() - 1
        })
    }

    /// The prefix of a namespace.
    fn prefix(&mut self, namespace: Option<&Arc<str>>) -> String {
        let found = self.prefixed.iter().position(|known| known.as_ref() == namespace);
        let at = found.unwrap_or_else(|| {
            self.prefixed.push(namespace.cloned());
            self.prefixed.len() - 1
        });
        format!("n{}", at + 1)
    }

    /// The namespaces in the order of [`Schemas::write`]; `None` for no namespace.
    pub fn namespaces(&self) -> impl Iterator<Item = Option<&str>> {
        let own = self.list.iter().map(|schema| schema.namespace.as_deref());
        own.chain(self.written.iter().map(|document| document.namespace.as_deref()))
    }

    /// The prefix of each namespace in the schemas, in the order they appear.
    pub fn prefixes(&self) -> impl Iterator<Item = (String, &str)> {
        let named = self.prefixed.iter().enumerate();
        named.filter_map(|(at, namespace)| Some((format!("n{}", at + 1), namespace.as_deref()?)))
    }

    /// One `xs:schema` element per namespace, each line of it indented by `indent` steps of two spaces; then the documents
    /// that profiles were made of, as they are.
    pub fn write(&self, indent: usize) -> Vec<Published> {
        let own = self.list.iter().map(|schema| Writer::schema(&schema.published(), indent));
        own.chain(self.written.iter().cloned()).collect()
    }
}

impl Schema {
    /// The same with its shapes as they are written down.
    fn published(&self) -> Self {
        let elements = self.elements.iter().map(|shape| shape.published().into_owned());
        let types = self.types.iter().map(|(name, shape)| (name.clone(), shape.published().into_owned()));
        Self { elements: elements.collect(), types: types.collect(), ..self.clone() }
    }
}

/// Whether an element is declared in place in a schema of that namespace: it is in the namespace, or in none.
pub(super) fn is_local(child: &Shape, namespace: Option<&Arc<str>>) -> bool {
    child.namespace.is_none() || child.namespace.as_ref() == namespace
}

/// Whether two shapes are the same global element; how often it occurs is said where it is referred to.
fn same(a: &Shape, b: &Shape) -> bool {
    a.nillable == b.nillable && a.attributes == b.attributes && a.kind == b.kind
}

#[cfg(test)]
#[path = "xsd_tests.rs"]
mod tests;
