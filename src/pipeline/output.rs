//! Whether what an operation gives is what its output says: looked at before any protocol writes it.

use std::borrow::Cow;

use super::answer::Returned;
use super::etag::State;
use super::failure::Failure;
use super::fits::VIOLATIONS;
use super::operation::{Io, Operation, Profile};
use super::run::Run;
use crate::document::Document;
use crate::document::codec::Limits;
use crate::schema::validate::is_named;
use crate::schema::{Format, validate};

impl Operation {
    /// Takes what an execution has gathered for the answer, checked where the file asks for it, and with the state that
    /// it is of.
    ///
    /// # Errors
    /// As [`Io::check`]; and the state cannot be read.
    pub fn gathered(&self, run: &Run, limits: Limits) -> Result<Returned, Failure> {
        let mut returned = run.finish();
        // A state may be told of a part that does not leave.
        let leaves = || self.output.profile().is_some_and(|profile| profile.leaving.is_some());
        let before = self.etag.as_ref().filter(|_| leaves()).map(|_| returned.documents.clone());
        self.output.check(&mut returned, limits)?;
        // What goes beside a document is written anew each time: no tag tells two such answers to be the same.
        if let Some(source) = self.etag.as_ref().filter(|_| returned.attachments.is_empty()) {
            if let Some(profile) = self.output.profile() {
                let documents = returned.documents.iter_mut();
                documents.for_each(|document| *document = known(document, profile, limits));
            }
            returned.state = State::of(source, run, &returned)?;
            if let (None, Some(before)) = (&returned.state, before) {
                let left = std::mem::replace(&mut returned.documents, before);
                returned.state = State::of(source, run, &returned)?;
                returned.documents = left;
            }
        }
        Ok(returned)
    }
}

impl Io {
    /// Makes the documents of an answer what the output's profile says of those that leave, whoever made them, and checks
    /// them against it where the file asks for that: `check=#true`. Data is read within the `limits` of the request.
    ///
    /// # Errors
    /// One of them does not fit, or it cannot be told what of it may leave: this gateway's fault, whose places only the log names.
    pub fn check(&self, returned: &mut Returned, limits: Limits) -> Result<(), Failure> {
        let Self::Profile { profile, check, .. } = self else { return Ok(()) };
        if profile.leaving.is_some() {
            returned.documents.iter_mut().try_for_each(|document| leave(document, profile, limits))?;
        }
        if *check {
            returned.documents.iter_mut().try_for_each(|document| checked(document, profile, limits))?;
        }
        Ok(())
    }
}

impl Profile {
    /// The document as one of this profile's format: plain data is read in it, within `limits`, and what is parsed now is
    /// not parsed again to be written.
    ///
    /// # Errors
    /// What it is instead: a document in another format, or what cannot be read.
    pub fn take(&self, document: &Document, limits: Limits) -> Result<Document, String> {
        let taken = match document.codec() {
            Some(codec) if codec.format() != self.codec.format() => {
                return Err(format!("a document in {}", codec.format()));
            }
            Some(_) => document.clone(),
            None => known(document, self, limits),
        };
        taken.tree().map_err(|malformed| format!("what cannot be read: {malformed}"))?;
        Ok(taken)
    }

    /// The same, with the root that the profile names.
    ///
    /// # Errors
    /// As [`take`](Self::take), and a document with another root.
    pub fn take_root(&self, document: &Document, limits: Limits) -> Result<Document, String> {
        let taken = self.take(document, limits)?;
        match taken.tree() {
            Ok(root) if !self.shape.name.is_empty() && !is_named(root, &self.shape) => {
                Err(format!("a document with the root {}", root.name))
            }
            _ => Ok(taken),
        }
    }

    /// The same as it leaves: without what the profile excludes, and with dates as it says.
    ///
    /// # Errors
    /// As [`take_root`](Self::take_root).
    pub fn leave(&self, document: &Document, limits: Limits) -> Result<Document, String> {
        let taken = self.take_root(document, limits)?;
        let Some(leaving) = &self.leaving else { return Ok(taken) };
        let left = leaving.document(&taken, limits);
        left.map(Cow::into_owned).map_err(|failure| failure.log.clone().unwrap_or_default())
    }
}

/// Plain data as a document of the profile.
fn known(document: &Document, profile: &Profile, limits: Limits) -> Document {
    match document.codec() {
        Some(_) => document.clone(),
        None => {
            let read = Document::encoded(document.bytes().clone(), profile.codec.clone(), limits);
            document.replaced(read)
        }
    }
}

fn wrong(profile: &Profile, found: &str) -> Failure {
    let log = format!("the output is of profile {}, and the process returned {found}", profile.name);
    Failure::internal("wrong-output", log)
}

/// Makes a document what may leave; where there is none, there is nothing to exclude.
fn leave(document: &mut Document, profile: &Profile, limits: Limits) -> Result<(), Failure> {
    if !document.is_empty() {
        *document = profile.leave(document, limits).map_err(|found| wrong(profile, &found))?;
    }
    Ok(())
}

fn checked(document: &mut Document, profile: &Profile, limits: Limits) -> Result<(), Failure> {
    let wrong = |found: String| wrong(profile, &found);
    *document = profile.take(document, limits).map_err(wrong)?;
    let root = document.tree().map_err(|malformed| wrong(format!("what cannot be read: {malformed}")))?;
    let format = if profile.codec.is_typed() { Format::Json } else { Format::Xml };
    let found = validate(root, &profile.shape, format, VIOLATIONS);
    if found.is_empty() {
        return Ok(());
    }
    let places: Vec<String> =
        found.iter().map(|at| format!("{}: {}", at.path, expectation(&at.message))).collect();
    Err(wrong(format!("what does not fit it: {}", places.join("; "))))
}

/// What a complaint expected, without what it found: answers hold personal data, and logs are kept.
fn expectation(message: &str) -> &str {
    const EXPECTED: &str = "expected ";
    let from = message.rfind(EXPECTED).unwrap_or_default();
    let expected = message.get(from..).unwrap_or(message);
    // An item of a list is told behind what was expected of it.
    match expected.rfind(", not `") {
        Some(end) => expected.get(..end).unwrap_or(expected),
        None => expected,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::document::json::JSON;
    use crate::schema::{Occurs, Shape, ShapeKind, Simple, SimpleType};

    fn profile() -> Arc<Profile> {
        let shape = |name: &str, kind| Shape {
            name: name.into(),
            namespace: None,
            occurs: Occurs::ONCE,
            nillable: false,
            attributes: Vec::new(),
            kind,
            checking: Default::default(),
            form: Default::default(),
        };
        let id = shape("id", ShapeKind::Simple(Simple::of(SimpleType::Integer)));
        let shape = shape("", ShapeKind::Children(vec![id]));
        Arc::new(Profile::new("receipt", &JSON, shape))
    }

    #[test]
    fn a_wrong_answer_is_stopped_when_the_file_asks_for_it() {
        let answer = |text: &'static str| Returned {
            documents: vec![Document::data(text.into())],
            ..Returned::default()
        };
        let limits = Limits::default();
        let io = |check| Io::Profile { profile: profile(), many: false, check };
        assert!(io(true).check(&mut answer(r#"{"id": 1}"#), limits).is_ok());
        let failure = io(true).check(&mut answer(r#"{"id": "Ann, expected Bob"}"#), limits).unwrap_err();
        assert_eq!((failure.code.as_str(), failure.status.as_u16()), ("wrong-output", 500));
        assert!(failure.log.as_ref().is_some_and(|log| log.contains("$.id: expected ")), "{failure:?}");
        assert!(
            failure.log.as_ref().is_some_and(|log| !log.contains("Ann") && !log.contains("Bob")),
            "{failure:?}"
        );
        let few = Limits { elements: 1, ..Limits::default() };
        let refused = io(true).check(&mut answer(r#"{"id": 1}"#), few).unwrap_err();
        assert!(refused.log.as_ref().is_some_and(|log| log.contains("cannot be read")), "{refused:?}");
        assert_eq!(expectation("an item, not `Ann`"), "an item");
        assert!(!failure.message.contains("id"), "{failure:?}");
        assert!(io(true).check(&mut answer("{"), limits).is_err());
        assert!(io(false).check(&mut answer("{"), limits).is_ok());
    }
}
