//! How the body of a plain HTTP request becomes the documents of an operation: decoded once, checked, split.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use hyper::{Method, StatusCode};
use memchr::memmem;

use super::common::{NAMESPACE, holder, into_elements};
use super::fields::{FORM, Fields};
use super::parts::refused;
use crate::document::Document;
use crate::document::codec::{Codec, CodecRef, Malformed};
use crate::document::family::Family;
use crate::document::json::JSON;
use crate::document::text::{overruled, to_utf8};
use crate::document::tree::{Content, Element};
use crate::mime::{self, FORM_DATA};
use crate::pipeline::endpoint::{MediaType, Request};
use crate::pipeline::failure::Failure;
use crate::pipeline::fits::{Sent, VIOLATIONS, fits};
use crate::pipeline::operation::{Io, Operation};
use crate::pipeline::parts::documents;
use crate::pipeline::published::Form;
use crate::pipeline::step::Documents;
use crate::schema::json_form::{json_shape, to_xml};
use crate::schema::{Format, Occurs, Shape, ShapeKind, Violation, validate};
use crate::xml::uncarried_in;

/// How the requests of one operation are read.
#[derive(Debug)]
pub(super) enum Reader {
    /// There is no body.
    None,
    /// The body is not looked into.
    Data,
    /// The body has parts, which are the documents.
    Multipart,
    /// The body is of a profile.
    Profile(Box<Profiled>),
}

/// A profile's documents, alone or as a list.
#[derive(Debug)]
pub(super) struct Profiled {
    codec: CodecRef,
    family: Family,
    /// One document.
    record: Arc<Shape>,
    /// The whole body: the document, or the list.
    whole: Shape,
    many: bool,
    /// Whether the format itself is spoken.
    own: bool,
    /// The body in the JSON form of XML, where it is spoken.
    json: Option<Shape>,
    /// The fields of a form, where they are read.
    fields: Option<Fields>,
    /// Whether a body may come without saying what it is.
    liberal: bool,
}

/// The shape of a list of documents in XML: any number of them in `<Object>List`.
pub(super) fn list(name: &str, namespace: Option<&str>, record: &Shape) -> Shape {
    let any = Occurs { min: 0, max: None };
    holder(name, namespace, vec![Shape { occurs: any, ..record.clone() }])
}

/// The same in JSON: an array.
fn array(record: Shape) -> Shape {
    let item = Box::new(Shape { occurs: Occurs { min: 0, max: None }, ..record });
    Shape { kind: ShapeKind::Items(item), ..holder("", None, Vec::new()) }
}

/// One document of a shape as JSON has it: the shape itself, or the JSON form of XML.
fn as_json(family: Family, record: &Shape) -> Option<Cow<'_, Shape>> {
    match family {
        Family::Xml => Some(Cow::Owned(json_shape(record))),
        Family::Json => Some(Cow::Borrowed(record)),
        Family::File => None,
    }
}

/// Whether the fields of a form can say a document of an input.
pub(super) fn is_flat(input: &Io) -> bool {
    let Io::Profile { profile, many: false, .. } = input else { return false };
    let json = as_json(Family::of(&*profile.codec), &profile.shape);
    json.is_some_and(|shape| Fields::of(&shape).is_some())
}

impl Reader {
    /// For an operation whose input is read in these forms. `liberal`: a body need not say what it is.
    pub(super) fn new(operation: &Operation, forms: &[Form], liberal: bool) -> Self {
        let (profile, many) = match &operation.input {
            Io::None => return Self::None,
            Io::Data { .. } => return Self::Data,
            Io::Multipart { .. } => return Self::Multipart,
            Io::Profile { profile, many, .. } => (profile, *many),
        };
        let family = Family::of(&*profile.codec);
        let record = &profile.shape;
        let whole = match (many, family) {
            // A file is a list itself.
            (false, _) | (_, Family::File) => Shape::clone(record),
            (true, Family::Xml) => list(&format!("{}List", operation.object), None, record),
            (true, Family::Json) => array(Shape::clone(record)),
        };
        let json = (forms.contains(&Form::Json) && family == Family::Xml).then(|| {
            let form = json_shape(record);
            if many { array(form) } else { form }
        });
        let fields = forms.contains(&Form::Fields).then(|| Fields::of(&*as_json(family, record)?)).flatten();
        Self::Profile(Box::new(Profiled {
            codec: profile.codec.clone(),
            family,
            record: Arc::clone(record),
            whole,
            many,
            own: forms.contains(&Form::Own),
            json,
            fields,
            liberal,
        }))
    }

    /// The documents in the body. Without an input there is one, and it is empty; a body is `unwanted` then.
    pub(super) fn read(&self, request: &Request, unwanted: fn() -> Failure) -> Result<Documents, Failure> {
        match self {
            Self::None if request.body.is_empty() => Ok(vec![Document::empty()]),
            Self::None => Err(unwanted()),
            Self::Data => Ok(vec![match &request.coming {
                Some(coming) => Document::coming(coming.clone()),
                None => Document::data(request.body.clone()),
            }]),
            Self::Multipart => multipart(request),
            Self::Profile(profiled) => profiled.read(request),
        }
    }
}

/// A document for each part of the body.
fn multipart(request: &Request) -> Result<Documents, Failure> {
    let media = request.content_type().filter(MediaType::is_multipart);
    let Some(media) = media else {
        let found: String = request.header("content-type").unwrap_or("none").chars().take(60).collect();
        let message = format!("The content type is {found}; this operation reads {FORM_DATA}.");
        return Err(Failure::client(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", message));
    };
    let parts = mime::parts(&request.body, &media, &request.limits);
    let documents = parts.and_then(|parts| documents(&parts, request.limits));
    documents.map_err(|why| refused(&why))
}

/// The whole body.
fn sent<'a>(codec: &'a dyn Codec, body: &'a [u8]) -> Sent<'a> {
    Sent { codec, body, way: &[] }
}

/// A body was sent to an operation that takes none, which has methods with and without one.
pub(super) fn no_body_by_method() -> Failure {
    let message = "This operation takes no body. Send a GET request, or a POST request without a body.";
    let mut failure = Failure::client(StatusCode::METHOD_NOT_ALLOWED, "body-not-allowed", message);
    failure.allow = Some(Method::GET.to_string());
    failure
}

/// A body was sent to an operation that takes none, under a method that is right.
pub(super) fn no_body() -> Failure {
    let message = "This operation takes no body. Send the same request without one.";
    Failure::client(StatusCode::BAD_REQUEST, "body-not-allowed", message)
}

impl Profiled {
    fn read(&self, request: &Request) -> Result<Documents, Failure> {
        let media = request.content_type();
        let form = self.form(media.as_ref(), request)?;
        if request.body.is_empty() {
            let message = "The request has no body, and this operation needs a document.";
            return Err(Failure::missing(message));
        }
        if let (Form::Fields, Some(fields)) = (form, &self.fields) {
            return self.fields(fields, request);
        }
        let charset = media.as_ref().and_then(|media| media.parameter("charset"));
        let (body, overruled) = self.decoded(request, charset).map_err(|m| Failure::malformed(&m))?;
        match &self.json {
            Some(shape) if form == Form::Json => self.json_form(&body, shape, request),
            _ if self.many => self.split(&body, overruled, request),
            _ => {
                let document = Document::encoded(body.clone(), self.codec.clone(), request.limits);
                let root = document.tree().map_err(|m| Failure::malformed(&m))?;
                fits(
                    validate(root, &self.whole, self.family.rules(), VIOLATIONS),
                    Some(&sent(&*self.codec, &body)),
                )?;
                Ok(vec![if overruled { self.own(root.clone())? } else { document }])
            }
        }
    }

    /// The body for the codec, and whether its character set is another than the profile's: the media type's holds.
    fn decoded(&self, request: &Request, charset: Option<&str>) -> Result<(Bytes, bool), Malformed> {
        match (self.codec.charset(), charset) {
            (None, _) => to_utf8(request.body.clone(), charset).map(|body| (body, false)),
            (Some(profile), Some(named)) => {
                let other = overruled(&request.body, named, profile)?;
                Ok((other.clone().unwrap_or_else(|| request.body.clone()), other.is_some()))
            }
            (Some(_), None) => Ok((request.body.clone(), false)),
        }
    }

    /// A document in the profile's own character set.
    fn own(&self, root: Element) -> Result<Document, Failure> {
        Document::written(root, self.codec.clone()).map_err(|unwritable| {
            let message = format!("The document cannot be taken as its profile has it: {unwritable}.");
            Failure::client(StatusCode::UNPROCESSABLE_ENTITY, "invalid-document", message)
        })
    }

    /// The form that the body says it is in.
    fn form(&self, media: Option<&MediaType>, request: &Request) -> Result<Form, Failure> {
        let Some(media) = media else {
            let silent = !request.headers.contains_key(hyper::header::CONTENT_TYPE);
            return if self.liberal && silent { Ok(Form::Own) } else { Err(self.wrong_type("none")) };
        };
        if self.own && self.family.takes(&*self.codec, media) {
            Ok(Form::Own)
        } else if self.json.is_some() && media.is_json() {
            Ok(Form::Json)
        } else if self.fields.is_some() && media.essence == FORM {
            Ok(Form::Fields)
        } else {
            Err(self.wrong_type(&media.essence))
        }
    }

    fn wrong_type(&self, found: &str) -> Failure {
        let own: &[&str] = match self.family {
            Family::Xml if self.json.is_some() => &["application/xml"],
            Family::Xml => &["application/xml", "text/xml"],
            Family::Json => &["application/json"],
            Family::File => self.codec.media_types(),
        };
        let mut accepted: Vec<&str> = if self.own { own.to_vec() } else { Vec::new() };
        accepted.extend(self.json.is_some().then_some("application/json"));
        accepted.extend(self.fields.is_some().then_some(FORM));
        let accepted = accepted.join(" or ");
        let found: String = found.chars().take(60).collect();
        let message = format!("The content type is {found}; this operation reads {accepted}.");
        Failure::client(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", message)
    }

    /// A list: one document each.
    fn split(&self, body: &Bytes, overruled: bool, request: &Request) -> Result<Documents, Failure> {
        let mut root = self.codec.decode(body, &request.limits).map_err(|m| Failure::malformed(&m))?;
        // Lists are answered in the namespace of wrappers, so they are read in it too.
        if self.family == Family::Xml && root.name.namespace.as_deref() == Some(NAMESPACE) {
            root.name.namespace = None;
        }
        let rules = self.family.rules();
        let listed = self.family == Family::File && self.codec.is_list(&root);
        if !listed {
            fits(validate(&root, &self.whole, rules, VIOLATIONS), Some(&sent(&*self.codec, body)))?;
        }
        let documents = match self.family {
            Family::File => self.codec.split(root, &request.limits).map_err(|m| Failure::malformed(&m))?,
            Family::Xml | Family::Json => into_elements(root).collect(),
        };
        let document = |element: Element| {
            if listed {
                fits(validate(&element, &self.record, rules, VIOLATIONS), None)?;
            }
            if overruled { self.own(element) } else { Ok(Document::tree_of(element, self.codec.clone())) }
        };
        documents.into_iter().map(document).collect()
    }

    /// The JSON form of XML: checked as JSON, so that its errors have places in what was sent, and then as XML.
    fn json_form(&self, body: &Bytes, shape: &Shape, request: &Request) -> Result<Documents, Failure> {
        let root = JSON.decode(body, &request.limits).map_err(|m| Failure::malformed(&m))?;
        fits(validate(&root, shape, Format::Json, VIOLATIONS), Some(&sent(&JSON, body)))?;
        let records: Vec<Element> = match root.content {
            Content::Items(_) if self.many => into_elements(root).collect(),
            _ => vec![root],
        };
        // What XML cannot hold comes as an escape, or is one of two characters that begin with these bytes.
        let suspect = memmem::find(body, b"\\u").is_some() || memmem::find(body, b"\xEF\xBF").is_some();
        records.into_iter().map(|record| self.of_json(record, suspect)).collect()
    }

    /// A document of XML from its JSON form; `suspect` where something may be in it that XML cannot hold.
    fn of_json(&self, record: Element, suspect: bool) -> Result<Document, Failure> {
        let element = to_xml(record, &self.record);
        if let Some((path, why)) = suspect.then(|| uncarried_in(&element)).flatten() {
            let message = why.into_owned();
            fits(vec![Violation { path, message, way: Vec::new(), line: None }], None)?;
        }
        fits(validate(&element, &self.record, Format::Xml, VIOLATIONS), None)?;
        Ok(Document::tree_of(element, self.codec.clone()))
    }

    /// The fields of a form, as the document that they say in JSON.
    fn fields(&self, fields: &Fields, request: &Request) -> Result<Documents, Failure> {
        let root = fields.read(&request.body, &request.limits)?;
        fits(validate(&root, &fields.shape, Format::Json, VIOLATIONS), None)?;
        match self.family {
            Family::Xml => Ok(vec![self.of_json(root, true)?]),
            Family::Json | Family::File => Ok(vec![Document::tree_of(root, self.codec.clone())]),
        }
    }
}
