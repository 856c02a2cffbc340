//! The schemas of well-known namespaces, which others import by address: they are built in, as nothing is fetched.

/// A built-in schema.
#[derive(Debug)]
pub struct BuiltIn {
    /// Its namespace.
    pub namespace: &'static str,
    /// Addresses it is known by, without the scheme; also every one that ends in the same file under its namespace.
    addresses: &'static [&'static str],
    /// The document.
    pub text: &'static str,
}

macro_rules! built_in {
    ($namespace:literal, $file:literal, [$($address:literal),*]) => {
        BuiltIn { namespace: $namespace, addresses: &[$($address),*], text: include_str!(concat!("wellknown/", $file)) }
    };
}

static ALL: &[BuiltIn] = &[
    built_in!(
        "http://www.w3.org/XML/1998/namespace",
        "xml.xsd",
        [
            "www.w3.org/2001/xml.xsd",
            "www.w3.org/2001/03/xml.xsd",
            "www.w3.org/2005/08/xml.xsd",
            "www.w3.org/2009/01/xml.xsd"
        ]
    ),
    built_in!(
        "http://www.w3.org/1999/xlink",
        "xlink.xsd",
        ["www.w3.org/XML/2008/06/xlink.xsd", "www.w3.org/1999/xlink.xsd"]
    ),
    built_in!("http://www.w3.org/2005/05/xmlmime", "xmlmime.xsd", ["www.w3.org/2005/05/xmlmime.xsd"]),
    built_in!(
        "http://www.w3.org/2004/08/xop/include",
        "xop-include.xsd",
        ["www.w3.org/2004/08/xop/include.xsd"]
    ),
    built_in!(
        "http://ws-i.org/profiles/basic/1.1/xsd",
        "swaref.xsd",
        ["ws-i.org/profiles/basic/1.1/swaref.xsd"]
    ),
    built_in!(
        "http://schemas.xmlsoap.org/soap/encoding/",
        "soap11-encoding.xsd",
        ["schemas.xmlsoap.org/soap/encoding"]
    ),
    built_in!(
        "http://schemas.xmlsoap.org/soap/envelope/",
        "soap11-envelope.xsd",
        ["schemas.xmlsoap.org/soap/envelope"]
    ),
    built_in!("http://www.w3.org/2003/05/soap-encoding", "soap12-encoding.xsd", []),
    built_in!("http://www.w3.org/2003/05/soap-envelope", "soap12-envelope.xsd", []),
    built_in!(
        "http://www.w3.org/2005/08/addressing",
        "ws-addr.xsd",
        ["www.w3.org/2005/08/addressing/ws-addr.xsd", "www.w3.org/2006/03/addressing/ws-addr.xsd"]
    ),
    built_in!(
        "http://www.w3.org/2000/09/xmldsig#",
        "xmldsig-core-schema.xsd",
        [
            "www.w3.org/TR/xmldsig-core/xmldsig-core-schema.xsd",
            "www.w3.org/TR/2002/REC-xmldsig-core-20020212/xmldsig-core-schema.xsd"
        ]
    ),
    built_in!(
        "http://www.w3.org/2001/04/xmlenc#",
        "xenc-schema.xsd",
        ["www.w3.org/TR/2002/REC-xmlenc-core-20021210/xenc-schema.xsd"]
    ),
    built_in!(
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
        "wsse.xsd",
        []
    ),
    built_in!(
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd",
        "wsu.xsd",
        []
    ),
    built_in!(
        "http://schemas.xmlsoap.org/ws/2004/08/addressing",
        "ws-addr200408.xsd",
        ["schemas.xmlsoap.org/ws/2004/08/addressing/addressing.xsd"]
    ),
    built_in!(
        "http://www.w3.org/2006/05/addressing/wsdl",
        "ws-addr-wsdl.xsd",
        ["www.w3.org/2006/05/addressing/wsdl/ws-addr-wsdl.xsd"]
    ),
    built_in!(
        "http://schemas.xmlsoap.org/ws/2004/09/policy",
        "ws-policy.xsd",
        ["schemas.xmlsoap.org/ws/2004/09/policy/ws-policy.xsd"]
    ),
    built_in!("http://docs.oasis-open.org/wsn/b-2", "b-2.xsd", ["docs.oasis-open.org/wsn/b-2.xsd"]),
    built_in!("http://docs.oasis-open.org/wsn/br-2", "br-2.xsd", ["docs.oasis-open.org/wsn/br-2.xsd"]),
    built_in!("http://docs.oasis-open.org/wsn/t-1", "t-1.xsd", ["docs.oasis-open.org/wsn/t-1.xsd"]),
    built_in!("http://docs.oasis-open.org/wsrf/bf-2", "bf-2.xsd", ["docs.oasis-open.org/wsrf/bf-2.xsd"]),
    built_in!("http://docs.oasis-open.org/wsrf/r-2", "r-2.xsd", ["docs.oasis-open.org/wsrf/r-2.xsd"]),
    // Of use to elements that hold a schema, such as the data sets of .NET.
    built_in!("http://www.w3.org/2001/XMLSchema", "structure.xsd", ["www.w3.org/2001/XMLSchema.xsd"]),
];

/// The schema of a namespace.
pub fn by_namespace(namespace: &str) -> Option<&'static BuiltIn> {
    ALL.iter().find(|known| known.namespace == namespace)
}

/// Whether the schema at an address is built in.
pub fn is_built_in(address: &str) -> bool {
    by_address(address).is_some()
}

/// The schema at an address.
pub fn by_address(address: &str) -> Option<&'static BuiltIn> {
    let bare = |text: &'static str| text.split_once("://").map_or(text, |(_, rest)| rest);
    let address = address.split_once("://").map(|(_, rest)| rest)?.trim_end_matches('/');
    let is = |known: &str| known.trim_end_matches('/') == address;
    ALL.iter().find(|known| is(bare(known.namespace)) || known.addresses.iter().any(|known| is(known)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_find_their_schema() {
        let namespace = |address| by_address(address).map(|known| known.namespace);
        assert_eq!(
            namespace("https://www.w3.org/2001/xml.xsd"),
            Some("http://www.w3.org/XML/1998/namespace")
        );
        assert_eq!(
            namespace("http://schemas.xmlsoap.org/soap/encoding/"),
            Some("http://schemas.xmlsoap.org/soap/encoding/")
        );
        assert_eq!(namespace("http://example.com/own.xsd"), None);
        assert_eq!(namespace("xml.xsd"), None);
        assert!(by_namespace("http://www.w3.org/2005/08/addressing").is_some());
    }
}
