//! Required parts of a target that no item of the map writes: each document would come out unfit for its profile.

use crate::document::path::Language;
use crate::kind::Compiling;
use crate::kind::item::{Between, Item, Writes};
use crate::kind::path::Target;
use crate::schema::{Shape, ShapeKind};
use crate::source::{Finding, Span};

/// A warning, at most one, for the items of a map or of an `each`: `who` they are, and where that stands.
pub fn check(items: &[Box<dyn Item>], between: &Between, who: &str, span: Span, compiling: &Compiling<'_>) {
    let writes = || items.iter().map(|item| item.writes());
    if between.scripted || writes().any(|writes| matches!(writes, Writes::Anything)) {
        return;
    }
    let ways: Vec<Way<'_>> = writes().filter_map(Way::of).collect();
    let side = &between.target;
    let start = match (side.inside, side.language) {
        (true, _) => String::new(),
        (false, Language::Location) => side.shape.name.to_string(),
        (false, Language::JsonPath) => "$".to_owned(),
    };
    let mut missing = Missing { language: side.language, found: Vec::new() };
    missing.part(&side.shape, &ways, &start);
    if missing.found.is_empty() {
        return;
    }
    let message = format!("{who} never sets {}, which the profile requires", listed(&missing.found));
    let required = match side.language {
        Language::Location if side.format == "xml" => {
            "occurs=\"0..1\" for an element, no required=#true for an attribute"
        }
        Language::Location if side.format == "fixed" => {
            "occurs=\"0..1\" for a record, no required=#true for a field"
        }
        Language::Location | Language::JsonPath => "no required=#true",
    };
    let help = format!("set what is missing, or let the profile do without it: {required}");
    compiling.report(Finding::warning("unset-target", span, message).help(help));
}

/// Where an item writes, seen from a part of the target.
#[derive(Clone, Copy)]
struct Way<'a> {
    /// The positions of the elements to go down by.
    order: &'a [usize],
    /// The attribute at its end.
    attribute: Option<&'a str>,
    /// Whether it also makes the attributes of the element at its end.
    each: bool,
}

impl<'a> Way<'a> {
    fn of(writes: Writes<'a>) -> Option<Self> {
        let (target, each): (&Target, bool) = match writes {
            Writes::Anything | Writes::Nothing => return None,
            Writes::Value(target) => (target, false),
            Writes::Each(target) => (target, true),
        };
        let last = target.segments.last().filter(|segment| segment.attribute);
        Some(Self { order: &target.order, attribute: last.map(|last| last.name.local.as_str()), each })
    }

    /// The way from the child at that position on, if it leads there.
    fn inside(self, position: usize) -> Option<Self> {
        let (first, order) = self.order.split_first()?;
        (*first == position).then_some(Self { order, ..self })
    }
}

struct Missing {
    language: Language,
    found: Vec<String>,
}

impl Missing {
    /// Looks through a part that is there, with the ways that lead into it.
    fn part(&mut self, shape: &Shape, ways: &[Way<'_>], path: &str) {
        let mut here = ways.iter().filter(|way| way.order.is_empty());
        let leaf = matches!(shape.kind, ShapeKind::Simple(_));
        // The value of a leaf leaves its attributes open; a subtree comes with all that is in it.
        if here.any(|way| way.attribute.is_none() && (way.each || !leaf)) {
            return;
        }
        for attribute in shape.attributes.iter().filter(|attribute| attribute.required) {
            let is = |way: &Way<'_>| way.order.is_empty() && way.attribute == Some(attribute.name.as_str());
            if !ways.iter().any(is) {
                self.found.push(join(path, &format!("@{}", attribute.name)));
            }
        }
        let ShapeKind::Children(children) = &shape.kind else { return };
        for (position, child) in children.iter().enumerate() {
            let inside: Vec<Way<'_>> = ways.iter().filter_map(|way| way.inside(position)).collect();
            let path = match self.language {
                Language::Location => join(path, &child.name),
                Language::JsonPath => member(path, &child.name),
            };
            if !inside.is_empty() {
                self.part(child, &inside, &path);
            } else if child.occurs.min > 0 {
                self.found.push(path);
            }
        }
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") }
}

/// A member as a JSONPath names it: in brackets and quotes unless its name is a plain one.
fn member(path: &str, name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || c == '_';
    if name.is_empty() || !name.chars().all(plain) || name.starts_with(|c: char| c.is_ascii_digit()) {
        let name = name.replace('\\', "\\\\").replace('\'', "\\'");
        return format!("{path}['{name}']");
    }
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// The paths of a message: more than a few help nobody.
fn listed(paths: &[String]) -> String {
    const SHOWN: usize = 8;
    let mut shown: Vec<String> = paths.iter().take(SHOWN).map(|path| format!("`{path}`")).collect();
    if paths.len() > SHOWN {
        shown.push(format!("{} more", paths.len() - SHOWN));
    }
    match shown.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => String::new(),
    }
}
