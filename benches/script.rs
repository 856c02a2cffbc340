//! What scripts cost: alone, and in a map beside the same map without scripts.
#![allow(clippy::expect_used, clippy::panic, reason = "a benchmark may stop when its set-up is wrong")]

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use bytes::Bytes;
use divan::{Bencher, black_box};
use hyper::Method;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use soapstone::compile::compile;
use soapstone::document::Document;
use soapstone::document::codec::{Codec, Limits, Malformed, Unwritable};
use soapstone::document::tree::{Content, Element, Name};
use soapstone::pipeline::endpoint::{Opened, Reply, Request};
use soapstone::pipeline::execution::Around;
use soapstone::pipeline::gateway::Gateway;
use soapstone::pipeline::router::Found;
use soapstone::pipeline::run::Run;
use soapstone::schema::{Occurs, Shape, ShapeKind, Simple, SimpleType};
use soapstone::script::{
    Bindings, Bounds, Builder, Input, ScriptId, ScriptKind, ScriptText, Scripts, Variable,
};
use soapstone::world::Memory;

fn main() {
    divan::main();
}

/// Trees only: nothing here reads or writes bytes.
#[derive(Debug)]
struct NoBytes;

impl Codec for NoBytes {
    fn format(&self) -> &'static str {
        "none"
    }
    fn media_type(&self) -> &'static str {
        "text/plain"
    }
    fn decode(&self, _: &Bytes, _: &Limits) -> Result<Element, Malformed> {
        Ok(Element::default())
    }
    fn encode(&self, _: &Element, _: &mut Vec<u8>) -> Result<(), Unwritable> {
        Ok(())
    }
}

fn simple(name: &str, base: SimpleType) -> Shape {
    Shape {
        name: name.into(),
        namespace: None,
        occurs: Occurs::ONCE,
        nillable: false,
        attributes: Vec::new(),
        kind: ShapeKind::Simple(Simple::of(base)),
        checking: Default::default(),
        form: Default::default(),
    }
}

fn shape() -> Arc<Shape> {
    let line = vec![
        simple("Sku", SimpleType::String),
        simple("Quantity", SimpleType::Integer),
        simple("Price", SimpleType::Decimal),
    ];
    let mut repeated = simple("Line", SimpleType::String);
    repeated.occurs = Occurs { min: 1, max: None };
    repeated.kind = ShapeKind::Children(line);
    let mut order = simple("Order", SimpleType::String);
    order.kind = ShapeKind::Children(vec![repeated]);
    Arc::new(order)
}

fn order() -> Element {
    let leaf = |name: &str, text: &str| Element::with(Name::local(name), Content::Text(text.into()));
    let mut order = Element::new(Name::local("Order"));
    for i in 0..10 {
        let mut line = Element::new(Name::local("Line"));
        line.push(leaf("Sku", "abc-1"));
        line.push(leaf("Quantity", &i.to_string()));
        line.push(leaf("Price", "10.50"));
        order.push(line);
    }
    order
}

fn scripts(kind: ScriptKind, text: &str) -> (Scripts, ScriptId) {
    let mut builder = Builder::new();
    let bindings =
        Bindings::default().with(Variable::Source, Some(shape())).with(Variable::Target, Some(shape()));
    let id = builder.add(ScriptText { text: text.into(), kind, bindings }).expect("the script is right");
    (Scripts::compile(&builder.finish(), Bounds::default()), id)
}

fn expression(bencher: Bencher<'_, '_>, text: &str) {
    let (scripts, id) = scripts(ScriptKind::Expression, text);
    let source = Document::tree_of(order(), &NoBytes);
    bencher.bench_local(|| {
        let input = Input { source: Some(black_box(&source)), ..Input::default() };
        scripts.eval(id, &input).expect("the script runs")
    });
}

#[divan::bench]
fn total_of_ten_lines(bencher: Bencher<'_, '_>) {
    expression(bencher, "sum(source.Order.Line.map(|l| l.Quantity * l.Price))");
}

#[divan::bench]
fn condition(bencher: Bencher<'_, '_>) {
    expression(bencher, "source.Order.Line[0].Quantity > 5");
}

#[divan::bench]
fn constant(bencher: Bencher<'_, '_>) {
    expression(bencher, "1");
}

#[divan::bench]
fn package(bencher: Bencher<'_, '_>) {
    expression(bencher, "string::upper(\"abc-1\")");
}

#[divan::bench]
fn change_ten_lines(bencher: Bencher<'_, '_>) {
    let text = "for line in target.Order.Line { line.Sku = line.Sku.to_upper(); }";
    let (scripts, id) = scripts(ScriptKind::Statements, text);
    bencher
        .with_inputs(order)
        .bench_local_values(|tree| scripts.change(id, tree, &Input::default()).expect("the script runs"));
}

#[divan::bench]
fn compile_one_script(bencher: Bencher<'_, '_>) {
    let mut builder = Builder::new();
    let bindings = Bindings::default().with(Variable::Source, Some(shape()));
    let text = "sum(source.Order.Line.map(|l| l.Quantity * l.Price))".into();
    builder.add(ScriptText { text, kind: ScriptKind::Expression, bindings }).expect("the script is right");
    let set = builder.finish();
    bencher.bench_local(|| Scripts::compile(black_box(&set), Bounds::default()));
}

/// A map of ten lines without a script, and the same with one where a value is looked up, formatted, summed or changed.
const MAPS: &str = r##"
listener internal bind="127.0.0.1:0"
profile order format=xml {
    element Order {
        element Id; element Country; element Placed; element Total type=decimal
        element Line occurs="1..*" { element Sku; element Quantity type=integer; element Price type=decimal }
    }
}
profile row format=xml {
    element Row {
        element Id; element Country; element Placed; element Total type=decimal
        element Item occurs="1..*" { element Sku; element Quantity type=integer; element Price type=decimal }
    }
}
table countries key=code {
    row code=DE name=Germany
    row code=AT name=Austria
}
map plain from=order to=row {
    set "Row/Id" from="Order/Id"
    set "Row/Country" from="Order/Country"
    set "Row/Placed" from="Order/Placed"
    set "Row/Total" from="Order/Total"
    each "Order/Line" into="Row/Item" {
        set "Sku" from="Sku"
        set "Quantity" from="Quantity"
        set "Price" from="Price"
    }
}
map scripted from=order to=row {
    set "Row/Id" from="Order/Id"
    set "Row/Country" from="Order/Country" script=#"table::get("countries", it, "name", "unknown")"#
    set "Row/Placed" from="Order/Placed" script=#"date::format(it, "%d.%m.%Y")"#
    set "Row/Total" script=#"sum(source.Order.Line.map(|l| l.Quantity * l.Price))"#
    each "Order/Line" into="Row/Item" {
        set "Sku" from="Sku" script=#"string::upper(it)"#
        set "Quantity" from="Quantity"
        set "Price" from="Price"
    }
}
operation get-plain { action execute; object Plain; input order; output row; process { map plain; return } }
operation get-scripted { action execute; object Scripted; input order; output row; process { map scripted; return } }
operation get-same { action execute; object Same; input order; output order; process { return } }
"##;

fn gateway() -> Gateway {
    let compiled = compile(Path::new("maps.kdl"), &Memory::default().file("maps.kdl", MAPS));
    assert!(!compiled.findings.has_errors(), "{:?}", compiled.findings);
    compiled.gateway.expect("it has no errors")
}

fn request(object: &str) -> Rc<Request> {
    let line = "<Line><Sku>abc-1</Sku><Quantity>3</Quantity><Price>10.50</Price></Line>".repeat(10);
    let body = format!(
        "<Order><Id>A-1</Id><Country>AT</Country><Placed>2026-03-01T10:00:00Z</Placed><Total>315.00</Total>{line}\
         </Order>"
    );
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    Rc::new(Request {
        id: "00000000-1".into(),
        method: Method::POST,
        path: format!("/ws/simple/execute{object}").into(),
        query: "".into(),
        headers,
        params: Vec::new(),
        defaults: None,
        user: None,
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        base_url: "http://127.0.0.1:9290".into(),
        coming: None,
        body: Bytes::from(body),
        limits: Limits::default(),
    })
}

/// Reads, checks, runs and writes: everything but HTTP.
fn answer(gateway: &Gateway, scripts: &Rc<Scripts>, request: &Rc<Request>) -> Reply {
    let listener = gateway.listeners.first().expect("there is one");
    let Found::Route(route, _) = listener.router.find(&request.method, &request.path, &request.headers)
    else {
        panic!("there is no address {}", request.path);
    };
    let Ok(Opened::Call(mut call)) = route.endpoint.open(request) else {
        panic!("{} answers without an operation", request.path);
    };
    let documents = std::mem::take(&mut call.documents);
    let deadline = Instant::now() + Duration::from_secs(30);
    let run = Run::new(Rc::clone(request), call.soap.take(), Around::alone(Rc::clone(scripts)), deadline);
    let mut ran = pin!(run.path(&call.operation.process.path, documents));
    while ran.as_mut().poll(&mut Context::from_waker(Waker::noop())).map(|r| r.expect("it maps")).is_pending()
    {
    }
    route.endpoint.close(&call, run.finish()).expect("it is written")
}

/// `Same` is what reading and checking cost: what a map adds is the difference.
#[divan::bench(args = ["Same", "Plain", "Scripted"])]
fn map_of_ten_lines(bencher: Bencher<'_, '_>, object: &str) {
    let gateway = gateway();
    let scripts = Rc::new(Scripts::compile(&gateway.scripts.set, gateway.scripts.bounds));
    let request = request(object);
    bencher.bench_local(|| answer(&gateway, &scripts, black_box(&request)));
}
