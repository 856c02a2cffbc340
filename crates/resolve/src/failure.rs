//! The reasons for which a lookup gives no address, and their numbers in the C library.

use std::ffi::c_int;

/// Why there is no answer. The names are those of RFC 3493 section 6.1, the numbers glibc's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The hints hold flags that are unknown or do not go together.
    BadFlags,
    /// There is no such host, or neither a host nor a service was asked for.
    NoName,
    /// No server answered, or none could say; a later try may succeed.
    Again,
    /// Resolving broke down in a way that a later try will not mend.
    Fail,
    /// The host exists but has no address (of this family).
    NoData,
    /// The address family asked for is not IPv4, IPv6 or any.
    Family,
    /// The socket type asked for is not known, or does not go with the protocol.
    SockType,
    /// The service is not known for the socket type.
    Service,
    /// The numeric host is of another address family.
    AddrFamily,
}

impl Failure {
    /// The value that `getaddrinfo` returns, which `gai_strerror` can put into words.
    pub(crate) fn code(self) -> c_int {
        match self {
            Self::BadFlags => libc::EAI_BADFLAGS,
            Self::NoName => libc::EAI_NONAME,
            Self::Again => libc::EAI_AGAIN,
            Self::Fail => libc::EAI_FAIL,
            Self::NoData => libc::EAI_NODATA,
            Self::Family => libc::EAI_FAMILY,
            Self::SockType => libc::EAI_SOCKTYPE,
            Self::Service => libc::EAI_SERVICE,
            // glibc's <netdb.h>; the libc crate does not name it.
            Self::AddrFamily => -9,
        }
    }
}
