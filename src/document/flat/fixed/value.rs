//! The values of fields: taken out of what fills them, and put in; numbers exact, never cut.

use std::borrow::Cow;

use super::layout::{Align, Field};
use crate::document::flat::Holds;
use crate::document::number::Lexical;

/// The value in a field's characters; `None` when they are blank, or all are what fills it. Of digits that fill it the
/// last one is the value.
pub(super) fn read<'t>(field: &Field, raw: &'t str) -> Option<Cow<'t, str>> {
    if raw.trim_matches(' ').is_empty() {
        return None;
    }
    if field.holds == Holds::Number {
        return Some(number(field, raw.trim_matches(' '))).filter(|text| !text.is_empty());
    }
    let text = match field.align {
        Align::Left => raw.trim_end_matches(' ').trim_end_matches(field.pad),
        // Blanks behind it are those of a line that was cut short.
        Align::Right => raw.trim_start_matches(field.pad),
    };
    match text.is_empty() {
        false => Some(Cow::Borrowed(text)),
        true if field.pad.is_ascii_digit() => raw.get(raw.len() - 1..).map(Cow::Borrowed),
        true => None,
    }
}

/// A number without what fills it: zeros behind the sign, the point where it is meant to be.
fn number<'t>(field: &Field, text: &'t str) -> Cow<'t, str> {
    let filled = match field.align {
        _ if field.pad == '0' => text,
        Align::Left => text.trim_end_matches(field.pad),
        Align::Right => text.trim_start_matches(field.pad),
    };
    let (sign, digits) = split_sign(filled);
    // What is no number is left as it is, so that the check shows it.
    if Lexical::decimal(filled).is_none() {
        return Cow::Borrowed(filled);
    }
    if field.decimals > 0 {
        return Cow::Owned(format!("{sign}{}", pointed(digits, field.decimals)));
    }
    if field.pad != '0' {
        return Cow::Borrowed(filled);
    }
    let short = without_zeros(digits);
    // Zeros that fill the field would come back in front of the point.
    let zero = if short.starts_with('.') { "0" } else { "" };
    match short.len() == digits.len() && zero.is_empty() {
        true => Cow::Borrowed(filled),
        false => Cow::Owned(format!("{sign}{zero}{short}")),
    }
}

/// Digits with a point before the last ones, if none is written.
fn pointed(digits: &str, decimals: usize) -> String {
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole.to_owned(), fraction.to_owned()),
        None => {
            let padded = format!("{digits:0>width$}", width = decimals + 1);
            let (whole, fraction) = padded.split_at(padded.len() - decimals);
            (whole.to_owned(), fraction.to_owned())
        }
    };
    let whole = if whole.is_empty() { "0" } else { without_zeros(&whole) };
    format!("{whole}.{fraction:0<decimals$}")
}

/// Digits without the zeros in front of the first one that counts.
fn without_zeros(digits: &str) -> &str {
    let short = digits.trim_start_matches('0');
    match short.bytes().next() {
        Some(byte) if byte.is_ascii_digit() => short,
        // The last zero is the number, or stands before the point.
        _ if short.len() < digits.len() => digits.get(digits.len() - short.len() - 1..).unwrap_or(short),
        _ => short,
    }
}

fn split_sign(text: &str) -> (&str, &str) {
    text.split_at(usize::from(text.starts_with(['+', '-'])))
}

/// Appends the field with a value.
///
/// # Errors
/// What is wrong with the value: it is too long, or no number that can stand here.
pub(super) fn write(field: &Field, value: Option<&str>, out: &mut String) -> Result<(), String> {
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        out.extend(std::iter::repeat_n(' ', field.length));
        return Ok(());
    };
    let text = match field.holds {
        Holds::Number => Cow::Owned(digits(field, value)?),
        _ => Cow::Borrowed(value),
    };
    let length = text.chars().count();
    let Some(free) = field.length.checked_sub(length) else {
        let message = format!("this has {length} characters, and the field has {}", field.length);
        return Err(message);
    };
    let fill = std::iter::repeat_n(field.pad, free);
    match field.align {
        Align::Left => {
            out.push_str(&text);
            out.extend(fill);
        }
        Align::Right => {
            // Zeros stand between the sign and the digits.
            let signed = field.pad == '0' && field.holds == Holds::Number;
            let (sign, rest) = if signed { split_sign(&text) } else { ("", text.as_ref()) };
            out.push_str(sign);
            out.extend(fill);
            out.push_str(rest);
        }
    }
    Ok(())
}

/// A number as it stands in a field: without an exponent, and without the point where that is implied.
fn digits(field: &Field, value: &str) -> Result<String, String> {
    let value = value.trim();
    let plain = match Lexical::decimal(value) {
        Some(_) => value.to_owned(),
        None => match Lexical::json(value) {
            Some(number) => number.plain(),
            None => return Err("this is no number, and the field holds numbers".to_owned()),
        },
    };
    if field.decimals == 0 {
        return Ok(plain);
    }
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let kept = fraction.get(..field.decimals).unwrap_or(fraction);
    if fraction.get(kept.len()..).is_some_and(|rest| rest.bytes().any(|byte| byte != b'0')) {
        return Err(format!("this has more than the {} decimals of the field", field.decimals));
    }
    Ok(format!("{whole}{kept:0<width$}", width = field.decimals))
}
