//! Tests of fixed-width files: fields, record types, what is refused and where, and that values come back as they were.

use proptest::prelude::*;

use super::*;
use crate::document::codec::MalformedKind;
use crate::document::flat::Holds;
use crate::document::tree::{Content, Name, Node};

fn field(name: &str, at: usize, length: usize, holds: Holds) -> Field {
    let align = if holds == Holds::Number { Align::Right } else { Align::Left };
    Field { name: name.into(), at: at - 1, length, pad: ' ', align, holds, decimals: 0 }
}

fn record(name: &str, tag: &str, fields: Vec<Field>, records: Vec<Record>) -> Record {
    let tag = (!tag.is_empty()).then(|| Tag { at: 0, text: tag.into() });
    let record = Record { name: name.into(), tag, fields, records, length: 0, group: false, once: false };
    Record { length: record.needs(), ..record }
}

/// `row`: sku 1-6, quantity 7-10 with zeros, price 11-18 with two implied decimals.
fn rows(framing: Framing) -> Fixed {
    let quantity = Field { pad: '0', ..field("quantity", 7, 4, Holds::Number) };
    let price = Field { pad: '0', decimals: 2, ..field("price", 11, 8, Holds::Number) };
    let fields = vec![field("sku", 1, 6, Holds::Text), quantity, price];
    Fixed::new(vec![record("row", "", fields, Vec::new())], framing, Charset::Utf8)
}

/// `header` (H) with `detail` (D) under it, in which `note` (DN), and `trailer` (T).
fn orders() -> Fixed {
    let note = record("note", "DN", vec![field("text", 3, 5, Holds::Text)], Vec::new());
    let detail = record("detail", "D", vec![field("sku", 2, 3, Holds::Text)], vec![note]);
    let header = record("header", "H", vec![field("id", 2, 4, Holds::Text)], vec![detail]);
    let trailer = record("trailer", "T", vec![field("count", 2, 3, Holds::Number)], Vec::new());
    Fixed::new(vec![header, trailer], Framing::Lines("\n"), Charset::Utf8)
}

fn read(fixed: &Fixed, text: &str) -> Result<Element, Malformed> {
    fixed.decode(&Bytes::copy_from_slice(text.as_bytes()), &Limits::default())
}

fn written(fixed: &Fixed, root: &Element) -> Result<String, Unwritable> {
    let mut out = Vec::new();
    fixed.encode(root, &mut out).map(|()| String::from_utf8(out).unwrap())
}

/// `name=value` and `name(...)`.
fn shown(element: &Element) -> String {
    let inner: Vec<String> = element
        .elements()
        .map(|e| match e.leaf() {
            Some(text) => format!("{}={text}", e.name.local),
            None => format!("{}({})", e.name.local, shown(e)),
        })
        .collect();
    inner.join(" ")
}

/// A row of text values.
fn row(values: &[(&str, &str)]) -> Element {
    let leaf = |(name, text): &(&str, &str)| {
        Node::Element(Element::with(Name::local(*name), Content::Text((*text).into())))
    };
    let row = Element::with(Name::local("row"), Content::Children(values.iter().map(leaf).collect()));
    Element::with(Name::default(), Content::Children(vec![Node::Element(row)]))
}

#[test]
fn fields_stand_at_their_places() {
    let fixed = rows(Framing::Lines("\r\n"));
    let text = "A-1   001200001250\r\n\r\nB  2  -012-0000005\näö    0000        \n  C\n";
    let root = read(&fixed, text).unwrap();
    assert_eq!(
        shown(&root),
        "row(sku=A-1 quantity=12 price=12.50) row(sku=B  2 quantity=-12 price=-0.05) row(sku=äö quantity=0) row(sku=  C)"
    );
    let again = written(&fixed, &root).unwrap();
    assert!(
        again.starts_with("A-1   001200001250\r\nB  2  -012-0000005\r\näö    0000        \r\n  C    "),
        "{again}"
    );
    assert_eq!(read(&fixed, &again).unwrap(), root);
}

#[test]
fn records_stand_under_those_they_belong_to() {
    let text = "H1   \nDabc\nDNhello\nDNx    \nDd\nH2\nT  2\n";
    let root = read(&orders(), text).unwrap();
    assert_eq!(
        shown(&root),
        "header(id=1 detail(sku=abc note(text=hello) note(text=x)) detail(sku=d)) header(id=2) trailer(count=2)"
    );
    assert_eq!(written(&orders(), &root).unwrap(), "H1   \nDabc\nDNhello\nDNx    \nDd  \nH2   \nT  2\n");
    let ways: [&[usize]; 7] = [&[], &[0], &[0, 1, 0], &[0, 1, 2, 0], &[0, 2], &[1, 0], &[2]];
    let lines = [Some(1), Some(1), Some(2), Some(4), Some(5), Some(6), Some(7)];
    assert_eq!(orders().lines(text.as_bytes(), &ways), lines);
}

#[test]
fn what_is_malformed_has_its_line() {
    for (text, line, message) in [
        ("H1\nX\n", 2, "this record has none of the tags `DN`, `H`, `D`, `T`"),
        ("T  1\nDa\n", 2, "a record `detail` belongs under a record `header`, and none is open here"),
        ("H1\nDNx\n", 2, "a record `note` belongs under a record `detail`, and none is open here"),
        ("H1\n\nDabcd\n", 3, "this record has 5 characters, expected at most the 4 of `detail`"),
    ] {
        let error = read(&orders(), text).unwrap_err();
        assert_eq!((error.line, error.message.as_str()), (line, message));
        assert_eq!(error.kind, MalformedKind::Syntax);
    }
    let limits = Limits { elements: 3, ..Limits::default() };
    let error = orders().decode(&Bytes::from_static(b"H1\nDa\n"), &limits).unwrap_err();
    assert_eq!((error.line, error.kind), (2, MalformedKind::Limit));
}

#[test]
fn records_without_ends_of_lines_have_a_length() {
    let fixed = rows(Framing::Blocks(18));
    let text = "A-1   001200001250B\nB   000001000000";
    let root = read(&fixed, text).unwrap();
    assert_eq!(shown(&root), "row(sku=A-1 quantity=12 price=12.50) row(sku=B\nB quantity=0 price=10000.00)");
    assert_eq!(read(&fixed, &format!("{text}\r\n")).unwrap(), root);
    assert_eq!(read(&fixed, &written(&fixed, &root).unwrap()).unwrap(), root);
    let error = read(&fixed, "A-1   001200001250B").unwrap_err();
    assert_eq!(error.message, "found 1 characters, expected a record of 18");
}

#[test]
fn what_does_not_fit_is_never_cut() {
    for (name, text, message) in [
        ("sku", "ABCDEFG", "this has 7 characters, and the field has 6"),
        ("sku", "A\nB", "this has the end of a line in it, and a field is part of one"),
        ("quantity", "12345", "this has 5 characters, and the field has 4"),
        ("quantity", "many", "this is no number, and the field holds numbers"),
        ("price", "1.005", "this has more than the 2 decimals of the field"),
        ("price", "1234567.00", "this has 9 characters, and the field has 8"),
    ] {
        let error = written(&rows(Framing::Lines("\n")), &row(&[(name, text)])).unwrap_err();
        assert_eq!((error.path, error.message), (format!("row[1]/{name}"), message.to_owned()), "{text}");
    }
    let latin1 = Fixed { charset: Charset::Latin1, ..rows(Framing::Lines("\n")) };
    let error = written(&latin1, &row(&[("sku", "5€")])).unwrap_err();
    assert_eq!(error.to_string(), "row[1]/sku: `€` (U+20AC) is not a character of iso-8859-1");
    let error = written(&orders(), &row(&[])).unwrap_err();
    assert_eq!(error.to_string(), "row: there is no record of this name here; expected `header`, `trailer`");
}

#[test]
fn numbers_are_exact() {
    for (value, field) in [
        ("12.5", "00001250"),
        ("+12.5000", "+0001250"),
        ("-.05", "-0000005"),
        ("1e3", "00100000"),
        ("0", "00000000"),
        (" 7 ", "00000700"),
        ("999999.99", "99999999"),
    ] {
        let text = written(&rows(Framing::Lines("\n")), &row(&[("price", value)])).unwrap();
        assert_eq!(text, format!("          {field}\n"), "{value}");
    }
}

#[test]
fn numbers_in_a_field_may_have_a_point_and_what_is_none_is_left() {
    let fixed = rows(Framing::Lines("\n"));
    for (field, value) in [
        ("    12.5", "12.50"),
        ("-0000.05", "-0.05"),
        ("   12.  ", "12.00"),
        ("     .5 ", "0.50"),
        ("00000012", "0.12"),
        ("000001-2", "000001-2"),
        ("       .", "."),
        ("       -", "-"),
    ] {
        let root = read(&fixed, &format!("          {field}\n")).unwrap();
        assert_eq!(shown(&root), format!("row(price={value})"), "{field}");
    }
}

#[test]
fn what_fills_a_field_is_no_value() {
    let stars = Field { pad: '*', ..field("a", 1, 4, Holds::Text) };
    let zeros = Field { pad: '0', align: Align::Right, ..field("b", 5, 4, Holds::Text) };
    let fixed = Fixed::new(
        vec![record("row", "", vec![stars, zeros], Vec::new())],
        Framing::Lines("\n"),
        Charset::Utf8,
    );
    for (line, expected) in [
        ("ab**0012", "row(a=ab b=12)"),
        ("****0000", "row(b=0)"),
        ("a", "row(a=a)"),
        ("a*b*ab  ", "row(a=a*b b=ab  )"),
    ] {
        let root = read(&fixed, line).unwrap();
        assert_eq!(shown(&root), expected);
        assert_eq!(read(&fixed, &written(&fixed, &root).unwrap()).unwrap(), root);
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_and_values_stay(text in "[HDNT01.a ä\n-]{0,60}", blocks: bool) {
        for fixed in [orders(), rows(if blocks { Framing::Blocks(18) } else { Framing::Lines("\n") })] {
            let _ = fixed.lines(text.as_bytes(), &[&[0, 1], &[2]]);
            if let Ok(root) = read(&fixed, &text)
                && let Ok(again) = written(&fixed, &root)
            {
                let second = read(&fixed, &again).unwrap();
                prop_assert_eq!(written(&fixed, &second), Ok(again));
                prop_assert_eq!(second, root);
            }
        }
    }

    #[test]
    fn values_come_back(sku in "[a-zä€]( ?[a-zä€]){0,2}", quantity in -999i32..9999, cents in -9_999_999i64..99_999_999, charset in prop::sample::select(vec![Charset::Utf8, Charset::Windows1252, Charset::Utf16Le])) {
        let price = format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100);
        let root = row(&[("sku", &sku), ("quantity", &quantity.to_string()), ("price", &price)]);
        let fixed = Fixed { charset, ..rows(Framing::Lines("\r\n")) };
        let mut out = Vec::new();
        fixed.encode(&root, &mut out).unwrap();
        prop_assert_eq!(fixed.decode(&Bytes::from(out), &Limits::default()), Ok(root));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
        let _ = rows(Framing::Blocks(18)).decode(&Bytes::from(bytes.clone()), &Limits::default());
        let _ = rows(Framing::Lines("\n")).decode(&Bytes::from(bytes), &Limits::default());
    }
}
