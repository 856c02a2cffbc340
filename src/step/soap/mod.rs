//! The `soap` step: calls an operation of a server over SOAP with each document.

mod answer;
mod declared;
mod envelope;
mod parts;
mod terms;

use std::sync::Arc;

use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

use self::answer::{Expected, read};
pub use self::declared::KIND;
use self::envelope::{Message, Writer};
use super::beside::{Beside, kept};
use super::clauses::{Clause, caught, keeping};
use super::fields::{answered, header_value};
use crate::client::{Outgoing, Server};
use crate::document::Document;
use crate::pipeline::failure::Failure;
use crate::pipeline::run::Run;
use crate::pipeline::soap_header::HeaderPath;
use crate::pipeline::source::ValueSource;
use crate::pipeline::step::{Documents, Outcome, Step, Work};
use crate::pipeline::systems;

/// The step, compiled.
#[derive(Debug)]
struct Soap {
    server: Arc<Server>,
    writer: Writer,
    /// The action of SOAP 1.1.
    action: Option<HeaderValue>,
    headers: Vec<(HeaderName, ValueSource)>,
    expected: Expected,
    /// Header fields of the answer, each with the property that keeps it.
    kept: Vec<(HeaderName, String)>,
    /// The same of its header blocks.
    blocks: Vec<(HeaderPath, String)>,
    /// What makes the attachments of the request.
    beside: Vec<Beside>,
    /// The property that keeps the parts of the answer.
    parts: Option<String>,
    /// Whether the request may be sent again.
    repeatable: bool,
    clauses: Vec<Clause>,
}

impl Soap {
    async fn all(&self, run: &Run, documents: Documents) -> Outcome {
        let mut out = run.gather();
        for (at, document) in documents.into_iter().enumerate() {
            if at > 0 {
                run.turn().await?;
            }
            // What fails in the steps that make them is no failure of this call.
            let attachments = Beside::all(&self.beside, run, &document).await?;
            let done = match self.one(run, &document, &attachments).await {
                Ok(answered) => vec![answered],
                Err(failure) => {
                    let failure = keeping(failure, &self.kept, &self.blocks);
                    caught(&self.clauses, run, &document, failure).await?
                }
            };
            out.add(done)?;
        }
        Ok(out.done())
    }

    async fn one(
        &self,
        run: &Run,
        document: &Document,
        attachments: &[Document],
    ) -> Result<Document, Failure> {
        if let Some(stand_in) = run.execution.stand_in(&self.server.name) {
            return Ok(document.replaced(stand_in));
        }
        let message = self.writer.write(run, document, attachments, &self.server.name)?;
        let outgoing = self.outgoing(run, document, message)?;
        let answer = systems::call(run, &self.server, &outgoing).await?;
        let read = read(&self.expected, &self.server.name, &answer, run.request().limits)?;
        let mut out = match read.body {
            Some(body) => document.replaced(body),
            None => document.clone(),
        };
        answered(&mut out, answer.status, &answer.headers, &self.kept);
        kept(run, &mut out, self.parts.as_deref(), read.parts, answer.body.len())?;
        for (path, property) in &self.blocks {
            match path.find(read.blocks.iter().map(|block| &block.element)) {
                Some(value) => out.properties.set(property, value),
                None => out.properties.remove(property),
            }
        }
        for block in read.blocks.iter().filter(|block| block.is_mandatory) {
            if !self.blocks.iter().any(|(path, _)| path.is(&block.element)) {
                let (request, name) = (run.request().id.as_str(), block.element.name.to_string());
                tracing::warn!(%request, server = %self.server.name, name, "a header block of the answer must be understood, and nothing reads it");
            }
        }
        Ok(out)
    }

    fn outgoing(&self, run: &Run, document: &Document, message: Message) -> Result<Outgoing, Failure> {
        let Message { media_type, body } = message;
        let mut headers = HeaderMap::with_capacity(self.headers.len() + 2);
        headers.insert(CONTENT_TYPE, media_type);
        if let Some(action) = &self.action {
            headers.insert(HeaderName::from_static("soapaction"), action.clone());
        }
        for (name, source) in &self.headers {
            if let Some(text) = source.read(run, document, None)?.into_text() {
                headers.insert(name.clone(), header_value(name, &text)?);
            }
        }
        let (method, target) = (hyper::Method::POST, self.server.own_target());
        Ok(Outgoing { repeatable: self.repeatable, ..Outgoing::new(method, target, headers, body) })
    }
}

impl Step for Soap {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        Work::Later(Box::pin(self.all(run, documents)))
    }

    fn gives_each(&self) -> bool {
        // What catches a failure may give any number.
        self.clauses.is_empty()
    }
}
