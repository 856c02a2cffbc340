//! Functions without a package over lists: aggregates, choosing and grouping.

use rhai::{Array, Dynamic, FnPtr, ImmutableString, NativeCallContext};
use rust_decimal::Decimal;

use super::arguments::{text, too_long};
use super::{Function, Package, order};
use crate::script::engine::State;
use crate::script::numbers::Number;
use crate::script::view::{Raised, View, raise};

pub(super) const PACKAGE: Package = Package {
    name: "",
    summary: "Lists. One value counts as a list of one, `()` as an empty list.",
    functions: &[
        Function {
            name: "average",
            signature: "average(list)",
            summary: "The exact average of the numbers in a list; `()` for an empty list.",
            example: "average([1, 2, 6])",
            result: "3",
            checks: &[],
            register: |r| {
                r.add(average);
            },
        },
        Function {
            name: "count",
            signature: "count(list)",
            summary: "How many items of a list are there: `()` does not count.",
            example: "count([1, (), 3])",
            result: "2",
            checks: &[],
            register: |r| {
                r.add(|list: Dynamic| items(list).iter().filter(|item| !item.is_unit()).count() as i64);
            },
        },
        Function {
            name: "distinct",
            signature: "distinct(list [, |item| key])",
            summary: "The first item of each text, or of each key that the function gives.",
            example: r#"join(distinct(["b", "a", "b"]), ",")"#,
            result: "b,a",
            checks: &[],
            register: |r| {
                r.add(order::distinct).add(order::distinct_by);
            },
        },
        Function {
            name: "filter",
            signature: "list.filter(|item| ...)",
            summary: "The items for which the function is true.",
            example: "(5).filter(|n| n > 3).len()",
            result: "1",
            checks: &[],
            register: |r| {
                r.add(filter);
            },
        },
        Function {
            name: "group_by",
            signature: "group_by(list, |item| key)",
            summary: "A list of #{key, items}, one for each key, in the order in which the keys come up.",
            example: r#"group_by([1, 2, 3], |n| n % 2).map(|g| `${g.key}:${g.items.len()}`).join(" ")"#,
            result: "1:2 0:1",
            checks: &[],
            register: |r| {
                r.add(order::group_by);
            },
        },
        Function {
            name: "join",
            signature: "join(list, separator)",
            summary: "The texts of a list's items with a separator between them.",
            example: r#"join(["a", 1, 2.50], "; ")"#,
            result: "a; 1; 2.50",
            checks: &[],
            register: |r| {
                let state = r.state();
                r.add(move |list: Dynamic, separator: ImmutableString| join(&state, list, &separator));
            },
        },
        Function {
            name: "list",
            signature: "list(value)",
            summary: "The value as a list: a list as it is, `()` as an empty one, anything else as a list of one.",
            example: "list(7).len()",
            result: "1",
            checks: &[],
            register: |r| {
                r.add(items);
            },
        },
        Function {
            name: "map",
            signature: "list.map(|item| ...)",
            summary: "What the function gives for each item.",
            example: "sum((5).map(|n| n * 2))",
            result: "10",
            checks: &[],
            register: |r| {
                r.add(map);
            },
        },
        Function {
            name: "max",
            signature: "max(list)",
            summary: "The greatest of the numbers in a list; `()` for an empty list.",
            example: "max([3, 10.5, 7])",
            result: "10.5",
            checks: &[],
            register: |r| {
                r.add(|list: Dynamic| extreme(list, |new, old| new > old));
            },
        },
        Function {
            name: "min",
            signature: "min(list)",
            summary: "The least of the numbers in a list; `()` for an empty list.",
            example: "min([3, 10.5, 7])",
            result: "3",
            checks: &[],
            register: |r| {
                r.add(|list: Dynamic| extreme(list, |new, old| new < old));
            },
        },
        Function {
            name: "sorted",
            signature: "sorted(list [, |item| key])",
            summary: "The items in order of themselves or of their keys: numbers by value before texts; equals keep their order.",
            example: r#"join(sorted([10, 9, "b", "a"]), " ")"#,
            result: "9 10 a b",
            checks: &[],
            register: |r| {
                r.add(order::sorted).add(order::sorted_by);
            },
        },
        Function {
            name: "sum",
            signature: "sum(list)",
            summary: "The exact sum of the numbers in a list; 0 for an empty one, and `()` counts as nothing.",
            example: r#"sum([1, 2.50, "3"])"#,
            result: "6.50",
            checks: &[],
            register: |r| {
                r.add(sum);
            },
        },
    ],
};

/// A value as a list.
pub(in crate::script) fn items(value: Dynamic) -> Array {
    if value.is_unit() {
        return Array::new();
    }
    if let Some(view) = value.read_lock::<View>() {
        return view.items();
    }
    value.try_cast_result::<Array>().unwrap_or_else(|value| vec![value])
}

fn numbers(list: Dynamic) -> impl Iterator<Item = Result<Number, Raised>> {
    let present = items(list).into_iter().filter(|item| !item.is_unit());
    present.map(|item| Number::of(&item))
}

fn sum(list: Dynamic) -> Result<Dynamic, Raised> {
    let mut sum = Number::Integer(0);
    for number in numbers(list) {
        sum = sum.plus(number?)?;
    }
    Ok(sum.dynamic())
}

fn average(list: Dynamic) -> Result<Dynamic, Raised> {
    let mut sum = Number::Integer(0);
    let mut count = 0_i64;
    for number in numbers(list) {
        sum = sum.plus(number?)?;
        count += 1;
    }
    // Nothing to divide by: an empty list has no average.
    let Some(average) = sum.decimal().checked_div(Decimal::from(count)) else {
        return Ok(Dynamic::UNIT);
    };
    Ok(Dynamic::from(average.normalize()))
}

fn extreme(list: Dynamic, better: fn(Decimal, Decimal) -> bool) -> Result<Dynamic, Raised> {
    let mut best: Option<Number> = None;
    for number in numbers(list) {
        let number = number?;
        if best.is_none_or(|old| better(number.decimal(), old.decimal())) {
            best = Some(number);
        }
    }
    Ok(best.map_or(Dynamic::UNIT, Number::dynamic))
}

fn join(state: &State, list: Dynamic, separator: &str) -> Result<String, Raised> {
    let mut out = String::new();
    for (i, item) in items(list).iter().enumerate() {
        if i > 0 {
            out.push_str(separator);
        }
        out.push_str(&text(item)?);
        if out.len() > state.text_bound() {
            return Err(too_long());
        }
    }
    Ok(out)
}

fn map(context: NativeCallContext<'_>, list: Dynamic, function: FnPtr) -> Result<Array, Raised> {
    let call = |item| function.call_raw(&context, None, [item]);
    items(list).into_iter().map(call).collect()
}

fn filter(context: NativeCallContext<'_>, list: Dynamic, function: FnPtr) -> Result<Array, Raised> {
    let mut kept = Array::new();
    for item in items(list) {
        let keep = function.call_raw(&context, None, [item.clone()])?;
        if keep.as_bool().map_err(|_| raise("the function of `filter` must give true or false"))? {
            kept.push(item);
        }
    }
    Ok(kept)
}
