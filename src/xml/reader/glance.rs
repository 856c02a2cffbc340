//! Plain tags and leaves of a document, which are read at a glance between quick-xml's events.

use quick_xml::events::Event;

use super::Builder;
use crate::document::tree::{Content, Element, Name, Node};
use crate::xml::plain::{self, Plain};
use crate::xml::pull::{Piece, Pull};
use crate::xml::tag::Tag;

impl<'t> Builder<'t, '_> {
    /// Reads what plain tags and leaves come after an event, with the white space before each.
    pub(super) fn plain(&mut self, after: &Piece<'t>, pull: &mut Pull<'t>) {
        // After text quick-xml has looked ahead at the markup, which must be its own then.
        // Where places are kept, every element is met with its own.
        if self.places.is_some() || matches!(after.event, Event::Text(_)) {
            return;
        }
        let rest = pull.rest();
        pull.skip(rest.len() - self.take_plain(rest).len());
    }

    /// The same at the start of a text; gives what is left of it.
    fn take_plain(&mut self, mut rest: &'t str) -> &'t str {
        while let Some(name) = self.open.last().map(|open| open.name) {
            let Some(space) = plain::space(rest) else { break };
            let at = rest.get(space.len()..).unwrap_or_default();
            if !space.is_empty() {
                self.run.push(space, self.known.has_cr);
                rest = at;
            }
            let length = if plain::ends(at, name) {
                self.end();
                plain::end_length(name)
            } else {
                match plain::plain(at) {
                    Some(plain) if self.admits(&plain) => plain.length(),
                    _ => break,
                }
            };
            rest = at.get(length..).unwrap_or_default();
        }
        rest
    }

    /// Adds a leaf or an open element; not one that is refused, for which there is a better place to say why.
    fn admits(&mut self, plain: &Plain<'t>) -> bool {
        let (Plain::Leaf { tag, .. } | Plain::Start(tag)) = plain;
        let limits = self.limits;
        if self.around + self.open.len() >= limits.depth
            || self.elements >= limits.elements
            || tag.name.len() > limits.name
        {
            return false;
        }
        // Compared byte by byte: to compare empty texts by a call can cost more than all the rest.
        let is_same =
            |prefix: &str| prefix.len() == tag.prefix.len() && prefix.bytes().eq(tag.prefix.bytes());
        let namespace = match self.open.last() {
            // The element declares nothing itself, so the prefix means what it means to the one around.
            Some(open) if is_same(open.prefix) => open.element.name.namespace.clone(),
            _ => match self.namespaces.resolve(tag.prefix) {
                Ok(namespace) => namespace,
                Err(_) => return false,
            },
        };
        self.elements += 1;
        self.flush();
        let name = Name { namespace, local: tag.local.into() };
        match plain {
            Plain::Leaf { text, .. } => {
                let content = if text.is_empty() { Content::Empty } else { Content::Text((*text).into()) };
                if let Some(open) = self.open.last_mut() {
                    open.nodes.push(Node::Element(Element::with(name, content)));
                }
            }
            Plain::Start(tag) => {
                let read = Tag { name: tag.name, prefix: tag.prefix, element: Element::new(name), nil: None };
                self.push(read, self.namespaces.len());
            }
        }
        true
    }
}
