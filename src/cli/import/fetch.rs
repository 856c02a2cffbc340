//! Fetching what a person named: one GET over HTTP or HTTPS, bounded in time and size, redirects on the same host alone.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::header::{HOST, LOCATION, USER_AGENT};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::url::Url;
use crate::world::{Real, World};
use crate::wsdl::read::MOST_BYTES;

/// How long one file may take.
const LONGEST: Duration = Duration::from_secs(60);
/// Redirects in a row.
const MOST_REDIRECTS: usize = 5;
/// Where systems keep the certificates of authorities.
const AUTHORITIES: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// What stands at an address.
///
/// # Errors
/// Why it cannot be had, in plain words.
pub(super) fn fetch(url: &Url) -> Result<Vec<u8>, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let all = Box::pin(follow(url.clone()));
        tokio::time::timeout(LONGEST, all).await.map_err(|_| "it takes longer than a minute".to_owned())?
    })
}

async fn follow(mut url: Url) -> Result<Vec<u8>, String> {
    for _ in 0..=MOST_REDIRECTS {
        let answer = match url.is_secure {
            true => get(&url, secured(&url).await?).await?,
            false => get(&url, connected(&url).await?).await?,
        };
        match answer {
            Answer::Body(body) => return Ok(body),
            Answer::Elsewhere(location) => {
                let next = url.join(&location).filter(|next| next.host() == url.host());
                url = next.ok_or_else(|| {
                    format!("it is redirected to another host: {location}; name that address if it is meant")
                })?;
            }
        }
    }
    Err("it is redirected again and again".to_owned())
}

enum Answer {
    Body(Vec<u8>),
    Elsewhere(String),
}

async fn connected(url: &Url) -> Result<TcpStream, String> {
    TcpStream::connect((url.name.as_str(), url.port)).await.map_err(|error| error.to_string())
}

async fn secured(url: &Url) -> Result<tokio_rustls::client::TlsStream<TcpStream>, String> {
    let mut roots = RootCertStore::empty();
    let files = AUTHORITIES.iter().filter_map(|path| Real.read(std::path::Path::new(path)).ok());
    if let Some(pem) = files.into_iter().next() {
        let found: Vec<CertificateDer<'static>> =
            rustls_pemfile::certs(&mut pem.as_slice()).flatten().collect();
        roots.add_parsable_certificates(found);
    }
    if roots.is_empty() {
        return Err("this system has no list of certificate authorities that could be found".to_owned());
    }
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from(url.name.clone())
        .map_err(|_| "the host has no name that TLS knows".to_owned())?;
    let stream = connected(url).await?;
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(|error| error.to_string())
}

async fn get<S>(url: &Url, stream: S) -> Result<Answer, String>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let shaken = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = shaken.map_err(|error| error.to_string())?;
    let request = Request::get(&url.target)
        .header(HOST, url.authority())
        .header(USER_AGENT, concat!("soapstone/", env!("CARGO_PKG_VERSION")))
        .body(Empty::<Bytes>::new())
        .map_err(|error| error.to_string())?;
    // It goes with the runtime, which serves this one file.
    tokio::spawn(connection);
    let response = sender.send_request(request).await.map_err(|error| error.to_string())?;
    let status = response.status();
    if status.is_redirection() && status != StatusCode::NOT_MODIFIED {
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        return location
            .map(|location| Answer::Elsewhere(location.to_owned()))
            .ok_or_else(|| format!("the answer is {status} without a location"));
    }
    if status != StatusCode::OK {
        return Err(format!("the answer is {status}"));
    }
    let body = Limited::new(response.into_body(), MOST_BYTES).collect().await;
    let body = body.map_err(|_| format!("it is cut off, or has more than {} MiB", MOST_BYTES >> 20))?;
    Ok(Answer::Body(body.to_bytes().to_vec()))
}
