//! The commands as a person or a unit file calls them: what they print, where, and with which exit code.
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

use std::collections::BTreeSet;

use serde_json::Value;
use support::*;

/// A folder with a file in it.
fn folder(kdl: &str) -> Folder {
    let folder = Folder::new();
    folder.write("gateway.kdl", kdl);
    folder
}

const WRONG: &str = "listener a bind=\"127.0.0.1:0\"\nlistner b\nprocess unused { stop }\n";

#[test]
fn check_says_what_is_wrong() {
    let fine = folder(&order_service());
    let (code, out, told) = run(fine.path(), &["check"], "");
    assert_eq!((code, told.as_str()), (0, ""));
    assert_eq!(out, "gateway.kdl is fine: 1 listener(s), 8 route(s)\n");
    let (code, out, told) = run(fine.path(), &["check", "gateway.kdl", "--format", "json"], "");
    assert_eq!((code, out.as_str(), told.as_str()), (0, "", ""));

    let wrong = folder(WRONG);
    let (code, out, told) = run(wrong.path(), &["check"], "");
    assert_eq!((code, out.as_str()), (1, ""));
    golden("commands/check.txt", &told);
    let (code, out, told) = run(wrong.path(), &["check", "--format", "json"], "");
    assert_eq!((code, told.as_str()), (1, ""));
    golden("commands/check.jsonl", &out);
    for line in out.lines() {
        let finding: Value = serde_json::from_str(line).unwrap();
        assert!(finding["place"]["line"].as_u64().is_some_and(|line| line > 1), "{finding}");
    }

    let warned = folder("listener a bind=\"127.0.0.1:0\"\nprofile unused format=xml { element A }\n");
    let (code, out, told) = run(warned.path(), &["check"], "");
    assert!(code == 0 && out.contains("is fine"), "a warning is no mistake: {code} {out} {told}");
    assert!(told.contains("warning[") && told.contains("0 errors, 1 warning"), "{told}");

    let (code, _, told) = run(wrong.path(), &["check", "none.kdl"], "");
    assert!(code == 1 && told.contains("none.kdl"), "{told}");
}

#[test]
fn init_writes_the_projects_own_file_once() {
    let empty = Folder::new();
    let (code, out, told) = run(empty.path(), &["init"], "");
    assert_eq!((code, told.as_str()), (0, ""));
    assert_eq!(out, "wrote ./gateway.kdl; serve it with: soapstone run ./gateway.kdl\n");
    let path = empty.path().join("gateway.kdl");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), project("gateway.kdl"));
    assert_eq!(run(empty.path(), &["check"], "").0, 0);
    std::fs::write(&path, "mine").unwrap();
    let (code, out, told) = run(empty.path(), &["init"], "");
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(told.contains("./gateway.kdl is there already"), "{told}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
    let (code, _, told) = run(empty.path(), &["init", "none/such"], "");
    assert!(code == 1 && told.contains("none/such/gateway.kdl cannot be written"), "{told}");
}

/// The words of `explain` without one: two spaces, the word, and what it is in a line.
fn words() -> Vec<String> {
    let nowhere = Folder::new();
    let (code, out, told) = run(nowhere.path(), &["explain"], "");
    assert_eq!((code, told.as_str()), (0, ""));
    let words = out.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let words: BTreeSet<String> = words.map(str::to_owned).collect();
    words.into_iter().collect()
}

#[test]
fn every_word_is_explained() {
    let nowhere = Folder::new();
    let words = words();
    for known in ["listener", "map", "decision", "xml", "soap", "basic", "sum", "each"] {
        assert!(words.iter().any(|word| word == known), "no {known} in {words:?}");
    }
    for word in &words {
        let (code, out, told) = run(nowhere.path(), &["explain", word], "");
        assert_eq!((code, told.as_str()), (0, ""), "{word}");
        assert!(out.starts_with(&format!("{word} (")), "{out}");
        assert!(out.contains("\nexample:\n  ") || out.contains("(topic)"), "{out}");
        assert!(out.lines().all(|line| line.chars().count() <= 200 && line.trim_end() == line), "{out}");
    }
    let (_, out, _) = run(nowhere.path(), &["explain", "set"], "");
    assert!(out.contains("set (map item)") && out.contains("set (step)"), "a word of two kinds: {out}");
    let (code, out, told) = run(nowhere.path(), &["explain", "desicion"], "");
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(told.contains("`desicion` is not a word") && told.contains("did you mean `decision`?"), "{told}");
    let (code, _, told) = run(nowhere.path(), &["explain", "qqqqqqqq"], "");
    assert!(code == 1 && !told.contains("did you mean") && told.contains("lists them all"), "{told}");
}

#[test]
fn routes_lists_every_address() {
    let fine = folder(&project("gateway.kdl"));
    let (code, out, told) = run(fine.path(), &["routes"], "");
    assert_eq!((code, told.as_str()), (0, ""));
    golden("commands/routes.txt", &out);
    let (code, json, _) = run(fine.path(), &["routes", "--format", "json"], "");
    assert_eq!(code, 0);
    golden("commands/routes.jsonl", &json);
    assert_eq!(json.lines().count() + 1, out.lines().count());
    let lines = project("gateway.kdl");
    for line in json.lines() {
        let route: Value = serde_json::from_str(line).unwrap();
        let at = usize::try_from(route["line"].as_u64().unwrap()).unwrap();
        let source = lines.lines().nth(at - 1).unwrap();
        assert!(source.starts_with("listener ") || source.starts_with("operation "), "{route}: {source}");
    }
    let (code, out, told) = run(folder(WRONG).path(), &["routes"], "");
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(told.contains("error[unknown-declaration]"), "{told}");
}

#[test]
fn version_names_the_version() {
    let (code, out, told) = run(Folder::new().path(), &["version"], "");
    assert_eq!((code, told.as_str()), (0, ""));
    let rest = out.strip_prefix("soapstone ").and_then(|rest| rest.strip_suffix('\n')).unwrap();
    let (version, commit) = rest.split_once(' ').unwrap_or((rest, ""));
    assert_eq!(version, env!("CARGO_PKG_VERSION"));
    assert!(commit.is_empty() || commit.starts_with("(commit "), "{out}");
}

#[test]
fn passwords_are_read_from_standard_input_and_hashed() {
    let nowhere = Folder::new();
    let (code, first, told) = run(nowhere.path(), &["hash-password"], "pass word\n");
    assert_eq!((code, told.as_str()), (0, ""));
    assert!(first.starts_with("$argon2id$v=19$") && first.ends_with('\n'), "{first}");
    let (_, second, _) = run(nowhere.path(), &["hash-password"], "pass word");
    assert_ne!(first, second, "each hash has its own salt");
    for nothing in ["", "\n"] {
        let (code, out, told) = run(nowhere.path(), &["hash-password"], nothing);
        assert_eq!((code, out.as_str()), (1, ""));
        assert!(told.contains("on standard input"), "{told}");
    }
    let (code, _, _) = run(nowhere.path(), &["hash-password", "as-an-argument"], "");
    assert_eq!(code, 2, "a password does not stand on a command line");
}

#[test]
fn help_states_exit_codes_and_usage_has_its_own() {
    let nowhere = Folder::new();
    let all = [
        vec!["--help"],
        vec!["run", "--help"],
        vec!["check", "--help"],
        vec!["reload", "--help"],
        vec!["init", "--help"],
        vec!["explain", "--help"],
        vec!["routes", "--help"],
        vec!["map", "--help"],
        vec!["trace", "--help"],
        vec!["hash-password", "--help"],
        vec!["import", "--help"],
        vec!["import", "profile", "--help"],
        vec!["version", "--help"],
    ];
    for arguments in all {
        let (code, out, told) = run(nowhere.path(), &arguments, "");
        assert_eq!((code, told.as_str()), (0, ""), "{arguments:?}");
        assert!(
            out.contains("Exit codes:\n  0  ") && out.contains("\n  1  ") && out.contains("\n  2  "),
            "{out}"
        );
    }
    for arguments in
        [vec![], vec!["chekc"], vec!["check", "--formt", "json"], vec!["check", "--format", "yaml"]]
    {
        let (code, out, told) = run(nowhere.path(), &arguments, "");
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}");
        assert!(told.contains("Usage:") || told.contains("For more information"), "{told}");
    }
}

#[test]
fn run_says_why_it_cannot() {
    let (code, out, told) = run(folder(WRONG).path(), &["run"], "");
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(told.contains("error[unknown-declaration]"), "{told}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let kdl = format!("listener a bind=\"{}\"", taken.local_addr().unwrap());
    let (code, _, told) = run(folder(&kdl).path(), &["run"], "");
    assert_eq!(code, 1, "{told}");
    assert!(told.contains("soapstone cannot serve: gateway.kdl:1:10: listener a cannot listen on"), "{told}");
    let (code, _, told) = run(folder("listener a bind=\"127.0.0.1:0\"").path(), &["reload"], "");
    assert!(code == 1 && told.contains("declares no `admin`"), "{told}");
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (code, _, told) = run(folder(&format!("admin bind=\"{free}\"")).path(), &["reload"], "");
    assert!(code == 1 && told.contains("cannot be asked"), "nobody runs there: {told}");
}

#[test]
fn there_is_no_colour_where_no_terminal_is() {
    let wrong = folder(WRONG);
    for arguments in
        [vec!["check"], vec!["run"], vec!["routes"], vec!["explain"], vec!["--help"], vec!["chekc"]]
    {
        let (_, out, told) = run(wrong.path(), &arguments, "");
        assert!(!out.contains('\u{1b}') && !told.contains('\u{1b}'), "{arguments:?}: {out}{told}");
    }
    let mut gateway = Gateway::start(&order_service());
    get(gateway.address("internal"), "/none");
    let (_, log) = gateway.stop();
    assert!(log.contains("answered") && !log.contains('\u{1b}'), "{log}");
}

#[test]
fn profiles_are_imported_from_samples_and_schemas() {
    let folder = folder("");
    folder.write("samples/ack.xml", "<Ack xmlns=\"urn:a\"><At>2026-11-20</At><Line/><Line>x</Line></Ack>");
    folder.write("ship.json", "{\"$schema\": \"http://json-schema.org/draft-07/schema#\", \"anyOf\": [{}]}");
    let import = |arguments: &[&str]| run(folder.path(), &[&["import", "profile"], arguments].concat(), "");
    let (code, out, told) = import(&["samples/ack.xml"]);
    assert_eq!((code, told.as_str()), (0, ""));
    golden("commands/import-ack.kdl", &out);
    folder.write("gateway.kdl", &format!("listener a bind=\"127.0.0.1:0\"\n{out}"));
    assert_eq!(run(folder.path(), &["check"], "").0, 0);
    let (code, out, _) = import(&["ship.json", "--name", "shipment"]);
    assert_eq!(code, 0);
    golden("commands/import-ship.kdl", &out);
    let (code, out, _) = import(&["samples/ack.xml", "--root", "Line", "--name", "line"]);
    assert!(
        code == 0 && out.contains("profile line format=xml {\n    element Line namespace=\"urn:a\"\n"),
        "{out}"
    );
    folder.write("broken.json", "{\n\"a\": }");
    folder.write("words.txt", "some words");
    folder
        .write("wrong.schema.json", "{\"type\": \"object\",\n\"properties\": {\"a\": {\"minimum\": \"x\"}}}");
    for (arguments, expected) in [
        (&["none.xml"][..], "none.xml cannot be read: there is no such file\n"),
        (&["broken.json"], "broken.json is not JSON: line 2, column 6: "),
        (&["ship.json", "--format", "xml"], "ship.json is not XML: line 1, column 1: "),
        (&["samples/ack.xml", "--root", "Lien"], "the sample has no element `Lien`; did you mean `Line`?\n"),
        (
            &["wrong.schema.json"],
            "wrong.schema.json line 2, at /properties/a/minimum: found the string `x`, expected a number\n",
        ),
        (&["ship.json", "--root", "a"], "there is no root to choose"),
        (&["words.txt"], "words.txt is neither XML, JSON nor CSV; say what it is with --format\n"),
    ] {
        let (code, out, told) = import(arguments);
        assert_eq!((code, out.as_str()), (1, ""), "{arguments:?}");
        assert!(told.contains(expected), "{arguments:?}: {told}");
    }
    assert_eq!(import(&["ship.json", "--format", "yaml"]).0, 2);
}

#[test]
fn profiles_are_imported_from_xml_schemas_and_csv() {
    let folder = folder("");
    let import = |arguments: &[&str]| run(folder.path(), &[&["import", "profile"], arguments].concat(), "");
    let checks = |profile: &str| {
        folder.write("gateway.kdl", &format!("listener a bind=\"127.0.0.1:0\"\n{profile}"));
        let (code, out, told) = run(folder.path(), &["check"], "");
        assert_eq!(code, 0, "{profile}{out}{told}");
    };
    folder.write(
        "schemas/types.xsd",
        "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"><xs:complexType name=\"Party\"><xs:sequence>\
         <xs:element name=\"Name\" type=\"xs:token\"/><xs:element name=\"Vat\" type=\"xs:string\" minOccurs=\"0\"/>\
         </xs:sequence></xs:complexType></xs:schema>",
    );
    folder.write(
        "schemas/bill.xsd",
        "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns=\"urn:b\" targetNamespace=\"urn:b\">\
         <xs:include schemaLocation=\"types.xsd\"/><xs:element name=\"Bill\" type=\"Party\"/>\
         <xs:element name=\"Bills\"><xs:complexType><xs:choice maxOccurs=\"9\"><xs:element ref=\"Bill\"/>\
         <xs:any namespace=\"##other\"/></xs:choice></xs:complexType></xs:element></xs:schema>",
    );
    let (code, out, told) = import(&["schemas/bill.xsd", "--root", "Bill"]);
    assert_eq!((code, told.as_str()), (0, ""));
    golden("commands/import-bill.kdl", &out);
    checks(&out);
    let (code, out, _) =
        import(&["schemas/bill.xsd", "--format", "xsd", "--root", "{urn:b}Bills", "--name", "bills"]);
    assert_eq!(code, 0);
    golden("commands/import-bills.kdl", &out);
    checks(&out);
    folder.write("prices.csv", "sku;Unit price;since\nA-1;1.50;2026-11-20\nA-2;2;\n");
    let (code, out, told) = import(&["prices.csv"]);
    assert_eq!((code, told.as_str()), (0, ""));
    golden("commands/import-prices.kdl", &out);
    checks(&out);
    checks("profile prices format=csv sample=\"prices.csv\"");
    folder.write("ragged.txt", "a;b\n1;2\n3\n");
    for (arguments, expected) in [
        (&["schemas/bill.xsd"][..], "say with --root which one is the root: {urn:b}Bill, {urn:b}Bills\n"),
        (&["schemas/bill.xsd", "--root", "Billls"], "no global element `Billls`; did you mean `Bills`?\n"),
        (&["prices.csv", "--format", "xsd"], "this is no XML document: "),
        (&["none.xsd", "--format", "xsd"], "none.xsd cannot be read: there is no such file\n"),
        (
            &["ragged.txt", "--format", "csv"],
            "ragged.txt is not CSV: line 3, column 1: found a record of 1 field",
        ),
    ] {
        let (code, out, told) = import(arguments);
        assert_eq!((code, out.as_str()), (1, ""), "{arguments:?}");
        assert!(told.contains(expected), "{arguments:?}: {told}");
    }
}
