//! Where parts of an element stand in a text that is known to be well-formed: its end, the values of its attributes.

use std::ops::Range;

use quick_xml::Reader as Events;
use quick_xml::events::Event;

use super::chars::is_space;
use super::cursor::Cursor;

/// The byte behind the element whose start tag begins at the byte `start`; `None` when none begins there.
pub fn element_end(text: &str, start: usize) -> Option<usize> {
    let mut events = Events::from_str(text.get(start..)?);
    let mut depth = 0_usize;
    loop {
        match events.read_event().ok()? {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.checked_sub(1)?,
            Event::Empty(_) => {}
            Event::Eof => return None,
            _ => continue,
        }
        if depth == 0 {
            return Some(start + usize::try_from(events.buffer_position()).ok()?);
        }
    }
}

/// The bytes between the quotes of an attribute, as its name is written, of the element whose start tag begins at the byte
/// `start`; `None` when it has no such attribute.
pub fn attribute_value(text: &str, start: usize, name: &str) -> Option<Range<usize>> {
    let mut cursor = Cursor::new(text.get(start..)?, start);
    if !cursor.take_byte(b'<') {
        return None;
    }
    cursor.take_while(|b| !is_space(b) && b != b'>' && b != b'/');
    loop {
        cursor.skip_space();
        let found = cursor.take_while(|b| !is_space(b) && !matches!(b, b'=' | b'>' | b'/'));
        if found.is_empty() {
            return None;
        }
        let value = cursor.take_value(found).ok()?;
        if found == name {
            let end = cursor.offset - 1;
            return Some(end - value.len()..end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_an_element_is_behind_its_end_tag() {
        let text = "<a><!-- </b> --><b c='>'><b/><![CDATA[</b>]]></b ><d/></a>";
        let at = |tag: &str| text.find(tag).unwrap();
        assert_eq!(element_end(text, at("<b c")), Some(at("<d/>")));
        assert_eq!(element_end(text, at("<d/>")), Some(at("</a>")));
        assert_eq!(element_end(text, 0), Some(text.len()));
        assert_eq!(element_end("<a><b>", 0), None);
        assert_eq!(element_end("a", 5), None);
    }

    #[test]
    fn the_value_of_an_attribute_is_between_its_quotes() {
        let text = "<x/><s:address a='location=\"no\"' location = \"http://a/\"/>";
        let range = attribute_value(text, 4, "location").unwrap();
        assert_eq!(text.get(range), Some("http://a/"));
        assert_eq!(attribute_value(text, 4, "b"), None);
        assert_eq!(attribute_value(text, 0, "b"), None);
        assert_eq!(attribute_value(text, 1, "b"), None);
    }
}
