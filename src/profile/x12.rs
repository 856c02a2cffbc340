//! The `x12` profile format: interchanges of ANSI X12 with one transaction set, or several.

use crate::edi::Syntax;
use crate::kind::Manual;
use crate::kind::format::{DeclaredProfile, FormatKind};
use crate::profile::interchange::{self, Declared};
use crate::profile::segments::{Structure, shape, text};
use crate::schema::{AttributeShape, Occurs, Shape, ShapeKind, Simple, SimpleType};
use crate::source::Finding;
use crate::syntax::Node;

/// The kind.
pub const KIND: FormatKind = FormatKind {
    manual: Manual {
        name: "x12",
        summary: "ANSI X12 interchanges",
        usage: "profile NAME format=x12 [transaction=SET] [version=VERSION] [occurs=RANGE] [separator=CHARACTER] [component=CHARACTER] [repetition=CHARACTER] [terminator=CHARACTER] [newline=crlf|lf] [counts=#false] [encoding=CHARSET] { segment TAG [name=NAME] [occurs=RANGE] [{ element POSITION [name=NAME] [type=TYPE] [required=#true] [repeat=COUNT] [FACET=...] [{ component POSITION ... }] }]; loop NAME [occurs=RANGE] { segment TAG ...; loop NAME ... } }",
        text: "A document is one interchange: `Interchange` holds `ISA`, `Group` with `GS`, `Transaction` with `ST`, the \
               segments and `SE`, then `GE` and `IEA`. Elements are named by their positions, `BEG03`, components by one \
               more, `SV10102`; `name=` gives others. What is empty is absent. `occurs=` says how many transaction sets a \
               document holds, one without it; an operation with many=#true splits an interchange into documents of one \
               each. Without a block every segment is let through in its order; with one, segments and their order are \
               checked, and loops are elements that begin with their first segment. Segments of one tag are told apart by \
               the values= of their elements. Elements behind the last declared one of a segment are refused. Types are \
               AN, ID, B, DT, TM, R and N0 to N9: dates and times are those of XML in paths, implied decimals have their \
               point; DT has 8 digits unless digits=6. Counts and control numbers are checked on \
               reading, unless counts=#false. On writing \
               ISA06, ISA08, ISA09, ISA10 and ISA13 must be set, trailers are computed, and headers are filled from the \
               profile; what delimits comes from ISA, then from the profile.",
        example: "profile purchase-order format=x12 transaction=\"850\" version=\"004010\" {\n    segment BEG {\n        element 3 name=Number required=#true max-length=22\n        element 5 name=Date type=DT\n    }\n    loop PO1 occurs=\"1..*\" {\n        segment PO1 { element 2 name=Quantity type=R; element 4 name=Price type=R; element 7 name=Sku }\n        loop PID occurs=\"0..*\" { segment PID }\n    }\n    segment CTT occurs=\"0..1\"\n}",
    },
    read,
};

fn read(mut node: Node<'_>) -> Option<Box<dyn DeclaredProfile>> {
    let transaction = node.property::<String>("transaction");
    if let Some(set) = &transaction
        && !(set.value.len() == 3 && set.value.bytes().all(|b| b.is_ascii_digit()))
    {
        let message = format!("`{}` is not a transaction set", set.value);
        let finding = Finding::error("bad-transaction", set.span, message);
        node.report(finding.help("transaction sets have three digits, such as \"850\""));
    }
    let version = node.property::<String>("version");
    if let Some(version) = &version
        && !(matches!(version.value.len(), 6..=12)
            && version.value.bytes().take(6).all(|b| b.is_ascii_digit())
            && version.value.bytes().all(|b| b.is_ascii_alphanumeric()))
    {
        let message = format!("`{}` is not a version of X12", version.value);
        let finding = Finding::error("bad-version", version.span, message);
        node.report(finding.help("versions begin with six digits, such as \"004010\" or \"005010X222A1\""));
    }
    let common = interchange::read(node, Syntax::X12, &["ST", "SE"]);
    let (set, version) = (transaction.map(|set| set.value), version.map(|version| version.value));
    let shape = root(&common.structure, common.occurs);
    Some(Box::new(Declared::new(common, set, version, shape)))
}

/// A header or trailer of plain elements.
fn service(tag: &str, count: usize, required: &[usize], occurs: Occurs) -> Shape {
    let element = |position: usize| {
        let occurs = Occurs { min: u32::from(required.contains(&position)), max: Some(1) };
        text(&crate::edi::structure::element_name(tag, position, None), occurs)
    };
    shape(tag, occurs, ShapeKind::Children((1..=count).map(element).collect()))
}

fn root(structure: &Structure, occurs: Occurs) -> Shape {
    let string = Simple::of(SimpleType::String);
    let attribute = |name: &str| AttributeShape {
        name: name.into(),
        namespace: None,
        required: false,
        simple: string.clone(),
    };
    let mut isa = service("ISA", 16, &[6, 8, 9, 10, 13], Occurs::ONCE);
    isa.attributes = vec![attribute("separator"), attribute("terminator")];
    let st = service("ST", 3, &[], Occurs::OPTIONAL);
    let se = service("SE", 2, &[], Occurs::OPTIONAL);
    let transaction = interchange::message("Transaction", occurs, st, structure, se);
    let gs = service("GS", 8, &[], Occurs::OPTIONAL);
    let ge = service("GE", 2, &[], Occurs::OPTIONAL);
    // Several transaction sets may stand in one group or in several.
    let around = interchange::around(occurs);
    let group = shape("Group", around, ShapeKind::Children(vec![gs, transaction, ge]));
    let any = Occurs { min: 0, max: None };
    let beside = ["ISB", "ISE", "TA1", "TA3"].map(|tag| shape(tag, any, ShapeKind::Any));
    let iea = service("IEA", 2, &[], Occurs::OPTIONAL);
    let children = std::iter::once(isa).chain(beside).chain([group, iea]).collect();
    shape("Interchange", Occurs::ONCE, ShapeKind::Children(children))
}
