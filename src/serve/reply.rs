//! Answers: the one place where a failure becomes bytes, and where every answer gets the fields that all of them carry.

use bytes::Bytes;
use hyper::body::Body as _;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Response, StatusCode};

use super::access::Exchange;
use super::outbound::{Outbound, Passing};
use super::problem;
use crate::document::coming::Stream;
use crate::document::family::Family;
use crate::document::tree::Element;
use crate::pipeline::endpoint::{FailureForm, MediaType, Reply};
use crate::pipeline::failure::{Blame, Failure, SoapCondition};
use crate::soap::Version;
use crate::soap::fault::{Code, Fault, Place};

/// The name of the field that carries the request id.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The fields that frame an answer.
const FRAMING: [HeaderName; 4] =
    [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION, header::UPGRADE];

/// What a connection beyond the bound is told before it is closed.
pub(super) const TOO_MANY_CONNECTIONS: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n\
    Connection: close\r\nContent-Length: 0\r\n\r\n";

/// What a peer is told whose head did not arrive in time.
pub(super) const SLOW_HEAD: &[u8] = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\
    Content-Type: text/plain; charset=utf-8\r\nContent-Length: 48\r\n\r\nThe head of the request did not arrive in time.\n";

/// The form of failures before an endpoint is known, or where naming one would reveal that it is there: what the
/// caller's head looks like.
pub(super) fn guessed_form(headers: &HeaderMap) -> FailureForm {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let media = text(header::CONTENT_TYPE).and_then(MediaType::parse);
    if media.as_ref().is_some_and(|media| media.essence == "application/soap+xml") {
        return FailureForm::Soap(Version::V12);
    }
    if headers.contains_key("soapaction") {
        return FailureForm::Soap(Version::V11);
    }
    let accept = text(header::ACCEPT).unwrap_or_default();
    if accept.contains("json") || media.as_ref().is_some_and(MediaType::is_json) {
        FailureForm::Problem
    } else if accept.contains("application/problem+xml") {
        FailureForm::ProblemXml
    } else {
        FailureForm::Text
    }
}

/// A failure as an answer. `id` is the request's.
pub fn failed(form: FailureForm, failure: &Failure, id: &str) -> Reply {
    let mut reply = match form {
        FailureForm::Soap(version) => soap(version, failure, id),
        FailureForm::Problem => {
            Reply::new(failure.status, "application/problem+json", problem::json(failure, id))
        }
        FailureForm::ProblemXml => {
            Reply::new(failure.status, "application/problem+xml", problem::xml(failure, id))
        }
        FailureForm::Text => {
            Reply::new(failure.status, "text/plain; charset=utf-8", problem::text(failure, id))
        }
    };
    let headers = &mut reply.headers;
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(seconds) = failure.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    let allow = failure.allow.as_deref().and_then(|methods| HeaderValue::from_str(methods).ok());
    if let Some(allow) = allow {
        headers.insert(header::ALLOW, allow);
    }
    for challenge in failure.challenges.iter().filter_map(|text| HeaderValue::from_str(text).ok()) {
        headers.append(header::WWW_AUTHENTICATE, challenge);
    }
    if let Some(codings) = failure.codings {
        // RFC 9110, section 12.5.3: in a 415 it says which codings would be read.
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(codings));
    }
    reply
}

/// A failure as a fault; the status follows the version's table, but for what HTTP itself has a status for.
fn soap(version: Version, failure: &Failure, id: &str) -> Reply {
    let code = match (&failure.soap, failure.blame) {
        (Some(SoapCondition::VersionMismatch(served)), _) => Code::VersionMismatch(served),
        (Some(SoapCondition::MustUnderstand(blocks)), _) => Code::MustUnderstand(blocks),
        (Some(SoapCondition::DataEncodingUnknown), _) => Code::DataEncodingUnknown,
        (None, Blame::Client) => Code::Sender,
        (None, Blame::Gateway | Blame::Upstream) => Code::Receiver,
    };
    let violations = failure.violations.iter().map(|violation| Place {
        path: &violation.path,
        line: violation.line,
        message: &violation.message,
    });
    let fault = Fault {
        code,
        subcode: &failure.code,
        standard: failure.subcode,
        not_xml: failure.unreadable,
        reason: &failure.message,
        request: id,
        of_header: failure.of_header,
        declared: declared(failure),
        headers: &failure.headers,
        violations: violations.collect(),
    };
    // A status that a process chose is for HTTP clients; to SOAP it is a fault like any other (BP 1.1, R1126).
    let status = if failure.thrown { StatusCode::INTERNAL_SERVER_ERROR } else { failure.status };
    let answer = fault.answer(version, status.as_u16());
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Reply::new(status, answer.content_type, answer.body)
}

/// The element that a declared fault has in its detail, where that is XML.
fn declared(failure: &Failure) -> Option<&Element> {
    let document = &failure.detail.as_ref()?.document;
    let is_xml = document.codec().is_some_and(|codec| Family::of(&**codec) == Family::Xml);
    document.tree().ok().filter(|_| is_xml)
}

/// An answer as it leaves, whose body is still on its way: the exchange ends with it.
pub(super) fn passing(reply: Reply, stream: Stream, exchange: Exchange) -> Response<Outbound> {
    let mut response = finish(reply, &Method::GET, &exchange.id);
    let (status, is_head) = (response.status(), exchange.method == Method::HEAD);
    if is_head || is_bodiless(status) {
        let length = stream.size_hint().exact().filter(|_| is_head);
        if let Some(length) = length {
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        exchange.answered(status, 0);
    } else {
        *response.body_mut() = Outbound::Passing(Passing::new(stream, exchange, status));
    }
    response
}

fn is_bodiless(status: StatusCode) -> bool {
    matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

/// An answer as it leaves.
pub(super) fn finish(reply: Reply, method: &Method, id: &str) -> Response<Outbound> {
    let Reply { status, mut headers, body, .. } = reply;
    // Framing is hyper's: a process that sets these would only break it. Few do, and looking is cheaper than removing.
    if headers.keys().any(|name| FRAMING.contains(name)) {
        FRAMING.iter().for_each(|name| drop(headers.remove(name)));
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    let body = if is_bodiless(status) {
        Bytes::new()
    } else if *method == Method::HEAD {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        Bytes::new()
    } else {
        body
    };
    let mut response = Response::new(Outbound::whole(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_raw_answers_are_framed_right() {
        for raw in [SLOW_HEAD, TOO_MANY_CONNECTIONS] {
            let text = std::str::from_utf8(raw).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            assert!(head.contains(&format!("Content-Length: {}", body.len())), "{text}");
        }
    }

    #[test]
    fn a_failure_carries_what_the_caller_needs() {
        let mut failure = Failure::client(StatusCode::METHOD_NOT_ALLOWED, "method", "no").log("internal");
        failure.allow = Some("GET, HEAD".into());
        failure.retry_after = Some(3);
        failure.challenges = vec!["Basic realm=\"a\"".into(), "Bearer".into()];
        for form in [
            FailureForm::Problem,
            FailureForm::ProblemXml,
            FailureForm::Text,
            FailureForm::Soap(Version::V12),
        ] {
            let reply = failed(form, &failure, "id-1");
            assert_eq!(reply.status, 405);
            assert_eq!(reply.headers["allow"], "GET, HEAD");
            assert_eq!(reply.headers["retry-after"], "3");
            assert_eq!(reply.headers.get_all("www-authenticate").iter().count(), 2);
            let text = String::from_utf8(reply.body.to_vec()).unwrap();
            assert!(text.contains("id-1") && !text.contains("internal"), "{text}");
        }
    }

    #[test]
    fn what_a_process_chose_changes_no_status_of_soap() {
        let of = |status: StatusCode, blame, version| {
            let failure = Failure::new(blame, status, "malformed", "no").thrown();
            failed(FailureForm::Soap(version), &failure, "id").status.as_u16()
        };
        for status in [StatusCode::NOT_FOUND, StatusCode::UNPROCESSABLE_ENTITY, StatusCode::UNAUTHORIZED] {
            assert_eq!(of(status, Blame::Client, Version::V11), 500);
            assert_eq!(of(status, Blame::Client, Version::V12), 400);
        }
        assert_eq!(of(StatusCode::SERVICE_UNAVAILABLE, Blame::Gateway, Version::V11), 500);
        assert_eq!(of(StatusCode::SERVICE_UNAVAILABLE, Blame::Gateway, Version::V12), 500);
        let missing = failed(FailureForm::Soap(Version::V11), &Failure::missing("no body"), "id");
        assert_eq!(missing.status, 400);
    }

    #[test]
    fn an_answer_to_head_has_the_length_and_no_body() {
        let response = finish(Reply::new(StatusCode::OK, "text/plain", "hello"), &Method::HEAD, "id");
        assert_eq!(response.headers()["content-length"], "5");
        assert_eq!(hyper::body::Body::size_hint(response.body()).exact(), Some(0));
    }
}
