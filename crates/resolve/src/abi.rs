//! The C symbols `getaddrinfo` and `freeaddrinfo`: raw pointers in, a linked list out. The only `unsafe` code.
#![allow(unsafe_code, reason = "a C interface is made of raw pointers; each block says why it is sound")]

use std::ffi::{CStr, CString, c_char, c_int};
use std::net::SocketAddr;
use std::panic::catch_unwind;
use std::ptr;

use libc::{addrinfo, sockaddr, sockaddr_in, sockaddr_in6, socklen_t};

use crate::answer::{Answer, Entry, answer};
use crate::dns;
use crate::failure::Failure;
use crate::request::Hints;

/// One link of the list: what C sees first, and the socket address it points to in the same allocation.
#[repr(C)]
struct Link {
    info: addrinfo,
    address: Address,
}

#[repr(C)]
union Address {
    v4: sockaddr_in,
    v6: sockaddr_in6,
}

/// `getaddrinfo` of RFC 3493 section 6.1. Takes the place of the C library's function in the whole program.
///
/// # Safety
/// As in C: `node` and `service` are null or end in a zero byte, `hints` is null or readable, `res` is writable.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn getaddrinfo(
    node: *const c_char,
    service: *const c_char,
    hints: *const addrinfo,
    res: *mut *mut addrinfo,
) -> c_int {
    if res.is_null() {
        return Failure::Fail.code();
    }
    // SAFETY: the caller promises strings that are null or end in a zero byte and that outlive this call.
    let (node, service) = unsafe { (text(node), text(service)) };
    // SAFETY: the caller promises a pointer that is null or points to an `addrinfo` whose first four members are set.
    let hints = unsafe { hints.as_ref() };
    let hints = match hints {
        Some(h) => Hints::new(h.ai_flags, h.ai_family, h.ai_socktype, h.ai_protocol),
        None => Ok(Hints::NONE),
    };
    // Unwinding must not reach the C caller: Rust would end the process.
    let found = catch_unwind(|| {
        let node = node.transpose().map_err(|_| Failure::NoName)?;
        let service = service.transpose().map_err(|_| Failure::Service)?;
        answer(node, service, hints?, dns::shared)
    });
    let (list, code) = match found.unwrap_or(Err(Failure::Fail)) {
        Ok(answer) => (list(answer), 0),
        Err(failure) => (ptr::null_mut(), failure.code()),
    };
    // SAFETY: `res` is not null (checked above) and the caller promises that it can be written.
    unsafe { res.write(list) };
    code
}

/// `freeaddrinfo` of RFC 3493 section 6.1: gives back a list made by the function above, or the tail of one.
///
/// # Safety
/// `list` is null or came from `getaddrinfo` and has not been given back yet.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn freeaddrinfo(list: *mut addrinfo) {
    let mut next = list;
    while !next.is_null() {
        // SAFETY: every element is the first member of a `Link` that `list` below leaked from a box, and the caller
        // promises that none was given back before.
        let link = unsafe { Box::from_raw(next.cast::<Link>()) };
        if !link.info.ai_canonname.is_null() {
            // SAFETY: a name that is not null was leaked from a `CString` by `list` below.
            drop(unsafe { CString::from_raw(link.info.ai_canonname) });
        }
        next = link.info.ai_next;
    }
}

/// The index of a network interface, `None` when there is none of that name.
pub(crate) fn interface_index(name: &str) -> Option<u32> {
    let name = CString::new(name).ok()?;
    // SAFETY: the pointer is to a string that ends in a zero byte and lives until the call returns.
    let index = unsafe { libc::if_nametoindex(name.as_ptr()) };
    (index != 0).then_some(index)
}

/// # Safety
/// `pointer` is null, or its bytes up to the first zero are readable for as long as the result lives.
unsafe fn text<'a>(pointer: *const c_char) -> Option<Result<&'a str, std::str::Utf8Error>> {
    if pointer.is_null() {
        return None;
    }
    // SAFETY: not null (checked above); the rest is this function's own condition.
    Some(unsafe { CStr::from_ptr(pointer) }.to_str())
}

fn list(answer: Answer) -> *mut addrinfo {
    let mut next: *mut addrinfo = ptr::null_mut();
    let first = answer.entries.len().saturating_sub(1);
    let mut canonical = answer.canonical;
    for (index, entry) in answer.entries.iter().rev().enumerate() {
        // The name belongs to the first element, which is made last.
        let name = if index == first { canonical.take() } else { None };
        next = link(entry, name, next);
    }
    next
}

fn link(entry: &Entry, name: Option<CString>, next: *mut addrinfo) -> *mut addrinfo {
    let (family, length, address) = encode(entry.address);
    let info = addrinfo {
        ai_flags: 0,
        ai_family: family,
        ai_socktype: entry.transport.socktype,
        ai_protocol: entry.transport.protocol,
        ai_addrlen: length,
        ai_addr: ptr::null_mut(),
        ai_canonname: name.map_or(ptr::null_mut(), CString::into_raw),
        ai_next: next,
    };
    let link = Box::into_raw(Box::new(Link { info, address }));
    // SAFETY: `link` comes from a box just leaked, so it is valid and nobody else points to it yet.
    unsafe { (*link).info.ai_addr = (&raw mut (*link).address).cast::<sockaddr>() };
    link.cast()
}

fn encode(address: SocketAddr) -> (c_int, socklen_t, Address) {
    match address {
        SocketAddr::V4(v4) => {
            let address = sockaddr_in {
                sin_family: libc::AF_INET as libc::sa_family_t,
                sin_port: v4.port().to_be(),
                sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes(v4.ip().octets()) },
                sin_zero: [0; 8],
            };
            (libc::AF_INET, size_of::<sockaddr_in>() as socklen_t, Address { v4: address })
        }
        SocketAddr::V6(v6) => {
            let address = sockaddr_in6 {
                sin6_family: libc::AF_INET6 as libc::sa_family_t,
                sin6_port: v6.port().to_be(),
                sin6_flowinfo: 0,
                sin6_addr: libc::in6_addr { s6_addr: v6.ip().octets() },
                sin6_scope_id: v6.scope_id(),
            };
            (libc::AF_INET6, size_of::<sockaddr_in6>() as socklen_t, Address { v6: address })
        }
    }
}
