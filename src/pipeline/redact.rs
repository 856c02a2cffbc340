//! Striking out what nobody may be shown: secrets of the file, and the credentials of a request.

use std::borrow::Cow;
use std::sync::Arc;

use super::endpoint::Request;
use super::failure::Failure;
use crate::document::json::write_string;
use crate::syntax::Secret;
use crate::xml::{escape_attribute, escape_text};

/// What stands where a secret stood.
const STRUCK: &str = "***";

/// Bytes from which on a text is long enough to be looked for: shorter ones are found in everything.
const SHORTEST: usize = 4;

/// Header fields that say who calls, by a secret, in lower case: struck out of what is shown, and no route is told by them.
pub const CREDENTIALS: &[&str] = &["authorization", "proxy-authorization", "cookie", "x-api-key"];

/// The secrets of a file in every form in which they may stand in a text, longest first, so that no part of one is left.
#[derive(Clone, Default)]
pub struct Secrets(Arc<[String]>);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}

impl Secrets {
    /// Puts the secrets of a file into their forms, once for all requests.
    pub fn new(secrets: &[Secret]) -> Self {
        Self(all_forms(secrets.iter().map(|secret| secret.reveal().to_owned())).into())
    }
}

/// The texts to strike out of what is shown of a request.
#[derive(Debug, Clone, Default)]
pub struct Redaction {
    secrets: Secrets,
    /// The credentials of the request, in their forms.
    own: Own,
}

#[derive(Clone, Default)]
struct Own(Vec<String>);

impl std::fmt::Debug for Own {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Own({})", self.0.len())
    }
}

impl Redaction {
    /// For what belongs to no request: the secrets of the file.
    pub fn of(secrets: &Secrets) -> Self {
        Self { secrets: secrets.clone(), ..Self::default() }
    }

    /// For a request: the secrets of the file, and what its head shows of its caller.
    pub fn new(secrets: &Secrets, request: &Request) -> Self {
        let mut texts: Vec<String> = Vec::new();
        for name in CREDENTIALS {
            for value in request.headers.get_all(*name) {
                let Ok(text) = value.to_str() else { continue };
                texts.push(text.to_owned());
                // `Bearer TOKEN`, `Basic BASE64`: the second word alone may have gone on.
                texts.extend(text.split([' ', '=', ';', ',']).map(str::to_owned));
                // With the padding of its Base64, which the other pieces are without.
                texts.extend(text.split(' ').map(str::to_owned));
                texts.extend(basic(text));
            }
        }
        texts.retain(|text| !matches!(text.as_str(), "Basic" | "Bearer" | "Digest"));
        Self { secrets: secrets.clone(), own: Own(all_forms(texts.into_iter())) }
    }

    /// The text with every secret in it struck out.
    pub fn strike<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut out = Cow::Borrowed(text);
        for secret in self.own.0.iter().chain(self.secrets.0.iter()) {
            if out.contains(secret.as_str()) {
                out = Cow::Owned(out.replace(secret.as_str(), STRUCK));
            }
        }
        out
    }

    /// The failure with every secret in its texts struck out: the caller and the log read it.
    pub fn strike_failure(&self, failure: &mut Failure) {
        if let Cow::Owned(message) = self.strike(&failure.message) {
            failure.message = message;
        }
        if let Some(Cow::Owned(log)) = failure.log.as_deref().map(|log| self.strike(log)) {
            failure.log = Some(log);
        }
    }
}

/// Every form of texts that are long enough.
fn all_forms(texts: impl Iterator<Item = String>) -> Vec<String> {
    sorted(texts.filter(|text| text.len() >= SHORTEST).flat_map(|text| forms(&text)).collect())
}

/// Longest first, each once.
fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    texts.dedup();
    texts
}

/// A text in the forms in which it may stand in a document: as it is, and escaped as XML, JSON, CSV and addresses are.
fn forms(text: &str) -> Vec<String> {
    let written = |write: fn(&str, &mut Vec<u8>)| {
        let mut bytes = Vec::with_capacity(text.len() + 2);
        write(text, &mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let json = written(write_string);
    let json = json.strip_prefix('"').and_then(|json| json.strip_suffix('"')).map(str::to_owned);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let one = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    let address = text.bytes().map(one).collect();
    let mut all = vec![
        text.to_owned(),
        written(escape_text),
        written(escape_attribute),
        text.replace('"', "\"\""),
        address,
    ];
    all.extend(json);
    all
}

/// The password in `Basic ...`.
fn basic(value: &str) -> Option<String> {
    use base64::Engine as _;
    let (scheme, encoded) = value.split_once(' ')?;
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded.trim()).ok()?;
    let text = String::from_utf8(bytes).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    text.split_once(':').map(|(_, password)| password.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_struck_out_however_it_is_escaped() {
        let secret = "a\"b<c>&\\d\ne";
        let redaction = Redaction { own: Own(sorted(forms(secret))), ..Redaction::default() };
        let mut json = Vec::new();
        write_string(secret, &mut json);
        let json = String::from_utf8(json).unwrap();
        assert_eq!(redaction.strike(&json), "\"***\"");
        for written in
            [secret, "a\"b&lt;c&gt;&amp;\\d\ne", "a&quot;b&lt;c&gt;&amp;\\d&#10;e", "a%22b%3Cc%3E%26%5Cd%0Ae"]
        {
            assert_eq!(redaction.strike(&format!("x{written}y")), "x***y", "{written}");
        }
        assert_eq!(redaction.strike("nothing of it"), "nothing of it");
    }
}
