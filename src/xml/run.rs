//! A run of character data between two tags: borrowed as long as it is one piece, built when it is not.

use std::borrow::Cow;

use super::chars::is_char;
use super::cursor::{Wrong, short, syntax};

/// The text since the last tag. Comments and processing instructions do not end a run.
#[derive(Debug, Default)]
pub(super) struct Run<'t> {
    piece: &'t str,
    built: String,
}

impl<'t> Run<'t> {
    /// The text so far.
    pub fn text(&self) -> &str {
        if self.built.is_empty() { self.piece } else { &self.built }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.piece.is_empty() && self.built.is_empty()
    }

    /// Begins anew and keeps the memory.
    pub fn clear(&mut self) {
        self.piece = "";
        self.built.clear();
    }

    /// Adds a piece with its line ends normalized (XML 1.0, section 2.11).
    pub fn push(&mut self, piece: &'t str, has_cr: bool) {
        if has_cr && piece.contains('\r') {
            self.build();
            push_lines(piece, &mut self.built);
        } else if self.text().is_empty() {
            self.piece = piece;
        } else {
            self.build();
            self.built.push_str(piece);
        }
    }

    /// Adds one character, as a reference does.
    pub fn push_char(&mut self, c: char) {
        self.build();
        self.built.push(c);
    }

    fn build(&mut self) {
        if self.built.is_empty() {
            self.built.push_str(self.piece);
        }
    }
}

/// Appends text with CR LF and lone CR as LF.
fn push_lines(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\r') {
        out.push_str(before);
        out.push('\n');
        rest = after.strip_prefix('\n').unwrap_or(after);
    }
    out.push_str(rest);
}

/// What stands for itself between `&` and `;`: a character reference or one of the five predefined entities.
pub(super) fn reference(name: &str, offset: usize) -> Result<char, Wrong> {
    match name {
        "amp" => return Ok('&'),
        "lt" => return Ok('<'),
        "gt" => return Ok('>'),
        "quot" => return Ok('"'),
        "apos" => return Ok('\''),
        _ => {}
    }
    let Some(number) = name.strip_prefix('#') else {
        let message = format!(
            "the entity `{}` is not defined: only amp, lt, gt, quot and apos are; write the character itself",
            short(name)
        );
        return Err(syntax(offset, message));
    };
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |hex| (hex, 16));
    let code = Some(digits)
        .filter(|digits| !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix)))
        .and_then(|digits| u32::from_str_radix(digits, radix).ok());
    code.and_then(char::from_u32)
        .filter(|c| is_char(*c))
        .ok_or_else(|| syntax(offset, format!("`&{};` is not a character that XML can carry", short(name))))
}

/// The value of an attribute: references resolved, white space as spaces (XML 1.0, section 3.3.3).
pub(super) fn attribute_value(raw: &str, offset: usize) -> Result<Cow<'_, str>, Wrong> {
    let special = |b: &u8| matches!(b, b'&' | b'<' | b'\t' | b'\n' | b'\r');
    if !raw.as_bytes().iter().any(special) {
        return Ok(Cow::Borrowed(raw));
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.as_bytes().iter().position(special) {
        let (before, after) = rest.split_at_checked(at).unwrap_or((rest, ""));
        let place = offset + raw.len() - after.len();
        out.push_str(before);
        if after.starts_with('<') {
            return Err(syntax(place, "`<` cannot stand in an attribute value: write `&lt;`"));
        }
        rest = match after.strip_prefix('&') {
            Some(after) => {
                let (name, after) = after
                    .split_once(';')
                    .ok_or_else(|| syntax(place, "`&` begins a reference that has no `;`: write `&amp;`"))?;
                out.push(reference(name, place)?);
                after
            }
            None => {
                out.push(' ');
                after.strip_prefix("\r\n").or_else(|| after.get(1..)).unwrap_or_default()
            }
        };
    }
    out.push_str(rest);
    Ok(Cow::Owned(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_borrowed_until_it_must_be_built() {
        let mut run = Run::default();
        run.push("one piece", true);
        assert!(run.built.is_empty());
        run.push("\r\nx\ry", true);
        run.push_char('&');
        assert_eq!(run.text(), "one piece\nx\ny&");
    }

    #[test]
    fn attribute_values_are_normalized() {
        assert_eq!(attribute_value("a\r\n\tb&#10;&lt;", 0).unwrap(), "a  b\n<");
        assert_eq!(attribute_value("x&y", 10).unwrap_err().offset, 11);
        assert_eq!(attribute_value("ab<", 10).unwrap_err().offset, 12);
    }

    #[test]
    fn references_that_are_none() {
        for name in ["", "#", "#x", "#-1", "#+1", "#x1F", "#xFFFFFFFFFF", "#xD800", "#0", "nbsp", "#x110000"]
        {
            assert!(reference(name, 0).is_err(), "{name}");
        }
        assert_eq!(reference("#x20AC", 0).unwrap(), '€');
    }
}
