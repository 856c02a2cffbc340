//! Finds the corpora: test data of other projects that is not part of the clone.

use std::path::PathBuf;

/// The folder of one corpus, or of all for an empty name, as a path that also a command with another working folder
/// finds. Stops the test with a way to go on when it is not there.
pub(crate) fn folder(name: &str) -> PathBuf {
    let root = std::env::var("SOAPSTONE_CORPORA").unwrap_or_else(|_| "../shared/corpora".to_owned());
    let folder = PathBuf::from(&root).join(name);
    assert!(
        folder.is_dir(),
        "no folder {}: put the corpora at ../shared/corpora beside the clone, or name their folder in \
         SOAPSTONE_CORPORA, then run script/conformance again",
        folder.display()
    );
    folder.canonicalize().unwrap()
}
