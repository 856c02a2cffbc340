//! The package `string`: trimming, padding, cases, searching, cutting and patterns.

use rhai::Dynamic;

use super::arguments::{count, out, text, through, too_long};
use super::{Function, Package, patterns, string_cut as cut};
use crate::script::engine::State;
use crate::script::view::{Raised, raise};

pub(super) const PACKAGE: Package = Package {
    name: "string",
    summary: "Texts. Lengths and positions count characters from 0; what is absent stays absent.",
    functions: FUNCTIONS,
};

const FUNCTIONS: &[Function] = &[
    Function {
        name: "append",
        signature: "string::append(value, ending)",
        summary: "The text with another behind it.",
        example: r#"string::append("A", "-1")"#,
        result: "A-1",
        checks: &[],
        register: |r| {
            r.add(|value: Dynamic, ending: Dynamic| {
                through(&value, |text| Ok(format!("{text}{}", self::text(&ending)?)))
            });
        },
    },
    Function {
        name: "capitalize",
        signature: "string::capitalize(value)",
        summary: "The text with its first letter in upper case.",
        example: r#"string::capitalize("ada")"#,
        result: "Ada",
        checks: &[],
        register: |r| {
            r.add(|value: Dynamic| {
                through(&value, |text| {
                    let mut chars = text.chars();
                    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
                    Ok(first + chars.as_str())
                })
            });
        },
    },
    Function {
        name: "concat",
        signature: "string::concat(list)",
        summary: "The texts of a list's items, one behind the other; `()` counts as nothing.",
        example: r#"string::concat(["a", 1, (), "b"])"#,
        result: "a1b",
        checks: &[],
        register: |r| {
            let state = r.state();
            r.add(move |list: Dynamic| cut::concat(&state, list));
        },
    },
    Function {
        name: "contains",
        signature: "string::contains(value, part)",
        summary: "Whether the text has another in it.",
        example: r#"string::contains("Hamburg", "burg")"#,
        result: "true",
        checks: &[],
        register: |r| {
            r.add(|value: Dynamic, part: Dynamic| both(&value, &part, |text, part| text.contains(part)));
        },
    },
    Function {
        name: "ends_with",
        signature: "string::ends_with(value, ending)",
        summary: "Whether the text ends with another.",
        example: r#"string::ends_with("a.xml", ".xml")"#,
        result: "true",
        checks: &[],
        register: |r| {
            r.add(|value: Dynamic, part: Dynamic| both(&value, &part, |text, part| text.ends_with(part)));
        },
    },
    Function {
        name: "find",
        signature: "string::find(value, pattern)",
        summary: "The first part of the text that fits a regular expression, `()` when none does.",
        example: r##"string::find("order 4711 of May", #"[0-9]+"#)"##,
        result: "4711",
        checks: &[(1, patterns::check)],
        register: |r| {
            let state = r.state();
            r.add(move |value: Dynamic, pattern: &str| patterns::find(&state, &value, pattern));
        },
    },
    Function {
        name: "groups",
        signature: "string::groups(value, pattern)",
        summary: "The groups of a regular expression where it first fits, `()` for those that took no part; empty when it does not fit.",
        example: r##"string::groups("A-17", #"([A-Z])-([0-9]+)"#)[1]"##,
        result: "17",
        checks: &[(1, patterns::check)],
        register: |r| {
            let state = r.state();
            r.add(move |value: Dynamic, pattern: &str| patterns::groups(&state, &value, pattern));
        },
    },
    Function {
        name: "index_of",
        signature: "string::index_of(value, part)",
        summary: "Where the text first has another in it, from 0; -1 when nowhere.",
        example: r#"string::index_of("Übung", "u")"#,
        result: "2",
        checks: &[],
        register: |r| {
            r.add(|value: Dynamic, part: Dynamic| {
                both(&value, &part, |text, part| {
                    let before = text.find(part).and_then(|at| text.get(..at));
                    before.map_or(-1, |before| before.chars().count() as i64)
                })
            });
        },
    },
    Function {
        name: "is_blank",
        signature: "string::is_blank(value)",
        summary: "Whether there is no text but white space; also true for `()`.",
        example: r#"string::is_blank("  ")"#,
        result: "true",
        checks: &[],
        register: |r| {
            r.add(|value: Dynamic| text(&value).map(|text| text.trim().is_empty()));
        },
    },
    Function {
        name: "left",
        signature: "string::left(value, length)",
        summary: "At most so many characters from the start of the text.",
        example: r#"string::left("Hamburg", 3)"#,
        result: "Ham",
        checks: &[],
        register: |r| {
            r.add(cut::left);
        },
    },
    Function {
        name: "length",
        signature: "string::length(value)",
        summary: "The number of characters; 0 for `()`.",
        example: r#"string::length("Öl")"#,
        result: "2",
        checks: &[],
        register: |r| {
            r.add(|value: Dynamic| text(&value).map(|text| text.chars().count() as i64));
        },
    },
    Function {
        name: "lower",
        signature: "string::lower(value)",
        summary: "The text in lower case.",
        example: r#"string::lower("ÄB")"#,
        result: "äb",
        checks: &[],
        register: |r| {
            r.add(|value: Dynamic| through(&value, |text| Ok(text.to_lowercase())));
        },
    },
    Function {
        name: "matches",
        signature: "string::matches(value, pattern)",
        summary: "Whether a regular expression fits somewhere in the text; with ^ and $, the whole of it.",
        example: r##"string::matches("DE-1", #"^[A-Z]{2}-[0-9]$"#)"##,
        result: "true",
        checks: &[(1, patterns::check)],
        register: |r| {
            let state = r.state();
            r.add(move |value: Dynamic, pattern: &str| patterns::matches(&state, &value, pattern));
        },
    },
    Function {
        name: "pad_left",
        signature: "string::pad_left(value, length [, fill])",
        summary: "The text filled up at the left to so many characters, with spaces or another character; a longer one stays.",
        example: r#"string::pad_left(42, 5, "0")"#,
        result: "00042",
        checks: &[],
        register: |r| {
            let (state, short) = (r.state(), r.state());
            r.add(move |value: Dynamic, length: Dynamic, fill: &str| {
                pad(&state, &value, &length, fill, true)
            })
            .add(move |value: Dynamic, length: Dynamic| pad(&short, &value, &length, " ", true));
        },
    },
    Function {
        name: "pad_right",
        signature: "string::pad_right(value, length [, fill])",
        summary: "The text filled up at the right to so many characters, with spaces or another character; a longer one stays.",
        example: r#"string::pad_right("ab", 4, ".")"#,
        result: "ab..",
        checks: &[],
        register: |r| {
            let (state, short) = (r.state(), r.state());
            r.add(move |value: Dynamic, length: Dynamic, fill: &str| {
                pad(&state, &value, &length, fill, false)
            })
            .add(move |value: Dynamic, length: Dynamic| pad(&short, &value, &length, " ", false));
        },
    },
    Function {
        name: "prepend",
        signature: "string::prepend(value, beginning)",
        summary: "The text with another before it.",
        example: r#"string::prepend("1", "A-")"#,
        result: "A-1",
        checks: &[],
        register: |r| {
            r.add(|value: Dynamic, beginning: Dynamic| {
                through(&value, |text| Ok(format!("{}{text}", self::text(&beginning)?)))
            });
        },
    },
    Function {
        name: "remove",
        signature: "string::remove(value, pattern)",
        summary: "The text without what fits a regular expression.",
        example: r##"string::remove("+49 (40) 1-2", #"[^0-9]"#)"##,
        result: "494012",
        checks: &[(1, patterns::check)],
        register: |r| {
            let state = r.state();
            r.add(move |value: Dynamic, pattern: &str| patterns::replace(&state, &value, pattern, ""));
        },
    },
    Function {
        name: "repeat",
        signature: "string::repeat(value, times)",
        summary: "The text so many times, one behind the other.",
        example: r#"string::repeat("ab", 3)"#,
        result: "ababab",
        checks: &[],
        register: |r| {
            let state = r.state();
            r.add(move |value: Dynamic, times: Dynamic| cut::repeat(&state, &value, &times));
        },
    },
    Function {
        name: "replace",
        signature: "string::replace(value, pattern, replacement)",
        summary: "The text with everything that fits a regular expression replaced; $1 or ${name} stands for a group, $$ for a dollar.",
        example: r##"string::replace("2026-03-01", #"(\d+)-(\d+)-(\d+)"#, "$3.$2.$1")"##,
        result: "01.03.2026",
        checks: &[(1, patterns::check)],
        register: |r| {
            let state = r.state();
            r.add(move |value: Dynamic, pattern: &str, with: &str| {
                patterns::replace(&state, &value, pattern, with)
            });
        },
    },
    Function {
        name: "replace_text",
        signature: "string::replace_text(value, part, replacement)",
        summary: "The text with every place of another text replaced; nothing in it has a special meaning.",
        example: r#"string::replace_text("1.50", ".", ",")"#,
        result: "1,50",
        checks: &[],
        register: |r| {
            let state = r.state();
            r.add(move |value: Dynamic, part: &str, with: &str| {
                cut::replace_text(&state, &value, part, with)
            });
        },
    },
    Function {
        name: "right",
        signature: "string::right(value, length)",
        summary: "At most so many characters from the end of the text.",
        example: r#"string::right("Hamburg", 4)"#,
        result: "burg",
        checks: &[],
        register: |r| {
            r.add(cut::right);
        },
    },
    Function {
        name: "split",
        signature: "string::split(value, separator)",
        summary: "The texts between the places of a separator, as a list; empty for `()`.",
        example: r#"string::split("a;b;c", ";")[1]"#,
        result: "b",
        checks: &[],
        register: |r| {
            let state = r.state();
            r.add(move |value: Dynamic, separator: &str| cut::split(&state, &value, separator));
        },
    },
    Function {
        name: "starts_with",
        signature: "string::starts_with(value, beginning)",
        summary: "Whether the text starts with another.",
        example: r#"string::starts_with("DE123", "DE")"#,
        result: "true",
        checks: &[],
        register: |r| {
            r.add(|value: Dynamic, part: Dynamic| both(&value, &part, |text, part| text.starts_with(part)));
        },
    },
    Function {
        name: "substring",
        signature: "string::substring(value, start [, length])",
        summary: "The characters from a position on, at most so many; a negative start counts from the end.",
        example: r#"string::substring("Hamburg", 3, 2)"#,
        result: "bu",
        checks: &[],
        register: |r| {
            r.add(cut::substring)
                .add(|value: Dynamic, start: Dynamic| cut::substring(value, start, Dynamic::from(i64::MAX)));
        },
    },
    Function {
        name: "trim",
        signature: "string::trim(value)",
        summary: "The text without white space at both ends.",
        example: r#"string::trim("  a b ")"#,
        result: "a b",
        checks: &[],
        register: |r| {
            r.add(|value: Dynamic| through(&value, |text| Ok(out(text.trim()))));
        },
    },
    Function {
        name: "trim_left",
        signature: "string::trim_left(value)",
        summary: "The text without white space at its start.",
        example: r#"string::trim_left("  a ") + "|""#,
        result: "a |",
        checks: &[],
        register: |r| {
            r.add(|value: Dynamic| through(&value, |text| Ok(out(text.trim_start()))));
        },
    },
    Function {
        name: "trim_right",
        signature: "string::trim_right(value)",
        summary: "The text without white space at its end.",
        example: r#"string::trim_right(" a  ") + "|""#,
        result: " a|",
        checks: &[],
        register: |r| {
            r.add(|value: Dynamic| through(&value, |text| Ok(out(text.trim_end()))));
        },
    },
    Function {
        name: "upper",
        signature: "string::upper(value)",
        summary: "The text in upper case.",
        example: r#"string::upper("straße")"#,
        result: "STRASSE",
        checks: &[],
        register: |r| {
            r.add(|value: Dynamic| through(&value, |text| Ok(text.to_uppercase())));
        },
    },
];

/// What two texts say of each other; nothing is in what is absent.
fn both<R: Into<Dynamic>>(
    value: &Dynamic,
    part: &Dynamic,
    say: impl FnOnce(&str, &str) -> R,
) -> Result<Dynamic, Raised> {
    let (text, part) = (text(value)?, text(part)?);
    Ok(say(&text, &part).into())
}

fn pad(state: &State, value: &Dynamic, length: &Dynamic, fill: &str, left: bool) -> Result<Dynamic, Raised> {
    let length = count(length, "length")?;
    let mut chars = fill.chars();
    let (Some(fill), None) = (chars.next(), chars.next()) else {
        return Err(raise("the fill must be one character"));
    };
    through(value, |text| {
        let missing = length.saturating_sub(text.chars().count());
        if missing.saturating_mul(fill.len_utf8()) > state.text_bound() {
            return Err(too_long());
        }
        let filling: String = std::iter::repeat_n(fill, missing).collect();
        Ok(if left { filling + text } else { format!("{text}{filling}") })
    })
}
