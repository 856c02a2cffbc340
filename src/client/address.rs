//! Where a server is: the parts of its URL, and the name under which its connections are kept.

use std::fmt;

use compact_str::{CompactString, format_compact};
use hyper::header::HeaderValue;

use crate::world::is_this_machine;

/// The URL of a server, taken apart: `https://crm.example.com:8443/services`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Whether it is spoken to over TLS.
    pub tls: bool,
    /// A name, an IPv4 address, or an IPv6 address without brackets.
    pub host: CompactString,
    /// The port; that of the scheme where the URL says none.
    pub port: u16,
    /// The path without a slash at its end: what every path begins with. May be empty.
    pub base: CompactString,
    /// Whether the path ends in a slash, which counts where nothing is put behind it.
    pub slash: bool,
    /// The query of the URL, without `?`; empty without one.
    pub query: CompactString,
    /// The `Host` field: the port is left out where it is that of the scheme (RFC 9110, section 7.2).
    pub authority: HeaderValue,
}

impl Address {
    /// Takes a URL apart.
    ///
    /// # Errors
    /// What is wrong with it, in words that quote nothing of it: it may come from outside.
    pub fn parse(url: &str) -> Result<Self, &'static str> {
        let (tls, rest) = match (url.strip_prefix("http://"), url.strip_prefix("https://")) {
            (Some(rest), _) => (false, rest),
            (_, Some(rest)) => (true, rest),
            _ => return Err("expected a URL that begins with http:// or https://"),
        };
        let (rest, fragment) = rest.split_once('#').map_or((rest, None), |(rest, f)| (rest, Some(f)));
        if fragment.is_some() {
            return Err("a URL to call has no fragment (`#...`)");
        }
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        if authority.contains('@') {
            return Err("a URL carries no credentials: write `auth basic user=... password=(env)NAME`");
        }
        if !path.bytes().chain(query.bytes()).all(is_target) {
            return Err("a character of the path or the query must be percent-encoded");
        }
        let (host, port) = host_and_port(authority).ok_or("this is not a host with perhaps a port")?;
        let port = port.unwrap_or(if tls { 443 } else { 80 });
        let shown = if host.contains(':') { format_compact!("[{host}]") } else { host.clone() };
        let named =
            if port == if tls { 443 } else { 80 } { shown } else { format_compact!("{shown}:{port}") };
        let authority = HeaderValue::from_str(&named).map_err(|_| "this is not the name of a host")?;
        let (base, slash) = (path.trim_end_matches('/').into(), path.ends_with('/'));
        Ok(Self { tls, host, port, base, slash, query: query.into(), authority })
    }

    /// Scheme, host and port: what connections belong to.
    pub fn origin(&self) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://{}", self.authority.to_str().unwrap_or_default())
    }

    /// Whether it is this machine.
    pub fn is_local(&self) -> bool {
        is_this_machine(&self.host)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin(), self.base)
    }
}

/// What may stand in a path or a query as it is (RFC 3986, section 3.3), and what clients send all the same.
fn is_target(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`')
}

fn host_and_port(authority: &str) -> Option<(CompactString, Option<u16>)> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            (host, rest.strip_prefix(':').or_else(|| rest.is_empty().then_some("")))
        }
        None => {
            let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
            let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
            if host.is_empty() || !host.chars().all(named) {
                return None;
            }
            (host, Some(port))
        }
    };
    let port = match port? {
        "" => None,
        digits => Some(digits.parse().ok().filter(|port| *port > 0)?),
    };
    Some((host.to_ascii_lowercase().into(), port))
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn urls_are_taken_apart() {
        let address = Address::parse("https://CRM.example.com/services/?wsdl").unwrap();
        assert_eq!((&*address.host, address.port, &*address.base), ("crm.example.com", 443, "/services"));
        assert_eq!((address.authority.to_str().unwrap(), &*address.query), ("crm.example.com", "wsdl"));
        let address = Address::parse("http://[::1]:8080").unwrap();
        assert_eq!(
            (&*address.host, address.port, address.origin()),
            ("::1", 8080, "http://[::1]:8080".into())
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for wrong in [
            "ftp://x",
            "http://",
            "http://u:p@x",
            "http://x:0",
            "http://x:99999",
            "http://a b/",
            "http://x/\"",
            "http://[1]/",
            "http://x#a",
            "x",
            "http://x/\u{e9}",
            "http://x/a\r\nb",
        ] {
            assert!(Address::parse(wrong).is_err(), "{wrong}");
        }
    }
}
