//! Media types with their parameters, as `Content-Type` names them.

use compact_str::CompactString;

use super::fields::{lower, parameters, unquoted};

/// A media type (RFC 9110, section 8.3.1; RFC 2045, section 5.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaType {
    /// `type/subtype` in lower case.
    pub essence: CompactString,
    /// The parameters with names in lower case.
    pub parameters: Vec<(CompactString, CompactString)>,
}

impl MediaType {
    /// Reads a `Content-Type`; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (first, rest) = parameters(text);
        let essence = lower(first);
        let slash = essence.bytes().position(|byte| byte == b'/')?;
        if slash == 0 || slash + 1 == essence.len() {
            return None;
        }
        let parameters = rest.map(|(name, value)| (name, unquoted(value))).collect();
        Some(Self { essence, parameters })
    }

    /// A parameter's value.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Whether it is XML by name (RFC 7303).
    pub fn is_xml(&self) -> bool {
        self.essence == "text/xml" || self.essence == "application/xml" || self.essence.ends_with("+xml")
    }

    /// Whether it is JSON by name (RFC 6839, section 3.1).
    pub fn is_json(&self) -> bool {
        self.essence == "application/json" || self.essence.ends_with("+json")
    }

    /// Whether a body of this type has parts (RFC 2046, section 5.1).
    pub fn is_multipart(&self) -> bool {
        self.essence.starts_with("multipart/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_are_read_with_parameters() {
        let media = MediaType::parse("Text/XML; Charset=\"utf-8\"; action=a").unwrap();
        assert_eq!(media.essence, "text/xml");
        assert_eq!(media.parameter("charset"), Some("utf-8"));
        assert!(media.is_xml() && !media.is_json());
        let media = MediaType::parse("a/b; x=\"1;charset=utf-16\\\";\"; charset=utf-8").unwrap();
        assert_eq!(media.parameter("x"), Some("1;charset=utf-16\";"));
        assert_eq!(media.parameter("charset"), Some("utf-8"));
        assert!(MediaType::parse("nonsense").is_none());
        assert!(MediaType::parse("application/problem+json").unwrap().is_json());
        assert!(MediaType::parse("Multipart/Form-Data; boundary=b").unwrap().is_multipart());
    }
}
