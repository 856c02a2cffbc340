//! Nodes: each argument, property and child is asked for by whoever understands it; what nobody asked for is a finding.

use kdl::KdlValue;

use super::Reading;
use super::tree::{Entry, Tree};
use super::value::{FromValue, Given, Home, Origin};
use crate::source::{Finding, Span, Spanned, nearest};
use crate::world::reason;

/// One node, with a note of what has been asked of it.
pub struct Node<'a> {
    node: &'a Tree<'a>,
    /// What all readers share.
    pub reading: &'a Reading<'a>,
    taken: Vec<bool>,
    asked: Vec<&'static str>,
    children_taken: bool,
}

impl<'a> Node<'a> {
    /// A node as read.
    pub fn new(node: &'a Tree<'a>, reading: &'a Reading<'a>) -> Self {
        let taken = vec![false; node.entries.len()];
        Self { node, reading, taken, asked: Vec::new(), children_taken: false }
    }

    /// The node's name.
    pub fn name(&self) -> &'a str {
        self.node.name()
    }

    /// Where the name stands.
    pub fn name_span(&self) -> Span {
        self.node.name_span()
    }

    /// The whole node, block included, as the files that say something of it have it.
    pub fn texts(&self) -> &'a [&'a str] {
        self.node.texts()
    }

    /// How the node begins as it was written, up to its block, on one line and shortened.
    pub fn head(&self) -> String {
        const LONGEST: usize = 100;
        let line = self.node.head().split_whitespace().collect::<Vec<_>>().join(" ");
        let line = line.trim_end_matches(';').trim_end();
        match line.char_indices().nth(LONGEST) {
            Some((at, _)) => format!("{}...", line.get(..at).unwrap_or_default()),
            None => line.to_owned(),
        }
    }

    /// Adds a finding.
    pub fn report(&self, finding: Finding) {
        self.reading.report(finding);
    }

    /// The value of an entry; `None` after a finding when it lives outside and cannot be had.
    fn given(&self, entry: Entry<'a>) -> Option<Given<'a>> {
        let (written, span) = (entry.written(), entry.span());
        let Some((kind, at)) = entry.annotation() else {
            return Some(Given { value: entry.value().clone(), origin: Origin::File, written, span });
        };
        let text = entry.value().as_string().unwrap_or("");
        let result = match kind {
            "env" => self.variable(text),
            "file" => self.outside_file(&Spanned::new(text.to_owned(), span)),
            other => {
                self.report(
                    Finding::error(
                        "unknown-annotation",
                        at,
                        format!("`({other})` is not a place for values"),
                    )
                    .help("(env)NAME reads a variable, (file)\"path\" reads a file"),
                );
                return None;
            }
        };
        match result {
            Ok(value) => {
                Some(Given { value: KdlValue::String(value), origin: Origin::Outside, written: "", span })
            }
            Err(finding) => {
                self.report(Finding { span, ..finding });
                None
            }
        }
    }

    fn variable(&self, name: &str) -> Result<String, Finding> {
        let value = self.reading.world.variable(name).ok_or_else(|| {
            Finding::error("unset-variable", Span::default(), format!("the variable `{name}` is not set"))
                .help("set it in the environment that soapstone runs in")
        })?;
        self.reading.seen.borrow_mut().push((format!("env {name}"), value.clone().into_bytes()));
        Ok(value)
    }

    fn outside_file(&self, path: &Spanned<String>) -> Result<String, Finding> {
        let (full, path) = (self.reading.resolve(path), &path.value);
        let unreadable = |why: String| {
            Finding::error("unreadable-file", Span::default(), format!("`{path}` cannot be read: {why}"))
                .help("paths are relative to the file that names them")
        };
        let bytes = self.reading.world.read(&full).map_err(|error| unreadable(reason(&error)))?;
        self.reading.seen.borrow_mut().push((format!("file {path}"), bytes.clone()));
        let text = String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8 text".into()))?;
        Ok(text.strip_suffix('\n').map(|text| text.trim_end_matches('\r').to_owned()).unwrap_or(text))
    }

    /// Reads a value as a type; a finding when it is another.
    fn read<T: FromValue>(&self, entry: Entry<'a>, what: &str) -> Option<Spanned<T>> {
        let given = self.given(entry)?;
        if let Some(finding) = misplaced(T::HOME, given.origin, given.span) {
            self.report(finding);
            return None;
        }
        match T::from_value(&given) {
            Ok(value) => Some(Spanned::new(value, given.span)),
            Err(expected) => {
                let shown = if given.origin == Origin::Outside { "this value from outside" } else { "this" };
                let message = match entry.key() {
                    Some(_) => format!("{shown} is not what `{what}=` takes"),
                    None => format!("{shown} is not {}", article(what)),
                };
                let finding =
                    Finding::error("wrong-value", given.span, message).label(format!("expected {expected}"));
                self.report(match given.rewritten() {
                    Some(other) if T::from_value(&other).is_ok() => match other.text() {
                        Some(text) => finding.help(format!("put it in quotes: \"{text}\"")),
                        None => finding.help(format!("write it without quotes: {}", other.written)),
                    },
                    _ => finding,
                });
                None
            }
        }
    }

    fn next_argument(&mut self) -> Option<Entry<'a>> {
        let mut free = self.node.entries.iter().zip(&mut self.taken);
        let (entry, taken) = free.find(|(entry, taken)| entry.is_argument() && !**taken)?;
        *taken = true;
        Some(*entry)
    }

    /// The next argument, if there is one.
    pub fn optional<T: FromValue>(&mut self, what: &'static str) -> Option<Spanned<T>> {
        let entry = self.next_argument()?;
        self.read(entry, what)
    }

    /// The next argument; a finding when there is none.
    pub fn argument<T: FromValue>(&mut self, what: &'static str) -> Option<Spanned<T>> {
        match self.next_argument() {
            Some(entry) => self.read(entry, what),
            None => {
                let message = format!("`{}` needs {}", self.name(), article(what));
                self.report(
                    Finding::error("missing-argument", self.name_span(), message)
                        .label(format!("expected {} after this", article(what))),
                );
                None
            }
        }
    }

    /// All arguments that are left.
    pub fn arguments<T: FromValue>(&mut self, what: &'static str) -> Vec<Spanned<T>> {
        let mut out = Vec::new();
        while let Some(entry) = self.next_argument() {
            out.extend(self.read(entry, what));
        }
        out
    }

    /// Whether an argument is left.
    pub fn has_argument(&self) -> bool {
        self.node.entries.iter().zip(&self.taken).any(|(entry, taken)| entry.is_argument() && !taken)
    }

    /// A property, if it is there. KDL lets the last of several count, here a second one is a finding.
    pub fn property<T: FromValue>(&mut self, name: &'static str) -> Option<Spanned<T>> {
        self.asked.push(name);
        let mut found: Option<Entry<'a>> = None;
        for (entry, taken) in self.node.entries.iter().zip(&mut self.taken) {
            if entry.key() != Some(name) {
                continue;
            }
            *taken = true;
            if found.is_some() {
                let message = format!("`{name}` is given twice");
                self.reading.report(Finding::error("repeated-property", entry.key_span(), message));
            }
            found = found.or(Some(*entry));
        }
        found.and_then(|entry| self.read(entry, name))
    }

    /// All properties that nobody asked for, in order, with their names. A second one of a name is a finding.
    pub fn properties<T: FromValue>(&mut self) -> Vec<(Spanned<String>, Option<T>)> {
        let mut found: Vec<(Spanned<String>, Option<T>)> = Vec::new();
        for (at, entry) in self.node.entries.iter().enumerate() {
            let Some(name) = entry.key() else { continue };
            let Some(taken) = self.taken.get_mut(at).filter(|taken| !**taken) else { continue };
            *taken = true;
            let span = entry.key_span();
            if found.iter().any(|(other, _)| other.value == name) {
                let message = format!("`{name}` is given twice");
                self.report(Finding::error("repeated-property", span, message));
                continue;
            }
            let value = self.read::<T>(*entry, name).map(|value| value.value);
            found.push((Spanned::new(name.to_owned(), span), value));
        }
        found
    }

    /// Whether a property is given, whatever its value.
    pub fn has_property(&self, name: &str) -> bool {
        self.node.entries.iter().any(|entry| entry.key() == Some(name))
    }

    /// Whether one of these properties was meant by one that is there under a name near to it, which is then a finding.
    pub fn misspells(&mut self, names: &[&'static str]) -> bool {
        let free = self.node.entries.iter().zip(&mut self.taken).filter(|(_, taken)| !**taken);
        for (entry, taken) in free {
            let Some(key) = entry.key().filter(|key| !names.contains(key)) else { continue };
            if let Some(near) = nearest(key, names.iter().copied()) {
                *taken = true;
                let message = format!("`{}` has no property `{key}`", self.node.name());
                let finding = Finding::error("unknown-property", entry.key_span(), message);
                self.reading.report(finding.help(format!("did you mean `{near}`?")));
                return true;
            }
        }
        false
    }

    /// A property; a finding when it is not there.
    pub fn required<T: FromValue>(&mut self, name: &'static str) -> Option<Spanned<T>> {
        if !self.has_property(name) && !self.misspells(&[name]) {
            let message = format!("`{}` needs `{name}=`", self.name());
            self.report(
                Finding::error("missing-property", self.name_span(), message)
                    .label(format!("add {name}=...")),
            );
        }
        self.property(name)
    }

    /// Whether there is a block, even an empty one.
    pub fn has_block(&self) -> bool {
        self.node.block.is_some()
    }

    /// Whether there is a node of a name in the block.
    pub fn has_child(&self, name: &str) -> bool {
        self.node.block.iter().flatten().any(|child| child.name() == name)
    }

    /// The nodes of the block; none without one.
    pub fn children(&mut self) -> Vec<Node<'a>> {
        self.children_taken = true;
        self.node.block.iter().flatten().map(|node| Node::new(node, self.reading)).collect()
    }

    /// The nodes of the block; a second one of a name in `once` is a finding, since one of the two would not count.
    pub fn parts(&mut self, once: &[&str]) -> Vec<Self> {
        let children = self.children();
        for (index, child) in children.iter().enumerate().filter(|(_, child)| once.contains(&child.name())) {
            if let Some(first) = children.iter().take(index).find(|other| other.name() == child.name()) {
                let message = format!("`{}` is given twice", child.name());
                let finding = Finding::error("duplicate-part", child.name_span(), message);
                self.report(finding.also(first.name_span(), "the first one is here"));
            }
        }
        children
    }

    /// Reports what nobody asked for. Every reader ends with it.
    pub fn finish(self) {
        let name = self.name();
        let mut extra = false;
        for (entry, _) in self.node.entries.iter().zip(&self.taken).filter(|(_, taken)| !**taken) {
            match entry.key() {
                Some(key) => {
                    let message = format!("`{name}` has no property `{key}`");
                    self.report(
                        Finding::error("unknown-property", entry.key_span(), message)
                            .suggest(key, self.asked.iter().copied()),
                    );
                }
                // What is too much is mostly one thing, of however many words.
                None if extra => {}
                None => {
                    extra = true;
                    self.extra_argument(*entry);
                }
            }
        }
        if self.has_block() && !self.children_taken {
            let first = self.node.block.iter().flatten().next();
            let first = first.map_or(self.name_span(), Tree::name_span);
            self.report(
                Finding::error("unexpected-block", first, format!("`{name}` takes no block"))
                    .help("remove the braces and what stands between them"),
            );
        }
        if let Some(span) = self.node.annotation_span() {
            self.report(
                Finding::error(
                    "unexpected-annotation",
                    span,
                    "an annotation belongs before a value, not before a name",
                )
                .help("remove it"),
            );
        }
    }

    fn extra_argument(&self, entry: Entry<'a>) {
        let message = format!("`{}` takes no further argument", self.name());
        let finding = Finding::error("extra-argument", entry.span(), message);
        // `level: info` was meant as `level=info`.
        let word = entry.value().as_string().unwrap_or("").trim_end_matches(':');
        self.report(match nearest(word, self.asked.iter().copied()) {
            Some(near) => finding.help(format!("a property is written {near}=...")),
            None => finding.help("remove it"),
        });
    }

    /// Reports this node as one that is not known where it stands.
    pub fn unknown<'k>(self, code: &'static str, place: &str, known: impl IntoIterator<Item = &'k str>) {
        let name = self.name();
        self.report(
            Finding::error(code, self.name_span(), format!("`{name}` is not {place}")).suggest(name, known),
        );
    }
}

/// The finding about a value that must not stand where it does. It quotes nothing: a secret may be in the wrong place.
fn misplaced(home: Home, origin: Origin, span: Span) -> Option<Finding> {
    match (home, origin) {
        (Home::Outside, Origin::File) => {
            let message = "a secret does not belong into the file";
            Some(Finding::error("secret-in-file", span, message).help("write (env)NAME or (file)\"path\""))
        }
        (Home::File, Origin::Outside) => Some(name_from_outside(span)),
        _ => None,
    }
}

/// The finding about a name or path from outside: findings about it would quote what may be a secret.
pub fn name_from_outside(span: Span) -> Finding {
    let message = "a name, a word or a path stands in the file itself";
    Finding::error("name-from-outside", span, message)
        .help("(env) and (file) are for secrets, texts, numbers and addresses")
}

/// `a name`, `an address`: the word with its article.
fn article(what: &str) -> String {
    let vowel = what.starts_with(['a', 'e', 'i', 'o', 'u']);
    if vowel { format!("an {what}") } else { format!("a {what}") }
}
