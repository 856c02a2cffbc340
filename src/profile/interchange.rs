//! What the profiles of X12 and EDIFACT share of interchanges: what delimits, how characters are written, the codec.

use std::sync::Arc;

use crate::document::charset::Charset;
use crate::document::codec::CodecRef;
use crate::edi::{Defaults, Delimiters, Edi, Syntax};
use crate::kind::Compiling;
use crate::kind::format::DeclaredProfile;
use crate::pipeline::operation::Profile;
use crate::profile::columns;
use crate::profile::segments::{self, Structure, shape};
use crate::profile::shapes;
use crate::schema::{Occurs, Shape, ShapeKind};
use crate::source::{Finding, Span};
use crate::syntax::Node;

/// What is declared of both.
#[derive(Debug)]
pub struct Common {
    /// The segments and loops.
    pub structure: Structure,
    /// How many messages a document holds.
    pub occurs: Occurs,
    defaults: Defaults,
    syntax: Syntax,
}

/// A profile of either.
#[derive(Debug)]
pub struct Declared {
    codec: CodecRef,
    shape: Arc<Shape>,
}

impl Declared {
    /// With the message and version that it declares, and the shape of its interchanges.
    pub fn new(common: Common, message: Option<String>, version: Option<String>, shape: Shape) -> Self {
        let Common { structure, mut defaults, syntax, .. } = common;
        defaults.message = message.unwrap_or_default().into();
        if let Some(version) = version {
            defaults.version = version.into();
        }
        let codec = Edi { syntax, items: structure.items, defaults };
        Self { codec: CodecRef::Made(Arc::new(codec)), shape: Arc::new(shape) }
    }
}

impl DeclaredProfile for Declared {
    fn compile(&self, name: &str, _: &Compiling<'_>) -> Option<Profile> {
        Some(Profile::new(name, self.codec.clone(), Arc::clone(&self.shape)))
    }
}

/// Reads what both have; `taken` are the segments around those of the block.
pub fn read(mut node: Node<'_>, syntax: Syntax, taken: &[&str]) -> Common {
    let occurs = shapes::occurs(&mut node, Occurs::ONCE);
    let delimiters = delimiters(&mut node, syntax);
    let newline = columns::newline(&mut node).unwrap_or_default();
    let charset = charset(&mut node);
    let checked = node.property::<bool>("counts").is_none_or(|given| given.value);
    let structure = segments::read(&mut node, syntax, taken, 0);
    node.finish();
    let defaults = Defaults { delimiters, newline, charset, checked, ..Defaults::of(syntax) };
    Common { structure, occurs, defaults, syntax }
}

/// The character sets that an interchange may be in.
const CHARSETS: [Charset; 4] = [Charset::Ascii, Charset::Latin1, Charset::Windows1252, Charset::Utf8];

fn charset(node: &mut Node<'_>) -> Option<Charset> {
    let given = node.property::<String>("encoding")?;
    let found = Charset::by_name(&given.value).filter(|found| CHARSETS.contains(found));
    if found.is_none() {
        let message = format!("interchanges are not read in the character set `{}`", given.value);
        let finding = Finding::error("unknown-charset", given.span, message);
        node.report(finding.suggest(&given.value, CHARSETS.map(Charset::name)));
    }
    found
}

fn delimiters(node: &mut Node<'_>, syntax: Syntax) -> Delimiters {
    let mut all = Delimiters::of(syntax);
    let mut last: Option<Span> = None;
    let mut one = |node: &mut Node<'_>, word: &'static str| -> Option<char> {
        let given = node.property::<String>(word)?;
        last = Some(given.span);
        let mut chars = given.value.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) => Some(c),
            _ => {
                let message = format!("`{word}=` is one character");
                node.report(
                    Finding::error("bad-delimiter", given.span, message).label("expected such as \"|\""),
                );
                None
            }
        }
    };
    all.element = one(node, "separator").unwrap_or(all.element);
    all.component = one(node, "component").unwrap_or(all.component);
    all.repetition = one(node, "repetition").or(all.repetition);
    all.terminator = one(node, "terminator").unwrap_or(all.terminator);
    if syntax == Syntax::Edifact {
        all.release = one(node, "release").or(all.release);
        all.decimal = one(node, "decimal").unwrap_or(all.decimal);
    }
    if let (Some(fault), Some(span)) = (all.fault(), last) {
        node.report(Finding::error("bad-delimiter", span, fault));
    }
    all
}

/// How often a group occurs around messages that occur so often.
pub fn around(messages: Occurs) -> Occurs {
    match messages.repeats() {
        true => Occurs { min: messages.min.min(1), max: None },
        false => messages,
    }
}

/// A message between its header and its trailer.
pub fn message(name: &str, occurs: Occurs, head: Shape, structure: &Structure, tail: Shape) -> Shape {
    let kind = if structure.broken {
        ShapeKind::Any
    } else if structure.items.is_empty() {
        ShapeKind::Open(vec![head, tail])
    } else {
        let inner = structure.shapes.iter().cloned();
        ShapeKind::Children(std::iter::once(head).chain(inner).chain([tail]).collect())
    };
    shape(name, occurs, kind)
}
