//! The order in which a caller should try addresses: RFC 6724 section 6.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// The policy table of RFC 6724 section 2.1: prefix, its length in bits, precedence, label.
const POLICY: [(u128, u32, u8, u8); 9] = [
    (1, 128, 50, 0),
    (0xffff_0000_0000, 96, 35, 4),
    (0, 96, 1, 3),
    (0x2001_0000 << 96, 32, 5, 5),
    (0x2002 << 112, 16, 30, 2),
    (0x3ffe << 112, 16, 1, 12),
    (0xfec0 << 112, 10, 1, 11),
    (0xfc00 << 112, 7, 3, 13),
    (0, 0, 40, 1),
];

/// Puts the addresses a program can reach, and should try first, in front. Addresses that the rules hold equal keep
/// the order in which they came, so that a server that turns its answers round still spreads the load.
pub(crate) fn sort(addresses: &mut [IpAddr]) {
    if addresses.len() > 1 {
        sort_by_source(addresses, source_for);
    }
}

fn sort_by_source(addresses: &mut [IpAddr], source: impl Fn(IpAddr) -> Option<IpAddr>) {
    addresses.sort_by_cached_key(|&address| Rank::new(address, source(address)));
}

/// The address this machine would send from, `None` when no route leads there. Connecting a datagram socket sends
/// nothing: it only asks the routing table.
pub(crate) fn source_for(destination: IpAddr) -> Option<IpAddr> {
    let any: IpAddr = match destination {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).ok()?;
    socket.connect(SocketAddr::new(destination, 53)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

/// Rules 1, 2, 5, 6 and 8, in that order of weight; smaller goes first. Rules 3, 4 and 7 ask what Linux does not tell
/// a program, and rule 9 would undo the order that servers turn round.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    unreachable: bool,
    scopes_differ: bool,
    labels_differ: bool,
    less_precedence: u8,
    scope: u8,
}

impl Rank {
    fn new(destination: IpAddr, source: Option<IpAddr>) -> Self {
        let (precedence, label) = policy(destination);
        Self {
            unreachable: source.is_none(),
            scopes_differ: source.is_some_and(|s| scope(s) != scope(destination)),
            labels_differ: source.is_some_and(|s| policy(s).1 != label),
            less_precedence: u8::MAX - precedence,
            scope: scope(destination),
        }
    }
}

fn policy(address: IpAddr) -> (u8, u8) {
    let bits = match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    };
    let matches = |prefix: u128, length: u32| length == 0 || (bits ^ prefix) >> (128 - length) == 0;
    POLICY.iter().find(|row| matches(row.0, row.1)).map_or((40, 1), |row| (row.2, row.3))
}

/// The scopes of RFC 6724 section 3.1: 2 link-local (loopback included), 5 site-local, 14 global.
fn scope(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(v4) if v4.is_loopback() || v4.is_link_local() => 2,
        IpAddr::V4(_) => 14,
        IpAddr::V6(v6) if v6.is_multicast() => v6.octets()[1] & 0x0f,
        IpAddr::V6(v6) if v6.is_loopback() || v6.is_unicast_link_local() => 2,
        IpAddr::V6(v6) if v6.to_bits() >> 118 == 0xfec0 >> 6 => 5,
        IpAddr::V6(_) => 14,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(pairs: &[(&str, Option<&str>)]) -> Vec<String> {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let mut addresses: Vec<IpAddr> = pairs.iter().map(|p| ip(p.0)).collect();
        sort_by_source(&mut addresses, |to| pairs.iter().find(|p| ip(p.0) == to).and_then(|p| p.1.map(ip)));
        addresses.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_examples_of_rfc_6724_section_10_2() {
        let both = [("198.51.100.121", Some("198.51.100.117")), ("2001:db8:1::1", Some("2001:db8:1::2"))];
        assert_eq!(sorted(&both), ["2001:db8:1::1", "198.51.100.121"]);
        let v6_link_local_only =
            [("2001:db8:1::1", Some("fe80::1")), ("198.51.100.121", Some("198.51.100.117"))];
        assert_eq!(sorted(&v6_link_local_only), ["198.51.100.121", "2001:db8:1::1"]);
        let smaller_scope = [("2001:db8:1::1", Some("2001:db8:1::2")), ("fe80::1", Some("fe80::2"))];
        assert_eq!(sorted(&smaller_scope), ["fe80::1", "2001:db8:1::1"]);
        let six_to_four =
            [("2002:c633:6401::1", Some("2002:c633:6401::2")), ("2001:db8:1::1", Some("2002:c633:6401::2"))];
        assert_eq!(sorted(&six_to_four), ["2002:c633:6401::1", "2001:db8:1::1"]);
    }

    #[test]
    fn what_no_route_reaches_goes_last_and_equals_keep_their_order() {
        let no_v6 = [("2001:db8::1", None), ("192.0.2.7", Some("10.0.0.1")), ("192.0.2.3", Some("10.0.0.1"))];
        assert_eq!(sorted(&no_v6), ["192.0.2.7", "192.0.2.3", "2001:db8::1"]);
    }

    #[test]
    fn loopback_has_a_source() {
        assert_eq!(source_for(Ipv4Addr::LOCALHOST.into()), Some(Ipv4Addr::LOCALHOST.into()));
    }
}
