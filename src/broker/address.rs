//! Where a broker is: its URL, taken apart.

use crate::client::Address;

/// The port of NATS.
const PORT: u16 = 4222;

/// Takes a URL apart: `nats://events.example.com:4222`, or `tls://` where TLS is a must.
///
/// # Errors
/// What is wrong with it, in words that quote nothing of it: it may come from outside.
pub fn parse(url: &str) -> Result<Address, &'static str> {
    let (scheme, rest) = match (url.strip_prefix("nats://"), url.strip_prefix("tls://")) {
        (Some(rest), _) => ("http", rest),
        (_, Some(rest)) => ("https", rest),
        _ => return Err("expected a URL that begins with nats:// or tls://"),
    };
    if rest.contains('@') {
        return Err("a URL carries no credentials: write `auth user=... password=(env)NAME`");
    }
    if rest.contains(['/', '?', '#']) {
        return Err("expected a host and perhaps a port, and nothing behind them");
    }
    let behind = rest.rsplit_once(']').map_or(rest, |(_, behind)| behind);
    let port = if behind.contains(':') { String::new() } else { format!(":{PORT}") };
    Address::parse(&format!("{scheme}://{rest}{port}"))
}

/// The address as a log shows it.
pub fn shown(address: &Address) -> String {
    let host =
        if address.host.contains(':') { format!("[{}]", address.host) } else { address.host.to_string() };
    format!("{host}:{}", address.port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        let of = |url| parse(url).map(|address| (address.tls, shown(&address)));
        assert_eq!(of("nats://Events.example.com"), Ok((false, "events.example.com:4222".into())));
        assert_eq!(of("tls://127.0.0.1:4443"), Ok((true, "127.0.0.1:4443".into())));
        assert_eq!(of("nats://[::1]"), Ok((false, "[::1]:4222".into())));
        assert_eq!(of("nats://[::1]:80"), Ok((false, "[::1]:80".into())));
        for wrong in
            ["", "x", "http://x", "nats://", "nats://u:p@x", "nats://x/a", "nats://x:0", "nats://a b"]
        {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
