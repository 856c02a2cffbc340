//! What functions are given, as what they need: text, whole numbers, choices; and what they give back.

use compact_str::CompactString;
use rhai::{Dynamic, EvalAltResult, Position};

use super::Wrong;
use crate::document::tree::{Element, Name};
use crate::script::convert;
use crate::script::failure::kind_of;
use crate::script::numbers::Number;
use crate::script::typed;
use crate::script::view::{Raised, View, raise};
use crate::source::nearest;

/// A value as text; the empty text for `()`.
pub(in crate::script) fn text(value: &Dynamic) -> Result<CompactString, Raised> {
    if value.is_unit() {
        return Ok(CompactString::default());
    }
    if let Ok(text) = value.as_immutable_string_ref() {
        return Ok(CompactString::from(text.as_str()));
    }
    if let Some(view) = value.read_lock::<View>() {
        return Ok(view.text());
    }
    let content = convert::leaf(value).ok_or_else(|| raise(format!("{} is not a text", kind_of(value))))?;
    Ok(Element::with(Name::default(), content).string_value())
}

/// What a function makes of a value's text; what is absent stays absent.
pub(super) fn through<R: Into<Dynamic>>(
    value: &Dynamic,
    make: impl FnOnce(&str) -> Result<R, Raised>,
) -> Result<Dynamic, Raised> {
    if value.is_unit() {
        return Ok(Dynamic::UNIT);
    }
    // The interpreter's own texts are not copied.
    if let Ok(text) = value.as_immutable_string_ref() {
        return make(&text).map(Into::into);
    }
    make(&text(value)?).map(Into::into)
}

/// What a function makes of a number; what is absent stays absent.
pub(super) fn through_number(
    value: &Dynamic,
    make: impl FnOnce(Number) -> Result<Number, Raised>,
) -> Result<Dynamic, Raised> {
    if value.is_unit() {
        return Ok(Dynamic::UNIT);
    }
    Number::of(value).and_then(make).map(Number::dynamic)
}

/// A whole number.
pub(super) fn whole(value: &Dynamic, what: &str) -> Result<i64, Raised> {
    if let Ok(number) = value.as_int() {
        return Ok(number);
    }
    let number = Number::of(value)?.decimal();
    match number.fract().is_zero() {
        true => i64::try_from(number).map_err(|_| raise(format!("the {what} `{number}` is too large"))),
        false => Err(raise(format!("the {what} must be a whole number, and is `{number}`"))),
    }
}

/// A whole number from 0.
pub(super) fn count(value: &Dynamic, what: &str) -> Result<usize, Raised> {
    let number = whole(value, what)?;
    usize::try_from(number).map_err(|_| raise(format!("the {what} must be 0 or more, and is {number}")))
}

/// One of several words, with what it stands for.
pub(super) fn choice<T: Copy>(word: &str, what: &str, known: &[(&str, T)]) -> Result<T, Raised> {
    match known.iter().find(|(name, _)| *name == word) {
        Some((_, value)) => Ok(*value),
        None => Err(raise(unknown(word, what, known.iter().map(|(name, _)| *name)).one_line())),
    }
}

/// Checks a literal that must be one of several words.
pub(super) fn one_of<T>(word: &str, what: &str, known: &[(&str, T)]) -> Result<(), Wrong> {
    match known.iter().any(|(name, _)| *name == word) {
        true => Ok(()),
        false => Err(unknown(word, what, known.iter().map(|(name, _)| *name))),
    }
}

fn unknown<'a>(word: &str, what: &str, known: impl Iterator<Item = &'a str> + Clone) -> Wrong {
    let help = match nearest(word, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known here: {}", known.collect::<Vec<_>>().join(", ")),
    };
    Wrong { message: format!("`{}` is not {what}", excerpt(word)), help: Some(help) }
}

impl Wrong {
    /// Without a hint.
    pub(in crate::script) fn plain(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    /// As a run-time error says it.
    pub(in crate::script) fn one_line(self) -> String {
        match self.help {
            Some(help) => format!("{}: {help}", self.message),
            None => self.message,
        }
    }
}

/// A text as a script value.
pub(super) fn out(text: impl AsRef<str>) -> Dynamic {
    typed::string(text.as_ref())
}

/// The start of a text that a message quotes.
pub(in crate::script) fn excerpt(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((at, _)) => format!("{}...", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The failure of a text that would be longer than the run's bound.
pub(super) fn too_long() -> Raised {
    Box::new(EvalAltResult::ErrorDataTooLarge("Length of string".into(), Position::NONE))
}

/// The failure of a list that would be longer than the run's bound.
pub(super) fn too_many() -> Raised {
    Box::new(EvalAltResult::ErrorDataTooLarge("Size of array/BLOB".into(), Position::NONE))
}

/// The failure of a run whose time is up.
pub(super) fn too_late() -> Raised {
    Box::new(EvalAltResult::ErrorTerminated(Dynamic::UNIT, Position::NONE))
}
