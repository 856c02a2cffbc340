//! The text of a document: info, servers, paths, components, in the same order every time.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::components::Components;
use super::{
    Answer, Api, Content, Media, Parameter, Place, Resource, Scheme, Status, Version, down, media, shapes,
};

/// What stands before the address, and what behind it.
pub(super) fn document(api: &Api, version: Version) -> (String, String) {
    let mut info = Map::from_iter([("title".to_owned(), json!(api.title))]);
    if !api.description.is_empty() {
        info.insert("description".to_owned(), json!(api.description));
    }
    info.insert("version".to_owned(), json!(api.version));
    let head = pretty(&json!({ "openapi": version.as_str(), "info": info }));
    let rest = pretty(&Value::Object(body(api, version)));
    let base = Value::String(api.base.clone()).to_string();
    let before = format!("{},\n  \"servers\": [\n    {{\n      \"url\": \"", head.trim_end_matches("\n}"));
    let after = format!(
        "{}\n    }}\n  ],\n{}\n",
        base.strip_prefix('"').unwrap_or_default(),
        rest.strip_prefix("{\n").unwrap_or_default()
    );
    (before, after)
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn body(api: &Api, version: Version) -> Map<String, Value> {
    let mut writer = Writer { components: Components::default(), version, ids: BTreeSet::new() };
    let mut out = Map::new();
    let security: Vec<Value> = api.schemes.iter().map(|scheme| json!({ scheme.name.as_str(): [] })).collect();
    if !security.is_empty() {
        out.insert("security".to_owned(), Value::Array(security));
    }
    let mut paths = Map::new();
    for resource in merged(&api.resources) {
        let method = resource.method.clone();
        let operation = writer.operation(&resource);
        let path = paths.entry(resource.path).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(method, operation);
        }
    }
    out.insert("paths".to_owned(), Value::Object(paths));
    let schemes = api.schemes.iter().map(|scheme| (scheme.name.clone(), described(scheme)));
    let components = writer.components.written(version, schemes.collect());
    if components != json!({}) {
        out.insert("components".to_owned(), components);
    }
    out
}

fn described(scheme: &Scheme) -> Value {
    json!({ "type": "http", "scheme": scheme.name })
}

/// One resource for each method and path: a description has no way to tell two by a header field. Paths that differ in
/// nothing but the names of their segments are one (OpenAPI 3.1, section 4.8.8).
fn merged(resources: &[Resource]) -> Vec<Resource> {
    let mut all: Vec<Resource> = Vec::new();
    for resource in resources {
        let mut resource = resource.clone();
        if let Some(known) = all.iter().find(|known| pattern(&known.path) == pattern(&resource.path)) {
            renamed(&mut resource, &known.path.clone());
        }
        let same = |known: &&mut Resource| known.path == resource.path && known.method == resource.method;
        match all.iter_mut().find(same) {
            Some(known) => merge(known, resource),
            None => all.push(resource),
        }
    }
    all
}

fn pattern(path: &str) -> Vec<Option<&str>> {
    path.split('/').map(|segment| (!segment.starts_with('{')).then_some(segment)).collect()
}

/// The same under a path whose segments have other names.
fn renamed(resource: &mut Resource, path: &str) {
    let own = resource.path.clone();
    for (own, name) in
        own.split('/').zip(path.split('/')).filter_map(|(own, new)| Some((name(own)?, name(new)?)))
    {
        let mut parameters = resource.parameters.iter_mut();
        if let Some(parameter) = parameters.find(|p| p.place == Place::Path && p.name == own) {
            parameter.name = name.to_owned();
        }
    }
    resource.path = path.to_owned();
}

/// The name in a segment `{name}`.
fn name(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

fn merge(known: &mut Resource, other: Resource) {
    known.deprecated &= other.deprecated;
    if known.description != other.description {
        let both = [known.description.as_str(), other.description.as_str()];
        let both: Vec<&str> = both.into_iter().filter(|text| !text.is_empty()).collect();
        known.description = both.join("\n\n");
    }
    // What one of them does without, callers may leave out.
    for parameter in &mut known.parameters {
        parameter.required &= other.parameters.iter().any(|p| same(p, parameter) && p.required);
    }
    for mut parameter in other.parameters {
        let mut before = known.parameters.iter().filter(|p| same(p, &parameter)).peekable();
        if before.peek().is_none() {
            parameter.required = false;
        } else if before.any(|p| p.only == parameter.only) {
            continue;
        }
        known.parameters.push(parameter);
    }
    known.body.extend(other.body);
    known.answers.extend(other.answers);
}

fn same(one: &Parameter, other: &Parameter) -> bool {
    one.place == other.place && one.name == other.name
}

struct Writer {
    components: Components,
    version: Version,
    ids: BTreeSet<String>,
}

impl Writer {
    fn operation(&mut self, resource: &Resource) -> Value {
        let mut out = Map::new();
        out.insert("operationId".to_owned(), json!(self.id(&resource.id)));
        if !resource.description.is_empty() {
            out.insert("description".to_owned(), json!(resource.description));
        }
        if resource.deprecated {
            out.insert("deprecated".to_owned(), json!(true));
        }
        let parameters = self.parameters(resource);
        if !parameters.is_empty() {
            out.insert("parameters".to_owned(), Value::Array(parameters));
        }
        if !resource.body.is_empty() {
            let content = media::content(&resource.body, &mut self.components, self.version);
            let required = !resource.body.iter().any(|media| matches!(media.content, Content::Bytes));
            let mut body = Map::from_iter([("required".to_owned(), json!(required))]);
            if !required {
                body.insert("description".to_owned(), json!("Data of any media type."));
            }
            body.insert("content".to_owned(), content);
            out.insert("requestBody".to_owned(), Value::Object(body));
        }
        out.insert("responses".to_owned(), self.responses(&resource.answers));
        Value::Object(out)
    }

    /// The name of an operation, without the spaces that it may have; a number tells those of one name apart.
    fn id(&mut self, wanted: &str) -> String {
        let wanted = wanted.replace(|c: char| c.is_whitespace() || c.is_control(), "_");
        let mut numbered = (2..).map(|number: u32| format!("{wanted}-{number}"));
        let mut id = wanted.clone();
        while !self.ids.insert(id.clone()) {
            id = numbered.next().unwrap_or_default();
        }
        id
    }

    fn parameters(&self, resource: &Resource) -> Vec<Value> {
        let mut out: Vec<Value> = Vec::new();
        for segment in resource.path.split('/').filter_map(name) {
            let declared = resource.parameters.iter().find(|p| p.place == Place::Path && p.name == segment);
            let schema = declared.map(|declared| self.lower(&shapes::parameter(&declared.simple, None)));
            let mut parameter = json!({
                "name": segment,
                "in": "path",
                "required": true,
                "schema": schema.unwrap_or_else(|| json!({ "type": "string", "minLength": 1 })),
            });
            say(&mut parameter, declared.map_or("", |declared| declared.description.as_str()));
            out.push(parameter);
        }
        let others: Vec<&Parameter> = resource.parameters.iter().filter(|p| p.place != Place::Path).collect();
        for (at, parameter) in others.iter().enumerate() {
            if others.iter().take(at).any(|before| same(before, parameter)) {
                continue;
            }
            let all = others.iter().filter(|p| same(p, parameter));
            let only: Option<Vec<&str>> = all.map(|p| p.only.as_deref()).collect();
            let schema = match only {
                Some(values) => json!({ "type": "string", "enum": values }),
                None => self.lower(&shapes::parameter(&parameter.simple, parameter.default.as_deref())),
            };
            let place = if parameter.place == Place::Header { "header" } else { "query" };
            let mut written = json!({ "name": parameter.name, "in": place });
            if let Some(members) = written.as_object_mut() {
                if parameter.required {
                    members.insert("required".to_owned(), json!(true));
                }
                members.insert("schema".to_owned(), schema);
            }
            say(&mut written, &parameter.description);
            out.push(written);
        }
        out
    }

    fn lower(&self, schema: &Value) -> Value {
        if self.version == Version::V30 { down::down(schema) } else { schema.clone() }
    }

    fn responses(&mut self, answers: &[Answer]) -> Value {
        let mut sorted: Vec<&Answer> = answers.iter().collect();
        sorted.sort_by_key(|answer| answer.status);
        let mut found: Vec<(Status, Answer)> = Vec::new();
        for answer in sorted {
            match found.last_mut().filter(|(status, _)| *status == answer.status) {
                Some((_, known)) => join(known, answer),
                None => found.push((answer.status, answer.clone())),
            }
        }
        let mut out = Map::new();
        for (status, answer) in found {
            let key = match status {
                Status::Code(code) => code.to_string(),
                Status::Success => "2XX".to_owned(),
                Status::Other => "default".to_owned(),
            };
            let written = match answer.shared {
                Some(name) => {
                    let version = self.version;
                    self.components.response(name, |components| response(&answer, components, version))
                }
                None => response(&answer, &mut self.components, self.version),
            };
            out.insert(key, written);
        }
        Value::Object(out)
    }
}

fn say(parameter: &mut Value, description: &str) {
    if let Some(members) = parameter.as_object_mut().filter(|_| !description.is_empty()) {
        members.insert("description".to_owned(), json!(description));
    }
}

/// Two answers of one status as one.
fn join(known: &mut Answer, other: &Answer) {
    if known.shared.is_some() && known.shared == other.shared {
        return;
    }
    known.shared = None;
    if !known.description.contains(&other.description) {
        known.description = format!("{} {}", known.description, other.description);
    }
    known.headers.extend(
        other.headers.iter().filter(|header| !known.headers.contains(header)).copied().collect::<Vec<_>>(),
    );
    let new = |media: &&Media| {
        let problem = matches!(media.content, Content::Problem | Content::Text);
        !problem || known.media.iter().all(|known| known.essence != media.essence)
    };
    let new: Vec<Media> = other.media.iter().filter(new).cloned().collect();
    known.media.extend(new);
}

fn response(answer: &Answer, components: &mut Components, version: Version) -> Value {
    let mut out = Map::from_iter([("description".to_owned(), json!(answer.description))]);
    let headers = answer.headers.iter().map(|header| (header.name.to_owned(), components.header(header)));
    let headers: Map<String, Value> = headers.collect();
    if !headers.is_empty() {
        out.insert("headers".to_owned(), Value::Object(headers));
    }
    if !answer.media.is_empty() {
        out.insert("content".to_owned(), media::content(&answer.media, components, version));
    }
    Value::Object(out)
}
