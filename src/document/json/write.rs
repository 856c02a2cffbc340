//! The writer: an element tree as compact JSON, the inverse of the reader, and sensible for trees that came from XML.

use std::collections::HashMap;

use super::scan::Scan;
use crate::document::short::control_or;
use crate::document::tree::{Content, Element, Node};

/// Appends a JSON text.
///
/// A root with a name becomes an object with that one member. An element with children becomes an object of its
/// children by local name, those that repeat a name as an array at the place of the first; attributes are members named
/// `@name`, and text beside attributes or child elements is the member `#text`. A number that is not one of JSON is
/// written as a string.
pub fn write(root: &Element, out: &mut Vec<u8>) {
    if root.name.local.is_empty() {
        return value(root, out);
    }
    out.push(b'{');
    write_string(&root.name.local, out);
    out.push(b':');
    value(root, out);
    out.push(b'}');
}

/// Whether a text is a number by the grammar of RFC 8259, section 6.
pub fn is_number(text: &str) -> bool {
    let mut scan = Scan { text, at: 0 };
    scan.number().is_ok() && scan.at == text.len()
}

/// Appends a string with its quotes.
pub fn write_string(text: &str, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    if control_or(bytes, [b'"', b'\\']).is_none() {
        out.extend_from_slice(bytes);
        return out.push(b'"');
    }
    let mut done = 0;
    for (at, byte) in bytes.iter().enumerate().filter(|(_, b)| matches!(b, b'"' | b'\\' | 0..0x20)) {
        out.extend_from_slice(bytes.get(done..at).unwrap_or_default());
        done = at + 1;
        match byte {
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0C => out.extend_from_slice(b"\\f"),
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            control => out.extend_from_slice(format!("\\u{control:04x}").as_bytes()),
        }
    }
    out.extend_from_slice(bytes.get(done..).unwrap_or_default());
    out.push(b'"');
}

fn value(element: &Element, out: &mut Vec<u8>) {
    match &element.content {
        Content::Children(nodes) => object(element, nodes, out),
        content if element.attributes.is_empty() => plain(content, out),
        content => {
            out.push(b'{');
            attributes(element, out);
            if *content != Content::Empty {
                out.extend_from_slice(b",\"#text\":");
                plain(content, out);
            }
            out.push(b'}');
        }
    }
}

/// A content that needs no object of its own.
fn plain(content: &Content, out: &mut Vec<u8>) {
    match content {
        Content::Empty | Content::Children(_) => out.extend_from_slice(b"\"\""),
        Content::Nil => out.extend_from_slice(b"null"),
        Content::Bool(true) => out.extend_from_slice(b"true"),
        Content::Bool(false) => out.extend_from_slice(b"false"),
        Content::Number(number) if is_number(number) => out.extend_from_slice(number.as_bytes()),
        Content::Number(text) | Content::Text(text) => write_string(text, out),
        Content::Items(nodes) => {
            let mut separator = b'[';
            for node in nodes {
                out.push(separator);
                separator = b',';
                match node {
                    Node::Element(element) => value(element, out),
                    Node::Text(text) => write_string(text, out),
                }
            }
            out.extend_from_slice(if separator == b'[' { b"[]" } else { b"]" });
        }
    }
}

/// The attributes as members; whether there were any.
fn attributes(element: &Element, out: &mut Vec<u8>) -> bool {
    for (at, attribute) in element.attributes.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write_string(&format!("@{}", attribute.name.local), out);
        out.push(b':');
        write_string(&attribute.value, out);
    }
    !element.attributes.is_empty()
}

fn object(element: &Element, nodes: &[Node], out: &mut Vec<u8>) {
    out.push(b'{');
    let mut any = attributes(element, out);
    if is_simple(nodes) {
        for member in element.elements() {
            if any {
                out.push(b',');
            }
            any = true;
            write_string(&member.name.local, out);
            out.push(b':');
            value(member, out);
        }
        return out.push(b'}');
    }
    let mut mixed = String::new();
    let members: Vec<&Element> = element.elements().collect();
    if members.len() < nodes.len() {
        mixed.extend(
            nodes.iter().filter_map(|n| if let Node::Text(text) = n { Some(text.as_str()) } else { None }),
        );
    }
    let next = next_of_same_name(&members);
    for (at, member) in members.iter().enumerate() {
        let Some(Same { first: true, next: following }) = next.get(at).copied() else { continue };
        if any {
            out.push(b',');
        }
        any = true;
        write_string(&member.name.local, out);
        out.push(b':');
        let mut following = following;
        if following.is_none() {
            value(member, out);
            continue;
        }
        out.push(b'[');
        value(member, out);
        while let Some(at) = following {
            out.push(b',');
            if let Some(member) = members.get(at) {
                value(member, out);
            }
            following = next.get(at).and_then(|same| same.next);
        }
        out.push(b']');
    }
    if !mixed.is_empty() {
        out.extend_from_slice(if any { b",\"#text\":" } else { b"\"#text\":" });
        write_string(&mixed, out);
    }
    out.push(b'}');
}

/// How many members are compared with one another: for more, a table costs less.
const FEW: usize = 8;

/// Whether these are a few elements, each with a name of its own: what most objects are, and quick to write.
fn is_simple(nodes: &[Node]) -> bool {
    nodes.len() <= FEW
        && nodes.iter().enumerate().all(|(at, node)| {
            let Node::Element(member) = node else { return false };
            let same = |node: &Node| matches!(node, Node::Element(e) if e.name.local == member.name.local);
            !nodes.iter().take(at).any(same)
        })
}

/// Whether a member is the first of its name, and where the next of the same name is.
#[derive(Debug, Clone, Copy)]
struct Same {
    first: bool,
    next: Option<usize>,
}

/// Chains members of one name, in linear time.
fn next_of_same_name(members: &[&Element]) -> Vec<Same> {
    let mut chain = vec![Same { first: true, next: None }; members.len()];
    let mut last: HashMap<&str, usize> = HashMap::new();
    let few = members.len() <= FEW;
    for (at, member) in members.iter().enumerate() {
        let name = member.name.local.as_str();
        // For a few members looking back costs less than a table.
        let before = if few {
            members.get(..at).unwrap_or_default().iter().rposition(|m| m.name.local == name)
        } else {
            last.insert(name, at)
        };
        if let Some(before) = before {
            if let Some(same) = chain.get_mut(before) {
                same.next = Some(at);
            }
            if let Some(same) = chain.get_mut(at) {
                same.first = false;
            }
        }
    }
    chain
}
