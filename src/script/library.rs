//! The functions scripts have beside Rhai's own: one table for the interpreter, the manual and `explain`.

use std::rc::Rc;

use compact_str::CompactString;
use rhai::{Array, Dynamic, Engine, FnPtr, ImmutableString, NativeCallContext};
use rust_decimal::Decimal;

use super::convert;
use super::engine::State;
use super::numbers::Number;
use super::view::{Raised, View, raise};
use crate::document::tree::{Element, Name};

/// A function of scripts.
#[derive(Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// How it is called.
    pub signature: &'static str,
    /// What it gives, in one sentence.
    pub summary: &'static str,
    /// An expression that runs as it stands.
    pub example: &'static str,
    /// What the example gives, as text.
    pub result: &'static str,
    register: fn(&mut Engine, &Rc<State>),
}

/// Every function, by name.
pub static FUNCTIONS: &[Function] = &[
    Function {
        name: "average",
        signature: "average(list)",
        summary: "The exact average of the numbers in a list; `()` for an empty list.",
        example: "average([1, 2, 6])",
        result: "3",
        register: |engine, _| {
            engine.register_fn("average", average);
        },
    },
    Function {
        name: "decimal",
        signature: "decimal(value)",
        summary: "The exact decimal number that a text or a number says.",
        example: r#"decimal("10.50") * 2"#,
        result: "21.00",
        register: |engine, _| {
            engine.register_fn("decimal", |value: Dynamic| Number::of(&value).map(Number::decimal));
        },
    },
    Function {
        name: "filter",
        signature: "list.filter(|item| ...)",
        summary: "The items for which the function is true; one value counts as a list of one, `()` as an empty list.",
        example: "(5).filter(|n| n > 3).len()",
        result: "1",
        register: |engine, _| {
            engine.register_fn("filter", filter);
        },
    },
    Function {
        name: "integer",
        signature: "integer(value)",
        summary: "The whole number that a text or a number says; a fraction is an error, so round first.",
        example: r#"integer("42") + 1"#,
        result: "43",
        register: |engine, _| {
            engine.register_fn("integer", integer);
        },
    },
    Function {
        name: "is_absent",
        signature: "is_absent(value)",
        summary: "Whether a value is `()`: a member that is not there, or is nil.",
        example: "is_absent(())",
        result: "true",
        register: |engine, _| {
            engine.register_fn("is_absent", |value: Dynamic| value.is_unit());
        },
    },
    Function {
        name: "join",
        signature: "join(list, separator)",
        summary: "The texts of a list's items with a separator between them.",
        example: r#"join(["a", 1, 2.50], "; ")"#,
        result: "a; 1; 2.50",
        register: |engine, _| {
            engine.register_fn("join", join);
        },
    },
    Function {
        name: "list",
        signature: "list(value)",
        summary: "The value as a list: a list as it is, `()` as an empty one, anything else as a list of one.",
        example: "list(7).len()",
        result: "1",
        register: |engine, _| {
            engine.register_fn("list", items);
        },
    },
    Function {
        name: "map",
        signature: "list.map(|item| ...)",
        summary: "What the function gives for each item; one value counts as a list of one, `()` as an empty list.",
        example: "sum((5).map(|n| n * 2))",
        result: "10",
        register: |engine, _| {
            engine.register_fn("map", map);
        },
    },
    Function {
        name: "max",
        signature: "max(list)",
        summary: "The greatest of the numbers in a list; `()` for an empty list.",
        example: "max([3, 10.5, 7])",
        result: "10.5",
        register: |engine, _| {
            engine.register_fn("max", |list: Dynamic| extreme(list, |new, old| new > old));
        },
    },
    Function {
        name: "min",
        signature: "min(list)",
        summary: "The least of the numbers in a list; `()` for an empty list.",
        example: "min([3, 10.5, 7])",
        result: "3",
        register: |engine, _| {
            engine.register_fn("min", |list: Dynamic| extreme(list, |new, old| new < old));
        },
    },
    Function {
        name: "name",
        signature: "name(element)",
        summary: "The local name of an element; `()` for what is none.",
        example: "is_absent(name(1))",
        result: "true",
        register: |engine, _| {
            engine.register_fn("name", name);
        },
    },
    Function {
        name: "names",
        signature: "names(element)",
        summary: "The names of an element's children in document order, each once.",
        example: "names(1).len()",
        result: "0",
        register: |engine, _| {
            engine.register_fn("names", names);
        },
    },
    Function {
        name: "property",
        signature: "property(name)",
        summary: "The text of a property, `()` when it is not set.",
        example: r#"is_absent(property("request.header.x-none"))"#,
        result: "true",
        register: |engine, state| {
            let state = Rc::clone(state);
            engine.register_fn("property", move |name: ImmutableString| state.property(&name));
        },
    },
    Function {
        name: "round",
        signature: "round(number, places)",
        summary: "The number rounded to at most so many places, halves away from zero.",
        example: "round(2.345, 2)",
        result: "2.35",
        register: |engine, _| {
            engine
                .register_fn("round", |n: Decimal, places: i64| round(Dynamic::from(n), places))
                .register_fn("round", |n: i64, places: i64| round(Dynamic::from(n), places))
                .register_fn("round", round);
        },
    },
    Function {
        name: "sum",
        signature: "sum(list)",
        summary: "The exact sum of the numbers in a list; 0 for an empty one, and `()` counts as nothing.",
        example: r#"sum([1, 2.50, "3"])"#,
        result: "6.50",
        register: |engine, _| {
            engine.register_fn("sum", sum);
        },
    },
    Function {
        name: "text",
        signature: "text(value)",
        summary: "The value as text: all text of an element, a number as it is written, the empty text for `()`.",
        example: "text(10.50) + text(())",
        result: "10.50",
        register: |engine, _| {
            engine.register_fn("text", |value: Dynamic| {
                text(&value).map(|text| ImmutableString::from(text.as_str()))
            });
        },
    },
];

/// Registers the whole table.
pub(super) fn register(engine: &mut Engine, state: &Rc<State>) {
    for function in FUNCTIONS {
        (function.register)(engine, state);
    }
}

/// A value as a list.
pub(super) fn items(value: Dynamic) -> Array {
    if value.is_unit() {
        return Array::new();
    }
    if let Some(view) = value.read_lock::<View>() {
        return view.items();
    }
    value.try_cast_result::<Array>().unwrap_or_else(|value| vec![value])
}

/// A value as text.
pub(super) fn text(value: &Dynamic) -> Result<CompactString, Raised> {
    if value.is_unit() {
        return Ok(CompactString::default());
    }
    if let Some(view) = value.read_lock::<View>() {
        return Ok(view.text());
    }
    let content = convert::leaf(value)
        .ok_or_else(|| raise(format!("{} is not a text", super::failure::kind_of(value))))?;
    Ok(Element::with(Name::default(), content).string_value())
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

fn integer(value: Dynamic) -> Result<i64, Raised> {
    let number = Number::of(&value)?.decimal();
    if !number.fract().is_zero() {
        return Err(raise(format!("`{number}` is not a whole number: round it first")));
    }
    i64::try_from(number).map_err(|_| raise(format!("`{number}` is too large for an integer")))
}

fn round(value: Dynamic, places: i64) -> Result<Dynamic, Raised> {
    Number::of(&value)?.rounded(places).map(Number::dynamic)
}

fn join(list: Dynamic, separator: &str) -> Result<String, Raised> {
    let mut out = String::new();
    for (i, item) in items(list).iter().enumerate() {
        if i > 0 {
            out.push_str(separator);
        }
        out.push_str(&text(item)?);
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

fn name(value: Dynamic) -> Dynamic {
    match value.read_lock::<View>() {
        Some(view) => super::typed::string(&view.name()),
        None => Dynamic::UNIT,
    }
}

fn names(value: Dynamic) -> Array {
    match value.read_lock::<View>() {
        Some(view) => view.names().iter().map(|name| super::typed::string(name)).collect(),
        None => Array::new(),
    }
}
