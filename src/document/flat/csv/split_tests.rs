//! Tests of rows one by one against the reader of whole files.

use std::io::Cursor;

use proptest::prelude::*;

use super::tests::prices;
use super::*;
use crate::document::codec::MalformedKind;
use crate::document::flat::LONGEST_VALUE;
use crate::document::path::Language;
use crate::document::records::Broken;
use crate::document::tree::Content;

fn open(csv: &Csv, bytes: &[u8], bounds: Bounds) -> Box<dyn Records> {
    let path = RecordPath::parse(ROW, Language::Location).unwrap();
    csv.records(Box::new(Cursor::new(bytes.to_vec())), &path, bounds).unwrap()
}

/// All records as one file with what says no more, and the line of each.
fn all(csv: &Csv, bytes: &[u8], bounds: Bounds) -> (Element, Option<Malformed>, Vec<Option<usize>>) {
    let mut records = open(csv, bytes, bounds);
    let (mut nodes, mut lines) = (Vec::new(), Vec::new());
    let wrong = loop {
        match records.next() {
            Ok(Some(Element { content: Content::Children(rows), .. })) => {
                assert_eq!(rows.len(), 1);
                nodes.extend(rows);
                assert_eq!(
                    records.lines(&[&[], &[0, 1], &[1]]),
                    [Some(records.line()), Some(records.line()), None]
                );
                lines.push(Some(records.line()));
            }
            Ok(Some(other)) => panic!("{other:?}"),
            Ok(None) => break None,
            Err(Broken::Malformed(malformed)) => break Some(malformed),
            Err(Broken::Input(error)) => panic!("{error}"),
        }
    };
    assert!(matches!(records.next(), Ok(None)), "nothing comes behind the end");
    (Element::with(Name::default(), Content::Children(nodes)), wrong, lines)
}

/// Records are the rows of the whole file, at its lines, and end where it is refused.
fn same(csv: &Csv, bytes: &[u8]) -> Result<(), TestCaseError> {
    let (rows, wrong, lines) = all(csv, bytes, Bounds::default());
    match csv.decode(&Bytes::copy_from_slice(bytes), &Limits::default()) {
        Ok(whole) => {
            prop_assert_eq!((&rows, wrong), (&whole, None));
            let ways: Vec<Vec<usize>> = (0..lines.len()).map(|row| vec![row]).collect();
            let ways: Vec<&[usize]> = ways.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(lines, csv.lines(bytes, &ways));
        }
        Err(refused) => prop_assert_eq!(wrong, Some(refused)),
    }
    Ok(())
}

#[test]
fn what_the_whole_reader_refuses_is_refused_at_the_same_place() {
    for bad in [
        "",
        "\n\n",
        "sku;prize;note\n",
        "sku;price;note;sku\n",
        "sku;price;note\nA;1;x\nB;2\n",
        "sku;price;note\n\"A\nB\";1;x\n\nC;1;x;y",
        "sku;price;note\nA;\"1;x\nB;2;\n",
        "sku;price;note\nA;\"1\"\"",
        "sku;price;note\nA;\"1\"x;y\n",
    ] {
        assert!(all(&prices(), bad.as_bytes(), Bounds::default()).1.is_some(), "{bad}");
        same(&prices(), bad.as_bytes()).unwrap();
    }
    for open in ["", "\""] {
        let long = format!("sku;price;note\nA;1;{open}{}\nB;2;y\n", "x".repeat(LONGEST_VALUE + 9));
        same(&prices(), long.as_bytes()).unwrap();
    }
    same(&Csv { header: false, ..prices() }, b"A;1;x\n\xFF;1;x").unwrap();
}

#[test]
fn bounds_hold_for_each_row() {
    let limits = Limits { elements: 4, ..Limits::default() };
    let bounds = Bounds { limits, bytes: 100 };
    let many = format!("sku;price;note\n{}{}", "\r\n".repeat(200), "A;1;x\n".repeat(200));
    let (rows, wrong, _) = all(&prices(), many.as_bytes(), bounds);
    assert_eq!((rows.elements().count(), wrong), (200, None));
    let long = format!("sku;price;note\nA;1;{}\n", "x".repeat(300));
    let wide = Bounds { limits: Limits { elements: 3, ..limits }, ..bounds };
    for (text, bounds) in [(long.as_str(), bounds), ("sku;price;note\nA;1;x\n", wide)] {
        let (_, wrong, _) = all(&prices(), text.as_bytes(), bounds);
        assert_eq!(wrong.unwrap().kind, MalformedKind::Limit);
    }
}

#[test]
fn only_rows_are_records() {
    for path in ["rows", "row/sku", "a/row"] {
        let path = RecordPath::parse(path, Language::Location).unwrap();
        let error = prices().records(Box::new(Cursor::new(Vec::new())), &path, Bounds::default()).err();
        assert!(error.unwrap().message.contains("`row`"));
    }
}

proptest! {
    #[test]
    fn records_are_the_rows_of_the_whole_file(
        text in "((a|ä;|1;|;;|\"b|\"\"|\"\r\"|x)?[;\"\r\na]?){0,20}",
        header: bool,
        quote: bool,
        charset in prop::sample::select(vec![Charset::Utf8, Charset::Utf16Le, Charset::Windows1252]),
    ) {
        let csv = Csv { header, charset, quote: quote.then_some(b'"'), ..prices() };
        let text = if header { format!("price;sku;note\n{text}") } else { text };
        let mut bytes = Vec::new();
        match charset {
            Charset::Utf16Le => bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes)),
            Charset::Windows1252 => bytes.extend(text.chars().map(|c| u8::try_from(u32::from(c)).unwrap())),
            _ => bytes.extend_from_slice(text.as_bytes()),
        }
        same(&csv, &bytes)?;
    }

    #[test]
    fn rows_that_fit_come_one_by_one(rows in prop::collection::vec("[aä]{0,12};(\"[a\r\n;ä]{0,12}\")?;[a]{0,3}", 0..8)) {
        let text = format!("sku;price;note\n{}\n", rows.join("\r\n"));
        same(&prices(), text.as_bytes())?;
    }
}
