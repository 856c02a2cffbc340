//! Any text is a path or an error with a place in it, and a path runs on any document.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use soapstone::document::codec::{Codec, Limits};
use soapstone::document::json::JSON;
use soapstone::document::path::{At, Language, Path};
use soapstone::document::target::TargetPath;

fuzz_target!(|text: &str| {
    let document = Bytes::from_static(br#"{"a":[{"b":"x","a":1.0},{"b":[]},[[0,1],2]],"b":null,"":true}"#);
    let Ok(root) = JSON.decode(&document, &Limits::default()) else { return };
    for language in [Language::Location, Language::JsonPath] {
        let _ = TargetPath::parse(text, language);
        match Path::parse(text, language) {
            Ok(path) => {
                assert_eq!(
                    path.first(At::Document(&root)),
                    path.select(At::Document(&root)).first().copied()
                );
            }
            Err(error) => assert!(text.is_char_boundary(error.offset)),
        }
    }
});
