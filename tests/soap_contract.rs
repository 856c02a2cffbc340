//! Declared faults and headers over real sockets: what each protocol's callers read, and what the WSDL says of them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use support::*;

const GATEWAY: &str = r#"
listener internal bind="127.0.0.1:0"
profile order format=xml {
    element Order namespace="urn:example:shop" { element Sku; element Quantity type=integer min=1 }
}
profile receipt format=xml { element Receipt namespace="urn:example:shop" { element Sku } }
profile shortage format=xml {
    element Shortage namespace="urn:example:shop" { element Sku; element Left type=integer }
}
profile session format=xml {
    element Session namespace="urn:example:session" { attribute kind; element Id pattern="[0-9]+" }
}
profile limits format=xml {
    element Limits namespace="urn:example:limits" { element Remaining type=integer; element By namespace="" }
}
fault OutOfStock profile=shortage status=409 description="There is less than was ordered."
fault Closed status=503
map order-to-shortage from=order to=shortage {
    set "Shortage/Sku" from="Order/Sku"
    set "Shortage/Left" value=3
}
map order-to-receipt from=order to=receipt { set "Receipt/Sku" from="Order/Sku" }
operation buy {
    description "Buys what is there."
    action create
    object Order
    input order
    output receipt
    faults OutOfStock Closed
    header session required=#true
    header limits direction=out
    process {
        header limits {
            set Remaining value=7
            set By property="soap.header.{urn:example:session}Session/Id"
        }
        header "{urn:example:other}Note" must-understand=#true property="soap.header.Session/@kind"
        decision from="Order/Quantity" gt=3 {
            then {
                map order-to-shortage
                throw "Only 3 are left." fault=OutOfStock
            }
            else { notify info "enough" }
        }
        decision from="Order/Sku" eq=CLOSED {
            then { throw "We are closed." fault=Closed }
            else { notify info "open" }
        }
        map order-to-receipt
        return
    }
}
"#;

fn order(sku: &str, quantity: u32) -> String {
    format!("<Order xmlns=\"urn:example:shop\"><Sku>{sku}</Sku><Quantity>{quantity}</Quantity></Order>")
}

fn message(version: &str, header: &str, body: &str) -> String {
    let body =
        format!("<w:createOrder xmlns:w=\"http://www.boomi.com/connector/wss\">{body}</w:createOrder>");
    envelope(version, &body).replace("<e:Body>", &format!("<e:Header>{header}</e:Header><e:Body>"))
}

const SESSION: &str = "<s:Session xmlns:s=\"urn:example:session\" kind=\"long\" e:mustUnderstand=\"1\"><s:Id>42</s:Id></s:Session>";

fn call(gateway: &Gateway, version: &str, header: &str, body: &str) -> Response {
    let message = message(version, header, body);
    post(gateway.address("internal"), "/ws/soap", soap_type(version), &message)
}

#[test]
fn headers_are_read_and_written() {
    let gateway = Gateway::start(GATEWAY);
    for version in ["1.1", "1.2"] {
        let answer = call(&gateway, version, SESSION, &order("A-1", 1));
        let text = answer.body;
        assert_eq!(answer.status, 200, "{text}");
        let limits =
            "<Limits xmlns=\"urn:example:limits\"><Remaining>7</Remaining><By xmlns=\"\">42</By></Limits>";
        assert!(text.contains(limits), "{text}");
        assert!(text.contains("mustUnderstand=\"1\">long</Note>"), "{text}");
        assert!(text.find("Header>").unwrap() < text.find("Body>").unwrap(), "{text}");
    }
}

#[test]
fn headers_are_checked() {
    let gateway = Gateway::start(GATEWAY);
    let other = "<s:Other xmlns:s=\"urn:example:session\" e:mustUnderstand=\"1\"/>";
    let wrong = SESSION.replace("42", "forty");
    let elsewhere = SESSION.replace("kind=", "e:actor=\"urn:else\" kind=");
    for (header, code, part) in [
        ("", "Client", "The header block Session is missing, and this operation needs it."),
        (elsewhere.as_str(), "Client", "is missing"),
        (&SESSION.repeat(2), "Client", "is there twice"),
        (&wrong, "Client", "Session/Id: found `forty`"),
        (&format!("{SESSION}{other}"), "MustUnderstand", "{urn:example:session}Other"),
    ] {
        let answer = call(&gateway, "1.1", header, &order("A-1", 1));
        let text = answer.body;
        assert_eq!(answer.status, 500, "{text}");
        assert!(text.contains(&format!("soapenv:{code}<")) && text.contains(part), "{header}: {text}");
        // What is wrong with a header has no place in the detail (SOAP 1.1 section 4.4).
        assert!(!text.contains("<detail>"), "{header}: {text}");
    }
}

#[test]
fn a_declared_fault_has_its_detail() {
    let gateway = Gateway::start(GATEWAY);
    let detail = "<Shortage xmlns=\"urn:example:shop\"><Sku>A-1</Sku><Left>3</Left></Shortage>";
    let v11 = call(&gateway, "1.1", SESSION, &order("A-1", 4));
    assert_eq!(v11.status, 500);
    let text = v11.body;
    assert!(text.contains("<faultcode>soapenv:Client</faultcode><faultstring>Only 3 are left.<"), "{text}");
    assert!(text.contains(&format!("<detail>{detail}</detail>")), "{text}");
    // Blocks that were made before it go with it.
    assert!(text.contains("<Remaining>7</Remaining>"), "{text}");
    let v12 = call(&gateway, "1.2", SESSION, &order("A-1", 4));
    assert_eq!(v12.status, 400);
    let text = v12.body;
    assert!(
        text.contains("<soap:Value>soap:Sender</soap:Value>") && text.contains(">f:OutOfStock<"),
        "{text}"
    );
    assert!(text.contains(&format!("<soap:Detail>{detail}</soap:Detail>")), "{text}");
    let closed = call(&gateway, "1.1", SESSION, &order("CLOSED", 1));
    assert!(closed.body.contains("soapenv:Server<") && closed.body.contains(">Closed</f:code>"));
}

#[test]
fn blocks_of_a_called_process_go_with_its_fault() {
    let refuse = r#"
process refuse {
    header limits { set Remaining value=0 }
    decision property="soap.header.Session/@kind" eq=long { then { throw "no" status=400 } }
}
"#;
    let gateway = GATEWAY.replace("operation buy {", &format!("{refuse}operation buy {{"));
    let call_it = "process {\n        call refuse\n";
    let called = gateway.replacen("process {\n", call_it, 1);
    let answer = call(&Gateway::start(&called), "1.2", SESSION, &order("A-1", 1));
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert!(answer.body.contains("<Remaining>0</Remaining>"), "{}", answer.body);
    // What catches the failure takes the blocks back.
    let caught = "process {\n        try { call refuse; catch { notify info \"caught\" } }\n";
    let caught = gateway.replacen("process {\n", caught, 1);
    let answer = call(&Gateway::start(&caught), "1.2", SESSION, &order("A-1", 1));
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(!answer.body.contains("<Remaining>0</Remaining>"), "{}", answer.body);
}

#[test]
fn a_block_is_read_from_data_too() {
    // As the detail of a fault is: a message is data until somebody says what it is.
    let text = "<Limits xmlns='urn:example:limits'><Remaining>5</Remaining></Limits>";
    let receipt = "<Receipt xmlns='urn:example:shop'><Sku>A-1</Sku></Receipt>";
    let make = |text: &str| {
        let first = format!(
            "process {{\n message {text:?}\n header limits\n message {receipt:?}\n return\n }}\n}}\n"
        );
        let (kept, _) = GATEWAY.split_once("process {").unwrap();
        Gateway::start(&format!("{}{first}", kept.replace(" required=#true", "")))
    };
    let ask = |gateway: &Gateway| call(gateway, "1.2", "", &order("A-1", 1));
    let answer = ask(&make(text));
    assert!(answer.status == 200 && answer.body.contains("<Remaining>5</Remaining>"), "{}", answer.body);
    let mut gateway = make("no XML");
    let answer = ask(&gateway);
    assert!(answer.status == 500 && !answer.body.contains("limits"), "{}", answer.body);
    gateway.wait_for_line("the header block is of profile limits, and was what cannot be read");
}

#[test]
fn other_protocols_read_the_fault_in_their_form() {
    let gateway = Gateway::start(GATEWAY);
    let json = r#"{"Sku": "A-1", "Quantity": 4}"#;
    let answer = post(gateway.address("internal"), "/ws/rest/Order", "application/json", json);
    assert_eq!((answer.status, answer.header("content-type")), (409, Some("application/problem+json")));
    let problem: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(problem["code"], "OutOfStock");
    assert_eq!(problem["fault"], serde_json::json!({ "Sku": "A-1", "Left": 3 }));
    let headers = [("content-type", "application/xml"), ("accept", "application/xml")];
    let address = gateway.address("internal");
    let answer = http::call(address, "POST", "/ws/rest/Order", &headers, order("A-1", 4).as_bytes());
    assert!(answer.body.contains("<fault><Shortage xmlns=\"urn:example:shop\">"), "{}", answer.body);
    let answer = post(address, "/ws/simple/createOrder", "application/xml", &order("A-1", 4));
    assert_eq!(answer.status, 409);
    assert!(answer.body.starts_with("Only 3 are left.\n"), "{}", answer.body);
}

#[test]
fn the_wsdl_declares_them() {
    let gateway = Gateway::start(GATEWAY);
    let wsdl = get(gateway.address("internal"), "/ws/soap?wsdl=single").body;
    for part in [
        "<wsdl:documentation>Buys what is there.</wsdl:documentation>",
        "<wsdl:fault name=\"OutOfStock\" message=\"tns:OutOfStockFault\">",
        "<wsdl:documentation>There is less than was ordered.</wsdl:documentation>",
        "<soap12:header message=\"tns:SessionHeader\" part=\"Session\" use=\"literal\"/></wsdl:input>",
        "<soap:header message=\"tns:LimitsHeader\" part=\"Limits\" use=\"literal\"/></wsdl:output>",
        "<xs:element name=\"Shortage\">",
    ] {
        assert!(wsdl.contains(part), "{part}: {wsdl}");
    }
    // A fault without a detail has nothing to show.
    assert!(!wsdl.contains("Closed"));
}

#[test]
fn a_listener_has_a_wsdl_of_all_its_services() {
    let apis = "
        api a base=\"/a\" { soap \"/soap\" namespace=\"urn:a\" service=A port=APort { description \"One.\"; operation buy } }
        api b base=\"/b\" { soap \"/soap\" namespace=\"urn:b\" style=document { operation buy action=\"urn:b:act\" } }
    ";
    let gateway = Gateway::start(&format!("{GATEWAY}{apis}"));
    let address = gateway.address("internal");
    let all = get(address, "/ws/soap?wsdl").body;
    for path in ["/a/soap", "/b/soap"] {
        assert!(all.contains(&format!("location=\"http://gateway.test{path}?wsdl\"")), "{all}");
    }
    let a = get(address, "/a/soap?wsdl").body;
    assert!(a.contains("<wsdl:port name=\"APort12\"") && a.contains("<wsdl:documentation>One.<"), "{a}");
    let b = get(address, "/b/soap?wsdl").body;
    assert!(b.contains("soapAction=\"urn:b:act\""), "{b}");
}

#[test]
fn only_who_has_the_role_may_call_and_see() {
    let kdl = GATEWAY
        .replace("bind=\"127.0.0.1:0\"", "bind=\"127.0.0.1:0\" { auth token users=partners }")
        .replace("faults OutOfStock", "roles orders\n    faults OutOfStock");
    let users = "users partners {\n user ada token=(env)ADA { roles orders }\n user bob token=(env)BOB { roles reports }\n}\n";
    let open = "operation ask { action query; object Order; output order; process { stop } }\n\
        operation tell { action query; object Secret; output order; roles orders; process { stop } }\n\
        api open base=\"/open\" { soap \"/soap\" namespace=\"urn:open\" { operation ask } }\n\
        api closed base=\"/closed\" { soap \"/soap\" namespace=\"urn:closed\" { operation tell } }\n";
    let tokens = [("ADA", "0123456789abcdef0123456789abcdef"), ("BOB", "fedcba9876543210fedcba9876543210")];
    let gateway = Gateway::start_with(&format!("{users}{open}{kdl}"), &[], &tokens);
    let address = gateway.address("internal");
    let ask = |token: &str, method: &str, path: &str, kind: &str, body: &str| {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
        http::call(address, method, path, &headers, body.as_bytes())
    };
    let [(_, ada), (_, bob)] = tokens;
    assert!(ask(ada, "GET", "/ws/soap?wsdl", "", "").body.contains("createOrder"));
    assert!(!ask(bob, "GET", "/ws/soap?wsdl", "", "").body.contains("createOrder"));
    let right = message("1.1", SESSION, &order("A-1", 1));
    assert_eq!(ask(ada, "POST", "/ws/soap", "text/xml", &right).status, 200);
    // Nothing is told of what is wrong with a body either.
    let wrong = message("1.1", SESSION, "<Order/>");
    for (path, kind, body) in [
        ("/ws/soap", "text/xml", right.as_str()),
        ("/ws/soap", "text/xml", &wrong),
        ("/ws/rest/Order", "application/xml", "<Order/>"),
        ("/ws/simple/createOrder", "application/xml", "<Order/>"),
    ] {
        let answer = ask(bob, "POST", path, kind, body);
        assert_eq!(answer.status, 403, "{path}: {}", answer.body);
        assert!(answer.body.contains("You may not call this operation."), "{path}: {}", answer.body);
    }
    let all = ask(bob, "GET", "/ws/soap?wsdl=all", "", "").body;
    assert!(all.contains("/open/soap?wsdl") && !all.contains("/closed/soap"), "{all}");
    let near = ask(bob, "POST", "/ws/soap", "text/xml", &right.replace("createOrder", "creatOrder"));
    assert!(near.body.contains("unknown-operation") && !near.body.contains("createOrder"), "{}", near.body);
}

/// One-way messages of a client that closes its side at once, as PHP's does.
#[test]
fn a_one_way_message_is_taken_from_who_does_not_wait() {
    let kdl = GATEWAY.to_owned()
        + "operation tell { action execute; object Tell; input order; process { notify info \"told {= doc.Order.Sku}\" } }";
    let mut gateway = Gateway::start(&kdl);
    for number in 0..20 {
        let sku = format!("S-{number}");
        let body = format!(
            "<w:executeTell xmlns:w=\"http://www.boomi.com/connector/wss\">{}</w:executeTell>",
            order(&sku, 1)
        );
        let mut connection = Connection::open(gateway.address("internal"));
        connection.ask(
            "POST",
            "/ws/soap",
            &[("content-type", "text/xml")],
            envelope("1.1", &body).as_bytes(),
        );
        drop(connection);
        gateway.wait_for_line(&format!("told {sku}"));
    }
}

#[test]
fn a_body_that_never_ends_is_given_up_with_its_client() {
    let mut gateway = Gateway::start(GATEWAY);
    let mut connection = Connection::open(gateway.address("internal"));
    let head =
        "POST /ws/soap HTTP/1.1\r\nHost: h\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n<half";
    connection.send(head.as_bytes());
    connection.done();
    // Its other side still reads.
    let answer = connection.answer().unwrap();
    assert!(answer.body.contains("incomplete"), "{}", answer.body);
    gateway.wait_for_line("incomplete");
    let mut head_alone = Connection::open(gateway.address("internal"));
    head_alone.send(b"POST /ws/soap HTTP/1.1\r\nHo");
    head_alone.done();
    assert!(head_alone.answer().is_none());
    assert_eq!(head_alone.rest(), "");
}
