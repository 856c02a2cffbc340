//! Tests of records against the reader of whole documents.

use std::io::Cursor;

use proptest::prelude::*;

use super::tests::{text, tree};
use super::{JSON, parse};
use crate::document::codec::{Codec, Limits, Malformed, MalformedKind};
use crate::document::path::{At, Found, Language, Path};
use crate::document::records::{Bounds, Broken, RecordPath, Records};
use crate::document::tree::{Content, Element, Name};

fn open(text: &str, path: &str, bounds: Bounds) -> Box<dyn Records> {
    let path = RecordPath::parse(path, Language::JsonPath).unwrap();
    JSON.records(Box::new(Cursor::new(text.as_bytes().to_vec())), &path, bounds).unwrap()
}

fn within(text: &str, path: &str, bounds: Bounds) -> Result<Vec<Element>, Malformed> {
    let mut records = open(text, path, bounds);
    let mut all = Vec::new();
    loop {
        match records.next() {
            Ok(Some(record)) => all.push(record),
            Ok(None) => return Ok(all),
            Err(Broken::Malformed(malformed)) => return Err(malformed),
            Err(Broken::Input(error)) => panic!("{error}"),
        }
    }
}

fn all(text: &str, path: &str) -> Result<Vec<Element>, Malformed> {
    within(text, path, Bounds::default())
}

/// What the path selects in the whole document.
fn selected(text: &str, path: &str) -> Result<Vec<Element>, Malformed> {
    let root = parse(text, &Limits::default())?;
    let path = Path::parse(path, Language::JsonPath).unwrap();
    let found = path.select(At::Document(&root));
    Ok(found.iter().map(|f| if let Found::Element(e) = f { (*e).clone() } else { unreachable!() }).collect())
}

const ORDERS: &str = "\u{FEFF}{\"head\": {\"orders\": [1, {\"a\": []}], \"n\": -1.50e+7},\n \"orders\": [\n{\"id\": \"\\ud83d\\ude00\\u00e4\",\n\
    \"lines\": [{}, []]},\n12345678901234567890, true, \"x]}\", null], \"tail\": [[{\"orders\": 2}]]}\n";

#[test]
fn a_record_is_what_the_path_selects() {
    let records = all(ORDERS, "$.orders[*]").unwrap();
    assert_eq!(records.len(), 5);
    assert_eq!(records, selected(ORDERS, "$.orders[*]").unwrap());
    assert_eq!(all(ORDERS, "$.nothing[*]").unwrap(), []);
    assert_eq!(all("[1,2 , 3]", "$[*]").unwrap(), selected("[1,2,3]", "$[*]").unwrap());
    assert_eq!(all(" [ ] ", "$[*]").unwrap(), []);
}

#[test]
fn a_record_knows_its_lines() {
    let mut records = open(ORDERS, "$.orders[*]", Bounds::default());
    let mut lines = Vec::new();
    while records.next().unwrap().is_some() {
        lines.push((records.line(), records.lines(&[&[], &[1, 1]])));
    }
    assert_eq!(lines[0], (3, vec![Some(3), Some(4)]));
    assert_eq!(lines[4], (5, vec![Some(5), None]));
}

#[test]
fn what_the_whole_reader_refuses_is_refused_at_the_same_place() {
    for bad in [
        "",
        " ",
        "{",
        "{\"a\":",
        "{\"a\":[",
        "{\"a\":[1",
        "{\"a\":[1,",
        "{\"a\":[1,]}",
        "{\"a\":[1 2]}",
        "{\"a\":[1]",
        "{\"a\":[1],}",
        "{\"a\":[1]}\nx",
        "{\"a\":[1],\n\"a\":2}",
        "{\"b\":{\"c\":1,\"\\u0063\":2}}",
        "{\"b\":[tru]}",
        "{\"b\":01}",
        "{\"a\":[01]}",
        "{\"a\":[\"\\ud83d\"]}",
        "{\"b\":\"\t\"}",
        "{b:1}",
        "{\"b\" 1}",
        "[1",
        "]",
        "{\"b\":[1}",
    ] {
        let whole = selected(bad, "$.a[*]").expect_err(bad);
        assert_eq!(all(bad, "$.a[*]").expect_err(bad), whole, "{bad}");
    }
}

#[test]
fn a_path_that_leads_to_no_array_is_told() {
    for bad in ["{\"a\":\n{}}", "{\"a\":\n null}", "{\"a\":\n\"x\"}"] {
        let error = all(bad, "$.a[*]").unwrap_err();
        assert!(error.line == 2 && error.message.contains("array"), "{error}");
    }
}

#[test]
fn bounds_hold() {
    let limits = Limits { depth: 3, elements: 3, ..Limits::default() };
    let bounds = Bounds { limits, bytes: 100 };
    let many = format!("{{\"b\":[{0}],\"a\":[{0}]}}", "[1,2], ".repeat(200) + "3");
    assert_eq!(within(&many, "$.a[*]", bounds).unwrap().len(), 201);
    for bad in [
        "{\"a\":[[1,2,3]]}".to_owned(),
        "{\"a\":[[[]]]}".to_owned(),
        "{\"b\":[[[]]]}".to_owned(),
        "{\"b\":{\"1\":1,\"2\":2,\"3\":3}}".to_owned(),
        format!("{{\"a\":[\"{}\"]}}", "x".repeat(300)),
        format!("{{\"b\":\"{}\"}}", "x".repeat(300)),
    ] {
        assert_eq!(within(&bad, "$.a[*]", bounds).unwrap_err().kind, MalformedKind::Limit, "{bad}");
    }
}

proptest! {
    #[test]
    fn records_of_a_random_tree_are_what_the_path_selects(
        before in tree(),
        items in prop::collection::vec(tree(), 0..5),
        after in tree(),
    ) {
        let element = |name: &str, content| Element::with(Name::local(name), content);
        let mut root = element("", Content::Children(Vec::new()));
        root.push(element("before", before));
        let mut orders = element("orders", Content::Items(Vec::new()));
        items.into_iter().for_each(|item| orders.push(element("", item)));
        root.push(orders);
        root.push(element("after", after));
        let text = text(&root);
        prop_assert_eq!(all(&text, "$.orders[*]"), selected(&text, "$.orders[*]"));
    }

    #[test]
    fn any_text_is_read_as_the_whole_reader_reads_it(
        text in "(\\{|\\}|\\[|\\]|\"|\"a\":|\"a\":\\[|\\}\\]|b|:|,|1|0|-|\\.|e|true|null|\\\\|u|d|8| |\n|é|.){0,30}",
        path in prop::sample::select(vec!["$[*]", "$.a[*]", "$.a.a[*]"]),
    ) {
        match (all(&text, path), selected(&text, path)) {
            (Ok(records), Ok(whole)) => prop_assert_eq!(records, whole),
            (Err(error), Ok(_)) => prop_assert!(error.message.contains("in an array"), "{}", error),
            (records, Err(_)) => prop_assert!(records.is_err()),
        }
    }
}
