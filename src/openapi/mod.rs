//! OpenAPI: an api as a document of version 3.1, and of 3.0.3 for clients that read no later one.

mod components;
mod down;
mod media;
mod problem;
mod shapes;
mod simple;
mod up;
mod write;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::schema::{Shape, Simple};

pub use problem::schema as problem_schema;
pub use up::up;

/// A version of OpenAPI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// 3.0.3
    V30,
    /// 3.1.1
    V31,
}

impl Version {
    /// The version of a text such as `3.0` or `3.1.0`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (major, minor, patch) = (parts.next()?, parts.next()?, parts.next());
        let counts = patch.is_none_or(|patch| !patch.is_empty() && patch.bytes().all(|b| b.is_ascii_digit()));
        match (major, minor, counts && parts.next().is_none()) {
            ("3", "0", true) => Some(Self::V30),
            ("3", "1", true) => Some(Self::V31),
            _ => None,
        }
    }

    /// As a document says it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V30 => "3.0.3",
            Self::V31 => "3.1.1",
        }
    }
}

/// What a document describes.
#[derive(Debug, Clone)]
pub struct Api {
    /// What it is called.
    pub title: String,
    /// Its own version.
    pub version: String,
    /// What it is for, as CommonMark; empty for nothing.
    pub description: String,
    /// The path behind scheme and authority that all paths are below; empty or with a slash at its front only.
    pub base: String,
    /// How callers say who they are, any of which does; empty where nobody is asked.
    pub schemes: Vec<Scheme>,
    /// What there is to call.
    pub resources: Vec<Resource>,
}

/// A scheme of HTTP authentication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheme {
    /// Its name in lower case: `basic`, `bearer`.
    pub name: String,
}

/// One method at one path.
#[derive(Debug, Clone, Default)]
pub struct Resource {
    /// The path below the base; `{name}` stands for a segment.
    pub path: String,
    /// The method in lower case.
    pub method: String,
    /// What the operation is called; several resources may have one name.
    pub id: String,
    /// What it does; empty for nothing to say.
    pub description: String,
    /// Whether new clients should not use it.
    pub deprecated: bool,
    /// What is sent beside the body. Segments of the path are described without being listed.
    pub parameters: Vec<Parameter>,
    /// What the body can be; empty where there is none.
    pub body: Vec<Media>,
    /// What may come back.
    pub answers: Vec<Answer>,
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In a segment of the path.
    Path,
    /// In the query.
    Query,
    /// In a header field.
    Header,
}

/// A parameter.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Where it stands.
    pub place: Place,
    /// What it is called.
    pub name: String,
    /// Whether it must be there.
    pub required: bool,
    /// What it means; empty for nothing to say.
    pub description: String,
    /// What its values are.
    pub simple: Simple,
    /// The text of its value where it is not there.
    pub default: Option<String>,
    /// The only value that leads here, where there is one.
    pub only: Option<String>,
}

/// A body under one media type.
#[derive(Debug, Clone)]
pub struct Media {
    /// The media type, with parameters where they are sent.
    pub essence: String,
    /// What stands in it.
    pub content: Content,
}

/// What a body holds.
#[derive(Debug, Clone)]
pub enum Content {
    /// A document or a list in JSON; of XML documents in their JSON form.
    Json(Contract),
    /// A document or a list in XML.
    Xml(Contract),
    /// Text in a format that JSON Schema says nothing of.
    Text,
    /// Bytes.
    Bytes,
    /// The parts of a form, whatever they are called.
    Parts,
    /// Anything of its media type.
    Any,
    /// A problem document (RFC 9457).
    Problem,
    /// The problem document of a failure with that code, whose member `fault` is a document of its own, where it has one.
    Fault(String, Option<Contract>),
}

/// The documents of a profile.
#[derive(Debug, Clone)]
pub struct Contract {
    /// The profile's name.
    pub profile: String,
    /// What its documents look like.
    pub shape: Arc<Shape>,
    /// Whether they are in XML, so that JSON is a form of theirs.
    pub is_xml: bool,
    /// Whether they leave, and are without what the profile leaves out; those that come in may have it.
    pub leaves: bool,
    /// Whether it is a list of them.
    pub list: Option<List>,
}

/// The element around a list in XML; in JSON it is an array.
#[derive(Debug, Clone)]
pub struct List {
    /// Its name.
    pub name: String,
    /// Its namespace; `None` for none.
    pub namespace: Option<String>,
}

/// The status of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// This one.
    Code(u16),
    /// One from 200 to 299 that is known only when it is sent.
    Success,
    /// Any that is not listed.
    Other,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: Status,
    /// The name under which all operations share it, where it is the same for all.
    pub shared: Option<&'static str>,
    /// When it is given, as a sentence.
    pub description: String,
    /// The fields in its head.
    pub headers: Vec<Header>,
    /// What its body can be; empty where there is none.
    pub media: Vec<Media>,
}

/// A field in the head of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub description: &'static str,
    /// Whether it is a whole number.
    pub is_number: bool,
}

/// A written document in which only the address is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    before: String,
    after: String,
}

impl Document {
    /// Writes everything but the address; the same text for the same api.
    pub fn new(api: &Api, version: Version) -> Self {
        let (before, after) = write::document(api, version);
        Self { before, after }
    }

    /// The document of a service at this scheme and authority, `https://api.example.com`, in which nothing stands that
    /// JSON would escape; empty for a document that is not served.
    pub fn at(&self, origin: &str) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.before.len() + origin.len() + self.after.len());
        for part in [self.before.as_str(), origin, self.after.as_str()] {
            out.extend_from_slice(part.as_bytes());
        }
        out
    }
}
