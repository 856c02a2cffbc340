//! Contracts that others wrote, served as they are: by every port, with their files, schemas, actions, faults and headers.
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

use support::*;

fn contracts() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contracts")
}

fn file(name: &str) -> String {
    std::fs::read_to_string(contracts().join(name)).unwrap()
}

const FILES: [&str; 5] =
    ["gateway.kdl", "shop.wsdl", "parts/sums.wsdl", "parts/types.xsd", "parts/count.xsd"];

fn served() -> Gateway {
    let folder = Folder::new();
    for name in FILES {
        folder.write(name, &file(name));
    }
    Gateway::start_in(folder, &[], &[])
}

fn order(sku: &str, quantity: u32) -> String {
    format!(
        "<placeOrder xmlns=\"urn:example:shop:types\"><sku>{sku}</sku><quantity>{quantity}</quantity></placeOrder>"
    )
}

fn ask(gateway: &Gateway, path: &str, version: &str, action: &str, body: &str) -> Response {
    let headers = match version {
        "1.1" => vec![("Content-Type", soap_type("1.1").to_owned()), ("SOAPAction", format!("\"{action}\""))],
        _ => vec![("Content-Type", format!("{}; action=\"{action}\"", soap_type("1.2")))],
    };
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    call(gateway.address("internal"), "POST", path, &headers, envelope(version, body).as_bytes())
}

#[test]
fn every_port_is_served_in_its_version() {
    let gateway = served();
    for (version, action) in [("1.1", "urn:place"), ("1.2", "urn:place12")] {
        let answer = ask(&gateway, "/given/shop", version, action, &order("A-1", 2));
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(
            answer.body.contains("<number>A-1</number>") && answer.body.contains("urn:example:shop:types"),
            "{}",
            answer.body
        );
        let one_way = ask(
            &gateway,
            "/given/shop",
            version,
            "urn:note",
            "<note xmlns=\"urn:example:shop:types\">x</note>",
        );
        assert_eq!((one_way.status, one_way.body.as_str()), (202, ""));
        let empty = ask(&gateway, "/given/shop", version, "urn:wake", "");
        assert!(empty.status == 200 && empty.body.contains("Body></"), "{}", empty.body);
    }
    // The same body at the port of another service.
    assert!(
        ask(&gateway, "/given/archive", "1.1", "urn:archive", &order("A-1", 2))
            .body
            .contains("<number>archived</number>")
    );
    // That port speaks SOAP 1.1 alone.
    assert_eq!(ask(&gateway, "/given/archive", "1.2", "urn:archive", &order("A-1", 2)).status, 500);
    let sum = "<s:sum xmlns:s=\"urn:example:sums\"><left>40</left><right>2</right></s:sum>";
    let answer = ask(&gateway, "/given/sums", "1.1", "urn:sum", sum);
    assert!(answer.status == 200 && answer.body.contains(">42</sum>"), "{}", answer.body);
}

#[test]
fn requests_are_checked_by_the_contract() {
    let gateway = served();
    let wrong = ask(&gateway, "/given/shop", "1.1", "urn:place", &order("A-1", 0));
    assert!(wrong.status == 500 && wrong.body.contains("quantity"), "{}", wrong.body);
    let part = "<s:sum xmlns:s=\"urn:example:sums\"><left>40</left></s:sum>";
    assert!(ask(&gateway, "/given/sums", "1.1", "", part).body.contains("right"));
    // The action of another operation deceives nobody.
    let mismatch = ask(&gateway, "/given/shop", "1.1", "urn:note", &order("A-1", 2));
    assert!(mismatch.body.contains("action"), "{}", mismatch.body);
    // A fault that the contract declares, and a header block that it knows.
    let fault = ask(&gateway, "/given/shop", "1.1", "urn:place", &order("A-1", 101));
    assert!(fault.status == 500 && fault.body.contains("none left"), "{}", fault.body);
    let header = "<e:Header><t:session xmlns:t=\"urn:example:shop:types\" e:mustUnderstand=\"1\">s</t:session></e:Header><e:Body>";
    let message = envelope("1.1", &order("A-1", 2)).replace("<e:Body>", header);
    assert_eq!(post(gateway.address("internal"), "/given/shop", soap_type("1.1"), &message).status, 200);
    assert!(
        post(
            gateway.address("internal"),
            "/given/shop",
            soap_type("1.1"),
            &message.replace("t:session", "t:other")
        )
        .body
        .contains("MustUnderstand")
    );
}

#[test]
fn the_contract_is_served_byte_for_byte_but_for_addresses() {
    let gateway = served();
    let get = |path: &str| get(gateway.address("internal"), path);
    let at = "http://gateway.test/given/shop";
    let expected = file("shop.wsdl")
        .replace("http://shop.example.com/11", at)
        .replace("http://shop.example.com/12", at)
        .replace("parts/sums.wsdl", &format!("{at}?wsdl=1"))
        .replace("parts/types.xsd", &format!("{at}?xsd=0"));
    assert_eq!(get("/given/shop?wsdl").body, expected);
    // Ports that are not served here keep their addresses.
    assert_eq!(
        get("/given/shop?wsdl=1").body,
        file("parts/sums.wsdl").replace("types.xsd", &format!("{at}?xsd=0"))
    );
    assert_eq!(
        get("/given/shop?xsd=0").body,
        file("parts/types.xsd").replace("count.xsd", &format!("{at}?xsd=1"))
    );
    assert_eq!(get("/given/shop?xsd=1").body, file("parts/count.xsd"));
    assert_eq!(get("/given/shop?xsd=2").status, 404);
    assert_eq!(get("/given/shop?wsdl=2").status, 404);
    assert!(get("/given/sums?wsdl=1").body.contains("location=\"http://gateway.test/given/sums\""));
}

#[test]
fn zeep_calls_every_port_by_the_served_contract() {
    let gateway = served();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = root.join(".tools/venv/bin/python");
    assert!(python.exists(), "no {}: run script/setup", python.display());
    let mut command = Command::new(python);
    command
        .arg(root.join("tests/clients/zeep_given.py"))
        .arg(format!("http://{}/given", gateway.address("internal")));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let expected = serde_json::json!({
        "Orders11": "ABC-1", "Orders11 note": true, "Orders11 wake": true,
        "Orders11 fault": ["not so many", "{urn:example:shop:types}refused", "none left"],
        "Orders12": "ABC-1", "Orders12 note": true, "Orders12 wake": true,
        "Orders12 fault": ["not so many", "{urn:example:shop:types}refused", "none left"],
        "archive": "archived", "sum": 42
    });
    assert_eq!(found, expected);
}

#[test]
fn import_wsdl_writes_a_file_that_serves_the_contract() {
    let folder = Folder::new();
    for name in FILES.iter().skip(1) {
        folder.write(&format!("given/{name}"), &file(name));
    }
    let (code, said, told) = run(folder.path(), &["import", "wsdl", "given/shop.wsdl", "--out", "new"], "");
    assert_eq!((code, told.as_str()), (0, ""), "{said}");
    let written = std::fs::read_to_string(folder.path().join("new/shop.kdl")).unwrap();
    let golden = contracts().join("../golden/import-wsdl.kdl");
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::write(&golden, &written).unwrap();
    }
    assert_eq!(written, std::fs::read_to_string(&golden).unwrap_or_default());
    let (code, _, told) = run(folder.path(), &["check", "new/shop.kdl"], "");
    assert_eq!(code, 0, "{told}");
    // What someone has made is left alone.
    let (code, _, told) = run(folder.path(), &["import", "wsdl", "given/shop.wsdl", "--out", "new"], "");
    assert!(code == 1 && told.contains("cannot be written"), "{told}");
    let served = Folder::new();
    for name in FILES.iter().skip(1) {
        served.write(name, &std::fs::read_to_string(folder.path().join("new").join(name)).unwrap());
    }
    served.write("gateway.kdl", &written.replace("127.0.0.1:8080", "127.0.0.1:0"));
    let gateway = Gateway::start_in(served, &[], &[]);
    let answer = ask(&gateway, "/shop/Shop", "1.1", "urn:place", &order("A-1", 2));
    assert!(answer.body.contains("placeOrder is not implemented yet"), "{}", answer.body);
}

#[test]
fn import_wsdl_fetches_what_it_is_told_to_and_nothing_else() {
    let gateway = served();
    let folder = Folder::new();
    let address = format!("http://{}/given/shop?wsdl", gateway.address("internal"));
    let (code, said, told) = run(folder.path(), &["import", "wsdl", &address, "--out", "new"], "");
    assert_eq!((code, told.as_str()), (0, ""), "{said}");
    let read = |name: &str| std::fs::read_to_string(folder.path().join("new").join(name)).unwrap();
    assert!(
        read("shop.wsdl").contains("location=\"shop-1.wsdl\"") && read("shop-2.xsd").contains("shop-3.xsd")
    );
    assert_eq!(run(folder.path(), &["check", "new/shop.kdl"], "").0, 0);
    let (code, _, told) = run(folder.path(), &["import", "wsdl", &address.replace("?wsdl", "?wsdl=7")], "");
    assert!(code == 1 && told.contains("404"), "{told}");
    let (code, _, told) = run(folder.path(), &["import", "wsdl", "none.wsdl"], "");
    assert!(code == 1 && told.contains("there is no such file"), "{told}");
}
