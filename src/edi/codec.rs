//! The codec of X12 and EDIFACT documents, made by a profile.

use std::borrow::Cow;

use bytes::Bytes;
use compact_str::{CompactString, format_compact};

use super::charset;
use super::fill::{fill, get};
use super::read::{Rules, read};
use super::structure::Item;
use super::{Delimiters, Syntax, lines, split, write};
use crate::document::charset::{Charset, shown};
use crate::document::codec::{Codec, Limits, Malformed, Unwritable};
use crate::document::tree::{Element, Name};

/// What a profile says of its interchanges.
#[derive(Debug, Clone, PartialEq)]
pub struct Defaults {
    /// The transaction set (`850`) or message type (`ORDERS`); empty for any.
    pub message: CompactString,
    /// The version: of X12 `004010`, of EDIFACT `D:96A:UN`; may be empty there.
    pub version: CompactString,
    /// What delimits in what is written, where the document does not say it.
    pub delimiters: Delimiters,
    /// What stands behind each segment that is written: nothing, or the end of a line.
    pub newline: &'static str,
    /// The character set of interchanges that do not say one.
    pub charset: Option<Charset>,
    /// Whether counts and control numbers of trailers must be right in what is read.
    pub checked: bool,
}

/// Functional identifiers of transaction sets (X12 data element 479).
const GROUPS: &[(&str, &str)] = &[
    ("270", "HS"),
    ("271", "HB"),
    ("276", "HR"),
    ("277", "HN"),
    ("278", "HI"),
    ("810", "IN"),
    ("812", "CD"),
    ("816", "OR"),
    ("820", "RA"),
    ("824", "AG"),
    ("830", "PS"),
    ("832", "SC"),
    ("834", "BE"),
    ("835", "HP"),
    ("837", "HC"),
    ("840", "RQ"),
    ("843", "RR"),
    ("844", "CF"),
    ("845", "PA"),
    ("846", "IB"),
    ("849", "CF"),
    ("850", "PO"),
    ("852", "PD"),
    ("855", "PR"),
    ("856", "SH"),
    ("857", "BS"),
    ("858", "SI"),
    ("860", "PC"),
    ("861", "RC"),
    ("862", "SS"),
    ("864", "TX"),
    ("865", "CA"),
    ("867", "PT"),
    ("869", "RS"),
    ("870", "RS"),
    ("875", "OG"),
    ("880", "GP"),
    ("204", "SM"),
    ("210", "IM"),
    ("214", "QM"),
    ("940", "OW"),
    ("943", "AR"),
    ("944", "RE"),
    ("945", "SW"),
    ("990", "GF"),
    ("997", "FA"),
    ("999", "FA"),
];

impl Defaults {
    /// Those of a syntax without a profile.
    pub fn of(syntax: Syntax) -> Self {
        Self {
            message: CompactString::default(),
            version: if syntax == Syntax::X12 { "005010".into() } else { CompactString::default() },
            delimiters: Delimiters::of(syntax),
            newline: "",
            charset: None,
            checked: true,
        }
    }

    /// The functional identifier of the transaction set.
    pub(super) fn group_code(&self) -> Option<&'static str> {
        GROUPS.iter().find(|(set, _)| *set == self.message).map(|(_, code)| *code)
    }

    /// The version in `ISA12`: the first five digits of the group's.
    pub(super) fn interchange_version(&self) -> CompactString {
        let digits = self.version.get(..5).filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
        digits.unwrap_or("00501").into()
    }

    /// The syntax identifier for `UNB01`.
    pub(super) fn level(&self) -> &'static str {
        match self.charset {
            Some(Charset::Utf8) => "UNOY",
            Some(Charset::Ascii) => "UNOB",
            _ => "UNOC",
        }
    }

    /// Completes the header of a message; `number` is its number in what is around it.
    pub(super) fn message(&self, header: &mut Element, syntax: Syntax, number: usize) {
        match syntax {
            Syntax::X12 => {
                header.name = Name::local("ST");
                fill(header, &["ST01"], self.message.clone());
                fill(header, &["ST02"], format_compact!("{number:04}"));
            }
            Syntax::Edifact => {
                header.name = Name::local("UNH");
                fill(header, &["UNH01"], format_compact!("{number}"));
                fill(header, &["UNH02", "UNH0201"], self.message.clone());
                let own = get(header, &["UNH02", "UNH0202"]).is_some();
                let parts = self.version.split(':').filter(|part| !own && !part.is_empty());
                for (part, name) in parts.zip(["UNH0202", "UNH0203", "UNH0204", "UNH0205"]) {
                    fill(header, &["UNH02", name], part);
                }
            }
        }
    }
}

/// The codec: a syntax, the structure of its messages, and what the profile says of its interchanges.
#[derive(Debug)]
pub struct Edi {
    /// The family of rules.
    pub syntax: Syntax,
    /// The structure between header and trailer of a message; empty when none is declared.
    pub items: Vec<Item>,
    /// What the profile says.
    pub defaults: Defaults,
}

impl Edi {
    /// For documents of which nothing is declared.
    pub fn any(syntax: Syntax) -> Self {
        Self { syntax, items: Vec::new(), defaults: Defaults::of(syntax) }
    }

    fn text<'a>(&self, bytes: &'a [u8]) -> Result<(Cow<'a, str>, bool), Malformed> {
        charset::read(bytes, self.defaults.charset)
    }

    fn tree(&self, bytes: &[u8], limits: &Limits, lines: bool) -> Result<Element, Malformed> {
        let (text, single_bytes) = self.text(bytes)?;
        let Defaults { message, checked, .. } = &self.defaults;
        let (items, checked) = (&self.items, *checked);
        read(&text, Rules { syntax: self.syntax, items, message, checked, limits, single_bytes, lines })
    }
}

impl Codec for Edi {
    fn format(&self) -> &'static str {
        match self.syntax {
            Syntax::X12 => "x12",
            Syntax::Edifact => "edifact",
        }
    }

    fn media_types(&self) -> &'static [&'static str] {
        match self.syntax {
            Syntax::X12 => &["application/edi-x12", "application/edi-consent"],
            Syntax::Edifact => &["application/edifact", "application/edi-consent"],
        }
    }

    fn charset(&self) -> Option<&str> {
        self.defaults.charset.map(Charset::name)
    }

    fn media_type(&self) -> &'static str {
        // RFC 1767.
        match self.syntax {
            Syntax::X12 => "application/EDI-X12",
            Syntax::Edifact => "application/EDIFACT",
        }
    }

    fn lines(&self, bytes: &[u8], ways: &[&[usize]]) -> Vec<Option<usize>> {
        // It was read within its limits before.
        let limits = Limits { depth: usize::MAX, elements: usize::MAX, ..Limits::default() };
        match self.tree(bytes, &limits, true) {
            Ok(root) => ways.iter().map(|way| lines::line(&root, way)).collect(),
            Err(_) => vec![None; ways.len()],
        }
    }

    fn decode(&self, bytes: &Bytes, limits: &Limits) -> Result<Element, Malformed> {
        self.tree(bytes, limits, false)
    }

    fn encode(&self, root: &Element, out: &mut Vec<u8>) -> Result<(), Unwritable> {
        let (text, charset) = write::write(root, self)?;
        charset.append(&text, out).map_err(|c| Unwritable {
            path: root.name.local.to_string(),
            message: format!("{} is not in {}", shown(c), charset.name()),
        })
    }

    fn is_list(&self, _root: &Element) -> bool {
        true
    }

    fn split(&self, root: Element, limits: &Limits) -> Result<Vec<Element>, Malformed> {
        split::messages(root, self.syntax, limits)
    }

    fn parts<'r>(&self, root: &'r Element) -> Vec<&'r Element> {
        split::parts(root, self.syntax)
    }

    fn joined(&self, roots: &[&Element]) -> Result<Element, Unwritable> {
        split::joined(roots, self.syntax)
    }
}
