//! Scripts over whole documents, as a map and a process use them.

use std::sync::Arc;
use std::time::Duration;

use compact_str::CompactString;

use super::*;
use crate::document::codec::Unwritable;
use crate::document::tree::{Attribute, Content, Element, Name};
use crate::schema::{AttributeShape, Occurs, ShapeKind, Simple, SimpleType};

pub(super) fn leaf(name: &str, text: &str) -> Element {
    Element::with(Name::local(name), Content::Text(text.into()))
}

fn simple(name: &str, base: SimpleType) -> Shape {
    Shape {
        name: name.into(),
        namespace: None,
        occurs: Occurs::OPTIONAL,
        nillable: false,
        attributes: Vec::new(),
        kind: ShapeKind::Simple(Simple::of(base)),
        checking: Default::default(),
        form: Default::default(),
    }
}

fn parent(name: &str, occurs: Occurs, children: Vec<Shape>) -> Shape {
    Shape { kind: ShapeKind::Children(children), occurs, ..simple(name, SimpleType::String) }
}

const MANY: Occurs = Occurs { min: 0, max: None };

/// The order of the language's reference: `@id`, Placed, Customer (Name, Country), Line* (Sku, Quantity, Price).
pub(super) fn order_shape() -> Arc<Shape> {
    let mut price = simple("Price", SimpleType::Decimal);
    price.attributes.push(AttributeShape {
        name: "currency".into(),
        namespace: None,
        required: false,
        simple: Simple::of(SimpleType::String),
    });
    let line = vec![
        simple("Sku", SimpleType::String),
        simple("Quantity", SimpleType::Integer),
        price,
        simple("Note", SimpleType::String),
    ];
    let customer = vec![simple("Name", SimpleType::String), simple("Country", SimpleType::String)];
    let mut order = parent(
        "Order",
        Occurs::ONCE,
        vec![
            simple("Placed", SimpleType::DateTime),
            parent("Customer", Occurs::OPTIONAL, customer),
            parent("Line", MANY, line),
            simple("Paid", SimpleType::Boolean),
        ],
    );
    order.namespace = Some("urn:o".into());
    order.attributes.push(AttributeShape {
        name: "id".into(),
        namespace: None,
        required: true,
        simple: Simple::of(SimpleType::String),
    });
    Arc::new(order)
}

/// An order with that many lines: the first of 2 at 10.50, each after it of one more.
pub(super) fn order(lines: usize) -> Element {
    let mut order = Element::new(Name::qualified("urn:o", "Order"));
    order.attributes.push(Attribute { name: Name::local("id"), value: "A-1".into() });
    order.push(leaf("Placed", "2026-11-20T08:00:00"));
    for i in 0..lines {
        let mut line = Element::new(Name::local("Line"));
        line.push(leaf("Sku", &format!("abc-{i}")));
        line.push(leaf("Quantity", &(i + 2).to_string()));
        line.push(leaf("Price", "10.50"));
        order.push(line);
    }
    order
}

fn document(root: Element) -> Document {
    Document::tree_of(root, &Tests)
}

/// A codec that is only there for its name.
#[derive(Debug)]
struct Tests;

impl crate::document::codec::Codec for Tests {
    fn format(&self) -> &'static str {
        "tests"
    }
    fn media_type(&self) -> &'static str {
        "text/plain"
    }
    fn decode(
        &self,
        _: &bytes::Bytes,
        _: &crate::document::codec::Limits,
    ) -> Result<Element, crate::document::codec::Malformed> {
        Ok(Element::default())
    }
    fn encode(&self, _: &Element, _: &mut Vec<u8>) -> Result<(), Unwritable> {
        Ok(())
    }
}

fn compile(kind: ScriptKind, bindings: Bindings, text: &str) -> Result<Scripts, ScriptProblem> {
    let mut builder = Builder::new();
    builder.add(ScriptText { text: text.into(), kind, bindings })?;
    let bounds = Bounds { time: Duration::from_secs(10), ..Bounds::default() };
    Ok(Scripts::compile(&builder.finish(), bounds))
}

fn shaped(variable: Variable) -> Bindings {
    Bindings::default().with(variable, Some(order_shape()))
}

fn run(lines: usize, text: &str) -> Result<Value, ScriptFailure> {
    let scripts = compile(ScriptKind::Expression, shaped(Variable::Source), text).unwrap();
    let source = document(order(lines));
    let input = Input { source: Some(&source), ..Input::default() };
    scripts.eval(ScriptId(0), &input)
}

fn untyped(root: Element, text: &str) -> Result<Value, ScriptFailure> {
    let bindings = Bindings::default().with(Variable::Doc, None);
    let scripts = compile(ScriptKind::Expression, bindings, text).unwrap();
    let doc = document(root);
    let input = Input { doc: Some(&doc), ..Input::default() };
    scripts.eval(ScriptId(0), &input)
}

fn change(lines: usize, text: &str) -> Result<Element, ScriptFailure> {
    let scripts = compile(ScriptKind::Statements, shaped(Variable::Target), text).unwrap();
    scripts.change(ScriptId(0), order(lines), &Input::default())
}

fn number(text: &str) -> Value {
    Value::Number(text.into())
}

fn texts(root: &Element, name: &str) -> Vec<CompactString> {
    let lines = root.elements().filter(|e| e.name.local == "Line");
    lines.filter_map(|line| Some(line.child(name)?.string_value())).collect()
}

#[test]
fn totals_are_exact() {
    let total = "sum(source.Order.Line.map(|l| l.Quantity * l.Price))";
    assert_eq!(run(2, total).unwrap(), number("52.50"));
    assert_eq!(run(1, total).unwrap(), number("21.00"));
    assert_eq!(run(0, total).unwrap(), number("0"));
}

#[test]
fn members_are_typed_by_the_shape() {
    assert_eq!(run(1, "source.Order.id").unwrap(), Value::Text("A-1".into()));
    assert_eq!(run(1, r#"source.Order["@id"]"#).unwrap(), Value::Text("A-1".into()));
    assert_eq!(run(1, "source.Order.Line.len()").unwrap(), number("1"));
    assert_eq!(run(1, "source.Order.Line[0].Quantity").unwrap(), number("2"));
    assert_eq!(run(1, "source.Order.Line[-1].Price").unwrap(), number("10.50"));
    assert_eq!(run(1, "source.Order.Paid").unwrap(), Value::Absent);
    assert_eq!(run(1, "is_absent(source.Order.Customer)").unwrap(), Value::Bool(true));
    assert_eq!(run(1, "source.Order.Customer?.Name").unwrap(), Value::Absent);
}

#[test]
fn a_member_of_what_is_absent_says_what_is_missing() {
    let failure = run(1, "source.Order.Customer.Name").unwrap_err();
    assert_eq!(failure.message, "`Customer` is not in `Order`: write `?.Name` where it may be absent");
    assert_eq!(failure.offset, Some(22));
    assert_eq!(failure.kind, FailureKind::Runtime);
}

#[test]
fn without_a_shape_one_child_is_its_value_and_several_are_a_list() {
    assert_eq!(untyped(order(1), "doc.Order.Line.Sku").unwrap(), Value::Text("abc-0".into()));
    assert_eq!(untyped(order(1), "doc.Order.Line.map(|l| l.Sku).len()").unwrap(), number("1"));
    assert_eq!(untyped(order(2), "doc.Order.Line.len()").unwrap(), number("2"));
    let sum = "let n = 0; for l in doc.Order.Line { n += integer(l.Quantity) } n";
    assert_eq!(untyped(order(1), sum).unwrap(), number("2"));
    assert_eq!(untyped(order(0), sum).unwrap(), number("0"));
    assert_eq!(untyped(order(1), "doc.Order.Line.Quantity > 1").unwrap(), Value::Bool(true));
    assert_eq!(untyped(order(1), "doc.Order.Line.Quantity == 2").unwrap(), Value::Bool(true));
}

#[test]
fn statements_change_the_target() {
    let changed = change(2, "for line in target.Order.Line { line.Sku = line.Sku.to_upper(); }").unwrap();
    assert_eq!(texts(&changed, "Sku"), ["ABC-0", "ABC-1"]);
    assert_eq!(changed.name, Name::qualified("urn:o", "Order"));
    assert_eq!(changed.attribute("id"), Some("A-1"));
}

#[test]
fn new_members_go_where_the_shape_puts_them() {
    let changed = change(
        2,
        r#"target.Order.Customer = #{Name: "Ann", Country: "DE"};
           target.Order.Line[1].Quantity += 5;
           target.Order.id = "B-2";
           target.Order.Placed = ();
           target.Order.Line.push(#{Sku: "new", Price: 1.25});"#,
    )
    .unwrap();
    let names: Vec<_> = changed.elements().map(|e| e.name.local.as_str()).collect();
    assert_eq!(names, ["Customer", "Line", "Line", "Line"]);
    assert_eq!(changed.attribute("id"), Some("B-2"));
    assert_eq!(texts(&changed, "Quantity"), ["2", "8"]);
    assert_eq!(texts(&changed, "Price"), ["10.50", "10.50", "1.25"]);
    assert_eq!(changed.child("Customer").unwrap().child("Country").unwrap().leaf(), Some("DE"));
}

#[test]
fn a_list_replaces_all_and_removed_views_do_no_harm() {
    let text = "let first = target.Order.Line[0];
        target.Order.Line = target.Order.Line.filter(|l| l.Quantity > 2);
        first.Sku = \"gone\";";
    assert_eq!(texts(&change(3, text).unwrap(), "Sku"), ["abc-1", "abc-2"]);
    let none = change(3, "target.Order.Line = [];").unwrap();
    assert!(none.child("Line").is_none());
}

#[test]
fn a_view_of_a_document_that_is_read_refuses_changes() {
    let failure = run(1, "let o = source.Order; o.Placed = \"x\"; 1").unwrap_err();
    assert!(failure.message.contains("only read"), "{}", failure.message);
}

#[test]
fn an_element_given_twice_is_copied() {
    let twice = change(1, "target.Order.Line.push(target.Order.Line[0]); target.Order.Line[1].Sku = \"b\";");
    assert_eq!(texts(&twice.unwrap(), "Sku"), ["abc-0", "b"]);
    let inside = change(1, "target.Order.Customer = target.Order;").unwrap();
    assert_eq!(inside.child("Customer").unwrap().child("Line").unwrap().elements().count(), 3);
}

#[test]
fn attributes_of_leaves_are_reached_by_a_path() {
    let changed =
        change(1, "target.Order.Line[0][\"Price/@currency\"] = \"EUR\"; target.Order[\"@id\"] = ();");
    let changed = changed.unwrap();
    let price = changed.child("Line").unwrap().child("Price").unwrap();
    assert_eq!((price.attribute("currency"), price.leaf()), (Some("EUR"), Some("10.50")));
    assert_eq!(changed.attribute("id"), None);
    let read = "doc.Order.Line[\"Price/@currency\"] + doc[\"Order/Line/Sku\"]";
    assert_eq!(untyped(changed, read).unwrap(), Value::Text("EURabc-0".into()));
}

#[test]
fn a_document_keeps_one_root() {
    assert!(change(1, "target.Order = ();").unwrap_err().message.contains("removed the root"));
    assert!(change(1, "let t = target; t.Other = 1;").unwrap_err().message.contains("one root element"));
    assert_eq!(
        change(1, "target.Order = target.Order; target.Order = target[\"Order\"];").unwrap(),
        order(1)
    );
}

#[test]
fn a_step_changes_doc_as_a_map_changes_target() {
    let bindings = Bindings::default().with(Variable::Doc, None);
    let scripts = compile(ScriptKind::Statements, bindings, "doc.Order.checked = true;").unwrap();
    let changed = scripts.change(ScriptId(0), order(1), &Input::default()).unwrap();
    let checked = changed.child("checked").unwrap();
    assert_eq!((checked.name.clone(), checked.leaf()), (Name::qualified("urn:o", "checked"), Some("true")));
}

fn refused(variable: Variable, text: &str) -> ScriptProblem {
    compile(ScriptKind::Expression, shaped(variable), text).unwrap_err()
}

#[test]
fn a_member_that_the_shape_does_not_have_is_refused_before_it_runs() {
    for (text, at, message) in [
        ("sum(source.Order.Lines.map(|l| l.Quantity))", 17, "`Lines` is not in `Order`"),
        ("source.Order.Line.filter(|l| l.Qantity > 1).len()", 31, "`Qantity` is not in `Line`"),
        ("source.Order.Line.filter(|l| l.Quantity > 1).map(|l| l.Prize)", 55, "`Prize` is not in `Line`"),
        ("let n = 2; source.Order.Line.map(|l| l.Pric * n)", 39, "`Pric` is not in `Line`"),
        ("[1].map(|n| n + source.Order.Payd)", 29, "`Payd` is not in `Order`"),
        ("for l in source.Order.Line { l.Skuu }", 31, "`Skuu` is not in `Line`"),
        ("source.Order.Line[0].Skuu", 21, "`Skuu` is not in `Line`"),
        ("source?.Order?.Customer?.Nam", 25, "`Nam` is not in `Customer`"),
        ("source.Order[\"@ident\"]", 13, "`@ident` is not in `Order`"),
        ("source.Ordr.Line", 7, "`Ordr` is not in the document"),
    ] {
        let problem = refused(Variable::Source, text);
        assert_eq!((problem.offset, problem.message.as_str()), (Some(at), message), "{text}");
    }
    let near = refused(Variable::Source, "source.Order.Lines");
    assert_eq!(near.help.as_deref(), Some("did you mean `Line`?"));
    let far = refused(Variable::Source, "source.Order.Total");
    assert_eq!(far.help.as_deref(), Some("known here: Placed, Customer, Line, Paid, @id"));
    assert_eq!(refused(Variable::It, "it.Lines").offset, Some(3));
    let target = compile(ScriptKind::Statements, shaped(Variable::Target), "target.Order.Payd = true;");
    assert_eq!(target.unwrap_err().offset, Some(13));
}

#[test]
fn what_is_not_known_for_sure_is_left_to_the_run() {
    for text in [
        "let source = #{a: 1}; source.a",
        "for l in source.Order.Line { for l in [#{a: 1}] { l.a } l.Sku }",
        "source.Order.Line.map(|source| source.Sku)",
        "source.Order.Line[source.Order.Line.len() - 1].Sku",
        "source.Order.Line.map(|l| #{a: l.Sku}).map(|m| m.a)",
        "source[\"Order/Line/Price/@currency\"]",
        "source.Order.Line.map(|l| l.Price).len()",
    ] {
        assert!(compile(ScriptKind::Expression, shaped(Variable::Source), text).is_ok(), "{text}");
    }
}

#[test]
fn a_member_that_the_shape_does_not_have_fails_as_it_runs() {
    let failure = run(1, "let l = source.Order.Line[0]; l.Nett").unwrap_err();
    let message = "`Nett` is not in the profile of `Line`; it has Sku, Quantity, Price, Note";
    assert_eq!((failure.offset, failure.message.as_str()), (Some(32), message));
    let failure = change(1, "let l = target.Order.Line[0]; l.Sku = l.Nett;").unwrap_err();
    assert_eq!(failure.message, message);
    assert_eq!(run(1, "let l = source.Order.Line[0]; l.Note").unwrap(), Value::Absent);
    assert_eq!(run(1, "let l = source.Order.Line[0]; l.contains(\"Nett\")").unwrap(), Value::Bool(false));
    assert_eq!(untyped(order(1), "doc.Order.Nett").unwrap(), Value::Absent);
}

#[test]
fn an_expression_assigns_to_nothing_it_was_given() {
    for text in
        ["doc.Order.Paid = true", "doc.Order[\"@id\"] += \"x\"", "[1].map(|n| { doc.Order.Paid = n; n })"]
    {
        let problem = refused(Variable::Doc, text);
        assert_eq!(problem.message, "an expression cannot change `doc`", "{text}");
        assert_eq!(problem.help.as_deref(), Some("for a comparison write `==`"));
    }
    let own = "let m = #{a: 1}; m.a = 2; m.a";
    assert!(compile(ScriptKind::Expression, shaped(Variable::Doc), own).is_ok());
}
