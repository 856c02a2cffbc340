//! Counts the cases of a suite, and fails the test when one of them did.

use std::collections::BTreeMap;

/// What came of the cases of one suite.
pub(crate) struct Tally {
    suite: String,
    passed: usize,
    not_applicable: BTreeMap<String, usize>,
    failed: Vec<String>,
}

impl Tally {
    pub(crate) fn new(suite: &str) -> Self {
        Self { suite: suite.to_owned(), passed: 0, not_applicable: BTreeMap::new(), failed: Vec::new() }
    }

    #[allow(dead_code, reason = "some suites always read messages")]
    pub(crate) fn pass(&mut self) {
        self.passed += 1;
    }

    /// Passed with a message to the user, which must say something.
    #[allow(dead_code, reason = "not every suite reads messages")]
    pub(crate) fn pass_with(&mut self, message: &str) {
        assert!(message.is_empty() || message.len() > 15, "{}: `{message}` says too little", self.suite);
        self.passed += 1;
    }

    pub(crate) fn skip(&mut self, reason: &str) {
        *self.not_applicable.entry(reason.to_owned()).or_default() += 1;
    }

    pub(crate) fn fail(&mut self, case: &str, why: &str) {
        self.failed.push(format!("{case}: {why}"));
    }

    /// Prints the counts; fails if a case did, or if fewer than `least` passed.
    pub(crate) fn finish(self, least: usize) {
        let not_applicable: usize = self.not_applicable.values().sum();
        println!(
            "{}: {} cases, {} passed, {not_applicable} not applicable, {} failed",
            self.suite,
            self.passed + not_applicable + self.failed.len(),
            self.passed,
            self.failed.len()
        );
        for (reason, count) in &self.not_applicable {
            println!("  not applicable ({count}): {reason}");
        }
        assert!(self.failed.is_empty(), "{}:\n{}", self.suite, self.failed.join("\n"));
        assert!(self.passed >= least, "{}: {} passed, at least {least} did before", self.suite, self.passed);
    }
}
