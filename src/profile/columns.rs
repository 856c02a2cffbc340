//! What the profiles of flat formats share: columns, character sets, ends of lines, and shapes of what has no name.

use crate::document::charset::Charset;
use crate::document::flat::{Column, Holds};
use crate::profile::shapes;
use crate::schema::{Occurs, Shape, ShapeKind, Simple, SimpleType};
use crate::source::{Finding, Span, Spanned};
use crate::syntax::Node;
use crate::xml::is_ncname;

/// An element without a name that holds these.
pub fn nameless(children: Vec<Shape>) -> Shape {
    Shape {
        name: Default::default(),
        namespace: None,
        occurs: Occurs::ONCE,
        nillable: false,
        attributes: Vec::new(),
        kind: ShapeKind::Children(children),
        checking: Default::default(),
        form: Default::default(),
    }
}

/// A value of a name.
pub fn value(name: &str, required: bool, simple: Simple) -> Shape {
    let occurs = if required { Occurs::ONCE } else { Occurs::OPTIONAL };
    Shape { name: name.into(), occurs, kind: ShapeKind::Simple(simple), ..nameless(Vec::new()) }
}

/// What a type's values are to a codec.
pub fn holds(base: SimpleType) -> Holds {
    match base {
        SimpleType::String => Holds::Text,
        SimpleType::Boolean => Holds::Boolean,
        base if base.is_number() => Holds::Number,
        _ => Holds::Other,
    }
}

/// Reads the `column`s of a profile's block, `titled` ones with `header=`. No shapes when one could not be read. `words`
/// are all that the block could have.
pub fn read(
    node: &mut Node<'_>,
    what: &str,
    titled: bool,
    words: &[&str],
) -> (Vec<Column>, Option<Vec<Shape>>) {
    let (mut columns, mut shapes) = (Vec::new(), Vec::new());
    let mut names: Vec<(String, Span)> = Vec::new();
    let mut broken = false;
    for child in node.children() {
        if child.name() != "column" {
            child.unknown("unknown-word", "a part of this profile", words.iter().copied());
            broken = true;
            continue;
        }
        let Some((column, shape, span)) = column(child, titled) else {
            broken = true;
            continue;
        };
        check_twice(&mut names, node, &column.name, span);
        if let Some(first) = columns.iter().find(|other: &&Column| other.title == column.title)
            && first.name != column.name
        {
            let message = format!("two columns are called `{}` in the header line", column.title);
            node.report(Finding::error("duplicate-name", span, message).help("give each its own header="));
        }
        columns.push(column);
        shapes.push(shape);
    }
    if columns.is_empty() && !broken {
        let finding = Finding::error("empty-profile", node.name_span(), format!("{what} needs columns"));
        node.report(finding.help("write column NAME in its block"));
    }
    let whole = !broken && !columns.is_empty();
    (columns, whole.then_some(shapes))
}

/// Reports a name that was seen before among its siblings.
pub fn check_twice(seen: &mut Vec<(String, Span)>, node: &Node<'_>, name: &str, span: Span) {
    if let Some((_, first)) = seen.iter().find(|(other, _)| other == name) {
        let finding = Finding::error("duplicate-name", span, format!("`{name}` is declared twice"));
        node.report(finding.also(*first, "the first one is here").help("give one of the two another name"));
    }
    seen.push((name.to_owned(), span));
}

/// Reads a column, a `titled` one with `header=`.
pub fn column(mut node: Node<'_>, titled: bool) -> Option<(Column, Shape, Span)> {
    let span = node.name_span();
    let name = name(&mut node, "column's name");
    let title = if titled { node.property::<String>("header") } else { None };
    let required = node.property::<bool>("required").is_some_and(|given| given.value);
    let base = shapes::simple_type(&mut node);
    let simple = shapes::simple(&mut node, base);
    node.finish();
    let name = name?;
    let title = title.map_or_else(|| name.clone(), |title| title.value);
    let column = Column { name: name.as_str().into(), title: title.into(), holds: holds(simple.base) };
    Some((column, value(&name, required, simple), span))
}

/// Reads a name that paths can have.
pub fn name(node: &mut Node<'_>, what: &'static str) -> Option<String> {
    let name = node.argument::<String>(what)?;
    if !is_ncname(&name.value) {
        let message = format!("`{}` cannot be a name here: paths could not have it", name.value);
        let finding = Finding::error("bad-name", name.span, message);
        node.report(finding.help("names begin with a letter or `_` and have no spaces; in a CSV file header= says what the header line calls it"));
    }
    Some(name.value)
}

/// Reads `encoding=`.
pub fn charset(node: &mut Node<'_>) -> Option<Charset> {
    let given = node.property::<String>("encoding")?;
    let found = Charset::by_name(&given.value);
    if found.is_none() {
        let message = format!("the character set `{}` is not known", given.value);
        let finding = Finding::error("unknown-charset", given.span, message);
        node.report(finding.suggest(&given.value, Charset::names()));
    }
    found
}

/// Reads `bom=`: whether UTF-8 is written with a byte order mark.
pub fn mark(node: &mut Node<'_>, charset: Option<Charset>) -> bool {
    let Some(given) = node.property::<bool>("bom") else { return false };
    if let Some(other) = charset.filter(|charset| given.value && *charset != Charset::Utf8) {
        let message = format!("bom= is for utf-8, and this profile is in {}", other.name());
        let finding = Finding::error("bom-charset", given.span, message);
        node.report(finding.help("utf-16 is always written with a mark, utf-16le and utf-16be never"));
    }
    given.value
}

/// Reads `newline=`.
pub fn newline(node: &mut Node<'_>) -> Option<&'static str> {
    const WORDS: [(&str, &str); 2] = [("crlf", "\r\n"), ("lf", "\n")];
    let Spanned { value: word, span } = node.property::<String>("newline")?;
    let found = WORDS.iter().find(|(known, _)| *known == word);
    if found.is_none() {
        let finding = Finding::error("unknown-newline", span, format!("`{word}` is not the end of a line"));
        node.report(finding.suggest(&word, WORDS.iter().map(|(known, _)| *known)));
    }
    found.map(|(_, newline)| *newline)
}
