//! The `set` item: one value of the target.

use compact_str::CompactString;

use crate::document::codec::Codec;
use crate::document::path::{At, Found};
use crate::document::tree::{Attribute, Content, Element};
use crate::document::value::Value;
use crate::kind::item::{Between, DeclaredItem, Item, ItemKind, Mapping, Writes};
use crate::kind::path::{End, Side, Target};
use crate::kind::trace::Did;
use crate::kind::value::{DeclaredValue, For};
use crate::kind::{Compiling, Kinds, Manual};
use crate::map::policy::{self, Policies, Wanted};
use crate::map::start::{Begun, Start};
use crate::map::{fit, typed, write};
use crate::pipeline::failure::Failure;
use crate::pipeline::source::{Origin, ValueSource};
use crate::schema::ShapeKind;
use crate::source::{Finding, Place, Span, Spanned};
use crate::syntax::{Literal, Node};
use crate::xml::{XML, uncarried};

/// The kind.
pub const KIND: ItemKind = ItemKind {
    manual: Manual {
        name: "set",
        summary: "gives one place of the target a value",
        usage: "set TARGET from=PATH [of=DOCUMENT] | value=LITERAL | property=NAME | script=EXPRESSION [default=LITERAL]\n    [when-absent=omit|nil|empty|error] [when-nil=omit|nil|empty|error]",
        text: "The target is a path of names in the target's own language; what is missing on the way is made. A `script=` \
               beside a `from=` sees the value read as `it`; alone it sees the whole source as `source`. Inside an \
               `each`, a path that begins with `/` (in JSON with `$`) starts at the whole source; `of=` names the `document` \
               it starts in. A value that is absent writes nothing, nor does nil where the profile does not let it stand; \
               `default=` stands in for one that is absent, nil or empty. `when-absent=` and `when-nil=` say otherwise: \
               `omit` writes nothing, `nil` nil, `empty` an empty text, object or array, and `error` ends the process with \
               status 422 (with 500 where a script alone gave nothing). The order of items does \
               not matter: the target comes out in the order of its profile.",
        example: "set \"$.id\" from=\"Order/@id\"\nset \"$.total\" script=#\"sum(source.Order.Line.map(|l| l.Quantity * l.Price))\"#",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    target: Spanned<Literal>,
    value: DeclaredValue,
    of: Option<Spanned<String>>,
    policies: policy::Declared,
}

#[derive(Debug)]
struct Set {
    target: Target,
    start: Start,
    value: ValueSource,
    policies: Policies,
    /// The path or the property as written.
    from: Option<CompactString>,
    /// Whether values of the target have types: else all of them are text.
    typed: bool,
    /// Whether the target has nothing yet at this place and behind it.
    appends: bool,
    /// Whether the child that it appends is in the namespace of its parent.
    inherits: bool,
    /// Whether a single value that it reads is only to be copied: it appends a child, and nothing else is asked of the value.
    copies: bool,
    /// Whether what is read may hold characters that the target cannot: it is XML, and the value not of XML as it stands.
    foreign: bool,
    /// The target as written.
    text: CompactString,
    place: Place,
    /// Whether the value, or what stands in for it, comes from outside the file: then nobody is shown it.
    secret: bool,
}

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredItem>> {
    let target = node.argument("target path");
    let value = DeclaredValue::read(&mut node, true);
    let of = node.property::<String>("of");
    if let (Some(of), false) = (&of, node.has_property("from")) {
        let finding =
            Finding::error("of-without-from", of.span, "`of=` says where the path of a from= starts");
        node.report(finding.help("remove it, or give from=; a script sees a document under its name"));
    }
    let policies = policy::Declared::read(&mut node);
    node.finish();
    Some(Box::new(Declared { target: target?, value: value?, of, policies }))
}

impl Declared {
    /// What it reads, and where its path starts; `None` after findings.
    fn read(
        &self,
        between: &Between,
        compiling: &Compiling<'_>,
    ) -> Option<(Start, Side, ValueSource, Option<End>)> {
        let wanted = For::at(between);
        let Some(from) = &self.value.from else {
            let (value, end) = self.value.compile(&wanted, compiling)?;
            return Some((Start::Here, between.source.clone(), value, end));
        };
        let Begun { start, side, path } = Begun::find(from, self.of.as_ref(), between, compiling)?;
        let wanted = For { source: Some(&side), ..wanted };
        let (value, end) = self.value.compile_from(Some(&path), &wanted, compiling)?;
        Some((start, side, value, end))
    }

    /// What a single value can be written to: not a list, and not an element with parts of its own.
    fn check_end(&self, target: &Target, compiling: &Compiling<'_>) -> Option<()> {
        let shape = target.end.shape.as_ref()?;
        let text = &self.target.value.text;
        let (message, help) = match &shape.kind {
            ShapeKind::Simple(_) | ShapeKind::Any if !target.end.repeats => return None,
            ShapeKind::Children(_) | ShapeKind::Open(_) if !target.end.repeats => (
                format!("`{text}` has parts of its own: a single value cannot be put there"),
                "set its parts one by one",
            ),
            _ => (format!("`{text}` is a list"), "write each SOURCE into=TARGET { ... } for what repeats"),
        };
        compiling.report(Finding::error("not-a-value", self.target.span, message).help(help));
        Some(())
    }
}

impl DeclaredItem for Declared {
    fn order(&self, between: &Between) -> Option<Vec<usize>> {
        order(&self.target, between)
    }

    fn target(&self) -> Option<(&str, Span)> {
        Some((&self.target.value.text, self.target.span))
    }

    fn compile(&self, between: &Between, compiling: &Compiling<'_>) -> Option<Box<dyn Item>> {
        let read = self.read(between, compiling);
        let target = between.target.target(&self.target, compiling)?;
        let policies = self.policies.compile(&self.target, &self.value, &target, compiling);
        let (start, side, value, end) = read?;
        let value = typed::check(value, &self.value, &target, compiling);
        let scripted = self.value.script.is_some();
        let whole = end
            .as_ref()
            .and_then(|end| end.shape.as_ref())
            .is_some_and(|shape| !matches!(shape.kind, ShapeKind::Simple(_)));
        // A script or a subtree may give a list or parts; anything else is one value.
        if !scripted && !whole && self.check_end(&target, compiling).is_some() {
            return None;
        }
        if let (Some(from), Some(end), false) = (&self.value.from, &end, scripted) {
            let abroad = side.format != between.target.format;
            let found = fit::Found { from, end, language: side.language, abroad };
            found.check(&self.target, &target.end, compiling)?;
        }
        let is_xml = |side: &Side| side.format == XML.format();
        let from_xml = self.value.from.is_some() && !scripted && is_xml(&side);
        let first = target.segments.first();
        let inherits = first.is_some_and(|first| first.name.namespace == between.target.shape.namespace);
        Some(Box::new(Set {
            foreign: is_xml(&between.target) && !from_xml,
            target,
            start,
            value: value?,
            policies: policies?,
            from: self
                .value
                .from
                .as_ref()
                .or(self.value.property.as_ref())
                .map(|from| from.value.text.as_str().into()),
            typed: between.target.typed,
            appends: false,
            inherits,
            copies: false,
            text: self.target.value.text.as_str().into(),
            place: compiling.place(self.value.span),
            secret: self.value.is_secret(),
        }))
    }
}

/// The position of a target in its profile, silently: what is wrong with it is reported when it is compiled.
pub fn order(target: &Spanned<Literal>, between: &Between) -> Option<Vec<usize>> {
    let path =
        crate::document::target::TargetPath::parse(&target.value.text, between.target.language).ok()?;
    let mut shape = &*between.target.shape;
    let mut positions = Vec::new();
    let skip = usize::from(!between.target.inside && !shape.name.is_empty());
    for segment in path.segments().iter().skip(skip) {
        match shape.child(&segment.name) {
            Some((position, child)) if !segment.attribute => {
                positions.push(position);
                shape = child;
            }
            _ => break,
        }
    }
    Some(positions)
}

impl Set {
    /// What a leaf or an attribute becomes that is only copied; `None` for whatever takes a closer look: nothing, nil, an
    /// empty element, a subtree, white space, what the target cannot hold.
    fn copied(&self, at: At<'_>) -> Option<Content> {
        let Origin::Path(path, space, None) = &self.value.origin else { return None };
        let (text, value) = match path.first(at)? {
            Found::Element(Element { content: Content::Text(text), .. })
            | Found::Attribute(Attribute { value: text, .. })
                if space.is_normal(text) =>
            {
                (text, Value::Text(text.clone()))
            }
            Found::Element(Element { content: Content::Number(text), .. }) => {
                (text, Value::Number(text.clone()))
            }
            _ => return None,
        };
        if self.foreign && uncarried(text).is_some() {
            return None;
        }
        Some(write::content(value, self.target.end.simple, self.typed))
    }

    /// What a trace shows: the value is read a second time, so that a map without a trace need not keep it.
    fn did(&self, mapping: &Mapping<'_>, target: &Element) -> Result<Did, Failure> {
        if self.secret {
            return Ok(Did::Secret);
        }
        let read = match self.start.at(mapping)? {
            Some(at) => self.value.found(mapping.run, mapping.document, Some(at))?,
            None => Some(Value::Absent),
        };
        Ok(Did::Value { read, written: write::there(target, &self.target) })
    }
}

impl Item for Set {
    fn writes(&self) -> Writes<'_> {
        Writes::Value(&self.target)
    }

    fn appends(&mut self) {
        self.appends = true;
        let child = matches!(self.target.segments.as_slice(), [segment] if !segment.attribute);
        let read = matches!(self.value.origin, Origin::Path(_, _, None)) && self.value.default.is_none();
        self.copies = child && read && self.target.types.is_none();
    }

    fn apply(&self, mapping: &Mapping<'_>, target: &mut Element) -> Result<(), Failure> {
        let at = match self.start {
            Start::Here => Some(mapping.at),
            elsewhere => elsewhere.at(mapping)?,
        };
        if let (true, None, Some(at), [segment]) = (self.copies, mapping.trace, at, &*self.target.segments)
            && let Some(content) = self.copied(at)
        {
            write::push(target, segment, self.inherits, content);
            return Ok(());
        }
        let mut value = match at {
            Some(_) => self.value.read_with(mapping.run, mapping.document, at, Some(mapping.documents))?,
            None => self.value.default.clone().unwrap_or_default(),
        };
        // Values are large to move: only what is not there takes the way through the policies.
        if matches!(value, Value::Absent | Value::Nil) {
            let wanted = Wanted { from: self.from.as_deref(), target: &self.text, place: &self.place };
            value = self.policies.apply(value, &wanted)?;
        }
        if let Some(types) = &self.target.types {
            value = typed::in_full(value, types);
        }
        if self.foreign {
            write::check_xml(&value, "set", &self.text).map_err(|failure| failure.at(&self.place))?;
        }
        match (self.appends, self.target.segments.as_slice()) {
            (true, [segment]) => write::append(target, segment, &self.target, self.typed, value),
            _ => write::put(target, &self.target, self.typed, value),
        }
        if let Some(trace) = mapping.trace {
            trace.note("set", &self.text, &self.place, self.did(mapping, target)?);
        }
        Ok(())
    }
}
