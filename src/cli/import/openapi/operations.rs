//! The operations of an OpenAPI document: their paths, parameters, bodies and answers.

use std::collections::BTreeSet;

use serde_json::Value;

use super::parameters::parameters;
use super::read::{Io, Operation, Reader};

/// The methods that the gateway has routes for.
const METHODS: &[&str] = &["get", "put", "post", "delete", "patch"];

/// Those that it answers by itself.
const OWN: &[&str] = &["head", "options"];

/// Every operation, in the order of the document. What cannot be served is left out, as long as something is left.
pub fn all(reader: &mut Reader<'_>) -> Vec<Operation> {
    let mut found = Vec::new();
    let mut names = BTreeSet::new();
    let mut patterns = BTreeSet::new();
    let mut unserved = Vec::new();
    for (path, _, pointer) in reader.members("/paths") {
        if path.starts_with("x-") {
            continue;
        }
        if let Some(why) = unservable(path, &mut patterns) {
            unserved.push((pointer, format!("the path `{path}` cannot be served: {why}")));
            continue;
        }
        let Some((item, pointer)) = reader.resolved(&pointer) else { continue };
        if item.get("servers").and_then(Value::as_array).is_some_and(|all| !all.is_empty()) {
            let message = format!("the path `{path}` cannot be served: it has servers of its own");
            unserved.push((format!("{pointer}/servers"), message));
            continue;
        }
        for (word, _, at) in reader.members(&pointer) {
            if let Some(method) = METHODS.iter().find(|method| *method == word) {
                found.extend(operation(reader, path, method, (&pointer, &at), &mut names));
            } else if OWN.contains(&word.as_str()) {
                reader.notes.push(format!("{word} {path}: the gateway answers it by itself"));
            } else if word == "trace" {
                unserved.push((at, format!("trace {path}: TRACE is not served")));
            }
        }
    }
    for (pointer, message) in unserved {
        if found.is_empty() {
            reader.refuse(&pointer, message);
        } else {
            reader.notes.push(message);
        }
    }
    found
}

/// Why a path is none that the gateway can have a route for: every segment is fixed or `{name}`.
fn unservable(path: &str, patterns: &mut BTreeSet<String>) -> Option<&'static str> {
    let name = |text: &str| text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).map(str::to_owned);
    let is_segment = |text: &str| {
        let inner = name(text);
        let plain = inner.as_deref().unwrap_or(text);
        inner.as_deref() != Some("")
            && !plain.contains(['{', '}', '?', '#', ' '])
            && !plain.starts_with(':')
            && plain != "*"
    };
    if !path.starts_with('/') || !path.split('/').all(is_segment) {
        return Some("a parameter stands for a whole segment");
    }
    let mut names = BTreeSet::new();
    if !path.split('/').filter_map(name).all(|name| names.insert(name)) {
        return Some("each parameter needs a name of its own");
    }
    let pattern: Vec<&str> =
        path.split('/').map(|text| if name(text).is_some() { "{}" } else { text }).collect();
    (!patterns.insert(pattern.join("/"))).then_some("another one differs in the names of parameters only")
}

fn operation(
    reader: &mut Reader<'_>,
    path: &str,
    method: &'static str,
    (item, at): (&str, &str),
    names: &mut BTreeSet<String>,
) -> Option<Operation> {
    let given = reader.given;
    let value = given.value.pointer(at)?;
    let text = |word: &str| value.get(word).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut notes = Vec::new();
    if value.get("callbacks").is_some() {
        notes.push("its callbacks: the gateway makes none".to_owned());
    }
    let (mut input, optional) = body(reader, at, &mut notes);
    if method == "get" && input != Io::None {
        notes.push("its body: a GET has none".to_owned());
        input = Io::None;
    } else if optional && input != Io::None {
        notes.push("that its body may be left out".to_owned());
    }
    let answer = answer(reader, at, &mut notes);
    let parameters = parameters(reader, item, at, &mut notes);
    let summary = text("summary");
    let description = text("description");
    Some(Operation {
        name: name(&text("operationId"), method, path, names),
        method,
        path: path.to_owned(),
        description: if description.is_empty() { summary } else { description },
        deprecated: value.get("deprecated") == Some(&Value::Bool(true)),
        input,
        output: answer.output,
        status: answer.status,
        on_empty: answer.on_empty,
        query: parameters.query,
        conditions: parameters.conditions,
        notes,
    })
}

/// Its own name, or one of its method and path.
fn name(id: &str, method: &str, path: &str, names: &mut BTreeSet<String>) -> String {
    let wanted =
        if id.is_empty() { format!("{method}{}", path.replace(['{', '}'], "")) } else { id.to_owned() };
    let letters =
        wanted.chars().map(|c| if c.is_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '-' });
    let wanted = letters.collect::<String>().trim_matches('-').to_owned();
    let numbered = (2..).map(|number: u32| format!("{wanted}-{number}"));
    let own = std::iter::once(wanted.clone()).chain(numbered).find(|name| !names.contains(name));
    let own = own.unwrap_or_default();
    names.insert(own.clone());
    own
}

/// The body, and whether it may be left out.
fn body(reader: &mut Reader<'_>, at: &str, notes: &mut Vec<String>) -> (Io, bool) {
    let pointer = format!("{at}/requestBody");
    if reader.given.value.pointer(&pointer).is_none() {
        return (Io::None, false);
    }
    let Some((value, pointer)) = reader.resolved(&pointer) else { return (Io::None, false) };
    let optional = value.get("required") != Some(&Value::Bool(true));
    (content(reader, &pointer, false, notes).unwrap_or(Io::Data(None)), optional)
}

/// The first content in JSON, else the first at all.
fn content(reader: &mut Reader<'_>, pointer: &str, answer: bool, notes: &mut Vec<String>) -> Option<Io> {
    let all = reader.members(&format!("{pointer}/content"));
    let is_json = |name: &str| {
        let essence = name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        essence == "application/json" || essence.ends_with("+json")
    };
    let json = all.iter().find(|(name, ..)| is_json(name));
    let parts = || all.iter().find(|(name, ..)| multipart(name).is_some());
    let (name, media, at) = json.or_else(parts).or_else(|| all.first())?;
    let others: Vec<&str> =
        all.iter().map(|(other, ..)| other.as_str()).filter(|other| other != name).collect();
    if !others.is_empty() {
        let what = if answer { "answers" } else { "bodies" };
        notes.push(format!("{what} in {}", others.join(", ")));
    }
    if let Some(essence) = multipart(name) {
        let names: Vec<_> = reader.members(&format!("{at}/schema/properties"));
        let names: Vec<&str> = names.iter().map(|(name, ..)| name.as_str()).collect();
        if !names.is_empty() {
            notes.push(format!("that its parts are {}, and what they hold", names.join(", ")));
        }
        return Some(Io::Multipart(Some(essence).filter(|_| answer)));
    }
    if !answer && name.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
        notes.push(format!("that its body is a form ({name}): it is taken as it is"));
    }
    let named = || Some((*name).clone()).filter(|name| answer && !name.contains('*'));
    let said = media
        .get("schema")
        .filter(|schema| !matches!(schema, Value::Bool(_)) && **schema != Value::Object(Default::default()));
    match (json, said) {
        (Some(_), Some(_)) => Some(schema(reader, &format!("{at}/schema"))),
        _ => Some(Io::Data(named())),
    }
}

/// The media type without parameters of parts, each with a boundary of its own; `None` for others.
fn multipart(name: &str) -> Option<String> {
    let essence = name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let kind = essence.strip_prefix("multipart/")?;
    Some(if kind == "*" { "multipart/mixed".to_owned() } else { essence })
}

/// Documents of a schema; an array of others is a list of those.
fn schema(reader: &mut Reader<'_>, pointer: &str) -> Io {
    let whole = Io::Json { schema: pointer.to_owned(), many: false };
    let Some(Value::Object(members)) = reader.given.value.pointer(pointer) else { return whole };
    let plain = members.keys().all(|word| ["type", "items", "description", "title"].contains(&word.as_str()));
    let is_list = members.get("type").and_then(Value::as_str) == Some("array");
    let items = members.get("items").and_then(Value::as_object).filter(|items| !items.is_empty());
    match items {
        Some(_) if is_list && plain => Io::Json { schema: format!("{pointer}/items"), many: true },
        _ => whole,
    }
}

/// What comes back else, with the words for it: the process throws what it needs of them.
fn failures<'a>(
    reader: &mut Reader<'_>,
    all: impl Iterator<Item = (&'a String, &'a String)>,
    notes: &mut Vec<String>,
) {
    let mut told = Vec::new();
    for (name, at) in all.filter(|(name, _)| !name.starts_with("x-")) {
        let Some((value, _)) = reader.resolved(at) else { continue };
        told.push(match value.get("description").and_then(Value::as_str).map(str::trim) {
            Some(description) if !description.is_empty() => format!("{name} ({description})"),
            _ => name.clone(),
        });
    }
    if !told.is_empty() {
        notes.push(format!("its answers {}", told.join(", ")));
    }
}

/// What comes back when all goes well.
struct Success {
    output: Io,
    status: Option<u16>,
    on_empty: Option<u16>,
}

fn answer(reader: &mut Reader<'_>, at: &str, notes: &mut Vec<String>) -> Success {
    let pointer = format!("{at}/responses");
    let all = reader.members(&pointer);
    let code = |name: &str| match name {
        "2XX" | "2xx" => Some(200),
        "default" if all.len() == 1 => Some(200),
        name => name.parse::<u16>().ok().filter(|code| (200..300).contains(code)),
    };
    let mut successes: Vec<(u16, String)> =
        all.iter().filter_map(|(name, _, at)| Some((code(name)?, at.clone()))).collect();
    successes.sort();
    failures(
        reader,
        all.iter().filter(|(name, ..)| code(name).is_none()).map(|(name, _, at)| (*name, at)),
        notes,
    );
    let mut empty = None;
    let mut chosen = None;
    for (code, at) in successes {
        let Some((_, at)) = reader.resolved(&at) else { continue };
        match content(reader, &at, true, notes) {
            Some(output) if chosen.is_none() => chosen = Some((code, output)),
            Some(_) => notes.push(format!("its answer of status {code}")),
            None => empty = empty.or(Some(code)),
        }
    }
    match (chosen, empty) {
        (Some((code, output)), empty) => {
            Success { output, status: Some(code).filter(|code| *code != 200), on_empty: empty }
        }
        // Accepted, and nothing to say: what an operation without an output does.
        (None, Some(202)) => Success { output: Io::None, status: None, on_empty: None },
        (None, empty) => {
            Success { output: Io::Data(None), status: None, on_empty: Some(empty.unwrap_or(204)) }
        }
    }
}
