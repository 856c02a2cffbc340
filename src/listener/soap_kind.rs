//! The `soap` protocol in the file: services of operations, by default and in an `api`.

use std::sync::Arc;

use hyper::Method;

use super::kinds::{Address, route};
use super::soap::{Clash, Index, Neighbours, Service, SoapOperation, SoapOptions, reason_against};
use super::{NAMESPACE, soap_declared};
use crate::kind::protocol::{ProtocolKind, Published};
use crate::kind::{Compiling, Manual};
use crate::pipeline::endpoint::Endpoint;
use crate::pipeline::router::Route;
use crate::soap::Version;
use crate::soap::header::Roles;
use crate::soap::mtom::Mtom;
use crate::source::{Finding, Span};
use crate::wsdl::{Names, Style};

/// The kind.
pub const KIND: ProtocolKind = ProtocolKind {
    manual: Manual {
        name: "soap",
        summary: "operations over SOAP 1.1 and 1.2, with their WSDL",
        usage: "soap PATH wsdl=FILE-or-URL [service=NAME] [port=NAME] [mtom=#true|#false] [mtom-threshold=SIZE] [intermediary=#true] { [wsdl FILE-or-URL { [hosts HOST...]; [auth basic user=NAME password=(env)NAME] }]; operation WSDL-OPERATION do=OPERATION ...; [role URI...]; [understand \"{NAMESPACE}NAME\"...] }\nsoap PATH [namespace=URI] [versions=\"1.1 1.2\"] [style=document|rpc] [service=NAME] [port=NAME] [binding=NAME] [mtom=#true|#false] [mtom-threshold=SIZE] [intermediary=#true] { [description TEXT]; operation OPERATION [as=NAME] [wrapper=#false] [action=URI] ...; [role URI...]; [understand \"{NAMESPACE}NAME\"...] }",
        text: "By default all operations of XML profiles are published as one service at /ws/soap, and at /ws/soap12 too: each \
               address answers both versions, a request in its own. The WSDL is at ?wsdl, with its schemas at ?xsd=N; \
               ?wsdl=single has all in one file, and at /ws/soap ?wsdl=all names the services of all apis. It shows what the caller may \
               use. A body holds an element of the operation's name around the input (document/literal wrapped), a list of \
               them in an element OBJECTList, and an answer in OBJECTResponseList; `wrapper=#false` leaves the outer element \
               out, so that the body holds the profile's root itself. With style=rpc the children of the profile's root are the parts: \
               such a root has no attributes, none of its children repeats, and there are no lists; a body in the encoding \
               of SOAP 1.1 or 1.2 is read too. Requests are told apart by the body's element; an action that is that of \
               another operation is refused. A request may come with attachments (SwA) or as MTOM: `soapstone explain attachments`. \
               The answer to one that came as MTOM, or that accepts it, has its base64Binary data of `mtom-threshold=` (0B) or more \
               in parts of its own; mtom=#true answers every request so, mtom=#false none. In an `api` the namespace, the service's name, the versions and the operations' \
               names (`as=`) can be chosen, so that clients of another service can be served. Header blocks that callers \
               may demand to be understood are those that the called operation declares (`header`), and those that \
               `understand` names, which the processes then take care of. `role` names roles that this node acts in beside those of SOAP itself. With \
               intermediary=#true messages go on from here: blocks without a role are not for this node, and the step `relay` \
               passes them on.\n\nWith wsdl= a contract that others wrote is served as it is: every operation of its SOAP ports, or of \
               those that `service=` and `port=` choose, is done by the operation that `do=` names, whose input and output are the \
               elements of the messages' bodies: profiles with xsd= of the same file and these roots. A message of style rpc is \
               the element of the operation's name. Requests are checked by the contract's schemas; an operation without an \
               answer there has no output here. At ?wsdl stands the file itself, with the addresses of its ports and the places of \
               its other files changed. `soapstone import wsdl FILE` writes a file to begin with. A contract at an address is read from \
               the cache, which `soapstone wsdl update` fills: `soapstone explain wsdl-cache`. A `wsdl` in the block stands for wsdl=, and \
               says what may be fetched.",
        example: "soap \"/soap\" namespace=\"urn:example:orders\" {\n    operation create-order as=placeOrder\n}",
    },
    prefix: "/ws/soap",
    publish,
    read: Some(soap_declared::read),
};

/// The name of a service that the file does not name.
pub(super) const NAME: &str = "SoapstoneService";

fn publish(published: &Published<'_>, compiling: &Compiling<'_>) -> Vec<Route> {
    let capable = published.operations.iter().filter(|operation| reason_against(operation).is_none());
    let operations: Vec<SoapOperation> = capable
        .map(|operation| SoapOperation {
            operation: operation.clone(),
            name: operation.wire_name(),
            action: None,
            wrapper: true,
        })
        .collect();
    let paths = match published.prefix {
        "" => vec!["/".to_owned()],
        prefix => vec![prefix.to_owned(), format!("{prefix}12")],
    };
    let neighbours = neighbours(published);
    if operations.is_empty() {
        return neighbours.map(|all| index(&paths, all, published, compiling)).unwrap_or_default();
    }
    let span = |index: usize| {
        let operation = operations.get(index).map(|operation| operation.operation.name.to_string());
        operation.and_then(|name| compiling.operations.span(&name)).unwrap_or(published.span)
    };
    let options = SoapOptions {
        namespace: NAMESPACE.to_owned(),
        names: Names::of(NAME),
        description: Default::default(),
        style: Style::Document,
        neighbours,
        versions: vec![Version::V11, Version::V12],
        roles: Roles::default(),
        understands: Vec::new(),
        mtom: Mtom::default(),
        operations: operations.clone(),
    };
    let Some(service) = made(Service::new(options), span, compiling) else { return Vec::new() };
    paths.into_iter().flat_map(|path| routes(&path, &service, published.span, compiling)).collect()
}

/// The services of a listener that apis publish, if there are any.
fn neighbours(published: &Published<'_>) -> Option<Arc<Neighbours>> {
    let services = published.others.iter().filter(|route| route.method == Method::GET);
    let services = services.filter(|route| route.endpoint.contract().is_some());
    let services: Vec<_> = services.map(|route| (route.path.clone(), route.endpoint.clone())).collect();
    (!services.is_empty()).then(|| Arc::new(Neighbours(services)))
}

/// The WSDL of a listener where all operations are published by apis.
fn index(
    paths: &[String],
    all: Arc<Neighbours>,
    published: &Published<'_>,
    compiling: &Compiling<'_>,
) -> Vec<Route> {
    let endpoint: Arc<dyn Endpoint> = Arc::new(Index(all));
    let free = |path: &&String| !published.others.iter().any(|route| route.path == **path);
    let one = |path: &String| {
        let serves = "WSDL of all services at ?wsdl";
        let address = Address {
            method: Method::GET,
            path: path.clone(),
            protocol: "soap",
            serves,
            span: published.span,
        };
        route(address, &endpoint, compiling)
    };
    paths.iter().take(1).filter(free).map(one).collect()
}

/// A service that could be made; each clash is a finding at its operation.
pub(super) fn made(
    service: Result<Service, Vec<Clash>>,
    span: impl Fn(usize) -> Span,
    compiling: &Compiling<'_>,
) -> Option<Arc<Service>> {
    match service {
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

pub(super) fn routes(
    path: &str,
    service: &Arc<Service>,
    span: Span,
    compiling: &Compiling<'_>,
) -> Vec<Route> {
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
