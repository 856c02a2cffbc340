//! The `http` step: calls a server with each document and goes on with what it answers.

mod answer;
pub(super) mod declared;
mod parts;

use std::iter;
use std::sync::Arc;

use bytes::Bytes;
use compact_str::CompactString;
use hyper::Method;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

use self::answer::goes_on;
use self::parts::Expected;
use crate::client::{Answer, GoesOn, Outgoing, Server};
use crate::document::Document;
use crate::document::coming::Cut;
use crate::pipeline::called::{CallKind, Called};
use crate::pipeline::failure::Failure;
use crate::pipeline::leaving::{Leaving, leaving};
use crate::pipeline::multipart::Multipart;
use crate::pipeline::operation::Profile;
use crate::pipeline::run::Run;
use crate::pipeline::source::ValueSource;
use crate::pipeline::step::{Documents, Outcome, Step, WithComing, Work};
use crate::pipeline::systems;
use crate::pipeline::template::Template;
use crate::step::clauses::{Clause, caught, keeping};
use crate::step::fields::{answered, header_value};
use crate::step::form_data::{self, Part};

/// The step, compiled.
#[derive(Debug)]
struct Http {
    server: Arc<Server>,
    method: Method,
    path: Template,
    query: Option<Template>,
    /// Further parameters of the query.
    parameters: Vec<(String, ValueSource)>,
    headers: Vec<(HeaderName, ValueSource)>,
    /// The fields of a form, where one is sent in place of the document.
    form: Option<Vec<(String, ValueSource)>>,
    /// The fields of a form that may be files, where one is sent.
    multipart: Vec<Part>,
    /// The property that keeps the parts of an answer.
    kept_parts: Option<String>,
    /// Whether the document is the body.
    sends: bool,
    /// What is done with it before it is sent.
    leaving: Option<Leaving>,
    expected: Vec<Expected>,
    /// Header fields of the answer, each with the property that keeps it.
    kept: Vec<(HeaderName, String)>,
    /// What the answer is, where the file says so.
    profile: Option<Arc<Profile>>,
    /// Redirects that are followed.
    redirects: u32,
    clauses: Vec<Clause>,
}

impl Http {
    async fn all(&self, run: &Run, documents: Documents, hands_on: Option<GoesOn>) -> Outcome {
        let mut out = run.gather();
        for (at, document) in documents.into_iter().enumerate() {
            if at > 0 {
                run.turn().await?;
            }
            // What fails in the steps that make its parts is no failure of this call.
            let multipart = match self.multipart.as_slice() {
                [] => None,
                parts => Some(form_data::body(parts, run, &document).await?),
            };
            let done = match self.one(run, &document, multipart, hands_on).await {
                Ok(answered) => vec![answered],
                Err(failure) => {
                    let failure = keeping(failure, &self.kept, &[]);
                    caught(&self.clauses, run, &document, failure).await?
                }
            };
            out.add(done)?;
        }
        Ok(out.done())
    }

    /// One call.
    async fn one(
        &self,
        run: &Run,
        document: &Document,
        multipart: Option<Multipart>,
        hands_on: Option<GoesOn>,
    ) -> Result<Document, Failure> {
        if let Some(stand_in) = run.execution.stand_in(&self.server.name) {
            return Ok(document.replaced(stand_in));
        }
        let mut outgoing =
            self.outgoing(run, document, multipart).map_err(|failure| self.unsendable(failure))?;
        outgoing.hands_on = hands_on;
        let mut left = self.redirects;
        let answer = loop {
            let answer = systems::call(run, &self.server, &outgoing).await?;
            let next = (left > 0).then(|| self.redirected(&outgoing, &answer)).flatten();
            let Some(next) = next else { break answer };
            left -= 1;
            outgoing = Outgoing { hands_on, ..next };
        };
        if !self.expected.iter().any(|expected| expected.includes(answer.status)) {
            return Err(self.unexpected(&self.whole(answer).await?));
        }
        match &answer.coming {
            Some(coming) => {
                let mut out = document.replaced(Document::coming(coming.clone()));
                answered(&mut out, answer.status, &answer.headers, &self.kept);
                Ok(out)
            }
            None => self.document(run, document, answer),
        }
    }

    /// A failure of what the request is made of, as one of the call: a `fault` may catch it.
    fn unsendable(&self, failure: Failure) -> Failure {
        let cause = ["bad-path", "bad-header"].into_iter().find(|cause| failure.code == *cause);
        let Some(cause) = cause else { return failure };
        let called = Called::new(&self.server.name, CallKind::Mapping, cause);
        called.failure(failure.log.as_deref().unwrap_or_default())
    }

    /// An answer when all of it is there.
    async fn whole(&self, mut answer: Answer) -> Result<Answer, Failure> {
        if let Some(coming) = answer.coming.take() {
            let gathered = coming.gather(|_| Ok::<_, Cut>(())).await;
            let called = |cut: &Cut| Called::new(&self.server.name, CallKind::Transport, cut.code);
            answer.body = gathered.map_err(|cut| called(&cut).failure(cut.text))?;
        }
        Ok(answer)
    }

    fn outgoing(
        &self,
        run: &Run,
        document: &Document,
        multipart: Option<Multipart>,
    ) -> Result<Outgoing, Failure> {
        let mut target = self.path.fill(run, document)?;
        check_segments(&target)?;
        let mut query = match &self.query {
            Some(query) => query.fill(run, document)?,
            None => CompactString::default(),
        };
        append(&mut query, &self.parameters, run, document)?;
        if !query.is_empty() {
            target.push('?');
            target.push_str(&query);
        }
        let mut headers = HeaderMap::with_capacity(self.headers.len() + 1);
        let body = match multipart {
            Some(Multipart { media_type, body }) => {
                headers.insert(CONTENT_TYPE, media_type);
                body
            }
            None => self.body(run, document, &mut headers)?,
        };
        for (name, source) in &self.headers {
            if let Some(text) = source.read(run, document, None)?.into_text() {
                headers.insert(name.clone(), header_value(name, &text)?);
            }
        }
        let mut outgoing = Outgoing::new(self.method.clone(), target, headers, body);
        outgoing.coming = document.on_its_way().filter(|_| self.sends).cloned();
        Ok(outgoing)
    }

    fn body(&self, run: &Run, document: &Document, headers: &mut HeaderMap) -> Result<Bytes, Failure> {
        if let Some(fields) = &self.form {
            let mut form = CompactString::default();
            append(&mut form, fields, run, document)?;
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
            return Ok(Bytes::from(form.into_string()));
        }
        if !self.sends {
            return Ok(Bytes::new());
        }
        if !document.is_empty() {
            let own = document.codec().map_or("application/octet-stream", |codec| codec.media_type());
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(own));
        }
        let sent = leaving(self.leaving.as_ref(), document, run.request().limits)?;
        Ok(sent.bytes().clone())
    }

    /// What to send where an answer says to look elsewhere; `None` where it does not, or not at this server.
    fn redirected(&self, sent: &Outgoing, answer: &Answer) -> Option<Outgoing> {
        let method = match answer.status.as_u16() {
            // RFC 9110, section 15.4: anything may become a GET by 303, and POST alone by 301 and 302.
            303 if sent.method != Method::HEAD => Method::GET,
            301 | 302 if sent.method == Method::POST => Method::GET,
            301..=303 | 307 | 308 => sent.method.clone(),
            _ => return None,
        };
        let location = answer.headers.get(hyper::header::LOCATION)?.to_str().ok()?;
        // Only addresses of this server are open: what an answer names may be anywhere.
        let target = self.server.own(location)?;
        let keeps = method == sent.method;
        let mut headers = sent.headers.clone();
        if !keeps {
            headers.remove(CONTENT_TYPE);
        }
        let body = if keeps { sent.body.clone() } else { Bytes::new() };
        Some(Outgoing { redirected: true, ..Outgoing::new(method, target, headers, body) })
    }
}

/// Refuses a path that climbs: what a placeholder puts in is one name, and `..` would choose another address.
fn check_segments(path: &str) -> Result<(), Failure> {
    if path.split('/').any(|segment| matches!(segment, "." | "..")) {
        let log = format!("`{path}` climbs: a value that is `.` or `..` cannot be a part of a path");
        return Err(Failure::internal("bad-path", log));
    }
    Ok(())
}

/// Appends parameters as a query or a form has them; absent ones are left out.
fn append(
    out: &mut CompactString,
    parameters: &[(String, ValueSource)],
    run: &Run,
    document: &Document,
) -> Result<(), Failure> {
    for (name, source) in parameters {
        let Some(text) = source.read(run, document, None)?.into_text() else { continue };
        if !out.is_empty() {
            out.push('&');
        }
        out.push_str(name);
        out.push('=');
        out.push_str(&systems::escaped(&text));
    }
    Ok(())
}

impl Step for Http {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        let hands_on = run.takes_hands_on() && self.gives_coming();
        let hands_on = hands_on.then_some(goes_on as GoesOn);
        Work::Later(Box::pin(self.all(run, documents, hands_on)))
    }

    fn gives_coming(&self) -> bool {
        // What says what an answer is looks into it.
        self.kept_parts.is_none() && self.profile.is_none()
    }

    fn with_coming(&self) -> WithComing {
        let values = self.parameters.iter().map(|(_, source)| source);
        let mut values = values.chain(self.headers.iter().map(|(_, source)| source));
        let mut target = iter::once(&self.path).chain(&self.query);
        let reads = values.any(ValueSource::reads_body) || target.any(Template::reads_body);
        // What may have to be sent again must be there.
        let once = self.redirects == 0 && self.clauses.is_empty() && self.server.sends_once(&self.method);
        // RFC 9110, section 9.3.1: these have a body only where its length is known.
        let once = once && !matches!(self.method, Method::GET | Method::HEAD);
        let is_body =
            self.sends && self.form.is_none() && self.multipart.is_empty() && self.leaving.is_none();
        if is_body && once && !reads { WithComing::Sends } else { WithComing::Reads }
    }

    fn gives_each(&self) -> bool {
        // What catches a failure may give any number.
        self.clauses.is_empty()
    }
}
