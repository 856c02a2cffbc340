//! The contract of a server: the WSDL that says what can be called there and what is sent and answered.

use std::sync::Arc;

use super::Compiling;
use super::schemas::Schemas;
use crate::document::tree::Name;
use crate::pipeline::operation::Profile;
use crate::schema::Mode;
use crate::schema::grammar::{ElementId, Grammar};
use crate::soap::Version;
use crate::source::{Finding, Span, Spanned};
use crate::wsdl::read::{Call, Contract, Endpoint, Protocol};
use crate::xml::XML;

/// The WSDL of a server, and which of its ports is meant.
#[derive(Debug)]
pub struct RemoteContract {
    /// The files.
    pub schemas: Arc<Schemas>,
    /// Where the WSDL is named.
    pub span: Span,
    /// The service that is meant.
    pub service: Option<Spanned<String>>,
    /// The port that is meant.
    pub port: Option<Spanned<String>>,
    /// The version of SOAP that is meant.
    pub version: Option<Version>,
}

impl RemoteContract {
    /// The contract; `None` where the file could not be read, which was reported.
    pub fn contract(&self) -> Option<&Contract> {
        self.schemas.contracts.first()
    }

    /// The ports that are meant, those with SOAP 1.1 and 1.2 in the order of the WSDL; `None` after a finding.
    pub fn endpoints(&self, compiling: &Compiling<'_>) -> Option<Vec<Endpoint<'_>>> {
        let contract = self.contract()?;
        let mut chosen = contract.endpoints();
        chosen.retain(|endpoint| endpoint.binding.protocol.is_soap());
        let service =
            |endpoint: &Endpoint<'_>| endpoint.port.map(|(service, _)| service.name.local.to_string());
        let port = |endpoint: &Endpoint<'_>| endpoint.port.map(|(_, port)| port.name.clone());
        for (wanted, what, code, of) in [
            (
                &self.service,
                "service",
                "unknown-service",
                &service as &dyn Fn(&Endpoint<'_>) -> Option<String>,
            ),
            (&self.port, "port", "unknown-port", &port),
        ] {
            let Some(wanted) = wanted else { continue };
            let known: Vec<String> = chosen.iter().filter_map(of).collect();
            chosen.retain(|endpoint| of(endpoint).as_ref() == Some(&wanted.value));
            if chosen.is_empty() {
                let message = format!("the WSDL has no {what} `{}` for SOAP", wanted.value);
                let finding = Finding::error(code, wanted.span, message);
                compiling.report(finding.suggest(&wanted.value, known.iter().map(String::as_str)));
                return None;
            }
        }
        if let Some(version) = self.version {
            chosen.retain(|endpoint| version_of(endpoint) == version);
        }
        if chosen.is_empty() {
            let message = match self.version {
                Some(version) => format!("the WSDL has no port for SOAP {}", version.as_str()),
                None => "the WSDL has no binding to SOAP, so there is nothing to call".to_owned(),
            };
            compiling.report(Finding::error("no-soap", self.span, message));
            return None;
        }
        Some(chosen)
    }

    /// The operation of a name; `None` after a finding.
    pub fn call(&self, name: &Spanned<String>, compiling: &Compiling<'_>) -> Option<Call<'_>> {
        let contract = self.contract()?;
        let endpoints = self.endpoints(compiling)?;
        let mut known: Vec<&str> = Vec::new();
        for endpoint in &endpoints {
            let (calls, left) = contract.calls(endpoint);
            if let Some(call) = calls.into_iter().find(|call| call.bound.name == name.value) {
                return Some(call);
            }
            if let Some(out) = left.into_iter().find(|out| out.name == name.value) {
                let finding =
                    Finding::error("not-callable", name.span, format!("`{}` {}", out.name, out.why));
                compiling.report(finding.also(out.span, "it is bound here"));
                return None;
            }
            known.extend(endpoint.operations().map(|(bound, _)| bound.name.as_str()));
        }
        let message = format!("the contract has no operation `{}`", name.value);
        let finding = Finding::error("unknown-operation", name.span, message);
        known.sort_unstable();
        known.dedup();
        let listed = known.iter().take(10).copied().collect::<Vec<_>>().join(", ");
        let finding = finding.suggest(&name.value, known.iter().copied());
        compiling.report(if finding.help.is_some() {
            finding
        } else {
            finding.help(format!("it has {listed}"))
        });
        None
    }

    /// An element of its schemas; `None` where they have mistakes, or no such element.
    pub fn element(&self, name: &Name, compiling: &Compiling<'_>) -> Option<(Arc<Grammar>, ElementId)> {
        let grammar = self.schemas.grammar(compiling)?;
        let root = grammar.root(name)?;
        Some((grammar, root))
    }

    /// The documents of an element of its schemas, checked that strictly; `None` where the schemas have mistakes, or no such element.
    pub fn profile(&self, name: &Name, mode: Mode, compiling: &Compiling<'_>) -> Option<Arc<Profile>> {
        let (grammar, root) = self.element(name, compiling)?;
        let mut shape = grammar.shape(root)?;
        shape.checking.mode = Some(mode);
        Some(Arc::new(Profile::new(&name.local, &XML, shape)))
    }
}

/// The version of SOAP that a port speaks.
pub fn version_of(endpoint: &Endpoint<'_>) -> Version {
    if endpoint.binding.protocol == Protocol::Soap12 { Version::V12 } else { Version::V11 }
}
