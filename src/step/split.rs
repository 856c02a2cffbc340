//! The `split` step: one document for each thing that a path selects.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::document::Document;
use crate::document::codec::CodecRef;
use crate::document::path::{At, Found, Language, Path, StepKind as PathStep, StepName};
use crate::document::tree::{Content, Element, Name};
use crate::edi::Syntax;
use crate::kind::path::{End, Side, anything, free};
use crate::kind::step::{DeclaredStep, StepKind};
use crate::kind::value::into_data;
use crate::kind::{Compiling, Here, Kinds, Manual};
use crate::pipeline::failure::Failure;
use crate::pipeline::gather::Gathered;
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Step, Work};
use crate::schema::{Occurs, Shape, ShapeKind};
use crate::source::{Finding, Spanned};
use crate::syntax::{Literal, Node};

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "split",
        summary: "makes one document of each thing that a path selects",
        usage: "split PATH",
        text: "Each document gives one for every place the path leads to, in order, with the properties of the document it came \
               from. In XML the element becomes the root of a document. In JSON any value becomes one; a path that leads to \
               an array means its items, so `$.lines` and `$.lines[*]` are the same, and a member that is null gives none. \
               A record of a CSV or fixed-width file becomes a file with that record alone, `split \"row\"`; a transaction set or \
               message of an EDI interchange becomes an interchange with the same envelopes, \
               `split \"Interchange/Group/Transaction\"`. Where the profile of the documents is known the path is checked \
               against it, and the profile of the parts is known behind. A document in which the path selects nothing gives \
               no document; when none is left, the steps behind do not run.",
        example: "split \"Order/Line\"",
    },
    read,
};

#[derive(Debug)]
struct Declared(Spanned<Literal>);

#[derive(Debug)]
struct Split(Path);

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let path = node.argument("path");
    node.finish();
    Some(Box::new(Declared(path?)))
}

impl DeclaredStep for Declared {
    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        let known = here.document.take();
        let (path, end) = match &known {
            Some(side) => side.source(&self.0, compiling).map(|(path, end)| (path, Some(end)))?,
            None => (free(&self.0, compiling)?, None),
        };
        let format = known.as_ref().map(|side| side.format);
        if let Some(why) = refused(&path.names(), format) {
            let message = format!("`{}` leads to {}", path.text(), why.found);
            compiling.report(Finding::error("not-a-document", self.0.span, message).help(why.help));
            return None;
        }
        if here.data {
            compiling.report(into_data(self.0.span));
            return None;
        }
        here.document = known.zip(end).map(|(side, end)| part(side, &end, &path));
        Some(Box::new(Split(path)))
    }
}

/// Why what a path leads to can be no document.
struct Why {
    found: &'static str,
    help: String,
}

/// Looks at a path alone. What its wildcards and filters lead to is seen when it runs.
fn refused(names: &[StepName<'_>], format: Option<&str>) -> Option<Why> {
    let names: Vec<_> = names.iter().filter(|step| step.kind != PathStep::Own).collect();
    let last = names.last();
    if last.is_some_and(|step| step.kind == PathStep::Attribute) {
        let help = "end the path at its element".to_owned();
        return Some(Why { found: "an attribute, which can be no document", help });
    }
    if names.iter().any(|step| step.kind != PathStep::Child) {
        return None;
    }
    let first = names.first().map_or("row", |step| step.name);
    match (format?, names.as_slice()) {
        ("csv" | "fixed", [_]) | ("rows", []) => None,
        ("csv" | "fixed", _) => {
            let help = format!("the records of the file are documents: split \"{first}\"");
            Some(Why { found: "no record of the file", help })
        }
        ("rows", [step]) if step.name == "*" => None,
        ("rows", _) => {
            let help = "the rows of a list of them are documents: split \"*\"".to_owned();
            Some(Why { found: "no row", help })
        }
        ("x12", _) => message(last.map(|step| step.name), Syntax::X12),
        ("edifact", _) => message(last.map(|step| step.name), Syntax::Edifact),
        _ => None,
    }
}

/// Of an interchange only its messages can stand alone.
fn message(last: Option<&str>, syntax: Syntax) -> Option<Why> {
    let wanted = syntax.message_name();
    let fits = matches!(last, Some(name) if name == wanted || name == "*");
    let (found, way) = match syntax {
        Syntax::X12 => ("no transaction set of the interchange", "Interchange/Group/"),
        Syntax::Edifact => ("no message of the interchange", "Interchange/"),
    };
    (!fits).then(|| Why { found, help: format!("only those are documents: split \"{way}{wanted}\"") })
}

/// What is known of the parts.
fn part(side: Side, end: &End, path: &Path) -> Side {
    let element = |shape: &Shape| Shape { occurs: Occurs::ONCE, ..shape.clone() };
    // The root of JSON and the items of its arrays have no name.
    let value = |shape: &Shape| Shape { name: Default::default(), namespace: None, ..element(shape) };
    let shape = match (side.format, &end.shape) {
        (_, None) if side.format == "xml" || side.typed => anything(),
        (_, Some(shape)) if side.typed => match &shape.kind {
            ShapeKind::Items(item) if !path.is_choice() => value(item),
            _ => value(shape),
        },
        ("xml", Some(shape)) => element(shape),
        // A part of a file is a file of the same profile.
        _ => return side.single(end.shape.as_ref().map(|shape| shape.name.as_str())),
    };
    Side { shape: Arc::new(shape), inside: false, ..side }
}

impl Split {
    async fn one(&self, run: &Run, document: &Document, out: &mut Gathered<'_>) -> Result<(), Failure> {
        let root = document.tree().map_err(|malformed| Failure::unreadable(&malformed))?;
        let Some(codec) = document.codec() else { return Ok(()) };
        if codec.language() != self.0.language() {
            let language = match self.0.language() {
                Language::JsonPath => "a path of JSON",
                Language::Location => "no path of JSON",
            };
            let log = format!(
                "`split {}` has {language}, and the document is in {}",
                self.0.text(),
                codec.format()
            );
            return Err(Failure::internal("wrong-document", log));
        }
        if codec.format() != "xml" && !codec.is_typed() {
            for part in self.records(run, root, codec)? {
                run.turn().await?;
                out.add(vec![document.replaced(Document::tree_of(part, codec.clone()))])?;
            }
            return Ok(());
        }
        let parts = if codec.is_typed() { self.values(root) } else { self.elements(root)? };
        for part in parts {
            run.turn().await?;
            // The root of JSON has no name.
            let name = if codec.is_typed() { Name::default() } else { part.name.clone() };
            let (attributes, content) = (part.attributes.clone(), part.content.clone());
            let part = Document::tree_of(Element { name, attributes, content }, codec.clone());
            out.add(vec![document.replaced(part)])?;
        }
        Ok(())
    }

    fn elements<'a>(&self, root: &'a Element) -> Result<Vec<&'a Element>, Failure> {
        let mut found = Vec::new();
        let mut wrong = None;
        self.0.each(At::Document(root), |place| match place {
            Found::Element(element) => {
                found.push(element);
                ControlFlow::Continue(())
            }
            Found::Attribute(_) => {
                wrong = Some(self.no_document("an attribute"));
                ControlFlow::Break(())
            }
        });
        wrong.map_or(Ok(found), Err)
    }

    fn no_document(&self, what: &str) -> Failure {
        let log = format!("`split {}` leads to {what}, which can be no document", self.0.text());
        Failure::internal("not-a-document", log)
    }

    /// Values of JSON: of an array that the path names, its items.
    fn values<'a>(&self, root: &'a Element) -> Vec<&'a Element> {
        let chosen = self.0.is_choice();
        let mut found = Vec::new();
        self.0.each(At::Document(root), |place| {
            match place {
                Found::Element(element) if chosen => found.push(element),
                Found::Element(Element { content: Content::Nil, .. }) | Found::Attribute(_) => {}
                Found::Element(array @ Element { content: Content::Items(_), .. }) => {
                    found.extend(array.elements())
                }
                Found::Element(element) => found.push(element),
            }
            ControlFlow::Continue(())
        });
        found
    }

    /// Files of what the path selects of a file.
    fn records(&self, run: &Run, root: &Element, codec: &CodecRef) -> Result<Vec<Element>, Failure> {
        let address = |element: &Element| std::ptr::from_ref(element).addr();
        let parts = codec.parts(root);
        let places: HashMap<usize, usize> =
            parts.iter().enumerate().map(|(place, part)| (address(part), place)).collect();
        let mut wanted = vec![false; parts.len()];
        for element in self.elements(root)? {
            let place = places.get(&address(element)).and_then(|place| wanted.get_mut(*place));
            let what = || format!("a part of a record of {}", codec.format());
            *place.ok_or_else(|| self.no_document(&what()))? = true;
        }
        let pieces = codec.split(root.clone(), &run.request().limits);
        let pieces = pieces.map_err(|malformed| Failure::unreadable(&malformed))?;
        Ok(pieces.into_iter().zip(wanted).filter_map(|(piece, wanted)| wanted.then_some(piece)).collect())
    }
}

impl Step for Split {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        Work::Later(Box::pin(async move {
            let mut out = run.gather();
            for document in documents {
                run.turn().await?;
                self.one(run, &document, &mut out).await?;
            }
            Ok(out.done())
        }))
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;
    use crate::document::codec::Limits;
    use crate::document::flat::csv::Csv;
    use crate::document::flat::{Column, Holds};
    use crate::document::json::JSON;
    use crate::document::tree::Node as Child;
    use crate::pipeline::load::Bounds;
    use crate::step::fixture::{outcome, run_within};
    use crate::step::join::Join;
    use crate::xml::XML;

    fn read(codec: impl Into<CodecRef>, text: &str) -> Document {
        Document::encoded(Bytes::copy_from_slice(text.as_bytes()), codec, Limits::default())
    }

    /// The parts as bytes.
    fn parts(path: &str, document: Document) -> Result<Vec<String>, String> {
        let path = Path::parse(path, document.codec().unwrap().language()).unwrap();
        let parts = outcome(&Split(path), Default::default(), vec![document]);
        let text = |part: Document| String::from_utf8(part.bytes().to_vec()).unwrap();
        parts.map(|parts| parts.into_iter().map(text).collect()).map_err(|failure| failure.code.clone())
    }

    fn csv() -> CodecRef {
        let column = |name: &str| Column { name: name.into(), title: name.into(), holds: Holds::Text };
        CodecRef::Made(Arc::new(Csv { header: true, ..Csv::of(vec![column("a"), column("b")]) }))
    }

    #[test]
    fn a_json_path_to_an_array_means_its_items() {
        for (path, text, wanted) in [
            ("$.lines", r#"{"lines":[1,"b",{"c":2}]}"#, &["1", "\"b\"", "{\"c\":2}"][..]),
            ("$.lines[*]", r#"{"lines":[1,"b",{"c":2}]}"#, &["1", "\"b\"", "{\"c\":2}"]),
            ("$", "[[1],[2]]", &["[1]", "[2]"]),
            ("$[*]", "[[1],[2]]", &["[1]", "[2]"]),
            ("$[0]", "[[1,3],[2]]", &["1", "3"]),
            ("$[?@.a>1]", r#"[{"a":1},{"a":2},{"a":3}]"#, &["{\"a\":2}", "{\"a\":3}"]),
            ("$.a", r#"{"a":{"b":1}}"#, &["{\"b\":1}"]),
            ("$.a", r#"{"a":null}"#, &[]),
            ("$.a[*]", r#"{"a":[null]}"#, &["null"]),
            ("$.none", "{}", &[]),
            ("$[*].l", r#"[{"l":[1]},{"l":[]},{},{"l":[2,3]}]"#, &["1", "2", "3"]),
        ] {
            assert_eq!(parts(path, read(&JSON, text)).unwrap(), wanted, "{path} of {text}");
        }
    }

    #[test]
    fn an_element_keeps_its_namespaces() {
        let text = "<o:a xmlns:o='urn:o' xmlns:p='urn:p'><o:b p:c='1'><d/></o:b><o:b/></o:a>";
        let found = parts("a/b", read(&XML, text)).unwrap();
        let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
        let first = "<b xmlns=\"urn:o\" xmlns:ns1=\"urn:p\" ns1:c=\"1\"><d xmlns=\"\"/></b>";
        assert_eq!(found, [format!("{head}{first}"), format!("{head}<b xmlns=\"urn:o\"/>")]);
    }

    #[test]
    fn records_become_files_and_their_parts_do_not() {
        let file = || read(csv(), "a,b\r\n1,2\r\n3,4\r\n5,6\r\n");
        let all = ["a,b\r\n1,2\r\n", "a,b\r\n3,4\r\n", "a,b\r\n5,6\r\n"];
        assert_eq!(parts("row", file()).unwrap(), all);
        assert_eq!(parts("row[2]", file()).unwrap(), all[1..2]);
        assert_eq!(parts("row[b='6']", file()).unwrap(), all[2..]);
        assert_eq!(parts("//row", file()).unwrap(), all);
        for wrong in ["row/a", "//a", "*/*"] {
            assert_eq!(parts(wrong, file()).unwrap_err(), "not-a-document", "{wrong}");
        }
    }

    #[test]
    fn attributes_and_paths_of_another_format_fail() {
        assert_eq!(parts("a/@*", read(&XML, "<a b='1'/>")).unwrap_err(), "not-a-document");
        let path = Path::parse("$.a", Language::JsonPath).unwrap();
        let failure = outcome(&Split(path), Default::default(), vec![read(&XML, "<a/>")]).unwrap_err();
        assert_eq!(failure.code, "wrong-document");
    }

    #[test]
    fn no_more_parts_are_made_than_may_be_held() {
        let nested = format!("{}{}", "<a>".repeat(90), "</a>".repeat(90));
        let path = Path::parse("//a", Language::Location).unwrap();
        let bounds = Bounds { documents: 100, bytes: 5000 };
        let failure = outcome(&Split(path), bounds, vec![read(&XML, &nested)]).unwrap_err();
        assert_eq!(failure.code, "too-much");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_split_and_combined_is_the_same(values in prop::collection::vec("[a-z<&,\"]{0,8}", 1..20)) {
            let run = run_within(Default::default());
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let joined = |path: &str, root: Option<Name>, whole: &Document| {
                let path = Path::parse(path, whole.codec().unwrap().language()).unwrap();
                let parts = outcome(&Split(path), Default::default(), vec![whole.clone()]).unwrap();
                let count = parts.len();
                (runtime.block_on(Join::of(root).run(&run, &parts)).unwrap(), count)
            };
            let leaf = |name: &str, text: &String| {
                Child::Element(Element::with(Name::local(name), Content::Text(text.as_str().into())))
            };
            let nodes = |name: &str| values.iter().map(|text| leaf(name, text)).collect::<Vec<_>>();
            let root = Name::qualified("urn:a", "all");
            let whole = Document::tree_of(Element::with(root.clone(), Content::Children(nodes("b"))), &XML);
            let (back, count) = joined("all/b", Some(root), &whole);
            prop_assert_eq!((back.tree(), count), (whole.tree(), values.len()));
            let whole = Document::tree_of(Element::with(Name::default(), Content::Items(nodes(""))), &JSON);
            let (back, count) = joined("$[*]", None, &whole);
            prop_assert_eq!((back.tree(), count), (whole.tree(), values.len()));
            let rows = values.iter().map(|text| {
                let row = Element::with(Name::local("row"), Content::Children(vec![leaf("a", &format!("x{text}"))]));
                Child::Element(row)
            });
            let file = Element::with(Name::default(), Content::Children(rows.collect()));
            let whole = Document::written(file, csv()).unwrap();
            let (back, count) = joined("row", None, &whole);
            prop_assert_eq!((back.bytes(), count), (whole.bytes(), values.len()));
        }
    }
}
