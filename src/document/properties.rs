//! Properties: named texts beside a document's body.

use std::sync::Arc;

use compact_str::CompactString;

/// Properties of one document, copied only when changed after a copy of the document was made.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Properties(Option<Arc<Vec<(CompactString, CompactString)>>>);

impl Properties {
    /// The value of `name`, if it was set.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.as_ref()?.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Sets `name`, replacing what it was.
    pub fn set(&mut self, name: &str, value: impl Into<CompactString>) {
        let list = Arc::make_mut(self.0.get_or_insert_with(Arc::default));
        match list.iter_mut().find(|(n, _)| n == name) {
            Some((_, old)) => *old = value.into(),
            None => list.push((name.into(), value.into())),
        }
    }

    /// Removes `name`.
    pub fn remove(&mut self, name: &str) {
        if self.get(name).is_some()
            && let Some(list) = &mut self.0
        {
            Arc::make_mut(list).retain(|(n, _)| n != name);
        }
    }

    /// All of them in the order they were set.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().flat_map(|list| list.iter()).map(|(n, v)| (n.as_str(), v.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_to_a_copy_leaves_the_original() {
        let mut a = Properties::default();
        a.set("x", "1");
        let mut b = a.clone();
        b.set("x", "2");
        b.set("y", "3");
        b.remove("none");
        assert_eq!(a.get("x"), Some("1"));
        assert_eq!(b.iter().collect::<Vec<_>>(), [("x", "2"), ("y", "3")]);
        b.remove("x");
        assert_eq!(b.get("x"), None);
    }
}
