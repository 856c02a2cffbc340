//! Header fields of calls: those that are set, and those of answers that are kept in properties.

use std::str::FromStr as _;

use compact_str::CompactString;
use hyper::StatusCode;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};

use crate::document::Document;
use crate::kind::value::{DeclaredValue, For};
use crate::kind::{Compiling, Here};
use crate::pipeline::failure::Failure;
use crate::pipeline::property::Property;
use crate::pipeline::source::ValueSource;
use crate::pipeline::systems;
use crate::source::{Finding, Spanned};
use crate::syntax::Node;

/// A name with a value.
pub fn named(mut node: Node<'_>, what: &'static str) -> Option<(Spanned<String>, DeclaredValue)> {
    let name = node.argument(what);
    let value = DeclaredValue::read(&mut node, true);
    node.finish();
    Some((name?, value?))
}

/// A header field or block that is kept, with its property.
pub fn keep(mut node: Node<'_>) -> Option<(Spanned<String>, Spanned<String>)> {
    let (name, property) = (node.argument("name"), node.required("as"));
    node.finish();
    Some((name?, property?))
}

/// Header fields that a call sets; `None` after findings.
pub fn set(
    list: &[(Spanned<String>, DeclaredValue)],
    here: &Here,
    compiling: &Compiling<'_>,
) -> Option<Vec<(HeaderName, ValueSource)>> {
    let one = |(name, value): &(Spanned<String>, DeclaredValue)| {
        let (found, source) = (field(name, compiling), value.compile(&For::here(here), compiling));
        Some((found?, source?.0))
    };
    // Every one is compiled, so that all findings are there.
    let all: Vec<_> = list.iter().map(one).collect();
    all.into_iter().collect()
}

/// The name of a header field that a call may set; `None` after a finding.
pub fn field(name: &Spanned<String>, compiling: &Compiling<'_>) -> Option<HeaderName> {
    let found = HeaderName::from_str(&name.value).ok();
    let Some(found) = found else {
        let message = format!("`{}` is not the name of a header field", name.value);
        compiling.report(Finding::error("bad-header", name.span, message));
        return None;
    };
    if systems::NOT_GIVEN.contains(&found.as_str()) {
        let message = format!("`{}` is a field of the connection, which is made here", name.value);
        compiling.report(Finding::error("bad-header", name.span, message).help("remove it"));
        return None;
    }
    Some(found)
}

/// Header fields of answers that are kept; `None` after a finding.
pub fn kept(
    list: &[(Spanned<String>, Spanned<String>)],
    compiling: &Compiling<'_>,
) -> Option<Vec<(HeaderName, String)>> {
    let one = |(name, property): &(Spanned<String>, Spanned<String>)| {
        let found = field(name, compiling);
        let property = property_to_set(property, compiling);
        Some((found?, property?))
    };
    let all: Vec<_> = list.iter().map(one).collect();
    all.into_iter().collect()
}

/// The name of a property of documents that a step sets; `None` after a finding.
pub fn property_to_set(name: &Spanned<String>, compiling: &Compiling<'_>) -> Option<String> {
    if let Ok(Property::Document(_)) = Property::parse(&name.value) {
        compiling.sets(&name.value);
        return Some(name.value.clone());
    }
    let message = format!("`{}` is not a property of documents, which could keep it", name.value);
    let finding = Finding::error("not-writable", name.span, message);
    compiling.report(finding.help("choose a name of your own, such as crm.limits"));
    None
}

/// Notes in its properties what came with an answer.
pub fn answered(
    document: &mut Document,
    status: StatusCode,
    headers: &HeaderMap,
    kept: &[(HeaderName, String)],
) {
    document.properties.set("http.status", status.as_str());
    for (name, property) in kept {
        match headers.get(name).map(|value| CompactString::from_utf8_lossy(value.as_bytes())) {
            Some(value) => document.properties.set(property, value),
            None => document.properties.remove(property),
        }
    }
}

/// A header field of a request, made of a document's data.
pub fn header_value(name: &HeaderName, text: &str) -> Result<HeaderValue, Failure> {
    HeaderValue::from_str(text.trim()).map_err(|_| {
        let log =
            format!("the value for the header field {name} holds a control character, such as a line end");
        Failure::internal("bad-header", log)
    })
}
