//! Who may call: users, authentication schemes and address lists.

use std::fmt::Debug;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use compact_str::CompactString;
use hyper::header::HeaderMap;
use ipnet::IpNet;

use super::failure::Failure;

/// A user who called.
#[derive(Debug)]
pub struct User {
    /// The name.
    pub name: CompactString,
    /// The roles, in the order of the file.
    pub roles: Vec<CompactString>,
    /// Where the user may call from; `None` for anywhere.
    pub allow: Option<AddressList>,
}

/// Networks; an empty list holds no address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressList(pub Vec<IpNet>);

impl AddressList {
    /// Whether the address lies in one of the networks. An IPv4 address in IPv6 clothes counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|net| net.contains(&address))
    }
}

/// What a scheme found in a request's head.
pub enum Checked<'a> {
    /// No credentials of this scheme.
    Absent,
    /// Decided at once.
    Now(Result<Arc<User>, Refusal>),
    /// Decided elsewhere: hashing a password would hold the worker.
    Later(Pin<Box<dyn Future<Output = Result<Arc<User>, Refusal>> + 'a>>),
}

/// Why credentials were not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// They are wrong, or there is no such user: callers cannot tell which.
    Wrong,
    /// They could not be checked now: too many checks are under way.
    Busy,
}

/// An authentication scheme of a listener.
pub trait Authenticator: Debug + Send + Sync {
    /// The `WWW-Authenticate` challenge (RFC 9110, section 11.6.1); `None` for a scheme that needs none.
    fn challenge(&self) -> Option<&str>;

    /// Whether it takes credentials from the path of a request too.
    fn reads_path(&self) -> bool {
        false
    }

    /// Looks at the head of a request.
    fn check<'a>(&'a self, headers: &'a HeaderMap) -> Checked<'a>;
}

/// A listener's rules. Checked in this order: the listener's addresses, credentials, the user's addresses. So strangers
/// cause no work, and no answer from a wrong address tells whether a password was right.
#[derive(Debug, Default)]
pub struct Access {
    /// The schemes, any of which may match; empty lets everyone in.
    pub schemes: Vec<Arc<dyn Authenticator>>,
    /// Where callers may come from; `None` for anywhere.
    pub allow: Option<AddressList>,
    /// The proxies whose `X-Forwarded-*` are believed.
    pub trusted_proxies: AddressList,
}

impl Access {
    /// Who calls; `None` where nobody is asked.
    ///
    /// # Errors
    /// 403 from an address that the listener does not allow; 401 without valid credentials, or with those of a user who
    /// may not call from there; 503 when checks are too many.
    pub async fn admit(&self, headers: &HeaderMap, address: IpAddr) -> Result<Option<Arc<User>>, Failure> {
        if self.allow.as_ref().is_some_and(|list| !list.contains(address)) {
            return Err(forbidden());
        }
        let user = self.identify(headers).await?;
        let own = user.as_ref().and_then(|user| user.allow.as_ref());
        if own.is_none_or(|list| list.contains(address)) { Ok(user) } else { Err(self.unauthorized()) }
    }

    /// Whether credentials in the path of a request are read.
    pub fn reads_path(&self) -> bool {
        self.schemes.iter().any(|scheme| scheme.reads_path())
    }

    async fn identify(&self, headers: &HeaderMap) -> Result<Option<Arc<User>>, Failure> {
        if self.schemes.is_empty() {
            return Ok(None);
        }
        let mut refused = Refusal::Wrong;
        for scheme in &self.schemes {
            let checked = match scheme.check(headers) {
                Checked::Absent => continue,
                Checked::Now(result) => result,
                Checked::Later(pending) => pending.await,
            };
            match checked {
                Ok(user) => return Ok(Some(user)),
                Err(refusal) => refused = refusal,
            }
        }
        match refused {
            Refusal::Wrong => Err(self.unauthorized()),
            Refusal::Busy => Err(busy()),
        }
    }

    fn unauthorized(&self) -> Failure {
        let mut failure = Failure::client(
            hyper::StatusCode::UNAUTHORIZED,
            "unauthorized",
            "Valid credentials are needed for this address.",
        );
        failure.challenges =
            self.schemes.iter().filter_map(|scheme| scheme.challenge()).map(str::to_owned).collect();
        failure
    }
}

fn forbidden() -> Failure {
    Failure::client(
        hyper::StatusCode::FORBIDDEN,
        "forbidden",
        "Calls from this address are not allowed here.",
    )
}

fn busy() -> Failure {
    let mut failure = Failure::new(
        super::failure::Blame::Gateway,
        hyper::StatusCode::SERVICE_UNAVAILABLE,
        "busy",
        "Too many requests are being checked. Try again shortly.",
    );
    failure.retry_after = Some(1);
    failure
}
