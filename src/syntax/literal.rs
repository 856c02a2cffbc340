//! Texts that have places inside: scripts, paths and templates, whose errors are shown where they stand in the file.

use super::value::{Given, Origin};
use crate::source::{FileId, Span};

/// A text value with what is needed to find each of its bytes in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Literal {
    /// The text.
    pub text: String,
    /// The whole literal, quotes included.
    pub span: Span,
    /// For each run of text: where it starts in the text and where in the file.
    runs: Vec<(usize, usize)>,
    /// Whether it came from outside: then no finding may quote it.
    pub is_outside: bool,
}

impl Literal {
    /// From a literal as written, which stands at `span`, and its value. A value from elsewhere has no inner places.
    pub fn new(value: &str, written: &str, span: Span) -> Self {
        let runs = runs(value, written, span.start).unwrap_or_default();
        Self { text: value.to_owned(), span, runs, is_outside: false }
    }

    /// A whole file of its own, such as one of functions.
    pub fn file(text: String, file: FileId) -> Self {
        let span = Span { file, start: 0, end: text.len() };
        Self { text, span, runs: vec![(0, 0)], is_outside: false }
    }

    /// From a given value, which may come from outside.
    pub fn of(text: &str, given: &Given<'_>) -> Self {
        let is_outside = given.origin == Origin::Outside;
        Self { is_outside, ..Self::new(text, given.written, given.span) }
    }

    /// Whether its bytes have places in the file: not those of a value from elsewhere.
    pub fn has_places(&self) -> bool {
        !self.runs.is_empty()
    }

    /// Where the stretches begin that stand in the file as they are: behind each escape, and at each line.
    pub fn stretches(&self) -> Vec<usize> {
        let lines = self.text.match_indices('\n').map(|(at, _)| at + 1);
        let mut all: Vec<usize> = self.runs.iter().map(|(at, _)| *at).chain(lines).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The place in the file of bytes `start..end` of the text.
    pub fn span_of(&self, start: usize, end: usize) -> Span {
        match (self.file_offset(start), self.file_offset(end)) {
            (Some(start), Some(end)) => Span { file: self.span.file, start, end: end.max(start) },
            _ => self.span,
        }
    }

    /// Bytes `start..end` of the text as a literal of its own, at its own place.
    #[must_use]
    pub fn part(&self, start: usize, end: usize) -> Self {
        let text = self.text.get(start..end).unwrap_or("").to_owned();
        let span = self.span_of(start, end);
        let mut runs: Vec<(usize, usize)> =
            self.file_offset(start).map(|file| (0, file)).into_iter().collect();
        let inside = self.runs.iter().filter(|(at, _)| *at > start && *at < end);
        runs.extend(inside.map(|(at, file)| (at - start, *file)));
        Self { text, span, runs, is_outside: self.is_outside }
    }

    fn file_offset(&self, offset: usize) -> Option<usize> {
        let after = self.runs.partition_point(|(at, _)| *at <= offset);
        let (at, file) = self.runs.get(after.checked_sub(1)?)?;
        Some(file + (offset - at))
    }
}

/// Walks the literal as written beside its value; `None` when they do not match, as for values from elsewhere.
fn runs(value: &str, written: &str, start: usize) -> Option<Vec<(usize, usize)>> {
    let hashes = written.len() - written.trim_start_matches('#').len();
    let inner = written.get(hashes..written.len().checked_sub(hashes)?)?;
    let raw = hashes > 0;
    if let Some(inner) = inner.strip_prefix("\"\"\"").and_then(|inner| inner.strip_suffix("\"\"\"")) {
        return lines(value, inner, start + hashes + 3, raw);
    }
    if let Some(inner) = inner.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
        let mut out = Vec::new();
        let end = segment(inner, start + hashes + 1, raw, 0, &mut out)?;
        return (end == value.len()).then_some(out);
    }
    (value == written).then(|| vec![(0, start)])
}

/// A multi-line string: the white space before the closing quotes is taken from every line (KDL 2, multi-line strings).
fn lines(value: &str, inner: &str, start: usize, raw: bool) -> Option<Vec<(usize, usize)>> {
    let first = inner.find('\n')? + 1;
    let body = inner.get(first..)?;
    let indent = body.rsplit('\n').next()?.len();
    let mut out = Vec::new();
    let (mut at, mut offset) = (0, start + first);
    let lines: Vec<&str> = body.split('\n').collect();
    for (index, line) in lines.iter().enumerate().take(lines.len().saturating_sub(1)) {
        if index > 0 {
            at += 1;
        }
        let text = line.trim_end_matches('\r');
        let kept = text.get(indent..).unwrap_or("");
        let skipped = text.len() - kept.len();
        at = segment(kept, offset + skipped, raw, at, &mut out)?;
        offset += line.len() + 1;
    }
    (at == value.len()).then_some(out)
}

/// One line: escapes are longer in the file than in the text. Gives the offset in the text after it.
fn segment(line: &str, start: usize, raw: bool, at: usize, out: &mut Vec<(usize, usize)>) -> Option<usize> {
    out.push((at, start));
    if raw || !line.contains('\\') {
        return Some(at + line.len());
    }
    let (mut at, mut rest, mut offset) = (at, line, start);
    while let Some(slash) = rest.find('\\') {
        at += slash;
        let tail = rest.get(slash + 1..)?;
        let (written, len) = escape(tail)?;
        offset += slash + 1 + written;
        at += len;
        rest = tail.get(written..)?;
        out.push((at, offset));
    }
    Some(at + rest.len())
}

/// Bytes of an escape after its backslash, and of what it stands for (KDL 2, escapes).
fn escape(tail: &str) -> Option<(usize, usize)> {
    let first = tail.chars().next()?;
    if first == 'u' {
        let hex = tail.strip_prefix("u{")?;
        let end = hex.find('}')?;
        let c = char::from_u32(u32::from_str_radix(hex.get(..end)?, 16).ok()?)?;
        return Some((end + 3, c.len_utf8()));
    }
    if first.is_whitespace() {
        return Some((tail.len() - tail.trim_start().len(), 0));
    }
    Some((first.len_utf8(), 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text in the file at which a part of the value is found.
    fn found(file: &str, part: &str) -> String {
        let document = kdl::KdlDocument::parse_v2(file).unwrap();
        let entry = &document.nodes()[0].entries()[0];
        let (value, repr) = (entry.value().as_string().unwrap(), &entry.format().unwrap().value_repr);
        let end = entry.span().offset() + entry.span().len();
        let span = Span { file: FileId::default(), start: end - repr.len(), end };
        let literal = Literal::new(value, repr, span);
        let at = value.find(part).unwrap();
        let span = literal.span_of(at, at + part.len());
        file[span.start..span.end].to_owned()
    }

    #[test]
    fn parts_are_found_in_every_kind_of_string() {
        assert_eq!(found("a bare-word", "word"), "word");
        assert_eq!(found("a \"x \\\"y\\\" \\u{FC} bad\"", "bad"), "bad");
        assert_eq!(found("a p=#\"x \"y\" bad\"#", "bad"), "bad");
        assert_eq!(found("a ##\"ü \"# bad\"##", "bad"), "bad");
        assert_eq!(found("a \"\"\"\n    one\n\n      two\\t bad\n    \"\"\"", "bad"), "bad");
        assert_eq!(found("a #\"\"\"\n\tlet x = 1;\n\t\tbad\n\t\"\"\"#", "bad"), "bad");
    }

    #[test]
    fn a_stretch_begins_behind_each_escape_and_at_each_line() {
        let (value, written) = (
            "a \"b\" c",
            r#""a \"b\" \
            c""#,
        );
        assert_eq!(Literal::new(value, written, Span::default()).stretches(), [0, 3, 5, 6]);
        assert_eq!(Literal::file("a\nb".to_owned(), FileId::default()).stretches(), [0, 2]);
    }

    #[test]
    fn a_value_from_elsewhere_is_marked_as_a_whole() {
        let span = Span { file: FileId::default(), start: 5, end: 8 };
        assert_eq!(Literal::new("secret", "FOO", span).span_of(2, 3), span);
    }
}
