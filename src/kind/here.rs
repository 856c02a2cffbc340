//! What is known at a place of a process: the documents that come there.

use std::sync::Arc;

use super::path::{Side, anything};
use crate::document::path::Language;
use crate::pipeline::operation::Profile;
use crate::schema::Shape;

/// A place in a process, while it is compiled.
#[derive(Debug, Clone, Default)]
pub struct Here {
    /// What is known of the documents; `None` where nothing is.
    pub document: Option<Side>,
}

impl Here {
    /// The shape of the documents, where it is known.
    pub fn shape(&self) -> Option<&Arc<Shape>> {
        self.document.as_ref().map(|side| &side.shape)
    }

    /// The documents are of a profile from here on.
    pub fn becomes(&mut self, profile: &Profile) {
        self.document = Some(Side::of(profile));
    }

    /// The documents are of a format from here on, and more is not known.
    pub fn becomes_some(&mut self, language: Language, format: &'static str, typed: bool) {
        self.document = Some(Side { language, format, typed, shape: Arc::new(anything()), inside: false });
    }
}

/// What is known of documents that come from several places: what holds of all of them.
pub fn common(sides: impl IntoIterator<Item = Option<Side>>) -> Option<Side> {
    let mut sides = sides.into_iter();
    let first = sides.next()??;
    sides.try_fold(first, |known, other| {
        let other = other?;
        if known.format != other.format {
            return None;
        }
        let same = Arc::ptr_eq(&known.shape, &other.shape) || known.shape == other.shape;
        let shape = if same { known.shape } else { Arc::new(anything()) };
        Some(Side { shape, ..known })
    })
}
