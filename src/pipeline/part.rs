//! The properties of documents that come, or go, as parts of a multipart body.

/// `Content-ID` without its angle brackets; the number of the part where it has none.
pub const ID: &str = "part.id";

/// The field of a form.
pub const NAME: &str = "part.name";

/// The name of a file, as its sender says.
pub const FILENAME: &str = "part.filename";

/// `Content-Type` as it is written.
pub const TYPE: &str = "part.type";

/// `Content-Location`.
pub const LOCATION: &str = "part.location";

/// All of them.
pub const ALL: &[&str] = &[ID, NAME, FILENAME, TYPE, LOCATION];

/// What the properties of other `Content-` fields begin with; the field's name follows in lower case.
pub const HEADER: &str = "part.header.";
