//! Which `fault` clauses of a call can never catch anything: found when the file is compiled.

use super::clauses::{Clause, KnownFault};
use crate::document::tree::Name;
use crate::kind::Compiling;
use crate::pipeline::called::CallKind;
use crate::source::{Finding, Span};

/// How the calls of a step can fail.
#[derive(Debug, Clone, Copy)]
pub struct Fails<'a> {
    /// The step.
    pub step: &'static str,
    /// Where it is written.
    pub at: Span,
    /// The kinds of its failures.
    pub kinds: &'a [CallKind],
    /// The faults of the contract, where there is one.
    pub known: Option<&'a [KnownFault]>,
    /// The elements that the server's schemas declare, as far as they are known.
    pub elements: &'a [Name],
    /// Whether every status of an answer is expected: then none is a failure of kind `status`.
    pub every_status: bool,
}

impl Fails<'_> {
    /// Whether a call can fail in that way.
    fn can(&self, kind: CallKind) -> bool {
        self.kinds.contains(&kind) && !(self.every_status && kind == CallKind::Status)
    }

    /// The ways in which a call can fail.
    fn all(&self) -> impl Iterator<Item = CallKind> {
        self.kinds.iter().copied().filter(|kind| self.can(*kind))
    }
}

/// Warns of the clauses that can never catch anything; each with the place where it is written.
pub fn check(clauses: &[(Span, &Clause)], fails: Fails<'_>, compiling: &Compiling<'_>) {
    for (at, (span, clause)) in clauses.iter().enumerate() {
        let finding = impossible(clause, fails).map(|(message, help)| never(*span, message).help(help));
        let finding = finding.or_else(|| taken(clauses, at, fails));
        finding.into_iter().for_each(|finding| compiling.report(finding));
    }
}

fn never(span: Span, why: String) -> Finding {
    Finding::warning("unreachable-clause", span, format!("this clause can never catch a failure: {why}"))
}

/// Why no failure is what a clause names, and what to do.
fn impossible(clause: &Clause, fails: Fails<'_>) -> Option<(String, String)> {
    let words: Vec<&str> = fails.all().map(CallKind::as_str).collect();
    let kinds = format!("name one of its kinds: {}", words.join(", "));
    if clause.names_fault() && !fails.can(CallKind::Fault) {
        let why = format!("`{}` reads no faults, which alone have a detail and a code", fails.step);
        return Some((why, kinds));
    }
    if let Some(kind) = clause.kind {
        let word = kind.as_str();
        if kind == CallKind::Status && fails.every_status {
            let why = "`expect` names every status, and no answer has another".to_owned();
            let help = "expect fewer, or look at the property http.status behind the call".to_owned();
            return Some((why, help));
        }
        if !fails.can(kind) {
            return Some((format!("this call has no failures of kind {word}"), kinds));
        }
        if clause.names_fault() && kind != CallKind::Fault {
            let why =
                format!("only a fault has a name, a detail or a code, and kind={word} is another failure");
            return Some((why, "remove kind=, or the rest".to_owned()));
        }
    }
    let known = fails.known?;
    let fault = known.iter().find(|fault| Some(&fault.name) == clause.name.as_ref())?;
    if let Some(other) = fault.element.as_ref().and_then(|element| told(known, element))
        && other.name != fault.name
    {
        let why = format!("the detail of `{}` is that of `{}`, which goes first", fault.name, other.name);
        return Some((why, format!("name `{}`, or use code=", other.name)));
    }
    let detail = clause.detail.as_ref()?;
    let is_it = match &fault.element {
        Some(element) => element == detail,
        None => fault.name == detail.local.as_str(),
    };
    let help = "remove one of the two".to_owned();
    (!is_it).then(|| (format!("{detail} is not in the detail of `{}`", fault.name), help))
}

/// The fault that a detail tells of.
fn told<'k>(known: &'k [KnownFault], detail: &Name) -> Option<&'k KnownFault> {
    known.iter().find(|fault| match &fault.element {
        Some(element) => element == detail,
        None => fault.name == detail.local.as_str(),
    })
}

/// The finding where others catch all that a clause names before it has its turn.
fn taken(clauses: &[(Span, &Clause)], at: usize, fails: Fails<'_>) -> Option<Finding> {
    let (span, clause) = clauses.get(at)?;
    let all = Named::all(clause, fails);
    let goes_first = |(other, (_, first)): &(usize, &(Span, &Clause))| {
        (first.rank(), at) > (clause.rank(), *other) && *other != at && Named::of(first).holds_of(&all)
    };
    if let Some((_, (first, _))) = clauses.iter().enumerate().find(goes_first) {
        let finding = never(*span, "another one goes before it, and catches all that it names".to_owned());
        return Some(
            finding.also(*first, "it is this one").help("remove one of the two, or name less in the other"),
        );
    }
    let only =
        |kind: CallKind| clauses.iter().any(|(_, other)| other.kind == Some(kind) && !other.names_fault());
    let is_any = clause.kind.is_none() && !clause.names_fault();
    (is_any && fails.all().all(only)).then(|| {
        never(*span, "each kind of failure has a clause of its own".to_owned())
            .help("remove it, or one of those")
    })
}

/// What a clause names, or what is true of each failure that it catches.
#[derive(Debug, Default)]
struct Named<'a> {
    name: Option<&'a str>,
    detail: Option<&'a Name>,
    code: Option<&'a str>,
    kind: Option<CallKind>,
}

impl<'a> Named<'a> {
    fn of(clause: &'a Clause) -> Self {
        Self {
            name: clause.name.as_deref(),
            detail: clause.detail.as_ref(),
            code: clause.code.as_deref(),
            kind: clause.kind,
        }
    }

    /// With what follows of it: a fault of the contract has its detail, a detail its fault, and only faults have any.
    fn all(clause: &'a Clause, fails: Fails<'a>) -> Self {
        let mut named = Self::of(clause);
        let known = fails.known.unwrap_or_default();
        let fault = known.iter().find(|fault| Some(fault.name.as_str()) == named.name);
        named.detail = named.detail.or(fault.and_then(|fault| fault.element.as_ref()));
        let told = named.detail.and_then(|detail| told(known, detail));
        named.name = named.name.or(told.map(|fault| fault.name.as_str()));
        named.kind = named.kind.or(clause.names_fault().then_some(CallKind::Fault));
        named
    }

    /// Whether it is true of all that `other` is.
    fn holds_of(&self, other: &Self) -> bool {
        fn is<T: PartialEq>(wanted: &Option<T>, has: &Option<T>) -> bool {
            wanted.is_none() || wanted == has
        }
        is(&self.name, &other.name)
            && is(&self.detail, &other.detail)
            && is(&self.code.map(one_code), &other.code.map(one_code))
            && is(&self.kind, &other.kind)
    }
}

/// The code that stands for those that are one in both versions.
fn one_code(code: &str) -> &str {
    match code {
        "Client" => "Sender",
        "Server" => "Receiver",
        code => code,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::document::tree::Element;
    use crate::pipeline::called::Called;
    use crate::soap::received::ReceivedFault;
    use crate::step::clauses::chosen;

    const KINDS: &[CallKind] = &[CallKind::Fault, CallKind::Timeout, CallKind::Validation];

    fn known() -> Vec<KnownFault> {
        let one = |name: &str, element: Option<&str>| KnownFault {
            name: name.to_owned(),
            element: element.map(Name::local),
            detail: None,
        };
        vec![one("Refused", Some("refused")), one("Late", None), one("Twin", Some("refused"))]
    }

    /// Every clause of these words.
    fn clauses() -> Vec<Clause> {
        let place = crate::source::Place { file: "gateway.kdl".into(), line: 1, column: 1 };
        let mut all = Vec::new();
        for name in [None, Some("Refused"), Some("Late"), Some("Twin")] {
            for detail in [None, Some("refused"), Some("Late"), Some("other")] {
                for code in [None, Some("Client"), Some("Sender"), Some("Stock")] {
                    for kind in [None, Some(CallKind::Fault), Some(CallKind::Timeout), Some(CallKind::Status)]
                    {
                        all.push(Clause {
                            name: name.map(str::to_owned),
                            detail: detail.map(Name::local),
                            code: code.map(str::to_owned),
                            kind,
                            takes_detail: false,
                            step: "soap",
                            place: place.clone(),
                            path: Default::default(),
                        });
                    }
                }
            }
        }
        all
    }

    /// Every failure that a call can have, as far as clauses see them.
    fn failures(known: &[KnownFault]) -> Vec<Called> {
        let system: Arc<str> = "crm".into();
        let mut all: Vec<Called> = KINDS.iter().map(|kind| Called::new(&system, *kind, "test")).collect();
        let names = ["refused", "Late", "other", "another"].map(|name| Some(Name::local(name)));
        // A fault that the contract gives no element is known by the name of its detail, in whatever namespace.
        let names = names.into_iter().chain([None, Some(Name::qualified("urn:a", "Late"))]);
        for detail in names {
            for code in ["Client", "Stock", "Other"] {
                let detail: Vec<_> = detail.clone().map(Element::new).into_iter().collect();
                let mut called = Called::new(&system, CallKind::Fault, "fault");
                called.name = detail.first().and_then(|it| told(known, &it.name)).map(|it| it.name.clone());
                let code = Name::local(code);
                called.fault = Some(Box::new(ReceivedFault { code, detail, ..ReceivedFault::default() }));
                all.push(called);
            }
        }
        all
    }

    #[test]
    fn a_clause_is_named_when_no_failure_can_ever_reach_it() {
        let (known, clauses) = (known(), clauses());
        let failures = failures(&known);
        let span = Span::default();
        let (known, elements) = (Some(known.as_slice()), [].as_slice());
        let fails = Fails { step: "soap", at: span, kinds: KINDS, known, elements, every_status: false };
        let mut named = 0;
        for first in &clauses {
            for second in &clauses {
                let both = [(span, first), (span, second)];
                for (at, (_, clause)) in both.iter().enumerate() {
                    let told = impossible(clause, fails).is_some() || taken(&both, at, fails).is_some();
                    let is_chosen = |called: &Called| {
                        chosen([first, second], called).is_some_and(|chosen| std::ptr::eq(chosen, *clause))
                    };
                    // A clause beside itself is the same one twice.
                    if std::ptr::eq(first, second) {
                        continue;
                    }
                    assert_eq!(told, !failures.iter().any(is_chosen), "{clause:?} of {both:?}");
                    named += usize::from(told);
                }
            }
        }
        assert!(named > 1000, "{named}");
    }
}
