//! What a written envelope needs: the fields that the tree gives, and those that follow from them.

use compact_str::{CompactString, format_compact};

use super::codec::Defaults;
use super::count::{is_number, same};
use super::delimiters::Delimiters;
use super::envelope::{ISA_LENGTHS, Pair, has_repetitions, repeats};
use super::structure::element_name;
use super::wire;
use crate::document::codec::Unwritable;
use crate::document::tree::{Content, Element, Name, Node};

/// An error at a path.
pub(super) fn unwritable(path: impl Into<String>, message: impl Into<String>) -> Unwritable {
    Unwritable { path: path.into(), message: message.into() }
}

/// The text of the element at the end of these names; `None` when it is not there or empty.
pub(super) fn get<'a>(element: &'a Element, names: &[&str]) -> Option<&'a str> {
    let end = names.iter().try_fold(element, |at, name| at.child(name))?;
    end.leaf().filter(|text| !text.is_empty())
}

/// Sets the element at the end of these names, unless it says something.
pub(super) fn fill(element: &mut Element, names: &[&str], value: impl Into<CompactString>) {
    if get(element, names).is_some() {
        return;
    }
    let mut at = element;
    for name in names {
        let nodes = at.nodes_mut();
        let is = |node: &Node| matches!(node, Node::Element(element) if element.name.local == *name);
        let index = nodes.iter().position(is).unwrap_or(nodes.len());
        if index == nodes.len() {
            nodes.push(Node::Element(Element::new(Name::local(*name))));
        }
        let Some(Node::Element(next)) = nodes.get_mut(index) else { return };
        at = next;
    }
    // What has components there says something, though it is wrong: the writer tells of it.
    if at.leaf().is_none() {
        return;
    }
    at.content = Content::Text(value.into());
}

/// The elements of a trailer: the count as it is, and the control number of the header. What the tree says of the two is
/// kept where it says the same.
pub(super) fn trailer(
    given: Option<&Element>,
    pair: Pair,
    count: usize,
    control: &str,
) -> (CompactString, CompactString) {
    let text = |position| given.and_then(|given| get(given, &[&element_name(pair.tail, position, None)]));
    let count = match text(1) {
        Some(text) if is_number(text, count) => text.into(),
        _ => format_compact!("{count}"),
    };
    let control = match text(2) {
        Some(text) if same(control, text, pair.numeric) => text.into(),
        _ => control.into(),
    };
    (count, control)
}

/// The `ISA` segment of an interchange, ready to be written.
#[derive(Debug)]
pub(super) struct Isa {
    /// Its text, with its end.
    pub text: String,
    pub delimiters: Delimiters,
    pub control: CompactString,
    /// Sender, receiver, date and time, for the groups.
    pub sender: CompactString,
    pub receiver: CompactString,
    pub date: CompactString,
    pub time: CompactString,
}

/// The `ISA` segment that the tree and the profile say. Elements are padded to their lengths.
pub(super) fn isa(given: Option<&Element>, defaults: &Defaults) -> Result<Isa, Unwritable> {
    let empty = Element::default();
    let given = given.unwrap_or(&empty);
    if let Some(other) = given.elements().find(|element| !is_isa_name(&element.name.local)) {
        return Err(unwritable(format!("ISA/{}", other.name.local), "ISA has the elements ISA01 to ISA16"));
    }
    let text = |position: usize| get(given, &[&element_name("ISA", position, None)]);
    let version = text(12).map_or_else(|| defaults.interchange_version(), CompactString::from);
    let one = |text: &str| text.chars().next();
    let or = |name: &str, default: char| given.attribute(name).and_then(one).unwrap_or(default);
    let wanted = defaults.delimiters;
    let repetition = match text(11).and_then(one) {
        Some(c) => Some(c).filter(|c| repeats(&version, *c)),
        None => wanted.repetition.filter(|c| repeats(&version, *c)),
    };
    let delimiters = Delimiters {
        element: or("separator", wanted.element),
        component: text(16).and_then(one).unwrap_or(wanted.component),
        repetition,
        terminator: or("terminator", wanted.terminator),
        ..wanted
    };
    if let Some(fault) = delimiters.fault() {
        return Err(unwritable("ISA", fault));
    }
    let mut out = String::from("ISA");
    for (index, length) in ISA_LENGTHS.iter().enumerate() {
        let position = index + 1;
        let default: CompactString = match position {
            1 | 3 => "00".into(),
            5 | 7 => "ZZ".into(),
            11 => format_compact!("{}", delimiters.repetition.unwrap_or('U')),
            12 => version.clone(),
            14 => "0".into(),
            15 => "P".into(),
            16 => format_compact!("{}", delimiters.component),
            _ => CompactString::default(),
        };
        let value = text(position).unwrap_or(&default);
        let value = if position == 13 { format!("{value:0>9}") } else { value.to_owned() };
        check_isa(position, &value, *length, &delimiters, text(position).is_some())?;
        out.push(delimiters.element);
        out.push_str(&format!("{value:<length$}"));
    }
    out.push(delimiters.terminator);
    let field = |position: usize| CompactString::from(text(position).unwrap_or_default());
    Ok(Isa {
        text: out,
        delimiters,
        control: format_compact!("{:0>9}", field(13)),
        sender: field(6),
        receiver: field(8),
        date: field(9),
        time: field(10),
    })
}

fn is_isa_name(name: &str) -> bool {
    super::structure::position_of(name, "ISA").is_some_and(|position| position <= ISA_LENGTHS.len())
}

/// What no default can say: who sends to whom, when, and under which number.
const NEEDED: [(usize, &str); 5] = [
    (6, "the sender"),
    (8, "the receiver"),
    (9, "the date (YYMMDD)"),
    (10, "the time (HHMM)"),
    (13, "the control number"),
];

fn check_isa(
    position: usize,
    value: &str,
    length: usize,
    delimiters: &Delimiters,
    given: bool,
) -> Result<(), Unwritable> {
    let path = || format!("ISA/{}", element_name("ISA", position, None));
    if let Some((_, what)) = NEEDED.iter().find(|(needed, _)| *needed == position && !given) {
        return Err(unwritable(path(), format!("{what} is missing, and nothing says it but the document")));
    }
    let count = value.chars().count();
    // Dates, times and codes cannot be padded.
    if count > length || (matches!(position, 9 | 10 | 12 | 14 | 15 | 16) && count != length) {
        return Err(unwritable(path(), format!("`{value}` is not {length} characters long")));
    }
    if let Some(c) = value.chars().find(|c| delimiters.is_foreign(*c)) {
        return Err(unwritable(path(), delimiters.not_data(c)));
    }
    if position == 13 && !value.bytes().all(|b| b.is_ascii_digit()) {
        return Err(unwritable(path(), format!("`{value}` is no number, and the control number is one")));
    }
    let delimits = |c: char| delimiters.has(c) && position != 16 && position != 11;
    if let Some(c) = value.chars().find(|c| delimits(*c)) {
        return Err(unwritable(
            path(),
            format!("`{c}` delimits in this interchange, and X12 cannot escape it"),
        ));
    }
    Ok(())
}

/// Completes the header of a group of X12; `number` is its number in the interchange.
pub(super) fn gs(header: &mut Element, isa: &Isa, defaults: &Defaults, number: usize) {
    header.name = Name::local("GS");
    if let Some(code) = defaults.group_code() {
        fill(header, &["GS01"], code);
    }
    fill(header, &["GS02"], isa.sender.clone());
    fill(header, &["GS03"], isa.receiver.clone());
    let version = get(header, &["GS08"]).map_or_else(|| defaults.version.clone(), CompactString::from);
    // Centuries stand in the group header from version 004010 on.
    let date = if *version >= *"004010" { wire::with_century(&isa.date) } else { isa.date.clone() };
    fill(header, &["GS04"], date);
    fill(header, &["GS05"], isa.time.clone());
    fill(header, &["GS06"], format_compact!("{number}"));
    fill(header, &["GS07"], "X");
    fill(header, &["GS08"], version);
}

/// Completes the header of an interchange of EDIFACT.
pub(super) fn unb(given: Option<&Element>, defaults: &Defaults) -> Result<(Element, Delimiters), Unwritable> {
    let mut header = given.cloned().unwrap_or_default();
    header.name = Name::local("UNB");
    header.attributes.clear();
    fill(&mut header, &["UNB01", "UNB0101"], defaults.level());
    fill(&mut header, &["UNB01", "UNB0102"], "3");
    const NEEDED: [(&[&str], &str); 5] = [
        (&["UNB02", "UNB0201"], "the sender"),
        (&["UNB03", "UNB0301"], "the recipient"),
        (&["UNB04", "UNB0401"], "the date (YYMMDD)"),
        (&["UNB04", "UNB0402"], "the time (HHMM)"),
        (&["UNB05"], "the control reference"),
    ];
    for (names, what) in NEEDED {
        if get(&header, names).is_none() {
            let message = format!("{what} is missing, and nothing says it but the document");
            return Err(unwritable(format!("UNB/{}", names.join("/")), message));
        }
    }
    let version = get(&header, &["UNB01", "UNB0102"]).unwrap_or_default();
    let wanted = defaults.delimiters;
    let repetition = wanted.repetition.filter(|_| has_repetitions(version));
    Ok((header, Delimiters { repetition, ..wanted }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_filled_only_when_it_says_nothing() {
        let mut unb = Element::new(Name::local("UNB"));
        fill(&mut unb, &["UNB01", "UNB0101"], "UNOC");
        fill(&mut unb, &["UNB01", "UNB0101"], "UNOA");
        fill(&mut unb, &["UNB01", "UNB0102"], "3");
        assert_eq!(get(&unb, &["UNB01", "UNB0101"]), Some("UNOC"));
        assert_eq!(unb.string_value(), "UNOC3");
    }

    #[test]
    fn a_trailer_keeps_what_says_the_same() {
        let pair = Pair { head: "GS", tail: "GE", control: 6, numeric: true, needed: &[] };
        let mut given = Element::new(Name::local("GE"));
        fill(&mut given, &["GE01"], "02");
        fill(&mut given, &["GE02"], "5");
        assert_eq!(trailer(Some(&given), pair, 2, "000005"), ("02".into(), "5".into()));
        assert_eq!(trailer(Some(&given), pair, 3, "6"), ("3".into(), "6".into()));
    }
}
