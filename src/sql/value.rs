//! Values on their way into a database and out of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use compact_str::CompactString;
use jiff::Timestamp;

use super::Dialect;
use crate::document::json;
use crate::document::tree::{Content, Element, Name};
use crate::document::value::Value;
use crate::schema::SimpleType;

/// A value that came out of a database, as text; `None` for NULL.
pub type Cell = Option<CompactString>;

/// A value for a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Bound {
    /// NULL.
    Null,
    /// Text, which the database reads as what the parameter is.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// A binary floating-point number.
    Float(f64),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Several values: an array where the parameter is one, else the text, which is JSON.
    List(Vec<Cell>, String),
}

impl Bound {
    /// A value for a parameter of a dialect, of a type where the file says one.
    ///
    /// # Errors
    /// It is none of the type; the text says so without quoting it.
    pub fn of(value: &Value, simple: Option<SimpleType>, dialect: Dialect) -> Result<Self, String> {
        match value {
            Value::Absent | Value::Nil => Ok(Self::Null),
            Value::Text(text) => match simple {
                Some(simple) => Self::typed(text, simple, dialect),
                None => Ok(Self::Text(text.to_string())),
            },
            Value::Number(text) => Self::typed(text, simple.unwrap_or(SimpleType::Decimal), dialect),
            Value::Bool(value) => {
                let text = if *value { "true" } else { "false" };
                Self::typed(text, simple.unwrap_or(SimpleType::Boolean), dialect)
            }
            Value::Tree(element) => Ok(match &element.content {
                Content::Items(_) if element.elements().all(is_single) => {
                    let items = element.elements().map(|item| item.leaf().map(CompactString::from));
                    Self::List(items.collect(), written(element))
                }
                _ => Self::Text(written(element)),
            }),
            Value::List(values) => {
                let element = Element::with(Name::default(), value.clone().into_content());
                Ok(Self::List(values.iter().map(Value::text).collect(), written(&element)))
            }
        }
    }

    /// A text as the value of a type. PostgreSQL reads all types from text itself.
    fn typed(text: &str, simple: SimpleType, dialect: Dialect) -> Result<Self, String> {
        let wrong = || format!("a value for a parameter is no {}", simple.name());
        let trimmed = text.trim();
        if simple != SimpleType::String && !simple.accepts(trimmed) {
            return Err(wrong());
        }
        if dialect == Dialect::Postgres {
            let text = if simple == SimpleType::String { text } else { trimmed };
            return Ok(Self::Text(text.to_owned()));
        }
        Ok(match simple {
            SimpleType::Boolean => Self::Whole(i64::from(matches!(trimmed, "true" | "1"))),
            SimpleType::Base64Binary => {
                let compact: String = trimmed.split_whitespace().collect();
                Self::Bytes(STANDARD.decode(compact).map_err(|_| wrong())?)
            }
            SimpleType::DateTime if dialect == Dialect::MySql => Self::Text(without_zone(trimmed)),
            simple if simple.is_float() => match trimmed.parse() {
                Ok(number) => Self::Float(number),
                Err(_) => Self::Text(trimmed.to_owned()),
            },
            simple if simple.is_number() => match trimmed.parse() {
                Ok(number) => Self::Whole(number),
                Err(_) => Self::Text(trimmed.to_owned()),
            },
            _ => Self::Text(text.to_owned()),
        })
    }

    /// As text for a parameter of PostgreSQL, of the type of that name.
    pub(super) fn as_text(&self, of: &str) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Text(text) => Some(text.clone()),
            Self::Whole(number) => Some(number.to_string()),
            Self::Float(number) => Some(number.to_string()),
            Self::Bytes(bytes) => Some(STANDARD.encode(bytes)),
            Self::List(items, _) if of.ends_with("[]") => Some(array(items)),
            Self::List(_, json) => Some(json.clone()),
        }
    }
}

fn is_single(element: &Element) -> bool {
    element.leaf().is_some() || element.is_nil()
}

fn written(element: &Element) -> String {
    let mut out = Vec::new();
    json::write(element, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// The literal of an array (PostgreSQL, section 8.15.2): every item in quotes, so that none means anything else.
fn array(items: &[Cell]) -> String {
    let one = |item: &Cell| match item {
        Some(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        None => "NULL".to_owned(),
    };
    format!("{{{}}}", items.iter().map(one).collect::<Vec<_>>().join(","))
}

/// A moment as MySQL reads it: in UTC, which is the zone of its sessions here; one without a zone as it is.
fn without_zone(text: &str) -> String {
    let plain = |text: &str| text.replace('T', " ");
    match text.parse::<Timestamp>() {
        Ok(moment) => plain(moment.to_string().trim_end_matches('Z')),
        Err(_) => plain(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, simple: SimpleType, dialect: Dialect) -> Result<Bound, String> {
        Bound::of(&Value::Text(text.into()), Some(simple), dialect)
    }

    #[test]
    fn values_are_what_the_database_reads() {
        use Dialect::{MySql, Postgres, Sqlite};
        assert_eq!(of(" 5 ", SimpleType::Integer, Sqlite), Ok(Bound::Whole(5)));
        assert_eq!(of("5", SimpleType::Integer, Postgres), Ok(Bound::Text("5".into())));
        let exact = "12345678901234567890.10";
        assert_eq!(of(exact, SimpleType::Decimal, MySql), Ok(Bound::Text(exact.into())));
        assert_eq!(of("true", SimpleType::Boolean, MySql), Ok(Bound::Whole(1)));
        assert_eq!(of("AAE=", SimpleType::Base64Binary, Sqlite), Ok(Bound::Bytes(vec![0, 1])));
        let moment = of("2026-11-20T08:00:00.5+02:00", SimpleType::DateTime, MySql);
        assert_eq!(moment, Ok(Bound::Text("2026-11-20 06:00:00.5".into())));
        assert!(of("x", SimpleType::Integer, Postgres).unwrap_err().contains("no integer"));
    }

    #[test]
    fn absent_and_nil_are_null_and_empty_is_not() {
        assert_eq!(Bound::of(&Value::Absent, None, Dialect::Postgres), Ok(Bound::Null));
        assert_eq!(Bound::of(&Value::Nil, None, Dialect::Postgres), Ok(Bound::Null));
        let empty = Bound::of(&Value::Text("".into()), None, Dialect::Postgres);
        assert_eq!(empty, Ok(Bound::Text(String::new())));
    }

    #[test]
    fn lists_are_arrays_or_json() {
        let list = Value::List(vec![Value::Text("a\"\\,".into()), Value::Nil, Value::Number("1".into())]);
        let bound = Bound::of(&list, None, Dialect::Postgres).unwrap();
        assert_eq!(bound.as_text("text[]").as_deref(), Some(r#"{"a\"\\,",NULL,"1"}"#));
        assert_eq!(bound.as_text("jsonb").as_deref(), Some(r#"["a\"\\,",null,1]"#));
    }
}
