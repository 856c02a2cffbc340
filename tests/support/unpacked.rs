//! Archives of corpora, unpacked for the time of a test.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder with what an archive holds, which goes when the test ends.
pub(crate) struct Unpacked(pub(crate) PathBuf);

impl Unpacked {
    /// Unpacks an archive of tar and xz.
    pub(crate) fn new(archive: &Path) -> Self {
        let name = archive.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let folder = std::env::temp_dir().join(format!("soapstone-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let unpacked = Self(folder);
        let done = Command::new("tar").arg("-xJf").arg(archive).arg("-C").arg(&unpacked.0).status();
        assert!(
            done.is_ok_and(|status| status.success()),
            "tar and xz are needed to unpack {}",
            archive.display()
        );
        unpacked
    }
}

impl Drop for Unpacked {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
