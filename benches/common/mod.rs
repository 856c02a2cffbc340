//! What benchmarks of whole requests share: `bench/gateway.kdl` compiled, and requests to run on it.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, StatusCode};
use soapstone::compile;
use soapstone::document::codec::Limits;
use soapstone::pipeline::endpoint::{Opened, Reply, Request};
use soapstone::pipeline::execution::Around;
use soapstone::pipeline::gateway::Gateway;
use soapstone::pipeline::router::Found;
use soapstone::pipeline::run::Run;
use soapstone::script::Scripts;
use soapstone::world::Real;

/// Where the gateway of workload W1 is declared.
pub const GATEWAY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/bench/gateway.kdl");

/// The gateway of workload W1.
pub fn gateway() -> Gateway {
    let compiled = compile::compile(Path::new(GATEWAY), &Real);
    compiled.gateway.unwrap_or_else(|| panic!("{GATEWAY} has errors: see `soapstone check`"))
}

/// A worker's scripts of a gateway.
pub fn scripts(gateway: &Gateway) -> Rc<Scripts> {
    Rc::new(Scripts::compile(&gateway.scripts.set, gateway.scripts.bounds))
}

/// An order of ten lines, 1.8 KB, as W1 sends it but without an envelope.
pub fn order() -> String {
    let line = |n: usize| {
        format!(
            "<ord:Line><ord:LineNo>{n}</ord:LineNo><ord:Sku>AB-1{n:04}</ord:Sku><ord:Qty>{}</ord:Qty>\
             <ord:Price>{n}81.05</ord:Price></ord:Line>",
            n * 7
        )
    };
    let lines: String = (1..=10).map(line).collect();
    format!(
        "<ord:PlaceOrder xmlns:ord=\"urn:example:order:v1\"><ord:OrderId>ord-10000000</ord:OrderId>\
         <ord:OrderDate>2026-01-01</ord:OrderDate><ord:CustomerId>C-04000</ord:CustomerId>\
         <ord:CustomerName>Kühn &amp; Söhne GmbH</ord:CustomerName><ord:Street>12 Rue de l'Été</ord:Street>\
         <ord:City>Lyon</ord:City><ord:Zip>69001</ord:Zip><ord:Country>FR</ord:Country>\
         <ord:Currency>EUR</ord:Currency>{lines}</ord:PlaceOrder>"
    )
}

/// The same as a SOAP 1.1 message.
pub fn envelope() -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soapenv:Envelope \
         xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Header/><soapenv:Body>{}</soapenv:Body>\
         </soapenv:Envelope>",
        order()
    )
}

/// The same in JSON, as REST clients send it.
pub fn json() -> String {
    let line =
        |n: usize| format!("{{\"LineNo\":{n},\"Sku\":\"AB-1{n:04}\",\"Qty\":{},\"Price\":{n}81.05}}", n * 7);
    let lines: Vec<String> = (1..=10).map(line).collect();
    format!(
        "{{\"OrderId\":\"ord-10000000\",\"OrderDate\":\"2026-01-01\",\"CustomerId\":\"C-04000\",\
         \"CustomerName\":\"Kühn & Söhne GmbH\",\"Street\":\"12 Rue de l'Été\",\"City\":\"Lyon\",\"Zip\":\"69001\",\
         \"Country\":\"FR\",\"Currency\":\"EUR\",\"Line\":[{}]}}",
        lines.join(",")
    )
}

/// A request whose body was read.
pub fn request(path: &str, content_type: &'static str, body: impl Into<Bytes>) -> Rc<Request> {
    let mut headers = HeaderMap::new();
    headers.insert(hyper::header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(
        HeaderName::from_static("soapaction"),
        HeaderValue::from_static("\"urn:example:order:v1:PlaceOrder\""),
    );
    Rc::new(Request {
        id: "00000000-1".into(),
        method: Method::POST,
        path: path.into(),
        query: "".into(),
        headers,
        params: Vec::new(),
        defaults: None,
        user: None,
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        base_url: "http://127.0.0.1:9290".into(),
        coming: None,
        body: body.into(),
        limits: Limits::default(),
    })
}

/// Everything between the body that was read and the answer's bytes: route, open, run, close.
pub fn answer(gateway: &Gateway, scripts: &Rc<Scripts>, request: &Rc<Request>) -> Reply {
    let listener = &gateway.listeners[0];
    let Found::Route(route, _) = listener.router.find(&request.method, &request.path, &request.headers)
    else {
        panic!("{GATEWAY} has no address {}", request.path);
    };
    let Opened::Call(mut call) = route.endpoint.open(request).unwrap() else {
        panic!("{} answers without an operation", request.path);
    };
    let documents = std::mem::take(&mut call.documents);
    let deadline = Instant::now() + Duration::from_secs(30);
    let run = Run::new(Rc::clone(request), call.soap.take(), Around::alone(Rc::clone(scripts)), deadline);
    let mut ran = pin!(run.path(&call.operation.process.path, documents));
    // It waits for nothing; it may let others have a turn, and here are none.
    let mut context = Context::from_waker(Waker::noop());
    while ran.as_mut().poll(&mut context).map(Result::unwrap).is_pending() {}
    let reply = route.endpoint.close(&call, run.finish()).unwrap();
    assert_eq!(reply.status, StatusCode::OK);
    reply
}
