//! The elements of rpc messages, which no schema declares: made from their parts (WSDL 1.1, section 3.5).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use memchr::memmem;

use super::load::XS;
use super::model::{Contract, Part, PartKind, Style};
use super::wire::{Side, Wire};
use crate::document::tree::Name;
use crate::schema::grammar::Documents;
use crate::xml::{escape_attribute, is_ncname};

/// The namespace of the SOAP 1.1 encoding (SOAP 1.1, section 5).
const ENCODING: &str = "http://schemas.xmlsoap.org/soap/encoding/";

/// The elements of one namespace by name: each with its parts, and whether these are encoded.
type Elements<'c> = BTreeMap<String, (Vec<&'c Part>, bool)>;

/// A schema for each namespace that has such elements: its name for findings, and its text. An element that a schema
/// declares is left to that; of operations with one name, the first one counts.
pub(super) fn schemas(contracts: &[Contract], documents: &Documents) -> Vec<(String, String)> {
    let mut namespaces: BTreeMap<String, Elements<'_>> = BTreeMap::new();
    for contract in contracts {
        gather(contract, &mut namespaces);
    }
    let mut schemas = helpers(contracts);
    let declared = documents.globals(&["element"]);
    for (namespace, elements) in &mut namespaces {
        elements.retain(|local, _| !declared.contains(&Name::qualified(namespace, local.as_str())));
    }
    let texts = namespaces.iter().filter(|(_, elements)| !elements.is_empty());
    schemas.extend(texts.map(|(namespace, elements)| {
        (format!("rpc messages of {namespace} (from the WSDL)"), schema(namespace, elements))
    }));
    schemas
}

/// Imports what contracts refer to and few of them import: the types of the SOAP encoding, and the element of schemas, which
/// stands in the data sets of .NET.
fn helpers(contracts: &[Contract]) -> Vec<(String, String)> {
    let texts = || contracts.iter().flat_map(|contract| &contract.files).map(|file| file.text.as_bytes());
    let encoding = texts().any(|text| memmem::find(text, ENCODING.as_bytes()).is_some());
    let refers = |text: &[u8]| {
        memmem::find_iter(text, b":schema\"").any(|at| {
            let before = text.get(..at).unwrap_or_default();
            let prefix = before.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            before.get(..before.len() - prefix).is_some_and(|rest| rest.ends_with(b"ref=\""))
        })
    };
    let schema = texts().any(refers);
    let wanted = [(encoding, ENCODING), (schema, XS)].into_iter().filter(|(is_wanted, _)| *is_wanted);
    wanted
        .map(|(_, namespace)| {
            let text =
                format!("<xs:schema xmlns:xs=\"{XS}\"><xs:import namespace=\"{namespace}\"/></xs:schema>\n");
            (format!("import of {namespace} (from the WSDL)"), text)
        })
        .collect()
}

fn gather<'c>(contract: &'c Contract, namespaces: &mut BTreeMap<String, Elements<'c>>) {
    let soap = contract.endpoints().into_iter().filter(|endpoint| endpoint.binding.protocol.is_soap());
    for (bound, operation) in soap.flat_map(|endpoint| endpoint.operations()) {
        if bound.style != Style::Rpc || !is_ncname(&bound.name) {
            continue;
        }
        for side in [Side::Request, Side::Answer] {
            let Some(Wire::Element(name)) = contract.wire(bound, operation, side) else { continue };
            let Some((message, payload)) = contract.message_of(bound, operation, side) else { continue };
            let parts = message.in_body(payload).into_iter().filter(|part| is_ncname(&part.name)).collect();
            let is_encoded =
                payload.and_then(|payload| payload.body.as_ref()).is_some_and(|body| body.is_encoded);
            let namespace = name.namespace.as_deref().unwrap_or_default().to_owned();
            let elements = namespaces.entry(namespace).or_default();
            elements.entry(name.local.to_string()).or_insert((parts, is_encoded));
        }
    }
}

/// Parts come in any order: what clients do, and no two are alike.
fn schema(namespace: &str, elements: &Elements<'_>) -> String {
    let name_of = |part: &&Part| match &part.kind {
        PartKind::Element(name) | PartKind::Type(name) => {
            name.namespace.as_deref().unwrap_or_default().to_owned()
        }
    };
    let all = elements.values().flat_map(|(parts, _)| parts).map(name_of);
    let used: BTreeSet<String> = all.filter(|used| !used.is_empty() && used != XS).collect();
    let prefixes: Vec<String> = used.into_iter().collect();
    let mut out = format!("<xs:schema xmlns:xs=\"{XS}\"");
    if !namespace.is_empty() {
        let _ = write!(out, " targetNamespace=\"{}\"", attribute(namespace));
    }
    for (at, prefix) in prefixes.iter().enumerate() {
        let _ = write!(out, " xmlns:n{at}=\"{}\"", attribute(prefix));
    }
    out.push_str(">\n");
    for prefix in prefixes.iter().filter(|prefix| *prefix != namespace) {
        let _ = writeln!(out, "  <xs:import namespace=\"{}\"/>", attribute(prefix));
    }
    for (local, (parts, is_encoded)) in elements {
        let _ = writeln!(out, "  <xs:element name=\"{local}\">\n    <xs:complexType>\n      <xs:all>");
        for part in parts {
            let nillable = if *is_encoded { " minOccurs=\"0\" nillable=\"true\"" } else { "" };
            let _ = match &part.kind {
                PartKind::Type(of) => writeln!(
                    out,
                    "        <xs:element name=\"{}\" type=\"{}\"{nillable}/>",
                    part.name,
                    qualified(of, &prefixes)
                ),
                PartKind::Element(of) => {
                    writeln!(out, "        <xs:element ref=\"{}\"/>", qualified(of, &prefixes))
                }
            };
        }
        out.push_str("      </xs:all>\n");
        if *is_encoded {
            out.push_str("      <xs:anyAttribute namespace=\"##other\" processContents=\"lax\"/>\n");
        }
        out.push_str("    </xs:complexType>\n  </xs:element>\n");
    }
    out.push_str("</xs:schema>\n");
    out
}

fn qualified(name: &Name, prefixes: &[String]) -> String {
    let local = attribute(&name.local);
    match name.namespace.as_deref() {
        None => local,
        Some(XS) => format!("xs:{local}"),
        Some(namespace) => match prefixes.iter().position(|known| known == namespace) {
            Some(at) => format!("n{at}:{local}"),
            None => local,
        },
    }
}

fn attribute(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    escape_attribute(text, &mut out);
    String::from_utf8(out).unwrap_or_default()
}
