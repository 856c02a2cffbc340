//! The header blocks that an operation declares: whether a request carries them, and whether they are as their profiles say.

use hyper::StatusCode;

use crate::pipeline::contract::Header;
use crate::pipeline::failure::Failure;
use crate::pipeline::fits::{Sent, VIOLATIONS, fits};
use crate::schema::validate::is_named;
use crate::schema::{Format, validate};
use crate::soap::header::Block;
use crate::xml::XML;

/// Checks the blocks for this node; `envelope` is the message that they came in.
///
/// # Errors
/// A required one is missing, one is there twice, or one does not fit its profile.
pub(super) fn check(declared: &[Header], blocks: &[Block], envelope: &[u8]) -> Result<(), Failure> {
    for header in declared.iter().filter(|header| header.inbound) {
        let shape = &header.profile.shape;
        let is_it = |(_, block): &(usize, &Block)| block.is_ours && is_named(&block.element, shape);
        let mut found = blocks.iter().enumerate().filter(is_it);
        match (found.next(), found.next()) {
            (None, _) if header.required => {
                return Err(wrong(&shape.name, "is missing, and this operation needs it"));
            }
            (None, _) => {}
            (Some(_), Some(_)) => return Err(wrong(&shape.name, "is there twice, and may be there once")),
            (Some((at, block)), None) => {
                // Roles and mustUnderstand are SOAP's, not the profile's.
                let mut element = block.element.clone();
                element.attributes.retain(|attribute| !is_of_soap(attribute.name.namespace.as_deref()));
                // The Header is the first child of the Envelope.
                let sent = Sent { codec: &XML, body: envelope, way: &[0, at] };
                let checked = fits(validate(&element, shape, Format::Xml, VIOLATIONS), Some(&sent));
                checked.map_err(of_header)?;
            }
        }
    }
    Ok(())
}

fn is_of_soap(namespace: Option<&str>) -> bool {
    namespace.is_some_and(|namespace| crate::soap::Version::of(namespace).is_some())
}

fn wrong(name: &str, what: &str) -> Failure {
    let message = format!("The header block {name} {what}.");
    of_header(Failure::client(StatusCode::BAD_REQUEST, "header", message))
}

fn of_header(mut failure: Failure) -> Failure {
    failure.of_header = true;
    failure
}
