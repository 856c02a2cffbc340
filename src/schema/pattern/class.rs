//! Character classes: groups, ranges and subtraction (XML Schema part 2, appendix F.1).

use super::PatternError;
use super::escape::{self, Escaped};
use super::translate::{Cursor, literal};

/// Classes subtracted from subtracted classes.
const DEEPEST: usize = 20;

/// Reads a class from its `[` to its `]`.
pub(super) fn class(cursor: &mut Cursor<'_>, out: &mut String, depth: usize) -> Result<(), PatternError> {
    let start = cursor.at;
    if depth == DEEPEST {
        let message = format!("classes are subtracted at most {DEEPEST} deep");
        return Err(PatternError { offset: start, message });
    }
    cursor.next();
    let negated = cursor.peek() == Some('^');
    if negated {
        cursor.next();
    }
    let mut items = String::new();
    let mut minus = String::new();
    loop {
        let at = cursor.at;
        match cursor.peek() {
            None => {
                return Err(PatternError { offset: start, message: "this class is not closed".to_owned() });
            }
            Some(']') if items.is_empty() => {
                let message = "a class has at least one character; `\\]` is the character".to_owned();
                return Err(PatternError { offset: at, message });
            }
            Some(']') => {
                cursor.next();
                break;
            }
            Some('-') if !items.is_empty() && cursor.peek_second() == Some('[') => {
                cursor.next();
                class(cursor, &mut minus, depth + 1)?;
                if cursor.peek() != Some(']') {
                    let message = "the class ends behind what is subtracted: expected `]`".to_owned();
                    return Err(PatternError { offset: cursor.at, message });
                }
                cursor.next();
                break;
            }
            Some('[') => {
                let message = "`[` in a class is written `\\[`, and subtraction `-[`".to_owned();
                return Err(PatternError { offset: at, message });
            }
            Some(_) => item(cursor, &mut items)?,
        }
    }
    let caret = if negated { "^" } else { "" };
    if minus.is_empty() {
        out.push_str(&format!("[{caret}{items}]"));
    } else {
        out.push_str(&format!("[[{caret}{items}]--{minus}]"));
    }
    Ok(())
}

/// One character, range or set.
fn item(cursor: &mut Cursor<'_>, items: &mut String) -> Result<(), PatternError> {
    let at = cursor.at;
    let first = match one(cursor)? {
        Escaped::Set(set) => {
            items.push_str(&set);
            return Ok(());
        }
        Escaped::Char(c) => c,
    };
    literal(first, items);
    if cursor.peek() != Some('-') || matches!(cursor.peek_second(), None | Some(']' | '[')) {
        return Ok(());
    }
    cursor.next();
    let wrong = |message: String| Err(PatternError { offset: at, message });
    match one(cursor)? {
        Escaped::Char(last) if last < first => {
            wrong(format!("the range ends before it begins, at `{first}`"))
        }
        Escaped::Char(last) => {
            items.push('-');
            literal(last, items);
            Ok(())
        }
        Escaped::Set(_) => {
            wrong("a range goes from one character to another; `\\-` is the character".to_owned())
        }
    }
}

/// A character as such or escaped, or a set.
fn one(cursor: &mut Cursor<'_>) -> Result<Escaped, PatternError> {
    match cursor.peek() {
        Some('\\') => escape::escape(cursor),
        _ => Ok(Escaped::Char(cursor.next().unwrap_or_default())),
    }
}
