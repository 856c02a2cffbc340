//! Content negotiation: which of the offered media types a caller prefers (RFC 9110, section 12.5.1).

use hyper::header::{ACCEPT, HeaderMap};

/// The value of `Accept`, its lines joined; `None` without one, or with nothing in it.
pub(super) fn accepted(headers: &HeaderMap) -> Option<String> {
    let mut lines = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut joined = lines.next()?.to_owned();
    for line in lines {
        joined.push(',');
        joined.push_str(line);
    }
    Some(joined).filter(|joined| joined.contains(|c: char| c != ',' && !c.is_whitespace()))
}

/// How much a media type is wanted, in thousandths: 0 for not at all. The first name is what is sent; the others are what
/// callers may mean by it, and count where they are named themselves. The most specific range that matches decides,
/// wherever it stands.
pub(super) fn quality(accept: &str, names: &[&str]) -> u16 {
    let Some((own, others)) = names.split_first() else { return 0 };
    let named = others.iter().map(|name| quality_of(accept, name)).filter(|(specific, _)| *specific == NAMED);
    let (specific, weight) = quality_of(accept, own);
    match named.map(|(_, weight)| weight).max() {
        Some(other) if specific == NAMED => other.max(weight),
        Some(other) => other,
        None => weight,
    }
}

/// How specific a range is that names the type itself.
const NAMED: u8 = 3;

/// How specific the range is that decides, and the weight that it gives.
fn quality_of(accept: &str, name: &str) -> (u8, u16) {
    let (kind, _) = name.split_once('/').unwrap_or((name, ""));
    let mut best = (0, 0);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let media = parts.next().unwrap_or_default();
        let specific = match media.split_once('/') {
            Some(("*", "*")) => 1,
            Some((k, "*")) if k.eq_ignore_ascii_case(kind) => 2,
            Some(_) if media.eq_ignore_ascii_case(name) => NAMED,
            _ => continue,
        };
        if specific > best.0 {
            let weight = parts.find_map(|part| {
                let (name, value) = part.split_once('=')?;
                name.trim().eq_ignore_ascii_case("q").then(|| thousandths(value.trim()))
            });
            best = (specific, weight.unwrap_or(1000));
        }
    }
    best
}

/// A weight; what is none counts as full.
fn thousandths(text: &str) -> u16 {
    let digits = match text.split_once('.') {
        Some(("0", fraction)) if fraction.len() <= 3 => format!("{fraction:0<3}"),
        None if text == "0" => "0".to_owned(),
        _ => return 1000,
    };
    digits.parse().unwrap_or(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_range_decides() {
        let accept = "text/*;q=0.3, application/json;q=0.75, */*;q=0.1, application/xml;q=0";
        assert_eq!(quality(accept, &["application/json"]), 750);
        assert_eq!(quality(accept, &["application/xml"]), 0);
        assert_eq!(quality(accept, &["application/xml", "text/xml"]), 0);
        assert_eq!(quality("application/xml;q=0, */*", &["application/xml", "text/xml"]), 0);
        assert_eq!(quality("application/xml;q=0.5, */*;q=0.9", &["application/xml", "text/xml"]), 500);
        assert_eq!(quality("text/xml;q=0.4", &["application/xml", "text/xml"]), 400);
        assert_eq!(quality("text/*", &["application/xml", "text/xml"]), 0);
        assert_eq!(quality(accept, &["image/png"]), 100);
        assert_eq!(quality("application/json", &["application/xml"]), 0);
        assert_eq!(quality("a;;;,/,*;q=9,*/*;q=x", &["a/b"]), 1000);
    }

    #[test]
    fn nothing_in_it_says_nothing() {
        for (text, said) in [("", false), (" , ", false), ("a/b", true)] {
            let headers = HeaderMap::from_iter([(ACCEPT, text.parse().unwrap())]);
            assert_eq!(accepted(&headers).is_some(), said, "{text}");
        }
    }
}
