//! SOAP servers of others, called by the gateway: every style, faults with their detail, header blocks, one-way messages.
#![allow(clippy::disallowed_methods, reason = "tests read files and run programs")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

#[path = "support/orders.rs"]
mod orders;
#[path = "support/soap_servers.rs"]
mod soap_servers;
mod support;

use std::time::Instant;

use orders::{Style, flat};
use soap_servers::SoapServer;
use support::{DEADLINE, Gateway, Response, get};

/// A contract as it is called at a server.
struct Called {
    style: Style,
    wsdl: &'static str,
    /// Properties of `wsdl`.
    port: &'static str,
    /// How the server writes 2026-11-20T08:00:00Z.
    placed: &'static str,
    /// The reason of an undeclared fault.
    crash: &'static str,
    /// How a declared fault is caught.
    declared: &'static str,
    /// Whether items of arrays have the name of the array.
    doubles: bool,
    gateway: Option<Gateway>,
}

impl Called {
    fn new(style: Style, wsdl: &'static str) -> Self {
        let declared = "OutOfStock";
        let (placed, crash) = ("2026-11-20T08:00:00Z", "It broke.");
        Self { style, wsdl, port: "", placed, crash, declared, doubles: false, gateway: None }
    }

    fn soap12(self) -> Self {
        Self { port: "version=\"1.2\"", ..self }
    }

    /// The header block that goes, and the one that comes back.
    fn blocks(&self) -> [&'static str; 2] {
        match self.style {
            Style::Spyne => ["{urn:example:orders}SessionHeader", "{urn:example:orders}Limits/Left"],
            _ => ["{urn:example:orders:header}Session", "{urn:example:orders:header}Limits/Left"],
        }
    }

    /// What is sent, as a document.
    fn body(&self, operation: &str) -> String {
        let declared =
            "xmlns:o=\"urn:example:orders\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
        let body = match (self.style, operation) {
            (Style::Encoded, "PlaceOrder") => format!("<o:PlaceOrder>{ENCODED}</o:PlaceOrder>"),
            (Style::Encoded, _) => Style::Rpc.body(operation),
            (style, _) => style.body(operation),
        };
        let (before, behind) = body.split_at(body.find(['>', '/']).unwrap());
        format!("{before} {declared}{behind}")
    }

    fn call(&self, operation: &str, inside: &str) -> String {
        let body = self.body(operation);
        format!(
            "message #\"{body}\"# type=\"application/xml\"\n        soap orders {operation} {{ {inside} }}"
        )
    }

    fn at(mut self, url: &str) -> Self {
        let [sent, kept] = self.blocks();
        let signed = format!("header \"{sent}\" {{ set Id value=\"s-1\" }}; keep-header \"{kept}\" as=left");
        let told = "set response.header.X-Code property=error.fault.code\n            set response.header.X-Reason property=error.fault.reason\n            set response.header.X-Name property=error.fault.name";
        let declared = format!("fault {} as=detail {{ {told}\n return }}", self.declared);
        let any = format!("fault kind=fault {{ {told}\n message \"caught\"; return }}");
        let operation = |name: &str, steps: String| {
            format!(
                "operation \"{name}\" {{\n    action get\n    object {name}\n    output data\n    process {{\n        {steps}\n        return\n    }}\n}}\n"
            )
        };
        let wsdl = format!("{}/tests/servers/{}", env!("CARGO_MANIFEST_DIR"), self.wsdl);
        let mut kdl = format!(
            "listener internal bind=\"127.0.0.1:0\"\nserver orders url=\"{url}\" {{ wsdl \"{}\" {} }}\n",
            wsdl, self.port
        );
        kdl.push_str(&operation("PlaceOrder", self.call("PlaceOrder", "")));
        kdl.push_str(&operation("FailOrder", self.call("FailOrder", &declared)));
        kdl.push_str(&operation("Crash", self.call("Crash", &any)));
        let session = self.call("Session", &signed);
        kdl.push_str(&operation(
            "Session",
            format!("{session}\n        set response.header.X-Left property=left"),
        ));
        kdl.push_str(&operation("Unsigned", self.call("Session", &any)));
        kdl.push_str(&operation("Notify", self.call("Notify", "")));
        kdl.push_str(&operation("Notified", self.call("Notified", "")));
        kdl.push_str(&operation("Attach", self.call("Attach", "")));
        self.gateway = Some(Gateway::start(&kdl));
        self
    }

    fn get(&self, operation: &str) -> Response {
        let gateway = self.gateway.as_ref().unwrap();
        let response = get(gateway.address("internal"), &format!("/ws/rest/{operation}"));
        assert_eq!(response.status, 200, "{operation} of {}: {}", self.wsdl, response.body);
        response
    }

    fn lines(&self, operation: &str) -> Vec<String> {
        let body = self.get(operation).body;
        let body = body.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>").unwrap_or(&body);
        let body = format!(
            "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body>{body}</e:Body></e:Envelope>"
        );
        flat(&body)
    }

    fn notified(&self) -> u32 {
        let lines = self.lines("Notified");
        lines[0].split_once("Count=").and_then(|(_, count)| count.parse().ok()).unwrap()
    }

    /// Calls everything.
    fn check(&self) {
        let what = self.wsdl;
        let mut receipt = self.style.receipt(self.placed);
        if self.doubles {
            let double =
                |line: &String| line.replace("Items/item", "Items/Items").replace("Tags/item", "Tags/Tags");
            receipt = receipt.iter().map(double).collect();
        }
        assert_eq!(self.lines("PlaceOrder"), receipt, "{what}");
        let fault = self.get("FailOrder");
        assert_eq!(fault.header("x-reason"), Some("Only 3 of XYZ-22 are left."), "{what}");
        assert!(fault.body.contains("XYZ-22") && fault.body.contains('3'), "{what}: {}", fault.body);
        if self.declared == "OutOfStock" {
            assert_eq!(fault.header("x-name"), Some("OutOfStock"), "{what}");
        }
        let crash = self.get("Crash");
        assert_eq!((crash.header("x-reason"), crash.header("x-name")), (Some(self.crash), None), "{what}");
        let session = self.style.session();
        assert_eq!(self.lines("Session"), session[1..], "{what}");
        assert_eq!(self.get("Session").header("x-left"), Some("9"), "{what}");
        let unsigned = self.get("Unsigned");
        assert_eq!(unsigned.header("x-reason"), Some("The header Session is missing."), "{what}");
        assert!(matches!(unsigned.header("x-code"), Some("Client" | "Sender")), "{what}");
        let before = self.notified();
        self.get("Notify");
        // Some answer before the operation has run.
        let until = Instant::now() + DEADLINE;
        while self.notified() == before && Instant::now() < until {}
        assert_eq!(self.notified(), before + 1, "{what}");
        assert_eq!(self.lines("Attach"), self.style.attach(), "{what}");
    }
}

const ENCODED: &str = "<Order><Number>A-1001</Number><Placed>2026-11-20T08:00:00Z</Placed>\
    <Customer><Name>Ada &amp; Söhne</Name><Country>DE</Country></Customer><Payer><Name>Ada &amp; Söhne</Name><Country>DE</Country></Payer>\
    <Lines><item><Sku>ABC-1</Sku><Quantity>2</Quantity><Price>10.50</Price><Tags><item>fragile</item><item>tall</item></Tags></item>\
    <item><Sku>XYZ-22</Sku><Quantity>1</Quantity><Price>3.25</Price></item></Lines>\
    <Note>Ring &lt;twice></Note><Discount xsi:nil=\"true\"/></Order>";

#[test]
fn php_is_called_in_its_styles() {
    let server = SoapServer::php();
    Called::new(Style::Wrapped, "wrapped.wsdl").at(&server.url("/wrapped")).check();
    Called::new(Style::Wrapped, "wrapped.wsdl").soap12().at(&server.url("/wrapped")).check();
    Called::new(Style::Bare, "bare.wsdl").at(&server.url("/bare")).check();
    Called::new(Style::Rpc, "rpc.wsdl").at(&server.url("/rpc")).check();
    Called::new(Style::Encoded, "encoded.wsdl").at(&server.url("/encoded")).check();
}

#[test]
fn node_is_called_in_its_styles() {
    let server = SoapServer::node();
    let placed = "2026-11-20T08:00:00.000Z";
    let one = |style, wsdl| Called { placed, ..Called::new(style, wsdl) };
    one(Style::Wrapped, "wrapped.wsdl").at(&server.url("/wrapped")).check();
    one(Style::Wrapped, "wrapped.wsdl").soap12().at(&server.url("/wrapped12")).check();
    one(Style::Bare, "bare.wsdl").at(&server.url("/bare")).check();
    one(Style::Rpc, "rpc.wsdl").at(&server.url("/rpc")).check();
}

#[test]
fn an_answer_against_the_contract_is_told_from_a_fault() {
    let server = SoapServer::node();
    let called = Called::new(Style::Rpc, "rpc.wsdl").at(&server.url("/rpc-own"));
    let gateway = called.gateway.as_ref().unwrap();
    let response = get(gateway.address("internal"), "/ws/rest/PlaceOrder");
    assert_eq!(response.status, 502);
    assert!(response.body.contains("upstream-validation"), "{}", response.body);
}

#[test]
fn spyne_is_called() {
    let server = SoapServer::spyne();
    let one = |wsdl| Called {
        placed: "2026-11-20T08:00:00+00:00",
        crash: "Internal Error",
        ..Called::new(Style::Spyne, wsdl)
    };
    one("spyne11.wsdl").at(&server.url("/soap11")).check();
    one("spyne12.wsdl").at(&server.url("/soap12")).check();
}

#[test]
fn jax_ws_is_called_in_its_styles() {
    let server = SoapServer::jax_ws();
    Called::new(Style::Wrapped, "wrapped.wsdl").at(&server.url("/wrapped")).check();
    Called::new(Style::Wrapped, "wrapped.wsdl").soap12().at(&server.url("/wrapped12")).check();
    Called::new(Style::Rpc, "rpc.wsdl").at(&server.url("/rpc")).check();
}

#[test]
fn gsoap_is_called() {
    let server = SoapServer::gsoap_wrapped();
    Called::new(Style::Wrapped, "wrapped.wsdl").at(&server.url("/")).check();
    Called::new(Style::Wrapped, "wrapped.wsdl").soap12().at(&server.url("/")).check();
}

#[test]
fn encoded_services_are_called() {
    let server = SoapServer::gsoap_encoded();
    // The element of its detail says what it is only by its type.
    let declared = "code=Server";
    Called { declared, ..Called::new(Style::Encoded, "encoded.wsdl") }.at(&server.url("/")).check();
    let server = SoapServer::axis();
    let crash = "java.lang.IllegalStateException: It broke.";
    let placed = "2026-11-20T08:00:00.000Z";
    Called { crash, declared, placed, doubles: true, ..Called::new(Style::Encoded, "encoded.wsdl") }
        .at(&server.url("/axis/services/OrdersPort"))
        .check();
}
