//! Conformance of CSV and fixed-width files against the suites of others: csv-spectrum, and the files of BeanIO.
#![cfg(feature = "conformance")]
#![allow(clippy::disallowed_methods, reason = "tests read files and the environment")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop at the first surprise"
)]
#![allow(clippy::print_stdout, reason = "the counts are the result")]

#[path = "support/corpora.rs"]
mod corpora;
mod support;
#[path = "support/tally.rs"]
mod tally;

use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde_json::{Map, Value};
use soapstone::document::codec::{Codec, Limits};
use soapstone::document::flat::csv::Csv;
use soapstone::document::flat::{Column, Holds};
use soapstone::document::tree::Element;
use soapstone::xml::XML;

use support::{Gateway, call};
use tally::Tally;

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Files of csv-spectrum that are read otherwise, each with its reason.
const SPECTRUM_OTHERWISE: &[(&str, &str)] = &[
    ("location_coordinates", "the expectation has another telephone number than the file"),
    ("newlines_crlf", "the file has lost the CR LF in its value, which the expectation still has"),
];

#[test]
fn csv_spectrum() {
    let mut tally = Tally::new("csv-spectrum");
    for path in files(&corpora::folder("flat/csv-spectrum/csvs"), "csv") {
        let name = path.file_stem().unwrap().to_str().unwrap();
        if let Some((_, reason)) = SPECTRUM_OTHERWISE.iter().find(|(other, _)| *other == name) {
            tally.skip(reason);
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let expected = fs::read_to_string(path.with_file_name(format!("../json/{name}.json"))).unwrap();
        // One row is an object, several are an array of them.
        let expected: Vec<Map<String, Value>> = match serde_json::from_str(&expected).unwrap() {
            Value::Object(row) => vec![row],
            rows => serde_json::from_value(rows).unwrap(),
        };
        let csv = Csv { header: true, ..Csv::of(columns(&bytes)) };
        match spectrum(&csv, bytes, &expected) {
            Ok(()) => tally.pass(),
            Err(why) => tally.fail(name, &why),
        }
    }
    tally.finish(5);
}

/// Columns by the header line, which has no quotes in these files.
fn columns(bytes: &[u8]) -> Vec<Column> {
    let text = std::str::from_utf8(bytes).unwrap();
    let header = text.lines().next().unwrap();
    let column = |name: &str| Column { name: name.into(), title: name.into(), holds: Holds::Text };
    header.split(',').map(column).collect()
}

fn spectrum(csv: &Csv, bytes: Vec<u8>, expected: &[Map<String, Value>]) -> Result<(), String> {
    let decode =
        |bytes: Vec<u8>| csv.decode(&Bytes::from(bytes), &Limits::default()).map_err(|m| m.to_string());
    let root = decode(bytes)?;
    let rows: Vec<&Element> = root.elements().collect();
    if rows.len() != expected.len() {
        return Err(format!("{} rows, expected {}", rows.len(), expected.len()));
    }
    for (row, expected) in rows.iter().zip(expected) {
        for column in &csv.columns {
            let found = row.child(&column.name).and_then(Element::leaf).unwrap_or_default();
            if Some(found) != expected[column.name.as_str()].as_str() {
                return Err(format!(
                    "{}: found {found:?}, expected {}",
                    column.name,
                    expected[column.name.as_str()]
                ));
            }
        }
    }
    let mut written = Vec::new();
    csv.encode(&root, &mut written).map_err(|unwritable| unwritable.to_string())?;
    if decode(written)? == root { Ok(()) } else { Err("it reads back as another".to_owned()) }
}

/// Files of BeanIO that are read otherwise, each with its reason.
const BEANIO_OTHERWISE: &[(&str, &str)] = &[
    ("f", "positions that count wide characters twice"),
    ("f3_valid", "record types stand in the order of the profile, and not in any"),
];

/// Words in the names of files that are meant to be refused.
const REFUSED: [&str; 4] = ["invalid", "Errors", "minLength", "maxLength"];

/// Files of other names that have wrong values on purpose, each with one of them.
const WRONG_VALUES: &[(&str, &str)] = &[("ml1", "2012-02-100")];

#[test]
fn beanio() {
    let mut tally = Tally::new("BeanIO");
    let folder = corpora::folder("flat/beanio/test");
    for mapping in files(&folder, "xml") {
        let bytes = Bytes::from(fs::read(&mapping).unwrap());
        let Ok(root) = XML.decode(&bytes, &Limits::default()) else { continue };
        for stream in root.elements().filter(|e| e.name.local == "stream") {
            let Some(name) = stream.attribute("name") else { continue };
            for file in files(mapping.parent().unwrap(), "txt") {
                let stem = file.file_stem().unwrap().to_str().unwrap();
                if stem.split('_').next() != name.split('_').next() || file.parent() != mapping.parent() {
                    continue;
                }
                if name.ends_with("_not_strict") {
                    tally.skip("records in any order, in streams that are not strict");
                    continue;
                }
                if let Some((_, reason)) = BEANIO_OTHERWISE.iter().find(|(other, _)| *other == stem) {
                    tally.skip(reason);
                    continue;
                }
                match profile(stream) {
                    Err(reason) => tally.skip(&reason),
                    Ok(profile) => match served(&profile, &fs::read(&file).unwrap(), stem) {
                        Ok(()) => tally.pass(),
                        Err(why) => tally.fail(stem, &format!("{why}\n{profile}")),
                    },
                }
            }
        }
    }
    tally.finish(BEANIO_LEAST);
}

/// How many files of BeanIO passed before.
const BEANIO_LEAST: usize = 21;

/// Sends a file through a profile and back: what is accepted is written and read again without a difference.
fn served(profile: &str, body: &[u8], name: &str) -> Result<(), String> {
    let wrong = WRONG_VALUES.iter().find(|(file, _)| *file == name).map(|(_, value)| *value);
    let refused = wrong.is_some() || REFUSED.iter().any(|word| name.contains(word));
    let gateway = Gateway::start(&format!(
        "listener web bind=\"127.0.0.1:0\"\n{profile}\nmap same from=file to=file {{ copy }}\n\
         operation file {{ action execute; object File; input file; output file; process {{ map same; return }} }}\n"
    ));
    let send = |body: &[u8]| {
        let media = [("Content-Type", "text/plain")];
        call(gateway.address("web"), "POST", "/ws/simple/executeFile", &media, body)
    };
    let first = send(body);
    match (first.status, refused) {
        (400 | 422, true) if wrong.is_none_or(|value| first.body.contains(value)) => Ok(()),
        (200, false) => {
            let second = send(first.body.as_bytes());
            let same = second.status == 200 && second.body == first.body;
            if same { Ok(()) } else { Err(format!("it reads back as another: {}", second.body)) }
        }
        (status, _) => Err(format!("answered with {status}: {}", first.body)),
    }
}

/// A stream as a profile of ours; or why there is none.
fn profile(stream: &Element) -> Result<String, String> {
    if let Some(terminator) = property(stream, "recordTerminator")
        && !["", "\\n", "\\r\\n"].contains(&terminator)
    {
        return Err("records that end with another character".to_owned());
    }
    let format = stream.attribute("format").unwrap_or_default();
    let csv = match format {
        "csv" | "delimited" => true,
        "fixedlength" => false,
        _ => return Err(format!("format {format}")),
    };
    let single = match records(stream).as_slice() {
        [record] if csv => record.name.local == "record" && !record.elements().any(is_tag),
        _ => false,
    };
    let mut body = String::new();
    for part in stream.elements() {
        match part.name.local.as_str() {
            "parser" => {}
            "record" if single => body.push_str(&columns_of(part)?.0),
            "record" | "group" => declare(part, csv, &mut body)?,
            "typeHandler" => return Err("types with a program of their own".to_owned()),
            other => return Err(format!("<{other}>")),
        }
    }
    Ok(format!("profile file format={} {{\n{body}}}\n", properties(stream, format)))
}

/// The properties of a profile.
fn properties(stream: &Element, format: &str) -> String {
    let mut all = Vec::new();
    collect_records(stream, &mut all);
    let lengths =
        |name: &str| all.iter().filter_map(|record| record.attribute(name)?.parse::<usize>().ok()).max();
    if format == "fixedlength" {
        let length = lengths("maxLength").map(|length| format!(" length={length}")).unwrap_or_default();
        // Without strict and lengths of their own BeanIO, too, reads shorter records.
        let whole = stream.attribute("strict") == Some("true");
        return format!("fixed{length}{}", if whole { " short=#false" } else { "" });
    }
    let fewer = |record: &&Element| {
        let least = record.attribute("minLength").and_then(|least| least.parse::<usize>().ok());
        let optional = |field: &Element| field.attribute("minOccurs") == Some("0");
        least.is_some_and(|least| least < record.elements().count()) || record.elements().any(optional)
    };
    let short = if all.iter().any(fewer) { " short=#true" } else { "" };
    let quoted = format == "csv";
    let delimiter = property(stream, "delimiter").unwrap_or(if quoted { "," } else { "\\t" });
    let quote = if quoted { "" } else { " quote=none" };
    format!("csv delimiter=\"{delimiter}\"{quote}{short}")
}

fn records(parent: &Element) -> Vec<&Element> {
    parent.elements().filter(|e| matches!(e.name.local.as_str(), "record" | "group")).collect()
}

/// All records, with those in groups.
fn collect_records<'e>(parent: &'e Element, all: &mut Vec<&'e Element>) {
    for record in records(parent) {
        if record.name.local == "record" {
            all.push(record);
        }
        collect_records(record, all);
    }
}

fn is_tag(field: &Element) -> bool {
    field.name.local == "field" && field.attribute("rid") == Some("true")
}

/// Declares a record or a group with what is in it.
fn declare(part: &Element, csv: bool, text: &mut String) -> Result<(), String> {
    let name = part.attribute("name").unwrap();
    let occurs = occurs(part);
    if part.name.local == "group" {
        text.push_str(&format!("group {name} occurs={occurs:?} {{\n"));
        for inner in records(part) {
            declare(inner, csv, text)?;
        }
        text.push_str("}\n");
        return Ok(());
    }
    let (fields, tag) = if csv { columns_of(part)? } else { fields_of(part)? };
    let tag = tag.unwrap_or_default();
    text.push_str(&format!("record {name}{tag} occurs={occurs:?} {{\n{fields}}}\n"));
    Ok(())
}

/// `occurs=` of a record or group; without a word any number.
fn occurs(part: &Element) -> String {
    let given = part.attribute("occurs");
    let (least, most) = match given {
        Some(given) if given.ends_with('+') => (given.trim_end_matches('+'), "*"),
        Some(given) => given.split_once('-').unwrap_or((given, given)),
        None => (part.attribute("minOccurs").unwrap_or("0"), part.attribute("maxOccurs").unwrap_or("*")),
    };
    format!("{least}..{}", if most == "unbounded" { "*" } else { most })
}

/// The fields of a record; a property is none, it has no place in the file.
fn fields(record: &Element) -> Result<Vec<&Element>, String> {
    if record.attribute("ridLength").is_some() {
        return Err("tags by the number of fields".to_owned());
    }
    let mut fields = Vec::new();
    for part in record.elements() {
        match part.name.local.as_str() {
            "field" => fields.push(part),
            "property" => {}
            other => return Err(format!("<{other}>")),
        }
    }
    Ok(fields)
}

fn property<'e>(stream: &'e Element, name: &str) -> Option<&'e str> {
    let parser = stream.child("parser")?;
    let is = |e: &&Element| e.name.local == "property" && e.attribute("name") == Some(name);
    parser.elements().find(is)?.attribute("value")
}

/// What profiles have no word for.
fn check(field: &Element) -> Result<(), String> {
    let several = |name: &str| field.attribute(name).is_some_and(|n| n != "1" && n != "0");
    if field.attribute("collection").is_some() || several("maxOccurs") || several("occurs") {
        return Err("fields that repeat".to_owned());
    }
    if field.attribute("length") == Some("unbounded") {
        return Err("fields without a length".to_owned());
    }
    // The lexical form of xs:date.
    let date = field.attribute("format") == Some("yyyy-MM-dd");
    let known = matches!(field.attribute("type"), None | Some("int" | "long" | "short" | "char"));
    let own = field.attribute("format").is_some() || !known;
    if field.attribute("typeHandler").is_some() || (own && !date) {
        return Err("values with a format of their own".to_owned());
    }
    if field.attribute("keepPadding").is_some() {
        return Err("blanks that are values".to_owned());
    }
    Ok(())
}

/// `type=`, `required=` and what values are checked for.
fn facets(field: &Element) -> String {
    let kind = match field.attribute("type") {
        _ if field.attribute("format").is_some() => " type=date",
        Some("int" | "long" | "short") => " type=integer",
        _ => "",
    };
    let required = if field.attribute("required") == Some("true") { " required=#true" } else { "" };
    let facet = |ours: &str, theirs: &str| {
        let given = field.attribute(theirs).filter(|_| !is_tag(field));
        given.map(|given| format!(" {ours}={given}")).unwrap_or_default()
    };
    format!("{kind}{required}{}{}", facet("min-length", "minLength"), facet("max-length", "maxLength"))
}

type Fields = (String, Option<String>);

fn columns_of(record: &Element) -> Result<Fields, String> {
    let (mut text, mut tag) = (String::new(), None);
    for (index, field) in fields(record)?.into_iter().enumerate() {
        check(field)?;
        if is_tag(field) {
            tag = Some(tag_of(field, index)?);
        }
        text.push_str(&format!("    column {}{}\n", field.attribute("name").unwrap(), facets(field)));
    }
    Ok((text, tag))
}

fn tag_of(field: &Element, at: usize) -> Result<String, String> {
    Ok(format!(" tag={:?} at={}", field.attribute("literal").ok_or("tags by a pattern")?, at + 1))
}

fn fields_of(record: &Element) -> Result<Fields, String> {
    let (mut text, mut tag, mut next) = (String::new(), None, 0);
    for field in fields(record)? {
        check(field)?;
        let literal = field.attribute("literal");
        let given = |name: &str| field.attribute(name).map(|n| n.parse::<usize>().unwrap());
        let length = given("length").or(literal.map(str::len)).ok_or("fields without a length")?;
        let at = given("position").unwrap_or(next);
        next = at + length;
        if is_tag(field) {
            tag = Some(tag_of(field, at)?);
            continue;
        }
        let pad = field.attribute("padding").map(|pad| format!(" pad={pad:?}")).unwrap_or_default();
        let align = field.attribute("justify").or(field.attribute("align")).unwrap_or("left");
        let name = field.attribute("name").unwrap();
        let facets = facets(field);
        let at = at + 1;
        text.push_str(&format!("    field {name} at={at} length={length} align={align}{pad}{facets}\n"));
    }
    Ok((text, tag))
}
