//! What is done last with a document of a profile, made by a map or about to leave: what it leaves out goes, dates are written as it says.

use std::sync::Arc;

use compact_str::CompactString;

use crate::document::tree::{Attribute, Content, Element, Name, Node};
use crate::schema::{Dates, Shape, ShapeKind, Simple, SimpleType};

/// What is left to do with an element and with what is in it. It is done once, at the end, so that it does not matter
/// whether an item of a map set a value, copied a subtree or is a script, or whether the document came from elsewhere.
/// Doing it twice changes nothing more.
#[derive(Debug, Clone)]
pub struct Finish {
    name: Name,
    left_out: bool,
    dates: Option<Written>,
    /// Attributes, each with how its dates are written; those that are left out with nothing.
    attributes: Vec<(Name, Option<Written>)>,
    inner: Vec<Finish>,
}

/// How values of a type are written.
#[derive(Debug, Clone)]
struct Written {
    base: SimpleType,
    dates: Arc<Dates>,
}

impl Written {
    fn of(simple: &Simple) -> Option<Self> {
        Some(Self { base: simple.base, dates: simple.dates.clone()? })
    }

    /// The value as it is to be written; `None` where it is written so already.
    fn rewritten(&self, text: &str) -> Option<CompactString> {
        self.dates.write(self.base, text).filter(|new| new != text)
    }
}

impl Finish {
    /// What is to be done with documents of a shape; `None` for nothing.
    pub fn of(shape: &Shape) -> Option<Self> {
        let left_out = shape.form.left_out;
        let dates = match &shape.kind {
            ShapeKind::Simple(simple) => Written::of(simple),
            _ => None,
        };
        let gone = shape.form.attributes_left_out.iter().map(|name| (name.clone(), None));
        let written = shape.attributes.iter().filter_map(|attribute| {
            let name = Name { local: attribute.name.clone(), namespace: attribute.namespace.clone() };
            Written::of(&attribute.simple).map(|written| (name, Some(written)))
        });
        let attributes: Vec<_> = gone.chain(written).collect();
        let inner: Vec<_> = shape.children().iter().filter_map(Self::of).collect();
        let some = left_out || dates.is_some() || !attributes.is_empty() || !inner.is_empty();
        some.then(|| Self { name: shape.element_name(), left_out, dates, attributes, inner })
    }

    /// Whether there is anything to do with this element.
    pub fn changes(&self, element: &Element) -> bool {
        let of_attribute = |attribute: &Attribute| match self.attribute(attribute) {
            None => false,
            Some(None) => true,
            Some(Some(written)) => written.rewritten(&attribute.value).is_some(),
        };
        if !self.attributes.is_empty() && element.attributes.iter().any(of_attribute) {
            return true;
        }
        match (&element.content, self.item()) {
            (Content::Items(_), None) => return element.elements().any(|item| self.changes(item)),
            (Content::Items(_), Some(_)) | (_, None) => {}
            (_, Some(item)) => return item.changes(element),
        }
        match &element.content {
            Content::Text(text) => {
                self.dates.as_ref().is_some_and(|written| written.rewritten(text).is_some())
            }
            Content::Children(_) | Content::Items(_) if !self.inner.is_empty() => element
                .elements()
                .any(|child| self.child(child).is_some_and(|inner| inner.left_out || inner.changes(child))),
            _ => false,
        }
    }

    /// Does it.
    pub fn apply(&self, element: &mut Element) {
        if !self.attributes.is_empty() {
            element.attributes.retain_mut(|attribute| self.keeps(attribute));
        }
        match (&mut element.content, self.item()) {
            (Content::Items(items), None) => {
                let items = items.iter_mut().filter_map(|node| match node {
                    Node::Element(item) => Some(item),
                    Node::Text(_) => None,
                });
                return items.for_each(|item| self.apply(item));
            }
            (Content::Items(_), Some(_)) | (_, None) => {}
            (_, Some(item)) => return item.apply(element),
        }
        match &mut element.content {
            Content::Text(text) => {
                if let Some(new) = self.dates.as_ref().and_then(|written| written.rewritten(text)) {
                    *text = new;
                }
            }
            Content::Children(nodes) | Content::Items(nodes) if !self.inner.is_empty() => {
                nodes.retain_mut(|node| match node {
                    Node::Element(child) => self.keeps_child(child),
                    Node::Text(_) => true,
                });
            }
            _ => {}
        }
    }

    fn keeps(&self, attribute: &mut Attribute) -> bool {
        match self.attribute(attribute) {
            None => true,
            Some(None) => false,
            Some(Some(written)) => {
                if let Some(new) = written.rewritten(&attribute.value) {
                    attribute.value = new;
                }
                true
            }
        }
    }

    /// What is to be done with an attribute: nothing, to leave it out, or to write it so.
    fn attribute(&self, attribute: &Attribute) -> Option<Option<&Written>> {
        let (_, written) = self.attributes.iter().find(|(name, _)| *name == attribute.name)?;
        Some(written.as_ref())
    }

    /// What is to be done with the items of an array. Where one is written that is none, or the other way round, it is done all
    /// the same: documents that are not checked must not leave with more for being in another form.
    fn item(&self) -> Option<&Finish> {
        self.inner.iter().find(|inner| inner.name.local.is_empty())
    }

    /// What is to be done with a child. What is left out is so in any namespace.
    fn child(&self, child: &Element) -> Option<&Finish> {
        let exact = self.inner.iter().find(|inner| inner.name == child.name);
        let gone = || self.inner.iter().find(|inner| inner.left_out && inner.name.local == child.name.local);
        exact.or_else(gone)
    }

    fn keeps_child(&self, child: &mut Element) -> bool {
        let Some(inner) = self.child(child) else { return true };
        if !inner.left_out {
            inner.apply(child);
        }
        !inner.left_out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::fixture;
    use crate::schema::{AttributeShape, Occurs, Zone};

    fn dated(base: SimpleType) -> Simple {
        let dates = Dates { zone: Zone::named("utc"), fraction: Some(0) };
        let mut simple = Simple::of(base);
        simple.dates = Some(Arc::new(dates));
        simple
    }

    fn element(name: &str, kind: ShapeKind) -> Shape {
        Shape { namespace: None, ..fixture::element(name, Occurs::ONCE, kind) }
    }

    fn leaf(name: &str, text: &str) -> Element {
        Element::with(Name::local(name), Content::Text(text.into()))
    }

    #[test]
    fn a_shape_that_says_nothing_of_it_leaves_nothing_to_do() {
        let plain = element("Placed", ShapeKind::Simple(Simple::of(SimpleType::DateTime)));
        assert!(Finish::of(&element("Order", ShapeKind::Children(vec![plain]))).is_none());
    }

    #[test]
    fn it_does_not_matter_whether_one_is_in_an_array() {
        let mut pin = element("pin", ShapeKind::Simple(Simple::of(SimpleType::String)));
        pin.form.left_out = true;
        let object = element("", ShapeKind::Children(vec![pin]));
        let array = element("", ShapeKind::Items(Box::new(object.clone())));
        let mut one = Element::new(Name::local(""));
        one.push(leaf("pin", "1234"));
        one.push(leaf("id", "1"));
        let several = Element::with(
            Name::local(""),
            Content::Items(vec![Node::Element(one.clone()), Node::Element(one.clone())]),
        );
        for shape in [object, array] {
            let finish = Finish::of(&shape).unwrap();
            for mut element in [one.clone(), several.clone()] {
                assert!(finish.changes(&element));
                finish.apply(&mut element);
                assert!(!finish.changes(&element));
                assert!(!format!("{element:?}").contains("1234"), "{element:?}");
                assert!(format!("{element:?}").contains("id"), "{element:?}");
            }
        }
    }

    #[test]
    fn what_is_left_out_goes_and_dates_are_written_however_they_came() {
        let at = AttributeShape {
            name: "at".into(),
            namespace: None,
            required: false,
            simple: dated(SimpleType::DateTime),
        };
        let mut gone = element("Gone", ShapeKind::Any);
        gone.form.left_out = true;
        let placed = element("Placed", ShapeKind::Simple(dated(SimpleType::DateTime)));
        let mut shape = element("Order", ShapeKind::Open(vec![placed, gone]));
        shape.attributes.push(at);
        shape.form.attributes_left_out.push(Name::local("secret"));
        let mut order = Element::new(Name::local("Order"));
        for (name, value) in [("at", "2026-03-01T01:00:00.5+01:00"), ("secret", "s"), ("other", "o")] {
            order.attributes.push(Attribute { name: Name::local(name), value: value.into() });
        }
        for child in [
            leaf("Placed", "2026-03-01T01:00:00+01:00"),
            leaf("Gone", "x"),
            leaf("More", "2026-03-01T01:00:00+01:00"),
            leaf("Placed", "soon"),
        ] {
            order.push(child);
        }
        let finish = Finish::of(&shape).unwrap();
        assert!(finish.changes(&order));
        finish.apply(&mut order);
        assert!(!finish.changes(&order));
        let texts: Vec<_> = order.elements().map(|child| child.leaf().unwrap()).collect();
        assert_eq!(texts, ["2026-03-01T00:00:00Z", "2026-03-01T01:00:00+01:00", "soon"]);
        let attributes: Vec<_> = order.attributes.iter().map(|attribute| attribute.value.as_str()).collect();
        assert_eq!(attributes, ["2026-03-01T00:00:00Z", "o"]);
    }
}
