//! What a request's head says about its caller: the address, and the scheme and authority it used.

use std::net::{IpAddr, SocketAddr};

use compact_str::{CompactString, format_compact};
use hyper::header::{HOST, HeaderMap, TRANSFER_ENCODING};
use hyper::http::request::Parts;
use hyper::{StatusCode, Version};

use crate::pipeline::access::AddressList;
use crate::pipeline::failure::Failure;

/// Bytes of the longest authority: a name of DNS has at most 253, and a port 6.
const LONGEST_AUTHORITY: usize = 260;

/// The caller's address: the peer's, or what the trusted proxies in between say.
///
/// `X-Forwarded-For` is read from the right: each trusted proxy vouches for the entry to its left, and the first address
/// that is no trusted proxy is the caller's. What stands further left is the caller's own claim.
pub(super) fn caller(headers: &HeaderMap, peer: IpAddr, proxies: &AddressList) -> IpAddr {
    let mut address = peer.to_canonical();
    if !proxies.contains(address) {
        return address;
    }
    let lines = headers.get_all("x-forwarded-for").iter();
    let texts: Vec<&str> = lines.filter_map(|line| line.to_str().ok()).collect();
    for entry in texts.iter().rev().flat_map(|line| line.rsplit(',')) {
        let Some(next) = forwarded_address(entry.trim()) else { break };
        address = next;
        if !proxies.contains(address) {
            break;
        }
    }
    address
}

/// An entry of `X-Forwarded-For`; some proxies write the port too.
fn forwarded_address(entry: &str) -> Option<IpAddr> {
    let address: Option<IpAddr> = entry.parse().ok();
    let address = address.or_else(|| entry.parse::<SocketAddr>().ok().map(|address| address.ip()));
    let bracketed = || entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    address.or_else(bracketed).map(|address| address.to_canonical())
}

/// That the body comes as it is or in chunks: hyper also frames `gzip, chunked` and `chunked, chunked` by the last word
/// and leaves the rest undone, where another reader might not.
///
/// # Errors
/// 501 for any other transfer coding (RFC 9112, section 6.1).
pub(super) fn transfer_coding(headers: &HeaderMap) -> Result<(), Failure> {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => Ok(()),
        (Some(only), None) if only.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked") => Ok(()),
        _ => {
            let message = "The body's Transfer-Encoding is not read here: send chunked, or a Content-Length.";
            Err(Failure::client(StatusCode::NOT_IMPLEMENTED, "transfer-encoding", message))
        }
    }
}

/// The scheme and authority that the caller used, `https://api.example.com`, with the beginning of the path that a trusted
/// proxy took away: written into WSDLs and links, so nothing else may stand in it.
///
/// # Errors
/// 400 for a missing, repeated or malformed `Host` (RFC 9112, section 3.2).
pub(super) fn base_url(
    head: &Parts,
    tls: bool,
    own: SocketAddr,
    trusted: bool,
) -> Result<CompactString, Failure> {
    // The last entry is the trusted proxy's own; what stands before it is what the proxy was told.
    let forwarded = |name: &str| {
        let line = trusted.then(|| head.headers.get_all(name).iter().next_back()).flatten()?;
        line.to_str().ok()?.rsplit(',').next().map(str::trim)
    };
    let scheme = match forwarded("x-forwarded-proto").map(str::to_ascii_lowercase) {
        Some(scheme) if scheme == "https" => "https",
        Some(scheme) if scheme == "http" => "http",
        _ if tls => "https",
        _ => "http",
    };
    let authority = authority(head)?;
    let host = forwarded("x-forwarded-host").filter(|host| is_authority(host));
    // A port in the host says more than one beside it.
    let port = forwarded("x-forwarded-port").and_then(|port| port.parse::<u16>().ok());
    let port = port.filter(|port| !matches!((scheme, port), ("http", 80) | ("https", 443)));
    let prefix = forwarded("x-forwarded-prefix").or_else(|| forwarded("x-forwarded-context"));
    let prefix = prefix.filter(|prefix| is_prefix(prefix)).unwrap_or_default().trim_end_matches('/');
    match (host.or(authority), port) {
        (Some(host), Some(port)) if !has_port(host) => {
            Ok(format_compact!("{scheme}://{host}:{port}{prefix}"))
        }
        // Of every request, so it is put together without the machinery of formatting.
        (Some(host), _) => {
            let mut url = CompactString::with_capacity(scheme.len() + 3 + host.len() + prefix.len());
            [scheme, "://", host, prefix].into_iter().for_each(|part| url.push_str(part));
            Ok(url)
        }
        // HTTP/1.0 needs no Host.
        (None, _) => Ok(format_compact!("{scheme}://{own}{prefix}")),
    }
}

/// Whether an authority says its port.
fn has_port(authority: &str) -> bool {
    authority.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether a text is the beginning of a path: what a proxy took away from it.
fn is_prefix(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'-' | b'_' | b'~');
    text.starts_with('/')
        && text.len() <= LONGEST_AUTHORITY
        && text.bytes().all(plain)
        && !text.split('/').any(|segment| segment == "..")
        && !text.contains("//")
}

fn authority(head: &Parts) -> Result<Option<&str>, Failure> {
    let mut hosts = head.headers.get_all(HOST).iter();
    let host = hosts.next();
    if hosts.next().is_some() {
        return Err(bad_host("It has more than one Host field."));
    }
    // A target in absolute form, and `:authority`, win over Host (RFC 9112, section 3.2.2; RFC 9113, section 8.3.1).
    let text = match (head.uri.authority(), host) {
        (Some(authority), _) => authority.as_str(),
        (None, Some(host)) => host.to_str().map_err(|_| bad_host("Its Host is no text."))?,
        (None, None) if head.version == Version::HTTP_10 => return Ok(None),
        (None, None) => return Err(bad_host("It has no Host field.")),
    };
    if is_authority(text) {
        Ok(Some(text))
    } else {
        Err(bad_host("Its Host is no host with an optional port."))
    }
}

/// Whether the text is a host with an optional port, and nothing that means something in a URL, in XML or in a log.
pub(super) fn is_authority(text: &str) -> bool {
    if text.is_empty() || text.len() > LONGEST_AUTHORITY {
        return false;
    }
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) if host.parse::<std::net::Ipv6Addr>().is_ok() => match rest.strip_prefix(':') {
            Some(port) => ("v6", Some(port)),
            None if rest.is_empty() => ("v6", None),
            None => return false,
        },
        Some(_) => return false,
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let named = host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    !host.is_empty() && named && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

fn bad_host(why: &str) -> Failure {
    let message = format!("The request does not say which host it is for. {why}");
    Failure::client(StatusCode::BAD_REQUEST, "host", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(lines: &[(&'static str, &'static str)]) -> Parts {
        let mut request = hyper::Request::builder().uri("/x");
        for (name, value) in lines {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn proxies() -> AddressList {
        AddressList(vec!["10.0.0.0/8".parse().unwrap()])
    }

    #[test]
    fn only_trusted_proxies_say_who_called() {
        let peer: IpAddr = "10.0.0.1".parse().unwrap();
        let of = |peer: IpAddr, lines: &[(&'static str, &'static str)]| {
            caller(&head(lines).headers, peer, &proxies()).to_string()
        };
        let stranger: IpAddr = "192.0.2.9".parse().unwrap();
        assert_eq!(of(stranger, &[("x-forwarded-for", "10.1.1.1")]), "192.0.2.9");
        assert_eq!(of(peer, &[]), "10.0.0.1");
        assert_eq!(of(peer, &[("x-forwarded-for", "1.1.1.1, 192.0.2.7, 10.2.2.2")]), "192.0.2.7");
        assert_eq!(
            of(peer, &[("x-forwarded-for", "192.0.2.7"), ("x-forwarded-for", "10.3.3.3")]),
            "192.0.2.7"
        );
        assert_eq!(of(peer, &[("x-forwarded-for", "[2001:db8::1]:443")]), "2001:db8::1");
        assert_eq!(of(peer, &[("x-forwarded-for", "192.0.2.7, nonsense")]), "10.0.0.1");
    }

    #[test]
    fn the_base_url_holds_a_host_and_nothing_else() {
        let own = "127.0.0.1:80".parse().unwrap();
        let of = |lines: &[(&'static str, &'static str)], trusted| {
            base_url(&head(lines), false, own, trusted).map_err(|failure| failure.status.as_u16())
        };
        assert_eq!(of(&[("host", "api.example.com:8080")], false).unwrap(), "http://api.example.com:8080");
        assert_eq!(of(&[("host", "[::1]:80")], false).unwrap(), "http://[::1]:80");
        let proxied =
            [("host", "inner"), ("x-forwarded-proto", "https"), ("x-forwarded-host", "out.example")];
        assert_eq!(of(&proxied, true).unwrap(), "https://out.example");
        assert_eq!(of(&proxied, false).unwrap(), "http://inner");
        // What the caller claimed stands before what the proxy added, in the same line or another.
        let appended = [
            ("host", "inner"),
            ("x-forwarded-proto", "http, https"),
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-host", "worse.example, out.example"),
        ];
        assert_eq!(of(&appended, true).unwrap(), "https://out.example");
        let with = |more: &[(&'static str, &'static str)]| of(&[&proxied, more].concat(), true).unwrap();
        assert_eq!(with(&[("x-forwarded-port", "8443")]), "https://out.example:8443");
        assert_eq!(with(&[("x-forwarded-port", "443")]), "https://out.example");
        assert_eq!(with(&[("x-forwarded-host", "h:1"), ("x-forwarded-port", "2")]), "https://h:1");
        assert_eq!(with(&[("x-forwarded-prefix", "/api/v1/")]), "https://out.example/api/v1");
        assert_eq!(with(&[("x-forwarded-context", "/ctx")]), "https://out.example/ctx");
        for bad in ["api", "/a b", "/../x", "//evil.example", "/a\"b", "/a?b"] {
            assert_eq!(with(&[("x-forwarded-prefix", bad)]), "https://out.example", "{bad}");
        }
        let stranger = [&proxied[..], &[("x-forwarded-prefix", "/x"), ("x-forwarded-port", "9")]].concat();
        assert_eq!(of(&stranger, false).unwrap(), "http://inner");
        for bad in ["a\"><x", "a b", "a/b", "user@a", "a:b", "", "[::1", "[x]", "a:99999"] {
            assert_eq!(of(&[("host", bad)], false), Err(400), "{bad}");
        }
        assert_eq!(of(&[], false), Err(400));
        assert_eq!(of(&[("host", "a"), ("host", "b")], false), Err(400));
    }
}
