//! The failure of a multipart body that is not read.

use hyper::StatusCode;

use crate::mime::Refused;
use crate::pipeline::failure::Failure;

/// The failure of a body that is not read as parts.
pub(super) fn refused(why: &Refused) -> Failure {
    let message = format!("The multipart body cannot be read: {why}.");
    match why {
        Refused::Malformed(_) => Failure::missing(message),
        Refused::Beyond(_) => Failure::client(StatusCode::PAYLOAD_TOO_LARGE, "limit-passed", message),
    }
}
