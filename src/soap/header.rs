//! Header blocks: whom they are for, and whether they must be understood (SOAP 1.2 part 1, sections 2.6 and 5.2).

use super::Version;
use super::envelope::shortened;
use crate::document::tree::{Element, Name};

/// The blocks for this node that must be understood and are not, in order.
///
/// # Errors
/// A `mustUnderstand` has a value that it must not have; this goes before what is not understood, so that one fault
/// answers (W3C test T23).
pub(super) fn not_understood(
    headers: &[Element],
    version: Version,
    understands: &[Name],
) -> Result<Vec<Name>, String> {
    let mut missed = Vec::new();
    for block in headers {
        if must_understand(block, version)? && is_for_us(block, version) && !understands.contains(&block.name)
        {
            missed.push(block.name.clone());
        }
    }
    Ok(missed)
}

fn must_understand(block: &Element, version: Version) -> Result<bool, String> {
    let Some(value) = block.attribute_in(version.namespace(), "mustUnderstand") else { return Ok(false) };
    match (version, value.trim_matches([' ', '\t', '\r', '\n'])) {
        (_, "1") | (Version::V12, "true") => Ok(true),
        (_, "0") | (Version::V12, "false") => Ok(false),
        (version, other) => {
            let expected = if version == Version::V11 { "0 or 1" } else { "true, false, 0 or 1" };
            let found = shortened(other);
            Err(format!("mustUnderstand is {found} on {}, expected {expected}", shortened(&block.name.local)))
        }
    }
}

/// Whether the block is for the ultimate receiver, or for whoever gets it next. An empty role counts as none.
fn is_for_us(block: &Element, version: Version) -> bool {
    let name = match version {
        Version::V11 => "actor",
        Version::V12 => "role",
    };
    let role = block.attribute_in(version.namespace(), name).unwrap_or_default().trim();
    role.is_empty()
        || match version {
            Version::V11 => role == "http://schemas.xmlsoap.org/soap/actor/next",
            Version::V12 => {
                let known = role.strip_prefix("http://www.w3.org/2003/05/soap-envelope/role/");
                matches!(known, Some("next" | "ultimateReceiver"))
            }
        }
}
