//! What is read as an interchange of this syntax is refused or written, and what is written reads back as the same tree.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use soapstone::document::codec::{Codec, Limits};
use soapstone::edi::{Edi, Syntax, split};

fuzz_target!(|bytes: &[u8]| {
    let codec = Edi::any(Syntax::Edifact);
    let Ok(root) = codec.decode(&Bytes::copy_from_slice(bytes), &Limits::default()) else { return };
    codec.lines(bytes, &[&[], &[1, 1, 1], &[2]]);
    let _ = split::messages(root.clone(), Syntax::Edifact, &Limits::default());
    let mut out = Vec::new();
    // Latin-1 that happens to be UTF-8 is read as that.
    if codec.encode(&root, &mut out).is_ok() && (bytes.is_ascii() || std::str::from_utf8(bytes).is_err() == std::str::from_utf8(&out).is_err()) {
        assert_eq!(codec.decode(&Bytes::from(out), &Limits::default()), Ok(root));
    }
});
