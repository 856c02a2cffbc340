//! Whom a call trusts over TLS, and who it says it is itself.

use std::sync::Arc;

use ::aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, TrustAnchor, UnixTime};
use tokio_rustls::rustls::{
    self, CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme,
};

/// What the file says of TLS to a server.
#[derive(Debug, Default)]
pub struct Tls {
    /// The authorities that are trusted; without any, those that browsers trust.
    pub authorities: Vec<CertificateDer<'static>>,
    /// The certificates and the key that this side shows.
    pub own: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
    /// SHA-256 over the public key (SubjectPublicKeyInfo) of the only certificates that are taken; any without one.
    pub pins: Vec<[u8; 32]>,
}

/// Makes the settings that connections share.
///
/// # Errors
/// What does not fit, in words.
pub fn settings(tls: Tls) -> Result<Arc<ClientConfig>, String> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    if tls.authorities.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().map(TrustAnchor::to_owned));
    }
    for authority in tls.authorities {
        roots.add(authority).map_err(|error| format!("an authority cannot be used: {error}"))?;
    }
    let text = |error: rustls::Error| error.to_string();
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().map_err(text)?;
    let verifier =
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build();
    let verifier = verifier.map_err(|error| error.to_string())?;
    let builder = if tls.pins.is_empty() {
        builder.with_webpki_verifier(verifier)
    } else {
        let pinned = Pinned { verifier, pins: tls.pins, provider };
        builder.dangerous().with_custom_certificate_verifier(Arc::new(pinned))
    };
    let mut settings = match tls.own {
        Some((chain, key)) => builder
            .with_client_auth_cert(chain, key)
            .map_err(|error| format!("the certificate and key do not fit together: {error}"))?,
        None => builder.with_no_client_auth(),
    };
    settings.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(settings))
}

/// A certificate that is trusted, and whose public key is another than those that are named.
#[derive(Debug)]
struct OtherPin(String);

impl std::fmt::Display for OtherPin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "its public key is none of those that `pin=` names: it has the SHA-256 {}", self.0)
    }
}

impl std::error::Error for OtherPin {}

/// Takes a certificate that is trusted only if its public key is one of some.
#[derive(Debug)]
struct Pinned {
    verifier: Arc<WebPkiServerVerifier>,
    pins: Vec<[u8; 32]>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let trusted =
            self.verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)?;
        let key = rustls::server::ParsedCertificate::try_from(end_entity)?.subject_public_key_info();
        let found = digest(&SHA256, key.as_ref());
        if self.pins.iter().any(|pin| pin.as_slice() == found.as_ref()) {
            return Ok(trusted);
        }
        let other = OtherPin(STANDARD.encode(found.as_ref()));
        Err(rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(other)))))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
