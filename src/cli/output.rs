//! What commands print, and where: results to standard output, findings to standard error.

use std::io::{IsTerminal, Write};

use super::arguments::Format;
use crate::source::{Findings, Form, Sources, render};

/// The two streams of a command. A closed stream is no reason to fail: who reads has read enough.
#[derive(Debug)]
pub struct Output {
    out: std::io::Stdout,
    err: std::io::Stderr,
}

impl Output {
    /// The process's own streams.
    pub fn new() -> Self {
        Self { out: std::io::stdout(), err: std::io::stderr() }
    }

    /// A result.
    pub fn say(&mut self, text: &str) {
        let _closed = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
    }

    /// A result in bytes, as its format writes it; a person at a terminal gets a line end behind it.
    pub fn bytes(&mut self, bytes: &[u8]) {
        let end: &[u8] = if self.out.is_terminal() && !bytes.ends_with(b"\n") { b"\n" } else { b"" };
        let written = self.out.write_all(bytes).and_then(|()| self.out.write_all(end));
        let _closed = written.and_then(|()| self.out.flush());
    }

    /// A message beside the result.
    pub fn tell(&mut self, text: &str) {
        let _closed = self.err.write_all(text.as_bytes());
    }

    /// Findings, with colour only on a terminal.
    pub fn findings(&mut self, findings: &Findings, sources: &Sources, format: Format) {
        let form = match format {
            Format::Text => Form::Text { colour: self.err.is_terminal() },
            Format::Json => Form::Json,
        };
        let text = render(findings, sources, form);
        match format {
            Format::Text => self.tell(&text),
            Format::Json => self.say(&text),
        }
    }
}
