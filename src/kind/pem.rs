//! Certificates and keys in PEM, which findings speak about.

use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::source::{Finding, Span};

/// The certificates in a file.
///
/// # Errors
/// The finding about a file without any.
pub fn certificates(
    contents: &Result<Vec<u8>, String>,
    path: &str,
    span: Span,
) -> Result<Vec<CertificateDer<'static>>, Finding> {
    let bytes = contents.as_ref().map_err(|why| {
        Finding::error("unreadable-file", span, format!("`{path}` cannot be read: {why}"))
            .help("paths are relative to the file that names them")
    })?;
    let found: Result<Vec<_>, _> = rustls_pemfile::certs(&mut bytes.as_slice()).collect();
    match found {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        _ => Err(Finding::error("bad-tls", span, format!("there is no PEM certificate in `{path}`"))
            .label("expected -----BEGIN CERTIFICATE-----")),
    }
}

/// The private key in a text.
///
/// # Errors
/// The finding about a text without one.
pub fn key(pem: &str, span: Span) -> Result<PrivateKeyDer<'static>, Finding> {
    match rustls_pemfile::private_key(&mut pem.as_bytes()) {
        Ok(Some(key)) => Ok(key),
        _ => Err(Finding::error("bad-tls", span, "`key=` holds no PEM private key")
            .help("key=(file)\"tls/server.key\" reads it from a file")),
    }
}
