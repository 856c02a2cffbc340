//! Envelopes: which segments open and close an interchange, its groups and messages, and how its first segment says
//! what parts it.

use compact_str::format_compact;

use super::delimiters::Delimiters;
use super::token::{Fault, SPACE};
use super::{Syntax, structure, token};
use crate::document::tree::{Attribute, Content, Element, Name};

/// The name of the root.
pub const ROOT: &str = "Interchange";
/// The name of a group in the tree.
pub const GROUP: &str = "Group";

/// The lengths of the elements of `ISA` (X12.5): the only segment whose elements have fixed ones.
pub(super) const ISA_LENGTHS: [usize; 16] = [2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1];

/// A pair of segments around something, and where its control number stands in the first; in the second it is element 2,
/// and element 1 counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair {
    /// The tag that opens.
    pub head: &'static str,
    /// The tag that closes.
    pub tail: &'static str,
    /// The element of the first segment with the control number.
    pub control: usize,
    /// Whether the control number is a number, of which leading zeros say nothing.
    pub numeric: bool,
    /// The elements and components that the first segment must have.
    pub needed: &'static [(usize, usize)],
}

/// The envelopes of a syntax, from the outermost.
#[derive(Debug, Clone, Copy)]
pub(super) struct Envelopes {
    pub interchange: Pair,
    pub group: Pair,
    pub message: Pair,
    /// The name of a message in the tree.
    pub message_name: &'static str,
    /// Where a message says what it is.
    pub message_kind: (usize, usize),
    /// What a message is called in errors.
    pub message_word: &'static str,
    /// Segments that stand in an interchange outside of its groups.
    pub beside: &'static [&'static str],
}

const X12: Envelopes = Envelopes {
    interchange: Pair { head: "ISA", tail: "IEA", control: 13, numeric: true, needed: &[] },
    group: Pair {
        head: "GS",
        tail: "GE",
        control: 6,
        numeric: true,
        needed: &[(1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (6, 1), (7, 1), (8, 1)],
    },
    message: Pair { head: "ST", tail: "SE", control: 2, numeric: false, needed: &[(1, 1), (2, 1)] },
    message_name: "Transaction",
    message_kind: (1, 1),
    message_word: "transaction set",
    beside: &["TA1", "TA3", "ISB", "ISE"],
};

const EDIFACT: Envelopes = Envelopes {
    interchange: Pair {
        head: "UNB",
        tail: "UNZ",
        control: 5,
        numeric: false,
        needed: &[(1, 1), (1, 2), (2, 1), (3, 1), (4, 1), (4, 2), (5, 1)],
    },
    group: Pair { head: "UNG", tail: "UNE", control: 5, numeric: false, needed: &[(5, 1)] },
    message: Pair {
        head: "UNH",
        tail: "UNT",
        control: 1,
        numeric: false,
        needed: &[(1, 1), (2, 1), (2, 2), (2, 3)],
    },
    message_name: "Message",
    message_kind: (2, 1),
    message_word: "message",
    beside: &[],
};

impl Syntax {
    /// The name of a transaction set or message in the tree.
    pub fn message_name(self) -> &'static str {
        self.envelopes().message_name
    }

    /// Whether a segment is of an envelope or has binary data: its elements stand once and are one value, but for the
    /// composites of [`structure::service`].
    pub(super) fn is_service(self, tag: &str) -> bool {
        let Envelopes { interchange, group, message, .. } = self.envelopes();
        [interchange, group, message].iter().any(|pair| pair.head == tag || pair.tail == tag)
            || (self == Self::X12 && is_binary(tag))
    }

    /// Whether a segment closes an envelope.
    pub(super) fn is_trailer(self, tag: &str) -> bool {
        let Envelopes { interchange, group, message, .. } = self.envelopes();
        [interchange, group, message].iter().any(|pair| pair.tail == tag)
    }

    pub(super) const fn envelopes(self) -> &'static Envelopes {
        match self {
            Self::X12 => &X12,
            Self::Edifact => &EDIFACT,
        }
    }
}

/// Whether a segment of X12 has data with its length, in which nothing delimits.
pub(super) fn is_binary(tag: &str) -> bool {
    matches!(tag, "BIN" | "BDS")
}

/// What the begin of an interchange says.
#[derive(Debug)]
pub(super) struct Head {
    /// What parts it.
    pub delimiters: Delimiters,
    /// Where its segments begin: behind `ISA`, at `UNB`.
    pub next: usize,
    /// The elements for the root: `ISA`, or `UNA` when there is one.
    pub first: Option<Element>,
    /// Where the interchange begins.
    pub offset: usize,
}

/// Reads the begin of an interchange.
pub(super) fn head(text: &str, syntax: Syntax) -> Result<Head, Fault> {
    let offset = text.len() - text.trim_start_matches(SPACE).len();
    let rest = text.get(offset..).unwrap_or_default();
    match (syntax, rest.get(..3)) {
        (Syntax::X12, Some("ISA")) => isa(rest, offset),
        (Syntax::Edifact, Some("UNA")) => una(rest, offset),
        (Syntax::Edifact, Some("UNB")) => Ok(Head {
            delimiters: with_version(Delimiters::EDIFACT, rest),
            next: offset,
            first: None,
            offset,
        }),
        (Syntax::X12, Some("UNA" | "UNB")) => {
            Err((offset, "this is EDIFACT: its profile is of format=edifact".to_owned()))
        }
        (Syntax::Edifact, Some("ISA")) => {
            Err((offset, "this is X12: its profile is of format=x12".to_owned()))
        }
        (Syntax::X12, _) => Err((offset, "an X12 interchange begins with ISA".to_owned())),
        (Syntax::Edifact, _) => Err((offset, "an EDIFACT interchange begins with UNA or UNB".to_owned())),
    }
}

/// `ISA` parts its elements by its fourth character, and is ended by the one behind `ISA16`.
fn isa(rest: &str, offset: usize) -> Result<Head, Fault> {
    let mut chars = rest.char_indices().skip(3);
    let short = || (offset, "the ISA segment ends too early: it has 16 elements of fixed length".to_owned());
    let (start, element) = chars.next().ok_or_else(short)?;
    let mut at = start + element.len_utf8();
    let mut isa = Element::new(Name::local("ISA"));
    let mut values = Vec::with_capacity(16);
    for (index, length) in ISA_LENGTHS.iter().enumerate() {
        let part = rest.get(at..).unwrap_or_default();
        let end = part.char_indices().nth(*length).ok_or_else(short)?;
        let value = part.get(..end.0).unwrap_or_default();
        let last = index == ISA_LENGTHS.len() - 1;
        if !last && (end.1 != element || value.contains(element)) {
            let message = format!("ISA{:02} must be {length} characters long", index + 1);
            return Err((offset + at, message));
        }
        let trimmed = value.trim_end_matches(' ');
        // Only what authorizes may be blank.
        if trimmed.is_empty() && !matches!(index, 1 | 3) {
            return Err((offset + at, format!("ISA{:02} is missing", index + 1)));
        }
        if index == 12 && !value.bytes().all(|b| b.is_ascii_digit()) {
            return Err((offset + at, "ISA13 must be 9 digits: zeros fill it from the left".to_owned()));
        }
        if !trimmed.is_empty() {
            let name = structure::element_name("ISA", index + 1, None);
            isa.push(Element::with(Name::local(name), Content::Text(trimmed.into())));
        }
        values.push(value);
        at += end.0 + if last { 0 } else { end.1.len_utf8() };
    }
    let terminator = rest.get(at..).and_then(|after| after.chars().next()).ok_or_else(short)?;
    let one = |index: usize| values.get(index).and_then(|value| value.chars().next());
    let version = values.get(11).copied().unwrap_or_default();
    let delimiters = Delimiters {
        element,
        component: one(15).unwrap_or(':'),
        repetition: one(10).filter(|c| repeats(version, *c)),
        terminator,
        ..Delimiters::X12
    };
    if let Some(fault) = delimiters.fault() {
        return Err((offset, format!("the ISA segment says what cannot be: {fault}")));
    }
    if let Some((found, c)) = delimiters.foreign(rest.get(..at).unwrap_or_default()) {
        return Err((offset + found, delimiters.not_data(c)));
    }
    for (name, is, default) in [("separator", element, '*'), ("terminator", terminator, '~')] {
        if is != default {
            let value = format_compact!("{}", is);
            isa.attributes.push(Attribute { name: Name::local(name), value });
        }
    }
    let next = offset + at + terminator.len_utf8();
    Ok(Head { delimiters, next, first: Some(isa), offset })
}

/// Whether `ISA11` is a repetition separator: from version 00402 on, and not the `U` that stood there before.
pub(super) fn repeats(version: &str, separator: char) -> bool {
    version >= "00402" && !separator.is_alphanumeric() && separator != ' '
}

/// The service string advice: six characters behind its tag.
fn una(rest: &str, offset: usize) -> Result<Head, Fault> {
    let text = rest.get(3..).unwrap_or_default();
    let end = text.char_indices().nth(6).map(|(at, _)| at);
    let advice = end.and_then(|end| text.get(..end));
    let Some(delimiters) = advice.and_then(Delimiters::of_advice) else {
        return Err((offset, "UNA is followed by six characters that say what delimits".to_owned()));
    };
    let after = offset + 3 + end.unwrap_or_default();
    let rest = text.get(end.unwrap_or_default()..).unwrap_or_default();
    let unb = rest.trim_start_matches(SPACE);
    if !unb.starts_with("UNB") {
        return Err((after, "UNA is followed by UNB".to_owned()));
    }
    let delimiters = with_version(delimiters, unb);
    if let Some(fault) = delimiters.fault() {
        return Err((offset, format!("UNA says what cannot be: {fault}")));
    }
    let first = Element::with(Name::local("UNA"), Content::Text(advice.unwrap_or_default().into()));
    Ok(Head { delimiters, next: after, first: Some(first), offset })
}

/// Repetitions are of syntax version 4; before it their separator was reserved (ISO 9735-1, section 7.1).
fn with_version(delimiters: Delimiters, unb: &str) -> Delimiters {
    let Delimiters { element, release, .. } = delimiters;
    let first = token::split(unb, Some(element), release).nth(1).unwrap_or_default();
    let version = delimiters.value(delimiters.components(first).nth(1).unwrap_or_default());
    let repetition = delimiters.repetition.filter(|_| has_repetitions(&version));
    Delimiters { repetition, ..delimiters }
}

/// Whether a syntax version of EDIFACT has repetitions.
pub(super) fn has_repetitions(version: &str) -> bool {
    version.trim().parse::<u32>().is_ok_and(|version| version >= 4)
}
