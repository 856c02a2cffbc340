//! Profiles, users and maps: what others name, compiled first.

use std::sync::Arc;

use crate::config::{Declarations, DeclaredUsers, NamedProfile};
use crate::kind::Compiling;
use crate::kind::connector::NamedConnector;
use crate::kind::scheme::{Account, Users};
use crate::map;
use crate::pipeline::access::{AddressList, User};
use crate::pipeline::systems::System;
use crate::source::Finding;

/// Reports that a name is taken.
pub fn entered(result: Result<(), Finding>, compiling: &Compiling<'_>) {
    if let Err(finding) = result {
        compiling.report(finding);
    }
}

/// Words that stand for something else where a profile's name may stand.
pub const RESERVED: &[&str] = &["data", "none", "multipart"];

/// Compiles the profiles.
pub fn profiles(declared: &Declarations, compiling: &mut Compiling<'_>) {
    for NamedProfile { name, profile, validate } in &declared.profiles {
        if RESERVED.contains(&name.value.as_str()) {
            let message =
                format!("`{}` is a word of the language and cannot be a profile's name", name.value);
            compiling.report(Finding::error("reserved-name", name.span, message).help("choose another name"));
        }
        let mut compiled = profile.as_ref().and_then(|profile| profile.compile(&name.value, compiling));
        if let Some(profile) = &mut compiled {
            Arc::make_mut(&mut profile.shape).checking.mode = Some(*validate);
        }
        let result = compiling.profiles.enter(name, compiled.map(Arc::new));
        entered(result, compiling);
    }
}

/// Compiles the users.
pub fn users(declared: &Declarations, compiling: &mut Compiling<'_>) {
    for users in &declared.users {
        let accounts = (!users.broken).then(|| Arc::new(accounts(users)));
        let result = compiling.users.enter(&users.name, accounts);
        entered(result, compiling);
    }
}

fn accounts(users: &DeclaredUsers) -> Users {
    let account = |user: &crate::config::DeclaredUser| Account {
        user: Arc::new(User {
            name: user.name.value.as_str().into(),
            roles: user.roles.clone(),
            allow: user.allow.clone().map(AddressList),
        }),
        password: user.password.clone(),
        token: user.token.clone(),
    };
    Users { name: users.name.value.clone(), accounts: users.users.iter().map(account).collect() }
}

/// Compiles the systems that steps call; gives those that could be.
pub fn systems(declared: &Declarations, compiling: &mut Compiling<'_>) -> Vec<System> {
    let mut all: Vec<System> = Vec::new();
    for (at, NamedConnector { name, kind, declared: own }) in declared.connectors.iter().enumerate() {
        // Steps and tests name systems of any kind by their names alone.
        let others = declared.connectors.iter().take(at);
        if let Some(first) =
            others.into_iter().find(|other| other.name.value == name.value && other.kind != *kind)
        {
            let message = format!("`{}` is the name of a {} already", name.value, first.kind);
            let finding = Finding::error("duplicate-name", name.span, message);
            compiling.report(
                finding.also(first.name.span, "the first one is here").help("give one of them another name"),
            );
        }
        let compiled = own.as_ref().and_then(|own| own.compile(name, compiling));
        if let Some(contract) = own.as_ref().and_then(|own| own.contract()) {
            compiling.contracts.entry(name.value.clone()).or_insert(contract);
        }
        let result = match (&compiled, *kind) {
            (Some(System::Server(server)), _) => compiling.servers.enter(name, Some(Arc::clone(server))),
            (Some(System::Broker(broker)), _) => compiling.brokers.enter(name, Some(Arc::clone(broker))),
            (Some(System::Database(database)), _) => {
                compiling.databases.enter(name, Some(Arc::clone(database)))
            }
            (None, "database") => compiling.databases.enter(name, None),
            (None, "broker") => compiling.brokers.enter(name, None),
            (None, _) => compiling.servers.enter(name, None),
        };
        entered(result, compiling);
        all.extend(compiled);
    }
    all
}

/// Compiles the maps.
pub fn maps(declared: &Declarations, compiling: &mut Compiling<'_>) {
    for declared in &declared.maps {
        let compiled = map::compile(declared, compiling);
        let result = compiling.maps.enter(&declared.name, compiled);
        entered(result, compiling);
    }
}
