//! The `file` step: writes documents to files below one folder, and reads files into documents.

use std::sync::Arc;

use bytes::Bytes;

use crate::document::Document;
use crate::kind::step::{DeclaredStep, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual, template};
use crate::pipeline::failure::Failure;
use crate::pipeline::leaving::{Leaving, leaving};
use crate::pipeline::operation::Profile;
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Outcome, Step, Work};
use crate::pipeline::template::{Escape, Piece, Template};
use crate::source::{Finding, Span, Spanned};
use crate::state::files::{Exists, FileError, FileName, Files, Stop, Waiting, shown};
use crate::syntax::{Literal, Node};

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "file",
        summary: "writes each document to a file, or reads one",
        usage: "file write=PATH [exists=replace|fail|append] | file read=PATH [profile=NAME] [missing=fail|skip]",
        text: "The path lies below the root of `files`, and may hold placeholders, as a `message` does. What a placeholder puts in \
               is a part of a name: empty, or with a `/`, a backslash or a control character in it, it fails with \
               bad-file-name; so do the parts `.` and `..`, and those of more than 255 bytes. A link that leads out of the \
               folder fails with file-failed. \
               Nothing is decoded: `%2e` is four characters of a name. `write` makes missing folders, and the documents go on \
               unchanged. The file is on the disk and whole before it has its name: nobody reads half of it. Where there is \
               one already, `exists=` says what happens: replace, which is the default; fail, with file-exists; or append, by one \
               write behind what is there. `read` makes the bytes of the file the body of the document, whose properties stay; \
               with `profile=` as a document of that profile, which `validate` checks, else as plain data. `file.name` is then \
               the path. A file that is not there fails with no-such-file, or with `missing=skip` the document goes on \
               no further; folders, pipes and devices fail with not-a-file, and a file of more bytes than the operation's `limits` \
               allow with file-too-large. A step that is cancelled leaves no part of a file behind; the files of the documents \
               before are there.",
        example: "file write=\"orders/{= doc.Order.id}.xml\" exists=fail\nfile read=\"answers/{request.id}.xml\" profile=order missing=skip",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    path: Spanned<Literal>,
    span: Span,
    does: Does,
}

#[derive(Debug)]
enum Does {
    Write(Exists),
    Read { profile: Option<Spanned<String>>, skips: bool },
}

/// The words of `missing=`, and whether they let the document be dropped.
const MISSING: &[(&str, bool)] = &[("fail", false), ("skip", true)];

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let span = node.name_span();
    let (writes, reads) = (node.has_property("write"), node.has_property("read"));
    let problem = match (writes, reads) {
        (false, false) if node.misspells(&["write", "read"]) => None,
        (false, false) => Some(("missing-property", "this `file` neither writes nor reads")),
        (true, true) => Some(("several-actions", "a `file` step does one thing")),
        _ => None,
    };
    if let Some((code, message)) = problem {
        let finding = Finding::error(code, span, message);
        node.report(finding.help("write one of write=PATH and read=PATH"));
    }
    let (written, given) = (node.property("write"), node.property("read"));
    // What belongs to the other form is asked for only where it is not known which one was meant.
    let exists = if writes || !reads { word(&mut node, "exists", Exists::ALL) } else { None };
    let (mut profile, mut skips) = (None, None);
    if reads || !writes {
        (profile, skips) = (node.property("profile"), word(&mut node, "missing", MISSING));
    }
    node.finish();
    let (path, does) = match (writes, reads) {
        (true, false) => (written?, Does::Write(exists.unwrap_or_default())),
        (false, true) => (given?, Does::Read { profile, skips: skips.unwrap_or_default() }),
        _ => return None,
    };
    Some(Box::new(Declared { path, span, does }))
}

/// A property that takes one of some words.
fn word<T: Copy>(node: &mut Node<'_>, name: &'static str, words: &[(&str, T)]) -> Option<T> {
    let given = node.property::<String>(name)?;
    let found = words.iter().find(|(word, _)| *word == given.value).map(|(_, value)| *value);
    if found.is_none() {
        let message = format!("`{}` is not what `{name}=` takes", given.value);
        let finding = Finding::error("wrong-value", given.span, message);
        node.report(finding.suggest(&given.value, words.iter().map(|(word, _)| *word)));
    }
    found
}

impl Declared {
    /// The path, of which what the file itself says is checked now.
    fn path(&self, here: &Here, compiling: &Compiling<'_>) -> Option<Template> {
        let path = template::compile(&self.path, Escape::FileName, here.shape(), compiling)?;
        let pieces = path.pieces.iter().map(|piece| match piece {
            Piece::Text(text) => text.as_str(),
            // Whatever is put in stands for a part of a name.
            Piece::Property(_) | Piece::Script(_) => "x",
        });
        if let Err(why) = FileName::parse(&pieces.collect::<String>()) {
            let message = format!("this is not the path of a file below the root of `files`: {why}");
            let finding = Finding::error("bad-file-name", self.path.span, message);
            compiling
                .report(finding.help("write it relative to that folder: \"orders/{= doc.Order.id}.xml\""));
            return None;
        }
        Some(path)
    }
}

impl DeclaredStep for Declared {
    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        let (files, path) = (compiling.files(self.span), self.path(here, compiling));
        let place = |path, files| Place { path, files };
        match &self.does {
            Does::Write(exists) => {
                let leaving = here.leaving();
                Some(Box::new(Write { place: place(path?, files?), exists: *exists, leaving }))
            }
            Does::Read { profile, skips } => {
                here.document = None;
                let profile = match profile {
                    Some(name) => Some(compiling.profile(name)?),
                    None => None,
                };
                profile.iter().for_each(|profile| here.becomes(profile));
                Some(Box::new(Read { place: place(path?, files?), profile, skips: *skips }))
            }
        }
    }
}

/// Where the files of a step are.
#[derive(Debug)]
struct Place {
    path: Template,
    files: Arc<Files>,
}

impl Place {
    /// The name of a document's file.
    fn name(&self, run: &Run, document: &Document) -> Result<FileName, Failure> {
        let text = self.path.fill(run, document)?;
        FileName::parse(&text).map_err(|why| {
            Failure::internal("bad-file-name", format!("{} is not the path of a file: {why}", shown(&text)))
        })
    }

    /// Does something with a file on a thread that may wait.
    async fn apart<T: Send + 'static>(
        &self,
        run: &Run,
        name: &FileName,
        work: impl FnOnce(&Files, &FileName, &Stop) -> Result<T, FileError> + Send + 'static,
    ) -> Result<T, Failure> {
        let turn = run.execution.around.load.disk().await?;
        let waiting = Waiting::default();
        let (files, own, stop) = (Arc::clone(&self.files), name.clone(), waiting.stop());
        let done = tokio::task::spawn_blocking(move || {
            let done = work(&files, &own, &stop);
            drop(turn);
            done
        });
        match done.await {
            Ok(done) => done.map_err(|error| failed(name, &error)),
            Err(error) => Err(Failure::internal("panic", error.to_string())),
        }
    }
}

fn failed(name: &FileName, error: &FileError) -> Failure {
    let code = match error {
        FileError::Exists => "file-exists",
        FileError::NotAFile => "not-a-file",
        FileError::TooLarge(_) => "file-too-large",
        FileError::Folder(_) | FileError::Stopped | FileError::Io(_) => "file-failed",
    };
    let failure = Failure::internal(code, format!("{}: {error}", name.as_str()));
    // A disk may be full, or away for a while.
    if code == "file-failed" { failure.retriable() } else { failure }
}

#[derive(Debug)]
struct Write {
    place: Place,
    exists: Exists,
    /// What is done with documents before they are written.
    leaving: Option<Leaving>,
}

impl Write {
    async fn all(&self, run: &Run, documents: Documents) -> Outcome {
        for (at, document) in documents.iter().enumerate() {
            if at > 0 {
                run.turn().await?;
            }
            let name = self.place.name(run, document)?;
            let written = leaving(self.leaving.as_ref(), document, run.request().limits)?;
            let (bytes, exists) = (written.bytes().clone(), self.exists);
            let write =
                move |files: &Files, name: &FileName, stop: &Stop| files.write(name, &bytes, exists, stop);
            self.place.apart(run, &name, write).await?;
        }
        Ok(documents)
    }
}

impl Step for Write {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        Work::Later(Box::pin(self.all(run, documents)))
    }

    fn gives_each(&self) -> bool {
        true
    }
}

#[derive(Debug)]
struct Read {
    place: Place,
    profile: Option<Arc<Profile>>,
    skips: bool,
}

impl Read {
    async fn all(&self, run: &Run, documents: Documents) -> Outcome {
        let most = run.execution.bounds.bytes;
        let mut out = run.gather();
        for (at, document) in documents.into_iter().enumerate() {
            if at > 0 {
                run.turn().await?;
            }
            let name = self.place.name(run, &document)?;
            let read = move |files: &Files, name: &FileName, _: &Stop| files.read(name, most);
            match self.place.apart(run, &name, read).await? {
                Some(bytes) => out.add(vec![self.document(run, &document, &name, bytes)])?,
                None if self.skips => {}
                None => {
                    let log = format!("{}: there is no such file", name.as_str());
                    return Err(Failure::internal("no-such-file", log));
                }
            }
        }
        Ok(out.done())
    }

    fn document(&self, run: &Run, document: &Document, name: &FileName, bytes: Vec<u8>) -> Document {
        let bytes = Bytes::from(bytes);
        let read = match &self.profile {
            Some(profile) => Document::encoded(bytes, profile.codec.clone(), run.request().limits),
            None => Document::data(bytes),
        };
        let mut document = document.replaced(read);
        document.properties.set("file.name", name.as_str());
        document
    }
}

impl Step for Read {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        Work::Later(Box::pin(self.all(run, documents)))
    }
}
