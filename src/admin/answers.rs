//! What the admin interface answers.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

use super::Answer;
use crate::serve::{Applied, ReloadError, Shared, Swapped};

/// The field that makes a reload conditional.
const IF_GENERATION: &str = "if-generation";

/// `GET /health`: 200 when requests are welcome, 503 when not.
pub(super) fn health(shared: &Shared) -> Answer {
    let ready = shared.is_ready();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let version = env!("CARGO_PKG_VERSION");
    data(status, &json!({ "ready": ready, "generation": shared.generation(), "version": version }))
}

/// `GET /metrics`, in the OpenMetrics text format.
pub(super) fn metrics(shared: &Shared) -> Answer {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    response(StatusCode::OK, kind, shared.metrics_text().into_bytes())
}

/// `GET /routes`: every address with what it serves and where the file says so.
pub(super) fn routes(shared: &Shared) -> Answer {
    let routes = shared.with_gateway(|gateway| {
        let listeners = gateway.listeners.iter();
        let all = listeners
            .flat_map(|listener| listener.router.routes().iter().map(move |route| (listener, route)));
        let all = all.map(|(listener, route)| {
            json!({
                "listener": *listener.name,
                "method": route.method.as_str(),
                "path": route.path,
                "protocol": route.protocol,
                "serves": route.serves,
                "place": route.place.to_string(),
            })
        });
        all.collect::<Vec<Value>>()
    });
    data(StatusCode::OK, &Value::Array(routes))
}

/// `GET /traces` and `GET /failures`: what is known of each, newest first.
pub(super) fn list(all: Vec<Value>) -> Answer {
    data(StatusCode::OK, &Value::Array(all))
}

/// `GET /traces/ID`: the steps of a request.
pub(super) fn trace(shared: &Shared, id: &str) -> Answer {
    kept(
        shared.trace(id),
        "No trace of this request is kept: it was not traced, it still runs, or newer ones have taken its place. \
         /traces lists those that are kept.",
    )
}

/// `GET /failures/ID`: how the work of a request failed after its answer.
pub(super) fn failure(shared: &Shared, id: &str) -> Answer {
    kept(
        shared.failure(id),
        "No failure of this request is kept: nothing of it failed after its answer, or newer ones have taken its \
         place. /failures lists those that are kept.",
    )
}

fn kept(found: Option<String>, otherwise: &str) -> Answer {
    let Some(mut text) = found else { return error(StatusCode::NOT_FOUND, otherwise) };
    text.push('\n');
    response(StatusCode::OK, "application/json", text.into_bytes())
}

/// `POST /reload`: answers when the new gateway serves, or says why it does not.
pub(super) async fn reload(shared: &Shared, headers: &HeaderMap) -> Answer {
    let wanted = headers.get(IF_GENERATION).map(|value| value.to_str().ok()?.trim().parse().ok());
    if wanted == Some(None) {
        return error(StatusCode::BAD_REQUEST, "If-Generation takes the number of a generation.");
    }
    match shared.reload(wanted.flatten()).await {
        Ok(Swapped::Unchanged { generation }) => {
            data(StatusCode::OK, &json!({ "result": "unchanged", "generation": generation }))
        }
        Ok(Swapped::Applied(applied)) => data(StatusCode::OK, &difference(&applied)),
        Err(reason) => {
            let status = match reason {
                ReloadError::Findings(_) | ReloadError::Start(_) => StatusCode::UNPROCESSABLE_ENTITY,
                ReloadError::Moved { .. } => StatusCode::PRECONDITION_FAILED,
                ReloadError::Stopping => StatusCode::SERVICE_UNAVAILABLE,
            };
            error(status, &reason.to_string())
        }
    }
}

fn difference(applied: &Applied) -> Value {
    json!({
        "result": "applied",
        "generation": applied.generation,
        "added": applied.added,
        "changed": applied.changed,
        "removed": applied.removed,
        "milliseconds": applied.took.as_secs_f64() * 1000.0,
    })
}

/// An answer that says what is wrong.
pub(super) fn error(status: StatusCode, message: &str) -> Answer {
    data(status, &json!({ "error": message }))
}

fn data(status: StatusCode, value: &Value) -> Answer {
    let mut text = value.to_string().into_bytes();
    text.push(b'\n');
    response(status, "application/json", text)
}

fn response(status: StatusCode, kind: &'static str, body: Vec<u8>) -> Answer {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
