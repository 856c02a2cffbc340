//! What the KDL parser says, in words that help the one who wrote the file.

use kdl::{KdlDiagnostic, KdlDocument, KdlError};

use crate::source::{FileId, Finding, Findings, Span};

/// Mistakes that are told at once: who made more of them has written another language.
const MOST: usize = 50;

/// Reports each mistake once. What the parser says behind its first mistake is mostly an echo of it, so the mistake is
/// mended in a copy of the text, byte for byte, and the copy is parsed again.
pub fn report(error: KdlError, text: &str, file: FileId, findings: &mut Findings) {
    let mut mended = text.to_owned();
    let mut error = error;
    let mut told: Vec<usize> = Vec::new();
    while let Some(diagnostic) = error.diagnostics.first().filter(|_| told.len() < MOST) {
        let (finding, mend) = explain(diagnostic, &mended, file);
        if told.contains(&finding.span.start) {
            return;
        }
        told.push(finding.span.start);
        findings.push(finding);
        let Some(next) = mend.and_then(|mend| mend.apply(&mended)) else { return };
        mended = next;
        let Err(next) = KdlDocument::parse_v2(&mended) else { return };
        error = next;
    }
}

/// How a mistake is mended so that the next one can be found: what stands at these bytes is replaced.
struct Mend {
    start: usize,
    end: usize,
    by: u8,
}

impl Mend {
    /// The mended text, of the same length; `None` when there is nothing to replace.
    fn apply(&self, text: &str) -> Option<String> {
        let old = text.get(self.start..self.end).filter(|old| !old.is_empty())?;
        let new: String = std::iter::repeat_n(char::from(self.by), old.len()).collect();
        Some(format!("{}{new}{}", text.get(..self.start)?, text.get(self.end..)?))
    }
}

/// The place of the mistake itself: after `name=` the parser marks everything before it.
fn place(diagnostic: &KdlDiagnostic, text: &str) -> (usize, usize) {
    let start = crate::source::floor(text, diagnostic.span.offset());
    let end = crate::source::floor(text, start + diagnostic.span.len());
    let after_equals = diagnostic.message.as_deref() == Some("Expected property value");
    let Some(equals) = after_equals.then(|| text.get(start..end)?.rfind('=')).flatten() else {
        return word(text, start, end);
    };
    let at = start + equals + 1;
    word(text, at, at)
}

/// Stretches a place to the end of the word it stands in, and never over the end of its line.
fn word(text: &str, start: usize, end: usize) -> (usize, usize) {
    let rest = text.get(start..).unwrap_or("");
    let stop = |c: char| c.is_whitespace() || matches!(c, '{' | '}' | ';' | '"');
    let word = rest.find(stop).unwrap_or(rest.len());
    (start, (start + word).max(end).min(line_end(text, start)).max(start))
}

/// The end of the line in which a byte stands, without its line feed.
fn line_end(text: &str, start: usize) -> usize {
    let line = text.get(start..).and_then(|rest| rest.split('\n').next()).unwrap_or("");
    start + line.trim_end_matches('\r').len()
}

fn explain(diagnostic: &KdlDiagnostic, text: &str, file: FileId) -> (Finding, Option<Mend>) {
    let (start, end) = place(diagnostic, text);
    let found = text.get(start..end).unwrap_or("");
    let message = diagnostic.message.as_deref().unwrap_or("this is not KDL");
    if let Some(told) = string(message, text, start, end, file) {
        return told;
    }
    let finding = |text: String| Finding::error("syntax", Span { file, start, end }, text);
    let partly = diagnostic.help.as_deref().is_some_and(|help| help.contains("partially parsed"));
    let word = Some(Mend { start, end, by: b'_' });
    if matches!(found, "true" | "false" | "null" | "inf" | "-inf" | "nan") {
        let finding = finding(format!("`{found}` is a reserved word"));
        return (finding.help(format!("write `#{found}`, or `\"{found}\"` for the text")), word);
    }
    if message == "Expected property value" && found.is_empty() {
        return (finding("a value is missing after `=`".into()), None);
    }
    if found.starts_with('"') {
        let finding = finding(format!("`{found}` is not a value"));
        return (finding.help("put white space between the quoted text and what follows it"), word);
    }
    if partly || message == "Expected property value" {
        let finding = finding(format!("`{found}` is not a value"));
        return (finding.help(format!("put it in quotes: \"{found}\"")), word);
    }
    if message.starts_with("No closing '}'") {
        return (
            finding("this block is never closed".into())
                .help("add the `}` that ends it, or a `;` between two nodes on one line"),
            None,
        );
    }
    if message == "Expected end of document" && found.starts_with('}') {
        let finding = finding("there is no open block for this `}` to close".into());
        return (finding.help("remove it"), Some(Mend { start, end: start + 1, by: b' ' }));
    }
    if message == "Expected end of document" {
        let finding = finding(format!("`{found}` cannot stand here"));
        let help = "text with characters such as / \\ ( ) { } [ ] # ; = or a quote must be put in quotes";
        return (finding.help(help), word);
    }
    let lower = message.chars().next().map(|first| first.to_lowercase().to_string()).unwrap_or_default();
    let rest: String = message.chars().skip(1).collect();
    let plain = finding(format!("{lower}{rest}"));
    (
        match &diagnostic.help {
            Some(help) => plain.help(help.clone()),
            None => plain,
        },
        None,
    )
}

/// Mistakes in quoted text.
fn string(
    message: &str,
    text: &str,
    start: usize,
    end: usize,
    file: FileId,
) -> Option<(Finding, Option<Mend>)> {
    let error = |start, end, text: String| Finding::error("syntax", Span { file, start, end }, text);
    let rest = text.get(start..)?;
    if rest.trim_start_matches('#').starts_with('"') && rest.starts_with('#') {
        let hashes = rest.len() - rest.trim_start_matches('#').len();
        let marks = "#".repeat(hashes);
        let finding = error(start, line_end(text, start), "this raw text is never closed".into());
        return Some((
            finding.help(format!("it ends with `\"{marks}`, as it begins with `{marks}\"`")),
            None,
        ));
    }
    if message == "matching multiline string prefix" {
        let (start, end) = short_line(text, start).unwrap_or((start, end));
        let finding = error(start, end, "this line is not indented as far as its closing `\"\"\"`".into());
        let help = "every line of the text begins with the white space that stands before the closing quotes";
        return Some((finding.help(help), None));
    }
    if message.starts_with("Unexpected newline in single-line quoted string") {
        let end = line_end(text, start);
        let finding = error(start, end, "this text is not closed on its line".into());
        let help = "add the quote that ends it; text of several lines stands between `\"\"\"`";
        return Some((
            finding.help(help),
            last(text, start + 1, end).map(|start| Mend { start, end, by: b'"' }),
        ));
    }
    if message == "Expected quoted string" && rest.starts_with("\"\"\"") {
        let finding = error(start, start + 3, "this text is never closed".into());
        return Some((finding.help("it ends with `\"\"\"` on a line of its own"), None));
    }
    if message == "Expected quoted string" {
        let (at, next) = bad_escape(text.get(start..end)?)?;
        let at = start + at;
        let finding = error(at, at + 1 + next.len_utf8(), format!("`\\{next}` is no escape"));
        let help = format!(
            "write `\\\\{next}` for a backslash, or raw text, in which nothing is escaped: #\"...\"#"
        );
        return Some((finding.help(help), None));
    }
    None
}

/// The start of the last character of a range.
fn last(text: &str, start: usize, end: usize) -> Option<usize> {
    Some(start + text.get(start..end)?.char_indices().last()?.0)
}

/// The first backslash that begins no escape of KDL 2, and what stands behind it.
fn bad_escape(text: &str) -> Option<(usize, char)> {
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if c != '\\' {
            continue;
        }
        let (_, next) = chars.next()?;
        if !matches!(next, '"' | '\\' | 'b' | 'f' | 'n' | 'r' | 't' | 's' | 'u') && !next.is_whitespace() {
            return Some((at, next));
        }
    }
    None
}

/// The first line of a multi-line text that begins with less white space than its closing quotes.
fn short_line(text: &str, start: usize) -> Option<(usize, usize)> {
    let mut offset = start + text.get(start..)?.find('\n')? + 1;
    let body = text.get(offset..)?;
    let indent = body.lines().find(|line| line.trim_start().starts_with("\"\"\""))?;
    let indent = indent.get(..indent.len() - indent.trim_start().len())?;
    for line in body.split_inclusive('\n') {
        let plain = line.trim_end();
        if plain.trim_start().starts_with("\"\"\"") {
            return None;
        }
        if !plain.is_empty() && !plain.starts_with(indent) {
            let blank = plain.len() - plain.trim_start().len();
            return Some((offset + blank, offset + plain.len()));
        }
        offset += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::source::{Findings, Form, Sources, render};

    fn report(text: &str) -> Vec<String> {
        let mut sources = Sources::default();
        let file = sources.add("g.kdl", text);
        let mut findings = Findings::default();
        assert!(super::super::parse(text, file, &mut findings).is_none(), "it parsed");
        let json = render(&findings, &sources, Form::Json);
        let line = |line: &str| {
            let v: serde_json::Value = serde_json::from_str(line).unwrap();
            let place = &v["place"];
            format!("{}:{} {}", place["line"], place["column"], v["message"].as_str().unwrap())
        };
        json.lines().map(line).collect()
    }

    #[test]
    fn an_unquoted_value_is_marked_where_it_stands() {
        assert_eq!(
            report("listener public bind=0.0.0.0:8080 {\n}\n"),
            ["1:22 `0.0.0.0:8080` is not a value"]
        );
        assert_eq!(report("x {\n\tpost path=/orders\n}"), ["2:12 `/orders` is not a value"]);
        assert_eq!(report("limits body=10MiB"), ["1:13 `10MiB` is not a value"]);
    }

    #[test]
    fn one_mistake_is_one_finding() {
        assert_eq!(report("a {\n b c\n"), ["1:3 this block is never closed"]);
        assert_eq!(report("a #\"x\nb").len(), 1);
        assert_eq!(report("a true\nb"), ["1:3 `true` is a reserved word"]);
    }

    #[test]
    fn what_is_wrong_with_a_text_is_marked_in_it() {
        assert_eq!(report("a \"x\\yz\"\nb"), ["1:5 `\\y` is no escape"]);
        assert_eq!(
            report("a \"x\nb 1s\n"),
            ["1:3 this text is not closed on its line", "2:3 `1s` is not a value"]
        );
        assert_eq!(
            report("a \"\"\"\n    x\n  y\n    \"\"\"\n"),
            ["3:3 this line is not indented as far as its closing `\"\"\"`"]
        );
        assert_eq!(report("a b=#\"x\"\nb"), ["1:5 this raw text is never closed"]);
    }

    #[test]
    fn two_mistakes_are_two_findings() {
        assert_eq!(report("a b=10MiB c=1s\nb c=/x {\n}\n}\nd #\n").len(), 5);
        assert_eq!(report("a 10MiB\nb c\nd 12s\n").len(), 2);
    }
}
