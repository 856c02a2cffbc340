//! A WSDL that names those of several services: all that a listener serves over SOAP.

use std::fmt::Write as _;

use super::template::{ADDRESS, Template, attribute};

/// A written document of imports in which only the scheme and the host are open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory(Template);

impl Directory {
    /// Writes it for services, each with its namespace and the path of its address.
    pub fn new(services: &[(String, String)]) -> Self {
        let mut out = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<wsdl:definitions \
             xmlns:wsdl=\"http://schemas.xmlsoap.org/wsdl/\" targetNamespace=\"urn:soapstone:listener\">\n",
        );
        for (namespace, path) in services {
            let (namespace, path) = (attribute(namespace), attribute(path));
            let _ =
                writeln!(out, "  <wsdl:import namespace=\"{namespace}\" location=\"{ADDRESS}{path}?wsdl\"/>");
        }
        out.push_str("</wsdl:definitions>\n");
        Self(Template::new(&out))
    }

    /// The document for callers who use this scheme and host: `https://api.example.com`.
    pub fn at(&self, base: &str) -> Vec<u8> {
        self.0.at(base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_is_named() {
        let services = [("urn:a".to_owned(), "/a/soap".to_owned()), ("urn:b&c".to_owned(), "/b".to_owned())];
        let text = String::from_utf8(Directory::new(&services).at("https://h:1")).unwrap();
        assert!(crate::xml::parse(&text, &Default::default()).is_ok(), "{text}");
        assert!(text.contains("<wsdl:import namespace=\"urn:a\" location=\"https://h:1/a/soap?wsdl\"/>"));
        assert!(text.contains("namespace=\"urn:b&amp;c\" location=\"https://h:1/b?wsdl\""));
    }
}
