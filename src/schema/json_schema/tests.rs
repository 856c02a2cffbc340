//! Tests of schemas as profiles use them: messages, modes, files, mistakes, what maps see.

use super::*;
use crate::document::codec::{Codec, Limits};
use crate::document::json::JSON;
use crate::schema::{Format, Mode, Occurs, ShapeKind, SimpleType, validate};

fn loaded(texts: &[(&str, &str)], given: &[(&str, &str)]) -> Result<Compiled, Vec<Problem>> {
    let given: Vec<(String, String)> =
        given.iter().map(|(uri, path)| ((*uri).to_owned(), (*path).to_owned())).collect();
    let mut read = |path: &str| {
        let found = texts.iter().find(|(name, _)| *name == path);
        found.map(|(_, text)| text.as_bytes().to_vec()).ok_or_else(|| "there is no such file".to_owned())
    };
    load(texts[0].0, &given, &mut read).and_then(|files| compile(&files))
}

fn compiled(text: &str) -> Compiled {
    loaded(&[("s.json", text)], &[]).unwrap()
}

fn told(compiled: &Compiled, document: &str, mode: Mode) -> Vec<String> {
    let root = JSON.decode(&document.as_bytes().to_vec().into(), &Limits::default()).unwrap();
    let mut shape = compiled.shape.clone();
    shape.checking.mode = Some(mode);
    let found = validate(&root, &shape, Format::Json, 20);
    found.iter().map(|v| format!("{} {:?}: {}", v.path, v.way, v.message)).collect()
}

const ORDER: &str = r##"{
    "type": "object",
    "required": ["id", "lines"],
    "additionalProperties": false,
    "properties": {
        "id": { "type": "string", "pattern": "^[A-Z]-[0-9]+$" },
        "placed": { "type": ["string", "null"], "format": "date-time" },
        "lines": { "type": "array", "minItems": 1, "items": { "$ref": "#/$defs/line" } },
        "pay": { "oneOf": [
            { "type": "object", "properties": { "by": { "const": "card" }, "number": { "type": "string" } }, "required": ["by", "number"] },
            { "type": "object", "properties": { "by": { "const": "bill" }, "days": { "type": "integer", "maximum": 90 } }, "required": ["by", "days"] }
        ] }
    },
    "$defs": { "line": {
        "type": "object",
        "properties": { "sku": { "enum": ["A", "B"] }, "quantity": { "type": "integer", "minimum": 1 } },
        "required": ["sku"],
        "additionalProperties": false
    } }
}"##;

#[test]
fn wrong_places_are_told_in_document_order_with_what_was_expected() {
    let order = compiled(ORDER);
    let right =
        r#"{"id":"A-1","placed":null,"lines":[{"sku":"A","quantity":2.0}],"pay":{"by":"bill","days":30}}"#;
    assert_eq!(told(&order, right, Mode::Strict), Vec::<String>::new());
    let wrong = r#"{"lines":[{"sku":"C"},{"quantity":0,"x y":1},7],"id":"a","extra":1,"pay":{"by":"bill","days":"x"}}"#;
    assert_eq!(
        told(&order, wrong, Mode::Strict),
        [
            "$.lines[0].sku [0, 0, 0]: found `C`, expected one of `A`, `B`",
            "$.lines[1].sku [0, 1]: this member is missing",
            "$.lines[1].quantity [0, 1, 0]: found `0`, expected at least 1",
            "$.lines[1]['x y'] [0, 1, 1]: this member is not known here",
            "$.lines[2] [0, 2]: found the number `7`, expected an object",
            "$.id [1]: found `a`, expected a match of the pattern ^[A-Z]-[0-9]+$",
            "$.extra [2]: this member is not known here",
            "$.pay.days [3, 1]: found the string `x`, expected an integer",
        ]
    );
    assert_eq!(told(&order, "[]", Mode::Strict), ["$ []: found an array, expected an object"]);
}

#[test]
fn lax_lets_unknown_members_through_and_nothing_else() {
    let order = compiled(ORDER);
    let wrong = r#"{"id":"A-1","lines":[{"sku":"A","more":[1]}],"extra":1}"#;
    assert_eq!(told(&order, wrong, Mode::Lax), Vec::<String>::new());
    let wrong = r#"{"id":"A-1","lines":[{"more":[1]}],"extra":1}"#;
    assert_eq!(told(&order, wrong, Mode::Lax), ["$.lines[0].sku [1, 0]: this member is missing"]);
    assert_eq!(told(&order, "7", Mode::Off), Vec::<String>::new());
}

#[test]
fn maps_see_members_types_and_what_is_required() {
    let order = compiled(ORDER);
    assert!(order.shape.checking.rule.is_some() && order.more.is_some());
    let child = |name: &str| order.shape.child(name).unwrap().1;
    assert_eq!(child("id").occurs, Occurs::ONCE);
    assert!(child("placed").nillable && child("placed").occurs == Occurs::OPTIONAL);
    assert!(matches!(&child("placed").kind, ShapeKind::Simple(s) if s.base == SimpleType::DateTime));
    let ShapeKind::Items(line) = &child("lines").kind else { panic!("no array") };
    assert_eq!((line.occurs, line.children().len()), (Occurs { min: 1, max: None }, 2));
    assert!(
        matches!(&line.children()[0].kind, ShapeKind::Simple(s) if s.check("A").is_ok() && s.check("C").is_err())
    );
    assert!(matches!(&child("pay").kind, ShapeKind::Open(_)));
}

#[test]
fn a_shape_that_says_everything_needs_no_rule() {
    let closed = compiled(
        r#"{"type":"object","additionalProperties":false,"required":["a"],"properties":{
            "a":{"type":"number","minimum":0.5},"b":{"type":"array","items":{"type":"string","maxLength":3}},
            "c":{"enum":["x","y"]},"d":true}}"#,
    );
    assert!(closed.shape.checking.rule.is_none() && closed.more.is_none());
    let wrong = r#"{"a":0.4,"b":["abcd"],"c":"z","d":null,"e":1}"#;
    assert_eq!(told(&closed, wrong, Mode::Strict).len(), 4);
}

#[test]
fn a_schema_that_refers_to_itself_is_cut() {
    let tree = compiled(
        r##"{"type":"object","properties":{"name":{"type":"string"},"parts":{"type":"array","items":{"$ref":"#"}}}}"##,
    );
    let ShapeKind::Items(item) = &tree.shape.child("parts").unwrap().1.kind else { panic!("no array") };
    let ShapeKind::Items(item) = &item.child("parts").map_or(&item.kind, |(_, parts)| &parts.kind) else {
        return assert_eq!(item.kind, ShapeKind::Any);
    };
    assert_eq!(item.kind, ShapeKind::Any);
    let wrong = r#"{"parts":[{"parts":[{"name":1}]}]}"#;
    assert_eq!(
        told(&tree, wrong, Mode::Strict),
        ["$.parts[0].parts[0].name [0, 0, 0, 0, 0]: found the number `1`, expected a string"]
    );
}

#[test]
fn files_refer_to_each_other_and_never_to_the_network() {
    let root = r##"{"$id":"https://example.com/s/root.json","properties":{
        "a":{"$ref":"part.json#/$defs/a"},"b":{"$ref":"https://other.example/b.json"},"c":{"$ref":"sub/c.json"}}}"##;
    let files = [
        ("s/root.json", root),
        ("s/part.json", r#"{"$defs":{"a":{"type":"string"}}}"#),
        ("given/b.json", r#"{"type":"integer"}"#),
        ("s/sub/c.json", r##"{"$ref":"../part.json#/$defs/a"}"##),
    ];
    let given = [("https://other.example/b.json", "given/b.json")];
    let all = loaded(&files, &given).unwrap();
    assert_eq!(told(&all, r#"{"a":1,"b":"x","c":2}"#, Mode::Strict).len(), 3);
    let problems = loaded(&files, &[]).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!((problems[0].pointer.as_str(), problems[0].line), ("/properties/b/$ref", Some(2)));
    assert_eq!(problems[0].message, "it refers to https://other.example/b.json, which is not given");
    let problems = loaded(&files[..1], &given).unwrap_err();
    let told: Vec<String> = problems.iter().map(|p| format!("{}: {}", p.pointer, p.message)).collect();
    assert_eq!(
        told[0],
        "/properties/a/$ref: it refers to `s/part.json`, which cannot be read: there is no such file"
    );
    assert_eq!(told.len(), 3);
}

#[test]
fn mistakes_in_a_schema_name_their_place() {
    let problem = |text: &str| {
        let problems = loaded(&[("s.json", text)], &[]).unwrap_err();
        let told = |p: &Problem| format!("{} {:?}: {}", p.pointer, p.line, p.message);
        problems.iter().map(told).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(
        problem(
            "{\"type\": \"object\",\n \"properties\": {\n  \"a\": {\"type\": \"strin\"},\n  \"b\": {\"minimum\": \"1\"}}}"
        ),
        "/properties/a/type Some(3): found the string `strin`, expected one of `array`, `boolean`, `integer`, `null`, `number`, `object`, `string` or an array\n\
         /properties/b/minimum Some(4): found the string `1`, expected a number"
    );
    assert_eq!(
        problem("{\n\"type\": }"),
        " Some(2): this is not JSON: expected a JSON value: an object, array, string, number, true, false or null"
    );
    assert!(problem(r#"{"$schema":"http://example.com/x"}"#).contains("is not given"));
    assert!(problem(r#"{"pattern":"(?=a)b"}"#).contains("the pattern `(?=a)b` cannot be used"));
    assert!(problem(r#"{"pattern":"(a"}"#).contains("the pattern `(a` cannot be used"));
    assert!(problem(r##"{"$ref":"#/$defs/none"}"##).contains("a reference leads nowhere"));
}

#[test]
fn alternatives_within_alternatives_end() {
    let either = r##"{"anyOf":[{"properties":{"a":{"$ref":"#"}},"required":["a"]},{"properties":{"a":{"$ref":"#"}},"required":["a"]},{"type":"string"}]}"##;
    let schema = compiled(either);
    let deep = |leaf: &str| format!("{}{leaf}{}", "{\"a\":".repeat(90), "}".repeat(90));
    let start = std::time::Instant::now();
    assert_eq!(told(&schema, &deep("\"x\""), Mode::Strict), Vec::<String>::new());
    assert_eq!(told(&schema, &deep("{}"), Mode::Strict).len(), 1);
    assert!(start.elapsed() < std::time::Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn numbers_are_exact_however_large() {
    let schema =
        compiled(r#"{"items":{"type":"integer","maximum":100000000000000000000000000000000000001}}"#);
    assert_eq!(told(&schema, "[100000000000000000000000000000000000001, 1.0, 1e3]", Mode::Strict).len(), 0);
    assert_eq!(told(&schema, "[100000000000000000000000000000000000002]", Mode::Strict).len(), 1);
    assert_eq!(told(&schema, "[1e999999999999]", Mode::Strict).len(), 1);
    assert_eq!(told(&schema, "[1e-999999999999]", Mode::Strict).len(), 1);
    let unique = compiled(r#"{"uniqueItems":true}"#);
    assert_eq!(told(&unique, r#"[1,"1",{"a":1,"b":2},[1],null]"#, Mode::Strict).len(), 0);
    assert_eq!(told(&unique, r#"[{"a":1,"b":2},{"b":2.0,"a":1e0}]"#, Mode::Strict).len(), 1);
}

#[test]
fn an_early_mistake_in_a_large_array_is_told() {
    let schema = compiled(
        r#"{"type":"array","items":{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],"minProperties":1}}"#,
    );
    let right = r#"{"a":1},"#.repeat(60_000);
    let early = format!(r#"[{{"a":"x"}},{right}{{"a":1}}]"#);
    assert_eq!(
        told(&schema, &early, Mode::Strict),
        ["$[0].a [0, 0]: found the string `x`, expected an integer"]
    );
    let start = std::time::Instant::now();
    let wrong = format!("[{}{{}}]", r#"{"a":"x"},"#.repeat(60_000));
    assert_eq!(told(&schema, &wrong, Mode::Strict).len(), 20);
    let unknown = compiled(r#"{"minProperties":1,"additionalProperties":false,"properties":{"a":true}}"#);
    let members: Vec<String> = (0..60_000).map(|at| format!("\"m{at}\":1")).collect();
    assert_eq!(told(&unknown, &format!("{{{}}}", members.join(",")), Mode::Strict).len(), 20);
    assert!(start.elapsed() < std::time::Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn the_names_of_members_are_compared_too() {
    let schema = compiled(r#"{"propertyNames":{"enum":["a","b"]}}"#);
    assert_eq!(told(&schema, r#"{"a":1,"b":2}"#, Mode::Strict).len(), 0);
    assert_eq!(told(&schema, r#"{"a":1,"c":2}"#, Mode::Strict).len(), 1);
}

#[test]
fn only_files_in_the_folder_of_the_schema_are_read_unless_others_are_given() {
    let told = |to: &str, given: &[(&str, &str)]| {
        let root = format!(r#"{{"properties":{{"a":{{"$ref":"{to}"}}}}}}"#);
        let files = [
            ("s/root.json", root.as_str()),
            ("s/in.json", r#"{"type":"string"}"#),
            ("up.json", r#"{"type":"string"}"#),
            ("/etc/secret.json", "secret: 1"),
            ("s/secret.json", "secret: 1"),
        ];
        let problems = loaded(&files, given).map(|_| ()).err().unwrap_or_default();
        let told =
            |p: &Problem| format!("{} {} {}", p.file, p.message, p.help.as_deref().unwrap_or_default());
        problems.iter().map(told).collect::<Vec<_>>().join("\n")
    };
    for inside in ["in.json", "../s/in.json", "./x/%2e%2e/in.json"] {
        assert_eq!(told(inside, &[]), "", "{inside}");
    }
    for outside in [
        "../up.json",
        "%2e%2e/up.json",
        "x/..%2f../up.json",
        "/etc/secret.json",
        "file:///etc/secret.json",
        "../s-2/x.json",
    ] {
        let told = told(outside, &[]);
        assert!(told.contains("is outside the folder of the schema"), "{outside}: {told}");
        assert!(told.contains("write resource") && told.starts_with("s/root.json"), "{told}");
    }
    assert_eq!(told("../up.json", &[("up.json", "up.json")]), "");
    assert_eq!(told("secret.json", &[]), "s/root.json it refers to `s/secret.json`, which is not JSON ");
}
