//! `listener`: where the gateway listens, who may call there, and what a stranger may send.

use std::net::SocketAddr;
use std::time::Duration;

use ipnet::IpNet;

use super::users::networks;
use crate::kind::Kinds;
use crate::kind::scheme::DeclaredScheme;
use crate::pipeline::gateway::ListenerBounds;
use crate::source::{Finding, Span, Spanned};
use crate::syntax::{Bytes, Node, Secret};

/// A `listener` declaration.
#[derive(Debug)]
pub struct DeclaredListener {
    /// Its name.
    pub name: Spanned<String>,
    /// Where it is bound.
    pub bind: Option<Spanned<SocketAddr>>,
    /// TLS.
    pub tls: Option<DeclaredTls>,
    /// The schemes behind `auth`.
    pub auth: Vec<DeclaredAuth>,
    /// The addresses that may call.
    pub allow: Option<Vec<IpNet>>,
    /// The proxies whose `X-Forwarded-*` are believed.
    pub trusted: Vec<IpNet>,
    /// What a stranger may send.
    pub bounds: ListenerBounds,
    /// The prefixes that `paths` sets, by protocol.
    pub paths: Vec<(&'static str, Spanned<String>)>,
    /// Whether a part could not be read: it may have been `auth`.
    pub broken: bool,
}

/// An `auth` of a listener.
#[derive(Debug)]
pub struct DeclaredAuth {
    /// The scheme's word.
    pub word: Spanned<String>,
    /// What it says; `None` with mistakes.
    pub scheme: Option<Box<dyn DeclaredScheme>>,
}

/// The `tls` of a listener.
#[derive(Debug)]
pub struct DeclaredTls {
    /// The file of the certificate chain, PEM.
    pub certificate: Spanned<String>,
    /// The private key itself, PEM.
    pub key: Spanned<Secret>,
    /// The file of the authorities that sign clients' certificates.
    pub client_ca: Option<Spanned<String>>,
    /// Whether a client must show a certificate.
    pub client_required: bool,
    /// Where it stands.
    pub span: Span,
}

/// The most that `depth=` may be: trees are walked recursively, on a worker's stack.
const DEEPEST: usize = 1000;

const WORDS: [&str; 5] = ["tls", "auth", "allow", "limits", "paths"];

/// Reads `listener NAME bind=ADDRESS { ... }`.
pub fn read(mut node: Node<'_>, kinds: &Kinds) -> Option<DeclaredListener> {
    let name = node.argument("name");
    let bind = node.required("bind");
    let mut listener = DeclaredListener {
        name: name.unwrap_or_else(|| Spanned::new(String::new(), node.name_span())),
        bind,
        tls: None,
        auth: Vec::new(),
        allow: None,
        trusted: trusted(&mut node),
        bounds: ListenerBounds::default(),
        paths: Vec::new(),
        broken: false,
    };
    for mut child in node.parts(&["tls", "allow", "limits", "paths"]) {
        match child.name() {
            "tls" => listener.tls = tls(child),
            "auth" => {
                let auth = auth(child, kinds);
                listener.broken |= auth.is_none();
                listener.auth.extend(auth);
            }
            "allow" => {
                listener.allow = Some(networks(&mut child));
                child.finish();
            }
            "limits" => limits(child, &mut listener.bounds),
            "paths" => listener.paths = paths(child, kinds),
            _ => {
                child.unknown("unknown-word", "a part of `listener`", WORDS);
                listener.broken = true;
            }
        }
    }
    node.finish();
    (!listener.name.value.is_empty()).then_some(listener)
}

/// `trust-proxy="10.0.0.1 10.1.0.0/16"`.
fn trusted(node: &mut Node<'_>) -> Vec<IpNet> {
    let Some(given) = node.property::<String>("trust-proxy") else { return Vec::new() };
    let parse = |text: &str| {
        text.parse::<IpNet>().or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from)).ok()
    };
    let mut nets = Vec::new();
    for word in given.value.split_whitespace() {
        match parse(word) {
            Some(net) => nets.push(net),
            None => {
                let finding = Finding::error(
                    "wrong-value",
                    given.span,
                    format!("`{word}` is not an address or network"),
                );
                node.report(finding.label("expected addresses or networks, separated by spaces"));
            }
        }
    }
    nets
}

fn tls(mut node: Node<'_>) -> Option<DeclaredTls> {
    let span = node.name_span();
    let (certificate, key) = (node.required("cert"), node.required("key"));
    let (mut client_ca, mut client_required) = (None, true);
    for mut child in node.parts(&["client-ca"]) {
        if child.name() == "client-ca" {
            client_ca = child.argument("path");
            client_required = child.property::<bool>("require").is_none_or(|given| given.value);
            child.finish();
        } else {
            child.unknown("unknown-word", "a part of `tls`", ["client-ca"]);
        }
    }
    node.finish();
    Some(DeclaredTls { certificate: certificate?, key: key?, client_ca, client_required, span })
}

fn auth(mut node: Node<'_>, kinds: &Kinds) -> Option<DeclaredAuth> {
    let word = node.argument::<String>("scheme")?;
    let Some(kind) = kinds.schemes.iter().find(|kind| kind.manual.name == word.value) else {
        let message = format!("`{}` is not an authentication scheme", word.value);
        let known = kinds.schemes.iter().map(|kind| kind.manual.name);
        node.report(Finding::error("unknown-scheme", word.span, message).suggest(&word.value, known));
        return Some(DeclaredAuth { word, scheme: None });
    };
    let scheme = (kind.read)(node);
    Some(DeclaredAuth { word, scheme })
}

fn limits(mut node: Node<'_>, bounds: &mut ListenerBounds) {
    let mut size = |name, slot: &mut usize| {
        if let Some(given) = node.property::<Bytes>(name) {
            *slot = given.value.0;
        }
    };
    size("body", &mut bounds.body);
    size("header", &mut bounds.header);
    size("part", &mut bounds.document.part);
    let mut number = |name, slot: &mut usize, most: usize| {
        let Some(given) = node.property::<usize>(name) else { return };
        if given.value == 0 {
            let message = format!("`{name}=` of 0 would refuse everything");
            node.report(Finding::error("zero-limit", given.span, message));
        } else if given.value > most {
            let message = format!("`{name}=` is at most {most}");
            node.report(Finding::error("high-limit", given.span, message));
        }
        *slot = given.value;
    };
    number("fields", &mut bounds.fields, 10_000);
    number("connections", &mut bounds.connections, 1_000_000);
    number("depth", &mut bounds.document.depth, DEEPEST);
    number("elements", &mut bounds.document.elements, 100_000_000);
    number("attributes", &mut bounds.document.attributes, 100_000);
    number("parts", &mut bounds.document.parts, 100_000);
    let mut time = |name, slot: &mut Duration| {
        if let Some(given) = node.property::<Duration>(name) {
            if given.value.is_zero() {
                node.report(Finding::error(
                    "zero-limit",
                    given.span,
                    format!("`{name}=` of 0 would refuse everything"),
                ));
            }
            *slot = given.value;
        }
    };
    time("idle", &mut bounds.idle);
    time("request", &mut bounds.request);
    time("head", &mut bounds.head);
    node.finish();
}

fn paths(mut node: Node<'_>, kinds: &Kinds) -> Vec<(&'static str, Spanned<String>)> {
    let mut paths = Vec::new();
    for kind in kinds.protocols {
        let Some(given) = node.property::<String>(kind.manual.name) else { continue };
        if !given.value.starts_with('/') {
            let finding = Finding::error(
                "bad-prefix",
                given.span,
                format!("`{}` does not begin with `/`", given.value),
            );
            node.report(
                finding.help("a prefix is the start of a path, such as \"/ws/soap\"; \"/\" is the root"),
            );
            continue;
        }
        paths.push((kind.manual.name, given));
    }
    node.finish();
    paths
}
