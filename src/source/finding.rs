//! Findings: mistakes and doubts about a file, collected over a whole run.

use super::{Span, nearest};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file can be used and is probably not what was meant.
    Warning,
}

/// One mistake: where, what, what was expected, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Stable and searchable: `unknown-step`. Never reworded.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Where.
    pub span: Span,
    /// What is wrong, in one line.
    pub message: String,
    /// What stands beside the mark: mostly what was expected there.
    pub label: Option<String>,
    /// What to do.
    pub help: Option<String>,
    /// Another place that belongs to it, and what it is.
    pub also: Option<(Span, String)>,
}

impl Finding {
    /// An error.
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            span,
            message: message.into(),
            label: None,
            help: None,
            also: None,
        }
    }

    /// A warning.
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// Whether the file cannot be used because of it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// With the text beside the mark.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// With what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With a second place.
    #[must_use]
    pub fn also(mut self, span: Span, what: impl Into<String>) -> Self {
        self.also = Some((span, what.into()));
        self
    }

    /// With the nearest of the known words as help; else all of them when they are few.
    #[must_use]
    pub fn suggest<'a>(self, word: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        match nearest(word, known.iter().copied()) {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None if known.is_empty() => self,
            None if known.len() <= 40 => self.help(format!("known here: {}", known.join(", "))),
            None => self,
        }
    }
}

/// The findings of one run, in the order they were made.
#[derive(Debug, Default)]
pub struct Findings {
    list: Vec<Finding>,
}

impl Findings {
    /// Adds one.
    pub fn push(&mut self, finding: Finding) {
        // One finding per mistake: a second one of the same code at the same place says nothing new, unless the place names
        // another file, in which there may be many.
        let same = |f: &Finding| {
            let elsewhere = finding.code == "bad-schema" && f.message != finding.message;
            f.span == finding.span && f.code == finding.code && !elsewhere
        };
        if !self.list.iter().any(same) {
            self.list.push(finding);
        }
    }

    /// Whether one of them has a code.
    pub fn has(&self, code: &str) -> bool {
        self.list.iter().any(|f| f.code == code)
    }

    /// Whether one of them is an error.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|f| f.severity == Severity::Error)
    }

    /// All of them by file and place.
    pub fn sorted(&self) -> Vec<&Finding> {
        let mut list: Vec<&Finding> = self.list.iter().collect();
        list.sort_by_key(|f| (f.span, f.severity));
        list
    }

    /// How many errors and how many warnings.
    pub fn counts(&self) -> (usize, usize) {
        let errors = self.list.iter().filter(|f| f.severity == Severity::Error).count();
        (errors, self.list.len().saturating_sub(errors))
    }
}
