//! A multipart body is taken apart into slices of it or refused, and what was read can be written and reads back.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use soapstone::document::codec::Limits;
use soapstone::mime::{Disposition, MediaType, Writer, boundary, read, reference};

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { part: 1000, ..Limits::default() };
    if let Some(text) = bytes.split(|byte| *byte == b'\n').next().and_then(|line| std::str::from_utf8(line).ok()) {
        let _ = (MediaType::parse(text), Disposition::parse(text), reference(text));
    }
    let body = Bytes::copy_from_slice(bytes);
    let Ok(parts) = read(&body, "b", &limits) else { return };
    assert!(parts.len() <= limits.parts);
    let boundary = boundary();
    let mut writer = Writer::new(&boundary, body.len());
    for part in &parts {
        assert!(part.body.len() <= limits.part);
        let _ = (part.media_type(), part.disposition(), part.id(), part.content());
        writer.part(&[]).extend_from_slice(&part.body);
    }
    let again = read(&writer.done().into(), &boundary, &limits).unwrap_or_default();
    assert!(again.iter().map(|part| &part.body).eq(parts.iter().map(|part| &part.body)));
});
