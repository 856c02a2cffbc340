//! A contract as it is served again: byte for byte, but for addresses and for where its files lie.

use std::collections::HashSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::WSDL;
use super::binding::{SOAP, SOAP12};
use super::load::{XS, is_address, plain};
use super::model::Contract;
use super::text::{At, Text};
use crate::document::tree::Name;
use crate::schema::grammar::Documents;
use crate::xml::{attribute_value, escape_attribute};

/// The files of a contract with the places open where addresses stand.
#[derive(Debug, Default)]
pub struct Served {
    contracts: Vec<Template>,
    schemas: Vec<Template>,
}

/// A text in which the address of the service is open in some places, with what follows it there.
#[derive(Debug, Default, PartialEq, Eq)]
struct Template {
    parts: Vec<(String, String)>,
    rest: String,
}

/// What an attribute's value becomes: the address of the service with this behind it.
type Links = Vec<(Range<usize>, String)>;

impl Served {
    /// Of a contract and its schemas. `is_served` tells the ports, by service and name, whose addresses change; `locate` where
    /// a location in a file of the cache leads.
    pub fn new(
        contract: &Contract,
        documents: &Documents,
        locate: &Locate<'_>,
        is_served: &dyn Fn(&Name, &str) -> bool,
    ) -> Self {
        let files = Files::of(contract, documents, locate);
        let contracts = contract.files.iter().map(|file| {
            let Ok(text) = Text::new(file.clone()) else { return Template::of(&file.text, Vec::new()) };
            let mut links = Vec::new();
            files.definitions(&text.root(), is_served, &mut links);
            Template::of(&file.text, links)
        });
        let contracts = contracts.collect();
        let schemas =
            files.schemas.iter().map(|(path, text)| Template::of(text, files.in_schema(path, documents)));
        Self { schemas: schemas.collect(), contracts }
    }

    /// A file of the WSDL by number; 0 is the one that was named.
    pub fn contract(&self, number: usize, address: &str) -> Option<Vec<u8>> {
        Some(self.contracts.get(number)?.at(address))
    }

    /// A schema document by number.
    pub fn schema(&self, number: usize, address: &str) -> Option<Vec<u8>> {
        Some(self.schemas.get(number)?.at(address))
    }
}

impl Template {
    fn of(text: &str, mut links: Links) -> Self {
        links.sort_by_key(|(range, _)| range.start);
        let (mut parts, mut at) = (Vec::new(), 0);
        for (range, suffix) in links {
            let Some(before) = text.get(at..range.start) else { continue };
            parts.push((before.to_owned(), suffix));
            at = range.end;
        }
        Self { parts, rest: text.get(at..).unwrap_or_default().to_owned() }
    }

    fn at(&self, address: &str) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.rest.len());
        let mut escaped = Vec::new();
        escape_attribute(address, &mut escaped);
        // Either quote may stand around it.
        let escaped = String::from_utf8(escaped).unwrap_or_default().replace('\'', "&apos;");
        for (before, suffix) in &self.parts {
            out.extend_from_slice(before.as_bytes());
            out.extend_from_slice(escaped.as_bytes());
            out.extend_from_slice(suffix.as_bytes());
        }
        out.extend_from_slice(self.rest.as_bytes());
        out
    }
}

/// Where a location in a file leads that came from an address; see [`crate::schema::grammar::Files::locate`].
pub type Locate<'l> = dyn Fn(&Path, &str) -> Option<Result<PathBuf, String>> + 'l;

/// The files that links may lead to.
struct Files<'c> {
    locate: &'c Locate<'c>,
    contracts: Vec<&'c Path>,
    schemas: Vec<(&'c Path, Arc<str>)>,
}

impl<'c> Files<'c> {
    fn of(contract: &'c Contract, documents: &'c Documents, locate: &'c Locate<'c>) -> Self {
        let contracts: Vec<&Path> = contract.files.iter().map(|file| file.path.as_path()).collect();
        let mut seen: HashSet<&Path> = contracts.iter().copied().collect();
        let mut schemas = Vec::new();
        for doc in documents.files() {
            if seen.insert(&doc.path) {
                schemas.push((doc.path.as_path(), Arc::clone(&doc.tree.text)));
            }
        }
        Self { locate, contracts, schemas }
    }

    /// What a location in a file becomes; `None` for what is no file of the contract.
    fn link(&self, file: &Path, location: &str) -> Option<String> {
        let path: PathBuf = match (self.locate)(file, location) {
            Some(located) => located.ok()?,
            None if is_address(location) => return None,
            None => plain(&file.parent().unwrap_or(Path::new("")).join(location.replace("%20", " "))),
        };
        let contract = self.contracts.iter().position(|known| *known == path).map(|at| format!("?wsdl={at}"));
        let schema =
            || self.schemas.iter().position(|(known, _)| *known == path).map(|at| format!("?xsd={at}"));
        contract.or_else(schema)
    }

    /// The links and addresses of a WSDL.
    fn definitions(&self, root: &At<'_>, is_served: &dyn Fn(&Name, &str) -> bool, links: &mut Links) {
        let file = root.file();
        let mut add = |at: &At<'_>, attribute: &str, suffix: Option<String>| {
            links.extend(attribute_value(&file.text, at.start(), attribute).zip(suffix));
        };
        let link = |at: &At<'_>, attribute: &str| self.link(&file.path, at.attribute(attribute)?);
        for child in root.children() {
            if child.element.name.is(WSDL, "import") {
                add(&child, "location", link(&child, "location"));
            } else if child.element.name.is(WSDL, "types") {
                for schema in child.named(XS, "schema") {
                    for inner in schema.children().filter(|inner| inner.attribute("schemaLocation").is_some())
                    {
                        add(&inner, "schemaLocation", link(&inner, "schemaLocation"));
                    }
                }
            } else if child.element.name.is(WSDL, "service") {
                let service = Name {
                    namespace: root.target(),
                    local: child.attribute("name").unwrap_or_default().into(),
                };
                for port in child.named(WSDL, "port") {
                    let served = is_served(&service, port.attribute("name").unwrap_or_default());
                    for address in port.children().filter(|_| served) {
                        if address.element.name.is(SOAP, "address")
                            || address.element.name.is(SOAP12, "address")
                        {
                            add(&address, "location", Some(String::new()));
                        }
                    }
                }
            }
        }
    }

    /// The links of a schema document.
    fn in_schema(&self, path: &Path, documents: &Documents) -> Links {
        let mut links = Vec::new();
        let Some(doc) = documents.files().find(|doc| doc.path == path) else { return links };
        let root = doc.tree.nodes.first().map(|root| root.children.as_slice()).unwrap_or_default();
        for number in root {
            let Some(location) = doc.tree.attribute(*number, "schemaLocation") else { continue };
            let Some(node) = doc.tree.nodes.get(*number) else { continue };
            let range = attribute_value(&doc.tree.text, node.start, "schemaLocation");
            links.extend(range.zip(self.link(path, location)));
        }
        links
    }
}
