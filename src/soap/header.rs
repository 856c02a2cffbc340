//! Header blocks: whom they are for, whether they must be understood, and which an intermediary passes on (SOAP 1.2
//! part 1, sections 2.6, 2.7 and 5.2).

use super::Version;
use super::envelope::shortened;
use crate::document::tree::{Element, Name};

/// Which part a node plays on the way of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roles {
    /// The roles it acts in by name, beside those of SOAP itself.
    pub named: Vec<String>,
    /// Whether the message goes on from here: then this node is not its ultimate receiver.
    pub is_intermediary: bool,
}

/// A header block of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The element.
    pub element: Element,
    /// Whether it is for this node.
    pub is_ours: bool,
    /// Whether it must be understood by whom it is for.
    pub is_mandatory: bool,
    /// Whether an intermediary that it is for passes it on where it does not process it.
    pub relays: bool,
}

/// Where a block goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Ultimate,
    Next,
    Nobody,
    Named(bool),
}

impl Block {
    /// Reads the attributes of a block.
    ///
    /// # Errors
    /// `mustUnderstand` or `relay` has a value that it must not have; this goes before what is not understood, so that
    /// one fault answers (W3C test T23).
    pub(super) fn read(element: Element, version: Version, roles: &Roles) -> Result<Self, String> {
        let is_mandatory = flag(&element, version, "mustUnderstand")?;
        // SOAP 1.1 has no such attribute: a block that nobody has processed goes no further.
        let relays = version == Version::V12 && flag(&element, version, "relay")?;
        let is_ours = match target(&element, version, roles) {
            Target::Ultimate => !roles.is_intermediary,
            Target::Next => true,
            Target::Nobody => false,
            Target::Named(is_ours) => is_ours,
        };
        Ok(Self { element, is_ours, is_mandatory, relays })
    }

    /// Whether an intermediary passes it on: it is for another node, or may go past this one. `processed` are the blocks
    /// that this node processes (section 2.7.2, table 3).
    pub fn goes_on(&self, processed: &[Name]) -> bool {
        !self.is_ours || (self.relays && !processed.contains(&self.element.name))
    }
}

fn flag(block: &Element, version: Version, name: &str) -> Result<bool, String> {
    let Some(value) = block.attribute_in(version.namespace(), name) else { return Ok(false) };
    match (version, value.trim_matches([' ', '\t', '\r', '\n'])) {
        (_, "1") | (Version::V12, "true") => Ok(true),
        (_, "0") | (Version::V12, "false") => Ok(false),
        (version, other) => {
            let expected = if version == Version::V11 { "0 or 1" } else { "true, false, 0 or 1" };
            let found = shortened(other);
            Err(format!("{name} is {found} on {}, expected {expected}", shortened(&block.name.local)))
        }
    }
}

/// An empty role counts as none, which is the ultimate receiver.
fn target(block: &Element, version: Version, roles: &Roles) -> Target {
    let name = match version {
        Version::V11 => "actor",
        Version::V12 => "role",
    };
    let role = block.attribute_in(version.namespace(), name).unwrap_or_default().trim();
    if role.is_empty() {
        return Target::Ultimate;
    }
    let named = || Target::Named(roles.named.iter().any(|own| own == role));
    match version {
        Version::V11 if role == "http://schemas.xmlsoap.org/soap/actor/next" => Target::Next,
        Version::V11 => named(),
        Version::V12 => match role.strip_prefix("http://www.w3.org/2003/05/soap-envelope/role/") {
            Some("next") => Target::Next,
            Some("none") => Target::Nobody,
            Some("ultimateReceiver") => Target::Ultimate,
            _ => named(),
        },
    }
}
