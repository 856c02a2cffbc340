//! Families of formats over HTTP: XML, which is also spoken in JSON, JSON, and files, which are spoken as they are.

use crate::document::codec::Codec;
use crate::document::family::Family;
use crate::pipeline::endpoint::MediaType;
use crate::schema::Format;

impl Family {
    /// The rules that documents are checked by.
    pub(super) fn rules(self) -> Format {
        match self {
            Self::Json => Format::Json,
            Self::Xml | Self::File => Format::Xml,
        }
    }

    /// Whether a body of that media type is in the format.
    pub(super) fn takes(self, codec: &dyn Codec, media: &MediaType) -> bool {
        match self {
            Self::Xml => media.is_xml(),
            Self::Json => media.is_json(),
            Self::File => codec.media_types().contains(&media.essence.as_str()),
        }
    }
}
