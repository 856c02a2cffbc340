//! The three ways to check documents from callers, over REST and SOAP, alone and in lists.
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

use support::http::post;
use support::*;

/// A gateway with an operation for each format, for one document and for a list, whose profiles have this mode.
fn gateway(mode: &str) -> Gateway {
    let operation = |name: &str, object: &str, profile: &str, many: &str| {
        format!(
            "operation {name} {{\n  action create\n  object {object}\n  input {profile}{many}\n  output done\n  process {{\n    \
             message \"<Done>yes</Done>\" type=\"application/xml\"\n    return\n  }}\n}}\n"
        )
    };
    let kdl = format!(
        "listener a bind=\"127.0.0.1:0\"\n\
         profile done format=xml {{ element Done }}\n\
         profile item format=xml validate={mode} {{ element Item {{ attribute id; element Count type=integer; \
         element Part occurs=\"0..*\" {{ element Name }} }} }}\n\
         profile note format=json validate={mode} {{ object {{ integer count required=#true; array parts {{ object {{ string name }} }} }} }}\n\
         profile memo format=json validate={mode} schema=\"memo.schema.json\"\n{}{}{}{}{}",
        operation("one", "Item", "item", ""),
        operation("many", "Items", "item", " many=#true"),
        operation("note", "Note", "note", ""),
        operation("notes", "Notes", "note", " many=#true"),
        operation("memo", "Memo", "memo", ""),
    );
    let folder = Folder::new();
    let schema = r#"{"type":"object","required":["count"],"additionalProperties":false,"properties":{"count":{"type":"integer"},
        "parts":{"type":"array","items":{"type":"object","additionalProperties":false,"properties":{"name":{"type":"string"}}}}}}"#;
    folder.write("memo.schema.json", schema);
    folder.write("gateway.kdl", &kdl);
    Gateway::start_in(folder, &[], &[])
}

/// Documents: right; with something unknown in it; with something known that is wrong.
const ITEMS: [&str; 3] = [
    "<Item id=\"1\"><Count>1</Count><Part><Name>a</Name></Part></Item>",
    "<Item id=\"1\" new=\"x\"><Count>1</Count><Part><Name>a</Name><More/></Part><Other/></Item>",
    "<Item id=\"1\"><Count>many</Count></Item>",
];
const NOTES: [&str; 3] = [
    r#"{"count":1,"parts":[{"name":"a"}]}"#,
    r#"{"count":1,"parts":[{"name":"a","more":1}],"other":2}"#,
    r#"{"count":"many"}"#,
];

/// The statuses of the three documents at an address, each put where `{}` stands.
fn statuses(gateway: &Gateway, path: &str, media: &str, around: &str, documents: [&str; 3]) -> [bool; 3] {
    documents.map(|document| {
        let body = around.replace("{}", document);
        let answer = post(gateway.address("a"), path, media, &body);
        let taken = answer.status < 300 && !answer.body.contains("Fault");
        let refused = answer.body.contains("does not fit") || answer.body.contains("not known here");
        assert!(taken != refused, "{path} {body}: {} {}", answer.status, answer.body);
        taken
    })
}

#[test]
fn each_mode_takes_what_it_says_in_every_protocol_and_in_lists() {
    for (mode, taken) in
        [("strict", [true, false, false]), ("lax", [true, true, false]), ("off", [true, true, true])]
    {
        let gateway = gateway(mode);
        let check = |path: &str, media: &str, around: &str, documents: [&str; 3]| {
            let found = statuses(&gateway, path, media, around, documents);
            assert_eq!(found, taken, "{mode} {path} {media}");
        };
        check("/ws/rest/Item", "application/xml", "{}", ITEMS);
        check("/ws/rest/Items", "application/xml", "<ItemsList>{}</ItemsList>", ITEMS);
        check("/ws/rest/Note", "application/json", "{}", NOTES);
        check("/ws/rest/Notes", "application/json", "[{}]", NOTES);
        check("/ws/rest/Memo", "application/json", "{}", NOTES);
        check("/ws/simple/createItem", "application/xml", "{}", ITEMS);
        for version in ["1.1", "1.2"] {
            let wrapped = |name: &str, inner: &str| {
                let inner =
                    format!("<w:{name} xmlns:w=\"http://www.boomi.com/connector/wss\">{inner}</w:{name}>");
                envelope(version, &inner)
            };
            check("/ws/soap", soap_type(version), &wrapped("createItem", "{}"), ITEMS);
            let list = "<w:ItemsList>{}</w:ItemsList>";
            check("/ws/soap", soap_type(version), &wrapped("createItems", list), ITEMS);
        }
    }
}
