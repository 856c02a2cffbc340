//! The schema documents of the suites of other stacks.

use std::fs;
use std::path::{Path, PathBuf};

use crate::corpora;

/// The suites that have some.
const FOLDERS: &[&str] = &[
    "axis1",
    "axis2",
    "cxf",
    "metro",
    "membrane",
    "savon",
    "soap-misc",
    "dotnet-wcf",
    "wso2-mi",
    "zeep",
    "wsdl-real",
];

/// Every schema document of the suites, by path.
pub(crate) fn schemas() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in
        FOLDERS.iter().map(|folder| corpora::folder("").join(folder)).filter(|folder| folder.is_dir())
    {
        documents(&folder, &mut found);
    }
    found.sort();
    found
}

/// Every schema document below a folder.
pub(crate) fn documents(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            documents(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "xsd") {
            found.push(path);
        }
    }
}
