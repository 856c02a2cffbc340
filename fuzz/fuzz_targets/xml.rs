//! What is read as XML can be written, and reads back as the same tree.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use soapstone::document::codec::{Codec, Limits};
use soapstone::xml::XML;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(root) = XML.decode(&Bytes::copy_from_slice(bytes), &Limits::default()) {
        let mut out = Vec::new();
        XML.encode(&root, &mut out).unwrap();
        assert_eq!(XML.decode(&Bytes::from(out), &Limits::default()), Ok(root));
    }
});
