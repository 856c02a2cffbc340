//! Contracts of standards that others import by address: they are built in, as nothing is fetched.

/// Each with its address.
static ALL: &[(&str, &str)] = &[
    ("http://docs.oasis-open.org/wsn/bw-2.wsdl", include_str!("wellknown/bw-2.wsdl")),
    ("http://docs.oasis-open.org/wsn/brw-2.wsdl", include_str!("wellknown/brw-2.wsdl")),
    ("http://docs.oasis-open.org/wsrf/rw-2.wsdl", include_str!("wellknown/rw-2.wsdl")),
];

/// Where they are published: under several paths, with and without TLS.
const HOST: &str = "docs.oasis-open.org";

/// The contract at an address, and that; among each other they are known by the name of the file alone (`is_beside`).
pub(super) fn by_address(location: &str, is_beside: bool) -> Option<(&'static str, &'static str)> {
    let (host, path) =
        location.split_once("://").and_then(|(_, rest)| rest.split_once('/')).unwrap_or(("", location));
    if host != HOST && !is_beside {
        return None;
    }
    let name = path.rsplit('/').next()?;
    ALL.iter().find(|(address, _)| address.rsplit('/').next() == Some(name)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_find_their_contract() {
        let address = |location, is_beside| by_address(location, is_beside).map(|(address, _)| address);
        let found = Some("http://docs.oasis-open.org/wsn/bw-2.wsdl");
        assert_eq!(address("https://docs.oasis-open.org/wsn/bw-2.wsdl", false), found);
        assert_eq!(address("bw-2.wsdl", true), found);
        assert_eq!(address("bw-2.wsdl", false), None);
        assert_eq!(address("http://example.com/bw-2.wsdl", false), None);
    }
}
