//! The profile formats: one file each, and the table of them.

mod columns;
mod csv;
mod fixed;
mod json;
mod records;
mod rows;
mod shapes;
mod xml;

use crate::kind::format::FormatKind;

/// Every format, in the order the manual shows them.
pub static FORMATS: &[FormatKind] = &[xml::KIND, json::KIND, csv::KIND, fixed::KIND, rows::KIND];
