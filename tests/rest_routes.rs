//! Routes of an `api`: conditions, beginnings of paths, declared parameters, overrides, forms, and OPTIONS.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that fails says so by panicking")]

mod support;

use std::net::SocketAddr;

use support::{Gateway, Response, call, get, post};

const ROUTES: &str = r##"
listener internal bind="127.0.0.1:0"
admin bind="127.0.0.1:0"

profile item format=xml {
    element Item {
        attribute sku required=#true
        element Amount type=integer
        element Note occurs="0..1"
    }
}
profile ticket format=json {
    object {
        string subject required=#true
        decimal weight
        boolean urgent
        array tags { string }
    }
}

operation list {
    action query
    object Item
    output item many=#true
    process {
        decision property=request.query.limit ne="" { then { message "<Item sku=\"{request.query.limit}\"><Amount>1</Amount></Item>" type="application/xml" } }
        decision property=request.query.none eq="1" { then { stop } }
        return
    }
}
operation express {
    action get
    output data content-type="text/plain"
    process { message "express {request.query.limit}"; return }
}
operation both {
    action get
    output data content-type="text/plain"
    process { message "both"; return }
}
operation file {
    action get
    output data content-type="text/plain"
    process { message "[{request.path.area}] [{request.path.rest}]"; return }
}
operation keep {
    action create
    input item
    output item
    process { return }
}
operation open-ticket {
    action create
    input ticket
    output ticket
    process { return }
}
operation upload {
    action create
    input data
    output data content-type="text/plain"
    process { set size value="{request.header.content-type}"; message "{size}"; return }
}

operation note-ticket { action create; object Note; input ticket; output ticket; process { return } }

api shop base="/shop" {
    rest {
        get "/items" list {
            description "Items, in XML alone."
            output xml
            on-empty 204
            query limit type=integer min=1 max=100 default=20
            query from type=date
            query color values="red green" required=#true
        }
        get "/items" express { header X-Kind express }
        get "/items" both { header X-Kind express; header X-Zone "eu west" }
        get "/all" list { on-empty 404 }
        get "/files/{area}" file prefix=#true
        post "/items" keep
        post "/items/xml" keep { input xml; output json }
        put "/items/json" keep { input json; output xml }
        post "/items/form" keep { input form }
        post "/tickets" open-ticket
        post "/tickets/form" open-ticket { input form }
        post "/uploads" upload
    }
}
"##;

/// A message makes text; what it says is an item of XML.
fn gateway() -> (Gateway, SocketAddr) {
    let gateway = Gateway::start(ROUTES);
    let address = gateway.address("internal");
    (gateway, address)
}

fn body(answer: &Response) -> (u16, &str) {
    (answer.status, answer.body.as_str())
}

#[test]
fn a_condition_leads_to_a_route_of_its_own() {
    let (_gateway, address) = gateway();
    let with = |headers: &[(&str, &str)]| call(address, "GET", "/shop/items?color=red", headers, b"");
    assert!(with(&[]).body.contains("ResponseList"));
    assert!(with(&[("X-Kind", "EXPRESS")]).body.contains("ResponseList"));
    assert_eq!(body(&with(&[("X-Kind", "express")])), (200, "express "));
    assert_eq!(body(&with(&[("x-kind", "express"), ("x-zone", "eu west")])), (200, "both"));
    assert_eq!(with(&[("X-Zone", "eu west")]).header("content-type"), Some("application/xml; charset=utf-8"));
}

#[test]
fn declared_parameters_are_checked_before_anything_runs() {
    let (_gateway, address) = gateway();
    let answer = get(address, "/shop/items?limit=0&from=2026-02-30&limit=7&other=1");
    assert_eq!(answer.status, 400);
    let problem: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(problem["code"], "invalid-parameters");
    let places: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().map(|at| at["path"].as_str().unwrap()).collect();
    assert_eq!(places, ["query.limit", "query.from", "query.limit", "query.color"]);
    // The default counts where none is given, and what is not declared is let through.
    assert!(get(address, "/shop/items?color=green&other=1&other=2").body.contains("sku=\"20\""));
    assert!(get(address, "/shop/items?color=green&limit=99").body.contains("sku=\"99\""));
    // Only at the address that declares them.
    assert_eq!(get(address, "/shop/all?limit=x&limit=y").status, 200);
}

#[test]
fn an_address_changes_what_it_says() {
    let (_gateway, address) = gateway();
    let empty = get(address, "/shop/items?color=red&none=1");
    assert_eq!((empty.status, empty.body.as_str()), (204, ""));
    assert_eq!(get(address, "/shop/all?none=1").status, 404);
    let accept = |path: &str, accept: &str| call(address, "GET", path, &[("Accept", accept)], b"");
    let refused = accept("/shop/items?color=red", "application/json");
    assert_eq!(refused.status, 406);
    assert!(refused.body.contains("it can be had as application/xml."), "{}", refused.body);
    let any = accept("/shop/items?color=red", "application/json, */*;q=0.1");
    assert_eq!(any.header("vary"), Some("x-kind, x-zone"), "its form is not the caller's choice");
    let both = accept("/shop/all?limit=3", "application/xml;q=0.2, application/json;q=0.4");
    assert_eq!(
        (both.header("vary"), both.header("content-type")),
        (Some("Accept"), Some("application/json"))
    );
    let neither = accept("/shop/all", "text/html");
    assert!(neither.body.contains("application/xml or application/json"), "{}", neither.body);
    let item = "<Item sku=\"A\"><Amount>1</Amount></Item>";
    let json = r#"{"sku":"A","Amount":1}"#;
    let xml_in = post(address, "/shop/items/xml", "application/xml", item);
    assert_eq!(body(&xml_in), (200, json));
    assert_eq!(post(address, "/shop/items/xml", "application/json", json).status, 415);
    let json_in =
        call(address, "PUT", "/shop/items/json", &[("Content-Type", "application/json")], json.as_bytes());
    assert_eq!(
        (json_in.status, json_in.header("content-type")),
        (200, Some("application/xml; charset=utf-8"))
    );
    let wrong =
        call(address, "PUT", "/shop/items/json", &[("Content-Type", "application/xml")], item.as_bytes());
    assert!(wrong.status == 415 && wrong.body.contains("reads application/json."), "{}", wrong.body);
}

#[test]
fn a_beginning_serves_everything_below_it() {
    let (_gateway, address) = gateway();
    assert_eq!(body(&get(address, "/shop/files/a")), (200, "[a] []"));
    assert_eq!(body(&get(address, "/shop/files/a/")), (200, "[a] []"));
    assert_eq!(body(&get(address, "/shop/files/a/b/c%20d")), (200, "[a] [b/c d]"));
    assert_eq!(get(address, "/shop/files").status, 404);
    assert_eq!(get(address, "/shop/items/").status, 404);
}

#[test]
fn a_form_becomes_a_document() {
    let (_gateway, address) = gateway();
    let form = |path: &str, text: &str| {
        post(address, path, "application/x-www-form-urlencoded; charset=utf-8", text)
    };
    let ticket =
        form("/shop/tickets/form", "subject=It+%C3%BCber%26all&weight=1.50&urgent=true&tags=a&tags=b");
    assert_eq!(
        body(&ticket),
        (200, "{\"subject\":\"It über&all\",\"weight\":1.5,\"urgent\":true,\"tags\":[\"a\",\"b\"]}")
    );
    // What a person left empty is not there, unless it may be the empty text.
    assert_eq!(body(&form("/shop/tickets/form", "subject=&weight=")), (200, "{\"subject\":\"\"}"));
    let wrong = form("/shop/tickets/form", "subject=a&subject=b&weight=heavy&colour=red");
    assert_eq!(wrong.status, 422);
    for place in ["$.subject", "$.weight", "$.colour"] {
        assert!(wrong.body.contains(place), "{place} in {}", wrong.body);
    }
    assert_eq!(form("/shop/tickets/form", "subject=%FF").status, 400);
    let item = form("/shop/items/form", "Amount=7&sku=A-1&Note=%3Cb%3E");
    assert_eq!(item.status, 200);
    assert!(item.body.contains("sku=\"A-1\"") && item.body.contains("&lt;b&gt;"), "{}", item.body);
}

#[test]
fn forms_are_read_only_where_a_route_says_so() {
    // Any web page lets a browser send one.
    let (_gateway, address) = gateway();
    let form = |path: &str| post(address, path, "application/x-www-form-urlencoded", "subject=a");
    for path in ["/shop/tickets", "/shop/items", "/shop/items/xml", "/ws/rest/Note", "/ws/simple/createNote"]
    {
        let refused = form(path);
        assert_eq!(refused.status, 415, "{path}");
        assert!(!refused.body.contains("or application/x-www-form-urlencoded"), "{}", refused.body);
    }
    let other = post(address, "/shop/tickets/form", "application/json", "{\"subject\":\"a\"}");
    assert_eq!(other.status, 415);
    assert!(other.body.contains("this operation reads application/x-www-form-urlencoded."), "{}", other.body);
    let media = |path: &str| {
        let document: serde_json::Value =
            serde_json::from_str(&get(address, "/shop/openapi.json").body).unwrap();
        let content = &document["paths"][path]["post"]["requestBody"]["content"];
        content.as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(media("/tickets"), ["application/json"]);
    assert_eq!(media("/tickets/form"), ["application/x-www-form-urlencoded"]);
    assert_eq!(media("/items"), ["application/xml", "application/json"]);
}

#[test]
fn answers_name_the_fields_that_led_to_them() {
    let (_gateway, address) = gateway();
    let vary = |method: &str, path: &str, headers: &[(&str, &str)]| {
        let answer = call(address, method, path, headers, b"");
        let lines = answer.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("vary"));
        lines.map(|(_, value)| value.clone()).collect::<Vec<_>>().join(" | ")
    };
    let told = "x-kind, x-zone";
    assert_eq!(vary("GET", "/shop/items?color=red", &[]), told);
    assert_eq!(vary("GET", "/shop/items", &[]), told, "a failure");
    assert_eq!(vary("GET", "/shop/items", &[("X-Kind", "express")]), told);
    assert_eq!(vary("DELETE", "/shop/items", &[]), told);
    assert_eq!(vary("OPTIONS", "/shop/items", &[]), told);
    assert_eq!(vary("GET", "/shop/all?limit=3", &[]), "Accept");
    assert_eq!(vary("GET", "/shop/none", &[]), "");
}

#[test]
fn data_of_any_type_is_taken() {
    let (_gateway, address) = gateway();
    let answer = post(address, "/shop/uploads", "image/png", "\u{0}\u{1}");
    assert_eq!(body(&answer), (200, "image/png"));
}

#[test]
fn options_says_what_an_address_is_for() {
    let (_gateway, address) = gateway();
    let options = |path: &str| call(address, "OPTIONS", path, &[], b"");
    let items = options("/shop/items?color=x");
    assert_eq!((items.status, items.header("allow")), (204, Some("GET, HEAD, POST, OPTIONS")));
    assert_eq!(options("/shop/files/a/b/c").header("allow"), Some("GET, HEAD, OPTIONS"));
    assert_eq!(options("/shop/nothing").status, 404);
    let wrong = call(address, "DELETE", "/shop/items", &[], b"");
    assert_eq!((wrong.status, wrong.header("allow")), (405, Some("GET, HEAD, POST, OPTIONS")));
}
