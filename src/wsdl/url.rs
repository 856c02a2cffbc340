//! Addresses of contracts: what is needed of RFC 3986 to fetch one and what it refers to.

use std::fmt;

/// An address of http or https.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Url {
    /// Whether it is https.
    pub is_secure: bool,
    /// The host's name or address, without brackets around one of IPv6.
    pub name: String,
    /// The port.
    pub port: u16,
    /// The path with the query, from its first slash.
    pub target: String,
}

impl Url {
    /// Reads an address; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once("://")?;
        let is_secure = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return None,
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at_checked(end)?;
        let (name, port) = match authority.strip_prefix('[') {
            Some(rest) => {
                let (name, port) = rest.split_once(']')?;
                (name, port.strip_prefix(':'))
            }
            None => match authority.split_once(':') {
                Some((name, port)) => (name, Some(port)),
                None => (authority, None),
            },
        };
        let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '@' | '"' | '<' | '>');
        if name.is_empty() || !name.chars().all(is_plain) || !target.chars().all(|c| c.is_ascii_graphic()) {
            return None;
        }
        let port = match port {
            Some(port) => port.parse().ok()?,
            None => {
                if is_secure {
                    443
                } else {
                    80
                }
            }
        };
        let target = match target.starts_with('/') {
            true => target.to_owned(),
            false => format!("/{target}"),
        };
        Some(Self { is_secure, name: name.to_ascii_lowercase(), port, target })
    }

    /// The address that a reference in a document at this one means.
    pub fn join(&self, reference: &str) -> Option<Self> {
        let reference = reference.trim().split('#').next().unwrap_or_default().replace(' ', "%20");
        let reference = reference.as_str();
        if reference.contains("://") {
            return Self::parse(reference);
        }
        if reference.split(['/', '?']).next().is_some_and(|first| first.contains(':')) {
            return None;
        }
        let path = self.target.split('?').next().unwrap_or_default();
        let whole = if reference.starts_with('/') {
            reference.to_owned()
        } else if reference.starts_with('?') || reference.is_empty() {
            format!("{path}{reference}")
        } else {
            let folder = path.rfind('/').and_then(|at| path.get(..=at)).unwrap_or("/");
            format!("{folder}{reference}")
        };
        let (path, query) =
            whole.split_once('?').map_or((whole.as_str(), None), |(path, query)| (path, Some(query)));
        let mut parts: Vec<&str> = Vec::new();
        for part in path.split('/').skip(1) {
            match part {
                "." => {}
                ".." => {
                    parts.pop();
                }
                part => parts.push(part),
            }
        }
        let target =
            format!("/{}{}", parts.join("/"), query.map(|query| format!("?{query}")).unwrap_or_default());
        target.chars().all(|c| c.is_ascii_graphic()).then_some(Self { target, ..self.clone() })
    }

    /// Who is asked: the host's name. What it refers to on other ports or by another scheme is still its own.
    pub fn host(&self) -> String {
        self.name.clone()
    }

    /// Whether a text is meant as an address, well-formed or not.
    pub fn is_meant(text: &str) -> bool {
        let scheme = text.trim().split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        scheme.is_some_and(|scheme| matches!(scheme.as_str(), "http" | "https"))
    }

    /// Whether both are of one scheme, host and port: who is shown credentials for the one may see them for the other.
    pub fn is_same_origin(&self, other: &Self) -> bool {
        (self.is_secure, &self.name, self.port) == (other.is_secure, &other.name, other.port)
    }

    /// The value of the field `Host`.
    pub fn authority(&self) -> String {
        let name = if self.name.contains(':') { format!("[{}]", self.name) } else { self.name.clone() };
        match (self.is_secure, self.port) {
            (true, 443) | (false, 80) => name,
            (_, port) => format!("{name}:{port}"),
        }
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_secure { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority(), self.target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved() {
        let base = Url::parse("HTTP://Example.com/a/b.svc?wsdl").unwrap();
        let joined = |reference: &str| base.join(reference).map(|url| url.to_string());
        assert_eq!(joined("?xsd=1").as_deref(), Some("http://example.com/a/b.svc?xsd=1"));
        assert_eq!(joined("../c/./d.xsd").as_deref(), Some("http://example.com/c/d.xsd"));
        assert_eq!(joined("two words.xsd").as_deref(), Some("http://example.com/a/two%20words.xsd"));
        assert_eq!(joined("/e?f=../g").as_deref(), Some("http://example.com/e?f=../g"));
        assert_eq!(joined("https://other:8443/x").as_deref(), Some("https://other:8443/x"));
        assert_eq!(joined("file:///etc/passwd"), None);
        assert_eq!(joined("urn:x"), None);
        for wrong in ["ftp://a/", "http://", "http://a b/", "http://a:b/", "a/b"] {
            assert_eq!(Url::parse(wrong), None, "{wrong}");
        }
        assert!(Url::is_meant("HTTPS://a") && !Url::is_meant("a/b.wsdl") && !Url::is_meant("ftp://a/"));
        let url = |text: &str| Url::parse(text).unwrap();
        assert!(base.is_same_origin(&url("http://example.com:80/x")));
        assert!(!base.is_same_origin(&url("https://example.com/x")));
        assert_eq!(Url::parse("http://[::1]:81/x").unwrap().to_string(), "http://[::1]:81/x");
    }
}
