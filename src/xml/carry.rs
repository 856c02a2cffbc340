//! Whether XML can carry the values of a tree: those of other formats may hold characters that it has no way to write.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::chars::forbidden;
use crate::document::tree::{Content, Element, Node};

/// Why XML 1.0 cannot carry a text (production 2): `the character U+0001 cannot stand in XML`; `None` when it can.
pub fn uncarried(text: &str) -> Option<Cow<'static, str>> {
    forbidden(text).map(|(_, why)| why)
}

/// The first value of a tree that XML 1.0 cannot carry: the path to it from the tree's root, and why.
pub fn uncarried_in(root: &Element) -> Option<(String, Cow<'static, str>)> {
    // Trees that scripts make are as deep as they like: no recursion.
    let mut open = Vec::new();
    let mut next = Some(root);
    loop {
        if let Some(element) = next.take() {
            let found = own(element);
            open.push((element, element.nodes().iter()));
            if let Some((attribute, why)) = found {
                return Some((path(open.iter().map(|(element, _)| *element), attribute), why));
            }
        }
        let (_, nodes) = open.last_mut()?;
        match nodes.next() {
            Some(Node::Element(child)) => next = Some(child),
            Some(Node::Text(text)) => {
                if let Some(why) = uncarried(text) {
                    return Some((path(open.iter().map(|(element, _)| *element), None), why));
                }
            }
            None => {
                open.pop();
            }
        }
    }
}

/// What is wrong with the attributes of an element, named, or with its own text.
fn own(element: &Element) -> Option<(Option<&str>, Cow<'static, str>)> {
    for attribute in &element.attributes {
        if let Some(why) = uncarried(&attribute.value) {
            return Some((Some(attribute.name.local.as_str()), why));
        }
    }
    match &element.content {
        Content::Text(text) | Content::Number(text) => uncarried(text).map(|why| (None, why)),
        _ => None,
    }
}

fn path<'a>(elements: impl Iterator<Item = &'a Element>, attribute: Option<&str>) -> String {
    let mut path = String::new();
    for element in elements.filter(|element| !element.name.local.is_empty()) {
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(&element.name.local);
    }
    if let Some(attribute) = attribute {
        let _ = write!(path, "/@{attribute}");
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::tree::{Attribute, Name};

    #[test]
    fn the_first_value_is_found_with_its_path() {
        let mut root = Element::new(Name::local("Order"));
        root.push(Element::with(Name::local("Sku"), Content::Text("a\t\r\n\u{7F}\u{FFFD}".into())));
        assert_eq!(uncarried_in(&root), None);
        let mut line = Element::new(Name::local("Line"));
        line.attributes.push(Attribute { name: Name::local("id"), value: "x\u{FFFF}".into() });
        let mut named = root.clone();
        named.push(line);
        let (path, why) = uncarried_in(&named).unwrap();
        assert_eq!((path.as_str(), &*why), ("Order/Line/@id", "the character U+FFFF cannot stand in XML"));
        root.push(Element::with(Name::local("Name"), Content::Text("\u{1}".into())));
        assert_eq!(uncarried_in(&root).unwrap().0, "Order/Name");
        let mixed = Element::with(Name::local("P"), Content::Children(vec![Node::Text("\u{B}".into())]));
        assert_eq!(uncarried_in(&mixed).unwrap().0, "P");
    }
}
