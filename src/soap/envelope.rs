//! The reader of envelopes: takes a parsed message apart by the grammar of its version (SOAP 1.2 part 1, section 5).

use super::Version;
use super::header;
use crate::document::tree::{Content, Element, Name, Node};

/// A message taken apart; its parts are moved out of the tree, never copied.
#[derive(Debug, PartialEq)]
pub struct Message {
    /// The version of its envelope.
    pub version: Version,
    /// The header blocks in order.
    pub headers: Vec<Element>,
    /// The one child of the body, if it has one.
    pub body: Option<Element>,
}

/// Why a message is not processed. Nothing of it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// The envelope is of a version that is not served here.
    VersionMismatch(String),
    /// It is no envelope, or one against the grammar: the sender's fault.
    Grammar(String),
    /// Mandatory header blocks for this node that it does not process, in order.
    MustUnderstand(Vec<Name>),
    /// An encoding style that is not read: only literal messages are.
    Encoding(String),
}

/// Takes a message apart. `served` are the versions that are answered here, `understands` the header blocks that are
/// processed. This node is the ultimate receiver; blocks for other roles are kept and not looked at.
///
/// # Errors
/// The first that holds of: version, grammar, header blocks that must be understood.
pub fn take(root: Element, served: &[Version], understands: &[Name]) -> Result<Message, Refused> {
    let version = version_of(&root, served)?;
    own_attributes(&root, version)?;
    let (header, body) = parts(root, version)?;
    let headers = header.map_or_else(|| Ok(Vec::new()), |header| blocks(header, version))?;
    let body = body_child(body, version)?;
    let missed = header::not_understood(&headers, version, understands).map_err(Refused::Grammar)?;
    if missed.is_empty() {
        Ok(Message { version, headers, body })
    } else {
        Err(Refused::MustUnderstand(missed))
    }
}

/// The version by the namespace of the document element, whatever the transport said.
fn version_of(root: &Element, served: &[Version]) -> Result<Version, Refused> {
    if root.name.local != "Envelope" {
        let found = shortened(&root.name.local);
        return Err(grammar(format!("found the element {found}, expected a SOAP Envelope")));
    }
    let namespace = root.name.namespace.as_deref().unwrap_or_default();
    match Version::of(namespace) {
        Some(version) if served.contains(&version) => Ok(version),
        Some(version) => {
            let message = format!("SOAP {} is not served at this address", version.as_str());
            Err(Refused::VersionMismatch(message))
        }
        None => {
            let found = shortened(namespace);
            Err(Refused::VersionMismatch(format!(
                "the Envelope's namespace {found} is that of no SOAP version"
            )))
        }
    }
}

/// Attributes of Envelope, Header and Body: with a namespace and without `encodingStyle` in 1.2 (sections 5.1 to 5.3).
/// SOAP 1.1 allows both, and old clients send them.
fn own_attributes(element: &Element, version: Version) -> Result<(), Refused> {
    if version == Version::V11 {
        return Ok(());
    }
    let name = &element.name.local;
    for attribute in &element.attributes {
        if attribute.name.namespace.is_none() {
            let found = shortened(&attribute.name.local);
            return Err(grammar(format!("the attribute {found} of {name} is in no namespace")));
        }
        if attribute.name.is(version.namespace(), "encodingStyle") {
            return Err(grammar(format!("encodingStyle must not stand on {name}")));
        }
    }
    Ok(())
}

/// Header and Body: `Header? Body`, and nothing else (BP R1011 says so for SOAP 1.1 too).
fn parts(root: Element, version: Version) -> Result<(Option<Element>, Element), Refused> {
    let (mut header, mut body) = (None, None);
    for child in children(root, "Envelope")? {
        let is = |local| child.name.is(version.namespace(), local);
        if is("Header") && header.is_none() && body.is_none() {
            header = Some(child);
        } else if is("Body") && body.is_none() {
            body = Some(child);
        } else if body.is_some() {
            let found = shortened(&child.name.local);
            return Err(grammar(format!("found {found} behind the Body, which ends an Envelope")));
        } else {
            let found = shortened(&child.name.local);
            return Err(grammar(format!("found {found} in the Envelope, expected one Header or the Body")));
        }
    }
    match body {
        Some(body) => Ok((header, body)),
        None => Err(grammar("the Envelope has no Body")),
    }
}

fn blocks(header: Element, version: Version) -> Result<Vec<Element>, Refused> {
    own_attributes(&header, version)?;
    let blocks = children(header, "Header")?;
    match blocks.iter().find(|block| block.name.namespace.is_none()) {
        Some(block) => {
            let found = shortened(&block.name.local);
            Err(grammar(format!("the header block {found} is in no namespace")))
        }
        None => Ok(blocks),
    }
}

/// The body's only child; messages are literal documents, which have no other (BP R2201).
fn body_child(body: Element, version: Version) -> Result<Option<Element>, Refused> {
    own_attributes(&body, version)?;
    let mut children = children(body, "Body")?.into_iter();
    let Some(mut child) = children.next() else { return Ok(None) };
    if children.next().is_some() {
        return Err(grammar("the Body holds more than one element"));
    }
    let style = child.attribute_in(version.namespace(), "encodingStyle").map(|style| style.trim().to_owned());
    if let Some(style) = style {
        let none = [
            "",
            "http://www.w3.org/2003/05/soap-envelope/encoding/none",
            "http://schemas.xmlsoap.org/soap/encoding/",
        ];
        // The encoding of SOAP 1.1 is named by clients whose messages are literal all the same.
        let known = if version == Version::V11 { none.as_slice() } else { none.get(..2).unwrap_or_default() };
        if !known.contains(&style.as_str()) {
            let found = shortened(&style);
            return Err(Refused::Encoding(format!(
                "the encoding style {found} is not read; send literal XML"
            )));
        }
        child.attributes.retain(|attribute| !attribute.name.is(version.namespace(), "encodingStyle"));
    }
    Ok(Some(child))
}

/// The child elements by value; text other than white space is against the grammar.
fn children(element: Element, name: &str) -> Result<Vec<Element>, Refused> {
    let stray = || grammar(format!("found text in the {name}, expected only elements"));
    let blank = |text: &str| text.trim_matches([' ', '\t', '\r', '\n']).is_empty();
    match element.content {
        Content::Empty | Content::Nil => Ok(Vec::new()),
        Content::Children(nodes) | Content::Items(nodes) => nodes
            .into_iter()
            .filter_map(|node| match node {
                Node::Element(element) => Some(Ok(element)),
                Node::Text(text) => (!blank(&text)).then(|| Err(stray())),
            })
            .collect(),
        Content::Text(text) if blank(&text) => Ok(Vec::new()),
        Content::Text(_) | Content::Number(_) | Content::Bool(_) => Err(stray()),
    }
}

fn grammar(message: impl Into<String>) -> Refused {
    Refused::Grammar(message.into())
}

/// A text of the sender, in quotes and not longer than 60 characters.
pub(super) fn shortened(text: &str) -> String {
    let short: String = text.chars().take(60).map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("`{short}`")
}

#[cfg(test)]
#[path = "envelope_tests.rs"]
mod tests;
