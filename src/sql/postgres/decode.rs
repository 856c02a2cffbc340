//! The binary form of PostgreSQL's types as text: in the lexical forms of XML Schema where it has the type.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use compact_str::{CompactString, ToCompactString as _, format_compact};
use sqlx::TypeInfo as _;
use sqlx::postgres::{PgTypeInfo, PgTypeKind};

use super::{number, of_number, time};
use crate::document::flat::Holds;
use crate::document::json::{is_number, write_string};

/// The number of the type bool (pg_type.dat, as all here).
pub(super) const BOOL: u32 = 16;

/// What the values of a type are.
pub(super) fn holds(info: &PgTypeInfo) -> Holds {
    match info.kind() {
        PgTypeKind::Domain(inner) => holds(inner),
        PgTypeKind::Enum(_) | PgTypeKind::Array(_) => Holds::Text,
        _ => info.oid().map_or(Holds::Text, |oid| of_number(oid.0)),
    }
}

/// A value as text.
///
/// # Errors
/// It is of a type that has no text here; the text says what to do.
pub(super) fn text(info: &PgTypeInfo, bytes: &[u8]) -> Result<CompactString, String> {
    let unknown = || {
        format!("is of the type {}, which has no text here: ask for it as text, column::text", info.name())
    };
    match info.kind() {
        PgTypeKind::Domain(inner) => text(inner, bytes),
        PgTypeKind::Enum(_) => utf8(bytes).ok_or_else(unknown),
        PgTypeKind::Array(item) => array(item, bytes)?.ok_or_else(unknown),
        PgTypeKind::Composite(_) | PgTypeKind::Range(_) => Err(unknown()),
        PgTypeKind::Simple | PgTypeKind::Pseudo => {
            let citext = info.name().eq_ignore_ascii_case("citext");
            let oid = if citext { 25 } else { info.oid().map_or(0, |oid| oid.0) };
            simple(oid, bytes).ok_or_else(unknown)
        }
    }
}

/// A value of a type of the server's own, by its number.
fn simple(oid: u32, bytes: &[u8]) -> Option<CompactString> {
    Some(match oid {
        BOOL => if bytes == [0] { "false" } else { "true" }.into(),
        17 => STANDARD.encode(bytes).into(),
        20 => i64::from_be_bytes(bytes.try_into().ok()?).to_compact_string(),
        21 => i16::from_be_bytes(bytes.try_into().ok()?).to_compact_string(),
        23 => i32::from_be_bytes(bytes.try_into().ok()?).to_compact_string(),
        26 => u32::from_be_bytes(bytes.try_into().ok()?).to_compact_string(),
        18 | 19 | 25 | 114 | 142 | 705 | 1042 | 1043 => utf8(bytes)?,
        // jsonb begins with its version.
        3802 => utf8(bytes.strip_prefix(&[1])?)?,
        700 => number::float(
            f64::from(f32::from_be_bytes(bytes.try_into().ok()?)),
            &f32::from_be_bytes(bytes.try_into().ok()?),
        ),
        701 => number::float(
            f64::from_be_bytes(bytes.try_into().ok()?),
            &f64::from_be_bytes(bytes.try_into().ok()?),
        ),
        1700 => number::numeric(bytes)?,
        1082 => time::date(bytes)?,
        1083 => time::time(bytes)?,
        1114 => time::timestamp(bytes, "")?,
        1184 => time::timestamp(bytes, "Z")?,
        1186 => time::interval(bytes)?,
        1266 => time::time_with_zone(bytes)?,
        2950 => uuid::Uuid::from_slice(bytes).ok()?.to_compact_string(),
        2278 => CompactString::default(),
        _ => return None,
    })
}

fn utf8(bytes: &[u8]) -> Option<CompactString> {
    std::str::from_utf8(bytes).ok().map(CompactString::from)
}

/// Dimensions of an array beyond what the server makes.
const DEEPEST: usize = 6;

/// An array as JSON (RFC 8259): numbers, booleans and JSON as they are, all else as strings; `None` where it is malformed.
fn array(item: &PgTypeInfo, bytes: &[u8]) -> Result<Option<CompactString>, String> {
    let mut rest = bytes;
    let Some(count) = take(&mut rest).and_then(|count| usize::try_from(count).ok()).filter(|n| *n <= DEEPEST)
    else {
        return Ok(None);
    };
    // Whether there are NULLs, and the number of the type.
    if take(&mut rest).is_none() || take(&mut rest).is_none() {
        return Ok(None);
    }
    let mut sizes = Vec::with_capacity(count);
    for _ in 0..count {
        let (size, lowest) = (take(&mut rest), take(&mut rest));
        match size.and_then(|size| usize::try_from(size).ok()).filter(|_| lowest.is_some()) {
            Some(size) => sizes.push(size),
            None => return Ok(None),
        }
    }
    let mut out = Vec::new();
    if sizes.is_empty() {
        out.extend_from_slice(b"[]");
    } else if items(item, &sizes, &mut rest, &mut out)?.is_none() {
        return Ok(None);
    }
    Ok(utf8(&out))
}

fn items(
    item: &PgTypeInfo,
    sizes: &[usize],
    rest: &mut &[u8],
    out: &mut Vec<u8>,
) -> Result<Option<()>, String> {
    let Some((size, inner)) = sizes.split_first() else { return one(item, rest, out) };
    out.push(b'[');
    for at in 0..*size {
        if at > 0 {
            out.push(b',');
        }
        if items(item, inner, rest, out)?.is_none() {
            return Ok(None);
        }
    }
    out.push(b']');
    Ok(Some(()))
}

fn one(item: &PgTypeInfo, rest: &mut &[u8], out: &mut Vec<u8>) -> Result<Option<()>, String> {
    let Some(length) = take(rest) else { return Ok(None) };
    let Ok(length) = usize::try_from(length) else {
        out.extend_from_slice(b"null");
        return Ok(Some(()));
    };
    let Some((bytes, behind)) = rest.split_at_checked(length) else { return Ok(None) };
    *rest = behind;
    let value = text(item, bytes)?;
    let is_json = matches!(item.oid().map(|oid| oid.0), Some(114 | 3802));
    let plain = match holds(item) {
        Holds::Number => is_number(&value),
        Holds::Boolean => true,
        Holds::Text | Holds::Other => is_json,
    };
    if plain {
        out.extend_from_slice(value.as_bytes())
    } else {
        write_string(&value, out)
    }
    Ok(Some(()))
}

/// A whole number of 32 bits.
fn take(rest: &mut &[u8]) -> Option<i32> {
    let (bytes, behind) = rest.split_first_chunk::<4>()?;
    *rest = behind;
    Some(i32::from_be_bytes(*bytes))
}

/// What is said of a value that is infinite, which has no other text.
pub(super) fn infinite(positive: bool) -> CompactString {
    format_compact!("{}infinity", if positive { "" } else { "-" })
}
