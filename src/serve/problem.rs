//! The bytes of a failure in each form: problem documents (RFC 9457) and plain text.

use crate::document::family::Family;
use crate::document::json;
use crate::pipeline::failure::{Failure, Violation};
use crate::schema::json_form::to_json;
use crate::xml::{escape_text, write_element};

fn title(failure: &Failure) -> &'static str {
    failure.status.canonical_reason().unwrap_or("Error")
}

/// A problem document in JSON (RFC 9457, section 3), with `code`, `requestId` and, for documents that do not fit,
/// `errors` of `path`, `line` where it is known, and `detail`.
pub(super) fn json(failure: &Failure, id: &str) -> Vec<u8> {
    let mut problem = serde_json::json!({
        "type": "about:blank",
        "title": title(failure),
        "status": failure.status.as_u16(),
        "detail": failure.message,
        "code": failure.code,
        "requestId": id,
    });
    if let Some(members) = problem.as_object_mut().filter(|_| !failure.violations.is_empty()) {
        let errors = failure.violations.iter();
        let error = |violation: &Violation| match violation.line {
            Some(line) => {
                serde_json::json!({ "path": violation.path, "line": line, "detail": violation.message })
            }
            None => serde_json::json!({ "path": violation.path, "detail": violation.message }),
        };
        members.insert("errors".to_owned(), serde_json::Value::Array(errors.map(error).collect()));
    }
    let mut out = problem.to_string().into_bytes();
    if let Some(detail) = detail(failure) {
        // Written as it is, so that no number goes through another form.
        out.pop();
        out.extend_from_slice(b",\"fault\":");
        out.extend_from_slice(&detail);
        out.push(b'}');
    }
    out.push(b'\n');
    out
}

/// The detail of a declared fault in JSON.
fn detail(failure: &Failure) -> Option<Vec<u8>> {
    let detail = failure.detail.as_ref()?;
    let profile = detail.fault.profile.as_ref()?;
    let mut text = Vec::with_capacity(256);
    match Family::of(&*profile.codec) {
        Family::Xml => json::write(&to_json(detail.document.tree().ok()?, &profile.shape), &mut text),
        Family::Json => json::write(detail.document.tree().ok()?, &mut text),
        Family::File => {
            let file = String::from_utf8_lossy(detail.document.bytes());
            text.extend_from_slice(serde_json::Value::from(file).to_string().as_bytes());
        }
    }
    Some(text)
}

/// The namespace of problem documents in XML.
const NAMESPACE: &str = "urn:ietf:rfc:7807";

/// The same in XML (RFC 9457, appendix B).
pub(super) fn xml(failure: &Failure, id: &str) -> Vec<u8> {
    let mut out = Vec::from(&b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<problem xmlns=\""[..]);
    out.extend_from_slice(NAMESPACE.as_bytes());
    out.extend_from_slice(b"\">");
    element(&mut out, "type", "about:blank");
    element(&mut out, "title", title(failure));
    element(&mut out, "status", failure.status.as_str());
    element(&mut out, "detail", &failure.message);
    element(&mut out, "code", &failure.code);
    element(&mut out, "requestId", id);
    if !failure.violations.is_empty() {
        out.extend_from_slice(b"<errors>");
        for violation in &failure.violations {
            // An array is elements named `i` (RFC 9457, appendix B).
            out.extend_from_slice(b"<i>");
            element(&mut out, "path", &violation.path);
            if let Some(line) = violation.line {
                element(&mut out, "line", &line.to_string());
            }
            element(&mut out, "detail", &violation.message);
            out.extend_from_slice(b"</i>");
        }
        out.extend_from_slice(b"</errors>");
    }
    if let Some(detail) = &failure.detail
        && let Ok(root) = detail.document.tree()
    {
        out.extend_from_slice(b"<fault>");
        write_element(root, Some(NAMESPACE), &mut out);
        out.extend_from_slice(b"</fault>");
    }
    out.extend_from_slice(b"</problem>\n");
    out
}

/// The same as lines of text.
pub(super) fn text(failure: &Failure, id: &str) -> Vec<u8> {
    let mut out = format!("{}\n", failure.message);
    for violation in &failure.violations {
        let line = violation.line.map(|line| format!(" (line {line})")).unwrap_or_default();
        out.push_str(&format!("  {}{line}: {}\n", violation.path, violation.message));
    }
    out.push_str(&format!("code: {}\nrequest: {id}\n", failure.code));
    out.into_bytes()
}

fn element(out: &mut Vec<u8>, name: &str, text: &str) {
    out.extend_from_slice(format!("<{name}>").as_bytes());
    escape_text(text, out);
    out.extend_from_slice(format!("</{name}>").as_bytes());
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hyper::StatusCode;

    use super::*;
    use crate::document::Document;
    use crate::document::tree::{Element, Name};
    use crate::pipeline::contract::{Detail, Fault};
    use crate::xml::XML;

    fn failure() -> Failure {
        let mut failure =
            Failure::client(StatusCode::UNPROCESSABLE_ENTITY, "invalid-document", "a < b & \u{1}");
        failure.violations = vec![Violation {
            path: "Order/@id".into(),
            message: "is missing".into(),
            way: Vec::new(),
            line: None,
        }];
        failure
    }

    #[test]
    fn json_says_it_all() {
        let problem: serde_json::Value = serde_json::from_slice(&json(&failure(), "7")).unwrap();
        assert_eq!(problem["status"], 422);
        assert_eq!(problem["title"], "Unprocessable Entity");
        assert_eq!(problem["requestId"], "7");
        assert_eq!(problem["errors"][0]["path"], "Order/@id");
    }

    #[test]
    fn descriptions_say_what_is_written() {
        let schema = jsonschema::validator_for(&crate::openapi::problem_schema()).unwrap();
        let plain = Failure::internal("wrong", "log");
        for failure in [failure(), plain] {
            let problem: serde_json::Value = serde_json::from_slice(&json(&failure, "7")).unwrap();
            let errors: Vec<String> = schema.iter_errors(&problem).map(|error| error.to_string()).collect();
            assert_eq!(errors, [""; 0], "{problem}");
            let described = crate::openapi::problem_schema();
            let known = described["properties"].as_object().unwrap();
            assert!(problem.as_object().unwrap().keys().all(|name| known.contains_key(name)), "{problem}");
        }
    }

    #[test]
    fn the_detail_of_a_fault_stays_in_its_namespace() {
        let written = |name: Name| {
            let document = Document::tree_of(Element::new(name), &XML);
            let status = StatusCode::CONFLICT;
            let fault = Fault { name: "Empty".into(), profile: None, status, description: "".into() };
            let mut failure = failure();
            failure.detail = Some(Detail { fault: Arc::new(fault), document });
            let text = String::from_utf8(xml(&failure, "7")).unwrap();
            text.split_once("<fault>").unwrap().1.to_owned()
        };
        assert_eq!(written(Name::local("Stock")), "<Stock xmlns=\"\"/></fault></problem>\n");
        assert_eq!(written(Name::qualified(NAMESPACE, "i")), "<i/></fault></problem>\n");
        assert_eq!(written(Name::qualified("urn:a", "i")), "<i xmlns=\"urn:a\"/></fault></problem>\n");
    }

    #[test]
    fn xml_is_escaped() {
        let text = String::from_utf8(xml(&failure(), "7")).unwrap();
        assert!(text.contains("<detail>a &lt; b &amp; \u{FFFD}</detail>"), "{text}");
        assert!(text.contains("<errors><i><path>Order/@id</path><detail>is missing</detail></i></errors>"));
    }
}
