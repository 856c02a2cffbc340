//! The profile formats: one file each, and the table of them.

mod columns;
mod csv;
pub mod csv_sample;
mod edifact;
mod fields;
mod fixed;
mod interchange;
mod json;
mod json_schema;
mod records;
mod rows;
mod sample;
mod segments;
mod shapes;
mod written;
mod x12;
mod xml;
mod xml_element;
mod xml_parts;
mod xml_schema;

use crate::kind::format::FormatKind;

/// Every format, in the order the manual shows them.
pub static FORMATS: &[FormatKind] =
    &[xml::KIND, json::KIND, csv::KIND, fixed::KIND, rows::KIND, x12::KIND, edifact::KIND];
