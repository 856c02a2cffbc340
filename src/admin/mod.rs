//! The admin interface: health, metrics, routes, traces, failures and reloads, for those who operate the gateway.

mod answers;
mod guard;

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{self, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tracing::debug;

use crate::serve::{Shared, Side};

/// How long a head may take.
const HEAD: Duration = Duration::from_secs(10);

/// How long a connection, which carries one request, may take: a reload compiles everything.
const WHOLE: Duration = Duration::from_secs(300);

/// The paths with their methods; `ID` at the end of one stands for the id of what it shows.
const PATHS: &[(&str, Method)] = &[
    ("/health", Method::GET),
    ("/metrics", Method::GET),
    ("/routes", Method::GET),
    ("/traces", Method::GET),
    ("/traces/ID", Method::GET),
    ("/failures", Method::GET),
    ("/failures/ID", Method::GET),
    ("/reload", Method::POST),
];

/// A path of [`PATHS`], and the id in it, which is empty for a path without one.
type Routed<'a> = (&'static str, &'a str);

/// Serves the admin interface.
#[derive(Debug, Default, Clone, Copy)]
pub struct Admin;

/// An answer on its way.
type Answer = Response<Full<Bytes>>;

impl Side for Admin {
    fn serve(&self, stream: TcpStream, shared: Arc<Shared>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move {
            let loopback = stream.local_addr().is_ok_and(|address| address.ip().to_canonical().is_loopback());
            let service = service_fn(move |request| {
                let shared = Arc::clone(&shared);
                async move { Ok::<_, Infallible>(answer(&shared, &request, loopback).await) }
            });
            let mut builder = http1::Builder::new();
            builder
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD)
                .max_header_size(16 << 10)
                .keep_alive(false);
            let connection = builder.serve_connection(TokioIo::new(stream), service);
            match tokio::time::timeout(WHOLE, connection).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => debug!(%error, "an admin connection ended early"),
                Err(_) => debug!("an admin connection took too long"),
            }
        })
    }
}

async fn answer(shared: &Shared, request: &Request<Incoming>, loopback: bool) -> Answer {
    let mut answer = match route(request) {
        // A probe shows no token, and learns nothing that a connection would not tell it.
        Ok(("/health", _)) => match guard::host(request.headers(), loopback) {
            Ok(()) => answers::health(shared),
            Err(refusal) => refusal,
        },
        // Callers without the token do not learn which paths there are.
        routed => match guard::check(shared, request, loopback) {
            Err(refusal) => refusal,
            Ok(()) => match routed {
                Ok(("/metrics", _)) => answers::metrics(shared),
                Ok(("/routes", _)) => answers::routes(shared),
                Ok(("/traces", _)) => answers::list(shared.traces()),
                Ok(("/traces/ID", id)) => answers::trace(shared, id),
                Ok(("/failures", _)) => answers::list(shared.failures()),
                Ok(("/failures/ID", id)) => answers::failure(shared, id),
                Ok(("/reload", _)) => answers::reload(shared, request.headers()).await,
                Ok(_) => answers::error(StatusCode::NOT_FOUND, "There is nothing at this address."),
                Err(refusal) => *refusal,
            },
        },
    };
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}

fn route(request: &Request<Incoming>) -> Result<Routed<'_>, Box<Answer>> {
    let asked = request.uri().path();
    let mut fitting = PATHS.iter().filter_map(|(path, method)| Some((*path, id(path, asked)?, method)));
    let Some((path, id, method)) = fitting.next() else {
        let paths: Vec<_> = PATHS.iter().map(|(path, _)| *path).collect();
        let message = format!("There is nothing at this address. There are {}.", paths.join(", "));
        return Err(Box::new(answers::error(StatusCode::NOT_FOUND, &message)));
    };
    let head = request.method() == Method::HEAD && *method == Method::GET;
    if request.method() == method || head {
        return Ok((path, id));
    }
    let mut refusal = answers::error(StatusCode::METHOD_NOT_ALLOWED, &format!("Use {method} here."));
    if let Ok(allow) = HeaderValue::from_str(method.as_str()) {
        refusal.headers_mut().insert(header::ALLOW, allow);
    }
    Err(Box::new(refusal))
}

/// The id where the path that is asked for is one of that form.
fn id<'a>(form: &str, asked: &'a str) -> Option<&'a str> {
    match form.strip_suffix("ID") {
        None => (form == asked).then_some(""),
        Some(before) => asked.strip_prefix(before).filter(|id| !id.is_empty() && !id.contains('/')),
    }
}

#[cfg(test)]
mod tests;
