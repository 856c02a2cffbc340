//! Calls whose messages have parts, both ways: data in parts of its own (MTOM), attachments (SwA), forms with files.
#![allow(clippy::unwrap_used, clippy::string_slice, reason = "a test may stop at the first surprise")]

#[path = "support/broken_server.rs"]
mod broken_server;
mod support;

use broken_server::{Answer, BrokenServer, Seen};
use support::{Folder, Gateway, Response, call};

const KDL: &str = include_str!("calls_with_parts/gateway.kdl");
const WSDL: &str = include_str!("calls_with_parts/archive.wsdl");
const NS: &str = "urn:example:archive";
const V11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const V12: &str = "http://www.w3.org/2003/05/soap-envelope";
const XOP: &str = "http://www.w3.org/2004/08/xop/include";
const XOP_TYPE: &str = "multipart/related; type=\"application/xop+xml\"";

fn start() -> (BrokenServer, Gateway) {
    let server = BrokenServer::start([Answer::new(200, "text/xml", envelope(V11, "<Name>n</Name>"))]);
    let folder = Folder::new();
    folder.write("gateway.kdl", KDL);
    folder.write("archive.wsdl", WSDL);
    let gateway = Gateway::start_in(folder, &[], &[("ARCHIVE", &server.url("/archive"))]);
    (server, gateway)
}

/// An envelope with a `Stored`.
fn envelope(version: &str, content: &str) -> String {
    format!(
        "<e:Envelope xmlns:e='{version}'><e:Body><Stored xmlns='{NS}'>{content}</Stored></e:Body></e:Envelope>"
    )
}

fn include(id: &str) -> String {
    format!("<Data><x:Include xmlns:x='{XOP}' href='cid:{id}'/></Data>")
}

fn post(gateway: &Gateway, path: &str, content: &str) -> Response {
    let body = format!("<Store xmlns='{NS}'>{content}</Store>");
    let path = format!("/calls{path}");
    call(gateway.address("internal"), "POST", &path, &[("Content-Type", "text/xml")], body.as_bytes())
}

/// Media type and body with `B` for the boundary, which is another each time.
fn shown(sent: &Seen) -> (String, String) {
    let media = sent.header("content-type").unwrap();
    let boundary = media.split_once("boundary=\"").unwrap().1.trim_end_matches('"');
    assert!(boundary.starts_with("soapstone-") && boundary.len() == 42, "{media}");
    let body = String::from_utf8_lossy(&sent.body).into_owned();
    (media.replace(boundary, "B"), body.replace(boundary, "B"))
}

/// The beginning of each envelope that is sent, and its end.
fn around(version: &str, body: &str) -> String {
    let prefix = if version == V11 { "soapenv" } else { "soap" };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><{prefix}:Envelope xmlns:{prefix}=\"{version}\"><{prefix}:Body>\
         <Store xmlns=\"{NS}\">{body}</Store></{prefix}:Body></{prefix}:Envelope>"
    )
}

#[test]
fn data_of_a_call_goes_in_parts_of_its_own() {
    let (server, gateway) = start();
    let answer = post(&gateway, "/data", "<Name>n</Name><Data>AAEC</Data><Data/>");
    assert_eq!(answer.status, 200, "{}", answer.body);
    let sent = server.one();
    assert_eq!(sent.header("soapaction"), Some("\"urn:example:archive:Store\""));
    let body = around(
        V11,
        &format!("<Name>n</Name><Data><Include xmlns=\"{XOP}\" href=\"cid:1@B\"/></Data><Data/>"),
    );
    let expected = format!(
        "--B\r\nContent-Type: application/xop+xml; charset=UTF-8; type=\"text/xml\"\r\n\
         Content-Transfer-Encoding: binary\r\nContent-ID: <0@B>\r\n\r\n{body}\r\n\
         --B\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\
         Content-ID: <1@B>\r\n\r\n\0\u{1}\u{2}\r\n--B--\r\n"
    );
    let media = format!("{XOP_TYPE}; start=\"<0@B>\"; start-info=\"text/xml\"; boundary=\"B\"");
    assert_eq!(shown(&sent), (media, expected));
}

#[test]
fn soap_12_says_the_action_wherever_it_is_looked_for() {
    let (server, gateway) = start();
    server.answer([Answer::new(200, "application/soap+xml", envelope(V12, "<Name>n</Name>"))]);
    // Three bytes are below the threshold, and it is MTOM all the same.
    let answer = post(&gateway, "/data12", "<Name>n</Name><Data>AAEC</Data>");
    assert_eq!(answer.status, 200, "{}", answer.body);
    let sent = server.one();
    assert_eq!(sent.header("soapaction"), None);
    let (media, body) = shown(&sent);
    let info = "\"application/soap+xml; action=\\\"urn:example:archive:Store\\\"\"";
    assert_eq!(
        media,
        format!(
            "{XOP_TYPE}; start=\"<0@B>\"; start-info={info}; action=\"urn:example:archive:Store\"; boundary=\"B\""
        )
    );
    let expected = format!(
        "--B\r\nContent-Type: application/xop+xml; charset=UTF-8; type={info}\r\n\
         Content-Transfer-Encoding: binary\r\nContent-ID: <0@B>\r\n\r\n{}\r\n--B--\r\n",
        around(V12, "<Name>n</Name><Data>AAEC</Data>")
    );
    assert_eq!(body, expected);
    post(&gateway, "/data12", "<Name>n</Name><Data>AAECAw==</Data>");
    assert!(shown(&server.one()).1.contains("href=\"cid:1@B\""));
}

#[test]
fn what_an_include_would_be_taken_for_is_not_sent() {
    let (server, gateway) = start();
    let answer = post(&gateway, "/data", &format!("<Name>n</Name>{}", include("a")));
    assert!(answer.status >= 400, "{}", answer.body);
    assert!(server.taken().is_empty());
}

#[test]
fn attachments_go_beside_the_envelope() {
    let (server, gateway) = start();
    let answer = post(&gateway, "/made", "<Name>ü</Name>");
    assert_eq!(answer.status, 200, "{}", answer.body);
    let (media, body) = shown(&server.one());
    assert_eq!(media, "multipart/related; type=\"text/xml\"; start=\"<0@B>\"; boundary=\"B\"");
    let expected = format!(
        "--B\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\
         Content-ID: <0@B>\r\n\r\n{}\r\n\
         --B\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <made@example.com>\r\n\
         Content-Disposition: attachment; filename=\"_.txt\"; filename*=UTF-8''%C3%BC.txt\r\n\r\nmade\r\n\
         --B\r\nContent-Type: application/xml; charset=utf-8\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <2@B>\r\n\r\n\
         <Store xmlns='{NS}'><Name>ü</Name></Store>\r\n--B--\r\n",
        around(V11, "<Name>ü</Name>")
    );
    assert_eq!(body, expected);
    // Beside data in parts of its own they are the last.
    server.answer([Answer::new(200, "application/soap+xml", envelope(V12, "<Name>n</Name>"))]);
    post(&gateway, "/made12", "<Name>n</Name><Data>AAEC</Data>");
    let (media, body) = shown(&server.one());
    assert!(media.starts_with(XOP_TYPE), "{media}");
    let parts: Vec<&str> = body.split("--B\r\n").collect();
    assert_eq!(parts.len(), 4, "{body}");
    assert!(parts[2].contains("<1@B>") && parts[3].contains("<made@example.com>"), "{body}");
    // Without a contract as well.
    post(&gateway, "/raw", "<Name>n</Name>");
    let (media, body) = shown(&server.one());
    let expected = "multipart/related; type=\"application/soap+xml\"; start=\"<0@B>\"; action=\"urn:raw\"; boundary=\"B\"";
    assert_eq!(media, expected);
    assert!(
        body.contains("Content-Type: application/soap+xml; charset=utf-8; action=\"urn:raw\"\r\n"),
        "{body}"
    );
    // Two of one name are a mistake of the file.
    let answer = post(&gateway, "/twice", "<Name>n</Name>");
    assert_eq!(answer.status, 500, "{}", answer.body);
    assert!(server.taken().is_empty());
}

#[test]
fn the_attachments_of_a_request_can_be_passed_on() {
    let (server, gateway) = start();
    let call_of = format!(
        "<w:createDocument xmlns:w='http://www.boomi.com/connector/wss'><Store xmlns='{NS}'><Name>n</Name></Store></w:createDocument>"
    );
    let body = format!(
        "--b\r\nContent-Type: text/xml\r\n\r\n{}\r\n--b\r\nContent-Type: image/png\r\nContent-ID: <one@x>\r\n\r\nPNG\r\n--b--\r\n",
        support::envelope("1.1", &call_of)
    );
    let media = "multipart/related; type=\"text/xml\"; boundary=b";
    let answer =
        call(gateway.address("internal"), "POST", "/calls/soap", &[("Content-Type", media)], body.as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.body);
    let (_, body) = shown(&server.one());
    let part = "--B\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <one@x>\r\n\r\nPNG\r\n--B--\r\n";
    assert!(body.ends_with(part), "{body}");
}

#[test]
fn answers_are_put_together_however_they_are_written() {
    let (server, gateway) = start();
    let content = format!("<Name>n</Name>{}", include("a%40x"));
    let parts = format!(
        "--b\r\ncontent-id: <r>\r\ncontent-type: application/xop+xml; type=\"text/xml\"\r\n\r\n{}\r\n\
         --b\r\nCONTENT-ID: <a@x>\r\n\r\nDATA\r\n\
         --b\r\nContent-ID: <more>\r\nContent-Type: application/json\r\nContent-Disposition: attachment; filename=m.json\r\n\r\n{{\"v\":7}}\r\n--b--\r\n",
        envelope(V11, &content)
    );
    let expected = "n REFUQQ==\nmore|application/json|m.json|7\n";
    for (media, body) in [
        ("multipart/related; type=\"application/xop+xml\"; start=\"<r>\"; boundary=b", parts.clone()),
        ("Multipart/Related;Type=\"application/xop+xml\";boundary=\"b\"", parts.clone()),
        ("multipart/related; boundary=b", parts.replace("\r\n", "\n")),
    ] {
        server.answer([Answer::new(200, media, body)]);
        let answer = post(&gateway, "/fetch", "<Name>q</Name>");
        assert_eq!((answer.status, answer.body.as_str()), (200, expected), "{media}");
    }
    // One that says it has parts and has none, and one with nothing beside it.
    for media in ["multipart/related; boundary=b", "text/xml"] {
        server.answer([Answer::new(200, media, envelope(V11, "<Name>n</Name><Data>AAEC</Data>"))]);
        assert_eq!(post(&gateway, "/fetch", "<Name>q</Name>").body, "n AAEC\n", "{media}");
    }
    // A name is looked up among what came with this answer.
    server.answer([Answer::new(
        200,
        "multipart/related; boundary=b",
        parts.replace("<Name>n<", "<Name>cid:more<"),
    )]);
    assert_eq!(post(&gateway, "/find", "<Name>q</Name>").body, "application/json");
    server.answer([Answer::new(
        200,
        "multipart/related; boundary=b",
        parts.replace("<Name>n<", "<Name>none<"),
    )]);
    assert_eq!(post(&gateway, "/find", "<Name>q</Name>").status, 500);
    // What came with one answer goes with the next call.
    server.taken();
    server.answer([Answer::new(200, "multipart/related; boundary=b", parts)]);
    post(&gateway, "/passed", "<Name>q</Name>");
    let sent = server.taken();
    assert_eq!(sent.len(), 2);
    assert!(
        shown(&sent[1])
            .1
            .contains("Content-ID: <more>\r\nContent-Disposition: attachment; filename=\"m.json\"")
    );
}

#[test]
fn encoded_answers_are_made_to_fit_the_contract() {
    let (server, gateway) = start();
    let encoding = "http://schemas.xmlsoap.org/soap/encoding/";
    let body = format!(
        "<e:Envelope xmlns:e='{V11}' xmlns:i='http://www.w3.org/2001/XMLSchema-instance' xmlns:s='http://www.w3.org/2001/XMLSchema'>\
         <e:Body e:encodingStyle='{encoding}'><a:Stored xmlns:a='{NS}'><Data href='#1'/><Name i:type='s:string'>n</Name></a:Stored>\
         <multiRef id='1' i:type='s:base64Binary'>AAEC</multiRef></e:Body></e:Envelope>"
    );
    server.answer([Answer::new(200, "text/xml", body)]);
    let answer = post(&gateway, "/fetch", "<Name>q</Name>");
    assert_eq!((answer.status, answer.body.as_str()), (200, "n AAEC\n"));
}

#[test]
fn faults_come_in_parts_too() {
    let (server, gateway) = start();
    let fault = format!(
        "<e:Fault><faultcode>e:Server</faultcode><faultstring>no</faultstring><detail><Full xmlns='{NS}'>f</Full></detail></e:Fault>"
    );
    let envelope = format!("<e:Envelope xmlns:e='{V11}'><e:Body>{fault}</e:Body></e:Envelope>");
    let body =
        format!("--b\r\nContent-Type: application/xop+xml; type=\"text/xml\"\r\n\r\n{envelope}\r\n--b--\r\n");
    server.answer([Answer::new(500, "multipart/related; type=\"application/xop+xml\"; boundary=b", body)]);
    assert_eq!(post(&gateway, "/fetch", "<Name>q</Name>").body, "full");
}

#[test]
fn broken_answers_are_told_apart() {
    let (server, gateway) = start();
    let root = |content: &str| {
        format!(
            "--b\r\nContent-Type: application/xop+xml; type=\"text/xml\"\r\n\r\n{}\r\n",
            envelope(V11, content)
        )
    };
    let name = "<Name>n</Name>";
    let part = |id: usize| format!("--b\r\nContent-ID: <{id}>\r\n\r\n1\r\n");
    let large = format!("--b\r\nContent-ID: <l>\r\n\r\n{}\r\n--b--\r\n", "x".repeat(200_000));
    let large = root(&format!("{name}{}", include("l").repeat(8))) + &large;
    for (body, told) in [
        (root(name), "transport malformed-answer"),
        ("no parts".to_owned(), "transport malformed-answer"),
        ("--b\r\nContent-Type: image/png\r\n\r\n1\r\n--b--\r\n".to_owned(), "transport not-soap"),
        (root(&format!("{name}{}", include("none"))) + "--b--\r\n", "mapping bad-include"),
        (root(name) + &(0..5).map(part).collect::<String>() + "--b--\r\n", "transport answer-too-large"),
        (large, "transport answer-too-large"),
    ] {
        server.answer([Answer::new(200, "multipart/related; boundary=b", body.clone())]);
        let answer = post(&gateway, "/fetch", "<Name>q</Name>");
        assert_eq!(answer.body, told, "{}", &body[..body.len().min(300)]);
    }
    // An Include in a message without parts.
    server.answer([Answer::new(200, "text/xml", envelope(V11, &format!("{name}{}", include("a"))))]);
    assert_eq!(post(&gateway, "/fetch", "<Name>q</Name>").body, "mapping bad-include");
}

#[test]
fn forms_with_files_are_sent() {
    let (server, gateway) = start();
    server.answer([Answer::new(200, "text/plain", "ok")]);
    let answer = post(&gateway, "/form", "<Name>ü</Name><Data>AAEC</Data>");
    assert_eq!((answer.status, answer.body.as_str()), (200, "ok"));
    let sent = server.one();
    assert_eq!((sent.method.as_str(), sent.path.as_str()), ("POST", "/archive/form"));
    let (media, body) = shown(&sent);
    assert_eq!(media, "multipart/form-data; boundary=\"B\"");
    let expected = format!(
        "--B\r\nContent-Disposition: form-data; name=\"title\"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nü\r\n\
         --B\r\nContent-Disposition: form-data; name=\"note\"\r\nContent-Type: text/markdown\r\n\r\nn\r\n\
         --B\r\nContent-Disposition: form-data; name=\"data\"; filename=\"ü.bin\"\r\n\
         Content-Type: application/pdf\r\n\r\n\0\u{1}\u{2}\r\n\
         --B\r\nContent-Disposition: form-data; name=\"whole\"; filename=\"whole.xml\"\r\n\
         Content-Type: application/xml; charset=utf-8\r\n\r\n<Store xmlns='{NS}'><Name>ü</Name><Data>AAEC</Data></Store>\r\n--B--\r\n"
    );
    assert_eq!(body, expected);
}

#[test]
fn answers_of_http_are_taken_apart_where_it_is_asked_for() {
    let (server, gateway) = start();
    let get = || support::get(gateway.address("internal"), "/calls/parts").body;
    let parts = "--b\r\nContent-Type: application/json\r\n\r\n{\"v\":1}\r\n\
                 --b\r\nContent-Type: text/plain\r\nContent-Disposition: form-data; name=f; filename=x.txt\r\n\r\nx\r\n--b--\r\n";
    server.answer([Answer::new(200, "multipart/related; boundary=b", parts)]);
    assert_eq!(get(), "7b2276223a317d1|f|x.txt|text/plain\n");
    server.answer([Answer::new(200, "multipart/form-data; boundary=b", parts)]);
    let whole: String = parts.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(get(), format!("{whole}1|||application/json\n2|f|x.txt|text/plain\n"));
    server.answer([Answer::new(200, "application/json", "{\"v\":2}")]);
    assert_eq!(get(), "7b2276223a327d");
    server.answer([Answer::new(200, "multipart/related; boundary=b", "none")]);
    assert_eq!(get(), "mapping malformed-answer");
}
