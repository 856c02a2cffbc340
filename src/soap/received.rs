//! Faults that others send: every part of them, of both versions (SOAP 1.1 section 4.4; SOAP 1.2 part 1, section 5.4).

use super::Version;
use crate::document::codec::Limits;
use crate::document::tree::{Attribute, Content, Element, Name, Node};
use crate::xml::{XML_NAMESPACE, XMLNS_NAMESPACE, parse_with_places};

/// A fault as it was received.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReceivedFault {
    /// The version that it is written in; `None` for one of no envelope.
    pub version: Option<Version>,
    /// Its code: `Client`, `Server` and the like; the namespace is that of the prefix it was written with.
    pub code: Name,
    /// Its subcodes, from the outermost to the innermost; in 1.1 what stands behind dots in the code.
    pub subcodes: Vec<Name>,
    /// Its reasons, each with its language where it says one.
    pub reasons: Vec<(Option<String>, String)>,
    /// The actor of 1.1, the role of 1.2.
    pub role: Option<String>,
    /// The node of 1.2.
    pub node: Option<String>,
    /// What stands in its detail.
    pub detail: Vec<Element>,
}

impl ReceivedFault {
    /// The first reason, or an empty text; an English one goes first.
    pub fn reason(&self) -> &str {
        let english = |(language, _): &&(Option<String>, String)| {
            language.as_deref().is_some_and(|language| language == "en" || language.starts_with("en-"))
        };
        let found = self.reasons.iter().find(english).or(self.reasons.first());
        found.map(|(_, text)| text.as_str()).unwrap_or_default()
    }

    /// Whether a code is that of the fault, by its local name in either version: `Client` is `Sender` too.
    pub fn has_code(&self, wanted: &str) -> bool {
        let known = |code: &str| match code {
            "Client" | "Sender" => Some("Sender"),
            "Server" | "Receiver" => Some("Receiver"),
            _ => None,
        };
        let is = |name: &Name| {
            name.local == wanted
                || name.to_string() == wanted
                || (known(&name.local).is_some() && known(&name.local) == known(wanted))
        };
        is(&self.code) || self.subcodes.iter().any(is)
    }

    /// Takes the detail of the same fault in another form, such as with what it refers to in its place.
    pub fn take_detail(&mut self, fault: &Element) {
        let detail = fault.child("detail").or(fault.child("Detail"));
        self.detail = detail.map(held).unwrap_or_default();
    }

    /// The fault in an answer's body; `None` when there is none. `text` is the whole envelope.
    pub fn read(text: &str, limits: &Limits) -> Option<Self> {
        // Codes are names with prefixes, and only this way of reading keeps what the prefixes stand for.
        let (root, _) = parse_with_places(text, limits).ok()?;
        let version = Version::of(root.name.namespace.as_deref().unwrap_or_default())?;
        let namespace = version.namespace();
        let body = root.elements().find(|child| child.name.is(namespace, "Body"))?;
        let fault = body.elements().find(|child| child.name.is(namespace, "Fault"))?;
        let scope = [&root, body, fault];
        let mut read = match version {
            Version::V11 => old(fault, &scope),
            Version::V12 => new(fault, &scope),
        };
        read.version = Some(version);
        Some(read)
    }
}

/// A fault of 1.1. Its children are in no namespace; some put them into that of the envelope.
fn old(fault: &Element, scope: &[&Element]) -> ReceivedFault {
    let text = |local: &str| fault.child(local).map(|child| child.string_value().trim().to_owned());
    let mut read = ReceivedFault {
        role: text("faultactor").filter(|text| !text.is_empty()),
        detail: fault.child("detail").map(held).unwrap_or_default(),
        ..ReceivedFault::default()
    };
    if let Some(code) = fault.child("faultcode") {
        let name = qname(code, scope);
        let qualified = |word: &str| Name { local: word.into(), namespace: name.namespace.clone() };
        let mut words = name.local.split('.').map(qualified);
        read.code = words.next().unwrap_or_default();
        read.subcodes = words.collect();
    }
    if let Some(reason) = fault.child("faultstring") {
        read.reasons.push((language(reason), reason.string_value().trim().to_owned()));
    }
    read
}

fn new(fault: &Element, scope: &[&Element]) -> ReceivedFault {
    let text = |local: &str| fault.child(local).map(|child| child.string_value().trim().to_owned());
    let mut read = ReceivedFault {
        role: text("Role"),
        node: text("Node"),
        detail: fault.child("Detail").map(held).unwrap_or_default(),
        ..ReceivedFault::default()
    };
    let mut codes = Vec::new();
    let (mut next, mut around) = (fault.child("Code"), scope.to_vec());
    while let Some(code) = next {
        around.push(code);
        codes.extend(code.child("Value").map(|value| qname(value, &around)));
        next = code.child("Subcode");
    }
    let mut codes = codes.into_iter();
    read.code = codes.next().unwrap_or_default();
    read.subcodes = codes.collect();
    if let Some(reason) = fault.child("Reason") {
        let one = |text: &Element| (language(text), text.string_value().trim().to_owned());
        read.reasons = reason.elements().map(one).collect();
    }
    read
}

fn language(element: &Element) -> Option<String> {
    element.attribute_in(XML_NAMESPACE, "lang").map(str::to_owned)
}

/// A name with a prefix, by the declarations around it; without a namespace where there is none for the prefix.
fn qname(element: &Element, scope: &[&Element]) -> Name {
    let text = element.string_value();
    let text = text.trim();
    let (prefix, local) = text.split_once(':').unwrap_or(("", text));
    let declared = |element: &Element| {
        let of = |attribute: &&Attribute| match prefix {
            "" => attribute.name.local == "xmlns",
            prefix => attribute.name.local == prefix,
        };
        let own = element.attributes.iter().filter(|a| a.name.namespace.as_deref() == Some(XMLNS_NAMESPACE));
        own.into_iter().find(of).map(|attribute| attribute.value.clone())
    };
    let namespace = std::iter::once(element).chain(scope.iter().rev().copied()).find_map(declared);
    Name::qualified(namespace.as_deref().unwrap_or_default(), local)
}

/// The elements in a detail, without the declarations that reading has kept; a text alone as an element `detail`.
fn held(detail: &Element) -> Vec<Element> {
    let mut all: Vec<Element> = detail.elements().cloned().collect();
    all.iter_mut().for_each(forget);
    let text = detail.string_value();
    if all.is_empty() && !text.trim().is_empty() {
        all.push(Element::with(Name::local("detail"), Content::Text(text.trim().into())));
    }
    all
}

fn forget(element: &mut Element) {
    element.attributes.retain(|attribute| attribute.name.namespace.as_deref() != Some(XMLNS_NAMESPACE));
    if let Content::Children(nodes) | Content::Items(nodes) = &mut element.content {
        for node in nodes {
            if let Node::Element(child) = node {
                forget(child);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<ReceivedFault> {
        ReceivedFault::read(text, &Limits::default())
    }

    const OLD: &str = r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>
        <faultcode xmlns:w="urn:w">w:Client.Stock</faultcode><faultstring xml:lang="de">leer</faultstring><faultactor>urn:a</faultactor>
        <detail><o:OutOfStock xmlns:o="urn:o"><Sku>A</Sku></o:OutOfStock></detail></s:Fault></s:Body></s:Envelope>"#;

    #[test]
    fn every_part_of_a_fault_of_the_old_version_is_read() {
        let fault = read(OLD).unwrap();
        assert_eq!(
            (fault.code.to_string(), fault.subcodes[0].to_string()),
            ("{urn:w}Client".into(), "{urn:w}Stock".into())
        );
        assert_eq!((fault.reason(), fault.role.as_deref()), ("leer", Some("urn:a")));
        assert!(fault.detail[0].name.is("urn:o", "OutOfStock") && fault.detail[0].attributes.is_empty());
        assert!(fault.has_code("Sender") && fault.has_code("Stock") && !fault.has_code("Server"));
    }

    #[test]
    fn subcodes_and_languages_of_the_new_version_are_kept() {
        let fault = read(
            r#"<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><e:Fault><e:Code><e:Value>e:Receiver</e:Value>
            <e:Subcode><e:Value xmlns:a="urn:a">a:One</e:Value><e:Subcode><e:Value>Two</e:Value></e:Subcode></e:Subcode></e:Code>
            <e:Reason><e:Text xml:lang="de">nein</e:Text><e:Text xml:lang="en-GB">no</e:Text></e:Reason><e:Node>urn:n</e:Node></e:Fault></e:Body></e:Envelope>"#,
        );
        let fault = fault.unwrap();
        let codes: Vec<String> = fault.subcodes.iter().map(Name::to_string).collect();
        assert_eq!(codes, ["{urn:a}One", "Two"]);
        assert_eq!((fault.reason(), fault.reasons.len(), fault.node.as_deref()), ("no", 2, Some("urn:n")));
    }

    #[test]
    fn what_is_no_fault_is_none() {
        assert_eq!(read("<a/>"), None);
        assert_eq!(read("<html>"), None);
        let envelope = r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><a/></s:Body></s:Envelope>"#;
        assert_eq!(read(envelope), None);
    }
}
