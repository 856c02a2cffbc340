//! What stands in the block of a `server`.

use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::StatusCode;
use hyper::header::{HeaderName, HeaderValue};

use super::credentials::DeclaredCredentials;
use crate::client::{Address, Breaker, On, Proxy, Retry};
use crate::connector::trust::DeclaredTrust;
use crate::kind::contract::RemoteContract;
use crate::kind::contract_source;
use crate::kind::schemas::Schemas;
use crate::pipeline::systems::NOT_GIVEN;
use crate::soap::Version;
use crate::source::{Finding, Spanned};
use crate::syntax::{Bytes, Literal, Node, Secret};

/// The parts of a `server`, each with what holds without it.
#[derive(Debug)]
pub struct Parts {
    pub contract: Option<Arc<RemoteContract>>,
    pub credentials: Option<DeclaredCredentials>,
    pub trust: Option<DeclaredTrust>,
    pub proxy: Option<Arc<Proxy>>,
    pub headers: Vec<(HeaderName, HeaderValue)>,
    pub connect: Duration,
    pub first_byte: Option<Duration>,
    pub total: Duration,
    pub retry: Retry,
    pub breaker: Option<Breaker>,
    pub idle: usize,
    pub idle_time: Duration,
    pub body: usize,
    pub head: usize,
    broken: bool,
}

/// The words in the block.
const WORDS: &[&str] =
    &["wsdl", "auth", "tls", "proxy", "header", "timeout", "retry", "breaker", "pool", "limits"];

/// The words that may stand once.
const ONCE: &[&str] = &["wsdl", "auth", "tls", "proxy", "timeout", "retry", "breaker", "pool", "limits"];

impl Parts {
    /// Reads the block; `None` after findings.
    pub fn read(node: &mut Node<'_>) -> Option<Self> {
        let mut parts = Self {
            contract: None,
            credentials: None,
            trust: None,
            proxy: None,
            headers: Vec::new(),
            connect: Duration::from_secs(5),
            first_byte: None,
            total: super::TOTAL,
            retry: Retry::default(),
            breaker: None,
            idle: 32,
            idle_time: Duration::from_secs(15),
            body: 10 << 20,
            head: 64 << 10,
            broken: false,
        };
        for child in node.parts(ONCE) {
            match child.name() {
                "wsdl" => parts.contract = parts.whole(contract(child)),
                "auth" => parts.credentials = parts.whole(DeclaredCredentials::read(child)),
                "tls" => parts.trust = parts.whole(DeclaredTrust::read(child)),
                "proxy" => parts.proxy = parts.whole(proxy(child)),
                "header" => {
                    let header = parts.whole(header(child));
                    parts.headers.extend(header);
                }
                "timeout" => parts.timeout(child),
                "retry" => {
                    if let Some(retry) = parts.whole(retry(child)) {
                        parts.retry = retry;
                    }
                }
                "breaker" => parts.breaker = parts.whole(breaker(child)),
                "pool" => parts.pool(child),
                "limits" => parts.limits(child),
                _ => {
                    child.unknown("unknown-word", "a part of `server`", WORDS.iter().copied());
                    parts.broken = true;
                }
            }
        }
        (!parts.broken).then_some(parts)
    }

    /// Notes a part that could not be read.
    fn whole<T>(&mut self, part: Option<T>) -> Option<T> {
        self.broken |= part.is_none();
        part
    }

    fn timeout(&mut self, mut node: Node<'_>) {
        let total = node.argument::<Duration>("duration");
        let (connect, first) =
            (node.property::<Duration>("connect"), node.property::<Duration>("first-byte"));
        for given in [&total, &connect, &first].into_iter().flatten().filter(|given| given.value.is_zero()) {
            let finding = Finding::error("bad-timeout", given.span, "no call is answered in no time");
            node.report(finding.help("say how long it may take, such as \"5s\""));
            self.broken = true;
        }
        node.finish();
        self.broken |= total.is_none();
        self.total = total.map_or(self.total, |given| given.value);
        self.connect = connect.map_or(self.connect, |given| given.value).min(self.total);
        self.first_byte = first.map(|given| given.value);
    }

    fn pool(&mut self, mut node: Node<'_>) {
        let (idle, time) = (node.required::<usize>("idle"), node.property::<Duration>("time"));
        node.finish();
        self.broken |= idle.is_none();
        self.idle = idle.map_or(self.idle, |given| given.value.min(10_000));
        self.idle_time = time.map_or(self.idle_time, |given| given.value);
    }

    fn limits(&mut self, mut node: Node<'_>) {
        let (body, head) = (node.property::<Bytes>("body"), node.property::<Bytes>("header"));
        node.finish();
        self.body = body.map_or(self.body, |given| given.value.0);
        self.head = head.map_or(self.head, |given| given.value.0);
    }
}

/// Reads `wsdl FILE-or-URL`.
fn contract(mut node: Node<'_>) -> Option<Arc<RemoteContract>> {
    let (service, port) = (node.property("service"), node.property("port"));
    let version = match node.property::<String>("version") {
        None => None,
        Some(given) => match Version::ALL.iter().find(|version| version.as_str() == given.value) {
            Some(version) => Some(*version),
            None => {
                let finding = Finding::error("wrong-value", given.span, "this is no version of SOAP");
                node.report(finding.label("expected \"1.1\" or \"1.2\""));
                return None;
            }
        },
    };
    let reading = node.reading;
    let name = contract_source::read(node)?;
    let schemas = Schemas::read(reading, std::slice::from_ref(&name));
    if schemas.contracts.is_empty() && !schemas.is_wrong() {
        let message = format!("`{}` is no WSDL 1.1", name.value);
        let finding = Finding::error("no-wsdl", name.span, message);
        reading.report(finding.help(
            "a contract begins with <definitions> in the namespace of WSDL 1.1; is it a page, or a schema?",
        ));
        return None;
    }
    Some(Arc::new(RemoteContract { schemas, span: name.span, service, port, version }))
}

fn proxy(mut node: Node<'_>) -> Option<Arc<Proxy>> {
    let url = node.argument::<Literal>("URL");
    let (user, password) = (node.property::<String>("user"), node.property::<Secret>("password"));
    let span = node.name_span();
    if user.is_some() != password.is_some() {
        node.report(Finding::error("missing-property", span, "`proxy` needs user= and password= together"));
        return None;
    }
    let url = url?;
    let address = match Address::parse(&url.value.text) {
        Ok(address) if !address.tls && address.base.is_empty() => address,
        Ok(_) => {
            let message = "a proxy is a host and a port that are spoken to in plain text";
            node.report(
                Finding::error("bad-url", url.span, message).help("proxy \"http://proxy.example.com:3128\""),
            );
            return None;
        }
        Err(why) => {
            node.report(Finding::error("bad-url", url.span, "this is not the URL of a proxy").help(why));
            return None;
        }
    };
    let pair = user.zip(password);
    let authorization = pair.map(|(user, password)| Secret::new(basic(&user.value, &password.value)));
    node.finish();
    Some(Arc::new(Proxy { address, authorization }))
}

/// The value of `Authorization` for a name and a password (RFC 7617).
pub fn basic(user: &str, password: &Secret) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{}", password.reveal())))
}

/// The name of a field that requests may be given; `None` after a finding.
fn field_name(node: &Node<'_>, name: &Spanned<String>) -> Option<HeaderName> {
    match HeaderName::from_str(&name.value) {
        Ok(found) if !NOT_GIVEN.contains(&found.as_str()) => Some(found),
        Ok(_) => {
            let message = format!("`{}` is a field of the connection, which is made here", name.value);
            node.report(Finding::error("bad-header", name.span, message).help("remove it"));
            None
        }
        Err(_) => {
            let message = format!("`{}` is not the name of a header field", name.value);
            node.report(Finding::error("bad-header", name.span, message));
            None
        }
    }
}

fn header(mut node: Node<'_>) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = (node.argument::<String>("name"), node.required::<Literal>("value"));
    let name = name.and_then(|name| field_name(&node, &name));
    let value = value.and_then(|given| {
        let value = HeaderValue::from_str(&given.value.text).ok();
        if value.is_none() {
            let message = "this is not the value of a header field: it holds a control character";
            node.report(Finding::error("bad-header", given.span, message));
        }
        let mut value = value?;
        value.set_sensitive(given.value.is_outside);
        Some(value)
    });
    node.finish();
    Some((name?, value?))
}

/// The most further attempts.
const MOST_RETRIES: u32 = 10;

fn retry(mut node: Node<'_>) -> Option<Retry> {
    let times = node.argument::<u32>("number");
    let backoff = node.property::<Duration>("backoff");
    let on = node.property::<String>("on");
    let any = node.property::<bool>("any").is_some_and(|given| given.value);
    let known = Retry::default();
    if let Some(times) = times.as_ref().filter(|times| times.value > MOST_RETRIES) {
        let finding = Finding::error("too-many-retries", times.span, format!("{} are too many", times.value));
        node.report(finding.label(format!("expected at most {MOST_RETRIES}")));
        return None;
    }
    let on = match on {
        None => Some(known.on),
        Some(given) => conditions(&node, &given),
    };
    node.finish();
    let backoff = backoff.map_or(known.backoff, |given| given.value);
    Some(Retry { times: times?.value, backoff, on: on?, any })
}

fn conditions(node: &Node<'_>, given: &Spanned<String>) -> Option<Vec<On>> {
    let mut all = Vec::new();
    for word in given.value.split_whitespace() {
        let status = |word: &str| word.parse().ok().filter(|s: &StatusCode| (400..600).contains(&s.as_u16()));
        all.push(match (word, status(word)) {
            ("connect", _) => On::Connect,
            ("lost", _) => On::Lost,
            ("timeout", _) => On::Timeout,
            (_, Some(status)) => On::Status(status),
            _ => {
                let message = format!("`{word}` is nothing after which a call is tried again");
                let finding = Finding::error("wrong-value", given.span, message);
                let finding = finding.suggest(word, ["connect", "lost", "timeout"]);
                node.report(finding.label("expected connect, lost, timeout or statuses from 400 to 599"));
                return None;
            }
        });
    }
    Some(all)
}

fn breaker(mut node: Node<'_>) -> Option<Breaker> {
    let (failures, open) = (node.required::<u32>("failures"), node.required::<Duration>("open"));
    if let Some(given) = failures.as_ref().filter(|given| given.value == 0) {
        let finding =
            Finding::error("wrong-value", given.span, "after no failure nothing would ever be called");
        node.report(finding.label("expected at least 1"));
        return None;
    }
    node.finish();
    Some(Breaker { failures: failures?.value, open: open?.value })
}
