//! What a caller of `getaddrinfo` asks for, with the hints checked as RFC 3493 section 6.1 says.

use std::ffi::c_int;

use crate::failure::Failure;

/// The address families a caller will take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// IPv4 and IPv6.
    Any,
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
}

/// One way to open a socket: type, protocol, and the protocol's name in `/etc/services`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Transport {
    /// `SOCK_STREAM`, `SOCK_DGRAM` or `SOCK_RAW`.
    pub(crate) socktype: c_int,
    /// The IP protocol number; 0 for raw sockets of no particular protocol.
    pub(crate) protocol: c_int,
    /// `tcp` or `udp`; raw sockets know no services.
    pub(crate) services: Option<&'static str>,
}

const TRANSPORTS: [Transport; 3] = [
    Transport { socktype: libc::SOCK_STREAM, protocol: libc::IPPROTO_TCP, services: Some("tcp") },
    Transport { socktype: libc::SOCK_DGRAM, protocol: libc::IPPROTO_UDP, services: Some("udp") },
    Transport { socktype: libc::SOCK_RAW, protocol: 0, services: None },
];

/// The internationalisation flags of glibc; names in UTF-8 are always taken, so they change nothing.
const AI_IDN_FLAGS: c_int = 0x0040 | 0x0080;

const KNOWN_FLAGS: c_int = libc::AI_PASSIVE
    | libc::AI_CANONNAME
    | libc::AI_NUMERICHOST
    | libc::AI_NUMERICSERV
    | libc::AI_V4MAPPED
    | libc::AI_ALL
    | libc::AI_ADDRCONFIG
    | AI_IDN_FLAGS;

/// The hints, checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hints {
    flags: c_int,
    /// The families to answer with.
    pub(crate) family: Family,
    socktype: c_int,
    protocol: c_int,
}

impl Hints {
    /// What a null pointer for the hints means: any family, type and protocol.
    pub(crate) const NONE: Self = Self { flags: 0, family: Family::Any, socktype: 0, protocol: 0 };

    /// Checks the four members of a `struct addrinfo` that are hints.
    pub(crate) fn new(
        flags: c_int,
        family: c_int,
        socktype: c_int,
        protocol: c_int,
    ) -> Result<Self, Failure> {
        if flags & !KNOWN_FLAGS != 0 {
            return Err(Failure::BadFlags);
        }
        let family = match family {
            libc::AF_UNSPEC => Family::Any,
            libc::AF_INET => Family::V4,
            libc::AF_INET6 => Family::V6,
            _ => return Err(Failure::Family),
        };
        Ok(Self { flags, family, socktype, protocol })
    }

    /// Is this `AI_` flag set?
    pub(crate) fn has(&self, flag: c_int) -> bool {
        self.flags & flag != 0
    }

    /// May IPv4 addresses be given as IPv6 addresses (`AI_V4MAPPED` with `AF_INET6`)?
    pub(crate) fn maps_v4(&self) -> bool {
        self.family == Family::V6 && self.has(libc::AI_V4MAPPED)
    }

    /// The transports that fit type and protocol; at least one.
    pub(crate) fn transports(&self) -> Result<Vec<Transport>, Failure> {
        let fits = |t: &Transport| {
            // A raw socket takes any protocol, but only a caller who asks for raw sockets by type means them.
            let any_protocol = t.socktype == libc::SOCK_RAW && self.socktype == libc::SOCK_RAW;
            (self.socktype == 0 || self.socktype == t.socktype)
                && (self.protocol == 0 || any_protocol || self.protocol == t.protocol)
        };
        let found: Vec<Transport> = TRANSPORTS
            .into_iter()
            .filter(fits)
            .map(|t| Transport {
                protocol: if t.services.is_none() { self.protocol } else { t.protocol },
                ..t
            })
            .collect();
        match found.is_empty() {
            false => Ok(found),
            true if self.socktype != 0 => Err(Failure::SockType),
            true => Err(Failure::Service),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types(socktype: c_int, protocol: c_int) -> Result<Vec<(c_int, c_int)>, Failure> {
        let found = Hints::new(0, libc::AF_UNSPEC, socktype, protocol)?.transports()?;
        Ok(found.iter().map(|t| (t.socktype, t.protocol)).collect())
    }

    #[test]
    fn type_and_protocol_choose_the_transports() {
        assert_eq!(types(0, 0).unwrap().len(), 3);
        assert_eq!(types(libc::SOCK_STREAM, 0), Ok(vec![(libc::SOCK_STREAM, libc::IPPROTO_TCP)]));
        assert_eq!(types(0, libc::IPPROTO_UDP), Ok(vec![(libc::SOCK_DGRAM, libc::IPPROTO_UDP)]));
        assert_eq!(types(libc::SOCK_RAW, libc::IPPROTO_ICMP), Ok(vec![(libc::SOCK_RAW, libc::IPPROTO_ICMP)]));
        assert_eq!(types(libc::SOCK_STREAM, libc::IPPROTO_UDP), Err(Failure::SockType));
        assert_eq!(types(0, libc::IPPROTO_ICMP), Err(Failure::Service));
    }

    #[test]
    fn unknown_flags_and_families_are_refused() {
        assert_eq!(Hints::new(0x4000, libc::AF_UNSPEC, 0, 0), Err(Failure::BadFlags));
        assert_eq!(Hints::new(0, libc::AF_UNIX, 0, 0), Err(Failure::Family));
    }
}
