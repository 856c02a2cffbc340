//! Decoding piece by piece: a character may begin in one piece of the input and end in the next.

use crate::document::charset::Charset;

/// Appends the text of `bytes` to `out` as far as its characters are whole; `last` says that no more bytes come. Gives
/// how many bytes were decoded, and what is wrong with the next one, if something is.
pub fn decode(charset: Charset, bytes: &[u8], last: bool, out: &mut String) -> (usize, Option<&'static str>) {
    match charset {
        Charset::Utf8 => utf8(bytes, last, out),
        Charset::Ascii => {
            let length = bytes.iter().position(|b| !b.is_ascii()).unwrap_or(bytes.len());
            let (done, _) = utf8(bytes.get(..length).unwrap_or_default(), true, out);
            let wrong = "the document says it is US-ASCII, and this byte is not";
            (done, (length < bytes.len()).then_some(wrong))
        }
        Charset::Latin1 | Charset::Windows1252 => {
            out.extend(bytes.iter().filter_map(|b| charset.character(*b)));
            (bytes.len(), None)
        }
        Charset::Utf16Le => utf16(bytes, last, u16::from_le_bytes, out),
        Charset::Utf16 | Charset::Utf16Be => utf16(bytes, last, u16::from_be_bytes, out),
    }
}

fn utf8(bytes: &[u8], last: bool, out: &mut String) -> (usize, Option<&'static str>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => {
            out.push_str(text);
            (bytes.len(), None)
        }
        Err(error) => {
            let valid = error.valid_up_to();
            out.push_str(
                bytes.get(..valid).and_then(|valid| std::str::from_utf8(valid).ok()).unwrap_or_default(),
            );
            let cut = error.error_len().is_none() && !last;
            let wrong = "these bytes are not UTF-8; say the character set, or send UTF-8";
            (valid, (!cut).then_some(wrong))
        }
    }
}

fn utf16(
    bytes: &[u8],
    last: bool,
    unit: fn([u8; 2]) -> u16,
    out: &mut String,
) -> (usize, Option<&'static str>) {
    let (pairs, rest) = bytes.as_chunks::<2>();
    // The first half of a surrogate pair waits for the second one.
    let half = |pair: &[u8; 2]| (0xD800..0xDC00).contains(&unit(*pair));
    let pairs = match pairs.split_last() {
        Some((end, before)) if !last && half(end) => before,
        _ => pairs,
    };
    let mut done = 0;
    for c in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        let Ok(c) = c else {
            return (done, Some("the document is UTF-16 and has half of a surrogate pair here"));
        };
        out.push(c);
        done += 2 * c.len_utf16();
    }
    let odd = last && !rest.is_empty();
    (done, odd.then_some("the document is UTF-16 and ends within a character"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Decodes in pieces of `size` bytes.
    fn pieces(charset: Charset, bytes: &[u8], size: usize) -> Result<String, &'static str> {
        let (mut out, mut waiting) = (String::new(), Vec::new());
        let mut left = bytes;
        loop {
            let (piece, rest) = left.split_at(size.min(left.len()));
            left = rest;
            waiting.extend_from_slice(piece);
            let (done, wrong) = decode(charset, &waiting, left.is_empty(), &mut out);
            waiting.drain(..done);
            match wrong {
                Some(wrong) => return Err(wrong),
                None if left.is_empty() => return Ok(out),
                None => assert!(waiting.len() < 4),
            }
        }
    }

    #[test]
    fn what_is_cut_at_the_end_is_refused() {
        for (charset, bytes) in [
            (Charset::Utf8, &b"a\xC3"[..]),
            (Charset::Utf8, b"a\xC3a"),
            (Charset::Ascii, b"a\x80"),
            (Charset::Utf16Le, b"a\0b"),
            (Charset::Utf16Le, b"a\0\x00\xD8"),
            (Charset::Utf16Be, b"\0a\xDC\x00\0a"),
        ] {
            for size in 1..5 {
                assert!(pieces(charset, bytes, size).is_err(), "{charset:?} {bytes:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn pieces_of_any_size_are_the_whole(text in any::<String>(), size in 1..9_usize) {
            let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            for (charset, bytes) in
                [(Charset::Utf8, text.as_bytes()), (Charset::Utf16Le, &little), (Charset::Utf16Be, &big)]
            {
                prop_assert_eq!(pieces(charset, bytes, size), Ok(text.clone()));
            }
        }
    }
}
