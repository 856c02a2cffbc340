//! Tests of encoded parts: names and order by the shape, and what arrays say of themselves.

use super::*;
use crate::document::codec::Limits;
use crate::schema::{Occurs, Shape};

fn leaf(name: &str, namespace: Option<&str>) -> Shape {
    Shape {
        name: name.into(),
        namespace: namespace.map(Into::into),
        occurs: Occurs::ONCE,
        nillable: false,
        attributes: Vec::new(),
        kind: ShapeKind::Simple(Simple::of(SimpleType::String)),
        checking: Default::default(),
        form: Default::default(),
    }
}

fn holder(name: &str, children: Vec<Shape>) -> Shape {
    Shape { kind: ShapeKind::Children(children), ..leaf(name, None) }
}

fn fitted(text: &str, shape: &Shape) -> Result<String, String> {
    let spaces = format!("xmlns:x='{XSI}' xmlns:s='{XSD}' xmlns:o='{ENCODING_11}' xmlns:e='{ENCODING_12}'");
    let text = text.replacen('>', &format!(" {spaces}>"), 1);
    let mut element = crate::xml::parse(&text, &Limits::default()).unwrap();
    fit(&mut element, shape)?;
    let mut out = Vec::new();
    crate::xml::write_element(&element, None, &mut out);
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn accessors_take_their_names_and_places_from_the_shape() {
    let shape = holder("call", vec![leaf("a", Some("urn:p")), holder("b", vec![leaf("c", None)])]);
    let body =
        "<call><n:b xmlns:n='urn:n'><n:c x:type='s:string'>1</n:c></n:b><a x:type='s:int'>2</a><z/></call>";
    assert_eq!(fitted(body, &shape).unwrap(), "<call><a xmlns=\"urn:p\">2</a><b><c>1</c></b><z/></call>");
}

#[test]
fn many_accessors_take_their_places_too() {
    let children = (0..20).map(|at| leaf(&format!("n{at}"), None)).collect();
    let accessors: String = (0..20).rev().map(|at| format!("<n{at}>{at}</n{at}>")).collect();
    let body = format!("<call><z/>{accessors}<n3>again</n3></call>");
    let expected: String = (0..20).map(|at| format!("<n{at}>{at}</n{at}>")).collect();
    let expected = expected.replace("<n4>", "<n3>again</n3><n4>");
    assert_eq!(fitted(&body, &holder("call", children)).unwrap(), format!("<call>{expected}<z/></call>"));
}

#[test]
fn items_of_an_array_may_have_any_name() {
    let shape = holder("call", vec![holder("list", vec![leaf("item", Some("urn:i"))])]);
    let expected = "<call><list><item xmlns=\"urn:i\">1</item><item xmlns=\"urn:i\">2</item></list></call>";
    for list in [
        "<list o:arrayType='s:string[2]'><x>1</x><y>2</y></list>",
        "<list e:itemType='s:string' e:arraySize='* '><x>1</x><x>2</x></list>",
        "<list x:type='o:Array'><x>1</x><x>2</x></list>",
    ] {
        assert_eq!(fitted(&format!("<call>{list}</call>"), &shape).unwrap(), expected, "{list}");
    }
}

#[test]
fn an_array_keeps_to_what_it_says() {
    let shape = holder("call", vec![holder("list", vec![leaf("item", None)])]);
    let of = |list: &str| fitted(&format!("<call>{list}</call>"), &shape);
    assert!(of("<list e:itemType='s:int'><x>one</x></list>").unwrap_err().contains("type int"));
    assert!(of("<list e:itemType='s:string'><x><y>1</y></x></list>").is_err());
    assert!(of("<list e:arraySize='2 *'><x>1</x></list>").unwrap_err().contains("first place"));
    assert!(of("<list e:arraySize='* 2'><x>1</x></list>").is_ok());
    assert!(of("<list o:arrayType='s:string[,][2]'><x><y>1</y></x></list>").is_ok());
}

#[test]
fn a_null_value_is_one_that_is_not_there() {
    let optional = Shape { occurs: Occurs { min: 0, max: Some(1) }, ..leaf("a", None) };
    let nillable = Shape { nillable: true, ..leaf("b", None) };
    let shape = holder("call", vec![optional, nillable, leaf("c", None)]);
    let body = "<call><a x:nil='true'/><b x:nil='true'/><c x:nil='true'/></call>";
    let found = fitted(body, &shape).unwrap();
    assert!(!found.contains("<a") && found.contains("<b") && found.contains("<c"), "{found}");
}
