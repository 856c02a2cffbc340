//! The address of a description: OpenAPI 3.1, or 3.0.3 with `?version=3.0`, without what the caller may not call.

use std::sync::Arc;

use hyper::StatusCode;

use super::rest_described::{Group, described};
use super::shown::Shown;
use crate::openapi::{Document, Version};
use crate::pipeline::access::{Access, User};
use crate::pipeline::answer::Returned;
use crate::pipeline::endpoint::{Call, Endpoint, FailureForm, Opened, Reply, Request};
use crate::pipeline::failure::Failure;

/// The same description in both versions.
#[derive(Debug)]
struct Both {
    v31: Document,
    v30: Document,
}

/// A description with what is needed to write it for callers who may not call everything.
#[derive(Debug)]
struct Description {
    group: Group,
    listener: String,
    schemes: Access,
    /// Of everything.
    whole: Arc<Both>,
    /// Of less, by which resources a caller may call.
    parts: Shown<Both>,
}

/// Serves the description of a group of resources as a listener with these rules publishes it. It is written now.
pub fn endpoint(group: Group, listener: &str, access: &Access) -> Arc<dyn Endpoint> {
    let whole = Arc::new(both(&group, listener, access));
    let schemes =
        Access { schemes: access.schemes.clone(), allow: access.allow.clone(), ..Access::default() };
    Arc::new(Description { group, listener: listener.to_owned(), schemes, whole, parts: Shown::default() })
}

fn both(group: &Group, listener: &str, access: &Access) -> Both {
    let api = described(group, listener, access);
    let of = |version| Document::new(&api, version);
    Both { v31: of(Version::V31), v30: of(Version::V30) }
}

impl Description {
    /// What a caller may read. Where operations ask for roles, each kind of caller gets a description of its own, which is
    /// written when the first one asks.
    fn of(&self, user: Option<&User>) -> Arc<Both> {
        let may: Vec<bool> =
            self.group.resources.iter().map(|resource| resource.operation.admits(user)).collect();
        if may.iter().all(|may| *may) {
            return Arc::clone(&self.whole);
        }
        self.parts.of(may, |may| {
            let resources = self.group.resources.iter().zip(may).filter(|(_, may)| **may);
            let resources = resources.map(|(resource, _)| Arc::clone(resource)).collect();
            both(&Group { resources, ..self.group.clone() }, &self.listener, &self.schemes)
        })
    }
}

impl Endpoint for Description {
    fn failure_form(&self, _: &Request) -> FailureForm {
        FailureForm::Problem
    }

    fn open(&self, request: &Request) -> Result<Opened, Failure> {
        let version = match request.query("version") {
            None => Version::V31,
            Some(text) => Version::parse(&text).ok_or_else(|| {
                let message = "There is no such version. Ask for ?version=3.1 or ?version=3.0.";
                Failure::client(StatusCode::BAD_REQUEST, "unknown-version", message)
            })?,
        };
        let both = self.of(request.user.as_deref());
        let document = if version == Version::V30 { &both.v30 } else { &both.v31 };
        let body = document.at(&request.base_url);
        Ok(Opened::Reply(Reply::new(StatusCode::OK, "application/json", body)))
    }

    fn close(&self, _: &Call, _: Returned) -> Result<Reply, Failure> {
        Err(Failure::internal("description", "a description was called"))
    }
}
