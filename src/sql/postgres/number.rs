//! Numbers of PostgreSQL, exact: never through binary floating point.

use std::fmt::{Display, Write as _};

use compact_str::{CompactString, ToCompactString as _};

/// A binary floating-point number as XML Schema writes it; `shown` is the shortest text that reads as the same number.
pub(in crate::sql) fn float(value: f64, shown: &dyn Display) -> CompactString {
    if value.is_nan() {
        return "NaN".into();
    }
    match (value.is_infinite(), value.is_sign_positive()) {
        (true, true) => "INF".into(),
        (true, false) => "-INF".into(),
        (false, _) => shown.to_compact_string(),
    }
}

/// A `numeric`: groups of four decimal digits, and how many digits stand behind the point (numeric.c, numeric_send).
pub(super) fn numeric(bytes: &[u8]) -> Option<CompactString> {
    let mut words =
        bytes.chunks_exact(2).filter_map(|pair| <[u8; 2]>::try_from(pair).ok()).map(u16::from_be_bytes);
    let (_count, weight, sign, scale) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let weight = i32::from(i16::from_be_bytes(weight.to_be_bytes()));
    match sign {
        0x0000 | 0x4000 => {}
        0xC000 => return Some("NaN".into()),
        0xD000 => return Some("INF".into()),
        0xF000 => return Some("-INF".into()),
        _ => return None,
    }
    let groups: Vec<u16> = words.collect();
    let group = |at: i32| usize::try_from(at).ok().and_then(|at| groups.get(at)).copied().unwrap_or_default();
    let mut out = CompactString::default();
    if sign == 0x4000 {
        out.push('-');
    }
    // Writing into a text cannot fail.
    let _ = write!(out, "{}", if weight < 0 { 0 } else { group(0) });
    for at in 1..=weight {
        let _ = write!(out, "{:04}", group(at));
    }
    let scale = usize::from(scale);
    if scale > 0 {
        out.push('.');
        let mut digits = String::new();
        let mut at = weight + 1;
        while digits.len() < scale {
            let _ = write!(digits, "{:04}", if at < 0 { 0 } else { group(at) });
            at += 1;
        }
        digits.truncate(scale);
        out.push_str(&digits);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(weight: i16, sign: u16, scale: u16, groups: &[u16]) -> String {
        let count = u16::try_from(groups.len()).unwrap();
        let words = [count, weight as u16, sign, scale].into_iter().chain(groups.iter().copied());
        let bytes: Vec<u8> = words.flat_map(u16::to_be_bytes).collect();
        numeric(&bytes).unwrap().to_string()
    }

    #[test]
    fn numbers_keep_every_digit() {
        assert_eq!(of(0, 0, 2, &[19, 9000]), "19.90");
        assert_eq!(of(1, 0x4000, 0, &[1, 2]), "-10002");
        assert_eq!(of(-1, 0, 5, &[12]), "0.00120");
        assert_eq!(of(-2, 0, 8, &[1]), "0.00000001");
        assert_eq!(of(2, 0, 0, &[1]), "100000000");
        assert_eq!(of(0, 0, 3, &[]), "0.000");
        assert_eq!(of(0, 0xC000, 0, &[]), "NaN");
        assert!(numeric(&[0, 1]).is_none());
    }

    #[test]
    fn floats_are_those_of_xml_schema() {
        assert_eq!(float(f64::INFINITY, &0), "INF");
        assert_eq!(float(0.1, &0.1), "0.1");
    }
}
