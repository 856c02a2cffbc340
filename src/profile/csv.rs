//! The `csv` profile format: columns between delimiters.

use std::sync::Arc;

use crate::document::charset::Charset;
use crate::document::flat::csv::{Csv, ROW};
use crate::kind::format::{DeclaredProfile, FormatKind};
use crate::kind::{Compiling, Manual};
use crate::pipeline::operation::Profile;
use crate::profile::columns::{self, nameless};
use crate::profile::csv_sample::{self, Said, Table};
use crate::profile::sample;
use crate::schema::{Occurs, Shape};
use crate::source::{Finding, Spanned};
use crate::syntax::Node;

/// The kind.
pub const KIND: FormatKind = FormatKind {
    manual: Manual {
        name: "csv",
        summary: "CSV files, their columns declared or by a sample",
        usage: "profile NAME format=csv [header=#true] [delimiter=CHARACTER] [quote=CHARACTER|none] [encoding=CHARSET] [bom=#true] [newline=crlf|lf] { column NAME [type=TYPE] [required=#true] [header=TITLE] [FACET=...] }\nprofile NAME format=csv sample=FILE [header=BOOLEAN] [delimiter=CHARACTER] [quote=CHARACTER|none] [encoding=CHARSET] [bom=BOOLEAN] [newline=crlf|lf]",
        text: "A document is rows of columns (RFC 4180). Paths start at its rows: `row/sku`, `row[1]/price`, \
               `row[sku='A']/price`; a map fills it by each SOURCE into=\"row\" { set sku from=... }. \
               With header=#true the first line names the columns, by `header=` where that is not the column's name; they \
               may then stand in any order, and one that is unknown or missing is refused. A row with more or fewer fields \
               than there are columns is refused with its line. An empty field is absent; `\"\"` is an empty text in a \
               column of type string (but absent in a file of one column, where nothing else could be written). \
               `required=#true` wants a value. Without other words the delimiter is a comma, the quote `\"`, the character \
               set utf-8 and the end of a line crlf; a tab is delimiter=\"\\t\". The character set is that of the message \
               if it names one, a byte order mark if there is one, else `encoding=`. Quotes are written only where they \
               are needed, and values as they are, also such as a spreadsheet takes for a formula.\n\nWith \
               `sample=` a saved file says all of that, as far as no word does: the delimiter (a comma, semicolon, bar or tab) \
               is the one that gives all lines the same number of fields; the first line is a header if it has names that \
               are no values, else the columns are column1, column2 and so on; a column is required if every row has a \
               value in it; types are as in the format xml. `soapstone import profile FILE` prints the same as an inline \
               profile to change.",
        example: "profile price-list format=csv header=#true delimiter=\";\" encoding=\"windows-1252\" {\n    column sku required=#true pattern=\"[A-Z]{3}-[0-9]+\"\n    column price type=decimal min=0\n    column unit header=\"Unit of measure\"\n}",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    csv: Csv,
    columns: Option<Vec<Shape>>,
}

fn read(mut node: Node<'_>) -> Option<Box<dyn DeclaredProfile>> {
    let header = node.property::<bool>("header").map(|given| given.value);
    let delimiter = node.property::<String>("delimiter");
    let quote = node.property::<String>("quote");
    let charset = columns::charset(&mut node);
    let is_marked = node.has_property("bom");
    let mark = columns::mark(&mut node, charset);
    let newline = columns::newline(&mut node);
    let mut said = Said {
        delimiter: delimiter.as_ref().and_then(|given| separator(&node, given)),
        quote: quote.as_ref().map(|given| around(&node, given)),
        header,
        charset,
    };
    let (separator, around) = (said.delimiter.unwrap_or(b','), said.quote.unwrap_or(Some(b'"')));
    if let (Some(quote), true) = (&quote, around == Some(separator)) {
        let finding = Finding::error("bad-delimiter", quote.span, "the quote and the delimiter are the same");
        node.report(finding.help("quote=none is for files without quotes"));
        said.quote = None;
    }
    if node.has_property("sample") {
        let table = sample::read_with(&mut node, "csv", |bytes| csv_sample::read(&bytes, &said));
        node.finish();
        let Table { csv, types } = table?;
        let shapes = csv_sample::shapes(&csv.columns, &types);
        let mark = if is_marked { mark } else { csv.mark };
        let csv = Csv { mark, newline: newline.unwrap_or(csv.newline), ..csv };
        return Some(Box::new(Declared { csv, columns: Some(shapes) }));
    }
    let header = header.unwrap_or(false);
    let (columns, shapes) = columns::read(&mut node, "a CSV profile", header);
    node.finish();
    let csv = Csv {
        header,
        delimiter: separator,
        quote: around,
        charset: charset.unwrap_or(Charset::Utf8),
        mark,
        newline: newline.unwrap_or("\r\n"),
        ..Csv::of(columns)
    };
    Some(Box::new(Declared { csv, columns: shapes }))
}

fn separator(node: &Node<'_>, given: &Spanned<String>) -> Option<u8> {
    character(node, given, "such as \",\", \";\", \"|\" or \"\\t\"")
}

fn around(node: &Node<'_>, given: &Spanned<String>) -> Option<u8> {
    match given.value.as_str() {
        "none" => None,
        _ => character(node, given, "such as \"\\\"\" or \"'\", or none").or(Some(b'"')),
    }
}

/// A character that can stand between or around fields.
fn character(node: &Node<'_>, given: &Spanned<String>, expected: &str) -> Option<u8> {
    match given.value.as_bytes() {
        [byte] if *byte == b'\t' || (b' '..=b'~').contains(byte) && !byte.is_ascii_alphanumeric() => {
            Some(*byte)
        }
        _ => {
            let message = "fields are separated and quoted by one character of ASCII, no letter or digit";
            let finding = Finding::error("bad-delimiter", given.span, message);
            node.report(finding.label(format!("expected {expected}")));
            None
        }
    }
}

impl DeclaredProfile for Declared {
    fn compile(&self, name: &str, _: &Compiling<'_>) -> Option<Profile> {
        let any = Occurs { min: 0, max: None };
        let row = Shape { name: ROW.into(), occurs: any, ..nameless(self.columns.clone()?) };
        let shape = Arc::new(nameless(vec![row]));
        let codec = crate::document::codec::CodecRef::Made(Arc::new(self.csv.clone()));
        Some(Profile { name: name.to_owned(), codec, shape })
    }
}
