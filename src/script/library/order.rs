//! Lists by the keys of their items: each once, in groups, in order.

use std::cmp::Ordering;
use std::collections::HashMap;

use compact_str::CompactString;
use rhai::{Array, Dynamic, FnPtr, Map, NativeCallContext};
use rust_decimal::Decimal;

use super::arguments::text;
use super::lists::items;
use crate::script::typed;
use crate::script::view::Raised;

/// What items are compared by: a number by its value, anything else by its text.
#[derive(Debug, PartialEq, Eq)]
enum Key {
    Number(Decimal),
    Text(CompactString),
}

impl Key {
    fn of(value: &Dynamic) -> Result<Self, Raised> {
        if let Ok(number) = value.as_int() {
            return Ok(Self::Number(number.into()));
        }
        if let Some(number) = value.read_lock::<Decimal>() {
            return Ok(Self::Number(number.normalize()));
        }
        text(value).map(Self::Text)
    }

    /// As text: equal for equal keys.
    fn into_text(self) -> CompactString {
        match self {
            Self::Number(number) => compact_str::format_compact!("{number}"),
            Self::Text(text) => text,
        }
    }

    /// The order of keys: a text that says a number stands among the numbers.
    fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.cmp(b),
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
        }
    }

    /// Texts of numbers count as numbers: documents without types give those.
    fn to_sort(value: &Dynamic) -> Result<Self, Raised> {
        Ok(match Self::of(value)? {
            Self::Text(text) => match typed::decimal(text.trim()) {
                Some(number) => Self::Number(number),
                None => Self::Text(text),
            },
            number => number,
        })
    }
}

fn call(context: &NativeCallContext<'_>, function: &FnPtr, item: &Dynamic) -> Result<Dynamic, Raised> {
    function.call_raw(context, None, [item.clone()])
}

fn first_of_each(
    list: Dynamic,
    key: impl Fn(&Dynamic) -> Result<CompactString, Raised>,
) -> Result<Array, Raised> {
    let mut seen: HashMap<CompactString, ()> = HashMap::new();
    let mut kept = Array::new();
    for item in items(list) {
        if seen.insert(key(&item)?, ()).is_none() {
            kept.push(item);
        }
    }
    Ok(kept)
}

pub(super) fn distinct(list: Dynamic) -> Result<Array, Raised> {
    first_of_each(list, |item| Key::of(item).map(Key::into_text))
}

pub(super) fn distinct_by(
    context: NativeCallContext<'_>,
    list: Dynamic,
    function: FnPtr,
) -> Result<Array, Raised> {
    first_of_each(list, |item| Key::of(&call(&context, &function, item)?).map(Key::into_text))
}

pub(super) fn group_by(
    context: NativeCallContext<'_>,
    list: Dynamic,
    function: FnPtr,
) -> Result<Array, Raised> {
    let mut places: HashMap<CompactString, usize> = HashMap::new();
    let mut groups: Vec<(Dynamic, Array)> = Vec::new();
    for item in items(list) {
        let key = call(&context, &function, &item)?;
        let at = *places.entry(Key::of(&key)?.into_text()).or_insert(groups.len());
        match groups.get_mut(at) {
            Some((_, items)) => items.push(item),
            None => groups.push((key, vec![item])),
        }
    }
    let group = |(key, items)| {
        Dynamic::from(Map::from([("key".into(), key), ("items".into(), Dynamic::from(items))]))
    };
    Ok(groups.into_iter().map(group).collect())
}

fn by_keys(mut keyed: Vec<(Key, Dynamic)>) -> Array {
    keyed.sort_by(|(a, _), (b, _)| a.order(b));
    keyed.into_iter().map(|(_, item)| item).collect()
}

pub(super) fn sorted(list: Dynamic) -> Result<Array, Raised> {
    let keyed: Result<_, Raised> =
        items(list).into_iter().map(|item| Ok((Key::to_sort(&item)?, item))).collect();
    keyed.map(by_keys)
}

pub(super) fn sorted_by(
    context: NativeCallContext<'_>,
    list: Dynamic,
    function: FnPtr,
) -> Result<Array, Raised> {
    let keyed: Result<_, Raised> = items(list)
        .into_iter()
        .map(|item| Ok((Key::to_sort(&call(&context, &function, &item)?)?, item)))
        .collect();
    keyed.map(by_keys)
}
