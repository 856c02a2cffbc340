//! What is read as fixed-width records and can be written comes out the same when it is read again.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use soapstone::document::charset::Charset;
use soapstone::document::codec::{Codec, Limits};
use soapstone::document::flat::Holds;
use soapstone::document::flat::fixed::{Align, Field, Fixed, Framing, Record, Tag};

fn field(name: &str, at: usize, length: usize) -> Field {
    Field { name: name.into(), at, length, pad: ' ', align: Align::Left, holds: Holds::Text, decimals: 0 }
}

fn record(name: &str, tag: &str, fields: Vec<Field>, records: Vec<Record>) -> Record {
    let tag = (!tag.is_empty()).then(|| Tag { at: 0, text: tag.into() });
    Record { name: name.into(), tag, fields, records, length: 12, group: false, once: false }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((first, bytes)) = bytes.split_first() else { return };
    let number = Field {
        pad: '0',
        align: Align::Right,
        holds: Holds::Number,
        decimals: usize::from(first >> 6),
        ..field("number", 5, 7)
    };
    let detail = record("detail", "D", vec![field("text", 1, 4), number], Vec::new());
    let header = record("header", "H", vec![field("id", 1, 3)], vec![detail]);
    let other = record("other", "", vec![field("rest", 0, 12)], Vec::new());
    let framing = if first & 1 != 0 { Framing::Blocks(12) } else { Framing::Lines("\n") };
    let charset = if first & 2 != 0 { Charset::Latin1 } else { Charset::Utf8 };
    let fixed = Fixed::new(vec![header, other], framing, charset);
    let bytes = Bytes::copy_from_slice(bytes);
    let _ = fixed.lines(&bytes, &[&[0], &[1, 1, 0]]);
    if let Ok(root) = fixed.decode(&bytes, &Limits::default()) {
        let mut out = Vec::new();
        // What stands where a number should, cannot be written; and a number that is written loses its exponent.
        if fixed.encode(&root, &mut out).is_ok() {
            let second = fixed.decode(&Bytes::from(out.clone()), &Limits::default()).unwrap();
            let mut again = Vec::new();
            fixed.encode(&second, &mut again).unwrap();
            assert_eq!(again, out);
        }
    }
});
