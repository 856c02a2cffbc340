//! Overlays: files that change parts of what is declared, merged node by node before anything is read from them.

use std::collections::HashMap;

use super::top;
use crate::kind::Kinds;
use crate::source::{Finding, Span};
use crate::syntax::{Entry, Reading, Tree};

/// Parts that have a name, their first argument: each is changed by it, and those that an overlay does not name stay.
const NAMED: &[&str] = &[
    "user",
    "operation",
    "soap",
    "header",
    "query",
    "role",
    "understand",
    "get",
    "post",
    "put",
    "patch",
    "delete",
];

/// Parts of which an overlay says all there are: a way in that it does not name must not stay open.
const LISTED: &[&str] = &["auth"];

/// Parts that are one thing, however many lines they have.
const WHOLE: &[&str] = &["row", "process", "etag"];

/// Declarations whose block is one thing, for the same reason.
const WHOLE_BLOCKS: &[&str] = &["process", "map", "profile"];

/// Changes what is declared by what an overlay says. `is_whole` says that all that is declared could be read, so that a name
/// which is not there is a mistake.
pub fn apply<'a>(
    declared: &mut Vec<Tree<'a>>,
    overlay: Vec<Tree<'a>>,
    is_whole: bool,
    kinds: &Kinds,
    reading: &Reading<'_>,
) {
    let mut said: HashMap<String, Span> = HashMap::new();
    for tree in overlay {
        let identity = identity(&tree);
        if let Some(first) = said.get(&identity) {
            let message = format!("`{identity}` is changed twice in one overlay");
            let finding = Finding::error("duplicate-name", tree.name_span(), message);
            reading.report(finding.also(*first, "the first one is here"));
        }
        said.insert(identity, tree.name_span());
        declaration(declared, tree, is_whole, kinds, reading);
    }
}

/// What a declaration is called: `listener public`, `api orders version=2`, `log`.
fn identity(tree: &Tree<'_>) -> String {
    let mut text = tree.name().to_owned();
    if !top::ONCE.contains(&tree.name()) {
        text.extend(name(tree).map(|name| format!(" {name}")));
        text.extend(version(tree).map(|version| format!(" version={version}")));
    }
    text
}

fn name<'a>(tree: &Tree<'a>) -> Option<&'a str> {
    tree.first().and_then(|first| first.value().as_string())
}

/// The version of an api: several of one name may stand side by side.
fn version<'a>(tree: &Tree<'a>) -> Option<&'a str> {
    let given = tree.entries.iter().find(|entry| entry.key() == Some("version"));
    given.filter(|_| tree.name() == "api").and_then(|given| given.value().as_string())
}

fn declaration<'a>(
    declared: &mut Vec<Tree<'a>>,
    tree: Tree<'a>,
    is_whole: bool,
    kinds: &Kinds,
    reading: &Reading<'_>,
) {
    let word = tree.name();
    if matches!(word, "include" | "functions") {
        let message = format!("an overlay has no `{word}`");
        let help = match word {
            "include" => "name the other overlay with a --with of its own",
            _ => "functions have no name by which they could be changed",
        };
        reading.report(Finding::error("not-in-overlay", tree.name_span(), message).help(help));
        return;
    }
    if top::ONCE.contains(&word) {
        return part(declared, word, vec![tree], reading);
    }
    let (Some(name), true) = (name(&tree), kinds.declares(word)) else {
        // Its reader says what is wrong with it.
        declared.push(tree);
        return;
    };
    let is_it = |other: &Tree<'_>| other.name() == word && self::name(other) == Some(name);
    let exact = positions(declared, |other| is_it(other) && version(other) == version(&tree));
    let found = if exact.is_empty() { positions(declared, is_it) } else { exact };
    match *found {
        [] if is_whole => reading.report(unknown(declared, &tree, name)),
        [] => {}
        [at] if is_removed(&tree, 1) => drop(declared.remove(at)),
        [_, _, ..] if word == "api" => {
            let message = format!("there are several versions of `{word} {name}`");
            let finding = Finding::error("ambiguous-name", tree.name_span(), message);
            reading.report(finding.help("say with version= which one is meant"));
        }
        // A second one of a name is reported as what it is.
        [at, ..] => merge_at(declared, at, tree, reading),
    }
}

/// The finding about a name that is not declared.
fn unknown(declared: &[Tree<'_>], tree: &Tree<'_>, name: &str) -> Finding {
    let word = tree.name();
    let span = tree.first().map_or(tree.name_span(), |first| first.span());
    let message = format!("an overlay changes what is declared, and `{word} {name}` is not");
    let finding = Finding::error("unknown-name", span, message);
    let known: Vec<&str> =
        declared.iter().filter(|other| other.name() == word).filter_map(self::name).collect();
    match known.is_empty() {
        true => finding.help(format!("declare `{word} {name}` in the file that the overlay is for")),
        false => finding.suggest(name, known),
    }
}

fn positions<'a>(trees: &[Tree<'a>], fits: impl Fn(&Tree<'a>) -> bool) -> Vec<usize> {
    trees.iter().enumerate().filter(|(_, tree)| fits(tree)).map(|(at, _)| at).collect()
}

/// Whether a node is to be taken away: it says `#null` behind its name and nothing else.
fn is_removed(tree: &Tree<'_>, names: usize) -> bool {
    let is_null = tree.entries.get(names).is_some_and(|entry| entry.is_argument() && entry.is_null());
    is_null && tree.entries.len() == names + 1 && tree.block.is_none()
}

/// Changes the parts of a block, word by word.
fn block<'a>(base: &mut Vec<Tree<'a>>, mut overlay: Vec<Tree<'a>>, reading: &Reading<'_>) {
    while let Some(word) = overlay.first().map(Tree::name) {
        let (group, others) = overlay.into_iter().partition(|tree| tree.name() == word);
        overlay = others;
        part(base, word, group, reading);
    }
}

/// Changes the parts of one word by those that the overlay has of it.
fn part<'a>(base: &mut Vec<Tree<'a>>, word: &str, group: Vec<Tree<'a>>, reading: &Reading<'_>) {
    if let [only] = group.as_slice()
        && is_removed(only, 0)
    {
        return remove(base, only, word, |other| other.name() == word, reading);
    }
    if NAMED.contains(&word) {
        return group.into_iter().for_each(|tree| named(base, tree, reading));
    }
    let old = positions(base, |other| other.name() == word);
    let at = old.first().copied().unwrap_or(base.len());
    let mut replaced: Vec<Tree<'a>> = old.iter().rev().map(|at| base.remove(*at)).collect();
    let is_one = replaced.len() == 1 && group.len() == 1;
    let mut new = Vec::new();
    for tree in group {
        let known = if WHOLE.contains(&word) {
            None
        } else if LISTED.contains(&word) {
            replaced.iter().position(|other| is_one && tree.first().is_none() || is_same(other, &tree))
        } else {
            is_one.then_some(0)
        };
        match known {
            Some(known) => {
                let mut base = replaced.swap_remove(known);
                merge(&mut base, tree, 0, reading);
                new.push(base);
            }
            None => new.push(added(tree, reading)),
        }
    }
    base.splice(at..at, new);
}

/// Whether two nodes have the same first argument.
fn is_same(base: &Tree<'_>, tree: &Tree<'_>) -> bool {
    base.first().zip(tree.first()).is_some_and(|(base, first)| base.is_same(&first))
}

/// Changes, removes or adds a part that has a name.
fn named<'a>(base: &mut Vec<Tree<'a>>, tree: Tree<'a>, reading: &Reading<'_>) {
    let word = tree.name();
    // Without its name it is the only one of its word.
    let is_it = |other: &Tree<'_>| tree.first().is_none() || is_same(other, &tree);
    let found = positions(base, |other| other.name() == word && is_it(other));
    if is_removed(&tree, 1) {
        let shown = tree.first().map_or("", |first| first.written());
        return remove(
            base,
            &tree,
            &format!("{word} {shown}"),
            |other| other.name() == word && is_same(other, &tree),
            reading,
        );
    }
    match *found {
        [] => base.push(added(tree, reading)),
        [at] => merge_at(base, at, tree, reading),
        _ => {
            let message =
                format!("there are several `{word}` of this name, and an overlay cannot say which it means");
            let finding = Finding::error("ambiguous-name", tree.name_span(), message);
            reading.report(finding.help("change them in the file that declares them"));
        }
    }
}

/// Takes parts away; a warning when there are none.
fn remove<'a>(
    base: &mut Vec<Tree<'a>>,
    tree: &Tree<'a>,
    what: &str,
    fits: impl Fn(&Tree<'a>) -> bool,
    reading: &Reading<'_>,
) {
    let before = base.len();
    base.retain(|other| !fits(other));
    if base.len() == before {
        reading.report(nothing(tree.name_span(), what));
    }
}

fn nothing(span: Span, what: &str) -> Finding {
    let message = format!("there is no `{what}` to remove");
    Finding::warning("nothing-to-remove", span, message).help("remove this from the overlay")
}

/// A part that was not there: nothing in it can be removed.
fn added<'a>(mut tree: Tree<'a>, reading: &Reading<'_>) -> Tree<'a> {
    if WHOLE.contains(&tree.name()) {
        return tree;
    }
    tree.entries.retain(|entry| {
        let key = entry.key().filter(|_| entry.is_null());
        key.into_iter().for_each(|key| reading.report(nothing(entry.key_span(), &format!("{key}="))));
        key.is_none()
    });
    if !WHOLE_BLOCKS.contains(&tree.name()) {
        tree.block = tree.block.take().map(|children| {
            let mut all = Vec::new();
            block(&mut all, children, reading);
            all
        });
    }
    tree
}

/// Changes the node at a position, which has a name.
fn merge_at<'a>(base: &mut [Tree<'a>], at: usize, tree: Tree<'a>, reading: &Reading<'_>) {
    if let Some(base) = base.get_mut(at) {
        merge(base, tree, 1, reading);
    }
}

/// Changes a node; its first `names` arguments say which it is.
fn merge<'a>(base: &mut Tree<'a>, tree: Tree<'a>, names: usize, reading: &Reading<'_>) {
    base.joined(&tree);
    entries(base, &tree.entries, names, reading);
    let Some(children) = tree.block else { return };
    if WHOLE_BLOCKS.contains(&base.name()) {
        base.block = Some(children);
        return;
    }
    let had = base.block.as_ref().is_some_and(|block| !block.is_empty());
    let mut all = base.block.take().unwrap_or_default();
    block(&mut all, children, reading);
    // A block of which everything was removed is as good as none.
    base.block = Some(all).filter(|all| !(had && all.is_empty()));
}

/// Changes arguments and properties: arguments behind the name all together, properties each by its own name.
fn entries<'a>(base: &mut Tree<'a>, given: &[Entry<'a>], names: usize, reading: &Reading<'_>) {
    if given.iter().filter(|entry| entry.is_argument()).count() > names {
        let mut arguments = 0;
        base.entries.retain(|entry| {
            arguments += usize::from(entry.is_argument());
            !entry.is_argument() || arguments <= names
        });
        base.entries.extend(given.iter().filter(|entry| entry.is_argument()).skip(names));
    }
    let properties = || given.iter().filter(|entry| !entry.is_argument());
    for property in properties().filter(|property| property.is_null()) {
        if !base.entries.iter().any(|entry| entry.key() == property.key()) {
            reading.report(nothing(property.key_span(), &format!("{}=", property.key().unwrap_or(""))));
        }
    }
    base.entries.retain(|entry| entry.is_argument() || !properties().any(|given| given.key() == entry.key()));
    base.entries.extend(properties().filter(|property| !property.is_null()));
}

#[cfg(test)]
#[path = "overlay_tests.rs"]
mod tests;
