//! `soapstone map --split`: a large document record by record, what it writes, and what it says of what is wrong.
#![allow(clippy::disallowed_methods, reason = "tests read files and run programs")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod support;

use support::*;

const GATEWAY: &str = r##"
listener internal bind="127.0.0.1:0"
profile order format=xml {
    element Order namespace="urn:o" {
        attribute id required=#true
        element Line occurs="0..*" { element Sku; element Price type=decimal }
    }
}
profile receipt format=json { object { string id required=#true; array skus { string } } }
profile lines format=csv header=#true newline=lf { column id; column sku; column price }
map receipt from=order to=receipt {
    set "$.id" from="Order/@id" script=#"if it == "bad" { 1 / 0 } else { it }"#
    each "Order/Line" into="$.skus" { set "@" from="Sku" }
}
map lines from=order to=lines {
    each "Order/Line" into="row" {
        set "id" from="/Order/@id"
        set "sku" from="Sku"
        set "price" from="Price"
    }
}
map order from=receipt to=order {
    set "Order/@id" from="$.id"
}
map back from=lines to=receipt { set "$.id" from="row[1]/id" }
process all { branch { path a { map receipt; map order; stop }; path b { map lines; map back; stop } } }
operation map { action execute; input order; process all }
"##;

const ORDERS: &str = "<?xml version=\"1.0\"?>\n<Orders xmlns=\"urn:o\">\n<Order id=\"1\"><Line><Sku>A, &quot;B&quot;</Sku>\
    <Price>1.50</Price></Line>\n<Line><Sku>C</Sku><Price>2</Price></Line></Order>\n<Order id=\"2\"/>\n\
    <Order id=\"3\"><Line><Sku>D</Sku><Price>3</Price></Line></Order>\n</Orders>\n";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("gateway.kdl", GATEWAY);
    folder.write("orders.xml", ORDERS);
    folder
}

#[test]
fn results_stand_one_behind_the_other() {
    let folder = folder();
    let run = |arguments: &[&str], input: &str| {
        let (code, out, told) = run(folder.path(), arguments, input);
        assert_eq!((code, told.as_str()), (0, ""), "{arguments:?}");
        out
    };
    let json = run(&["map", "receipt", "orders.xml", "--split", "Orders/Order"], "");
    assert_eq!(
        json,
        "{\"id\":\"1\",\"skus\":[\"A, \\\"B\\\"\",\"C\"]}\n{\"id\":\"2\",\"skus\":[]}\n{\"id\":\"3\",\"skus\":[\"D\"]}\n"
    );
    let csv = run(&["map", "lines", "-", "--split", "Orders/Order"], ORDERS);
    assert_eq!(csv, "id,sku,price\n1,\"A, \"\"B\"\"\",1.50\n1,C,2\n3,D,3\n");
    let rows = run(&["map", "back", "-", "--split", "row"], "id,sku,price\n1,\"A\nB\",2\n\n2,C,\n");
    assert_eq!(rows, "{\"id\":\"1\"}\n{\"id\":\"2\"}\n");
    let array = "{\"n\": [0], \"orders\": [{\"id\": \"x\", \"skus\": []},\n {\"id\": \"y\", \"skus\": []}]}";
    let xml = run(&["map", "order", "-", "--split", "$.orders[*]", "--output", "out.xml"], array);
    assert_eq!(xml, "");
    let written = std::fs::read_to_string(folder.path().join("out.xml")).unwrap();
    let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
    assert_eq!(
        written,
        format!("{declaration}<Order xmlns=\"urn:o\" id=\"x\"/>\n<Order xmlns=\"urn:o\" id=\"y\"/>\n")
    );
}

#[test]
fn what_is_wrong_names_the_record_and_its_line() {
    let folder = folder();
    let run = |name: &str, path: &str, input: &str| {
        let (code, out, told) = run(folder.path(), &["map", name, "-", "--split", path], input);
        (code, out, told)
    };
    let first = "<a xmlns='urn:o'>\n<Order id='1'/>\n";
    let (code, out, told) =
        run("receipt", "a/Order", &format!("{first}<Order id='2'>\n<Line><Sku/></Line></Order></a>"));
    assert_eq!((code, out.as_str()), (1, "{\"id\":\"1\",\"skus\":[]}\n"));
    assert!(
        told.starts_with("standard input:4: ") && told.ends_with("standard input:3: record 2\n"),
        "{told}"
    );
    let (_, _, told) = run("receipt", "a/Order", &format!("{first}\n<Order id='bad'/></a>"));
    assert!(told.starts_with("standard input:4: record 2: gateway.kdl:12:"), "{told}");
    let (_, out, told) = run("receipt", "a/Order", &format!("{first}<Order></a>"));
    assert_eq!(out, "{\"id\":\"1\",\"skus\":[]}\n");
    assert!(told.starts_with("standard input:3:8: after 1 records: expected `</Order>`"), "{told}");
    let (code, out, told) = run("lines", "a/None", &format!("{first}</a>"));
    assert_eq!((code, out.as_str()), (0, "id,sku,price\n"));
    assert_eq!(told, "standard input: there are no records at a/None\n");
    let (code, out, told) = run("back", "row", "id,sku,price\n1,A,2\n\n2,B\n");
    assert_eq!((code, out.as_str()), (1, "{\"id\":\"1\"}\n"));
    assert!(told.starts_with("standard input:4:1: after 1 records: found a record of 2 fields"), "{told}");
    let (_, _, told) = run("back", "rows", "");
    assert_eq!(told, "--split rows: the records of CSV are its rows: `row`\n");
    let (code, _, told) = run("receipt", "a/Order[1]", "");
    assert!(code == 1 && told.starts_with("--split a/Order[1]: the path of records is names only"), "{told}");
}
