//! What a contract, or its absence, says of a call.

use super::answer::{self, Expected};
use super::declared::Declared;
use super::envelope::{self, Encoding};
use crate::document::tree::Name;
use crate::kind::contract::{RemoteContract, version_of};
use crate::kind::path::Side;
use crate::kind::{Compiling, Here};
use crate::schema::Mode;
use crate::soap::Version;
use crate::source::Finding;
use crate::step::clauses::{DeclaredClause, KnownFault};
use crate::wsdl::read::Call;

/// The terms of a call.
pub(super) struct Terms {
    pub(super) version: Version,
    pub(super) action: Option<String>,
    pub(super) request: envelope::Body,
    pub(super) encoding: Option<Encoding>,
    pub(super) expected: Expected,
    /// What is known of the documents that come out; the outer `None` is what went in.
    pub(super) out: Option<Option<Side>>,
    pub(super) known_faults: Option<Vec<KnownFault>>,
}

impl Declared {
    /// What is said of this call; `None` after findings.
    pub(super) fn terms(&self, here: &Here, compiling: &Compiling<'_>) -> Option<Terms> {
        let Some(operation) = &self.operation else { return Some(self.raw()) };
        let Some(contract) = compiling.contracts.get(&self.server.value) else {
            // A server with mistakes may have had one.
            if compiling.servers.get(&self.server.value).is_some() {
                let message = format!(
                    "`{}` has no contract that could have the operation `{}`",
                    self.server.value, operation.value
                );
                let finding = Finding::error("no-wsdl", operation.span, message);
                compiling.report(
                    finding
                        .help("write wsdl PATH in the server, or action=URI here in place of the operation"),
                );
            }
            return None;
        };
        let call = contract.call(operation, compiling)?;
        let request = self.request(&call, contract, here, compiling)?;
        let (body, out) = self.answer(&call, contract, compiling)?;
        let encoding = match call.request.body.first().filter(|_| call.request.is_encoded) {
            Some(name) => {
                let (grammar, root) = contract.element(name, compiling)?;
                Some(Encoding { grammar, root })
            }
            None => None,
        };
        let faults: Vec<(String, Option<Name>)> =
            call.faults.iter().map(|fault| (fault.name.to_owned(), fault.detail.clone())).collect();
        let known = |(name, element): &(String, Option<Name>)| KnownFault {
            name: name.clone(),
            element: element.clone(),
            detail: element
                .as_ref()
                .and_then(|element| contract.profile(element, Mode::Off, compiling))
                .map(|profile| Side::of(&profile)),
        };
        let known_faults = faults.iter().map(known).collect();
        Some(Terms {
            version: version_of(&call.endpoint),
            action: call.action.map(str::to_owned),
            request,
            encoding,
            known_faults: Some(known_faults),
            expected: Expected { body, faults },
            out,
        })
    }

    /// The elements that the schemas of the server declare, where it has any.
    pub(super) fn elements(&self, compiling: &Compiling<'_>) -> Vec<Name> {
        // A call without an operation, or without clauses that name any, asks nothing of the schemas.
        let asks = self.operation.is_some() && self.parts.clauses.iter().any(DeclaredClause::names_detail);
        let contract = compiling.contracts.get(&self.server.value).filter(|_| asks);
        let grammar = contract.and_then(|contract| contract.schemas.grammar(compiling));
        let mut all: Vec<Name> = grammar.iter().flat_map(|grammar| grammar.roots().cloned()).collect();
        all.sort_unstable_by(|left, right| {
            (&left.local, &left.namespace).cmp(&(&right.local, &right.namespace))
        });
        all
    }

    fn raw(&self) -> Terms {
        let body = if self.whole { answer::Body::Envelope } else { answer::Body::Any };
        Terms {
            version: self.version,
            action: self.action.as_ref().map(|action| action.value.text.clone()),
            request: envelope::Body::Any,
            encoding: None,
            expected: Expected { body, faults: Vec::new() },
            out: Some(None),
            known_faults: None,
        }
    }

    fn request(
        &self,
        call: &Call<'_>,
        contract: &RemoteContract,
        here: &Here,
        compiling: &Compiling<'_>,
    ) -> Option<envelope::Body> {
        let Some(name) = self.single(&call.request.body, "request", compiling)? else {
            return Some(envelope::Body::Empty);
        };
        let profile = contract.profile(&name, self.mode, compiling)?;
        if let Some(known) = &here.document {
            let at = self.operation.as_ref().map_or(self.span, |operation| operation.span);
            known.check_is(&profile, "the request", at, compiling)?;
        }
        Some(envelope::Body::Of(profile))
    }

    /// What is answered, and what is known of the documents that come out.
    fn answer(
        &self,
        call: &Call<'_>,
        contract: &RemoteContract,
        compiling: &Compiling<'_>,
    ) -> Option<(answer::Body, Option<Option<Side>>)> {
        let Some(answered) = &call.answer else { return Some((answer::Body::OneWay, None)) };
        let Some(name) = self.single(&answered.body, "answer", compiling)? else {
            return Some((answer::Body::Empty, Some(None)));
        };
        let profile = contract.profile(&name, self.mode, compiling)?;
        let side = Side::of(&profile);
        Some((answer::Body::Of(profile), Some(Some(side))))
    }

    /// The one element of a body; the inner `None` for an empty one, the outer after a finding.
    fn single(&self, body: &[Name], what: &str, compiling: &Compiling<'_>) -> Option<Option<Name>> {
        match body {
            [] => Some(None),
            [one] => Some(Some(one.clone())),
            several => {
                let at = self.operation.as_ref().map_or(self.span, |operation| operation.span);
                let message = format!(
                    "the {what} of this operation has {} elements side by side in its body",
                    several.len()
                );
                let finding = Finding::error("not-callable", at, message);
                compiling.report(
                    finding.help("send a whole envelope: soap SERVER action=URI, without an operation"),
                );
                None
            }
        }
    }
}
