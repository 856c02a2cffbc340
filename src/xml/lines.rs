//! Lines of elements: one pass over a text that is known to be well-formed.

use quick_xml::Reader as Events;
use quick_xml::events::Event;

use crate::document::ways::{Lines, Ways};

/// The lines at which elements' start tags begin; see [`Codec::lines`](crate::document::codec::Codec::lines).
pub(super) fn lines(text: &str, ways: &[&[usize]]) -> Vec<Option<usize>> {
    let mut ways = Ways::new(ways);
    let mut lines = Lines::new(text.as_bytes());
    let mut events = Events::from_str(text);
    let mut way: Vec<usize> = Vec::new();
    // The position that the next element has among its siblings.
    let mut position = 0;
    let mut start = 0;
    let mut inside = false;
    while !ways.is_done() {
        match events.read_event() {
            Ok(event @ (Event::Start(_) | Event::Empty(_))) => {
                if std::mem::replace(&mut inside, true) {
                    way.push(position);
                }
                ways.meet(&way, || lines.at(start));
                if matches!(event, Event::Start(_)) {
                    position = 0;
                } else {
                    position = way.pop().map_or(0, |last| last + 1);
                }
            }
            Ok(Event::End(_)) => position = way.pop().map_or(0, |last| last + 1),
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
        start = usize::try_from(events.buffer_position()).unwrap_or(text.len());
    }
    ways.lines()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_element_begins_where_its_start_tag_does() {
        let text = "<?xml version='1.0'?>\n<!--\n--><r>\n<a\n b='\n'>x</a> <b/>\n<c>\n<d/></c></r>";
        let ways: [&[usize]; 7] = [&[], &[0], &[1], &[2], &[2, 0], &[0, 0], &[3]];
        let found = lines(text, &ways);
        assert_eq!(found, [Some(3), Some(4), Some(6), Some(7), Some(8), None, None]);
    }

    /// The way to each element of a tree of that form, in document order, and its text: lines as its indentation has them.
    fn write(form: &[u8], out: &mut String, ways: &mut Vec<Vec<usize>>) {
        // Each byte opens an element, or closes one after opening it.
        let (mut way, mut counts): (Vec<usize>, Vec<usize>) = (Vec::new(), vec![0]);
        ways.push(Vec::new());
        out.push_str("<r>");
        for byte in form {
            let position = counts.last().copied().unwrap();
            way.push(position);
            ways.push(way.clone());
            *counts.last_mut().unwrap() += 1;
            match byte % 4 {
                0 => out.push_str("\n<e/>"),
                1 => out.push_str("\n<e x='>'\n>t<!-- <e> --></e><![CDATA[<e>]]>"),
                _ => {
                    out.push_str("\n<e>");
                    counts.push(0);
                    continue;
                }
            }
            way.pop();
            if byte % 3 == 0 && way.pop().is_some() {
                counts.pop();
                out.push_str("</e>");
            }
        }
        out.push_str(&"</e>".repeat(way.len()));
        out.push_str("</r>");
    }

    proptest! {
        #[test]
        fn each_of_a_random_tree_has_its_line(form in prop::collection::vec(any::<u8>(), 0..40)) {
            let (mut text, mut ways) = (String::new(), Vec::new());
            write(&form, &mut text, &mut ways);
            let mut expected = vec![Some(1)];
            let mut line = 1;
            for byte in &form {
                line += 1;
                expected.push(Some(line));
                line += usize::from(byte % 4 == 1);
            }
            let mut wanted: Vec<&[usize]> = ways.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(lines(&text, &wanted), expected.clone());
            wanted.reverse();
            expected.reverse();
            prop_assert_eq!(lines(&text, &wanted), expected);
        }
    }
}
