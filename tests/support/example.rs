//! Examples on ports of the system's choice.

use std::path::{Path, PathBuf};

use super::Folder;

/// The files and folders of a folder, in the order of their names.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Copies an example, its listeners on ports of the system's choice.
pub fn copy(from: &Path, to: &Folder, below: &str) {
    for path in files(from) {
        let name = format!("{below}{}", path.file_name().unwrap().to_string_lossy());
        if path.is_dir() {
            copy(&path, to, &format!("{name}/"));
        } else {
            let text = std::fs::read_to_string(&path).unwrap();
            let bound = |line: &str| match line.split_once("bind=\"127.0.0.1:") {
                Some((before, after)) => {
                    let (_, rest) = after.split_once('"').unwrap();
                    format!("{before}bind=\"127.0.0.1:0\"{rest}")
                }
                None => line.to_owned(),
            };
            to.write(&name, &(text.lines().map(bound).collect::<Vec<_>>().join("\n") + "\n"));
        }
    }
}
