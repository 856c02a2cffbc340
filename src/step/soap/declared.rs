//! The `soap` step as it is written: its manual, how it is read, and what is checked.

use hyper::header::HeaderValue;

use super::Soap;
use super::envelope::Writer;
use super::parts::Parts;
use super::terms::Terms;
use crate::kind::step::{DeclaredStep, Facts, Share, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual, mtom};
use crate::pipeline::called::CallKind;
use crate::pipeline::step::Step;
use crate::schema::Mode;
use crate::soap::Version;
use crate::soap::mtom::Mtom;
use crate::soap::write::Frame;
use crate::source::{Finding, Span, Spanned};
use crate::step::clause_order::Fails;
use crate::step::clauses::{self, Clause};
use crate::step::fields::{self, property_to_set};
use crate::syntax::{Literal, Node};

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "soap",
        summary: "calls an operation of a server over SOAP with each document",
        usage: "soap SERVER OPERATION [validate=strict|lax|off] [repeatable=#true] [mtom=#true [mtom-threshold=SIZE]] {\n    [header \"{NAMESPACE}NAME\" SOURCE | { set PATH SOURCE ... }] ...; [http-header NAME SOURCE] ...;\n    [attach [name=TEXT] [id=TEXT] [type=TEXT] { STEP... }] ...;\n    [keep-header \"{NAMESPACE}NAME[/CHILD...]\"|NAME as=PROPERTY] ...; [keep-parts as=PROPERTY];\n    [fault [NAME] [detail=\"{NAMESPACE}NAME\"] [code=CODE] [kind=KIND] [as=detail] { STEP... }] ... }\nsoap SERVER action=URI [version=\"1.1\"|\"1.2\"] [envelope=#true] [repeatable=#true] { ... }",
        text: "The server's `wsdl` says what is sent and answered. The document is the element in the body of the request: of the \
               operation's name in most contracts, made by a map to its profile or by a `message`; or a whole envelope with it, which is sent as it is, without blocks of `header`. What stands in the body of the answer \
               becomes the document. Both are checked against the contract, `validate=` says how strictly: lax lets through what it does \
               not know, off checks nothing. The answer to a one-way operation changes nothing. Without a \
               contract, `action=` is the SOAP action (\"\" for none) and the document any element in the body, or a whole envelope; with envelope=#true \
               the whole envelope of the answer becomes the document. `header` puts a block into the request, as the \
               step `header` does into an answer: any block, and one that the contract's schemas know is checked against them. `http-header` is a field of HTTP. `keep-header` keeps the \
               text of a block of the answer, or of an element in it, or a field of HTTP, in a property; `http.status` is its status. A block that \
               must be understood and that nothing reads is noted in the log as a warning. With mtom=#true base64Binary data of `mtom-threshold=` (0B) or more goes in parts of its own (MTOM). `attach` is what goes \
               beside the envelope: the documents that its steps make of the document, which goes on as it was; the properties name them as in the step \
               `attach`. Data that an answer includes is put back into it, and `keep-parts` keeps the other parts of an answer for the step `attachments of=`. \
               A request is not sent again unless the \
               server's `retry` and repeatable=#true say so; one that has not left always may. \
               A failed call has a kind: fault, transport (no connection, or an answer that is no envelope), timeout, security, \
               validation (the request or the answer is against the contract), mapping. `fault` catches: by its name in the \
               contract, by the element in its detail, by its code (Client and Sender are one, as are Server and Receiver; subcodes too), by the kind, or \
               any; the most exact goes first. Its steps run with the document that was sent, or with as=detail with what stands in the \
               detail. `error.kind`, `error.cause`, `error.fault.name`, `error.fault.code`, `error.fault.namespace`, `error.fault.subcodes`, \
               `error.fault.reason`, `error.fault.reasons` (all, a line for each, as in \"de: ausverkauft\"), `error.fault.role`, `error.fault.node`, \
               `error.fault.detail`, `error.fault.details` (all elements of it), `error.http.status` and `error.http.body` \
               (the first KiB of an answer) say what came; `keep-header` keeps fields and blocks of a faulty answer too. Without a clause that fits, the nearest `try` catches.",
        example: "soap crm GetAccount {\n    header \"{urn:example:crm}Session\" { set Id property=process.session }\n    keep-header \"{urn:example:crm}Limits\" as=crm.limits\n    fault AccountNotFound { throw \"no such account\" status=404 }\n}",
    },
    read,
};

/// The step as it is written.
#[derive(Debug)]
pub(super) struct Declared {
    pub(super) server: Spanned<String>,
    pub(super) operation: Option<Spanned<String>>,
    pub(super) action: Option<Spanned<Literal>>,
    pub(super) version: Version,
    pub(super) whole: bool,
    pub(super) mode: Mode,
    repeatable: bool,
    mtom: Mtom,
    pub(super) parts: Parts,
    pub(super) span: Span,
}

fn read(mut node: Node<'_>, kinds: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let span = node.name_span();
    let server = node.argument("server's name");
    let operation = node.optional::<String>("operation");
    let action = if operation.is_none() { action(&mut node) } else { None };
    let version = if operation.is_none() { version(&mut node) } else { Version::V11 };
    let whole = operation.is_none() && node.property::<bool>("envelope").is_some_and(|given| given.value);
    let mode = if operation.is_some() { mode(&mut node) } else { Mode::Off };
    let repeatable = node.property::<bool>("repeatable").is_some_and(|given| given.value);
    // Without a contract nobody knows what is data.
    let mtom = if operation.is_some() { mtom::of_call(&mut node) } else { Mtom::default() };
    let mut parts = Parts::default();
    for child in node.parts(&["keep-parts"]) {
        parts.read(child, kinds);
    }
    node.finish();
    if parts.broken || (operation.is_none() && action.is_none()) {
        return None;
    }
    let server = server?;
    Some(Box::new(Declared {
        server,
        operation,
        action,
        version,
        whole,
        mode,
        repeatable,
        mtom,
        parts,
        span,
    }))
}

/// The action of a call without an operation; `None` after a finding.
fn action(node: &mut Node<'_>) -> Option<Spanned<Literal>> {
    if !node.has_property("action") && !node.misspells(&["action"]) {
        let message = "`soap` needs an operation of the server's contract";
        let finding = Finding::error("missing-argument", node.name_span(), message);
        node.report(finding.help("soap SERVER OPERATION; without a contract, soap SERVER action=URI"));
    }
    node.property("action")
}

fn version(node: &mut Node<'_>) -> Version {
    let Some(given) = node.property::<String>("version") else { return Version::V11 };
    let found = Version::ALL.iter().find(|version| version.as_str() == given.value);
    found.copied().unwrap_or_else(|| {
        let finding = Finding::error("wrong-value", given.span, "this is no version of SOAP");
        node.report(finding.label("expected \"1.1\" or \"1.2\""));
        Version::V11
    })
}

fn mode(node: &mut Node<'_>) -> Mode {
    let Some(given) = node.property::<String>("validate") else { return Mode::default() };
    let found = Mode::ALL.iter().find(|(word, _)| *word == given.value);
    found.map(|(_, mode)| *mode).unwrap_or_else(|| {
        let message = format!("`{}` is not a way to check documents", given.value);
        let known = Mode::ALL.iter().map(|(word, _)| *word);
        node.report(Finding::error("unknown-mode", given.span, message).suggest(&given.value, known));
        Mode::default()
    })
}

/// The kinds of failures of a call: only with a contract there is something to be against.
fn kinds(has_contract: bool) -> &'static [CallKind] {
    use CallKind::{Fault, Mapping, Security, Timeout, Transport, Validation};
    match has_contract {
        true => &[Fault, Transport, Timeout, Security, Validation, Mapping],
        false => &[Fault, Transport, Timeout, Security, Mapping],
    }
}

/// The media type and the action as header fields carry them; `None` for an action that they cannot.
fn framing(version: Version, action: Option<&str>) -> Option<(HeaderValue, Option<HeaderValue>)> {
    let action = action.unwrap_or_default();
    if action.contains(['"', '\\']) {
        return None;
    }
    match version {
        Version::V11 => {
            let action = HeaderValue::from_str(&format!("\"{action}\"")).ok()?;
            Some((HeaderValue::from_static(version.content_type()), Some(action)))
        }
        Version::V12 if action.is_empty() => Some((HeaderValue::from_static(version.content_type()), None)),
        Version::V12 => {
            let media = format!("{}; action=\"{action}\"", version.content_type());
            Some((HeaderValue::from_str(&media).ok()?, None))
        }
    }
}

impl Declared {
    fn clauses(&self, terms: &Terms, here: &Here, compiling: &Compiling<'_>) -> Option<Vec<Clause>> {
        let (known, elements) = (terms.known_faults.as_deref(), self.elements(compiling));
        let kinds = kinds(known.is_some());
        let fails =
            Fails { step: "soap", at: self.span, kinds, known, elements: &elements, every_status: false };
        clauses::compile(&self.parts.clauses, fails, here, compiling)
    }
}

impl DeclaredStep for Declared {
    fn facts(&self) -> Facts<'_> {
        let beside = self.parts.beside.iter().map(|beside| &beside.path);
        let inner = beside.chain(self.parts.clauses.iter().map(|clause| &clause.path)).collect();
        Facts { inner, share: Share::OneOrPast, ..Facts::default() }
    }

    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        compiling.sets("http.status");
        let server = compiling.server(&self.server);
        let contract = self.operation.as_ref().and_then(|_| compiling.contracts.get(&self.server.value));
        let contract = contract.map(|contract| &**contract);
        let terms = self.terms(here, compiling);
        let blocks: Vec<_> =
            self.parts.blocks.iter().map(|block| block.header(contract, here, compiling)).collect();
        let beside: Vec<_> = self.parts.beside.iter().map(|beside| beside.compile(here, compiling)).collect();
        let (headers, kept) = (fields::set(&self.parts.headers, here, compiling), self.parts.kept(compiling));
        let parts = self.parts.kept_parts.as_ref().map(|property| property_to_set(property, compiling));
        // With a contract that has mistakes it is not known which faults there are.
        let clauses = terms.as_ref().and_then(|terms| self.clauses(terms, here, compiling));
        let leaving = here.leaving();
        let falls = self.parts.clauses.iter().any(|clause| clause.path.falls());
        match terms.as_ref().map(|terms| &terms.out) {
            Some(None) => {}
            Some(Some(out)) if !falls => here.document = out.clone(),
            _ => here.document = None,
        }
        let (terms, server) = (terms?, server?);
        let fields = framing(terms.version, terms.action.as_deref());
        if fields.is_none() {
            let at = self.action.as_ref().map_or(self.span, |action| action.span);
            compiling.report(Finding::error("bad-action", at, "this cannot be sent as a SOAP action"));
        }
        let ((media_type, action), kept) = (fields?, kept?);
        let parts = match parts {
            Some(parts) => Some(parts?),
            None => None,
        };
        let writer = Writer {
            version: terms.version,
            frame: Frame::envelope(terms.version, "", &[], None),
            body: terms.request,
            leaving,
            encoding: terms.encoding,
            blocks: blocks.into_iter().collect::<Option<_>>()?,
            media_type,
            action: terms.action.unwrap_or_default(),
            mtom: (self.mtom.always == Some(true)).then_some(self.mtom.threshold),
        };
        Some(Box::new(Soap {
            server,
            writer,
            action,
            headers: headers?,
            expected: terms.expected,
            kept: kept.fields,
            blocks: kept.blocks,
            beside: beside.into_iter().collect::<Option<_>>()?,
            parts,
            repeatable: self.repeatable,
            clauses: clauses?,
        }))
    }
}
