//! The name of a SOAP header block in the file.

use crate::document::tree::Name;
use crate::source::{Finding, Spanned};
use crate::xml::is_ncname;

/// Reads `{NAMESPACE}NAME`.
///
/// # Errors
/// It is no such name, or in no namespace: header blocks are in one (SOAP 1.2 part 1, section 5.2.1).
pub fn block_name(given: &Spanned<String>) -> Result<Name, Finding> {
    let name = Name::braced(&given.value);
    name.filter(|name| name.namespace.is_some() && is_ncname(&name.local)).ok_or_else(|| {
        let message = format!("`{}` is not the name of a header block", given.value);
        let finding = Finding::error("bad-name", given.span, message);
        finding.help("write it as \"{urn:example:crm}Session\": it is in a namespace")
    })
}
