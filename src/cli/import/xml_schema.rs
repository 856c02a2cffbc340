//! A profile of an XML Schema: inline where that says all, else by the schema itself.

use std::path::Path;
use std::sync::Arc;

use super::source::ImportError;
use super::{compiles, kdl};
use crate::cli::arguments::ImportOptions;
use crate::document::text;
use crate::document::tree::Name;
use crate::schema::grammar::{self, Documents, Files, Grammar};
use crate::source::{FileId, Findings, Form, Sources, Span, nearest, render};
use crate::world::{World, reason};

/// Names of roots that a message lists.
const LISTED: usize = 10;

/// Files as the world has them, kept for findings to show places in.
pub(super) struct Opened<'w> {
    pub(super) world: &'w dyn World,
    pub(super) sources: Sources,
}

impl Files for Opened<'_> {
    fn open(&mut self, path: &Path) -> Result<(FileId, String), String> {
        let bytes = self.world.read(path).map_err(|error| reason(&error))?;
        let text = text::decode(&bytes, None).map_err(|malformed| malformed.message)?.into_owned();
        Ok((self.sources.add(path.display().to_string(), text.clone()), text))
    }

    fn built_in(&mut self, name: &str, text: &str) -> FileId {
        self.sources.add(name, text)
    }
}

/// The profile of a schema's documents with the root that `--root` names, or the only one; `name` is written as in KDL.
///
/// # Errors
/// The schema is wrong, or it is not clear which element is the root.
pub fn imported(options: &ImportOptions, name: &str, world: &dyn World) -> Result<String, ImportError> {
    let mut opened = Opened { world, sources: Sources::default() };
    let documents = grammar::load(&[(options.file.clone(), Span::default())], &mut opened);
    let (grammar, findings) = grammar::compile(&documents);
    if !findings.is_empty() {
        let mut all = Findings::default();
        findings.into_iter().for_each(|finding| all.push(finding));
        let told = render(&all, &opened.sources, Form::Text { colour: false });
        return Err(ImportError(told.trim_end().to_owned()));
    }
    let path = options.file.display().to_string();
    let root = chosen(&grammar, &documents, options.root.as_deref())
        .map_err(|why| ImportError(format!("{path}: {why}")))?;
    let grammar = Arc::new(grammar);
    let found = grammar.root(&root).and_then(|id| Some((grammar.unsaid(id), grammar.shape(id)?)));
    let Some((unsaid, shape)) = found else {
        return Err(ImportError(format!("{path}: the element `{root}` is too large for a profile")));
    };
    let from = kdl::comment(&path);
    let inline = match unsaid.is_empty() {
        true => kdl::xml(&shape).and_then(|block| {
            let text = format!("// From the XML Schema {from}.\nprofile {name} format=xml {{\n{block}}}\n");
            compiles(&text).map(|()| text)
        }),
        false => Err(format!("an inline profile has no words for {}", unsaid.join(", "))),
    };
    Ok(inline.unwrap_or_else(|why| {
        format!(
            "// The schema itself checks the documents: {}.\nprofile {name} format=xml xsd={} root={}\n",
            kdl::comment(&why),
            kdl::quoted(&path),
            kdl::quoted(&root.to_string())
        )
    }))
}

/// The global element that is meant.
fn chosen(grammar: &Grammar, documents: &Documents, wanted: Option<&str>) -> Result<Name, String> {
    // Those of imported documents are for use in others, unless they are asked for.
    let own = grammar.own_roots(documents);
    let Some(wanted) = wanted else {
        return match own.as_slice() {
            [only] => Ok(only.clone()),
            [] => Err("the schema has no global element that could be a root".to_owned()),
            several => Err(format!(
                "the schema has {} global elements; say with --root which one is the root: {}",
                several.len(),
                listed(several)
            )),
        };
    };
    let mut all: Vec<Name> = grammar.roots().cloned().collect();
    all.sort_by(|left, right| (&left.local, &left.namespace).cmp(&(&right.local, &right.namespace)));
    let is_whole = wanted.starts_with('{');
    let shown = |name: &Name| if is_whole { name.to_string() } else { name.local.to_string() };
    let same =
        |of: &[Name]| -> Vec<Name> { of.iter().filter(|name| shown(name) == wanted).cloned().collect() };
    let found = Some(same(&own)).filter(|found| !found.is_empty()).unwrap_or_else(|| same(&all));
    match found.as_slice() {
        [only] => Ok(only.clone()),
        [] => {
            let names: Vec<String> = own.iter().chain(&all).map(shown).collect();
            let near = nearest(wanted, names.iter().map(String::as_str));
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", listed(if own.is_empty() { &all } else { &own })),
            };
            Err(format!("the schema has no global element `{wanted}`; {help}"))
        }
        several => Err(format!(
            "there are several global elements `{wanted}`; say with --root which one is the root: {}",
            listed(several)
        )),
    }
}

fn listed(names: &[Name]) -> String {
    let mut shown: Vec<String> = names.iter().take(LISTED).map(Name::to_string).collect();
    if names.len() > LISTED {
        shown.push("...".to_owned());
    }
    shown.join(", ")
}
