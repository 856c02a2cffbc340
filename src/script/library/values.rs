//! Functions without a package that ask what a value is, or make another of it.

use rhai::{Array, Dynamic, ImmutableString};
use rust_decimal::Decimal;

use super::arguments::{text, whole};
use super::{Function, Package};
use crate::script::numbers::Number;
use crate::script::typed;
use crate::script::view::{Raised, View};

pub(super) const PACKAGE: Package = Package {
    name: "",
    summary: "Values: numbers, texts, elements and what is absent.",
    functions: &[
        Function {
            name: "decimal",
            signature: "decimal(value)",
            summary: "The exact decimal number that a text or a number says.",
            example: r#"decimal("10.50") * 2"#,
            result: "21.00",
            checks: &[],
            register: |r| {
                r.add(|value: Dynamic| Number::of(&value).map(Number::decimal));
            },
        },
        Function {
            name: "integer",
            signature: "integer(value)",
            summary: "The whole number that a text or a number says; a fraction is an error, so round first.",
            example: r#"integer("42") + 1"#,
            result: "43",
            checks: &[],
            register: |r| {
                r.add(|value: Dynamic| whole(&value, "number"));
            },
        },
        Function {
            name: "is_absent",
            signature: "is_absent(value)",
            summary: "Whether a value is `()`: a member that is not there, or is nil.",
            example: "is_absent(())",
            result: "true",
            checks: &[],
            register: |r| {
                r.add(|value: Dynamic| value.is_unit());
            },
        },
        Function {
            name: "name",
            signature: "name(element)",
            summary: "The local name of an element; `()` for what is none.",
            example: "is_absent(name(1))",
            result: "true",
            checks: &[],
            register: |r| {
                r.add(name);
            },
        },
        Function {
            name: "names",
            signature: "names(element)",
            summary: "The names of an element's children in document order, each once.",
            example: r#"join(names(xml::parse("<a><b/><c/><b/></a>").a), " ")"#,
            result: "b c",
            checks: &[],
            register: |r| {
                r.add(names);
            },
        },
        Function {
            name: "property",
            signature: "property(name)",
            summary: "The text of a property, `()` when it is not set.",
            example: r#"is_absent(property("request.header.x-none"))"#,
            result: "true",
            checks: &[],
            register: |r| {
                let state = r.state();
                r.add(move |name: ImmutableString| state.property(&name));
            },
        },
        Function {
            name: "round",
            signature: "round(number, places)",
            summary: "The number rounded to at most so many places, halves away from zero.",
            example: "round(2.345, 2)",
            result: "2.35",
            checks: &[],
            register: |r| {
                r.add(|n: Decimal, places: i64| round(Dynamic::from(n), places))
                    .add(|n: i64, places: i64| round(Dynamic::from(n), places))
                    .add(round);
            },
        },
        Function {
            name: "text",
            signature: "text(value)",
            summary: "The value as text: all text of an element, a number as it is written, the empty text for `()`.",
            example: "text(10.50) + text(())",
            result: "10.50",
            checks: &[],
            register: |r| {
                r.add(|value: Dynamic| text(&value).map(|text| ImmutableString::from(text.as_str())));
            },
        },
    ],
};

fn round(value: Dynamic, places: i64) -> Result<Dynamic, Raised> {
    Number::of(&value)?.rounded(places).map(Number::dynamic)
}

fn name(value: Dynamic) -> Dynamic {
    match value.read_lock::<View>() {
        Some(view) => typed::string(&view.name()),
        None => Dynamic::UNIT,
    }
}

fn names(value: Dynamic) -> Array {
    match value.read_lock::<View>() {
        Some(view) => view.names().iter().map(|name| typed::string(name)).collect(),
        None => Array::new(),
    }
}
