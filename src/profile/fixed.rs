//! The `fixed` profile format: files of fixed-width records.

use std::sync::Arc;

use crate::document::charset::Charset;
use crate::document::codec::CodecRef;
use crate::document::flat::fixed::{Field, Fixed, Framing, Record};
use crate::kind::format::{DeclaredProfile, FormatKind};
use crate::kind::{Compiling, Manual};
use crate::pipeline::operation::Profile;
use crate::profile::columns::{self, nameless};
use crate::profile::records::{Part, block, check_parts, same_tags};
use crate::schema::{Occurs, Shape};
use crate::source::{Finding, Spanned};
use crate::syntax::Node;

/// The kind.
pub const KIND: FormatKind = FormatKind {
    manual: Manual {
        name: "fixed",
        summary: "files of fixed-width records, their fields declared by position",
        usage: "profile NAME format=fixed [encoding=CHARSET] [newline=crlf|lf] [length=N] [line=#false] [short=#false] { field NAME at=N length=N [type=TYPE] [required=#true] [pad=CHARACTER] [align=left|right] [decimals=N] [FACET=...] | record NAME tag=TEXT [at=N] [occurs=RANGE] { field ...; record ... } | group NAME [occurs=RANGE] { record ... } }",
        text: "A document is records of fields, which stand at fixed positions: `at=` is the first, counted from 1, and \
               `length=` how many characters there are. With fields alone every record is a `row`, and paths are such as \
               `row[1]/sku`. With several record types each is a `record` with the tag that tells it from the others, at \
               position `at=`, 1 without it; one without a tag takes what no tag fits. Types come in this order and as \
               often as `occurs=` says, once without it. A `record` in another belongs to the one before it, and its \
               element is in that one's: `header/detail`. A `group` is an element around its records, \
               and no record itself: another one begins with a record that comes before the last one in it, or that comes \
               once and is there. A map fills it by each SOURCE into=\"header/detail\" { ... }. \
               A field of blanks is absent. Text stands left and numbers right, unless `align=` says otherwise, among \
               blanks or what `pad=` says; zeros come behind the sign. decimals=2 takes the last two digits as those \
               behind a point that is not written. What is too long, or has more decimals, is refused and never cut; so \
               are records with anything behind `length=`, without it behind the last field. Records that are shorter are \
               read as if blanks followed, or refused with short=#false. line=#false is for records of `length=` characters without ends of lines. The \
               character set is that of the message if it names one, else `encoding=`, else utf-8. Positions count \
               characters.",
        example: "profile legacy format=fixed encoding=\"iso-8859-1\" {\n    record header tag=\"H\" {\n        field order at=2 length=8 required=#true\n        record detail tag=\"D\" occurs=\"1..*\" {\n            field sku at=2 length=12\n            field quantity at=14 length=6 type=integer pad=\"0\" align=right\n            field price at=20 length=9 type=decimal pad=\"0\" align=right decimals=2\n        }\n    }\n    record trailer tag=\"T\" {\n        field count at=2 length=6 type=integer\n    }\n}",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    fixed: Fixed,
    shapes: Option<Vec<Shape>>,
}

/// The name of the element of a record, where the profile has fields alone.
const ROW: &str = "row";

fn read(mut node: Node<'_>) -> Option<Box<dyn DeclaredProfile>> {
    let charset = columns::charset(&mut node).unwrap_or(Charset::Utf8);
    let newline = columns::newline(&mut node).unwrap_or("\r\n");
    let length = node.property::<u16>("length");
    let line = node.property::<bool>("line").filter(|given| !given.value);
    let short = node.property::<bool>("short").is_none_or(|given| given.value);
    let part = block::<Field>(&mut node, 0);
    same_tags(&node, &part.tags);
    check_parts(&node, &part, "a profile of fixed-width records", "field NAME at=1 length=10");
    let Part { mut records, mut shapes, fields, field_shapes, broken, .. } = part;
    if records.is_empty() && !fields.is_empty() {
        let row = Record {
            name: ROW.into(),
            tag: None,
            fields,
            records: Vec::new(),
            length: 0,
            group: false,
            once: false,
        };
        records.push(row);
        let any = Occurs { min: 0, max: None };
        shapes.push(Shape { name: ROW.into(), occurs: any, ..nameless(field_shapes) });
    }
    let framing = framing(&node, &mut records, length.as_ref(), line.is_some(), newline);
    node.finish();
    let whole = !broken && !shapes.is_empty();
    let fixed = Fixed::new(records, framing, charset);
    let fixed = if short { fixed } else { fixed.whole() };
    Some(Box::new(Declared { fixed, shapes: whole.then_some(shapes) }))
}

/// Gives every record its length, and says how they follow each other.
fn framing(
    node: &Node<'_>,
    records: &mut [Record],
    length: Option<&Spanned<u16>>,
    blocks: bool,
    newline: &'static str,
) -> Framing {
    let longest = measure(records, length.map(|length| usize::from(length.value)));
    if let Some(length) = length.filter(|length| usize::from(length.value) < longest) {
        let message = format!("the records need {longest} characters");
        let finding = Finding::error("short-record", length.span, message);
        node.report(finding.help("make length= greater, or the fields end earlier"));
    }
    match (blocks, length) {
        (false, _) => Framing::Lines(newline),
        (true, Some(length)) => Framing::Blocks(usize::from(length.value)),
        (true, None) => {
            let message = "records without ends of lines need a length";
            let finding = Finding::error("missing-property", node.name_span(), message);
            node.report(finding.label("add length=..."));
            Framing::Blocks(1)
        }
    }
}

/// Gives the records their length, and tells what the longest needs.
fn measure(records: &mut [Record], length: Option<usize>) -> usize {
    let mut longest = 0;
    for record in records {
        let needs = record.needs();
        record.length = length.unwrap_or(needs).max(needs);
        longest = longest.max(needs).max(measure(&mut record.records, length));
    }
    longest
}

impl DeclaredProfile for Declared {
    fn compile(&self, name: &str, _: &Compiling<'_>) -> Option<Profile> {
        let shape = nameless(self.shapes.clone()?);
        let codec = CodecRef::Made(Arc::new(self.fixed.clone()));
        Some(Profile::new(name, codec, shape))
    }
}
