//! Leaves as script values: numbers by their lexical form, exact, and text otherwise.

use rhai::Dynamic;
use rust_decimal::Decimal;

use super::wide::Wide;
use crate::document::tree::Content;
use crate::schema::SimpleType;

/// The script's value of a leaf; `None` for what has parts.
pub(super) fn leaf(content: &Content, simple: Option<SimpleType>) -> Option<Dynamic> {
    Some(match content {
        Content::Nil => Dynamic::UNIT,
        Content::Empty => string(""),
        Content::Text(value) => text(value, simple),
        Content::Number(value) => any_number(value).unwrap_or_else(|| string(value)),
        Content::Bool(value) => Dynamic::from(*value),
        Content::Children(_) | Content::Items(_) => return None,
    })
}

/// The script's value of text of that type; text that is not of its type stays text.
pub(super) fn text(value: &str, simple: Option<SimpleType>) -> Dynamic {
    match simple {
        Some(simple) if simple.is_number() => any_number(value.trim_ascii()),
        Some(SimpleType::Boolean) => match value.trim_ascii() {
            "true" | "1" => Some(Dynamic::TRUE),
            "false" | "0" => Some(Dynamic::FALSE),
            _ => None,
        },
        _ => None,
    }
    .unwrap_or_else(|| string(value))
}

/// A number of a document: one that does not fit is a value of its own kind, which cannot be taken for text.
pub(super) fn any_number(lexical: &str) -> Option<Dynamic> {
    number(lexical).or_else(|| Wide::read(lexical).map(Dynamic::from))
}

/// A number: an integer where it is written as one and fits, else an exact decimal, else nothing.
pub(super) fn number(lexical: &str) -> Option<Dynamic> {
    let unsigned = lexical.strip_prefix(['-', '+']).unwrap_or(lexical);
    if !unsigned.is_empty()
        && unsigned.bytes().all(|b| b.is_ascii_digit())
        && let Ok(value) = lexical.parse::<i64>()
    {
        return Some(Dynamic::from(value));
    }
    decimal(lexical).map(Dynamic::from)
}

/// An exact decimal, with its scale kept: `10.50` has two places. `None` beyond 28 digits: nothing is rounded unasked.
pub(super) fn decimal(lexical: &str) -> Option<Decimal> {
    if !lexical.bytes().any(|b| b.is_ascii_digit()) || lexical.contains('_') {
        return None;
    }
    if lexical.contains(['e', 'E']) {
        // `from_scientific` rounds digits that do not fit: refuse those first.
        let digits = lexical.split(['e', 'E']).next().unwrap_or_default();
        Decimal::from_str_exact(digits).ok()?;
        return Decimal::from_scientific(lexical).ok();
    }
    Decimal::from_str_exact(lexical).ok()
}

/// A text value.
pub(super) fn string(value: &str) -> Dynamic {
    Dynamic::from(rhai::ImmutableString::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_exact_or_stays_text() {
        let shown = |lexical| number(lexical).map(|value| value.to_string());
        assert_eq!(shown("42").as_deref(), Some("42"));
        assert_eq!(shown("-10.50").as_deref(), Some("-10.50"));
        assert_eq!(shown("9223372036854775808").as_deref(), Some("9223372036854775808"));
        assert_eq!(shown("1.5e3").as_deref(), Some("1500"));
        for text in ["", "-", ".", "abc", "1_000", "1e400", "NaN", "0.12345678901234567890123456789012345e1"]
        {
            assert_eq!(shown(text), None, "{text}");
        }
        assert_eq!(text("1", Some(SimpleType::Boolean)).as_bool(), Ok(true));
        assert_eq!(text(" 7 ", Some(SimpleType::Integer)).as_int(), Ok(7));
        assert_eq!(text("x", Some(SimpleType::Integer)).to_string(), "x");
        assert_eq!(text("7", Some(SimpleType::UnsignedByte)).as_int(), Ok(7));
        assert_eq!(text("1.5E2", Some(SimpleType::Double)).to_string(), "150");
        for (simple, value) in
            [(SimpleType::Double, "INF"), (SimpleType::Float, "1E300"), (SimpleType::GYear, "2026")]
        {
            assert_eq!(crate::script::library::text(&text(value, Some(simple))).unwrap(), value);
        }
    }
}
