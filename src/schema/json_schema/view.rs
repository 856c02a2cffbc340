//! What paths, maps and scripts see of a JSON Schema: a shape, and how much of the schema that shape says.

use serde_json::{Map, Value};

use super::files::{File, Files};
use super::resolve::{Index, Target, base};
use super::view_simple;
use crate::schema::{Occurs, Shape, ShapeKind};

/// Places of a shape: references without cycles can still ask for exponentially many.
const MOST_PLACES: usize = 20_000;

/// Nesting of a shape: shapes are walked recursively.
const DEEPEST: usize = 64;

/// A shape and what it leaves out.
#[derive(Debug)]
pub struct View {
    /// The shape.
    pub shape: Shape,
    /// Whether a document fits the schema exactly when it fits the shape.
    pub exact: bool,
    /// What of weight the schema says beyond the shape.
    pub more: Option<String>,
}

/// The view of a schema.
pub fn view(files: &Files, root: &File) -> View {
    let mut viewer = Viewer {
        index: Index::new(files),
        open: Vec::new(),
        places: 0,
        exact: true,
        more: None,
        unclosed: false,
        closed: false,
    };
    let target = Target { schema: &root.value, base: base(&root.value, &root.uri) };
    let shape = viewer.shape(String::new(), Occurs::ONCE, &[target], 0);
    if viewer.unclosed && viewer.closed {
        viewer.loses("some objects take members that it does not name, others do not");
    }
    View { shape, exact: viewer.exact, more: viewer.more }
}

/// Makes shapes of subschemas.
pub(super) struct Viewer<'a> {
    index: Index<'a>,
    /// The references that are being followed, by where they lead.
    open: Vec<&'a Value>,
    places: usize,
    exact: bool,
    more: Option<String>,
    unclosed: bool,
    closed: bool,
}

/// Subschemas that hold at one place together: its own, those it refers to, those of `allOf`.
#[derive(Debug, Default)]
pub(super) struct Together<'a> {
    /// The objects of keywords with their bases.
    pub parts: Vec<(&'a Map<String, Value>, String)>,
    /// Whether null is allowed by an alternative.
    pub nullable: bool,
    /// Whether one of them leads back to where it came from.
    recursive: bool,
    /// Whether one of them allows nothing.
    never: bool,
}

impl<'a> Together<'a> {
    /// The values of a keyword.
    pub fn all(&self, keyword: &str) -> impl Iterator<Item = (&'a Value, &str)> {
        self.parts.iter().filter_map(move |(part, base)| Some((part.get(keyword)?, base.as_str())))
    }

    /// Whether a keyword is among them.
    pub fn has(&self, keyword: &str) -> bool {
        self.all(keyword).next().is_some()
    }
}

/// Keywords of which a shape says nothing.
const BEYOND: &[&str] = &[
    "anyOf",
    "oneOf",
    "not",
    "if",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "patternProperties",
    "propertyNames",
    "minProperties",
    "maxProperties",
    "unevaluatedProperties",
    "unevaluatedItems",
    "prefixItems",
    "additionalItems",
    "contains",
    "uniqueItems",
    "multipleOf",
    "$dynamicRef",
    "$recursiveRef",
];

impl<'a> Viewer<'a> {
    /// The shape says less than the schema, by what nobody would call a loss.
    pub(super) fn differs(&mut self) {
        self.exact = false;
    }

    /// The shape says less than the schema.
    pub(super) fn loses(&mut self, what: &str) {
        self.exact = false;
        self.more.get_or_insert_with(|| what.to_owned());
    }

    fn shape(&mut self, name: String, occurs: Occurs, targets: &[Target<'a>], depth: usize) -> Shape {
        let followed = self.open.len();
        self.places += 1;
        let mut together = Together::default();
        for target in targets {
            self.gather(target, &mut together, 0);
        }
        let (kind, nillable) = if depth >= DEEPEST || self.places > MOST_PLACES {
            self.loses("it is nested too deeply");
            (ShapeKind::Any, false)
        } else if together.recursive {
            self.loses("it refers to itself");
            (ShapeKind::Any, false)
        } else if together.never {
            self.loses("it has a place where nothing is allowed");
            (ShapeKind::Any, false)
        } else {
            self.kind(&together, depth)
        };
        self.open.truncate(followed);
        Shape {
            name: name.into(),
            namespace: None,
            occurs,
            nillable,
            attributes: Vec::new(),
            kind,
            checking: Default::default(),
            form: Default::default(),
        }
    }

    /// Adds a subschema with all that hold beside it.
    fn gather(&mut self, target: &Target<'a>, into: &mut Together<'a>, depth: usize) {
        let members = match target.schema {
            Value::Bool(true) => return,
            Value::Object(members) => members,
            _ => {
                into.never = true;
                return;
            }
        };
        if depth > DEEPEST || into.parts.len() > MOST_PLACES {
            into.recursive = true;
            return;
        }
        if let Some(Value::String(reference)) = members.get("$ref") {
            match self.index.find(&target.base, reference) {
                Some(next) if self.open.iter().any(|open| std::ptr::eq(*open, next.schema)) => {
                    into.recursive = true;
                }
                Some(next) => {
                    self.open.push(next.schema);
                    self.gather(&next, into, depth + 1);
                }
                None => self.loses("it refers to what cannot be followed"),
            }
        }
        let inner = |schema: &'a Value| Target { schema, base: base(schema, &target.base) };
        if let Some(Value::Array(all)) = members.get("allOf") {
            all.iter().for_each(|schema| self.gather(&inner(schema), into, depth + 1));
        }
        if let Some(other) = nullable(members) {
            into.nullable = true;
            self.differs();
            self.gather(&inner(other), into, depth + 1);
        }
        into.parts.push((members, target.base.clone()));
    }

    fn kind(&mut self, together: &Together<'a>, depth: usize) -> (ShapeKind, bool) {
        for (part, _) in &together.parts {
            let beyond = BEYOND.iter().find(|keyword| part.contains_key(**keyword));
            if let Some(keyword) = beyond
                && !(matches!(*keyword, "anyOf" | "oneOf") && nullable(part).is_some())
            {
                self.loses(&format!("`{keyword}` says more than a list of members can"));
            }
        }
        let types = view_simple::types(together);
        let mut names: Vec<&str> = types.iter().flatten().copied().filter(|name| *name != "null").collect();
        let nillable = match &types {
            Some(types) => types.contains(&"null") || (together.nullable && names.is_empty()),
            None => false,
        } || together.nullable;
        if together.has("contentMediaType") || (nillable && (together.has("enum") || together.has("const"))) {
            self.differs();
        }
        if names.contains(&"number") {
            names.retain(|name| *name != "integer");
        }
        let kind = match (&types, names.as_slice()) {
            (Some(_), ["object"]) => self.object(together, depth),
            (Some(_), ["array"]) => self.array(together, depth),
            (Some(_), [one]) => self.simple(one, together),
            (Some(_), []) => {
                self.loses("it has a place that is always null");
                ShapeKind::Any
            }
            (Some(_), _) => {
                self.loses("it has a place of several types");
                ShapeKind::Any
            }
            (None, _) if together.has("properties") || together.has("required") => {
                self.differs();
                self.object(together, depth)
            }
            (None, _) if together.has("items") => {
                self.differs();
                self.array(together, depth)
            }
            (None, _) => self.untyped(together),
        };
        (kind, nillable)
    }

    fn object(&mut self, together: &Together<'a>, depth: usize) -> ShapeKind {
        let mut members: Vec<(&'a String, Vec<Target<'a>>)> = Vec::new();
        for (properties, around) in together.all("properties") {
            for (name, schema) in properties.as_object().into_iter().flatten() {
                let target = Target { schema, base: base(schema, around) };
                match members.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, targets)) => targets.push(target),
                    None => members.push((name, vec![target])),
                }
            }
        }
        let required: Vec<&str> = together
            .all("required")
            .flat_map(|(names, _)| names.as_array().into_iter().flatten().filter_map(Value::as_str))
            .collect();
        let mut children: Vec<Shape> = Vec::new();
        for (name, targets) in members {
            let occurs = if required.contains(&name.as_str()) { Occurs::ONCE } else { Occurs::OPTIONAL };
            children.push(self.shape(name.clone(), occurs, &targets, depth + 1));
        }
        for name in required {
            if children.iter().all(|child| child.name != name) {
                self.loses("it asks for a member that it does not describe");
                children.push(self.shape(name.to_owned(), Occurs::ONCE, &[], depth + 1));
            }
        }
        let mut closed = false;
        for (additional, _) in together.all("additionalProperties") {
            match additional {
                Value::Bool(false) => closed = true,
                Value::Bool(true) => {}
                _ => self.loses("`additionalProperties` describes members whose names it does not know"),
            }
        }
        if closed {
            self.closed = true;
            // Each part counts only its own members as known.
            if together.parts.iter().filter(|(part, _)| part.contains_key("properties")).count() > 1 {
                self.loses("`additionalProperties` beside `allOf` refuses what other parts allow");
            }
            return ShapeKind::Children(children);
        }
        self.unclosed = true;
        self.differs();
        ShapeKind::Open(children)
    }

    fn array(&mut self, together: &Together<'a>, depth: usize) -> ShapeKind {
        let mut targets: Vec<Target<'a>> = Vec::new();
        for (items, around) in together.all("items") {
            if items.is_array() {
                self.loses("`items` says which item stands where");
            } else {
                targets.push(Target { schema: items, base: base(items, around) });
            }
        }
        let count = |keyword: &str| {
            together.all(keyword).filter_map(|(value, _)| u32::try_from(value.as_u64()?).ok()).next()
        };
        let (min, max) = (count("minItems").unwrap_or(0), count("maxItems"));
        let occurs = Occurs { min, max };
        if occurs == Occurs::ONCE || max == Some(0) || together.all("minItems").count() > 1 {
            self.loses("the number of items is fixed");
        }
        let occurs = if (min, max) == (0, None) { Occurs::ONCE } else { occurs };
        let item = self.shape(String::new(), occurs, &targets, depth + 1);
        ShapeKind::Items(Box::new(item))
    }
}

/// The other of two alternatives of which one is null.
fn nullable(members: &Map<String, Value>) -> Option<&Value> {
    let both = ["anyOf", "oneOf"].into_iter().find_map(|keyword| members.get(keyword))?.as_array()?;
    let is_null = |schema: &Value| {
        schema.as_object().is_some_and(|schema| schema.len() == 1)
            && schema.get("type").and_then(Value::as_str) == Some("null")
    };
    match both.as_slice() {
        [null, other] | [other, null] if is_null(null) && !is_null(other) => Some(other),
        _ => None,
    }
}
