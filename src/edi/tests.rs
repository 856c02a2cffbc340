//! What interchanges are read as, and what is refused.

use bytes::Bytes;

use super::structure::{ElementSpec, Item, LoopSpec, Part, SegmentSpec, element_name};
use super::wire::Wire;
use super::{Defaults, Edi, Syntax};
use crate::document::codec::{Codec, Limits, Malformed, MalformedKind};
use crate::document::tree::Element;

pub(super) const ISA: &str = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261120*0800*^*00501*000000007*0*P*:~";

/// An interchange of X12 with one group and one transaction set of these segments.
pub(super) fn x12(segments: &str) -> String {
    let count = segments.matches('~').count() + 2;
    format!(
        "{ISA}\nGS*PO*SENDER*RECEIVER*20261120*0800*1*X*005010~ST*850*0001~{segments}SE*{count}*0001~GE*1*1~IEA*1*000000007~\n"
    )
}

pub(super) const UNB: &str = "UNB+UNOA:3+SENDER:14+RECEIVER+261120:0800+REF1'";

/// An interchange of EDIFACT with one message of these segments.
pub(super) fn edifact(segments: &str) -> String {
    let parts = segments.replace("??", "");
    let count = parts.matches('\'').count() - parts.matches("?'").count() + 2;
    format!("{UNB}UNH+1+ORDERS:D:96A:UN'{segments}UNT+{count}+1'UNZ+1+REF1'")
}

pub(super) fn read(codec: &Edi, text: &str) -> Result<Element, Malformed> {
    codec.decode(&Bytes::copy_from_slice(text.as_bytes()), &Limits::default())
}

/// The tree in short: `Name{...}`, `Name=text`.
pub(super) fn short(element: &Element) -> String {
    match element.leaf() {
        Some("") => element.name.local.to_string(),
        Some(text) => format!("{}={text}", element.name.local),
        None => {
            let inner: Vec<String> = element.elements().map(short).collect();
            format!("{}{{{}}}", element.name.local, inner.join(" "))
        }
    }
}

fn body(root: &Element, names: &[&str]) -> String {
    let message = names.iter().fold(root, |at, name| at.child(name).unwrap());
    let all: Vec<String> = message.elements().map(short).collect();
    let (_, rest) = all.split_first().unwrap();
    rest[..rest.len() - 1].join(" ")
}

fn transaction(segments: &str) -> String {
    let root = read(&Edi::any(Syntax::X12), &x12(segments)).unwrap();
    body(&root, &["Group", "Transaction"])
}

fn message(segments: &str) -> String {
    body(&read(&Edi::any(Syntax::Edifact), &edifact(segments)).unwrap(), &["Message"])
}

#[test]
fn an_interchange_of_x12_is_a_tree() {
    let root = read(&Edi::any(Syntax::X12), &x12("BEG*00**P-1~")).unwrap();
    assert_eq!(
        short(&root),
        "Interchange{ISA{ISA01=00 ISA03=00 ISA05=ZZ ISA06=SENDER ISA07=ZZ ISA08=RECEIVER ISA09=261120 ISA10=0800 \
         ISA11=^ ISA12=00501 ISA13=000000007 ISA14=0 ISA15=P ISA16=:} Group{GS{GS01=PO GS02=SENDER GS03=RECEIVER \
         GS04=20261120 GS05=0800 GS06=1 GS07=X GS08=005010} Transaction{ST{ST01=850 ST02=0001} BEG{BEG01=00 BEG03=P-1} \
         SE{SE01=3 SE02=0001}} GE{GE01=1 GE02=1}} IEA{IEA01=1 IEA02=000000007}}"
    );
}

#[test]
fn composites_and_repetitions_have_names_of_their_own() {
    assert_eq!(transaction("SV1*HC:99213~"), "SV1{SV101{SV10101=HC SV10102=99213}}");
    assert_eq!(transaction("SV1*HC::25*:~HL~"), "SV1{SV101{SV10101=HC SV10103=25}} HL");
    assert_eq!(transaction("CTX*A^B^^C:D^~"), "CTX{CTX01=A CTX01=B CTX01 CTX01{CTX0101=C CTX0102=D}}");
}

#[test]
fn edifact_has_service_composites_and_releases() {
    let root = read(&Edi::any(Syntax::Edifact), &edifact("BGM+220+A?'1'")).unwrap();
    assert_eq!(
        short(&root),
        "Interchange{UNB{UNB01{UNB0101=UNOA UNB0102=3} UNB02{UNB0201=SENDER UNB0202=14} UNB03{UNB0301=RECEIVER} \
         UNB04{UNB0401=261120 UNB0402=0800} UNB05=REF1} Message{UNH{UNH01=1 UNH02{UNH0201=ORDERS UNH0202=D UNH0203=96A \
         UNH0204=UN}} BGM{BGM01=220 BGM02=A'1} UNT{UNT01=3 UNT02=1}} UNZ{UNZ01=1 UNZ02=REF1}}"
    );
    assert_eq!(message("DTM+137:20261120:102'"), "DTM{DTM01{DTM0101=137 DTM0102=20261120 DTM0103=102}}");
    let wrapped = edifact("FTX+AAI+++LONG TEXT'").replace("LONG ", "LO\r\nNG ");
    assert!(short(&read(&Edi::any(Syntax::Edifact), &wrapped).unwrap()).contains("FTX04=LONG TEXT"));
}

#[test]
fn other_delimiters_are_kept() {
    let text = x12("BEG*00~").replace('*', "|").replace('~', "\r\n").replace('\u{7}', "");
    let root = read(&Edi::any(Syntax::X12), &text).unwrap();
    let isa = root.child("ISA").unwrap();
    assert_eq!((isa.attribute("separator"), isa.attribute("terminator")), (Some("|"), Some("\r")));
    let una = format!("UNA:+,? '\n{}", edifact("QTY+21:5'"));
    let root = read(&Edi::any(Syntax::Edifact), &una).unwrap();
    assert_eq!(root.child("UNA").unwrap().leaf(), Some(":+,? '"));
}

#[test]
fn what_does_not_add_up_is_refused_at_its_place() {
    let good = x12("BEG*00~");
    let other = |from: &str, to: &str| {
        let text = good.replacen(from, to, 1);
        assert_ne!(text, good, "{from}");
        read(&Edi::any(Syntax::X12), &text).unwrap_err().to_string()
    };
    assert_eq!(
        other("SE*3*0001", "SE*4*0001"),
        "line 2, column 67: SE01 says `4` segments, and 3 are there from ST on"
    );
    assert!(other("SE*3*0001", "SE*3*1").contains("SE02 has the control number `1`, and ST02 has `0001`"));
    assert!(other("GE*1*1", "GE*2*1").contains("GE01 says `2` transaction sets"));
    assert!(other("GE*1*1", "GE*1*2").contains("GE02 has the control number `2`, and GS06 has `1`"));
    assert!(other("IEA*1*000000007", "IEA*1*8").contains("IEA02"));
    assert!(other("IEA*1*000000007~", "").contains("ends without IEA"));
    assert!(other("SE*3*0001~", "").contains("SE is missing before GE"));
    assert!(other("GE*1*1~", "").contains("GE is missing before IEA"));
    assert!(other("GS*PO", "ZZ*PO").contains("outside of a transaction set"));
    assert!(other("BEG*00", "beg*00").contains("not the tag"));
    assert!(other("SENDER   ", "SENDER  ").contains("ISA06 must be 15 characters long"));
    assert!(
        read(&Edi::any(Syntax::X12), &good.replace("IEA*1*000000007", "IEA*1*7")).is_ok(),
        "leading zeros"
    );
    assert!(
        read(&Edi::any(Syntax::X12), &format!("{good}{good}")).unwrap_err().message.contains("another one")
    );
    assert!(other("*00501*", "*     *").contains("ISA12 is missing"));
    assert!(other("GS*PO*", "GS**").contains("GS01 is missing"));
    let anonymous = edifact("BGM+1'").replace("SENDER:14", "");
    assert!(read(&Edi::any(Syntax::Edifact), &anonymous).unwrap_err().message.contains("UNB02 is missing"));
    for wrong in ["", "ISA", "ISA*00", "UNB+", "<a/>", ISA, "STX=ANA:1+"] {
        assert!(read(&Edi::any(Syntax::X12), wrong).is_err(), "{wrong}");
        assert!(read(&Edi::any(Syntax::Edifact), wrong).is_err(), "{wrong}");
    }
}

#[test]
fn groups_of_edifact_count_themselves() {
    let text = format!(
        "{UNB}UNG+ORDERS+A+B+261120:0800+9+UN+D:96A'UNH+1+ORDERS:D:96A:UN'UNT+2+1'UNE+1+9'UNZ+1+REF1'"
    );
    let root = read(&Edi::any(Syntax::Edifact), &text).unwrap();
    assert!(root.child("Group").unwrap().child("Message").is_some());
    let mixed = text.replace("UNZ+1", "UNH+2+ORDERS:D:96A:UN'UNT+2+2'UNZ+2");
    assert!(read(&Edi::any(Syntax::Edifact), &mixed).unwrap_err().message.contains("outside of a group"));
}

#[test]
fn limits_hold() {
    let limits = Limits { elements: 100, ..Limits::default() };
    let text = Bytes::from(x12(&"PO1*1*2*3~".repeat(50)));
    let error = Edi::any(Syntax::X12).decode(&text, &limits).unwrap_err();
    assert_eq!(error.kind, MalformedKind::Limit);
    let limits = Limits { depth: 4, ..Limits::default() };
    let error = Edi::any(Syntax::X12).decode(&text, &limits).unwrap_err();
    assert_eq!(error.kind, MalformedKind::Limit);
    let many = x12(&format!("PO1{}~", "*1".repeat(100)));
    assert!(read(&Edi::any(Syntax::X12), &many).unwrap_err().message.contains("more than 99"));
}

/// An order: `BEG`, then loops of `PO1` with loops of `PID` in them, then `REF` by its qualifier, then `CTT`.
pub(super) fn order() -> Edi {
    let element = |tag: &str, position: usize, name: &str, wire: Wire| ElementSpec {
        position,
        name: if name.is_empty() { element_name(tag, position, None) } else { name.into() },
        part: Part::Simple(wire),
    };
    let segment = |tag: &str, max, elements| SegmentSpec { max, elements, ..SegmentSpec::of(tag) };
    let reference = |name: &str, code: &str| {
        Item::Segment(SegmentSpec {
            name: name.into(),
            max: Some(1),
            qualifiers: vec![(1, 1, vec![code.into()])],
            ..SegmentSpec::of("REF")
        })
    };
    let pid = LoopSpec {
        name: "PID".into(),
        max: None,
        items: vec![
            Item::Segment(segment("PID", Some(1), vec![])),
            Item::Segment(segment("MEA", None, vec![])),
        ],
    };
    let price = vec![element("PO1", 2, "Quantity", Wire::Implied(2)), element("PO1", 4, "", Wire::Real)];
    let po1 = LoopSpec {
        name: "PO1".into(),
        max: None,
        items: vec![Item::Segment(segment("PO1", Some(1), price)), Item::Loop(pid)],
    };
    let date = element("BEG", 5, "Date", Wire::Date { digits: 8 });
    Edi {
        items: vec![
            Item::Segment(segment("BEG", Some(1), vec![element("BEG", 3, "Number", Wire::Text), date])),
            reference("Contract", "CT"),
            reference("Vendor", "VR"),
            Item::Loop(po1),
            Item::Segment(segment("CTT", Some(1), vec![])),
        ],
        defaults: Defaults { message: "850".into(), ..Defaults::of(Syntax::X12) },
        ..Edi::any(Syntax::X12)
    }
}

#[test]
fn segments_are_grouped_as_declared() {
    let read = |segments: &str| body(&read(&order(), &x12(segments)).unwrap(), &["Group", "Transaction"]);
    assert_eq!(
        read("BEG*00*SA*P-1**20261120~REF*VR*9~PO1*1*1250*EA*9.95~PID*F~MEA*X~MEA*Y~PID*S~PO1*2*100~CTT*2~"),
        "BEG{BEG01=00 BEG02=SA Number=P-1 Date=2026-11-20} Vendor{REF01=VR REF02=9} \
         PO1{PO1{PO101=1 Quantity=12.50 PO103=EA PO104=9.95} PID{PID{PID01=F} MEA{MEA01=X} MEA{MEA01=Y}} \
         PID{PID{PID01=S}}} PO1{PO1{PO101=2 Quantity=1.00}} CTT{CTT01=2}"
    );
    // What fits nowhere stays where it stands: the shape tells of it.
    assert_eq!(
        read("BEG*00~PO1*1~XXX*1~BEG*01~PO1*2~"),
        "BEG{BEG01=00} PO1{PO1{PO101=1} XXX{XXX01=1}} BEG{BEG01=01} PO1{PO1{PO101=2}}"
    );
    assert_eq!(read("CTT*1~PO1*1~"), "CTT{CTT01=1} PO1{PO1{PO101=1}}");
    assert_eq!(read("MEA*1~"), "MEA{MEA01=1}");
}

#[test]
fn elements_have_lines() {
    let text = x12("BEG*00~\nPO1*1~\nPID*F~\nCTT*1~\n");
    let bytes = text.as_bytes();
    // Root, group, BEG, the loop PO1, its PID.
    let ways: [&[usize]; 6] = [&[], &[1], &[1, 1, 1], &[1, 1, 2], &[1, 1, 2, 1, 0, 0], &[9]];
    assert_eq!(order().lines(bytes, &ways), [Some(1), Some(2), Some(2), Some(3), Some(4), None]);
}

#[test]
fn another_transaction_set_is_refused() {
    let text = x12("BEG*00~").replace("ST*850", "ST*810");
    let error = read(&order(), &text).unwrap_err();
    assert_eq!(error.message, "this is a transaction set of `810`, and `850` is expected");
}
