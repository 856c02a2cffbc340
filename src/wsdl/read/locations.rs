//! Where a WSDL or a schema document says that others are: the attributes of all its imports and includes.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use super::WSDL;
use super::load::XS;
use super::model::WsdlFile;
use super::text::{At, Text};
use crate::source::FileId;
use crate::xml::attribute_value;

/// The places of locations in a text in their order, each with the location and whether a WSDL is expected there.
///
/// # Errors
/// It is not well-formed, or neither a WSDL nor a schema.
pub fn locations(text: &str) -> Result<Vec<(Range<usize>, String, bool)>, String> {
    let file = WsdlFile { file: FileId::default(), path: PathBuf::new(), text: Arc::from(text) };
    let read = Text::new(file).map_err(|(message, _)| message)?;
    let root = read.root();
    let name = &root.element.name;
    if !name.is(WSDL, "definitions") && !name.is(XS, "schema") {
        return Err(format!("its root is {name}"));
    }
    let mut found = Vec::new();
    visit(&root, text, &mut found);
    Ok(found)
}

/// The depth is bounded by that of the document.
fn visit(at: &At<'_>, text: &str, found: &mut Vec<(Range<usize>, String, bool)>) {
    for child in at.children() {
        let name = &child.element.name;
        let attribute = match name.local.as_str() {
            "import" if name.is(WSDL, "import") => "location",
            "import" | "include" | "redefine" if name.is(XS, &name.local) => "schemaLocation",
            "types" if name.is(WSDL, "types") => {
                visit(&child, text, found);
                continue;
            }
            "schema" if name.is(XS, "schema") => {
                visit(&child, text, found);
                continue;
            }
            _ => continue,
        };
        let Some(location) = child.attribute(attribute) else { continue };
        // Some import a schema as if it were a WSDL.
        let is_wsdl = attribute == "location" && !location.ends_with(".xsd");
        let range = attribute_value(text, child.start(), attribute);
        found.extend(range.map(|range| (range, location.to_owned(), is_wsdl)));
    }
}
