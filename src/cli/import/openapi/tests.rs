//! Tests of imports of OpenAPI documents: what is written for each construct, and what is refused where.

use serde_json::{Value, json};

use super::*;

fn import(document: &str) -> Result<Imported, String> {
    let world = Memory::default().file("pets.yaml", document);
    imported(Path::new("pets.yaml"), None, &world).map_err(|ImportError(message)| message)
}

fn written(document: &Value) -> Imported {
    import(&document.to_string()).unwrap_or_else(|message| panic!("{message}"))
}

fn document(paths: Value, schemas: Value) -> Value {
    json!({
        "openapi": "3.0.3",
        "info": { "title": "Pets", "version": "1.2" },
        "servers": [{ "url": "https://{host}/v1/", "variables": { "host": { "default": "pets.example" } } }],
        "paths": paths,
        "components": { "schemas": schemas },
    })
}

fn pet() -> Value {
    json!({ "type": "object", "required": ["id"], "properties": {
        "id": { "type": "integer", "format": "int64" }, "name": { "type": "string", "nullable": true } } })
}

fn answers(schema: Value) -> Value {
    json!({ "200": { "description": "Pets.", "content": { "application/json": { "schema": schema } } } })
}

/// What is written for two paths and one schema.
const WRITTEN: &str = r#"// From the OpenAPI document pets.yaml.
// Every operation says that it is not implemented, until its process does what it is for.
// Left out: head /pets/{id}: the gateway answers it by itself.

listener internal bind="127.0.0.1:8080"

profile Pet format=json validate=lax {
    object {
        integer id required=#true
        string name nillable=#true
    }
}

operation listPets {
    description "All pets."
    action get
    output Pet many=#true
    process {
        throw "not implemented yet" status=501 code=not-implemented
    }
}

operation add-pet {
    action create
    input Pet
    output data
    on-empty 201
    process {
        throw "not implemented yet" status=501 code=not-implemented
    }
}

operation get-pets-id {
    action get
    output Pet
    process {
        throw "not implemented yet" status=501 code=not-implemented
    }
}

api pets version="1.2" base="/v1" {
    title "Pets"
    rest {
        // Left out: the parameter tags: its values are lists or objects.
        get "/pets" listPets {
            query limit type=integer min=1 max=100 required=#true description="At most so many."
        }
        post "/pets" add-pet
        // Left out: that {id} of the path is {"type":"integer"}.
        get "/pets/{id}" get-pets-id
    }
}
"#;

#[test]
fn operations_profiles_and_routes_are_written() {
    let reference = json!({ "$ref": "#/components/schemas/Pet" });
    let query = json!({ "name": "limit", "in": "query", "description": "At most so many.", "required": true,
        "schema": { "type": "integer", "minimum": 1, "maximum": 100 } });
    let tags = json!({ "name": "tags", "in": "query", "schema": { "type": "array", "items": { "type": "string" } } });
    let paths = json!({
        "/pets": {
            "get": { "operationId": "listPets", "summary": "All pets.", "parameters": [query, tags],
                "responses": answers(json!({ "type": "array", "items": reference })) },
            "post": { "operationId": "add pet",
                "requestBody": { "required": true, "content": { "application/json": { "schema": reference } } },
                "responses": { "201": { "description": "Made." } } },
        },
        "/pets/{id}": {
            "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "integer" } }],
            "get": { "responses": answers(reference.clone()) },
            "head": { "responses": { "200": { "description": "There is one." } } },
        },
    });
    let imported = written(&document(paths, json!({ "Pet": pet() })));
    assert_eq!(imported.text, WRITTEN);
    assert!(imported.files.is_empty());
}

#[test]
fn schemas_that_say_more_are_files() {
    let owner = json!({ "type": "object", "description": "Who has pets.", "properties": {
        "pets": { "type": "array", "items": { "$ref": "#/components/schemas/Pet" } },
        "friend": { "$ref": "#/components/schemas/Owner" } } });
    let schema = json!({ "$ref": "#/components/schemas/Owner" });
    let paths = json!({ "/owner": { "get": { "responses": answers(schema) } } });
    let imported = written(&document(paths, json!({ "Owner": owner, "Pet": pet() })));
    assert!(
        imported.text.contains("profile Owner format=json schema=\"schemas/Owner.json\"\n"),
        "{}",
        imported.text
    );
    assert_eq!(imported.files.keys().collect::<Vec<_>>(), ["schemas/Owner.json", "schemas/Pet.json"]);
    let owner: Value = serde_json::from_str(&imported.files["schemas/Owner.json"]).unwrap();
    assert_eq!(owner["properties"]["friend"]["$ref"], "#");
    assert_eq!(owner["properties"]["pets"]["items"]["$ref"], "Pet.json");
    let pet: Value = serde_json::from_str(&imported.files["schemas/Pet.json"]).unwrap();
    assert_eq!(pet["properties"]["name"]["type"], json!(["string", "null"]));
}

#[test]
fn schemas_of_one_name_have_a_file_each() {
    let text = "openapi: 3.0.3
info: {title: Lists, version: 1.0}
paths:
  /pets:
    get:
      parameters:
        - {name: sort, in: query, schema: {allOf: [{$ref: '#/components/schemas/sort'}], default: up}}
      responses: {200: {description: All., content: {application/json: {schema: {$ref: '#/components/schemas/a b'}}}}}
components:
  schemas:
    sort: {type: string, enum: [up, down]}
    a b: {type: object, title: A, properties: {x: {$ref: '#/components/schemas/a-b'}}}
    a-b: {type: object, title: B, properties: {y: {type: string, enum: [z]}}}
";
    let imported = import(text).unwrap();
    assert!(imported.text.contains("query sort values=\"up down\" default=\"up\""), "{}", imported.text);
    let (first, second) = (&imported.files["schemas/a-b.json"], &imported.files["schemas/a-b-2.json"]);
    assert!(first.contains("\"$ref\": \"a-b-2.json\"") && second.contains("\"B\""), "{first} {second}");
}

#[test]
fn yaml_of_3_1_is_read_with_its_statuses_and_media() {
    let text = "openapi: 3.1.0
info: {title: Files, version: 1.0}
paths:
  /files/{name}:
    put:
      requestBody: {content: {application/octet-stream: {}}}
      responses:
        201: {description: Kept., content: {text/html: {schema: {type: string}}, text/plain: {}}}
        204: {description: The same as before.}
    delete:
      deprecated: true
      responses: {202: {description: It will be.}}
";
    let text = import(text).unwrap().text;
    for expected in [
        "input data\n",
        "output data content-type=\"text/html\"\n    on-empty 204\n",
        "set response.status value=201\n",
        "// Left out: answers in text/plain.\n",
        "// Left out: that it is deprecated.\n",
        "operation delete-files-name {\n    action delete\n    process {",
        "api pets version=\"1.0\" base=\"/\" {",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
}

#[test]
fn what_cannot_be_served_is_refused_where_it_stands() {
    let path = |path: &str, item: &str| {
        format!("openapi: 3.0.0\ninfo: {{title: a, version: '1'}}\npaths:\n  {path}:\n    {item}\n")
    };
    for (document, expected) in [
        (
            "swagger: '2.0'\n".to_owned(),
            "pets.yaml line 1, at /swagger: this is Swagger 2.0, and OpenAPI 3.0 and 3.1 are read",
        ),
        ("a: 1\n".to_owned(), "it has no `openapi` with a version"),
        (
            "openapi: 4.0.0\n".to_owned(),
            "pets.yaml line 1, at /openapi: version \"4.0.0\" of OpenAPI is not known here",
        ),
        ("openapi: 3.0.0\npaths: []\n".to_owned(), "pets.yaml line 2, at /paths: an object is expected here"),
        (
            path("/a.{type}", "get: {}"),
            "pets.yaml line 4, at /paths/~1a.{type}: the path `/a.{type}` cannot be served",
        ),
        (path("/a", "trace: {}"), "pets.yaml line 5, at /paths/~1a/trace: trace /a: TRACE is not served"),
        (
            path("/a", "get: {parameters: [{$ref: 'b.yaml#/x'}]}"),
            "pets.yaml line 5, at /paths/~1a/get/parameters/0/$ref: it refers to `b.yaml#/x` outside of the document",
        ),
        (path("/a", "get: {responses: {200: {$ref: '#/components/x'}}}"), "`#/components/x` leads nowhere"),
        (
            path(
                "/a",
                "put: {requestBody: {content: {application/json: {schema: {type: string, pattern: '(?=a)'}}}}}",
            ),
            "/schema/pattern: the pattern `(?=a)` cannot be used",
        ),
        ("a: [\n".to_owned(), "this is not YAML"),
        ("{ \"a\": }".to_owned(), "pets.yaml line 1: this is not JSON"),
    ] {
        let message = import(&document).unwrap_err();
        assert!(message.contains(expected), "{expected}\n{message}");
    }
}

#[test]
fn the_answer_names_all_that_is_wrong() {
    let text = "openapi: 3.0.0\npaths:\n  /a.{b}: {}\n  /c: {trace: {}}\n";
    assert_eq!(import(text).unwrap_err().lines().count(), 2);
}

/// Parameters of all kinds, parts, and a path that cannot be served.
const ROUTED: &str = r#"openapi: 3.1.0
info: {title: a, version: '1'}
paths:
  /pic.{ext}: {get: {}}
  /pets/{id}:
    post:
      operationId: send
      parameters:
        - {name: id, in: path, required: true, schema: {type: string, minLength: 1}}
        - {name: limit, in: query, schema: {type: integer, default: 20, maximum: 50}}
        - {name: all, in: query, schema: {type: boolean, default: false}}
        - {name: sort, in: query, schema: {type: string, enum: [asc, desc], default: asc}}
        - {name: kind, in: query, schema: {type: string, enum: [a, 'b (c'], default: b (c}}
        - {name: size, in: query, schema: {type: integer, default: many}}
        - {name: must, in: query, required: true, schema: {type: string, default: x}}
        - {name: X-Kind, in: header, required: true, schema: {type: string, enum: [express]}}
        - {name: X-Any, in: header, schema: {type: string, enum: [express]}}
        - {name: Authorization, in: header, required: true, schema: {type: string, enum: [x]}}
      requestBody:
        required: true
        content: {multipart/form-data: {schema: {type: object, properties: {photo: {type: string}, name: {type: string}}}}}
      responses:
        200: {description: Sent., content: {multipart/mixed: {}}}
        404: {description: No such pet.}
        default: {description: It failed.}
"#;

#[test]
fn what_a_route_can_say_comes_across_and_the_rest_is_told() {
    let text = import(ROUTED).unwrap().text;
    for expected in [
        "// Left out: the path `/pic.{ext}` cannot be served: a parameter stands for a whole segment.\n",
        "input multipart\n    output multipart content-type=\"multipart/mixed\"\n",
        "header X-Kind \"express\"\n",
        "query limit type=integer max=50 default=20\n",
        "query all type=boolean default=#false\n",
        "query sort values=\"asc desc\" default=\"asc\"\n",
        "query kind pattern=#\"a|b \\(c\"# default=\"b (c\"\n",
        "query size type=integer\n",
        "query must required=#true\n",
        "// Left out: that its parts are photo, name, and what they hold.\n",
        "// Left out: its answers 404 (No such pet.), default (It failed.).\n",
        "// Left out: the header X-Any: read it as request.header.X-Any.\n",
        "// Left out: the header Authorization: read it as request.header.Authorization.\n",
        "// Left out: the default of the parameter size, \"many\": it does not fit what is allowed.\n",
        "// Left out: the default of the parameter must, \"x\": the parameter must be given.\n",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(!text.contains("{id} of the path"), "{text}");
}

#[test]
fn members_called_as_keywords_are_members() {
    let pets = json!({ "$ref": "#/components/schemas/Pet" });
    let owner = json!({ "type": "object", "description": "Who.", "properties": {
        "default": pets, "enum": pets, "const": pets, "example": pets, "$ref": pets } });
    let schema = json!({ "$ref": "#/components/schemas/Owner" });
    let paths = json!({ "/owner": { "get": { "responses": answers(schema) } } });
    let imported = written(&document(paths, json!({ "Owner": owner, "Pet": pet() })));
    let owner: Value = serde_json::from_str(&imported.files["schemas/Owner.json"]).unwrap();
    for name in ["default", "enum", "const", "example", "$ref"] {
        assert_eq!(owner["properties"][name]["$ref"], "Pet.json", "{owner}");
    }
}

#[test]
fn what_is_neither_json_nor_yaml_is_told_as_what_it_was_read() {
    let world = Memory::default().file("pets.json", "\"openapi\": [");
    let ImportError(message) = imported(Path::new("pets.json"), None, &world).unwrap_err();
    assert!(message.starts_with("pets.json line 1: this is not JSON, as which by its ending"), "{message}");
}
