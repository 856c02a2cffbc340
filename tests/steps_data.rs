//! What the data steps make of documents, seen from outside: one gateway for each table, an operation for each case.
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

use support::*;

/// What all cases share.
const AROUND: &str = r#"listener internal bind="127.0.0.1:0"
profile order format=xml {
    element Order namespace="urn:o" {
        attribute id
        element Line occurs="0..*" { element Sku; element Price type=decimal }
        element Note occurs="0..*"
    }
}
profile list format=json { object { string id; array lines { object { string sku nillable=#true; number price nillable=#true } } } }
profile line format=json { object { string sku; number price } }
profile word format=json { string }
profile prices format=csv header=#true delimiter=";" { column sku; column price type=decimal }
profile purchase format=x12 transaction="850" validate=off
process halve { split "$.lines"; set half value="1"; return }
process texts { split "$.lines"; message "{= doc.sku}" }
"#;

/// A case: what comes in, what is done with it, and what comes out of it.
struct Case {
    input: &'static str,
    process: &'static str,
    body: &'static str,
    wanted: &'static str,
}

fn case(input: &'static str, process: &'static str, body: &'static str, wanted: &'static str) -> Case {
    Case { input, process, body, wanted }
}

const XML: &str = "application/xml";
const ORDER: &str = "<Order xmlns='urn:o' id='7'><Line><Sku>b</Sku><Price>10</Price></Line><Line><Sku>a</Sku><Price>9.5</Price></Line><Line><Sku>b</Sku><Price>2</Price></Line></Order>";
const LIST: &str =
    r#"{"id":"7","lines":[{"sku":"b","price":10},{"sku":"a","price":9.5},{"sku":"b","price":2}]}"#;
const PRICES: &str = "sku;price\r\nb;10\r\na;9.5\r\nb;2\r\n";

fn media(input: &str) -> &'static str {
    match input {
        "order" => XML,
        "list" => "application/json",
        "prices" => "text/csv",
        "purchase" => "application/edi-x12",
        _ => "application/octet-stream",
    }
}

/// Serves one operation for each case, and calls each.
fn answers(cases: &[Case]) -> Vec<Response> {
    let operation = |(at, case): (usize, &Case)| {
        format!(
            "operation o{at} {{ action execute; object O{at}; input {}; output data content-type=\"text/plain\"\n    process {{\n{}\n    return\n    }}\n}}\n",
            case.input, case.process
        )
    };
    let operations: String = cases.iter().enumerate().map(operation).collect();
    let gateway = Gateway::start(&format!("{AROUND}{operations}"));
    let called = |(at, case): (usize, &Case)| {
        let path = format!("/ws/simple/executeO{at}");
        post(gateway.address("internal"), &path, media(case.input), case.body)
    };
    cases.iter().enumerate().map(called).collect()
}

/// The declaration of each XML document of an answer is left out.
fn check(cases: &[Case]) {
    for (case, answer) in cases.iter().zip(answers(cases)) {
        let body = answer.body.replace("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "");
        assert_eq!((answer.status, body.as_str()), (200, case.wanted), "{}: {answer:?}", case.process);
    }
}

#[test]
fn documents_are_split_and_combined_in_every_format() {
    check(&[
        case("order", "split \"Order/Line\"\nset s from=\"Line/Sku\"\nmessage \"{s};\"", ORDER, "b;a;b;"),
        case(
            "order",
            "set id from=\"Order/@id\"\nset id2 property=id\nsplit \"Order/Line[Sku='b']\"\nmessage \"{id}{id2};\"",
            ORDER,
            "77;77;",
        ),
        case(
            "order",
            "split \"Order/Line/Price\"\ncombine root=\"{urn:p}Prices\"",
            ORDER,
            "<Prices xmlns=\"urn:p\"><Price xmlns=\"urn:o\">10</Price><Price xmlns=\"urn:o\">9.5</Price><Price xmlns=\"urn:o\">2</Price></Prices>",
        ),
        case("list", "split \"$.lines\"\ncombine", LIST, &LIST[18..LIST.len() - 1]),
        case("list", "split \"$.lines[*].sku\"\ncombine root=all", LIST, r#"{"all":["b","a","b"]}"#),
        case(
            "list",
            "split \"$.lines[?@.price>9]\"\ncombine",
            LIST,
            r#"[{"sku":"b","price":10},{"sku":"a","price":9.5}]"#,
        ),
        case(
            "prices",
            "split \"row\"",
            PRICES,
            "sku;price\r\nb;10\r\nsku;price\r\na;9.5\r\nsku;price\r\nb;2\r\n",
        ),
        case("prices", "split \"row[sku='b']\"\ncombine", PRICES, "sku;price\r\nb;10\r\nb;2\r\n"),
        case("data", "combine separator=\"|\"", "one", "one"),
        case(
            "list",
            "split \"$.lines\"\nmessage \"{= doc.sku}\"\ncombine separator=\"|\\n\"",
            LIST,
            "b|\na|\nb",
        ),
        // What is known of nothing is read when it runs.
        case(
            "data",
            "message \"<a><b>1</b><b>2</b></a>\" type=\"application/xml\"\nencode utf-8\ndecode utf-8 profile=order\nsplit \"//b\"\nmessage \"{= doc.b};\"",
            "",
            "1;2;",
        ),
        // The properties of the first are those of all.
        case("list", "split \"$.lines\"\nset s from=\"$.sku\"\ncombine\nmessage \"{s}\"", LIST, "b"),
    ]);
}

#[test]
fn transaction_sets_become_interchanges_and_one_again() {
    let head = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261120*0800*^*00501*000000007*0*P*:~GS*PO*S*R*20261120*0800*1*X*005010~";
    let sets: String =
        (1..=3).map(|n| format!("ST*850*000{n}~BEG*00*SA*P{n}**20261120~SE*3*000{n}~")).collect();
    let body: &'static str = format!("{head}{sets}GE*3*1~IEA*1*000000007~").leak();
    let split = "split \"Interchange/Group/Transaction\"\n";
    let cases = [
        case("purchase", "split \"Interchange/Group/Transaction[2]\"", body, ""),
        case(
            "purchase",
            format!("{split}set p from=\"Interchange/Group/Transaction/BEG/BEG03\"\nmessage \"{{p}};\"")
                .leak(),
            body,
            "P1;P2;P3;",
        ),
        case("purchase", format!("{split}combine").leak(), body, ""),
    ];
    let answers = answers(&cases);
    let counts = |body: &str| ["ISA*", "ST*", "IEA*"].map(|tag| body.matches(tag).count());
    assert_eq!(counts(&answers[0].body), [1, 1, 1], "{:?}", answers[0]);
    assert!(answers[0].body.contains("P2"), "{:?}", answers[0]);
    assert_eq!(answers[1].body, cases[1].wanted);
    assert_eq!(counts(&answers[2].body), [1, 3, 1], "{:?}", answers[2]);
}

#[test]
fn documents_are_sorted_and_grouped_by_a_value() {
    let lines = "split \"$.lines\"\n";
    let show = "\nmessage \"{= doc.sku}{= doc.price};\"";
    let with = |steps: &str| -> &'static str { format!("{lines}{steps}{show}").leak() };
    check(&[
        case("list", with("sort from=\"$.price\""), LIST, "b2;a9.5;b10;"),
        case("list", with("sort from=\"$.price\" descending=#true"), LIST, "b10;a9.5;b2;"),
        case("list", with("sort from=\"$.price\" as=text"), LIST, "b10;b2;a9.5;"),
        case("list", with("sort from=\"$.sku\""), LIST, "a9.5;b10;b2;"),
        case("list", with("set p from=\"$.price\"\nsort property=p"), LIST, "b2;a9.5;b10;"),
        case("list", with("sort script=#\"-decimal(doc.price)\"#"), LIST, "b10;a9.5;b2;"),
        // Of a list of records each document has one.
        case(
            "prices many=#true",
            "sort from=\"row/price\"\nset s from=\"row/sku\"\nmessage \"{s}{= doc.row.sku};\"",
            PRICES,
            "bb;aa;bb;",
        ),
        case(
            "list",
            with("sort from=\"$.price\" descending=#true"),
            r#"{"lines":[{"sku":"x"},{"sku":"b","price":1},{"sku":"y","price":null},{"sku":"c","price":1}]}"#,
            "b1;c1;x;y;",
        ),
        case(
            "prices",
            "split \"row\"\nsort from=\"row/price\"\ncombine",
            PRICES,
            "sku;price\r\nb;2\r\na;9.5\r\nb;10\r\n",
        ),
        case(
            "list",
            "split \"$.lines\"\nset p from=\"$.price\"\ngroup from=\"$.sku\"\nmessage \"{group.key}{p}:{= count(doc)};\"",
            LIST,
            "b10:2;a9.5:1;",
        ),
        case(
            "order",
            "split \"Order/Line\"\ngroup from=\"Line/Sku\" root=Lines",
            ORDER,
            "<Lines><Line xmlns=\"urn:o\"><Sku>b</Sku><Price>10</Price></Line><Line xmlns=\"urn:o\"><Sku>b</Sku><Price>2</Price></Line></Lines><Lines><Line xmlns=\"urn:o\"><Sku>a</Sku><Price>9.5</Price></Line></Lines>",
        ),
        case(
            "prices",
            "split \"row\"\ngroup from=\"row/sku\"",
            PRICES,
            "sku;price\r\nb;10\r\nb;2\r\nsku;price\r\na;9.5\r\n",
        ),
        case(
            "list",
            "split \"$.lines\"\nset group.key value=\"old\"\ngroup from=\"$.sku\"\nmessage \"<{group.key}>\"",
            r#"{"lines":[{"price":1},{"sku":"","price":1},{"sku":null},{"sku":"a"}]}"#,
            "<><><a>",
        ),
    ]);
}

/// An archive of a folder, a deflated and a stored file, and a gzip of two members, both made by Python.
const ARCHIVE: &str = "UEsDBBQACAAAAABAdF0AAAAAAAAAAAAAAAADAAAAaW4vUEsHCAAAAAAAAAAAAAAAAFBLAwQUAAgICAAAQHRdAAAAAAAAAAAAAAAACQAAAGluL8OkLnR4dMvPS1XIpyIGAFBLBwjvCf0zCQAAAFAAAABQSwMEFAAIAAAAAEB0XQAAAAAAAAAAAAAAAAUAAABiLnR4dHR3b1BLBwhmisoRAwAAAAMAAABQSwECFAMUAAgAAAAAQHRdAAAAAAAAAAAAAAAAAwAAAAAAAAAAAAAAgAEAAAAAaW4vUEsBAhQDFAAICAgAAEB0Xe8J/TMJAAAAUAAAAAkAAAAAAAAAAAAAAIABMQAAAGluL8OkLnR4dFBLAQIUAxQACAAAAABAdF1misoRAwAAAAMAAAAFAAAAAAAAAAAAAACAAXEAAABiLnR4dFBLBQYAAAAAAwADAJsAAACnAAAAAAA=";
const MEMBERS: &str = "H4sIAAAAAAACA8vPS1UAAElhrCMEAAAAH4sIAAAAAAACAyspzwcAZorKEQMAAAA=";

#[test]
fn documents_are_packed_and_coded_and_come_back() {
    let twice = |there: &str, back: &str| -> &'static str {
        format!("split \"$.lines\"\nset kept from=\"$.sku\"\n{there}\n{back}\nset v script=\"doc\"\nmessage \"{{kept}}\"").leak()
    };
    let ones = LIST;
    check(&[
        case("data", "decode base64\nexpand gzip", MEMBERS, "one two"),
        case(
            "data",
            "decode base64\nexpand zip\nset n property=file.name\nencode hex\nmessage \"{n};\"",
            ARCHIVE,
            "in/ä.txt;b.txt;",
        ),
        case(
            "data",
            "decode base64\nexpand zip\ncombine separator=\"|\"",
            ARCHIVE,
            "one one one one one one one one one one one one one one one one one one one one |two",
        ),
        case("data", "compress gzip\nexpand gzip", "some text", "some text"),
        case("data", "encode base64", "a\u{e4}?", "YcOkPw=="),
        case("data", "encode base64url\ndecode base64url", "a\u{e4}?", "a\u{e4}?"),
        case("data", "encode hex", "\u{e4}", "c3a4"),
        case("data", "decode hex\nencode url", "c3 a4 20", "%C3%A4%20"),
        case("data", "encode \"iso-8859-1\"\nencode hex", "\u{e4}", "e4"),
        case("data", "decode hex\ndecode windows-1252", "80e4", "\u{20ac}\u{e4}"),
        case("data", "encode utf-16\nencode hex", "\u{e4}", "feff00e4"),
        case("list", twice("compress gzip", "expand gzip profile=line"), ones, "bab"),
        case("list", twice("encode base64", "decode base64 profile=line"), ones, "bab"),
        case(
            "list",
            "split \"$.lines\"\nset kept from=\"$.sku\"\ncompress zip\nexpand zip profile=line\nmessage \"{kept}{file.name}{= doc.price};\"",
            ones,
            "b1.json10;b2.json9.5;b3.json2;",
        ),
        case(
            "order",
            "split \"Order/Line\"\ncompress zip name=\"{= doc.Line.Price}/{= doc.Line.Sku}.xml\"\nexpand zip\nmessage \"{file.name};\"",
            ORDER,
            "10/b.xml;9.5/a.xml;2/b.xml;",
        ),
        // What was packed for a profile is known behind, and can be split again.
        case(
            "prices",
            "compress gzip\nexpand gzip profile=prices\nsplit \"row\"\nset s from=\"row/sku\"\nmessage \"{s}\"",
            PRICES,
            "bab",
        ),
    ]);
}

#[test]
fn much_is_packed_and_coded_beside_the_worker() {
    let body: &'static str = "0123456789abcdef".repeat(40_000).leak();
    let cases = [
        "compress gzip\nexpand gzip",
        "compress zip\nexpand zip",
        "encode base64\ndecode base64",
        "encode utf-16\ndecode utf-16",
    ]
    .map(|process| case("data", process, body, body));
    for answer in answers(&cases) {
        assert!(answer.status == 200 && answer.body == body, "{} {} bytes", answer.status, answer.body.len());
    }
}

/// Every data step, for documents that hold JSON.
const EACH: &[&str] = &[
    "split \"$\"",
    "combine",
    "sort from=\"$.sku\"",
    "group from=\"$.sku\"",
    "compress gzip",
    "compress zip",
    "expand gzip",
    "expand zip",
    "encode base64",
    "decode base64",
];

#[test]
fn no_step_runs_without_documents() {
    let after = |step: &&'static str| {
        let process = format!("split \"$.lines\"\n{step}\nthrow \"it ran\" status=418");
        let process = format!("branch {{ path {{ {process} }}; path {{ message \"done\" }} }}");
        case("list", process.leak(), r#"{"lines":[]}"#, "done")
    };
    check(&EACH.iter().map(after).collect::<Vec<_>>());
    let nothing =
        "branch { path { split \"$.lines\"; combine; throw \"it ran\" }; path { split \"$.lines\" } }";
    check(&[case("list", nothing, "{}", "")]);
}

#[test]
fn steps_work_inside_others() {
    let text = "\nmessage \"{= doc.sku}\"";
    let both = "message \"{= doc[0].sku}{= count(doc)};\"";
    check(&[
        case(
            "list",
            format!("branch {{ path {{ split \"$.lines\"{text} }}; path {{ split \"$.lines[0]\"; combine; {both} }}; path {{ set id from=\"$.id\"; message \"{{id}}\" }} }}").leak(),
            LIST,
            "babb1;7",
        ),
        case("list", "try { split \"$.lines\"; sort from=\"$.price\"; catch { stop } }\nmessage \"{= doc.price};\"", LIST, "2;9.5;10;"),
        case("list", "split \"$.lines\"\nparallel 4 { compress gzip; expand gzip profile=line; split \"$.sku\"; combine; message \"{= doc[0]}\" }", LIST, "bab"),
        case("list", "split \"$.lines\"\nparallel 2 { split \"$[?@ > 9]\" }\ncombine", LIST, "[10,9.5]"),
        case("list", "call halve\nset half property=half\nmessage \"{half}{= doc.sku};\"", LIST, "1b;1a;1b;"),
        case("list", "call texts\ncombine separator=\"|\"", LIST, "b|a|b"),
        case("list", "split \"$.lines\"\nfor-each { combine root=one }\nmessage \"{= count(doc.one)}\"", LIST, "111"),
        case("list", "split \"$.lines\"\nroute from=\"$.sku\" { case b { combine; message \"b{= count(doc)};\" }; default { message \"other;\" } }", LIST, "b2;other;"),
    ]);
}

#[test]
fn what_fails_in_the_middle_of_a_batch_gives_the_originals_to_catch() {
    let texts = |step: &str, code: &'static str| {
        let catch = "catch { set process.code property=error.code }";
        let process = format!(
            "split \"$.lines\"\nmessage \"{{= doc.sku}}\"\ntry {{ {step}; {catch} }}\ncombine separator=\"|\"\nbranch {{ path {{ }}; path {{ message \" {{process.code}}\" }} }}"
        );
        let wanted: &'static str = format!("YQ==|\u{20ac}|YQ== {code}").leak();
        let body = "{\"lines\":[{\"sku\":\"YQ==\"},{\"sku\":\"\u{20ac}\"},{\"sku\":\"YQ==\"}]}";
        case("list", process.leak(), body, wanted)
    };
    check(&[
        texts("decode base64", "unreadable-document"),
        texts("decode hex", "unreadable-document"),
        texts("decode us-ascii", "unreadable-document"),
        texts("expand gzip", "unreadable-document"),
        texts("expand zip", "unreadable-document"),
        texts("encode \"iso-8859-1\"", "unwritable-document"),
        texts("set t script=#\"integer(doc)\"#", "script-failed"),
        texts("compress zip name=\"same\"", "bad-file-name"),
        texts("compress zip name=\"../{request.id}\"", "bad-file-name"),
        texts("split \"$.a\"", "unreadable-document"),
        texts("combine root=all", "wrong-document"),
        texts("sort script=\"[1]\"", "not-a-value"),
        texts("group script=\"[1]\"", "not-a-value"),
        texts(
            "branch { path { message \"1\" type=\"application/json\" }; path { } }\ncombine",
            "mixed-documents",
        ),
    ]);
}

#[test]
fn nothing_is_unpacked_beyond_the_bounds_of_its_operation() {
    let packed = bomb();
    let operation = |name: &str, limits: &str, process: &str| {
        format!(
            "operation {name} {{ action execute; object {name}; input data; output data content-type=\"text/plain\"; limits {limits}; process {{ {process}; message \"{{file.name}} \"; return }} }}\n"
        )
    };
    let text = [
        operation("Small", "bytes=\"1MiB\"", "expand gzip"),
        operation("Few", "documents=1", "decode base64; expand zip"),
        operation("Enough", "documents=3", "decode base64; expand zip"),
    ]
    .concat();
    let mut gateway = Gateway::start(&format!("{AROUND}{text}"));
    let called = |name: &str, body: &[u8]| {
        let path = format!("/ws/simple/execute{name}");
        call(
            gateway.address("internal"),
            "POST",
            &path,
            &[("Content-Type", "application/octet-stream")],
            body,
        )
    };
    for (name, body) in [("Small", packed.as_slice()), ("Few", ARCHIVE.as_bytes())] {
        let answer = called(name, body);
        assert!(answer.status == 500 && answer.body.contains("code: too-much"), "{name}: {answer:?}");
    }
    let answer = called("Enough", ARCHIVE.as_bytes());
    assert_eq!((answer.status, answer.body.as_str()), (200, "in/ä.txt b.txt "));
    let answer = called("Small", b"no gzip");
    assert!(
        answer.body.starts_with("The request could not be processed.\ncode: unreadable-document"),
        "{answer:?}"
    );
    assert!(gateway.wait_for_line("unreadable-document").contains("it is no gzip"));
}

/// A hundred megabytes of zeros as gzip.
fn bomb() -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let piece = vec![0; 1 << 20];
    (0..100).for_each(|_| encoder.write_all(&piece).unwrap());
    encoder.finish().unwrap()
}
