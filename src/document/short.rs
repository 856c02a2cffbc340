//! Looking for bytes that need care, eight at a time: most texts of a document are short, and have none.

/// A byte in each place of a word.
const ONES: u64 = 0x0101_0101_0101_0101;

/// The highest bit of each byte of a word.
const HIGHEST: u64 = 0x8080_8080_8080_8080;

/// Bytes from which on vector instructions pay.
pub const SHORT: usize = 48;

/// Where the first control character (below 0x20) or one of `others` stands.
pub fn control_or<const N: usize>(bytes: &[u8], others: [u8; N]) -> Option<usize> {
    let (words, rest) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let marks = marks(u64::from_le_bytes(*word), others);
        if marks != 0 {
            // The first byte of the text is the lowest of its word.
            return Some(8 * at + usize::from(u8::try_from(marks.trailing_zeros() / 8).unwrap_or_default()));
        }
    }
    let at = rest.iter().position(|byte| *byte < 0x20 || others.contains(byte))?;
    Some(bytes.len() - rest.len() + at)
}

/// Whether there is a control character or one of `others`. Of a longer text all is looked at, without an early end, which
/// the compiler turns into vector instructions.
pub fn has_control_or<const N: usize>(bytes: &[u8], others: [u8; N]) -> bool {
    if bytes.len() < SHORT {
        return control_or(bytes, others).is_some();
    }
    let is = |byte: u8| others.iter().fold(byte < 0x20, |is, other| is | (byte == *other));
    bytes.iter().fold(false, |any, byte| any | is(*byte))
}

/// The highest bit of the lowest byte that is looked for, and perhaps of bytes above it; 0 where there is none.
fn marks<const N: usize>(word: u64, others: [u8; N]) -> u64 {
    // A subtraction borrows from the bytes above only where the byte itself is below `least`.
    let below = |word: u64, least: u8| word.wrapping_sub(ONES * u64::from(least)) & !word;
    let equal = |marks: u64, other: &u8| marks | below(word ^ (ONES * u64::from(*other)), 1);
    (below(word, 0x20) | others.iter().fold(0, equal)) & HIGHEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_told_at_every_place() {
        let slow = |bytes: &[u8]| bytes.iter().position(|b| *b < 0x20 || [b'"', b'\\', 0xEF].contains(b));
        for around in [b'a', b' ', b'!', b'#', 0x7F, 0x80, 0xA0, 0xFF] {
            for byte in 0..=u8::MAX {
                for at in 0..20 {
                    let mut bytes = [around; 20];
                    bytes[at] = byte;
                    assert_eq!(control_or(&bytes, [b'"', b'\\', 0xEF]), slow(&bytes), "{bytes:?}");
                    bytes[19 - at] = 0x1F;
                    assert_eq!(control_or(&bytes, [b'"', b'\\', 0xEF]), slow(&bytes), "{bytes:?}");
                }
            }
        }
        assert_eq!(control_or(b"", [b'"']), None);
    }

    #[test]
    fn long_texts_are_looked_through_as_short_ones_are() {
        for length in [1, SHORT - 1, SHORT, 3 * SHORT] {
            let mut bytes = vec![b'a'; length];
            assert!(!has_control_or(&bytes, [b'<']));
            bytes[length - 1] = b'<';
            assert!(has_control_or(&bytes, [b'<']) && !has_control_or(&bytes, [b'>']));
            bytes[0] = b'\n';
            assert!(has_control_or(&bytes, [b'>']));
        }
    }
}
