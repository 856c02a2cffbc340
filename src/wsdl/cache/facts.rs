//! What a client sees of a contract: the signatures of its operations, its types, its policies.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::wsdl::read::{Contract, Loaded, MessageUse, Operation, PartKind, PortType, policies};

/// What is known of a contract, by name, so that two versions of it can be compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The operations, each by its port type and its name.
    pub operations: BTreeMap<String, Signature>,
    /// What the global types and elements say, each by its kind and its name.
    pub types: BTreeMap<String, String>,
    /// What the policies say, and where policies are referred to.
    pub policies: BTreeMap<String, String>,
}

/// What an operation takes and gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signature {
    /// The elements of the input, or the parts with their types; `None` without one.
    pub input: Option<String>,
    /// Those of the output.
    pub output: Option<String>,
    /// Those of each fault.
    pub faults: BTreeMap<String, String>,
    /// Its SOAP actions, with the version of SOAP.
    pub actions: BTreeSet<String>,
}

impl Facts {
    /// Of what was read. `is_own` tells the files of the contract from those that are built in.
    pub fn of(loaded: &Loaded, is_own: &dyn Fn(&Path) -> bool) -> Self {
        let mut facts = Self::default();
        for contract in &loaded.contracts {
            for port_type in &contract.port_types {
                facts.port_type(contract, port_type);
            }
            for policy in
                contract.files.iter().filter(|file| is_own(&file.path)).flat_map(|file| policies(&file.text))
            {
                facts.policies.entry(policy.name).or_default().push_str(&policy.says);
            }
        }
        for component in loaded.documents.components(is_own) {
            let kind = match component.kind.as_str() {
                "complexType" | "simpleType" => "type",
                other => other,
            };
            facts.types.entry(format!("{kind} {}", component.name)).or_default().push_str(&component.says);
        }
        facts
    }

    /// How much there is, in words.
    pub fn counted(&self) -> String {
        let count = |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
        [
            count(self.operations.len(), "operation", "operations"),
            count(self.types.len(), "type or element", "types and elements"),
            count(self.policies.len(), "policy", "policies"),
        ]
        .join(", ")
    }

    fn port_type(&mut self, contract: &Contract, port_type: &PortType) {
        for (number, operation) in port_type.operations.iter().enumerate() {
            let mut name = format!("{}.{}", port_type.name.local, operation.name);
            if let Some(input) = operation.input.as_ref().filter(|_| self.operations.contains_key(&name)) {
                // Operations of one name have inputs of different names.
                name = format!("{name} ({})", input.name);
            }
            let message = |used: &MessageUse| said(contract, used);
            let faults = operation.faults.iter().map(|fault| (fault.name.clone(), message(fault)));
            let signature = Signature {
                input: operation.input.as_ref().map(message),
                output: operation.output.as_ref().map(message),
                faults: faults.collect(),
                actions: actions(contract, port_type, number, operation),
            };
            self.operations.insert(name, signature);
        }
    }
}

/// The elements of a message, or its parts with their types.
fn said(contract: &Contract, used: &MessageUse) -> String {
    let parts = contract.message(&used.message).map(|message| message.parts.as_slice()).unwrap_or_default();
    let shown = |part: &crate::wsdl::read::Part| match &part.kind {
        PartKind::Element(name) => name.to_string(),
        PartKind::Type(name) => format!("{} of type {name}", part.name),
    };
    match parts {
        [] => "nothing".to_owned(),
        parts => parts.iter().map(shown).collect::<Vec<_>>().join(", "),
    }
}

fn actions(
    contract: &Contract,
    port_type: &PortType,
    number: usize,
    operation: &Operation,
) -> BTreeSet<String> {
    let bindings = contract.bindings.iter().filter(|binding| binding.port_type == port_type.name);
    let mut found = BTreeSet::new();
    for binding in bindings.filter(|binding| binding.protocol.is_soap()) {
        let bound = binding.operations.iter();
        for bound in bound.filter(|bound| bound.operation == Some(number) && bound.name == operation.name) {
            let action = bound.action.as_deref().unwrap_or_default();
            found.insert(format!("{action:?} ({})", binding.protocol.shown()));
        }
    }
    found
}
