//! The `broker` connector: where messages are published, for any number of steps.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};

use super::addresses::Addressed;
use super::trust::DeclaredTrust;
use crate::broker::{self, Credentials, UserKey, parse_address};
use crate::client::Address;
use crate::kind::connector::{ConnectorKind, DeclaredConnector};
use crate::kind::{Compiling, Manual};
use crate::pipeline::systems::System;
use crate::source::{Finding, Span, Spanned};
use crate::syntax::{Literal, Node, Secret};

/// The kind.
pub const KIND: ConnectorKind = ConnectorKind {
    manual: Manual {
        name: "broker",
        summary: "where messages are published (NATS)",
        usage: "broker NAME url=URLS {\n    [auth user=NAME password=(env)NAME | auth token=(env)NAME | auth credentials=(file)PATH];\n    [tls [ca=PATH] [cert=PATH key=(file)PATH] [pin=SHA256] [name=HOST]];\n    [timeout TIME] }",
        text: "One definition for any number of `publish` steps. Several URLs, with spaces between them, are the servers of one \
               cluster, of which the first that answers is taken; without a port it is 4222. `tls://` speaks TLS and nothing else, and so does `nats://` with a \
               `tls` block, which takes what that of a `server` takes; without either, TLS is spoken where the server asks for it. \
               `auth` is what the server is shown: a name and a password, a token, or the text of a credentials file: \
               a JWT and a seed as `nsc` writes them, or a seed of a user alone. `timeout` (\"5s\") is how long publishing \
               may take, with connecting. Each worker has one connection, opened by its first message, and again by the \
               next one after it broke. A broker that cannot be reached is left alone for 200 milliseconds; those who come \
               meanwhile fail at once. Nothing is kept to be sent later: a message that is called failed is not published \
               behind anyone's back. A reload that changes neither addresses, `auth` nor `tls` goes on with the open connections.",
        example: "broker events url=(env)NATS_URL {\n    auth user=soapstone password=(env)NATS_PASSWORD\n    timeout \"2s\"\n}",
    },
    read,
};

/// The words in the block, each of which may stand once.
const WORDS: &[&str] = &["auth", "tls", "timeout"];

const ADDRESSED: Addressed =
    Addressed { name: "broker", example: "nats://events.example.com:4222", parse: parse_address };

/// How long publishing may take, where the file does not say.
const TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Debug)]
struct Declared {
    urls: Spanned<Literal>,
    auth: Option<DeclaredAuth>,
    trust: Option<DeclaredTrust>,
    timeout: Duration,
}

#[derive(Debug)]
struct DeclaredAuth {
    shown: Shown,
    span: Span,
}

#[derive(Debug)]
enum Shown {
    Password(Spanned<Literal>, Spanned<Secret>),
    Token(Spanned<Secret>),
    Key(Spanned<Secret>),
}

fn read(mut node: Node<'_>) -> Option<Box<dyn DeclaredConnector>> {
    let urls = node.required::<Literal>("url");
    let (mut auth, mut trust, mut timeout, mut whole) = (None, None, TIMEOUT, true);
    for child in node.parts(WORDS) {
        match child.name() {
            "auth" => {
                auth = self::auth(child);
                whole &= auth.is_some();
            }
            "tls" => {
                trust = DeclaredTrust::read(child);
                whole &= trust.is_some();
            }
            "timeout" => match self::timeout(child) {
                Some(given) => timeout = given,
                None => whole = false,
            },
            _ => {
                child.unknown("unknown-word", "a part of `broker`", WORDS.iter().copied());
                whole = false;
            }
        }
    }
    node.finish();
    let urls = urls.filter(|_| whole)?;
    Some(Box::new(Declared { urls, auth, trust, timeout }))
}

fn timeout(mut node: Node<'_>) -> Option<Duration> {
    let given = node.argument::<Duration>("duration");
    if let Some(given) = given.as_ref().filter(|given| given.value.is_zero()) {
        let finding = Finding::error("bad-timeout", given.span, "no message is published in no time");
        node.report(finding.help("say how long it may take, such as \"5s\""));
    }
    node.finish();
    given.map(|given| given.value).filter(|given| !given.is_zero())
}

/// The ways to be let in, by the property that says which one it is.
const WAYS: &[&str] = &["user", "token", "credentials"];

fn auth(mut node: Node<'_>) -> Option<DeclaredAuth> {
    let span = node.name_span();
    let given: Vec<&str> = WAYS.iter().copied().filter(|way| node.has_property(way)).collect();
    let shown = match given.as_slice() {
        ["user"] => {
            let (user, password) = (node.required("user"), node.required("password"));
            user.zip(password).map(|(user, password)| Shown::Password(user, password))
        }
        ["token"] => node.required("token").map(Shown::Token),
        ["credentials"] => node.required("credentials").map(Shown::Key),
        several => {
            let misspelt =
                several.is_empty() && node.misspells(&["user", "password", "token", "credentials"]);
            if !misspelt {
                let (code, message) = match several {
                    [] => ("missing-property", "`auth` does not say what the broker is shown"),
                    _ => ("several-values", "`auth` says more than once what the broker is shown"),
                };
                let help = "give one of user= with password=, token= and credentials=";
                node.report(Finding::error(code, span, message).help(help));
            }
            return None;
        }
    };
    node.finish();
    Some(DeclaredAuth { shown: shown?, span })
}

impl Declared {
    fn credentials(&self, compiling: &Compiling<'_>) -> Option<Credentials> {
        let Some(auth) = &self.auth else { return Some(Credentials::None) };
        Some(match &auth.shown {
            Shown::Password(user, password) => {
                Credentials::Password { user: user.value.text.clone(), password: password.value.clone() }
            }
            Shown::Token(token) => Credentials::Token(token.value.clone()),
            Shown::Key(text) => match UserKey::parse(text.value.reveal()) {
                Ok(key) => Credentials::Key(key),
                Err(why) => {
                    let message = format!("these are not the credentials of a user of NATS: {why}");
                    let finding = Finding::error("bad-credentials", text.span, message);
                    compiling
                        .report(finding.help("credentials=(file)\"soapstone.creds\" reads them from a file"));
                    return None;
                }
            },
        })
    }

    /// Credentials that anybody on the way can read. Of a key only a signature is shown.
    fn check_secrets(&self, addresses: &[Address], compiling: &Compiling<'_>) {
        let Some(auth) = &self.auth else { return };
        let open = self.trust.is_none() && addresses.iter().any(|at| !at.tls && !at.is_local());
        if open && !matches!(auth.shown, Shown::Key(_)) {
            let message = "the credentials may go over the network as plain text";
            let finding = Finding::warning("open-credentials", auth.span, message);
            compiling.report(finding.help("begin the URL with tls://"));
        }
    }

    /// What its connections are kept under.
    fn key(&self, addresses: &[Address]) -> broker::Key {
        let mut context = Context::new(&SHA256);
        let mut say = |text: &str| {
            context.update(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes());
            context.update(text.as_bytes());
        };
        addresses.iter().for_each(|address| say(&address.origin()));
        say(&self.trust.as_ref().map(DeclaredTrust::identity).unwrap_or_default());
        match self.auth.as_ref().map(|auth| &auth.shown) {
            None => say("nothing"),
            Some(Shown::Password(user, password)) => {
                ["password", &user.value.text, password.value.reveal()].into_iter().for_each(say);
            }
            Some(Shown::Token(token)) => ["token", token.value.reveal()].into_iter().for_each(say),
            Some(Shown::Key(text)) => ["key", text.value.reveal()].into_iter().for_each(say),
        }
        context.finish().as_ref().try_into().unwrap_or_default()
    }
}

impl DeclaredConnector for Declared {
    fn compile(&self, name: &Spanned<String>, compiling: &Compiling<'_>) -> Option<System> {
        let (addresses, credentials) = (ADDRESSED.read(&self.urls, compiling), self.credentials(compiling));
        let settings = DeclaredTrust::settings(self.trust.as_ref(), compiling);
        let (addresses, credentials) = (addresses?, credentials?);
        self.check_secrets(&addresses, compiling);
        // Brokers agree on no protocol of HTTP.
        let mut tls = Arc::unwrap_or_clone(settings??);
        tls.alpn_protocols.clear();
        Some(System::Broker(Arc::new(broker::Broker {
            name: Arc::from(name.value.as_str()),
            key: self.key(&addresses),
            addresses,
            tls: Arc::new(tls),
            always_tls: self.trust.is_some(),
            tls_name: self.trust.as_ref().and_then(|trust| trust.name.clone()),
            credentials,
            timeout: self.timeout,
            state: OnceLock::new(),
        })))
    }
}
