//! `Content-Disposition`: what a part is called, and the file that it was.

use compact_str::CompactString;

use super::fields::{lower, parameters};
use crate::document::coding::Coding;

/// A `Content-Disposition` (RFC 2183; RFC 7578, section 4.2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Disposition {
    /// `form-data`, `attachment`, `inline`, in lower case.
    pub kind: CompactString,
    /// The field of the form.
    pub name: Option<CompactString>,
    /// The name of the file, as its sender says: it may be any text.
    pub filename: Option<CompactString>,
}

impl Disposition {
    /// Reads a value; what is no parameter is passed over.
    pub fn parse(text: &str) -> Self {
        let (kind, rest) = parameters(text);
        let mut found = Self { kind: lower(kind), ..Self::default() };
        let mut extended = None;
        for (name, value) in rest {
            match name.as_str() {
                "name" => found.name = Some(unescaped(value)),
                "filename" => found.filename = Some(unescaped(value)),
                "filename*" => extended = extended_value(value),
                _ => {}
            }
        }
        // RFC 6266, section 4.3: of the two the extended one holds.
        found.filename = extended.or(found.filename);
        found
    }
}

/// A value without its quotes. Only quotes and backslashes count as escaped: some clients send a path of Windows as it is.
fn unescaped(value: &str) -> CompactString {
    let Some(inner) = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) else {
        return value.trim_matches('"').into();
    };
    let mut chars = inner.chars().peekable();
    std::iter::from_fn(|| match chars.next()? {
        '\\' => Some(chars.next_if(|next| matches!(next, '"' | '\\')).unwrap_or('\\')),
        c => Some(c),
    })
    .collect()
}

/// `UTF-8''%e2%82%ac.txt` (RFC 8187, section 3.2.1); `None` for another character set.
fn extended_value(value: &str) -> Option<CompactString> {
    let (charset, rest) = value.trim_matches('"').split_once('\'')?;
    let (_, text) = rest.split_once('\'')?;
    let bytes = Coding::Url.decode(text.as_bytes()).ok()?;
    charset.eq_ignore_ascii_case("utf-8").then(|| CompactString::from_utf8(bytes).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_clients_write_them() {
        let of = |text: &str| {
            let found = Disposition::parse(text);
            let text = |text: Option<CompactString>| text.unwrap_or_default().into_string();
            (text(found.name), text(found.filename))
        };
        let pair = |name: &str, file: &str| (name.to_owned(), file.to_owned());
        assert_eq!(of("Form-Data; Name=a"), pair("a", ""));
        assert_eq!(of(r#"form-data; name="a;b"; filename="x\"y\\z.txt""#), pair("a;b", r#"x"y\z.txt"#));
        assert_eq!(of(r#"form-data; name="f"; filename="C:\dir\x.txt""#), pair("f", r"C:\dir\x.txt"));
        let both = "attachment; filename=\"e.txt\"; filename*=UTF-8''%e2%82%ac.txt";
        assert_eq!(of(both), pair("", "€.txt"));
        assert_eq!(of("attachment; filename=e.txt; filename*=koi8-r''%e2"), pair("", "e.txt"));
        assert_eq!(of(""), pair("", ""));
    }
}
