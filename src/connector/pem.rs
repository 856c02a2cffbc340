//! Certificates in PEM files that the declarations of systems name, and the one that this side shows, with its key.

use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::kind::{Compiling, pem};
use crate::source::{Finding, Spanned};
use crate::syntax::{Node, Secret};
use crate::world::reason;

/// A file of certificates, as it was when it was read.
#[derive(Debug)]
pub struct Pem {
    path: Spanned<String>,
    contents: Result<Vec<u8>, String>,
}

impl Pem {
    /// Reads the file that a property names.
    pub fn read(node: &mut Node<'_>, property: &'static str) -> Option<Self> {
        let path = node.property::<String>(property)?;
        let contents = node.reading.world.read(&node.reading.resolve(&path));
        let contents = contents.map_err(|error| reason(&error));
        let seen = contents.clone().unwrap_or_else(String::into_bytes);
        node.reading.seen.borrow_mut().push((path.value.clone(), seen));
        Some(Self { path, contents })
    }

    /// Its certificates; `None` after a finding.
    pub fn certificates(&self, compiling: &Compiling<'_>) -> Option<Vec<CertificateDer<'static>>> {
        let found = pem::certificates(&self.contents, &self.path.value, self.path.span);
        found.map_err(|finding| compiling.report(finding)).ok()
    }

    /// Its bytes, where it could be read.
    pub fn bytes(&self) -> Option<&[u8]> {
        self.contents.as_deref().ok()
    }
}

/// The certificate that this side shows.
#[derive(Debug)]
pub struct Own {
    /// With those that lead to an authority behind it.
    pub certificate: Pem,
    /// Its key.
    pub key: Spanned<Secret>,
}

impl Own {
    /// Reads cert= and key= of a `tls`, where they are given; `None` after a finding.
    pub fn read(node: &mut Node<'_>) -> Option<Option<Self>> {
        let (certificate, key) = (Pem::read(node, "cert"), node.property::<Secret>("key"));
        if node.has_property("cert") != node.has_property("key") {
            let message = "a certificate is shown with its key: `tls` needs cert= and key= together";
            node.report(Finding::error("missing-property", node.name_span(), message));
            return None;
        }
        Some(certificate.zip(key).map(|(certificate, key)| Self { certificate, key }))
    }

    /// The certificate and its key, each checked for itself; `None` after findings.
    pub fn checked(
        &self,
        compiling: &Compiling<'_>,
    ) -> Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
        let chain = self.certificate.certificates(compiling);
        let key = pem::key(self.key.value.reveal(), self.key.span);
        chain.zip(key.map_err(|finding| compiling.report(finding)).ok())
    }
}
