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
    ("f1_minLength", "a record that is too short is read as if blanks followed"),
    ("f3_valid", "record types stand in the order of the profile, and not in any"),
];

/// Words in the names of files that are meant to be refused.
const REFUSED: [&str; 4] = ["invalid", "Errors", "minLength", "maxLength"];

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
                if stem.split('_').next() != Some(name) || file.parent() != mapping.parent() {
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
const BEANIO_LEAST: usize = 8;

/// Sends a file through a profile and back: what is accepted is written and read again without a difference.
fn served(profile: &str, body: &[u8], name: &str) -> Result<(), String> {
    let refused = REFUSED.iter().any(|word| name.contains(word));
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
        (400 | 422, true) => Ok(()),
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
    let format = stream.attribute("format").unwrap_or_default();
    if stream.elements().any(|e| e.name.local == "group") {
        return Err("groups of records".to_owned());
    }
    let records: Vec<&Element> = stream.elements().filter(|e| e.name.local == "record").collect();
    for part in stream.elements().chain(records.iter().flat_map(|record| record.elements())) {
        match part.name.local.as_str() {
            "record" | "field" | "parser" => {}
            "typeHandler" => return Err("types with a program of their own".to_owned()),
            other => return Err(format!("<{other}>")),
        }
    }
    if let Some(terminator) = property(stream, "recordTerminator")
        && !["", "\\n", "\\r\\n"].contains(&terminator)
    {
        return Err("records that end with another character".to_owned());
    }
    match (format, records.as_slice()) {
        ("csv" | "delimited", [record]) => csv(stream, record, format == "csv"),
        ("csv" | "delimited", _) => Err("several record types in CSV".to_owned()),
        ("fixedlength", records) => fixed(records),
        _ => Err(format!("format {format}")),
    }
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
    if field.attribute("typeHandler").is_some() || field.attribute("format").is_some() {
        return Err("values with a format of their own".to_owned());
    }
    if field.attribute("keepPadding").is_some() {
        return Err("blanks that are values".to_owned());
    }
    if field.attribute("minOccurs") == Some("0") {
        return Err("records with fewer fields".to_owned());
    }
    Ok(())
}

/// `type=` and `required=`.
fn facets(field: &Element) -> String {
    let integer = matches!(field.attribute("type"), Some("int" | "long" | "short"));
    let required = field.attribute("required") == Some("true");
    format!("{}{}", if integer { " type=integer" } else { "" }, if required { " required=#true" } else { "" })
}

fn csv(stream: &Element, record: &Element, quoted: bool) -> Result<String, String> {
    let delimiter = property(stream, "delimiter").unwrap_or(if quoted { "," } else { "\\t" });
    let quote = if quoted { "" } else { " quote=none" };
    let mut text = format!("profile file format=csv delimiter=\"{delimiter}\"{quote} {{\n");
    for field in record.elements() {
        check(field)?;
        text.push_str(&format!("    column {}{}\n", field.attribute("name").unwrap(), facets(field)));
    }
    Ok(text + "}\n")
}

fn fixed(records: &[&Element]) -> Result<String, String> {
    let mut text = "profile file format=fixed {\n".to_owned();
    for (index, record) in records.iter().enumerate() {
        let (mut fields, mut tag, mut next) = (String::new(), None, 0);
        for field in record.elements() {
            check(field)?;
            let literal = field.attribute("literal");
            let given = |name: &str| field.attribute(name).map(|n| n.parse::<usize>().unwrap());
            let length = given("length").or(literal.map(str::len)).ok_or("fields without a length")?;
            let at = given("position").unwrap_or(next);
            next = at + length;
            if field.attribute("rid") == Some("true") {
                tag = Some(format!(" tag={:?} at={}", literal.ok_or("tags by a pattern")?, at + 1));
                continue;
            }
            let pad = field.attribute("padding").map(|pad| format!(" pad={pad:?}")).unwrap_or_default();
            let align = field.attribute("justify").or(field.attribute("align")).unwrap_or("left");
            let name = field.attribute("name").unwrap();
            let facets = facets(field);
            fields.push_str(&format!(
                "        field {name} at={} length={length} align={align}{pad}{facets}\n",
                at + 1
            ));
        }
        let name = record.attribute("name").unwrap();
        let tag = tag.unwrap_or_default();
        text.push_str(&format!("    record {name}_{index}{tag} occurs=\"*\" {{\n{fields}    }}\n"));
    }
    Ok(text + "}\n")
}
