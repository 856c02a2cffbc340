//! What a document is called as a part of its own, and `attach` in a call: what goes beside its body.

use crate::document::Document;
use crate::kind::step::DeclaredPath;
use crate::kind::{Compiling, Here, Kinds, template};
use crate::mime::{MediaType, is_id};
use crate::pipeline::failure::Failure;
use crate::pipeline::leaving::{Leaving, leaving};
use crate::pipeline::part;
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Outcome, Path};
use crate::pipeline::template::{Escape, Template};
use crate::source::{Finding, Spanned};
use crate::syntax::{Literal, Node};

/// `name=`, `id=` and `type=` as they are written.
#[derive(Debug)]
pub(super) struct DeclaredNames {
    name: Option<Spanned<Literal>>,
    id: Option<Spanned<Literal>>,
    kind: Option<Spanned<Literal>>,
}

/// What documents are called as attachments, where it is not what their properties say.
#[derive(Debug)]
pub(super) struct Names {
    name: Option<Template>,
    id: Option<Template>,
    kind: Option<Template>,
    leaving: Option<Leaving>,
}

impl DeclaredNames {
    /// Reads them off a node.
    pub(super) fn read(node: &mut Node<'_>) -> Self {
        let (name, id, kind) = (node.property("name"), node.property("id"), node.property("type"));
        Self { name, id, kind }
    }

    /// Checks them; `None` after findings.
    pub(super) fn compile(&self, here: &Here, compiling: &Compiling<'_>) -> Option<Names> {
        let (name, id) = (text(&self.name, here, compiling), text(&self.id, here, compiling));
        let (name, id, kind) = (name?, id?, media_type(&self.kind, here, compiling)?);
        if let (Some(given), Some(text)) = (&self.id, id.as_ref().and_then(Template::plain))
            && !is_id(&text)
        {
            let finding =
                Finding::error("bad-attachment-id", given.span, format!("`{text}` cannot be a Content-ID"));
            compiling.report(
                finding.help("letters, digits and signs of ASCII, without spaces, quotes and angle brackets"),
            );
            return None;
        }
        Some(Names { name, id, kind, leaving: here.leaving() })
    }
}

/// A text with placeholders, where one is given; the outer `None` after findings.
pub(super) fn text(
    given: &Option<Spanned<Literal>>,
    here: &Here,
    compiling: &Compiling<'_>,
) -> Option<Option<Template>> {
    match given {
        Some(literal) => template::compile(literal, Escape::None, here.shape(), compiling).map(Some),
        None => Some(None),
    }
}

/// The same of a media type.
pub(super) fn media_type(
    given: &Option<Spanned<Literal>>,
    here: &Here,
    compiling: &Compiling<'_>,
) -> Option<Option<Template>> {
    let kind = text(given, here, compiling)?;
    if let (Some(given), Some(text)) = (given, kind.as_ref().and_then(Template::plain))
        && MediaType::parse(&text).is_none()
    {
        let finding = Finding::error("bad-media-type", given.span, format!("`{text}` is not a media type"));
        compiling.report(finding.help("such as \"application/pdf\" or \"image/png\""));
        return None;
    }
    Some(kind)
}

impl Names {
    /// A document as an attachment.
    ///
    /// # Errors
    /// A name cannot be made, or cannot be an id; or the document cannot be made what may leave.
    pub(super) fn of(&self, run: &Run, document: &Document) -> Result<Document, Failure> {
        let mut attachment = leaving(self.leaving.as_ref(), document, run.request().limits)?.into_owned();
        // A part without an id has its number, which is nobody's name for it.
        if document.properties.get(part::ID).is_some_and(|id| id.bytes().all(|byte| byte.is_ascii_digit())) {
            attachment.properties.remove(part::ID);
        }
        let given = [(part::FILENAME, &self.name), (part::ID, &self.id), (part::TYPE, &self.kind)];
        for (property, template) in given {
            let Some(template) = template else { continue };
            let text = template.fill(run, document)?;
            if property == part::ID && !is_id(&text) {
                let log = format!("{text:?} was to be the id of an attachment, and cannot");
                return Err(Failure::internal("bad-attachment-id", log));
            }
            attachment.properties.set(property, text);
        }
        Ok(attachment)
    }
}

/// `attach` in a call, as it is written.
#[derive(Debug)]
pub(super) struct DeclaredBeside {
    names: DeclaredNames,
    /// The steps that make the attachments.
    pub(super) path: DeclaredPath,
}

/// What makes attachments of a call.
#[derive(Debug)]
pub(super) struct Beside {
    names: Names,
    path: Path,
}

impl DeclaredBeside {
    /// Reads it.
    pub(super) fn read(mut node: Node<'_>, kinds: &Kinds) -> Self {
        let names = DeclaredNames::read(&mut node);
        Self { names, path: DeclaredPath::inner(node, kinds) }
    }

    /// Checks it; `None` after findings. The names may hold placeholders for what its steps make.
    pub(super) fn compile(&self, here: &Here, compiling: &Compiling<'_>) -> Option<Beside> {
        let mut inner = here.clone();
        let path = self.path.compile(&mut inner, compiling);
        let names = self.names.compile(&inner, compiling);
        Some(Beside { names: names?, path: path? })
    }
}

impl Beside {
    /// Makes the attachments of a document's call.
    ///
    /// # Errors
    /// As its steps, or as the names.
    async fn make(&self, run: &Run, document: &Document) -> Outcome {
        let made = run.path(&self.path, vec![document.clone()]).await?;
        made.iter().map(|document| self.names.of(run, document)).collect()
    }

    /// Those of all.
    ///
    /// # Errors
    /// As its steps, or as the names.
    pub(super) async fn all(every: &[Self], run: &Run, document: &Document) -> Outcome {
        let mut gathered = run.gather();
        for beside in every {
            gathered.add(beside.make(run, document).await?)?;
        }
        Ok(gathered.done())
    }
}

/// The property that keeps what came beside an answer: `keep-parts as=PROPERTY`.
pub(super) fn keep_parts(mut node: Node<'_>) -> Option<Spanned<String>> {
    let property = node.required("as");
    node.finish();
    property
}

/// Notes in a document which parts came beside it.
///
/// # Errors
/// They are more than an execution may hold.
pub(super) fn kept(
    run: &Run,
    document: &mut Document,
    property: Option<&str>,
    parts: Documents,
    held: usize,
) -> Result<(), Failure> {
    let Some(property) = property else { return Ok(()) };
    match run.execution.keep_parts(parts, held)? {
        Some(key) => document.properties.set(property, key),
        None => document.properties.remove(property),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::pipeline::load::Bounds;
    use crate::step::fixture::run_within;

    #[test]
    fn what_is_kept_is_bounded_and_found_by_its_number() {
        let run = run_within(Bounds { bytes: 10, ..Bounds::default() });
        let mut document = Document::empty();
        let mut keep = |text: &'static str| {
            let parts: Documents = match text {
                "" => Documents::new(),
                text => vec![Document::data(Bytes::from_static(text.as_bytes()))],
            };
            let kept = kept(&run, &mut document, Some("a.parts"), parts, text.len());
            kept.map(|()| document.properties.get("a.parts").map(str::to_owned))
        };
        assert_eq!(keep("12345").unwrap().as_deref(), Some("1"));
        assert_eq!(keep("1234567890").unwrap().as_deref(), Some("2"));
        assert_eq!(keep("12345678901").unwrap_err().code, "too-much");
        assert_eq!(keep("").unwrap(), None);
        let found = |number| run.execution.parts(number).iter().map(|part| part.bytes().len()).sum::<usize>();
        assert_eq!((found("1"), found("2")), (5, 10));
        assert!(["", "0", "3", "-1", "a"].iter().all(|number| found(number) == 0));
    }
}
