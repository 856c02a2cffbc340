//! `fault` in a step that calls: what becomes of the document when the call fails in a certain way.

use std::sync::Arc;

use compact_str::CompactString;
use hyper::header::HeaderName;

use crate::document::Document;
use crate::document::tree::Name;
use crate::kind::path::Side;
use crate::kind::step::DeclaredPath;
use crate::kind::{Compiling, Here, Kinds};
use crate::pipeline::called::{CallKind, Called, told};
use crate::pipeline::failure::{End, Failure};
use crate::pipeline::run::Run;
use crate::pipeline::soap_header::HeaderPath;
use crate::pipeline::step::{Documents, Outcome, Path};
use crate::source::{Finding, Place, Span, Spanned, nearest};
use crate::step::clause_detail;
use crate::step::clause_order::{self, Fails};
use crate::syntax::Node;
use crate::xml::XML;

/// A clause as it is written.
#[derive(Debug)]
pub struct DeclaredClause {
    span: Span,
    /// The name of a fault of the contract.
    name: Option<Spanned<String>>,
    detail: Option<Spanned<String>>,
    code: Option<Spanned<String>>,
    kind: Option<Spanned<String>>,
    takes: Option<Spanned<String>>,
    /// The steps.
    pub path: DeclaredPath,
}

/// A fault of a contract.
#[derive(Debug)]
pub struct KnownFault {
    /// Its name.
    pub name: String,
    /// The element of its detail, where it has one.
    pub element: Option<Name>,
    /// What is known of a document that is its detail.
    pub detail: Option<Side>,
}

/// A clause that may catch a failed call.
#[derive(Debug)]
pub struct Clause {
    pub(super) name: Option<String>,
    pub(super) detail: Option<Name>,
    pub(super) code: Option<String>,
    pub(super) kind: Option<CallKind>,
    pub(super) takes_detail: bool,
    /// The step whose calls it catches, and where that is written.
    pub(super) step: &'static str,
    pub(super) place: Place,
    pub(super) path: Path,
}

/// Checks all clauses of a step that can fail in these ways; `None` after findings.
pub fn compile(
    declared: &[DeclaredClause],
    fails: Fails<'_>,
    here: &Here,
    compiling: &Compiling<'_>,
) -> Option<Vec<Clause>> {
    let clauses: Vec<_> = declared.iter().map(|clause| clause.compile(fails, here, compiling)).collect();
    let clauses: Vec<Clause> = clauses.into_iter().collect::<Option<_>>()?;
    let placed: Vec<_> = declared.iter().map(|declared| declared.span).zip(&clauses).collect();
    clause_order::check(&placed, fails, compiling);
    let details = declared.iter().filter_map(|declared| declared.detail.as_ref());
    let details = details.filter_map(|detail| clause_detail::check(detail, fails.known, fails.elements));
    details.for_each(|finding| compiling.report(finding));
    Some(clauses)
}

impl DeclaredClause {
    /// Reads it.
    pub fn read(mut node: Node<'_>, kinds: &Kinds) -> Self {
        let span = node.name_span();
        let name = node.optional::<String>("fault's name");
        let (detail, code) = (node.property("detail"), node.property("code"));
        let (kind, takes) = (node.property("kind"), node.property("as"));
        Self { span, name, detail, code, kind, takes, path: DeclaredPath::inner(node, kinds) }
    }

    /// Whether it says which element is in the detail.
    pub fn names_detail(&self) -> bool {
        self.detail.is_some()
    }

    /// What is wrong with the fault's name, where there is one.
    fn unknown_name(&self, known: Option<&[KnownFault]>) -> Option<Finding> {
        let name = self.name.as_ref()?;
        let Some(known) = known else {
            let message = "without a contract, faults have no names";
            let finding = Finding::error("unknown-fault", name.span, message);
            return Some(finding.help("use detail=, code= or kind="));
        };
        if known.iter().any(|fault| fault.name == name.value) {
            return None;
        }
        let message = format!("the operation declares no fault `{}`", name.value);
        let finding = Finding::error("unknown-fault", name.span, message);
        let names: Vec<&str> = known.iter().map(|fault| fault.name.as_str()).collect();
        Some(match nearest(&name.value, names.iter().copied()) {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None if names.is_empty() => finding.help("it declares none: use detail=, code= or kind="),
            None => finding.help(format!("it declares {}", names.join(", "))),
        })
    }

    /// Checks it and makes what catches; `None` after findings.
    fn compile(&self, fails: Fails<'_>, here: &Here, compiling: &Compiling<'_>) -> Option<Clause> {
        let known = fails.known;
        let mut whole = true;
        let mut report = |finding: Finding| {
            compiling.report(finding);
            whole = false;
        };
        self.unknown_name(known).into_iter().for_each(&mut report);
        let detail = self.detail.as_ref().map(|detail| Name::written(&detail.value));
        let kind = self.kind.as_ref().and_then(|kind| {
            let found = CallKind::ALL.iter().find(|(word, _)| *word == kind.value).map(|(_, kind)| *kind);
            if found.is_none() {
                let message = format!("`{}` is no kind of failure of a call", kind.value);
                let finding = Finding::error("wrong-value", kind.span, message);
                report(finding.suggest(&kind.value, CallKind::ALL.iter().map(|(word, _)| *word)));
            }
            found
        });
        if let Some(takes) = self.takes.as_ref().filter(|takes| takes.value != "detail") {
            let finding =
                Finding::error("wrong-value", takes.span, "only the detail can become the document");
            report(finding.help("write as=detail, or leave it out to go on with the document that was sent"));
        }
        let mut inner = here.clone();
        if self.takes.is_some() {
            let is_it = |fault: &&KnownFault| match (&self.name, &detail) {
                (Some(name), _) => fault.name == name.value,
                (None, detail) => detail.is_some() && fault.element == *detail,
            };
            let fault = known.and_then(|known| known.iter().find(is_it));
            inner.data = false;
            inner.document = fault.and_then(|fault| fault.detail.clone());
        }
        let path = self.path.compile(&mut inner, compiling);
        whole.then_some(())?;
        Some(Clause {
            name: self.name.as_ref().map(|name| name.value.clone()),
            detail,
            code: self.code.as_ref().map(|code| code.value.clone()),
            kind,
            takes_detail: self.takes.is_some(),
            step: fails.step,
            place: compiling.place(fails.at),
            path: path?,
        })
    }
}

impl Clause {
    /// How exactly it names a failure that it catches; `None` for one that it does not. A name with a detail goes before a
    /// name, that before a detail, a code, a kind, and a clause that says nothing.
    fn fits(&self, called: &Called) -> Option<u8> {
        let fault = called.fault.as_deref();
        let is = |wanted: bool, has: &dyn Fn() -> bool| !wanted || has();
        let named = is(self.name.is_some(), &|| called.name == self.name);
        let detail = is(self.detail.is_some(), &|| called.detail_name() == self.detail.as_ref());
        let code = is(self.code.is_some(), &|| {
            fault.zip(self.code.as_deref()).is_some_and(|(fault, code)| fault.has_code(code))
        });
        let kind = is(self.kind.is_some(), &|| self.kind == Some(called.kind));
        (named && detail && code && kind).then(|| self.rank())
    }

    /// How exactly it names what it catches.
    pub(super) fn rank(&self) -> u8 {
        let rank = |is_there: bool, weight: u8| if is_there { weight } else { 0 };
        rank(self.name.is_some(), 8)
            + rank(self.detail.is_some(), 4)
            + rank(self.code.is_some(), 2)
            + rank(self.kind.is_some(), 1)
    }

    /// Whether it names what only a fault has.
    pub(super) fn names_fault(&self) -> bool {
        self.name.is_some() || self.detail.is_some() || self.code.is_some()
    }
}

/// The failure of a call with what its step keeps of answers: header fields, and blocks of the envelope. Whoever catches it
/// finds them in their properties, as behind a call that went well.
pub fn keeping(
    mut failure: Failure,
    fields: &[(HeaderName, String)],
    blocks: &[(HeaderPath, String)],
) -> Failure {
    let Some(called) = failure.called.as_mut().map(Arc::make_mut) else { return failure };
    for (name, property) in fields {
        let value = called.headers.get(name).map(|value| CompactString::from_utf8_lossy(value.as_bytes()));
        called.kept.push((property.clone(), value));
    }
    for (path, property) in blocks {
        called.kept.push((property.clone(), path.find(called.blocks.iter())));
    }
    failure
}

/// The clause that catches a failed call: the most exact, and of two that are as exact, the first.
pub(super) fn chosen<'c>(
    clauses: impl IntoIterator<Item = &'c Clause, IntoIter: DoubleEndedIterator>,
    called: &Called,
) -> Option<&'c Clause> {
    let fitting = clauses.into_iter().filter_map(|clause| Some((clause.fits(called)?, clause)));
    fitting.rev().max_by_key(|(rank, _)| *rank).map(|(_, clause)| clause)
}

/// Runs the steps of the clause that catches a failed call of a document.
///
/// # Errors
/// The failure itself where none does; else as its steps.
pub async fn caught(clauses: &[Clause], run: &Run, document: &Document, failure: Failure) -> Outcome {
    let Some(called) = failure.called.clone().filter(|_| failure.end == End::Catchable && !run.is_over())
    else {
        return Err(failure);
    };
    let Some(clause) = chosen(clauses, &called) else { return Err(failure) };
    // The executor says it of what leaves a step, and this one stays in it.
    let mut failure = failure.at(&clause.place);
    failure.steps.insert(0, clause.step.into());
    run.execution.catches(&failure);
    let mut document = document.clone();
    if clause.takes_detail {
        let detail = called.fault.as_ref().and_then(|fault| fault.detail.first());
        document = document.replaced(match detail {
            Some(detail) => Document::tree_of(detail.clone(), &XML),
            None => Document::empty(),
        });
    }
    run.execution.redaction().strike_failure(&mut failure);
    let documents: Documents = vec![told(document, &failure)];
    run.path(&clause.path, documents).await
}
