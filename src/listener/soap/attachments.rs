//! Messages of several parts: the envelope with its attachments (SwA), and data that came in parts of its own put back
//! into the envelope (MTOM, XOP).

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use compact_str::CompactString;
use hyper::StatusCode;
use hyper::header::ACCEPT;
use memchr::memmem;

use super::super::accept::accepted;
use super::super::parts;
use super::receive::binding;
use crate::document::tree::{Content, Element, Node};
use crate::mime::{MediaType, Part, Refused, reference};
use crate::pipeline::endpoint::Request;
use crate::pipeline::failure::Failure;
use crate::pipeline::step::Documents;
use crate::soap::Version;

/// The namespace of `Include` (XOP, section 2.1).
pub(super) const XOP: &str = "http://www.w3.org/2004/08/xop/include";

/// The media type of an envelope whose data stands in other parts (XOP, section 4.1).
pub(super) const XOP_TYPE: &str = "application/xop+xml";

/// Bytes of data that may be put into any envelope. Of a larger message it may be twice what was sent: several elements
/// may share a part, and a small message must not become a huge one that way. Each use counts, whatever it holds.
const ALWAYS: usize = 1 << 20;

/// A message of several parts.
pub(super) struct Packed {
    /// The media type of the envelope, with the parameters that say its character set and action.
    pub(super) media: MediaType,
    /// The version that the media types speak of; `None` where they count for nothing: clients say 1.1 there, whatever
    /// they send, because their library knows no other.
    pub(super) version: Option<Version>,
    /// The envelope.
    pub(super) envelope: Bytes,
    /// Whether data stands in other parts.
    is_xop: bool,
    others: Vec<Part>,
}

/// Takes a multipart message apart; `None` for any other.
///
/// # Errors
/// Its parts cannot be read, or none of them is an envelope.
pub(super) fn unpack(request: &Request, media: Option<&MediaType>) -> Result<Option<Packed>, Failure> {
    let Some(outer) = media.filter(|media| media.essence == "multipart/related") else { return Ok(None) };
    let mut others = parts::parts(request, outer)?;
    distinct(&others)?;
    let root = match outer.parameter("start").map(str::trim).filter(|start| !start.is_empty()) {
        // Without one it is the first (RFC 2387, section 3.2).
        None => 0,
        Some(start) => {
            let id = start.trim_start_matches('<').trim_end_matches('>');
            let found = others.iter().position(|part| part.id() == Some(id));
            found.ok_or_else(|| unfit("the part that `start` names is not in it"))?
        }
    };
    if root >= others.len() {
        return Err(unfit("it has no parts"));
    }
    let root = others.remove(root);
    let envelope = root.content().map_err(|why| parts::refused(&why))?;
    let outer_type = outer.parameter("type").and_then(MediaType::parse);
    let own = root.media_type().or_else(|| outer_type.clone());
    let own = own.ok_or_else(|| unfit("its first part does not say what it is"))?;
    let is_xop = [Some(&own), outer_type.as_ref()].into_iter().flatten().any(|m| m.essence == XOP_TYPE);
    let info = [outer.parameter("start-info"), own.parameter("type")];
    let info: Vec<MediaType> = info.into_iter().flatten().filter_map(MediaType::parse).collect();
    let version = binding(&own);
    if version.is_none() && !is_xop {
        return Err(no_envelope(&own));
    }
    // Some say the action beside the type of the whole, some within that of the envelope.
    let action = [outer, &own].into_iter().chain(&info).find_map(|media| media.parameter("action"));
    let action = action.map(|action| (CompactString::from("action"), action.into()));
    let charset = own.parameter("charset").map(|charset| (CompactString::from("charset"), charset.into()));
    let parameters = action.into_iter().chain(charset).collect();
    let media = MediaType { essence: own.essence.clone(), parameters };
    Ok(Some(Packed { media, version, envelope, is_xop, others }))
}

impl Packed {
    /// Whether an address names one of the parts beside the envelope.
    pub(super) fn names(&self, address: &str) -> bool {
        reference(address).is_some_and(|id| self.others.iter().any(|part| part.id() == Some(id.as_str())))
    }
}

/// A part is found by its id, which must therefore be its own.
fn distinct(parts: &[Part]) -> Result<(), Failure> {
    let mut ids: Vec<&str> = parts.iter().filter_map(Part::id).collect();
    ids.sort_unstable();
    match ids.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
        true => Err(unfit("two of its parts have one Content-ID")),
        false => Ok(()),
    }
}

fn unfit(message: &str) -> Failure {
    parts::refused(&Refused::Malformed(message.to_owned()))
}

fn no_envelope(media: &MediaType) -> Failure {
    let found: String = media.essence.chars().take(60).collect();
    let message = format!(
        "The envelope's part is {found}; it is sent as text/xml (SOAP 1.1), application/soap+xml (SOAP 1.2) or {XOP_TYPE}."
    );
    Failure::client(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", message)
}

/// Puts data that came in other parts into the envelope, and gives the parts that nothing refers to. `text` is what the
/// envelope was read from, `packed` what it came in.
///
/// # Errors
/// An `Include` is not as it must be, or stands where none may.
pub(super) fn inline(
    root: &mut Element,
    text: &[u8],
    packed: Option<&Packed>,
    request: &Request,
) -> Result<Documents, Failure> {
    let mentions = || memmem::find(text, XOP.as_bytes()).is_some();
    let Some(packed) = packed else {
        return if mentions() && has_include(root) { Err(outside()) } else { Ok(Documents::new()) };
    };
    let mut used = vec![false; packed.others.len()];
    if packed.is_xop {
        let ids = packed.others.iter().enumerate().filter_map(|(at, part)| Some((part.id()?, at)));
        let most = request.body.len().saturating_mul(2).max(ALWAYS);
        let contents = vec![None; packed.others.len()];
        let parts = &packed.others;
        let mut inlining = Inlining { parts, by_id: ids.collect(), contents, left: most, most };
        inlining.element(root)?;
        used = inlining.contents.iter().map(Option::is_some).collect();
    } else if mentions() && has_include(root) {
        return Err(outside());
    }
    let rest = packed.others.iter().zip(&used).filter(|(_, used)| !**used).map(|(part, _)| part);
    parts::documents(rest, request)
}

fn is_include(element: &Element) -> bool {
    element.name.is(XOP, "Include")
}

/// Whether an `Include` stands in it.
pub(super) fn has_include(element: &Element) -> bool {
    is_include(element) || element.elements().any(has_include)
}

fn outside() -> Failure {
    bad_include("an Include stands in a message that is not application/xop+xml")
}

fn bad_include(why: &str) -> Failure {
    let message = format!("The message cannot be put together: {why}.");
    Failure::client(StatusCode::BAD_REQUEST, "bad-include", message)
}

/// What is put back into an envelope.
struct Inlining<'a> {
    parts: &'a [Part],
    by_id: HashMap<&'a str, usize>,
    /// The bytes of the parts that were used, decoded once.
    contents: Vec<Option<Bytes>>,
    /// Bytes that may still be put in.
    left: usize,
    most: usize,
}

impl Inlining<'_> {
    /// Replaces what stands in an element (XOP, section 3.2).
    fn element(&mut self, element: &mut Element) -> Result<(), Failure> {
        if is_include(element) {
            return Err(bad_include("an Include stands beside other content"));
        }
        let (Content::Children(nodes) | Content::Items(nodes)) = &mut element.content else { return Ok(()) };
        if let Some(include) = only_include(nodes) {
            element.content = self.data(include)?;
            return Ok(());
        }
        nodes.iter_mut().try_for_each(|node| match node {
            Node::Element(child) => self.element(child),
            Node::Text(_) => Ok(()),
        })
    }

    /// The content of the part that an `Include` names.
    fn data(&mut self, include: &Element) -> Result<Content, Failure> {
        let address = include.attribute("href").ok_or_else(|| bad_include("an Include has no href"))?;
        let id =
            reference(address).ok_or_else(|| bad_include("an Include refers to what is no cid: address"))?;
        let at = self.by_id.get(id.as_str()).copied();
        let missing = || bad_include("an Include refers to a part that is not in the message");
        let at = at.ok_or_else(missing)?;
        let part = self.parts.get(at).ok_or_else(missing)?;
        let known = self.contents.get_mut(at).ok_or_else(missing)?;
        let bytes = match known {
            Some(bytes) => bytes,
            None => known.insert(part.content().map_err(|why| parts::refused(&why))?),
        };
        let weight = part.body.len().max(bytes.len()).max(1);
        self.left = self.left.checked_sub(weight).ok_or_else(|| {
            let message = format!("The message refers to more than {} bytes in its parts.", self.most);
            Failure::client(StatusCode::PAYLOAD_TOO_LARGE, "limit-passed", message)
        })?;
        match bytes.is_empty() {
            true => Ok(Content::Empty),
            false => Ok(Content::Text(STANDARD.encode(bytes).into())),
        }
    }
}

/// The `Include` that stands alone among these; white space around it counts for nothing.
fn only_include(nodes: &[Node]) -> Option<&Element> {
    let mut found = None;
    for node in nodes {
        match node {
            Node::Element(element) if found.is_none() && is_include(element) => found = Some(element),
            Node::Text(text) if text.trim_ascii().is_empty() => {}
            _ => return None,
        }
    }
    found
}

/// Whether the sender reads data in parts of its own: it sent some so, or says so.
pub(super) fn is_spoken(packed: Option<&Packed>, request: &Request) -> bool {
    if packed.is_some_and(|packed| packed.is_xop) {
        return true;
    }
    let mut lines = request.headers.get_all(ACCEPT).iter();
    if !lines.any(|line| memmem::find(line.as_bytes(), b"xop+xml").is_some()) {
        return false;
    }
    let accept = accepted(&request.headers).unwrap_or_default();
    let wanted = |media: MediaType| {
        media.essence == "multipart/related"
            && media.parameter("type") == Some(XOP_TYPE)
            && media.parameter("q").is_none_or(|q| !q.trim_matches(['0', '.']).is_empty())
    };
    accept.split(',').filter_map(MediaType::parse).any(wanted)
}
