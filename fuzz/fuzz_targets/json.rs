//! What is read as JSON can be written, and reads back as the same tree.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use soapstone::document::codec::{Codec, Limits};
use soapstone::document::json::JSON;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(root) = JSON.decode(&Bytes::copy_from_slice(bytes), &Limits::default()) {
        let mut out = Vec::new();
        JSON.encode(&root, &mut out).unwrap();
        assert_eq!(JSON.decode(&Bytes::from(out), &Limits::default()), Ok(root));
    }
});
