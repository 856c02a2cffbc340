//! Texts with placeholders in the file: taken apart and checked.

use std::sync::Arc;

use super::Compiling;
use crate::pipeline::property::Property;
use crate::pipeline::template::{Escape, Piece, Template};
use crate::schema::Shape;
use crate::script::{Bindings, ScriptKind, Variable};
use crate::source::{Finding, Span, Spanned};
use crate::syntax::Literal;

/// Compiles a text whose scripts see a document of that shape; each bad placeholder is a finding at its own place.
pub fn compile(
    literal: &Spanned<Literal>,
    escape: Escape,
    document: Option<&Arc<Shape>>,
    compiling: &Compiling<'_>,
) -> Option<Template> {
    let text = literal.value.text.as_str();
    let mut pieces: Vec<Piece> = Vec::new();
    let mut whole = true;
    let mut at = 0;
    while let Some(open) = text.get(at..).and_then(|rest| rest.find('{')).map(|found| at + found) {
        push_text(&mut pieces, text.get(at..open).unwrap_or(""));
        if text.get(open + 1..).is_some_and(|rest| rest.starts_with('{')) {
            push_text(&mut pieces, "{");
            at = open + 2;
            continue;
        }
        let Some(close) = closing(text, open + 1) else {
            let span = literal.value.span_of(open, open + 1);
            let finding =
                Finding::error("bad-placeholder", span, "this `{` begins a placeholder that never ends");
            compiling.report(finding.help("`{name}` is a property, `{= expression}` a script, `{{` a brace"));
            return None;
        };
        match placeholder(literal, open + 1, close, document, compiling) {
            Some(piece) => pieces.push(piece),
            None => whole = false,
        }
        at = close + 1;
    }
    push_text(&mut pieces, text.get(at..).unwrap_or(""));
    whole.then_some(Template { pieces, escape })
}

/// The beginnings of what scripts see: a placeholder that begins so was meant as a script.
const SCRIPTED: &[&str] = &["doc.", "source."];

/// Neighbouring texts become one piece.
fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        Some(Piece::Text(last)) => last.push_str(text),
        _ if text.is_empty() => {}
        _ => pieces.push(Piece::Text(text.into())),
    }
}

/// The brace that ends a placeholder: inside an expression, braces nest and quotes hide them.
fn closing(text: &str, start: usize) -> Option<usize> {
    let rest = text.get(start..)?;
    if !rest.starts_with('=') {
        return rest.find('}').map(|at| start + at);
    }
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    for (at, c) in rest.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, '{') => depth += 1,
            (None, '}') if depth == 0 => return Some(start + at),
            (None, '}') => depth -= 1,
            (None, _) => {}
        }
    }
    None
}

fn placeholder(
    literal: &Spanned<Literal>,
    start: usize,
    end: usize,
    document: Option<&Arc<Shape>>,
    compiling: &Compiling<'_>,
) -> Option<Piece> {
    let inner = literal.value.text.get(start..end)?;
    if let Some(script) = inner.strip_prefix('=') {
        let bindings = Bindings::default().with(Variable::Doc, document.cloned());
        let bindings = bindings.with(Variable::Source, document.cloned());
        let part = literal.value.part(start + (inner.len() - script.len()), end);
        return compiling.script(&part, ScriptKind::Expression, bindings).map(Piece::Script);
    }
    let name = inner.trim();
    let begin = start + (inner.len() - inner.trim_start().len());
    let span = literal.value.span_of(begin, begin + name.len());
    let finding = match Property::parse(name) {
        Ok(Property::Document(_)) if SCRIPTED.iter().any(|first| name.starts_with(first)) => Finding::error(
            "bad-placeholder",
            span,
            format!("`{{{name}}}` is a property, and no step sets such a one"),
        )
        .help(format!("a part of the document is read by a script: {{= {name}}}")),
        Ok(property) if is_name(name) => {
            compiling.reads(name, span);
            return Some(Piece::Property(property));
        }
        Err(error) if !name.is_empty() => {
            Finding::error("unknown-property-name", span, error.message).suggest(name, error.known)
        }
        _ => {
            let message = match name.lines().next() {
                Some(line) if line.len() == name.len() => {
                    format!("`{name}` is not the name of a property")
                }
                Some(_) => "this is not the name of a property".to_owned(),
                None => "there is nothing between these braces".to_owned(),
            };
            let span = literal.value.span_of(start.saturating_sub(1), end + 1);
            Finding::error("bad-placeholder", span, message)
                .help("`{name}` is a property, `{= expression}` a script, `{{` a brace")
        }
    };
    compiling.report(if literal.value.is_outside { unquoted(span) } else { finding });
    None
}

/// What can be said about a placeholder in a text from outside, which may be a secret.
fn unquoted(span: Span) -> Finding {
    let message = "a placeholder in this text from outside is not the name of a property";
    Finding::error("bad-placeholder", span, message)
        .help("`{name}` is a property, `{= expression}` a script, `{{` a brace")
}

/// What a property's name is made of; anything else in braces was hardly meant as one.
pub fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'))
}

#[cfg(test)]
mod tests {
    use super::closing;

    #[test]
    fn an_expression_may_hold_braces() {
        let text = "x{= #{a: \"}\"}.a }y";
        assert_eq!(closing(text, 2), Some(16));
        assert_eq!(closing("{a", 1), None);
        assert_eq!(closing("{a}", 1), Some(2));
    }
}
