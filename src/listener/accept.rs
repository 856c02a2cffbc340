//! Content negotiation: which of the offered media types a caller prefers (RFC 9110, section 12.5.1).

use hyper::header::{ACCEPT, HeaderMap};

/// The value of `Accept`, its lines joined; `None` without one.
pub(super) fn accepted(headers: &HeaderMap) -> Option<String> {
    let mut lines = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut joined = lines.next()?.to_owned();
    for line in lines {
        joined.push(',');
        joined.push_str(line);
    }
    Some(joined)
}

/// How much a media type is wanted, in thousandths: 0 for not at all. A type may be known by several names; the best
/// counts. The most specific range that matches decides, wherever it stands.
pub(super) fn quality(accept: &str, names: &[&str]) -> u16 {
    names.iter().map(|name| quality_of(accept, name)).max().unwrap_or(0)
}

fn quality_of(accept: &str, name: &str) -> u16 {
    let (kind, _) = name.split_once('/').unwrap_or((name, ""));
    let mut best = (0, 0);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let media = parts.next().unwrap_or_default();
        let specific = match media.split_once('/') {
            Some(("*", "*")) => 1,
            Some((k, "*")) if k.eq_ignore_ascii_case(kind) => 2,
            Some(_) if media.eq_ignore_ascii_case(name) => 3,
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
    best.1
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
        assert_eq!(quality(accept, &["application/xml", "text/xml"]), 300);
        assert_eq!(quality(accept, &["image/png"]), 100);
        assert_eq!(quality("application/json", &["application/xml"]), 0);
        assert_eq!(quality("a;;;,/,*;q=9,*/*;q=x", &["a/b"]), 1000);
    }
}
