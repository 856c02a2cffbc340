//! `soapstone map`: one map on one document, its trace, and what it says of what is wrong.
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
        element Line occurs="0..*" {
            element Sku
            element Price type=decimal
            element Part occurs="0..*"
        }
    }
}
profile receipt format=json {
    object {
        string id required=#true
        string key
        string secret
        array lines { object { string sku; number price; string order; string name; array parts { string } } }
    }
}
profile codes format=xml { element Codes { element Code occurs="0..*" { attribute id; element Name } } }
profile caller format=json { object { string name } }
map receipt from=order to=receipt {
    document codes profile=codes file="codes.xml"
    document caller profile=caller property=request.header.x-caller
    set "$.id" from="Order/@id"
    set "$.key" from="$.name" of=caller default="nobody"
    set "$.secret" property=request.header.authorization
    each "Order/Line" into="$.lines" where=#"it.Price > 1"# sort="-Price Sku" {
        set "sku" from="Sku"
        set "price" from="Price"
        set "order" from="/Order/@id"
        set "name" from="Codes/Code[@id='A'][1]/Name" of=codes
        each "Part" into="parts" { set "@" from="." }
    }
}
map wrong from=order to=receipt {
    set "$.id" from="Order/@id"
    each "Order/Line" into="$.lines" { set "price" from="Sku" }
}
map failing from=order to=receipt {
    set "$.id" from="Order/@id" script=#"integer(it) / 0"#
}
process all { branch { path a { map receipt; stop }; path b { map wrong; stop }; path c { map failing; stop } } }
operation map { action execute; input order; process all }
"##;

const ORDER: &str = "<Order xmlns=\"urn:o\" id=\"7\">\n  <Line><Sku>B</Sku><Price>2</Price><Part>x</Part>\
    <Part>y</Part></Line>\n  <Line><Sku>A</Sku><Price>10.0</Price></Line>\n  <Line><Sku>C</Sku><Price>0.5</Price>\
    </Line>\n</Order>\n";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("gateway.kdl", GATEWAY);
    folder.write("codes.xml", "<Codes><Code id=\"A\"><Name>Alpha</Name></Code></Codes>");
    folder.write("order.xml", ORDER);
    folder
}

#[test]
fn the_result_is_what_the_map_makes() {
    let folder = folder();
    let caller = "request.header.x-caller={\"name\":\"Ada\"}";
    let (code, out, told) = run(folder.path(), &["map", "receipt", "order.xml", "--property", caller], "");
    assert_eq!((code, told.as_str()), (0, ""));
    let wanted = "{\"id\":\"7\",\"key\":\"Ada\",\"lines\":[\
        {\"sku\":\"A\",\"price\":10.0,\"order\":\"7\",\"name\":\"Alpha\",\"parts\":[]},\
        {\"sku\":\"B\",\"price\":2,\"order\":\"7\",\"name\":\"Alpha\",\"parts\":[\"x\",\"y\"]}]}";
    assert_eq!(out, wanted);
    // From elsewhere, and from standard input.
    let above = Folder::new();
    let config = folder.path().join("gateway.kdl").display().to_string();
    let (code, out, told) = run(above.path(), &["map", "receipt", "-", "--config", &config], ORDER);
    assert_eq!((code, told.as_str()), (0, ""));
    assert_eq!(out, wanted.replace("Ada", "nobody"));
}

#[test]
fn a_trace_shows_each_item_and_no_secret() {
    let folder = folder();
    let secret = "request.header.authorization=Basic aHVudGVyMg==";
    let arguments = ["map", "receipt", "order.xml", "--trace", "--property", secret];
    let (code, out, told) = run(folder.path(), &arguments, "");
    assert_eq!(code, 0);
    assert!(out.contains("Basic aHVudGVyMg=="), "{out}");
    golden("commands/map-trace.txt", &told);
    assert!(!told.contains("aHVudGVyMg"), "{told}");
}

#[test]
fn what_is_wrong_is_told() {
    let folder = folder();
    let run = |arguments: &[&str], input: &str| {
        let (code, out, told) = run(folder.path(), arguments, input);
        assert_eq!(code, 1, "{arguments:?}");
        (out, told)
    };
    let (out, told) = run(&["map", "receipt", "-"], "<Order xmlns=\"urn:o\">\n<Line/>\n</Order>");
    assert_eq!(out, "");
    assert!(told.contains("Order: the attribute `id` is missing"), "{told}");
    assert!(told.ends_with("standard input does not fit profile order: 3 places\n"), "{told}");
    let (_, told) = run(&["map", "receipt", "-"], "<Order>\n<Line>");
    assert!(told.starts_with("standard input:2:"), "{told}");
    let (_, told) = run(&["map", "recipt", "order.xml"], "");
    assert_eq!(told, "gateway.kdl: there is no `map recipt`; did you mean `receipt`?\n");
    let (_, told) = run(&["map", "receipt", "none.xml"], "");
    assert_eq!(told, "none.xml cannot be read: there is no such file\n");
    let (_, told) = run(&["map", "receipt", "order.xml", "--property", "request.methd=GET"], "");
    assert!(told.contains("did you mean `request.method`?"), "{told}");
    let (out, told) = run(&["map", "failing", "order.xml"], "");
    assert!(out.is_empty() && told.starts_with("gateway.kdl:42:54: "), "{told}");
    // A result that does not fit is printed all the same.
    let (out, told) = run(&["map", "wrong", "order.xml"], "");
    assert!(out.contains("\"price\":\"B\""), "{out}");
    assert!(told.contains("$.lines[0].price: ") && told.contains("the result does not fit"), "{told}");
    folder.write("gateway.kdl", "listner a");
    let (_, told) = run(&["map", "receipt", "order.xml"], "");
    assert!(told.contains("error[unknown-declaration]"), "{told}");
}
