//! The profile of a CSV sample as `gateway.kdl` has it: the words that differ from the usual ones, and the columns.

use std::fmt::Write as _;

use super::kdl::{quoted, word};
use crate::document::charset::Charset;
use crate::document::flat::csv::Csv;
use crate::profile::csv_sample::Table;
use crate::schema::SimpleType;

/// The words behind `format=csv`, each with a space before it.
pub fn words(csv: &Csv) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let mut add = |name: &str, value: &str| {
        let _ = write!(text, " {name}={value}");
    };
    if csv.header {
        add("header", "#true");
    }
    if csv.delimiter != b',' {
        add("delimiter", &quoted(&char::from(csv.delimiter).to_string()));
    }
    match csv.quote {
        Some(b'"') => {}
        Some(quote) => add("quote", &quoted(&char::from(quote).to_string())),
        None => add("quote", "none"),
    }
    if csv.charset != Charset::Utf8 {
        add("encoding", &quoted(csv.charset.name()));
    }
    if csv.mark {
        add("bom", "#true");
    }
    if csv.newline == "\n" {
        add("newline", "lf");
    }
    text
}

/// The columns of the block.
pub fn columns(table: &Table) -> String {
    let mut text = String::new();
    for (column, (base, required)) in table.csv.columns.iter().zip(&table.types) {
        // Writing to a String cannot fail.
        let _ = write!(text, "    column {}", word(&column.name));
        if *base != SimpleType::String {
            let _ = write!(text, " type={}", base.name());
        }
        if *required {
            text.push_str(" required=#true");
        }
        if column.title != column.name {
            let _ = write!(text, " header={}", quoted(&column.title));
        }
        text.push('\n');
    }
    text
}
