//! Text with placeholders, taken apart at compile: `{name}` is a property, `{= expression}` a script.

use compact_str::CompactString;

use super::failure::Failure;
use super::property::Property;
use super::run::Run;
use super::scripted::Scripted;
use crate::broker::check_token;
use crate::document::Document;
use crate::document::coding::percent;
use crate::document::json::write_string;
use crate::script::It;
use crate::state::files::{check_value, shown};
use crate::xml::{escape_attribute, uncarried};

/// How what is put into a text is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    /// As it is.
    None,
    /// For character data and attribute values of XML.
    Xml,
    /// For the inside of a JSON string.
    Json,
    /// For a segment of a path: percent-encoded (RFC 3986, section 2.1), and never empty.
    Segment,
    /// For a value of a query: percent-encoded.
    Uri,
    /// For the path of a file: as it is, where it can be a part of one name.
    FileName,
    /// For the subject of a message: as it is, where it can be a part of one token.
    Subject,
}

/// A text with placeholders.
#[derive(Debug, Clone)]
pub struct Template {
    /// Its pieces in order.
    pub pieces: Vec<Piece>,
    /// How values are escaped.
    pub escape: Escape,
}

/// One piece of a template.
#[derive(Debug, Clone)]
pub enum Piece {
    /// Text as it stands.
    Text(CompactString),
    /// A property; empty when it is not set.
    Property(Property),
    /// An expression; empty when it gives nothing.
    Script(Scripted),
}

impl Template {
    /// The text alone, when there are no placeholders in it.
    pub fn plain(&self) -> Option<CompactString> {
        match self.pieces.as_slice() {
            [] => Some(CompactString::default()),
            [Piece::Text(text)] => Some(text.clone()),
            _ => None,
        }
    }

    /// Whether it may look into the document's body.
    pub fn reads_body(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Script(_)))
    }

    /// The text for a document.
    ///
    /// # Errors
    /// An expression fails, XML cannot carry a value, or one is no part of a file's name or of a subject.
    pub fn fill(&self, run: &Run, document: &Document) -> Result<CompactString, Failure> {
        let mut out = CompactString::default();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Property(property) => self.put(&mut out, property.get(run, document).as_deref())?,
                Piece::Script(script) => {
                    let value = script.value(run, document, It::None)?;
                    self.put(&mut out, value.text().as_deref())?;
                }
            }
        }
        Ok(out)
    }

    fn put(&self, out: &mut CompactString, value: Option<&str>) -> Result<(), Failure> {
        let value = value.unwrap_or("");
        let mut bytes = Vec::with_capacity(value.len() + 2);
        match self.escape {
            Escape::None => {
                out.push_str(value);
                return Ok(());
            }
            Escape::Segment if value.is_empty() => {
                let log = "a value for a placeholder of a path is empty: another address would be called";
                return Err(Failure::internal("bad-path", log));
            }
            Escape::Segment | Escape::Uri => {
                out.push_str(&String::from_utf8_lossy(&percent(value.as_bytes())));
                return Ok(());
            }
            Escape::FileName => {
                let wrong = |why| {
                    let log = format!("{} cannot be put into the path of a file: {why}", shown(value));
                    Failure::internal("bad-file-name", log)
                };
                check_value(value).map_err(wrong)?;
                out.push_str(value);
                return Ok(());
            }
            Escape::Subject => {
                let wrong = |why| {
                    let log = format!("{} cannot be put into a subject: {why}", shown(value));
                    Failure::internal("bad-subject", log)
                };
                check_token(value).map_err(wrong)?;
                out.push_str(value);
                return Ok(());
            }
            Escape::Xml => match uncarried(value) {
                Some(why) => {
                    let log =
                        format!("a value for a placeholder of a message in XML cannot be put there: {why}");
                    return Err(Failure::internal("unwritable-document", log));
                }
                None => escape_attribute(value, &mut bytes),
            },
            Escape::Json => write_string(value, &mut bytes),
        }
        let text = String::from_utf8_lossy(&bytes);
        // The JSON writer puts quotes around; the template has its own.
        let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        out.push_str(if self.escape == Escape::Json { inner.unwrap_or(&text) } else { &text });
        Ok(())
    }
}
