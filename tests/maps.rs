//! What maps make of documents: choice and order in `each`, what is absent and nil, other documents, subtrees, copies.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::Method;
use hyper::header::HeaderMap;
use proptest::prelude::*;
use soapstone::compile::{Compiled, compile};
use soapstone::document::Document;
use soapstone::document::codec::Limits;
use soapstone::document::properties::Properties;
use soapstone::document::tree::Element;
use soapstone::kind::item::Map;
use soapstone::kind::trace::{Note, Tracer};
use soapstone::pipeline::endpoint::Request;
use soapstone::pipeline::execution::Around;
use soapstone::pipeline::failure::{Blame, Failure};
use soapstone::pipeline::run::Run;
use soapstone::script::Scripts;
use soapstone::source::{Form, Span, Spanned, render};
use soapstone::world::Memory;

const PROFILES: &str = r##"
listener internal bind="127.0.0.1:0"
profile order format=xml {
    element Order namespace="urn:o" {
        attribute id
        element Placed type=dateTime occurs="0..1"
        element Customer occurs="0..1" { attribute vip type=boolean; element Name occurs="0..1" nillable=#true }
        element Line occurs="0..*" {
            attribute pos type=integer
            element Sku
            element Price type=decimal occurs="0..1"
            element Day type=date occurs="0..1"
            element Part occurs="0..*" { element Code }
        }
    }
}
profile receipt format=json {
    object {
        string id
        string flag
        string name nillable=#true
        integer count
        object customer { string name; string flag }
        array lines nillable=#true { object { string sku; number price; string order; boolean gift; array parts { string } } }
        array flat { object { string code; string sku; string id } }
    }
}
profile codes format=xml { element Codes { element Code occurs="0..*" { attribute id; element Name } } }
"##;

/// A gateway with the profiles, and a map `m` between two of them.
struct Gateway {
    compiled: Compiled,
    scripts: Rc<Scripts>,
}

impl Gateway {
    fn new(from: &str, to: &str, items: &str) -> Self {
        let text = format!("{PROFILES}\nmap m from={from} to={to} {{\n{items}\n}}\n");
        let codes =
            "<Codes><Code id=\"A\"><Name>Alpha</Name></Code><Code id=\"B\"><Name>Beta</Name></Code></Codes>";
        let world = Memory::default().file("gateway.kdl", text).file("codes.xml", codes);
        let compiled = compile(Path::new("gateway.kdl"), &world);
        let told = || render(&compiled.findings, &compiled.sources, Form::Text { colour: false });
        let gateway = compiled.gateway.as_ref().unwrap_or_else(|| panic!("{}", told()));
        let scripts = Rc::new(Scripts::compile(&gateway.scripts.set, gateway.scripts.bounds));
        Self { compiled, scripts }
    }

    fn map(&self) -> Map {
        self.compiled.maps.find(&Spanned::new("m".to_owned(), Span::default())).unwrap()
    }

    fn apply(&self, input: &[u8], properties: &[(&str, &str)]) -> Result<Document, Failure> {
        let map = self.map();
        let codec = map.source().codec.clone();
        let mut document = Document::encoded(Bytes::copy_from_slice(input), codec, Limits::default());
        document.properties = Properties::default();
        for (name, value) in properties {
            document.properties.set(name, *value);
        }
        map.apply(&self.execution(), document)
    }

    fn execution(&self) -> Run {
        let request = Request {
            id: "test".into(),
            method: Method::POST,
            path: "/".into(),
            query: "".into(),
            headers: HeaderMap::new(),
            params: Vec::new(),
            defaults: None,
            user: None,
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            base_url: "".into(),
            coming: None,
            body: Bytes::new(),
            limits: Limits::default(),
        };
        let deadline = Instant::now() + Duration::from_secs(60);
        Run::new(Rc::new(request), None, Around::alone(Rc::clone(&self.scripts)), deadline)
    }

    fn text(&self, input: &str) -> String {
        self.with(input, &[])
    }

    fn with(&self, input: &str, properties: &[(&str, &str)]) -> String {
        let made = self.apply(input.as_bytes(), properties).unwrap();
        let text = String::from_utf8(made.bytes().to_vec()).unwrap();
        text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>").map(str::to_owned).unwrap_or(text)
    }

    fn failure(&self, input: &str) -> Failure {
        self.apply(input.as_bytes(), &[]).unwrap_err()
    }
}

fn receipt(items: &str, input: &str) -> String {
    Gateway::new("order", "receipt", items).text(input)
}

/// An order with what stands in it.
fn order(content: &str) -> String {
    format!("<Order xmlns=\"urn:o\" id=\"7\">{content}</Order>")
}

const LINES: &str = "<Line pos=\"1\"><Sku>B</Sku><Price>9</Price><Part><Code>x</Code></Part><Part><Code>y</Code></Part></Line>\
    <Line pos=\"2\"><Sku>A</Sku><Price>10</Price></Line><Line pos=\"3\"><Sku>C</Sku></Line>\
    <Line pos=\"4\"><Sku>D</Sku><Price>9.0</Price><Part><Code>z</Code></Part></Line>";

#[test]
fn each_chooses_and_sorts() {
    let skus = |each: &str| {
        receipt(&format!("each {each} into=\"$.lines\" {{ set \"sku\" from=\"Sku\" }}"), &order(LINES))
    };
    let wanted = |skus: &str| {
        let one = |sku: char| format!("{{\"sku\":\"{sku}\"}}");
        format!("{{\"lines\":[{}]}}", skus.chars().map(one).collect::<Vec<_>>().join(","))
    };
    for (each, result) in [
        ("\"Order/Line\"", "BACD"),
        ("\"Order/Line\" sort=\"-Sku\"", "DCBA"),
        // Numbers by value, what is equal as it stands, what is missing last.
        ("\"Order/Line\" sort=\"Price\"", "BDAC"),
        ("\"Order/Line\" sort=\"-Price\"", "ABDC"),
        ("\"Order/Line\" sort=\"-Price -@pos\"", "ADBC"),
        ("\"Order/Line\" where=#\"it.Price >= 10\"#", "A"),
        ("\"Order/Line\" where=#\"it.Price?.to_string() != () && it.Price < 10\"#", "BD"),
        ("\"Order/Line[Part]\" sort=\"-Sku\"", "DB"),
        ("\"Order/Line[Price]\" where=#\"it.Part.len() == 0\"#", "A"),
        ("\"Order/Line\" where=\"false\"", ""),
    ] {
        assert_eq!(skus(each), wanted(result), "{each}");
    }
}

#[test]
fn a_condition_is_true_or_false() {
    let gateway = Gateway::new(
        "order",
        "receipt",
        "each \"Order/Line\" into=\"$.lines\" where=\"it.Sku\" { set \"sku\" from=\"Sku\" }",
    );
    let failure = gateway.failure(&order(LINES));
    assert_eq!((failure.code.as_str(), failure.blame), ("not-a-condition", Blame::Gateway));
    assert!(failure.place.is_some() && failure.log.clone().unwrap_or_default().contains("gave text"));
    // What is absent does not hold.
    let gateway = Gateway::new(
        "order",
        "receipt",
        "each \"Order/Line\" into=\"$.lines\" where=\"it.Day\" { set \"sku\" from=\"Sku\" }",
    );
    assert_eq!(gateway.text(&order(LINES)), "{\"lines\":[]}");
}

#[test]
fn paths_within_an_each_reach_its_parents() {
    let items = r#"each "Order/Line" into="$.lines" {
        set "sku" from="Sku"
        set "order" from="/Order/@id"
        each "Part" into="parts" sort="-Code" { set "@" from="Code" }
    }
    each "Order/Line/Part" into="$.flat" { set "code" from="Code"; set "id" from="/Order/@id" }"#;
    let content = "<Line><Sku>B</Sku><Part><Code>x</Code></Part><Part><Code>y</Code></Part></Line>";
    assert_eq!(
        receipt(items, &order(content)),
        "{\"lines\":[{\"sku\":\"B\",\"order\":\"7\",\"parts\":[\"y\",\"x\"]}],\
         \"flat\":[{\"code\":\"x\",\"id\":\"7\"},{\"code\":\"y\",\"id\":\"7\"}]}"
    );
    let gateway = Gateway::new(
        "receipt",
        "receipt",
        "each \"$.lines\" into=\"$.lines\" { set \"order\" from=\"$.id\"; each \"$.flat\" into=\"parts\" { set \"@\" from=\"code\" } }",
    );
    assert_eq!(
        gateway.text("{\"id\":\"7\",\"lines\":[{},{}],\"flat\":[{\"code\":\"c\"}]}"),
        "{\"lines\":[{\"order\":\"7\",\"parts\":[\"c\"]},{\"order\":\"7\",\"parts\":[\"c\"]}]}"
    );
    // An array that is nil holds nothing.
    assert_eq!(gateway.text("{\"lines\":null}"), "{\"lines\":[]}");
}

#[test]
fn absent_nil_and_empty_go_by_the_policy() {
    let nil =
        "<Customer><Name xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:nil=\"true\"/></Customer>";
    let (absent, empty) = ("<Customer/>", "<Customer><Name/></Customer>");
    for (policy, wanted) in [
        ("", ["{}", "{\"name\":null}", "{\"name\":\"\"}"]),
        ("when-absent=nil when-nil=omit", ["{\"name\":null}", "{}", "{\"name\":\"\"}"]),
        ("when-absent=empty when-nil=empty", ["{\"name\":\"\"}"; 3]),
        ("default=\"x\"", ["{\"name\":\"x\"}"; 3]),
    ] {
        let gateway = Gateway::new(
            "order",
            "receipt",
            &format!("set \"$.name\" from=\"Order/Customer/Name\" {policy}"),
        );
        assert_eq!([absent, nil, empty].map(|content| gateway.text(&order(content))), wanted, "{policy}");
    }
    // Nil is left out where it may not stand.
    assert_eq!(receipt("set \"$.id\" from=\"Order/Customer/Name\"", &order(nil)), "{}");
    let objects = "set \"$.customer\" from=\"$.customer\" when-absent=empty\nset \"$.lines\" from=\"$.lines\" when-absent=empty";
    assert_eq!(Gateway::new("receipt", "receipt", objects).text("{}"), "{\"customer\":{},\"lines\":[]}");
}

#[test]
fn a_value_that_must_be_there_is_asked_of_the_caller() {
    let items = "set \"$.name\" from=\"Order/Customer/Name\" when-absent=error when-nil=error";
    let failure = Gateway::new("order", "receipt", items).failure(&order(""));
    assert_eq!((failure.blame, failure.status.as_u16()), (Blame::Client, 422));
    assert_eq!(failure.message, "A value is needed at `Order/Customer/Name`, and it is absent.");
    assert!(failure.log.as_ref().unwrap().contains("`set $.name`"));
    assert_eq!(failure.place.as_ref().unwrap().file.as_ref(), "gateway.kdl");
    let failure =
        Gateway::new("order", "receipt", "set \"$.id\" property=x when-absent=error").failure(&order(""));
    assert_eq!((failure.blame, failure.code.as_str()), (Blame::Client, "missing-value"));
    let failure =
        Gateway::new("order", "receipt", "set \"$.id\" script=\"()\" when-absent=error").failure(&order(""));
    assert_eq!((failure.blame, failure.status.as_u16()), (Blame::Gateway, 500));
}

#[test]
fn values_take_the_type_of_the_target() {
    let items = "set \"$.flag\" from=\"$.lines[0].gift\"\nset \"$.id\" from=\"$.count\"\nset \"$.count\" from=\"$.name\"";
    let gateway = Gateway::new("receipt", "receipt", items);
    let made = gateway.text("{\"count\":7,\"name\":\"+08\",\"lines\":[{\"gift\":true}]}");
    assert_eq!(made, "{\"id\":\"7\",\"flag\":\"true\",\"count\":8}");
}

#[test]
fn values_of_xml_come_with_the_white_space_of_their_type() {
    let input = b"<Order xmlns='urn:o' id=' 7 '><Customer vip=' 1 '/><Line pos='\n3 '><Sku>\n A\tB\n</Sku><Price> 1.50\n</Price>\
        <Day>\n 2026-01-01\n</Day></Line></Order>";
    let items = r#"set "$.id" from="Order/@id"
        set "$.customer.flag" from="Order/Customer/@vip"
        each "Order/Line" into="$.lines" {
            set "sku" from="Sku"
            set "price" from="Price"
            set "order" from="Day"
            set "gift" from="/Order/Customer/@vip"
        }"#;
    let gateway = Gateway::new("order", "receipt", items);
    let answer = gateway.apply(input, &[]).unwrap();
    let wanted = "{\"id\":\" 7 \",\"customer\":{\"flag\":\"1\"},\"lines\":[{\"sku\":\"\\n A\\tB\\n\",\"price\":1.50,\"order\":\"2026-01-01\",\"gift\":true}]}";
    assert_eq!(String::from_utf8_lossy(answer.bytes()), wanted);
    // A copy is of the text as it stands.
    let copied = Gateway::new("order", "order", "copy").apply(input, &[]).unwrap();
    assert!(String::from_utf8_lossy(copied.bytes()).contains("<Day>\n 2026-01-01\n</Day>"));
}

#[test]
fn what_xml_cannot_hold_is_not_changed_silently() {
    for items in [
        "set \"Order/@id\" from=\"$.id\"",
        "set \"Order/Customer/Name\" script=\"source.id\"",
        "each \"$.lines\" into=\"Order/Line\" { set \"Sku\" from=\"$.id\"\nset \"@pos\" value=1 }",
        "script \"target.Order.id = source.id\"",
    ] {
        let gateway = Gateway::new("receipt", "order", items);
        let failure = gateway.failure("{\"id\":\"a\\u0001\",\"lines\":[{}]}");
        let told = (failure.blame, failure.status.as_u16(), failure.code.as_str());
        assert_eq!(told, (Blame::Gateway, 500, "unwritable-document"), "{items}");
        assert!(failure.log.as_ref().unwrap().contains("U+0001"), "{items}");
        assert!(failure.place.is_some(), "{items}");
        assert!(gateway.text("{\"id\":\"a\\u00e9\\t\",\"lines\":[{}]}").contains('\u{e9}'), "{items}");
    }
}

#[test]
fn a_subtree_comes_with_its_attributes() {
    let gateway = Gateway::new("order", "order", "set \"Order/Customer\" from=\"Order/Customer\"");
    let input = order("<Customer vip=\"true\"><Name>Ada</Name></Customer>");
    assert_eq!(
        gateway.text(&input),
        "<Order xmlns=\"urn:o\"><Customer vip=\"true\"><Name>Ada</Name></Customer></Order>"
    );
    let gateway =
        Gateway::new("order", "order", "each \"Order/Line\" into=\"Order/Line\" sort=\"-Sku\" { copy }");
    let made = gateway.text(&order(LINES));
    assert!(made.starts_with("<Order xmlns=\"urn:o\"><Line pos=\"4\"><Sku>D</Sku>"), "{made}");
}

#[test]
fn other_documents_are_read_by_their_own_profiles() {
    let items = r##"document codes profile=codes file="codes.xml"
        document last profile=receipt property=last
        set "$.id" from="$.id" of=last default="none"
        set "$.name" from="Codes/Code[@id='B'][1]/Name" of=codes
        each "$.lines" of=last into="$.lines" where=#"it.sku != "b""# { set "sku" from="sku"; set "order" from="/Order/@id" }
        each "Codes/Code" of=codes into="$.flat" sort="-Name" { set "code" from="@id"; set "sku" from="$.id" of=last }"##;
    // Within an each over another document, `/` is the map's own source.
    let gateway = Gateway::new("order", "receipt", items);
    let last = "{\"id\":\"6\",\"lines\":[{\"sku\":\"a\"},{\"sku\":\"b\"}]}";
    assert_eq!(
        gateway.with(&order(""), &[("last", last)]),
        "{\"id\":\"6\",\"name\":\"Beta\",\"lines\":[{\"sku\":\"a\",\"order\":\"7\"}],\
         \"flat\":[{\"code\":\"B\",\"sku\":\"6\"},{\"code\":\"A\",\"sku\":\"6\"}]}"
    );
    assert_eq!(
        gateway.text(&order("")),
        "{\"id\":\"none\",\"name\":\"Beta\",\"lines\":[],\"flat\":[{\"code\":\"B\"},{\"code\":\"A\"}]}"
    );
    for (text, code) in [("{", "unreadable-document"), ("[]", "wrong-document")] {
        let failure = gateway.apply(order("").as_bytes(), &[("last", text)]).unwrap_err();
        assert_eq!((failure.code.as_str(), failure.blame), (code, Blame::Gateway), "{text}");
        assert!(failure.log.clone().unwrap_or_default().contains("the document last"));
    }
}

#[test]
fn scripts_see_other_documents_by_name() {
    let items = r##"document price-codes profile=codes file="codes.xml"
        document last profile=receipt property=last
        set "$.count" script=#"price_codes.Codes.Code.len()"#
        set "$.id" from="Order/@id" script=#"it + last?.id"#
        each "Order/Line" into="$.lines" where=#"price_codes.Codes.Code.some(|c| c.id == it.Sku)"# {
            set "sku" from="Sku" script=#"price_codes.Codes.Code.find(|c| c.id == it).Name"#
        }
        script #"target.name = if last == () { "none" } else { last.name };"#"##;
    let gateway = Gateway::new("order", "receipt", items);
    let lines = "\"lines\":[{\"sku\":\"Beta\"},{\"sku\":\"Alpha\"}]}";
    assert_eq!(
        gateway.with(&order(LINES), &[("last", "{\"id\":\"6\",\"name\":\"Ada\"}")]),
        format!("{{\"id\":\"76\",\"name\":\"Ada\",\"count\":2,{lines}")
    );
    // One that is not there is (), and one that cannot be read fails only those who ask for it.
    let none = gateway.with(&order(LINES), &[]);
    assert!(none.contains("\"name\":\"none\""), "{none}");
    let failure = gateway.apply(order("").as_bytes(), &[("last", "{")]).unwrap_err();
    assert!(failure.log.clone().unwrap_or_default().contains("the document last of the map cannot be read"));
    let items = "document last profile=receipt property=last\nset \"$.id\" script=\"source.Order.id\"";
    let unasked = Gateway::new("order", "receipt", items);
    assert_eq!(unasked.with(&order(""), &[("last", "{")]), "{\"id\":\"7\"}");
}

#[test]
fn a_map_of_a_script_alone_runs() {
    let gateway =
        Gateway::new("order", "receipt", "script #\"target.id = source.Order.id; target.count = 3;\"#");
    assert_eq!(gateway.text(&order("")), "{\"id\":\"7\",\"count\":3}");
}

/// A text without characters that XML or a reader would change.
fn text() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9<>&\"'äß€ ]{0,12}".prop_map(|text| text.trim().to_owned())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn line() -> impl Strategy<Value = String> {
    (text(), proptest::option::of(0_u32..9), proptest::collection::vec(text(), 0..3)).prop_map(
        |(sku, pos, parts)| {
            let pos = pos.map(|pos| format!(" pos=\"{pos}\"")).unwrap_or_default();
            let parts: String =
                parts.iter().map(|part| format!("<Part><Code>{}</Code></Part>", escaped(part))).collect();
            format!("<Line{pos}><Sku>{}</Sku>{parts}</Line>", escaped(&sku))
        },
    )
}

/// Any JSON of the receipt's shape.
fn json_receipt() -> impl Strategy<Value = String> {
    let quoted = |text: String| serde_json::Value::from(text).to_string();
    let name = proptest::option::of(text()).prop_map(move |name| name.map_or("null".to_owned(), quoted));
    let number = prop_oneof![Just("1.50"), Just("-0"), Just("1e3"), Just("123456789012345678901234567890.1")];
    let line = (text(), number, any::<bool>(), proptest::collection::vec(text(), 0..3)).prop_map(
        move |(sku, price, gift, parts)| {
            let parts: Vec<String> = parts.into_iter().map(quoted).collect();
            format!(
                "{{\"sku\":{},\"price\":{price},\"gift\":{gift},\"parts\":[{}]}}",
                quoted(sku),
                parts.join(",")
            )
        },
    );
    (text(), name, proptest::collection::vec(line, 0..4)).prop_map(move |(id, name, lines)| {
        format!("{{\"id\":{},\"name\":{name},\"count\":7,\"lines\":[{}]}}", quoted(id), lines.join(","))
    })
}

fn tree(document: &Document) -> Element {
    document.tree().unwrap().clone()
}

/// Somebody who looks on; values that nobody looks at may take a shorter way.
struct Onlooker;

impl Tracer for Onlooker {
    fn note(&self, _: &Note<'_>) {}
}

/// Whether a map makes the same, or fails for the same reason, whether or not somebody looks on.
fn is_same_seen(gateway: &Gateway, input: &str) -> Result<(), TestCaseError> {
    let map = gateway.map();
    let made = |onlooker: Option<&dyn Tracer>| {
        let bytes = Bytes::copy_from_slice(input.as_bytes());
        let document = Document::encoded(bytes, map.source().codec.clone(), Limits::default());
        let made = map.traced(&gateway.execution(), document, onlooker);
        made.map(|made| tree(&made)).map_err(|failure| (failure.message.clone(), failure.log.clone()))
    };
    prop_assert_eq!(made(None), made(Some(&Onlooker)), "{}", input);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn values_of_json_are_the_same_whoever_looks_on(
        values in proptest::collection::vec(
            prop::sample::select(vec!["\"a\"", "\" a\\tb \"", "\"\"", "\"\\u0001\"", "\"\u{FFFE}\"", "1", "1e2", "-0.50", "true", "null", "[1]", "{}"]),
            4,
        ),
        absent in 0..5_usize,
    ) {
        thread_local!(static MAP: Gateway = Gateway::new(
            "receipt",
            "order",
            "set \"Order/Placed\" from=\"$.id\"; set \"Order/Customer/Name\" from=\"$.name\"
            each \"$.lines[*]\" into=\"Order/Line\" { set \"Sku\" from=\"sku\"; set \"Price\" from=\"price\" }",
        ));
        let member = |at: usize, name: &str| match at == absent {
            true => String::new(),
            false => format!("\"{name}\":{},", values[at]),
        };
        let (id, name) = (member(0, "id"), member(1, "name"));
        let line = format!("{}{}\"gift\":true", member(2, "sku"), member(3, "price"));
        let input = format!("{{{id}{name}\"lines\":[{{{line}}},{{\"sku\":\"z\",\"price\":2}}]}}");
        MAP.with(|map| is_same_seen(map, &input))?;
    }

    #[test]
    fn values_of_xml_are_the_same_whoever_looks_on(
        values in proptest::collection::vec(
            prop::sample::select(vec!["a", " a\tb ", "", " ", "007", "+1.50", " 2 ", "1e3", "true", "<x/>", "a<x>b</x>"]),
            4,
        ),
        absent in 0..5_usize,
    ) {
        thread_local!(static MAPS: [Gateway; 2] = [
            Gateway::new(
                "order",
                "receipt",
                "set \"$.id\" from=\"Order/Placed\"; set \"$.name\" from=\"Order/Customer/Name\"
                each \"Order/Line\" into=\"$.lines\" { set \"sku\" from=\"Sku\"; set \"price\" from=\"Price\"
                set \"gift\" from=\"Sku\"; set \"order\" from=\"@pos\" }",
            ),
            Gateway::new(
                "order",
                "order",
                "set \"Order/Placed\" from=\"Order/Placed\"; set \"Order/Customer/Name\" from=\"Order/Customer/Name\"
                each \"Order/Line\" into=\"Order/Line\" { set \"Sku\" from=\"Sku\"; set \"Price\" from=\"Price\" }",
            ),
        ]);
        let element = |at: usize, name: &str| match at == absent {
            true => String::new(),
            false => format!("<{name}>{}</{name}>", values[at]),
        };
        let customer = format!("<Customer>{}</Customer>", element(1, "Name"));
        let line = format!("<Line pos=' 1'>{}{}</Line>", element(2, "Sku"), element(3, "Price"));
        let input = order(&format!("{}{customer}{line}{line}", element(0, "Placed")));
        MAPS.with(|maps| maps.iter().try_for_each(|map| is_same_seen(map, &input)))?;
    }

    #[test]
    fn a_copy_changes_nothing_of_xml(lines in proptest::collection::vec(line(), 0..5), name in text()) {
        let customer = format!("<Customer vip=\"1\"><Name>{}</Name></Customer>", escaped(&name));
        let input = order(&format!("{customer}{}", lines.concat()));
        thread_local!(static COPY: Gateway = Gateway::new("order", "order", "copy"));
        COPY.with(|copy| {
            let made = copy.apply(input.as_bytes(), &[]).unwrap();
            let read = Document::encoded(Bytes::from(input.clone()), copy.map().source().codec.clone(), Limits::default());
            prop_assert_eq!(tree(&made), tree(&read));
            let again = Document::encoded(made.bytes().clone(), copy.map().target().codec.clone(), Limits::default());
            prop_assert_eq!(tree(&again), tree(&read));
            Ok(())
        })?;
    }

    #[test]
    fn a_copy_changes_nothing_of_json(input in json_receipt()) {
        thread_local!(static COPY: Gateway = Gateway::new("receipt", "receipt", "copy"));
        COPY.with(|copy| {
            let made = copy.apply(input.as_bytes(), &[]).unwrap();
            prop_assert_eq!(std::str::from_utf8(made.bytes()).unwrap(), input.as_str());
            Ok(())
        })?;
    }
}

#[test]
fn an_attribute_is_there_once_also_where_more_may_be() {
    let schema = r###"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
        <xs:element name="R"><xs:complexType><xs:sequence><xs:element name="P" type="Base"/>
            <xs:any namespace="##other" minOccurs="0" processContents="skip"/></xs:sequence>
            <xs:attribute name="d"/></xs:complexType></xs:element>
        <xs:complexType name="Base"><xs:sequence/><xs:attribute name="b" type="xs:integer"/></xs:complexType>
        <xs:complexType name="Ext"><xs:complexContent><xs:extension base="Base"><xs:attribute name="c"/>
            </xs:extension></xs:complexContent></xs:complexType></xs:schema>"###;
    let text = r#"
listener internal bind="127.0.0.1:0"
profile r format=xml xsd="r.xsd" root="R"
profile out format=json { object { integer b; string c; string d; string type } }
map m from=r to=out {
    set "$.b" from="R/P/@b"
    set "$.c" from="R/P/@c"
    set "$.d" from="R/@d"
    set "$.type" from="R/P/@xsi:type"
}
"#;
    let world = Memory::default().file("gateway.kdl", text).file("r.xsd", schema);
    let compiled = compile(Path::new("gateway.kdl"), &world);
    let told = render(&compiled.findings, &compiled.sources, Form::Text { colour: false });
    assert!(!told.contains("error["), "{told}");
}
