//! Data that came in parts of its own put back into the envelope (XOP, section 3.2).

use std::collections::HashMap;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use memchr::memmem;

use super::packed::{Packed, Refused};
use crate::document::tree::{Content, Element, Node};
use crate::mime::{Part, reference};

/// The namespace of `Include` (XOP, section 2.1).
pub const XOP: &str = "http://www.w3.org/2004/08/xop/include";

/// Finds it in the text of an envelope: made once, since beginning such a search takes longer than a small envelope does.
static MENTION: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(XOP));

/// The media type of an envelope whose data stands in other parts (XOP, section 4.1).
pub const XOP_TYPE: &str = "application/xop+xml";

/// Bytes of data that may be put into any envelope. Of a larger message it may be twice what was sent: several elements
/// may share a part, and a small message must not become a huge one that way. Each use counts, whatever it holds.
const ALWAYS: usize = 1 << 20;

/// Puts data that came in other parts into the envelope, and gives the parts that nothing refers to. `text` is what the
/// envelope was read from, `packed` what it came in.
///
/// # Errors
/// An `Include` is not as it must be, or stands where none may.
pub fn inline<'p>(
    root: &mut Element,
    text: &[u8],
    packed: Option<&'p Packed>,
) -> Result<Vec<&'p Part>, Refused> {
    let mentions = || MENTION.find(text).is_some();
    let Some(packed) = packed else {
        return if mentions() && has_include(root) { Err(outside()) } else { Ok(Vec::new()) };
    };
    let mut used = vec![false; packed.others.len()];
    if packed.is_xop {
        let ids = packed.others.iter().enumerate().filter_map(|(at, part)| Some((part.id()?, at)));
        let most = packed.size.saturating_mul(2).max(ALWAYS);
        let contents = vec![None; packed.others.len()];
        let parts = &packed.others;
        let mut inlining = Inlining { parts, by_id: ids.collect(), contents, left: most, most };
        inlining.element(root)?;
        used = inlining.contents.iter().map(Option::is_some).collect();
    } else if mentions() && has_include(root) {
        return Err(outside());
    }
    Ok(packed.others.iter().zip(&used).filter(|(_, used)| !**used).map(|(part, _)| part).collect())
}

fn is_include(element: &Element) -> bool {
    element.name.is(XOP, "Include")
}

/// Whether an `Include` stands in it.
pub fn has_include(element: &Element) -> bool {
    is_include(element) || element.elements().any(has_include)
}

fn outside() -> Refused {
    Refused::Include("an Include stands in a message that is not application/xop+xml")
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
    fn element(&mut self, element: &mut Element) -> Result<(), Refused> {
        if is_include(element) {
            return Err(Refused::Include("an Include stands beside other content"));
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
    fn data(&mut self, include: &Element) -> Result<Content, Refused> {
        let address = include.attribute("href").ok_or_else(|| Refused::Include("an Include has no href"))?;
        let id = reference(address)
            .ok_or_else(|| Refused::Include("an Include refers to what is no cid: address"))?;
        let at = self.by_id.get(id.as_str()).copied();
        let missing = || Refused::Include("an Include refers to a part that is not in the message");
        let at = at.ok_or_else(missing)?;
        let part = self.parts.get(at).ok_or_else(missing)?;
        let known = self.contents.get_mut(at).ok_or_else(missing)?;
        let bytes = match known {
            Some(bytes) => bytes,
            None => known.insert(part.content()?),
        };
        let weight = part.body.len().max(bytes.len()).max(1);
        self.left = self.left.checked_sub(weight).ok_or(Refused::Beyond(self.most))?;
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
