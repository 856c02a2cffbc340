//! What a POST says: envelope, version, action, and the entry that its body belongs to.

use std::sync::Arc;

use compact_str::CompactString;
use hyper::StatusCode;

use super::super::parts;
use super::attachments::{self, is_spoken};
use super::rpc::NAMESPACE as RPC;
use super::{Entry, Service, headers, more};
use crate::document::codec::Codec;
use crate::document::text::to_utf8;
use crate::document::tree::{Element, Name};
use crate::pipeline::endpoint::{MediaType, Request};
use crate::pipeline::failure::{Failure, SoapCondition};
use crate::pipeline::fits::{Sent, VIOLATIONS, fits};
use crate::pipeline::parts::documents;
use crate::pipeline::step::Documents;
use crate::schema::{Format, Shape, validate};
use crate::soap::encoded;
use crate::soap::encoding::ENCODING_12;
use crate::soap::envelope::{Message, Refused, take};
use crate::soap::packed::{binding, unpack};
use crate::soap::xop::inline;
use crate::soap::{Inbound, Version};
use crate::source::nearest;
use crate::wsdl::Style;
use crate::xml::XML;

/// A message that may run.
pub(super) struct Received {
    pub(super) entry: usize,
    pub(super) body: Option<Element>,
    pub(super) attachments: Documents,
    pub(super) soap: Inbound,
    /// The token of the page that is asked for, where that is all.
    pub(super) more: Option<CompactString>,
}

/// The version to answer in: that of the envelope where its namespace is near the start, else that of the media type.
pub(super) fn version_of(request: &Request) -> Version {
    let start = request.body.get(..request.body.len().min(2048)).unwrap_or_default();
    let first = |version: Version| memchr::memmem::find(start, version.namespace().as_bytes());
    match (first(Version::V11), first(Version::V12)) {
        (Some(a), Some(b)) if b < a => Version::V12,
        (None, Some(_)) => Version::V12,
        (Some(_), _) => Version::V11,
        (None, None) => {
            let media = request.content_type();
            media.and_then(|media| spoken(&media)).unwrap_or(Version::V11)
        }
    }
}

/// The version of a media type, or of the envelope in a body of that type.
fn spoken(media: &MediaType) -> Option<Version> {
    let inner = |name| media.parameter(name).and_then(MediaType::parse).and_then(|inner| binding(&inner));
    binding(media).or_else(|| inner("start-info")).or_else(|| inner("type"))
}

impl Service {
    /// Reads a message up to the point where it may run: nothing has happened before that.
    pub(super) fn receive(&self, request: &Request) -> Result<Received, Failure> {
        let media = request.content_type();
        let packed = unpack(&request.body, media.as_ref(), &request.limits).map_err(attachments::refused)?;
        let binding = match &packed {
            Some(packed) => packed.version,
            None => media_type(request, media.as_ref())?,
        };
        let (media, body) = match &packed {
            Some(packed) => (Some(packed.media.clone()), packed.envelope.clone()),
            None => (media, request.body.clone()),
        };
        let charset = media.as_ref().and_then(|media| media.parameter("charset"));
        if body.is_empty() {
            let message = "The request has no body. Send a SOAP envelope.";
            return Err(Failure::missing(message));
        }
        let bytes = to_utf8(body, charset).map_err(|m| Failure::malformed(&m))?;
        let mut root = XML.decode(&bytes, &request.limits).map_err(|m| Failure::malformed(&m))?;
        let beside = inline(&mut root, &bytes, packed.as_ref()).map_err(attachments::refused)?;
        let attachments = documents(beside, request.limits).map_err(|why| parts::refused(&why))?;
        // Behind the header, when there is one.
        let at = root.elements().take_while(|child| child.name.local != "Body").count();
        let mut message = take(root, &self.versions, &self.roles).map_err(|refusal| self.refused(refusal))?;
        self.agree(binding, message.version)?;
        let action = action(request, media.as_ref(), message.version);
        let (entry, compiled) = self.dispatch(&message, action.as_deref())?;
        compiled.operation.admit(request.user.as_deref())?;
        self.compare_action(entry, compiled, action.as_deref())?;
        let refused = |refusal| self.refused(refusal);
        message.check_encodings(&compiled.processed).map_err(refused)?;
        let decodes = (compiled.is_rpc || self.given.is_some()) && message.is_encoded;
        let names_part = |address: &str| packed.as_ref().is_some_and(|packed| packed.names(address));
        let body = message.take_body(decodes, &request.limits, &names_part);
        let mut body = body.map_err(refused)?;
        let asked = body.as_ref().and_then(|body| compiled.asked_for_more(body));
        let shape = asked.map(|asked| &asked.shape).or(compiled.request.as_ref());
        if let (Some(shape), Some(body)) = (shape, &mut body) {
            // What was put in place of references has no line of its own.
            let sent = Sent { codec: &XML, body: &bytes, way: &[at, 0] };
            compiled.check(body, shape, (!decodes).then_some(&sent))?;
        }
        let more = asked.and(body.as_ref()).map(more::token);
        if more.is_none() {
            headers::check(&compiled.operation.headers, &message.blocks, &bytes)?;
        }
        let speaks_mtom = is_spoken(packed.as_ref(), request);
        let processed = Arc::clone(&compiled.processed);
        let soap = Inbound {
            version: message.version,
            action,
            blocks: message.blocks,
            processed,
            is_encoded: decodes,
            speaks_mtom,
        };
        Ok(Received { entry, body, attachments, soap, more })
    }

    /// The entry that the message is for, and that it processes all that must be understood: nothing else is told of a
    /// message otherwise (SOAP 1.2 part 1, section 2.6).
    fn dispatch(&self, message: &Message, action: Option<&str>) -> Result<(usize, &Entry), Failure> {
        let found = self.entry_of(message.root(), action);
        let asks_for_more =
            |entry: &Entry| message.root().is_some_and(|body| entry.asked_for_more(body).is_some());
        let missed = message.not_understood(|name| match &found {
            // Who asks for a further page calls nothing: what the operation declares is not looked at.
            Ok((_, entry)) if asks_for_more(entry) => self.understands.contains(name),
            Ok((_, entry)) => entry.processed.contains(name),
            Err(_) => self.entries.iter().any(|entry| entry.processed.contains(name)),
        });
        if missed.is_empty() { found } else { Err(not_understood(&missed)) }
    }

    /// The entry that the body belongs to, by the name of its child; of several, by the action.
    fn entry_of(&self, body: Option<&Element>, action: Option<&str>) -> Result<(usize, &Entry), Failure> {
        let at = |index: usize| self.entries.get(index).map(|entry| (index, entry));
        let Some(body) = body else {
            return self.by_nothing.and_then(at).ok_or_else(|| {
                unknown("The Body is empty, and no operation here is called that way.".to_owned())
            });
        };
        let candidates = self.by_body.get(&body.name.local).map(Vec::as_slice).unwrap_or_default();
        let is = |(_, entry): &(usize, &Entry)| {
            let shape = entry.request.as_ref();
            shape.is_some_and(|shape| shape.namespace.as_deref() == body.name.namespace.as_deref())
        };
        let mut fitting = candidates.iter().filter_map(|index| at(*index)).filter(is);
        let meant = action.and_then(|action| {
            let by_action = self.by_action.get(action);
            let is_it = |(at, entry): &(usize, &Entry)| by_action == Some(at) || entry.action == action;
            fitting.clone().find(is_it)
        });
        let found = meant.or_else(|| fitting.next());
        found.or_else(|| self.more_of(body)).ok_or_else(|| self.unknown_body(body))
    }

    /// The media type and the envelope must speak of one version.
    fn agree(&self, binding: Option<Version>, version: Version) -> Result<(), Failure> {
        let message = match (binding, version) {
            (Some(Version::V12), Version::V11) => {
                let message = "The content type is that of SOAP 1.2, the envelope that of SOAP 1.1.";
                return Err(self.wrong_version(message.to_owned()));
            }
            (Some(Version::V11), Version::V12) => "A SOAP 1.2 envelope is sent as application/soap+xml.",
            _ => return Ok(()),
        };
        Err(Failure::client(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", message))
    }

    fn wrong_version(&self, message: String) -> Failure {
        let failure = Failure::client(StatusCode::INTERNAL_SERVER_ERROR, "version-mismatch", message);
        failure.soap(SoapCondition::VersionMismatch(self.versions.clone()))
    }

    fn refused(&self, refused: Refused) -> Failure {
        match refused {
            Refused::Grammar(message) => {
                let message = format!("The envelope is not right: {message}.");
                Failure::client(StatusCode::BAD_REQUEST, "bad-envelope", message)
            }
            Refused::VersionMismatch(message) => {
                self.wrong_version(format!("The SOAP version is not right: {message}."))
            }
            Refused::Encoding(message) => {
                let message = format!("The body cannot be read: {message}.");
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                Failure::client(status, "encoding-style", message).soap(SoapCondition::DataEncodingUnknown)
            }
            Refused::Encoded(code, message) => {
                let message = format!("The body is not encoded as it should be: {message}.");
                Failure::client(StatusCode::BAD_REQUEST, "bad-encoding", message).subcode(ENCODING_12, code)
            }
        }
    }

    fn unknown_body(&self, body: &Element) -> Failure {
        let found = short(&body.name.to_string(), LONGEST_NAME);
        let mut message = format!("No operation here has a body of {found}.");
        // What not everybody may call is not told to everybody.
        let open = self.entries.iter().filter(|entry| entry.operation.roles.is_none());
        let known = open.filter_map(|entry| entry.request.as_ref());
        let local = short(&body.name.local, 80);
        if let Some(near) = nearest(&local, known.clone().map(|shape| shape.name.as_str()))
            && let Some(shape) = known.clone().find(|shape| shape.name == near)
        {
            let name = match &shape.namespace {
                Some(namespace) => format!("{{{namespace}}}{near}"),
                None => format!("{near} in no namespace"),
            };
            message.push_str(&format!(" Did you mean {name}?"));
        }
        let failure = unknown(message);
        if self.style == Style::Rpc { failure.subcode(RPC, "ProcedureNotPresent") } else { failure }
    }

    /// An action must not name another operation than the body does, or a gateway in front that looks at actions could
    /// be deceived. An action that is none of ours says nothing.
    fn compare_action(&self, entry: usize, compiled: &Entry, action: Option<&str>) -> Result<(), Failure> {
        let other = action
            .filter(|action| *action != compiled.action)
            .and_then(|action| self.by_action.get(action))
            .and_then(|other| self.entries.get(*other).filter(|_| *other != entry));
        let Some(other) = other else { return Ok(()) };
        let message = format!("The action is that of {}, the body that of {}.", other.name, compiled.name);
        Err(Failure::client(StatusCode::BAD_REQUEST, "action-mismatch", message))
    }
}

impl Entry {
    /// Checks a body against its shape; one that was decoded, and so has no place where it was sent, is made to fit first.
    fn check(&self, body: &mut Element, shape: &Shape, sent: Option<&Sent<'_>>) -> Result<(), Failure> {
        if sent.is_none() {
            encoded::fit(body, shape).map_err(|why| {
                let message = format!("The body is not encoded as it should be: {why}.");
                bad_arguments(Failure::client(StatusCode::BAD_REQUEST, "bad-encoding", message))
            })?;
        }
        let checked = fits(validate(body, shape, Format::Xml, VIOLATIONS), sent);
        checked.map_err(|failure| if self.is_rpc { bad_arguments(failure) } else { failure })
    }
}

/// The arguments of an rpc call are not those of its operation (SOAP 1.2 part 2, section 4.4).
fn bad_arguments(failure: Failure) -> Failure {
    failure.subcode(RPC, "BadArguments")
}

fn unknown(message: String) -> Failure {
    Failure::client(StatusCode::BAD_REQUEST, "unknown-operation", message)
}

/// The version that the media type is for; `None` without a media type, which old clients leave out.
fn media_type(request: &Request, media: Option<&MediaType>) -> Result<Option<Version>, Failure> {
    let found = match media {
        Some(media) => match binding(media) {
            Some(version) => return Ok(Some(version)),
            None => media.essence.as_str(),
        },
        None if request.headers.contains_key(hyper::header::CONTENT_TYPE) => "none that can be read",
        None => return Ok(None),
    };
    let found = short(found, 60);
    let message = format!(
        "The content type is {found}; SOAP 1.1 is sent as text/xml, SOAP 1.2 as application/soap+xml."
    );
    Err(Failure::client(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", message))
}

/// The action: 1.1 has a header field for it, quoted or, from careless clients, not; 1.2 a parameter.
fn action(request: &Request, media: Option<&MediaType>, version: Version) -> Option<CompactString> {
    let text = match version {
        Version::V11 => request.header("soapaction")?,
        Version::V12 => media?.parameter("action")?,
    };
    let text = text.trim();
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    (!text.is_empty()).then(|| text.into())
}

/// A text of the sender with so many characters at most.
fn short(text: &str, longest: usize) -> String {
    text.chars().take(longest).collect()
}

/// Header blocks that a fault names: a message may hold very many.
const NAMED_BLOCKS: usize = 10;

/// Characters of a block's name in the sentence; where faults have a block for it, it stands there whole.
const LONGEST_NAME: usize = 120;

fn not_understood(names: &[Name]) -> Failure {
    let (shown, rest) = names.split_at_checked(NAMED_BLOCKS).unwrap_or((names, &[]));
    let listed: Vec<String> = shown.iter().map(|name| short(&name.to_string(), LONGEST_NAME)).collect();
    let mut listed = listed.join(", ");
    if !rest.is_empty() {
        listed.push_str(&format!(" and {} more", rest.len()));
    }
    let message = format!("Header blocks that must be understood are not: {listed}.");
    let pair =
        |name: &Name| (name.namespace.as_deref().unwrap_or_default().to_owned(), name.local.to_string());
    let blocks = shown.iter().map(pair).collect();
    Failure::client(StatusCode::INTERNAL_SERVER_ERROR, "must-understand", message)
        .soap(SoapCondition::MustUnderstand(blocks))
}
