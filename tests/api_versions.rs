//! Versions of an api side by side, and what every answer of one says that should not be used any more.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails says so by panicking")]

mod support;

use support::{Folder, Gateway, Response, call, envelope, get, golden, post, run, soap_type};

const VERSIONS: &str = r##"
listener internal bind="127.0.0.1:8080"
admin bind="127.0.0.1:9901"
log level=info

profile order format=xml { element Order { element Id } }

operation get-order {
    action get
    object Order
    output order
    process {
        set response.header.Link value="</orders/2>; rel=\"next\""
        message "<Order><Id>{request.path.id}</Id></Order>" type="application/xml"
        return
    }
}
operation create-order {
    action create
    object Order
    input order
    output order
    process {
        decision from="Order/Id" eq="bad" { then { throw "No such order." status=409 } }
        return
    }
}
operation other { action get; object Other; output data; process { message "other"; return } }

api orders version="1" base="/orders/v1" {
    title "Orders"
    description "The first form of orders."
    deprecated since="2026-12-01" sunset="2027-06-01T12:00:00+02:00" link="https://example.com/orders/v2"
    rest {
        get "/orders/{id}" get-order
        post "/orders" create-order
        post "/orders" create-order { header X-Kind express }
        get "/files" other prefix=#true
    }
    soap "/soap" namespace="urn:example:orders:v1" { operation create-order }
}
api orders version="2" base="/orders/v2" {
    rest { get "/orders/{id}" get-order }
}
api old base="/old" {
    deprecated since="2020-01-01"
    rest { get "/orders/{id}" get-order }
}
"##;

fn links(answer: &Response) -> Vec<&str> {
    answer.headers.iter().filter(|(name, _)| name == "link").map(|(_, value)| value.as_str()).collect()
}

/// Says what the older version says.
fn is_deprecated(answer: &Response) {
    assert_eq!(answer.header("deprecation"), Some("@1796083200"), "{answer:?}");
    assert_eq!(answer.header("sunset"), Some("Tue, 01 Jun 2027 10:00:00 GMT"));
    let links = links(answer);
    assert!(links.contains(&"<https://example.com/orders/v2>; rel=\"deprecation\""), "{links:?}");
    assert!(links.contains(&"<https://example.com/orders/v2>; rel=\"sunset\""), "{links:?}");
}

#[test]
fn every_answer_of_a_deprecated_api_says_so() {
    let kdl = VERSIONS.replace(":8080", ":0").replace(":9901", ":0");
    let mut gateway = Gateway::start(&kdl);
    let address = gateway.address("internal");
    let order = get(address, "/orders/v1/orders/7");
    assert_eq!(order.status, 200);
    is_deprecated(&order);
    assert!(links(&order).contains(&"</orders/2>; rel=\"next\""), "what a step says stays");
    // Failures of all kinds, and what the gateway answers itself.
    let failed = post(address, "/orders/v1/orders", "application/xml", "<Order><Id>bad</Id></Order>");
    assert_eq!(failed.status, 409);
    is_deprecated(&failed);
    for (method, path, status) in [
        ("PUT", "/orders/v1/orders/7", 405),
        ("OPTIONS", "/orders/v1/orders/7", 204),
        ("POST", "/orders/v1/orders", 415),
        ("GET", "/orders/v1/soap?wsdl", 200),
        ("GET", "/orders/v1/soap", 405),
    ] {
        let answer = call(address, method, path, &[("Content-Type", "image/png")], b"");
        assert_eq!(answer.status, status, "{method} {path}: {answer:?}");
        is_deprecated(&answer);
    }
    let inner = "<w:createOrder xmlns:w=\"urn:example:orders:v1\"><Order><Id>1</Id></Order></w:createOrder>";
    for body in [envelope("1.1", inner), envelope("1.1", "<x/>")] {
        is_deprecated(&post(address, "/orders/v1/soap", soap_type("1.1"), &body));
    }
    // The newer one says nothing, and one without an end only what it knows.
    let newer = get(address, "/orders/v2/orders/7");
    assert_eq!((newer.status, newer.header("deprecation"), newer.header("sunset")), (200, None, None));
    assert_eq!(links(&newer), ["</orders/2>; rel=\"next\""]);
    let old = get(address, "/old/orders/7");
    assert_eq!((old.header("deprecation"), old.header("sunset")), (Some("@1577836800"), None));
    assert_eq!(get(address, "/orders/v1/nothing").header("deprecation"), None);
    // Who looks after the gateway reads who still calls it.
    let (_, log) = gateway.stop();
    let calls = log.lines().filter(|line| line.contains("deprecated=orders 1")).count();
    assert_eq!(calls, 9, "{log}");
}

#[test]
fn the_table_of_routes_shows_versions_and_ends() {
    let folder = Folder::new();
    folder.write("gateway.kdl", VERSIONS);
    let (code, table, told) = run(folder.path(), &["routes"], "");
    assert_eq!((code, told.as_str()), (0, ""));
    golden("commands/routes-versions.txt", &table);
    let (code, json, _) = run(folder.path(), &["routes", "--format", "json"], "");
    assert_eq!(code, 0);
    golden("commands/routes-versions.jsonl", &json);
}
