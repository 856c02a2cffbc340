//! A contract at an address as a file names it: where it is, and what may be fetched for it.

use crate::source::Span;
use crate::syntax::Secret;
use crate::wsdl::Url;

/// A contract at an address.
#[derive(Debug, Clone)]
pub struct WsdlSource {
    /// The address.
    pub url: Url,
    /// The hosts from which more than the contract's own may be fetched: names in lower case.
    pub hosts: Vec<String>,
    /// A name and a password for the address (RFC 7617).
    pub credentials: Option<(String, Secret)>,
    /// Where it is named.
    pub span: Span,
}

impl WsdlSource {
    /// An address without anything beside.
    pub fn new(url: Url, span: Span) -> Self {
        Self { url, hosts: Vec::new(), credentials: None, span }
    }

    /// Whether something may be fetched for it.
    pub fn allows(&self, url: &Url) -> bool {
        url.host() == self.url.host() || self.hosts.contains(&url.host())
    }

    /// With what another place says of the same address.
    #[must_use]
    pub fn merged(mut self, other: &Self) -> Self {
        let new = other.hosts.iter().filter(|host| !self.hosts.contains(host)).cloned().collect::<Vec<_>>();
        self.hosts.extend(new);
        self.credentials = self.credentials.or_else(|| other.credentials.clone());
        self
    }

    /// The contracts of a list, each address once, in the order of their places.
    pub fn each_once(mut all: Vec<Self>) -> Vec<Self> {
        all.sort_by_key(|source| source.span);
        let mut found: Vec<Self> = Vec::new();
        for source in all {
            match found.iter_mut().find(|known| known.url == source.url) {
                Some(known) => *known = known.clone().merged(&source),
                None => found.push(source),
            }
        }
        found
    }
}

/// Whether a text is the name or the address of a host, and nothing else.
pub fn is_host(text: &str) -> bool {
    let is_name =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    text.parse::<std::net::IpAddr>().is_ok() || (text.len() <= 253 && text.split('.').all(is_name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn what_several_places_say_of_an_address_counts_together() {
        let source = |url: &str, hosts: &[&str], start| WsdlSource {
            hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
            ..WsdlSource::new(Url::parse(url).unwrap(), Span { file: FileId::default(), start, end: start })
        };
        let mut with = source("http://A/x?wsdl", &["c", "b"], 9);
        with.credentials = Some(("me".into(), Secret::new("x")));
        let found = WsdlSource::each_once(vec![
            with,
            source("http://b/", &[], 5),
            source("http://a/x?wsdl", &["b"], 1),
        ]);
        assert_eq!(found.len(), 2);
        assert_eq!(
            (found[0].hosts.as_slice(), found[0].credentials.is_some()),
            (&["b".to_owned(), "c".into()][..], true)
        );
        let allows = |url: &str| found[0].allows(&Url::parse(url).unwrap());
        assert!(
            allows("https://a:8443/")
                && allows("http://c/")
                && !allows("http://d/")
                && !allows("http://a.b/")
        );
    }

    #[test]
    fn hosts_have_no_scheme_port_or_path() {
        assert!(["a", "schemas.example.com", "192.0.2.7", "::1"].into_iter().all(is_host));
        assert!(!["", "http://a", "a:80", "a/b", "*.a", "a..b"].into_iter().any(is_host));
    }
}
