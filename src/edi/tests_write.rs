//! What trees are written as; what is read, written and read again is the same; no bytes make the reader fail otherwise
//! than by an error.

use bytes::Bytes;
use proptest::prelude::*;

use super::tests::{UNB, edifact, order, read, short, x12};
use super::{Delimiters, Edi, Syntax, split};
use crate::document::codec::{Codec, Limits};
use crate::document::tree::{Content, Element, Name};

fn written(codec: &Edi, root: &Element) -> Result<String, String> {
    let mut out = Vec::new();
    codec.encode(root, &mut out).map_err(|error| error.to_string())?;
    Ok(String::from_utf8(out).unwrap())
}

fn leaf(parent: &mut Element, name: &str, text: &str) {
    parent.push(Element::with(Name::local(name), Content::Text(text.into())));
}

/// The least that an interchange must say.
fn least() -> Element {
    let mut isa = Element::new(Name::local("ISA"));
    for (name, text) in
        [("ISA06", "ME"), ("ISA08", "YOU"), ("ISA09", "261120"), ("ISA10", "0800"), ("ISA13", "7")]
    {
        leaf(&mut isa, name, text);
    }
    let mut number = Element::new(Name::local("BEG"));
    leaf(&mut number, "Date", "2026-11-20");
    leaf(&mut number, "Number", "P-1");
    let mut line = Element::new(Name::local("PO1"));
    leaf(&mut line, "Quantity", "12.5");
    let mut lines = Element::new(Name::local("PO1"));
    lines.push(line);
    let mut set = Element::new(Name::local("Transaction"));
    set.push(number);
    set.push(lines);
    let mut group = Element::new(Name::local("Group"));
    group.push(set.clone());
    group.push(set);
    let mut root = Element::new(Name::local("Interchange"));
    root.push(isa);
    root.push(group);
    root
}

#[test]
fn what_is_missing_is_filled() {
    let set = |number| format!("ST*850*{number}~BEG***P-1**20261120~PO1**1250~SE*4*{number}~");
    assert_eq!(
        written(&order(), &least()).unwrap(),
        format!(
            "ISA*00*          *00*          *ZZ*ME             *ZZ*YOU            *261120*0800*^*00501*000000007*0*P*:~\
             GS*PO*ME*YOU*20261120*0800*1*X*005010~{}{}GE*2*1~IEA*1*7~",
            set("0001"),
            set("0002")
        )
        .replace("IEA*1*7", "IEA*1*000000007")
    );
}

#[test]
fn counts_are_computed_and_control_numbers_copied() {
    let root = read(&Edi::any(Syntax::X12), &x12("BEG*00~REF*A~")).unwrap();
    let text =
        written(&Edi::any(Syntax::X12), &split::messages(root, Syntax::X12, &Limits::default()).unwrap()[0])
            .unwrap();
    assert_eq!(text, x12("BEG*00~REF*A~").replace('\n', ""));
    let stale = x12("BEG*00~").replace("SE*3", "SE*03");
    let root = read(&Edi::any(Syntax::X12), &stale).unwrap();
    assert_eq!(written(&Edi::any(Syntax::X12), &root).unwrap(), stale.replace('\n', ""));
}

#[test]
fn what_cannot_be_written_is_told_with_its_path() {
    let error = |change: &dyn Fn(&mut String)| {
        let mut text = x12("BEG*00**P-1~");
        change(&mut text);
        text
    };
    let mut root = read(&Edi::any(Syntax::X12), &error(&|_| {})).unwrap();
    let refused = |root: &Element| written(&Edi::any(Syntax::X12), root).unwrap_err();
    let beg = |root: &mut Element, name: &str, text: &str| {
        let mut segment = Element::new(Name::local("BEG"));
        leaf(&mut segment, name, text);
        let group = root.nodes_mut().get_mut(1).unwrap();
        let crate::document::tree::Node::Element(group) = group else { panic!() };
        let crate::document::tree::Node::Element(set) = group.nodes_mut().get_mut(1).unwrap() else {
            panic!()
        };
        set.nodes_mut().truncate(1);
        set.push(segment);
    };
    beg(&mut root, "BEG03", "A*B");
    assert_eq!(
        refused(&root),
        "Interchange/Group/Transaction/BEG/BEG03: `*` delimits in this interchange, and cannot be escaped in it"
    );
    beg(&mut root, "Number", "A");
    assert!(
        refused(&root).starts_with("Interchange/Group/Transaction/BEG/Number: this is no element of BEG")
    );
    let mut least = least();
    let crate::document::tree::Node::Element(isa) = &mut least.nodes_mut()[0] else { panic!() };
    isa.nodes_mut().pop();
    assert_eq!(
        written(&order(), &least).unwrap_err(),
        "Interchange/ISA/ISA13: the control number is missing, and nothing says it but the document"
    );
}

#[test]
fn edifact_releases_what_delimits_and_says_other_delimiters() {
    let text = edifact("FTX+A?+B?:?'??'");
    let root = read(&Edi::any(Syntax::Edifact), &text).unwrap();
    assert_eq!(written(&Edi::any(Syntax::Edifact), &root).unwrap(), text);
    let mut other = Edi::any(Syntax::Edifact);
    other.defaults.delimiters = Delimiters { element: '*', repetition: None, ..Delimiters::EDIFACT };
    let text = written(&other, &root).unwrap();
    assert!(text.starts_with("UNA:*.? 'UNB*UNOA:3*"), "{text}");
    assert_eq!(
        short(read(&other, &text).unwrap().child("Message").unwrap()),
        short(root.child("Message").unwrap())
    );
}

#[test]
fn latin1_is_written_as_the_interchange_says() {
    let text = edifact("NAD+BÜRO'").replace("UNOA", "UNOC");
    let root = read(&Edi::any(Syntax::Edifact), &text).unwrap();
    let mut out = Vec::new();
    Edi::any(Syntax::Edifact).encode(&root, &mut out).unwrap();
    assert!(out.windows(4).any(|four| four == b"B\xDCRO"));
    let again = Edi::any(Syntax::Edifact).decode(&Bytes::from(out), &Limits::default()).unwrap();
    assert_eq!(again, root);
    let euro = read(&Edi::any(Syntax::Edifact), &text.replace('Ü', "€")).unwrap();
    assert!(written(&Edi::any(Syntax::Edifact), &euro).unwrap_err().contains("iso-8859-1"));
}

#[test]
fn an_interchange_is_split_into_its_messages() {
    let both = written(&order(), &least()).unwrap();
    let parts = split::messages(read(&order(), &both).unwrap(), Syntax::X12, &Limits::default()).unwrap();
    assert_eq!(parts.len(), 2);
    let second = written(&order(), &parts[1]).unwrap();
    assert!(second.contains("ST*850*0002~") && second.contains("GE*1*1~") && !second.contains("0001~"));
    let message = format!("{UNB}UNH+1+A:D:1:UN'UNT+2+1'UNH+2+A:D:1:UN'UNT+2+2'UNZ+2+REF1'");
    let root = read(&Edi::any(Syntax::Edifact), &message).unwrap();
    assert_eq!(split::messages(root, Syntax::Edifact, &Limits::default()).unwrap().len(), 2);
}

fn the_same_again(codec: &Edi, bytes: &[u8]) {
    let Ok(root) = codec.decode(&Bytes::copy_from_slice(bytes), &Limits::default()) else { return };
    let mut out = Vec::new();
    match codec.encode(&root, &mut out) {
        Ok(()) => {
            let again = codec.decode(&Bytes::from(out.clone()), &Limits::default()).unwrap();
            if codec.items.is_empty() {
                assert_eq!(again, root, "{}", String::from_utf8_lossy(&out));
            }
            // What is not of its declared type may become it: it is written as the same all the same.
            let mut second = Vec::new();
            codec.encode(&again, &mut second).unwrap();
            assert_eq!(String::from_utf8_lossy(&second), String::from_utf8_lossy(&out));
        }
        // Undeclared, whatever was read can be written when its envelope says what it must.
        Err(error) => {
            let header =
                ["Interchange/ISA/", "Interchange/UNB/"].iter().any(|path| error.path.starts_with(path));
            assert!(header || !codec.items.is_empty(), "{error}");
        }
    }
}

/// What may stand in data: letters, blanks, what delimits, and what no data may hold.
const X12_DATA: &str = "([*:^~ \t\r\n\0\u{1d}]|[A-Z0-9]){0,8}";

/// Elements of envelopes of X12, and what stands there instead: `V` is any value.
const X12_PLACES: &[(&str, &str)] = &[
    ("GS*PO", "GS*V"),
    ("*RECEIVER*2", "*RECV*2"),
    ("*0800*1*X", "*0800*1V*X"),
    ("005010~", "005010V~"),
    ("*850*0001", "*850*0001V"),
    ("ST*850", "ST*850V"),
    ("SE*3", "SE*3V"),
    ("SE*3", "SE*V3"),
    ("GE*1*1", "GE*1*1V"),
    ("IEA*1*000000007", "IEA*1*V7"),
    ("IEA*1*000000007", "IEA*1*7V"),
];

/// The same of EDIFACT.
const EDIFACT_PLACES: &[(&str, &str)] = &[
    ("UNB+UNOA:", "UNB+UNOA:V"),
    ("SENDER", "V"),
    (":0800+REF1", ":0V+REF1"),
    ("+REF1'", "+REF1V'"),
    ("UNG+ORDERS", "UNG+V"),
    ("+9+UN", "+9V+UN"),
    ("UNH+1", "UNH+1V"),
    ("ORDERS:D:96A:UN", "ORDERS:VD:96A:UN"),
    ("ORDERS:D:96A:UN", "ORDERS:D:96A:UNV"),
    ("FTX+A", "FTX+AV"),
    ("UNT+3", "UNT+3V"),
    ("UNT+3", "UNT+V3"),
    ("UNE+1+9", "UNE+1+9V"),
    ("UNZ+1+REF1", "UNZ+1+REF1V"),
];

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for syntax in [Syntax::X12, Syntax::Edifact] {
            the_same_again(&Edi::any(syntax), &bytes);
        }
    }

    #[test]
    fn any_segments_of_x12_read_back(segments in "(([A-Z][A-Z0-9]{1,2}|BIN|PO1|BEG|PID|REF)([*:^]|[A-Z0-9 .-]){0,12}~\n?){0,8}") {
        for codec in [Edi::any(Syntax::X12), order()] {
            the_same_again(&codec, x12(&segments).as_bytes());
        }
    }

    // Data is anything: what delimits, blanks, ends of lines, control characters.
    #[test]
    fn any_data_of_x12_reads_back(value in X12_DATA, bytes in X12_DATA, place in 0..6usize) {
        let length = bytes.len();
        let data = [format!("NTE*{value}~"), format!("BIN*{length}*{bytes}~"), format!("BDS*{value}*{length}*{bytes}~")];
        let text = format!("{}\nGS*PO*SENDER*RECEIVER*20261120*0800*1*X*005010~ST*850*0001~{}SE*3*0001~GE*1*1~IEA*1*000000007~\n", super::tests::ISA, data[place % 3]);
        for codec in [Edi::any(Syntax::X12), order()] {
            the_same_again(&codec, text.as_bytes());
        }
    }

    #[test]
    fn any_envelope_of_x12_reads_back(value in X12_DATA, place in 0..X12_PLACES.len()) {
        let text = x12("BEG*00~");
        let (from, to) = X12_PLACES[place];
        the_same_again(&Edi::any(Syntax::X12), text.replacen(from, &to.replace('V', &value), 1).as_bytes());
        // Of a fixed length, whatever is in it.
        let padded = |length: usize| format!("{:<length$.length$}", value);
        the_same_again(&Edi::any(Syntax::X12), text.replacen("00*          ", &format!("00*{}", padded(10)), 1).as_bytes());
        the_same_again(&Edi::any(Syntax::X12), text.replacen("000000007*0", &format!("{}*0", padded(9)), 1).as_bytes());
    }

    #[test]
    fn any_segments_of_edifact_read_back(segments in "([A-Z][A-Z0-9]{2}([+:*]|\\?[+:?'*]|[A-Za-z0-9 .,\n-]){0,12}'\n?){0,8}", version in 1..5) {
        let text = edifact(&segments).replace("UNOA:3", &format!("UNOA:{version}"));
        the_same_again(&Edi::any(Syntax::Edifact), text.as_bytes());
        the_same_again(&Edi::any(Syntax::Edifact), format!("UNA:+,?*'{text}").as_bytes());
    }

    #[test]
    fn any_envelope_of_edifact_reads_back(value in "([+:*?' \t\r\n\0\u{1d}]|[A-Z0-9]){0,6}", place in 0..EDIFACT_PLACES.len(), version in 3..5) {
        let group = "UNG+ORDERS+A+B+261120:0800+9+UN+D:96A'UNH+1+ORDERS:D:96A:UN'FTX+A'UNT+3+1'UNE+1+9'UNZ+1+REF1'";
        let text = format!("{UNB}{group}").replace("UNOA:3", &format!("UNOA:{version}"));
        let (from, to) = EDIFACT_PLACES[place];
        let text = text.replacen(from, &to.replace('V', &value), 1);
        the_same_again(&Edi::any(Syntax::Edifact), text.as_bytes());
        the_same_again(&Edi::any(Syntax::Edifact), format!("UNA:+.\u{1d}*'\r\n{text}").as_bytes());
    }

    #[test]
    fn a_broken_interchange_is_refused(at in 0usize..400, byte in any::<u8>()) {
        for (syntax, text) in [(Syntax::X12, x12("BEG*00*A:B^C~BIN*3*a~b~")), (Syntax::Edifact, edifact("BGM+A?+B:C'"))] {
            let mut bytes = text.into_bytes();
            let at = at % bytes.len();
            bytes[at] = byte;
            the_same_again(&Edi::any(syntax), &bytes);
            bytes.truncate(at);
            the_same_again(&Edi::any(syntax), &bytes);
        }
    }
}
