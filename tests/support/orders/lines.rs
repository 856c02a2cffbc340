//! Envelopes as lines of text, in which prefixes, references and the names of array items make no difference.

use std::collections::HashMap;

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

/// An element; text beside elements is left out.
#[derive(Debug, Clone, Default)]
struct Element {
    name: String,
    text: String,
    id: Option<String>,
    href: Option<String>,
    nil: bool,
    array: bool,
    children: Vec<Self>,
}

/// The header blocks and the body of an envelope as lines, one for each element without elements: its path with `o:` for the
/// namespace of the service, `h:` for that of its headers, `e:` for that of the envelope and `?:` for others, then `=` and its
/// text, or `[nil]`. What is referred to stands where it is referred to, and items of arrays are called `item`.
pub fn flat(envelope: &str) -> Vec<String> {
    let root = parse(envelope);
    assert_eq!(root.name, "e:Envelope", "{envelope}");
    let mut ids = HashMap::new();
    collect(&root, &mut ids);
    let mut lines = Vec::new();
    for part in &root.children {
        for element in &part.children {
            // Those behind the first of the body are only referred to.
            if element.id.is_none() {
                write(element, &element.name, "", &ids, &mut lines);
            }
        }
    }
    lines
}

fn collect<'a>(element: &'a Element, ids: &mut HashMap<&'a str, &'a Element>) {
    if let Some(id) = &element.id {
        ids.insert(id, element);
    }
    element.children.iter().for_each(|child| collect(child, ids));
}

fn write(
    element: &Element,
    name: &str,
    before: &str,
    ids: &HashMap<&str, &Element>,
    lines: &mut Vec<String>,
) {
    let path = format!("{before}{name}");
    let value = match &element.href {
        Some(href) => href
            .strip_prefix('#')
            .and_then(|id| ids.get(id))
            .unwrap_or_else(|| panic!("{href} refers to nothing")),
        None => element,
    };
    for child in &value.children {
        let name = if value.array { "item" } else { &child.name };
        write(child, name, &format!("{path}/"), ids, lines);
    }
    if value.children.is_empty() {
        lines.push(if value.nil { format!("{path}[nil]") } else { format!("{path}={}", value.text) });
    }
}

fn parse(text: &str) -> Element {
    let mut reader = NsReader::from_str(text);
    // The document holds the root.
    let mut open = vec![Element::default()];
    loop {
        let (namespace, event) =
            reader.read_resolved_event().unwrap_or_else(|error| panic!("{error}: {text}"));
        let prefix = match namespace {
            ResolveResult::Bound(namespace) => prefix(namespace.as_ref()),
            ResolveResult::Unbound => "",
            ResolveResult::Unknown(name) => panic!("{name:?} is not declared: {text}"),
        };
        let ended = match event {
            Event::Start(start) => {
                open.push(element(prefix, &start));
                None
            }
            Event::Empty(start) => Some(element(prefix, &start)),
            Event::End(_) => open.pop(),
            Event::Eof => break,
            other => {
                open.last_mut().unwrap().text.push_str(&characters(&other));
                None
            }
        };
        if let Some(ended) = ended {
            open.last_mut().unwrap().children.push(ended);
        }
    }
    open.pop().unwrap().children.pop().unwrap_or_else(|| panic!("no element in {text}"))
}

fn characters(event: &Event<'_>) -> String {
    match event {
        Event::Text(text) => text.xml10_content().into_owned(),
        Event::CData(text) => text.xml10_content().into_owned(),
        Event::GeneralRef(reference) => {
            if let Some(one) = reference.resolve_char_ref().unwrap() {
                return one.to_string();
            }
            let name = reference.xml10_content();
            quick_xml::escape::resolve_predefined_entity(&name)
                .unwrap_or_else(|| panic!("&{name};"))
                .to_owned()
        }
        _ => String::new(),
    }
}

fn element(prefix: &str, start: &BytesStart<'_>) -> Element {
    let local = start.local_name().as_ref().to_owned();
    let mut element = Element { name: format!("{prefix}{local}"), ..Element::default() };
    for attribute in start.attributes() {
        let attribute = attribute.unwrap();
        let value = attribute.value.into_owned();
        match attribute.key.local_name().as_ref() {
            "id" => element.id = Some(value),
            "href" => element.href = Some(value),
            "nil" => element.nil = value == "true" || value == "1",
            "arrayType" => element.array = true,
            _ => {}
        }
    }
    element
}

fn prefix(namespace: &str) -> &'static str {
    match namespace {
        "urn:example:orders" => "o:",
        "urn:example:orders:header" => "h:",
        "http://schemas.xmlsoap.org/soap/envelope/" | "http://www.w3.org/2003/05/soap-envelope" => "e:",
        _ => "?:",
    }
}
