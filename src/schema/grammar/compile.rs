//! The compiler: every name of the documents resolved, every declaration and type in its place of the grammar.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use compact_str::CompactString;

use super::documents::Documents;
use super::load::shown;
use super::particle::Particle;
use super::source::{At, Doc, XS};
use super::symbols::{self, Kind, Symbols};
use super::{Attribute, Content, ElementId, Grammar, Type, TypeId, Ways, publish, simple_types, structure};
use crate::document::tree::Name;
use crate::schema::Simple;
use crate::source::Finding;

/// Findings of one grammar: who has more reads those first.
const MOST_FINDINGS: usize = 50;
/// Elements, attributes, types and particles of one grammar.
const MOST: usize = 1_000_000;
/// Types that derive from each other, and groups in groups.
pub(super) const DEEPEST: usize = 200;

/// Compiles documents; the grammar is of use only when there is no error among the findings.
pub fn compile(documents: &Documents) -> (Grammar, Vec<Finding>) {
    let mut findings = documents.findings.clone();
    let mut seen = HashSet::new();
    let start = |doc: &Doc| doc.tree.nodes.first().map(|root| root.start);
    for doc in documents.docs.iter().filter(|doc| seen.insert((doc.file, start(doc)))) {
        findings.extend(structure::check(doc));
    }
    // What does not even look like a schema would be blamed a second time for what follows from that.
    if !findings.is_empty() {
        findings.truncate(MOST_FINDINGS);
        return (Grammar::default(), findings);
    }
    let (mut grammar, findings) = compile_trusted(documents);
    grammar.published = publish::published(documents);
    (grammar, findings)
}

/// Compiles documents whose structure is right.
pub(super) fn compile_trusted(documents: &Documents) -> (Grammar, Vec<Finding>) {
    let mut findings = documents.findings.clone();
    let symbols = symbols::gather(documents, &mut findings);
    let mut compiler = Compiler {
        documents,
        symbols: &symbols,
        grammar: Grammar::default(),
        findings,
        types: HashMap::new(),
        pending: Vec::new(),
        particles: HashMap::new(),
        elements: HashMap::new(),
        attributes: HashMap::new(),
        open: Vec::new(),
        heads: Vec::new(),
        count: 0,
        heads_open: 0,
        references: Vec::new(),
        done: HashSet::new(),
        reasons: Vec::new(),
    };
    compiler.built_in();
    compiler.globals();
    compiler.finish()
}

/// A compilation under way.
pub(super) struct Compiler<'d> {
    pub documents: &'d Documents,
    pub symbols: &'d Symbols,
    pub grammar: Grammar,
    pub findings: Vec<Finding>,
    /// The types so far, by the element that declares each.
    pub types: HashMap<At, TypeId>,
    /// Types that were named and are still to be compiled.
    pub pending: Vec<(At, TypeId)>,
    /// The particle of each complex type that has one, before it becomes a model: extensions add to it.
    pub particles: HashMap<TypeId, Arc<Particle>>,
    pub elements: HashMap<At, ElementId>,
    pub attributes: HashMap<At, Arc<Attribute>>,
    /// Types and groups that are being compiled: one that comes up again is circular.
    pub open: Vec<At>,
    /// Elements with the head of their substitution group.
    pub heads: Vec<(ElementId, ElementId, At)>,
    count: usize,
    /// Elements within elements of which they take the type.
    pub heads_open: usize,
    /// References to keys that are still to be found.
    pub references: Vec<(usize, At)>,
    /// The types that are complete.
    done: HashSet<TypeId>,
    /// The components that stand around what is compiled, for names within redefinitions.
    pub reasons: Vec<At>,
}

impl<'d> Compiler<'d> {
    /// The two types at the root of all, and the built-in simple types.
    fn built_in(&mut self) {
        let any = Name::qualified(XS, "anyType");
        self.grammar.types.push(Type::anything(any.clone()));
        self.grammar.named_types.insert(any, TypeId::ANY);
        for (name, base, simple) in simple_types::built_in() {
            let name = Name::qualified(XS, name);
            let base =
                self.grammar.named_types.get(&Name::qualified(XS, base)).copied().unwrap_or(TypeId::ANY);
            let id = self.add_type(Type::simple(name.clone(), base, simple));
            self.grammar.named_types.insert(name, id);
        }
        let (particle, model) = super::content::anything();
        self.particles.insert(TypeId::ANY, particle.clone());
        self.grammar.models.push(model);
        self.grammar.particles.push(particle);
    }

    fn globals(&mut self) {
        let symbols = self.symbols;
        for (kind, name, at) in &symbols.order {
            match kind {
                Kind::Element => {
                    let id = self.element(*at);
                    self.grammar.roots.insert(name.clone(), id);
                }
                Kind::Attribute => {
                    if let Some(attribute) = self.attribute(*at) {
                        self.grammar.attributes.insert(name.clone(), attribute);
                    }
                }
                Kind::Type => {
                    let id = self.type_at(*at);
                    self.grammar.named_types.insert(name.clone(), id);
                }
                Kind::Group => {
                    self.group_alone(*at);
                }
                Kind::AttributeGroup => {
                    self.attribute_group_alone(*at);
                }
                Kind::Notation => {}
            }
        }
        while let Some((at, id)) = self.pending.pop() {
            self.complete(at, id);
        }
    }

    fn finish(mut self) -> (Grammar, Vec<Finding>) {
        self.substitutions();
        self.resolve_references();
        self.check_values();
        self.grammar.has_ids = self.has_ids();
        for model in &mut self.grammar.models {
            model.settle(&self.grammar.elements);
        }
        self.findings.truncate(MOST_FINDINGS);
        (self.grammar, self.findings)
    }

    // ---- Names and places

    /// The document of an element.
    pub fn doc(&self, at: At) -> Option<&'d Doc> {
        self.documents.docs.get(at.doc)
    }

    /// The tag of an element; empty for one that is not of XML Schema.
    pub fn tag(&self, at: At) -> &'d str {
        let node = self.doc(at).and_then(|doc| doc.tree.nodes.get(at.node));
        node.map_or("", |node| node.tag.as_str())
    }

    /// The value of an attribute of an element.
    pub fn get(&self, at: At, name: &str) -> Option<&'d str> {
        self.doc(at)?.tree.attribute(at.node, name)
    }

    /// The child elements.
    pub fn children(&self, at: At) -> impl Iterator<Item = At> + use<'d> {
        let node = self.doc(at).and_then(|doc| doc.tree.nodes.get(at.node));
        let children = node.map(|node| node.children.as_slice()).unwrap_or_default();
        children.iter().map(move |node| At { doc: at.doc, node: *node })
    }

    /// The first child of one of these tags.
    pub fn child(&self, at: At, tags: &[&str]) -> Option<At> {
        self.children(at).find(|child| tags.contains(&self.tag(*child)))
    }

    /// Adds a finding at an element.
    pub fn wrong(&mut self, at: At, message: impl Into<String>) {
        let finding = self.finding(at, message);
        self.report(finding);
    }

    pub fn finding(&self, at: At, message: impl Into<String>) -> Finding {
        let span = self.doc(at).map(|doc| doc.span(at.node)).unwrap_or_default();
        Finding::error("bad-schema", span, message)
    }

    pub fn report(&mut self, finding: Finding) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(finding);
        }
    }

    /// Counts what is made; `false`, with one finding, when it is too much.
    pub fn afford(&mut self, at: At) -> bool {
        self.count += 1;
        if self.count == MOST {
            self.wrong(
                at,
                format!("the schema is too large: it has more than {MOST} declarations and particles"),
            );
        }
        self.count < MOST
    }

    /// The name in an attribute.
    pub fn name(&mut self, at: At, value: &str) -> Option<Name> {
        match self.doc(at)?.name(at.node, value) {
            Ok(name) => Some(name),
            Err(prefix) => {
                self.wrong(at, format!("the prefix `{prefix}` of `{value}` is not declared"));
                None
            }
        }
    }

    /// The component that an attribute names; `None` after a finding.
    pub fn find(&mut self, kind: Kind, at: At, value: &str) -> Option<At> {
        let name = self.name(at, value)?;
        if let Some(found) = self.redefined(kind, at, &name) {
            return Some(found);
        }
        if let Some(found) = self.symbols.find(kind, &name) {
            return Some(found);
        }
        let message = format!("there is no {} `{}` in {}", kind.shown(), name.local, shown(&name.namespace));
        let mut finding = self.finding(at, message);
        if let Some(hint) = self.symbols.hint(kind, &name) {
            finding = finding.help(hint);
        } else if name.namespace.is_some() && self.doc(at).is_some_and(|doc| doc.target != name.namespace) {
            finding = finding.help("an xs:import with a schemaLocation names the document that has it");
        }
        self.report(finding);
        None
    }

    /// Within a component that redefines another, its own name is that of the other.
    fn redefined(&self, kind: Kind, at: At, name: &Name) -> Option<At> {
        let outer = self.reasons.iter().rev().find(|outer| outer.doc == at.doc)?;
        let hidden = self.symbols.behind(*outer)?;
        let own = self.get(*outer, "name")?;
        let is_own = own == name.local && self.doc(*outer)?.target == name.namespace;
        let same_kind =
            self.symbols.find(kind, &Name { local: hidden.clone(), namespace: name.namespace.clone() });
        same_kind.filter(|_| is_own)
    }

    // ---- Types

    pub fn add_type(&mut self, made: Type) -> TypeId {
        self.grammar.types.push(made);
        TypeId(self.grammar.types.len() - 1)
    }

    /// The type that an attribute names; `None` after a finding.
    pub fn type_named(&mut self, at: At, value: &str) -> Option<TypeId> {
        let name = self.name(at, value)?;
        if name.namespace.as_deref() == Some(XS)
            && let Some(built_in) = self.grammar.named_types.get(&name)
        {
            return Some(*built_in);
        }
        let found = self.find(Kind::Type, at, value)?;
        Some(self.type_at(found))
    }

    /// The type at an `xs:simpleType` or `xs:complexType`, compiled now or later.
    pub fn type_at(&mut self, at: At) -> TypeId {
        if let Some(known) = self.types.get(&at) {
            return *known;
        }
        let local: CompactString = match self.is_global(at) || self.symbols.behind(at).is_some() {
            true => self.get(at, "name").unwrap_or_default().into(),
            false => CompactString::default(),
        };
        let namespace = self.doc(at).and_then(|doc| doc.target.clone()).filter(|_| !local.is_empty());
        let id = self.add_type(Type::anything(Name { local, namespace }));
        self.types.insert(at, id);
        self.afford(at);
        self.pending.push((at, id));
        id
    }

    /// Compiles a type that was only named so far, if that is still to be done.
    pub fn complete(&mut self, at: At, id: TypeId) {
        // What was completed on the way stays in the list.
        if self.done.contains(&id) || self.open.contains(&at) {
            return;
        }
        if self.open.len() > DEEPEST {
            return self.wrong(at, format!("types derive from each other in more than {DEEPEST} steps"));
        }
        self.open.push(at);
        let is_component = self.is_global(at) || self.symbols.behind(at).is_some();
        if is_component {
            self.reasons.push(at);
        }
        match self.tag(at) {
            "simpleType" => self.simple_type(at, id),
            _ => self.complex_type(at, id),
        }
        if is_component {
            self.reasons.pop();
        }
        self.open.pop();
        self.done.insert(id);
    }
}

/// Whether an attribute of type boolean says so.
pub fn is_true(value: Option<&str>) -> bool {
    matches!(value, Some("true" | "1"))
}

impl Type {
    /// `xs:anyType`, or a type of which nothing else is known yet.
    fn anything(name: Name) -> Self {
        Self {
            name,
            base: TypeId::ANY,
            way: Ways::RESTRICTION,
            is_complex: true,
            is_abstract: false,
            block: Ways::NONE,
            closed: Ways::NONE,
            members: Vec::new(),
            content: Content::Elements { model: 0, is_mixed: true },
            attributes: Vec::new(),
            any_attribute: Some(super::wildcard::Wildcard::ANYTHING),
        }
    }

    /// A simple type.
    pub(super) fn simple(name: Name, base: TypeId, simple: Arc<Simple>) -> Self {
        Self {
            base,
            is_complex: false,
            content: Content::Simple(simple),
            any_attribute: None,
            ..Self::anything(name)
        }
    }
}
