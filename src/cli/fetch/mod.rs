//! Fetching contracts that a person named: GET over HTTP or HTTPS, bounded in time and size, redirects on the same host alone.

mod private;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, HOST, HeaderValue, LOCATION, USER_AGENT};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use self::private::is_private;
use crate::world::{Real, World};
use crate::wsdl::Url;
use crate::wsdl::cache::{Fetched, WsdlSource};
use crate::wsdl::read::MOST_BYTES;

/// How long one file may take.
const LONGEST: Duration = Duration::from_secs(60);
/// How long a contract with all its files may take.
const LONGEST_IN_ALL: Duration = Duration::from_secs(300);
/// Redirects in a row.
const MOST_REDIRECTS: usize = 5;
/// Where systems keep the certificates of authorities.
const AUTHORITIES: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// Where a contract may lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Anywhere that the first connection leads: it decides between the other two.
    Undecided,
    /// To the open network alone: that is where the contract stands.
    Open,
    /// To private addresses as well: the contract stands at one itself.
    Everywhere,
}

/// What fetches the files of one contract.
#[derive(Debug)]
pub struct Fetcher {
    root: Url,
    /// The value of the field `Authorization` for the root's own origin.
    authorization: Option<HeaderValue>,
    reach: Reach,
    authorities: Option<Arc<ClientConfig>>,
    until: Instant,
}

enum Answer {
    Body(Vec<u8>),
    Elsewhere(String),
}

impl Fetcher {
    /// For a contract and what it refers to.
    pub fn new(source: &WsdlSource) -> Self {
        let authorization = source.credentials.as_ref().and_then(|(user, password)| {
            let pair = STANDARD.encode(format!("{user}:{}", password.reveal()));
            let mut value = HeaderValue::try_from(format!("Basic {pair}")).ok()?;
            value.set_sensitive(true);
            Some(value)
        });
        Self {
            root: source.url.clone(),
            authorization,
            reach: Reach::Undecided,
            authorities: None,
            until: Instant::now() + LONGEST_IN_ALL,
        }
    }

    /// What stands at an address.
    ///
    /// # Errors
    /// Why it cannot be had, in plain words.
    pub fn fetch(&mut self, url: &Url) -> Result<Fetched, String> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err("the contract with all its files takes longer than five minutes".to_owned());
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        runtime.block_on(async {
            let all = Box::pin(self.follow(url.clone()));
            let late = || "it takes longer than a minute".to_owned();
            tokio::time::timeout(left.min(LONGEST), all).await.map_err(|_| late())?
        })
    }

    async fn follow(&mut self, mut url: Url) -> Result<Fetched, String> {
        for _ in 0..=MOST_REDIRECTS {
            let stream = self.connected(&url).await?;
            let answer = match url.is_secure {
                true => {
                    let stream = self.secured(&url, stream).await?;
                    self.get(&url, stream).await?
                }
                false => self.get(&url, stream).await?,
            };
            match answer {
                Answer::Body(bytes) => return Ok(Fetched { base: url, bytes }),
                Answer::Elsewhere(location) => {
                    let next = url.join(&location).filter(|next| next.host() == url.host());
                    url = next.ok_or_else(|| {
                        format!(
                            "it is redirected to another host: {location}; name that address if it is meant"
                        )
                    })?;
                }
            }
        }
        Err("it is redirected again and again".to_owned())
    }

    /// A connection to an address that the contract may lead to. What is connected to is what was looked at: a name is not
    /// resolved twice.
    async fn connected(&mut self, url: &Url) -> Result<TcpStream, String> {
        let found = tokio::net::lookup_host((url.name.as_str(), url.port)).await;
        let found: Vec<SocketAddr> = found.map_err(|error| error.to_string())?.collect();
        let mut why = match found.is_empty() {
            true => format!("the host {} has no address", url.name),
            false => format!(
                "the host {} is at a private address, and {} is not: name it as a contract of its own if it is meant",
                url.name,
                self.root.host()
            ),
        };
        let may = |address: &&SocketAddr| self.reach != Reach::Open || !is_private(address.ip());
        for address in found.iter().filter(may) {
            match TcpStream::connect(address).await {
                Ok(stream) => {
                    if self.reach == Reach::Undecided {
                        self.reach = if is_private(address.ip()) { Reach::Everywhere } else { Reach::Open };
                    }
                    return Ok(stream);
                }
                Err(error) => why = error.to_string(),
            }
        }
        Err(why)
    }

    async fn secured(
        &mut self,
        url: &Url,
        stream: TcpStream,
    ) -> Result<tokio_rustls::client::TlsStream<TcpStream>, String> {
        let config = match &self.authorities {
            Some(config) => Arc::clone(config),
            None => Arc::clone(self.authorities.insert(authorities()?)),
        };
        let name = ServerName::try_from(url.name.clone())
            .map_err(|_| "the host has no name that TLS knows".to_owned())?;
        TlsConnector::from(config).connect(name, stream).await.map_err(|error| error.to_string())
    }

    async fn get<S>(&self, url: &Url, stream: S) -> Result<Answer, String>
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    {
        let shaken = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = shaken.map_err(|error| error.to_string())?;
        let mut request = Request::get(&url.target)
            .header(HOST, url.authority())
            .header(USER_AGENT, concat!("soapstone/", env!("CARGO_PKG_VERSION")));
        let authorization = self.authorization.as_ref().filter(|_| url.is_same_origin(&self.root));
        if let Some(value) = authorization {
            request = request.header(AUTHORIZATION, value);
        }
        let request = request.body(Empty::<Bytes>::new()).map_err(|error| error.to_string())?;
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
        match (status, authorization) {
            (StatusCode::OK, _) => {}
            (StatusCode::UNAUTHORIZED, None) => {
                return Err(format!(
                    "the answer is {status}: it wants credentials; an update gives those of wsdl URL {{ auth basic user=NAME \
                     password=(env)NAME }}, and to {} alone",
                    origin(&self.root)
                ));
            }
            (StatusCode::UNAUTHORIZED, Some(_)) => {
                return Err(format!("the answer is {status}: these credentials are not taken"));
            }
            _ => return Err(format!("the answer is {status}")),
        }
        let body = Limited::new(response.into_body(), MOST_BYTES).collect().await;
        let body = body.map_err(|_| format!("it is cut off, or has more than {} MiB", MOST_BYTES >> 20))?;
        Ok(Answer::Body(body.to_bytes().to_vec()))
    }
}

/// The scheme, host and port of an address.
fn origin(url: &Url) -> String {
    format!("{}://{}", if url.is_secure { "https" } else { "http" }, url.authority())
}

/// TLS that trusts whom this system trusts.
fn authorities() -> Result<Arc<ClientConfig>, String> {
    let mut roots = RootCertStore::empty();
    let files = AUTHORITIES.iter().filter_map(|path| Real.read(Path::new(path)).ok());
    if let Some(pem) = files.into_iter().next() {
        let found: Vec<CertificateDer<'static>> =
            rustls_pemfile::certs(&mut pem.as_slice()).flatten().collect();
        roots.add_parsable_certificates(found);
    }
    if roots.is_empty() {
        return Err("this system has no list of certificate authorities that could be found".to_owned());
    }
    Ok(Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()))
}
