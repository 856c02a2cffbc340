//! What scripts cost: a total over ten lines, a small condition, and a change to every line.
#![allow(clippy::expect_used, reason = "a benchmark may stop when its set-up is wrong")]

use std::sync::Arc;

use divan::{Bencher, black_box};
use soapstone::document::Document;
use soapstone::document::codec::{Codec, Limits, Malformed, Unwritable};
use soapstone::document::tree::{Content, Element, Name};
use soapstone::schema::{Occurs, Shape, ShapeKind, Simple, SimpleType};
use soapstone::script::{
    Bindings, Bounds, Builder, Input, ScriptId, ScriptKind, ScriptText, Scripts, Variable,
};

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
    fn decode(&self, _: &bytes::Bytes, _: &Limits) -> Result<Element, Malformed> {
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
