//! Tests of CSV: what is read, what is refused and where, and that values come back as they were.

use proptest::prelude::*;

use super::records::Records;
use super::*;
use crate::document::codec::MalformedKind;
use crate::document::flat::Holds;
use crate::document::tree::{Content, Name, Node};

fn column(name: &str, holds: Holds) -> Column {
    Column { name: name.into(), title: name.into(), holds }
}

/// `sku;price;note`, by header.
pub(super) fn prices() -> Csv {
    let columns =
        vec![column("sku", Holds::Text), column("price", Holds::Number), column("note", Holds::Text)];
    Csv { header: true, delimiter: b';', ..Csv::of(columns) }
}

fn read(csv: &Csv, text: &str) -> Result<Element, Malformed> {
    csv.decode(&Bytes::copy_from_slice(text.as_bytes()), &Limits::default())
}

fn written(csv: &Csv, root: &Element) -> Result<Vec<u8>, Unwritable> {
    let mut out = Vec::new();
    csv.encode(root, &mut out).map(|()| out)
}

/// `name=value` of each row; what is absent is left out.
fn shown(root: &Element) -> Vec<String> {
    let cell = |e: &Element| format!("{}={}", e.name.local, e.leaf().unwrap());
    root.elements().map(|row| row.elements().map(cell).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn columns_are_found_by_name_in_any_order() {
    let root = read(&prices(), "note;sku;price\r\nx;A;1.50\r\n\r\n\"\";B;\n;\"C;1\";\"\"").unwrap();
    assert_eq!(shown(&root), ["sku=A price=1.50 note=x", "sku=B note=", "sku=C;1"]);
}

#[test]
fn headers_that_do_not_fit_are_named() {
    for (text, message) in [
        ("", "the header line is missing; expected the columns `sku`, `price`, `note`"),
        (
            "sku;prize;note\n",
            "the header line has unknown columns: `prize` and lacks columns: `price`; expected `sku`, `price`, `note`",
        ),
        ("sku;price;note;sku\n", "the header line names a column twice; expected `sku`, `price`, `note`"),
    ] {
        let error = read(&prices(), text).unwrap_err();
        assert_eq!((error.line, error.message.as_str()), (1, message), "{text}");
    }
}

#[test]
fn what_is_malformed_has_its_line() {
    for (text, line, column, part) in [
        ("sku;price;note\nA;1;x\nB;2\n", 3, 1, "a record of 2 fields, expected 3 fields: `sku`"),
        ("sku;price;note\n\"A\nB\";1;x\nC;1;x;y", 4, 1, "a record of 4 fields"),
        ("sku;price;note\nA;\"1;x\nB;2;\n", 2, 3, "never closed"),
        ("sku;price;note\nA;\"1\"x;y\n", 2, 6, "expected `;` or the end of the line"),
    ] {
        let error = read(&prices(), text).unwrap_err();
        assert_eq!((error.line, error.column, error.kind), (line, column, MalformedKind::Syntax), "{error}");
        assert!(error.message.contains(part), "{error}");
    }
}

#[test]
fn limits_hold() {
    let limits = Limits { elements: 7, ..Limits::default() };
    let decode = |text: &'static str| prices().decode(&Bytes::from_static(text.as_bytes()), &limits);
    assert!(decode("sku;price;note\nA;1;x\n").is_ok());
    assert_eq!(decode("sku;price;note\nA;1;x\nB;1;x\n").unwrap_err().kind, MalformedKind::Limit);
    for open in ["", "\""] {
        let text =
            format!("sku;price;note\nA;1;{open}{}", "x".repeat(crate::document::flat::LONGEST_VALUE + 1));
        let error = read(&prices(), &(text + open)).unwrap_err();
        assert_eq!((error.kind, error.line), (MalformedKind::Limit, 2));
    }
}

#[test]
fn only_what_would_be_misread_is_quoted() {
    let text = "sku;price;note\r\na,b;1;\"x;\"\"y\"\"\"\r\n\"c\nd\";;\"\"\r\n";
    let root = read(&prices(), text).unwrap();
    assert_eq!(String::from_utf8(written(&prices(), &root).unwrap()).unwrap(), text);
    let lf = Csv { newline: "\n", header: false, mark: true, ..prices() };
    let rows = "\u{FEFF}a;1;\n";
    assert_eq!(written(&lf, &read(&lf, rows).unwrap()).unwrap(), rows.as_bytes());
}

#[test]
fn files_without_quotes_hold_them_as_values() {
    let csv = Csv { quote: None, delimiter: b'\t', ..prices() };
    let text = "sku\tprice\tnote\r\n\"A\t1\tsay \"\"\r\n";
    let root = read(&csv, text).unwrap();
    assert_eq!(shown(&root), ["sku=\"A price=1 note=say \"\""]);
    assert_eq!(written(&csv, &root).unwrap(), text.as_bytes());
    let tabbed = read(&prices(), "sku;price;note\nA\tB;1;x\n").unwrap();
    let error = written(&csv, &tabbed).unwrap_err();
    assert_eq!(
        error.to_string(),
        "row[1]/sku: this has `\\t` or the end of a line in it, and the profile says quote=none"
    );
}

#[test]
fn trees_of_another_kind_are_refused() {
    let row = |children: Vec<Element>| {
        let nodes = children.into_iter().map(Node::Element).collect();
        let row = Element::with(Name::local("row"), Content::Children(nodes));
        Element::with(Name::default(), Content::Children(vec![Node::Element(row)]))
    };
    let leaf = |name: &str| Element::with(Name::local(name), Content::Text("x".into()));
    let mut nested = leaf("note");
    nested.push(leaf("a"));
    for (root, path) in [
        (row(vec![leaf("skuu")]), "row[1]/skuu"),
        (row(vec![leaf("sku"), leaf("sku")]), "row[1]/sku"),
        (row(vec![nested]), "row[1]/note"),
        (Element::with(Name::default(), Content::Children(vec![Node::Element(leaf("x"))])), "x"),
        (leaf(""), "."),
    ] {
        assert_eq!(written(&prices(), &root).unwrap_err().path, path);
    }
    let nil = row(vec![Element::with(Name::local("sku"), Content::Nil)]);
    assert!(written(&prices(), &nil).unwrap().ends_with(b"\r\n;;\r\n"));
}

#[test]
fn a_declared_character_set_is_written_and_a_mark_beats_it() {
    let csv = Csv { charset: Charset::Windows1252, header: false, ..prices() };
    let root = csv.decode(&Bytes::from_static(b"\x80;1;\xE4\n"), &Limits::default()).unwrap();
    assert_eq!(shown(&root), ["sku=€ price=1 note=ä"]);
    assert_eq!(written(&csv, &root).unwrap(), b"\x80;1;\xE4\r\n");
    assert_eq!(read(&csv, "\u{FEFF}€;1;ä\n").unwrap(), root);
    let latin1 = Csv { charset: Charset::Latin1, ..csv };
    let error = written(&latin1, &root).unwrap_err();
    assert_eq!(error.to_string(), "row[1]/sku: `€` (U+20AC) is not a character of iso-8859-1");
    let utf16 = Csv { charset: Charset::Utf16, ..latin1 };
    let bytes = written(&utf16, &root).unwrap();
    assert_eq!(bytes.get(..4), Some(&b"\xFE\xFF\x20\xAC"[..]));
    assert_eq!(utf16.decode(&Bytes::from(bytes), &Limits::default()).unwrap(), root);
}

#[test]
fn rows_have_their_lines() {
    let text = "sku;price;note\n\"A\nB\";1;x\n\nC;2;y\n";
    let ways: [&[usize]; 5] = [&[1, 0], &[0], &[], &[2], &[0, 2]];
    assert_eq!(prices().lines(text.as_bytes(), &ways), [Some(5), Some(2), Some(1), None, Some(2)]);
}

/// A value of a row: absent, empty or of what a file might misread.
fn value() -> impl Strategy<Value = Option<String>> {
    prop_oneof![Just(None), "[a;,\"' \r\nä€\u{FEFF}ÿ]{0,6}".prop_map(Some)]
}

fn tree(rows: &[[Option<String>; 3]]) -> Element {
    let mut root = Element::with(Name::default(), Content::Children(Vec::new()));
    for values in rows {
        let mut row = Element::with(Name::local("row"), Content::Children(Vec::new()));
        for (name, value) in ["sku", "price", "note"].into_iter().zip(values) {
            let content = match value.as_deref() {
                None => continue,
                // A column that is no text has no empty value.
                Some("") if name == "price" => continue,
                Some("") => Content::Empty,
                Some(text) => Content::Text(text.into()),
            };
            row.push(Element::with(Name::local(name), content));
        }
        root.push(row);
    }
    root
}

proptest! {
    #[test]
    fn what_is_written_reads_back(
        rows in prop::collection::vec([value(), value(), value()], 0..5),
        header: bool,
        mark: bool,
        delimiter in prop::sample::select(vec![b',', b';', b'\t']),
        charset in prop::sample::select(vec![Charset::Utf8, Charset::Windows1252, Charset::Utf16, Charset::Utf16Le, Charset::Utf16Be]),
        newline in prop::sample::select(vec!["\n", "\r\n"]),
    ) {
        let csv = Csv { header, mark, delimiter, charset, newline, ..prices() };
        let root = tree(&rows);
        match written(&csv, &root) {
            Ok(bytes) => prop_assert_eq!(csv.decode(&Bytes::from(bytes), &Limits::default()), Ok(root)),
            Err(unwritable) => prop_assert!(charset == Charset::Windows1252 && unwritable.message.contains("windows-1252")),
        }
    }

    #[test]
    fn any_text_is_read_or_refused_and_values_stay(text in "[a;\"\r\nä ]{0,40}", quoted: bool) {
        let csv = Csv { header: false, quote: quoted.then_some(b'"'), ..prices() };
        if let Ok(root) = read(&csv, &text) {
            let bytes = written(&csv, &root).unwrap();
            prop_assert_eq!(csv.decode(&Bytes::from(bytes), &Limits::default()), Ok(root));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>, charset in prop::sample::select(vec![Charset::Utf8, Charset::Windows1252, Charset::Utf16])) {
        let csv = Csv { charset, header: false, ..Csv::of(vec![column("a", Holds::Text)]) };
        let _ = csv.lines(&bytes, &[&[3]]);
        if let Ok(root) = csv.decode(&Bytes::from(bytes), &Limits::default()) {
            let bytes = written(&csv, &root).unwrap();
            prop_assert_eq!(csv.decode(&Bytes::from(bytes), &Limits::default()), Ok(root));
        }
    }

    /// What RFC 4180 allows is split as the `csv` library splits it.
    #[test]
    fn records_are_those_of_the_csv_library(text in "([a ä]{0,3}|\"([a,ä\r\n]|\"\"){0,3}\")([,\n]([a ä]{0,3}|\"([a,ä\r\n]|\"\"){0,3}\")){0,8}") {
        let mut ours = Vec::new();
        let mut records = Records::new(&text, b',', Some(b'"'));
        let mut cells = Vec::new();
        while records.next(&mut cells).unwrap().is_some() {
            ours.push(cells.iter().map(|cell| cell.text.to_string()).collect::<Vec<_>>());
        }
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let theirs: Vec<Vec<String>> =
            reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect();
        prop_assert_eq!(ours, theirs);
    }
}
