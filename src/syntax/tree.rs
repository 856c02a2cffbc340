//! What files say as trees in which every part knows its file, so that parts of several files can be merged.

use kdl::{KdlDocument, KdlEntry, KdlIdentifier, KdlNode, KdlValue};

use crate::source::{FileId, Span};

/// A node with its block: as one file has it, or merged of what several say.
#[derive(Debug)]
pub struct Tree<'a> {
    node: &'a KdlNode,
    file: FileId,
    /// What stands before the name in parentheses, which is nowhere right.
    annotation: Option<(&'a KdlIdentifier, FileId)>,
    texts: Vec<&'a str>,
    /// The arguments and properties.
    pub entries: Vec<Entry<'a>>,
    /// The nodes of the block, if there is one.
    pub block: Option<Vec<Tree<'a>>>,
}

/// An argument or a property.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    entry: &'a KdlEntry,
    file: FileId,
}

impl<'a> Tree<'a> {
    /// The nodes of a file; the parser has bounded how deep they nest.
    pub fn of(document: &'a KdlDocument, file: FileId, text: &'a str) -> Vec<Self> {
        document.nodes().iter().map(|node| Self::new(node, file, text)).collect()
    }

    fn new(node: &'a KdlNode, file: FileId, text: &'a str) -> Self {
        let span = node.span();
        let written = text.get(span.offset()..span.offset() + span.len()).unwrap_or("");
        Self {
            node,
            file,
            annotation: node.ty().map(|annotation| (annotation, file)),
            texts: vec![written],
            entries: node.entries().iter().map(|entry| Entry { entry, file }).collect(),
            block: node.children().map(|block| Self::of(block, file, text)),
        }
    }

    /// The node's name.
    pub fn name(&self) -> &'a str {
        self.node.name().value()
    }

    /// Where the name stands.
    pub fn name_span(&self) -> Span {
        identifier_span(self.node.name(), self.file)
    }

    /// Where the annotation before the name stands, if there is one.
    pub fn annotation_span(&self) -> Option<Span> {
        self.annotation.map(|(annotation, file)| identifier_span(annotation, file))
    }

    /// What files say of it, whole and as it was written, with the file that declares it first.
    pub fn texts(&self) -> &[&'a str] {
        &self.texts
    }

    /// The text up to the block.
    pub fn head(&self) -> &'a str {
        let text = self.texts.first().copied().unwrap_or("");
        let end = self.node.children().and_then(|block| {
            let inner = block.span().offset().checked_sub(self.node.span().offset())?;
            text.get(..inner).map(|head| head.trim_end().trim_end_matches('{').len())
        });
        text.get(..end.unwrap_or(text.len())).unwrap_or(text)
    }

    /// The arguments in order.
    pub fn arguments(&self) -> impl Iterator<Item = Entry<'a>> {
        self.entries.iter().filter(|entry| entry.is_argument()).copied()
    }

    /// The first argument, which names what is declared under a name.
    pub fn first(&self) -> Option<Entry<'a>> {
        self.arguments().next()
    }

    /// Notes that another file says more of this node; entries and block are merged by whoever knows what they mean.
    pub fn joined(&mut self, other: &Self) {
        self.texts.extend(&other.texts);
        self.annotation = self.annotation.or(other.annotation);
    }
}

impl<'a> Entry<'a> {
    /// The property's name; `None` for an argument.
    pub fn key(&self) -> Option<&'a str> {
        self.entry.name().map(KdlIdentifier::value)
    }

    /// Whether it is an argument.
    pub fn is_argument(&self) -> bool {
        self.entry.name().is_none()
    }

    /// Where the property's name stands; of an argument, where its value does.
    pub fn key_span(&self) -> Span {
        self.entry.name().map_or_else(|| self.span(), |key| identifier_span(key, self.file))
    }

    /// The value as it was written.
    pub fn written(&self) -> &'a str {
        self.entry.format().map_or("", |format| format.value_repr.as_str())
    }

    /// Where the value stands.
    pub fn span(&self) -> Span {
        let end = self.entry.span().offset() + self.entry.span().len();
        Span { file: self.file, start: end.saturating_sub(self.written().len()), end }
    }

    /// The value.
    pub fn value(&self) -> &'a KdlValue {
        self.entry.value()
    }

    /// The annotation of the value, with its place.
    pub fn annotation(&self) -> Option<(&'a str, Span)> {
        self.entry.ty().map(|kind| (kind.value(), identifier_span(kind, self.file)))
    }

    /// Whether it says `#null`.
    pub fn is_null(&self) -> bool {
        self.value().is_null() && self.entry.ty().is_none()
    }

    /// Whether it says the same as another: a value from outside never does.
    pub fn is_same(&self, other: &Self) -> bool {
        self.entry.ty().is_none() && other.entry.ty().is_none() && self.value() == other.value()
    }
}

fn identifier_span(identifier: &KdlIdentifier, file: FileId) -> Span {
    let span = identifier.span();
    Span { file, start: span.offset(), end: span.offset() + span.len() }
}
