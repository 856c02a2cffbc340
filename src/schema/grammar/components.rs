//! The global components of schemas in a form that two versions of them can be compared by.

use std::path::Path;

use super::documents::Documents;
use super::source::{Doc, XS};
use crate::document::tree::Name;

/// Attributes whose values are names.
const NAMES: &[&str] = &["type", "ref", "base", "itemType", "memberTypes", "substitutionGroup", "refer"];
/// Attributes of a schema that say what the components in it are when these do not say it.
const DEFAULTS: &[&str] = &["elementFormDefault", "attributeFormDefault", "blockDefault", "finalDefault"];

/// A global component, such as a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// What it is: the local name of its element, such as `complexType`.
    pub kind: String,
    /// Its name.
    pub name: Name,
    /// All it says: two that say the same mean the same. Prefixes, order of attributes, white space and annotations do not
    /// count.
    pub says: String,
}

impl Documents {
    /// The global components of the documents whose paths are wanted, in the order of the documents.
    pub fn components(&self, is_wanted: &dyn Fn(&Path) -> bool) -> Vec<Component> {
        let mut found = Vec::new();
        for doc in self.docs.iter().filter(|doc| is_wanted(&doc.path)) {
            let root = doc.tree.nodes.first().map(|root| root.children.as_slice()).unwrap_or_default();
            let defaults: Vec<&str> =
                DEFAULTS.iter().filter_map(|name| doc.tree.attribute(0, name)).collect();
            for number in root {
                let Some(node) = doc.tree.nodes.get(*number) else { continue };
                let Some(local) = doc.tree.attribute(*number, "name") else { continue };
                let mut says = defaults.join(" ");
                say(doc, *number, &mut says);
                let name = Name { namespace: doc.target.clone(), local: local.into() };
                found.push(Component { kind: node.tag.to_string(), name, says });
            }
        }
        found
    }
}

/// Writes an element with all in it; the depth is bounded by that of the document.
fn say(doc: &Doc, number: usize, out: &mut String) {
    let Some(node) = doc.tree.nodes.get(number) else { return };
    out.push('<');
    out.push_str(&node.tag);
    let mut attributes: Vec<(&str, String)> = Vec::new();
    for (name, value) in &node.attributes {
        let value = match NAMES.contains(&name.as_str()) {
            true => {
                value.split_whitespace().map(|one| resolved(doc, number, one)).collect::<Vec<_>>().join(" ")
            }
            false => value.trim().to_owned(),
        };
        attributes.push((name, value));
    }
    attributes.sort();
    for (name, value) in attributes {
        out.push_str(&format!(" {name}={value:?}"));
    }
    out.push('>');
    for child in &node.children {
        say(doc, *child, out);
    }
    out.push_str("</>");
}

/// A name with its namespace in place of its prefix.
fn resolved(doc: &Doc, number: usize, value: &str) -> String {
    match doc.name(number, value) {
        Ok(Name { namespace: Some(namespace), local }) if *namespace == *XS => format!("xs:{local}"),
        Ok(name) => name.to_string(),
        Err(_) => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::{Files, load};
    use super::*;
    use crate::source::{FileId, Span};

    struct Only(String);

    impl Files for Only {
        fn open(&mut self, _: &Path) -> Result<(FileId, String), String> {
            Ok((FileId::default(), self.0.clone()))
        }

        fn built_in(&mut self, _: &str, _: &str) -> FileId {
            FileId::default()
        }
    }

    fn components(inside: &str, prefix: &str) -> Vec<Component> {
        let text = format!(
            "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:a' xmlns:{prefix}='urn:a'>{inside}</xs:schema>"
        );
        load(&[(PathBuf::from("a.xsd"), Span::default())], &mut Only(text)).components(&|_| true)
    }

    #[test]
    fn what_means_the_same_says_the_same() {
        let one = components(
            "<xs:element name='e' type='a:t'/><xs:simpleType name='t'><xs:restriction base='xs:string'/></xs:simpleType>",
            "a",
        );
        let other = components(
            "<xs:element type=' b:t' name='e'>\n <xs:annotation/></xs:element>\n<xs:simpleType name='t'><xs:restriction base='xs:string'/></xs:simpleType>",
            "b",
        );
        assert_eq!(one, other);
        assert_eq!(
            (one.len(), one[0].kind.as_str(), one[0].name.to_string().as_str()),
            (2, "element", "{urn:a}e")
        );
        let longer = components("<xs:element name='e' type='xs:string'/>", "a");
        assert_ne!(one[0].says, longer[0].says);
    }
}
