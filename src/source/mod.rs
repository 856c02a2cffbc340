//! Source text: files that were read, places in them, and the findings about them.

mod finding;
mod lines;
mod render;
mod suggest;

use std::sync::Arc;

pub use finding::{Finding, Findings, Severity};
pub use lines::Lines;
pub use render::{Form, render};
pub use suggest::nearest;

/// Which file of [`Sources`] a span lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FileId(u32);

/// A range of bytes in one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// A value with the place it was written at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Puts a place to a value.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// The same place with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: f(self.value), span: self.span }
    }
}

/// A place as a person reads it: what errors, log lines and `routes` show.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// The file's path as it was given or included.
    pub file: Arc<str>,
    /// From 1.
    pub line: usize,
    /// In characters, from 1; a tab is one character.
    pub column: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// One file's text.
#[derive(Debug, Clone)]
pub struct File {
    /// The path as shown.
    pub path: Arc<str>,
    /// The whole text.
    pub text: Arc<str>,
    /// The byte at which each line begins: places are asked for by the thousand.
    lines: Arc<[usize]>,
}

/// The files that one reading has seen.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<File>,
}

impl Sources {
    /// Adds a file; spans in it carry the id that is returned.
    pub fn add(&mut self, path: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> FileId {
        let text: Arc<str> = text.into();
        let lines = std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1));
        let lines = lines.collect();
        self.files.push(File { path: path.into(), text, lines });
        FileId(u32::try_from(self.files.len().saturating_sub(1)).unwrap_or(u32::MAX))
    }

    /// The file of an id.
    pub fn file(&self, id: FileId) -> Option<&File> {
        self.files.get(usize::try_from(id.0).ok()?)
    }

    /// All files in the order they were read.
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// The text that a span covers.
    pub fn text(&self, span: Span) -> &str {
        self.file(span.file).and_then(|file| file.text.get(span.start..span.end)).unwrap_or("")
    }

    /// Line and column of the start of a span.
    pub fn place(&self, span: Span) -> Place {
        let Some(file) = self.file(span.file) else {
            return Place { file: Arc::from(""), line: 1, column: 1 };
        };
        let at = floor(&file.text, span.start);
        let line = file.lines.partition_point(|start| *start <= at);
        let start = file.lines.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let column = file.text.get(start..at).unwrap_or("").chars().count() + 1;
        Place { file: file.path.clone(), line, column }
    }
}

/// The nearest character boundary at or before `offset`.
pub(crate) fn floor(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at = at.saturating_sub(1);
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_lines_and_characters() {
        let mut sources = Sources::default();
        let file = sources.add("gateway.kdl", "a\n\tü b\n");
        let place = sources.place(Span { file, start: 6, end: 7 });
        assert_eq!(place.to_string(), "gateway.kdl:2:4");
        assert_eq!(sources.text(Span { file, start: 6, end: 7 }), "b");
        assert_eq!(sources.place(Span { file, start: 999, end: 999 }).line, 3);
    }
}
