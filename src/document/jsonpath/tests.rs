//! Tests of JSONPath, among them each place where jsonpath-rust 1.0.12 leaves RFC 9535.

use crate::document::codec::Limits;
use crate::document::path::{At, Found, Language, Path};
use crate::document::tree::Element;

fn read(text: &str) -> Element {
    crate::document::json::parse(text, &Limits::default()).unwrap()
}

fn json(found: Found<'_>) -> String {
    let Found::Element(element) = found else { panic!("JSON has no attributes") };
    let mut bare = element.clone();
    bare.name = Default::default();
    let mut out = Vec::new();
    crate::document::json::write(&bare, &mut out);
    String::from_utf8(out).unwrap()
}

fn select(path: &str, root: &Element) -> String {
    let path = Path::parse(path, Language::JsonPath).unwrap_or_else(|e| panic!("{path}: {e}"));
    path.select(At::Document(root)).into_iter().map(json).collect::<Vec<_>>().join(" ")
}

#[test]
fn plain_chains_are_steps() {
    let root = read(r#"{"lines":[{"sku":"a"},{"sku":"b"}],"a b":1,"":2,"n":null}"#);
    for (path, wanted) in [
        ("$.lines[0].sku", "\"a\""),
        ("lines[-1]['sku']", "\"b\""),
        ("@.lines[*].sku", "\"a\" \"b\""),
        ("$ [ 'a b' ]", "1"),
        ("['']", "2"),
        ("$.lines['']", ""),
        ("$.n", "null"),
        ("$.lines[2]", ""),
        ("$.lines.sku", ""),
        ("$[0]", ""),
        ("@", r#"{"lines":[{"sku":"a"},{"sku":"b"}],"a b":1,"":2,"n":null}"#),
        ("lines.*.*", "\"a\" \"b\""),
    ] {
        assert_eq!(select(path, &root), wanted, "{path}");
        assert!(Path::parse(path, Language::JsonPath).unwrap().is_plain(), "{path}");
    }
    assert!(Path::parse("$.a", Language::JsonPath).unwrap().is_absolute());
    assert!(!Path::parse("a", Language::JsonPath).unwrap().is_absolute());
}

#[test]
fn queries_select_what_the_standard_says() {
    let root = read(r#"{"o":[{"a":1,"d":9},{"a":2.0,"b":"xy"},{"a":{"a":3,"d":4}}],"k":1.0,"p":"x."}"#);
    for (path, wanted) in [
        ("$.o[1:]..a", "2.0 {\"a\":3,\"d\":4} 3"),
        ("$.o[::-2].a", "{\"a\":3,\"d\":4} 1"),
        ("$.o[?@.a == $.k].d", "9"),
        ("$.o[?@.a >= 1 && !@.d].b", "\"xy\""),
        ("$.o[?match(@.b, 'x.')].a", "2.0"),
        ("$.o[?search(@.b, '^y')].a", ""),
        ("$.o[?length(@.b) == 2].a", "2.0"),
        ("$.o[?count(@.*) == 1].a.d", "4"),
        ("$.o[?value(@..d) == 4].a.a", "3"),
        ("o[?@.a == {}]", ""),
        ("$['\\u006f'][0,0].d", "9 9"),
    ] {
        if path.contains("{}") {
            assert!(Path::parse(path, Language::JsonPath).is_err());
        } else {
            assert_eq!(select(path, &root), wanted, "{path}");
        }
    }
}

#[test]
fn where_the_crate_leaves_the_standard_we_do_not() {
    // Descendants with several selectors, in the order of the nodes visited; a filter within a filter.
    let root = read(r#"[{"a":"b","d":"e"},{"a":"c","d":"f"}]"#);
    assert_eq!(select("$..['a','d']", &root), r#""b" "e" "c" "f""#);
    let root = read("[[0],[0,1],[2]]");
    assert_eq!(select("$[?@[?@>1]]", &root), "[2]");
    for (path, word) in [
        ("$[?count(@..*)]", "compare"),
        ("$[?length(@.a)]", "compare"),
        ("$[?value(@..*)]", "compare"),
        ("$[?length(@.*) < 3]", "one value"),
        ("$[?match(@.*, 'a')]", "one value"),
        ("$[?match(@.a, $.p)]", "stands in the path"),
        ("$[?search(@.a, value($..p))]", "stands in the path"),
        ("$[?in(@, $.list)]", "RFC 9535"),
        ("$[?count(1) > 2]", "JSONPath"),
        ("$[?match(@.a, 'a') == true]", ""),
        ("$[?@.a b == 1]", "white space"),
        ("$[?@. a == 1]", "white space"),
    ] {
        let error = Path::parse(path, Language::JsonPath).unwrap_err();
        assert!(error.message.contains(word), "{path}: {error}");
    }
}

#[test]
fn what_is_not_a_path_is_said_at_its_place() {
    for (path, offset, word) in [
        ("", 0, "empty"),
        ("Order/Line", 5, "$.Order.Line"),
        ("Order/@id", 5, "$.Order.id"),
        (".a", 0, "begin"),
        ("$.a[", 4, "RFC 9535"),
        ("$.ä b", 5, "white space"),
        ("a[01]", 2, "RFC 9535"),
        ("$[?((((((((((@.a))))))))))]", 11, "deeper"),
    ] {
        let error = Path::parse(path, Language::JsonPath).unwrap_err();
        assert!(error.message.contains(word), "{path}: {error}");
        assert_eq!(error.offset, offset, "{path}: {error}");
    }
}
