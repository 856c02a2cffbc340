//! Files of the disk for readers of schemas and contracts, with their text for findings.

use std::path::Path;

use soapstone::document::text;
use soapstone::schema::grammar::Files;
use soapstone::source::{FileId, Sources};

/// The files that were read so far.
#[derive(Default)]
pub(crate) struct Disk {
    pub(crate) sources: Sources,
}

impl Files for Disk {
    fn open(&mut self, path: &Path) -> Result<(FileId, String), String> {
        let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
        let text = text::decode(&bytes, None).map_err(|malformed| malformed.message)?.into_owned();
        Ok((self.sources.add(path.display().to_string(), text.clone()), text))
    }

    fn built_in(&mut self, name: &str, text: &str) -> FileId {
        self.sources.add(name, text)
    }
}
