//! What contracts say beside inputs and outputs: declared faults, SOAP headers, and whether a process keeps to them.

use std::collections::BTreeSet;
use std::sync::Arc;

use hyper::StatusCode;

use super::names::entered;
use crate::config::{Declarations, DeclaredFault, DeclaredHeader, DeclaredOperation, DeclaredWork};
use crate::document::family::Family;
use crate::kind::Compiling;
use crate::kind::step::DeclaredPath;
use crate::pipeline::contract::{Fault, Header};
use crate::pipeline::gateway::Listener;
use crate::source::{Finding, Spanned};

/// The status of a fault that says none: the request is understood and cannot be done.
const STATUS: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// Compiles the faults.
pub fn faults(declared: &Declarations, compiling: &mut Compiling<'_>) {
    for declared in &declared.faults {
        let compiled = fault(declared, compiling).filter(|_| !declared.broken);
        let result = compiling.faults.enter(&declared.name, compiled.map(Arc::new));
        entered(result, compiling);
    }
}

fn fault(declared: &DeclaredFault, compiling: &Compiling<'_>) -> Option<Fault> {
    let profile = declared.profile.as_ref().map(|name| compiling.profile(name));
    let status = declared.status.as_ref().map_or(Some(STATUS), |status| compiling.failure_status(status));
    let profile = match profile {
        Some(profile) => Some(profile?),
        None => None,
    };
    Some(Fault {
        name: declared.name.value.as_str().into(),
        profile,
        status: status?,
        description: declared.description.clone(),
    })
}

/// The faults of an operation; `None` after findings.
pub fn named(declared: &DeclaredOperation, compiling: &Compiling<'_>) -> Option<Vec<Arc<Fault>>> {
    let mut whole = true;
    for (at, name) in declared.faults.iter().enumerate() {
        if let Some(first) = declared.faults.iter().take(at).find(|other| other.value == name.value) {
            let message = format!("the fault `{}` is named twice", name.value);
            let finding = Finding::error("duplicate-part", name.span, message);
            compiling.report(finding.also(first.span, "the first one is here"));
            whole = false;
        }
    }
    if let (Some(first), true) = (declared.faults.first(), declared.output.is_none() && !declared.broken) {
        let message = "an operation without an output answers before it could fail";
        let finding = Finding::warning("unused", first.span, message);
        compiling.report(finding.help("remove `faults`, or declare the output"));
    }
    let found: Vec<_> = declared.faults.iter().map(|name| compiling.fault(name)).collect();
    found.into_iter().collect::<Option<Vec<_>>>().filter(|_| whole)
}

/// Warns of roles that nobody has.
fn held(declared: &Declarations, compiling: &Compiling<'_>) {
    let users = declared.users.iter().flat_map(|users| &users.users);
    let known: BTreeSet<&str> = users.flat_map(|user| &user.roles).map(|role| role.as_str()).collect();
    for operation in &declared.operations {
        let Some(roles) = &operation.roles else { continue };
        if roles.iter().any(|role| known.contains(role.value.as_str())) {
            continue;
        }
        let (name, at) = (&operation.name, roles.first().map_or(operation.name.span, |role| role.span));
        let message = format!("nobody can call `{}`: no user has the role", name.value);
        let finding = Finding::warning("roles-without-users", at, message);
        compiling.report(match roles.first() {
            Some(role) => finding.suggest(&role.value, known.iter().copied()),
            None => finding.help("name the roles that may call it"),
        });
    }
}

/// The SOAP headers of an operation; `None` after findings.
pub fn headers(declared: &[DeclaredHeader], compiling: &Compiling<'_>) -> Option<Vec<Header>> {
    let mut seen = Vec::new();
    let mut whole = true;
    let mut headers = Vec::new();
    for declared in declared {
        let Some(header) = header(declared, compiling) else {
            whole = false;
            continue;
        };
        let name = (header.profile.shape.namespace.clone(), header.profile.shape.name.clone());
        if let Some((_, first)) = seen.iter().find(|(other, _)| *other == name) {
            let message = format!("the header `{}` is declared twice", name.1);
            let finding = Finding::error("duplicate-name", declared.profile.span, message);
            compiling.report(
                finding.also(*first, "the first one is here").help("one of them with direction=both"),
            );
            whole = false;
        }
        seen.push((name, declared.profile.span));
        headers.push(header);
    }
    whole.then_some(headers)
}

fn header(declared: &DeclaredHeader, compiling: &Compiling<'_>) -> Option<Header> {
    let profile = compiling.profile(&declared.profile)?;
    let span = declared.profile.span;
    if Family::of(&*profile.codec) != Family::Xml {
        let message = format!("profile `{}` is not XML, and a SOAP header block is", profile.name);
        compiling.report(Finding::error("not-a-header", span, message));
        return None;
    }
    if profile.shape.namespace.is_none() {
        let message = format!("the root of profile `{}` is in no namespace", profile.name);
        let finding = Finding::error("not-a-header", span, message);
        compiling
            .report(finding.help("a SOAP header block is in a namespace: give the element a namespace="));
        return None;
    }
    let (inbound, outbound) = declared.directions;
    let required = declared.required.as_ref().is_some_and(|given| given.value);
    if let Some(given) = declared.required.as_ref().filter(|given| given.value && !inbound) {
        let message = "only a header of requests can be required";
        compiling.report(Finding::error("not-a-header", given.span, message).help("remove required="));
        return None;
    }
    Some(Header { profile, inbound, outbound, required })
}

/// Warns of operations that ask for a role where no listener asks who calls: nobody could ever call them.
pub fn roles(declared: &Declarations, listeners: &[Arc<Listener>], compiling: &Compiling<'_>) {
    if listeners.iter().any(|listener| !listener.access.schemes.is_empty()) {
        return held(declared, compiling);
    }
    for operation in declared.operations.iter().filter(|operation| operation.roles.is_some()) {
        let message = format!("nobody can call `{}`: no listener asks who calls", operation.name.value);
        let finding = Finding::warning("roles-without-users", operation.name.span, message);
        compiling.report(finding.help("give its listener an auth, or remove roles"));
    }
}

/// Warns of faults that the process of an operation throws and its contract does not name.
pub fn undeclared(declared: &DeclaredOperation, all: &Declarations, compiling: &Compiling<'_>) {
    let mut thrown = Vec::new();
    let mut seen = BTreeSet::new();
    match &declared.work {
        Some(DeclaredWork::Inline(path, _)) => gather(path, all, &mut seen, &mut thrown),
        Some(DeclaredWork::Named(name)) => enter(&name.value, all, &mut seen, &mut thrown),
        None => {}
    }
    let mut told = BTreeSet::new();
    for fault in thrown {
        let is_known = declared.faults.iter().any(|known| known.value == fault.value);
        if is_known || compiling.faults.get(&fault.value).is_none() || !told.insert(fault.value.as_str()) {
            continue;
        }
        let message = format!(
            "`{}` can answer with the fault `{}`, and its contract does not say so",
            declared.name.value, fault.value
        );
        let finding = Finding::warning("undeclared-fault", declared.name.span, message);
        compiling.report(
            finding.also(fault.span, "it is thrown here").help(format!("add it: faults {}", fault.value)),
        );
    }
}

/// The faults that a path and what it waits for throw.
fn gather<'a>(
    path: &'a DeclaredPath,
    all: &'a Declarations,
    seen: &mut BTreeSet<&'a str>,
    thrown: &mut Vec<&'a Spanned<String>>,
) {
    thrown.extend(path.faults());
    for (name, _) in path.calls().into_iter().filter(|(_, waits)| *waits) {
        enter(&name.value, all, seen, thrown);
    }
}

fn enter<'a>(
    name: &'a str,
    all: &'a Declarations,
    seen: &mut BTreeSet<&'a str>,
    thrown: &mut Vec<&'a Spanned<String>>,
) {
    let called = all.processes.iter().find(|(known, _)| known.value == name);
    if let Some((_, path)) = called.filter(|_| seen.insert(name)) {
        gather(path, all, seen, thrown);
    }
}
