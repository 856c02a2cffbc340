//! A world made up by a test or a tool: files and variables in memory.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::World;

/// Files and variables in memory.
#[derive(Debug, Default, Clone)]
pub struct Memory {
    files: BTreeMap<PathBuf, Vec<u8>>,
    variables: BTreeMap<String, String>,
}

impl Memory {
    /// With one more file.
    #[must_use]
    pub fn file(mut self, path: impl Into<PathBuf>, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.into(), bytes.into());
        self
    }

    /// With one more variable.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }
}

impl World for Memory {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files.get(path).cloned().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        Ok(self.files.keys().filter(|path| path.parent() == Some(folder)).cloned().collect())
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_lists_its_own_files_in_order() {
        let world =
            Memory::default().file("a/2", "").file("a/1", "").file("a/b/3", "").with_variable("X", "y");
        assert_eq!(world.list(Path::new("a")).unwrap(), [PathBuf::from("a/1"), PathBuf::from("a/2")]);
        assert_eq!(world.read(Path::new("a/9")).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!(world.variable("X").as_deref(), Some("y"));
    }
}
