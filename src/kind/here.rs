//! What is known at a place of a process: the documents that come there.

use std::sync::Arc;

use super::Compiling;
use super::path::{Side, anything};
use crate::document::codec::CodecRef;
use crate::document::json::JSON;
use crate::document::path::Language;
use crate::pipeline::leaving::Leaving;
use crate::pipeline::operation::Profile;
use crate::schema::{AttributeShape, Finish, Occurs, Shape, ShapeKind};
use crate::source::{Finding, Span};
use crate::xml::XML;

/// A place in a process, while it is compiled.
#[derive(Debug, Clone, Default)]
pub struct Here {
    /// What is known of the documents; `None` where nothing is.
    pub document: Option<Side>,
    /// Whether they are plain data, which has no parts: as an operation with `input data` takes them, until a step makes
    /// others of them.
    pub data: bool,
    /// Whether the documents may have no answer yet.
    pub owed: bool,
    /// What a `return` answers with, where one operation's answer is made here and nothing else.
    pub output: Option<Arc<Profile>>,
}

impl Here {
    /// The shape of the documents, where it is known.
    pub fn shape(&self) -> Option<&Arc<Shape>> {
        self.document.as_ref().map(|side| &side.shape)
    }

    /// How the documents leave that are known here; `None` where they leave as they are.
    pub fn leaving(&self) -> Option<Leaving> {
        let side = self.document.as_ref()?;
        // Profiles of other formats say nothing of it.
        let codec: CodecRef = if side.typed { (&JSON).into() } else { (&XML).into() };
        Leaving::of(&side.shape, codec)
    }

    /// The documents are of a profile from here on.
    pub fn becomes(&mut self, profile: &Profile) {
        self.document = Some(Side::of(profile));
    }

    /// The documents are of a format from here on, and more is not known.
    pub fn becomes_some(&mut self, language: Language, format: &'static str, typed: bool) {
        self.document = Some(Side { language, format, typed, shape: Arc::new(anything()), inside: false });
    }
}

impl Side {
    /// Whether the documents that are known to come are such as the profile says; `None` after an error. `what` is what
    /// they become: `the output`.
    pub fn check_is(&self, wanted: &Profile, what: &str, at: Span, compiling: &Compiling<'_>) -> Option<()> {
        let (has, wants) = (self.format.to_uppercase(), wanted.codec.format().to_uppercase());
        let help = format!("a `map` to profile `{}` makes such documents of them", wanted.name);
        let message = if has != wants {
            format!("{what} is {wants}, and the documents here are {has}")
        } else if self.differs(&wanted.shape) {
            let (is, other) = (&wanted.shape.name, &self.shape.name);
            format!("{what} is of documents of `{is}`, and those here are of `{other}`")
        } else {
            let anything = matches!(self.shape.kind, ShapeKind::Any);
            if !anything && !same(&self.shape, &wanted.shape) {
                let message =
                    format!("the documents here are of another profile than {what} `{}`", wanted.name);
                compiling.report(Finding::warning("other-profile", at, message).help(help));
            }
            return Some(());
        };
        compiling.report(Finding::error("wrong-document", at, message).help(help));
        None
    }
}

/// Whether documents of one shape are such as another says, but for what that never lets out.
fn same(is: &Shape, wanted: &Shape) -> bool {
    use ShapeKind::{Children, Items, Open};
    match (&is.kind, &wanted.kind) {
        (Children(has), Children(wants)) | (Open(has), Open(wants)) => {
            let goes = |part: &&Shape| wants.iter().any(|one| one.form.left_out && one.name == part.name);
            let mut has = has.iter().filter(|part| !goes(part));
            let mut wants = wants.iter().filter(|part| !goes(part));
            wants.by_ref().all(|want| has.next().is_some_and(|part| same_part(part, want)))
                && has.next().is_none()
        }
        (Items(has), Items(wants)) => same(has, wants),
        (is, wanted) => is == wanted,
    }
}

fn same_part(is: &Shape, wanted: &Shape) -> bool {
    let stays = |attribute: &&AttributeShape| !wanted.form.leaves_out(attribute);
    (&is.name, &is.namespace, is.occurs, is.nillable)
        == (&wanted.name, &wanted.namespace, wanted.occurs, wanted.nillable)
        && is.checking == wanted.checking
        && is.attributes.iter().filter(stays).eq(wanted.attributes.iter().filter(stays))
        && same(is, wanted)
}

/// Formats whose documents are files of records.
const FILES: &[&str] = &["csv", "fixed"];

impl Side {
    /// What is known of a file that is split into one for each of its records: there is one record in each, of that name
    /// where it is known. Nothing changes for other formats.
    #[must_use]
    pub fn single(self, record: Option<&str>) -> Self {
        let wanted = |shape: &&Shape| record.is_none_or(|record| shape.name == record);
        let only = |records: &[Shape]| match records.iter().filter(wanted).collect::<Vec<_>>().as_slice() {
            [one] => vec![Shape { occurs: Occurs::ONCE, ..Shape::clone(one) }],
            several => {
                several.iter().map(|one| Shape { occurs: Occurs::OPTIONAL, ..Shape::clone(one) }).collect()
            }
        };
        self.with_records(only)
    }

    /// What is known of a file that several of its kind are joined to: there are any number of records.
    #[must_use]
    pub fn joined(self) -> Self {
        let any = Occurs { min: 0, max: None };
        self.with_records(|records| {
            records.iter().map(|record| Shape { occurs: any, ..record.clone() }).collect()
        })
    }

    fn with_records(self, records: impl Fn(&[Shape]) -> Vec<Shape>) -> Self {
        match &self.shape.kind {
            ShapeKind::Children(children) if FILES.contains(&self.format) => {
                let kind = ShapeKind::Children(records(children));
                Self { shape: Arc::new(Shape { kind, ..Shape::clone(&self.shape) }), ..self }
            }
            _ => self,
        }
    }
}

/// What is known of documents that come from several places: what holds of all of them.
pub fn common(sides: impl IntoIterator<Item = Option<Side>>) -> Option<Side> {
    let mut sides = sides.into_iter();
    let first = sides.next()??;
    sides.try_fold(first, |known, other| {
        let other = other?;
        if known.format != other.format {
            return None;
        }
        let same = Arc::ptr_eq(&known.shape, &other.shape) || known.shape == other.shape;
        let shape = match same {
            // Shapes are the same however they are written: what either says of that must not be lost.
            true if Finish::of(&other.shape).is_none() => known.shape,
            true if Finish::of(&known.shape).is_none() => other.shape,
            true => Arc::new(known.shape.united(&other.shape)),
            false => Arc::new(anything()),
        };
        Some(Side { shape, ..known })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Simple, SimpleType};

    fn part(name: &str, occurs: Occurs) -> Shape {
        let kind = ShapeKind::Simple(Simple::of(SimpleType::String));
        Shape { name: name.into(), occurs, kind, ..anything() }
    }

    fn order(parts: Vec<Shape>) -> Shape {
        Shape { name: "Order".into(), kind: ShapeKind::Children(parts), ..anything() }
    }

    fn side(shape: Shape) -> Side {
        Side::of(&Profile::new("order", &XML, shape))
    }

    fn excluded(name: &str) -> Shape {
        let mut part = part(name, Occurs::OPTIONAL);
        part.form.left_out = true;
        part
    }

    #[test]
    fn what_never_leaves_may_be_otherwise() {
        let is = order(vec![part("Id", Occurs::ONCE), part("Secret", Occurs::ONCE)]);
        for (wanted, fits) in [
            (vec![part("Id", Occurs::ONCE), excluded("Secret")], true),
            (vec![part("Id", Occurs::ONCE), excluded("Secret"), excluded("More")], true),
            (vec![part("Id", Occurs::OPTIONAL), excluded("Secret")], false),
            (vec![part("Id", Occurs::ONCE)], false),
            (vec![part("Id", Occurs::ONCE), excluded("Secret"), part("More", Occurs::ONCE)], false),
        ] {
            let wanted = order(wanted);
            assert_eq!(same(&is, &wanted), fits, "{wanted:?}");
        }
    }

    #[test]
    fn what_one_way_says_of_leaving_holds_of_documents_of_both() {
        let plain = side(order(vec![part("Id", Occurs::ONCE), part("Secret", Occurs::OPTIONAL)]));
        let kept = side(order(vec![part("Id", Occurs::ONCE), excluded("Secret")]));
        for ways in [[plain.clone(), kept.clone()], [kept, plain.clone()]] {
            let here = Here { document: common(ways.map(Some)), ..Here::default() };
            assert!(here.leaving().is_some());
        }
        let here = Here { document: common([Some(plain.clone()), Some(plain)]), ..Here::default() };
        assert!(here.leaving().is_none());
    }
}
