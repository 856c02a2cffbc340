//! The reader of envelopes: takes a parsed message apart by the grammar of its version (SOAP 1.2 part 1, section 5).

use super::Version;
use super::encoding;
use super::header::{Block, Roles};
use crate::document::codec::Limits;
use crate::document::tree::{Content, Element, Name, Node};

/// A message taken apart; its parts are moved out of the tree, never copied.
#[derive(Debug, PartialEq)]
pub struct Message {
    /// The version of its envelope.
    pub version: Version,
    /// The header blocks in order.
    pub blocks: Vec<Block>,
    /// The children of the body: one at most, unless it is encoded.
    body: Vec<Element>,
    /// Whether the body says that it is encoded (SOAP 1.1 section 5; SOAP 1.2 part 2, section 3).
    pub is_encoded: bool,
}

impl Message {
    /// The blocks for this node that must be understood and that it does not process, in order.
    pub fn not_understood<'n>(&self, processed: impl Fn(&Name) -> bool + 'n) -> Vec<Name> {
        let mandatory = self.blocks.iter().filter(|block| block.is_ours && block.is_mandatory);
        let names = mandatory.map(|block| &block.element.name);
        names.filter(|name| !processed(name)).cloned().collect()
    }

    /// Checks the encodings of the blocks for this node that it processes.
    ///
    /// # Errors
    /// One is encoded in a way that is not read.
    pub fn check_encodings(&self, processed: &[Name]) -> Result<(), Refused> {
        let is_it = |block: &&Block| block.is_ours && processed.contains(&block.element.name);
        let mut blocks = self.blocks.iter().filter(is_it);
        blocks
            .try_for_each(|block| encoding::is_read(&block.element, self.version))
            .map_err(Refused::Encoding)
    }

    /// The element that says what the message is for; `None` for an empty body.
    pub fn root(&self) -> Option<&Element> {
        self.body.get(encoding::root(&self.body, self.version))
    }

    /// The body as a literal document.
    ///
    /// # Errors
    /// It holds more than one element (BP R2201).
    fn literal(body: Vec<Element>, version: Version) -> Result<Option<Element>, Refused> {
        let mut children = body.into_iter();
        let Some(mut child) = children.next() else { return Ok(None) };
        if children.next().is_some() {
            return Err(grammar("the Body holds more than one element"));
        }
        child.attributes.retain(|attribute| !attribute.name.is(version.namespace(), "encodingStyle"));
        Ok(Some(child))
    }

    /// Takes the body out of it; with what it refers to put in place where it is encoded and `decodes`. `names_part` says
    /// whether an address is that of a part of the message beside the envelope.
    ///
    /// # Errors
    /// It is against the grammar or against its encoding.
    pub fn take_body(
        &mut self,
        decodes: bool,
        limits: &Limits,
        names_part: &dyn Fn(&str) -> bool,
    ) -> Result<Option<Element>, Refused> {
        let body = std::mem::take(&mut self.body);
        if !(decodes && self.is_encoded) {
            return Self::literal(body, self.version);
        }
        let inlined = encoding::inline(body, &self.blocks, self.version, limits, names_part);
        inlined.map_err(|(code, why)| Refused::Encoded(code, why))
    }
}

/// Why a message is not processed. Nothing of it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// The envelope is of a version that is not served here.
    VersionMismatch(String),
    /// It is no envelope, or one against the grammar: the sender's fault.
    Grammar(String),
    /// An encoding style that is not read.
    Encoding(String),
    /// A body against the rules of its encoding, with the subcode that the encoding has for it.
    Encoded(&'static str, String),
}

/// Takes a message apart. `served` are the versions that are answered here, `roles` what this node is. Whether what must be
/// understood is, the caller asks when it knows what the message is for: [`Message::not_understood`].
///
/// # Errors
/// The first that holds of: version, grammar, encoding.
pub fn take(root: Element, served: &[Version], roles: &Roles) -> Result<Message, Refused> {
    let version = version_of(&root, served)?;
    own_attributes(&root, version)?;
    // SOAP 1.1 lets the encoding be named on the way to what is encoded.
    let outer = encoding::style_of(&root, version);
    let (header, body) = parts(root, version)?;
    let blocks = header.map_or_else(|| Ok(Vec::new()), |header| blocks(header, version, roles))?;
    own_attributes(&body, version)?;
    let outer = encoding::style_of(&body, version).or(outer);
    let body = children(body, "Body")?;
    let is_encoded = encoding::is_encoded(&body, outer.as_deref(), version).map_err(Refused::Encoding)?;
    if body.len() > 1 && !is_encoded {
        return Err(grammar("the Body holds more than one element"));
    }
    Ok(Message { version, blocks, body, is_encoded })
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

fn blocks(header: Element, version: Version, roles: &Roles) -> Result<Vec<Block>, Refused> {
    own_attributes(&header, version)?;
    let blocks = children(header, "Header")?;
    if let Some(block) = blocks.iter().find(|block| block.name.namespace.is_none()) {
        let found = shortened(&block.name.local);
        return Err(grammar(format!("the header block {found} is in no namespace")));
    }
    let read = |element| Block::read(element, version, roles).map_err(Refused::Grammar);
    blocks.into_iter().map(read).collect()
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
