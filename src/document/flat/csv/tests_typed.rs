//! Tests of CSV files with several record types.

use proptest::prelude::*;

use super::*;
use crate::document::codec::MalformedKind;
use crate::document::flat::Holds;
use crate::document::flat::records::{Record, Tag};
use crate::document::tree::{Content, Name, Node};

fn column(name: &str) -> Column {
    Column { name: name.into(), title: name.into(), holds: Holds::Text }
}

fn record(name: &str, tag: &str, columns: &[&str], records: Vec<Record<Column>>) -> Record<Column> {
    let tag = (!tag.is_empty()).then(|| Tag { at: 0, text: tag.into() });
    let fields = columns.iter().map(|name| column(name)).collect();
    Record { name: name.into(), tag, fields, records, length: 0, group: false, once: false }
}

/// `header` (H) with `line` (L) under it, `other` without a tag, and `trailer` (T in the second column).
fn orders() -> Csv {
    let line = record("line", "L", &["type", "sku", "note"], Vec::new());
    let trailer = record("trailer", "T", &["a", "type"], Vec::new());
    let trailer = Record { tag: Some(Tag { at: 1, text: "T".into() }), ..trailer };
    let header = record("header", "H", &["type", "id"], vec![line]);
    Csv {
        newline: "\n",
        ..Csv::of_types(vec![header, record("other", "", &["a", "b"], Vec::new()), trailer])
    }
}

/// Groups `batch` of `head` (H, once), `line` (L) and groups `part` of `a` (A, once) and `b` (B, once).
fn batches() -> Csv {
    let once = |record| Record { once: true, ..record };
    let group = |name, records| Record { group: true, ..record(name, "", &[], records) };
    let (a, b) = (record("a", "A", &["type"], Vec::new()), record("b", "B", &["type"], Vec::new()));
    let part = group("part", vec![once(a), once(b)]);
    let head = once(record("head", "H", &["type"], Vec::new()));
    let line = record("line", "L", &["type"], Vec::new());
    Csv { newline: "\n", ..Csv::of_types(vec![group("batch", vec![head, line, part])]) }
}

fn read(csv: &Csv, text: &str) -> Result<Element, Malformed> {
    csv.decode(&Bytes::copy_from_slice(text.as_bytes()), &Limits::default())
}

fn written(csv: &Csv, root: &Element) -> Result<String, Unwritable> {
    let mut out = Vec::new();
    csv.encode(root, &mut out).map(|()| String::from_utf8(out).unwrap())
}

/// `name=value` and `name(...)`.
fn shown(element: &Element) -> String {
    let part = |e: &Element| match e.leaf() {
        Some(text) => format!("{}={text}", e.name.local),
        None => format!("{}({})", e.name.local, shown(e)),
    };
    element.elements().map(part).collect::<Vec<_>>().join(" ")
}

#[test]
fn records_stand_under_those_they_belong_to() {
    let text = "H,1\nL,a,\n\"L\",\"b,\",\"\"\nx,y\nH,2\n,T\n";
    let root = read(&orders(), text).unwrap();
    assert_eq!(
        shown(&root),
        "header(type=H id=1 line(type=L sku=a) line(type=L sku=b, note=)) other(a=x b=y) header(type=H id=2) trailer(type=T)"
    );
    assert_eq!(written(&orders(), &root).unwrap(), text.replace("\"L\"", "L"));
    let ways: [&[usize]; 6] = [&[], &[0, 2], &[0, 3, 1], &[1], &[2, 1], &[4]];
    assert_eq!(orders().lines(text.as_bytes(), &ways), [Some(1), Some(2), Some(3), Some(4), Some(5), None]);
}

#[test]
fn tags_are_written_of_themselves_and_are_no_other_values() {
    let mut root = read(&orders(), "H,1\nx,y\n").unwrap();
    let Content::Children(records) = &mut root.content else { panic!() };
    let Some(Node::Element(header)) = records.first_mut() else { panic!() };
    let Content::Children(fields) = &mut header.content else { panic!() };
    fields.remove(0);
    assert_eq!(written(&orders(), &root).unwrap(), "H,1\nx,y\n");
    let swap = |from: &str, to: &str| {
        let mut other = read(&orders(), "H,1\nx,y\n").unwrap();
        rename(&mut other, from, to);
        written(&orders(), &other).unwrap_err().to_string()
    };
    assert_eq!(swap("H", "L"), "header[1]/type: found `L`, expected the tag of the record, `H`");
    assert_eq!(swap("x", "L"), "other[1]: this would be read as a record `line`: it has its tag");
}

/// Gives every value `from` the text `to`.
fn rename(element: &mut Element, from: &str, to: &str) {
    if element.leaf() == Some(from) {
        element.content = Content::Text(to.into());
    }
    if let Content::Children(nodes) = &mut element.content {
        for node in nodes {
            if let Node::Element(child) = node {
                rename(child, from, to);
            }
        }
    }
}

#[test]
fn what_is_malformed_has_its_line() {
    let tagged = Csv::of_types(vec![record("h", "H", &["type"], Vec::new())]);
    for (csv, text, line, message) in [
        (
            orders(),
            "x,y\nL,a,b\n",
            2,
            "a record `line` belongs under a record `header`, and none is open here",
        ),
        (
            orders(),
            "H,1\nL,a\n",
            2,
            "found a record `line` of 2 fields, expected 3 fields: `type`, `sku`, `note`",
        ),
        (tagged, "H\n\nX\n", 3, "this record has none of the tags `H`"),
    ] {
        let error = read(&csv, text).unwrap_err();
        assert_eq!((error.line, error.message.as_str()), (line, message));
    }
    let limits = Limits { elements: 3, ..Limits::default() };
    let error = orders().decode(&Bytes::from_static(b"H,1\nH,2\n"), &limits).unwrap_err();
    assert_eq!((error.line, error.kind), (2, MalformedKind::Limit));
}

#[test]
fn the_last_fields_of_short_records_are_absent() {
    let short = Csv { short: true, ..orders() };
    let root = read(&short, "H\nL,a\nL,a,b\n").unwrap();
    assert_eq!(shown(&root), "header(type=H line(type=L sku=a) line(type=L sku=a note=b))");
    assert_eq!(written(&short, &root).unwrap(), "H,\nL,a,\nL,a,b\n");
    let rows = Csv { short: true, header: true, ..Csv::of(vec![column("a"), column("b")]) };
    assert_eq!(shown(&read(&rows, "b,a\n1\n").unwrap()), "row(b=1)");
    let error = read(&rows, "b,a\n1,2,3\n").unwrap_err();
    assert_eq!(error.message, "found a record of 3 fields, expected at most 2 fields: `a`, `b`");
}

#[test]
fn groups_begin_where_their_records_begin_again() {
    let text = "H\nL\nL\nA\nB\nA\nH\nL\nB\nB\nL\nA\n";
    let root = read(&batches(), text).unwrap();
    let types = |text: &str| text.replace("(type=", "(").replace(['H', 'L', 'A', 'B'], "");
    assert_eq!(
        types(&shown(&root)),
        "batch(head() line() line() part(a() b()) part(a())) batch(head() line() part(b()) part(b())) batch(line() part(a()))"
    );
    assert_eq!(written(&batches(), &root).unwrap(), text);
    let ways: [&[usize]; 5] = [&[0], &[0, 3, 1], &[0, 4], &[1], &[2, 1, 0, 0]];
    assert_eq!(batches().lines(text.as_bytes(), &ways), [Some(1), Some(5), Some(6), Some(7), Some(12)]);
}

#[test]
fn groups_that_would_be_read_as_one_are_refused() {
    let mut root = read(&batches(), "L\nA\n").unwrap();
    root.push(read(&batches(), "A\n").unwrap().elements().next().unwrap().clone());
    assert_eq!(
        written(&batches(), &root).unwrap_err().to_string(),
        "batch[2]/part[1]/a[1]: this would be read as part of another group: only the order of records tells them apart"
    );
    let empty = Element::with(Name::local("batch"), Content::Children(Vec::new()));
    let root = Element::with(Name::default(), Content::Children(vec![Node::Element(empty)]));
    assert_eq!(written(&batches(), &root).unwrap_err().message, "a group without records cannot be written");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_and_values_stay(text in "([HLTABx\",]{0,5}\n){0,8}", short: bool) {
        for csv in [Csv { short, ..orders() }, Csv { short, ..batches() }] {
            let _ = csv.lines(text.as_bytes(), &[&[0, 1], &[2]]);
            if let Ok(root) = read(&csv, &text) {
                let again = written(&csv, &root).unwrap();
                prop_assert_eq!(read(&csv, &again), Ok(root));
            }
        }
    }

    #[test]
    fn records_of_any_types_come_back(text in "([HLAB]\n){0,12}") {
        let root = read(&batches(), &text).unwrap();
        prop_assert_eq!(written(&batches(), &root).unwrap(), text);
    }
}
