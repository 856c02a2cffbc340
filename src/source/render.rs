//! Findings as a person or a program reads them.

use super::{Finding, Findings, Severity, Sources, Span, floor};

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For a person, with the source line; colour is for terminals.
    Text {
        /// Whether to use ANSI colours.
        colour: bool,
    },
    /// One JSON object a line.
    Json,
}

/// All findings in the order of the files, each ended by a line feed, and for text a closing count.
pub fn render(findings: &Findings, sources: &Sources, form: Form) -> String {
    let mut out = String::new();
    for finding in findings.sorted() {
        match form {
            Form::Text { colour } => text(finding, sources, &Paint(colour), &mut out),
            Form::Json => json(finding, sources, &mut out),
        }
    }
    let (errors, warnings) = findings.counts();
    if matches!(form, Form::Text { .. }) && errors + warnings > 0 {
        out.push_str(&format!("{}, {}\n", count(errors, "error"), count(warnings, "warning")));
    }
    out
}

fn count(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

/// Colour, where it is wanted.
struct Paint(bool);

impl Paint {
    fn put(&self, code: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

fn severity(finding: &Finding) -> (&'static str, &'static str) {
    match finding.severity {
        Severity::Error => ("error", "1;31"),
        Severity::Warning => ("warning", "1;33"),
    }
}

fn text(finding: &Finding, sources: &Sources, paint: &Paint, out: &mut String) {
    let (word, code) = severity(finding);
    let head = paint.put(code, &format!("{word}[{}]", finding.code));
    out.push_str(&format!("{head}: {}\n", finding.message));
    marked(finding.span, finding.label.as_deref(), sources, paint, code, out);
    if let Some((span, what)) = &finding.also {
        marked(*span, Some(what), sources, paint, "1;34", out);
    }
    if let Some(help) = &finding.help {
        out.push_str(&format!("  {} {help}\n", paint.put("1;36", "help:")));
    }
    out.push('\n');
}

/// The place, its source line, and the mark under it.
fn marked(span: Span, label: Option<&str>, sources: &Sources, paint: &Paint, code: &str, out: &mut String) {
    let place = sources.place(span);
    out.push_str(&format!("  --> {place}\n"));
    let Some(file) = sources.file(span.file) else {
        return;
    };
    let line = file.text.split('\n').nth(place.line.saturating_sub(1)).unwrap_or("").trim_end_matches('\r');
    let number = place.line.to_string();
    let margin = " ".repeat(number.len());
    out.push_str(&format!(" {margin} |\n {number} | {line}\n"));
    // The same white space as the line has before the mark, so that the mark stands right under tabs and wide text.
    let before: String = line.chars().take(place.column.saturating_sub(1)).collect();
    let pad: String = before.chars().flat_map(blank).collect();
    let width = mark_width(&file.text, span, line, &before);
    let mark = paint.put(code, &"^".repeat(width));
    let label = label.map_or(String::new(), |label| format!(" {label}"));
    out.push_str(&format!(" {margin} | {pad}{mark}{label}\n"));
}

/// What keeps the column of one character: a tab stays a tab, a wide character takes two cells.
fn blank(c: char) -> impl Iterator<Item = char> {
    let cells = if c == '\t' { 0 } else { cells(c) };
    let tab = (c == '\t').then_some('\t');
    tab.into_iter().chain(std::iter::repeat_n(' ', cells))
}

/// Terminal cells of a character: two for East Asian wide forms and emoji, which is near enough for a mark.
fn cells(c: char) -> usize {
    let wide = matches!(u32::from(c), 0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x1F300..=0x1FAFF | 0x20000..=0x3FFFD);
    if wide { 2 } else { 1 }
}

/// How many cells the mark covers: the span as far as it lies on its first line, at least one.
fn mark_width(text: &str, span: Span, line: &str, before: &str) -> usize {
    let start = floor(text, span.start);
    let end = floor(text, span.end.max(start));
    let covered = text.get(start..end).unwrap_or("").split('\n').next().unwrap_or("").trim_end();
    let room = line.chars().count().saturating_sub(before.chars().count());
    covered.chars().take(room).map(cells).sum::<usize>().max(1)
}

fn json(finding: &Finding, sources: &Sources, out: &mut String) {
    let place = |span: Span| {
        let start = sources.place(span);
        let end = sources.place(Span { start: span.end, ..span });
        serde_json::json!({ "file": &*start.file, "line": start.line, "column": start.column,
            "endLine": end.line, "endColumn": end.column })
    };
    let value = serde_json::json!({
        "severity": severity(finding).0,
        "code": finding.code,
        "message": finding.message,
        "place": place(finding.span),
        "label": finding.label,
        "help": finding.help,
        "also": finding.also.as_ref().map(|(span, what)| serde_json::json!({ "place": place(*span), "what": what })),
    });
    out.push_str(&value.to_string());
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one() -> (Findings, Sources) {
        let mut sources = Sources::default();
        let file = sources.add("gateway.kdl", "map a {\n\tsett \"ü\"\n}\n");
        let mut findings = Findings::default();
        let span = Span { file, start: 9, end: 13 };
        findings.push(
            Finding::error("unknown-item", span, "unknown item `sett`").suggest("sett", ["set", "each"]),
        );
        (findings, sources)
    }

    #[test]
    fn text_marks_the_place_under_a_tab() {
        let (findings, sources) = one();
        let text = render(&findings, &sources, Form::Text { colour: false });
        let expected = "error[unknown-item]: unknown item `sett`\n  --> gateway.kdl:2:2\n   |\n 2 | \tsett \"ü\"\n   | \t^^^^\n  help: did you mean `set`?\n\n1 error, 0 warnings\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn json_is_one_object_a_line() {
        let (findings, sources) = one();
        let text = render(&findings, &sources, Form::Json);
        let value: serde_json::Value = serde_json::from_str(text.trim_end()).unwrap();
        assert_eq!(value["place"]["line"], 2);
        assert_eq!(value["place"]["endColumn"], 6);
        assert_eq!(value["code"], "unknown-item");
    }
}
