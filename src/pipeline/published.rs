//! What is published, as its contract says it: apis and the resources of REST, for `routes`, for OpenAPI, and for what every
//! answer of an api carries.

use std::sync::Arc;

use compact_str::CompactString;
use hyper::header::{HeaderMap, HeaderName, HeaderValue, LINK};
use hyper::{Method, StatusCode};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

use super::operation::{Io, Operation};
use super::route::Condition;
use crate::document::family::Family;
use crate::mime::FORM_DATA;
use crate::schema::Simple;
use crate::source::Place;

/// An `api`: operations under a name, in a version.
#[derive(Debug)]
pub struct Api {
    /// Its name in the file.
    pub name: Arc<str>,
    /// What people call it.
    pub title: Option<String>,
    /// Its version; several versions of one name may stand side by side.
    pub version: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Since when it should not be used any more.
    pub deprecation: Option<Deprecation>,
    /// What its addresses begin with; empty, or a path without a slash at its end.
    pub base: String,
    /// The listener it is published on; every listener without one.
    pub listener: Option<String>,
    /// What it publishes over REST, in the order of the file.
    pub resources: Vec<Arc<Resource>>,
    /// Where it is written.
    pub place: Place,
}

impl Api {
    /// Its name and its version.
    pub fn identity(&self) -> String {
        let version = self.version.as_ref().map(|version| format!(" {version}"));
        format!("{}{}", self.name, version.unwrap_or_default())
    }

    /// What people call it: its title, or its name.
    pub fn shown(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.name)
    }
}

/// A method at a path, served over REST: an operation with what this address changes about it.
#[derive(Debug)]
pub struct Resource {
    /// The method.
    pub method: Method,
    /// The whole path, base included; a segment `{name}` stands for any one segment.
    pub path: String,
    /// Whether everything below the path is served too.
    pub prefix: bool,
    /// What is called.
    pub operation: Arc<Operation>,
    /// What it is for, where this address says.
    pub description: Option<String>,
    /// The declared parameters of the query.
    pub parameters: Vec<Parameter>,
    /// The header fields that a request must have to come here.
    pub conditions: Arc<[Condition]>,
    /// The forms that a body is read in; none without an input.
    pub reads: Vec<Form>,
    /// The forms that an answer is written in, the preferred one first; none without an output.
    pub writes: Vec<Form>,
    /// The status of an answer without documents, where the operation or this address says one.
    pub on_empty: Option<StatusCode>,
    /// Where it is written.
    pub place: Place,
}

impl Resource {
    /// The media types of bodies, each with its form; any type, `*/*`, for data.
    pub fn reads(&self) -> Vec<(Form, &str)> {
        self.reads
            .iter()
            .map(|form| (*form, form.media_type(&self.operation.input).unwrap_or("*/*")))
            .collect()
    }

    /// The media types of answers, each with its form.
    pub fn writes(&self) -> Vec<(Form, &str)> {
        let output = &self.operation.output;
        self.writes.iter().map(|form| (*form, form.media_type(output).unwrap_or(BYTES))).collect()
    }
}

/// The media type of data of which nothing is said.
pub const BYTES: &str = "application/octet-stream";

/// The form in which documents are spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Their own: what their profile's format is, or data as it is.
    Own,
    /// XML documents in their JSON form.
    Json,
    /// The fields of a form, `application/x-www-form-urlencoded`: of bodies only.
    Fields,
}

impl Form {
    /// The forms that documents can be answered in.
    pub fn of(io: &Io) -> Vec<Self> {
        match io {
            Io::None => Vec::new(),
            Io::Profile { profile, .. } if Family::of(&*profile.codec) == Family::Xml => {
                vec![Self::Own, Self::Json]
            }
            _ => vec![Self::Own],
        }
    }

    /// The media type, without parameters; `None` for data of any type.
    pub fn media_type(self, io: &Io) -> Option<&str> {
        match (self, io) {
            (Self::Json, _) => Some("application/json"),
            (Self::Fields, _) => Some("application/x-www-form-urlencoded"),
            (Self::Own, Io::Profile { profile, .. }) => {
                profile.codec.media_type().split(';').next().map(str::trim_end)
            }
            (Self::Own, Io::Data { content_type }) => content_type.as_deref(),
            (Self::Own, Io::Multipart { content_type }) => Some(content_type.as_deref().unwrap_or(FORM_DATA)),
            (Self::Own, Io::None) => None,
        }
    }
}

/// A declared parameter of the query.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name, letter case included.
    pub name: CompactString,
    /// Its type and what narrows it.
    pub simple: Simple,
    /// Whether it must be there.
    pub required: bool,
    /// Its value where a request does not give it.
    pub default: Option<CompactString>,
    /// What it is for.
    pub description: Option<String>,
}

/// Since when an api should not be used any more, and until when it can be (RFC 9745, RFC 8594).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deprecation {
    /// Since when it should not be used.
    pub since: Timestamp,
    /// When it ends.
    pub sunset: Option<Timestamp>,
    /// Where people read what to do.
    pub link: Option<String>,
    fields: Vec<(HeaderName, HeaderValue)>,
}

impl Deprecation {
    /// With the header fields that say it; `None` for a link that cannot stand in one.
    pub fn new(since: Timestamp, sunset: Option<Timestamp>, link: Option<String>) -> Option<Self> {
        let mut fields = Vec::new();
        let mut add = |name: HeaderName, text: String| {
            HeaderValue::from_str(&text).ok().map(|value| fields.push((name, value)))
        };
        // A Date of structured fields (RFC 9651, section 3.3.7).
        add(HeaderName::from_static("deprecation"), format!("@{}", since.as_second()))?;
        if let Some(sunset) = &sunset {
            let date = DateTimePrinter::new().timestamp_to_rfc9110_string(sunset).ok()?;
            add(HeaderName::from_static("sunset"), date)?;
        }
        if let Some(link) = &link {
            add(LINK, format!("<{link}>; rel=\"deprecation\""))?;
            if sunset.is_some() {
                add(LINK, format!("<{link}>; rel=\"sunset\""))?;
            }
        }
        Some(Self { since, sunset, link, fields })
    }

    /// Says it in the header of an answer. Other links there stay.
    pub fn mark(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.fields {
            if name == LINK {
                headers.append(name, value.clone());
            } else {
                headers.insert(name, value.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deprecation_is_said_in_the_fields_of_its_standards() {
        let (since, sunset) = ("2026-12-01T00:00:00Z", "2027-06-01T12:00:00Z");
        let link = "https://example.com/v2".to_owned();
        let deprecation = Deprecation::new(since.parse().unwrap(), sunset.parse().ok(), Some(link)).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(LINK, HeaderValue::from_static("</next>; rel=\"next\""));
        deprecation.mark(&mut headers);
        assert_eq!(headers["deprecation"], "@1796083200");
        assert_eq!(headers["sunset"], "Tue, 01 Jun 2027 12:00:00 GMT");
        let links: Vec<&str> = headers.get_all(LINK).iter().map(|value| value.to_str().unwrap()).collect();
        assert_eq!(
            links,
            [
                "</next>; rel=\"next\"",
                "<https://example.com/v2>; rel=\"deprecation\"",
                "<https://example.com/v2>; rel=\"sunset\""
            ]
        );
    }
}
