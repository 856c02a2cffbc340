//! Names that other declarations use: resolved once, with a note of which are used.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::source::{Finding, Span, Spanned};

/// What was declared under each name. A declaration with mistakes keeps its name, so that its users are not blamed.
#[derive(Debug)]
pub struct Names<T: ?Sized> {
    what: &'static str,
    entries: BTreeMap<String, Entry<T>>,
}

#[derive(Debug)]
struct Entry<T: ?Sized> {
    item: Option<Arc<T>>,
    span: Span,
    used: Cell<bool>,
}

impl<T: ?Sized> Names<T> {
    /// An empty table; `what` is the declaration's word: `profile`.
    pub fn new(what: &'static str) -> Self {
        Self { what, entries: BTreeMap::new() }
    }

    /// Enters a name. `None` for a declaration that did not compile.
    ///
    /// # Errors
    /// The name is taken; both places are shown.
    pub fn enter(&mut self, name: &Spanned<String>, item: Option<Arc<T>>) -> Result<(), Finding> {
        if let Some(first) = self.entries.get(&name.value) {
            let message = format!("there are two `{} {}`", self.what, name.value);
            return Err(Finding::error("duplicate-name", name.span, message)
                .also(first.span, "the first one is here")
                .help("give one of them another name"));
        }
        self.entries.insert(name.value.clone(), Entry { item, span: name.span, used: Cell::new(false) });
        Ok(())
    }

    /// What is behind a name, noted as used.
    ///
    /// # Errors
    /// `Some(finding)` when there is no such name; `None` when there is one with mistakes of its own.
    pub fn find(&self, name: &Spanned<String>) -> Result<Arc<T>, Option<Finding>> {
        let Some(entry) = self.entries.get(&name.value) else {
            let message = format!("there is no `{} {}`", self.what, name.value);
            let code = "unknown-name";
            return Err(Some(Finding::error(code, name.span, message).suggest(&name.value, self.names())));
        };
        entry.used.set(true);
        entry.item.clone().ok_or(None)
    }

    /// What is behind a name, if anything; not noted as used.
    pub fn get(&self, name: &str) -> Option<&Arc<T>> {
        self.entries.get(name)?.item.as_ref()
    }

    /// Where a name is declared.
    pub fn span(&self, name: &str) -> Option<Span> {
        self.entries.get(name).map(|entry| entry.span)
    }

    /// All names in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// The names that nothing has asked for so far.
    pub fn unused_names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter(|(_, entry)| !entry.used.get()).map(|(name, _)| name.as_str())
    }

    /// A warning for each name that nothing uses.
    pub fn unused(&self) -> impl Iterator<Item = Finding> {
        self.entries.iter().filter(|(_, entry)| !entry.used.get()).map(|(name, entry)| {
            let message = format!("nothing uses `{} {name}`", self.what);
            Finding::warning("unused", entry.span, message).help("remove it, or use it")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Spanned<String> {
        Spanned::new(text.to_owned(), Span::default())
    }

    #[test]
    fn unknown_and_broken_are_two_things() {
        let mut names: Names<u8> = Names::new("profile");
        names.enter(&name("order"), Some(Arc::new(1))).unwrap();
        names.enter(&name("broken"), None).unwrap();
        assert_eq!(*names.find(&name("order")).unwrap(), 1);
        assert!(names.find(&name("broken")).unwrap_err().is_none());
        let finding = names.find(&name("ordre")).unwrap_err().unwrap();
        assert_eq!(finding.help.as_deref(), Some("did you mean `order`?"));
        assert_eq!(names.enter(&name("order"), None).unwrap_err().code, "duplicate-name");
    }

    #[test]
    fn what_nobody_asked_for_is_unused() {
        let mut names: Names<u8> = Names::new("map");
        names.enter(&name("a"), Some(Arc::new(1))).unwrap();
        assert_eq!(names.unused().count(), 1);
        names.find(&name("a")).unwrap();
        assert_eq!(names.unused().count(), 0);
    }
}
