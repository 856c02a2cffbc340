//! The text of a file that serves a contract: profiles of its elements, operations to be written, its services.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use super::kdl::{comment, quoted, word};
use crate::compile::RESERVED;
use crate::document::tree::Name;
use crate::schema::grammar::Grammar;
use crate::wsdl::read::{Contract, Endpoint, LeftOut, Offered, Wire};

/// Characters of a text that a comment shows.
const SHOWN: usize = 300;

/// The text; `wsdl` is the path of the contract from the file, `name` that of the api.
pub(super) fn text(contract: &Contract, grammar: &Grammar, wsdl: &str, name: &str) -> String {
    let mut writer = Writer {
        contract,
        grammar,
        wsdl,
        out: String::new(),
        profiles: HashMap::new(),
        names: RESERVED.iter().map(ToString::to_string).collect(),
        operations: HashSet::new(),
        objects: HashSet::new(),
    };
    writer.all(name);
    writer.out
}

/// A `soap` of the api: what stands behind its path, and what it serves.
struct Block<'c> {
    path: String,
    terms: String,
    offered: Vec<Offered<'c>>,
    left: Vec<LeftOut>,
}

struct Writer<'c> {
    contract: &'c Contract,
    grammar: &'c Grammar,
    wsdl: &'c str,
    out: String,
    /// The profile of each element.
    profiles: HashMap<Name, String>,
    names: HashSet<String>,
    operations: HashSet<String>,
    objects: HashSet<String>,
}

impl<'c> Writer<'c> {
    fn all(&mut self, name: &str) {
        let _ = writeln!(self.out, "// Serves the contract {}.", comment(self.wsdl));
        self.comment("", self.contract.documentation.as_deref());
        let _ = writeln!(
            self.out,
            "// Each operation fails with \"not implemented yet\" until its process is written."
        );
        self.out.push_str("\nlistener internal bind=\"127.0.0.1:8080\"\n");
        let mut blocks = self.blocks(name);
        for block in &mut blocks {
            block.offered.retain(|offered| self.has_profiles(offered));
        }
        let mut api = String::new();
        for block in &blocks {
            self.block(block, &mut api);
        }
        if api.is_empty() {
            self.out.push_str("\n// The contract has no operation over SOAP that could be served.\n");
            return;
        }
        let _ = write!(
            self.out,
            "\napi {} listener=internal base={} {{\n{api}}}\n",
            word(name),
            quoted(&format!("/{}", segment(name)))
        );
    }

    /// Whether the elements of an operation can be profiles.
    fn has_profiles(&self, offered: &Offered<'_>) -> bool {
        let is = |wire: &Wire| match wire {
            Wire::Element(name) => self.grammar.root(name).is_some(),
            Wire::Empty | Wire::Unfit(_) => true,
        };
        is(&offered.request) && offered.answer.as_ref().is_none_or(is)
    }

    /// One address for all, or one for each service; for each port where a service has several port types.
    fn blocks(&self, name: &str) -> Vec<Block<'c>> {
        let soap: Vec<Endpoint<'c>> = self
            .contract
            .endpoints()
            .into_iter()
            .filter(|endpoint| endpoint.binding.protocol.is_soap())
            .collect();
        let service =
            |endpoint: &Endpoint<'c>| endpoint.port.map(|(service, _)| service.name.local.to_string());
        let mut services: Vec<Option<String>> = soap.iter().map(service).collect();
        services.dedup();
        // Bindings that no port has are served only where there are no others.
        if services.iter().any(Option::is_some) {
            services.retain(Option::is_some);
        }
        let mut blocks = Vec::new();
        let many = services.len() > 1;
        for own in services {
            let ports: Vec<Endpoint<'c>> =
                soap.iter().filter(|endpoint| service(endpoint) == own).copied().collect();
            let mut types: Vec<&Name> = ports.iter().map(|endpoint| &endpoint.port_type.name).collect();
            types.sort_by_key(|name| name.to_string());
            types.dedup();
            let path = if many {
                format!("/{}", segment(own.as_deref().unwrap_or(name)))
            } else {
                "/soap".to_owned()
            };
            let terms = match &own {
                Some(own) if many => format!(" service={}", quoted(own)),
                _ => String::new(),
            };
            // Bindings have no names to choose them by.
            if types.len() < 2 || own.is_none() {
                let (offered, left) = self.contract.offered(&ports);
                blocks.push(Block { path, terms, offered, left });
                continue;
            }
            for endpoint in ports {
                let port = endpoint.port.map(|(_, port)| port.name.as_str()).unwrap_or_default();
                let (offered, left) = self.contract.offered(&[endpoint]);
                let terms = match endpoint.port {
                    Some(_) => format!("{terms} port={}", quoted(port)),
                    None => terms.clone(),
                };
                blocks.push(Block { path: format!("{path}/{}", segment(port)), terms, offered, left });
            }
        }
        blocks
    }

    fn block(&mut self, block: &Block<'c>, api: &mut String) {
        if block.offered.is_empty() {
            return;
        }
        let _ =
            writeln!(api, "    soap {} wsdl={}{} {{", quoted(&block.path), quoted(self.wsdl), block.terms);
        for left in &block.left {
            let _ = writeln!(api, "        // {} {}.", comment(&left.name), comment(&left.why));
        }
        for offered in &block.offered {
            let name = self.operation(offered);
            let _ = writeln!(api, "        operation {} do={}", word(&offered.bound.name), word(&name));
        }
        api.push_str("    }\n");
    }

    /// Writes an operation with its profiles; gives its name.
    fn operation(&mut self, offered: &Offered<'c>) -> String {
        let input = self.profile(&offered.request);
        let output = offered.answer.as_ref().and_then(|answer| self.profile(answer));
        let name = fresh(&kebab(&offered.bound.name), "-", &mut self.operations);
        let own = &offered.bound.name;
        let _ = writeln!(self.out, "\noperation {} {{", word(&name));
        let said = offered.operation.documentation.as_deref().or(offered
            .endpoint
            .port_type
            .documentation
            .as_deref());
        if let Some(said) = said.map(short).filter(|said| !said.is_empty()) {
            let _ = writeln!(self.out, "    description {}", quoted(&said));
        }
        let object = fresh(&object(own), "", &mut self.objects);
        let _ = writeln!(self.out, "    action execute\n    object {}", word(&object));
        for (line, profile) in [("input", input), ("output", output)] {
            if let Some(profile) = profile {
                let _ = writeln!(self.out, "    {line} {}", word(&profile));
            }
        }
        let shown: String =
            own.chars().filter(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.')).collect();
        let text = quoted(&format!("{shown} is not implemented yet"));
        let _ = writeln!(self.out, "    process {{\n        throw {text} status=501\n    }}\n}}");
        name
    }

    /// The profile of what a body holds, written where it is met first.
    fn profile(&mut self, wire: &Wire) -> Option<String> {
        let Wire::Element(element) = wire else { return None };
        if let Some(known) = self.profiles.get(element) {
            return Some(known.clone());
        }
        let name = fresh(&kebab(&element.local), "-", &mut self.names);
        let _ = write!(
            self.out,
            "\nprofile {} format=xml xsd={} root={}\n",
            word(&name),
            quoted(self.wsdl),
            quoted(&element.to_string())
        );
        self.profiles.insert(element.clone(), name.clone());
        Some(name)
    }

    fn comment(&mut self, indent: &str, said: Option<&str>) {
        if let Some(said) = said.map(short).filter(|said| !said.is_empty()) {
            let _ = writeln!(self.out, "{indent}// {}", comment(&said));
        }
    }
}

/// The beginning of a text.
fn short(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}...", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// `placeOrder`, `PlaceOrder` and `place_order` as `place-order`.
fn kebab(text: &str) -> String {
    let mut out = String::new();
    let mut before = None;
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        if !c.is_alphanumeric() {
            before = None;
            if !out.ends_with('-') {
                out.push('-');
            }
            continue;
        }
        let starts = c.is_uppercase()
            && before.is_some_and(|before: char| {
                !before.is_uppercase() || letters.peek().is_some_and(|next| next.is_lowercase())
            });
        if starts && !out.ends_with('-') {
            out.push('-');
        }
        out.extend(c.to_lowercase());
        before = Some(c);
    }
    match out.trim_matches('-') {
        "" => "unnamed".to_owned(),
        name => name.to_owned(),
    }
}

/// A name that was not given yet; a number goes behind `joint`.
fn fresh(name: &str, joint: &str, names: &mut HashSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{name}{joint}{number}"));
    let found = std::iter::once(name.to_owned()).chain(numbered).find(|name| !names.contains(name));
    let found = found.unwrap_or_else(|| name.to_owned());
    names.insert(found.clone());
    found
}

/// What an operation is done to: its name, its first letter in upper case.
fn object(name: &str) -> String {
    let plain: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let mut letters = plain.chars();
    match letters.next() {
        Some(first) if first.is_ascii_alphabetic() => first.to_uppercase().chain(letters).collect(),
        _ => format!("Call{plain}"),
    }
}

/// A segment of a path.
fn segment(name: &str) -> String {
    let letters =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '-' });
    let text: String = letters.collect();
    if text.trim_matches(['-', '.']).is_empty() { "service".to_owned() } else { text }
}
