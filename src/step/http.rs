//! The `http` step: calls a server with each document and goes on with what it answers.

use std::iter;
use std::sync::Arc;

use bytes::Bytes;
use compact_str::CompactString;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, StatusCode};

use crate::client::{Answer, GoesOn, Outgoing, Server};
use crate::document::Document;
use crate::document::codec::{CodecRef, Limits};
use crate::document::coming::Cut;
use crate::document::json::JSON;
use crate::document::text::{is_plain_utf8, to_utf8};
use crate::mime::{self, MediaType, RELATED, Related};
use crate::pipeline::called::{CallKind, Called};
use crate::pipeline::failure::Failure;
use crate::pipeline::leaving::{Leaving, leaving};
use crate::pipeline::multipart::Multipart;
use crate::pipeline::operation::Profile;
use crate::pipeline::parts::documents;
use crate::pipeline::run::Run;
use crate::pipeline::source::ValueSource;
use crate::pipeline::step::{Documents, Outcome, Step, WithComing, Work};
use crate::pipeline::systems;
use crate::pipeline::template::Template;
use crate::step::beside::kept;
use crate::step::clauses::{Clause, caught, keeping};
use crate::step::form_data::{self, Part};
use crate::step::http_declared::Expected;
use crate::xml::XML;

/// The step, compiled.
#[derive(Debug)]
pub(super) struct Http {
    pub(super) server: Arc<Server>,
    pub(super) method: Method,
    pub(super) path: Template,
    pub(super) query: Option<Template>,
    /// Further parameters of the query.
    pub(super) parameters: Vec<(String, ValueSource)>,
    pub(super) headers: Vec<(HeaderName, ValueSource)>,
    /// The fields of a form, where one is sent in place of the document.
    pub(super) form: Option<Vec<(String, ValueSource)>>,
    /// The fields of a form that may be files, where one is sent.
    pub(super) multipart: Vec<Part>,
    /// The property that keeps the parts of an answer.
    pub(super) kept_parts: Option<String>,
    /// Whether the document is the body.
    pub(super) sends: bool,
    /// What is done with it before it is sent.
    pub(super) leaving: Option<Leaving>,
    pub(super) expected: Vec<Expected>,
    /// Header fields of the answer, each with the property that keeps it.
    pub(super) kept: Vec<(HeaderName, String)>,
    /// What the answer is, where the file says so.
    pub(super) profile: Option<Arc<Profile>>,
    /// Redirects that are followed.
    pub(super) redirects: u32,
    pub(super) clauses: Vec<Clause>,
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
        let mut outgoing = self.outgoing(run, document, multipart)?;
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
        Some(Outgoing::new(method, target, headers, body))
    }

    fn unexpected(&self, answer: &Answer) -> Failure {
        let kind = match answer.status.as_u16() {
            401 | 403 | 407 => CallKind::Security,
            _ => CallKind::Status,
        };
        let cause = match answer.status.as_u16() {
            401 => "unauthorized",
            403 => "forbidden",
            300..=399 => "redirected",
            _ => "unexpected-status",
        };
        let called = Called::new(&self.server.name, kind, cause);
        let called = called.answered(answer.status, &answer.headers, &answer.body);
        let begins = called.excerpt.as_deref().map(|text| text.chars().take(200).collect::<String>());
        called.failure(match begins {
            Some(text) => format!("answered {}: {text}", answer.status),
            None => format!("answered {}", answer.status),
        })
    }

    /// The document that an answer becomes.
    fn document(&self, run: &Run, document: &Document, answer: Answer) -> Result<Document, Failure> {
        let Answer { status, headers, body, .. } = answer;
        let (limits, held) = (run.request().limits, body.len());
        let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media = given.and_then(MediaType::parse);
        let (media, body, beside) = match media {
            Some(media) if self.kept_parts.is_some() && media.is_multipart() => {
                self.apart(media, body, limits)?
            }
            media => (media, body, Documents::new()),
        };
        let mut out = document.replaced(self.read(media.as_ref(), body, limits)?);
        answered(&mut out, status, &headers, &self.kept);
        kept(run, &mut out, self.kept_parts.as_deref(), beside, held)?;
        Ok(out)
    }

    /// A multipart answer: its root with what belongs to it, or itself with all its parts.
    fn apart(
        &self,
        media: MediaType,
        body: Bytes,
        limits: Limits,
    ) -> Result<(Option<MediaType>, Bytes, Documents), Failure> {
        let read = || match media.essence == RELATED {
            true => {
                let Related { root, others } = Related::read(&body, &media, &limits)?;
                Ok((root.media_type(), root.content()?, documents(&others, limits)?))
            }
            false => {
                let all = documents(&mime::parts(&body, &media, &limits)?, limits)?;
                Ok((Some(media.clone()), body.clone(), all))
            }
        };
        read().map_err(|why: mime::Refused| {
            let called = Called::new(&self.server.name, CallKind::Mapping, "malformed-answer");
            called.failure(format!("the parts of the answer cannot be read: {why}"))
        })
    }

    /// A body of that type as a document, without properties.
    fn read(&self, media: Option<&MediaType>, body: Bytes, limits: Limits) -> Result<Document, Failure> {
        let codec: Option<CodecRef> = match (&self.profile, media) {
            (Some(profile), _) => Some(profile.codec.clone()),
            (None, Some(media)) if media.is_xml() => Some((&XML).into()),
            (None, Some(media)) if media.is_json() => Some((&JSON).into()),
            _ => None,
        };
        let charset = media.and_then(|media| media.parameter("charset"));
        Ok(match codec {
            Some(codec) if codec.format() == "xml" || codec.is_typed() => {
                let text = to_utf8(body, charset).map_err(|malformed| {
                    let called = Called::new(&self.server.name, CallKind::Mapping, "bad-charset");
                    called.failure(format!("the answer cannot be read: {malformed}"))
                })?;
                match text.is_empty() {
                    true => Document::empty(),
                    false => Document::encoded(text, codec, limits),
                }
            }
            Some(codec) => Document::encoded(body, codec, limits),
            None => Document::data(body),
        })
    }
}

/// Whether an answer goes on as it comes: what would be another text in UTF-8 does not, which is how documents are held.
fn goes_on(headers: &HeaderMap, start: &[u8]) -> bool {
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let Some(media) = given.and_then(MediaType::parse) else { return true };
    !(media.is_xml() || media.is_json()) || is_plain_utf8(start, media.parameter("charset"))
}

/// Refuses a path that climbs: what a placeholder puts in is one name, and `..` would choose another address.
fn check_segments(path: &str) -> Result<(), Failure> {
    if path.split('/').any(|segment| matches!(segment, "." | "..")) {
        let log = format!("`{path}` climbs: a value that is `.` or `..` cannot be a part of a path");
        return Err(Failure::internal("bad-path", log));
    }
    Ok(())
}

/// Notes in its properties what came with an answer.
pub(super) fn answered(
    document: &mut Document,
    status: StatusCode,
    headers: &HeaderMap,
    kept: &[(HeaderName, String)],
) {
    document.properties.set("http.status", status.as_str());
    for (name, property) in kept {
        match headers.get(name).map(|value| CompactString::from_utf8_lossy(value.as_bytes())) {
            Some(value) => document.properties.set(property, value),
            None => document.properties.remove(property),
        }
    }
}

/// A header field of a request, made of a document's data.
pub(super) fn header_value(name: &HeaderName, text: &str) -> Result<HeaderValue, Failure> {
    HeaderValue::from_str(text.trim()).map_err(|_| {
        let log =
            format!("the value for the header field {name} holds a control character, such as a line end");
        Failure::internal("bad-header", log)
    })
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
        // What says what an answer is looks into it.
        let hands_on = run.takes_hands_on() && self.kept_parts.is_none() && self.profile.is_none();
        let hands_on = hands_on.then_some(goes_on as GoesOn);
        Work::Later(Box::pin(self.all(run, documents, hands_on)))
    }

    fn gives_coming(&self) -> bool {
        true
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
}
