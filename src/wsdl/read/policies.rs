//! The policies in a WSDL (WS-Policy, WS-PolicyAttachment): where each stands and all it says, to compare two versions.

use std::path::PathBuf;
use std::sync::Arc;

use super::WSDL;
use super::model::WsdlFile;
use super::text::{At, Text};
use crate::document::tree::{Element, Node};
use crate::source::FileId;
use crate::xml::XMLNS_NAMESPACE;

/// The namespaces of WS-Policy: 1.5, 1.2 as everybody has it, and the one before.
const POLICY: &[&str] = &[
    "http://www.w3.org/ns/ws-policy",
    "http://schemas.xmlsoap.org/ws/2004/09/policy",
    "http://schemas.xmlsoap.org/ws/2002/12/policy",
];

/// A policy, or a reference to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Its name with its place: `UsernameToken`, `#UsernameToken in binding Crm`.
    pub name: String,
    /// All it says; prefixes, order of attributes and white space do not count.
    pub says: String,
}

/// The policies of a text in their order; none in what is no WSDL.
pub fn policies(text: &str) -> Vec<Policy> {
    let file = WsdlFile { file: FileId::default(), path: PathBuf::new(), text: Arc::from(text) };
    let mut found = Vec::new();
    if let Ok(read) = Text::new(file) {
        visit(&read.root(), "", &mut found);
    }
    found
}

/// The depth is bounded by that of the document.
fn visit(at: &At<'_>, place: &str, found: &mut Vec<Policy>) {
    for child in at.children() {
        let name = &child.element.name;
        let is_policy = name.namespace.as_deref().is_some_and(|own| POLICY.contains(&own));
        if is_policy && matches!(name.local.as_str(), "Policy" | "PolicyReference") {
            let mut says = String::new();
            say(child.element, &mut says);
            found.push(Policy { name: named(child.element, place), says });
        } else if !name.is(WSDL, "types") && !name.is(WSDL, "documentation") {
            let own = child.attribute("name").map(|own| format!("{} {own}", name.local));
            let inner = match (own, place) {
                (Some(own), "") => own,
                (Some(own), place) => format!("{place}, {own}"),
                (None, "") => name.local.to_string(),
                (None, place) => format!("{place}, {}", name.local),
            };
            visit(&child, &inner, found);
        }
    }
}

/// What a policy is called: by its name or what it refers to, and by where it stands.
fn named(element: &Element, place: &str) -> String {
    let by = |local: &str| {
        let named = |name: &str| element.attributes.iter().find(|known| known.name.local == name);
        named(local).map(|found| found.value.trim().to_owned())
    };
    let own = by("Id").or_else(|| by("Name")).or_else(|| by("URI"));
    match (own, place) {
        (Some(own), "") => own,
        (Some(own), place) => format!("{own} in {place}"),
        (None, "") => "without a name".to_owned(),
        (None, place) => format!("in {place}"),
    }
}

/// Writes an element with all in it; the depth is bounded by that of the document.
fn say(element: &Element, out: &mut String) {
    out.push_str(&format!("<{}", element.name));
    let own =
        element.attributes.iter().filter(|known| known.name.namespace.as_deref() != Some(XMLNS_NAMESPACE));
    let mut attributes: Vec<(String, &str)> =
        own.map(|known| (known.name.to_string(), known.value.trim())).collect();
    attributes.sort();
    for (name, value) in attributes {
        out.push_str(&format!(" {name}={value:?}"));
    }
    out.push('>');
    let leaf = element.leaf().unwrap_or_default().trim();
    out.push_str(leaf);
    for child in element.nodes() {
        match child {
            Node::Element(child) => say(child, out),
            Node::Text(text) => out.push_str(text.trim()),
        }
    }
    out.push_str("</>");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_known_by_their_places() {
        let text = |prefix: &str| {
            format!(
                "<w:definitions xmlns:w='http://schemas.xmlsoap.org/wsdl/' xmlns:{prefix}='http://www.w3.org/ns/ws-policy' \
                 xmlns:u='urn:u'><{prefix}:Policy u:Id='P'> <u:Token u:a='1'>x</u:Token></{prefix}:Policy><w:binding name='B'>\
                 <w:operation name='o'><w:input><{prefix}:PolicyReference URI='#P'/></w:input></w:operation>\
                 <{prefix}:Policy/></w:binding></w:definitions>"
            )
        };
        let found = policies(&text("p"));
        let names: Vec<&str> = found.iter().map(|policy| policy.name.as_str()).collect();
        assert_eq!(names, ["P", "#P in binding B, operation o, input", "in binding B"]);
        assert!(found[0].says.contains("{urn:u}Token {urn:u}a=\"1\">x</>"), "{}", found[0].says);
        assert_eq!(found, policies(&text("q")));
        assert_eq!(policies("no XML"), []);
    }
}
