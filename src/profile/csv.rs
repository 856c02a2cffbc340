//! The `csv` profile format: columns between delimiters.

use std::sync::Arc;

use crate::document::charset::Charset;
use crate::document::flat::Column;
use crate::document::flat::csv::{Csv, ROW};
use crate::document::flat::records::Tag;
use crate::kind::format::{DeclaredProfile, FormatKind};
use crate::kind::{Compiling, Manual};
use crate::pipeline::operation::Profile;
use crate::profile::columns::{self, nameless};
use crate::profile::csv_sample::{self, Said, Table};
use crate::profile::records::{Declares, Part, block, check_parts, same_tags};
use crate::profile::sample;
use crate::schema::{Occurs, Shape};
use crate::source::{Finding, Span, Spanned};
use crate::syntax::Node;

/// The kind.
pub const KIND: FormatKind = FormatKind {
    manual: Manual {
        name: "csv",
        summary: "CSV files, their columns declared or by a sample",
        usage: "profile NAME format=csv [header=#true] [delimiter=CHARACTER] [quote=CHARACTER|none] [encoding=CHARSET] [bom=#true] [newline=crlf|lf] [short=#true] { column NAME [type=TYPE] [required=#true] [header=TITLE] [FACET=...] | record NAME tag=TEXT [at=N] [occurs=RANGE] { column ...; record ... } | group NAME [occurs=RANGE] { record ... } }\nprofile NAME format=csv sample=FILE [header=BOOLEAN] [delimiter=CHARACTER] [quote=CHARACTER|none] [encoding=CHARSET] [bom=BOOLEAN] [newline=crlf|lf] [short=#true]",
        text: "A document is rows of columns (RFC 4180). Paths start at its rows: `row/sku`, `row[1]/price`, \
               `row[sku='A']/price`; a map fills it by each SOURCE into=\"row\" { set sku from=... }. \
               With header=#true the first line names the columns, by `header=` where that is not the column's name; they \
               may then stand in any order, and one that is unknown or missing is refused. A row with more or fewer fields \
               than there are columns is refused with its line; with short=#true its last fields may be missing. \
               With several record types each is a `record` with the tag that tells it from the others: the value of its \
               first column, or of that which `at=` counts from 1; it is written of itself. One without a tag takes what no \
               tag fits. Types come in this order and as often as `occurs=` says, once without it. A `record` in another \
               belongs to the one before it, and its element is in that one's: `order/item`. A `group` is an element around \
               its records, and no record itself: another one begins with a record that comes before the last one in it, or \
               that comes once and is there. An empty field is absent; `\"\"` is an empty text in a \
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
    /// What stands in the file: rows, or the records of its types.
    shapes: Option<Vec<Shape>>,
}

fn read(mut node: Node<'_>) -> Option<Box<dyn DeclaredProfile>> {
    let header = node.property::<bool>("header");
    let delimiter = node.property::<String>("delimiter");
    let quote = node.property::<String>("quote");
    let charset = columns::charset(&mut node);
    let is_marked = node.has_property("bom");
    let mark = columns::mark(&mut node, charset);
    let newline = columns::newline(&mut node);
    let short = node.property::<bool>("short").is_some_and(|given| given.value);
    let mut said = Said {
        delimiter: delimiter.as_ref().and_then(|given| separator(&node, given)),
        quote: quote.as_ref().map(|given| around(&node, given)),
        header: header.as_ref().map(|given| given.value),
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
        let csv = Csv { mark, newline: newline.unwrap_or(csv.newline), short, ..csv };
        return Some(Box::new(Declared { csv, shapes: Some(vec![row(shapes)]) }));
    }
    let header = header.filter(|given| given.value);
    let (base, shapes) = parts(&mut node, header.as_ref());
    node.finish();
    let csv = Csv {
        header: header.is_some(),
        delimiter: separator,
        quote: around,
        charset: charset.unwrap_or(Charset::Utf8),
        mark,
        newline: newline.unwrap_or("\r\n"),
        short,
        ..base
    };
    Some(Box::new(Declared { csv, shapes }))
}

/// Reads the columns of the profile, or its record types.
fn parts(node: &mut Node<'_>, header: Option<&Spanned<bool>>) -> (Csv, Option<Vec<Shape>>) {
    let records = node.children().iter().any(|child| matches!(child.name(), "record" | "group"));
    if !records {
        let (columns, shapes) =
            columns::read(node, "a CSV profile", header.is_some(), &["column", "record", "group"]);
        return (Csv::of(columns), shapes.map(|shapes| vec![row(shapes)]));
    }
    if let Some(header) = header {
        let message = "a header line names the columns of one record type, and here are several";
        let finding = Finding::error("header-and-records", header.span, message);
        node.report(finding.help("leave header=#true away"));
    }
    let part = block::<Column>(node, 0);
    same_tags(node, &part.tags);
    check_parts(node, &part, "a CSV profile", "column NAME");
    let Part { records, shapes, broken, .. } = part;
    (Csv::of_types(records), (!broken).then_some(shapes))
}

/// The rows of a file of these columns.
fn row(columns: Vec<Shape>) -> Shape {
    let any = Occurs { min: 0, max: None };
    Shape { name: ROW.into(), occurs: any, ..nameless(columns) }
}

impl Declares for Column {
    const WORD: &'static str = "column";

    fn name(&self) -> &str {
        &self.name
    }

    fn read(node: Node<'_>) -> Option<(Self, Shape)> {
        columns::column(node, false).map(|(column, shape, _)| (column, shape))
    }

    fn check(&self, _: &Node<'_>, _: &[(Self, Span)], _: Span) {}

    /// Reports a tag behind the last column.
    fn check_tag(node: &Node<'_>, tag: &Tag, columns: &[Self], span: Span) {
        if tag.at >= columns.len() {
            let message = format!("the tag is in column {}, and there are {}", tag.at + 1, columns.len());
            let finding = Finding::error("tag-without-column", span, message);
            node.report(finding.help("the tag is the value of a column: declare that, or say which by at=N"));
        }
    }
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
        let shape = nameless(self.shapes.clone()?);
        let codec = crate::document::codec::CodecRef::Made(Arc::new(self.csv.clone()));
        Some(Profile::new(name, codec, shape))
    }
}
