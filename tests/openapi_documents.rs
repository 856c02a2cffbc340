//! Descriptions: those of every example pass a validator of others, two are as their goldens show, and they are served.
#![allow(clippy::disallowed_methods, reason = "tests read files and run programs")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod support;

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use support::*;

const VERSIONS: [&str; 2] = ["3.1", "3.0"];

/// Every file that is served in examples, and the project's own.
fn served() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = std::fs::read_dir(root.join("examples")).unwrap();
    let mut files: Vec<String> = folders
        .map(|entry| format!("examples/{}/gateway.kdl", entry.unwrap().file_name().to_string_lossy()))
        .chain(["gateway.kdl".to_owned()])
        .collect();
    files.sort();
    files
}

/// The names of what can be described, as the command lists them when there are several.
fn export(file: &str, arguments: &[&str]) -> (i32, String, String) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = binary();
    command.current_dir(root).args(["export", "openapi", file]).args(arguments);
    // What the examples take from outside.
    let output = command.env("ERP_URL", "postgres://soapstone@127.0.0.1/erp").output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

/// Every description of a file in a version.
fn descriptions(file: &str, version: &str) -> Vec<(String, String)> {
    let version = ["--openapi", version];
    match export(file, &version) {
        (0, text, _) => vec![(file.to_owned(), text)],
        (_, _, error) if error.contains("nothing is published over REST") => Vec::new(),
        (_, _, error) => {
            let (_, names) =
                error.trim().split_once("which one: ").unwrap_or_else(|| panic!("{file}: {error}"));
            let one = |name: &str| {
                let (code, text, error) = export(file, &[&version[..], &["--api", name]].concat());
                assert_eq!(code, 0, "{file} {name}: {error}");
                (format!("{file} {name}"), text)
            };
            names.split(", ").map(one).collect()
        }
    }
}

#[test]
fn every_description_passes_the_validator() {
    let folder = Folder::new();
    let mut files = Vec::new();
    for file in served() {
        for version in VERSIONS {
            for (name, text) in descriptions(&file, version) {
                let path = folder.write(&format!("{}.json", files.len()), &text);
                files.push((format!("{name} {version}"), path));
            }
        }
    }
    assert!(files.len() > 20, "{files:?}");
    let output = Command::new(tool(".tools/venv/bin/python"))
        .args(["-m", "openapi_spec_validator", "--errors", "all"])
        .args(files.iter().map(|(_, path)| path))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{files:?}\n{text}\n{errors}");
    assert_eq!(text.matches(": OK").count(), files.len(), "{text}");
}

#[test]
fn two_descriptions_are_as_their_goldens_show() {
    for (file, version, golden) in [
        ("examples/rest-facade/gateway.kdl", "3.1", "rest-facade.json"),
        ("examples/xml-to-json/gateway.kdl", "3.0", "xml-to-json.json"),
    ] {
        let (code, text, error) = export(file, &["--openapi", version]);
        assert_eq!(code, 0, "{error}");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/openapi").join(golden);
        if std::env::var_os("UPDATE_GOLDENS").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        let lines = || text.lines().zip(expected.lines()).enumerate();
        if let Some((at, (is, was))) = lines().find(|(_, (is, was))| is != was) {
            panic!("{} line {}: it is {is}, and was {was}", path.display(), at + 1);
        }
        assert_eq!(text.lines().count(), expected.lines().count(), "{}", path.display());
    }
}

const PROFILE: &str = "profile note format=json { object { string text required=#true } }\n";

fn operation(name: &str, more: &str) -> String {
    format!(
        "operation {name} {{\n action query\n object {}\n {more}\n output note\n process {{\n throw \"no\" status=409 code=Never\n }}\n}}\n",
        name.to_uppercase()
    )
}

fn document(answer: &Response) -> Value {
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")), "{answer:?}");
    serde_json::from_str(&answer.body).unwrap()
}

fn paths(document: &Value) -> Vec<&str> {
    document["paths"].as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn descriptions_are_served_where_the_file_says() {
    let gateway = Gateway::start(&format!(
        "listener internal bind=\"127.0.0.1:0\"\n{PROFILE}{}{}{}{}\
         api a version=\"2\" base=\"/a\" {{\n title \"A\"\n description \"Notes.\"\n rest {{\n get \"/x/{{id}}\" one {{\n query limit type=integer required=#true\n }}\n }}\n}}\n\
         api b base=\"/b\" {{\n deprecated since=\"2026-12-01\"\n rest {{\n openapi \"/docs.json\"\n get \"/y\" two\n }}\n}}\n\
         api c base=\"/c\" {{\n rest {{\n openapi #false\n get \"/z\" three\n }}\n}}\n",
        operation("one", ""),
        operation("two", ""),
        operation("three", ""),
        operation("four", "")
    ));
    let address = gateway.address("internal");
    let a = document(&get(address, "/a/openapi.json"));
    assert_eq!(a["info"], json!({ "title": "A", "description": "Notes.", "version": "2" }));
    assert_eq!(a["servers"][0]["url"], "http://gateway.test/a");
    assert_eq!((a["openapi"].as_str(), paths(&a)), (Some("3.1.1"), vec!["/x/{id}"]));
    let operation = &a["paths"]["/x/{id}"]["get"];
    assert_eq!(
        operation["parameters"][1],
        json!({ "name": "limit", "in": "query", "required": true, "schema": { "type": "integer" } })
    );
    assert_eq!(operation["responses"]["409"]["description"], "Codes: `Never`.");
    let b = document(&get(address, "/b/docs.json?version=3.0"));
    assert_eq!(
        (b["openapi"].as_str(), &b["paths"]["/y"]["get"]["deprecated"]),
        (Some("3.0.3"), &json!(true))
    );
    assert_eq!(get(address, "/c/openapi.json").status, 404);
    assert_eq!(get(address, "/b/openapi.json").status, 404);
    let rest = document(&get(address, "/ws/rest/openapi.json"));
    assert_eq!((paths(&rest), &rest["info"]["title"]), (vec!["/FOUR"], &json!("internal")));
    let wrong = get(address, "/a/openapi.json?version=2.0");
    assert_eq!((wrong.status, wrong.header("content-type")), (400, Some("application/problem+json")));
}

#[test]
fn states_are_described_where_an_operation_has_an_etag() {
    let (code, text, error) = export("examples/api-versions/gateway.kdl", &["--api", "orders 2"]);
    assert_eq!(code, 0, "{error}");
    let document: Value = serde_json::from_str(&text).unwrap();
    let item = &document["paths"]["/orders/{id}"];
    let responses = |method: &str| item[method]["responses"].as_object().unwrap();
    assert!(responses("get").contains_key("304") && responses("get")["200"]["headers"].get("ETag").is_some());
    assert!(responses("put").contains_key("412") && !responses("put").contains_key("304"));
    let names: Vec<&Value> =
        item["put"]["parameters"].as_array().unwrap().iter().map(|p| &p["name"]).collect();
    assert_eq!(names, ["id", "If-Match", "If-None-Match"]);
    let posts = &document["paths"]["/orders"]["post"];
    assert_eq!(posts["parameters"][0]["schema"], json!({ "type": "string", "enum": ["express"] }));
    assert!(posts["responses"].get("201").is_some() && posts["responses"].get("202").is_some());
}

#[test]
fn the_server_is_what_trusted_proxies_say() {
    let text = |proxies: &str| {
        format!("listener internal bind=\"127.0.0.1:0\" {proxies}\n{PROFILE}{}", operation("one", ""))
    };
    let asked = [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "api.example.com")];
    for (proxies, expected) in [
        ("trust-proxy=\"127.0.0.0/8\"", "https://api.example.com/ws/rest"),
        ("", "http://gateway.test/ws/rest"),
    ] {
        let gateway = Gateway::start(&text(proxies));
        let answer = call(gateway.address("internal"), "GET", "/ws/rest/openapi.json", &asked, b"");
        assert_eq!(document(&answer)["servers"][0]["url"], expected);
    }
}

#[test]
fn callers_see_what_they_may_call() {
    let users = "users staff {\n user ada token=(env)ADA { roles clerk }\n user bob token=(env)BOB\n}\n";
    let gateway = Gateway::start_with(
        &format!(
            "listener internal bind=\"127.0.0.1:0\" {{\n auth token users=staff\n}}\n{users}{PROFILE}{}{}",
            operation("one", "roles clerk"),
            operation("two", "")
        ),
        &[],
        &[("ADA", "ada-0123456789abcdef"), ("BOB", "bob-0123456789abcdef")],
    );
    let address = gateway.address("internal");
    assert_eq!(get(address, "/ws/rest/openapi.json").status, 401);
    let of = |token: &str| {
        let bearer = format!("Bearer {token}");
        document(&call(address, "GET", "/ws/rest/openapi.json", &[("Authorization", &bearer)], b""))
    };
    let ada = of("ada-0123456789abcdef");
    assert_eq!(paths(&ada), ["/ONE", "/TWO"]);
    assert_eq!(
        ada["components"]["securitySchemes"],
        json!({ "bearer": { "type": "http", "scheme": "bearer" } })
    );
    assert!(ada["paths"]["/ONE"]["get"]["responses"].get("403").is_some());
    for _ in 0..2 {
        assert_eq!(paths(&of("bob-0123456789abcdef")), ["/TWO"]);
    }
}

#[test]
fn an_export_says_which_api_it_needs_to_know() {
    let folder = Folder::new();
    let api = |name: &str, version: &str| {
        format!(
            "api {name} version=\"{version}\" base=\"/{name}{version}\" {{\n rest {{\n get \"/x\" one\n }}\n}}\n"
        )
    };
    let text = format!(
        "listener internal bind=\"127.0.0.1:0\"\n{PROFILE}{}{}{}",
        operation("one", ""),
        api("orders", "1"),
        api("orders", "2")
    );
    folder.write("gateway.kdl", &text);
    let export = |more: &[&str]| run(folder.path(), &[&["export", "openapi"], more].concat(), "");
    let (code, _, error) = export(&[]);
    assert_eq!(
        (code, error.as_str()),
        (1, "several apis can be described; say with --api which one: orders 1, orders 2\n")
    );
    let (code, _, error) = export(&["--api", "order 1"]);
    assert_eq!(code, 1);
    assert!(
        error.contains(
            "there is no api `order 1` that publishes anything over REST; did you mean `orders 1`?"
        ),
        "{error}"
    );
    assert_eq!(export(&["--api", "orders 2", "--output", "o.json"]).0, 0);
    let written: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.path().join("o.json")).unwrap()).unwrap();
    assert_eq!(written["servers"][0]["url"], "/orders2");
}
