//! The XML declaration, processing instructions, and what else stands outside the elements.

use super::chars::{is_ncname, is_space};
use super::cursor::{Cursor, Wrong, syntax};

/// A pseudo-attribute of the declaration, and which values it may have.
type Known = (&'static str, fn(&str) -> bool);

/// Checks `<?xml version="1.0" encoding="..." standalone="..."?>` (XML 1.0, productions 23 to 32).
///
/// Any version 1.x is read as 1.0 is (section 2.8); returned is whether it says 1.1, which allows fewer characters.
pub(super) fn declaration(markup: &str, offset: usize) -> Result<bool, Wrong> {
    if offset != 0 {
        return Err(syntax(offset, "an XML declaration can only be the very first thing in a document"));
    }
    let content = markup.strip_prefix("<?xml").and_then(|rest| rest.strip_suffix("?>")).unwrap_or_default();
    let mut cursor = Cursor::new(content, 5);
    let mut known: &[Known] =
        &[("version", is_version), ("encoding", is_encoding), ("standalone", is_standalone)];
    let mut first = true;
    let mut is_1_1 = false;
    loop {
        let space = cursor.skip_space();
        if cursor.rest.is_empty() {
            break;
        }
        let place = cursor.offset;
        let name = cursor.take_while(|b| !is_space(b) && b != b'=');
        let Some(at) = known.iter().position(|(n, _)| *n == name).filter(|_| space) else {
            return Err(syntax(
                place,
                "an XML declaration has version, encoding and standalone, in this order",
            ));
        };
        if first && name != "version" {
            return Err(syntax(place, "an XML declaration begins with version=\"1.0\""));
        }
        first = false;
        let value = cursor.take_value(name)?;
        if known.get(at).is_some_and(|(_, valid)| !valid(value)) {
            return Err(syntax(
                place,
                format!("this value of `{name}` is not one an XML declaration can have"),
            ));
        }
        is_1_1 |= name == "version" && value == "1.1";
        known = known.get(at + 1..).unwrap_or_default();
    }
    if first {
        return Err(syntax(offset, "an XML declaration needs version=\"1.0\""));
    }
    Ok(is_1_1)
}

fn is_version(value: &str) -> bool {
    value
        .strip_prefix("1.")
        .is_some_and(|minor| !minor.is_empty() && minor.bytes().all(|b| b.is_ascii_digit()))
}

fn is_encoding(value: &str) -> bool {
    value.starts_with(|c: char| c.is_ascii_alphabetic())
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

fn is_standalone(value: &str) -> bool {
    matches!(value, "yes" | "no")
}

/// Checks a processing instruction's target (XML 1.0, productions 16 and 17); the instruction itself is dropped.
pub(super) fn instruction(markup: &str, offset: usize) -> Result<(), Wrong> {
    let content = markup.strip_prefix("<?").and_then(|rest| rest.strip_suffix("?>")).unwrap_or_default();
    let target = Cursor::new(content, offset).take_while(|b| !is_space(b));
    if target.eq_ignore_ascii_case("xml") {
        return Err(syntax(offset, "a processing instruction cannot be named xml"));
    }
    if !is_ncname(target) {
        return Err(syntax(offset, "a processing instruction begins with a name"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations() {
        for good in ["version='1.0'", "version = \"1.1\" encoding='UTF-8' ", "version='1.0' standalone='no'"]
        {
            assert!(declaration(&format!("<?xml {good}?>"), 0).is_ok(), "{good}");
        }
        for bad in [
            "",
            "encoding='UTF-8'",
            "version='2.0'",
            "version='1.0' standalone='YES'",
            "version='1.0'encoding='UTF-8'",
            "version='1.0' standalone='no' encoding='UTF-8'",
            "version='1.0' encoding='-8'",
            "version='1.0' x='y'",
            "version='1.0' version='1.0'",
            "version=1.0",
        ] {
            assert!(declaration(&format!("<?xml {bad}?>"), 0).is_err(), "{bad}");
        }
        assert!(declaration("<?xml version='1.0'?>", 1).is_err());
    }
}
