//! The records of a tree on their way into a file: each with its type, in the order of the tree.

use super::records::{Levels, Record, Types};
use super::{join, listed, stray_text, values};
use crate::document::codec::Unwritable;
use crate::document::tree::{Content, Element, Name, Node};

/// What writes one record: its type, an element of its fields, and its path.
type Line<'l, F> = &'l mut dyn FnMut(&Record<F>, &Element, &str) -> Result<(), Unwritable>;

/// Gives the records of these trees to `line`, each before those that belong to it.
///
/// # Errors
/// There is no record of an element's name where it stands, a group has no records or would be read as part of the one
/// before it; or what `line` says.
pub(super) fn walk<F>(types: &Types<F>, roots: &[&Element], line: Line<'_, F>) -> Result<(), Unwritable> {
    if let Some(text) = roots.iter().find_map(|root| stray_text(root)) {
        let message = format!("the text `{}` stands beside the records", text.trim());
        return Err(Unwritable { path: ".".to_owned(), message });
    }
    let levels = types.grouped.then(|| Levels::new(types));
    let mut walk = Walk { line, levels, way: Vec::new(), here: Vec::new() };
    walk.records(&types.records, &mut roots.iter().flat_map(|root| root.elements()), "")
}

struct Walk<'w, F> {
    line: Line<'w, F>,
    /// Where a reader would put the records, if there are groups: what they begin with must tell them apart.
    levels: Option<Levels<'w, F>>,
    /// The types from the top to the record at hand, and its positions.
    way: Vec<usize>,
    here: Vec<usize>,
}

impl<F> Walk<'_, F> {
    /// The records of one level, with those under them; as deep as the profile, which is bounded.
    fn records(
        &mut self,
        types: &[Record<F>],
        elements: &mut dyn Iterator<Item = &Element>,
        above: &str,
    ) -> Result<(), Unwritable> {
        let mut seen = vec![0_usize; types.len()];
        for (position, element) in elements.enumerate() {
            let local = element.name.local.as_str();
            let found = types.iter().zip(&mut seen).enumerate().find(|(_, (record, _))| record.name == local);
            let Some((index, (record, count))) = found else {
                let names = listed(types.iter().map(|record| record.name.as_str()));
                let message = format!("there is no record of this name here; expected {names}");
                return Err(Unwritable { path: join(above.to_owned(), local), message });
            };
            *count += 1;
            let path = join(above.to_owned(), &format!("{local}[{count}]"));
            self.way.push(index);
            self.here.push(position);
            self.record(record, element, &path)?;
            self.way.pop();
            self.here.pop();
        }
        Ok(())
    }

    fn record(&mut self, record: &Record<F>, element: &Element, path: &str) -> Result<(), Unwritable> {
        if record.records.is_empty() {
            self.check(path)?;
            return (self.line)(record, element, path);
        }
        let is_record = |child: &Element| record.records.iter().any(|inner| inner.name == child.name.local);
        let own = element.nodes().iter().filter(|node| match node {
            Node::Element(child) => !is_record(child),
            Node::Text(_) => true,
        });
        let (name, attributes) = (Name::default(), element.attributes.clone());
        let own = Element { name, attributes, content: Content::Children(own.cloned().collect()) };
        if record.group {
            values(&own, std::iter::empty(), &|| path.to_owned(), &mut Vec::new())?;
            if !element.elements().any(is_record) {
                let message = "a group without records cannot be written".to_owned();
                return Err(Unwritable { path: path.to_owned(), message });
            }
        } else {
            self.check(path)?;
            (self.line)(record, &own, path)?;
        }
        self.records(&record.records, &mut element.elements().filter(|child| is_record(child)), path)
    }

    /// Whether a reader would find the record where it stands.
    fn check(&mut self, path: &str) -> Result<(), Unwritable> {
        let Some(levels) = &mut self.levels else { return Ok(()) };
        let wrong = |message: String| Err(Unwritable { path: path.to_owned(), message });
        match levels.put(&self.way, 0, Vec::new()) {
            Err(message) => wrong(message),
            Ok(()) if levels.here() == self.here => Ok(()),
            Ok(()) => wrong(
                "this would be read as part of another group: only the order of records tells them apart"
                    .to_owned(),
            ),
        }
    }
}
