//! Contracts at addresses: fetched by `soapstone wsdl update` alone, kept beside the file, compared, and served without them.
#![allow(clippy::disallowed_methods, reason = "tests read files and run programs")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

#[path = "support/broken_server.rs"]
mod broken_server;
#[path = "support/site.rs"]
mod site;
mod support;

use std::collections::BTreeMap;
use std::path::Path;

use site::{Page, Site};
use support::*;

const TARGET: &str = "/crm/service?wsdl";

/// The parts of the contract of tests/contracts at the addresses where the site has them.
const PARTS: [(&str, &str); 3] = [
    ("parts/sums.wsdl", "/crm/service?wsdl=sums"),
    ("parts/types.xsd", "/crm/types/all.xsd"),
    ("parts/count.xsd", "/crm/types/count.xsd"),
];

/// A file of the contract with the locations that it has on the site.
fn file(name: &str) -> String {
    project(&format!("tests/contracts/{name}"))
        .replace("parts/sums.wsdl", "?wsdl=sums")
        .replace("parts/types.xsd", "types/all.xsd")
        .replace("\"types.xsd\"", "\"types/all.xsd\"")
}

/// A site with the contract.
fn site() -> Site {
    let site = Site::start();
    site.text(TARGET, &file("shop.wsdl"));
    for (name, target) in PARTS {
        site.text(target, &file(name));
    }
    site
}

/// A folder with a file that serves the contract.
fn folder(site: &Site) -> Folder {
    let folder = Folder::new();
    folder.write(
        "gateway.kdl",
        &project("tests/contracts/gateway.kdl").replace("shop.wsdl", &site.url(TARGET)),
    );
    folder
}

fn update(folder: &Folder, arguments: &[&str]) -> (i32, String, String) {
    let all: Vec<&str> = ["wsdl", "update"].into_iter().chain(arguments.iter().copied()).collect();
    run(folder.path(), &all, "")
}

/// Everything in a folder, by its path.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in std::fs::read_dir(inner).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    let name = path.strip_prefix(folder).unwrap().display().to_string();
                    found.insert(name, std::fs::read(&path).unwrap());
                }
            }
        }
    }
    found
}

#[test]
fn a_contract_at_an_address_is_served_after_its_host_is_gone() {
    let site = site();
    let folder = folder(&site);
    let (code, _, told) = run(folder.path(), &["check"], "");
    let finding = format!("error[wsdl-not-cached]: the contract at {} was not fetched yet", site.url(TARGET));
    assert_eq!((code, told.matches("error[").count()), (1, 1), "{told}");
    assert!(
        told.contains(&finding) && told.contains("help: run `soapstone wsdl update gateway.kdl`"),
        "{told}"
    );
    assert_eq!(site.asked(), [], "a check fetches nothing");
    let (code, out, told) = update(&folder, &[]);
    assert_eq!(code, 0, "{out}{told}");
    assert!(out.contains("new: 5 operations") && out.contains("; 4 files\nwrote wsdl.lock\n"), "{out}");
    // Each file once.
    let mut targets: Vec<String> = site.asked().into_iter().map(|(target, _)| target).collect();
    targets.sort();
    let mut expected: Vec<&str> = PARTS.iter().map(|(_, target)| *target).chain([TARGET]).collect();
    expected.sort_unstable();
    assert_eq!(targets, expected);
    drop(site);
    let gateway = Gateway::start_in(folder, &[], &[]);
    let body =
        "<placeOrder xmlns=\"urn:example:shop:types\"><sku>A-1</sku><quantity>2</quantity></placeOrder>";
    let message = envelope("1.1", body);
    let answer = post(gateway.address("internal"), "/given/shop", soap_type("1.1"), &message);
    assert!(answer.status == 200 && answer.body.contains("<number>A-1</number>"), "{}", answer.body);
    let wrong = message.replace(">2<", ">0<");
    let answer = post(gateway.address("internal"), "/given/shop", soap_type("1.1"), &wrong);
    assert!(answer.status == 500 && answer.body.contains("quantity"), "{}", answer.body);
    // The contract is served with its files, whose links lead here.
    let wsdl = get(gateway.address("internal"), "/given/shop?wsdl").body;
    let base = "http://gateway.test/given/shop";
    for link in ["?wsdl=1", "?xsd=0"] {
        assert!(wsdl.contains(&format!("{base}{link}")), "{wsdl}");
    }
    let types = get(gateway.address("internal"), "/given/shop?xsd=0").body;
    assert!(types.contains(&format!("{base}?xsd=1")), "{types}");
    assert!(get(gateway.address("internal"), "/given/shop?xsd=1").status == 200);
}

#[test]
fn an_update_tells_what_changed_and_a_check_changes_nothing() {
    let site = site();
    let folder = folder(&site);
    assert_eq!(update(&folder, &[]).0, 0);
    let first = contents(folder.path());
    let (code, out, _) = update(&folder, &["gateway.kdl", "--check"]);
    assert_eq!((code, out.contains("nothing differs from the cache")), (0, true), "{out}");
    let changed = file("shop.wsdl")
        .replace("<wsdl:output message=\"tns:placeOrderResponse\"/>\n      <wsdl:fault", "<wsdl:output message=\"tns:note\"/>\n      <wsdl:fault")
        .replace("urn:place12", "urn:place-now")
        .replace(
            "  <wsdl:portType name=\"Archive\">",
            "  <p:Policy xmlns:p=\"http://www.w3.org/ns/ws-policy\" Name=\"Signed\"/>\n  <wsdl:portType name=\"Archive\">\n\
             <wsdl:operation name=\"empty\"><wsdl:input message=\"tns:nothing\"/></wsdl:operation>",
        );
    site.text(TARGET, &changed);
    let types = file("parts/types.xsd");
    site.text(
        PARTS[1].1,
        &types.replace(
            "</xs:schema>",
            "<xs:simpleType name=\"grade\"><xs:restriction base=\"xs:string\"/></xs:simpleType></xs:schema>",
        ),
    );
    let (code, out, told) = update(&folder, &["--check"]);
    assert_eq!(code, 1, "{out}{told}");
    assert_eq!(contents(folder.path()), first, "a check changes nothing");
    let lines = [
        "~ operation Orders.placeOrder: its output was {urn:example:shop:types}placeOrderResponse and is \
         {urn:example:shop:types}note; its action was \"urn:place\" (SOAP 1.1), \"urn:place12\" (SOAP 1.2) and is \"urn:place\" \
         (SOAP 1.1), \"urn:place-now\" (SOAP 1.2)",
        "+ operation Archive.empty: nothing -> nothing",
        "+ type {urn:example:shop:types}grade",
        "+ policy Signed",
    ];
    for line in lines {
        assert!(out.contains(&format!("  {line}\n")), "{line}\n{out}");
    }
    assert_eq!(out.lines().filter(|line| line.starts_with("  ")).count(), lines.len(), "{out}");
    let (code, again, _) = update(&folder, &[]);
    assert_eq!(code, 0);
    assert!(lines.iter().all(|line| again.contains(line)), "{again}");
    // What the lock names no more is gone.
    let second = contents(folder.path());
    assert_eq!((first.len(), second.len()), (6, 6), "{:?}", second.keys());
    assert_eq!(update(&folder, &["--check"]).0, 0);
    // Other text with the same meaning is told as that.
    site.text(TARGET, &changed.replace("Orders, and sums of them.", "Orders and their sums."));
    let (code, out, _) = update(&folder, &["--check"]);
    assert!(code == 1 && out.contains("other text, with the same operations, types and policies"), "{out}");
}

#[test]
fn a_file_that_someone_changed_is_not_used() {
    let site = site();
    let folder = folder(&site);
    assert_eq!(update(&folder, &[]).0, 0);
    let (name, text) = contents(folder.path()).into_iter().find(|(name, _)| name.contains("/all-")).unwrap();
    let text = String::from_utf8(text).unwrap();
    folder.write(&name, &text.replace("xs:string", "xs:int"));
    let (code, _, told) = run(folder.path(), &["check"], "");
    assert_eq!((code, told.matches("error[").count()), (1, 1), "{told}");
    assert!(told.contains("error[wsdl-changed-on-disk]") && told.contains(&name), "{told}");
    std::fs::remove_file(folder.path().join(&name)).unwrap();
    let (_, _, told) = run(folder.path(), &["check"], "");
    assert!(told.contains("error[wsdl-not-cached]") && told.contains("there is no such file"), "{told}");
    let (code, out, _) = update(&folder, &[]);
    assert!(code == 0 && out.contains("the files in the cache are not what was fetched"), "{out}");
    assert_eq!(run(folder.path(), &["check"], "").0, 0);
    // A lock that is none is told with its place, and an update writes it anew.
    folder.write("wsdl.lock", "wsdl {");
    let (code, _, told) = run(folder.path(), &["check"], "");
    assert!(code == 1 && told.contains("--> wsdl.lock:1:"), "{told}");
    assert_eq!(update(&folder, &[]).0, 0);
    assert_eq!(run(folder.path(), &["check"], "").0, 0);
}

/// What an update of the contract tells that fails; it must leave the cache as it was.
fn refused(site: &Site, folder: &Folder, arguments: &[&str]) -> String {
    let before = contents(folder.path());
    let (code, out, told) = update(folder, arguments);
    assert_eq!((code, out.as_str()), (1, ""), "{told}");
    assert!(told.ends_with("nothing was written\n"), "{told}");
    assert_eq!(contents(folder.path()), before);
    site.asked();
    told
}

#[test]
fn an_update_that_fails_says_why_and_changes_nothing() {
    let site = site();
    let folder = folder(&site);
    assert_eq!(update(&folder, &[]).0, 0);
    let url = site.url(TARGET);
    site.text(TARGET, "<!DOCTYPE html>\n<html><body>Service</body></html>");
    assert!(
        refused(&site, &folder, &[]).contains(&format!("{url} is no WSDL and no schema: it is an HTML page"))
    );
    site.put(TARGET, Page::Moved(site.other_url("/elsewhere")));
    let told = refused(&site, &folder, &[]);
    assert!(
        told.contains(&format!("it is redirected to another host: {}", site.other_url("/elsewhere"))),
        "{told}"
    );
    site.text(TARGET, &" ".repeat((8 << 20) + 1));
    assert!(refused(&site, &folder, &[]).contains("has more than 8 MiB"));
    site.text(TARGET, &file("shop.wsdl").replace("?wsdl=sums", "?wsdl=products"));
    assert!(
        refused(&site, &folder, &[])
            .contains("?wsdl=products cannot be fetched: the answer is 404 Not Found")
    );
    // What the gateway could not use is not written, and told with its place at the address.
    site.text(TARGET, &file("shop.wsdl").replace("element=\"t:note\"", "element=\"t:notes\""));
    let told = refused(&site, &folder, &[]);
    assert!(told.contains(&format!("--> {url}:16:")) && told.contains("no schema declares"), "{told}");
    drop(site);
    let (code, _, told) = update(&folder, &[]);
    assert!(code == 1 && told.contains("cannot be fetched: "), "{told}");
    assert_eq!(run(folder.path(), &["check"], "").0, 0);
}

#[test]
fn other_hosts_are_asked_only_when_they_are_allowed() {
    let site = site();
    let folder = folder(&site);
    let elsewhere = site.other_url("/crm/types/all.xsd");
    site.text(TARGET, &file("shop.wsdl").replace("types/all.xsd", &elsewhere));
    site.text(PARTS[0].1, &file(PARTS[0].0).replace("types/all.xsd", &elsewhere));
    let told = refused(&site, &folder, &[]);
    assert!(
        told.contains(&format!("was not found at `{elsewhere}`: `soapstone wsdl update` did not fetch it"))
            && told.contains("`hosts`"),
        "{told}"
    );
    let (code, out, told) = update(&folder, &["--host", "LOCALHOST"]);
    assert_eq!(code, 0, "{out}{told}");
    assert_eq!(run(folder.path(), &["check"], "").0, 0);
    // The same said in the file.
    let kdl = std::fs::read_to_string(folder.path().join("gateway.kdl")).unwrap();
    let named = format!("soap \"/archive\" wsdl=\"{}\" port=Archive11 {{", site.url(TARGET));
    assert!(kdl.contains(&named));
    let block =
        format!("soap \"/archive\" port=Archive11 {{ wsdl \"{}\" {{ hosts localhost }};", site.url(TARGET));
    folder.write("gateway.kdl", &kdl.replace(&named, &block));
    let (code, out, told) = update(&folder, &["--check"]);
    assert_eq!(code, 0, "{out}{told}");
    assert_eq!(run(folder.path(), &["check"], "").0, 0);
    assert_eq!(update(&folder, &["--host", "http://localhost"]).0, 2);
}

#[test]
fn credentials_are_shown_to_the_contracts_origin_alone() {
    let site = site();
    let folder = folder(&site);
    // "gateway:hunter2"
    let expected = "Basic Z2F0ZXdheTpodW50ZXIy";
    let guarded = |target: &str, text: String| site.put(target, Page::Guarded(expected.into(), text));
    let elsewhere = |name| file(name).replace("types/all.xsd", &site.other_url("/crm/types/all.xsd"));
    guarded(TARGET, elsewhere("shop.wsdl"));
    guarded(PARTS[0].1, elsewhere(PARTS[0].0));
    let told = refused(&site, &folder, &[]);
    assert!(
        told.contains("the answer is 401 Unauthorized: it wants credentials") && told.contains("auth basic"),
        "{told}"
    );
    let kdl = std::fs::read_to_string(folder.path().join("gateway.kdl")).unwrap();
    let named = format!("soap \"/archive\" wsdl=\"{}\" port=Archive11 {{", site.url(TARGET));
    let block = format!(
        "soap \"/archive\" port=Archive11 {{ wsdl \"{}\" {{ hosts localhost; auth basic user=gateway password=(file)secret }};",
        site.url(TARGET)
    );
    folder.write("gateway.kdl", &kdl.replace(&named, &block));
    folder.write("secret", "wrong");
    let told = refused(&site, &folder, &[]);
    assert!(told.contains("401 Unauthorized: these credentials are not taken"), "{told}");
    folder.write("secret", "hunter2\n");
    let (code, out, told) = update(&folder, &[]);
    assert_eq!(code, 0, "{out}{told}");
    for (target, shown) in site.asked() {
        let is_own = target.starts_with("/crm/service");
        assert_eq!(shown.as_deref(), is_own.then_some(expected), "{target}");
    }
    let all = contents(folder.path());
    let holds = |text: &[u8]| text.windows(7).any(|part| part == b"hunter2");
    assert!(all.iter().all(|(name, text)| name == "secret" || !holds(text)));
    assert!(!out.contains("hunter2"));
}

#[test]
fn locations_are_relative_to_where_a_redirection_leads() {
    let site = site();
    let folder = Folder::new();
    site.put("/start", Page::Moved(format!("{TARGET}#x")));
    let kdl = project("tests/contracts/gateway.kdl").replace("shop.wsdl", &site.url("/start"));
    folder.write("gateway.kdl", &kdl);
    assert_eq!(update(&folder, &[]).0, 0);
    drop(site);
    assert_eq!(run(folder.path(), &["check"], "").0, 0);
}

#[test]
fn one_contract_can_be_updated_alone_and_what_is_not_named_goes() {
    let site = site();
    let folder = folder(&site);
    site.text("/crm/other.wsdl", &file("parts/sums.wsdl"));
    let other = site.url("/crm/other.wsdl");
    assert_eq!(update(&folder, &[]).0, 0);
    site.asked();
    // One that the file does not name yet is fetched too: it can be named then.
    let (code, out, _) = update(&folder, &["gateway.kdl", &other]);
    assert!(code == 0 && out.starts_with(&format!("{other}\n  new: 1 operation, ")), "{out}");
    assert_eq!(site.asked().len(), 3);
    assert_eq!(run(folder.path(), &["check"], "").0, 0);
    let (code, out, _) = update(&folder, &[]);
    assert!(code == 0 && out.contains(&format!("{other}\n  is not named any more\n")), "{out}");
    assert_eq!(contents(folder.path()).len(), 6);
    for (wrong, why) in [("ftp://a/", "no address of http"), ("other.kdl", "one file at a time")] {
        let (code, _, told) = update(&folder, &["gateway.kdl", wrong]);
        assert!(code == 2 && told.contains(why), "{told}");
    }
    let empty = Folder::new();
    empty.write("gateway.kdl", "listener a bind=\"127.0.0.1:0\"\n");
    let (code, out, _) = update(&empty, &[]);
    assert!(code == 0 && out.contains("there is nothing to fetch"), "{out}");
    assert_eq!(contents(empty.path()).len(), 1);
}

#[test]
fn a_gateway_that_runs_takes_an_update_with_its_next_reload() {
    let site = site();
    let folder = folder(&site);
    assert_eq!(update(&folder, &[]).0, 0);
    let kdl = std::fs::read_to_string(folder.path().join("gateway.kdl")).unwrap();
    folder.write("gateway.kdl", &format!("{kdl}admin bind=\"127.0.0.1:0\"\n"));
    let gateway = Gateway::start_in(folder, &[], &[]);
    let description = |gateway: &Gateway| get(gateway.address("internal"), "/given/shop?wsdl").body;
    assert!(description(&gateway).contains("Orders, and sums of them."));
    site.text(TARGET, &file("shop.wsdl").replace("Orders, and sums of them.", "Orders and more."));
    assert_eq!(update(&gateway.folder, &[]).0, 0);
    assert!(description(&gateway).contains("Orders, and sums of them."), "it serves what it read");
    let (status, told) = gateway.reload();
    assert!(status.success(), "{told}");
    assert!(description(&gateway).contains("Orders and more."));
}
