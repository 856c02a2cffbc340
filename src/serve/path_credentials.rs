//! Credentials in the path, `/orders;boomi_auth=BASE64`: taken out of it before anything else sees it.

use std::borrow::Cow;

use base64::Engine;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use hyper::Uri;
use hyper::header::{AUTHORIZATION, HeaderValue};
use hyper::http::request::Parts;
use hyper::http::uri::PathAndQuery;

use crate::pipeline::access::Access;
use crate::pipeline::endpoint::decode;

/// What stands before a parameter, as it is and escaped.
const BEFORE: [&str; 2] = [";", "%3b"];

/// What stands between a name and its value, in the same way.
const BETWEEN: [&str; 2] = ["=", "%3d"];

/// The parameter's name; letter case does not count.
const NAME: &str = "boomi_auth";

/// With padding or without: both have been seen.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Makes of the parameter what it stands for, `Authorization: Basic`, where the listener reads it; what the header says
/// already holds. Then no property, link, log line or trace has it any more.
pub(super) fn take(head: &mut Parts, access: &Access) {
    if !access.reads_path() {
        return;
    }
    let path = head.uri.path();
    let Some((_, value, _)) = parameter(path) else { return };
    let credentials = credentials(value);
    let query = head.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let Some(uri) = with_path(&head.uri, &format!("{}{query}", without(path))) else { return };
    head.uri = uri;
    if !head.headers.contains_key(AUTHORIZATION) {
        head.headers.insert(AUTHORIZATION, credentials);
    }
}

/// The path without the parameter, however often it is there.
pub(super) fn without(path: &str) -> Cow<'_, str> {
    let mut left = Cow::Borrowed(path);
    while let Some((before, _, behind)) = parameter(&left) {
        left = Cow::Owned(format!("{before}{behind}"));
    }
    left
}

/// The path up to its first parameter of any name (`;name=value`): credentials have been seen there.
pub(super) fn before_parameters(path: &str) -> &str {
    next_parameter(path).map_or(path, |(before, _)| before)
}

/// The first of these parameters in a path: what stands before it, its value, and what stands behind.
fn parameter(path: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let (skipped, _) = next_parameter(path.get(from..)?)?;
        let (before, rest) = path.split_at_checked(from + skipped.len())?;
        let named = after(rest, &BEFORE).and_then(|rest| after(rest, &[NAME]));
        if let Some(value) = named.and_then(|rest| after(rest, &BETWEEN)) {
            // What stands in base64 may have slashes in it, so it goes on to the next parameter or to the end.
            let (value, behind) = next_parameter(value).unwrap_or((value, ""));
            return Some((before, value, behind));
        }
        from = before.len() + 1;
    }
}

/// What stands before the next parameter of any name, and the rest with it.
fn next_parameter(path: &str) -> Option<(&str, &str)> {
    let mut marks = path.match_indices([';', '%']);
    marks.find_map(|(at, _)| path.split_at_checked(at).filter(|(_, rest)| after(rest, &BEFORE).is_some()))
}

/// What follows on one of these texts, whose letter case does not count.
fn after<'a>(text: &'a str, wanted: &[&str]) -> Option<&'a str> {
    wanted.iter().find_map(|wanted| {
        let (begin, rest) = text.split_at_checked(wanted.len())?;
        begin.eq_ignore_ascii_case(wanted).then_some(rest)
    })
}

/// The header field's value. What is no base64 is no credentials, and refused as such.
fn credentials(value: &str) -> HeaderValue {
    let text = decode(value);
    let pair = LENIENT.decode(text.as_bytes()).unwrap_or_default();
    // Who made it with `echo` has a line end in it.
    let pair = pair.strip_suffix(b"\n").unwrap_or(&pair);
    let field = format!("Basic {}", STANDARD.encode(pair));
    HeaderValue::from_str(&field).unwrap_or_else(|_| HeaderValue::from_static("Basic"))
}

fn with_path(uri: &Uri, path: &str) -> Option<Uri> {
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(path.parse::<PathAndQuery>().ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hyper::header::HeaderMap;

    use super::*;
    use crate::pipeline::access::{Authenticator, Checked};

    #[derive(Debug)]
    struct Reads(bool);

    impl Authenticator for Reads {
        fn challenge(&self) -> Option<&str> {
            None
        }

        fn reads_path(&self) -> bool {
            self.0
        }

        fn check<'a>(&'a self, _: &'a HeaderMap) -> Checked<'a> {
            Checked::Absent
        }
    }

    /// What is left of a target, and the credentials that were in it.
    fn taken(target: &str, reads: bool, header: Option<&str>) -> (String, Option<String>) {
        let mut request = hyper::Request::builder().uri(target);
        if let Some(header) = header {
            request = request.header(AUTHORIZATION, header);
        }
        let mut head = request.body(()).unwrap().into_parts().0;
        take(&mut head, &Access { schemes: vec![Arc::new(Reads(reads))], ..Access::default() });
        let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
        (head.uri.to_string(), head.headers.get(AUTHORIZATION).map(text))
    }

    #[test]
    fn the_parameter_becomes_a_header_field() {
        let basic = |text: &str| Some(format!("Basic {}", STANDARD.encode(text)));
        // With a line end in it, as the documentation of clients has it, and without padding.
        let target = "/ws/simple/some;boomi_auth=Zm9vOmJhcgo?blah=bazz";
        assert_eq!(taken(target, true, None), ("/ws/simple/some?blah=bazz".into(), basic("foo:bar")));
        assert_eq!(taken("/a;boomi_auth=Zm9vOmI%3D;v=1", true, None), ("/a;v=1".into(), basic("foo:b")));
        assert_eq!(taken("/a;boomi_auth=Pz8/Og==", true, None), ("/a".into(), basic("???:")));
        assert_eq!(taken("http://h:1/a;boomi_auth=!", true, None), ("http://h:1/a".into(), basic("")));
        let own = Some("Bearer token");
        assert_eq!(taken("/a;boomi_auth=Zm9v", true, own), ("/a".into(), own.map(str::to_owned)));
        assert_eq!(taken(target, false, None), (target.into(), None));
        assert_eq!(taken("/a;b=c", true, None), ("/a;b=c".into(), None));
    }

    #[test]
    fn nothing_of_it_is_left_however_it_is_written() {
        let basic = Some(format!("Basic {}", STANDARD.encode("foo")));
        for target in [
            "/a;boomi_auth=Zm9v;boomi_auth=c2Vj",
            "/a;boomi_auth=Zm9v;boomi_auth=",
            "/a%3Bboomi_auth=Zm9v",
            "/a%3bBoomi_Auth%3DZm9v%3Bboomi_auth%3dc2Vj",
            "/a;BOOMI_AUTH=Zm9v",
            // Taking one out makes another.
            "/a;boomi_auth=Zm9v;boomi_auth=c2Vj;boomi_auth=c2Vj",
        ] {
            assert_eq!(taken(target, true, None), ("/a".into(), basic.clone()), "{target}");
        }
        let among = "/a;v=1;boomi_auth=Zm9v/b%3Bw=2;boomi_auth=c2Vj;x";
        assert_eq!(without(among), "/a;v=1%3Bw=2;x");
        for other in ["/a;boomi_authx=1", "/a;boomi_auth", "/boomi_auth=1", "/a%3", "/a%3Bx%", "/\u{FC};"] {
            assert_eq!(without(other), other);
        }
    }
}
