//! The package `base64`: texts in base64 (RFC 4648), in the common and the URL-safe alphabet.

use ::base64::Engine as _;
use ::base64::alphabet::{STANDARD, URL_SAFE};
use ::base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use rhai::Dynamic;

use super::arguments::{excerpt, through};
use super::{Function, Package};
use crate::script::view::{Raised, raise};

pub(super) const PACKAGE: Package = Package {
    name: "base64",
    summary: "Texts in base64, as the bytes of UTF-8; what is absent stays absent.",
    functions: &[
        Function {
            name: "decode",
            signature: "base64::decode(value)",
            summary: "The text behind base64, with or without padding and line breaks; an error when it is not UTF-8.",
            example: r#"base64::decode("w5ZsCg==")"#,
            result: "Öl\n",
            checks: &[],
            register: |r| {
                r.add(|value: Dynamic| decode(&value, &PLAIN));
            },
        },
        Function {
            name: "decode_url",
            signature: "base64::decode_url(value)",
            summary: "The text behind base64 in the URL-safe alphabet.",
            example: r#"base64::decode_url("Pz8_")"#,
            result: "???",
            checks: &[],
            register: |r| {
                r.add(|value: Dynamic| decode(&value, &URL));
            },
        },
        Function {
            name: "encode",
            signature: "base64::encode(value)",
            summary: "The text in base64, with padding.",
            example: r#"base64::encode("user:secret")"#,
            result: "dXNlcjpzZWNyZXQ=",
            checks: &[],
            register: |r| {
                r.add(|value: Dynamic| through(&value, |text| Ok(PLAIN.encode(text))));
            },
        },
        Function {
            name: "encode_url",
            signature: "base64::encode_url(value)",
            summary: "The text in base64 in the URL-safe alphabet, without padding.",
            example: r#"base64::encode_url("???")"#,
            result: "Pz8_",
            checks: &[],
            register: |r| {
                r.add(|value: Dynamic| through(&value, |text| Ok(URL.encode(text))));
            },
        },
    ],
};

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

static PLAIN: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
static URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT.with_encode_padding(false));

fn decode(value: &Dynamic, engine: &GeneralPurpose) -> Result<Dynamic, Raised> {
    through(value, |text| {
        let plain: String = text.split_ascii_whitespace().collect();
        let bytes = engine.decode(plain).map_err(|_| raise(format!("`{}` is not base64", excerpt(text))))?;
        String::from_utf8(bytes)
            .map_err(|_| raise("what the base64 holds is not text of UTF-8: it cannot be a text in a script"))
    })
}
