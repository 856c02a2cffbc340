//! What a whole request costs without sockets: an order of ten lines in, another out, over SOAP and REST, and scripted.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a benchmark may stop at the first surprise"
)]

mod common;

use std::hint::black_box;

use divan::Bencher;
use divan::counter::ItemsCount;

fn main() {
    divan::main();
}

fn bench(bencher: Bencher<'_, '_>, path: &str, content_type: &'static str, body: String) {
    let gateway = common::gateway();
    let scripts = common::scripts(&gateway);
    let request = common::request(path, content_type, body);
    let counted = bencher.counter(ItemsCount::new(1_usize));
    counted.bench_local(|| common::answer(black_box(&gateway), &scripts, black_box(&request)));
}

#[divan::bench]
fn soap(bencher: Bencher<'_, '_>) {
    bench(bencher, "/order", "text/xml; charset=utf-8", common::envelope());
}

#[divan::bench]
fn rest_json(bencher: Bencher<'_, '_>) {
    bench(bencher, "/orders", "application/json", common::json());
}

#[divan::bench]
fn rest_xml(bencher: Bencher<'_, '_>) {
    bench(bencher, "/orders", "application/xml", common::order());
}

#[divan::bench]
fn scripted(bencher: Bencher<'_, '_>) {
    bench(bencher, "/priced", "application/xml", common::order());
}
