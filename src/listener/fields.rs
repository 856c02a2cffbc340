//! The fields of a form (`application/x-www-form-urlencoded`) as a document of a flat profile.

use std::collections::HashMap;

use compact_str::CompactString;
use hyper::StatusCode;

use crate::document::codec::Limits;
use crate::document::tree::{Content, Element, Name, Node};
use crate::pipeline::endpoint::decode_exactly;
use crate::pipeline::failure::Failure;
use crate::schema::json_form::{TEXT, value};
use crate::schema::{Shape, ShapeKind, Simple};

/// The media type.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// How the fields of a form become a document: members of single values, or arrays of such.
#[derive(Debug)]
pub(super) struct Fields {
    /// The document in JSON.
    pub(super) shape: Shape,
}

impl Fields {
    /// For a document of that shape in JSON; `None` where it is not flat.
    pub(super) fn of(shape: &Shape) -> Option<Self> {
        let (ShapeKind::Children(members) | ShapeKind::Open(members)) = &shape.kind else { return None };
        let flat = |member: &Shape| simple(member).is_some() && member.name != TEXT;
        (!members.is_empty() && members.iter().all(flat)).then(|| Self { shape: shape.clone() })
    }

    /// The document, not checked yet: a member for each name, with an array of what is given more than once.
    ///
    /// # Errors
    /// A text is no UTF-8, or there are more fields than a document may have elements.
    pub(super) fn read(&self, body: &[u8], limits: &Limits) -> Result<Element, Failure> {
        let body = std::str::from_utf8(body).map_err(|_| not_utf8())?;
        let mut names: Vec<CompactString> = Vec::new();
        let mut values: Vec<Vec<CompactString>> = Vec::new();
        let mut places: HashMap<CompactString, usize> = HashMap::new();
        for (count, pair) in body.split('&').filter(|pair| !pair.is_empty()).enumerate() {
            if count >= limits.elements {
                let message = format!("The form has more than {} fields.", limits.elements);
                return Err(Failure::client(StatusCode::PAYLOAD_TOO_LARGE, "limit-passed", message));
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (text(name)?, text(value)?);
            let at = *places.entry(name.clone()).or_insert(names.len());
            if at == names.len() {
                names.push(name);
                values.push(Vec::new());
            }
            if let Some(all) = values.get_mut(at) {
                all.push(value);
            }
        }
        let members = names.into_iter().zip(values).filter_map(|(name, values)| self.member(name, values));
        Ok(Element::with(Name::default(), Content::Children(members.map(Node::Element).collect())))
    }

    fn member(&self, name: CompactString, values: Vec<CompactString>) -> Option<Element> {
        let declared = self.shape.child(&name).map(|(_, member)| member);
        let simple = declared.and_then(simple);
        // A field that a person left empty stands for none, unless its type has an empty value.
        let is_given = |value: &CompactString| {
            !value.is_empty() || simple.is_none_or(|simple| simple.check_json_string("").is_ok())
        };
        let content = |text: &CompactString| match simple {
            Some(simple) => value(text, simple),
            None => Content::Text(text.clone()),
        };
        let mut contents: Vec<Content> = values.iter().filter(|value| is_given(value)).map(content).collect();
        let is_array = declared.is_some_and(|member| matches!(member.kind, ShapeKind::Items(_)));
        let content = match contents.len() {
            0 => return None,
            1 if !is_array => contents.pop()?,
            _ => {
                let item = |content| Node::Element(Element::with(Name::default(), content));
                Content::Items(contents.into_iter().map(item).collect())
            }
        };
        Some(Element::with(Name::local(name), content))
    }
}

/// The type of a member that holds single values.
fn simple(member: &Shape) -> Option<&Simple> {
    match &member.kind {
        ShapeKind::Simple(simple) => Some(simple),
        ShapeKind::Items(item) => match &item.kind {
            ShapeKind::Simple(simple) => Some(simple),
            _ => None,
        },
        _ => None,
    }
}

/// A name or value: `+` is a space.
fn text(encoded: &str) -> Result<CompactString, Failure> {
    decode_exactly(&encoded.replace('+', " ")).ok_or_else(not_utf8)
}

fn not_utf8() -> Failure {
    let message = "The form cannot be read: a field is not UTF-8 text.";
    Failure::client(StatusCode::BAD_REQUEST, "malformed", message)
}
