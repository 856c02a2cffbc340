//! Attachments over SOAP (MTOM, SwA) in both versions, multipart bodies over REST and plain HTTP, and what bounds them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop at the first surprise"
)]

mod support;

use support::{Folder, Gateway, Response, call};

const KDL: &str = r##"
listener internal bind="127.0.0.1:0" { limits parts=5 }
profile document format=xml {
    element Document namespace="urn:example:documents" {
        element Name
        element Data type=base64Binary occurs="0..*"
    }
}
profile seen format=xml {
    element Seen namespace="urn:example:documents" {
        element Count type=integer
        element Part occurs="0..*"
    }
}
profile part format=xml { element Part namespace="urn:example:documents" type=string }
operation create-document {
    action create
    object Document
    input document
    output document
    process { return }
}
operation list-parts {
    action query
    object Part
    input document
    output part many=#true
    process {
        attachments
        message "<Part xmlns='urn:example:documents'>{part.id}|{part.type}|{part.filename}|{part.location}|{part.header.content-language}|{request.attachments}</Part>" type="application/xml"
        return
    }
}
operation read-parts {
    action execute
    object Read
    input document
    output part many=#true
    process {
        attachments
        message "<Part xmlns='urn:example:documents'>{= doc.v }</Part>" type="application/xml"
        return
    }
}
operation find-part {
    action get
    object Part
    input document
    output part
    process {
        attachments id="{= doc.Document.Name }"
        message "<Part xmlns='urn:example:documents'>{part.type}</Part>" type="application/xml"
        return
    }
}
operation attach-parts {
    action execute
    object Attach
    input document
    output document
    process {
        branch {
            path files { attachments; attach }
            path made { message "made"; attach name="ü.txt" id="made@example.com" type="text/plain" }
            path answer { return }
        }
    }
}
operation attach-twice {
    action execute
    object Twice
    input document
    output document
    process { attach id="same"; attach id="same"; return }
}
operation take-form {
    action create
    object Form
    input multipart
    output multipart
    process { return }
}
operation pass-form {
    action create
    object Pass
    input multipart
    output multipart
    process { return }
}
operation mix-form {
    action update
    object Form
    input multipart
    output multipart content-type="multipart/mixed"
    process { return }
}
operation read-form {
    action execute
    object Form
    input multipart
    output data content-type="text/plain"
    process {
        message "{part.id}|{part.name}|{part.filename}|{part.type};"
        return
    }
}
operation get-report {
    action get
    object Report
    output data content-type="text/plain"
    process {
        message "chart"
        attach name="chart.txt" type="text/x-chart"
        message "report"
        return
    }
}
process add-one { attach name="{part.name}-called" }
operation gather-parts {
    action upsert
    object Form
    input multipart
    output data content-type="text/plain"
    process {
        try {
            attach name="taken back"
            throw "no"
            catch { attach name="{part.name}-caught" }
        }
        parallel 2 { call add-one }
        message "{request.attachments}"
        return
    }
}
api always base="/always" { soap "/soap" mtom=#true { operation create-document } }
api never base="/never" { soap "/soap" mtom=#false { operation create-document } }
api large base="/large" { soap "/soap" mtom-threshold="4B" { operation create-document } }
profile single format=xml {
    element Document namespace="urn:example:documents" { element Name; element Data type=base64Binary }
}
operation echo-document {
    action execute
    object Document
    input single
    output single
    process { return }
}
operation fetch-document {
    action get
    object Document
    input single
    output single
    process {
        attachments id="{= doc.Document.Name }"
        message "<Document xmlns='urn:example:documents'><Name>{part.type}</Name><Data/></Document>" type="application/xml"
        return
    }
}
api rpc base="/rpc" { soap "/soap" style=rpc { operation echo-document; operation fetch-document } }
api all base="/all" {
    soap "/soap" {
        operation create-document
        operation list-parts
        operation read-parts
        operation find-part
        operation attach-parts
        operation attach-twice
    }
    rest {
        post "/forms" take-form
        put "/forms" mix-form
        post "/forms/read" read-form
        post "/forms/gather" gather-parts
        get "/report" get-report
    }
}
"##;

const NS: &str = "http://www.boomi.com/connector/wss";
const XOP: &str = "http://www.w3.org/2004/08/xop/include";

fn envelope_type(version: &str) -> &'static str {
    if version == "1.1" { "text/xml" } else { "application/soap+xml" }
}

/// An envelope with the call of an operation on a document.
fn envelope(version: &str, operation: &str, content: &str) -> String {
    let document = format!("<d:Document xmlns:d='urn:example:documents'>{content}</d:Document>");
    support::envelope(version, &format!("<w:{operation} xmlns:w='{NS}'>{document}</w:{operation}>"))
}

fn include(id: &str) -> String {
    format!("<d:Data><x:Include xmlns:x='{XOP}' href='cid:{id}'/></d:Data>")
}

/// A body of parts, each a header and a content.
fn multipart(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (header, content) in parts {
        body.extend_from_slice(format!("--b\r\n{header}\r\n\r\n").as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--b--\r\n");
    body
}

fn mtom_type(version: &str) -> String {
    let info = envelope_type(version);
    format!(
        "multipart/related; type=\"application/xop+xml\"; start=\"<r>\"; start-info=\"{info}\"; boundary=b"
    )
}

/// An MTOM message: the envelope, and data with its ids.
fn mtom(version: &str, envelope: &str, data: &[(&str, &[u8])]) -> Vec<u8> {
    let root = format!(
        "Content-Type: application/xop+xml; charset=utf-8; type=\"{}\"\r\nContent-ID: <r>",
        envelope_type(version)
    );
    let headers: Vec<String> = data
        .iter()
        .map(|(id, _)| {
            format!("Content-ID: <{id}>\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: binary")
        })
        .collect();
    let mut parts = vec![(root.as_str(), envelope.as_bytes())];
    parts.extend(headers.iter().map(String::as_str).zip(data.iter().map(|(_, bytes)| *bytes)));
    multipart(&parts)
}

fn swa(version: &str, envelope: &str, attachments: &[(&str, &[u8])]) -> (String, Vec<u8>) {
    let kind = envelope_type(version);
    let root = format!("Content-Type: {kind}; charset=utf-8");
    let mut parts = vec![(root.as_str(), envelope.as_bytes())];
    parts.extend(attachments);
    (format!("Multipart/Related; boundary=\"b\"; type=\"{kind}\""), multipart(&parts))
}

fn post(gateway: &Gateway, path: &str, media: &str, body: &[u8]) -> Response {
    call(gateway.address("internal"), "POST", path, &[("Content-Type", media)], body)
}

/// Media type and body with `B` for the boundary, which is another each time.
fn shown(answer: &Response) -> (String, Vec<u8>) {
    let media = answer.header("content-type").unwrap();
    let boundary = media.split_once("boundary=\"").unwrap().1.trim_end_matches('"');
    assert!(boundary.starts_with("soapstone-") && boundary.len() == 42, "{media}");
    let mut body = Vec::new();
    let mut rest = answer.bytes.as_slice();
    while let Some(at) = rest.windows(boundary.len()).position(|window| window == boundary.as_bytes()) {
        body.extend_from_slice(&rest[..at]);
        body.push(b'B');
        rest = &rest[at + boundary.len()..];
    }
    body.extend_from_slice(rest);
    (media.replace(boundary, "B"), body)
}

#[track_caller]
fn is(answer: &Response, media: &str, body: &[u8]) {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let (found_media, found) = shown(answer);
    assert_eq!(found_media, media);
    let (found, body) =
        (String::from_utf8_lossy(&found).into_owned(), String::from_utf8_lossy(body).into_owned());
    assert_eq!(found, body);
}

const DATA: &[u8] = b"\x00\x01\r\n--b\xFF";

#[test]
fn data_goes_in_and_out_in_parts_of_its_own() {
    let gateway = Gateway::start(KDL);
    for version in ["1.1", "1.2"] {
        let content = format!("<d:Name>n</d:Name>{}{}", include("a%40x"), include("two"));
        let body =
            mtom(version, &envelope(version, "createDocument", &content), &[("a@x", DATA), ("two", b"")]);
        let answer = post(&gateway, "/all/soap", &mtom_type(version), &body);
        let (prefix, namespace) = match version {
            "1.1" => ("soapenv", "http://schemas.xmlsoap.org/soap/envelope/"),
            _ => ("soap", "http://www.w3.org/2003/05/soap-envelope"),
        };
        let kind = envelope_type(version);
        let expected = [
            format!(
                "--B\r\nContent-Type: application/xop+xml; charset=UTF-8; type=\"{kind}\"\r\n\
                 Content-Transfer-Encoding: binary\r\nContent-ID: <0@B>\r\n\r\n\
                 <?xml version=\"1.0\" encoding=\"UTF-8\"?><{prefix}:Envelope xmlns:{prefix}=\"{namespace}\"><{prefix}:Body>\
                 <wss:createDocumentResponse xmlns:wss=\"{NS}\"><Document xmlns=\"urn:example:documents\"><Name>n</Name>\
                 <Data><Include xmlns=\"{XOP}\" href=\"cid:1@B\"/></Data><Data/></Document>\
                 </wss:createDocumentResponse></{prefix}:Body></{prefix}:Envelope>\r\n\
                 --B\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\
                 Content-ID: <1@B>\r\n\r\n"
            )
            .as_bytes(),
            DATA,
            b"\r\n--B--\r\n",
        ]
        .concat();
        let media = format!(
            "multipart/related; type=\"application/xop+xml\"; start=\"<0@B>\"; start-info=\"{kind}\"; boundary=\"B\""
        );
        is(&answer, &media, &expected);
    }
}

#[test]
fn parts_of_a_procedure_are_data_too() {
    let gateway = Gateway::start(KDL);
    let data = include("a").replace("d:Data", "Data");
    let call = format!("<w:executeDocument xmlns:w='{NS}'><Name>n</Name>{data}</w:executeDocument>");
    let body = mtom("1.1", &support::envelope("1.1", &call), &[("a", DATA)]);
    let (media, body) = shown(&post(&gateway, "/rpc/soap", &mtom_type("1.1"), &body));
    assert!(media.starts_with("multipart/related; type=\"application/xop+xml\""), "{media}");
    let body = String::from_utf8_lossy(&body).into_owned();
    let part = format!("<Name>n</Name><Data><Include xmlns=\"{XOP}\" href=\"cid:1@B\"/></Data></wss:");
    assert!(body.contains(&part), "{body}");
}

#[test]
fn an_encoded_call_refers_to_its_attachments() {
    let gateway = Gateway::start(KDL);
    let ask = |address: &str| {
        // As Axis 1 writes it.
        let kind = "xmlns:y='http://xml.apache.org/xml-soap' xmlns:i='http://www.w3.org/2001/XMLSchema-instance' \
                    i:type='y:DataHandler'";
        let style = "xmlns:s='http://schemas.xmlsoap.org/soap/envelope/' \
                     s:encodingStyle='http://schemas.xmlsoap.org/soap/encoding/'";
        let call = format!(
            "<w:getDocument xmlns:w='{NS}' {style}><Name href='{address}' {kind}/><Data>AA==</Data></w:getDocument>"
        );
        let image = ("Content-Type: image/png\r\nContent-ID: <a@x>", DATA);
        let (media, body) = swa("1.1", &support::envelope("1.1", &call), &[image]);
        post(&gateway, "/rpc/soap", &media, &body)
    };
    for address in ["cid:a@x", "cid:a%40x"] {
        let answer = ask(address);
        assert!(answer.status == 200 && answer.body.contains("<Name>image/png</Name>"), "{answer:?}");
    }
    for address in ["cid:b@x", "http://127.0.0.1:9/a"] {
        let answer = ask(address);
        assert!(answer.status == 500 && answer.body.contains("bad-encoding"), "{answer:?}");
    }
}

#[test]
fn the_answer_is_in_parts_where_its_caller_or_the_file_says_so() {
    let gateway = Gateway::start(KDL);
    let data =
        |text: &str| envelope("1.1", "createDocument", &format!("<d:Name>n</d:Name><d:Data>{text}</d:Data>"));
    let ask = |path: &str, accept: &str, body: &str| {
        let headers = [("Content-Type", "text/xml"), ("Accept", accept)];
        let answer = call(gateway.address("internal"), "POST", path, &headers, body.as_bytes());
        assert_eq!(answer.status, 200, "{}", answer.body);
        let media = answer.header("content-type").unwrap();
        (media.starts_with("multipart/related"), answer.body.contains("Include"))
    };
    let xop = "text/xml, multipart/related;type=\"application/xop+xml\";q=0.5";
    let body = data("AAEC");
    assert_eq!(ask("/all/soap", "*/*", &body), (false, false));
    assert_eq!(ask("/all/soap", xop, &body), (true, true));
    assert_eq!(ask("/all/soap", &xop.replace("0.5", "0.0"), &body), (false, false));
    assert_eq!(ask("/never/soap", xop, &body), (false, false));
    assert_eq!(ask("/always/soap", "*/*", &body), (true, true));
    // Every answer is MTOM there, also one without data.
    assert_eq!(ask("/always/soap", "*/*", &data("")), (true, false));
    assert_eq!(ask("/all/soap", xop, &data("")), (false, false));
    assert_eq!(ask("/large/soap", xop, &body), (false, false));
    assert_eq!(ask("/large/soap", xop, &data("AAECAw==")), (true, true));
    // Only what can be written in one way alone comes back as it was.
    assert_eq!(ask("/all/soap", xop, &data("AA EC")), (false, false));
}

#[test]
fn attachments_are_documents_with_properties() {
    let gateway = Gateway::start(KDL);
    for version in ["1.1", "1.2"] {
        let list = envelope(version, "queryPart", "<d:Name>n</d:Name>");
        let named = "content-id: <a@x>\r\ncontent-type: application/json; charset=utf-8\r\nContent-Language: de\r\n\
            Content-Disposition: attachment; filename=\"a b.txt\"\r\nContent-Transfer-Encoding: base64";
        let located =
            "Content-Location: /b\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Type: text/xml";
        let attachments = [(named, &b"eyJ2Ijoi\r\naGkifQ=="[..]), (located, b"<v>x=3D=\r\ny</v>")];
        let (media, body) = swa(version, &list, &attachments);
        let answer = post(&gateway, "/all/soap", &media, &body);
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(!answer.header("content-type").unwrap().starts_with("multipart"));
        for part in ["a@x|application/json; charset=utf-8|a b.txt||de|2<", "2|text/xml||/b||2<"] {
            assert!(answer.body.contains(&format!(">{part}")), "{part} in {}", answer.body);
        }
        let (media, body) = swa(version, &list.replace("queryPart", "executeRead"), &attachments);
        let answer = post(&gateway, "/all/soap", &media, &body);
        assert!(answer.body.contains(">hi</Part>") && answer.body.contains(">x=y</Part>"), "{}", answer.body);
    }
}

#[test]
fn what_an_envelope_includes_is_no_attachment() {
    let gateway = Gateway::start(KDL);
    let content = format!("<d:Name>n</d:Name>{}", include("a"));
    let body = mtom("1.2", &envelope("1.2", "queryPart", &content), &[("a", b"1"), ("b", b"2")]);
    let answer = post(&gateway, "/all/soap", &mtom_type("1.2"), &body);
    assert!(answer.body.contains(">b|image/png||||1</Part>"), "{}", answer.body);
    assert_eq!(answer.body.matches("</Part>").count(), 1);
    let plain = envelope("1.1", "queryPart", "<d:Name>n</d:Name>");
    let none = post(&gateway, "/all/soap", "text/xml", plain.as_bytes());
    assert!(none.status == 200 && !none.body.contains("</Part>"), "{}", none.body);
}

#[test]
fn an_attachment_is_found_by_what_refers_to_it() {
    let gateway = Gateway::start(KDL);
    let ask = |name: &str| {
        let envelope = envelope("1.2", "getPart", &format!("<d:Name>{name}</d:Name>"));
        let one = "Content-ID: <a@x>\r\nContent-Type: a/a";
        let two = "Content-Location: http://example.com/b\r\nContent-Type: b/b";
        let (media, body) = swa("1.2", &envelope, &[(one, b"1"), (two, b"2")]);
        post(&gateway, "/all/soap", &media, &body)
    };
    for (name, found) in [("cid:a%40x", "a/a"), ("a@x", "a/a"), ("http://example.com/b", "b/b"), ("2", "b/b")]
    {
        let answer = ask(name);
        assert!(answer.body.contains(&format!(">{found}<")), "{name}: {}", answer.body);
    }
    let answer = ask("cid:other");
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("soap:Sender") && answer.body.contains("no-attachment"), "{}", answer.body);
}

#[test]
fn a_process_attaches_documents_to_its_answer() {
    let gateway = Gateway::start(KDL);
    let envelope = envelope("1.1", "executeAttach", "<d:Name>n</d:Name><d:Data>AAEC</d:Data>");
    let (media, body) = swa("1.1", &envelope, &[("Content-ID: <a@x>\r\nContent-Type: image/png", DATA)]);
    let expected = [
        &b"--B\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\nContent-ID: <0@B>\r\n\r\n"[..],
        b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
          <soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body>\
          <wss:executeAttachResponse xmlns:wss=\"http://www.boomi.com/connector/wss\">\
          <Document xmlns=\"urn:example:documents\"><Name>n</Name><Data>AAEC</Data></Document>\
          </wss:executeAttachResponse></soapenv:Body></soapenv:Envelope>\r\n\
          --B\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <a@x>\r\n\r\n",
        DATA,
        b"\r\n--B\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <made@example.com>\r\n\
          Content-Disposition: attachment; filename=\"_.txt\"; filename*=UTF-8''%C3%BC.txt\r\n\r\nmade\r\n--B--\r\n",
    ]
    .concat();
    let answer = post(&gateway, "/all/soap", &media, &body);
    is(&answer, "multipart/related; type=\"text/xml\"; start=\"<0@B>\"; boundary=\"B\"", &expected);
    let twice = envelope.replace("executeAttach", "executeTwice");
    let answer = post(&gateway, "/all/soap", "text/xml", twice.as_bytes());
    assert_eq!(answer.status, 500);
    assert!(answer.body.contains("bad-attachment-id") && !answer.body.contains("same"), "{}", answer.body);
}

#[test]
fn messages_that_are_not_whole_are_faults_of_their_sender() {
    let gateway = Gateway::start(KDL);
    let name = "<d:Name>n</d:Name>";
    let wrong = [
        ("missing", format!("{name}{}", include("other"))),
        ("http", format!("{name}<d:Data><x:Include xmlns:x='{XOP}' href='http://127.0.0.1:9/a'/></d:Data>")),
        ("no href", format!("{name}<d:Data><x:Include xmlns:x='{XOP}'/></d:Data>")),
        ("text beside", format!("{name}<d:Data>AA<x:Include xmlns:x='{XOP}' href='cid:a'/></d:Data>")),
        (
            "two",
            format!(
                "{name}<d:Data><x:Include xmlns:x='{XOP}' href='cid:a'/><x:Include xmlns:x='{XOP}' href='cid:a'/></d:Data>"
            ),
        ),
        ("root", format!("{name}{}", include("r"))),
    ];
    for version in ["1.1", "1.2"] {
        let (status, code) = if version == "1.1" { (500, "soapenv:Client") } else { (400, "soap:Sender") };
        for (what, content) in &wrong {
            let body = mtom(version, &envelope(version, "createDocument", content), &[("a", b"1")]);
            let answer = post(&gateway, "/all/soap", &mtom_type(version), &body);
            assert_eq!(answer.status, status, "{what}: {}", answer.body);
            assert!(
                answer.body.contains(code) && answer.body.contains("bad-include"),
                "{what}: {}",
                answer.body
            );
        }
        let plain = envelope(version, "createDocument", &format!("{name}{}", include("a")));
        let (media, body) = swa(version, &plain, &[("Content-ID: <a>", b"1")]);
        for (media, body) in [(envelope_type(version), plain.as_bytes()), (&media, &body)] {
            let answer = post(&gateway, "/all/soap", media, body);
            assert_eq!(answer.status, status, "{}", answer.body);
            assert!(answer.body.contains("bad-include"), "{}", answer.body);
        }
        let good = mtom(version, &envelope(version, "createDocument", name), &[]);
        let media = mtom_type(version);
        let cut = &good[..good.len() - 9];
        for (media, body) in [
            (media.as_str(), cut),
            (&media.replace("boundary=b", "boundary=c"), &good),
            (&media.replace("; boundary=b", ""), &good),
            (&media.replace("<r>", "<other>"), &good),
            (media.as_str(), b""),
        ] {
            let answer = post(&gateway, "/all/soap", media, body);
            assert_eq!(answer.status, 400, "{media}: {}", answer.body);
            assert!(answer.body.contains(code) && answer.body.contains("malformed"), "{}", answer.body);
        }
        let other = multipart(&[("Content-Type: text/plain", b"x")]);
        assert_eq!(post(&gateway, "/all/soap", "multipart/related; boundary=b", &other).status, 415);
        assert_eq!(post(&gateway, "/all/soap", "multipart/mixed; boundary=b", &good).status, 415);
    }
}

#[test]
fn bombs_are_refused_within_bounds() {
    let gateway = Gateway::start(KDL);
    let name = "<d:Name>n</d:Name>";
    let many: Vec<(String, &[u8])> = (0..5).map(|at| (at.to_string(), &b"1"[..])).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(id, bytes)| (id.as_str(), *bytes)).collect();
    let plain = envelope("1.2", "createDocument", name);
    let ask = |body: &[u8]| {
        let answer = post(&gateway, "/all/soap", &mtom_type("1.2"), body);
        (answer.status, answer.body.contains("limit-passed"))
    };
    assert_eq!(ask(&mtom("1.2", &plain, &many[..4])), (200, false));
    assert_eq!(ask(&mtom("1.2", &plain, &many)), (413, true));
    let long = "x".repeat(2000);
    assert_eq!(ask(&mtom("1.2", &plain, &[(&long, b"1")])), (413, true));
    let lines = "X: y\r\n".repeat(600);
    assert_eq!(ask(&multipart(&[(&format!("{lines}Content-ID: <r>"), plain.as_bytes())])), (413, true));
    // A part that a thousand elements share would be a thousand times what was sent.
    let shared = format!("{name}{}", include("a").repeat(1000));
    let body = mtom("1.2", &envelope("1.2", "createDocument", &shared), &[("a", &[7; 100_000])]);
    assert_eq!(ask(&body), (413, true));
    // Nor is one gone through a thousand times that is nothing once it is decoded.
    let root =
        "Content-Type: application/xop+xml; charset=utf-8; type=\"application/soap+xml\"\r\nContent-ID: <r>";
    let blank = "Content-ID: <a>\r\nContent-Transfer-Encoding: base64";
    let space = vec![b' '; 100_000];
    let blanks = |count: usize| {
        let envelope = envelope("1.2", "createDocument", &format!("{name}{}", include("a").repeat(count)));
        ask(&multipart(&[(root, envelope.as_bytes()), (blank, &space)]))
    };
    assert_eq!((blanks(5), blanks(1000)), ((200, false), (413, true)));
    let few = format!("{name}{}", include("a").repeat(5));
    let body = mtom("1.2", &envelope("1.2", "createDocument", &few), &[("a", &[7; 100_000])]);
    assert_eq!(ask(&body), (200, false));
}

const FORM: &str = "multipart/form-data; boundary=b";

fn form() -> Vec<u8> {
    let file = "Content-Disposition: form-data; name=\"file\"; filename=\"ä \\\"1\\\".png\"\r\nContent-Type: image/png";
    multipart(&[("Content-Disposition: form-data; name=\"note\"", "grüße".as_bytes()), (file, DATA)])
}

#[test]
fn forms_go_in_and_out() {
    let gateway = Gateway::start(KDL);
    let expected = [
        "--B\r\nContent-Disposition: form-data; name=\"note\"\r\nContent-Type: application/octet-stream\r\n\r\ngrüße\r\n\
         --B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"ä %221%22.png\"\r\nContent-Type: image/png\r\n\r\n"
            .as_bytes(),
        DATA,
        b"\r\n--B--\r\n",
    ]
    .concat();
    for path in ["/all/forms", "/ws/simple/createPass"] {
        is(&post(&gateway, path, FORM, &form()), "multipart/form-data; boundary=\"B\"", &expected);
    }
    let read = post(&gateway, "/all/forms/read", FORM, &form());
    assert_eq!(read.body, "1|note||;2|file|ä \"1\".png|image/png;");
    let mixed = call(gateway.address("internal"), "PUT", "/all/forms", &[("Content-Type", FORM)], &form());
    let (media, body) = shown(&mixed);
    assert_eq!(media, "multipart/mixed; boundary=\"B\"");
    let body = String::from_utf8_lossy(&body).into_owned();
    assert!(
        body.contains("Content-ID: <2>\r\nContent-Disposition: attachment; filename=\"_ \\\"1\\\".png\""),
        "{body}"
    );
    let empty = post(&gateway, "/all/forms", FORM, b"--b--");
    assert_eq!((empty.status, empty.body.as_str(), empty.header("content-type")), (200, "", None));
}

#[test]
fn forms_that_are_none_are_refused() {
    let gateway = Gateway::start(KDL);
    for (media, body, status) in [
        ("application/json", &b"{}"[..], 415),
        ("multipart/form-data", b"--b--", 400),
        (FORM, b"", 400),
        (FORM, b"--b\r\n\r\n", 400),
        (FORM, &multipart(&[("Content-Transfer-Encoding: base64", b"*")]), 400),
        (FORM, &multipart(&[("A: b", &b"1"[..]); 6]), 413),
    ] {
        let answer = post(&gateway, "/all/forms", media, body);
        assert_eq!(answer.status, status, "{media}: {}", answer.body);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    }
    let accept = [("Content-Type", FORM), ("Accept", "application/json")];
    let answer = call(gateway.address("internal"), "POST", "/all/forms", &accept, &form());
    assert_eq!(answer.status, 406);
}

#[test]
fn an_answer_of_rest_goes_with_its_attachments() {
    let gateway = Gateway::start(KDL);
    let answer = call(gateway.address("internal"), "GET", "/all/report", &[], b"");
    let expected = "--B\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <0@B>\r\n\r\nreport\r\n\
        --B\r\nContent-Type: text/x-chart\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <1@B>\r\n\
        Content-Disposition: attachment; filename=\"chart.txt\"\r\n\r\nchart\r\n--B--\r\n";
    is(
        &answer,
        "multipart/related; type=\"text/plain\"; start=\"<0@B>\"; boundary=\"B\"",
        expected.as_bytes(),
    );
}

const SCHEMA: &str = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:example:photos"
    xmlns:m="http://www.w3.org/2005/05/xmlmime" targetNamespace="urn:example:photos" elementFormDefault="qualified">
  <xs:import namespace="http://www.w3.org/2005/05/xmlmime" schemaLocation="xmlmime.xsd"/>
  <xs:element name="Photos"><xs:complexType><xs:sequence>
    <xs:element name="Photo" type="t:Photo" maxOccurs="unbounded"/>
  </xs:sequence></xs:complexType></xs:element>
  <xs:complexType name="Photo"><xs:simpleContent><xs:extension base="xs:base64Binary">
    <xs:attribute ref="m:contentType"/>
  </xs:extension></xs:simpleContent></xs:complexType>
</xs:schema>"#;

const XMLMIME: &str = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.w3.org/2005/05/xmlmime">
  <xs:attribute name="contentType" type="xs:string"/>
</xs:schema>"#;

#[test]
fn data_of_a_schema_goes_out_with_its_type() {
    let folder = Folder::new();
    folder.write("photos.xsd", SCHEMA);
    folder.write("xmlmime.xsd", XMLMIME);
    folder.write(
        "gateway.kdl",
        "listener internal bind=\"127.0.0.1:0\"\n\
         profile photos format=xml xsd=\"photos.xsd\" root=Photos\n\
         operation echo { action execute; object Photos; input photos; output photos; process { return } }\n",
    );
    let gateway = Gateway::start_in(folder, &[], &[]);
    let photo = |id: &str| {
        format!("<Photo m:contentType='image/png'><x:Include xmlns:x='{XOP}' href='cid:{id}'/></Photo>")
    };
    let body = format!(
        "<w:executePhotos xmlns:w='{NS}'><Photos xmlns='urn:example:photos' xmlns:m='http://www.w3.org/2005/05/xmlmime'>\
         {}{}</Photos></w:executePhotos>",
        photo("a"),
        photo("b")
    );
    let body = mtom("1.1", &support::envelope("1.1", &body), &[("a", b"first"), ("b", b"second")]);
    let answer = post(&gateway, "/ws/soap", &mtom_type("1.1"), &body);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let part = "Content-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n";
    assert_eq!(answer.body.matches(part).count(), 2, "{}", answer.body);
    assert!(answer.body.contains("first\r\n") && answer.body.contains("second\r\n"));
}

#[test]
fn attachments_of_parts_count_and_those_of_failed_attempts_do_not() {
    let gateway = Gateway::start(KDL);
    let parts = ["a", "b"].map(|name| format!("Content-Disposition: form-data; name=\"{name}\""));
    let body = multipart(&[(&parts[0], b"1"), (&parts[1], b"2")]);
    let answer = post(&gateway, "/all/forms/gather", FORM, &body);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let names = answer.body.split("filename=\"").skip(1).filter_map(|rest| rest.split('"').next());
    assert_eq!(names.collect::<Vec<_>>(), ["a-caught", "b-caught", "a-called", "b-called"]);
    assert!(answer.body.contains("\r\n\r\n00\r\n--"), "{}", answer.body);
}
