//! The `rows` profile format: what a database gives and takes, a row a document.

use std::sync::Arc;

use crate::document::codec::CodecRef;
use crate::document::flat::rows::Rows;
use crate::kind::format::{DeclaredProfile, FormatKind};
use crate::kind::{Compiling, Manual};
use crate::pipeline::operation::Profile;
use crate::profile::columns::{self, nameless};
use crate::schema::Shape;
use crate::syntax::Node;

/// The kind.
pub const KIND: FormatKind = FormatKind {
    manual: Manual {
        name: "rows",
        summary: "rows of a database, their columns declared",
        usage: "profile NAME format=rows { column NAME [type=TYPE] [required=#true] [FACET=...] }",
        text: "A document is one row. Its paths are names of columns: `id`. A column that is not required may be absent or \
               NULL, which is nil in a map. Where bytes are needed, as in a body, a row is a JSON object of its columns.",
        example: "profile order-row format=rows {\n    column id required=#true\n    column placed type=dateTime\n    column total type=decimal\n}",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    rows: Rows,
    columns: Option<Vec<Shape>>,
}

fn read(mut node: Node<'_>) -> Option<Box<dyn DeclaredProfile>> {
    let (columns, shapes) = columns::read(&mut node, "a profile of rows", false, &["column"]);
    node.finish();
    let nillable = |shape: Shape| Shape { nillable: shape.occurs.min == 0, ..shape };
    let shapes = shapes.map(|shapes| shapes.into_iter().map(nillable).collect());
    Some(Box::new(Declared { rows: Rows { columns }, columns: shapes }))
}

impl DeclaredProfile for Declared {
    fn compile(&self, name: &str, _: &Compiling<'_>) -> Option<Profile> {
        let shape = nameless(self.columns.clone()?);
        Some(Profile::new(name, CodecRef::Made(Arc::new(self.rows.clone())), shape))
    }
}
