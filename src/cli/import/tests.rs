//! Tests of imported profiles: what is printed compiles, and what it was made from fits it.

use std::path::PathBuf;

use proptest::prelude::*;

use super::*;
use crate::compile::KINDS;
use crate::document::codec::{Codec, CodecRef, Limits};
use crate::document::json::{JSON, write, write_string};
use crate::kind::Compiling;
use crate::schema::{Format, Mode, validate};
use crate::xml::XML;

fn options(file: &str) -> ImportOptions {
    ImportOptions { file: PathBuf::from(file), format: None, root: None, name: None }
}

/// The shape and the mode that a printed profile compiles to.
fn shape_of(text: &str, world: &Memory) -> Shape {
    profile_of(text, world).0
}

/// The same with its codec.
fn profile_of(text: &str, world: &Memory) -> (Shape, CodecRef) {
    let world = world.clone().file("profile.kdl", text);
    let read = crate::config::read(&Path::new("profile.kdl").into(), &world, &KINDS);
    let compiling = Compiling::new(&read.sources, &read.findings);
    let [declared] = read.declarations.profiles.as_slice() else { panic!("one profile: {text}") };
    let profile = declared.profile.as_ref().and_then(|profile| profile.compile("p", &compiling));
    let told = render(&read.findings.borrow(), &read.sources, Form::Text { colour: false });
    let profile = profile.unwrap_or_else(|| panic!("{text}\n{told}"));
    let mut shape = Shape::clone(&profile.shape);
    assert!(!read.findings.borrow().has_errors(), "{text}\n{told}");
    shape.checking.mode = Some(declared.validate);
    (shape, profile.codec)
}

/// Imports a file, and checks that documents fit what was printed.
fn round(file: &str, content: &str, documents: &[&str]) -> String {
    let world = Memory::default().file(file, content);
    let printed = imported(&options(file), &world).unwrap_or_else(|error| panic!("{content}\n{}", error.0));
    let shape = shape_of(&printed, &world);
    for document in documents {
        let (codec, format): (&dyn Codec, _) = match document.trim_start().starts_with('<') {
            true => (&XML, Format::Xml),
            false => (&JSON, Format::Json),
        };
        let root = codec.decode(&document.as_bytes().to_vec().into(), &Limits::default()).unwrap();
        let found = validate(&root, &shape, format, 9);
        assert!(found.is_empty(), "{document}\n{printed}\n{found:?}");
    }
    printed
}

#[path = "table_tests.rs"]
mod table_tests;
#[path = "xml_schema_tests.rs"]
mod xml_schema_tests;

#[test]
fn an_xml_sample_becomes_elements() {
    let sample = "<Order xmlns='urn:o' id='A-1'><Placed>2026-11-20T08:00:00Z</Placed>\
        <Line pos='1'><Sku>007</Sku><Price>10.50</Price></Line><Line pos='2'><Sku>B</Sku><Note xmlns=''>x</Note><Price>1</Price></Line>\
        <Code list='5'>12</Code><Gone xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:nil='true'/></Order>";
    let printed = round("samples/order-1.xml", sample, &[sample]);
    let expected = r#"profile order-1 format=xml {
    element Order namespace="urn:o" {
        attribute id required=#true
        element Placed type=dateTime
        element Line occurs="1..*" {
            attribute pos type=integer required=#true
            element Sku
            element Note namespace="" occurs="0..1"
            element Price type=decimal
        }
        element Code type=integer {
            attribute list type=integer required=#true
        }
        element Gone nillable=#true
    }
}
"#;
    assert_eq!(printed.split_once('\n').unwrap().1, expected);
}

#[test]
fn a_json_sample_becomes_members() {
    let sample = r#"{"id":"A-1","a b":1.50,"lines":[{"n":1},{"n":2,"note":null}],"none":[],"ok":true}"#;
    let printed = round("x.json", sample, &[sample]);
    let expected = r#"profile x format=json {
    object {
        string id required=#true
        number "a b" required=#true
        array lines required=#true {
            object {
                integer n required=#true
                string note nillable=#true
            }
        }
        array none required=#true {
            string
        }
        boolean ok required=#true
    }
}
"#;
    assert_eq!(printed.split_once('\n').unwrap().1, expected);
}

#[test]
fn what_is_more_than_a_list_stays_in_its_file() {
    let mixed = "<a>text <b/></a>";
    let printed = round("m.xml", mixed, &[mixed]);
    assert_eq!(
        printed,
        "// The sample itself is the profile: `a` may hold more than a list of elements can say.\n\
         profile m format=xml sample=\"m.xml\"\n"
    );
    let printed = round("m.json", "[1,\"x\"]", &["[1,\"x\"]"]);
    assert!(printed.ends_with("profile m format=json sample=\"m.json\"\n"), "{printed}");
    let schema = r##"{"$schema":"https://json-schema.org/draft/2020-12/schema","oneOf":[{"type":"string"},{"type":"array","items":{"$ref":"#"}}]}"##;
    let printed = round("s.json", schema, &["\"x\"", "[[\"x\"]]"]);
    assert_eq!(
        printed,
        "// The schema itself checks the documents: `oneOf` says more than a list of members can.\n\
         profile s format=json schema=\"s.json\"\n"
    );
}

#[test]
fn a_schema_that_is_a_list_of_members_becomes_one() {
    let schema = r##"{"type":"object","required":["id"],"properties":{
        "id":{"type":"string","pattern":"^[A-Z]-\\d+$","maxLength":8},
        "count":{"type":["integer","null"],"minimum":1,"exclusiveMaximum":100},
        "kind":{"enum":["new","old"]},
        "at":{"type":"string","format":"date-time"},
        "to":{"$ref":"#/$defs/address"},
        "tags":{"type":"array","items":{"type":"string"}}},
        "$defs":{"address":{"type":"object","properties":{"city":{"type":"string"}}}}}"##;
    let fits = r#"{"id":"A-1","count":null,"kind":"new","at":"2026-11-20T08:00:00Z","to":{"city":"x","more":1},"tags":["a"],"other":1}"#;
    let printed = round("ship.schema.json", schema, &[fits]);
    let expected = r##"// From the JSON Schema ship.schema.json.
profile ship format=json validate=lax {
    object {
        string id required=#true max-length=8 pattern=#"[A-Z]-\d+"#
        integer count nillable=#true min=1 max-exclusive=100
        string kind values="new old"
        dateTime at
        object to {
            string city
        }
        array tags {
            string
        }
    }
}
"##;
    assert_eq!(printed, expected);
    let shape = shape_of(&printed, &Memory::default());
    assert_eq!(shape.checking.mode, Some(Mode::Lax));
    let wrong = JSON.decode(&r#"{"count":100,"kind":"x"}"#.into(), &Limits::default()).unwrap();
    assert_eq!(validate(&wrong, &shape, Format::Json, 9).len(), 3);
}

#[test]
fn a_part_of_a_sample_is_chosen_by_its_name() {
    let sample = "<e:Envelope xmlns:e='urn:e'><e:Body><Item n='1'><A>1</A></Item><Item><A>x</A></Item></e:Body></e:Envelope>";
    let world = Memory::default().file("s.xml", sample);
    let part = |root: &str| {
        let options = ImportOptions { root: Some(root.to_owned()), ..options("s.xml") };
        imported(&options, &world).map_err(|error| error.0)
    };
    assert!(
        part("Item")
            .unwrap()
            .contains("    element Item {\n        attribute n type=integer\n        element A\n")
    );
    assert_eq!(part("Itme").unwrap_err(), "the sample has no element `Itme`; did you mean `Item`?");
}

fn json() -> impl Strategy<Value = Element> {
    use crate::document::tree::{Content, Name, Node};
    let leaf = prop_oneof![
        Just(Content::Nil),
        any::<bool>().prop_map(Content::Bool),
        any::<i64>().prop_map(|n| Content::Number(n.to_string().into())),
        "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?"
            .prop_map(|n| Content::Number(n.into())),
        ".{0,12}".prop_map(|text| Content::Text(text.into())),
        "(20[0-9]{2}-0[1-9]-[0-3][0-9])(T08:00:00Z)?".prop_map(|text| Content::Text(text.into())),
    ];
    let value = leaf.prop_map(|content| Element::with(Name::default(), content));
    value.prop_recursive(5, 60, 6, |inner| {
        let items = prop::collection::vec(inner.clone(), 0..5);
        let names = prop_oneof!["[a-c]", ".{0,8}"];
        let members = prop::collection::btree_map(names, inner, 0..5);
        prop_oneof![
            items.prop_map(|items| {
                let nodes = items.into_iter().map(Node::Element).collect();
                Element::with(Name::default(), Content::Items(nodes))
            }),
            members.prop_map(|members| {
                let named = |(name, value): (String, Element)| {
                    Node::Element(Element { name: Name::local(name), ..value })
                };
                Element::with(Name::default(), Content::Children(members.into_iter().map(named).collect()))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_sample_fits_the_profile_that_is_printed_of_it(root in json()) {
        let mut text = Vec::new();
        write(&root, &mut text);
        let text = String::from_utf8(text).unwrap();
        let world = Memory::default().file("s.json", text.as_str());
        let options = ImportOptions { format: Some(crate::cli::arguments::ImportFormat::Json), ..options("s.json") };
        let printed = imported(&options, &world).unwrap_or_else(|error| panic!("{text}\n{}", error.0));
        let shape = shape_of(&printed, &world);
        let root = JSON.decode(&text.clone().into(), &Limits::default()).unwrap();
        let found = validate(&root, &shape, Format::Json, 9);
        prop_assert!(found.is_empty(), "{}\n{}\n{:?}", text, printed, found);
    }

    #[test]
    fn any_text_is_read_back_from_kdl(text in "\\PC{0,10}|[\\x00-\\x1f\"#\\\\a]{0,10}|.{0,10}") {
        let kdl = format!("node {}", kdl::word(&text));
        let mut quoted = Vec::new();
        write_string(&text, &mut quoted);
        let document: ::kdl::KdlDocument = kdl.parse().map_err(|e| TestCaseError::fail(format!("{kdl:?}: {e:?}")))?;
        let value = document.nodes()[0].entries()[0].value().as_string().map(str::to_owned);
        prop_assert_eq!(value, Some(text));
    }

    #[test]
    fn no_file_makes_the_import_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let world = Memory::default().file("f", bytes);
        let _refused = imported(&options("f"), &world);
    }
}
