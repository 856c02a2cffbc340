//! How long an XML Schema takes to compile, and a document of 2 KB to be checked against it.
#![allow(clippy::unwrap_used, reason = "a benchmark may stop at the first surprise")]

use std::hint::black_box;
use std::sync::Arc;

use divan::counter::BytesCount;
use soapstone::schema::grammar::{self, Files};
use soapstone::schema::{Format, validate};
use soapstone::source::{FileId, Span};

#[path = "common/message.rs"]
mod message;
use message::{order, soap};

fn main() {
    divan::main();
}

/// A schema of the order.
const SCHEMA: &str = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:example:orders"
    targetNamespace="urn:example:orders" elementFormDefault="qualified">
  <xs:element name="Order"><xs:complexType><xs:sequence>
    <xs:element name="Placed" type="xs:dateTime"/>
    <xs:element name="Customer"><xs:complexType><xs:all>
      <xs:element name="Country"><xs:simpleType><xs:restriction base="xs:string">
        <xs:enumeration value="AT"/><xs:enumeration value="DE"/></xs:restriction></xs:simpleType></xs:element>
      <xs:element name="Name" type="xs:token"/></xs:all></xs:complexType></xs:element>
    <xs:element name="Line" type="Line" maxOccurs="unbounded"/>
  </xs:sequence><xs:attribute name="id" type="xs:token" use="required"/></xs:complexType></xs:element>
  <xs:complexType name="Line"><xs:sequence>
    <xs:element name="Sku"><xs:simpleType><xs:restriction base="xs:token"><xs:pattern value="[A-Z]{3}-[0-9]{4}"/>
      </xs:restriction></xs:simpleType></xs:element>
    <xs:element name="Quantity" type="xs:positiveInteger"/>
    <xs:choice><xs:element name="Price" type="xs:decimal"/><xs:element name="Free"/></xs:choice>
    <xs:element name="Note" type="xs:string" minOccurs="0"/>
  </xs:sequence></xs:complexType>
</xs:schema>"#;

/// One schema, from memory.
struct Schema;

impl Files for Schema {
    fn open(&mut self, _: &std::path::Path) -> Result<(FileId, String), String> {
        Ok((FileId::default(), SCHEMA.to_owned()))
    }

    fn built_in(&mut self, _: &str, _: &str) -> FileId {
        FileId::default()
    }
}

#[divan::bench]
fn xsd_compile(bencher: divan::Bencher<'_, '_>) {
    bencher.bench(|| grammar::compile(&grammar::load(&[("order.xsd".into(), Span::default())], &mut Schema)));
}

#[divan::bench]
fn xsd_validate(bencher: divan::Bencher<'_, '_>) {
    let documents = grammar::load(&[("order.xsd".into(), Span::default())], &mut Schema);
    let (grammar, findings) = grammar::compile(&documents);
    assert!(findings.is_empty(), "{findings:?}");
    let envelope = order();
    let order = envelope.elements().next().and_then(|body| body.elements().next()).unwrap();
    let grammar = Arc::new(grammar);
    let shape = grammar.shape(grammar.root(&order.name).unwrap()).unwrap();
    let bytes = soap().len();
    assert_eq!(validate(order, &shape, Format::Xml, 1), []);
    bencher
        .counter(BytesCount::new(bytes))
        .bench(|| validate(black_box(order), &shape, Format::Xml, 20).len());
}
