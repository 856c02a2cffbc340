//! Tokens that lead to a page: random, signed, bound to who may use them where, and with an end of their own.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac::{Context, HMAC_SHA256, Key, Tag};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use compact_str::CompactString;

/// Bytes of a series: random, so that nobody guesses one.
pub const RANDOM: usize = 16;

/// Bytes of what is signed.
const SIGNED: usize = RANDOM + 4 + 8;

/// Bytes of the signature: HMAC-SHA-256, cut to 160 bits (RFC 2104, section 5), so that a token is 64 characters.
const SIGNATURE: usize = 20;

/// What is signed with the same key for another purpose begins differently.
const PURPOSE: &[u8] = b"soapstone page 1";

/// A page of a series, and when it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// The series: the pages of one answer.
    pub series: [u8; RANDOM],
    /// The page, from 1 for the second of the answer.
    pub page: u32,
    /// When it ends, in seconds since 1970.
    pub expires: u64,
}

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It is none, or not for this caller, operation or address.
    Unknown,
    /// Its time is over.
    Expired,
}

/// What signs tokens.
pub struct Keys(Key);

// Nothing for a log.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(..)")
    }
}

impl Keys {
    /// From the secret of a store.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(Key::new(HMAC_SHA256, secret))
    }

    /// The token as text: 64 characters of the alphabet for URLs (RFC 4648, section 5). `bound` says for whom and where.
    pub fn sign(&self, token: &Token, bound: &[&str]) -> CompactString {
        let bytes = token.bytes();
        let tag = self.tag(&bytes, bound);
        let signature = tag.as_ref().get(..SIGNATURE).unwrap_or_default();
        BASE64_URL_SAFE_NO_PAD.encode([bytes.as_slice(), signature].concat()).into()
    }

    /// What a text leads to; `now` in seconds since 1970.
    ///
    /// # Errors
    /// It is no token of these keys for this binding, or its time is over.
    pub fn read(&self, text: &str, bound: &[&str], now: u64) -> Result<Token, Refused> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| Refused::Unknown)?;
        let (signed, signature) = bytes.split_at_checked(SIGNED).ok_or(Refused::Unknown)?;
        let tag = self.tag(signed, bound);
        let own = tag.as_ref().get(..SIGNATURE).unwrap_or_default();
        verify_slices_are_equal(own, signature).map_err(|_| Refused::Unknown)?;
        let token = Token::of(signed).ok_or(Refused::Unknown)?;
        if token.expires <= now { Err(Refused::Expired) } else { Ok(token) }
    }

    fn tag(&self, signed: &[u8], bound: &[&str]) -> Tag {
        let mut context = Context::with_key(&self.0);
        context.update(PURPOSE);
        context.update(signed);
        for part in bound {
            // With its length, so that parts do not run together.
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part.as_bytes());
        }
        context.sign()
    }
}

impl Token {
    fn bytes(&self) -> Vec<u8> {
        [self.series.as_slice(), &self.page.to_be_bytes(), &self.expires.to_be_bytes()].concat()
    }

    fn of(bytes: &[u8]) -> Option<Self> {
        let (series, rest) = bytes.split_first_chunk()?;
        let (page, rest) = rest.split_first_chunk()?;
        let expires = rest.first_chunk()?;
        Some(Self { series: *series, page: u32::from_be_bytes(*page), expires: u64::from_be_bytes(*expires) })
    }

    /// The name of the page in a store.
    pub fn name(&self) -> Vec<u8> {
        [self.series.as_slice(), &self.page.to_be_bytes()].concat()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BOUND: [&str; 3] = ["rest", "/ws/rest/Order", "ada"];
    const TOKEN: Token = Token { series: [7; RANDOM], page: 3, expires: 1000 };

    fn keys() -> Keys {
        Keys::new(&[1; 32])
    }

    #[test]
    fn a_token_is_known_again_until_it_ends() {
        let text = keys().sign(&TOKEN, &BOUND);
        assert_eq!(text.len(), 64);
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        assert_eq!(keys().read(&text, &BOUND, 999), Ok(TOKEN));
        assert_eq!(keys().read(&text, &BOUND, 1000), Err(Refused::Expired));
    }

    #[test]
    fn nobody_else_and_nowhere_else_can_it_be_used() {
        let text = keys().sign(&TOKEN, &BOUND);
        for other in [
            ["rest", "/ws/rest/Order", "bob"],
            ["rest", "/ws/rest/Orders", "ada"],
            ["simple", "/ws/rest/Order", "ada"],
            ["rest", "/ws/rest/Orde", "rada"],
        ] {
            // Not even that it has ended is told to others.
            assert_eq!(keys().read(&text, &other, 2000), Err(Refused::Unknown), "{other:?}");
        }
        assert_eq!(Keys::new(&[2; 32]).read(&text, &BOUND, 0), Err(Refused::Unknown));
        assert_eq!(keys().read(&text, &BOUND[..2], 0), Err(Refused::Unknown));
    }

    #[test]
    fn every_changed_bit_is_noticed() {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(keys().sign(&TOKEN, &BOUND)).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let text = BASE64_URL_SAFE_NO_PAD.encode(changed);
            assert_eq!(keys().read(&text, &BOUND, 0), Err(Refused::Unknown), "bit {bit}");
        }
        for length in 0..bytes.len() {
            let text = BASE64_URL_SAFE_NO_PAD.encode(&bytes[..length]);
            assert_eq!(keys().read(&text, &BOUND, 0), Err(Refused::Unknown), "{length} bytes");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_refused(text in ".*") {
            prop_assert_eq!(keys().read(&text, &BOUND, 0), Err(Refused::Unknown));
        }

        #[test]
        fn any_text_like_a_token_is_refused(text in "[A-Za-z0-9_-]{0,70}=?") {
            prop_assert_eq!(keys().read(&text, &BOUND, 0), Err(Refused::Unknown));
        }
    }
}
