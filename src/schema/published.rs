//! What is published of a shape: all of it for documents that come in, and of those that leave no more than what leaves.

use std::borrow::Cow;

use super::{Finish, Form, Shape, ShapeKind, Simple};

// A shape says two things at once: what documents of it may hold where they come in, and what is left of them when they leave.
// What is excluded is let in where it is optional, and never goes; so it belongs to the contract of one direction alone.
// Who publishes documents that come in says so by `incoming`, and what is written down is always `published`.

impl Shape {
    /// The shape of documents that come in: nothing is left out of them, and their dates are as somebody else writes them.
    pub fn incoming(&self) -> Cow<'_, Self> {
        if Finish::of(self).is_none() {
            return Cow::Borrowed(self);
        }
        let mut shape = self.clone();
        shape.form = Form { left_out: false, attributes_left_out: Vec::new(), ..shape.form };
        for attribute in &mut shape.attributes {
            attribute.simple.dates = None;
        }
        match &mut shape.kind {
            ShapeKind::Simple(simple) => simple.dates = None,
            ShapeKind::Children(children) | ShapeKind::Open(children) => {
                for child in children {
                    *child = child.incoming().into_owned();
                }
            }
            ShapeKind::Items(item) => **item = item.incoming().into_owned(),
            ShapeKind::Any => {}
        }
        Cow::Owned(shape)
    }

    /// The shape as it is written down: without what is left out, and without what narrows values that are rewritten.
    pub fn published(&self) -> Cow<'_, Self> {
        if Finish::of(self).is_none() {
            return Cow::Borrowed(self);
        }
        let mut shape = self.clone();
        let form = std::mem::take(&mut shape.form);
        shape.attributes.retain(|attribute| !form.leaves_out(attribute));
        shape.form = Form { attributes_left_out: Vec::new(), ..form };
        for attribute in &mut shape.attributes {
            widen(&mut attribute.simple);
        }
        match &mut shape.kind {
            ShapeKind::Simple(simple) => widen(simple),
            ShapeKind::Children(children) | ShapeKind::Open(children) => {
                children.retain(|child| !child.form.left_out);
                for child in children {
                    *child = child.published().into_owned();
                }
            }
            ShapeKind::Items(item) => **item = item.published().into_owned(),
            ShapeKind::Any => {}
        }
        Cow::Owned(shape)
    }

    /// The shape that is true of documents of this one and of an equal one that may be written otherwise: only what both leave
    /// out is left out, and a value that either rewrites is rewritten.
    pub(super) fn covering(&self, other: &Self) -> Self {
        self.merged(other, Form::leave_out_as)
    }
}

/// A value that is rewritten is of its type still, but a pattern, an enumeration or a bound was checked before that: another
/// zone is other text, and a fraction that is cut off is another moment.
fn widen(simple: &mut Simple) {
    if simple.dates.is_some() {
        simple.narrow_no_more();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::document::tree::Name;
    use crate::schema::fixture::element;
    use crate::schema::{AttributeShape, Dates, GivenFacets, Occurs, SimpleType, Zone};

    fn moment(dates: bool) -> Simple {
        let utc = GivenFacets { patterns: vec![".*Z".into()], ..GivenFacets::default() };
        let mut simple = Simple::of(SimpleType::DateTime).restrict(&utc).unwrap();
        let zone = || Dates { zone: Zone::named("+01:00"), fraction: None };
        simple.dates = dates.then(|| Arc::new(zone()));
        simple
    }

    /// An order with a token, a moment and a secret, of which the last two are written otherwise or not at all.
    fn order(token: bool, at: bool, secret: bool) -> Shape {
        let mut hidden =
            element("Secret", Occurs::OPTIONAL, ShapeKind::Simple(Simple::of(SimpleType::String)));
        hidden.form.left_out = secret;
        let at = element("At", Occurs::ONCE, ShapeKind::Simple(moment(at)));
        let mut shape = element("Order", Occurs::ONCE, ShapeKind::Children(vec![at, hidden]));
        let simple = Simple::of(SimpleType::String);
        shape.attributes.push(AttributeShape {
            name: "token".into(),
            namespace: None,
            required: false,
            simple,
        });
        shape.form.attributes_left_out.extend(token.then(|| Name::local("token")));
        shape
    }

    fn names(shape: &Shape) -> Vec<&str> {
        let attributes = shape.attributes.iter().map(|attribute| attribute.name.as_str());
        attributes.chain(shape.children().iter().map(|child| child.name.as_str())).collect()
    }

    fn narrowed(shape: &Shape) -> bool {
        matches!(&shape.child("At").unwrap().1.kind, ShapeKind::Simple(simple) if simple.facets().is_some())
    }

    #[test]
    fn what_is_left_out_is_published_of_documents_that_come_in_alone() {
        let shape = order(true, true, true);
        assert_eq!(names(&shape.published()), ["At"]);
        assert!(!narrowed(&shape.published()));
        let incoming = shape.incoming();
        assert!(Finish::of(&incoming).is_none());
        assert_eq!(names(&incoming.published()), ["token", "At", "Secret"]);
        assert!(narrowed(&incoming.published()));
    }

    #[test]
    fn a_shape_that_leaves_as_it_is_is_not_copied() {
        let shape = order(false, false, false);
        assert!(matches!(shape.published(), Cow::Borrowed(_)));
        assert!(matches!(shape.incoming(), Cow::Borrowed(_)));
    }

    #[test]
    fn what_covers_two_has_what_either_lets_through() {
        let wide = order(false, false, false);
        for (one, other, has, is_narrowed) in [
            (order(true, false, true), order(true, false, true), vec!["At"], true),
            (order(true, true, true), order(true, false, false), vec!["At", "Secret"], false),
            (order(false, false, true), order(true, true, true), vec!["token", "At"], false),
            (order(true, true, true), wide.clone(), vec!["token", "At", "Secret"], false),
        ] {
            for covering in [one.covering(&other), other.covering(&one)] {
                assert_eq!(
                    (names(&covering.published()), narrowed(&covering.published())),
                    (has.clone(), is_narrowed)
                );
            }
        }
    }
}
