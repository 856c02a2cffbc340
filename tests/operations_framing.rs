//! How documents stand in bodies: every pairing of what an operation takes and gives, over every protocol that can speak it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that fails says so by panicking"
)]

mod support;

use std::fmt::Write as _;
use std::net::SocketAddr;

use support::{Gateway, Response, call, envelope, post, soap_type};

/// The namespace of wrappers and lists.
const WSS: &str = "http://www.boomi.com/connector/wss";

/// What an operation takes or gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    None,
    Data,
    Xml,
    Xmls,
    Json,
    Jsons,
}

use Kind::{Data, Json, Jsons, None as Nothing, Xml, Xmls};

const KINDS: [Kind; 6] = [Nothing, Data, Xml, Xmls, Json, Jsons];

/// How a caller speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Speech {
    Simple,
    Rest,
    /// XML in its JSON form.
    RestJson,
    Soap11,
    Soap12,
}

use Speech::{Rest, RestJson, Simple, Soap11, Soap12};

const SPEECHES: [Speech; 5] = [Simple, Rest, RestJson, Soap11, Soap12];

impl Kind {
    fn is_xml(self) -> bool {
        matches!(self, Xml | Xmls)
    }

    fn is_many(self) -> bool {
        matches!(self, Xmls | Jsons)
    }

    /// The line of an operation.
    fn line(self, word: &str) -> String {
        match self {
            Nothing => String::new(),
            Data => format!("{word} data\n"),
            Xml | Json => format!("{word} {}-{word}\n", self.format()),
            Xmls | Jsons => format!("{word} {}-{word} many=#true\n", self.format()),
        }
    }

    fn format(self) -> &'static str {
        if self.is_xml() { "xml" } else { "json" }
    }

    /// The steps that read which document it is.
    fn reads(self) -> &'static str {
        match self {
            Nothing | Data => "set id value=\"a\"",
            Xml | Xmls => "set id from=\"Item/Id\"",
            Json | Jsons => "set id from=\"$.id\"",
        }
    }

    /// The steps that make a document of the answer.
    fn makes(self) -> &'static str {
        match self {
            Nothing => "stop",
            Data => "message \"[{id}]\"\nreturn",
            Xml | Xmls => "message \"<Ack><Id>{id}</Id></Ack>\" type=\"application/xml\"\nreturn",
            Json | Jsons => "message \"{{\\\"id\\\":\\\"{id}\\\"}\" type=\"application/json\"\nreturn",
        }
    }
}

/// The operation of a pairing, and the object that names its addresses.
fn object(input: Kind, output: Kind) -> String {
    format!("{input:?}To{output:?}")
}

fn gateway() -> (Gateway, SocketAddr) {
    let mut kdl = r##"
listener internal bind="127.0.0.1:0"
profile xml-input format=xml { element Item { element Id } }
profile xml-output format=xml { element Ack { element Id } }
profile json-input format=json { object { string id required=#true } }
profile json-output format=json { object { string id required=#true } }
operation twice {
    action get
    object Twice
    output data content-type="text/plain"
    process { branch { path a { message "one,"; return }; path b { message "two,"; return }; path c { message "three"; return } } }
}
operation too-many {
    action get
    object TooMany
    output xml-output
    process { branch { path a { message "<Ack><Id>1</Id></Ack>" type="application/xml"; return }; path b { message "<Ack><Id>2</Id></Ack>" type="application/xml"; return } } }
}
"##
    .to_owned();
    for input in KINDS {
        for output in KINDS {
            let object = object(input, output);
            write!(
                kdl,
                "operation {object} {{\naction create\nobject {object}\n{}{}process {{\n{}\nset process.seen value=\"{{process.seen}}{{id}};\"\nset response.header.X-Seen property=process.seen\n{}\n}}\n}}\n",
                input.line("input"),
                output.line("output"),
                input.reads(),
                output.makes(),
            )
            .unwrap();
        }
    }
    let gateway = Gateway::start(&kdl);
    let address = gateway.address("internal");
    (gateway, address)
}

/// Whether a pairing can be spoken so.
fn is_spoken(speech: Speech, input: Kind, output: Kind) -> bool {
    let soap = |kind: Kind| matches!(kind, Nothing | Xml | Xmls);
    match speech {
        Simple | Rest => true,
        RestJson => input.is_xml() || output.is_xml(),
        Soap11 | Soap12 => soap(input) && soap(output),
    }
}

/// The body of a request with these documents, and its media type.
fn body(speech: Speech, input: Kind, object: &str, ids: &[&str]) -> (Option<&'static str>, String) {
    let items: String = ids.iter().map(|id| format!("<Item><Id>{id}</Id></Item>")).collect();
    let json: Vec<String> = ids.iter().map(|id| format!("{{\"id\":\"{id}\"}}")).collect();
    let form: Vec<String> = ids.iter().map(|id| format!("{{\"Id\":\"{id}\"}}")).collect();
    if matches!(speech, Soap11 | Soap12) {
        let version = if speech == Soap11 { "1.1" } else { "1.2" };
        let inner = match input {
            Xmls => format!("<w:{object}List>{items}</w:{object}List>"),
            _ => items,
        };
        let inner = if input == Nothing { String::new() } else { inner };
        let body = format!("<w:create{object} xmlns:w=\"{WSS}\">{inner}</w:create{object}>");
        return (Some(soap_type(version)), envelope(version, &body));
    }
    match (input, speech) {
        (Nothing, _) => (None, String::new()),
        (Data, _) => (Some("image/png"), "anything".to_owned()),
        (Xml, RestJson) => (Some("application/json"), form.concat()),
        (Xmls, RestJson) => (Some("application/json"), format!("[{}]", form.join(","))),
        (Xml, _) => (Some("application/xml"), items),
        (Xmls, _) => (Some("application/xml"), format!("<{object}List>{items}</{object}List>")),
        (Json, _) => (Some("application/json"), json.concat()),
        (Jsons, _) => (Some("application/json"), format!("[{}]", json.join(","))),
    }
}

fn ask(
    address: SocketAddr,
    speech: Speech,
    object: &str,
    (media, body): &(Option<&str>, String),
) -> Response {
    let path = match speech {
        Simple => format!("/ws/simple/create{object}"),
        Rest | RestJson => format!("/ws/rest/{object}"),
        Soap11 | Soap12 => "/ws/soap".to_owned(),
    };
    let mut headers: Vec<(&str, &str)> = media.iter().map(|media| ("Content-Type", *media)).collect();
    // Who says nothing reads what they wrote.
    match speech {
        Rest => headers.push(("Accept", "application/xml, */*;q=0.1")),
        RestJson => headers.push(("Accept", "application/json, */*;q=0.1")),
        _ => {}
    }
    call(address, "POST", &path, &headers, body.as_bytes())
}

/// The answer with these documents: status, media type and body.
fn expected(speech: Speech, output: Kind, object: &str, ids: &[&str]) -> (u16, Option<&'static str>, String) {
    let prolog = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
    let acks: String = ids.iter().map(|id| format!("<Ack><Id>{id}</Id></Ack>")).collect();
    let json =
        |name: &str| -> Vec<String> { ids.iter().map(|id| format!("{{\"{name}\":\"{id}\"}}")).collect() };
    if let Soap11 | Soap12 = speech {
        let version = if speech == Soap11 { "1.1" } else { "1.2" };
        if output == Nothing {
            return (202, None, String::new());
        }
        let inner = match output {
            Xmls => format!("<wss:{object}ResponseList>{acks}</wss:{object}ResponseList>"),
            _ => acks,
        };
        let (prefix, namespace) = match speech {
            Soap11 => ("soapenv", "http://schemas.xmlsoap.org/soap/envelope/"),
            _ => ("soap", "http://www.w3.org/2003/05/soap-envelope"),
        };
        let wrapper =
            format!("<wss:create{object}Response xmlns:wss=\"{WSS}\">{inner}</wss:create{object}Response>");
        let body = format!("<{prefix}:Body>{wrapper}</{prefix}:Body>");
        let body =
            format!("{prolog}<{prefix}:Envelope xmlns:{prefix}=\"{namespace}\">{body}</{prefix}:Envelope>");
        return (200, Some(soap_type(version)), body);
    }
    let xml = Some("application/xml; charset=utf-8");
    let as_json = Some("application/json");
    match (output, speech) {
        (Nothing, Simple) => (200, None, String::new()),
        (Nothing, _) => (202, None, String::new()),
        (Data, _) if ids.is_empty() => (200, None, String::new()),
        (Data, _) => {
            (200, Some("application/octet-stream"), ids.iter().map(|id| format!("[{id}]")).collect())
        }
        (Xml, RestJson) if ids.is_empty() => (200, None, String::new()),
        (Xml, RestJson) => (200, as_json, json("Id").concat()),
        (Xmls, RestJson) => (200, as_json, format!("[{}]", json("Id").join(","))),
        (Xml, _) if ids.is_empty() => {
            (200, xml, format!("{prolog}<wss:{object}Response xmlns:wss=\"{WSS}\"></wss:{object}Response>"))
        }
        (Xml, _) => (200, xml, acks),
        (Xmls, _) => {
            let list = format!("{object}ResponseList");
            (200, xml, format!("{prolog}<wss:{list} xmlns:wss=\"{WSS}\">{acks}</wss:{list}>"))
        }
        (Json, _) if ids.is_empty() => (200, None, String::new()),
        (Json, _) => (200, as_json, json("id").concat()),
        (Jsons, _) => (200, as_json, format!("[{}]", json("id").join(","))),
    }
}

fn shown(answer: &Response) -> (u16, Option<&str>, String) {
    (answer.status, answer.header("content-type"), answer.body.clone())
}

#[test]
fn every_pairing_is_framed_as_the_protocol_has_it() {
    let (_gateway, address) = gateway();
    let mut count = 0;
    for input in KINDS {
        for output in KINDS {
            let object = object(input, output);
            for speech in SPEECHES.into_iter().filter(|speech| is_spoken(*speech, input, output)) {
                let several = input.is_many() && (output.is_many() || output == Data || output == Nothing);
                let ids: &[&str] = if several { &["a", "b"] } else { &["a"] };
                let mut all = vec![ids];
                if input.is_many() {
                    all.push(&[]);
                }
                for ids in all {
                    let answer = ask(address, speech, &object, &body(speech, input, &object, ids));
                    let (status, media, text) = expected(speech, output, &object, ids);
                    let what = format!("{object} over {speech:?} with {ids:?}");
                    assert_eq!(shown(&answer), (status, media, text), "{what}");
                    if output != Nothing && !ids.is_empty() {
                        let seen: String = ids.iter().map(|id| format!("{id};")).collect();
                        assert_eq!(answer.header("x-seen"), Some(seen.as_str()), "{what}");
                    }
                    count += 1;
                }
            }
        }
    }
    assert!(count > 100, "only {count} were asked");
}

#[test]
fn a_list_may_stand_in_the_namespace_of_its_answers() {
    let (_gateway, address) = gateway();
    let items = "<Item><Id>a</Id></Item><Item><Id>b</Id></Item>";
    for path in ["/ws/simple/createXmlsToXmls", "/ws/rest/XmlsToXmls"] {
        let send = |body: &str| post(address, path, "text/xml", body);
        let plain = send(&format!("<XmlsToXmlsList>{items}</XmlsToXmlsList>"));
        let named = send(&format!("<w:XmlsToXmlsList xmlns:w=\"{WSS}\">{items}</w:XmlsToXmlsList>"));
        assert_eq!((plain.status, plain.body), (named.status, named.body));
        let whole = send(&format!("<XmlsToXmlsList xmlns=\"{WSS}\">{items}</XmlsToXmlsList>"));
        assert_eq!(whole.status, 422, "the records are in no namespace: {}", whole.body);
        let other = send(&format!("<w:XmlsToXmlsList xmlns:w=\"urn:other\">{items}</w:XmlsToXmlsList>"));
        assert_eq!(other.status, 422, "{}", other.body);
        let single = send("<Item><Id>a</Id></Item>");
        assert_eq!(single.status, 422, "{}", single.body);
    }
}

#[test]
fn several_returns_of_data_stand_one_behind_the_other() {
    let (_gateway, address) = gateway();
    for path in ["/ws/simple/getTwice", "/ws/rest/Twice"] {
        let answer = call(address, "GET", path, &[], b"");
        assert_eq!((answer.status, answer.body.as_str()), (200, "one,two,three"), "{path}");
        let answer = call(address, "GET", &path.replace("Twice", "TooMany"), &[], b"");
        assert_eq!(answer.status, 500, "{path}");
    }
    let inner = format!("<w:getTooMany xmlns:w=\"{WSS}\"/>");
    assert_eq!(post(address, "/ws/soap", soap_type("1.1"), &envelope("1.1", &inner)).status, 500);
}

#[test]
fn what_takes_nothing_takes_no_body() {
    let (_gateway, address) = gateway();
    let simple = post(address, "/ws/simple/createNoneToXml", "application/xml", "<x/>");
    assert_eq!((simple.status, simple.header("allow")), (405, Some("GET")));
    assert_eq!(call(address, "GET", "/ws/simple/createNoneToXml", &[], b"").status, 200);
    assert_eq!(post(address, "/ws/rest/NoneToXml", "application/xml", "<x/>").status, 400);
    for object in ["XmlToXml", "JsonToJson", "XmlsToXmls"] {
        assert_eq!(
            call(address, "POST", &format!("/ws/simple/create{object}"), &[], b"").status,
            400,
            "{object}"
        );
    }
}
