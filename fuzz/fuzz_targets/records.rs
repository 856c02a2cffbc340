//! The records of a document are what a path selects of the whole: the first byte says XML or JSON.
#![no_main]

use bytes::{Buf, Bytes};
use libfuzzer_sys::fuzz_target;
use soapstone::document::codec::{Codec, Limits};
use soapstone::document::json::JSON;
use soapstone::document::path::{At, Found, Path};
use soapstone::document::records::{Bounds, RecordPath};
use soapstone::xml::XML;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, bytes)) = bytes.split_first() else { return };
    let (codec, text): (&'static dyn Codec, _) = match first & 1 {
        0 => (&XML, "a/b"),
        _ => (&JSON, "$.a[*]"),
    };
    let bytes = Bytes::copy_from_slice(bytes);
    let path = RecordPath::parse(text, codec.language()).unwrap();
    let mut records = codec.records(Box::new(bytes.clone().reader()), &path, Bounds::default()).unwrap();
    let mut read = Vec::new();
    let ended = loop {
        match records.next() {
            Ok(Some(record)) => read.push(record),
            Ok(None) => break true,
            Err(_) => break false,
        }
    };
    // Text beside records is refused by the one and kept by the other; what both take must be the same.
    if let (true, Ok(root)) = (ended, codec.decode(&bytes, &Limits::default())) {
        let path = Path::parse(text, codec.language()).unwrap();
        let selected = path.select(At::Document(&root));
        assert_eq!(read.len(), selected.len());
        for (record, found) in read.iter().zip(selected) {
            let Found::Element(element) = found else { panic!("a path of elements found an attribute") };
            assert_eq!(record.content, element.content);
        }
    }
});
