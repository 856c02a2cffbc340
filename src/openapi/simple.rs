//! Simple types as JSON Schema: what they narrow is said by keywords where there are some, in words else.

use serde_json::{Map, Number, Value, json};

use crate::document::number::Lexical;
use crate::schema::{Facets, Simple, SimpleType, Variety, Zone};

/// The schema of a value in JSON (2020-12), or of the text of an element or attribute.
pub fn simple(simple: &Simple) -> Map<String, Value> {
    let mut schema = Map::new();
    let mut words = Vec::new();
    if let Some(facets) = simple.facets().filter(|facets| facets.values.is_some() && !is_other(simple)) {
        typed(simple, &mut schema, &mut words);
        schema.insert("enum".to_owned(), Value::Array(values(simple, facets)));
        return schema;
    }
    match &simple.variety {
        Variety::Atomic => {
            typed(simple, &mut schema, &mut words);
            facets(simple, &mut schema, &mut words);
        }
        Variety::List(item) => {
            schema.insert("type".to_owned(), json!("string"));
            words.push(format!("A list of values of type {}, separated by spaces.", item.base.name()));
        }
        Variety::Union(members) => {
            schema.insert("type".to_owned(), json!("string"));
            let mut names: Vec<&str> = members.iter().map(|member| member.base.name()).collect();
            names.dedup();
            words.push(format!("A value of one of the types {}.", names.join(", ")));
        }
    }
    if !words.is_empty() {
        schema.insert("description".to_owned(), Value::String(words.join(" ")));
    }
    schema
}

/// Whether its values are no single ones.
fn is_other(simple: &Simple) -> bool {
    !matches!(simple.variety, Variety::Atomic)
}

/// Years, months and days, which have no format in JSON Schema.
const PARTS: &[(SimpleType, &str)] = &[
    (SimpleType::GYear, "^-?[0-9]{4,}"),
    (SimpleType::GYearMonth, "^-?[0-9]{4,}-[0-9]{2}"),
    (SimpleType::GMonthDay, "^--[0-9]{2}-[0-9]{2}"),
    (SimpleType::GMonth, "^--[0-9]{2}"),
    (SimpleType::GDay, "^---[0-9]{2}"),
];

/// An optional time zone.
const ZONE: &str = "(Z|[+-][0-9]{2}:[0-9]{2})?$";

/// The type and what the built-in type says of its own.
fn typed(simple: &Simple, schema: &mut Map<String, Value>, words: &mut Vec<String>) {
    use SimpleType as T;
    let base = simple.base;
    let mut say = |name: &str, value: Value| schema.insert(name.to_owned(), value);
    if base == T::Boolean {
        say("type", json!("boolean"));
        return;
    }
    if base.is_number() {
        let whole = base.range().is_some() || simple.facets().is_some_and(|f| f.fraction_digits == Some(0));
        say("type", json!(if whole { "integer" } else { "number" }));
        let format = match base {
            T::Float => Some("float"),
            T::Double => Some("double"),
            T::Int | T::Short | T::Byte | T::UnsignedShort | T::UnsignedByte => Some("int32"),
            T::Long | T::UnsignedInt => Some("int64"),
            _ => None,
        };
        if let Some(format) = format {
            say("format", json!(format));
        }
        return;
    }
    say("type", json!("string"));
    // RFC 3339 has no times without a zone.
    let without = simple.dates.as_ref().is_some_and(|dates| matches!(dates.zone, Some(Zone::Without)));
    let format = match base {
        T::DateTime | T::Time if without => "",
        T::Date => "date",
        T::DateTime => "date-time",
        T::Time => "time",
        T::Duration => "duration",
        T::AnyUri => "uri-reference",
        _ => "",
    };
    if !format.is_empty() {
        say("format", json!(format));
    }
    match base {
        T::Base64Binary => {
            say("contentEncoding", json!("base64"));
        }
        T::HexBinary => {
            say("pattern", json!("^([0-9A-Fa-f]{2})*$"));
        }
        T::Language => {
            say("pattern", json!("^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$"));
        }
        T::Name | T::NcName | T::NmToken | T::Id | T::IdRef | T::Entity | T::QName | T::Notation => {
            words.push(format!("A name as XML Schema's {} has it.", base.name()));
        }
        _ => {}
    }
    if let Some((_, pattern)) = PARTS.iter().find(|(part, _)| *part == base) {
        say("pattern", json!(format!("{pattern}{ZONE}")));
    }
}

fn facets(simple: &Simple, schema: &mut Map<String, Value>, words: &mut Vec<String>) {
    let none = Facets::default();
    let facets = simple.facets().unwrap_or(&none);
    if simple.base.is_number() {
        numbers(simple, facets, schema, words);
    } else {
        for (bound, side) in [(&facets.min, ["At least", "After"]), (&facets.max, ["At most", "Before"])] {
            let [inclusive, exclusive] = side;
            if let Some(bound) = bound {
                words.push(format!(
                    "{} {}.",
                    if bound.inclusive { inclusive } else { exclusive },
                    bound.text
                ));
            }
        }
        lengths(simple, facets, schema, words);
    }
    let mut patterns = Vec::new();
    for pattern in &facets.patterns {
        match pattern.ecma() {
            Some(ecma) if !simple.base.is_number() && simple.base != SimpleType::Boolean => {
                patterns.push(ecma)
            }
            _ => {
                let sources: Vec<&str> = pattern.sources().collect();
                words.push(format!("Matches the XML Schema pattern {}.", sources.join(" or ")));
            }
        }
    }
    // A built-in type's own pattern and those of a derivation all hold.
    let own = schema.remove("pattern").and_then(|own| own.as_str().map(str::to_owned));
    let all: Vec<String> = own.into_iter().chain(patterns).collect();
    match all.as_slice() {
        [] => {}
        [one] => {
            schema.insert("pattern".to_owned(), json!(one));
        }
        several => {
            let each = several.iter().map(|pattern| json!({ "pattern": pattern }));
            schema.insert("allOf".to_owned(), Value::Array(each.collect()));
        }
    }
}

fn numbers(simple: &Simple, facets: &Facets, schema: &mut Map<String, Value>, words: &mut Vec<String>) {
    let (least, most) = simple.base.range().unwrap_or_default();
    let bounds = [
        (&facets.min, least, ["minimum", "exclusiveMinimum"]),
        (&facets.max, most, ["maximum", "exclusiveMaximum"]),
    ];
    for (bound, own, [inclusive, exclusive]) in bounds {
        let given = bound.as_ref().and_then(|bound| Some((number(&bound.text)?, bound.inclusive)));
        let own = || own.and_then(|own| Some((number(&own.to_string())?, true)));
        if let Some((number, is_inclusive)) = given.or_else(own) {
            let keyword = if is_inclusive { inclusive } else { exclusive };
            schema.insert(keyword.to_owned(), Value::Number(number));
        }
    }
    if let Some(most) = facets.total_digits {
        words.push(format!("At most {most} digits."));
    }
    if let Some(most) = facets.fraction_digits.filter(|most| *most > 0) {
        words.push(format!("At most {most} digits behind the point."));
    }
}

fn lengths(simple: &Simple, facets: &Facets, schema: &mut Map<String, Value>, words: &mut Vec<String>) {
    let binary = matches!(simple.base, SimpleType::Base64Binary | SimpleType::HexBinary);
    let lengths = [
        ("minLength", "At least", facets.length.or(facets.min_length)),
        ("maxLength", "At most", facets.length.or(facets.max_length)),
    ];
    for (keyword, side, length) in lengths {
        match length {
            Some(bytes) if binary => words.push(format!("{side} {bytes} bytes.")),
            Some(length) => {
                schema.insert(keyword.to_owned(), json!(length));
            }
            None => {}
        }
    }
}

/// The only values, each as JSON has it.
fn values(simple: &Simple, facets: &Facets) -> Vec<Value> {
    let texts = facets.values.iter().flat_map(|values| &values.texts);
    texts.map(|text| value(simple, text)).collect()
}

/// A value of that type as JSON has it.
pub fn value(simple: &Simple, text: &str) -> Value {
    let string = || Value::String(text.to_owned());
    match simple.base {
        _ if is_other(simple) => string(),
        SimpleType::Boolean => Value::Bool(matches!(text.trim(), "true" | "1")),
        base if base.is_number() => number(text).map_or_else(string, Value::Number),
        _ => string(),
    }
}

/// A number as it is written, but for what JSON does not have.
pub(super) fn number(text: &str) -> Option<Number> {
    serde_json::from_str(&Lexical::json(text.trim())?.plain()).ok()
}
