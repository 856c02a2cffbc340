//! Profiles by a sample: a saved document, read when the file is, whose shape all documents of the profile have.

use bytes::Bytes;

use crate::document::codec::{Codec, Limits, Malformed};
use crate::document::tree::Element;
use crate::source::Finding;
use crate::syntax::Node;
use crate::world::reason;

/// The document that `sample=` names; `None` after a finding.
pub fn read(node: &mut Node<'_>, codec: &dyn Codec) -> Option<Element> {
    read_with(node, codec.format(), |bytes| codec.decode(&bytes, &Limits::default()))
}

/// What `parse` makes of the file that `sample=` names, in a format of that name; `None` after a finding.
pub fn read_with<T>(
    node: &mut Node<'_>,
    format: &str,
    parse: impl FnOnce(Bytes) -> Result<T, Malformed>,
) -> Option<T> {
    let path = node.property::<String>("sample")?;
    let reading = node.reading;
    let bytes = match reading.world.read(&reading.resolve(&path)) {
        Ok(bytes) => Bytes::from(bytes),
        Err(error) => {
            let message = format!("`{}` cannot be read: {}", path.value, reason(&error));
            let finding = Finding::error("unreadable-file", path.span, message);
            node.report(finding.help("paths are relative to the file that names them"));
            return None;
        }
    };
    reading.seen.borrow_mut().push((path.value.clone(), bytes.to_vec()));
    match parse(bytes) {
        Ok(found) => Some(found),
        Err(malformed) => {
            let message = format!("`{}` is no {format} document: {malformed}", path.value);
            let finding = Finding::error("bad-sample", path.span, message);
            node.report(finding.help("a sample is a whole document, as a caller would send it"));
            None
        }
    }
}
