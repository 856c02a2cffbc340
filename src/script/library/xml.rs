//! The package `xml`: texts of XML as elements, and elements as texts of XML.

use rhai::Dynamic;

use super::arguments::through;
use super::{Function, Package};
use crate::document::codec::Limits;
use crate::script::place::{Place, Tree};
use crate::script::view::{Raised, View, raise};
use crate::xml;

pub(super) const PACKAGE: Package = Package {
    name: "xml",
    summary: "XML in texts, such as a field that holds a document; a document type declaration is refused.",
    functions: &[
        Function {
            name: "escape",
            signature: "xml::escape(value)",
            summary: "The text as it stands in XML, in an element or between the quotes of an attribute.",
            example: r#"xml::escape("a < b & c")"#,
            result: "a &lt; b &amp; c",
            checks: &[],
            register: |r| {
                r.add(|value: Dynamic| {
                    through(&value, |text| {
                        let mut out = Vec::with_capacity(text.len());
                        xml::escape_attribute(text, &mut out);
                        utf8(out)
                    })
                });
            },
        },
        Function {
            name: "parse",
            signature: "xml::parse(text)",
            summary: "The document that a text of XML says, read as `doc` is: its one member is the root element; an error when it is none.",
            example: r#"xml::parse("<a><b>1</b></a>").a.b"#,
            result: "1",
            checks: &[],
            register: |r| {
                let state = r.state();
                r.add(move |value: Dynamic| {
                    through(&value, |text| {
                        let tree = xml::parse(text, &Limits::default())
                            .map_err(|malformed| raise(format!("this is not XML: {malformed}")))?;
                        Ok(Place::document(state.root(Tree::Element(tree)), None))
                    })
                });
            },
        },
        Function {
            name: "stringify",
            signature: "xml::stringify(element)",
            summary: "An element as a text of XML, without a declaration.",
            example: r#"xml::stringify(xml::parse("<a><b>1</b></a>"))"#,
            result: "<a><b>1</b></a>",
            checks: &[],
            register: |r| {
                r.add(stringify);
            },
        },
    ],
};

fn stringify(value: Dynamic) -> Result<Dynamic, Raised> {
    if value.is_unit() {
        return Ok(Dynamic::UNIT);
    }
    let Some(tree) = value.read_lock::<View>().map(|view| view.copy()) else {
        let kind = crate::script::failure::kind_of(&value);
        return Err(raise(format!("xml::stringify takes an element, and this is {kind}")));
    };
    if tree.name.local.is_empty() {
        return Err(raise("xml::stringify takes an element with a name, and this has none"));
    }
    let mut out = Vec::new();
    xml::write(&tree, &mut out, false);
    utf8(out).map(Dynamic::from)
}

fn utf8(bytes: Vec<u8>) -> Result<String, Raised> {
    String::from_utf8(bytes).map_err(|_| raise("the XML is not text of UTF-8"))
}
