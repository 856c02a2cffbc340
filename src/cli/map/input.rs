//! The document that a map is run on: from a file or standard input, read and checked as a listener would.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use crate::document::Document;
use crate::document::codec::Limits;
use crate::document::text::to_utf8;
use crate::pipeline::operation::Profile;
use crate::schema::{Format, validate};
use crate::world::{Real, World, reason};

/// How many places of a wrong document are told.
const VIOLATIONS: usize = 20;

/// A source of documents of a profile.
pub struct Input {
    /// The name in messages.
    name: String,
    bytes: Bytes,
    profile: Arc<Profile>,
}

impl Input {
    /// Opens a file, or standard input for `-`.
    ///
    /// # Errors
    /// It cannot be read; the text says why.
    pub fn open(file: &Path, profile: &Arc<Profile>) -> Result<Self, String> {
        let standard = file == Path::new("-");
        let name = name_of(file);
        let bytes = if standard {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes).map(|_| bytes)
        } else {
            Real.read(file)
        };
        match bytes {
            Ok(bytes) => Ok(Self { name, bytes: bytes.into(), profile: profile.clone() }),
            Err(error) => Err(format!("{name} cannot be read: {}", reason(&error))),
        }
    }

    /// The document.
    ///
    /// # Errors
    /// It is not of the profile's format, or does not fit the profile; the text names every place.
    pub fn read(&mut self) -> Result<Document, String> {
        let codec = &self.profile.codec;
        let bytes = std::mem::take(&mut self.bytes);
        let malformed = |why: crate::document::codec::Malformed| {
            format!("{}:{}:{}: {}", self.name, why.line, why.column, why.message)
        };
        let bytes = to_utf8(bytes, codec.charset()).map_err(malformed)?;
        let limits = Limits { elements: usize::MAX, ..Limits::default() };
        let document = Document::encoded(bytes, codec.clone(), limits);
        document.tree().map_err(malformed)?;
        let wrong = wrong(&document, &self.profile, &self.name);
        if wrong.is_empty() { Ok(document) } else { Err(wrong.trim_end().to_owned()) }
    }
}

/// The name of a file in messages.
pub fn name_of(file: &Path) -> String {
    if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() }
}

/// A line for each place in which a document does not fit its profile; nothing when it does.
pub fn wrong(document: &Document, profile: &Profile, name: &str) -> String {
    wrong_in(document, profile, name, |ways| profile.codec.lines(document.bytes(), ways))
}

/// As [`wrong`], with what tells the lines of elements by the ways to them.
pub fn wrong_in(
    document: &Document,
    profile: &Profile,
    name: &str,
    lines: impl FnOnce(&[&[usize]]) -> Vec<Option<usize>>,
) -> String {
    let root = match document.tree() {
        Ok(root) => root,
        Err(why) => return format!("{name}: {why}\n"),
    };
    let format = if profile.codec.is_typed() { Format::Json } else { Format::Xml };
    let found = validate(root, &profile.shape, format, VIOLATIONS);
    if found.is_empty() {
        return String::new();
    }
    let ways: Vec<&[usize]> = found.iter().map(|violation| violation.way.as_slice()).collect();
    let lines = lines(&ways);
    let mut out = String::new();
    for (violation, line) in found.iter().zip(lines) {
        let line = line.map(|line| format!(":{line}")).unwrap_or_default();
        out.push_str(&format!("{name}{line}: {}: {}\n", violation.path, violation.message));
    }
    let about = format!("{name} does not fit profile {}", profile.name);
    match found.len() {
        1 => out.push_str(&format!("{about}: 1 place\n")),
        count if count < VIOLATIONS => out.push_str(&format!("{about}: {count} places\n")),
        count => out.push_str(&format!("{about}: {count} places or more\n")),
    }
    out
}
