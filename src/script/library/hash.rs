//! The package `hash`: digests of texts, in hexadecimal or base64.

use ::base64::Engine as _;
use ::base64::engine::general_purpose::STANDARD;
use aws_lc_rs::{digest, hmac};
use rhai::Dynamic;

use super::arguments::{choice, one_of, text, through};
use super::{Check, Function, Package};
use crate::script::view::Raised;

pub(super) const PACKAGE: Package = Package {
    name: "hash",
    summary: "Digests of the UTF-8 bytes of a text, in hexadecimal or, with a further argument \"base64\", in base64; what is absent stays absent.",
    functions: &[
        Function {
            name: "hmac_sha256",
            signature: "hash::hmac_sha256(value, key [, form])",
            summary: "The keyed digest HMAC-SHA-256 (RFC 2104).",
            example: r#"string::left(hash::hmac_sha256("text", "key"), 16)"#,
            result: "6afa9046a9579cad",
            checks: &[(2, FORM)],
            register: |r| {
                r.add(|value: Dynamic, key: Dynamic| keyed(&value, &key, "hex"))
                    .add(|value: Dynamic, key: Dynamic, form: &str| keyed(&value, &key, form));
            },
        },
        Function {
            name: "sha1",
            signature: "hash::sha1(value [, form])",
            summary: "SHA-1: for old partners only, it is broken.",
            example: r#"hash::sha1("text")"#,
            result: "372ea08cab33e71c02c651dbc83a474d32c676ea",
            checks: &[(1, FORM)],
            register: |r| {
                r.add(|value: Dynamic| plain(&value, &digest::SHA1_FOR_LEGACY_USE_ONLY, "hex"))
                    .add(|value: Dynamic, form: &str| plain(&value, &digest::SHA1_FOR_LEGACY_USE_ONLY, form));
            },
        },
        Function {
            name: "sha256",
            signature: "hash::sha256(value [, form])",
            summary: "SHA-256.",
            example: r#"hash::sha256("text", "base64")"#,
            result: "mC2ePrmW9VnmM/TRlN7zdh2Qn1o7ZH0ahR/q1nwyydE=",
            checks: &[(1, FORM)],
            register: |r| {
                r.add(|value: Dynamic| plain(&value, &digest::SHA256, "hex"))
                    .add(|value: Dynamic, form: &str| plain(&value, &digest::SHA256, form));
            },
        },
        Function {
            name: "sha512",
            signature: "hash::sha512(value [, form])",
            summary: "SHA-512.",
            example: r#"string::length(hash::sha512("text"))"#,
            result: "128",
            checks: &[(1, FORM)],
            register: |r| {
                r.add(|value: Dynamic| plain(&value, &digest::SHA512, "hex"))
                    .add(|value: Dynamic, form: &str| plain(&value, &digest::SHA512, form));
            },
        },
    ],
};

const FORM: Check = |form| one_of(form, "a form of a digest", FORMS);

type Form = fn(&[u8]) -> String;

const FORMS: &[(&str, Form)] = &[("hex", hex), ("base64", |bytes| STANDARD.encode(bytes))];

fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            out.extend(char::from_digit(u32::from(nibble), 16));
        }
    }
    out
}

fn plain(value: &Dynamic, algorithm: &'static digest::Algorithm, form: &str) -> Result<Dynamic, Raised> {
    let form = choice(form, "a form of a digest", FORMS)?;
    through(value, |text| Ok(form(digest::digest(algorithm, text.as_bytes()).as_ref())))
}

fn keyed(value: &Dynamic, key: &Dynamic, form: &str) -> Result<Dynamic, Raised> {
    let form = choice(form, "a form of a digest", FORMS)?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, text(key)?.as_bytes());
    through(value, |text| Ok(form(hmac::sign(&key, text.as_bytes()).as_ref())))
}
