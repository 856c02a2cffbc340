//! What stands in the block of a `database`.

use std::time::Duration;

use crate::connector::pem::{Own, Pem};
use crate::kind::Compiling;
use crate::source::{Finding, Span};
use crate::sql::Tls;
use crate::syntax::Node;

/// The parts of a `database`, each with what holds without it.
#[derive(Debug)]
pub struct Parts {
    pub size: usize,
    pub idle: Duration,
    pub timeout: Duration,
    pub connect: Duration,
    pub tls: Option<DeclaredTls>,
    broken: bool,
}

/// The words in the block, each of which may stand once.
const WORDS: &[&str] = &["pool", "timeout", "tls"];

/// Connections at once.
const LARGEST: usize = 1000;

impl Parts {
    /// Reads the block; `None` after findings.
    pub fn read(node: &mut Node<'_>) -> Option<Self> {
        let mut parts = Self {
            size: 10,
            idle: Duration::from_secs(60),
            timeout: Duration::from_secs(30),
            connect: Duration::from_secs(5),
            tls: None,
            broken: false,
        };
        for child in node.parts(WORDS) {
            match child.name() {
                "pool" => parts.pool(child),
                "timeout" => parts.timeout(child),
                "tls" => {
                    parts.tls = DeclaredTls::read(child);
                    parts.broken |= parts.tls.is_none();
                }
                _ => {
                    child.unknown("unknown-word", "a part of `database`", WORDS.iter().copied());
                    parts.broken = true;
                }
            }
        }
        (!parts.broken).then_some(parts)
    }

    fn pool(&mut self, mut node: Node<'_>) {
        let (size, idle) = (node.property::<usize>("size"), node.property::<Duration>("idle"));
        if let Some(wrong) = size.as_ref().filter(|size| !(1..=LARGEST).contains(&size.value)) {
            let message = format!("a pool does not have {} connections", wrong.value);
            node.report(
                Finding::error("wrong-value", wrong.span, message).label(format!("expected 1 to {LARGEST}")),
            );
            self.broken = true;
        }
        node.finish();
        self.size = size.map_or(self.size, |given| given.value);
        self.idle = idle.map_or(self.idle, |given| given.value);
    }

    fn timeout(&mut self, mut node: Node<'_>) {
        let total = node.argument::<Duration>("duration");
        let connect = node.property::<Duration>("connect");
        for given in [&total, &connect].into_iter().flatten().filter(|given| given.value.is_zero()) {
            let finding = Finding::error("bad-timeout", given.span, "no statement is done in no time");
            node.report(finding.help("say how long it may take, such as \"5s\""));
            self.broken = true;
        }
        node.finish();
        self.broken |= total.is_none();
        self.timeout = total.map_or(self.timeout, |given| given.value);
        self.connect = connect.map_or(self.connect, |given| given.value);
    }
}

/// `tls`: whom it trusts, and who it says it is.
#[derive(Debug)]
pub struct DeclaredTls {
    verify: bool,
    authorities: Option<Pem>,
    own: Option<Own>,
    /// Where it stands.
    pub span: Span,
}

impl DeclaredTls {
    fn read(mut node: Node<'_>) -> Option<Self> {
        let span = node.name_span();
        let verify = node.property::<bool>("verify").is_none_or(|given| given.value);
        let authorities = Pem::read(&mut node, "ca");
        let own = Own::read(&mut node)?;
        node.finish();
        Some(Self { verify, authorities, own, span })
    }

    /// Checks what it names; `None` after findings.
    pub fn compile(&self, compiling: &Compiling<'_>) -> Option<Tls> {
        let read = |pem: &Pem| pem.certificates(compiling).and(pem.bytes().map(<[u8]>::to_vec));
        let authorities = match &self.authorities {
            Some(pem) => Some(read(pem)?),
            None => None,
        };
        let own = match &self.own {
            Some(own) => {
                own.checked(compiling)?;
                Some((own.certificate.bytes()?.to_vec(), own.key.value.clone()))
            }
            None => None,
        };
        Some(Tls { verify: self.verify, authorities, own })
    }
}
