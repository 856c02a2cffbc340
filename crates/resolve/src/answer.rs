//! From a checked question to the list of socket addresses that answers it.

use std::ffi::CString;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use crate::abi::interface_index;
use crate::dns::Found;
use crate::failure::Failure;
use crate::literal::{Host, classify};
use crate::order;
use crate::request::{Family, Hints, Transport};
use crate::service;

/// Asks for the addresses of a name in a family; `dns::shared` outside of tests.
pub(crate) trait Lookup: Fn(&str, Family) -> Result<Found, Failure> {}
impl<F: Fn(&str, Family) -> Result<Found, Failure>> Lookup for F {}

/// One element of the list.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Address and port, with the zone of a link-local IPv6 address.
    pub(crate) address: SocketAddr,
    /// The socket to open for it.
    pub(crate) transport: Transport,
}

/// What `getaddrinfo` gives: at least one entry, best first.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Every address, for every transport asked for.
    pub(crate) entries: Vec<Entry>,
    /// The host's canonical name, when `AI_CANONNAME` asked for it.
    pub(crate) canonical: Option<CString>,
}

/// Answers `getaddrinfo(node, service, hints)`.
pub(crate) fn answer(
    node: Option<&str>,
    service: Option<&str>,
    hints: Hints,
    lookup: impl Lookup,
) -> Result<Answer, Failure> {
    if node.is_none() && service.is_none() {
        return Err(Failure::NoName);
    }
    let wants_name = hints.has(libc::AI_CANONNAME);
    if wants_name && node.is_none() {
        return Err(Failure::BadFlags);
    }
    // Before any server is asked: a wrong service should not cost a wait.
    let ports = ports(service, &hints)?;
    let (hosts, canonical) = match node {
        None => (no_host(&hints), None),
        Some(node) => host(node, &hints, lookup)?,
    };
    let entries = hosts
        .iter()
        .flat_map(|host| ports.iter().map(|&(transport, port)| Entry { address: host.at(port), transport }))
        .collect();
    let canonical = canonical.filter(|_| wants_name).and_then(|name| CString::new(name).ok());
    Ok(Answer { entries, canonical })
}

/// An address without its port.
#[derive(Clone, Copy)]
struct Target {
    ip: IpAddr,
    zone: u32,
}

impl Target {
    fn at(self, port: u16) -> SocketAddr {
        match self.ip {
            IpAddr::V4(_) => SocketAddr::new(self.ip, port),
            IpAddr::V6(v6) => SocketAddrV6::new(v6, port, 0, self.zone).into(),
        }
    }
}

impl From<IpAddr> for Target {
    fn from(ip: IpAddr) -> Self {
        Self { ip, zone: 0 }
    }
}

/// Without a host: the wildcard addresses for a server (`AI_PASSIVE`), loopback for a client.
fn no_host(hints: &Hints) -> Vec<Target> {
    let (v4, v6) = match hints.has(libc::AI_PASSIVE) {
        true => (Ipv4Addr::UNSPECIFIED, Ipv6Addr::UNSPECIFIED),
        false => (Ipv4Addr::LOCALHOST, Ipv6Addr::LOCALHOST),
    };
    match hints.family {
        Family::V4 => vec![IpAddr::from(v4).into()],
        Family::V6 => vec![IpAddr::from(v6).into()],
        Family::Any => vec![IpAddr::from(v6).into(), IpAddr::from(v4).into()],
    }
}

fn host(node: &str, hints: &Hints, lookup: impl Lookup) -> Result<(Vec<Target>, Option<String>), Failure> {
    match classify(node) {
        Host::Neither => Err(Failure::NoName),
        Host::Address(ip, zone) => Ok((vec![numeric(ip, zone, hints)?], Some(node.to_owned()))),
        Host::Name(_) if hints.has(libc::AI_NUMERICHOST) => Err(Failure::NoName),
        Host::Name(name) => {
            let mut found = by_name(name, hints, lookup)?;
            order::sort(&mut found.addresses);
            let targets = found.addresses.into_iter().map(Target::from).collect();
            Ok((targets, Some(found.canonical.unwrap_or_else(|| name.to_owned()))))
        }
    }
}

fn numeric(ip: IpAddr, zone: Option<&str>, hints: &Hints) -> Result<Target, Failure> {
    let zone = match zone {
        None => 0,
        Some(zone) => zone.parse().ok().or_else(|| interface_index(zone)).ok_or(Failure::NoName)?,
    };
    match (ip, hints.family) {
        (IpAddr::V4(v4), Family::V6) if hints.maps_v4() => Ok(mapped(v4.into()).into()),
        (IpAddr::V4(_), Family::V6) | (IpAddr::V6(_), Family::V4) => Err(Failure::AddrFamily),
        _ => Ok(Target { ip, zone }),
    }
}

fn by_name(name: &str, hints: &Hints, lookup: impl Lookup) -> Result<Found, Failure> {
    let family = configured(hints)?;
    if !hints.maps_v4() {
        return lookup(name, family);
    }
    if hints.has(libc::AI_ALL) {
        return lookup(name, Family::Any).map(map_all);
    }
    match lookup(name, Family::V6) {
        Err(Failure::NoName | Failure::NoData) => lookup(name, Family::V4).map(map_all),
        found => found,
    }
}

/// The families worth asking for: with `AI_ADDRCONFIG`, only those in which this machine can send.
fn configured(hints: &Hints) -> Result<Family, Failure> {
    if !hints.has(libc::AI_ADDRCONFIG) {
        return Ok(hints.family);
    }
    // Addresses set aside for documentation: routed like any other, and nothing is sent.
    let v4 = order::source_for(Ipv4Addr::new(192, 0, 2, 1).into()).is_some();
    let v6 = order::source_for(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into()).is_some();
    match (hints.family, v4, v6) {
        (Family::Any, true, false) => Ok(Family::V4),
        (Family::Any, false, true) => Ok(Family::V6),
        (Family::V4, false, true) => Err(Failure::NoName),
        (Family::V6, true, false) if !hints.maps_v4() => Err(Failure::NoName),
        (family, _, _) => Ok(family),
    }
}

fn map_all(mut found: Found) -> Found {
    found.addresses.iter_mut().for_each(|ip| *ip = mapped(*ip));
    found
}

fn mapped(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().into(),
        IpAddr::V6(_) => ip,
    }
}

/// The transports asked for, each with the port that the service has there.
fn ports(service: Option<&str>, hints: &Hints) -> Result<Vec<(Transport, u16)>, Failure> {
    let transports = hints.transports()?;
    let Some(text) = service else {
        return Ok(transports.into_iter().map(|t| (t, 0)).collect());
    };
    if let Some(port) = service::numeric(text) {
        let port = port.map_err(|_| Failure::Service)?;
        return Ok(transports.into_iter().map(|t| (t, port)).collect());
    }
    if hints.has(libc::AI_NUMERICSERV) {
        return Err(Failure::NoName);
    }
    let port = |t: Transport| Some((t, service::port(text, t.services?)?));
    let found: Vec<_> = transports.into_iter().filter_map(port).collect();
    if found.is_empty() { Err(Failure::Service) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two(_: &str, family: Family) -> Result<Found, Failure> {
        let mut addresses: Vec<IpAddr> = vec!["127.0.0.5".parse().unwrap(), "::1".parse().unwrap()];
        addresses.retain(|ip| family == Family::Any || ip.is_ipv4() == (family == Family::V4));
        Ok(Found { addresses, canonical: Some("real.test".to_owned()) })
    }

    fn ask(
        node: Option<&str>,
        service: Option<&str>,
        flags: i32,
        family: i32,
    ) -> Result<Vec<String>, Failure> {
        let hints = Hints::new(flags, family, libc::SOCK_STREAM, 0)?;
        let answer = answer(node, service, hints, two)?;
        Ok(answer.entries.iter().map(|e| e.address.to_string()).collect())
    }

    #[test]
    fn without_a_host_it_is_loopback_or_the_wildcard() {
        let any = libc::AF_UNSPEC;
        assert_eq!(ask(None, Some("80"), 0, any).unwrap(), ["[::1]:80", "127.0.0.1:80"]);
        assert_eq!(ask(None, Some("80"), libc::AI_PASSIVE, any).unwrap(), ["[::]:80", "0.0.0.0:80"]);
        assert_eq!(ask(None, Some("80"), libc::AI_PASSIVE, libc::AF_INET).unwrap(), ["0.0.0.0:80"]);
        assert_eq!(ask(None, None, 0, any), Err(Failure::NoName));
        assert_eq!(ask(None, Some("80"), libc::AI_CANONNAME, any), Err(Failure::BadFlags));
    }

    #[test]
    fn numeric_hosts_ask_nobody_and_keep_to_the_family() {
        let (v4, v6) = (libc::AF_INET, libc::AF_INET6);
        assert_eq!(ask(Some("10.0.0.1"), Some("http"), libc::AI_NUMERICHOST, v4).unwrap(), ["10.0.0.1:80"]);
        assert_eq!(ask(Some("::1"), Some("0"), 0, v6).unwrap(), ["[::1]:0"]);
        assert_eq!(ask(Some("fe80::1%3"), None, 0, v6).unwrap(), ["[fe80::1%3]:0"]);
        assert_eq!(ask(Some("fe80::1%nosuch"), None, 0, v6), Err(Failure::NoName));
        assert_eq!(ask(Some("10.0.0.1"), None, 0, v6), Err(Failure::AddrFamily));
        assert_eq!(ask(Some("10.0.0.1"), None, libc::AI_V4MAPPED, v6).unwrap(), ["[::ffff:10.0.0.1]:0"]);
        assert_eq!(ask(Some("a.test"), None, libc::AI_NUMERICHOST, v4), Err(Failure::NoName));
    }

    #[test]
    fn services_are_numbers_or_known_names() {
        let ask = |service, flags| ask(Some("10.0.0.1"), Some(service), flags, libc::AF_INET);
        assert_eq!(ask("https", 0).unwrap(), ["10.0.0.1:443"]);
        assert_eq!(ask("https", libc::AI_NUMERICSERV), Err(Failure::NoName));
        assert_eq!(ask("no-such-service", 0), Err(Failure::Service));
        assert_eq!(ask("70000", 0), Err(Failure::Service));
    }

    #[test]
    fn names_give_both_families_mapped_where_asked() {
        let (all, v6) = (libc::AI_V4MAPPED | libc::AI_ALL, libc::AF_INET6);
        assert_eq!(ask(Some("a.test"), None, 0, libc::AF_UNSPEC).unwrap().len(), 2);
        assert_eq!(ask(Some("a.test"), None, 0, libc::AF_INET).unwrap(), ["127.0.0.5:0"]);
        let mut mapped = ask(Some("a.test"), None, all, v6).unwrap();
        mapped.sort();
        assert_eq!(mapped, ["[::1]:0", "[::ffff:127.0.0.5]:0"]);
    }

    #[test]
    fn the_canonical_name_is_given_when_asked_for() {
        let name = |flags| {
            let hints = Hints::new(flags, libc::AF_UNSPEC, libc::SOCK_STREAM, 0).unwrap();
            answer(Some("a.test"), None, hints, two).unwrap().canonical
        };
        assert_eq!(name(libc::AI_CANONNAME), Some(c"real.test".to_owned()));
        assert_eq!(name(0), None);
    }
}
