//! Escapes: single characters, the sets `\s \i \c \d \w`, categories and blocks of Unicode (appendix F.1.1).

use super::PatternError;
use super::blocks;
use super::translate::Cursor;
use crate::source::nearest;

/// What an escape stands for.
pub(super) enum Escaped {
    /// One character.
    Char(char),
    /// A set of characters, as the regex library writes it inside and outside of classes.
    Set(String),
}

/// Where a name begins (XML 1.0, production 4).
pub(super) const INITIAL: &str = ":A-Z_a-z\u{C0}-\u{D6}\u{D8}-\u{F6}\u{F8}-\u{2FF}\u{370}-\u{37D}\u{37F}-\u{1FFF}\u{200C}-\u{200D}\
                       \u{2070}-\u{218F}\u{2C00}-\u{2FEF}\u{3001}-\u{D7FF}\u{F900}-\u{FDCF}\u{FDF0}-\u{FFFD}\
                       \u{10000}-\u{EFFFF}";

/// What else a name has (XML 1.0, production 4a).
pub(super) const LATER: &str = "\\-.0-9\u{B7}\u{300}-\u{36F}\u{203F}-\u{2040}";

/// The categories of Unicode that `\p{...}` knows.
const CATEGORIES: &[&str] = &[
    "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps",
    "Pe", "Pi", "Pf", "Po", "Z", "Zs", "Zl", "Zp", "S", "Sm", "Sc", "Sk", "So", "C", "Cc", "Cf", "Co", "Cn",
];

/// Reads an escape from its backslash on.
pub(super) fn escape(cursor: &mut Cursor<'_>) -> Result<Escaped, PatternError> {
    let offset = cursor.at;
    cursor.next();
    let Some(c) = cursor.next() else {
        let message = "a backslash escapes the character behind it, and there is none".to_owned();
        return Err(PatternError { offset, message });
    };
    let set = |text: &str| Ok(Escaped::Set(text.to_owned()));
    match c {
        'n' => Ok(Escaped::Char('\n')),
        'r' => Ok(Escaped::Char('\r')),
        't' => Ok(Escaped::Char('\t')),
        's' => set("[\\t\\n\\r\\x20]"),
        'S' => set("[^\\t\\n\\r\\x20]"),
        'd' => set("\\p{Nd}"),
        'D' => set("\\P{Nd}"),
        'w' => set("[^\\p{P}\\p{Z}\\p{C}]"),
        'W' => set("[\\p{P}\\p{Z}\\p{C}]"),
        'i' => Ok(Escaped::Set(format!("[{INITIAL}]"))),
        'I' => Ok(Escaped::Set(format!("[^{INITIAL}]"))),
        'c' => Ok(Escaped::Set(format!("[{INITIAL}{LATER}]"))),
        'C' => Ok(Escaped::Set(format!("[^{INITIAL}{LATER}]"))),
        'p' | 'P' => property(cursor, offset, c == 'P'),
        c if c.is_ascii_punctuation() => Ok(Escaped::Char(c)),
        c => {
            let message = format!(
                "`\\{c}` is not an escape of XML Schema; it has \\n \\r \\t \\s \\i \\c \\d \\w \\p{{...}}, their opposites \
                 in capitals, and `\\` before punctuation"
            );
            Err(PatternError { offset, message })
        }
    }
}

/// `\p{...}`, from its brace on: a category, or a block behind `Is`.
fn property(cursor: &mut Cursor<'_>, offset: usize, negated: bool) -> Result<Escaped, PatternError> {
    let wrong = |message: String| Err(PatternError { offset, message });
    let rest = cursor.text.get(cursor.at..).unwrap_or_default();
    let Some((name, _)) = rest.strip_prefix('{').and_then(|rest| rest.split_once('}')) else {
        return wrong("a property is written \\p{Lu} or \\p{IsBasicLatin}".to_owned());
    };
    cursor.at += name.len() + 2;
    if let Some(block) = name.strip_prefix("Is") {
        let mut ranges = String::new();
        for (first, last) in blocks::of(block) {
            ranges.push_str(&format!("\\x{{{first:X}}}-\\x{{{last:X}}}"));
        }
        return match (ranges.as_str(), blocks::is_surrogate(block)) {
            ("", true) => Ok(Escaped::Set(
                if negated { "[\\x{0}-\\x{10FFFF}]" } else { "[^\\x{0}-\\x{10FFFF}]" }.to_owned(),
            )),
            ("", false) => {
                wrong(format!("`{block}` is not a block of Unicode{}", hint(block, blocks::names())))
            }
            (ranges, _) => Ok(Escaped::Set(format!("[{}{ranges}]", if negated { "^" } else { "" }))),
        };
    }
    if !CATEGORIES.contains(&name) {
        let hint = hint(name, CATEGORIES.iter().copied());
        return wrong(format!(
            "`{name}` is not a category of Unicode{hint}; a block is written \\p{{IsName}}"
        ));
    }
    let letter = if negated { 'P' } else { 'p' };
    Ok(Escaped::Set(format!("\\{letter}{{{name}}}")))
}

fn hint<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    // Distances cost the product of the lengths, and no name is so long.
    let near = if name.len() <= 80 { nearest(name, known) } else { None };
    near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}
