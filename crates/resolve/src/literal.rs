//! Numeric hosts: what is an IP address, what only looks like one, and what is a name.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What a host text is before anything is asked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Host<'a> {
    /// An address, with the text of its zone (RFC 4007 section 11) when it has one.
    Address(IpAddr, Option<&'a str>),
    /// A name to look up.
    Name(&'a str),
    /// Neither: an empty text, a broken address, or characters no host name has.
    Neither,
}

/// Sorts a host text into address, name or neither.
///
/// A text whose last label is a number (decimal, or hexadecimal with `0x`) can be no host name, since no top-level
/// domain is numeric (RFC 3696 section 2); it is an address in four decimal parts or nothing.
pub(crate) fn classify(text: &str) -> Host<'_> {
    if let Ok(address) = text.parse::<Ipv4Addr>() {
        return Host::Address(address.into(), None);
    }
    if text.contains(':') {
        let (address, zone) = match text.split_once('%') {
            Some((address, zone)) => (address, Some(zone)),
            None => (text, None),
        };
        return match address.parse::<Ipv6Addr>() {
            Ok(address) if zone != Some("") => Host::Address(address.into(), zone),
            _ => Host::Neither,
        };
    }
    let name = text.strip_suffix('.').unwrap_or(text);
    let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '\\' | '/' | '@' | '%' | '"');
    // 253 octets is the longest name that fits the 255 octets of RFC 1035 section 2.3.4.
    if name.is_empty() || name.len() > 253 || name.contains(odd) || ends_in_number(name) {
        return Host::Neither;
    }
    Host::Name(text)
}

fn ends_in_number(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let hex = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X"));
    match hex {
        Some(digits) => digits.bytes().all(|b| b.is_ascii_hexdigit()),
        None => last.bytes().all(|b| b.is_ascii_digit()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_names_are_told_apart() {
        let v6 = |text: &str| text.parse::<Ipv6Addr>().map(IpAddr::from).unwrap();
        assert_eq!(classify("10.1.2.3"), Host::Address("10.1.2.3".parse().unwrap(), None));
        assert_eq!(classify("::1"), Host::Address(v6("::1"), None));
        assert_eq!(classify("fe80::1%eth0"), Host::Address(v6("fe80::1"), Some("eth0")));
        assert_eq!(classify("orders.example"), Host::Name("orders.example"));
        assert_eq!(classify("_sip.example."), Host::Name("_sip.example."));
        assert_eq!(classify("1password.example"), Host::Name("1password.example"));
    }

    #[test]
    fn what_only_looks_like_an_address_is_neither() {
        for text in
            ["127.1", "0x7f.1", "0x7f000001", "2130706433", "1.2.3.4.", "256.1.1.1", "::1%", "fe80:::1"]
        {
            assert_eq!(classify(text), Host::Neither, "{text}");
        }
        for text in ["", ".", "a b", "a\\.b", "a/b", "user@host"] {
            assert_eq!(classify(text), Host::Neither, "{text}");
        }
        let long = format!("{}.example", "a.".repeat(130));
        assert_eq!(classify(&long), Host::Neither);
    }
}
