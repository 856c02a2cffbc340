//! What the library found, in words for the sender: where, what was found, and what was expected.

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::types::JsonType;
use jsonschema::{JsonTypeSet, ValidationError};
use serde_json::Value;

use super::files;
use crate::document::tree::{Content, Element};
use crate::schema::validate::{found, shown};

/// One place of a document that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The way to it: positions among siblings, from 0.
    pub way: Vec<usize>,
    /// The member of that place which is missing.
    pub missing: Option<String>,
    /// What was found and what was expected.
    pub message: String,
    names: Vec<String>,
}

impl Place {
    /// The place as a JSON pointer (RFC 6901).
    pub fn pointer(&self) -> String {
        self.names.iter().map(|name| format!("/{}", name.replace('~', "~0").replace('/', "~1"))).collect()
    }
}

/// The places of some errors in document order, each with its message once, made of at most `most` that are found.
/// `lax`: what nothing is known of is let through.
pub fn places(errors: &[ValidationError<'_>], root: &Element, lax: bool, most: usize) -> Vec<Place> {
    let mut teller = Teller { root, lax, most, places: Vec::new() };
    errors.iter().for_each(|error| teller.tell(error));
    teller.places.sort();
    teller.places.dedup();
    teller.places
}

struct Teller<'a> {
    root: &'a Element,
    lax: bool,
    most: usize,
    places: Vec<Place>,
}

impl Teller<'_> {
    /// Depth: alternatives within alternatives, as deep as the schema is written.
    fn tell(&mut self, error: &ValidationError<'_>) {
        if self.places.len() >= self.most {
            return;
        }
        let pointer = error.instance_path().as_str();
        match error.kind() {
            Kind::AdditionalProperties { .. } | Kind::UnevaluatedProperties { .. } if self.lax => {}
            Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
                for name in unexpected.iter().take(self.most.saturating_sub(self.places.len())) {
                    let escaped = name.replace('~', "~0").replace('/', "~1");
                    self.add(
                        &format!("{pointer}/{escaped}"),
                        None,
                        "this member is not known here".to_owned(),
                    );
                }
            }
            Kind::Required { property } => {
                let name = property.as_str().unwrap_or_default().to_owned();
                self.add(pointer, Some(name), "this member is missing".to_owned());
            }
            Kind::AnyOf { context } | Kind::OneOfNotValid { context } => self.alternatives(pointer, context),
            Kind::PropertyNames { error } => {
                let expected = expected(error.kind()).unwrap_or_else(|| "another name".to_owned());
                self.add(pointer, None, format!("the name of a member is not allowed, expected {expected}"));
            }
            kind => {
                let message = match expected(kind) {
                    Some(expected) => {
                        format!("found {}, expected {expected}", self.found(pointer, kind))
                    }
                    None => plain(kind),
                };
                self.add(pointer, None, message);
            }
        }
    }

    /// None of some alternatives fits: where only one is of the right kind, what is wrong by that one.
    fn alternatives(&mut self, pointer: &str, context: &[Vec<ValidationError<'static>>]) {
        let of_the_kind = |errors: &&Vec<ValidationError<'static>>| {
            !errors.iter().any(|error| {
                let tells =
                    matches!(error.kind(), Kind::Type { .. } | Kind::Constant { .. } | Kind::Enum { .. });
                let depth = |pointer: &str| pointer.matches('/').count();
                // A constant one step down is mostly the member that tells the alternatives apart.
                let near = match error.kind() {
                    Kind::Type { .. } => 0,
                    _ => 1,
                };
                tells && depth(error.instance_path().as_str()) <= depth(pointer) + near
            })
        };
        let mut fitting = context.iter().filter(of_the_kind);
        if let (Some(only), None) = (fitting.next(), fitting.next()) {
            return only.iter().for_each(|error| self.tell(error));
        }
        if self.lax && context.iter().any(|errors| errors.iter().all(|error| is_unknown(error.kind()))) {
            return;
        }
        let here = |errors: &Vec<ValidationError<'static>>| {
            let mut here = errors.iter().filter(|error| error.instance_path().as_str() == pointer);
            here.find_map(|error| expected(error.kind()))
        };
        let types: Option<Vec<String>> =
            if context.len() <= 4 { context.iter().map(here).collect() } else { None };
        let expected = match types {
            Some(types) => either(types),
            None => format!("one of the {} alternatives of its schema", context.len()),
        };
        let found = self.found(pointer, &Kind::FalseSchema);
        self.add(pointer, None, format!("found {found}, expected {expected}"));
    }

    fn add(&mut self, pointer: &str, missing: Option<String>, message: String) {
        let way = files::way(self.root, pointer);
        let names = pointer.split('/').skip(1).take(way.len());
        let names = names.map(|name| name.replace("~1", "/").replace("~0", "~")).collect();
        self.places.push(Place { way, missing, message, names });
    }

    /// What stands at a place: with its type, unless the type is not what is wrong.
    fn found(&self, pointer: &str, kind: &Kind) -> String {
        let mut here = self.root;
        for at in files::way(self.root, pointer) {
            here = files::nth(here, at).unwrap_or(here);
        }
        match (&here.content, kind) {
            (Content::Items(nodes), Kind::MinItems { .. } | Kind::MaxItems { .. }) => match nodes.len() {
                1 => "1 item".to_owned(),
                count => format!("{count} items"),
            },
            (Content::Children(nodes), Kind::MinProperties { .. } | Kind::MaxProperties { .. }) => {
                match nodes.len() {
                    1 => "1 member".to_owned(),
                    count => format!("{count} members"),
                }
            }
            (_, Kind::Type { .. } | Kind::FalseSchema) => found(here),
            _ => match here.leaf() {
                Some("") => "nothing".to_owned(),
                Some(text) => format!("`{}`", shown(text)),
                None => found(here),
            },
        }
    }
}

fn is_unknown(kind: &Kind) -> bool {
    matches!(kind, Kind::AdditionalProperties { .. } | Kind::UnevaluatedProperties { .. })
}

/// What was expected, to stand behind the word "expected"; `None` for what [`plain`] says.
fn expected(kind: &Kind) -> Option<String> {
    Some(match kind {
        Kind::Type { kind: TypeKind::Single(one) } => type_name(*one).to_owned(),
        Kind::Type { kind: TypeKind::Multiple(set) } => types(*set),
        Kind::Constant { expected_value } => value(expected_value),
        Kind::Enum { options } => one_of(options),
        Kind::Minimum { limit } => format!("at least {limit}"),
        Kind::Maximum { limit } => format!("at most {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("more than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("less than {limit}"),
        Kind::MultipleOf { multiple_of } => format!("a multiple of {multiple_of}"),
        Kind::MinLength { limit } => format!("at least {} characters", limit),
        Kind::MaxLength { limit } => format!("at most {} characters", limit),
        Kind::MinItems { limit } | Kind::MinProperties { limit } => format!("at least {limit}"),
        Kind::MaxItems { limit } | Kind::MaxProperties { limit } => format!("at most {limit}"),
        Kind::AdditionalItems { limit } => format!("at most {limit} items"),
        Kind::Pattern { pattern } => format!("a match of the pattern {}", shown(pattern)),
        Kind::Format { format } => format!("the format {}", shown(format)),
        Kind::ContentEncoding { content_encoding } => format!("bytes in {}", shown(content_encoding)),
        Kind::ContentMediaType { content_media_type } => shown(content_media_type),
        _ => return None,
    })
}

/// What is wrong where there is nothing to expect.
fn plain(kind: &Kind) -> String {
    match kind {
        Kind::UniqueItems => "found an item twice, expected each once",
        Kind::Contains => "found no item, or too few or too many, of the kind that must be among them",
        Kind::UnevaluatedItems { .. } => "found more items than are known here",
        Kind::FalseSchema => "nothing is allowed here",
        Kind::Not { .. } => "this is what is not allowed here",
        Kind::OneOfMultipleValid { .. } => {
            "this fits several alternatives of its schema, expected exactly one"
        }
        Kind::FromUtf8 { .. } => "found bytes that are not text, expected text",
        _ => "this cannot be checked against its schema",
    }
    .to_owned()
}

fn type_name(one: JsonType) -> &'static str {
    match one {
        JsonType::Null => "null",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "an integer",
        JsonType::Number => "a number",
        JsonType::String => "a string",
        JsonType::Array => "an array",
        JsonType::Object => "an object",
    }
}

fn types(set: JsonTypeSet) -> String {
    either(set.iter().map(|one| type_name(one).to_owned()).collect())
}

fn either(mut words: Vec<String>) -> String {
    words.dedup();
    let last = words.pop().unwrap_or_default();
    if words.is_empty() { last } else { format!("{} or {last}", words.join(", ")) }
}

fn value(value: &Value) -> String {
    match value {
        Value::String(text) => format!("`{}`", shown(text)),
        other => format!("`{}`", shown(&other.to_string())),
    }
}

fn one_of(options: &Value) -> String {
    const SHOWN: usize = 10;
    let all = options.as_array().map(Vec::as_slice).unwrap_or_default();
    let shown: Vec<String> = all.iter().take(SHOWN).map(value).collect();
    let more = if all.len() > SHOWN { ", ..." } else { "" };
    format!("one of {}{more}", shown.join(", "))
}
