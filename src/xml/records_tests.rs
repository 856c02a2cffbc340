//! Tests of records against the reader of whole documents.

use std::io::Cursor;

use proptest::prelude::*;

use super::tests::{text, tree};
use super::{XML, parse};
use crate::document::codec::{Codec, Limits, Malformed, MalformedKind};
use crate::document::path::{At, Found, Language, Path};
use crate::document::records::{Bounds, Broken, RecordPath, Records};
use crate::document::tree::{Element, Node};

fn open(bytes: &[u8], path: &str, bounds: Bounds) -> Box<dyn Records> {
    let path = RecordPath::parse(path, Language::Location).unwrap();
    XML.records(Box::new(Cursor::new(bytes.to_vec())), &path, bounds).unwrap()
}

fn within(bytes: &[u8], path: &str, bounds: Bounds) -> Result<Vec<Element>, Malformed> {
    let mut records = open(bytes, path, bounds);
    let mut all = Vec::new();
    loop {
        match records.next() {
            Ok(Some(record)) => all.push(record),
            Ok(None) => return Ok(all),
            Err(Broken::Malformed(malformed)) => {
                assert!(matches!(records.next(), Ok(None)), "nothing comes after an error");
                return Err(malformed);
            }
            Err(Broken::Input(error)) => panic!("{error}"),
        }
    }
}

fn all(text: &str, path: &str) -> Result<Vec<Element>, Malformed> {
    within(text.as_bytes(), path, Bounds::default())
}

/// What the path selects in the whole document.
fn selected(text: &str, path: &str) -> Result<Vec<Element>, Malformed> {
    let root = parse(text, &Limits::default())?;
    let path = Path::parse(path, Language::Location).unwrap();
    let found = path.select(At::Document(&root));
    Ok(found.iter().map(|f| if let Found::Element(e) = f { (*e).clone() } else { unreachable!() }).collect())
}

const ORDERS: &str = "<?xml version='1.0'?>\n<!-- c --><os:Orders xmlns:os='urn:o' xmlns='urn:d' xmlns:x='urn:x'>\n\
    <Head><Order>not one</Order>text &amp; <![CDATA[<]]></Head>\n <Order x:k='ü'><x:Line/>a &lt; b<Line>\r\n</Line></Order>\n\
    <Order xmlns=''/><!-- <Order/> --><os:Order><?p i?></os:Order>\n</os:Orders>\n<!-- end -->\n";

#[test]
fn a_record_is_what_the_path_selects() {
    let records = all(ORDERS, "Orders/Order").unwrap();
    assert_eq!(records.len(), 3);
    assert_eq!(records, selected(ORDERS, "Orders/Order").unwrap());
    assert_eq!(all(ORDERS, "Orders/Nothing").unwrap(), []);
    assert_eq!(all(ORDERS, "Orders").unwrap(), selected(ORDERS, "Orders").unwrap());
}

#[test]
fn a_record_knows_its_lines() {
    let mut records = open(ORDERS.as_bytes(), "Orders/Order", Bounds::default());
    let mut lines = Vec::new();
    while records.next().unwrap().is_some() {
        lines.push((records.line(), records.lines(&[&[], &[1], &[7]])));
    }
    assert_eq!(lines[0], (4, vec![Some(4), Some(4), None]));
    assert_eq!(lines[2], (6, vec![Some(6), None, None]));
}

#[test]
fn other_character_sets_are_decoded_first() {
    let text = ORDERS.replace("<?xml version='1.0'?>", "<?xml version='1.0' encoding='ISO-8859-1'?>");
    let latin1: Vec<u8> = text.chars().map(|c| c as u8).collect();
    let wanted = all(ORDERS, "Orders/Order").unwrap();
    assert_eq!(within(&latin1, "Orders/Order", Bounds::default()).unwrap(), wanted);
    let utf16: Vec<u8> = format!("\u{FEFF}{ORDERS}").encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(within(&utf16, "Orders/Order", Bounds::default()).unwrap(), wanted);
    let error = within(b"<a>\n<b/>\n\xFF</a>", "a/b", Bounds::default()).unwrap_err();
    assert_eq!((error.kind, error.line, error.column), (MalformedKind::Charset, 3, 1));
}

#[test]
fn what_the_whole_reader_refuses_is_refused_at_the_same_place() {
    for bad in [
        "",
        " \n",
        "x",
        "<a>\n<b/>",
        "<a>\n<b>",
        "<a>\n<b/></c>",
        "<a><b></c></a>",
        "<a/><b/>",
        "<a/>\nx",
        "<a/>&amp;",
        "<a><c>]]></c></a>",
        "<a><c>\n<p:x/></c></a>",
        "<a>\n<c k='1' k='2'/></a>",
        "<a><b>\u{1}</b></a>",
        " <?xml version='1.0'?><a/>",
        "<a><?xml version='1.0'?></a>",
        "<?xml version='1.1'?><a><b>\n\u{80}</b></a>",
        "<?xml version='2.0'?><a/>",
        "<a><c>&nbsp;</c></a>",
        "<a><c>&amp</c></a>",
        "<a><!-- -- --></a>",
        "<!DOCTYPE a>\n<a/>",
        "<a>\n<!doctype b></a>",
        "<a><![foo]]></a>",
        "<a><!foo></a>",
        "<a><b/ ></a>",
        "<a>\n<!-- x",
        "<a>\n<b k='",
        "<a/></a>",
        "\u{FEFF}\u{FEFF}<a/>",
        "<a><c>\u{FEFF}x</c><c/>\n</b>",
        "<a><b>& </b></a>",
    ] {
        let whole = selected(bad, "a/b").expect_err(bad);
        let piece = all(bad, "a/b").expect_err(bad);
        assert_eq!(piece, whole, "{bad}");
    }
}

#[test]
fn text_beside_records_would_be_lost_unseen() {
    for (bad, column) in [("<a> x<b/></a>", 5), ("<a><b/>&#32;</a>", 8), ("<a><![CDATA[ ]]><b/></a>", 4)] {
        let error = all(bad, "a/b").unwrap_err();
        assert!(error.message.contains("beside the records") && error.column == column, "{error}");
    }
}

#[test]
fn bounds_hold() {
    let limits = Limits { depth: 3, elements: 3, ..Limits::default() };
    let bounds = Bounds { limits, bytes: 100 };
    let many = format!("<a>{}</a>", "<b><c/><c/></b> <x/>".repeat(200));
    assert_eq!(within(many.as_bytes(), "a/b", bounds).unwrap().len(), 200);
    for bad in [
        "<a><b><c/><c/><c/></b></a>".to_owned(),
        "<a><b><c><d/></c></b></a>".to_owned(),
        "<a><x><x><x/></x></x></a>".to_owned(),
        format!("<a><b>{}</b></a>", "x".repeat(300)),
        format!("<a>{}<b/></a>", " ".repeat(300)),
        format!("<a><!--{}--><b/></a>", "x".repeat(300)),
    ] {
        assert_eq!(within(bad.as_bytes(), "a/b", bounds).unwrap_err().kind, MalformedKind::Limit, "{bad}");
    }
}

/// The way of names along the first children, and whether text stands beside an element of it.
fn first_names(root: &Element, depth: usize) -> (Vec<&str>, bool) {
    let (mut names, mut at, mut mixed) = (vec![root.name.local.as_str()], root, false);
    while let Some(child) = at.elements().next().filter(|_| names.len() < depth) {
        mixed |= at.nodes().iter().any(|node| matches!(node, Node::Text(_)));
        names.push(&child.name.local);
        at = child;
    }
    (names, mixed)
}

proptest! {
    #[test]
    fn records_of_a_random_tree_are_what_the_path_selects(tree in tree(), depth in 1..4_usize) {
        let text = text(&tree);
        let (names, mixed) = first_names(&tree, depth);
        let path = names.join("/");
        match all(&text, &path) {
            Ok(records) => prop_assert_eq!(records, selected(&text, &path).unwrap()),
            // Elsewhere on the path there may be text as well.
            Err(error) => prop_assert!(error.message.contains("beside the records"), "{} {}", error, mixed),
        }
    }

    #[test]
    fn any_text_is_read_as_the_whole_reader_reads_it(
        text in "(<|>|/|a|b|:|xmlns|=|'|\"| |&|;|#|x|1|!|-|\\[|\\]|CDATA|\\?|xml|é|\r|\n|<a>|</a>|<b>|</b>|<b/>|.){0,40}",
        path in prop::sample::select(vec!["a", "a/b", "a/a", "a/b/a"]),
    ) {
        match (all(&text, path), selected(&text, path)) {
            (Ok(records), Ok(whole)) => prop_assert_eq!(records, whole),
            (Err(error), Ok(_)) => prop_assert!(error.message.contains("beside the records"), "{}", error),
            (records, Err(_)) => prop_assert!(records.is_err()),
        }
    }

    #[test]
    fn bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let _ = within(&bytes, "a/b", Bounds::default());
    }
}
