//! Tests of location paths; those of JSONPath stand beside its module.

use proptest::prelude::*;

use super::{At, Language, Path, StepKind};
use crate::document::tree::{Attribute, Content, Element, Name};

fn leaf(name: &str, text: &str) -> Element {
    Element::with(Name::local(name), Content::Text(text.into()))
}

fn with(mut element: Element, attributes: &[(&str, &str, &str)], children: Vec<Element>) -> Element {
    element.attributes.extend(attributes.iter().map(|(namespace, name, value)| Attribute {
        name: Name::qualified(namespace, *name),
        value: (*value).into(),
    }));
    children.into_iter().for_each(|child| element.push(child));
    element
}

/// `<o:Order id o:id><Line type><Sku/><Qty/></Line><Line type>...<Line type><Sku/></Line></Line><Note nil/></o:Order>`.
fn order() -> Element {
    let line =
        |kind: &str, children| with(Element::new(Name::local("Line")), &[("", "type", kind)], children);
    let inner = line("z", vec![leaf("Sku", "A-3")]);
    let lines = [
        line("x", vec![leaf("Sku", "A-1"), leaf("Qty", "1")]),
        line("y", vec![leaf("Sku", "A-2"), leaf("Qty", "2"), inner]),
    ];
    let mut children = Vec::from(lines);
    children.push(Element::with(Name::local("Note"), Content::Nil));
    with(Element::new(Name::qualified("urn:o", "Order")), &[("", "id", "A"), ("urn:o", "id", "B")], children)
}

fn texts(path: &str, at: At<'_>) -> Vec<String> {
    let path = Path::parse(path, Language::Location).unwrap_or_else(|e| panic!("{path}: {e}"));
    let found = path.select(at);
    assert_eq!(path.first(at), found.first().copied());
    found.into_iter().map(|found| found.text().unwrap_or("nil".into()).into_owned()).collect()
}

#[test]
fn a_path_from_the_document_names_the_root_first() {
    let root = order();
    for (path, wanted) in [
        ("Order/Line/Sku", &["A-1", "A-2"][..]),
        ("Order/@id", &["A", "B"]),
        ("Order/@{urn:o}id", &["B"]),
        ("{urn:o}Order/@{}id", &["A"]),
        ("{urn:x}Order/@id", &[]),
        ("Line/Sku", &[]),
        ("Order/Line[2]/Sku", &["A-2"]),
        ("Order/Line[ @type = \"y\" ]/Qty/text()", &["2"]),
        ("Order/Line[Sku='A-1']/Qty", &["1"]),
        ("Order/Line[Sku!='A-1'][1]/Qty", &["2"]),
        ("Order/Line[Line/Sku]/Sku", &["A-2"]),
        ("Order/*/Sku", &["A-1", "A-2"]),
        ("//Sku", &["A-1", "A-2", "A-3"]),
        ("//Line/Sku", &["A-1", "A-2", "A-3"]),
        ("//Line[2]/Sku", &["A-2"]),
        ("//Line//Sku", &["A-1", "A-2", "A-3"]),
        ("//Line/@*", &["x", "y", "z"]),
        ("Order/Note", &["nil"]),
        ("Order/Line[9]", &[]),
    ] {
        assert_eq!(texts(path, At::Document(&root)), wanted, "{path}");
    }
}

#[test]
fn a_relative_path_names_a_child_first() {
    let root = order();
    let line = root.child("Line").unwrap();
    assert_eq!(texts("Sku", At::Element(line)), ["A-1"]);
    assert_eq!(texts("@type", At::Element(line)), ["x"]);
    assert_eq!(texts(".", At::Element(line)), ["A-11"]);
    assert_eq!(texts("./Line/Sku", At::Element(&root)), ["A-1", "A-2"]);
}

#[test]
fn what_is_not_a_path_is_said_at_its_place() {
    for (path, offset, word) in [
        ("", 0, "empty"),
        ("/Order", 0, "begin with `/`"),
        ("$.Order", 0, "JSONPath"),
        ("Order/", 6, "missing"),
        ("Order///Line", 7, "missing"),
        ("o:Order", 1, "{namespace}"),
        ("Order/child::Line", 11, "axes"),
        ("Order/@id/x", 10, "attribute"),
        ("Order/../x", 6, "parent"),
        ("Order/Line[0]", 11, "from 1"),
        ("Order/Line[1", 12, "`]`"),
        ("Order/Line[Sku=1]", 15, "quotes"),
        ("Order/Line[Sku='1]", 18, "end quote"),
        ("Order.Line[@a,b]", 13, "`]`"),
        ("count(Order)", 5, "script="),
        ("Order/1", 6, "Line[1]"),
        ("Order Line", 6, "separated"),
        ("{urn:o", 6, "`}`"),
        ("//@id", 2, "element"),
        ("a[b[c[d[e[f[g[h[i[j]]]]]]]]]", 18, "deeper"),
    ] {
        let error = Path::parse(path, Language::Location).unwrap_err();
        assert_eq!(error.offset, offset, "{path}: {error}");
        assert!(error.message.contains(word), "{path}: {error}");
    }
}

#[test]
fn names_can_be_checked() {
    let path = Path::parse("Order/Line[Sku='x']/@sku", Language::Location).unwrap();
    let names = path.names();
    let flat: Vec<_> = names.iter().map(|n| (n.kind, n.name, n.offset)).collect();
    assert_eq!(
        flat,
        [(StepKind::Child, "Order", 0), (StepKind::Child, "Line", 6), (StepKind::Attribute, "sku", 20)]
    );
    assert_eq!(names[1].inner[0][0].name, "Sku");
    let path = Path::parse("$.lines[0].sku", Language::JsonPath).unwrap();
    let flat: Vec<_> = path.names().iter().map(|n| (n.kind, n.name.to_owned(), n.offset)).collect();
    assert_eq!(
        flat,
        [
            (StepKind::Child, "lines".into(), 2),
            (StepKind::Item, String::new(), 8),
            (StepKind::Child, "sku".into(), 11)
        ]
    );
}

proptest! {
    #[test]
    fn any_text_is_a_path_or_an_error(
        text in "(/|@|\\[|\\]|\\$|\\.|\\*|a|b|'|\"|=|!|\\(|\\)|\\{|\\}|\\?|&&|\\|\\||:|,|1|-|length|count|match| |é){0,24}"
    ) {
        let root = order();
        for language in [Language::Location, Language::JsonPath] {
            match Path::parse(&text, language) {
                Ok(path) => {
                    path.select(At::Document(&root));
                    path.select(At::Element(&root));
                }
                Err(error) => prop_assert!(error.offset <= text.len() && text.is_char_boundary(error.offset)),
            }
        }
    }
}

#[test]
fn a_position_makes_a_step_single() {
    for (text, language, single) in [
        ("Line", Language::Location, false),
        ("Line[2]", Language::Location, true),
        ("Line[@sku='A'][1]", Language::Location, true),
        ("Line[@sku='A']", Language::Location, false),
        ("*[1]", Language::Location, true),
        ("//Line[1]", Language::Location, false),
        ("$['a\\'b']", Language::JsonPath, true),
        ("$.lines[?@.a == 1]", Language::JsonPath, false),
        ("$.lines[0:1]", Language::JsonPath, false),
        ("$..a", Language::JsonPath, false),
    ] {
        let path = Path::parse(text, language).unwrap();
        assert_eq!(path.names().last().unwrap().single, single, "{text}");
    }
}

#[test]
fn a_path_knows_whether_it_ends_in_a_choice() {
    for (text, choice) in [
        ("$", false),
        ("$.lines", false),
        ("$.lines[0]", false),
        ("$..lines", false),
        ("$.lines[*]", true),
        ("$.lines[?@.sku]", true),
        ("$.lines[0:2]", true),
        ("$.lines[*].sku", false),
    ] {
        assert_eq!(Path::parse(text, Language::JsonPath).unwrap().is_choice(), choice, "{text}");
    }
}
