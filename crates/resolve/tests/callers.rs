//! The callers that matter, through the program's own symbols: the standard library, tokio, and C.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test may stop, and reads the machine")]
#![allow(unsafe_code, reason = "one of the callers is C")]

use std::ffi::{CStr, c_int};
use std::fs;
use std::net::{SocketAddr, ToSocketAddrs};
use std::ptr;
use std::time::{Duration, Instant};

fn std_lookup(host: &str, port: u16) -> std::io::Result<Vec<SocketAddr>> {
    soapstone_resolve::install();
    Ok((host, port).to_socket_addrs()?.collect())
}

/// The resolving thread is there only if the call came to this crate and not to the C library.
fn resolved_here() -> bool {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    tasks
        .flatten()
        .any(|task| fs::read_to_string(task.path().join("comm")).is_ok_and(|name| name.trim() == "resolve"))
}

#[test]
fn the_standard_library_resolves_here() {
    let found = std_lookup("localhost", 80).unwrap();
    assert!(!found.is_empty() && found.iter().all(|a| a.ip().is_loopback() && a.port() == 80), "{found:?}");
    assert!(resolved_here());
    assert_eq!(
        "127.0.0.1:80".to_socket_addrs().unwrap().collect::<Vec<_>>(),
        ["127.0.0.1:80".parse().unwrap()]
    );
    assert_eq!(std_lookup("::1", 8080).unwrap(), ["[::1]:8080".parse().unwrap()]);
    assert_eq!(std_lookup("127.0.0.1", 1).unwrap(), ["127.0.0.1:1".parse().unwrap()]);
}

#[test]
fn unknown_hosts_fail_in_words_and_in_time() {
    let start = Instant::now();
    let error = std_lookup("no.such.host.invalid", 80).unwrap_err();
    assert!(error.to_string().contains("Name or service not known"), "{error}");
    // glibc reads this as 127.0.0.1.
    assert!(std_lookup("127.1", 80).is_err());
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn tokio_resolves_and_a_runtime_thread_may_block() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let found: Vec<_> = tokio::net::lookup_host(("localhost", 443)).await.unwrap().collect();
        assert!(found.iter().all(|a| a.ip().is_loopback() && a.port() == 443) && !found.is_empty());
        // Straight from the runtime's own thread, as a library that does not know better would.
        assert!(!std_lookup("localhost", 443).unwrap().is_empty());
    });
}

/// What a C caller gets: return code, then family, type, protocol, port and address length of each element, and the
/// canonical name.
fn c_lookup(
    node: Option<&CStr>,
    service: Option<&CStr>,
    hints: Option<[c_int; 4]>,
) -> Result<Vec<[c_int; 5]>, c_int> {
    soapstone_resolve::install();
    let pointer = |text: Option<&CStr>| text.map_or(ptr::null(), CStr::as_ptr);
    // SAFETY: an `addrinfo` of zeros is valid: integers and null pointers.
    let mut wanted: libc::addrinfo = unsafe { std::mem::zeroed() };
    let hints = match hints {
        None => ptr::null(),
        Some([flags, family, socktype, protocol]) => {
            (wanted.ai_flags, wanted.ai_family) = (flags, family);
            (wanted.ai_socktype, wanted.ai_protocol) = (socktype, protocol);
            &raw const wanted
        }
    };
    let mut list = ptr::null_mut();
    // SAFETY: the strings end in zero bytes, the hints are null or valid, the result can be written.
    let code = unsafe { libc::getaddrinfo(pointer(node), pointer(service), hints, &raw mut list) };
    if code != 0 {
        return Err(code);
    }
    let mut found = Vec::new();
    let mut next = list;
    // SAFETY: each element is null or valid until the list is given back below.
    while let Some(info) = unsafe { next.as_ref() } {
        // SAFETY: every address of this list is IPv4 or IPv6, and both keep family and port in the same place.
        let address = unsafe { info.ai_addr.cast::<libc::sockaddr_in>().as_ref() }.unwrap();
        assert_eq!(c_int::from(address.sin_family), info.ai_family);
        let port = c_int::from(u16::from_be(address.sin_port));
        found.push([info.ai_family, info.ai_socktype, info.ai_protocol, port, info.ai_addrlen as c_int]);
        next = info.ai_next;
    }
    // SAFETY: the list came from `getaddrinfo` just now and is not used again.
    unsafe { libc::freeaddrinfo(list) };
    Ok(found)
}

#[test]
fn c_callers_get_lists_and_codes() {
    let (stream, tcp) = (libc::SOCK_STREAM, libc::IPPROTO_TCP);
    let hints = |flags, family| Some([flags, family, stream, tcp]);
    let v4 = c_lookup(Some(c"127.0.0.1"), Some(c"http"), hints(libc::AI_NUMERICHOST, libc::AF_INET));
    assert_eq!(v4, Ok(vec![[libc::AF_INET, stream, tcp, 80, 16]]));
    let v6 = c_lookup(Some(c"::1"), Some(c"443"), hints(libc::AI_CANONNAME, libc::AF_UNSPEC));
    assert_eq!(v6, Ok(vec![[libc::AF_INET6, stream, tcp, 443, 28]]));
    assert_eq!(c_lookup(None, Some(c"80"), hints(libc::AI_PASSIVE, libc::AF_UNSPEC)).unwrap().len(), 2);
    assert_eq!(c_lookup(Some(c"127.0.0.1"), None, None).unwrap().len(), 3);
    assert_eq!(c_lookup(None, None, None), Err(libc::EAI_NONAME));
    assert_eq!(c_lookup(Some(c"a.invalid"), None, None), Err(libc::EAI_NONAME));
    assert_eq!(c_lookup(Some(c"\xff"), None, None), Err(libc::EAI_NONAME));
    assert_eq!(c_lookup(Some(c"::1"), None, hints(0x4000, 0)), Err(libc::EAI_BADFLAGS));
    assert_eq!(c_lookup(Some(c"::1"), None, hints(0, libc::AF_UNIX)), Err(libc::EAI_FAMILY));
    assert_eq!(
        c_lookup(Some(c"::1"), None, Some([0, 0, stream, libc::IPPROTO_UDP])),
        Err(libc::EAI_SOCKTYPE)
    );
    assert_eq!(c_lookup(Some(c"::1"), Some(c"no-such"), hints(0, 0)), Err(libc::EAI_SERVICE));
}
