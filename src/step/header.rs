//! The `header` step: adds a header block to the SOAP answer.

use std::sync::Arc;

use crate::document::Document;
use crate::document::codec::Limits;
use crate::document::tree::{Attribute, Element, Name};
use crate::kind::contract::RemoteContract;
use crate::kind::header_block::block_name;
use crate::kind::step::{DeclaredStep, Facts, StepKind};
use crate::kind::value::{DeclaredValue, For, Scalar};
use crate::kind::{Compiling, Here, Kinds, Manual};
use crate::pipeline::failure::Failure;
use crate::pipeline::operation::Profile;
use crate::pipeline::run::Run;
use crate::pipeline::source::ValueSource;
use crate::pipeline::step::{Documents, Step, Work};
use crate::schema::Mode;
use crate::soap::Version;
use crate::source::{Finding, Spanned};
use crate::step::block::{Part, Place, fill, ordered};
use crate::syntax::{Literal, Node};

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "header",
        summary: "adds a header block to the SOAP answer",
        usage: "header \"{NAMESPACE}NAME\" from=PATH | value=LITERAL | property=NAME | script=EXPRESSION [must-understand=#true] [role=URI] [relay=#true]\nheader \"{NAMESPACE}NAME\"|PROFILE [must-understand=#true] [role=URI] [relay=#true] { set PATH from=PATH | value=LITERAL | ... }\nheader PROFILE [must-understand=#true] [role=URI] [relay=#true]",
        text: "For each document a block is made: with a text, or with what `set` puts into it, each by a path of names below \
               it, such as \"Window/Unit\" or \"Window/@unit\". Elements in it are in its namespace, or where the profile has them. \
               With a profile alone the document itself is the block. A value that is absent leaves its element out, and if nothing is there, the block. Blocks go \
               with a fault too, if the process fails afterwards. Over other protocols the step does nothing; the documents go \
               on unchanged. Declare the block with `header` in the operation, so that contracts show it.",
        example: "header \"{urn:example:crm}Limits\" {\n    set Remaining value=10\n    set \"Window/@unit\" value=minute\n}",
    },
    read,
};

/// A header block as it is written, in an answer or in a call.
#[derive(Debug)]
pub(super) struct Declared {
    name: Spanned<String>,
    addressing: Addressing,
    value: Option<DeclaredValue>,
    parts: Option<Vec<(Spanned<Literal>, DeclaredValue)>>,
}

/// How a block is named that no profile describes.
const BY_NAME: &str =
    "a block that no profile describes is named with its namespace: \"{urn:example:crm}Session\"";

/// Whom the block is for.
#[derive(Debug, Clone, Default)]
struct Addressing {
    must_understand: bool,
    relay: bool,
    role: Option<String>,
}

/// A header block to be made.
#[derive(Debug)]
pub(super) struct Header {
    addressing: Addressing,
    content: Content,
}

/// What the block holds.
#[derive(Debug)]
enum Content {
    /// The document itself, which is of that profile.
    Document(Arc<Profile>),
    Text(Name, Box<ValueSource>),
    Parts(Name, Vec<Part>),
}

fn read(node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    Some(Box::new(Declared::read(node)?))
}

fn read_block(mut node: Node<'_>) -> Option<Declared> {
    let name = node.argument::<String>("block's name");
    let is = |given: Option<Spanned<bool>>| given.is_some_and(|given| given.value);
    let addressing = Addressing {
        must_understand: is(node.property("must-understand")),
        relay: is(node.property("relay")),
        role: node.property::<String>("role").map(|given| given.value),
    };
    let parts = node.has_block().then(|| parts(&mut node));
    let is_named = name.as_ref().is_some_and(|name| name.value.starts_with('{'));
    let wants_value = parts.is_none() && is_named;
    let value = if wants_value { value(&mut node) } else { None };
    let given = SOURCES.iter().any(|source| node.has_property(source));
    let taken_twice = parts.is_some() && given;
    if given && (taken_twice || !is_named) {
        for source in SOURCES {
            let _ = node.property::<Scalar>(source);
        }
    }
    if let Some(name) = name.as_ref().filter(|_| given && !is_named && !taken_twice) {
        let message = format!("`{}` is not the name of a header block that has a value", name.value);
        node.report(Finding::error("bad-name", name.span, message).help(BY_NAME));
        node.finish();
        return None;
    }
    if taken_twice {
        let message = "this header says its content twice: by a value, and in its block";
        node.report(Finding::error("several-values", node.name_span(), message).help("keep one of the two"));
        node.finish();
        return None;
    }
    node.finish();
    if wants_value && value.is_none() {
        return None;
    }
    Some(Declared { name: name?, addressing, value, parts })
}

/// The properties that a value comes from.
const SOURCES: [&str; 4] = ["from", "value", "property", "script"];

/// The text of a block; `None` after one finding that says how it is written.
fn value(node: &mut Node<'_>) -> Option<DeclaredValue> {
    let given = SOURCES.iter().any(|source| node.has_property(source));
    if !given && !node.misspells(&SOURCES) {
        let text = node.optional::<Literal>("text");
        let message = "this header does not say what it holds";
        let finding = Finding::error("missing-value", node.name_span(), message);
        node.report(match text {
            Some(text) => finding.help(format!("write value=\"{}\"", text.value.text)),
            None => {
                finding.help("give it value=, from=, property= or script=, or a block: { set Id value=1 }")
            }
        });
        return None;
    }
    DeclaredValue::read(node, true)
}

fn parts(node: &mut Node<'_>) -> Vec<(Spanned<Literal>, DeclaredValue)> {
    let mut parts = Vec::new();
    for mut child in node.children() {
        if child.name() != "set" {
            child.unknown("unknown-word", "a part of `header`", ["set"]);
            continue;
        }
        let (path, value) = (child.argument("path"), DeclaredValue::read(&mut child, true));
        child.finish();
        if let (Some(path), Some(value)) = (path, value) {
            parts.push((path, value));
        }
    }
    parts
}

impl Declared {
    /// Reads it; `None` after findings.
    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        read_block(node)
    }

    /// What makes it; `None` after findings. With a contract, a block that its schemas know is checked against them.
    pub(super) fn header(
        &self,
        contract: Option<&RemoteContract>,
        here: &Here,
        compiling: &Compiling<'_>,
    ) -> Option<Header> {
        let content = self.content(contract, here, compiling)?;
        Some(Header { addressing: self.addressing.clone(), content })
    }

    /// The block's name and, by a profile, its shape; `None` after a finding.
    fn block(
        &self,
        contract: Option<&RemoteContract>,
        compiling: &Compiling<'_>,
    ) -> Option<(Name, Option<Arc<Profile>>)> {
        if !self.name.value.starts_with('{') {
            if compiling.profiles.span(&self.name.value).is_none() && !compiling.unread() {
                let message = format!("there is no `profile {}`", self.name.value);
                let finding = Finding::error("unknown-name", self.name.span, message);
                let finding = finding.suggest(&self.name.value, compiling.profiles.names());
                compiling.report(match finding.help.as_deref() {
                    Some(help) if help.starts_with("did you mean") => finding,
                    _ => finding.help(BY_NAME),
                });
                return None;
            }
            let profile = compiling.profile(&self.name)?;
            if profile.shape.namespace.is_none() || profile.codec.format() != "xml" {
                let message = format!("profile `{}` is not that of a SOAP header block", profile.name);
                let finding = Finding::error("not-a-header", self.name.span, message);
                compiling.report(finding.help("a block is an XML element in a namespace"));
                return None;
            }
            return Some((profile.shape.element_name(), Some(profile)));
        }
        match block_name(&self.name) {
            Ok(name) if name.namespace.as_deref().and_then(Version::of).is_some() => {
                let message = "this is a namespace of SOAP itself, in which it has no header blocks";
                compiling.report(Finding::error("bad-name", self.name.span, message));
                None
            }
            Ok(name) => {
                let known = contract.and_then(|contract| contract.profile(&name, Mode::Strict, compiling));
                Some((name, known))
            }
            Err(finding) => {
                compiling.report(finding);
                None
            }
        }
    }

    fn content(
        &self,
        contract: Option<&RemoteContract>,
        here: &Here,
        compiling: &Compiling<'_>,
    ) -> Option<Content> {
        let block = self.block(contract, compiling);
        let wanted = For::here(here);
        if let Some(value) = &self.value {
            let value = value.compile(&wanted, compiling);
            return Some(Content::Text(block?.0, Box::new(value?.0)));
        }
        let Some(declared) = &self.parts else {
            let (_, profile) = block?;
            let profile = profile?;
            if let Some(known) = &here.document {
                known.check_is(&profile, "the header block", self.name.span, compiling)?;
            }
            return Some(Content::Document(profile));
        };
        let (name, profile) = block?;
        let shape = profile.as_ref().map(|profile| &*profile.shape);
        let mut parts = Vec::new();
        let mut whole = true;
        for (path, value) in declared {
            let place = Place::parse(path, &name, shape, compiling);
            let value = value.compile(&wanted, compiling);
            match (place, value) {
                (Some(place), Some((value, _))) => parts.push((Part { place, value }, path.span)),
                _ => whole = false,
            }
        }
        let parts = ordered(parts, compiling)?;
        whole.then_some(Content::Parts(name, parts))
    }
}

impl DeclaredStep for Declared {
    fn facts(&self) -> Facts<'_> {
        Facts { shapes_answer: true, keeps: true, ..Facts::default() }
    }

    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        Some(Box::new(self.header(None, here, compiling)?))
    }
}

impl Step for Header {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        let Some(version) = run.execution.soap.as_ref().map(|soap| soap.version) else {
            return Ok(documents).into();
        };
        for document in &documents {
            let made = self.make(run, document, version);
            let added = made.and_then(|block| block.map_or(Ok(()), |block| run.add_block(block)));
            if let Err(failure) = added {
                return Err(failure).into();
            }
        }
        Ok(documents).into()
    }

    fn gives_each(&self) -> bool {
        true
    }
}

impl Header {
    /// The block for a document, in an envelope of that version; `None` where nothing of it is there.
    ///
    /// # Errors
    /// A value cannot be read, or the document is not the block.
    pub(super) fn make(
        &self,
        run: &Run,
        document: &Document,
        version: Version,
    ) -> Result<Option<Element>, Failure> {
        let mut block = self.block(run, document)?;
        if let Some(block) = &mut block {
            self.addressing.put(block, version);
        }
        Ok(block)
    }

    /// The block; `None` where nothing of it is there.
    fn block(&self, run: &Run, document: &Document) -> Result<Option<Element>, Failure> {
        match &self.content {
            Content::Document(profile) => {
                let wrong = |found: String| {
                    let log = format!("the header block is of profile {}, and was {found}", profile.name);
                    Failure::internal("wrong-header", log)
                };
                let block = profile.leave(document, Limits::default()).map_err(wrong)?;
                let root = block.tree().map_err(|malformed| wrong(malformed.to_string()))?;
                Ok(Some(root.clone()))
            }
            Content::Text(name, value) => {
                let text = value.read(run, document, None)?.text();
                Ok(text.map(|text| Element::with(name.clone(), crate::document::tree::Content::Text(text))))
            }
            Content::Parts(name, parts) => fill(name, parts, run, document),
        }
    }
}

impl Addressing {
    fn put(&self, block: &mut Element, version: Version) {
        let mut set = |local: &str, value: &str| {
            let name = Name::qualified(version.namespace(), local);
            block.attributes.push(Attribute { name, value: value.into() });
        };
        if self.must_understand {
            set("mustUnderstand", "1");
        }
        if let Some(role) = &self.role {
            set(if version == Version::V11 { "actor" } else { "role" }, role);
        }
        // SOAP 1.1 has no relaying of what is not processed.
        if self.relay && version == Version::V12 {
            set("relay", "1");
        }
    }
}
