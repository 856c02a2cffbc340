//! The contracts of the corpora, each with what three other tools say of it.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

use crate::corpora;

/// One case of the oracle files.
pub(crate) struct Case {
    pub(crate) file: String,
    pub(crate) said: Value,
}

impl Case {
    /// Whether others read it: zeep, or node `soap` and PHP together.
    pub(crate) fn is_usable(&self) -> bool {
        let [zeep, node, php] = ["zeep", "node_soap", "php"].map(|tool| self.said[tool]["ok"] == true);
        zeep || (node && php)
    }
}

/// Every case by the path of its contract.
pub(crate) fn cases() -> Vec<Case> {
    let folder = corpora::folder("wsdl-real");
    let mut cases = BTreeMap::new();
    for name in ["oracle-all-real.jsonl.xz", "oracle-other-suites.jsonl.xz"] {
        let out = Command::new("xz").args(["-dc"]).arg(folder.join(name)).output().unwrap();
        assert!(out.status.success(), "xz cannot unpack {name}");
        for line in String::from_utf8(out.stdout).unwrap().lines() {
            let said: Value = serde_json::from_str(line).unwrap();
            cases.insert(said["file"].as_str().unwrap().to_owned(), said);
        }
    }
    cases.into_iter().map(|(file, said)| Case { file, said }).collect()
}
