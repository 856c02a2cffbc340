//! The package `uuid`: identifiers by chance, by time and by name (RFC 9562).

use ::uuid::{Timestamp, Uuid};
use rhai::Dynamic;

use super::arguments::{excerpt, through};
use super::{Function, Package, Wrong};
use crate::script::engine::State;
use crate::script::view::{Raised, raise};

pub(super) const PACKAGE: Package = Package {
    name: "uuid",
    summary: "Identifiers that nobody else gives (RFC 9562).",
    functions: &[
        Function {
            name: "v4",
            signature: "uuid::v4()",
            summary: "A new identifier by chance.",
            example: "uuid::v4().len()",
            result: "36",
            checks: &[],
            register: |r| {
                r.add(|| Uuid::new_v4().to_string());
            },
        },
        Function {
            name: "v5",
            signature: "uuid::v5(namespace, name)",
            summary: "The identifier of a name, always the same: the namespace is dns, url, oid, x500 or an identifier.",
            example: r#"uuid::v5("url", "https://example.com/orders/1")"#,
            result: "9a79fce2-ac7a-5a27-a45e-9e18def5174d",
            checks: &[(0, |namespace| space(namespace).map(drop))],
            register: |r| {
                r.add(|namespace: &str, name: Dynamic| {
                    let space = space(namespace).map_err(|wrong| raise(wrong.one_line()))?;
                    through(&name, |name| Ok(Uuid::new_v5(&space, name.as_bytes()).to_string()))
                });
            },
        },
        Function {
            name: "v7",
            signature: "uuid::v7()",
            summary: "A new identifier that begins with the time of the execution's start: later ones sort behind it.",
            example: "string::left(uuid::v7(), 13)",
            result: "019ca8d7-2d00",
            checks: &[],
            register: |r| {
                let state = r.state();
                r.add(move || v7(&state));
            },
        },
    ],
};

fn space(name: &str) -> Result<Uuid, Wrong> {
    match name {
        "dns" => Ok(Uuid::NAMESPACE_DNS),
        "url" => Ok(Uuid::NAMESPACE_URL),
        "oid" => Ok(Uuid::NAMESPACE_OID),
        "x500" => Ok(Uuid::NAMESPACE_X500),
        other => Uuid::parse_str(other).map_err(|_| Wrong {
            message: format!("`{}` is not a namespace of identifiers", excerpt(other)),
            help: Some("known here: dns, url, oid, x500, or an identifier".into()),
        }),
    }
}

fn v7(state: &State) -> Result<String, Raised> {
    let Some(started) = state.execution.borrow().started else {
        return Err(raise("the time is not known outside of an execution"));
    };
    let seconds = u64::try_from(started.as_second()).unwrap_or(0);
    let nanoseconds = u32::try_from(started.subsec_nanosecond()).unwrap_or(0);
    Ok(Uuid::new_v7(Timestamp::from_unix(&state.uuids, seconds, nanoseconds)).to_string())
}
