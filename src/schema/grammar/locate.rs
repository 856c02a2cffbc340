//! Where elements stand that turned out to be wrong after the check had passed them: found by one more walk, for errors only.

use std::collections::HashMap;
use std::ptr;

use super::check::DEEPEST;
use crate::document::tree::Element;
use crate::schema::at::{At, Step};
use crate::schema::validate::Check;

/// What is wrong with elements, by their address.
pub struct Wrong<T>(HashMap<*const Element, Vec<T>>);

impl<T> Wrong<T> {
    /// Of elements, each with what is wrong with it, in document order.
    pub fn new<'e>(found: impl Iterator<Item = (&'e Element, T)>) -> Self {
        let mut wrong: HashMap<*const Element, Vec<T>> = HashMap::new();
        for (element, what) in found {
            wrong.entry(ptr::from_ref(element)).or_default().push(what);
        }
        Self(wrong)
    }

    /// Reports all that is wrong in an element, in document order, until the check is full. `say` gives the attribute that
    /// it is about, if it is about one, and the message.
    pub fn report(
        &self,
        element: &Element,
        at: &At<'_>,
        check: &mut Check,
        say: &dyn Fn(&T) -> (Option<&str>, String),
    ) {
        if !self.0.is_empty() {
            self.walk((element, at), 0, check, say);
        }
    }

    fn walk(
        &self,
        (element, at): (&Element, &At<'_>),
        depth: usize,
        check: &mut Check,
        say: &dyn Fn(&T) -> (Option<&str>, String),
    ) {
        super::gather::worked(1);
        for what in self.0.get(&ptr::from_ref(element)).into_iter().flatten() {
            if check.full() {
                return;
            }
            match say(what) {
                (Some(name), message) => check.report(&At::part(at, Step::Attribute(name)), message),
                (None, message) => check.report(at, message),
            }
        }
        // What is deeper was not checked either.
        if depth >= DEEPEST {
            return;
        }
        for (index, child) in element.elements().enumerate() {
            if check.full() {
                return;
            }
            let here = At::child(at, Step::Of(element, &child.name.local), index);
            self.walk((child, &here), depth + 1, check, say);
        }
    }
}
