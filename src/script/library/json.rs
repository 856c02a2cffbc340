//! The package `json`: texts of JSON as elements, and values as texts of JSON.

use rhai::Dynamic;

use super::arguments::through;
use super::{Function, Package};
use crate::document::codec::Limits;
use crate::document::json;
use crate::document::tree::{Element, Name};
use crate::document::value::Value;
use crate::script::convert;
use crate::script::place::{Place, Tree};
use crate::script::view::{Raised, View, raise};

pub(super) const PACKAGE: Package = Package {
    name: "json",
    summary: "JSON (RFC 8259) in texts, such as a field that holds a document; numbers stay as they are written.",
    functions: &[
        Function {
            name: "parse",
            signature: "json::parse(text)",
            summary: "The value that a text of JSON says: its members are read as those of a document; an error when it is none.",
            example: r##"json::parse(#"{"a": [1, 2.50]}"#).a[1]"##,
            result: "2.50",
            checks: &[],
            register: |r| {
                let state = r.state();
                r.add(move |value: Dynamic| {
                    through(&value, |text| {
                        let tree = json::parse(text, &Limits::default())
                            .map_err(|malformed| raise(format!("this is not JSON: {malformed}")))?;
                        Ok(Place::root(state.root(Tree::Element(tree)), None))
                    })
                });
            },
        },
        Function {
            name: "stringify",
            signature: "json::stringify(value)",
            summary: "A value as a text of JSON: an element, a map, a list, a text, a number; `()` is null.",
            example: r#"json::stringify(#{id: "A", lines: [1, 2.50]})"#,
            result: r#"{"id":"A","lines":[1,2.50]}"#,
            checks: &[],
            register: |r| {
                r.add(stringify);
            },
        },
    ],
};

fn stringify(value: Dynamic) -> Result<Dynamic, Raised> {
    let is_document = value.read_lock::<View>().is_some_and(|view| view.is_document());
    let tree = match convert::value(value)? {
        Value::Tree(tree) if is_document => *tree,
        Value::Tree(tree) => Element { name: Name::default(), ..*tree },
        Value::Absent => Element::with(Name::default(), Value::Nil.into_content()),
        other => Element::with(Name::default(), other.into_content()),
    };
    let mut out = Vec::new();
    json::write(&tree, &mut out);
    String::from_utf8(out).map(Dynamic::from).map_err(|_| raise("the JSON is not text of UTF-8"))
}
