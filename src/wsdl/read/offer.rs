//! What a service of a contract must do: each operation once for all ports that have it, and those that nobody can do.

use super::model::{BoundOperation, Contract, Endpoint, Operation};
use super::wire::{Side, Wire};
use crate::document::tree::Name;
use crate::source::Span;

/// An operation that a service of a contract does.
#[derive(Debug, Clone)]
pub struct Offered<'c> {
    /// Where it is bound first.
    pub endpoint: Endpoint<'c>,
    /// As it is bound there.
    pub bound: &'c BoundOperation,
    /// As the port type has it.
    pub operation: &'c Operation,
    /// What a request's body holds.
    pub request: Wire,
    /// What an answer's body holds; `None` for a one-way operation.
    pub answer: Option<Wire>,
    /// Its actions, of all its bindings.
    pub actions: Vec<String>,
    /// The elements of its header blocks in requests.
    pub headers: Vec<Name>,
}

/// Why an operation that its service begins is no one's to call.
pub(super) const FROM_SERVICE: &str = "is sent by the service first, and nobody calls it";

/// An operation that cannot be served, or called: its name, where it is bound, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its name.
    pub name: String,
    /// Where it is bound.
    pub span: Span,
    /// Why, to stand behind its name.
    pub why: String,
}

impl Contract {
    /// The operations of endpoints that can be served side by side at one address, and those that cannot.
    pub fn offered<'c>(&'c self, endpoints: &[Endpoint<'c>]) -> (Vec<Offered<'c>>, Vec<LeftOut>) {
        let (mut found, mut left): (Vec<Offered<'c>>, Vec<LeftOut>) = (Vec::new(), Vec::new());
        for endpoint in endpoints {
            for (bound, operation) in endpoint.operations() {
                let one = match self.offer(endpoint, bound, operation) {
                    Ok(one) => one,
                    Err(why) => {
                        left.push(LeftOut { name: bound.name.clone(), span: bound.span, why });
                        continue;
                    }
                };
                let is_it = |known: &&mut Offered<'c>| {
                    known.endpoint.port_type.name == endpoint.port_type.name
                        && known.bound.operation == bound.operation
                        && known.request == one.request
                };
                if let Some(known) = found.iter_mut().find(is_it) {
                    for action in one.actions {
                        if !known.actions.contains(&action) {
                            known.actions.push(action);
                        }
                    }
                    known.headers.extend(one.headers);
                } else if let Some(twin) = found.iter().find(|known| is_same_on_the_wire(known, &one)) {
                    let why = format!(
                        "has the same body and the same action as `{}`, so the two cannot be told apart here",
                        twin.bound.name
                    );
                    left.push(LeftOut { name: bound.name.clone(), span: bound.span, why });
                } else {
                    found.push(one);
                }
            }
        }
        (found, left)
    }

    fn offer<'c>(
        &'c self,
        endpoint: &Endpoint<'c>,
        bound: &'c BoundOperation,
        operation: &'c Operation,
    ) -> Result<Offered<'c>, String> {
        if operation.is_from_service {
            return Err(FROM_SERVICE.to_owned());
        }
        let wire = |side| self.wire(bound, operation, side);
        let request = wire(Side::Request).unwrap_or(Wire::Empty);
        let answer = wire(Side::Answer);
        for (wire, what) in [(Some(&request), "request"), (answer.as_ref(), "answer")] {
            if let Some(Wire::Unfit(why)) = wire {
                return Err(format!("cannot be served: its {what} {why}"));
            }
        }
        let headers = self.header_elements(bound.input.as_ref());
        let actions = bound.action.iter().cloned().collect();
        Ok(Offered { endpoint: *endpoint, bound, operation, request, answer, actions, headers })
    }
}

fn is_same_on_the_wire(known: &Offered<'_>, one: &Offered<'_>) -> bool {
    let none = [String::new()];
    let actions = |of: &Offered<'_>| if of.actions.is_empty() { none.to_vec() } else { of.actions.clone() };
    known.request == one.request && actions(known).iter().any(|action| actions(one).contains(action))
}
