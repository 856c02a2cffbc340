//! Clients of others that send and read data in parts of its own (MTOM), made from the WSDL.
#![allow(clippy::disallowed_methods, reason = "tests read files and run programs")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod support;

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use support::{Folder, Gateway, tool};

/// Answers with the document it was sent, its name replaced by the media type that it came in.
const KDL: &str = r##"
listener internal bind="127.0.0.1:0"
profile document format=xml {
    element Document namespace="urn:example:documents" {
        element Name
        element Data type=base64Binary
    }
}
operation create-document {
    action create
    object Document
    input document
    output document
    process {
        branch {
            path files { attachments; attach }
            path answer {
                script #"doc.Document.Name = property("request.header.content-type").split(";")[0];"#
                return
            }
        }
    }
}
api documents base="/docs" {
    soap "/soap" namespace="urn:example:documents:service" service=Documents { operation create-document }
}
api packed base="/packed" {
    soap "/soap" namespace="urn:example:documents:service" service=Documents mtom=#true { operation create-document }
}
"##;

/// The lines of JSON that a client prints.
fn lines(command: &mut Command) -> Vec<Value> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().unwrap_or_else(|error| panic!("{name} ({error}): run script/setup"));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}\n{text}", String::from_utf8_lossy(&output.stderr));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn both(line: &Value) -> Vec<Value> {
    let of = |version: &str| {
        let mut line = line.clone();
        line["version"] = json!(version);
        line
    };
    vec![of("1.1"), of("1.2")]
}

#[test]
fn node_soap_sends_and_reads_parts() {
    let gateway = Gateway::start(KDL);
    let modules = tool(".tools/node/node_modules/soap");
    let mut command = Command::new("node");
    command.arg(tool("tests/clients/node_mtom.js")).arg(gateway.url("/docs/soap?wsdl"));
    command.env("NODE_CLIENTS", modules.parent().unwrap());
    let line = json!({ "sent": "multipart/related", "same": [true, true], "attachment": "<more@test>" });
    assert_eq!(lines(&mut command), both(&line));
}

#[test]
fn zeep_reads_parts() {
    let gateway = Gateway::start(KDL);
    let mut command = Command::new(tool(".tools/venv/bin/python"));
    command.arg(tool("tests/clients/zeep_mtom.py")).arg(gateway.url("/packed/soap?wsdl"));
    let found = lines(&mut command);
    let media = |line: &Value| line["sent"].as_str().unwrap().to_owned();
    assert_eq!(found.iter().map(media).collect::<Vec<_>>(), ["text/xml", "application/soap+xml"]);
    // An answer without parts would be the same too.
    assert!(
        found.iter().all(|line| line["same"] == true && line["answer"] == "multipart/related"),
        "{found:?}"
    );
}

/// Runs the words of a line in a folder, quietly.
fn step(folder: &Path, line: &str) {
    let mut words = line.split_whitespace();
    let mut command = Command::new(words.next().unwrap());
    let output = command.args(words).current_dir(folder).output();
    let output = output.unwrap_or_else(|error| panic!("{line} ({error}): run script/setup"));
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn jax_ws_sends_and_reads_parts() {
    let gateway = Gateway::start(KDL);
    let folder = Folder::new();
    let source = tool("tests/clients/MtomClient.java").display().to_string();
    let jar = "/usr/share/java/jaxws-rt.jar";
    let options = "-extension -Xnocompile -keep -encoding UTF-8 -quiet -p docs";
    step(folder.path(), &format!("wsimport {options} {}", gateway.url("/docs/soap?wsdl")));
    let package = "docs/package-info.java";
    step(folder.path(), &format!("javac -encoding UTF-8 -cp {jar} -sourcepath . -d . {source} {package}"));
    let mut command = Command::new("java");
    command.args(["-cp", &format!(".:{jar}"), "MtomClient"]).current_dir(folder.path());
    assert_eq!(lines(&mut command), both(&json!({ "sent": "multipart/related", "same": true })));
}
