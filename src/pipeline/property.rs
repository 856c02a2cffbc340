//! Properties by name: what a request brought, what the answer will carry, what travels with a document.

use compact_str::{CompactString, ToCompactString};
use hyper::StatusCode;
use hyper::header::{HeaderName, HeaderValue};

use super::called::OF_CALL;
use super::failure::Failure;
use super::run::Run;
use super::soap_header::HeaderPath;
use crate::document::Document;

/// A property, its name taken apart at compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Property {
    /// `request.query.NAME`.
    Query(CompactString),
    /// `request.path.NAME`.
    PathParam(CompactString),
    /// `request.header.NAME`.
    Header(HeaderName),
    /// One of the fixed ones: `request.method`, `soap.action`.
    Fixed(Fixed),
    /// `response.header.NAME`.
    ResponseHeader(HeaderName),
    /// `soap.header.NAME`: the text of that header block, or of something in it.
    SoapHeader(HeaderPath),
    /// `process.NAME`.
    Process(CompactString),
    /// `error.NAME`: of the failure that a `catch` was given the document for.
    Error(&'static str),
    /// Any other name: of the document.
    Document(CompactString),
}

/// The properties whose whole name is fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fixed {
    /// `request.method`
    Method,
    /// `request.path`
    Path,
    /// `request.user`
    User,
    /// `request.role`: the first one
    Role,
    /// `request.address`
    Address,
    /// `request.id`
    Id,
    /// `request.attachments`: how many there are
    Attachments,
    /// `response.status`
    Status,
    /// `soap.action`
    SoapAction,
    /// `soap.version`
    SoapVersion,
}

/// The fixed names with what they mean.
pub const FIXED: &[(&str, Fixed)] = &[
    ("request.method", Fixed::Method),
    ("request.path", Fixed::Path),
    ("request.user", Fixed::User),
    ("request.role", Fixed::Role),
    ("request.address", Fixed::Address),
    ("request.id", Fixed::Id),
    ("request.attachments", Fixed::Attachments),
    ("response.status", Fixed::Status),
    ("soap.action", Fixed::SoapAction),
    ("soap.version", Fixed::SoapVersion),
];

/// The properties of a caught failure.
pub const ERROR: &[&str] = &[
    "error.message",
    "error.code",
    "error.status",
    "error.blame",
    "error.retry",
    "error.step",
    "error.place",
    "error.fault",
];

/// The beginnings that a name follows.
const PREFIXES: &[&str] =
    &["request.query.", "request.path.", "request.header.", "response.header.", "soap.header.", "process."];

/// Why a name is not a property's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAProperty {
    /// What is wrong.
    pub message: String,
    /// What is known there.
    pub known: Vec<&'static str>,
}

/// The properties of a caught failure, those of a failed call among them.
fn errors() -> impl Iterator<Item = &'static str> {
    ERROR.iter().chain(OF_CALL).copied()
}

/// Every fixed name and beginning.
fn known() -> impl Iterator<Item = &'static str> {
    FIXED.iter().map(|(known, _)| *known).chain(PREFIXES.iter().copied()).chain(errors())
}

impl Property {
    /// Takes a name apart.
    ///
    /// # Errors
    /// A name that begins with `request.`, `response.`, `soap.`, `process.` or `error.` and is none of theirs.
    pub fn parse(name: &str) -> Result<Self, NotAProperty> {
        if let Some((_, fixed)) = FIXED.iter().find(|(known, _)| *known == name) {
            return Ok(Self::Fixed(*fixed));
        }
        if let Some(known) = errors().find(|known| *known == name) {
            return Ok(Self::Error(known));
        }
        let prefix = PREFIXES.iter().find(|prefix| name.len() > prefix.len() && name.starts_with(**prefix));
        if let Some(prefix) = prefix {
            return Self::under(prefix, name.strip_prefix(prefix).unwrap_or_default());
        }
        let reserved = ["request", "response", "soap", "process", "error"];
        match name.split('.').next() {
            Some(first) if reserved.contains(&first) => Err(NotAProperty {
                message: format!("there is no property `{name}`"),
                known: known().collect(),
            }),
            _ if name.is_empty() => {
                Err(NotAProperty { message: "a property needs a name".into(), known: Vec::new() })
            }
            _ => Ok(Self::Document(name.into())),
        }
    }

    fn under(prefix: &str, rest: &str) -> Result<Self, NotAProperty> {
        let header = || {
            HeaderName::from_bytes(rest.as_bytes()).map_err(|_| NotAProperty {
                message: format!("`{rest}` is not the name of a header"),
                known: Vec::new(),
            })
        };
        Ok(match prefix {
            "request.query." => Self::Query(rest.into()),
            "request.path." => Self::PathParam(rest.into()),
            "request.header." => Self::Header(header()?),
            "response.header." => Self::ResponseHeader(header()?),
            "soap.header." => Self::SoapHeader(HeaderPath::parse(rest).ok_or_else(|| NotAProperty {
                message: format!("`{rest}` does not lead to a value of a SOAP header"),
                known: vec!["soap.header.Session", "soap.header.{urn:example:crm}Session/Id"],
            })?),
            _ => Self::Process(rest.into()),
        })
    }

    /// Whether a step may set it.
    pub fn is_writable(&self) -> bool {
        matches!(
            self,
            Self::ResponseHeader(_) | Self::Fixed(Fixed::Status) | Self::Process(_) | Self::Document(_)
        )
    }

    /// Whether setting it changes the answer.
    pub fn is_of_answer(&self) -> bool {
        matches!(self, Self::ResponseHeader(_) | Self::Fixed(Fixed::Status))
    }

    /// Its value; `None` when it is not set.
    pub fn get(&self, run: &Run, document: &Document) -> Option<CompactString> {
        let request = run.request();
        match self {
            Self::Query(name) => request.query(name),
            Self::PathParam(name) => {
                request.params.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone())
            }
            Self::Header(name) => request.headers.get(name)?.to_str().ok().map(CompactString::from),
            Self::Fixed(fixed) => fixed.get(run),
            Self::ResponseHeader(name) => run.response_header(name),
            Self::SoapHeader(path) => path.get(run.execution.soap.as_ref()?),
            Self::Process(name) => run.execution.property(name),
            Self::Error(name) => document.properties.get(name).map(CompactString::from),
            Self::Document(name) => document.properties.get(name).map(CompactString::from),
        }
    }

    /// Sets or, with `None`, removes it. In a header, what may not stand there becomes spaces: it comes from a caller's
    /// data, and a line end in it must not begin another header (RFC 9110, section 5.5).
    ///
    /// # Errors
    /// The value is no status of an answer.
    pub fn set(
        &self,
        value: Option<CompactString>,
        run: &Run,
        document: &mut Document,
    ) -> Result<(), Failure> {
        match (self, value) {
            (Self::Fixed(Fixed::Status), value) => run.set_status(value.as_deref().map(status).transpose()?),
            (Self::ResponseHeader(name), value) => {
                run.set_response_header(name, value.as_deref().and_then(header_value));
            }
            (Self::Process(name), value) => run.execution.set_property(name, value),
            (Self::Document(name), Some(text)) => document.properties.set(name, text),
            (Self::Document(name), None) => document.properties.remove(name),
            _ => {}
        }
        Ok(())
    }
}

/// The status of an answer as text: from 200 to 999.
pub fn parse_status(text: &str) -> Option<StatusCode> {
    text.parse::<StatusCode>().ok().filter(|status| status.as_u16() >= 200)
}

fn status(text: &str) -> Result<StatusCode, Failure> {
    let log = || format!("`response.status` was set to {text:?}, which is no status of an answer");
    parse_status(text).ok_or_else(|| Failure::internal("bad-property", log()))
}

/// A text as a header's value, its control characters as spaces.
fn header_value(text: &str) -> Option<HeaderValue> {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    HeaderValue::from_str(plain.trim()).ok()
}

impl Fixed {
    fn get(self, run: &Run) -> Option<CompactString> {
        let request = run.request();
        match self {
            Self::Method => Some(request.method.as_str().into()),
            Self::Path => Some(request.path.clone()),
            Self::User => request.user.as_ref().map(|user| user.name.clone()),
            Self::Role => request.user.as_ref().and_then(|user| user.roles.first().cloned()),
            Self::Address => Some(request.address.to_compact_string()),
            Self::Id => Some(request.id.clone()),
            Self::Attachments => Some(run.execution.attachments.len().to_compact_string()),
            Self::Status => run.status().map(|status| status.as_str().into()),
            Self::SoapAction => run.execution.soap.as_ref()?.action.clone(),
            Self::SoapVersion => run.execution.soap.as_ref().map(|soap| soap.version.as_str().into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        assert_eq!(Property::parse("request.query.a.b"), Ok(Property::Query("a.b".into())));
        assert_eq!(
            Property::parse("request.header.X-Id").unwrap(),
            Property::parse("request.header.x-id").unwrap()
        );
        assert_eq!(Property::parse("customer.id"), Ok(Property::Document("customer.id".into())));
        assert_eq!(Property::parse("request.path"), Ok(Property::Fixed(Fixed::Path)));
        assert!(Property::parse("request.methd").is_err());
        assert!(Property::parse("request.header.a b").is_err());
    }

    #[test]
    fn a_callers_text_cannot_begin_another_header() {
        let value = header_value("a\r\nSet-Cookie: b\u{7f}\tc ").unwrap();
        assert_eq!(value, "a  Set-Cookie: b  c");
        assert_eq!(header_value("zürich").unwrap(), "zürich");
    }

    #[test]
    fn a_status_is_one_of_an_answer() {
        assert_eq!(parse_status("404"), Some(StatusCode::NOT_FOUND));
        for wrong in ["99", "100", "1000", "foo", "", "-200"] {
            assert_eq!(parse_status(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn only_what_is_ours_can_be_set() {
        assert!(Property::parse("response.status").unwrap().is_writable());
        assert!(!Property::parse("request.id").unwrap().is_writable());
    }
}
