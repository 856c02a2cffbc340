//! What is read as XML can be written, and reads back as the same tree; read by events alone it is refused or not, as well.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use soapstone::document::codec::{Codec, Limits};
use soapstone::document::tree::{Content, Element, Node};
use soapstone::xml::{XML, XMLNS_NAMESPACE, parse, parse_with_places};

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits::default();
    if let Ok(root) = XML.decode(&Bytes::copy_from_slice(bytes), &limits) {
        let mut out = Vec::new();
        XML.encode(&root, &mut out).unwrap();
        assert_eq!(XML.decode(&Bytes::from(out), &limits), Ok(root));
    }
    // Where the places of elements are kept, all are read as events.
    if let Ok(text) = std::str::from_utf8(bytes) {
        let by_events = parse_with_places(text, &limits).ok().map(|(mut root, _)| {
            forget_declarations(&mut root);
            root
        });
        assert_eq!(parse(text, &limits).ok(), by_events);
    }
});

/// Takes the namespace declarations out of the attributes.
fn forget_declarations(element: &mut Element) {
    element.attributes.retain(|attribute| attribute.name.namespace.as_deref() != Some(XMLNS_NAMESPACE));
    let Content::Children(nodes) = &mut element.content else { return };
    for node in nodes {
        if let Node::Element(child) = node {
            forget_declarations(child);
        }
    }
}
