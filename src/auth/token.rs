//! The `token` scheme: `Authorization: Bearer`, compared by hash.

use std::collections::HashMap;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use hyper::header::{AUTHORIZATION, HeaderMap};

use crate::auth::users::OfUsers;
use crate::kind::scheme::{DeclaredScheme, SchemeKind};
use crate::kind::{Compiling, Manual};
use crate::pipeline::access::{Authenticator, Checked, Refusal, User};
use crate::source::Finding;
use crate::syntax::Node;

/// The kind.
pub const KIND: SchemeKind = SchemeKind {
    manual: Manual {
        name: "token",
        summary: "asks for a token: Authorization: Bearer (RFC 6750)",
        usage: "auth token users=USERS",
        text: "The caller sends `Authorization: Bearer TOKEN` with the token of one of the users. Tokens are at least 16 \
               characters, live outside the file, and are compared by hash, so that the time of an answer tells nothing \
               about them.",
        example: "auth token users=partners",
    },
    read,
};

/// Shorter tokens can be guessed.
const SHORTEST: usize = 16;

#[derive(Debug)]
struct Declared(OfUsers);

struct Token {
    users: HashMap<[u8; 32], Arc<User>>,
}

// The hashes are nothing for a log: a weak token can be found from its hash.
impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("users", &self.users.len()).finish()
    }
}

fn read(node: Node<'_>) -> Option<Box<dyn DeclaredScheme>> {
    Some(Box::new(Declared(OfUsers::read(node)?)))
}

impl DeclaredScheme for Declared {
    fn compile(&self, compiling: &Compiling<'_>) -> Option<Option<Arc<dyn Authenticator>>> {
        let found = self.0.find("token", |account| account.token.is_some(), compiling)?;
        let mut users = HashMap::new();
        for account in &found.accounts {
            let Some(token) = &account.token else { continue };
            if token.value.reveal().chars().count() < SHORTEST {
                let message =
                    format!("the token of `{}` is shorter than {SHORTEST} characters", account.user.name);
                compiling.report(Finding::error("weak-token", token.span, message).help("use a random one"));
                return None;
            }
            if users.insert(hash(token.value.reveal()), account.user.clone()).is_some() {
                let message = format!("the token of `{}` is another user's too", account.user.name);
                compiling.report(Finding::error("shared-token", token.span, message));
                return None;
            }
        }
        Some(Some(Arc::new(Token { users })))
    }
}

fn hash(token: &str) -> [u8; 32] {
    digest(&SHA256, token.as_bytes()).as_ref().try_into().unwrap_or_default()
}

impl Authenticator for Token {
    fn challenge(&self) -> Option<&str> {
        Some("Bearer realm=\"soapstone\"")
    }

    fn check<'a>(&'a self, headers: &'a HeaderMap) -> Checked<'a> {
        let Some(token) =
            headers.get(AUTHORIZATION).and_then(|value| credentials(value.to_str().ok()?, "bearer"))
        else {
            return Checked::Absent;
        };
        Checked::Now(self.users.get(&hash(token)).cloned().ok_or(Refusal::Wrong))
    }
}

/// What stands behind a scheme's name, whose letter case does not matter (RFC 9110, section 11.4).
pub fn credentials<'a>(value: &'a str, scheme: &str) -> Option<&'a str> {
    let (name, rest) = value.split_once(' ')?;
    name.eq_ignore_ascii_case(scheme).then(|| rest.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_by_its_hash_alone() {
        let user = Arc::new(User { name: "acme".into(), roles: Vec::new(), allow: None });
        let scheme = Token { users: HashMap::from([(hash("0123456789abcdef"), user)]) };
        assert_eq!(format!("{scheme:?}"), "Token { users: 1 }");
        let mut headers = HeaderMap::new();
        assert!(matches!(scheme.check(&headers), Checked::Absent));
        headers.insert(AUTHORIZATION, "bearer 0123456789abcdef".parse().unwrap());
        assert!(matches!(scheme.check(&headers), Checked::Now(Ok(user)) if user.name == "acme"));
        headers.insert(AUTHORIZATION, "Bearer 0123456789abcdeg".parse().unwrap());
        assert!(matches!(scheme.check(&headers), Checked::Now(Err(Refusal::Wrong))));
    }
}
