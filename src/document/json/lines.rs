//! Lines of members and items: one pass over a text that is known to be JSON.

use crate::document::ways::{Lines, Ways};

/// The lines at which members (at their names) and items begin; see [`Codec::lines`](crate::document::codec::Codec::lines).
pub(super) fn lines(bytes: &[u8], ways: &[&[usize]]) -> Vec<Option<usize>> {
    let mut ways = Ways::new(ways);
    let mut lines = Lines::new(bytes);
    let mut way: Vec<usize> = Vec::new();
    // Whether the next token begins an element.
    let mut fresh = true;
    let mut at = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    while let Some(byte) = bytes.get(at).copied().filter(|_| !ways.is_done()) {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b':' => {}
            b'}' | b']' => {
                way.pop();
                fresh = false;
            }
            b',' => {
                if let Some(last) = way.last_mut() {
                    *last += 1;
                }
                fresh = true;
            }
            _ => {
                if std::mem::take(&mut fresh) {
                    ways.meet(&way, || lines.at(at));
                }
                match byte {
                    b'{' | b'[' => {
                        way.push(0);
                        fresh = true;
                    }
                    b'"' => at = string_end(bytes, at),
                    _ => {}
                }
            }
        }
        at += 1;
    }
    ways.lines()
}

/// Where the quote stands that ends the string which begins at `start`.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        match memchr::memchr2(b'"', b'\\', rest) {
            Some(length) if rest.get(length) == Some(&b'\\') => at += length + 2,
            Some(length) => return at + length,
            None => return bytes.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_member_begins_at_its_name_and_an_item_at_its_value() {
        let text = b"\xEF\xBB\xBF\n{\"a\\\"{\":\n1,\n\"b\": [\n{}, [], \"]\\\\\",\n\ntrue\n],\n\"c\":{\n}}";
        let ways: [&[usize]; 8] = [&[], &[0], &[1], &[1, 0], &[1, 2], &[1, 3], &[2], &[2, 0]];
        let found = lines(text, &ways);
        assert_eq!(found, [Some(2), Some(2), Some(4), Some(5), Some(5), Some(7), Some(9), None]);
    }

    /// A value written with a line end before each element, and the way to each in document order.
    fn write(value: &serde_json::Value, way: &mut Vec<usize>, out: &mut String, ways: &mut Vec<Vec<usize>>) {
        use serde_json::Value;
        if let Value::Array(items) = value {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { "\n,\n" } else { "\n\n" });
                way.push(at);
                ways.push(way.clone());
                write(item, way, out, ways);
                way.pop();
            }
            out.push(']');
        } else if let Value::Object(members) = value {
            out.push('{');
            for (at, (name, member)) in members.iter().enumerate() {
                out.push_str(if at > 0 { "\n,\n" } else { "\n\n" });
                way.push(at);
                ways.push(way.clone());
                out.push_str(&format!("{}: ", Value::from(name.as_str())));
                write(member, way, out, ways);
                way.pop();
            }
            out.push('}');
        } else {
            out.push_str(&value.to_string());
        }
    }

    fn value() -> impl Strategy<Value = serde_json::Value> {
        let leaf =
            prop_oneof!["[\"\\\\{}\\[\\],:a\n]{0,6}".prop_map(serde_json::Value::from), Just(7.into())];
        leaf.prop_recursive(4, 30, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
                prop::collection::vec(("[a\"{]{0,3}", inner), 0..5)
                    .prop_map(|members| { serde_json::Value::Object(members.into_iter().collect()) }),
            ]
        })
    }

    proptest! {
        #[test]
        fn each_of_a_random_tree_has_its_line(value in value()) {
            let (mut out, mut ways) = (String::new(), Vec::new());
            write(&value, &mut Vec::new(), &mut out, &mut ways);
            let wanted: Vec<&[usize]> = ways.iter().rev().map(Vec::as_slice).collect();
            // Each element adds two line ends before it.
            let right: Vec<_> = (0..ways.len()).rev().map(|at| Some(3 + 2 * at)).collect();
            prop_assert_eq!(lines(out.as_bytes(), &wanted), right);
        }

        #[test]
        fn other_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            lines(&bytes, &[&[], &[0], &[0, 1], &[2]]);
        }
    }
}
