//! The `set` item: one value of the target.

use crate::document::path::Language;
use crate::document::tree::Element;
use crate::kind::item::{Between, DeclaredItem, Item, ItemKind, Mapping, Writes};
use crate::kind::path::Target;
use crate::kind::value::{DeclaredValue, For};
use crate::kind::{Compiling, Kinds, Manual};
use crate::map::{fit, write};
use crate::pipeline::failure::Failure;
use crate::pipeline::source::ValueSource;
use crate::schema::ShapeKind;
use crate::source::{Finding, Span, Spanned};
use crate::syntax::{Literal, Node};

/// The kind.
pub const KIND: ItemKind = ItemKind {
    manual: Manual {
        name: "set",
        summary: "gives one place of the target a value",
        usage: "set TARGET from=PATH | value=LITERAL | property=NAME | script=EXPRESSION [default=LITERAL]",
        text: "The target is a path of names in the target's own language; what is missing on the way is made. A `script=` \
               beside a `from=` sees the value read as `it`; alone it sees the whole source as `source`. A value that is \
               absent writes nothing; `default=` stands in for one that is absent, nil or empty. The order of items does \
               not matter: the target comes out in the order of its profile.",
        example: "set \"$.id\" from=\"Order/@id\"\nset \"$.total\" script=#\"sum(source.Order.Line.map(|l| l.Quantity * l.Price))\"#",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    target: Spanned<Literal>,
    value: DeclaredValue,
}

#[derive(Debug)]
struct Set {
    target: Target,
    value: ValueSource,
    json: bool,
}

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredItem>> {
    let target = node.argument("target path");
    let value = DeclaredValue::read(&mut node, true);
    node.finish();
    Some(Box::new(Declared { target: target?, value: value? }))
}

impl Declared {
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
        let wanted = For {
            source: Some(&between.source),
            document: Some(&between.document.shape),
            nested: between.nested,
        };
        let value = self.value.compile(&wanted, compiling);
        let target = between.target.target(&self.target, compiling)?;
        let (value, end) = value?;
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
            let found = fit::Found { from, end, language: between.source.language };
            found.check(&self.target, &target.end, compiling)?;
        }
        Some(Box::new(Set { target, value, json: between.target.language == Language::JsonPath }))
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

impl Item for Set {
    fn writes(&self) -> Writes<'_> {
        Writes::Value(&self.target)
    }

    fn apply(&self, mapping: &Mapping<'_>, target: &mut Element) -> Result<(), Failure> {
        let value = self.value.read(mapping.run, mapping.document, Some(mapping.at))?;
        write::put(target, &self.target, self.json, value);
        Ok(())
    }
}
