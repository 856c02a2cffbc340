//! The package `property`: properties with a value for when they are not set.

use rhai::{Dynamic, ImmutableString};

use super::{Function, Package};

pub(super) const PACKAGE: Package = Package {
    name: "property",
    summary: "Properties of the request, the execution and the document; `set` and `response.*` are for steps.",
    functions: &[
        Function {
            name: "get",
            signature: "property::get(name [, default])",
            summary: "The text of a property; when it is not set, the default or `()`.",
            example: r#"property::get("request.query.page", 1)"#,
            result: "1",
            checks: &[],
            register: |r| {
                let (state, other) = (r.state(), r.state());
                r.add(move |name: ImmutableString| state.property(&name)).add(
                    move |name: ImmutableString, default: Dynamic| match other.property(&name) {
                        value if value.is_unit() => default,
                        value => value,
                    },
                );
            },
        },
        Function {
            name: "is_set",
            signature: "property::is_set(name)",
            summary: "Whether a property is set.",
            example: r#"property::is_set("request.query.page")"#,
            result: "false",
            checks: &[],
            register: |r| {
                let state = r.state();
                r.add(move |name: ImmutableString| !state.property(&name).is_unit());
            },
        },
    ],
};
