//! A row of a database as a document: its columns, with a JSON object as its bytes.

use bytes::Bytes;

use super::{Column, Holds, values};
use crate::document::codec::{Codec, Limits, Malformed, MalformedKind, Unwritable};
use crate::document::json::{is_number, parse, write_string};
use crate::document::text;
use crate::document::tree::{Content, Element, Name, Node};

/// The rows of a table or a query, and their codec: the root has no name, and its children are the columns with their
/// values as text. A column that is not there is absent, one that is NULL is nil.
///
/// The bytes are a JSON object (RFC 8259) of the columns, for passing a row on and for tests: numbers and booleans where
/// the profile says so and the value can be written as one, else strings; NULL is `null`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// The columns in the order of the profile.
    pub columns: Vec<Column>,
}

impl Codec for Rows {
    fn format(&self) -> &'static str {
        "rows"
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn media_types(&self) -> &'static [&'static str] {
        &["application/json"]
    }

    fn decode(&self, bytes: &Bytes, limits: &Limits) -> Result<Element, Malformed> {
        let text = text::decode(bytes, Some("utf-8"))?;
        let mut root = parse(&text, limits)?;
        match &mut root.content {
            Content::Children(columns) => self.row(columns)?,
            Content::Items(rows) => {
                for row in rows {
                    let Node::Element(Element { content: Content::Children(columns), .. }) = row else {
                        return Err(wrong("a list of rows holds JSON objects of their columns".to_owned()));
                    };
                    self.row(columns)?;
                }
            }
            _ => return Err(wrong("a row is a JSON object of its columns".to_owned())),
        }
        Ok(root)
    }

    fn encode(&self, root: &Element, out: &mut Vec<u8>) -> Result<(), Unwritable> {
        match root.content {
            Content::Items(_) => self.encode_list(&[root], out),
            _ => self.encode_row(root, out),
        }
    }

    /// A list of rows is a JSON array.
    fn split(&self, root: Element, _limits: &Limits) -> Result<Vec<Element>, Malformed> {
        Ok(match root.content {
            Content::Items(rows) => rows.into_iter().filter_map(into_element).collect(),
            _ => vec![root],
        })
    }

    fn parts<'r>(&self, root: &'r Element) -> Vec<&'r Element> {
        match root.content {
            Content::Items(_) => root.elements().collect(),
            _ => vec![root],
        }
    }

    fn joined(&self, roots: &[&Element]) -> Result<Element, Unwritable> {
        let rows = roots.iter().flat_map(|root| self.parts(root)).cloned().map(Node::Element);
        Ok(Element::with(Name::default(), Content::Items(rows.collect())))
    }

    fn encode_list(&self, roots: &[&Element], out: &mut Vec<u8>) -> Result<(), Unwritable> {
        out.push(b'[');
        for (index, row) in roots.iter().flat_map(|root| self.parts(root)).enumerate() {
            if index > 0 {
                out.push(b',');
            }
            self.encode_row(row, out)?;
        }
        out.push(b']');
        Ok(())
    }
}

fn into_element(node: Node) -> Option<Element> {
    match node {
        Node::Element(element) => Some(element),
        Node::Text(_) => None,
    }
}

impl Rows {
    /// Appends one row.
    fn encode_row(&self, root: &Element, out: &mut Vec<u8>) -> Result<(), Unwritable> {
        // Names, repetitions and values are checked before anything is written.
        let mut found = Vec::with_capacity(self.columns.len());
        values(root, self.columns.iter().map(|column| column.name.as_str()), &String::new, &mut found)?;
        out.push(b'{');
        for (index, column) in root.elements().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            write_string(&column.name.local, out);
            out.push(b':');
            let known = self.columns.iter().find(|known| known.name == column.name.local);
            match (column.leaf(), known.map(|known| known.holds)) {
                (None, _) => out.extend_from_slice(b"null"),
                (Some(text), Some(Holds::Number)) if is_number(text) => {
                    out.extend_from_slice(text.as_bytes())
                }
                (Some(text @ ("true" | "false")), Some(Holds::Boolean)) => {
                    out.extend_from_slice(text.as_bytes())
                }
                (Some(text), _) => write_string(text, out),
            }
        }
        out.push(b'}');
        Ok(())
    }

    /// Makes the members of an object the columns of a row: as text, and in the order of the profile, since JSON has none
    /// and the profile's check has one.
    fn row(&self, columns: &mut [Node]) -> Result<(), Malformed> {
        for column in columns.iter_mut() {
            if let Node::Element(column) = column {
                as_text(column)?;
            }
        }
        let place = |node: &Node| match node {
            Node::Element(column) => self.columns.iter().position(|known| known.name == column.name.local),
            Node::Text(_) => None,
        };
        columns.sort_by_key(|node| place(node).unwrap_or(usize::MAX));
        Ok(())
    }
}

/// The value of a column as text; JSON's numbers as they are written.
fn as_text(column: &mut Element) -> Result<(), Malformed> {
    let text = match &column.content {
        Content::Children(_) | Content::Items(_) => {
            return Err(wrong(format!("the column `{}` holds no single value", column.name.local)));
        }
        Content::Nil | Content::Empty | Content::Text(_) => return Ok(()),
        Content::Number(text) => text.clone(),
        Content::Bool(value) => if *value { "true" } else { "false" }.into(),
    };
    column.content = Content::Text(text);
    Ok(())
}

fn wrong(message: String) -> Malformed {
    Malformed { line: 1, column: 1, message, kind: MalformedKind::Syntax }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Rows {
        let column = |name: &str, holds| Column { name: name.into(), title: name.into(), holds };
        Rows {
            columns: vec![
                column("id", Holds::Text),
                column("total", Holds::Number),
                column("paid", Holds::Boolean),
            ],
        }
    }

    fn read(text: &'static str) -> Result<Element, Malformed> {
        rows().decode(&Bytes::from_static(text.as_bytes()), &Limits::default())
    }

    #[test]
    fn a_row_comes_back_as_it_was() {
        let root = read(r#"{"paid":true,"id":"007","total":19.90}"#).unwrap();
        let names: Vec<&str> = root.elements().map(|e| e.name.local.as_str()).collect();
        assert_eq!(names, ["id", "total", "paid"]);
        assert_eq!(root.child("total").unwrap().content, Content::Text("19.90".into()));
        let mut out = Vec::new();
        rows().encode(&root, &mut out).unwrap();
        assert_eq!(out, br#"{"id":"007","total":19.90,"paid":true}"#);
    }

    #[test]
    fn null_is_nil_and_what_is_no_number_stays_a_string() {
        let root = read(r#"{"id":null,"total":"+7"}"#).unwrap();
        assert!(root.child("id").unwrap().is_nil());
        let mut out = Vec::new();
        rows().encode(&root, &mut out).unwrap();
        assert_eq!(out, br#"{"id":null,"total":"+7"}"#);
    }

    #[test]
    fn a_list_is_an_array() {
        let text = r#"[{"id":"a"},{"total":2}]"#;
        let found = rows().split(read(text).unwrap(), &Limits::default()).unwrap();
        let mut out = Vec::new();
        rows().encode_list(&found.iter().collect::<Vec<_>>(), &mut out).unwrap();
        assert_eq!((found.len(), out.as_slice()), (2, text.as_bytes()));
        let whole = rows().joined(&found.iter().collect::<Vec<_>>()).unwrap();
        assert_eq!(whole, read(text).unwrap());
        assert_eq!(rows().parts(&whole), found.iter().collect::<Vec<_>>());
        out.clear();
        rows().encode(&whole, &mut out).unwrap();
        assert_eq!(out, text.as_bytes());
    }

    #[test]
    fn what_is_no_row_is_refused() {
        assert!(read("[1]").unwrap_err().message.contains("JSON objects"));
        assert!(read(r#"{"id":{}}"#).unwrap_err().message.contains("`id`"));
        let mut root = read("{}").unwrap();
        root.push(Element::new(Name::local("x")));
        assert_eq!(rows().encode(&root, &mut Vec::new()).unwrap_err().path, "x");
    }
}
