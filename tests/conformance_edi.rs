//! Conformance of X12 and EDIFACT against the files of other libraries' tests.
#![cfg(feature = "conformance")]
#![allow(clippy::disallowed_methods, reason = "tests read files and the environment")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop at the first surprise"
)]
#![allow(clippy::print_stdout, reason = "the counts are the result")]

#[path = "support/corpora.rs"]
mod corpora;
#[path = "support/tally.rs"]
mod tally;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use soapstone::document::charset::Charset;
use soapstone::document::codec::{Codec, Limits};
use soapstone::document::tree::{Content, Element, Name, Node};
use soapstone::edi::structure::element_name;
use soapstone::edi::{Defaults, Edi, Syntax};
use soapstone::xml::XML;

use tally::Tally;

/// Files that are not interchanges, or wrong ones, with a part of the message that refuses them.
const REFUSED: &[(&str, &str)] = &[
    ("TRADACOMS/order.edi", TRADACOMS),
    ("TRADACOMS/order-blocked.edi", TRADACOMS),
    ("TRADACOMS/order-extra-mhd-data.edi", TRADACOMS),
    ("wrapped_invoic_d97b.edi", "not of the set that the interchange says"),
    ("sample275_with_HL7_invalid_BIN01.edi", "no segment ends there"),
    ("x12_bad_first_line.txt", "ISA02 must be 10 characters long"),
    ("orders-with-group.edi", COUNT),
    ("x12_complex.txt", COUNT),
    ("x12_loop_errors1_exceeds_max_1_parent.txt", COUNT),
    ("x12_loop_errors2_exceeds_max_repeats_multiple_parents.txt", COUNT),
    ("x12_missing_elements.txt", COUNT),
    ("x12_missing_required_loops_mult_repeats.txt", COUNT),
    ("x12_multiple_gs.txt", COUNT),
    ("x12_multiple_st.txt", COUNT),
    ("x12_segment_errors.txt", COUNT),
    ("x12_valid_different_separators.txt", COUNT),
    ("x223-test.txt", COUNT),
];

/// A third family of rules, of which no profile is.
const TRADACOMS: &str = "begins with ISA";

/// The segments are fewer or more than the trailer says. Read all the same with counts=#false.
const COUNT: &str = " segments, and ";

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn syntax(text: &str) -> Syntax {
    if text.trim_start().starts_with("UN") { Syntax::Edifact } else { Syntax::X12 }
}

/// The tree without trailers, whose counts are made anew.
fn untrailed(mut element: Element) -> Element {
    if let Content::Children(nodes) = &mut element.content {
        let trailers = ["SE", "GE", "IEA", "UNT", "UNE", "UNZ"];
        let kept = std::mem::take(nodes).into_iter().filter_map(|node| match node {
            Node::Element(inner) if trailers.contains(&inner.name.local.as_str()) => None,
            Node::Element(inner) => Some(Node::Element(untrailed(inner))),
            text => Some(text),
        });
        *nodes = kept.collect();
    }
    element
}

/// The interchanges of a file, which may hold several of X12: each `ISA` that begins the file or stands behind the end of
/// a segment, which the 106th character is.
fn interchanges(text: &str) -> Vec<&str> {
    let first = text.trim_start();
    let Some(end) = first.chars().nth(105).filter(|_| first.starts_with("ISA")) else { return vec![text] };
    let begins = |at: &usize| text[..*at].trim_end().is_empty() || text[..*at].trim_end().ends_with(end);
    let mut starts: Vec<usize> = text.match_indices("ISA").map(|(at, _)| at).filter(begins).collect();
    starts.push(text.len());
    starts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect()
}

/// Reads a file of one or several interchanges, and what is written of each must read the same.
fn read(text: &str, codec: &Edi) -> Result<usize, String> {
    let decode = |bytes: Bytes| codec.decode(&bytes, &Limits::default()).map_err(|error| error.to_string());
    let all = interchanges(text);
    for one in &all {
        let root = decode(Bytes::copy_from_slice(one.as_bytes()))?;
        let mut out = Vec::new();
        codec.encode(&root, &mut out).map_err(|error| format!("cannot be written: {error}"))?;
        // Strictly: what is written is right.
        let again =
            Edi { defaults: Defaults { checked: true, ..codec.defaults.clone() }, ..Edi::any(codec.syntax) };
        let again = again.decode(&Bytes::from(out), &Limits::default()).unwrap();
        match codec.defaults.checked {
            true => assert_eq!(again, root, "{one}"),
            false => assert_eq!(untrailed(again), untrailed(root), "{one}"),
        }
    }
    Ok(all.len())
}

#[test]
fn every_interchange_is_read_or_refused_with_a_reason() {
    let mut tally = Tally::new("edi interchanges");
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    let root = corpora::folder("edi");
    let mut all = Vec::new();
    files(&root, &mut all);
    let is_interchange = |path: &PathBuf| {
        let name = path.to_string_lossy();
        (name.ends_with(".edi") || name.ends_with(".txt")) && !name.ends_with("-expected.txt")
    };
    for path in all.into_iter().filter(is_interchange) {
        let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        let codec = Edi::any(syntax(&text));
        let expected = REFUSED.iter().find(|(file, _)| name.ends_with(file)).map(|(_, reason)| *reason);
        match (read(&text, &codec), expected) {
            (Ok(_), None) => tally.pass(),
            (Ok(_), Some(reason)) => tally.fail(&name, &format!("read, and it should be refused: {reason}")),
            (Err(error), Some(reason)) if error.contains(reason) => {
                *refused.entry(reason.to_owned()).or_default() += 1;
                tally.pass_with(&error);
                let liberal =
                    Defaults { checked: false, charset: Some(Charset::Utf8), ..Defaults::of(codec.syntax) };
                let liberal = Edi { defaults: liberal, ..codec };
                match (read(&text, &liberal), reason == COUNT || name.ends_with("wrapped_invoic_d97b.edi")) {
                    (Ok(_), true) => tally.pass(),
                    (Err(error), true) => tally.fail(&name, &format!("refused though liberal: {error}")),
                    (read, false) => assert!(read.is_err(), "{name}"),
                }
            }
            (Err(error), _) => tally.fail(&name, &error),
        }
    }
    for (reason, count) in refused {
        println!("  refused as they should be ({count}): ...{reason}...");
    }
    // 29 files, and 12 of them liberally.
    tally.finish(41);
}

/// The documents in XML that have no interchange beside them, or one.
const XML_TREES: &[(&str, Option<&str>)] = &[
    ("invoice810_po850_dual.xml", Some("invoice810_po850_dual.edi")),
    ("issue134/repeated-ctx-ctx01.xml", None),
    ("invalid999_transformed.xml", None),
    ("impl-ack-with-segment-impl-codes.xml", None),
];

/// A tree as that library shapes it, as ours: loops and the wrapper around a transaction set away, names by position,
/// what is empty absent, the padding of `ISA` away.
fn ours(theirs: &Element) -> Element {
    let mut root = Element::new(Name::local("Interchange"));
    flattened(theirs, &mut root);
    root
}

fn flattened(theirs: &Element, into: &mut Element) {
    for child in theirs.elements() {
        let (kind, name) = (child.name.namespace.as_deref().unwrap_or_default(), child.name.local.as_str());
        match name {
            _ if kind.ends_with(":segments") => into.push(segment(child)),
            "GROUP" | "TRANSACTION" => {
                let ours = if name == "GROUP" { "Group" } else { "Transaction" };
                let mut holder = Element::new(Name::local(ours));
                flattened(child, &mut holder);
                into.push(holder);
            }
            _ => flattened(child, into),
        }
    }
}

fn segment(theirs: &Element) -> Element {
    // Elements are named by the tag also where the segment is not.
    let first = theirs.elements().next().map(|element| element.name.local.as_str());
    let tag = first.and_then(|name| name.get(..name.len() - 2)).unwrap_or(&theirs.name.local).to_owned();
    let mut segment = Element::new(Name::local(tag.clone()));
    for element in theirs.elements() {
        let name = element.name.local.clone();
        let mut ours = Element::new(Name::local(name.clone()));
        match element.leaf() {
            Some(text) if tag == "ISA" => ours.content = Content::Text(text.trim_end().into()),
            Some(text) => ours.content = Content::Text(text.into()),
            None => {
                let components: Vec<(usize, &str)> = element
                    .elements()
                    .map(|part| {
                        (part.name.local.rsplit('-').next().unwrap().parse().unwrap(), part.leaf().unwrap())
                    })
                    .collect();
                match components.as_slice() {
                    [(1, only)] => ours.content = Content::Text((*only).into()),
                    several => {
                        for (component, text) in several {
                            let name = element_name(&name, *component, None);
                            ours.push(Element::with(Name::local(name), Content::Text((*text).into())));
                        }
                    }
                }
            }
        }
        if ours.content != Content::Text("".into()) {
            segment.push(ours);
        }
    }
    segment
}

#[test]
fn trees_are_those_of_the_expected_xml() {
    let mut tally = Tally::new("edi expected XML");
    let folder = corpora::folder("edi/staedi/src/test/resources/x12");
    for (file, interchange) in XML_TREES {
        let text = fs::read_to_string(folder.join(file)).unwrap().replace("<!DOCTYPE INTERCHANGE>", "");
        let expected = ours(&XML.decode(&Bytes::from(text), &Limits::default()).unwrap());
        let codec = Edi::any(Syntax::X12);
        let mut out = Vec::new();
        codec.encode(&expected, &mut out).unwrap();
        let written = codec.decode(&Bytes::from(out), &Limits::default()).unwrap();
        assert_eq!(untrailed(written), untrailed(expected.clone()), "{file}");
        if let Some(interchange) = interchange {
            let bytes = Bytes::from(fs::read(folder.join(interchange)).unwrap());
            assert_eq!(codec.decode(&bytes, &Limits::default()).unwrap(), expected, "{file}");
        }
        tally.pass();
    }
    tally.skip("nests HL loops by the parents that their data names; loops here are declared");
    tally.finish(4);
}
