//! The `xml` profile format: declared inline, or by a sample.

use crate::kind::format::{DeclaredProfile, FormatKind};
use crate::kind::{Compiling, Manual};
use crate::pipeline::operation::Profile;
use crate::profile::{sample, xml_element, xml_schema};
use crate::schema::{Shape, infer};
use crate::source::{Finding, Span};
use crate::syntax::Node;
use crate::xml::XML;

/// The kind.
pub const KIND: FormatKind = FormatKind {
    manual: Manual {
        name: "xml",
        summary: "XML documents, described inline, by XML Schema or by a sample",
        usage: "profile NAME format=xml { element ROOT [namespace=URI] { PART... } }\nPART: element NAME [type=TYPE] [occurs=RANGE] [nillable=#true] [FACET=...] [namespace=URI | qualified=#false] [exclude=#true] [zone=ZONE] [fraction=DIGITS] [{ PART... }]\nPART: list NAME item=NAME [items=RANGE] [occurs=RANGE] ... [{ PART... }]\nPART: attribute NAME [type=TYPE] [required=#true] [FACET=...] [qualified=#true] [exclude=#true] [zone=ZONE] [fraction=DIGITS]\nprofile NAME format=xml xsd=FILE-or-URL [root=ELEMENT] [{ xsd FILE-or-URL; part PATH [exclude=#true] [list=#true] [zone=ZONE] [fraction=DIGITS] }]\nprofile NAME format=xml sample=FILE",
        text: "One root element. An element with a block has the attributes and child elements listed there, in this order; \
               one without holds a value of its type. Elements are in the namespace of their parent unless `namespace=` \
               says otherwise, for them and what is in them; `qualified=#false` puts an element alone into none, and what is in \
               it stays where it was. Attributes are in none; `qualified=#true` puts one into the namespace that elements \
               beside it have. `occurs=` is a range such as \"0..1\" or \"1..*\"; without it an \
               element occurs exactly once. Types are the built-in types of XML Schema, such as string, integer, decimal, \
               boolean, date, dateTime, time, duration, anyURI and base64Binary. Facets are min=, max=, min-exclusive= and \
               max-exclusive= (numbers, and dates, times and durations as text), total-digits=, fraction-digits=, \
               length=, min-length=, max-length= (characters, or bytes of binary data), pattern= (a regular expression of \
               XML Schema, which matches the whole value) and values=. Documents from callers are checked strictly against it.\n\n\
               `list` is an element with nothing but items in it: `list Tags item=Tag` is <Tags><Tag>a</Tag><Tag>b</Tag></Tags>, \
               and in JSON the array \"Tags\": [\"a\", \"b\"]. `items=` says how many there may be (any number without it), \
               `occurs=` whether the list must be there; the block, the type and its facets are those of an item. Its paths \
               are those of the XML: each \"...\" into=\"Order/Tags/Tag\".\n\n\
               How documents of the profile leave, whoever made them: in the answer of an operation whose output it is, as the \
               detail of a fault and as a header block, and by the steps http, soap, publish, file, attach, encode and compress \
               where it is known that the documents are of it; and how a map to it writes them. Elsewhere in a process they stay as they are. `exclude=#true` \
               leaves a part out, whatever is copied or comes there; where \
               it is read it may be there, and never must. What cannot be read does not leave such an output. From one that is data or multipart documents leave so that are known \
               to be of the profile where the operation's own process returns them; others are never looked into. A value of type dateTime, time or date is written as it comes, \
               unless `zone=` says on whose clocks: `utc`, an offset such as \"+01:00\", or a name such as \"Europe/Berlin\" \
               (one without a zone is taken to be on those clocks already), or `none` to leave its zone out, which is all that \
               a date without a time can have; `fraction=` says with how many digits of a second, 0 to 9: what is more is cut \
               off, what is less filled with zeros. What is no date, or not of the years 1 to 9999, stays as it is.\n\n\
               What is published says so: an excluded part is in what is published of inputs, as an optional one, and not in what is \
               published of outputs, details of faults and header blocks that leave. In OpenAPI a profile for which these differ has two \
               schemas, NAME and NAME-out. In a WSDL one element of a namespace has one declaration: the part is in it where documents of that \
               element come in too. A value that `zone=` or `fraction=` rewrites is published without facets where it leaves.\n\n\
               With xsd= the profile is an XML Schema 1.0 document with all that it includes, imports and redefines, by paths \
               relative to each document; more documents are named in the block. Nothing is fetched: an import by address \
               is one of the well-known schemas that are built in, or of a document that is named here. An address in xsd= is read from \
               the cache that `soapstone wsdl update` fills: `soapstone explain wsdl-cache`. `root=` names the \
               root, `{namespace}Name` or the name alone where one element has it; a schema with one global element \
               needs none. Documents are checked by all that the schema says: content models, substitution groups, \
               xsi:type, facets, keys. Default values are not filled in. An operation over SOAP publishes the documents \
               themselves. In paths, elements of a choice are optional, those of a repeated group repeat, and what \
               derived types add is there; recursive types and very large ones may hold anything from some depth on. \
               The schema says how documents are written; `part PATH` says more of one part: exclude=#true for what the schema \
               lets be left out, `list=#true` for an element around one that repeats, zone= and fraction= as above. A \
               WSDL has the schema as it is all the same, in which what is excluded is optional. \
               xsd= takes a WSDL 1.1 too: the schemas in it and in what it imports, and one element for each message of \
               style rpc, {namespace of its soap:body}operation and {...}operationResponse, with the parts in it. \
               The type of an element is @xsi:type, read as {namespace}Name whatever the prefixes, and written so or as the name alone \
               where only one of the types that may stand there has it: set \"Order/Pet/@xsi:type\" value=Dog, or \
               value=\"{{urn:example:zoo}Dog\" (in value=, `{{` is a brace).\n\nWith \
               `sample=` a saved document says it: what repeats among siblings may repeat, what some of them lack is \
               optional, and a value is an integer, decimal, date, dateTime, time, boolean or, in doubt and with leading \
               zeros, text. `soapstone import profile FILE` prints the same as an inline profile to change.",
        example: "profile order format=xml {\n    element Order namespace=\"urn:example:orders\" {\n        attribute id type=string required=#true\n        element Placed type=dateTime zone=utc fraction=0\n        list Tags item=Tag occurs=\"0..1\" max-length=20\n        element Line occurs=\"1..*\" {\n            element Sku pattern=\"[A-Z]{3}-[0-9]+\"\n            element Quantity type=integer min=1\n        }\n    }\n}\nprofile ack format=xml sample=\"samples/ack.xml\"",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    root: Option<Shape>,
}

fn read(mut node: Node<'_>) -> Option<Box<dyn DeclaredProfile>> {
    if node.has_property("sample") {
        let root = sample::read(&mut node, &XML).map(|root| infer::xml(&[&root]));
        node.finish();
        return Some(Box::new(Declared { root }));
    }
    if node.has_property("xsd") || node.has_property("root") {
        return xml_schema::read(node);
    }
    let span = node.name_span();
    let mut roots: Vec<(Span, Option<Shape>)> = Vec::new();
    let mut broken = false;
    for child in node.children() {
        if child.name() == "element" {
            roots.push((child.name_span(), xml_element::element(child, None, 0)));
        } else {
            child.unknown("unknown-word", "a part of an XML profile", ["element"]);
            broken = true;
        }
    }
    if roots.is_empty() && !broken {
        let finding = Finding::error("empty-profile", span, "an XML profile needs a root element");
        node.report(finding.help("write element Name { ... } in it"));
    }
    if let Some((second, _)) = roots.get(1) {
        let finding = Finding::error("several-roots", *second, "an XML document has one root element");
        node.report(finding.help("make this a profile of its own, or a child of the first"));
    }
    node.finish();
    Some(Box::new(Declared { root: roots.into_iter().next().and_then(|(_, shape)| shape) }))
}

impl DeclaredProfile for Declared {
    fn compile(&self, name: &str, _: &Compiling<'_>) -> Option<Profile> {
        Some(Profile::new(name, &XML, self.root.clone()?))
    }
}
