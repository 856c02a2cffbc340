//! The properties that the command line gives to what it runs: of the request, of the execution, of the documents.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use compact_str::{CompactString, format_compact};
use hyper::Method;
use hyper::header::{HeaderMap, HeaderValue};

use crate::document::Document;
use crate::document::codec::Limits;
use crate::pipeline::access::User;
use crate::pipeline::endpoint::Request;
use crate::pipeline::failure::Failure;
use crate::pipeline::property::{Fixed, Property};
use crate::pipeline::run::Run;
use crate::source::nearest;

/// Properties with their values.
#[derive(Debug)]
pub struct Given(Vec<(Property, CompactString)>);

impl Given {
    /// Reads `name=value` texts.
    ///
    /// # Errors
    /// A text is none, its name is not a property's, or the property is one that only a real request can have.
    pub fn of(texts: &[String]) -> Result<Self, String> {
        texts.iter().map(|text| one(text)).collect::<Result<Vec<_>, _>>().map(Self)
    }

    /// The request that they say; what they do not say is that of a call from this machine.
    pub fn request(&self, id: &str, method: Method, path: &str, body: Bytes) -> Request {
        let mut request = Request {
            id: id.into(),
            method,
            path: path.into(),
            query: CompactString::default(),
            headers: HeaderMap::new(),
            params: Vec::new(),
            defaults: None,
            user: None,
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            base_url: "http://localhost".into(),
            coming: None,
            body,
            limits: Limits::default(),
        };
        for (property, value) in &self.0 {
            add(&mut request, property, value);
        }
        request
    }

    /// Gives the others to the execution and the document.
    ///
    /// # Errors
    /// `response.status` is none.
    pub fn put(&self, run: &Run, mut document: Document) -> Result<Document, Failure> {
        for (property, value) in self.0.iter().filter(|(property, _)| property.is_writable()) {
            property.set(Some(value.clone()), run, &mut document)?;
        }
        Ok(document)
    }
}

fn one(text: &str) -> Result<(Property, CompactString), String> {
    let Some((name, value)) = text.split_once('=') else {
        return Err(format!("--property {text}: expected NAME=VALUE"));
    };
    let property = Property::parse(name).map_err(|error| {
        let near = nearest(name, error.known).map(|near| format!("; did you mean `{near}`?"));
        format!("--property {text}: {}{}", error.message, near.unwrap_or_default())
    })?;
    let possible = match &property {
        Property::SoapHeader(_)
        | Property::Fixed(Fixed::SoapAction | Fixed::SoapVersion | Fixed::Role | Fixed::Attachments) => false,
        Property::Fixed(Fixed::Method) => Method::from_bytes(value.as_bytes()).is_ok(),
        Property::Fixed(Fixed::Address) => value.parse::<IpAddr>().is_ok(),
        Property::Header(_) => HeaderValue::from_str(value).is_ok(),
        _ => true,
    };
    match possible {
        true => Ok((property, value.into())),
        false => Err(format!("--property {text}: `{name}` cannot be given this value here")),
    }
}

fn add(request: &mut Request, property: &Property, value: &CompactString) {
    match property {
        Property::Query(name) => {
            let next = format_compact!("{}={}", encoded(name), encoded(value));
            request.query = match request.query.is_empty() {
                true => next,
                false => format_compact!("{}&{next}", request.query),
            };
        }
        Property::PathParam(name) => request.params.push((name.clone(), value.clone())),
        Property::Header(name) => {
            if let Ok(value) = HeaderValue::from_str(value) {
                request.headers.append(name.clone(), value);
            }
        }
        Property::Fixed(Fixed::Method) => {
            request.method = Method::from_bytes(value.as_bytes()).unwrap_or_default();
        }
        Property::Fixed(Fixed::Path) => request.path = value.clone(),
        Property::Fixed(Fixed::Id) => request.id = value.clone(),
        Property::Fixed(Fixed::Address) => {
            if let Ok(address) = value.parse() {
                request.address = address;
            }
        }
        Property::Fixed(Fixed::User) => {
            let user = User { name: value.clone(), roles: Vec::new(), allow: None };
            request.user = Some(Arc::new(user));
        }
        Property::Fixed(_)
        | Property::ResponseHeader(_)
        | Property::SoapHeader(_)
        | Property::Process(_)
        | Property::Error(_)
        | Property::Document(_) => {}
    }
}

/// Percent-encoded as a part of a query (RFC 3986, section 3.4).
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let one = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_of_a_request_become_one() {
        let texts = [
            "request.query.a b=1&2=3",
            "request.query.c=",
            "request.header.X-A=v",
            "request.user=ada",
            "mine=x",
        ];
        let given = Given::of(&texts.map(str::to_owned)).unwrap();
        let request = given.request("map", Method::POST, "/", Bytes::new());
        assert_eq!(request.query("a b").as_deref(), Some("1&2=3"));
        assert_eq!(request.query("c").as_deref(), Some(""));
        assert_eq!(request.header("x-a"), Some("v"));
        assert_eq!(request.user.unwrap().name, "ada");
    }

    #[test]
    fn what_cannot_be_given_is_told() {
        for text in
            ["mine", "request.methd=GET", "soap.action=a", "request.address=here", "request.header.a=\n"]
        {
            let told = Given::of(&[text.to_owned()]).unwrap_err();
            assert!(told.starts_with(&format!("--property {text}: ")), "{told}");
        }
    }
}
