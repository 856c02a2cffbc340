//! What every conformance test stands on: the corpora are there and are the ones the tests were written for.
#![allow(clippy::disallowed_methods, reason = "tests read files and the environment")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "support/corpora.rs"]
mod corpora;

#[test]
fn the_corpora_are_there() {
    let provenance = std::fs::read_to_string(corpora::folder("").join("PROVENANCE.json")).unwrap();
    let provenance: serde_json::Value = serde_json::from_str(&provenance).unwrap();
    assert!(provenance.is_object() || provenance.is_array());
}
