//! Striking out what nobody may be shown: secrets of the file, and the credentials of a request.

use std::borrow::Cow;

use super::endpoint::Request;
use crate::syntax::Secret;

/// What stands where a secret stood.
const STRUCK: &str = "***";

/// Bytes from which on a text is long enough to be looked for: shorter ones are found in everything.
const SHORTEST: usize = 4;

/// Header fields that hold credentials.
pub const CREDENTIALS: &[&str] = &["authorization", "proxy-authorization", "cookie", "x-api-key"];

/// The texts to strike out, longest first, so that no part of one is left.
#[derive(Clone, Default)]
pub struct Redaction(Vec<String>);

impl std::fmt::Debug for Redaction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Redaction({})", self.0.len())
    }
}

impl Redaction {
    /// For a request: the secrets of the file, and what its head shows of its caller.
    pub fn new(secrets: &[Secret], request: &Request) -> Self {
        let mut texts: Vec<String> = secrets.iter().map(|secret| secret.reveal().to_owned()).collect();
        for name in CREDENTIALS {
            for value in request.headers.get_all(*name) {
                let Ok(text) = value.to_str() else { continue };
                texts.push(text.to_owned());
                // `Bearer TOKEN`, `Basic BASE64`: the second word alone may have gone on.
                texts.extend(text.split([' ', '=', ';', ',']).map(str::to_owned));
                texts.extend(basic(text));
            }
        }
        texts
            .retain(|text| text.len() >= SHORTEST && !matches!(text.as_str(), "Basic" | "Bearer" | "Digest"));
        texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        texts.dedup();
        Self(texts)
    }

    /// The text with every secret in it struck out.
    pub fn strike<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut out = Cow::Borrowed(text);
        for secret in self.0.iter() {
            if out.contains(secret.as_str()) {
                out = Cow::Owned(out.replace(secret.as_str(), STRUCK));
            }
        }
        out
    }
}

/// The password in `Basic ...`.
fn basic(value: &str) -> Option<String> {
    use base64::Engine as _;
    let (scheme, encoded) = value.split_once(' ')?;
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded.trim()).ok()?;
    let text = String::from_utf8(bytes).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    text.split_once(':').map(|(_, password)| password.to_owned())
}
