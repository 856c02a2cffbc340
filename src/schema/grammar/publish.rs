//! Schema documents as the description of a service holds them: side by side in one file, nothing left to fetch.

use std::sync::Arc;

use super::documents::Documents;
use super::source::Doc;
use crate::document::tree::Name;
use crate::schema::rule::Published;
use crate::xml::{XMLNS_NAMESPACE, escape_attribute};

/// Each document as an `xs:schema` of its own; `None` where that cannot be said: a redefinition needs a second file.
///
/// What was included stands beside what included it, so includes go; imports stay, without the place of a file.
pub(super) fn published(documents: &Documents) -> Option<Vec<Published>> {
    if !documents.redefined.is_empty() {
        return None;
    }
    documents.docs.iter().map(one).collect()
}

fn one(doc: &Doc) -> Option<Published> {
    let text: &str = &doc.tree.text;
    let (start, end) = (doc.tree.nodes.first()?.start, doc.tree.end);
    let mut out = String::with_capacity(end.saturating_sub(start));
    let tag = text.get(start..)?.find(|c: char| c.is_whitespace() || c == '>' || c == '/')?;
    let mut at = start + tag;
    out.push_str(text.get(start..at)?);
    // What was declared around it must be declared in it.
    for (prefix, namespace) in doc.tree.around.iter().filter(|(prefix, _)| !declares(doc, prefix)) {
        let namespace = attribute(namespace.as_deref().unwrap_or_default());
        let colon = if prefix.is_empty() { "" } else { ":" };
        out.push_str(&format!(" xmlns{colon}{prefix}=\"{namespace}\""));
    }
    if doc.is_chameleon {
        // The including document's namespace, also for names without a prefix.
        let namespace = attribute(doc.target.as_deref().unwrap_or_default());
        out.push_str(&format!(" targetNamespace=\"{namespace}\""));
        if !doc.tree.prefixes(0).iter().any(|(prefix, _)| prefix.is_empty()) {
            out.push_str(&format!(" xmlns=\"{namespace}\""));
        }
    }
    let root = doc.tree.nodes.first()?;
    let inside = out.len() + tag_end(text.get(at..)?)?;
    let mut imports = Vec::new();
    for node in root.children.iter().filter_map(|child| doc.tree.nodes.get(*child)) {
        let is_include = node.tag == "include";
        if !is_include && node.tag != "import" {
            continue;
        }
        let rest = text.get(node.start..end)?;
        let tag = rest.get(..tag_end(rest)?)?;
        out.push_str(text.get(at..node.start)?);
        if is_include {
            at = node.start + element_end(rest, tag)?;
        } else {
            let name = tag.find(|c: char| c.is_whitespace() || c == '>' || c == '/')?;
            let namespace = node.attributes.iter().find(|(name, _)| name == "namespace");
            imports.push((out.len() + name, namespace.map(|(_, value)| Arc::from(value.as_str()))));
            out.push_str(&without_location(tag));
            at = node.start + tag.len();
        }
    }
    out.push_str(text.get(at..end)?);
    out.push('\n');
    Some(Published { namespace: doc.target.clone(), text: out, inside, imports })
}

/// Whether the root declares a prefix itself.
fn declares(doc: &Doc, prefix: &str) -> bool {
    let is = |name: &Name| name.namespace.as_deref() == Some(XMLNS_NAMESPACE) && name.local == prefix;
    doc.tree.root.attributes.iter().any(|attribute| is(&attribute.name))
}

/// The length of the start tag that a text begins with.
fn tag_end(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, '>') => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The length of an include with all in it: an annotation at most, in which no include stands.
fn element_end(text: &str, tag: &str) -> Option<usize> {
    if tag.ends_with("/>") {
        return Some(tag.len());
    }
    let name = tag.strip_prefix('<')?.split(|c: char| c.is_whitespace() || c == '>').next()?;
    let close = format!("</{name}");
    let at = text.find(&close)?;
    Some(at + text.get(at..)?.find('>')? + 1)
}

/// An import's start tag without `schemaLocation=`.
fn without_location(tag: &str) -> String {
    let cut = || {
        let at = tag.find("schemaLocation")?;
        let (before, rest) = tag.split_at_checked(at)?;
        let quote = rest.find(['"', '\''])?;
        let open = rest.get(quote..)?.chars().next()?;
        let close = rest.get(quote + 1..)?.find(open)?;
        let after = rest.get(quote + 1 + close + 1..)?;
        let space = if after.starts_with(['/', '>']) { "" } else { " " };
        Some(format!("{}{space}{}", before.trim_end(), after.trim_start()))
    };
    cut().unwrap_or_else(|| tag.to_owned())
}

fn attribute(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    escape_attribute(text, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_loses_its_place() {
        let tag = "<xs:import schemaLocation='a>b.xsd' namespace=\"urn:a\"/>";
        assert_eq!(without_location(tag), "<xs:import namespace=\"urn:a\"/>");
        let tag = "<xs:import namespace=\"urn:a\"\n  schemaLocation=\"a.xsd\"/>";
        assert_eq!(without_location(tag), "<xs:import namespace=\"urn:a\"/>");
        assert_eq!(tag_end("<a b='>'/>x"), Some(10));
        assert_eq!(element_end("<include x=''>y</include >z", "<include x=''>"), Some(26));
    }
}
