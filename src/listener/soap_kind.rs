//! The `soap` protocol in the file: services of operations, by default and in an `api`.

use std::sync::Arc;

use hyper::Method;

use super::NAMESPACE;
use super::kinds::{Address, path, route};
use super::soap::{Clash, Mtom, Service, SoapOperation, SoapOptions, reason_against};
use crate::document::tree::Name;
use crate::kind::protocol::{DeclaredEndpoint, ProtocolKind, Published};
use crate::kind::{Compiling, Manual};
use crate::pipeline::endpoint::Endpoint;
use crate::pipeline::router::Route;
use crate::soap::Version;
use crate::soap::header::Roles;
use crate::source::{Finding, Span, Spanned};
use crate::syntax::{Bytes, Node};
use crate::xml::is_ncname;

/// The kind.
pub const KIND: ProtocolKind = ProtocolKind {
    manual: Manual {
        name: "soap",
        summary: "operations over SOAP 1.1 and 1.2, with their WSDL",
        usage: "soap PATH [namespace=URI] [versions=\"1.1 1.2\"] [service=NAME] [mtom=#true|#false] [mtom-threshold=SIZE] [intermediary=#true] { operation OPERATION [as=NAME] [wrapper=#false] ...; [role URI...]; [understand \"{NAMESPACE}NAME\"...] }",
        text: "By default all operations of XML profiles are published as one service at /ws/soap, and at /ws/soap12 too: each \
               address answers both versions, a request in its own. The WSDL is at ?wsdl. A body holds an element of the \
               operation's name around the input (document/literal wrapped); `wrapper=#false` leaves it out, so that the \
               body holds the profile's root itself. Requests are told apart by the body's element; SOAPAction is \
               compared when it is there. A request may come with attachments (SwA) or as MTOM: `soapstone explain attachments`. \
               The answer to one that came as MTOM, or that accepts it, has its base64Binary data of `mtom-threshold=` (0B) or more \
               in parts of its own; mtom=#true answers every request so, mtom=#false none. In an `api` the namespace, the service's name, the versions and the operations' \
               names (`as=`) can be chosen, so that clients of another service can be served. Header blocks that must be \
               understood are those that the called operation declares (`header`), and those that `understand` names, which \
               the processes then take care of. `role` names roles that this node acts in beside those of SOAP itself. With \
               intermediary=#true messages go on from here: blocks without a role are not for this node, and the step `relay` \
               passes them on.",
        example: "soap \"/soap\" namespace=\"urn:example:orders\" {\n    operation create-order as=placeOrder\n}",
    },
    prefix: "/ws/soap",
    publish,
    read: Some(read),
};

/// The name of a service that the file does not name.
const SERVICE: &str = "SoapstoneService";

const VERSIONS: &[(&str, Version)] = &[("1.1", Version::V11), ("1.2", Version::V12)];

fn publish(published: &Published<'_>, compiling: &Compiling<'_>) -> Vec<Route> {
    let capable = published.operations.iter().filter(|operation| reason_against(operation).is_none());
    let operations: Vec<SoapOperation> = capable
        .map(|operation| SoapOperation {
            operation: operation.clone(),
            name: operation.wire_name(),
            wrapper: true,
        })
        .collect();
    if operations.is_empty() {
        return Vec::new();
    }
    let span = |index: usize| {
        let operation = operations.get(index).map(|operation| operation.operation.name.to_string());
        operation.and_then(|name| compiling.operations.span(&name)).unwrap_or(published.span)
    };
    let options = SoapOptions {
        namespace: NAMESPACE.to_owned(),
        service: SERVICE.to_owned(),
        versions: vec![Version::V11, Version::V12],
        roles: Roles::default(),
        understands: Vec::new(),
        mtom: Mtom::default(),
        operations: operations.clone(),
    };
    let Some(service) = service(options, span, compiling) else { return Vec::new() };
    let paths = match published.prefix {
        "" => vec!["/".to_owned()],
        prefix => vec![prefix.to_owned(), format!("{prefix}12")],
    };
    paths.into_iter().flat_map(|path| routes(&path, &service, published.span, compiling)).collect()
}

/// Makes the service; each clash is a finding at its operation.
fn service(
    options: SoapOptions,
    span: impl Fn(usize) -> Span,
    compiling: &Compiling<'_>,
) -> Option<Arc<Service>> {
    match Service::new(options) {
        Ok(service) => Some(Arc::new(service)),
        Err(clashes) => {
            for Clash { operation, other, message } in clashes {
                let finding = Finding::error("soap-clash", span(operation), message);
                compiling.report(match other {
                    Some(other) => finding.also(span(other), "the other one is here"),
                    None => finding,
                });
            }
            None
        }
    }
}

fn routes(path: &str, service: &Arc<Service>, span: Span, compiling: &Compiling<'_>) -> Vec<Route> {
    let endpoint: Arc<dyn Endpoint> = service.clone();
    let serves = |method: &Method| match *method {
        Method::GET => "WSDL at ?wsdl".to_owned(),
        _ => service.names().join(", "),
    };
    let one = |method: &Method| {
        let address = Address {
            method: method.clone(),
            path: path.to_owned(),
            protocol: "soap",
            serves: &serves(method),
            span,
        };
        route(address, &endpoint, compiling)
    };
    Service::methods().iter().map(one).collect()
}

#[derive(Debug)]
struct Declared {
    path: Spanned<String>,
    namespace: String,
    versions: Vec<Version>,
    service: String,
    roles: Roles,
    understands: Vec<Name>,
    mtom: Mtom,
    operations: Vec<DeclaredOperation>,
    span: Span,
}

#[derive(Debug)]
struct DeclaredOperation {
    operation: Spanned<String>,
    name: Option<Spanned<String>>,
    wrapper: bool,
}

fn read(mut node: Node<'_>) -> Option<Box<dyn DeclaredEndpoint>> {
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
    let service = node.property::<String>("service");
    if let Some(given) = service.as_ref().filter(|given| !is_ncname(&given.value)) {
        node.report(Finding::error(
            "bad-name",
            given.span,
            format!("`{}` cannot be a service's name", given.value),
        ));
    }
    let mtom = mtom(&mut node);
    let is_intermediary = node.property::<bool>("intermediary").is_some_and(|given| given.value);
    let mut roles = Roles { is_intermediary, ..Roles::default() };
    let (mut operations, mut understands) = (Vec::new(), Vec::new());
    for mut child in node.children() {
        match child.name() {
            "operation" => operations.extend(operation(child)),
            "role" => {
                roles.named.extend(child.arguments::<String>("URI").into_iter().map(|role| role.value));
                child.finish();
            }
            "understand" => understands.extend(understand(child)),
            _ => child.unknown("unknown-word", "a part of `soap`", ["operation", "role", "understand"]),
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
        mtom,
        service: service.map_or_else(|| SERVICE.to_owned(), |given| given.value),
        roles,
        understands,
        operations,
        span,
    }))
}

/// `mtom=#true mtom-threshold="1KiB"`.
fn mtom(node: &mut Node<'_>) -> Mtom {
    let always = node.property::<bool>("mtom");
    let threshold = node.property::<Bytes>("mtom-threshold");
    if let (Some(Spanned { value: false, .. }), Some(given)) = (&always, &threshold) {
        let message = "no answer goes out as MTOM here: there is nothing to bound";
        let finding = Finding::error("unused-threshold", given.span, message);
        node.report(finding.help("remove mtom-threshold=, or mtom=#false"));
    }
    Mtom { always: always.map(|given| given.value), threshold: threshold.map_or(0, |given| given.value.0) }
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
    if versions.is_empty() { vec![Version::V11, Version::V12] } else { versions }
}

/// Reads `understand "{NAMESPACE}NAME"...`: header blocks that the processes take care of.
fn understand(mut node: Node<'_>) -> Vec<Name> {
    let mut names = Vec::new();
    for given in node.arguments::<String>("header block's name") {
        match given.value.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
            Some((namespace, local)) if !namespace.is_empty() && is_ncname(local) => {
                names.push(Name::qualified(namespace, local));
            }
            _ => {
                let message = format!("`{}` is not the name of a header block", given.value);
                let finding = Finding::error("bad-name", given.span, message);
                node.report(finding.help("write it as \"{urn:example:crm}Session\": it is in a namespace"));
            }
        }
    }
    node.finish();
    names
}

fn operation(mut node: Node<'_>) -> Option<DeclaredOperation> {
    let operation = node.argument("operation's name");
    let name = node.property::<String>("as");
    if let Some(given) = name.as_ref().filter(|given| !is_ncname(&given.value)) {
        node.report(Finding::error(
            "bad-name",
            given.span,
            format!("`{}` cannot be an operation's name", given.value),
        ));
    }
    let wrapper = node.property::<bool>("wrapper").is_none_or(|given| given.value);
    node.finish();
    Some(DeclaredOperation { operation: operation?, name, wrapper })
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
            operations.push(SoapOperation { operation, name, wrapper: declared.wrapper });
        }
        if !whole {
            return Vec::new();
        }
        let span =
            |index: usize| self.operations.get(index).map_or(self.span, |declared| declared.operation.span);
        let options = SoapOptions {
            namespace: self.namespace.clone(),
            service: self.service.clone(),
            versions: self.versions.clone(),
            roles: self.roles.clone(),
            understands: self.understands.clone(),
            mtom: self.mtom,
            operations,
        };
        let Some(service) = service(options, span, compiling) else { return Vec::new() };
        routes(&format!("{base}{}", self.path.value), &service, self.span, compiling)
    }
}
