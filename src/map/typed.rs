//! What a `set` writes into an `xsi:type`: the name of a type that may stand in for the declared one.

use crate::document::tree::Name;
use crate::document::value::Value;
use crate::kind::Compiling;
use crate::kind::path::Target;
use crate::kind::value::{DeclaredValue, Scalar};
use crate::pipeline::source::{Origin, ValueSource};
use crate::schema::form::type_named;
use crate::source::{Finding, Spanned};

/// Checks the literals that name a type, and makes them full names; `None` after a finding.
pub fn check(
    value: ValueSource,
    declared: &DeclaredValue,
    target: &Target,
    compiling: &Compiling<'_>,
) -> Option<ValueSource> {
    let Some(types) = &target.types else { return Some(value) };
    let ValueSource { origin, default } = value;
    let origin = match (origin, &declared.value) {
        (Origin::Literal(value), Some(given)) => Origin::Literal(literal(value, given, types, compiling)?),
        (origin, _) => origin,
    };
    let default = match (default, &declared.default) {
        (Some(value), Some(given)) => Some(literal(value, given, types, compiling)?),
        (default, _) => default,
    };
    Some(ValueSource { origin, default })
}

fn literal(
    value: Value,
    given: &Spanned<Scalar>,
    types: &[Name],
    compiling: &Compiling<'_>,
) -> Option<Value> {
    let Value::Text(text) = &value else { return Some(value) };
    if let Some(name) = type_named(types, text) {
        return Some(Value::Text(full(name)));
    }
    compiling.report(unknown(text, given, types));
    None
}

fn unknown(text: &str, given: &Spanned<Scalar>, types: &[Name]) -> Finding {
    if given.value.literal.is_outside {
        let message = "the value names no type that may stand in for the declared one";
        return Finding::error("unknown-schema-type", given.span, message);
    }
    let message = format!("no type `{text}` may stand in for the declared one");
    let finding = Finding::error("unknown-schema-type", given.span, message);
    let same: Vec<String> = types.iter().filter(|name| name.local == text).map(written).collect();
    if !same.is_empty() {
        return finding.help(format!("several types have that name: write {}", same.join(" or ")));
    }
    if types.is_empty() {
        return finding
            .help("the type there has no name, so that no other derives from it: remove this item");
    }
    if let [only] = types {
        return finding.help(format!("the schema derives no other type from `{}`", written(only)));
    }
    // As it would be written: by the name alone, unless the file wrote a namespace.
    let braced = text.starts_with('{');
    let shown: Vec<String> =
        types.iter().map(|name| if braced { written(name) } else { name.local.to_string() }).collect();
    finding.suggest(
        text.rsplit_once(':').filter(|_| !braced).map_or(text, |(_, local)| local),
        shown.iter().map(String::as_str),
    )
}

/// A name as `value=` writes it, where a brace is doubled.
fn written(name: &Name) -> String {
    name.to_string().replacen('{', "{{", 1)
}

/// The name as the tree has it, whatever the prefixes of a document.
fn full(name: &Name) -> compact_str::CompactString {
    compact_str::format_compact!("{name}")
}

/// A value that is a type's name, in full; any other as it is: the check of the document tells of it.
pub fn in_full(value: Value, types: &[Name]) -> Value {
    match &value {
        Value::Text(text) => type_named(types, text).map_or(value, |name| Value::Text(full(name))),
        _ => value,
    }
}
