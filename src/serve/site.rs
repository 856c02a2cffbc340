//! Where a request came in, as what outlives it needs to know: the state, the listener, and the URL that the caller used.

use std::sync::Arc;

use compact_str::{CompactString, format_compact};
use hyper::Uri;
use hyper::header::HeaderMap;

use super::access::Exchange;
use super::head::is_authority;
use super::live::Live;
use super::path_credentials::without;
use super::request::{Known, Peer};
use super::state::State;
use crate::pipeline::endpoint::{Request, decode};
use crate::pipeline::gateway::Listener;
use crate::pipeline::operation::Operation;
use crate::pipeline::page::TOKEN;
use crate::state::store::Owner;

/// The field in which a proxy says what URL its caller used.
const REQUEST_URI: &str = "x-request-uri";

/// Where a request came in.
#[derive(Debug)]
pub(super) struct Site {
    live: Arc<Live>,
    pub(super) listener: Arc<Listener>,
    url: Url,
}

/// The URL that a caller used.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Url {
    /// The scheme and authority.
    origin: CompactString,
    path: CompactString,
    /// Without `?`; empty without one.
    query: CompactString,
}

impl Site {
    /// Of a request; `None` when its listener is gone.
    pub(super) fn of(peer: &Peer, exchange: &Exchange, known: &Known) -> Option<Self> {
        let listener = exchange.listener.clone()?;
        let trusted = listener.access.trusted_proxies.contains(peer.address.ip());
        let said = if trusted { said(&known.request.headers) } else { None };
        let url = said.unwrap_or_else(|| Url {
            origin: known.request.base_url.clone(),
            path: known.request.path.clone(),
            query: known.request.query.clone(),
        });
        Some(Self { live: Arc::clone(&exchange.live), listener, url })
    }

    /// What outlives the request.
    pub(super) fn state(&self) -> &State {
        &self.live.state
    }

    /// The process: what it runs ends with it.
    pub(super) fn instance(&self) -> &str {
        &self.live.state.instance
    }

    /// An operation of the file as it is now; `None` when it has none of that name any more.
    pub(super) fn operation(&self, name: &str) -> Option<&Operation> {
        self.live.gateway.operations.get(name).map(|operation| &**operation)
    }

    /// How long anything is kept at most.
    pub(super) fn age(&self) -> std::time::Duration {
        self.live.gateway.state.bounds.age
    }

    /// The URL of the caller with another token of a page.
    pub(super) fn page(&self, token: &str) -> String {
        let is_token = |pair: &&str| decode(pair.split('=').next().unwrap_or_default()) == TOKEN;
        let mut query = String::new();
        for pair in self.url.query.split('&').filter(|pair| !pair.is_empty() && !is_token(pair)) {
            query.push_str(pair);
            query.push('&');
        }
        format!("{}{}?{query}{TOKEN}={token}", self.url.origin, self.url.path)
    }

    /// The URL of a path of the same listener.
    pub(super) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url.origin)
    }

    /// To whom belongs what a request leaves behind: its user, or whoever calls where nobody is asked, at this listener.
    pub(super) fn owner(&self, request: &Request) -> Owner {
        let mut owner = self.listener.name.as_bytes().to_vec();
        if let Some(user) = &request.user {
            owner.push(0);
            owner.extend_from_slice(user.name.as_bytes());
        }
        Owner(owner)
    }
}

/// The URL that the last proxy says: what stands before its own entry is what it was told. `None` where it is not plain
/// which part is its own, since a URL may hold commas.
fn said(headers: &HeaderMap) -> Option<Url> {
    let line = headers.get_all(REQUEST_URI).iter().next_back()?.to_str().ok()?;
    let last = line.rsplit(", ").next().map(str::trim)?;
    let lower = last.to_ascii_lowercase();
    let several = [",http://", ",https://"].iter().any(|begin| lower.contains(begin));
    if several { None } else { external(last) }
}

/// The URL that a proxy says; `None` for what is none of HTTP, or cannot stand in a field.
fn external(text: &str) -> Option<Url> {
    if text.bytes().any(|byte| !byte.is_ascii_graphic() || matches!(byte, b'<' | b'>' | b'"' | b'\\')) {
        return None;
    }
    let uri: Uri = text.parse().ok()?;
    let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"))?;
    let authority =
        uri.authority().map(hyper::http::uri::Authority::as_str).filter(|text| is_authority(text))?;
    Some(Url {
        origin: format_compact!("{scheme}://{authority}"),
        // Credentials are nothing for a link.
        path: without(uri.path()).into(),
        query: uri.query().unwrap_or_default().into(),
    })
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    #[test]
    fn the_last_entry_is_the_trusted_proxys() {
        let of = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(REQUEST_URI, HeaderValue::from_static(line));
            }
            said(&headers).map(|url| format!("{}{}?{}", url.origin, url.path, url.query))
        };
        let own = Some("https://api.example.com/a,b?c,d".to_owned());
        assert_eq!(of(&["https://api.example.com/a,b?c,d"]), own);
        assert_eq!(of(&["https://evil.example/", "https://api.example.com/a,b?c,d"]), own);
        assert_eq!(of(&["https://evil.example/, https://api.example.com/a,b?c,d"]), own);
        // It may all be one URL, or two.
        assert_eq!(of(&["https://evil.example/,HTTPS://api.example.com/"]), None);
        assert_eq!(of(&["https://evil.example/, /orders"]), None);
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn a_proxy_says_a_url_of_http_and_nothing_else() {
        let url = external("https://api.example.com/orders/list?a=1&b").unwrap();
        assert_eq!(
            (&*url.origin, &*url.path, &*url.query),
            ("https://api.example.com", "/orders/list", "a=1&b")
        );
        let secret = external("https://api.example.com/orders;boomi_auth=Zm9vOmJhcg==?a").unwrap();
        assert_eq!((&*secret.path, &*secret.query), ("/orders", "a"));
        for bad in [
            "",
            "/orders",
            "api.example.com/orders",
            "ftp://api.example.com/",
            "javascript:alert(1)",
            "https://user@api.example.com/",
            "https://api.example.com/>;rel=evil",
            "https://api.example.com/a b",
            "https://api.example.com/\"",
            "https:///path",
        ] {
            assert_eq!(external(bad), None, "{bad}");
        }
    }
}
