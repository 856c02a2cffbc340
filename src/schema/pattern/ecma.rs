//! A regular expression of XML Schema in the dialect of JSON Schema (ECMA-262), where that can say it.

use super::escape::{INITIAL, LATER};
use super::translate::Cursor;

/// Characters that mean something else in ECMA-262 where they stand for themselves in XML Schema.
const SYNTAX: &[char] = &['^', '$', '\\', '.', '*', '+', '?', '(', ')', '[', ']', '{', '}', '|', '/'];

/// The expression for whole values, `^...$`; `None` where it needs categories of Unicode, `\w` or subtraction, which not all
/// readers of JSON Schema know. Digits become ASCII digits: what documents have that are meant for machines.
pub(super) fn ecma(source: &str) -> Option<String> {
    let mut cursor = Cursor { text: source, at: 0 };
    let mut out = String::from("^");
    let (mut depth, mut alternatives) = (0_usize, false);
    while let Some(c) = cursor.next() {
        match c {
            '[' => class(&mut cursor, &mut out)?,
            '\\' => escaped(&mut cursor, &mut out, false)?,
            '.' => out.push_str("[^\\n\\r]"),
            '^' | '$' | '/' => out.extend(['\\', c]),
            c => {
                match c {
                    '(' => depth += 1,
                    ')' => depth = depth.checked_sub(1)?,
                    '|' => alternatives |= depth == 0,
                    _ => {}
                }
                out.push(c);
            }
        }
    }
    out.push('$');
    match alternatives {
        true => Some(format!("^(?:{})$", out.strip_prefix('^')?.strip_suffix('$')?)),
        false => Some(out),
    }
}

/// A class behind its `[`.
fn class(cursor: &mut Cursor<'_>, out: &mut String) -> Option<()> {
    out.push('[');
    if cursor.peek() == Some('^') {
        cursor.next();
        out.push('^');
    }
    let mut first = true;
    loop {
        match cursor.next()? {
            ']' if !first => {
                out.push(']');
                return Some(());
            }
            '-' if cursor.peek() == Some('[') => return None,
            // One that is no range stands for itself, which is only clear when it is escaped.
            '-' if first || cursor.peek() == Some(']') => out.push_str("\\-"),
            '\\' => escaped(cursor, out, true)?,
            c @ ('^' | '[' | ']') => out.extend(['\\', c]),
            c => out.push(c),
        }
        first = false;
    }
}

/// An escape behind its backslash; in a class without brackets of its own.
fn escaped(cursor: &mut Cursor<'_>, out: &mut String, in_class: bool) -> Option<()> {
    let c = cursor.next()?;
    let set = match c {
        'd' => Some("0-9".to_owned()),
        's' => Some(" \\t\\n\\r".to_owned()),
        'i' => Some(INITIAL.to_owned()),
        'c' => Some(format!("{INITIAL}{LATER}")),
        _ => None,
    };
    let opposite = match c {
        'D' => Some("0-9".to_owned()),
        'S' => Some(" \\t\\n\\r".to_owned()),
        'I' => Some(INITIAL.to_owned()),
        'C' => Some(format!("{INITIAL}{LATER}")),
        _ => None,
    };
    match (set, opposite, c) {
        (Some(set), _, _) if in_class => out.push_str(&set),
        (Some(set), _, _) => out.push_str(&format!("[{set}]")),
        // The opposite of a set cannot stand in a class with others.
        (_, Some(_), _) if in_class => return None,
        (_, Some(set), _) => out.push_str(&format!("[^{set}]")),
        (_, _, 'n' | 'r' | 't') => out.extend(['\\', c]),
        (_, _, '-') if in_class => out.push_str("\\-"),
        (_, _, c) if SYNTAX.contains(&c) => out.extend(['\\', c]),
        (_, _, c) if c.is_ascii_punctuation() => out.push(c),
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_can_say_is_translated() {
        for (source, expected) in [
            ("[A-Z]{3}-[0-9]+", "^[A-Z]{3}-[0-9]+$"),
            ("a|b", "^(?:a|b)$"),
            ("(a|b)c", "^(a|b)c$"),
            (r"\d{2}\.\d", r"^[0-9]{2}\.[0-9]$"),
            ("^a$", r"^\^a\$$"),
            ("a/b.", r"^a\/b[^\n\r]$"),
            (r"[\d\s_\-]", r"^[0-9 \t\n\r_\-]$"),
            ("[-a]", r"^[\-a]$"),
            ("[a^]", r"^[a\^]$"),
            (r"\S+", r"^[^ \t\n\r]+$"),
            (r"a\@b", "^a@b$"),
        ] {
            assert_eq!(ecma(source).as_deref(), Some(expected), "{source}");
        }
        assert!(ecma(r"\i\c*").unwrap().starts_with("^[:A-Z_a-z"));
    }

    #[test]
    fn what_only_xml_schema_can_say_is_not() {
        for source in [r"\p{Lu}", r"\w", r"[a-z-[aeiou]]", r"[\D]", r"\p{IsGreek}"] {
            assert_eq!(ecma(source), None, "{source}");
        }
    }

    #[test]
    fn translated_expressions_match_the_same() {
        for (source, right, wrong) in [
            ("[A-Z]{3}-[0-9]+", "ABC-12", "ABCD-12"),
            ("[a-]", "-", "b"),
            (r"[\^\]\[]", "]", "b"),
            ("[.?*+(){}|$]+", ".?*+(){}|$", "a"),
            (r"\(\)\{\}\|\?\*\+\\", "(){}|?*+\\", "a"),
        ] {
            let regex = regex::Regex::new(&ecma(source).unwrap()).unwrap();
            assert!(regex.is_match(right) && !regex.is_match(wrong), "{source}");
        }
    }
}
