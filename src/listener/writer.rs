//! How the documents that an operation gives become the body of a plain HTTP answer.

use std::sync::Arc;

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, ETAG, HeaderMap, HeaderValue};

use super::common::NAMESPACE;
use super::page::open_list;
use crate::document::Document;
use crate::document::codec::CodecRef;
use crate::document::coming::Coming;
use crate::document::family::Family;
use crate::document::json;
use crate::document::tree::Element;
use crate::mime::{FORM_DATA, Root, boundary};
use crate::pipeline::answer::Returned;
use crate::pipeline::endpoint::Reply;
use crate::pipeline::failure::Failure;
use crate::pipeline::multipart::{self, Multipart};
use crate::pipeline::operation::{Io, Operation, Profile};
use crate::pipeline::page::{self, Pager};
use crate::pipeline::published::BYTES;
use crate::schema::json_form::to_json;
use crate::schema::validate::is_named;
use crate::soap::write::Frame;
use crate::xml::write_element;

/// How the answers of one operation are written.
#[derive(Debug)]
pub(super) struct Writer {
    kind: Kind,
    on_empty: Option<StatusCode>,
    accepted: StatusCode,
    media_type: HeaderValue,
}

#[derive(Debug)]
enum Kind {
    None,
    Data,
    Multipart,
    One { profile: Arc<Profile>, empty: Bytes },
    Many { profile: Arc<Profile>, list: Frame },
}

impl Writer {
    /// For an operation; `on_empty` is the status of an answer without documents, where one is said, and `accepted` that of
    /// a call that is not answered.
    pub(super) fn new(operation: &Operation, on_empty: Option<StatusCode>, accepted: StatusCode) -> Self {
        let (kind, media_type) = match &operation.output {
            Io::None => (Kind::None, ""),
            Io::Data { content_type } => (Kind::Data, content_type.as_deref().unwrap_or(BYTES)),
            Io::Multipart { content_type } => (Kind::Multipart, content_type.as_deref().unwrap_or(FORM_DATA)),
            Io::Profile { profile, many, .. } => {
                (Kind::of(operation, profile, *many), profile.codec.media_type())
            }
        };
        let media_type =
            HeaderValue::from_str(media_type).unwrap_or_else(|_| HeaderValue::from_static(BYTES));
        Self { kind, on_empty, accepted, media_type }
    }

    /// The answer. `json`: an XML profile's documents in their JSON form.
    /// With a pager the answer is cut in pages where it is long.
    pub(super) fn write(
        &self,
        returned: Returned,
        json: bool,
        pages: Option<&Pager>,
    ) -> Result<Reply, Failure> {
        let Returned { status, headers, documents, attachments, state, .. } = returned;
        if documents.is_empty()
            && attachments.is_empty()
            && let Some(on_empty) = self.on_empty
            && status.is_none()
        {
            return nothing(on_empty, headers);
        }
        if let Kind::None = self.kind {
            let status = status.unwrap_or(self.accepted);
            return Ok(Reply { status, headers, ..Reply::of(Bytes::new()) });
        }
        if let Kind::Multipart = self.kind {
            let all: Vec<&Document> = documents.iter().chain(&attachments).collect();
            return self.multipart(status.unwrap_or(StatusCode::OK), headers, &all);
        }
        let tag = state.and_then(|state| state.tag(json));
        let reply = page::cut(pages, &documents, |documents, next| {
            let (body, media_type) = self.body(documents, json, next)?;
            let status = status.unwrap_or(StatusCode::OK);
            let mut reply = Reply { status, ..Reply::of(body) };
            reply.coming = on_its_way(documents);
            if !reply.body.is_empty() || reply.coming.is_some() {
                reply.headers.insert(CONTENT_TYPE, media_type);
            }
            if let Some(tag) = &tag {
                reply.headers.insert(ETAG, tag.clone());
            }
            // What a step says of the answer holds, its content type too.
            if !headers.is_empty() {
                reply.headers.extend(headers.clone());
            }
            Ok(reply)
        })?;
        // What goes with an answer goes with its first page.
        if attachments.is_empty() { Ok(reply) } else { with_attachments(reply, &attachments) }
    }

    /// The body with these documents and its media type; `next` is the token of the page behind it.
    fn body(
        &self,
        documents: &[Document],
        json: bool,
        next: Option<&str>,
    ) -> Result<(Bytes, HeaderValue), Failure> {
        let body = match &self.kind {
            Kind::None | Kind::Multipart => Bytes::new(),
            Kind::Data => concatenated(documents),
            Kind::One { profile, .. } | Kind::Many { profile, .. }
                if json && family(profile) == Family::Xml =>
            {
                let media_type = HeaderValue::from_static("application/json");
                return Ok((self.json_form(profile, documents)?, media_type));
            }
            Kind::One { profile, empty } => one(profile, empty, documents)?,
            Kind::Many { profile, list } => many(profile, list, documents, next)?,
        };
        Ok((body, self.media_type.clone()))
    }

    /// An answer whose parts are these documents; without any it is empty.
    fn multipart(
        &self,
        status: StatusCode,
        mut headers: HeaderMap,
        documents: &[&Document],
    ) -> Result<Reply, Failure> {
        if documents.is_empty() {
            headers.remove(CONTENT_TYPE);
            return Ok(Reply { status, headers, ..Reply::of(Bytes::new()) });
        }
        let Multipart { media_type, body } =
            multipart::parts(&boundary(), self.media_type.to_str().unwrap_or(FORM_DATA), documents)?;
        headers.insert(CONTENT_TYPE, media_type);
        Ok(Reply { status, headers, ..Reply::of(body) })
    }

    fn json_form(&self, profile: &Profile, documents: &[Document]) -> Result<Bytes, Failure> {
        let form = |document: &Document| {
            let form = to_json(tree(profile, document)?.get(), &profile.shape);
            let mut out = Vec::with_capacity(256);
            json::write(&form, &mut out);
            Ok(Bytes::from(out))
        };
        match (&self.kind, documents) {
            (Kind::Many { .. }, documents) => {
                let items = documents.iter().map(form).collect::<Result<Vec<_>, Failure>>()?;
                Ok(array(items.iter()))
            }
            (_, []) => Ok(Bytes::new()),
            (_, [document]) => form(document),
            (_, documents) => Err(too_many(documents.len())),
        }
    }
}

/// An answer with what goes beside it (RFC 2387).
fn with_attachments(mut reply: Reply, attachments: &[Document]) -> Result<Reply, Failure> {
    let own = reply.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let own = own.unwrap_or(BYTES).to_owned();
    let kind = own.split_once(';').map_or(own.as_str(), |(essence, _)| essence.trim_end());
    let root = Root { kind, info: "", action: "", content_type: &own, encoding: "binary", body: &reply.body };
    let Multipart { media_type, body } = multipart::related(&boundary(), &root, &[], attachments)?;
    reply.headers.insert(CONTENT_TYPE, media_type);
    Ok(Reply { body, coming: None, ..reply })
}

impl Kind {
    fn of(operation: &Operation, profile: &Arc<Profile>, many: bool) -> Self {
        let profile = Arc::clone(profile);
        if many {
            let name = format!("{}ResponseList", operation.object);
            return Self::Many { profile, list: Frame::document(NAMESPACE, &[&name]) };
        }
        // An answer in XML is never without a root.
        let empty = match family(&profile) {
            Family::Json | Family::File => Bytes::new(),
            Family::Xml => {
                let name = format!("{}Response", operation.object);
                let Frame { mut before, after, .. } = Frame::document(NAMESPACE, &[&name]);
                before.extend_from_slice(&after);
                Bytes::from(before)
            }
        };
        Self::One { profile, empty }
    }
}

fn family(profile: &Profile) -> Family {
    Family::of(&*profile.codec)
}

/// An answer that is empty on purpose.
fn nothing(status: StatusCode, headers: HeaderMap) -> Result<Reply, Failure> {
    if status.is_client_error() || status.is_server_error() {
        return Err(Failure::client(status, "nothing-found", "There is nothing to answer with."));
    }
    Ok(Reply { status, headers, ..Reply::of(Bytes::new()) })
}

/// The body of an answer that is one document, where it is still on its way.
fn on_its_way(documents: &[Document]) -> Option<Coming> {
    let [document] = documents else { return None };
    document.on_its_way().cloned()
}

/// Data: what several returns gave, one behind the other.
fn concatenated(documents: &[Document]) -> Bytes {
    match documents {
        [document] => document.bytes().clone(),
        documents => {
            let mut out = Vec::with_capacity(documents.iter().map(|d| d.bytes().len()).sum());
            for document in documents {
                out.extend_from_slice(document.bytes());
            }
            Bytes::from(out)
        }
    }
}

fn one(profile: &Profile, empty: &Bytes, documents: &[Document]) -> Result<Bytes, Failure> {
    match documents {
        [] => Ok(empty.clone()),
        [document] => {
            if document.parsed().is_some() || document.codec().is_some() {
                let tree = tree(profile, document)?;
                if family(profile) == Family::File && !is_of(profile, document) {
                    return file(profile, &[tree.get()]);
                }
            }
            Ok(document.bytes().clone())
        }
        documents => Err(too_many(documents.len())),
    }
}

/// Whether the document's bytes are as the profile writes them, not as another one of the format does.
fn is_of(profile: &Profile, document: &Document) -> bool {
    match (document.codec(), &profile.codec) {
        (Some(CodecRef::Made(own)), CodecRef::Made(wanted)) => Arc::ptr_eq(own, wanted),
        _ => true,
    }
}

/// A file with the records of these documents.
fn file(profile: &Profile, roots: &[&Element]) -> Result<Bytes, Failure> {
    let mut out = Vec::with_capacity(256 * roots.len());
    profile.codec.encode_list(roots, &mut out).map_err(|unwritable| {
        let log = format!("the output is of profile {}, which cannot hold it: {unwritable}", profile.name);
        Failure::internal("wrong-output", log)
    })?;
    Ok(Bytes::from(out))
}

fn many(
    profile: &Profile,
    list: &Frame,
    documents: &[Document],
    next: Option<&str>,
) -> Result<Bytes, Failure> {
    match family(profile) {
        Family::Json => {
            for document in documents {
                tree(profile, document)?;
            }
            return Ok(array(documents.iter().map(Document::bytes)));
        }
        Family::File => {
            let trees = documents.iter().map(|document| tree(profile, document));
            let trees = trees.collect::<Result<Vec<_>, Failure>>()?;
            return file(profile, &trees.iter().map(Tree::get).collect::<Vec<_>>());
        }
        Family::Xml => {}
    }
    let mut out = Vec::with_capacity(256 * documents.len() + list.before.len() + list.after.len());
    open_list(list, next, &mut out);
    for document in documents {
        write_element(tree(profile, document)?.get(), None, &mut out);
    }
    out.extend_from_slice(&list.after);
    Ok(Bytes::from(out))
}

fn array<'a>(items: impl Iterator<Item = &'a Bytes>) -> Bytes {
    let mut out = vec![b'['];
    for (at, item) in items.enumerate() {
        if at > 0 {
            out.push(b',');
        }
        out.extend_from_slice(item);
    }
    out.push(b']');
    Bytes::from(out)
}

pub(super) fn too_many(count: usize) -> Failure {
    let log = format!(
        "{count} documents were returned where the output is one; let one through, or say many=#true"
    );
    Failure::internal("too-many-documents", log)
}

/// A returned document's tree: its own, or one parsed for the answer.
pub(super) enum Tree<'a> {
    /// The document has it.
    Borrowed(&'a Element),
    /// The document was plain data.
    Parsed(Box<Element>),
}

impl Tree<'_> {
    /// The root.
    pub(super) fn get(&self) -> &Element {
        match self {
            Self::Borrowed(element) => element,
            Self::Parsed(element) => element,
        }
    }
}

/// The tree of a document that must be of the profile: of its format and with its root.
pub(super) fn tree<'a>(profile: &Profile, document: &'a Document) -> Result<Tree<'a>, Failure> {
    let wrong = |found: String| {
        let log = format!("the output is of profile {}, and the process returned {found}", profile.name);
        Failure::internal("wrong-output", log)
    };
    let tree = match document.codec() {
        Some(codec) if codec.format() != profile.codec.format() => {
            return Err(wrong(format!("a document in {}", codec.format())));
        }
        Some(_) => Tree::Borrowed(document.tree().map_err(|m| wrong(format!("what cannot be read: {m}")))?),
        None => {
            let parsed = profile.codec.decode(document.bytes(), &Default::default());
            Tree::Parsed(Box::new(parsed.map_err(|m| wrong(format!("what cannot be read: {m}")))?))
        }
    };
    if family(profile) != Family::Json && !is_named(tree.get(), &profile.shape) {
        return Err(wrong(format!("a document with the root {}", tree.get().name)));
    }
    Ok(tree)
}
