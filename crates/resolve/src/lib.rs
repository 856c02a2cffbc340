//! Resolves host names with hickory behind the C library's own symbols `getaddrinfo` and `freeaddrinfo`.
//!
//! A statically linked glibc program that asks `getaddrinfo` loads whatever module the host's `nsswitch.conf` names,
//! built for another glibc than its own. This crate defines the two symbols itself, so that the linker never takes
//! the C library's: the standard library's [`std::net::ToSocketAddrs`], tokio's `lookup_host` and any C code linked
//! into the program all come here, and no module of the host is loaded.
//!
//! What is asked, in this order: numeric addresses, `/etc/hosts`, the names that RFC 6761 settles (`localhost`,
//! `.invalid`), then the servers in `/etc/resolv.conf`. Both files are read again when they change. Without
//! `/etc/resolv.conf` only the first three answer. Every call ends within [`LONGEST_LOOKUP`].
//!
//! Differences from glibc, on purpose: `nsswitch.conf`, `gai.conf` and `host.conf` are not read; old spellings of IPv4
//! addresses (`127.1`, `0x7f.0.0.1`) are no address and no host name either, so that no list of addresses written
//! the usual way can be stepped around.

#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop at the first surprise")
)]

mod abi;
mod answer;
mod dns;
#[cfg(test)]
mod dns_tests;
mod failure;
mod literal;
mod order;
mod request;
mod service;
mod sources;

pub use dns::LONGEST_LOOKUP;

/// Makes sure that this crate is part of the program, and with it the two symbols. Call it first in `main`.
///
/// It does nothing at run time. Without a mention of this crate the linker may leave it out and take the C library's
/// `getaddrinfo` instead.
pub fn install() {
    std::hint::black_box(abi::getaddrinfo as *const ());
    std::hint::black_box(abi::freeaddrinfo as *const ());
}
