//! Acknowledgements: the 997 or CONTRL that answers an interchange, with its control numbers and what was taken.

use compact_str::format_compact;

use super::Syntax;
use super::envelope::{GROUP, ROOT};
use super::fill::{fill, get};
use crate::document::tree::{Content, Element, Name, Node};

/// What an acknowledgement says of its own: nothing else can know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp<'a> {
    /// The date, `YYMMDD`.
    pub date: &'a str,
    /// The time, `HHMM`.
    pub time: &'a str,
    /// The control number of the acknowledgement.
    pub control: &'a str,
}

/// How much of an interchange was taken.
struct Count {
    all: usize,
    taken: usize,
}

impl Count {
    /// X12 data element 715: accepted, rejected, or partly.
    fn code(&self) -> &'static str {
        match self.taken {
            taken if taken == self.all => "A",
            0 => "R",
            _ => "P",
        }
    }
}

/// The acknowledgement of an interchange that was read: a tree that the codec of the same syntax writes.
///
/// `wrong` are the ways of what did not fit, as a check of the interchange against its profile gives them: a message in
/// which one of them ends is rejected, every other one accepted; with the way of the root all are rejected. For X12 it is
/// a 997 with one transaction set for each group (X12.20), for EDIFACT a CONTRL (ISO 9735-4).
pub fn acknowledge(root: &Element, wrong: &[&[usize]], stamp: &Stamp<'_>, syntax: Syntax) -> Element {
    match syntax {
        Syntax::X12 => x12(root, wrong, stamp),
        Syntax::Edifact => edifact(root, wrong, stamp),
    }
}

/// Whether something at `way`, in it or around it is wrong.
fn is_wrong(wrong: &[&[usize]], way: &[usize]) -> bool {
    wrong.iter().any(|found| found.starts_with(way) || way.starts_with(found))
}

fn new(name: &str) -> Element {
    Element::new(Name::local(name))
}

/// A segment of these elements; empty ones are left out.
fn segment(tag: &str, elements: &[&str]) -> Element {
    let mut segment = new(tag);
    for (index, text) in elements.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
        fill(&mut segment, &[&super::structure::element_name(tag, index + 1, None)], *text);
    }
    segment
}

fn field<'a>(element: Option<&'a Element>, name: &str) -> &'a str {
    element.and_then(|element| get(element, &[name])).unwrap_or_default()
}

fn x12(root: &Element, wrong: &[&[usize]], stamp: &Stamp<'_>) -> Element {
    let isa = root.child("ISA");
    let mut header = new("ISA");
    if let Some(isa) = isa {
        header.attributes.clone_from(&isa.attributes);
    }
    // What the partner sent is answered in its version and with its delimiters, from its receiver to its sender.
    let swapped = [
        ("ISA05", "ISA07"),
        ("ISA06", "ISA08"),
        ("ISA07", "ISA05"),
        ("ISA08", "ISA06"),
        ("ISA11", "ISA11"),
        ("ISA12", "ISA12"),
        ("ISA15", "ISA15"),
        ("ISA16", "ISA16"),
    ];
    for (to, from) in swapped {
        fill(&mut header, &[to], field(isa, from));
    }
    for (name, text) in [("ISA09", stamp.date), ("ISA10", stamp.time), ("ISA13", stamp.control)] {
        fill(&mut header, &[name], text);
    }
    let mut group = new(GROUP);
    let groups = || root.elements().enumerate().filter(|(_, element)| element.name.local == GROUP);
    let first = groups().next().and_then(|(_, group)| group.child("GS"));
    let version = field(first, "GS08").get(..6).unwrap_or("004010");
    group.push(segment("GS", &["FA", field(first, "GS03"), field(first, "GS02"), "", "", "", "X", version]));
    for (at, acknowledged) in groups() {
        group.push(functional(acknowledged, &[at], wrong));
    }
    let mut answer = new(ROOT);
    answer.push(header);
    if groups().next().is_some() {
        answer.push(group);
    }
    answer
}

/// The 997 of one group.
fn functional(group: &Element, way: &[usize], wrong: &[&[usize]]) -> Element {
    let gs = group.child("GS");
    let mut set = new("Transaction");
    set.push(segment("ST", &["997"]));
    set.push(segment("AK1", &[field(gs, "GS01"), field(gs, "GS06")]));
    let mut count = Count { all: 0, taken: 0 };
    for (at, message) in
        group.elements().enumerate().filter(|(_, element)| element.name.local == "Transaction")
    {
        let st = message.child("ST");
        let bad = is_wrong(wrong, &[way, &[at]].concat());
        set.push(segment("AK2", &[field(st, "ST01"), field(st, "ST02")]));
        // 5: one or more segments in error (data element 718).
        set.push(if bad { segment("AK5", &["R", "5"]) } else { segment("AK5", &["A"]) });
        count.all += 1;
        count.taken += usize::from(!bad);
    }
    let (all, taken) = (format_compact!("{}", count.all), format_compact!("{}", count.taken));
    set.push(segment("AK9", &[count.code(), &all, &all, &taken]));
    set
}

/// A copy of an element under another name, its components too.
fn renamed(element: Option<&Element>, to: &str) -> Option<Element> {
    let element = element?;
    let mut copy = element.clone();
    copy.name = Name::local(to);
    if let Content::Children(nodes) = &mut copy.content {
        for node in nodes {
            if let Node::Element(inner) = node
                && let Some(digits) = inner.name.local.get(inner.name.local.len().saturating_sub(2)..)
            {
                inner.name = Name::local(format_compact!("{to}{digits}"));
            }
        }
    }
    Some(copy)
}

fn edifact(root: &Element, wrong: &[&[usize]], stamp: &Stamp<'_>) -> Element {
    let unb = root.child("UNB");
    let part = |name: &str| unb.and_then(|unb| unb.child(name));
    let mut header = new("UNB");
    let copies = [("UNB01", "UNB01"), ("UNB02", "UNB03"), ("UNB03", "UNB02")];
    for copy in copies.iter().filter_map(|(to, from)| renamed(part(from), to)) {
        header.push(copy);
    }
    fill(&mut header, &["UNB04", "UNB0401"], stamp.date);
    fill(&mut header, &["UNB04", "UNB0402"], stamp.time);
    fill(&mut header, &["UNB05"], stamp.control);
    let mut message = new("Message");
    let mut unh = segment("UNH", &["1"]);
    for (name, text) in [("UNH0201", "CONTRL"), ("UNH0202", "D"), ("UNH0203", "3"), ("UNH0204", "UN")] {
        fill(&mut unh, &["UNH02", name], text);
    }
    message.push(unh);
    let mut uci = segment("UCI", &[field(unb, "UNB05")]);
    let whole = wrong.iter().any(|way| way.is_empty());
    for (to, from) in [("UCI02", "UNB02"), ("UCI03", "UNB03")] {
        if let Some(copy) = renamed(part(from), to) {
            uci.push(copy);
        }
    }
    // 4: this level and all below rejected; 8: received; 7: accepted (data element 0083).
    fill(&mut uci, &["UCI04"], if whole { "4" } else { "7" });
    message.push(uci);
    for (at, element) in root.elements().enumerate().filter(|_| !whole) {
        match element.name.local.as_str() {
            "Message" => message.push(response(element, is_wrong(wrong, &[at]))),
            GROUP => {
                for (inner, one) in element.elements().enumerate().filter(|(_, e)| e.name.local == "Message")
                {
                    message.push(response(one, is_wrong(wrong, &[at, inner])));
                }
            }
            _ => {}
        }
    }
    let mut answer = new(ROOT);
    if let Some(una) = root.child("UNA") {
        answer.push(una.clone());
    }
    answer.push(header);
    answer.push(message);
    answer
}

/// The `UCM` of one message.
fn response(message: &Element, bad: bool) -> Element {
    let unh = message.child("UNH");
    let mut ucm = segment("UCM", &[field(unh, "UNH01")]);
    if let Some(copy) = renamed(unh.and_then(|unh| unh.child("UNH02")), "UCM02") {
        ucm.push(copy);
    }
    fill(&mut ucm, &["UCM03"], if bad { "4" } else { "7" });
    ucm
}

#[cfg(test)]
mod tests {
    use super::super::tests::{edifact as edifact_text, read, x12 as x12_text};
    use super::super::{Defaults, Edi};
    use super::*;
    use crate::document::codec::Codec;

    fn answered(text: &str, syntax: Syntax, wrong: &[&[usize]]) -> String {
        let codec = Edi { defaults: Defaults { newline: "\n", ..Defaults::of(syntax) }, ..Edi::any(syntax) };
        let stamp = Stamp { date: "261121", time: "0900", control: "12" };
        let answer = acknowledge(&read(&codec, text).unwrap(), wrong, &stamp, syntax);
        let mut out = Vec::new();
        codec.encode(&answer, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        read(&codec, &text).unwrap();
        text
    }

    #[test]
    fn a_997_says_what_was_taken() {
        let two = x12_text("BEG*00~")
            .replace("SE*3*0001~", "SE*3*0001~ST*850*0002~SE*2*0002~")
            .replace("GE*1", "GE*2");
        let text = answered(&two, Syntax::X12, &[&[1, 1, 1, 0]]);
        assert_eq!(
            text,
            "ISA*00*          *00*          *ZZ*RECEIVER       *ZZ*SENDER         *261121*0900*^*00501*000000012*0*P*:~\n\
             GS*FA*RECEIVER*SENDER*20261121*0900*1*X*005010~\nST*997*0001~\nAK1*PO*1~\nAK2*850*0001~\nAK5*R*5~\n\
             AK2*850*0002~\nAK5*A~\nAK9*P*2*2*1~\nSE*8*0001~\nGE*1*1~\nIEA*1*000000012~\n"
        );
        assert!(answered(&two, Syntax::X12, &[]).contains("AK9*A*2*2*2~"));
        assert!(answered(&two, Syntax::X12, &[&[]]).contains("AK9*R*2*2*0~"));
    }

    #[test]
    fn a_contrl_says_what_was_taken() {
        let text = answered(&edifact_text("BGM+1'"), Syntax::Edifact, &[&[1, 1]]);
        assert_eq!(
            text,
            "UNB+UNOA:3+RECEIVER+SENDER:14+261121:0900+12'\nUNH+1+CONTRL:D:3:UN'\n\
             UCI+REF1+SENDER:14+RECEIVER+7'\nUCM+1+ORDERS:D:96A:UN+4'\nUNT+4+1'\nUNZ+1+12'\n"
        );
        assert!(
            answered(&edifact_text("BGM+1'"), Syntax::Edifact, &[&[]])
                .contains("UCI+REF1+SENDER:14+RECEIVER+4'\nUNT+3")
        );
    }
}
