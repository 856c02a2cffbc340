//! The block of the `soap` protocol in an `api`: a service with a contract of its own.

use compact_str::CompactString;

use super::kinds::path;
use super::soap::{Service, SoapOperation, SoapOptions};
use super::soap_kind::{NAME, made, routes};
use super::{NAMESPACE, soap_given};
use crate::document::tree::Name;
use crate::kind::header_block::block_name;
use crate::kind::protocol::DeclaredEndpoint;
use crate::kind::{Compiling, mtom};
use crate::pipeline::router::Route;
use crate::soap::Version;
use crate::soap::header::Roles;
use crate::soap::mtom::Mtom;
use crate::source::{Finding, Span, Spanned};
use crate::syntax::Node;
use crate::wsdl::{Names, Style};
use crate::xml::is_ncname;

const VERSIONS: &[(&str, Version)] = &[("1.1", Version::V11), ("1.2", Version::V12)];

const WORDS: [&str; 4] = ["description", "operation", "role", "understand"];

#[derive(Debug)]
struct Declared {
    path: Spanned<String>,
    namespace: String,
    versions: Vec<Version>,
    names: Names,
    style: Style,
    mtom: Mtom,
    description: CompactString,
    roles: Roles,
    understands: Vec<Name>,
    operations: Vec<DeclaredOperation>,
    span: Span,
}

#[derive(Debug)]
struct DeclaredOperation {
    operation: Spanned<String>,
    name: Option<Spanned<String>>,
    action: Option<String>,
    wrapper: bool,
}

pub(super) fn read(mut node: Node<'_>) -> Option<Box<dyn DeclaredEndpoint>> {
    if node.has_property("wsdl") || node.has_child("wsdl") {
        return soap_given::read(node);
    }
    let span = node.name_span();
    let path = path(&mut node);
    let namespace = node.property::<String>("namespace");
    if let Some(given) =
        namespace.as_ref().filter(|given| !given.value.contains(':') || given.value.contains(' '))
    {
        let finding =
            Finding::error("bad-namespace", given.span, format!("`{}` is not an absolute URI", given.value));
        node.report(finding.help("such as \"urn:example:orders\" or \"http://example.com/orders\""));
    }
    let versions = versions(&mut node);
    let names = names(&mut node);
    let style = style(&mut node);
    let mtom = mtom::of_service(&mut node);
    let is_intermediary = node.property::<bool>("intermediary").is_some_and(|given| given.value);
    let mut roles = Roles { is_intermediary, ..Roles::default() };
    let (mut operations, mut understands) = (Vec::new(), Vec::new());
    let mut description = CompactString::default();
    for mut child in node.parts(&["description"]) {
        match child.name() {
            "operation" => operations.extend(operation(child, style)),
            "role" => {
                roles.named.extend(role(&mut child));
                child.finish();
            }
            "description" => {
                let text = child.argument::<CompactString>("text");
                description = text.map(|text| text.value).unwrap_or_default();
                child.finish();
            }
            "understand" => understands.extend(understand(child)),
            _ => child.unknown("unknown-word", "a part of `soap`", WORDS),
        }
    }
    if operations.is_empty() {
        let finding = Finding::error("missing-value", span, "this `soap` serves no operation");
        node.report(finding.help("write operation NAME in its block"));
    }
    node.finish();
    Some(Box::new(Declared {
        path: path?,
        namespace: namespace.map_or_else(|| NAMESPACE.to_owned(), |given| given.value),
        versions,
        names,
        style,
        mtom,
        description,
        roles,
        understands,
        operations,
        span,
    }))
}

/// `service=`, `port=` and `binding=`.
fn names(node: &mut Node<'_>) -> Names {
    let mut name = |word| {
        let given = node.property::<String>(word)?;
        if is_ncname(&given.value) {
            return Some(given.value);
        }
        let message = format!("`{}` cannot be a {word}'s name", given.value);
        node.report(Finding::error("bad-name", given.span, message));
        None
    };
    let mut names = Names::of(name("service").as_deref().unwrap_or(NAME));
    if let Some(port) = name("port") {
        names.port = port;
    }
    if let Some(binding) = name("binding") {
        names.binding = binding;
    }
    names
}

/// `style=document|rpc`.
fn style(node: &mut Node<'_>) -> Style {
    let Some(given) = node.property::<String>("style") else { return Style::default() };
    let found = Style::ALL.iter().find(|(word, _)| *word == given.value);
    found.map(|(_, style)| *style).unwrap_or_else(|| {
        let message = format!("`{}` is not a style of SOAP services", given.value);
        let known = Style::ALL.iter().map(|(word, _)| *word);
        node.report(Finding::error("unknown-style", given.span, message).suggest(&given.value, known));
        Style::default()
    })
}

/// `versions="1.1 1.2"`; both without it.
fn versions(node: &mut Node<'_>) -> Vec<Version> {
    let Some(given) = node.property::<String>("versions") else { return vec![Version::V11, Version::V12] };
    let mut versions = Vec::new();
    for word in given.value.split_whitespace() {
        match VERSIONS.iter().find(|(name, _)| *name == word) {
            Some((_, version)) => versions.push(*version),
            None => {
                let finding = Finding::error(
                    "unknown-version",
                    given.span,
                    format!("`{word}` is not a version of SOAP"),
                );
                node.report(finding.label("expected \"1.1\", \"1.2\" or \"1.1 1.2\""));
            }
        }
    }
    if given.value.trim().is_empty() {
        let finding = Finding::error("unknown-version", given.span, "this serves no version of SOAP");
        node.report(finding.label("expected \"1.1\", \"1.2\" or \"1.1 1.2\""));
    }
    versions.dedup();
    if versions.is_empty() { vec![Version::V11, Version::V12] } else { versions }
}

/// Reads `role URI...`.
pub(super) fn role(node: &mut Node<'_>) -> Vec<String> {
    let given = node.arguments::<String>("URI");
    if given.is_empty() {
        let finding = Finding::error("missing-argument", node.name_span(), "`role` needs a URI");
        node.report(finding.help("such as \"urn:example:gateway\""));
    }
    for uri in given.iter().filter(|uri| !uri.value.contains(':') || uri.value.contains(' ')) {
        let finding = Finding::error("bad-role", uri.span, format!("`{}` is not an absolute URI", uri.value));
        node.report(finding.help("such as \"urn:example:gateway\""));
    }
    given.into_iter().map(|uri| uri.value).collect()
}

/// Reads `understand "{NAMESPACE}NAME"...`: header blocks that the processes take care of.
pub(super) fn understand(mut node: Node<'_>) -> Vec<Name> {
    let mut names = Vec::new();
    for given in node.arguments::<String>("header block's name") {
        match block_name(&given) {
            Ok(name) => names.push(name),
            Err(finding) => node.report(finding),
        }
    }
    node.finish();
    names
}

fn operation(mut node: Node<'_>, style: Style) -> Option<DeclaredOperation> {
    let operation = node.argument("operation's name");
    let name = node.property::<String>("as");
    if let Some(given) = name.as_ref().filter(|given| !is_ncname(&given.value)) {
        node.report(Finding::error(
            "bad-name",
            given.span,
            format!("`{}` cannot be an operation's name", given.value),
        ));
    }
    let action = node.property::<String>("action").map(|given| given.value);
    let wrapper = node.property::<bool>("wrapper");
    if let Some(given) = wrapper.as_ref().filter(|given| !given.value && style == Style::Rpc) {
        let message = "in style=rpc the element of the operation's name is always there";
        node.report(Finding::error("no-wrapper", given.span, message).help("remove wrapper=, or style=rpc"));
    }
    let wrapper = wrapper.is_none_or(|given| given.value);
    node.finish();
    Some(DeclaredOperation { operation: operation?, name, action, wrapper })
}

impl DeclaredEndpoint for Declared {
    fn routes(&self, base: &str, compiling: &Compiling<'_>) -> Vec<Route> {
        let mut whole = true;
        let mut operations = Vec::new();
        for declared in &self.operations {
            let Some(operation) = compiling.operation(&declared.operation) else {
                whole = false;
                continue;
            };
            let name =
                declared.name.as_ref().map_or_else(|| operation.wire_name(), |name| name.value.clone());
            let action = declared.action.clone();
            operations.push(SoapOperation { operation, name, action, wrapper: declared.wrapper });
        }
        if !whole {
            return Vec::new();
        }
        let span =
            |index: usize| self.operations.get(index).map_or(self.span, |declared| declared.operation.span);
        let options = SoapOptions {
            namespace: self.namespace.clone(),
            names: self.names.clone(),
            description: self.description.clone(),
            style: self.style,
            mtom: self.mtom,
            neighbours: None,
            versions: self.versions.clone(),
            roles: self.roles.clone(),
            understands: self.understands.clone(),
            operations,
        };
        let Some(service) = made(Service::new(options), span, compiling) else { return Vec::new() };
        routes(&format!("{base}{}", self.path.value), &service, self.span, compiling)
    }
}
