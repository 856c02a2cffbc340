//! TLS settings from certificates and keys in PEM.

use std::path::Path;
use std::sync::Arc;

use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig, crypto};

use crate::config::DeclaredTls;
use crate::kind::{Compiling, pem};
use crate::source::{Finding, Span};

/// The bytes of a file that `tls` names, or why they cannot be had.
pub type Contents = Result<Vec<u8>, String>;

/// The files of one listener's `tls`.
#[derive(Debug)]
pub struct Files {
    /// The certificate chain.
    pub certificate: Contents,
    /// The authorities that sign clients' certificates.
    pub client_ca: Option<Contents>,
}

/// Makes the settings; `None` after findings.
pub fn settings(
    declared: &DeclaredTls,
    files: &Files,
    compiling: &Compiling<'_>,
) -> Option<Arc<ServerConfig>> {
    let certificate = &declared.certificate;
    let chain = told(pem::certificates(&files.certificate, &certificate.value, certificate.span), compiling);
    let key = told(pem::key(declared.key.value.reveal(), declared.key.span), compiling);
    let clients = match (&declared.client_ca, &files.client_ca) {
        (Some(path), Some(contents)) => {
            Some(told(pem::certificates(contents, &path.value, path.span), compiling)?)
        }
        _ => None,
    };
    let (chain, key) = (chain?, key?);
    let provider = Arc::new(crypto::aws_lc_rs::default_provider());
    let bad = |span: Span, what: &str, error: &dyn std::fmt::Display| {
        compiling.report(Finding::error("bad-tls", span, format!("{what}: {error}")));
    };
    let builder = ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| bad(declared.span, "TLS cannot be set up", &error)).ok()?;
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authorities) => {
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(authorities);
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            let verifier = if declared.client_required { verifier } else { verifier.allow_unauthenticated() };
            let verifier =
                verifier.build().map_err(|error| bad(declared.span, "`client-ca` cannot be used", &error));
            builder.with_client_cert_verifier(verifier.ok()?)
        }
    };
    let config = builder.with_single_cert(chain, key);
    let mut config = config
        .map_err(|error| {
            bad(declared.certificate.span, "the certificate and key do not fit together", &error)
        })
        .ok()?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Some(Arc::new(config))
}

/// What was read; `None` after a finding.
fn told<T>(read: Result<T, Finding>, compiling: &Compiling<'_>) -> Option<T> {
    read.map_err(|finding| compiling.report(finding)).ok()
}

/// Reads a file as [`Contents`].
pub fn contents(path: &Path, world: &dyn crate::world::World) -> Contents {
    world.read(path).map_err(|error| crate::world::reason(&error))
}
