//! Tokens by client credentials (RFC 6749, section 4.4): asked for when one is needed, and kept until shortly before its end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use bytes::Bytes;
use hyper::Method;
use hyper::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use tokio::sync::Mutex;

use super::error::{CallError, Kind};
use super::send::Outgoing;
use super::state::Clients;
use super::{Pools, Server};
use crate::syntax::Secret;

/// How tokens are had.
#[derive(Debug)]
pub struct ClientCredentials {
    /// Where they are asked for; who asks is in its credentials.
    pub server: Server,
    /// The form that asks.
    pub form: Secret,
    /// A hash over who asks whom for what, and whom the token is for: another declaration has another token.
    pub identity: [u8; 32],
}

/// The token of a server, for all workers.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    current: ArcSwapOption<Token>,
    /// Why none was to be had the last time: those who come soon after are told the same.
    refused: ArcSwapOption<Refusal>,
    /// Held while one is asked for: the others wait for the same.
    asking: Mutex<()>,
}

/// A token while it holds.
struct Token {
    identity: [u8; 32],
    value: HeaderValue,
    until: Instant,
}

/// A failure to get a token, while it is not tried again.
#[derive(Debug)]
struct Refusal {
    identity: [u8; 32],
    error: CallError,
    until: Instant,
}

/// How long nobody asks again for what was not to be had.
const REST: Duration = Duration::from_secs(1);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("until", &self.until).finish_non_exhaustive()
    }
}

/// How long a token holds whose server does not say so (RFC 6749, section 5.1, leaves it open).
const USUAL: u64 = 300;
/// How long before its end a token is not used any more.
const EARLY: u64 = 10;
/// The longest that a token is believed to hold.
const LONGEST: u64 = 24 * 3600;

impl Tokens {
    /// The value of `Authorization`.
    ///
    /// # Errors
    /// None is to be had.
    pub(super) async fn authorization(
        &self,
        by: &ClientCredentials,
        clients: &Clients,
        pools: &Pools,
        deadline: Instant,
    ) -> Result<HeaderValue, CallError> {
        if let Some(value) = self.held(by) {
            return Ok(value);
        }
        let _asking = self.asking.lock().await;
        if let Some(value) = self.held(by) {
            return Ok(value);
        }
        let refused = self.refused.load();
        if let Some(refusal) = refused.as_ref().filter(|refusal| refusal.holds(by)) {
            return Err(refusal.error.clone());
        }
        let token = by.ask(clients, pools, deadline).await.inspect_err(|error| {
            if let Some(until) = Instant::now().checked_add(REST) {
                let refusal = Refusal { identity: by.identity, error: error.clone(), until };
                self.refused.store(Some(Arc::new(refusal)));
            }
        })?;
        let value = token.value.clone();
        self.current.store(Some(Arc::new(token)));
        Ok(value)
    }

    fn held(&self, by: &ClientCredentials) -> Option<HeaderValue> {
        let current = self.current.load();
        let holds = |token: &&Arc<Token>| token.until > Instant::now() && token.identity == by.identity;
        current.as_ref().filter(holds).map(|token| token.value.clone())
    }

    /// Forgets a token that was refused.
    pub(super) fn refused(&self, value: &HeaderValue) {
        if self.current.load().as_ref().is_some_and(|token| token.value == *value) {
            self.current.store(None);
        }
    }
}

impl Refusal {
    fn holds(&self, by: &ClientCredentials) -> bool {
        self.until > Instant::now() && self.identity == by.identity
    }
}

impl ClientCredentials {
    async fn ask(&self, clients: &Clients, pools: &Pools, deadline: Instant) -> Result<Token, CallError> {
        let refused = |text: String| CallError::unsent(Kind::Security, "no-token", text);
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let body = Bytes::copy_from_slice(self.form.reveal().as_bytes());
        let outgoing = Outgoing::new(Method::POST, self.server.own_target(), headers, body);
        // A token too many harms nobody.
        let outgoing = Outgoing { repeatable: true, ..outgoing };
        // Nobody looks on: there is nothing in it but secrets.
        let answer = Box::pin(self.server.call_seen(&outgoing, clients, pools, deadline, None)).await;
        let answer = answer.map_err(|error| CallError {
            text: format!("no token could be asked for: {}", error.text),
            sent: false,
            ..error
        })?;
        if !answer.status.is_success() {
            return Err(refused(format!(
                "the token server answers {}: {}",
                answer.status,
                problem(&answer.body)
            )));
        }
        token(&answer.body, self.identity)
            .ok_or_else(|| refused("the token server's answer holds no bearer token".into()))
    }
}

/// The error code of a refusal (RFC 6749, section 5.2), and nothing else of it.
fn problem(body: &[u8]) -> String {
    let parsed: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let code = parsed.as_ref().and_then(|value| value.get("error")?.as_str());
    let plain = |code: &&str| code.len() < 64 && code.bytes().all(|b| b.is_ascii_graphic());
    code.filter(plain).unwrap_or("it says no error code").to_owned()
}

fn token(body: &[u8], identity: [u8; 32]) -> Option<Token> {
    let answer: serde_json::Value = serde_json::from_slice(body).ok()?;
    let kind = answer.get("token_type").and_then(serde_json::Value::as_str).unwrap_or("bearer");
    if !kind.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let mut value =
        HeaderValue::from_str(&format!("Bearer {}", answer.get("access_token")?.as_str()?)).ok()?;
    value.set_sensitive(true);
    let lifetime =
        answer.get("expires_in").and_then(|given| given.as_u64().or_else(|| given.as_str()?.parse().ok()));
    let lifetime = lifetime.unwrap_or(USUAL).min(LONGEST);
    let until = Instant::now().checked_add(Duration::from_secs(lifetime.saturating_sub(EARLY)))?;
    Some(Token { identity, value, until })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_token_servers_are_read() {
        let read = |text: &str| token(text.as_bytes(), [0; 32]);
        let found = read(r#"{"access_token":"abc","token_type":"Bearer","expires_in":3600}"#).unwrap();
        assert_eq!(found.value, "Bearer abc");
        assert!(found.value.is_sensitive() && !format!("{found:?}").contains("abc"));
        assert!(read(r#"{"access_token":"abc","expires_in":"60"}"#).is_some());
        for wrong in [r#"{"access_token":"a\nb"}"#, r#"{"access_token":"a","token_type":"mac"}"#, "[]", ""] {
            assert!(read(wrong).is_none(), "{wrong}");
        }
        assert_eq!(problem(br#"{"error":"invalid_client"}"#), "invalid_client");
    }
}
