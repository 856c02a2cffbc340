//! What is read as CSV can be written, and reads back as the same tree.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use soapstone::document::charset::Charset;
use soapstone::document::codec::{Codec, Limits};
use soapstone::document::flat::csv::Csv;
use soapstone::document::flat::{Column, Holds};

fuzz_target!(|bytes: &[u8]| {
    let Some((first, bytes)) = bytes.split_first() else { return };
    let column = |name: &str, holds| Column { name: name.into(), title: name.into(), holds };
    let csv = Csv {
        header: first & 1 != 0,
        quote: (first & 2 != 0).then_some(b'"'),
        charset: if first & 4 != 0 { Charset::Windows1252 } else { Charset::Utf8 },
        ..Csv::of(vec![column("a", Holds::Text), column("b", Holds::Number)])
    };
    let bytes = Bytes::copy_from_slice(bytes);
    let _ = csv.lines(&bytes, &[&[0], &[7, 1]]);
    if let Ok(root) = csv.decode(&bytes, &Limits::default()) {
        let mut out = Vec::new();
        // A byte order mark beats the character set, which then may lack what was read.
        match csv.encode(&root, &mut out) {
            Ok(()) => assert_eq!(csv.decode(&Bytes::from(out), &Limits::default()), Ok(root)),
            Err(unwritable) => assert!(!unwritable.message.is_empty()),
        }
    }
});
