//! The `document` item: another document that a map reads beside its source, from a property or a file.

use std::cell::OnceCell;
use std::sync::Arc;

use bytes::Bytes;
use compact_str::CompactString;

use crate::document::Document;
use crate::document::codec::Limits;
use crate::document::text::to_utf8;
use crate::kind::item::{
    Between, DeclaredDocument, DeclaredItem, DocumentOrigin, Documents, Item, ItemKind, NamedSide,
};
use crate::kind::path::Side;
use crate::kind::value::property_name;
use crate::kind::{Compiling, Kinds, Manual};
use crate::map::root;
use crate::pipeline::failure::Failure;
use crate::pipeline::operation::Profile;
use crate::pipeline::property::Property;
use crate::pipeline::run::Run;
use crate::schema::{Format, validate};
use crate::script::{Others, Variable};
use crate::source::{Finding, Place, Spanned};
use crate::syntax::Node;
use crate::world::reason;

/// The kind.
pub const KIND: ItemKind = ItemKind {
    manual: Manual {
        name: "document",
        summary: "names another document that the map reads beside its source",
        usage: "document NAME profile=PROFILE property=PROPERTY | file=PATH",
        text: "`of=NAME` beside a `from=`, and behind the path of an `each`, makes the path start in that document; it is \
               checked against that profile. Scripts see the document under its name, with `_` for `-`. The text of a property is read when an item first asks for it, once for each \
               run of the map; where it is not set, or empty, the paths find nothing. A file is read with gateway.kdl and \
               checked against its profile, and a change of it counts as one of gateway.kdl. It stands in the map, not in \
               an `each`.",
        example: "document last profile=receipt property=last.receipt\nset \"$.id\" from=\"$.id\" of=last default=\"none\"",
    },
    read,
};

#[derive(Debug)]
struct Declared(DeclaredDocument);

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredItem>> {
    let span = node.name_span();
    let name = node.argument::<String>("name");
    let profile = node.required("profile");
    let property = node.property("property");
    let file = node.property::<String>("file");
    let origin = match (property, file) {
        (Some(property), None) => Some(DocumentOrigin::Property(property)),
        (None, Some(file)) => bytes(&node, &file).map(|bytes| DocumentOrigin::File(file, bytes)),
        (Some(_), Some(_)) => {
            let message = "`document` says twice where it comes from";
            node.report(Finding::error("several-values", span, message).help("remove property= or file="));
            None
        }
        (None, None) if node.has_property("property") || node.has_property("file") => None,
        (None, None) => {
            if !node.misspells(&["property", "file"]) {
                let message = "`document` does not say where it comes from";
                let finding = Finding::error("missing-value", span, message);
                node.report(finding.help("give property= or file="));
            }
            None
        }
    };
    node.finish();
    let declared = DeclaredDocument { name: name?, profile: profile?, origin, span };
    Some(Box::new(Declared(declared)))
}

fn bytes(node: &Node<'_>, file: &Spanned<String>) -> Option<Bytes> {
    match node.reading.world.read(&node.reading.resolve(file)) {
        Ok(bytes) => {
            node.reading.seen.borrow_mut().push((file.value.clone(), bytes.clone()));
            Some(bytes.into())
        }
        Err(error) => {
            let message = format!("`{}` cannot be read: {}", file.value, reason(&error));
            let finding = Finding::error("unreadable-file", file.span, message);
            node.report(finding.help("paths are relative to the file that names them"));
            None
        }
    }
}

impl DeclaredItem for Declared {
    fn document(&self) -> Option<&DeclaredDocument> {
        Some(&self.0)
    }

    /// It writes nothing: a map compiles its documents before its items.
    fn compile(&self, _: &Between, _: &Compiling<'_>) -> Option<Box<dyn Item>> {
        None
    }
}

/// How many places of a wrong file are counted.
const VIOLATIONS: usize = 20;

/// A document of a map, compiled.
#[derive(Debug)]
pub struct Named {
    name: CompactString,
    profile: Arc<Profile>,
    origin: Origin,
    place: Place,
}

#[derive(Debug)]
enum Origin {
    /// Its text is read in each run.
    Property(Property),
    /// It was read with the file.
    File(Document),
}

/// Compiles the documents of a map: what is known of each by its name, and what runs. The second is `None` after findings.
pub fn compile(
    declared: &[&DeclaredDocument],
    compiling: &Compiling<'_>,
) -> (Vec<NamedSide>, Option<Vec<Named>>) {
    let mut sides: Vec<NamedSide> = Vec::new();
    let mut all = Some(Vec::new());
    for (index, document) in declared.iter().enumerate() {
        let same = |other: &&&DeclaredDocument| other.name.value == document.name.value;
        if let Some(first) = declared.iter().take(index).find(same) {
            let message = format!("there are two `document {}` in this map", document.name.value);
            let finding = Finding::error("duplicate-name", document.name.span, message);
            compiling.report(finding.also(first.name.span, "the first one is here"));
        }
        let well_named = check_name(&document.name, compiling);
        let profile = compiling.profile(&document.profile);
        let side = profile.as_deref().map(Side::of);
        sides.push(NamedSide { name: document.name.value.clone(), side });
        let profile = profile.filter(|_| well_named);
        match (profile.and_then(|profile| named(document, profile, compiling)), &mut all) {
            (Some(named), Some(all)) => all.push(named),
            _ => all = None,
        }
    }
    (sides, all)
}

/// Scripts use the name for a variable: it must be able to be one, and not one that means something else.
fn check_name(name: &Spanned<String>, compiling: &Compiling<'_>) -> bool {
    let text = &name.value;
    let taken = Variable::ALL.iter().any(|variable| variable.name() == text);
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let fits = text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(letters);
    if taken {
        let finding =
            Finding::error("reserved-name", name.span, format!("`{text}` means something else in scripts"));
        compiling.report(finding.help("choose another name"));
    } else if !fits {
        let finding = Finding::error("bad-name", name.span, format!("`{text}` cannot be a document's name"));
        compiling.report(finding.help(
            "scripts see it under this name: begin with a letter, go on with letters, digits, `-` and `_`",
        ));
    }
    !taken && fits
}

fn named(document: &DeclaredDocument, profile: Arc<Profile>, compiling: &Compiling<'_>) -> Option<Named> {
    let origin = match document.origin.as_ref()? {
        DocumentOrigin::Property(name) => Origin::Property(property_name(name, compiling)?),
        DocumentOrigin::File(file, bytes) => match from_file(&file.value, bytes, &profile) {
            Ok(document) => Origin::File(document),
            Err(message) => {
                let finding = Finding::error("invalid-document", file.span, message);
                compiling.report(finding.help("mend the file, or the profile it is read by"));
                return None;
            }
        },
    };
    let place = compiling.place(document.span);
    Some(Named { name: document.name.value.as_str().into(), profile, origin, place })
}

/// The document in a file, read and checked; else what is wrong with it.
fn from_file(file: &str, bytes: &Bytes, profile: &Profile) -> Result<Document, String> {
    // Whoever writes the file is no stranger, who must be kept from sending too much.
    let limits = Limits { elements: usize::MAX, ..Limits::default() };
    let unreadable = |why: &dyn std::fmt::Display| format!("`{file}` cannot be read: {why}");
    let bytes = to_utf8(bytes.clone(), profile.codec.charset()).map_err(|why| unreadable(&why))?;
    let document = Document::encoded(bytes, profile.codec.clone(), limits);
    let root = document.tree().map_err(|why| unreadable(&why))?;
    let format = if profile.codec.is_typed() { Format::Json } else { Format::Xml };
    let wrong = validate(root, &profile.shape, format, VIOLATIONS);
    let Some(first) = wrong.first() else { return Ok(document) };
    let line = profile.codec.lines(document.bytes(), &[&first.way]).first().copied().flatten();
    let line = line.map(|line| format!("line {line}, ")).unwrap_or_default();
    let more = match wrong.len() {
        1 => String::new(),
        count if count < VIOLATIONS => format!(" (and {} more)", count - 1),
        _ => " (and more)".to_owned(),
    };
    let (name, path, message) = (&profile.name, &first.path, &first.message);
    Err(format!("`{file}` does not fit profile `{name}`: {line}{path}: {message}{more}"))
}

/// The documents of a map in one run of it.
pub struct Opened<'a> {
    named: &'a [Named],
    run: &'a Run,
    /// The map's source, whose properties they may be.
    source: &'a Document,
    read: Vec<OnceCell<Result<Option<Document>, Failure>>>,
}

impl<'a> Opened<'a> {
    /// None of them read yet.
    pub fn new(named: &'a [Named], run: &'a Run, source: &'a Document) -> Self {
        Self { named, run, source, read: named.iter().map(|_| OnceCell::new()).collect() }
    }

    /// The text of a property as a document of the profile; `None` where there is none.
    fn property(&self, property: &Property, named: &Named) -> Result<Option<Document>, Failure> {
        let Some(text) = property.get(self.run, self.source).filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        let bytes = Bytes::copy_from_slice(text.as_bytes());
        let document = Document::encoded(bytes, named.profile.codec.clone(), self.run.request().limits);
        let who = || format!("the document {} of the map", named.name);
        let checked = match document.tree() {
            Ok(root) => root::check(root, &named.profile, &who),
            Err(why) => {
                let log = format!("{} cannot be read: {why}", who());
                Err(Failure::internal("unreadable-document", log))
            }
        };
        checked.map_err(|failure| failure.at(&named.place))?;
        Ok(Some(document))
    }
}

impl Others for Opened<'_> {
    fn other(&self, index: usize) -> Result<Option<&Document>, String> {
        self.document(index).map_err(|failure| failure.log.clone().unwrap_or_else(|| failure.message.clone()))
    }
}

impl Documents for Opened<'_> {
    fn document(&self, index: usize) -> Result<Option<&Document>, Failure> {
        let (Some(named), Some(cell)) = (self.named.get(index), self.read.get(index)) else {
            return Ok(None);
        };
        if let Origin::File(document) = &named.origin {
            return Ok(Some(document));
        }
        let read = cell.get_or_init(|| match &named.origin {
            Origin::Property(property) => self.property(property, named),
            Origin::File(_) => Ok(None),
        });
        read.as_ref().map(Option::as_ref).map_err(Clone::clone)
    }
}
