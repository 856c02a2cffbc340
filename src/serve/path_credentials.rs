//! Credentials in the path, `/orders;boomi_auth=BASE64`: taken out of it before anything else sees it.

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

/// The parameter's name, with what is around it.
pub(super) const PARAMETER: &str = ";boomi_auth=";

/// With padding or without: both have been seen.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Makes of the parameter what it stands for, `Authorization: Basic`, where the listener reads it; what the header says
/// already holds. Then no property, link, log line or trace has it any more.
pub(super) fn take(head: &mut Parts, access: &Access) {
    let path = head.uri.path();
    if !path.contains(PARAMETER) || !access.reads_path() {
        return;
    }
    let Some((before, rest)) = path.split_once(PARAMETER) else { return };
    // What stands in base64 may have slashes in it, so the parameter goes on to the next one or to the end.
    let (value, behind) = rest.split_once(';').map_or((rest, String::new()), |(v, b)| (v, format!(";{b}")));
    let credentials = credentials(value);
    let query = head.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let Some(uri) = with_path(&head.uri, &format!("{before}{behind}{query}")) else { return };
    head.uri = uri;
    if !head.headers.contains_key(AUTHORIZATION) {
        head.headers.insert(AUTHORIZATION, credentials);
    }
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
}
