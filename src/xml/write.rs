//! The writer: an element tree as XML text in UTF-8, with the namespace declarations it needs and no others.

use std::borrow::Cow;

use super::chars::{is_name_part, is_name_start, is_ncname};
use super::escape::{escape_attribute, escape_text};
use super::{XML_NAMESPACE, XMLNS_NAMESPACE, XSI};
use crate::document::tree::{Attribute, Content, Element, Node};

/// The XML declaration of what is written.
pub(super) const DECLARATION: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

/// The attributes whose values are names of types.
const TYPE_NAMES: &[(&str, &str)] = &[
    (XSI, "type"),
    ("http://schemas.xmlsoap.org/soap/encoding/", "arrayType"),
    ("http://www.w3.org/2003/05/soap-encoding", "itemType"),
];

/// Appends a whole document, with an XML declaration if `declaration` says so.
///
/// Shapes that XML does not have are written in the nearest way: the root of JSON as `<document>`, an array as one
/// element per item with the array's name (or the item's own, if it has one), names that XML does not allow with `_` in
/// place of what is not allowed, characters that XML cannot carry as U+FFFD.
pub fn write(root: &Element, out: &mut Vec<u8>, declaration: bool) {
    if declaration {
        out.extend_from_slice(DECLARATION);
    }
    let name = if root.name.local.is_empty() { "document" } else { &root.name.local };
    Writer { out, prefixes: Vec::new(), xsi: false }.element(root, name, "", true);
}

/// Appends one element (an array: one per item) where the default namespace `default` is in scope, as in an envelope.
/// No prefix that the surroundings declare is used.
pub fn write_element(element: &Element, default: Option<&str>, out: &mut Vec<u8>) {
    let name = if element.name.local.is_empty() { "document" } else { &element.name.local };
    Writer { out, prefixes: Vec::new(), xsi: false }.element(
        element,
        name,
        default.unwrap_or_default(),
        false,
    );
}

/// The output and the prefixes in scope: the n-th namespace of `prefixes` has the prefix `ns{n}`, from 1.
struct Writer<'a, 'o> {
    out: &'o mut Vec<u8>,
    prefixes: Vec<&'a str>,
    xsi: bool,
}

impl<'a> Writer<'a, '_> {
    /// `default` is the default namespace in scope (empty: none); a `single` array becomes one element around its items.
    fn element(&mut self, element: &'a Element, name: &str, default: &'a str, single: bool) {
        if let (Content::Items(nodes), false) = (&element.content, single) {
            return self.nodes(nodes, name, default);
        }
        // A nameless element belongs to no format with namespaces: it takes the one around it.
        let namespace = match &element.name.namespace {
            Some(namespace) => namespace,
            None if element.name.local.is_empty() => default,
            None => "",
        };
        let (prefixes, xsi) = (self.prefixes.len(), self.xsi);
        // The namespaces of `xml` and `xmlns` cannot be default namespaces.
        let prefix = if namespace == XML_NAMESPACE { "xml:" } else { "" };
        let namespace =
            if matches!(namespace, XML_NAMESPACE | XMLNS_NAMESPACE) { default } else { namespace };
        let tag = xml_name(name);
        if prefix.is_empty() && !namespace.is_empty() && has_plain_type(element) {
            return self.prefixed(element, name, namespace, (prefixes, xsi));
        }
        self.out.push(b'<');
        self.put(&[prefix, &tag]);
        // Mostly it is the very same text.
        if !std::ptr::eq(namespace, default) && namespace != default {
            self.declare("xmlns", namespace);
        }
        self.attributes(element);
        self.content(element, name, &[prefix, &tag], namespace);
        self.prefixes.truncate(prefixes);
        self.xsi = xsi;
    }

    /// An element with a prefix, for the sake of an `xsi:type` in no namespace: there must be no default namespace.
    fn prefixed(&mut self, element: &'a Element, name: &str, namespace: &'a str, before: (usize, bool)) {
        let (prefix, known) = match self.prefixes.iter().position(|n| *n == namespace) {
            Some(at) => (format!("ns{}:", at + 1), true),
            None => {
                self.prefixes.push(namespace);
                (format!("ns{}:", self.prefixes.len()), false)
            }
        };
        let tag = xml_name(name);
        self.put(&["<", &prefix, &tag]);
        if !known {
            self.declare(&format!("xmlns:{}", prefix.trim_end_matches(':')), namespace);
        }
        self.declare("xmlns", "");
        self.attributes(element);
        self.content(element, name, &[&prefix, &tag], "");
        self.prefixes.truncate(before.0);
        self.xsi = before.1;
    }

    /// The rest of an element, from the end of its start tag.
    fn content(&mut self, element: &'a Element, name: &str, tag: &[&str], default: &'a str) {
        match &element.content {
            Content::Empty => return self.put(&["/>"]),
            Content::Nil => return self.put(&[" xsi:nil=\"true\"/>"]),
            Content::Children(nodes) | Content::Items(nodes) if nodes.is_empty() => return self.put(&["/>"]),
            Content::Children(nodes) => {
                self.out.push(b'>');
                self.nodes(nodes, "item", default);
            }
            Content::Items(nodes) => {
                self.out.push(b'>');
                self.nodes(nodes, name, default);
            }
            Content::Text(text) | Content::Number(text) => {
                self.out.push(b'>');
                escape_text(text, self.out);
            }
            Content::Bool(value) => self.put(&[">", if *value { "true" } else { "false" }]),
        }
        self.out.extend_from_slice(b"</");
        self.put(tag);
        self.out.push(b'>');
    }

    /// Child nodes; elements without a name are called `unnamed`.
    fn nodes(&mut self, nodes: &'a [Node], unnamed: &str, default: &'a str) {
        for node in nodes {
            match node {
                Node::Element(element) if element.name.local.is_empty() => {
                    self.element(element, unnamed, default, true);
                }
                Node::Element(element) => self.element(element, &element.name.local, default, false),
                Node::Text(text) => escape_text(text, self.out),
            }
        }
    }

    fn attributes(&mut self, element: &'a Element) {
        if element.content == Content::Nil {
            self.declare_xsi();
        }
        for attribute in &element.attributes {
            let prefix = match attribute.name.namespace.as_deref() {
                None | Some("" | XMLNS_NAMESPACE) => Cow::Borrowed(""),
                Some(XML_NAMESPACE) => Cow::Borrowed("xml:"),
                Some(XSI) => {
                    if attribute.name.local == "nil" && element.content == Content::Nil {
                        continue;
                    }
                    self.declare_xsi();
                    Cow::Borrowed("xsi:")
                }
                Some(namespace) => Cow::Owned(self.prefix(namespace)),
            };
            let (type_prefix, value) = match type_name(attribute) {
                Some((namespace, local)) => (self.prefix(namespace), local),
                None => (String::new(), attribute.value.as_str()),
            };
            self.put(&[" ", &prefix, &xml_name(&attribute.name.local), "=\"", &type_prefix]);
            escape_attribute(value, self.out);
            self.put(&["\""]);
        }
    }

    fn declare_xsi(&mut self) {
        if !self.xsi {
            self.xsi = true;
            self.declare("xmlns:xsi", XSI);
        }
    }

    /// The prefix of a namespace with its colon, declared now if it was not in scope.
    fn prefix(&mut self, namespace: &'a str) -> String {
        match self.prefixes.iter().position(|n| *n == namespace) {
            Some(at) => format!("ns{}:", at + 1),
            None => {
                self.prefixes.push(namespace);
                let prefix = format!("ns{}", self.prefixes.len());
                self.declare(&format!("xmlns:{prefix}"), namespace);
                prefix + ":"
            }
        }
    }

    fn declare(&mut self, name: &str, namespace: &str) {
        self.put(&[" ", name, "=\""]);
        escape_attribute(namespace, self.out);
        self.put(&["\""]);
    }

    fn put(&mut self, parts: &[&str]) {
        // Mostly there is no prefix: what is empty costs a call that copies nothing.
        for part in parts.iter().filter(|part| !part.is_empty()) {
            self.out.extend_from_slice(part.as_bytes());
        }
    }
}

/// Namespace and local name of a type that an attribute names, and that is in a namespace: `{namespace}local` in the tree. Of
/// the items of an encoded array, their number stands behind it (SOAP 1.1, section 5.4.2).
fn type_name(attribute: &Attribute) -> Option<(&str, &str)> {
    let (namespace, local) = attribute.value.strip_prefix('{')?.split_once('}')?;
    let is = |(namespace, local): &(&str, &str)| attribute.name.is(namespace, local);
    (TYPE_NAMES.iter().any(is) && !namespace.is_empty()).then_some((namespace, local))
}

/// Whether its `xsi:type` is in no namespace.
fn has_plain_type(element: &Element) -> bool {
    let is_plain = |a: &Attribute| a.name.local == "type" && a.name.is(XSI, "type") && is_ncname(&a.value);
    element.attributes.iter().any(is_plain)
}

/// The name itself if it is one, else with `_` in place of every character that may not stand where it stands.
fn xml_name(name: &str) -> Cow<'_, str> {
    if is_ncname(name) {
        return Cow::Borrowed(name);
    }
    let mut out = String::with_capacity(name.len() + 1);
    if !name.starts_with(is_name_start) {
        out.push('_');
    }
    let rest = name.chars().skip(usize::from(!name.starts_with(is_name_part)));
    out.extend(rest.map(|c| if is_name_part(c) { c } else { '_' }));
    Cow::Owned(out)
}
