//! Tests of whole documents: paths and their names, what is shared, and what a description cannot tell apart.

use serde_json::{Value, json};

use super::*;
use crate::schema::json_schema::Bundle;
use crate::schema::{Occurs, Shape, ShapeKind, SimpleType};

fn profile(name: &str) -> Contract {
    let shape = Shape {
        name: "Order".into(),
        namespace: None,
        occurs: Occurs::ONCE,
        nillable: false,
        attributes: Vec::new(),
        kind: ShapeKind::Simple(Simple::of(SimpleType::String)),
        checking: Default::default(),
        form: Default::default(),
    };
    Contract { profile: name.to_owned(), shape: Arc::new(shape), is_xml: true, leaves: false, list: None }
}

fn media(essence: &str, content: Content) -> Media {
    Media { essence: essence.to_owned(), content }
}

fn ok() -> Answer {
    Answer {
        status: Status::Code(200),
        shared: None,
        description: "Done.".to_owned(),
        headers: Vec::new(),
        media: vec![media("application/json", Content::Json(profile("a b")))],
    }
}

fn problem() -> Answer {
    Answer {
        status: Status::Code(400),
        shared: Some("BadRequest"),
        description: "No.".to_owned(),
        headers: vec![Header { name: "Retry-After", description: "Seconds.", is_number: true }],
        media: vec![media("application/problem+json", Content::Problem)],
    }
}

fn resource(method: &str, path: &str) -> Resource {
    Resource {
        path: path.to_owned(),
        method: method.to_owned(),
        id: "do".to_owned(),
        answers: vec![problem(), ok()],
        ..Resource::default()
    }
}

fn written(resources: Vec<Resource>, version: Version) -> Value {
    let api = Api {
        title: "A \"b\"".to_owned(),
        version: "1".to_owned(),
        description: String::new(),
        base: "/base".to_owned(),
        schemes: vec![Scheme { name: "basic".to_owned() }, Scheme { name: "bearer".to_owned() }],
        resources,
    };
    let text = Document::new(&api, version).at("https://api.example.com");
    serde_json::from_slice(&text).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&text)))
}

fn header(value: &str) -> Parameter {
    Parameter {
        place: Place::Header,
        name: "X-Kind".to_owned(),
        required: true,
        description: "Which.".to_owned(),
        simple: Simple::of(SimpleType::String),
        default: None,
        only: Some(value.to_owned()),
    }
}

#[test]
fn a_document_has_its_address_its_access_and_its_paths() {
    let document = written(vec![resource("get", "/a"), resource("post", "/a")], Version::V31);
    assert_eq!(document["openapi"], "3.1.1");
    assert_eq!(document["servers"], json!([{ "url": "https://api.example.com/base" }]));
    assert_eq!(document["security"], json!([{ "basic": [] }, { "bearer": [] }]));
    assert_eq!(
        document["components"]["securitySchemes"]["bearer"],
        json!({ "type": "http", "scheme": "bearer" })
    );
    let responses = json!({
        "200": { "description": "Done.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/a_b" } } } },
        "400": { "$ref": "#/components/responses/BadRequest" },
    });
    assert_eq!(document["paths"]["/a"]["get"], json!({ "operationId": "do", "responses": responses }));
    assert_eq!(document["paths"]["/a"]["post"]["operationId"], "do-2");
    let shared = &document["components"]["responses"]["BadRequest"];
    assert_eq!(shared["headers"], json!({ "Retry-After": { "$ref": "#/components/headers/Retry-After" } }));
    assert_eq!(written(vec![], Version::V30)["openapi"], "3.0.3");
}

#[test]
fn paths_that_differ_in_the_names_of_segments_are_one() {
    let document = written(vec![resource("get", "/a/{id}"), resource("put", "/a/{key}")], Version::V31);
    let paths = document["paths"].as_object().unwrap();
    assert_eq!(paths.keys().collect::<Vec<_>>(), ["/a/{id}"]);
    assert_eq!(paths["/a/{id}"]["put"]["parameters"][0]["name"], "id");
}

#[test]
fn conditions_of_one_path_are_the_values_of_a_parameter() {
    let express = Resource { parameters: vec![header("express")], ..resource("post", "/a") };
    let slow = Resource { parameters: vec![header("slow")], ..resource("post", "/a") };
    let document = written(vec![express.clone(), slow], Version::V31);
    let parameter = json!({ "name": "X-Kind", "in": "header", "required": true, "description": "Which.",
        "schema": { "type": "string", "enum": ["express", "slow"] } });
    assert_eq!(document["paths"]["/a"]["post"]["parameters"], json!([parameter]));
    let document = written(vec![express, resource("post", "/a")], Version::V31);
    assert_eq!(document["paths"]["/a"]["post"]["parameters"][0].get("required"), None);
}

#[test]
fn parameters_have_their_defaults_and_operations_names_without_spaces() {
    let query = |name: &str, base, default: &str| Parameter {
        place: Place::Query,
        name: name.to_owned(),
        required: false,
        description: String::new(),
        simple: Simple::of(base),
        default: Some(default.to_owned()),
        only: None,
    };
    let parameters = vec![
        query("limit", SimpleType::Integer, "20"),
        query("all", SimpleType::Boolean, "1"),
        query("sort", SimpleType::String, "by name"),
    ];
    for version in [Version::V30, Version::V31] {
        let one = Resource { id: "a b".to_owned(), parameters: parameters.clone(), ..resource("get", "/a") };
        let other = Resource { id: "a_b".to_owned(), ..resource("get", "/b") };
        let document = written(vec![one, other], version);
        let operation = &document["paths"]["/a"]["get"];
        let defaults: Vec<&Value> =
            (0..3).map(|at| &operation["parameters"][at]["schema"]["default"]).collect();
        assert_eq!(defaults, [&json!(20), &json!(true), &json!("by name")]);
        assert_eq!(operation["operationId"], "a_b");
        assert_eq!(document["paths"]["/b"]["get"]["operationId"], "a_b-2");
    }
}

#[test]
fn members_called_as_keywords_are_members() {
    let root = json!({
        "properties": {
            "default": { "$ref": "#/$defs/x" }, "enum": { "$ref": "#" }, "const": { "$ref": "#/$defs/x" },
            "$ref": { "$ref": "#/$defs/x" }, "additionalProperties": false,
        },
        "default": { "$ref": "#/$defs/x" },
    });
    let bundle = Bundle { root, parts: vec![("x".to_owned(), json!({ "type": "string" }))] };
    let mut contract = profile("a");
    let shape = Shape::clone(&contract.shape);
    let checking = crate::schema::Checking { described: Some(Arc::new(bundle)), ..shape.checking.clone() };
    contract.shape = Arc::new(Shape { checking, ..shape });
    let answer = Answer { media: vec![media("application/json", Content::Json(contract))], ..ok() };
    let document = written(vec![Resource { answers: vec![answer], ..resource("get", "/a") }], Version::V31);
    let part = json!({ "$ref": "#/components/schemas/a-x" });
    assert_eq!(
        document["components"]["schemas"]["a"],
        json!({
            "properties": { "default": part, "enum": { "$ref": "#/components/schemas/a" }, "const": part,
                "$ref": part, "additionalProperties": false },
            "default": { "$ref": "#/$defs/x" },
        })
    );
}

#[test]
fn documents_that_leave_with_less_have_a_schema_of_their_own() {
    let contract = |leaves| {
        let plain = profile("order");
        let mut secret =
            Shape { name: "Secret".into(), occurs: Occurs::OPTIONAL, ..Shape::clone(&plain.shape) };
        secret.form.left_out = true;
        // Has the name of an attribute, which is thereby called otherwise in JSON, whether it leaves or not.
        let id = crate::schema::AttributeShape {
            name: "Secret".into(),
            namespace: None,
            required: true,
            simple: Simple::of(SimpleType::String),
        };
        let kind = ShapeKind::Children(vec![secret]);
        let shape = Shape { kind, attributes: vec![id], ..Shape::clone(&plain.shape) };
        Contract { shape: Arc::new(shape), leaves, ..plain }
    };
    let both = |leaves| {
        vec![
            media("application/json", Content::Json(contract(leaves))),
            media("application/xml", Content::Xml(contract(leaves))),
            media("text/json", Content::Json(Contract { leaves, ..profile("plain") })),
        ]
    };
    let answer = Answer { media: both(true), ..ok() };
    let document = written(
        vec![Resource { body: both(false), answers: vec![answer], ..resource("post", "/a") }],
        Version::V31,
    );
    let schemas = document["components"]["schemas"].as_object().unwrap();
    assert_eq!(
        schemas.keys().collect::<Vec<_>>(),
        ["order", "order-xml", "plain", "order-out", "order-out-xml"]
    );
    let names = |schema: &str| -> Vec<String> {
        schemas[schema]["properties"].as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(names("order"), ["@Secret", "Secret"]);
    assert_eq!(names("order-out"), ["@Secret"]);
    assert_eq!(schemas["order-out-xml"]["properties"].as_object().unwrap().len(), 1);
    let used = &document["paths"]["/a"]["post"];
    let reference = |value: &Value| value["application/json"]["schema"]["$ref"].clone();
    assert_eq!(reference(&used["requestBody"]["content"]), "#/components/schemas/order");
    assert_eq!(reference(&used["responses"]["200"]["content"]), "#/components/schemas/order-out");
}

#[test]
fn problems_are_described_as_they_are_written() {
    let document = written(vec![resource("get", "/a")], Version::V31);
    assert_eq!(document["components"]["schemas"]["Problem"], problem_schema());
    assert_eq!(problem_schema()["properties"]["errors"]["items"]["xml"]["name"], "i");
}

#[test]
fn versions_are_read() {
    for (text, version) in [
        ("3.0", Some(Version::V30)),
        ("3.0.3", Some(Version::V30)),
        ("3.1", Some(Version::V31)),
        ("3.1.0", Some(Version::V31)),
        ("3", None),
        ("2.0", None),
        ("3.0.x", None),
        ("3.0.", None),
    ] {
        assert_eq!(Version::parse(text), version, "{text}");
    }
}
