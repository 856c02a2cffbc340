//! Shapes as the inline profiles of `gateway.kdl`, or the reason why one cannot be written inline.

use std::fmt::Write as _;

use rust_decimal::Decimal;

use crate::schema::validate::shown;
use crate::schema::{AttributeShape, Bound, Occurs, Shape, ShapeKind, Simple, SimpleType, Variety};

/// The block of an XML profile: its root element.
///
/// # Errors
/// What the shape says that an inline profile cannot.
pub fn xml(shape: &Shape) -> Result<String, String> {
    let mut printer = Printer::default();
    printer.element(shape, None, true, 1)?;
    Ok(printer.out)
}

/// The block of a JSON profile: its one value.
///
/// # Errors
/// As [`xml`].
pub fn json(shape: &Shape) -> Result<String, String> {
    let mut printer = Printer::default();
    printer.value(shape, false, 1)?;
    Ok(printer.out)
}

/// A text as KDL writes it: bare where it is a plain word, else quoted.
pub fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let start = |c: char| c.is_ascii_alphabetic() || c == '_';
    let reserved = ["true", "false", "null", "inf", "nan"].contains(&text);
    if text.starts_with(start) && text.chars().all(plain) && !reserved {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// What cannot stand in KDL as it is: control characters, line ends, marks of the direction of writing.
fn special(c: char) -> bool {
    let marks = matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || marks || matches!(c, '\u{feff}' | '\u{2028}' | '\u{2029}')
}

/// A text on one line of a comment.
pub fn comment(text: &str) -> String {
    text.chars().map(|c| if special(c) { ' ' } else { c }).collect()
}

/// A text in quotes; raw where escapes would double its backslashes.
pub fn quoted(text: &str) -> String {
    if text.contains('\\') && !text.contains("\"#") && !text.contains(special) {
        return format!("#\"{text}\"#");
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            // Writing to a String cannot fail.
            c if special(c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The type of single values and what narrows it, as properties: ` type=integer min=1`.
///
/// # Errors
/// As [`xml`].
pub fn typed(simple: &Simple) -> Result<String, String> {
    let mut text = String::new();
    Printer::default().simple(simple, false, &mut text)?;
    Ok(text)
}

#[derive(Default)]
struct Printer {
    out: String,
}

impl Printer {
    fn line(&mut self, depth: usize, text: &str) {
        self.out.push_str(&"    ".repeat(depth));
        self.out.push_str(text);
        self.out.push('\n');
    }

    // ---- XML

    fn element(
        &mut self,
        shape: &Shape,
        around: Option<&str>,
        root: bool,
        depth: usize,
    ) -> Result<(), String> {
        let mut text = format!("element {}", word(&shape.name));
        let namespace = shape.namespace.as_deref();
        if namespace != around {
            let _ = write!(text, " namespace={}", quoted(namespace.unwrap_or_default()));
        }
        let children = match &shape.kind {
            ShapeKind::Simple(simple) => {
                self.simple(simple, !shape.attributes.is_empty(), &mut text)
                    .map_err(|why| of(shape, &why))?;
                &[][..]
            }
            ShapeKind::Children(children) => children,
            ShapeKind::Open(_) | ShapeKind::Any | ShapeKind::Items(_) => {
                return Err(of(shape, "may hold more than a list of elements can say"));
            }
        };
        if shape.occurs != Occurs::ONCE && !root {
            let _ = write!(text, " occurs=\"{}\"", occurs(shape.occurs));
        }
        if shape.nillable {
            text.push_str(" nillable=#true");
        }
        if shape.attributes.is_empty() && matches!(shape.kind, ShapeKind::Simple(_)) {
            self.line(depth, &text);
            return Ok(());
        }
        self.line(depth, &format!("{text} {{"));
        for attribute in &shape.attributes {
            self.attribute(attribute, depth + 1)?;
        }
        for child in children.iter().filter(|child| child.occurs.max != Some(0)) {
            self.element(child, namespace, false, depth + 1)?;
        }
        self.line(depth, "}");
        Ok(())
    }

    fn attribute(&mut self, attribute: &AttributeShape, depth: usize) -> Result<(), String> {
        if attribute.namespace.is_some() {
            return Err(format!("the attribute `{}` is in a namespace", attribute.name));
        }
        let mut text = format!("attribute {}", word(&attribute.name));
        self.simple(&attribute.simple, false, &mut text)
            .map_err(|why| format!("the attribute `{}` {why}", attribute.name))?;
        if attribute.required {
            text.push_str(" required=#true");
        }
        self.line(depth, &text);
        Ok(())
    }

    /// `type=` and the facets.
    fn simple(&self, simple: &Simple, named: bool, text: &mut String) -> Result<(), String> {
        if simple.base != SimpleType::String || named {
            let _ = write!(text, " type={}", simple.base.name());
        }
        facets(simple, text)
    }

    // ---- JSON

    fn value(&mut self, shape: &Shape, member: bool, depth: usize) -> Result<(), String> {
        let mut text = match &shape.kind {
            ShapeKind::Simple(simple) if simple.base == SimpleType::Decimal => "number".to_owned(),
            ShapeKind::Simple(simple) => simple.base.name().to_owned(),
            ShapeKind::Children(_) => "object".to_owned(),
            ShapeKind::Items(_) => "array".to_owned(),
            ShapeKind::Open(_) | ShapeKind::Any => {
                return Err(of(shape, "may hold more than a list of members can say"));
            }
        };
        if member {
            let _ = write!(text, " {}", word(&shape.name));
            if shape.occurs.min > 0 {
                text.push_str(" required=#true");
            }
        }
        if shape.nillable {
            text.push_str(" nillable=#true");
        }
        match &shape.kind {
            ShapeKind::Simple(simple) => {
                facets(simple, &mut text).map_err(|why| of(shape, &why))?;
                self.line(depth, &text);
                return Ok(());
            }
            ShapeKind::Items(item) if item.occurs != Occurs::ONCE => {
                return Err(of(shape, "bounds the number of its items"));
            }
            _ => self.line(depth, &format!("{text} {{")),
        }
        for child in shape.children() {
            self.value(child, matches!(shape.kind, ShapeKind::Children(_)), depth + 1)?;
        }
        self.line(depth, "}");
        Ok(())
    }
}

fn of(shape: &Shape, why: &str) -> String {
    match shape.name.as_str() {
        "" => format!("a value {why}"),
        name => format!("`{}` {why}", shown(name)),
    }
}

fn occurs(Occurs { min, max }: Occurs) -> String {
    match max {
        Some(max) if max == min => max.to_string(),
        Some(max) => format!("{min}..{max}"),
        None => format!("{min}..*"),
    }
}

/// The facets as properties; the reason for one that cannot be written, to stand behind the name of what has it.
fn facets(simple: &Simple, text: &mut String) -> Result<(), String> {
    if simple.variety != Variety::Atomic && simple.base.item().is_none() {
        return Err("is a list or a union of types".to_owned());
    }
    if simple.space != simple.base.white_space() {
        return Err("treats white space in its own way".to_owned());
    }
    let Some(facets) = simple.facets() else { return Ok(()) };
    let mut add = |name: &str, value: String| {
        // Writing to a String cannot fail.
        let _ = write!(text, " {name}={value}");
    };
    for (bound, [inclusive, exclusive]) in
        [(&facets.min, ["min", "min-exclusive"]), (&facets.max, ["max", "max-exclusive"])]
    {
        if let Some(bound) = bound {
            add(if bound.inclusive { inclusive } else { exclusive }, limit(simple, bound)?);
        }
    }
    for (name, count) in [
        ("total-digits", facets.total_digits),
        ("fraction-digits", facets.fraction_digits),
        ("length", facets.length),
        ("min-length", facets.min_length),
        ("max-length", facets.max_length),
    ] {
        if let Some(count) = count {
            add(name, count.to_string());
        }
    }
    let mut sources = facets.patterns.iter().flat_map(|pattern| pattern.sources());
    if let Some(source) = sources.next() {
        add("pattern", quoted(source));
    }
    if sources.next().is_some() {
        return Err("has several patterns".to_owned());
    }
    if let Some(values) = &facets.values {
        let wrong =
            |value: &compact_str::CompactString| value.is_empty() || value.contains(char::is_whitespace);
        if values.texts.iter().any(wrong) {
            return Err("allows values with white space in them".to_owned());
        }
        let texts: Vec<&str> = values.texts.iter().map(compact_str::CompactString::as_str).collect();
        add("values", quoted(&texts.join(" ")));
    }
    Ok(())
}

fn limit(simple: &Simple, bound: &Bound) -> Result<String, String> {
    if !simple.is_number() {
        return Ok(quoted(&bound.text));
    }
    match Decimal::from_str_exact(bound.text.trim_start_matches('+')) {
        Ok(number) => Ok(number.to_string()),
        Err(_) => Err("has a bound of more than 28 digits".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_they_must_be() {
        for (text, written) in [
            ("Order", "Order"),
            ("a-b.c_1", "a-b.c_1"),
            ("1a", "\"1a\""),
            ("true", "\"true\""),
            ("", "\"\""),
            ("a b", "\"a b\""),
            ("ä", "\"ä\""),
            ("say \"x\"\n", "\"say \\\"x\\\"\\n\""),
            (r"\d+", "#\"\\d+\"#"),
            ("\u{202e}", "\"\\u{202e}\""),
        ] {
            assert_eq!(word(text), written);
        }
    }
}
