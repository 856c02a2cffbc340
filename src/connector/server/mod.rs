//! The `server` connector: a system that is called over HTTP, for any number of steps.

mod credentials;
mod parts;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use self::credentials::DeclaredCredentials;
use self::parts::Parts;
use super::addresses::Addressed;
use super::trust::DeclaredTrust;
use crate::client::{self, Address, Endpoint, Times, Way};
use crate::kind::connector::{ConnectorKind, DeclaredConnector};
use crate::kind::contract::RemoteContract;
use crate::kind::{Compiling, Manual};
use crate::pipeline::systems::System;
use crate::source::{Finding, Span, Spanned};
use crate::syntax::{Literal, Node};

/// The kind.
pub const KIND: ConnectorKind = ConnectorKind {
    manual: Manual {
        name: "server",
        summary: "a system that is called over HTTP",
        usage: "server NAME [url=URLS] {\n    [wsdl FILE-or-URL [service=NAME] [port=NAME] [version=\"1.1\"|\"1.2\"] [{ [hosts HOST...]; [auth basic user=NAME password=(env)NAME] }]];\n    [auth basic user=NAME password=(env)NAME | auth bearer token=(env)NAME\n     | auth oauth2 token-url=URL client-id=TEXT client-secret=(env)NAME [scope=TEXT]];\n    [tls [ca=PATH] [cert=PATH key=(file)PATH] [pin=SHA256] [name=HOST]]; [proxy URL [user=NAME password=(env)NAME]];\n    [header NAME value=TEXT] ...; [timeout TIME [connect=TIME] [first-byte=TIME]];\n    [retry N [backoff=TIME] [on=CONDITIONS] [any=#true]]; [breaker failures=N open=TIME];\n    [pool idle=N [time=TIME]]; [limits [body=SIZE] [header=SIZE]] }",
        text: "One definition for any number of calls. `wsdl` names its contract, for the step `soap`, a file or an address (`soapstone explain wsdl-cache`): the port that is meant is chosen by \
               service=, port= and version=, and url= goes before the address in it, which counts without one. The path of a call is put behind the URL's, \
               and its query behind the URL's, with `&` between them. Several URLs, with spaces \
               between them, are called in turn; one that fails 5 times in a row, or as `breaker` says, is left alone for \
               10 seconds, and a call that finds no connection goes to the next. \
               `auth` is what the server is shown: oauth2 asks for a token by client credentials (RFC 6749), keeps it \
               until shortly before its end, and asks for another when it is refused. `tls` names the authorities that are \
               trusted, those of browsers without ca=, the certificate that this side shows, the SHA-256 of the public key that \
               the other side must have (in Base64, several with spaces between), and the name in its certificate where \
               that is not the URL's. `proxy` is connected through (CONNECT). `header` goes with every request. \
               `timeout` (\"30s\") is the time of one attempt, connect= (\"5s\") and first-byte= of its parts; \
               the time of all attempts is bounded by that of the step and of the request. `retry` tries again, waiting \
               backoff= (\"200ms\") at most and half of it at least, twice as long before each next attempt: \
               on= says after what: connect (there was no connection), lost (it broke, or the answer is no HTTP), timeout, and statuses; \
               \"connect lost 502 503 504\" without it. What the server may have worked on is sent again only with a method \
               that allows it (GET, HEAD, OPTIONS, PUT, DELETE), or with any=#true. A Retry-After is kept. All calls of a \
               server together repeat a fifth of what they send, so that a server that is down is not called several \
               times as often. `breaker`: after so many failed attempts in a row, those of `retry` counted too, which are no answer and the statuses 502 \
               to 504, calls fail at once for `open`; then one call tries, and its success lets the others follow. \
               `pool idle=` (32) connections to each address are kept on every worker, for time= (\"15s\"). `limits` \
               bounds answers: body= (10MiB), also when unpacked, and header= (64KiB); less than 8 KiB for header= counts as 8 KiB.",
        example: "server billing url=(env)BILLING_URL {\n    auth basic user=soapstone password=(env)BILLING_PASSWORD\n    timeout \"5s\" connect=\"1s\"\n    retry 2 backoff=\"100ms\"\n    breaker failures=5 open=\"30s\"\n}",
    },
    read,
};

const ADDRESSED: Addressed =
    Addressed { name: "server", example: "https://crm.example.com/services", parse: Address::parse };

#[derive(Debug)]
struct Declared {
    urls: Option<Spanned<Literal>>,
    span: Span,
    parts: Parts,
}

fn read(mut node: Node<'_>) -> Option<Box<dyn DeclaredConnector>> {
    let span = node.name_span();
    let parts = Parts::read(&mut node);
    let has_contract = parts.as_ref().is_none_or(|parts| parts.contract.is_some());
    // A contract says where its service is.
    let urls = if has_contract { node.property("url") } else { node.required("url") };
    node.finish();
    let parts = parts?;
    let is_whole = urls.is_some() || (parts.contract.is_some());
    is_whole.then(|| -> Box<dyn DeclaredConnector> { Box::new(Declared { urls, span, parts }) })
}

impl Declared {
    fn addresses(&self, compiling: &Compiling<'_>) -> Option<Vec<Address>> {
        match &self.urls {
            Some(urls) => ADDRESSED.read(urls, compiling),
            None => self.port(compiling).map(|address| vec![address]),
        }
    }

    /// The address that the contract says.
    fn port(&self, compiling: &Compiling<'_>) -> Option<Address> {
        let contract = self.parts.contract.as_ref()?;
        let endpoints = contract.endpoints(compiling)?;
        let mut found: Vec<&str> = endpoints
            .iter()
            .filter_map(|endpoint| endpoint.port?.1.address.as_deref())
            .map(str::trim)
            .collect();
        found.dedup();
        let (message, help) = match found.as_slice() {
            [one] => match Address::parse(one) {
                Ok(address) => return Some(address),
                Err(_) => (
                    "the address in the WSDL cannot be called",
                    "say where the service is: url=\"https://...\"",
                ),
            },
            [] => ("the WSDL says no address", "say where the service is: url=\"https://...\""),
            _ => (
                "the ports of the WSDL have several addresses",
                "choose one: wsdl PATH port=NAME, or url=\"https://...\"",
            ),
        };
        compiling.report(Finding::error("bad-url", self.span, message).help(help));
        None
    }

    /// What is said of TLS where nothing is called over it, and the other way round.
    fn check_tls(&self, addresses: &[Address], compiling: &Compiling<'_>) {
        let Some(trust) = &self.parts.trust else { return };
        if !addresses.iter().any(|address| address.tls) {
            let message = "none of the URLs begins with https://, so nothing is spoken over TLS";
            compiling.report(
                Finding::error("no-tls", trust.span, message)
                    .help("remove `tls`, or write the URL with https://"),
            );
        }
    }

    /// Credentials that anybody on the way can read.
    fn check_secrets(&self, addresses: &[Address], compiling: &Compiling<'_>) {
        let open = |address: &Address| !address.tls && !address.is_local();
        if let Some(auth) = self.parts.credentials.as_ref().filter(|_| addresses.iter().any(open)) {
            let message = "the credentials go over the network as plain text";
            let finding = Finding::warning("open-credentials", auth.span, message);
            compiling.report(finding.help("call the server by https://"));
        }
    }
}

impl DeclaredConnector for Declared {
    fn contract(&self) -> Option<Arc<RemoteContract>> {
        self.parts.contract.clone()
    }

    fn compile(&self, name: &Spanned<String>, compiling: &Compiling<'_>) -> Option<System> {
        let parts = &self.parts;
        let addresses = self.addresses(compiling);
        let trust = parts.trust.as_ref();
        let settings = DeclaredTrust::settings(trust, compiling);
        let addresses = addresses?;
        self.check_tls(&addresses, compiling);
        self.check_secrets(&addresses, compiling);
        let way = Way {
            tls: settings?,
            name: trust.and_then(|trust| trust.name.clone()),
            proxy: parts.proxy.clone(),
            time: parts.connect,
            head: parts.head,
        };
        let identity = format!(
            "{} {}",
            parts.proxy.as_ref().map(|proxy| proxy.identity()).unwrap_or_default(),
            trust.map(DeclaredTrust::identity).unwrap_or_default()
        );
        let credentials = DeclaredCredentials::compile(
            parts.credentials.as_ref(),
            &name.value,
            (&addresses, &identity),
            &way,
            compiling,
        )?;
        let server = client::Server {
            name: Arc::from(name.value.as_str()),
            endpoints: addresses.into_iter().map(|address| Endpoint::new(address, &identity)).collect(),
            way,
            credentials,
            headers: parts.headers.clone(),
            times: Times { first_byte: parts.first_byte, total: parts.total },
            retry: parts.retry.clone(),
            breaker: parts.breaker,
            body: parts.body,
            idle: parts.idle,
            idle_time: parts.idle_time,
            state: OnceLock::new(),
        };
        Some(System::Server(Arc::new(server)))
    }
}

/// The time of an attempt, where the file does not say.
const TOTAL: Duration = Duration::from_secs(30);
