//! Who may use the admin interface: a token, and nothing that a web page could make a browser send.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, HOST, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use hyper::{Method, Request, StatusCode};

use super::{Answer, answers};
use crate::serve::Shared;
use crate::world::is_this_machine;

/// The field that a change must carry: a page of another site cannot set it without asking first, and is never allowed.
const MARK: &str = "soapstone-admin";

/// Whether the request may go on.
///
/// # Errors
/// The answer to give instead.
pub(super) fn check(shared: &Shared, request: &Request<Incoming>, loopback: bool) -> Result<(), Answer> {
    let headers = request.headers();
    host(headers, loopback)?;
    let token = shared.with_gateway(|gateway| gateway.admin.as_ref().and_then(|admin| admin.token));
    if token.is_some_and(|token| !shows(headers, &token)) {
        let mut refusal =
            answers::error(StatusCode::UNAUTHORIZED, "Show the admin token: Authorization: Bearer TOKEN.");
        refusal.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        return Err(refusal);
    }
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    if changes && headers.get(MARK).is_none_or(|value| value != "1") {
        let message =
            "A change must carry the field Soapstone-Admin: 1, which no web page can send from elsewhere.";
        return Err(answers::error(StatusCode::FORBIDDEN, message));
    }
    Ok(())
}

/// Whether the request is for this machine by name: a page whose own name was pointed at the loopback address is not.
///
/// # Errors
/// The answer to give instead.
pub(super) fn host(headers: &HeaderMap, loopback: bool) -> Result<(), Answer> {
    let text = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if !loopback || is_local(text) {
        return Ok(());
    }
    let message = "This interface listens on a loopback address: call it as localhost or by that address.";
    Err(answers::error(StatusCode::MISDIRECTED_REQUEST, message))
}

fn is_local(host: &str) -> bool {
    let bare = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or("", |(address, _)| address),
        None => host.split(':').next().unwrap_or_default(),
    };
    is_this_machine(bare)
}

fn shows(headers: &HeaderMap, token: &[u8; 32]) -> bool {
    let text = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (scheme, shown) = text.split_once(' ').unwrap_or_default();
    let hash = digest(&SHA256, shown.trim().as_bytes());
    scheme.eq_ignore_ascii_case("bearer") && verify_slices_are_equal(hash.as_ref(), token).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_local() {
        for local in ["localhost", "LOCALHOST:9901", "127.0.0.1:9901", "127.1.2.3", "[::1]:9901"] {
            assert!(is_local(local), "{local}");
        }
        for other in ["", "evil.example", "localhost.evil.example", "192.0.2.1", "[2001:db8::1]", "[::1"] {
            assert!(!is_local(other), "{other}");
        }
    }

    #[test]
    fn a_token_is_compared_by_its_hash() {
        let hash: [u8; 32] = digest(&SHA256, b"secret").as_ref().try_into().unwrap();
        let of = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, HeaderValue::from_static(value));
            shows(&headers, &hash)
        };
        assert!(of("Bearer secret") && of("bearer secret"));
        assert!(!of("Bearer wrong") && !of("Basic secret") && !of("secret"));
        assert!(!shows(&HeaderMap::new(), &hash));
    }
}
