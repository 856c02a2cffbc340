//! Keys: values as XML Schema compares them, whatever their lexical forms.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use compact_str::{CompactString, ToCompactString};

use super::ordered::{double, float};
use super::space::{XML_SPACE, words};
use super::{Simple, SimpleType, Variety};
use crate::document::coding::hex_byte;
use crate::document::number::Lexical;
use crate::schema::temporal::{Duration, Moment};

/// A value for comparing: two are equal where XML Schema says that the values are (part 2, section 4.2.1), such as `1.0`
/// and `+1` of `decimal`. Values of different primitive types never are.
///
/// Names with prefixes are compared as written: the namespace that a prefix stands for is not known here.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key(Value);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Value {
    Text(SimpleType, CompactString),
    Boolean(bool),
    Decimal(CompactString),
    Float(u32),
    Double(u64),
    Duration(Duration),
    Moment(SimpleType, Moment),
    Bytes(SimpleType, Box<[u8]>),
    List(Box<[Key]>),
}

impl Simple {
    /// The value of a text as it stands in a document. One that is not of the type is compared as text.
    pub fn key(&self, text: &str) -> Key {
        let normal = self.space.normalize(text);
        let text = normal.as_ref();
        match &self.variety {
            Variety::Atomic => Key(atomic(self.base, text)),
            Variety::List(item) => Key(Value::List(words(text).map(|word| item.key(word)).collect())),
            Variety::Union(members) => match members.iter().find(|member| member.check(text).is_ok()) {
                Some(member) => member.key(text),
                None => Key(Value::Text(self.base, text.to_compact_string())),
            },
        }
    }
}

fn atomic(base: SimpleType, text: &str) -> Value {
    let primitive = base.primitive();
    let value = match primitive {
        SimpleType::Boolean => match text {
            "true" | "1" => Some(Value::Boolean(true)),
            "false" | "0" => Some(Value::Boolean(false)),
            _ => None,
        },
        SimpleType::Decimal => Lexical::json(text).map(|number| Value::Decimal(number.plain().into())),
        // One zero and one NaN (section 3.2.4).
        SimpleType::Float => float(text).map(|value| match value {
            0.0 => Value::Float(0),
            value if value.is_nan() => Value::Float(f32::NAN.to_bits()),
            value => Value::Float(value.to_bits()),
        }),
        SimpleType::Double => double(text).map(|value| match value {
            0.0 => Value::Double(0),
            value if value.is_nan() => Value::Double(f64::NAN.to_bits()),
            value => Value::Double(value.to_bits()),
        }),
        SimpleType::Duration => Duration::parse(text).map(Value::Duration),
        SimpleType::HexBinary => hex(text).map(|bytes| Value::Bytes(primitive, bytes)),
        SimpleType::Base64Binary => base64(text).map(|bytes| Value::Bytes(primitive, bytes)),
        other => Moment::parse(other, text).map(|moment| Value::Moment(other, moment)),
    };
    value.unwrap_or_else(|| Value::Text(primitive, text.to_compact_string()))
}

fn hex(text: &str) -> Option<Box<[u8]>> {
    text.as_bytes().chunks(2).map(hex_byte).collect()
}

fn base64(text: &str) -> Option<Box<[u8]>> {
    let digits: String = text.split(XML_SPACE).collect();
    STANDARD.decode(digits).ok().map(Vec::into_boxed_slice)
}
