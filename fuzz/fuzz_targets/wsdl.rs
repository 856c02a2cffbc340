//! Any text is a contract or findings about it, whatever imports it; what is read of one can be asked for its messages.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use soapstone::schema::grammar::{self, Files};
use soapstone::source::{FileId, Span};
use soapstone::wsdl::read::{Side, read};

/// One text, whatever the name.
struct Only<'a>(&'a str);

impl Files for Only<'_> {
    fn open(&mut self, _: &Path) -> Result<(FileId, String), String> {
        Ok((FileId::default(), self.0.to_owned()))
    }

    fn built_in(&mut self, _: &str, _: &str) -> FileId {
        FileId::default()
    }
}

fuzz_target!(|text: &str| {
    let loaded = read(&[("a.wsdl".into(), Span::default())], &mut Only(text));
    for contract in &loaded.contracts {
        for endpoint in contract.endpoints() {
            for (bound, operation) in endpoint.operations() {
                let _ = contract.wire(bound, operation, Side::Request);
                let _ = contract.wire(bound, operation, Side::Answer);
            }
        }
    }
    if loaded.findings.is_empty() {
        let _ = grammar::compile(&loaded.documents);
    }
});
