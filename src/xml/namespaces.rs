//! The namespace stack: which prefix stands for which namespace at a place of a document.

use std::borrow::Cow;
use std::sync::Arc;

use compact_str::CompactString;

use super::{XML_NAMESPACE, XMLNS_NAMESPACE};

/// The declarations in scope, innermost last; one shared string each, reused while the same is in scope.
#[derive(Debug, Default)]
pub(super) struct Namespaces {
    bindings: Vec<(CompactString, Option<Arc<str>>)>,
    xml: Option<Arc<str>>,
}

impl Namespaces {
    /// How many declarations are in scope: the mark to [`Namespaces::leave`] to.
    pub fn len(&self) -> usize {
        self.bindings.len()
    }

    /// Forgets the declarations made since the mark.
    pub fn leave(&mut self, mark: usize) {
        self.bindings.truncate(mark);
    }

    /// Declares `prefix` (empty: the default namespace) on an element that began at `mark`.
    pub fn declare(&mut self, mark: usize, prefix: &str, uri: &str) -> Result<(), String> {
        check(prefix, uri)?;
        let own = self.bindings.get(mark..).unwrap_or_default();
        if own.iter().any(|(p, _)| p == prefix) {
            return Err("the same namespace prefix is declared twice on this element".into());
        }
        let known = self.bindings.iter().rev().find_map(|(_, n)| n.as_ref().filter(|n| &***n == uri));
        let namespace = match known {
            _ if uri.is_empty() => None,
            Some(known) => Some(Arc::clone(known)),
            None => Some(Arc::from(uri)),
        };
        self.bindings.push((prefix.into(), namespace));
        Ok(())
    }

    /// What `prefix` stands for: `Ok(None)` is no namespace, `Err` an undeclared prefix.
    pub fn resolve(&mut self, prefix: &str) -> Result<Option<Arc<str>>, Cow<'static, str>> {
        // Compared byte by byte: a prefix is short, and mostly there is none.
        let is = |own: &CompactString| own.len() == prefix.len() && own.bytes().eq(prefix.bytes());
        match self.bindings.iter().rev().find(|(own, _)| is(own)) {
            Some((_, namespace)) => Ok(namespace.clone()),
            None if prefix.is_empty() => Ok(None),
            None if prefix == "xml" => {
                Ok(Some(Arc::clone(self.xml.get_or_insert_with(|| Arc::from(XML_NAMESPACE)))))
            }
            None => Err(format!("the prefix `{}` is not declared", super::cursor::short(prefix)).into()),
        }
    }
}

/// The rules of Namespaces in XML, section 3, for what may be declared.
fn check(prefix: &str, uri: &str) -> Result<(), String> {
    let wrong = match (prefix, uri) {
        ("xmlns", _) => "the prefix `xmlns` cannot be declared",
        ("xml", XML_NAMESPACE) => return Ok(()),
        ("xml", _) => "the prefix `xml` cannot be declared for another namespace",
        (_, XML_NAMESPACE) => "the namespace of `xml` cannot have another prefix",
        (_, XMLNS_NAMESPACE) => "the namespace of `xmlns` cannot be declared",
        ("", _) => return Ok(()),
        (_, "") => "a prefix cannot be declared for no namespace",
        _ => return Ok(()),
    };
    Err(wrong.into())
}
