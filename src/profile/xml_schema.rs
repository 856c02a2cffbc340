//! The `xml` profile format from XML Schema documents and from the contracts that hold some: the root of its documents.

use std::sync::Arc;

use crate::document::tree::Name;
use crate::kind::Compiling;
use crate::kind::format::DeclaredProfile;
use crate::kind::schemas::Schemas;
use crate::pipeline::operation::Profile;
use crate::profile::xml_parts::{self, DeclaredPart};
use crate::schema::grammar::{ElementId, Grammar};
use crate::source::{Finding, Span, Spanned};
use crate::syntax::Node;
use crate::xml::XML;

#[derive(Debug)]
struct Declared {
    span: Span,
    schemas: Arc<Schemas>,
    root: Option<Spanned<String>>,
    parts: Vec<DeclaredPart>,
}

/// Reads a profile that names schema documents, with everything that those include.
pub(super) fn read(mut node: Node<'_>) -> Option<Box<dyn DeclaredProfile>> {
    let span = node.name_span();
    let mut names: Vec<Spanned<String>> = node.property("xsd").into_iter().collect();
    let root = node.property::<String>("root");
    let mut parts = Vec::new();
    for mut child in node.children() {
        match child.name() {
            "xsd" => {
                names.extend(child.argument("path"));
                child.finish();
            }
            "part" => parts.extend(xml_parts::read(child)),
            _ => child.unknown("unknown-word", "a part of an XML profile with xsd=", ["xsd", "part"]),
        }
    }
    xml_parts::check_twice(&parts, &node);
    if names.is_empty() {
        let message = "a profile with root= needs a schema";
        node.report(
            Finding::error("missing-value", span, message).help("write xsd= with the path of a document"),
        );
        node.finish();
        return None;
    }
    let schemas = Schemas::read(node.reading, &names);
    node.finish();
    Some(Box::new(Declared { span, schemas, root, parts }))
}

impl DeclaredProfile for Declared {
    fn compile(&self, name: &str, compiling: &Compiling<'_>) -> Option<Profile> {
        let grammar = self.schemas.grammar(compiling)?;
        let root = self.root(&grammar, compiling)?;
        let shape = grammar.shape(root)?;
        let profile = Profile::new(name, &XML, shape);
        xml_parts::apply(&self.parts, profile, compiling)
    }
}

impl Declared {
    /// The element that `root=` names, or the only one there is.
    fn root(&self, grammar: &Grammar, compiling: &Compiling<'_>) -> Option<ElementId> {
        // Those of imported documents are for use in others.
        let own = grammar.own_roots(&self.schemas.documents);
        let Some(root) = &self.root else {
            return match own.as_slice() {
                [only] => grammar.root(only),
                names => {
                    let message = match names.len() {
                        0 => "the schema has no global element that could be a root".to_owned(),
                        count => format!(
                            "the schema has {count} global elements, and root= does not say which one"
                        ),
                    };
                    compiling.report(several(Finding::error("ambiguous-root", self.span, message), names));
                    None
                }
            };
        };
        let wanted = match Name::braced(&root.value) {
            Some(name) => Some(name),
            None => {
                let same = |of: &[Name]| -> Vec<Name> {
                    of.iter().filter(|name| name.local == root.value).cloned().collect()
                };
                let all: Vec<Name> = grammar.roots().cloned().collect();
                let found = Some(same(&own)).filter(|found| !found.is_empty()).unwrap_or_else(|| same(&all));
                if found.len() > 1 {
                    let message = format!("there are several global elements `{}`", root.value);
                    compiling.report(several(Finding::error("ambiguous-root", root.span, message), &found));
                    return None;
                }
                found.into_iter().next()
            }
        };
        let found = wanted.and_then(|name| grammar.root(&name));
        if found.is_none() {
            let message = format!("the schema has no global element `{}`", root.value);
            let one = |name: &Name| match root.value.starts_with('{') {
                true => name.to_string(),
                false => name.local.to_string(),
            };
            let shown: Vec<String> = own.iter().map(one).collect();
            let finding = Finding::error("unknown-root", root.span, message);
            compiling.report(finding.suggest(&root.value, shown.iter().map(String::as_str)));
        }
        found
    }
}

/// With the names to choose from.
fn several(finding: Finding, names: &[Name]) -> Finding {
    const SHOWN: usize = 8;
    if names.is_empty() {
        return finding.help("name a document with a global xs:element");
    }
    let mut shown: Vec<String> = names.iter().take(SHOWN).map(Name::to_string).collect();
    if names.len() > SHOWN {
        shown.push("...".to_owned());
    }
    finding.help(format!("write root= with one of: {}", shown.join(", ")))
}
