//! `tls` of a server or a broker: whom it trusts, and who it says it is.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio_rustls::rustls::ClientConfig;

use crate::client::{self, Tls};
use crate::connector::pem::{Own, Pem};
use crate::kind::Compiling;
use crate::source::{Finding, Span, Spanned};
use crate::syntax::Node;

/// What the file says of TLS.
#[derive(Debug)]
pub struct DeclaredTrust {
    authorities: Option<Pem>,
    own: Option<Own>,
    pins: Vec<[u8; 32]>,
    /// The name in the certificate.
    pub name: Option<Arc<str>>,
    /// Where it stands.
    pub span: Span,
}

impl DeclaredTrust {
    /// Reads `tls`; `None` after findings.
    pub fn read(mut node: Node<'_>) -> Option<Self> {
        let span = node.name_span();
        let authorities = Pem::read(&mut node, "ca");
        let own = Own::read(&mut node)?;
        let pins = match node.property::<String>("pin") {
            Some(given) => pins(&node, &given)?,
            None => Vec::new(),
        };
        let name = node.property::<String>("name").map(|given| Arc::from(given.value.as_str()));
        node.finish();
        Some(Self { authorities, own, pins, name, span })
    }

    /// The settings of connections; `None` after findings.
    pub fn settings(declared: Option<&Self>, compiling: &Compiling<'_>) -> Option<Option<Arc<ClientConfig>>> {
        let mut tls = Tls::default();
        if let Some(declared) = declared {
            if let Some(authorities) = &declared.authorities {
                tls.authorities = authorities.certificates(compiling)?;
            }
            if let Some(own) = &declared.own {
                tls.own = Some(own.checked(compiling)?);
            }
            tls.pins.clone_from(&declared.pins);
        }
        let span = declared.map(|declared| declared.span).unwrap_or_default();
        let settings = client::settings(tls);
        settings.map_err(|why| compiling.report(Finding::error("bad-tls", span, why))).ok().map(Some)
    }

    /// What makes connections with these settings other than those with others.
    pub fn identity(&self) -> String {
        let hash = |bytes: &[u8]| STANDARD.encode(digest(&SHA256, bytes));
        let of = |pem: &Pem| pem.bytes().map(hash);
        let own =
            self.own.as_ref().map(|own| (of(&own.certificate), hash(own.key.value.reveal().as_bytes())));
        format!("{:?} {own:?} {:?} {:?}", self.authorities.as_ref().and_then(of), self.pins, self.name)
    }
}

fn pins(node: &Node<'_>, given: &Spanned<String>) -> Option<Vec<[u8; 32]>> {
    let mut all = Vec::new();
    for text in given.value.split_whitespace() {
        let text = text.strip_prefix("sha256/").unwrap_or(text);
        let bytes = STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
        let Some(bytes) = bytes else {
            let finding = Finding::error("wrong-value", given.span, "this is no SHA-256 in Base64");
            node.report(
                finding
                    .label("expected 44 characters that end with `=`")
                    .help("`soapstone call` shows the pin of a server's certificate"),
            );
            return None;
        };
        all.push(bytes);
    }
    Some(all)
}
