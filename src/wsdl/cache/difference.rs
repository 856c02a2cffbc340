//! The difference between two versions of a contract, in lines for a person.

use std::collections::BTreeMap;
use std::fmt;

use super::facts::{Facts, Signature};

/// One thing that is there no more, is new, or is another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It is new: what it is.
    Added(String),
    /// It is gone.
    Removed(String),
    /// It is another one.
    Changed(String),
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added(what) => write!(f, "+ {what}"),
            Self::Removed(what) => write!(f, "- {what}"),
            Self::Changed(what) => write!(f, "~ {what}"),
        }
    }
}

/// What differs: operations, then types and elements, then policies, each by name.
pub fn difference(old: &Facts, new: &Facts) -> Vec<Change> {
    let mut changes = Vec::new();
    compare(&old.operations, &new.operations, &mut changes, &|name, one, other| match other {
        None => format!("operation {name}: {}", signature(one)),
        Some(other) => format!("operation {name}: {}", signatures(one, other)),
    });
    compare(&old.types, &new.types, &mut changes, &|name, _, _| name.to_owned());
    compare(&old.policies, &new.policies, &mut changes, &|name, _, _| format!("policy {name}"));
    changes
}

/// `shown` is given the one there is, and the new one where there are two.
fn compare<T: PartialEq>(
    old: &BTreeMap<String, T>,
    new: &BTreeMap<String, T>,
    changes: &mut Vec<Change>,
    shown: &dyn Fn(&str, &T, Option<&T>) -> String,
) {
    let names: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        changes.extend(match (old.get(name), new.get(name)) {
            (Some(old), None) => Some(Change::Removed(shown(name, old, None))),
            (None, Some(new)) => Some(Change::Added(shown(name, new, None))),
            (Some(old), Some(new)) if old != new => Some(Change::Changed(shown(name, old, Some(new)))),
            _ => None,
        });
    }
}

/// What an operation takes and gives, on one line.
fn signature(signature: &Signature) -> String {
    let nothing = || "nothing".to_owned();
    let (input, output) =
        (signature.input.clone().unwrap_or_else(nothing), signature.output.clone().unwrap_or_else(nothing));
    let faults: Vec<String> =
        signature.faults.iter().map(|(name, detail)| format!(", fault {name}: {detail}")).collect();
    format!("{input} -> {output}{}", faults.join(""))
}

/// What is another in an operation.
fn signatures(old: &Signature, new: &Signature) -> String {
    let mut found = Vec::new();
    for (what, old, new) in [("input", &old.input, &new.input), ("output", &old.output, &new.output)] {
        match (old, new) {
            (Some(old), Some(new)) if old != new => found.push(format!("its {what} was {old} and is {new}")),
            (Some(old), None) => found.push(format!("its {what} {old} is gone")),
            (None, Some(new)) => found.push(format!("it has the {what} {new}")),
            _ => {}
        }
    }
    let mut faults = Vec::new();
    compare(&old.faults, &new.faults, &mut faults, &|name, one, other| match other {
        None => format!("fault {name}: {one}"),
        Some(other) => format!("fault {name}: was {one}, is {other}"),
    });
    found.extend(faults.iter().map(Change::to_string));
    if old.actions != new.actions {
        let listed = |all: &std::collections::BTreeSet<String>| match all.is_empty() {
            true => "none".to_owned(),
            false => all.iter().cloned().collect::<Vec<_>>().join(", "),
        };
        found.push(format!("its action was {} and is {}", listed(&old.actions), listed(&new.actions)));
    }
    found.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(operations: &[(&str, Signature)], types: &[(&str, &str)], policies: &[(&str, &str)]) -> Facts {
        let texts =
            |all: &[(&str, &str)]| all.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        Facts {
            operations: operations.iter().map(|(name, of)| ((*name).to_owned(), of.clone())).collect(),
            types: texts(types),
            policies: texts(policies),
        }
    }

    #[test]
    fn what_differs_is_told_by_name() {
        let get = Signature {
            input: Some("{u}get".into()),
            output: Some("{u}got".into()),
            faults: [("f".to_owned(), "{u}f".to_owned()), ("g".to_owned(), "{u}g".to_owned())].into(),
            actions: ["\"urn:get\" (SOAP 1.1)".to_owned()].into(),
        };
        let mut other = Signature { input: Some("{u}find".into()), output: None, ..get.clone() };
        other.faults = [("f".to_owned(), "{u}e".to_owned())].into();
        other.actions.clear();
        let old =
            facts(&[("P.get", get.clone()), ("P.old", get.clone())], &[("type {u}T", "a")], &[("S", "x")]);
        let new =
            facts(&[("P.get", other), ("P.new", get)], &[("type {u}T", "b"), ("element {u}e", "")], &[]);
        let lines: Vec<String> = difference(&old, &new).iter().map(Change::to_string).collect();
        assert_eq!(
            lines,
            [
                "~ operation P.get: its input was {u}get and is {u}find; its output {u}got is gone; ~ fault f: was {u}f, is \
                 {u}e; - fault g: {u}g; its action was \"urn:get\" (SOAP 1.1) and is none",
                "+ operation P.new: {u}get -> {u}got, fault f: {u}f, fault g: {u}g",
                "- operation P.old: {u}get -> {u}got, fault f: {u}f, fault g: {u}g",
                "+ element {u}e",
                "~ type {u}T",
                "- policy S",
            ]
        );
        assert_eq!(difference(&old, &old), []);
        assert_eq!(old.counted(), "2 operations, 1 type or element, 1 policy");
    }
}
