//! The `edifact` profile format: interchanges of UN/EDIFACT with one message, or several.

use crate::edi::Syntax;
use crate::edi::structure::element_name;
use crate::kind::Manual;
use crate::kind::format::{DeclaredProfile, FormatKind};
use crate::profile::interchange::{self, Declared};
use crate::profile::segments::{Structure, shape, text};
use crate::schema::{Occurs, Shape, ShapeKind};
use crate::source::Finding;
use crate::syntax::Node;

/// The kind.
pub const KIND: FormatKind = FormatKind {
    manual: Manual {
        name: "edifact",
        summary: "UN/EDIFACT interchanges",
        usage: "profile NAME format=edifact [message=TYPE] [version=VERSION] [occurs=RANGE] [groups=#true] [separator=CHARACTER] [component=CHARACTER] [repetition=CHARACTER] [terminator=CHARACTER] [release=CHARACTER] [decimal=CHARACTER] [newline=crlf|lf] [counts=#false] [encoding=CHARSET] { segment TAG [name=NAME] [occurs=RANGE] [{ element POSITION [name=NAME] [type=TYPE] [required=#true] [repeat=COUNT] [FACET=...] [{ component POSITION ... }] }]; loop NAME [occurs=RANGE] { segment TAG ...; loop NAME ... } }",
        text: "A document is one interchange: `Interchange` holds `UNA` where there is one, `UNB`, `Message` with `UNH`, \
               the segments and `UNT`, then `UNZ`; with groups=#true messages stand in `Group`, between `UNG` and `UNE`. \
               Elements are named by their positions, `BGM02`, components by one more, `DTM0102`; `name=` gives others. An \
               element with one component is plain text unless components are declared of it. `occurs=`, `counts=`, the block \
               and many=#true mean what they do in an X12 profile; a segment group is a loop. Types are a, an and n; numbers \
               have a point in paths, whatever decimal mark the interchange has. `version=` is the rest of UNH02, such as \
               \"D:96A:UN\". On writing the sender, the recipient, date, time and control reference of UNB must be set; \
               counts and trailers are computed, what delimits in data is released, and UNA is written when the \
               delimiters are not the usual ones. Characters are those that UNB01 says: UNOA and UNOB are US-ASCII, UNOC \
               is ISO-8859-1, UNOY is UTF-8; encoding= says otherwise.",
        example: "profile orders format=edifact message=\"ORDERS\" version=\"D:96A:UN\" {\n    segment BGM { element 2 name=Number required=#true }\n    segment DTM occurs=\"1..*\" { element 1 { component 1; component 2 name=Date; component 3 } }\n    loop LIN occurs=\"1..*\" {\n        segment LIN { element 3 { component 1 name=Article; component 2 } }\n        segment QTY { element 1 { component 1; component 2 name=Quantity type=n } }\n    }\n    segment UNS\n}",
    },
    read,
};

fn read(mut node: Node<'_>) -> Option<Box<dyn DeclaredProfile>> {
    let message = node.property::<String>("message");
    if let Some(kind) = &message
        && !(kind.value.len() == 6
            && kind.value.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()))
    {
        let finding =
            Finding::error("bad-transaction", kind.span, format!("`{}` is not a message type", kind.value));
        node.report(finding.help("message types have six capital letters, such as \"ORDERS\""));
    }
    let version = node.property::<String>("version");
    if let Some(version) = &version
        && !matches!(version.value.split(':').filter(|part| !part.is_empty()).count(), 3..=5)
    {
        let message = format!("`{}` is not the version of a message", version.value);
        let finding = Finding::error("bad-version", version.span, message);
        node.report(finding.help("it is version, release and agency, such as \"D:96A:UN\""));
    }
    let groups = node.property::<bool>("groups").is_some_and(|given| given.value);
    let common = interchange::read(node, Syntax::Edifact, &["UNH", "UNT"]);
    let (kind, version) = (message.map(|kind| kind.value), version.map(|version| version.value));
    let shape = root(groups, &common.structure, common.occurs);
    Some(Box::new(Declared::new(common, kind, version, shape)))
}

/// A service segment: its elements with the number of their components, 0 for plain ones; `required` is element and
/// component of what must be there.
fn service(tag: &str, elements: &[usize], required: &[(usize, usize)], occurs: Occurs) -> Shape {
    let is_required = |position: usize, component: usize| {
        let is = |(at, inner): &(usize, usize)| *at == position && (component == 0 || *inner == component);
        Occurs { min: u32::from(required.iter().any(is)), max: Some(1) }
    };
    let element = |(index, components): (usize, &usize)| {
        let position = index + 1;
        let name = element_name(tag, position, None);
        let component =
            |component| text(&element_name(tag, position, Some(component)), is_required(position, component));
        match components {
            0 => text(&name, is_required(position, 0)),
            _ => {
                let inner = (1..=*components).map(component).collect();
                shape(&name, is_required(position, 0), ShapeKind::Children(inner))
            }
        }
    };
    shape(tag, occurs, ShapeKind::Children(elements.iter().enumerate().map(element).collect()))
}

fn root(groups: bool, structure: &Structure, occurs: Occurs) -> Shape {
    let needed = [(2, 1), (3, 1), (4, 1), (4, 2), (5, 0)];
    let unb = service("UNB", &[4, 4, 4, 2, 0, 2, 0, 0, 0, 0, 0], &needed, Occurs::ONCE);
    let unh = service("UNH", &[0, 7, 0, 2, 4, 4, 4], &[], Occurs::OPTIONAL);
    let unt = service("UNT", &[0, 0], &[], Occurs::OPTIONAL);
    let message = interchange::message("Message", occurs, unh, structure, unt);
    let inner = match groups {
        false => message,
        true => {
            let ung = service("UNG", &[0, 2, 2, 2, 0, 0, 3, 0], &[], Occurs::OPTIONAL);
            let une = service("UNE", &[0, 0], &[], Occurs::OPTIONAL);
            let around = interchange::around(occurs);
            shape("Group", around, ShapeKind::Children(vec![ung, message, une]))
        }
    };
    let una = text("UNA", Occurs::OPTIONAL);
    let unz = service("UNZ", &[0, 0], &[], Occurs::OPTIONAL);
    shape("Interchange", Occurs::ONCE, ShapeKind::Children(vec![una, unb, inner, unz]))
}
