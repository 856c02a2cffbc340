//! `soapstone trace`: what each step of an operation does, what its caller reads, and what runs on behind the answer.
#![allow(clippy::disallowed_methods, reason = "tests read files and run programs")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod support;

use regex::Regex;
use serde_json::Value;
use support::*;

const SECRET: &str = "hunter2 & \"more\"";

const GATEWAY: &str = r##"listener internal bind="127.0.0.1:0" { auth none }
profile item format=xml { element Item { element Name; element N type=integer } }
profile note format=json { object { string name; number n; string secret } }
profile lines format=csv header=#true { column name; column n type=integer }
map note from=item to=note {
    set "$.name" from="Item/Name"
    set "$.n" from="Item/N"
    set "$.secret" value=(file)"secret.txt"
}
process approve {
    set process.approved value="yes"
    decision property=request.header.x-approver { else { throw "nobody may approve {= doc.Item.Name}" status=403 code=Refused } }
}
process audit {
    wait "1ms"
    message "audited {request.id}"
}
operation work {
    action execute
    object Work
    input item many=#true
    output note many=#true
    process {
        set mark script=#"doc.Item.Name + "!""#
        call audit wait=#false
        branch {
            path "answer" {
                decision from="Item/N" gt=2 {
                    then {
                        try {
                            call approve
                            catch { set refused property=error.code }
                        }
                    }
                    else { set mark property=none }
                }
                map note
                set response.header.x-approved property=process.approved
                return
            }
            path "behind" {
                for-each { notify info "{= doc.Item.Name}" }
                decision from="Item/Name" eq="C" { then { throw "C is not stored" } }
            }
        }
    }
}
operation approved {
    action execute
    object Approved
    input item
    output note
    process {
        call approve
        script #"doc.Item.N = doc.Item.N / 0;"#
        return
    }
}
operation ping {
    action get
    object Ping
    output data content-type="text/plain"
    process {
        message "{request.query.q}-{request.user}-{request.path}-{mine}-{process.ours}"
        set response.status value=202
        return
    }
}
operation tell {
    action execute
    object Tell
    input data
    process { set shown property=request.header.authorization; set secret value=(env)SECRET; message "{secret}"; stop }
}
operation stored { action execute; object Stored; input lines; process { wait "1s" timeout="5ms" } }
"##;

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("gateway.kdl", GATEWAY);
    folder.write("secret.txt", &format!("{SECRET}\n"));
    let item = |name: &str, n: i64| format!("<Item><Name>{name}</Name><N>{n}</N></Item>");
    folder.write("item.xml", &item("A", 1));
    folder.write(
        "items.xml",
        &format!("<WorkList>{}{}{}</WorkList>", item("A", 1), item("B", 3), item("C", 2)),
    );
    folder.write("wrong.xml", "<Item>\n  <Name>A</Name>\n  <N>x</N>\n</Item>");
    folder.write("mock.xml", &item("Mocked", 7));
    folder.write("broken.xml", "<Item>\n<Name>");
    folder
}

/// Runs `soapstone trace gateway.kdl` with further arguments; times are replaced in what it prints.
fn trace(folder: &Folder, arguments: &[&str]) -> (i32, String, String) {
    let mut command = binary();
    command.current_dir(folder.path()).args(["trace", "gateway.kdl"]).args(arguments).env("SECRET", SECRET);
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    // The column is nine wide, whatever the time.
    let times = Regex::new(r"[ 0-9]{4}\.[0-9] ms  ").unwrap();
    let out = times.replace_all(&text(output.stdout), "     TIME  ").into_owned();
    (output.status.code().unwrap(), out, text(output.stderr))
}

#[test]
fn every_step_is_shown_and_then_the_answer_and_what_runs_on() {
    let folder = folder();
    let (code, out, told) = trace(&folder, &["work", "--body", "items.xml"]);
    assert_eq!((code, told.as_str()), (1, ""), "what runs on fails");
    golden("trace/work.txt", &out);
}

#[test]
fn a_mock_stands_in_for_a_process() {
    let folder = folder();
    folder.write("items.xml", "<WorkList><Item><Name>A</Name><N>3</N></Item></WorkList>");
    let (code, out, told) = trace(&folder, &["work", "--body", "items.xml", "--mock", "approve=mock.xml"]);
    assert_eq!((code, told.as_str()), (0, ""), "{out}");
    assert!(out.contains("\"name\":\"Mocked\",\"n\":7"), "{out}");
    assert!(!out.contains("gateway.kdl:11") && out.contains("audited trace"), "{out}");
    let (_, out, _) = trace(
        &folder,
        &["work", "--body", "items.xml", "--mock", "approve=mock.xml", "--mock", "audit=mock.xml"],
    );
    assert!(!out.contains("audited trace"), "nobody waits for a mock either: {out}");
}

#[test]
fn a_mock_stands_in_for_a_server() {
    let folder = folder();
    let kdl = "server crm url=\"http://127.0.0.1:1\"\noperation ask { action execute; object Ask; input item; output item\n    \
               process { http crm get \"/items\"; return } }\n";
    folder.write("gateway.kdl", &format!("{GATEWAY}{kdl}"));
    let (code, out, told) = trace(&folder, &["ask", "--body", "item.xml", "--mock", "crm=mock.xml"]);
    assert_eq!((code, told.as_str()), (0, ""), "{out}");
    assert!(out.contains("<Item><Name>Mocked</Name><N>7</N></Item>"), "{out}");
    let (code, out, _) = trace(&folder, &["ask", "--body", "item.xml"]);
    let why = "`crm` is not called while a file is tried out: say what stands in for it, --mock crm=FILE";
    assert!(code == 1 && out.contains(why), "{out}");
    let (code, _, told) = trace(&folder, &["ask", "--body", "item.xml", "--mock", "cmr=mock.xml"]);
    let why = "--mock cmr=mock.xml: there is no process and no system `cmr`; did you mean `crm`?\n";
    assert_eq!((code, told.as_str()), (1, why));
}

#[test]
fn a_failure_is_told_with_its_way_and_its_fault() {
    let folder = folder();
    let (code, out, told) = trace(&folder, &["approved", "--body", "item.xml"]);
    assert_eq!((code, told.as_str()), (1, ""));
    golden("trace/refused.txt", &out);
    let (code, out, told) = trace(&folder, &["approved", "--body", "item.xml", "--mock", "approve=mock.xml"]);
    assert_eq!((code, told.as_str()), (1, ""));
    golden("trace/script.txt", &out);
    folder.write("lines.csv", "name,n\nA,1\n");
    let (code, out, _) = trace(&folder, &["stored", "--body", "lines.csv"]);
    assert_eq!(code, 1);
    golden("trace/late.txt", &out);
}

#[test]
fn a_body_is_read_as_a_caller_s() {
    let folder = folder();
    let (code, out, told) = trace(&folder, &["approved", "--body", "wrong.xml"]);
    assert_eq!((code, told.as_str()), (1, ""));
    golden("trace/wrong-body.txt", &out);
    let (code, out, _) = trace(&folder, &["ping", "--body", "item.xml"]);
    assert!(code == 1 && out.contains("405 Method Not Allowed") && out.contains("takes no body"), "{out}");
}

#[test]
fn properties_are_those_of_a_request() {
    let folder = folder();
    let properties = ["request.query.q=a b", "request.user=ada", "mine=1", "process.ours=2"];
    let arguments = properties.iter().flat_map(|property| ["--property", property]);
    let arguments: Vec<&str> = ["ping"].into_iter().chain(arguments).collect();
    let (code, out, told) = trace(&folder, &arguments);
    assert_eq!((code, told.as_str()), (0, ""), "{out}");
    assert!(out.contains("\nanswer  202 Accepted, of 1 document\n"), "{out}");
    assert!(out.contains("        a b-ada-/ws/simple/getPing-1-2\n"), "{out}");
}

#[test]
fn no_secret_is_printed() {
    let folder = folder();
    let authorization = "request.header.authorization=Bearer a-token-of-someone";
    for form in ["text", "json"] {
        let arguments = ["--property", authorization, "--format", form, "--full"];
        for (operation, body) in [("tell", "item.xml"), ("work", "items.xml")] {
            let (_, out, told) = trace(&folder, &[&[operation, "--body", body], &arguments[..]].concat());
            assert!(out.contains("***") && told.is_empty(), "{out}{told}");
            for secret in ["hunter2", "a-token-of-someone"] {
                assert!(!out.contains(secret), "{out}");
            }
        }
    }
}

#[test]
fn json_is_one_object() {
    let folder = folder();
    let (code, out, told) = trace(&folder, &["work", "--body", "items.xml", "--format", "json"]);
    assert_eq!((code, told.as_str(), out.lines().count()), (1, "", 1));
    let whole: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&whole["operation"], &whole["answer"]["status"]), (&"work".into(), &200.into()));
    assert_eq!(whole["answer"]["documents"], 3);
    assert_eq!(whole["later_failures"][0]["failure"]["code"], "rejected");
    let steps = whole["steps"].as_array().unwrap();
    let after = |step: &str| steps.iter().find(|seen| seen["step"] == step).unwrap()["after_answer"].clone();
    assert_eq!((after("map"), after("notify"), after("wait")), (false.into(), true.into(), true.into()));
    assert!(steps.iter().all(|step| step["took_us"].is_u64()), "{out}");
    let (_, short, _) = trace(&folder, &["tell", "--body", "item.xml", "--format", "json"]);
    let (_, full, _) = trace(&folder, &["tell", "--body", "item.xml", "--format", "json", "--full"]);
    let body = |text: &str| -> Value { serde_json::from_str::<Value>(text).unwrap()["begins_with"].clone() };
    assert_eq!(body(&short), body(&full));
}

#[test]
fn documents_are_shortened_unless_they_are_asked_for() {
    let folder = folder();
    let long = "x".repeat(5000);
    folder.write("long.txt", &format!("{long}\u{1b}[31m\n"));
    let (code, out, _) = trace(&folder, &["tell", "--body", "long.txt"]);
    assert!(code == 0 && !out.contains(&long) && out.contains("... (5006 B in all)"), "{out}");
    let (_, out, _) = trace(&folder, &["tell", "--body", "long.txt", "--full"]);
    assert!(
        out.contains(&format!("{long}\\u{{1b}}[31m")),
        "nothing reaches the terminal as a command: {out}"
    );
    let lines: String = (0..40).map(|n| format!("<Item><Name>{n}</Name><N>1</N></Item>")).collect();
    folder.write("many.xml", &format!("<WorkList>{lines}</WorkList>"));
    let (_, out, _) = trace(&folder, &["work", "--body", "many.xml"]);
    assert!(out.contains("... and 30 more"), "{out}");
}

#[test]
fn what_cannot_be_run_is_told() {
    let folder = folder();
    for (arguments, expected) in [
        (&["wrk"][..], "gateway.kdl: there is no `operation wrk`; did you mean `work`?\n"),
        (&["work"], "`work` takes a document: give it with --body FILE\n"),
        (&["work", "--body", "none.xml"], "none.xml cannot be read: there is no such file\n"),
        (&["ping", "--mock", "approve"], "--mock approve: expected NAME=FILE\n"),
        (
            &["ping", "--mock", "aprove=mock.xml"],
            "--mock aprove=mock.xml: there is no process and no system `aprove`; did you mean `approve`?\n",
        ),
        (&["ping", "--mock", "approve=none.xml"], "none.xml cannot be read: there is no such file\n"),
        (&["ping", "--mock", "approve=broken.xml"], "broken.xml:2:"),
        (&["ping", "--property", "request.methd=GET"], "did you mean `request.method`?"),
    ] {
        let (code, out, told) = trace(&folder, arguments);
        assert_eq!((code, out.as_str()), (1, ""), "{arguments:?}");
        assert!(told.contains(expected), "{arguments:?}: {told}");
    }
    folder.write("gateway.kdl", "listner a");
    let (code, _, told) = trace(&folder, &["work"]);
    assert!(code == 1 && told.contains("error[unknown-declaration]"), "{told}");
    assert_eq!(trace(&folder, &[]).0, 2);
}
