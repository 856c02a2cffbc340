//! Keys of NATS: seeds in credentials, the name of their public half, and signatures over what a server asks.

use std::fmt;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A user's key, and the token that an operator has signed for it.
pub struct UserKey {
    pair: Ed25519KeyPair,
    /// The token, where the credentials hold one.
    pub token: Option<String>,
}

impl fmt::Debug for UserKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserKey(..)")
    }
}

/// The first byte of a seed, of which the upper five bits count.
const SEED: u8 = 18 << 3;

/// The first byte of a user's public key.
const USER: u8 = 20 << 3;

impl UserKey {
    /// Reads the text of a credentials file: a token and a seed, each between lines of dashes; or a seed alone.
    ///
    /// # Errors
    /// What is missing or wrong, in words that quote nothing of it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        if !text.contains('\n') {
            return Ok(Self { pair: pair(text)?, token: None });
        }
        let token = block(text, "JWT").ok_or("there is no `BEGIN NATS USER JWT` in it")?;
        let seed = block(text, "SEED").ok_or("there is no `BEGIN USER NKEY SEED` in it")?;
        Ok(Self { pair: pair(seed)?, token: Some(token.to_owned()) })
    }

    /// The public key as a server's configuration names it: `U...`.
    pub fn public(&self) -> String {
        let mut bytes = vec![USER];
        bytes.extend_from_slice(self.pair.public_key().as_ref());
        bytes.extend_from_slice(&checksum(&bytes).to_le_bytes());
        encode(&bytes)
    }

    /// The signature over what the server asks to be signed.
    pub fn sign(&self, nonce: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.pair.sign(nonce.as_bytes()))
    }
}

/// The line behind the line of dashes that begins what is called so.
fn block<'a>(text: &'a str, what: &str) -> Option<&'a str> {
    let mut lines = text.lines().map(str::trim);
    lines.find(|line| line.starts_with("---") && line.contains("BEGIN") && line.contains(what))?;
    lines.find(|line| !line.is_empty()).filter(|line| !line.starts_with("---"))
}

fn pair(seed: &str) -> Result<Ed25519KeyPair, &'static str> {
    let wrong = "the seed in it is none: it begins with SU and has 58 characters";
    let bytes = decode(seed).ok_or(wrong)?;
    let (body, sum) = bytes.split_last_chunk::<2>().ok_or(wrong)?;
    if u16::from_le_bytes(*sum) != checksum(body) {
        return Err("the seed in it is damaged: its checksum is wrong");
    }
    let (&[first, second], raw) = body.split_first_chunk::<2>().ok_or(wrong)?;
    let of = ((first & 0b111) << 5) | (second >> 3);
    if first & 0b1111_1000 != SEED || of != USER {
        return Err("the seed in it is not that of a user");
    }
    Ed25519KeyPair::from_seed_unchecked(raw).map_err(|_| wrong)
}

/// The alphabet of base 32 (RFC 4648, section 6).
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn decode(text: &str) -> Option<Vec<u8>> {
    let (mut out, mut held, mut bits) = (Vec::new(), 0_u32, 0_u32);
    for byte in text.bytes() {
        let digit = ALPHABET.iter().position(|known| *known == byte)?;
        held = (held << 5) | u32::try_from(digit).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from((held >> bits) & 0xff).ok()?);
            held &= (1 << bits) - 1;
        }
    }
    Some(out)
}

fn encode(bytes: &[u8]) -> String {
    let (mut out, mut held, mut bits) = (String::new(), 0_u32, 0_u32);
    let digit = |value: u32| {
        let at = usize::try_from(value & 31).unwrap_or_default();
        ALPHABET.get(at).map_or('A', |byte| char::from(*byte))
    };
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(digit(held >> bits));
            held &= (1 << bits) - 1;
        }
    }
    if bits > 0 {
        out.push(digit(held << (5 - bits)));
    }
    out
}

/// CRC-16 with the polynomial 0x1021 from zero, which keys end with.
fn checksum(bytes: &[u8]) -> u16 {
    let step = |sum: u16| if sum & 0x8000 == 0 { sum << 1 } else { (sum << 1) ^ 0x1021 };
    bytes.iter().fold(0, |sum, byte| (0..8).fold(sum ^ (u16::from(*byte) << 8), |sum, _| step(sum)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pair that the manual of NATS shows.
    const SEED: &str = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";
    const PUBLIC: &str = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";

    #[test]
    fn a_seed_leads_to_its_public_key() {
        let key = UserKey::parse(&format!("{SEED}\n")).unwrap();
        assert_eq!((key.public().as_str(), key.token.as_ref()), (PUBLIC, None));
        assert_eq!(format!("{key:?}"), "UserKey(..)");
    }

    #[test]
    fn credentials_hold_a_token_and_a_seed() {
        let text = format!(
            "-----BEGIN NATS USER JWT-----\neyJ0.eyJq.c2ln\n------END NATS USER JWT------\n\nkeep this secret\n-----BEGIN USER NKEY SEED-----\r\n{SEED}\r\n------END USER NKEY SEED------\n"
        );
        let key = UserKey::parse(&text).unwrap();
        assert_eq!((key.public().as_str(), key.token.as_deref()), (PUBLIC, Some("eyJ0.eyJq.c2ln")));
        for (from, to) in [("JWT", "XXX"), ("SEED", "XXXX"), (SEED, ""), ("SUACSSL3", "SUACSSL4")] {
            assert!(UserKey::parse(&text.replace(from, to)).is_err(), "{from}");
        }
    }

    #[test]
    fn what_is_no_seed_is_refused() {
        for wrong in ["", "S", PUBLIC, "sua", "SU\u{e9}", &SEED.replace('3', "4"), &SEED[..57]] {
            assert!(UserKey::parse(wrong).is_err(), "{wrong}");
        }
    }
}
