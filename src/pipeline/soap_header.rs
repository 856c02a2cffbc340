//! `soap.header.NAME` as a property: a header block of the request for this node, or a value in it.

use compact_str::CompactString;

use crate::document::tree::Element;
use crate::soap::Inbound;

/// Which block, and which value of it: `{namespace}Name/Child/@attribute`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderPath {
    /// The namespace that the block must be in; any without it.
    namespace: Option<CompactString>,
    /// Its local name.
    local: CompactString,
    /// The local names of elements below it.
    children: Vec<CompactString>,
    /// The attribute of the last one.
    attribute: Option<CompactString>,
}

impl HeaderPath {
    /// Takes the text behind `soap.header.` apart; `None` when it is no such path.
    pub fn parse(text: &str) -> Option<Self> {
        let (namespace, rest) = match text.strip_prefix('{') {
            Some(rest) => {
                let (namespace, rest) = rest.split_once('}')?;
                (Some(CompactString::from(namespace)), rest)
            }
            None => (None, text),
        };
        let mut parts = rest.split('/');
        let local = CompactString::from(parts.next().filter(|local| !local.is_empty())?);
        let (mut children, mut attribute) = (Vec::new(), None);
        for part in parts {
            match part.strip_prefix('@') {
                _ if attribute.is_some() || part.is_empty() => return None,
                Some(name) if !name.is_empty() => attribute = Some(CompactString::from(name)),
                Some(_) => return None,
                None => children.push(CompactString::from(part)),
            }
        }
        Some(Self { namespace, local, children, attribute })
    }

    /// The text there; `None` where the request has no such block for this node, or nothing there.
    pub fn get(&self, soap: &Inbound) -> Option<CompactString> {
        self.find(soap.blocks.iter().filter(|block| block.is_ours).map(|block| &block.element))
    }

    /// The text there, of the first of some blocks that has the name.
    pub fn find<'a>(&self, blocks: impl Iterator<Item = &'a Element>) -> Option<CompactString> {
        let mut element = blocks.into_iter().find(|element| self.is(element))?;
        for child in &self.children {
            element = element.child(child)?;
        }
        match &self.attribute {
            Some(name) => {
                let attribute = element.attributes.iter().find(|attribute| attribute.name.local == *name)?;
                Some(attribute.value.clone())
            }
            None => Some(element.string_value()),
        }
    }

    /// Whether it leads into this block.
    pub fn is(&self, element: &Element) -> bool {
        let namespace = element.name.namespace.as_deref().unwrap_or_default();
        element.name.local == self.local && self.namespace.as_ref().is_none_or(|wanted| wanted == namespace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::codec::Limits;
    use crate::soap::Version;
    use crate::soap::envelope::take;
    use crate::soap::header::Roles;

    #[test]
    fn values_of_blocks_are_found() {
        let text = "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Header>\
            <a:Session xmlns:a='urn:x' e:actor='urn:other'>9</a:Session>\
            <a:Session xmlns:a='urn:a' kind='k'><a:Id>1</a:Id></a:Session></e:Header><e:Body/></e:Envelope>";
        let root = crate::xml::parse(text, &Limits::default()).unwrap();
        let message = take(root, Version::ALL, &Roles::default()).unwrap();
        let soap = Inbound {
            version: Version::V11,
            action: None,
            blocks: message.blocks,
            processed: [].into(),
            is_encoded: false,
            speaks_mtom: false,
        };
        let get = |path: &str| HeaderPath::parse(path).unwrap().get(&soap);
        assert_eq!(get("Session").as_deref(), Some("1"));
        assert_eq!(get("{urn:a}Session/Id").as_deref(), Some("1"));
        assert_eq!(get("Session/@kind").as_deref(), Some("k"));
        assert_eq!(get("{urn:x}Session"), None, "it is for another node");
        assert_eq!(get("Session/Other"), None);
        for wrong in ["", "{urn:a", "{urn:a}", "a//b", "a/@b/c", "a/@"] {
            assert_eq!(HeaderPath::parse(wrong), None, "{wrong}");
        }
    }
}
