//! Several documents as one: what `combine` and `group` make.

use std::sync::Arc;

use bytes::Bytes;

use crate::document::Document;
use crate::document::codec::CodecRef;
use crate::document::family::Family;
use crate::document::tree::{Content, Element, Name, Node as Child};
use crate::kind::path::{Side, anything};
use crate::kind::{Compiling, Here};
use crate::pipeline::failure::Failure;
use crate::pipeline::run::Run;
use crate::pipeline::step::Documents;
use crate::schema::{Occurs, Shape, ShapeKind};
use crate::source::{Finding, Span, Spanned};
use crate::syntax::{Literal, Node};
use crate::xml::is_ncname;

/// How documents become one, as declared.
#[derive(Debug)]
pub struct DeclaredJoin {
    step: &'static str,
    span: Span,
    root: Option<Spanned<String>>,
    separator: Option<Spanned<Literal>>,
}

/// How documents become one.
#[derive(Debug)]
pub struct Join {
    step: &'static str,
    root: Option<Name>,
    separator: Option<Bytes>,
}

impl DeclaredJoin {
    /// Reads `root=`, and `separator=` where the step has it, off a node.
    pub fn read(node: &mut Node<'_>, separates: bool) -> Self {
        let (step, span) =
            if separates { ("combine", node.name_span()) } else { ("group", node.name_span()) };
        let root = node.property("root");
        let separator = if separates { node.property("separator") } else { None };
        Self { step, span, root, separator }
    }

    /// Checks it against the documents that are known here, and notes what is known of the one they become; `None` after
    /// findings.
    pub fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Join> {
        let known = here.document.take();
        let family = known.as_ref().map(|side| Family::named(side.format, side.typed));
        let findings = [
            known.as_ref().zip(family).and_then(|(side, family)| self.misplaced(side, family)),
            self.root.as_ref().and_then(|root| bad_root(root, family)),
            self.separated(known.as_ref()),
        ];
        let mut whole = true;
        for finding in findings.into_iter().flatten() {
            compiling.report(finding);
            whole = false;
        }
        let root = self.root.as_ref().map(|root| name(&root.value, family));
        here.document = known.zip(family).and_then(|(side, family)| around(side, family, root.as_ref()));
        let separator = self.separator.as_ref().map(|text| Bytes::from(text.value.text.clone()));
        whole.then_some(Join { step: self.step, root, separator })
    }

    /// A root that is missing, or that the format has no place for.
    fn misplaced(&self, side: &Side, family: Family) -> Option<Finding> {
        match (family, &self.root) {
            (Family::Xml, None) => {
                let message =
                    format!("`{}` needs `root=`: documents of XML become one in an element", self.step);
                Some(Finding::error("missing-property", self.span, message).label("add root=..."))
            }
            (Family::File, Some(root)) => {
                let message = format!("documents of {} have nothing around them", side.format.to_uppercase());
                let finding = Finding::error("no-root", root.span, message);
                Some(finding.help("remove root=: what they hold becomes one file"))
            }
            _ => None,
        }
    }

    /// A separator between documents that it cannot stand between.
    fn separated(&self, known: Option<&Side>) -> Option<Finding> {
        let separator = self.separator.as_ref()?;
        let message = match (known, &self.root) {
            (Some(side), _) => format!("nothing stands between documents of {}", side.format.to_uppercase()),
            (None, Some(_)) => "nothing stands between documents that become one in a root".to_owned(),
            (None, None) => return None,
        };
        let finding = Finding::error("no-separator", separator.span, message);
        Some(finding.help("remove separator=: it is for plain data"))
    }
}

/// What is wrong with a root's name: a member of JSON may have any, an element not.
fn bad_root(root: &Spanned<String>, family: Option<Family>) -> Option<Finding> {
    let local = name(&root.value, family).local;
    let fits = match family {
        Some(Family::Json) => !local.is_empty(),
        _ => is_ncname(&local),
    };
    let message = match root.value.as_str() {
        "" => "the root has no name".to_owned(),
        text => format!("`{text}` is not the name of an element"),
    };
    let finding = Finding::error("bad-root", root.span, message);
    (!fits).then(|| finding.help("a name is such as Orders or \"{urn:example:orders}Orders\""))
}

/// `{namespace}local` or `local`; in JSON there are no namespaces.
fn name(text: &str, family: Option<Family>) -> Name {
    let qualified = if family == Some(Family::Json) { None } else { Name::braced(text) };
    qualified.unwrap_or_else(|| Name::local(text))
}

/// What is known of the document that all become.
fn around(side: Side, family: Family, root: Option<&Name>) -> Option<Side> {
    let any = |shape: &Shape| Shape { occurs: Occurs { min: 0, max: None }, ..shape.clone() };
    let kind = match (family, root) {
        // Rows are known one by one only.
        (Family::File, _) => return (side.format != "rows").then(|| side.joined()),
        (Family::Xml, _) if side.shape.name.is_empty() => ShapeKind::Any,
        (Family::Xml, _) => ShapeKind::Children(vec![any(&side.shape)]),
        (Family::Json, None) => ShapeKind::Items(Box::new(any(&side.shape))),
        (Family::Json, Some(root)) => {
            let items = ShapeKind::Items(Box::new(any(&side.shape)));
            ShapeKind::Children(vec![Shape { name: root.local.clone(), kind: items, ..anything() }])
        }
    };
    let shape = match (family, root) {
        (Family::Xml, Some(root)) => {
            Shape { name: root.local.clone(), namespace: root.namespace.clone(), kind, ..anything() }
        }
        _ => Shape { kind, ..anything() },
    };
    Some(Side { shape: Arc::new(shape), ..side })
}

#[cfg(test)]
impl Join {
    /// For tests of other steps.
    pub fn of(root: Option<Name>) -> Self {
        Self { step: "combine", root, separator: None }
    }
}

impl Join {
    /// One document of all, with the properties of the first.
    ///
    /// # Errors
    /// They are of several formats, cannot be read, or do not become one as the file says.
    pub async fn run(&self, run: &Run, documents: &Documents) -> Result<Document, Failure> {
        let first = documents.first().cloned().unwrap_or_default();
        let format = |document: &Document| document.codec().map(|codec| codec.format());
        if let Some(other) = documents.iter().position(|other| format(other) != format(&first)) {
            return Err(self.mixed(format(&first), other, documents.get(other).and_then(format)));
        }
        let Some(codec) = first.codec().cloned() else { return Ok(first.replaced(self.data(documents)?)) };
        let family = Family::of(&*codec);
        self.check(family, codec.format())?;
        for (at, document) in documents.iter().enumerate() {
            if at > 0 {
                run.turn().await?;
            }
            tree(document)?;
        }
        let roots = documents.iter().map(tree).collect::<Result<Vec<_>, Failure>>()?;
        let whole = match family {
            Family::Xml => {
                let name = self.root.clone().unwrap_or_default();
                Document::tree_of(Element::with(name, Content::Children(children(&roots, false))), codec)
            }
            Family::Json => Document::tree_of(self.array(&roots), codec),
            Family::File => self.file(&roots, codec)?,
        };
        Ok(first.replaced(whole))
    }

    fn mixed(&self, first: Option<&str>, other: usize, of: Option<&str>) -> Failure {
        let told = |format: Option<&str>| format.map_or("plain data".to_owned(), str::to_uppercase);
        let log = format!(
            "`{}` was given documents of several formats: the first is {}, and document {} is {}",
            self.step,
            told(first),
            other + 1,
            told(of)
        );
        Failure::internal("mixed-documents", log)
    }

    /// What could not be checked where nothing was known of the documents.
    fn check(&self, family: Family, format: &str) -> Result<(), Failure> {
        let step = self.step;
        let format = format.to_uppercase();
        let log = match (family, &self.root) {
            (Family::Xml, None) => format!("`{step}` was given documents of {format}, and has no root="),
            (Family::File, Some(_)) => {
                format!(
                    "`{step}` has root=, and was given documents of {format}, which have nothing around them"
                )
            }
            _ if self.separator.is_some() => {
                format!("`{step}` has separator=, and was given documents of {format}")
            }
            _ => return Ok(()),
        };
        Err(Failure::internal("wrong-document", log))
    }

    fn data(&self, documents: &[Document]) -> Result<Document, Failure> {
        if self.root.is_some() {
            let log = format!("`{}` has root=, and was given plain data, which is in no format", self.step);
            return Err(Failure::internal("wrong-document", log));
        }
        let separator = self.separator.as_deref().unwrap_or_default();
        let between = separator.len().saturating_mul(documents.len().saturating_sub(1));
        let bytes: usize = documents.iter().map(|document| document.bytes().len()).sum();
        let mut out = Vec::with_capacity(bytes.saturating_add(between));
        for (at, document) in documents.iter().enumerate() {
            if at > 0 {
                out.extend_from_slice(separator);
            }
            out.extend_from_slice(document.bytes());
        }
        Ok(Document::data(out.into()))
    }

    fn array(&self, roots: &[&Element]) -> Element {
        let items = Content::Items(children(roots, true));
        match &self.root {
            None => Element::with(Name::default(), items),
            Some(root) => {
                let member = Element::with(Name::local(root.local.clone()), items);
                Element::with(Name::default(), Content::Children(vec![Child::Element(member)]))
            }
        }
    }

    fn file(&self, roots: &[&Element], codec: CodecRef) -> Result<Document, Failure> {
        let whole = codec.joined(roots).and_then(|whole| Document::written(whole, codec));
        whole.map_err(|why| {
            let log = format!("the documents that `{}` was given do not become one: {why}", self.step);
            Failure::internal("unwritable-document", log)
        })
    }
}

fn tree(document: &Document) -> Result<&Element, Failure> {
    document.tree().map_err(|malformed| Failure::unreadable(&malformed))
}

/// The roots as children; the items of an array have no names.
fn children(roots: &[&Element], nameless: bool) -> Vec<Child> {
    let child = |root: &&Element| {
        let name = if nameless { Name::default() } else { root.name.clone() };
        Child::Element(Element { name, attributes: root.attributes.clone(), content: root.content.clone() })
    };
    roots.iter().map(child).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::codec::Limits;
    use crate::document::json::JSON;
    use crate::step::fixture::run_within;
    use crate::xml::XML;

    fn json(text: &'static str) -> Document {
        Document::encoded(Bytes::from_static(text.as_bytes()), &JSON, Limits::default())
    }

    fn xml(text: &'static str) -> Document {
        Document::encoded(Bytes::from_static(text.as_bytes()), &XML, Limits::default())
    }

    fn data(text: &'static str) -> Document {
        Document::data(Bytes::from_static(text.as_bytes()))
    }

    fn joined(join: &Join, documents: Documents) -> Result<String, String> {
        let run = run_within(Default::default());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let whole = runtime.block_on(join.run(&run, &documents));
        whole
            .map(|whole| String::from_utf8(whole.bytes().to_vec()).unwrap())
            .map_err(|failure| failure.code.clone())
    }

    #[test]
    fn each_format_is_joined_in_its_own_way() {
        let none = Join::of(None);
        let rooted = Join::of(Some(Name::local("all")));
        let separated = Join { separator: Some(Bytes::from_static(b"; ")), ..Join::of(None) };
        for (join, documents, wanted) in [
            (&none, vec![json("1"), json("{\"a\":[]}")], Ok("[1,{\"a\":[]}]")),
            (&none, vec![json("null")], Ok("[null]")),
            (&rooted, vec![json("[1]"), json("2")], Ok("{\"all\":[[1],2]}")),
            (
                &rooted,
                vec![xml("<a/>"), xml("<b xmlns='urn:b'/>")],
                Ok("<all><a/><b xmlns=\"urn:b\"/></all>"),
            ),
            (&none, vec![data("a"), data("b")], Ok("ab")),
            (&separated, vec![data("a"), data(""), data("b")], Ok("a; ; b")),
            (&separated, vec![data("a")], Ok("a")),
            (&none, vec![xml("<a/>")], Err("wrong-document")),
            (&rooted, vec![data("a")], Err("wrong-document")),
            (&separated, vec![json("1")], Err("wrong-document")),
            (&none, vec![json("1"), data("1")], Err("mixed-documents")),
            (&rooted, vec![xml("<a/>"), json("1")], Err("mixed-documents")),
            (&none, vec![json("1"), json("{")], Err("unreadable-document")),
        ] {
            let found = joined(join, documents);
            let found = found.map(|text| text.replace("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", ""));
            assert_eq!(found, wanted.map(str::to_owned).map_err(str::to_owned));
        }
    }
}
