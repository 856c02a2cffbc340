//! The `basic` scheme: a name and a password (RFC 7617), the password kept as an Argon2id hash.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use compact_str::CompactString;
use hyper::header::{AUTHORIZATION, HeaderMap};

use crate::auth::password;
use crate::auth::token::credentials;
use crate::auth::users::OfUsers;
use crate::kind::scheme::{DeclaredScheme, SchemeKind};
use crate::kind::{Compiling, Manual};
use crate::pipeline::access::{Authenticator, Checked, Refusal, User};
use crate::source::Finding;
use crate::syntax::Node;

/// The kind.
pub const KIND: SchemeKind = SchemeKind {
    manual: Manual {
        name: "basic",
        summary: "asks for a name and a password: Authorization: Basic (RFC 7617)",
        usage: "auth basic users=USERS [path-parameter=#true]",
        text: "The password of a user is given as an Argon2id hash, which `soapstone hash-password` makes. Verifying one takes \
               some 20 ms by design: it happens off the workers, a few at a time, and what was right is remembered for five \
               minutes under a keyed hash. An unknown name takes as long as a wrong password. With `path-parameter=#true` the same \
               credentials are read from the end of a path too, /orders;boomi_auth=BASE64, unless the header is there: for \
               clients that can send no header, since proxies and histories keep addresses. Nothing behind the check \
               sees the parameter: no property, link, log line or trace.",
        example: "auth basic users=partners",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    users: OfUsers,
    path_parameter: bool,
}

struct Basic {
    path_parameter: bool,
    users: HashMap<CompactString, (Arc<User>, String)>,
    nobody: String,
}

impl std::fmt::Debug for Basic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Basic").field("users", &self.users.len()).finish()
    }
}

fn read(mut node: Node<'_>) -> Option<Box<dyn DeclaredScheme>> {
    let path_parameter = node.property::<bool>("path-parameter").is_some_and(|given| given.value);
    Some(Box::new(Declared { users: OfUsers::read(node)?, path_parameter }))
}

impl DeclaredScheme for Declared {
    fn compile(&self, compiling: &Compiling<'_>) -> Option<Option<Arc<dyn Authenticator>>> {
        let found = self.users.find("password", |account| account.password.is_some(), compiling)?;
        let mut users = HashMap::new();
        for account in &found.accounts {
            let Some(stored) = &account.password else { continue };
            if !password::is_hash(stored.value.reveal()) {
                let message = format!("the password of `{}` is not an Argon2id hash", account.user.name);
                let help = "`soapstone hash-password` makes one; give it with password=(env)NAME";
                compiling.report(Finding::error("plain-password", stored.span, message).help(help));
                return None;
            }
            users.insert(account.user.name.clone(), (account.user.clone(), stored.value.reveal().to_owned()));
        }
        // Any of the stored hashes serves as the one that an unknown name is checked against: same cost, never right.
        let nobody = users.values().map(|(_, stored)| stored.clone()).next().unwrap_or_default();
        Some(Some(Arc::new(Basic { path_parameter: self.path_parameter, users, nobody })))
    }
}

impl Authenticator for Basic {
    fn challenge(&self) -> Option<&str> {
        Some("Basic realm=\"soapstone\", charset=\"UTF-8\"")
    }

    fn reads_path(&self) -> bool {
        self.path_parameter
    }

    fn check<'a>(&'a self, headers: &'a HeaderMap) -> Checked<'a> {
        let Some(sent) =
            headers.get(AUTHORIZATION).and_then(|value| credentials(value.to_str().ok()?, "basic"))
        else {
            return Checked::Absent;
        };
        let Some((name, password)) = pair(sent) else { return Checked::Now(Err(Refusal::Wrong)) };
        match self.users.get(name.as_str()) {
            Some((user, stored)) if password::remembered(stored, &password) => Checked::Now(Ok(user.clone())),
            Some((user, stored)) => {
                let verify = password::verify(stored.clone(), password);
                Checked::Later(Box::pin(async move { verify.await.map(|()| user.clone()) }))
            }
            None => {
                let verify = password::verify(self.nobody.clone(), password);
                Checked::Later(Box::pin(async move { Err(verify.await.err().unwrap_or(Refusal::Wrong)) }))
            }
        }
    }
}

/// The name and password in the base64 of a header; the first colon parts them (RFC 7617, section 2).
fn pair(sent: &str) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(sent).ok()?).ok()?;
    let (name, password) = text.split_once(':')?;
    Some((name.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scheme() -> Basic {
        let stored = password::hash_password("pass:word").unwrap();
        let user = Arc::new(User { name: "acme".into(), roles: Vec::new(), allow: None });
        Basic {
            path_parameter: false,
            users: HashMap::from([("acme".into(), (user, stored.clone()))]),
            nobody: stored,
        }
    }

    fn check(scheme: &Basic, credentials: &str) -> Option<Result<CompactString, Refusal>> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, format!("Basic {}", STANDARD.encode(credentials)).parse().unwrap());
        let result = match scheme.check(&headers) {
            Checked::Absent => return None,
            Checked::Now(result) => result,
            Checked::Later(pending) => runtime.block_on(pending),
        };
        Some(result.map(|user| user.name.clone()))
    }

    #[test]
    fn only_the_right_password_of_a_known_name_is_let_in() {
        let scheme = scheme();
        assert_eq!(check(&scheme, "acme:pass:word"), Some(Ok("acme".into())));
        assert_eq!(check(&scheme, "acme:wrong"), Some(Err(Refusal::Wrong)));
        assert_eq!(check(&scheme, "nobody:pass:word"), Some(Err(Refusal::Wrong)));
        assert_eq!(check(&scheme, "no colon"), Some(Err(Refusal::Wrong)));
    }
}
