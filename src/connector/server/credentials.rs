//! `auth` of a server: what it is shown.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use hyper::header::HeaderValue;

use super::parts::basic;
use crate::client::{Address, ClientCredentials, Credentials, Endpoint, Retry, Server, Times, Way};
use crate::document::coding::percent;
use crate::kind::Compiling;
use crate::source::{Finding, Span, Spanned};
use crate::syntax::{Literal, Node, Secret};

/// What the file says.
#[derive(Debug)]
pub struct DeclaredCredentials {
    shown: Shown,
    /// Where it stands.
    pub span: Span,
}

#[derive(Debug)]
enum Shown {
    Basic(Spanned<String>, Spanned<Secret>),
    Bearer(Spanned<Secret>),
    Token { url: Spanned<Literal>, id: Spanned<Literal>, secret: Spanned<Secret>, scope: Option<String> },
}

/// The schemes.
const SCHEMES: &[&str] = &["basic", "bearer", "oauth2"];

impl DeclaredCredentials {
    /// Reads `auth`; `None` after findings.
    pub fn read(mut node: Node<'_>) -> Option<Self> {
        let span = node.name_span();
        let scheme = node.argument::<String>("scheme")?;
        let shown = match scheme.value.as_str() {
            "basic" => {
                let (user, password) = (node.required("user"), node.required("password"));
                Shown::Basic(user?, password?)
            }
            "bearer" => Shown::Bearer(node.required("token")?),
            "oauth2" => {
                let (url, id) = (node.required("token-url"), node.required("client-id"));
                let secret = node.required("client-secret");
                let scope = node.property::<String>("scope").map(|given| given.value);
                Shown::Token { url: url?, id: id?, secret: secret?, scope }
            }
            other => {
                let message = format!("`{other}` is nothing that a server can be shown");
                let finding = Finding::error("unknown-scheme", scheme.span, message);
                node.report(
                    finding.suggest(other, SCHEMES.iter().copied()).label("expected basic, bearer or oauth2"),
                );
                return None;
            }
        };
        node.finish();
        Some(Self { shown, span })
    }

    /// What a server of that name is shown; `None` after findings.
    pub fn compile(
        declared: Option<&Self>,
        name: &str,
        (addresses, connections): (&[Address], &str),
        way: &Way,
        compiling: &Compiling<'_>,
    ) -> Option<Credentials> {
        let Some(declared) = declared else { return Some(Credentials::None) };
        let fixed = |text: String, span: Span| match HeaderValue::from_str(&text) {
            Ok(mut value) => {
                value.set_sensitive(true);
                Some(Credentials::Fixed(value))
            }
            Err(_) => {
                let message = "this cannot be sent: it holds a control character, such as a line end";
                compiling.report(Finding::error("bad-credentials", span, message));
                None
            }
        };
        match &declared.shown {
            Shown::Basic(user, password) if user.value.contains(':') => {
                let message = "a name with a colon cannot be sent (RFC 7617)";
                compiling.report(Finding::error("bad-credentials", user.span, message));
                let _ = password;
                None
            }
            Shown::Basic(user, password) => fixed(basic(&user.value, &password.value), password.span),
            Shown::Bearer(token) => fixed(format!("Bearer {}", token.value.reveal()), token.span),
            Shown::Token { url, id, secret, scope } => {
                let address = Address::parse(&url.value.text).map_err(|why| {
                    let finding =
                        Finding::error("bad-url", url.span, "this is not the URL of a token server");
                    compiling.report(finding.help(why));
                });
                let shown = basic(&form(&id.value.text), &Secret::new(form(secret.value.reveal())));
                let Some(Credentials::Fixed(value)) = fixed(shown, secret.span) else { return None };
                let scope = scope.as_ref().map(|scope| format!("&scope={}", form(scope))).unwrap_or_default();
                let form = Secret::new(format!("grant_type=client_credentials{scope}"));
                let origins: Vec<String> = addresses.iter().map(Address::origin).collect();
                let said = format!(
                    "{} {value:?} {} {} {origins:?}",
                    url.value.text,
                    secret.value.reveal(),
                    form.reveal()
                );
                let said = format!("{said} {}", id.value.text);
                let identity = digest(&SHA256, said.as_bytes()).as_ref().try_into().unwrap_or_default();
                let server = tokens(name, (address.ok()?, connections), way, Credentials::Fixed(value));
                Some(Credentials::Token(Box::new(ClientCredentials { server, form, identity })))
            }
        }
    }
}

/// The server that gives tokens. It is reached in the way of the server that they are for.
fn tokens(
    name: &str,
    (address, connections): (Address, &str),
    way: &Way,
    credentials: Credentials,
) -> Server {
    Server {
        name: Arc::from(format!("{name} (tokens)")),
        endpoints: vec![Endpoint::new(address, &format!("tokens for {name} {connections}"))],
        way: Way { name: None, ..way.clone() },
        credentials,
        headers: Vec::new(),
        times: Times { first_byte: None, total: Duration::from_secs(10) },
        retry: Retry { times: 1, ..Retry::default() },
        breaker: None,
        body: 64 << 10,
        idle: 1,
        idle_time: Duration::from_secs(15),
        state: OnceLock::new(),
    }
}

/// A text as a form carries it (RFC 6749, section 2.3.1).
fn form(text: &str) -> String {
    String::from_utf8_lossy(&percent(text.as_bytes())).into_owned()
}
