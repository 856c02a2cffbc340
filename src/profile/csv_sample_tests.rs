//! Tests of tables: what a CSV sample shows of its columns.

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::document::codec::{Codec, Limits};

fn table(text: &str) -> Table {
    read(text.as_bytes(), &Said::default()).unwrap_or_else(|wrong| panic!("{text}: {wrong}"))
}

/// `name:type`, with `!` for one that is required.
fn shown(table: &Table) -> String {
    let columns = table.csv.columns.iter().zip(&table.types);
    let one = |(column, (base, required)): (&Column, &(SimpleType, bool))| {
        format!("{}:{}{}", column.name, base.name(), if *required { "!" } else { "" })
    };
    columns.map(one).collect::<Vec<_>>().join(" ")
}

#[test]
fn columns_have_the_types_of_their_values() {
    for (text, header, expected) in [
        ("sku,price,on\nA,1.50,2026-11-20\nB,2,\n", true, "sku:string! price:decimal! on:date"),
        ("A,1\nB,2\n", false, "column1:string! column2:integer!"),
        ("1,007\n2,008\n", false, "column1:integer! column2:string!"),
        ("Unit price;No.\n1,5;1\n", true, "Unit-price:string! No.:integer!"),
        ("Unit price;No.\nx;y\n", false, "column1:string! column2:string!"),
        ("a,a\nb,c\n", false, "column1:string! column2:string!"),
        ("a,b\n", true, "a:string b:string"),
        ("a,b\n\"\",\"\"\nx,1\n", true, "a:string! b:integer"),
        ("a\n\"\"\nx\n", true, "a:string"),
        ("a b,a-b,a_b\n1,2,true\n", true, "a-b-2:integer! a-b:integer! a_b:boolean!"),
    ] {
        let table = table(text);
        assert_eq!((table.csv.header, shown(&table).as_str()), (header, expected), "{text}");
    }
}

#[test]
fn what_is_said_is_not_guessed() {
    let said = Said { delimiter: Some(b','), header: Some(false), ..Said::default() };
    let table = read(b"a;b,c\nd;e,f\n", &said).unwrap();
    assert_eq!(shown(&table), "column1:string! column2:string!");
    assert_eq!(table.csv.newline, "\n");
    let twice = read(b"a,a\n", &Said { header: Some(true), ..Said::default() }).unwrap_err();
    assert_eq!(twice.to_string(), "line 1, column 1: the header line names a column twice");
    let table = read(b"name,n\r\nM\xFCller,1\r\n", &Said::default()).unwrap();
    assert_eq!((table.csv.charset, table.csv.newline), (Charset::Windows1252, "\r\n"));
}

#[test]
fn what_is_no_table_is_refused_at_its_line() {
    for (text, expected) in [
        ("", "line 1, column 1: there is no record in it"),
        ("a;b;c\n1;2;3\n4;5\n", "line 3, column 1: found a record of 2 fields, expected 3 as in the first"),
        ("a,b\n1,\"2\n", "line 2, column 3: the quote that opens here is never closed"),
    ] {
        let found = read(text.as_bytes(), &Said::default()).unwrap_err();
        assert_eq!(found.to_string(), expected, "{text}");
    }
    let wide = ",".repeat(MOST + 1);
    assert!(read(wide.as_bytes(), &Said::default()).unwrap_err().message.contains("more than 2000 fields"));
}

proptest! {
    #[test]
    fn no_bytes_make_a_table_that_does_not_read_them(bytes in prop::collection::vec(prop_oneof![
        any::<u8>(), prop::sample::select(b"a1,;|\t\"'\n\r".to_vec())], 0..60)) {
        if let Ok(table) = read(&bytes, &Said::default()) {
            let read = table.csv.decode(&Bytes::from(bytes), &Limits::default());
            prop_assert!(read.is_ok(), "{:?}\n{:?}", table, read);
        }
    }
}
