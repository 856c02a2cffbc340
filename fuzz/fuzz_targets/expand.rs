//! What comes packed is unpacked within its bounds or refused: the first byte says zip or gzip.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use soapstone::document::packed::{Archive, Gunzip, unfit_name};

/// Bytes that are unpacked at most.
const MOST: usize = 1 << 20;

fn gunzip(bytes: Bytes) {
    let mut reader = Gunzip::new(bytes);
    let mut asked = 0;
    while asked < MOST && matches!(reader.more(1000), Ok(true)) {
        asked += 1000;
        assert_eq!(reader.size(), asked);
    }
}

fn unzip(bytes: Bytes) {
    let Ok(mut archive) = Archive::open(bytes) else { return };
    let Ok(mut files) = archive.files() else { return };
    let mut left = MOST;
    while let Ok(Some(file)) = files.next_file() {
        assert_eq!(unfit_name(&file.name), None);
        let size = file.size;
        let Some(rest) = left.checked_sub(size) else { return };
        left = rest;
        if let Ok(bytes) = file.unpack() {
            assert_eq!(bytes.len(), size);
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((first, bytes)) = bytes.split_first() else { return };
    let bytes = Bytes::copy_from_slice(bytes);
    if first & 1 == 0 { unzip(bytes) } else { gunzip(bytes) }
});
