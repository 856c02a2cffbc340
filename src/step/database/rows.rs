//! Rows that came back as documents, and rows of documents to write.

use std::sync::Arc;

use compact_str::CompactString;

use crate::document::Document;
use crate::document::codec::CodecRef;
use crate::document::flat::rows;
use crate::document::tree::{Content, Element, Name, Node};
use crate::kind::Compiling;
use crate::kind::statements::Column;
use crate::pipeline::failure::Failure;
use crate::pipeline::fits::{VIOLATIONS, fits};
use crate::pipeline::gather::Gathered;
use crate::pipeline::operation::Profile;
use crate::pipeline::run::Run;
use crate::pipeline::step::Outcome;
use crate::schema::{Format, Shape, ShapeKind, SimpleType, validate};
use crate::source::{Finding, Span};
use crate::sql::{Answer, Cell, Kind, SqlError};
use crate::syntax::{FromValue, Given, Home};

/// Which rows make one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Each {
    /// Each of them.
    #[default]
    Row,
    /// So many.
    Some(usize),
    /// All of them.
    All,
}

impl Each {
    /// Whether a document is a row.
    pub fn is_row(self) -> bool {
        self == Self::Row
    }
}

impl FromValue for Each {
    const HOME: Home = Home::File;

    fn from_value(given: &Given<'_>) -> Result<Self, String> {
        let number = given.value.as_integer().and_then(|number| usize::try_from(number).ok());
        match (given.text(), number) {
            (Some("row"), _) => Ok(Self::Row),
            (Some("all"), _) => Ok(Self::All),
            (None, Some(number)) if number > 0 => Ok(Self::Some(number)),
            _ => Err("row, all, or how many rows make one document".to_owned()),
        }
    }
}

/// How rows become documents.
#[derive(Debug)]
pub struct Rows {
    /// Which of them make one.
    pub each: Each,
    profile: Option<Arc<Profile>>,
    /// Whether documents pass a statement that gives no row: a procedure need not give any.
    pub may_pass: bool,
}

impl Rows {
    /// Checks the profile; `None` after a finding.
    pub fn compile(
        profile: Option<(&Arc<Profile>, Span)>,
        each: Each,
        compiling: &Compiling<'_>,
    ) -> Option<Self> {
        if let Some((profile, span)) = profile {
            is_rows(profile, span, compiling)?;
        }
        Some(Self { each, profile: profile.map(|(profile, _)| Arc::clone(profile)), may_pass: false })
    }

    /// The columns of the profile.
    pub fn columns(&self) -> Vec<Column> {
        let shapes = self.profile.as_ref().map(|profile| profile.shape.children()).unwrap_or_default();
        let column = |shape: &Shape| Column { name: shape.name.clone(), is_required: shape.occurs.min > 0 };
        shapes.iter().map(column).collect()
    }

    /// What stands in for rows: of the profile, where there is one, and taken apart as rows are.
    pub fn stand_in(&self, run: &Run, given: Document) -> Outcome {
        let Some(profile) = &self.profile else { return Ok(vec![given]) };
        let read = Document::encoded(given.bytes().clone(), profile.codec.clone(), run.request().limits);
        let root = read.tree().map_err(|malformed| Failure::unreadable(&malformed))?;
        let rows = of(root);
        rows.iter().try_for_each(|row| self.check(row))?;
        if !self.each.is_row() {
            return Ok(vec![given.replaced(read)]);
        }
        let one =
            |row: &&Element| given.replaced(Document::tree_of(Element::clone(row), profile.codec.clone()));
        Ok(rows.iter().map(one).collect())
    }

    /// Makes documents of what came back, with the properties of the one that it was asked for.
    pub async fn documents(
        &self,
        run: &Run,
        asked: &Document,
        answer: Answer,
        out: &mut Gathered<'_>,
    ) -> Result<(), Failure> {
        let columns = answer.columns;
        let order = self.order(&columns.iter().map(|column| &column.name).collect::<Vec<_>>())?;
        let codec = match &self.profile {
            Some(profile) => profile.codec.clone(),
            None => CodecRef::Made(Arc::new(rows::Rows { columns: columns.to_vec() })),
        };
        let names: Vec<Name> = columns.iter().map(|column| Name::local(column.name.clone())).collect();
        let booleans: Vec<bool> = columns.iter().map(|column| self.is_boolean(&column.name)).collect();
        let document = |root| asked.replaced(Document::tree_of(root, codec.clone()));
        let mut list = Vec::new();
        let any = !answer.rows.is_empty();
        for row in answer.rows {
            run.turn().await?;
            let row = element(&names, &order, booleans_of(row, &booleans));
            self.check(&row)?;
            if self.each.is_row() {
                out.add(vec![document(row)])?;
                continue;
            }
            list.push(Node::Element(row));
            if self.each == Each::Some(list.len()) {
                out.add(vec![document(listed(std::mem::take(&mut list)))])?;
            }
        }
        if !list.is_empty() || (self.each == Each::All && !any) {
            out.add(vec![document(listed(list))])?;
        }
        Ok(())
    }

    /// The positions of the columns in the order of the profile.
    fn order(&self, columns: &[&CompactString]) -> Result<Vec<usize>, Failure> {
        let Some(profile) = self.profile.as_ref().filter(|_| !columns.is_empty()) else {
            return Ok((0..columns.len()).collect());
        };
        let shapes = profile.shape.children();
        if let Some(foreign) = columns.iter().find(|name| !shapes.iter().any(|shape| shape.name == **name)) {
            return Err(misfit(&format!(
                "the result has a column `{foreign}`, which the profile `{}` does not have",
                profile.name
            )));
        }
        Ok(shapes.iter().filter_map(|shape| columns.iter().position(|name| shape.name == **name)).collect())
    }

    /// Whether a column is one of the profile's that are true or false: few databases have such a type.
    fn is_boolean(&self, name: &str) -> bool {
        let shapes = self.profile.as_ref().map(|profile| profile.shape.children()).unwrap_or_default();
        shapes.iter().filter(|shape| shape.name == name).any(
            |shape| matches!(&shape.kind, ShapeKind::Simple(simple) if simple.base == SimpleType::Boolean),
        )
    }

    fn check(&self, row: &Element) -> Result<(), Failure> {
        let Some(profile) = &self.profile else { return Ok(()) };
        let found = validate(row, &profile.shape, Format::Xml, VIOLATIONS);
        fits(found, None).map_err(|failure| {
            misfit(&format!("a row does not fit the profile `{}`: {}", profile.name, failure.message))
        })
    }
}

/// The failure of rows that are not such as the profile says: whoever called has no part in it.
fn misfit(why: &str) -> Failure {
    super::failure(&SqlError::new(Kind::Rows, why))
}

/// A row whose numbers are `true` or `false` where the profile says so.
fn booleans_of(mut row: Vec<Cell>, booleans: &[bool]) -> Vec<Cell> {
    for (cell, _) in row.iter_mut().zip(booleans).filter(|(_, is_boolean)| **is_boolean) {
        match cell.as_deref() {
            Some("0") => *cell = Some("false".into()),
            Some("1") => *cell = Some("true".into()),
            _ => {}
        }
    }
    row
}

fn element(names: &[Name], order: &[usize], mut row: Vec<Cell>) -> Element {
    let nodes = order.iter().filter_map(|at| {
        let content = match row.get_mut(*at)?.take() {
            Some(text) => Content::Text(text),
            None => Content::Nil,
        };
        Some(Node::Element(Element::with(names.get(*at)?.clone(), content)))
    });
    Element::with(Name::default(), Content::Children(nodes.collect()))
}

fn listed(rows: Vec<Node>) -> Element {
    Element::with(Name::default(), Content::Items(rows))
}

/// Whether a profile is one of rows; `None` after a finding.
pub fn is_rows(profile: &Profile, span: Span, compiling: &Compiling<'_>) -> Option<()> {
    if profile.codec.format() == "rows" {
        return Some(());
    }
    let message = format!(
        "the profile `{}` is {}, and rows are asked for",
        profile.name,
        profile.codec.format().to_uppercase()
    );
    let finding = Finding::error("wrong-document", span, message);
    compiling.report(
        finding.help("declare profile NAME format=rows { column NAME ... }, and `map` between the two"),
    );
    None
}

/// The rows of a document: itself, or what it is a list of.
pub fn of(root: &Element) -> Vec<&Element> {
    match root.content {
        Content::Items(_) => root.elements().collect(),
        _ => vec![root],
    }
}

/// The position of the column that a value of a row is for.
pub fn column(value: &Element, columns: &[Shape]) -> Option<usize> {
    columns.iter().position(|shape| shape.name == value.name.local)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_true_or_false_where_the_profile_says_so() {
        let row = |texts: [&str; 4]| texts.map(|text| Some(text.into())).to_vec();
        let made = booleans_of(row(["1", "0", "1", "2"]), &[true, true, false, true]);
        assert_eq!(made, row(["true", "false", "1", "2"]));
        assert_eq!(booleans_of(vec![None], &[true]), vec![None]);
    }
}
