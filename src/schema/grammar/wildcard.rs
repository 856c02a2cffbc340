//! Wildcards: which names `xs:any` and `xs:anyAttribute` take, and how what they take is checked (part 1, section 3.10).

use std::sync::Arc;

/// A wildcard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wildcard {
    /// The namespaces it takes.
    pub namespaces: Namespaces,
    /// How what it takes is checked.
    pub process: Process,
}

/// The namespaces that a wildcard takes; `None` stands for no namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Namespaces {
    /// All.
    Any,
    /// All but one, and but none.
    Not(Option<Arc<str>>),
    /// These.
    Of(Vec<Option<Arc<str>>>),
}

/// How what a wildcard takes is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Process {
    /// By its declaration, which there must be.
    Strict,
    /// By its declaration, if there is one.
    Lax,
    /// Not at all.
    Skip,
}

impl Wildcard {
    /// The wildcard of `xs:anyType`.
    pub const ANYTHING: Self = Self { namespaces: Namespaces::Any, process: Process::Lax };

    /// Whether it takes a name of this namespace.
    pub fn takes(&self, namespace: Option<&str>) -> bool {
        match &self.namespaces {
            Namespaces::Any => true,
            Namespaces::Not(not) => namespace.is_some() && not.as_deref() != namespace,
            Namespaces::Of(list) => list.iter().any(|known| known.as_deref() == namespace),
        }
    }

    /// The namespaces as messages name them.
    pub fn shown(&self) -> String {
        let one = |namespace: &Option<Arc<str>>| match namespace {
            Some(namespace) => format!("namespace `{namespace}`"),
            None => "no namespace".to_owned(),
        };
        match &self.namespaces {
            Namespaces::Any => "any element".to_owned(),
            Namespaces::Not(None) => "any element in a namespace".to_owned(),
            Namespaces::Not(Some(not)) => format!("any element in another namespace than `{not}`"),
            Namespaces::Of(list) => {
                let list: Vec<String> = list.iter().map(one).collect();
                format!("any element in {}", list.join(" or "))
            }
        }
    }
}

impl Namespaces {
    /// The value of `namespace=` in a document of this target namespace.
    pub fn read(text: &str, target: &Option<Arc<str>>) -> Self {
        match text.trim() {
            "##any" => Self::Any,
            "##other" => Self::Not(target.clone()),
            list => Self::Of(
                list.split_whitespace()
                    .map(|one| match one {
                        "##targetNamespace" => target.clone(),
                        "##local" => None,
                        namespace => Some(Arc::from(namespace)),
                    })
                    .collect(),
            ),
        }
    }

    /// What both take (section 3.10.6, attribute wildcard intersection).
    pub fn intersect(&self, other: &Self) -> Self {
        let without = |list: &[Option<Arc<str>>], not: &Option<Arc<str>>| {
            Self::Of(list.iter().filter(|one| one.is_some() && *one != not).cloned().collect())
        };
        match (self, other) {
            (Self::Any, other) => other.clone(),
            (own, Self::Any) => own.clone(),
            (Self::Of(list), Self::Not(not)) | (Self::Not(not), Self::Of(list)) => without(list, not),
            (Self::Of(left), Self::Of(right)) => {
                Self::Of(left.iter().filter(|one| right.contains(one)).cloned().collect())
            }
            (Self::Not(None), Self::Not(other)) => Self::Not(other.clone()),
            (Self::Not(own), Self::Not(_)) => Self::Not(own.clone()),
        }
    }

    /// What either takes (section 3.10.6, attribute wildcard union).
    pub fn unite(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) => Self::Any,
            (left, right) if left == right => left.clone(),
            (Self::Of(left), Self::Of(right)) => {
                let mut all = left.clone();
                all.extend(right.iter().filter(|one| !left.contains(one)).cloned());
                Self::Of(all)
            }
            (Self::Not(_), Self::Not(_)) => Self::Not(None),
            (Self::Not(not), Self::Of(list)) | (Self::Of(list), Self::Not(not)) => {
                match (list.contains(not), list.contains(&None)) {
                    (true, true) => Self::Any,
                    (true, false) => Self::Not(None),
                    // With no namespace as well this has no form; what is let through too is all of no namespace.
                    (false, true) if not.is_some() => Self::Any,
                    (false, _) => Self::Not(not.clone()),
                }
            }
        }
    }
}
