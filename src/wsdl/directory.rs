//! A WSDL that names those of several services: all that a listener serves over SOAP.

use std::fmt::Write as _;

use super::template::attribute;

/// Writes it for services, each with its namespace and the path of its address; `base` is the scheme and the host that the
/// caller uses: `https://api.example.com`.
pub fn directory<'a>(base: &str, services: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<u8> {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<wsdl:definitions \
         xmlns:wsdl=\"http://schemas.xmlsoap.org/wsdl/\" targetNamespace=\"urn:soapstone:listener\">\n",
    );
    for (namespace, path) in services {
        let (namespace, location) = (attribute(namespace), attribute(&format!("{base}{path}?wsdl")));
        let _ = writeln!(out, "  <wsdl:import namespace=\"{namespace}\" location=\"{location}\"/>");
    }
    out.push_str("</wsdl:definitions>\n");
    out.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_is_named() {
        let services = [("urn:a", "/a/soap"), ("urn:b&c", "/b")];
        let text = String::from_utf8(directory("https://h:1", services.into_iter())).unwrap();
        assert!(crate::xml::parse(&text, &Default::default()).is_ok(), "{text}");
        assert!(text.contains("<wsdl:import namespace=\"urn:a\" location=\"https://h:1/a/soap?wsdl\"/>"));
        assert!(text.contains("namespace=\"urn:b&amp;c\" location=\"https://h:1/b?wsdl\""));
    }
}
