//! How long the formats take for one ordinary message: a SOAP order of 2 KB and the same order in JSON.
#![allow(clippy::unwrap_used, reason = "a benchmark may stop at the first surprise")]

use std::hint::black_box;

use divan::counter::BytesCount;
use soapstone::document::codec::{Codec, Limits};
use soapstone::document::json::{self, JSON};
use soapstone::document::path::{At, Language, Path};
use soapstone::document::tree::Element;
use soapstone::xml::{self, XML};

fn main() {
    divan::main();
}

fn soap() -> String {
    let lines: String = (1..=10)
        .map(|n| {
            format!(
                "\n      <o:Line>\n        <o:Sku>ABC-{n:04}</o:Sku>\n        <o:Quantity>{n}</o:Quantity>\n        \
                 <o:Price>{n}9.95</o:Price>\n        <o:Note>Bolts &amp; nuts</o:Note>\n      </o:Line>"
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\">\n  \
         <soap:Body>\n    <o:Order xmlns:o=\"urn:example:orders\" id=\"A-1001\">\n      \
         <o:Placed>2026-11-20T08:00:00Z</o:Placed>\n      <o:Customer><o:Name>Acme</o:Name><o:Country>DE</o:Country>\
         </o:Customer>{lines}\n    </o:Order>\n  </soap:Body>\n</soap:Envelope>\n"
    )
}

fn order() -> Element {
    xml::parse(&soap(), &Limits::default()).unwrap()
}

fn order_json() -> Vec<u8> {
    let mut out = Vec::new();
    JSON.encode(&order(), &mut out).unwrap();
    out
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
