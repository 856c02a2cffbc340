//! The steps of a compiled path, and what of them a check against a shape may see.

use compact_str::CompactString;

use crate::document::tree::Name;

/// One step, from an element to what is one nearer to the value.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::document) struct Step {
    pub kind: Kind,
    pub predicates: Vec<Predicate>,
    /// Where in the path's text it stands.
    pub offset: usize,
}

/// Where a step leads.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::document) enum Kind {
    /// To children: members of an object; with [`Test::Any`] also the items of an array.
    Child(Test),
    /// To all elements below that are children of that name of theirs: `//`.
    Descendant(Test),
    /// To attributes.
    Attribute(Test),
    /// To one item of an array, from 0, from the end if negative.
    Item(i64),
    /// To the element itself: `.` and `text()`.
    Own,
}

/// Which names a step takes.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::document) enum Test {
    /// Any: `*`.
    Any,
    /// A local name, in any namespace or in one.
    Name { namespace: Option<CompactString>, local: CompactString },
}

impl Test {
    pub fn takes(&self, name: &Name) -> bool {
        match self {
            Self::Any => true,
            Self::Name { namespace: None, local } => name.local == *local,
            Self::Name { namespace: Some(namespace), local } => name.is(namespace, local),
        }
    }

    fn parts(&self) -> (&str, Option<&str>) {
        match self {
            Self::Any => ("*", None),
            Self::Name { namespace, local } => (local, namespace.as_deref()),
        }
    }
}

/// A condition on what a step leads to.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::document) enum Predicate {
    /// The n-th of those before, from 1.
    Position(usize),
    /// There is something at the path.
    Exists(Vec<Step>),
    /// Something at the path has (or, if not `equal`, has not) this text.
    Text { steps: Vec<Step>, equal: bool, value: CompactString },
}

/// What a step does, seen from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// To the children of that name; `*` for all.
    Child,
    /// To the attribute of that name; `*` for all.
    Attribute,
    /// To an item of an array.
    Item,
    /// To elements of that name anywhere below.
    Descendant,
    /// To the element itself.
    Own,
    /// Anything further that names do not describe: filters, slices, several selectors.
    Other,
}

/// A step of a path as a check sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct StepName<'a> {
    /// What it does.
    pub kind: StepKind,
    /// The local name it asks for, `*` for any; empty where it asks for none.
    pub name: &'a str,
    /// The namespace, if it asks for one.
    pub namespace: Option<&'a str>,
    /// The byte of the path's text at which it stands.
    pub offset: usize,
    /// The paths inside its predicates, each relative to what the step leads to.
    pub inner: Vec<Vec<StepName<'a>>>,
    /// Whether it leads to one place at most from each place before it, whatever is there: `Line[1]`.
    pub single: bool,
}

impl Step {
    pub fn new(kind: Kind, offset: usize) -> Self {
        Self { kind, predicates: Vec::new(), offset }
    }

    /// A step to a child of a local name in any namespace.
    pub fn child(local: &str, offset: usize) -> Self {
        Self::new(Kind::Child(Test::Name { namespace: None, local: local.into() }), offset)
    }

    /// Whether it asks for a name and nothing else.
    pub fn is_name(&self) -> bool {
        let named = matches!(self.kind, Kind::Child(Test::Name { .. }) | Kind::Attribute(Test::Name { .. }));
        named && self.predicates.is_empty()
    }

    pub fn name(&self) -> StepName<'_> {
        let (kind, (name, namespace)) = match &self.kind {
            Kind::Child(test) => (StepKind::Child, test.parts()),
            Kind::Descendant(test) => (StepKind::Descendant, test.parts()),
            Kind::Attribute(test) => (StepKind::Attribute, test.parts()),
            Kind::Item(_) => (StepKind::Item, ("", None)),
            Kind::Own => (StepKind::Own, ("", None)),
        };
        let inner = self.predicates.iter().filter_map(|predicate| match predicate {
            Predicate::Position(_) => None,
            Predicate::Exists(steps) | Predicate::Text { steps, .. } => {
                Some(steps.iter().map(Step::name).collect())
            }
        });
        // Below `//` a position counts anew under each parent.
        let single = kind != StepKind::Descendant
            && self.predicates.iter().any(|predicate| matches!(predicate, Predicate::Position(_)));
        StepName { kind, name, namespace, offset: self.offset, inner: inner.collect(), single }
    }
}
