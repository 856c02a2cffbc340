//! `operation`: what a client can ask for.

use compact_str::CompactString;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::contract::{self, DeclaredHeader};
use super::paging;
use crate::kind::Kinds;
use crate::kind::step::DeclaredPath;
use crate::kind::value::DeclaredValue;
use crate::pipeline::load::Bounds;
use crate::pipeline::operation::{Action, OperationLimits, Sample};
use crate::pipeline::page::Paging;
use crate::source::{Finding, Span, Spanned};
use crate::syntax::{Bytes, Node};

/// An `operation` declaration.
#[derive(Debug)]
pub struct DeclaredOperation {
    /// Its name.
    pub name: Spanned<String>,
    /// What it does, for contracts.
    pub description: CompactString,
    /// What it does.
    pub action: Option<Action>,
    /// What it does it to.
    pub object: Option<Spanned<String>>,
    /// What it takes.
    pub input: Option<DeclaredIo>,
    /// What it gives.
    pub output: Option<DeclaredIo>,
    /// The faults that it may answer with.
    pub faults: Vec<Spanned<String>>,
    /// Its SOAP headers.
    pub headers: Vec<DeclaredHeader>,
    /// The roles of which a caller must have one; everybody may call it without.
    pub roles: Option<Vec<Spanned<CompactString>>>,
    /// The status of an answer without documents.
    pub on_empty: Option<Spanned<u16>>,
    /// What says which state its answer is of.
    pub etag: Option<DeclaredValue>,
    /// What bounds each execution.
    pub limits: OperationLimits,
    /// How often its steps are noted.
    pub trace: Sample,
    /// What runs.
    pub work: Option<DeclaredWork>,
    /// Whether a part could not be read: then nothing follows from what is not there.
    pub broken: bool,
}

/// The `input` or `output` of an operation.
#[derive(Debug)]
pub struct DeclaredIo {
    /// A profile's name, or `data`.
    pub name: Spanned<String>,
    /// Whether it is a list.
    pub many: bool,
    /// Of an output: whether it is checked before it is answered with.
    pub check: Option<Spanned<bool>>,
    /// The media type of plain data.
    pub content_type: Option<Spanned<CompactString>>,
    /// Of an output of many: how its answers are paged.
    pub paging: Option<Paging>,
}

/// What an operation runs.
#[derive(Debug)]
pub enum DeclaredWork {
    /// A process written in the operation.
    Inline(DeclaredPath, Span),
    /// A process declared on its own.
    Named(Spanned<String>),
}

const WORDS: [&str; 13] = [
    "description",
    "action",
    "object",
    "input",
    "output",
    "faults",
    "header",
    "roles",
    "on-empty",
    "etag",
    "limits",
    "trace",
    "process",
];

/// The words that may be said once.
fn once() -> Vec<&'static str> {
    WORDS.into_iter().filter(|word| *word != "header").collect()
}

/// Reads `operation NAME { ... }`.
pub fn read(mut node: Node<'_>, kinds: &Kinds) -> Option<DeclaredOperation> {
    let name = node.argument::<String>("name");
    let span = node.name_span();
    let mut operation = DeclaredOperation {
        name: name.clone().unwrap_or_else(|| Spanned::new(String::new(), span)),
        description: CompactString::default(),
        action: None,
        object: None,
        input: None,
        output: None,
        faults: Vec::new(),
        headers: Vec::new(),
        roles: None,
        on_empty: None,
        etag: None,
        limits: OperationLimits::default(),
        trace: Sample::default(),
        work: None,
        broken: false,
    };
    let (mut has_action, mut has_process) = (false, false);
    for child in node.parts(&once()) {
        let word = child.name();
        operation.broken |= !WORDS.contains(&word);
        has_action |= word == "action";
        has_process |= word == "process";
        part(child, kinds, &mut operation);
    }
    for (there, word, help) in [
        (has_action, "action", "action create, for example; the object it is done to stands in object"),
        (has_process, "process", "process { ... } with steps, or process NAME"),
    ] {
        if !there && !operation.broken {
            let finding = Finding::error("missing-part", span, format!("this operation has no `{word}`"));
            node.report(finding.help(help));
        }
    }
    node.finish();
    name.map(|_| operation)
}

fn part(mut node: Node<'_>, kinds: &Kinds, operation: &mut DeclaredOperation) {
    match node.name() {
        "description" => {
            let text = node.argument::<CompactString>("text");
            operation.description = text.map(|text| text.value).unwrap_or_default();
        }
        "action" => operation.action = action(&mut node),
        "object" => operation.object = object(&mut node),
        "input" => operation.input = io(&mut node),
        "output" => {
            operation.output = io(&mut node);
            operation.broken |= operation.output.is_none();
        }
        "faults" => operation.faults = node.arguments("fault's name"),
        "header" => operation.headers.extend(contract::header(&mut node)),
        "roles" => operation.roles = Some(node.arguments("role")),
        "on-empty" => operation.on_empty = node.argument("status"),
        "etag" => operation.etag = etag(&mut node),
        "limits" => operation.limits = limits(&mut node),
        "trace" => operation.trace = sample(&mut node).unwrap_or(Sample::ALL),
        "process" => operation.work = work(&mut node, kinds),
        _ => return node.unknown("unknown-word", "a part of `operation`", WORDS),
    }
    node.finish();
}

/// A path alone is what `from=` says.
fn etag(node: &mut Node<'_>) -> Option<DeclaredValue> {
    if node.has_argument() {
        let span = node.name_span();
        let (from, script) = (node.argument("path"), node.property("script"));
        return Some(DeclaredValue {
            from: Some(from?),
            value: None,
            property: None,
            script,
            default: None,
            span,
        });
    }
    DeclaredValue::read(node, false)
}

fn limits(node: &mut Node<'_>) -> OperationLimits {
    let (request, after) = (node.property("request"), node.property("after"));
    let (documents, bytes) = (node.property::<usize>("documents"), node.property::<Bytes>("bytes"));
    let known = Bounds::default();
    if let Some(none) = documents.as_ref().filter(|given| given.value == 0) {
        let finding = Finding::error("no-documents", none.span, "no step runs without documents");
        node.report(finding.help("allow one at least"));
    }
    OperationLimits {
        request: request.map(|given| given.value),
        after: after.map(|given| given.value),
        bounds: Bounds {
            documents: documents.map_or(known.documents, |given| given.value),
            bytes: bytes.map_or(known.bytes, |given| given.value.0),
        },
    }
}

/// Reads `sample=`: a part from 0 to 1.
pub fn sample(node: &mut Node<'_>) -> Option<Sample> {
    let given = node.property::<Decimal>("sample")?;
    let millionths = (given.value * Decimal::from(1_000_000)).to_u32();
    let found = millionths.filter(|part| *part <= Sample::ALL.0);
    if found.is_none() {
        let finding = Finding::error("bad-sample", given.span, "this is not a part of all requests");
        node.report(finding.label("expected a number from 0 to 1, such as 0.01"));
    }
    found.map(Sample)
}

fn action(node: &mut Node<'_>) -> Option<Action> {
    let word = node.argument::<String>("action")?;
    let found = Action::ALL.iter().find(|(name, _)| *name == word.value);
    if found.is_none() {
        let finding =
            Finding::error("unknown-action", word.span, format!("`{}` is not an action", word.value));
        node.report(finding.suggest(&word.value, Action::ALL.iter().map(|(name, _)| *name)));
    }
    found.map(|(_, action)| *action)
}

/// An object names addresses and elements, so it must be able to.
fn object(node: &mut Node<'_>) -> Option<Spanned<String>> {
    let object = node.argument::<String>("object")?;
    let fits = object.value.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !fits {
        let finding =
            Finding::error("bad-name", object.span, format!("`{}` cannot be an object", object.value));
        node.report(finding.help("objects stand in addresses and element names: letters, digits and `_`"));
        return None;
    }
    Some(object)
}

fn io(node: &mut Node<'_>) -> Option<DeclaredIo> {
    let name = node.argument("profile's name");
    let many = node.property::<bool>("many").is_some_and(|given| given.value);
    let content_type = node.property("content-type");
    // What comes in is always checked.
    let is_output = node.name() == "output";
    let check = if is_output { node.property("check") } else { None };
    let paging = if is_output { paging::read(node, many) } else { None };
    Some(DeclaredIo { name: name?, many, check, content_type, paging })
}

fn work(node: &mut Node<'_>, kinds: &Kinds) -> Option<DeclaredWork> {
    let span = node.name_span();
    let name = node.optional::<String>("process's name");
    match (name, node.has_block()) {
        (Some(name), false) => Some(DeclaredWork::Named(name)),
        (None, true) => Some(DeclaredWork::Inline(DeclaredPath::read(node.children(), kinds), span)),
        (Some(_), true) => {
            node.children();
            let message = "`process` is either a name or a block of steps";
            node.report(Finding::error("several-values", span, message).help("remove one of the two"));
            None
        }
        (None, false) => {
            let finding = Finding::error("missing-value", span, "`process` needs a name or a block of steps");
            node.report(finding.help("process { ... } or process NAME"));
            None
        }
    }
}
