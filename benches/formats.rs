//! How fast the formats are, in MB/s and in time per record: one ordinary message, and large files read record by record.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a benchmark may stop at the first surprise"
)]

#[expect(dead_code, reason = "other benchmarks use the rest of it")]
mod common;

use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::{Buf, Bytes};
use divan::counter::{BytesCount, ItemsCount};
use soapstone::compile;
use soapstone::document::Document;
use soapstone::document::codec::{Codec, Limits};
use soapstone::document::json::{self, JSON};
use soapstone::document::path::{At, Language, Path};
use soapstone::document::records::{Bounds, RecordPath};
use soapstone::kind::item::Map;
use soapstone::pipeline::execution::Around;
use soapstone::pipeline::run::Run;
use soapstone::schema::{Format, validate};
use soapstone::source::{Span, Spanned};
use soapstone::world::Real;
use soapstone::xml::{self, XML};

#[path = "common/message.rs"]
mod message;
use message::{order, soap};

fn main() {
    divan::main();
}

fn order_json() -> Vec<u8> {
    let mut out = Vec::new();
    JSON.encode(&order(), &mut out).unwrap();
    out
}

/// What the tokens of XML alone cost: no tree, no namespaces, none of the checks that quick-xml leaves to its caller.
#[divan::bench]
fn xml_bare_events(bencher: divan::Bencher<'_, '_>) {
    let text = soap();
    bencher.counter(BytesCount::of_str(&text)).bench(|| {
        let mut events = quick_xml::Reader::from_str(black_box(&text));
        let mut count = 0;
        while !matches!(events.read_event().unwrap(), quick_xml::events::Event::Eof) {
            count += 1;
        }
        count
    });
}

#[divan::bench]
fn xml_parse(bencher: divan::Bencher<'_, '_>) {
    let (text, limits) = (soap(), Limits::default());
    bencher.counter(BytesCount::of_str(&text)).bench(|| xml::parse(black_box(&text), &limits).unwrap());
}

#[divan::bench]
fn xml_write(bencher: divan::Bencher<'_, '_>) {
    let (root, mut out) = (order(), Vec::new());
    XML.encode(&root, &mut out).unwrap();
    bencher.counter(BytesCount::new(out.len())).bench_local(|| {
        out.clear();
        XML.encode(black_box(&root), &mut out).unwrap();
    });
}

#[divan::bench]
fn json_parse(bencher: divan::Bencher<'_, '_>) {
    let (text, limits) = (String::from_utf8(order_json()).unwrap(), Limits::default());
    bencher.counter(BytesCount::of_str(&text)).bench(|| json::parse(black_box(&text), &limits).unwrap());
}

#[divan::bench]
fn json_write(bencher: divan::Bencher<'_, '_>) {
    let (root, mut out) = (order(), Vec::new());
    JSON.encode(&root, &mut out).unwrap();
    bencher.counter(BytesCount::new(out.len())).bench_local(|| {
        out.clear();
        JSON.encode(black_box(&root), &mut out).unwrap();
    });
}

#[divan::bench(args = ["Envelope/Body/Order/Line/Sku", "//Sku"])]
fn location_path(bencher: divan::Bencher<'_, '_>, path: &str) {
    let (root, path) = (order(), Path::parse(path, Language::Location).unwrap());
    bencher.bench(|| path.select(At::Document(black_box(&root))).len());
}

#[divan::bench(args = ["$.Envelope.Body.Order.Line[1].Sku", "$..Line[?@.Quantity == '3'].Sku"])]
fn json_path(bencher: divan::Bencher<'_, '_>, path: &str) {
    let text = String::from_utf8(order_json()).unwrap();
    let root = json::parse(&text, &Limits::default()).unwrap();
    let path = Path::parse(path, Language::JsonPath).unwrap();
    bencher.bench(|| path.select(At::Document(black_box(&root))).len());
}

/// Records of a large file: 1000 of them in memory, read one by one.
fn records(bencher: divan::Bencher<'_, '_>, codec: &dyn Codec, path: &str, text: String) {
    let path = RecordPath::parse(path, codec.language()).unwrap();
    let bytes = Bytes::from(text);
    let counted = bencher.counter(BytesCount::new(bytes.len())).counter(ItemsCount::new(1000_usize));
    counted.bench_local(|| {
        let input = Box::new(bytes.clone().reader());
        let mut records = codec.records(input, &path, Bounds::default()).unwrap();
        let mut count = 0;
        while records.next().unwrap().is_some() {
            count += 1;
        }
        assert_eq!(count, 1000);
    });
}

#[divan::bench]
fn xml_records(bencher: divan::Bencher<'_, '_>) {
    records(bencher, &XML, "a/PlaceOrder", format!("<a>{}</a>", common::order().repeat(1000)));
}

#[divan::bench]
fn json_records(bencher: divan::Bencher<'_, '_>) {
    records(bencher, &JSON, "$[*]", format!("[{}]", vec![common::json(); 1000].join(",")));
}

/// The map of workload W1.
fn order_map() -> Map {
    let compiled = compile::compile(std::path::Path::new(common::GATEWAY), &Real);
    let name = Spanned::new("order-to-fulfilment".to_owned(), Span::default());
    compiled.maps.find(&name).unwrap_or_else(|_| panic!("{} has no such map", common::GATEWAY))
}

#[divan::bench]
fn xml_validate(bencher: divan::Bencher<'_, '_>) {
    let (map, text) = (order_map(), common::order());
    let root = xml::parse(&text, &Limits::default()).unwrap();
    let counted = bencher.counter(BytesCount::of_str(&text)).counter(ItemsCount::new(1_usize));
    counted.bench_local(|| {
        assert!(validate(black_box(&root), &map.source().shape, Format::Xml, 1).is_empty());
    });
}

#[divan::bench]
fn xml_map(bencher: divan::Bencher<'_, '_>) {
    let (map, text, gateway) = (order_map(), common::order(), common::gateway());
    let root = xml::parse(&text, &Limits::default()).unwrap();
    let (document, deadline) = (Document::tree_of(root, &XML), Instant::now() + Duration::from_secs(600));
    let request = common::request("/order", "text/xml", Bytes::new());
    let run = Run::new(request, None, Around::alone(common::scripts(&gateway)), deadline);
    let counted = bencher.counter(BytesCount::of_str(&text)).counter(ItemsCount::new(1_usize));
    counted.bench_local(|| map.apply(&run, black_box(&document).clone()).unwrap());
}
