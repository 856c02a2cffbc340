//! Texts cut, repeated and put together, within the bounds of a run.

use rhai::{Array, Dynamic};

use super::arguments::{count, out, text, through, too_long, too_many, whole};
use super::lists::items;
use crate::script::engine::State;
use crate::script::view::{Raised, raise};

pub(super) fn concat(state: &State, list: Dynamic) -> Result<Dynamic, Raised> {
    let mut all = String::new();
    for item in items(list) {
        all.push_str(&text(&item)?);
        if all.len() > state.text_bound() {
            return Err(too_long());
        }
    }
    Ok(all.into())
}

pub(super) fn left(value: Dynamic, length: Dynamic) -> Result<Dynamic, Raised> {
    let length = count(&length, "length")?;
    through(&value, |text| Ok(out(part(text, 0, length))))
}

pub(super) fn right(value: Dynamic, length: Dynamic) -> Result<Dynamic, Raised> {
    let length = count(&length, "length")?;
    through(&value, |text| {
        let start = text.chars().count().saturating_sub(length);
        Ok(out(part(text, start, length)))
    })
}

pub(super) fn substring(value: Dynamic, start: Dynamic, length: Dynamic) -> Result<Dynamic, Raised> {
    let (start, length) = (whole(&start, "start")?, count(&length, "length")?);
    through(&value, |text| {
        let from = usize::try_from(start.unsigned_abs()).unwrap_or(usize::MAX);
        let from = if start < 0 { text.chars().count().saturating_sub(from) } else { from };
        Ok(out(part(text, from, length)))
    })
}

/// At most `length` characters from the character of that number on.
fn part(text: &str, start: usize, length: usize) -> &str {
    let rest = text.char_indices().nth(start).and_then(|(at, _)| text.get(at..)).unwrap_or("");
    match rest.char_indices().nth(length) {
        Some((end, _)) => rest.get(..end).unwrap_or(rest),
        None => rest,
    }
}

pub(super) fn repeat(state: &State, value: &Dynamic, times: &Dynamic) -> Result<Dynamic, Raised> {
    let times = count(times, "times")?;
    through(value, |text| match text.len().saturating_mul(times) > state.text_bound() {
        true => Err(too_long()),
        false => Ok(text.repeat(times)),
    })
}

pub(super) fn replace_text(
    state: &State,
    value: &Dynamic,
    part: &str,
    with: &str,
) -> Result<Dynamic, Raised> {
    if part.is_empty() {
        return Err(raise("the text to replace is empty"));
    }
    through(value, |text| {
        let found = text.matches(part).count();
        let most = text.len().saturating_add(found.saturating_mul(with.len()));
        match most.saturating_sub(found.saturating_mul(part.len())) > state.text_bound() {
            true => Err(too_long()),
            false => Ok(text.replace(part, with)),
        }
    })
}

pub(super) fn split(state: &State, value: &Dynamic, separator: &str) -> Result<Array, Raised> {
    if separator.is_empty() {
        return Err(raise("the separator is empty"));
    }
    if value.is_unit() {
        return Ok(Array::new());
    }
    let text = text(value)?;
    let parts: Array = text.split(separator).take(state.items_bound().saturating_add(1)).map(out).collect();
    if parts.len() > state.items_bound() { Err(too_many()) } else { Ok(parts) }
}
