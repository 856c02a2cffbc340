//! Certificates in PEM files that the declarations of systems name.

use tokio_rustls::rustls::pki_types::CertificateDer;

use crate::kind::{Compiling, pem};
use crate::source::Spanned;
use crate::syntax::Node;
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
