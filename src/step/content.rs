//! What `expand` and `decode` take out of documents: plain data, or documents of a profile.

use std::sync::Arc;

use bytes::Bytes;

use crate::document::Document;
use crate::document::charset::Charset;
use crate::kind::{Compiling, Here};
use crate::pipeline::operation::Profile;
use crate::pipeline::run::Run;
use crate::source::Spanned;

/// How bytes become a document.
#[derive(Debug)]
pub struct Content(Option<Arc<Profile>>);

impl Content {
    /// Plain data.
    #[cfg(test)]
    pub fn data() -> Self {
        Self(None)
    }

    /// By the profile of a name, if there is one; `None` after a finding. Notes what is known behind.
    pub fn compile(
        name: Option<&Spanned<String>>,
        here: &mut Here,
        compiling: &Compiling<'_>,
    ) -> Option<Self> {
        here.document = None;
        let Some(name) = name else { return Some(Self(None)) };
        let profile = compiling.profile(name)?;
        here.becomes(&profile);
        Some(Self(Some(profile)))
    }

    /// The character set that its profile declares, as [`Codec::charset`](crate::document::codec::Codec::charset) has it.
    pub fn charset(&self) -> Option<Charset> {
        self.0.as_ref()?.codec.charset().and_then(Charset::by_name)
    }

    /// The bytes as a document, without properties.
    pub fn document(&self, bytes: Bytes, run: &Run) -> Document {
        match &self.0 {
            Some(profile) => Document::encoded(bytes, profile.codec.clone(), run.request().limits),
            None => Document::data(bytes),
        }
    }
}
