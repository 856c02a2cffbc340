//! Tests of faults: the texts of both versions, and the statuses.

use super::*;

fn fault<'a>(code: Code<'a>) -> Fault<'a> {
    Fault {
        code,
        subcode: "invalid-document",
        reason: "The document does not fit: <Quantity> & more.",
        request: "r-1",
        not_xml: false,
        standard: None,
        of_header: false,
        declared: None,
        headers: &[],
        violations: vec![
            Place {
                path: "Order/Line[2]/Quantity",
                line: Some(12),
                message: "found `0`, expected at least 1",
            },
            Place { path: "Order/@id", line: None, message: "missing" },
        ],
    }
}

fn text(fault: &Fault<'_>, version: Version) -> String {
    String::from_utf8(fault.answer(version, 422).body).unwrap() + "\n"
}

#[test]
fn faults_are_written_as_their_goldens_say() {
    let blocks = [("urn:h".to_owned(), "a".to_owned()), ("urn:i\"".to_owned(), "b".to_owned())];
    for (code, version, golden) in [
        (Code::Sender, Version::V11, include_str!("../../tests/golden/fault-sender-11.xml")),
        (Code::Sender, Version::V12, include_str!("../../tests/golden/fault-sender-12.xml")),
        (
            Code::MustUnderstand(&blocks),
            Version::V11,
            include_str!("../../tests/golden/fault-must-understand-11.xml"),
        ),
        (
            Code::MustUnderstand(&blocks),
            Version::V12,
            include_str!("../../tests/golden/fault-must-understand-12.xml"),
        ),
        (
            Code::VersionMismatch(Version::ALL),
            Version::V12,
            include_str!("../../tests/golden/fault-version.xml"),
        ),
    ] {
        assert_eq!(text(&fault(code), version), golden);
    }
}

#[test]
fn a_code_that_is_no_name_stands_in_the_detail_alone() {
    let fault = Fault { subcode: "no such", ..fault(Code::Receiver) };
    let text = text(&fault, Version::V12);
    assert!(!text.contains("Subcode"), "{text}");
    assert!(text.contains("<f:code>no such</f:code>"));
}

#[test]
fn statuses_are_those_of_the_version() {
    let status = |code, version, status| fault(code).answer(version, status).status;
    assert_eq!(status(Code::Sender, Version::V11, 422), 500);
    assert_eq!(status(Code::Sender, Version::V12, 422), 400);
    assert_eq!(status(Code::Receiver, Version::V12, 500), 500);
    assert_eq!(status(Code::DataEncodingUnknown, Version::V12, 500), 500);
    assert_eq!(status(Code::VersionMismatch(Version::ALL), Version::V12, 500), 500);
    assert_eq!(status(Code::Sender, Version::V11, 415), 415);
    assert_eq!(status(Code::Receiver, Version::V11, 503), 503);
    let malformed = Fault { not_xml: true, ..fault(Code::Sender) };
    assert_eq!(malformed.answer(Version::V11, 400).status, 400);
    assert_eq!(
        fault(Code::VersionMismatch(Version::ALL)).answer(Version::V12, 500).content_type,
        "text/xml; charset=utf-8"
    );
}
