//! Flat files over HTTP: CSV and fixed-width bodies in and out, and maps between all formats in all directions.
#![allow(clippy::disallowed_methods, reason = "tests read files and run programs")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop at the first surprise"
)]

mod support;

use support::{Gateway, call};

/// A format with a list of items, as a source and as a target.
struct Kind {
    name: &'static str,
    profile: &'static str,
    /// What repeats, and the names in it.
    list: &'static str,
    parts: [&'static str; 3],
    media: &'static str,
    body: &'static str,
}

const KINDS: [Kind; 5] = [
    Kind {
        name: "as-xml",
        profile: "format=xml { element Items { element Item occurs=\"0..*\" { element Sku; element Quantity type=integer; element Price type=decimal occurs=\"0..1\" } } }",
        list: "Items/Item",
        parts: ["Sku", "Quantity", "Price"],
        media: "application/xml; charset=utf-8",
        body: "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Items><Item><Sku>Ä;1</Sku><Quantity>7</Quantity><Price>1.50</Price></Item><Item><Sku>B</Sku><Quantity>12</Quantity></Item></Items>",
    },
    Kind {
        name: "as-json",
        profile: "format=json { object { array items { object { string sku required=#true; integer quantity; number price } } } }",
        list: "$.items",
        parts: ["sku", "quantity", "price"],
        media: "application/json",
        body: r#"{"items":[{"sku":"Ä;1","quantity":7,"price":1.50},{"sku":"B","quantity":12}]}"#,
    },
    Kind {
        name: "as-csv",
        profile: "format=csv header=#true delimiter=\";\" encoding=\"windows-1252\" { column sku required=#true; column quantity type=integer; column price type=decimal header=\"Unit price\" }",
        list: "row",
        parts: ["sku", "quantity", "price"],
        media: "text/csv; charset=windows-1252",
        body: "sku;quantity;Unit price\r\n\"Ä;1\";7;1.50\r\nB;12;\r\n",
    },
    Kind {
        name: "as-fixed",
        profile: "format=fixed { record item tag=\"I\" occurs=\"0..*\" { field sku at=2 length=4; field quantity at=6 length=3 type=integer pad=\"0\"; field price at=9 length=5 type=decimal decimals=2 } }",
        list: "item",
        parts: ["sku", "quantity", "price"],
        media: "text/plain; charset=utf-8",
        body: "IÄ;1 007  150\r\nIB   012     \r\n",
    },
    Kind {
        name: "as-row",
        profile: "format=rows { column sku; column quantity type=integer; column price type=decimal }",
        list: ".",
        parts: ["sku", "quantity", "price"],
        media: "application/json",
        body: r#"{"sku":"Ä;1","quantity":7,"price":1.50}"#,
    },
];

/// The map of two kinds: a row takes the first item, and gives one.
fn map(from: &Kind, to: &Kind) -> String {
    let quoted = |name: &str| format!("{name:?}");
    if to.list == "." {
        let first = match from.list {
            "." => String::new(),
            "$.items" => "$.items[0].".to_owned(),
            list => format!("{list}[1]/"),
        };
        let set = |at: usize| {
            format!("    set {} from={}\n", to.parts[at], quoted(&format!("{first}{}", from.parts[at])))
        };
        return (0..3).map(set).collect();
    }
    let set = |at: usize| format!("        set {} from={}\n", quoted(to.parts[at]), quoted(from.parts[at]));
    let sets: String = (0..3).map(set).collect();
    format!("    each {} into={} {{\n{sets}    }}\n", quoted(from.list), quoted(to.list))
}

/// The name of the address that serves a map.
fn object(from: &Kind, to: &Kind) -> String {
    format!("{}_{}", from.name, to.name).replace('-', "_")
}

fn all_maps() -> String {
    let mut file = String::from("listener web bind=\"127.0.0.1:0\"\n");
    for kind in &KINDS {
        file.push_str(&format!("profile {} {}\n", kind.name, kind.profile));
    }
    for from in &KINDS {
        for to in &KINDS {
            let (name, object) = (format!("{}-{}", from.name, to.name), object(from, to));
            file.push_str(&format!("map {name} from={} to={} {{\n{}}}\n", from.name, to.name, map(from, to)));
            file.push_str(&format!(
                "operation {name} {{\n    action execute\n    object {object}\n    input {}\n    output {}\n    process {{ map {name}; return }}\n}}\n",
                from.name, to.name
            ));
        }
    }
    file
}

/// The body in the character set that its media type names.
fn bytes(kind: &Kind) -> Vec<u8> {
    match kind.media.ends_with("windows-1252") {
        true => kind.body.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect(),
        false => kind.body.as_bytes().to_vec(),
    }
}

#[test]
fn every_format_becomes_every_other() {
    let gateway = Gateway::start(&all_maps());
    for from in &KINDS {
        for to in &KINDS {
            let target = format!("/ws/rest/{}", object(from, to));
            let answer = call(
                gateway.address("web"),
                "POST",
                &target,
                &[("Content-Type", from.media), ("Accept", to.media.split(';').next().unwrap())],
                &bytes(from),
            );
            assert_eq!(
                (answer.status, answer.header("content-type")),
                (200, Some(to.media)),
                "{target}: {}",
                answer.body
            );
            // One row is one item.
            let expected = match (from.list, to.name) {
                (".", "as-xml") => "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Items><Item><Sku>Ä;1</Sku><Quantity>7</Quantity><Price>1.50</Price></Item></Items>".to_owned(),
                (".", "as-json") => r#"{"items":[{"sku":"Ä;1","quantity":7,"price":1.50}]}"#.to_owned(),
                (".", "as-csv") => "sku;quantity;Unit price\r\n\"Ä;1\";7;1.50\r\n".to_owned(),
                (".", "as-fixed") => "IÄ;1 007  150\r\n".to_owned(),
                _ => to.body.to_owned(),
            };
            // The client reads what is not UTF-8 with marks in the place of letters.
            let expected = if to.name == "as-csv" { expected.replace('Ä', "\u{FFFD}") } else { expected };
            assert_eq!(answer.body, expected, "{target}");
        }
    }
}

const PRICES: &str = r##"
listener web bind="127.0.0.1:0"
profile prices format=csv header=#true delimiter=";" encoding="windows-1252" {
    column sku required=#true
    column price type=decimal
}
profile lines format=fixed length=10 { field sku at=1 length=4; field price at=5 length=6 type=decimal }
profile ack format=json { object { array rows { string } } }
map to-lines from=prices to=lines { each "row" into="row" { set sku from="sku"; set price from="price" } }
operation whole { action execute; object Whole; input prices; output prices; process { return } }
operation split { action execute; object Split; input prices many=#true; output lines many=#true; process { map to-lines; return } }
operation joined { action execute; object Joined; input lines many=#true; output lines many=#true; process { return } }
"##;

fn send(gateway: &Gateway, target: &str, media: &str, body: &[u8]) -> (u16, String, String) {
    let answer = call(gateway.address("web"), "POST", target, &[("Content-Type", media)], body);
    (answer.status, answer.header("content-type").unwrap_or_default().to_owned(), answer.body)
}

#[test]
fn files_come_and_go_as_they_are() {
    let gateway = Gateway::start(PRICES);
    let csv = "text/csv; charset=windows-1252";
    let text = b"price;sku\n1.5;A\x80\n";
    for media in ["text/csv", "text/plain", "application/octet-stream", csv] {
        let (status, given, body) = send(&gateway, "/ws/simple/executeWhole", media, text);
        assert_eq!(
            (status, given.as_str(), body.as_str()),
            (200, csv, "price;sku\n1.5;A\u{FFFD}\n"),
            "{media}"
        );
    }
    // What the media type says beats the profile; the answer is in the profile's character set again.
    let (status, given, body) = send(
        &gateway,
        "/ws/simple/executeWhole",
        "text/csv; charset=utf-8",
        "sku;price\nA€;1.5\n".as_bytes(),
    );
    assert_eq!((status, given.as_str(), body.as_str()), (200, csv, "sku;price\r\nA\u{FFFD};1.5\r\n"));
    let (status, _, body) =
        send(&gateway, "/ws/simple/executeWhole", "text/csv; charset=utf-8", "sku;price\nΩ;1.5\n".as_bytes());
    assert_eq!(status, 422, "{body}");
    assert!(body.contains("row[1]/sku: `Ω` (U+03A9) is not a character of windows-1252"), "{body}");
}

#[test]
fn a_file_is_split_into_its_records_and_joined_again() {
    let gateway = Gateway::start(PRICES);
    let (status, given, body) = send(&gateway, "/ws/rest/Split", "text/csv", b"sku;price\nA;1.5\nB;\nC;2\n");
    assert_eq!((status, given.as_str()), (200, "text/plain; charset=utf-8"));
    assert_eq!(body, "A      1.5\r\nB         \r\nC        2\r\n");
    let (status, _, again) = send(&gateway, "/ws/rest/Joined", "text/plain", body.as_bytes());
    assert_eq!((status, again), (200, body));
}

#[test]
fn what_is_too_long_for_its_field_is_not_cut() {
    let gateway = Gateway::start(PRICES);
    let (status, _, text) = send(&gateway, "/ws/rest/Split", "text/csv", b"sku;price\nABCDE;1\n");
    assert_eq!(status, 500);
    assert!(text.contains("unwritable-document"), "{text}");
}

#[test]
fn wrong_files_are_refused_with_their_lines() {
    let gateway = Gateway::start(PRICES);
    for (media, body, expected, part) in [
        (
            "text/csv",
            "sku;price\nA;1\nB\n",
            400,
            "line 3, column 1: found a record of 1 field, expected 2 fields",
        ),
        ("text/csv", "sku;prize\n", 400, "lacks columns: `price`"),
        ("text/csv", "sku;price\nA;1\n\n;cheap\n", 422, "row[2]/sku in line 4: this element is missing"),
        (
            "text/csv",
            "sku;price\nA;cheap\n",
            422,
            "row[1]/price in line 2: found `cheap`, expected a decimal number",
        ),
        ("text/csv", "", 400, "no body"),
        ("application/json", "{}", 415, "this operation reads text/csv or text/plain"),
    ] {
        let (status, _, text) = send(&gateway, "/ws/simple/executeWhole", media, body.as_bytes());
        assert_eq!(status, expected, "{text}");
        assert!(text.contains(part), "{text}");
    }
    let headers = [("Content-Type", "text/csv"), ("Accept", "application/json")];
    let answer = call(gateway.address("web"), "POST", "/ws/rest/Whole", &headers, b"sku;price\n");
    assert_eq!(answer.status, 406, "{}", answer.body);
    assert!(answer.body.contains("text/csv"), "{}", answer.body);
}
