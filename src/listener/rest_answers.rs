//! The answers of resources as OpenAPI describes them: what the process may answer, and every failure that can happen before
//! and behind it.

use std::collections::BTreeSet;
use std::sync::Arc;

use hyper::Method;

use super::rest_described::answer;
use crate::document::family::Family;
use crate::openapi::{Answer, Content, Contract, Header, Media, Status};
use crate::pipeline::access::Access;
use crate::pipeline::contract::Fault;
use crate::pipeline::operation::Io;
use crate::pipeline::published::{Api, Resource};

const REQUEST_ID: Header = Header {
    name: "X-Request-Id",
    description: "The id of the request, which the log of the gateway names too.",
    is_number: false,
};
const RETRY_AFTER: Header =
    Header { name: "Retry-After", description: "Seconds after which to try again.", is_number: true };
const CHALLENGE: Header =
    Header { name: "WWW-Authenticate", description: "How callers say who they are.", is_number: false };
const DEPRECATION: Header = Header {
    name: "Deprecation",
    description: "Since when the api should not be used any more (RFC 9745).",
    is_number: false,
};
const SUNSET: Header =
    Header { name: "Sunset", description: "When the api ends (RFC 8594).", is_number: false };
const LINK: Header =
    Header { name: "Link", description: "Where to read or to go on (RFC 8288).", is_number: false };

const ETAG: Header =
    Header { name: "ETag", description: "The state that the answer is of (RFC 9110).", is_number: false };

/// A failure that all operations share: its status, its name among the components, when it happens, and whether it may
/// happen before the address is known, where a caller that names no format of its own reads text.
type Shared = (u16, &'static str, &'static str, bool);

const BAD_REQUEST: Shared = (400, "BadRequest", "The request cannot be understood.", true);
const UNAUTHORIZED: Shared = (401, "Unauthorized", "Valid credentials are needed.", true);
const FORBIDDEN: Shared = (403, "Forbidden", "This caller, or this address, may not call it.", true);
const NOT_FOUND: Shared = (404, "NotFound", "There is nothing at this address.", true);
const NOT_ACCEPTABLE: Shared =
    (406, "NotAcceptable", "The request accepts no form that the answer has.", false);
const TOO_SLOW: Shared = (408, "RequestTimeout", "The body did not arrive in time.", false);
const OTHER_STATE: Shared =
    (412, "OtherState", "The resource is not in the state that the request is for.", false);
const TOO_LARGE: Shared = (413, "ContentTooLarge", "The body is larger than is allowed.", false);
const WRONG_TYPE: Shared =
    (415, "UnsupportedMediaType", "The body is of a type or in a coding that is not read here.", false);
const EXPIRED: Shared =
    (410, "PageExpired", "The time of the page is over; ask for the first one again.", false);
const INVALID: Shared =
    (422, "InvalidDocument", "The document does not fit what is expected; `errors` says where.", false);
const INTERNAL: Shared = (500, "InternalError", "The operation failed.", false);
const BUSY: Shared = (503, "Unavailable", "There is too much to do; try again.", true);
const TOO_LATE: Shared = (504, "TimedOut", "The operation took too long.", false);

/// Everything that may come back.
/// `stateful` tells that what a GET of the address gives has an entity tag.
pub(super) fn answers(
    resource: &Resource,
    access: &Access,
    api: Option<&Api>,
    stateful: bool,
) -> Vec<Answer> {
    let mut all = successes(resource, api);
    if stateful && resource.method == Method::GET {
        all.push(unchanged());
    }
    let operation = &resource.operation;
    let failures = &operation.outcomes.failures;
    let has_body = !resource.reads.is_empty();
    let searched = resource.path.contains('{') || resource.prefix || !resource.conditions.is_empty();
    let searched = searched || operation.paging.is_some();
    let profiled = operation.input.profile().is_some();
    for (happens, shared) in [
        (true, BAD_REQUEST),
        (!access.schemes.is_empty(), UNAUTHORIZED),
        (access.allow.is_some() || operation.roles.is_some(), FORBIDDEN),
        (searched, NOT_FOUND),
        (!resource.writes.is_empty(), NOT_ACCEPTABLE),
        (has_body, TOO_SLOW),
        (operation.paging.is_some(), EXPIRED),
        (stateful, OTHER_STATE),
        (has_body, TOO_LARGE),
        (has_body, WRONG_TYPE),
        (profiled, INVALID),
        (true, INTERNAL),
        (true, BUSY),
        (true, TOO_LATE),
    ] {
        if happens {
            all.push(self::shared(shared));
        }
    }
    for (status, codes) in failures {
        let codes: Vec<String> = codes.iter().map(|code| format!("`{code}`")).collect();
        all.push(problem(Status::Code(*status), None, format!("Codes: {}.", codes.join(", ")), false));
    }
    all.extend(operation.faults.iter().map(|fault| self::fault(fault)));
    let other = "Any other failure.".to_owned();
    all.push(problem(Status::Other, Some("Failure"), other, true));
    all
}

/// To a caller who has what there is.
fn unchanged() -> Answer {
    Answer {
        status: Status::Code(304),
        shared: Some("Unchanged"),
        description: "The state is the one that If-None-Match names.".to_owned(),
        headers: vec![REQUEST_ID, ETAG],
        media: Vec::new(),
    }
}

fn shared((status, name, description, early): Shared) -> Answer {
    let mut answer = problem(Status::Code(status), Some(name), description.to_owned(), early);
    match status {
        401 => answer.headers.push(CHALLENGE),
        503 => answer.headers.push(RETRY_AFTER),
        _ => {}
    }
    answer
}

/// A declared fault. Its detail is in JSON where its documents have a form in it; in XML the element `fault` holds it.
fn fault(fault: &Fault) -> Answer {
    let detail = fault.profile.as_ref().filter(|profile| Family::of(&*profile.codec) != Family::File);
    let detail = detail.map(|profile| Contract {
        profile: profile.name.clone(),
        shape: Arc::clone(&profile.shape),
        is_xml: Family::of(&*profile.codec) == Family::Xml,
        leaves: true,
        list: None,
    });
    let description = match fault.description.as_str() {
        "" => format!("Codes: `{}`.", fault.name),
        said => format!("`{}`: {said}", fault.name),
    };
    let mut answer = problem(Status::Code(fault.status.as_u16()), None, description, false);
    if let Some(json) = answer.media.first_mut() {
        json.content = Content::Fault(fault.name.to_string(), detail);
    }
    answer
}

fn problem(status: Status, shared: Option<&'static str>, description: String, early: bool) -> Answer {
    let media = |essence: &str, content| Media { essence: essence.to_owned(), content };
    let mut all = vec![
        media("application/problem+json", Content::Problem),
        media("application/problem+xml", Content::Problem),
    ];
    if early {
        all.push(media("text/plain", Content::Text));
    }
    Answer { status, shared, description, headers: vec![REQUEST_ID], media: all }
}

fn successes(resource: &Resource, api: Option<&Api>) -> Vec<Answer> {
    let operation = &resource.operation;
    let mut headers = vec![REQUEST_ID];
    if let Some(deprecation) = api.and_then(|api| api.deprecation.as_ref()) {
        headers.push(DEPRECATION);
        headers.extend(deprecation.sunset.map(|_| SUNSET));
        headers.extend(deprecation.link.as_ref().map(|_| LINK));
    }
    headers.extend(operation.etag.as_ref().map(|_| ETAG));
    if operation.paging.is_some() && !headers.contains(&LINK) {
        headers.push(LINK);
    }
    let mut media: Vec<Media> =
        resource.writes().into_iter().filter_map(|(form, media)| answer(operation, form, media)).collect();
    if operation.outcomes.attaches {
        media.push(Media { essence: "multipart/related".to_owned(), content: Content::Any });
    }
    // XML and lists always have a root or brackets; elsewhere nothing returned is an empty body.
    let may_be_empty = match &operation.output {
        Io::None => false,
        Io::Profile { profile, many, .. } => !many && Family::of(&*profile.codec) != Family::Xml,
        Io::Data { .. } | Io::Multipart { .. } => true,
    };
    let done = match may_be_empty && resource.on_empty.is_none() {
        true => "It is done. The body is empty where there is nothing to answer with.",
        false => "It is done.",
    };
    let answer = |status, description: &str, media: &[Media]| Answer {
        status,
        shared: None,
        description: description.to_owned(),
        headers: headers.clone(),
        media: media.to_vec(),
    };
    if matches!(operation.output, Io::None) {
        return vec![answer(Status::Code(202), "It is accepted, and runs on.", &[])];
    }
    let outcomes = &operation.outcomes;
    let mut statuses: BTreeSet<Status> = outcomes.statuses.iter().map(|code| Status::Code(*code)).collect();
    if !outcomes.certain {
        statuses.insert(Status::Code(200));
    }
    if outcomes.computed {
        statuses.insert(Status::Success);
    }
    let mut all: Vec<Answer> = statuses.into_iter().map(|status| answer(status, done, &media)).collect();
    match resource.on_empty.map(|status| status.as_u16()) {
        Some(status) if status >= 400 => {
            all.push(problem(
                Status::Code(status),
                None,
                "There is nothing to answer with.".to_owned(),
                false,
            ));
        }
        Some(status) => all.push(answer(Status::Code(status), "There is nothing to answer with.", &[])),
        None => {}
    }
    all
}
