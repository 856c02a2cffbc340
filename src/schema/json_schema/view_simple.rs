//! The values of a JSON Schema as simple types with facets.

use serde_json::Value;

use super::view::{Together, Viewer};
use crate::schema::{GivenFacets, ShapeKind, Simple, SimpleType};

/// The types that all parts allow; `None` when none of them names one.
pub(super) fn types<'a>(together: &Together<'a>) -> Option<Vec<&'a str>> {
    let mut types: Option<Vec<&str>> = None;
    for (named, _) in together.all("type") {
        let named: Vec<&str> = match named {
            Value::String(one) => vec![one],
            Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
            _ => continue,
        };
        types = Some(match types {
            None => named,
            Some(before) => before.into_iter().filter(|name| named.contains(name)).collect(),
        });
    }
    types
}

impl<'a> Viewer<'a> {
    /// A value of one type that is not a container.
    pub(super) fn simple(&mut self, name: &str, together: &Together<'a>) -> ShapeKind {
        let base = match name {
            "boolean" => SimpleType::Boolean,
            "number" => SimpleType::Decimal,
            "integer" => {
                // A schema takes 1.0 for an integer, a shape does not.
                self.differs();
                SimpleType::Integer
            }
            _ => self.text_type(together),
        };
        let mut given = GivenFacets { enumeration: self.values(base, together), ..GivenFacets::default() };
        if base.is_number() {
            bounds(together, &mut given);
        }
        if base == SimpleType::String {
            let length = |keyword| together.all(keyword).find_map(|(n, _)| Some(n.as_u64()?.to_string()));
            (given.min_length, given.max_length) = (length("minLength"), length("maxLength"));
            for (pattern, _) in together.all("pattern") {
                self.differs();
                match pattern.as_str().and_then(whole) {
                    Some(pattern) => given.patterns.push(pattern),
                    None => self.loses("a pattern is written in another language"),
                }
            }
        } else if ["pattern", "minLength", "maxLength"].iter().any(|keyword| together.has(keyword)) {
            self.differs();
        }
        let repeated = ["pattern", "minLength", "maxLength", "enum", "const", "format"];
        let bounded = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
        let many = |keywords: &[&str]| keywords.iter().any(|keyword| together.all(keyword).count() > 1);
        if bounded.iter().any(|keyword| together.all(keyword).any(|(value, _)| !value.is_number())) {
            self.loses("a bound is not a number");
        }
        if many(&repeated) || many(&bounded) || (together.has("enum") && together.has("const")) {
            self.loses("several parts of `allOf` narrow the same value");
        }
        let simple = Simple::of(base);
        ShapeKind::Simple(match simple.restrict(&given) {
            Ok(narrowed) => narrowed,
            Err(_) => {
                self.loses("a value is narrowed in a way that a type cannot say");
                simple
            }
        })
    }

    /// What says no type: a text or a number when its facets tell, else anything.
    pub(super) fn untyped(&mut self, together: &Together<'a>) -> ShapeKind {
        let values: Vec<&Value> = enumerated(together);
        if !values.is_empty() && values.iter().all(|value| value.is_string()) {
            return self.simple("string", together);
        }
        if together.parts.iter().all(|(part, _)| part.keys().all(|key| is_annotation(key))) {
            return ShapeKind::Any;
        }
        self.differs();
        if objects(together) {
            return ShapeKind::Open(Vec::new());
        }
        let has = |keywords: &[&str]| keywords.iter().any(|keyword| together.has(keyword));
        if !values.is_empty() && values.iter().all(|value| value.is_number()) {
            return self.simple("number", together);
        }
        if !values.is_empty() {
            self.loses("it lists values of several types");
        } else if has(&["pattern", "minLength", "maxLength", "format"]) {
            return self.simple("string", together);
        } else if has(&["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]) {
            return self.simple("number", together);
        } else {
            self.loses("it has a place of any type");
        }
        ShapeKind::Any
    }

    /// The type that a string's format means. A schema only notes formats (2020-12 validation, section 7.2.1).
    fn text_type(&mut self, together: &Together<'a>) -> SimpleType {
        let format = together.all("format").find_map(|(format, _)| format.as_str());
        let encoding = together.all("contentEncoding").find_map(|(encoding, _)| encoding.as_str());
        let found = match (format, encoding) {
            (Some("date"), _) => SimpleType::Date,
            (Some("date-time"), _) => SimpleType::DateTime,
            (Some("time"), _) => SimpleType::Time,
            (Some("uri" | "uri-reference" | "iri" | "iri-reference"), _) => SimpleType::AnyUri,
            (_, Some("base64")) => SimpleType::Base64Binary,
            _ => SimpleType::String,
        };
        if found != SimpleType::String {
            self.differs();
        }
        found
    }

    fn values(&mut self, base: SimpleType, together: &Together<'a>) -> Vec<String> {
        let mut out = Vec::new();
        for value in enumerated(together) {
            match value {
                Value::String(text) if !base.is_number() && base != SimpleType::Boolean => {
                    out.push(text.clone())
                }
                Value::Number(number) if base.is_number() => out.push(number.as_str().to_owned()),
                Value::Null => {}
                Value::Bool(_) => self.loses("it allows only one of true and false"),
                _ => self.differs(),
            }
        }
        out
    }
}

/// The bounds of a number, as they are written: none of them goes through floating point.
fn bounds(together: &Together<'_>, given: &mut GivenFacets) {
    let number =
        |keyword| together.all(keyword).find_map(|(value, _)| value.as_number().map(ToString::to_string));
    given.min_inclusive = number("minimum");
    given.max_inclusive = number("maximum");
    given.min_exclusive = number("exclusiveMinimum");
    given.max_exclusive = number("exclusiveMaximum");
}

/// Whether there are alternatives, all of them objects.
fn objects(together: &Together<'_>) -> bool {
    let is_object = |schema: &Value| schema.get("type").and_then(Value::as_str) == Some("object");
    let all = |keyword| {
        together.all(keyword).any(|(some, _)| some.as_array().is_some_and(|some| some.iter().all(is_object)))
    };
    all("oneOf") || all("anyOf")
}

fn enumerated<'a>(together: &Together<'a>) -> Vec<&'a Value> {
    let listed = together.all("enum").flat_map(|(values, _)| values.as_array().into_iter().flatten());
    let single = together.all("const").map(|(value, _)| value);
    listed.chain(single).collect()
}

/// A pattern that matches anywhere, as one of XML Schema that matches the whole text; `None` where they differ too much.
fn whole(pattern: &str) -> Option<String> {
    const ANY: &str = "[\\s\\S]*";
    let (start, rest) = match pattern.strip_prefix('^') {
        Some(rest) => ("", rest),
        None => (ANY, pattern),
    };
    let (rest, end) = match rest.strip_suffix('$').filter(|rest| !rest.ends_with('\\')) {
        Some(rest) => (rest, ""),
        None => (rest, ANY),
    };
    let grouped = is_grouped(rest)?;
    // `^a|b$` is not one pattern between two ends.
    if !grouped && start.is_empty() != end.is_empty() {
        return None;
    }
    let inner = rest.replace("(?:", "(");
    Some(if grouped { format!("{start}{inner}{end}") } else { format!("{start}({inner}){end}") })
}

/// Whether every `|` stands in parentheses; `None` with anchors inside, which XML Schema does not have.
fn is_grouped(pattern: &str) -> Option<bool> {
    let (mut depth, mut escaped, mut class, mut grouped) = (0_i32, false, false, true);
    for c in pattern.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' if !class => class = true,
            ']' if class => class = false,
            _ if class => {}
            '^' | '$' => return None,
            '(' => depth += 1,
            ')' => depth -= 1,
            '|' if depth == 0 => grouped = false,
            _ => {}
        }
    }
    Some(grouped)
}

/// Keywords that say nothing about what a document may be.
fn is_annotation(keyword: &str) -> bool {
    const KNOWN: &[&str] = &[
        "$schema",
        "$id",
        "$anchor",
        "$dynamicAnchor",
        "$comment",
        "$defs",
        "definitions",
        "$ref",
        "allOf",
        "title",
        "description",
        "default",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
    ];
    KNOWN.contains(&keyword)
}
