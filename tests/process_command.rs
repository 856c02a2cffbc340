//! `soapstone explain process`: the steps of a process as an outline and as a picture.
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

const GATEWAY: &str = r##"listener internal bind="127.0.0.1:0"
profile item format=xml { element Item { element Name; element N type=integer; element Country } }
process approve { set approved value="yes" }
process german { notify info "a German order" }
process order {
    set mark value="<a> & 'b'"
    branch {
        path "acknowledge" {
            message "<Ack>{request.id}</Ack>" type="application/xml"
            return
        }
        path "store" {
            decision from="Item/N" gt=1000 {
                then { call approve }
                else { notify info "a small order of {= doc.Item.N} pieces, which nobody needs to approve" }
            }
            route from="Item/Country" {
                case DE AT { call german }
                default { throw "unknown country" status=422 }
            }
            try {
                script #"doc.Item.N = 1;"#
                catch { throw "{error.message}" status=502 }
            }
            dispatch property=request.header.x-partner { when acme process=german; default process=approve }
            for-each { set x value=1 }
            decision from="Item/N" eq=3 { then { stop } }
        }
    }
    notify info "done"
}
operation run { action execute; object Run; input item; output item; process order }
operation echo { action execute; object Echo; input item; output item; process { validate item; return } }
"##;

#[test]
fn a_process_is_an_outline_and_a_picture() {
    let folder = Folder::new();
    folder.write("orders.kdl", GATEWAY);
    let show = |arguments: &[&str]| run(folder.path(), &[&["explain", "process"], arguments].concat(), "");
    let (code, out, told) = show(&["order", "orders.kdl"]);
    assert_eq!((code, told.as_str()), (0, ""));
    golden("process/order.txt", &out);
    for line in out.lines() {
        let (number, text) = line.strip_prefix("orders.kdl:").unwrap().split_once(' ').unwrap();
        let written = GATEWAY.lines().nth(number.parse::<usize>().unwrap() - 1).unwrap();
        assert!(written.contains(text.trim()), "{line}: {written}");
    }
    let (code, out, told) = show(&["order", "orders.kdl", "--picture", "order.svg"]);
    assert_eq!((code, out.as_str(), told.as_str()), (0, "", ""));
    golden("process/order.svg", &std::fs::read_to_string(folder.path().join("order.svg")).unwrap());
    // An operation may have a process of its own.
    folder.write("gateway.kdl", GATEWAY);
    let (code, out, _) = show(&["echo"]);
    assert_eq!(code, 0);
    assert!(out.ends_with("    validate item\ngateway.kdl:33    return\n"), "{out}");
}

#[test]
fn what_cannot_be_shown_is_told() {
    let folder = Folder::new();
    folder.write("gateway.kdl", GATEWAY);
    for (arguments, code, expected) in [
        (&["process", "ordre"][..], 1, "gateway.kdl: there is no process `ordre`; did you mean `order`?\n"),
        (&["process", "order", "none.kdl"], 1, "none.kdl"),
        (&["process", "order", "--picture", "none/x.svg"], 1, "none/x.svg cannot be written: "),
        (&["map", "order"], 2, "only a process has steps to show: soapstone explain process NAME"),
        (&["process", "--picture", "x.svg"], 2, "Usage:"),
    ] {
        let (exit, out, told) = run(folder.path(), &[&["explain"], arguments].concat(), "");
        assert_eq!((exit, out.as_str()), (code, ""), "{arguments:?}");
        assert!(told.contains(expected), "{arguments:?}: {told}");
    }
    let (code, out, _) = run(folder.path(), &["explain", "process"], "");
    assert!(code == 0 && out.starts_with("process (declaration)"), "the word itself: {out}");
    folder.write("gateway.kdl", "listner a");
    let (code, _, told) = run(folder.path(), &["explain", "process", "order"], "");
    assert!(code == 1 && told.contains("error[unknown-declaration]"), "{told}");
}
