//! Tests of profiles of XML Schemas: inline where that says all, by the schema where it does not.

use super::*;

fn schema(inside: &str) -> String {
    format!(
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns='urn:o' targetNamespace='urn:o' \
         elementFormDefault='qualified'>{inside}</xs:schema>"
    )
}

fn import(root: Option<&str>, text: &str) -> Result<String, String> {
    let world = Memory::default().file("order.xsd", text);
    let options = ImportOptions { root: root.map(str::to_owned), ..options("order.xsd") };
    imported(&options, &world).map_err(|error| error.0)
}

const ORDER: &str = "<xs:element name='Order'><xs:complexType><xs:sequence>\
    <xs:element name='Placed' type='xs:dateTime'/>\
    <xs:element name='Line' maxOccurs='unbounded'><xs:complexType><xs:sequence>\
        <xs:element name='Sku'><xs:simpleType><xs:restriction base='xs:token'><xs:pattern value='[A-Z]\\d+'/>\
        </xs:restriction></xs:simpleType></xs:element>\
        <xs:element name='Count' type='xs:positiveInteger' minOccurs='0' nillable='true'/>\
    </xs:sequence><xs:attribute name='pos' type='xs:int' use='required'/></xs:complexType></xs:element>\
    <xs:element name='None'><xs:complexType/></xs:element>\
    <xs:element name='Local' form='unqualified' type='xs:boolean'/>\
    </xs:sequence></xs:complexType></xs:element>";

#[test]
fn a_plain_schema_becomes_elements() {
    let text = schema(ORDER);
    let fits = "<Order xmlns='urn:o'><Placed>2026-11-20T08:00:00</Placed><Line pos='1'><Sku>A1</Sku></Line>\
        <None/><Local xmlns=''>true</Local></Order>";
    let printed = round("schemas/order.xsd", &text, &[fits]);
    let expected = r##"// From the XML Schema schemas/order.xsd.
profile order format=xml {
    element Order namespace="urn:o" {
        element Placed type=dateTime
        element Line occurs="1..*" {
            attribute pos type=int required=#true
            element Sku type=token pattern=#"[A-Z]\d+"#
            element Count type=positiveInteger occurs="0..1" nillable=#true
        }
        element None {
        }
        element Local namespace="" type=boolean
    }
}
"##;
    assert_eq!(printed, expected);
}

#[test]
fn a_schema_that_says_more_stays_in_its_file() {
    let text = schema(
        "<xs:element name='Pay'><xs:complexType><xs:choice><xs:element name='Card' type='xs:string'/>\
         <xs:element name='Other'/></xs:choice><xs:anyAttribute/></xs:complexType></xs:element>",
    );
    let printed = round("pay.xsd", &text, &["<Pay xmlns='urn:o'><Card>1</Card></Pay>"]);
    let expected = "// The schema itself checks the documents: an inline profile has no words for xs:anyAttribute in \
        `Pay`, xs:choice in `Pay`, xs:anyType in `Other`.\n\
        profile pay format=xml xsd=\"pay.xsd\" root=\"{urn:o}Pay\"\n";
    assert_eq!(printed, expected);
    // What only the printer knows of.
    let text = schema(
        "<xs:element name='Size'><xs:simpleType><xs:restriction base='xs:string'><xs:enumeration value='very small'/>\
         </xs:restriction></xs:simpleType></xs:element>",
    );
    let printed = round("size.xsd", &text, &["<Size xmlns='urn:o'>very small</Size>"]);
    assert!(printed.contains("`Size` allows values with white space in them.\n"), "{printed}");
}

#[test]
fn a_root_is_chosen_by_its_name() {
    let text = schema(&format!("{ORDER}<xs:element name='Ack' type='xs:string'/>"));
    assert!(import(Some("Ack"), &text).unwrap().contains("element Ack namespace=\"urn:o\"\n"));
    assert_eq!(import(Some("{urn:o}Ack"), &text), import(Some("Ack"), &text));
    let unknown = "order.xsd: the schema has no global element";
    let wrong = |root: &str| import(Some(root), &text).unwrap_err();
    assert_eq!(wrong("Ordr"), format!("{unknown} `Ordr`; did you mean `Order`?"));
    assert_eq!(wrong("{urn:a}Ack"), format!("{unknown} `{{urn:a}}Ack`; did you mean `{{urn:o}}Ack`?"));
    assert_eq!(wrong("xyz"), format!("{unknown} `xyz`; there are {{urn:o}}Ack, {{urn:o}}Order"));
    let many: String = (10..22).map(|n| format!("<xs:element name='e{n}'/>")).collect();
    let told = import(None, &schema(&many)).unwrap_err();
    let start =
        "order.xsd: the schema has 12 global elements; say with --root which one is the root: {urn:o}e10, ";
    assert!(told.starts_with(start) && told.ends_with("{urn:o}e19, ..."), "{told}");
    assert!(import(None, &schema("")).unwrap_err().contains("no global element that could be a root"));
}

#[test]
fn a_wrong_schema_is_shown_at_its_place() {
    let told = import(None, &schema("\n<xs:element name='a' type='b'/>")).unwrap_err();
    assert!(told.contains("there is no type `b`") && told.contains("order.xsd:2:1"), "{told}");
    let told = import(None, &schema("<xs:include schemaLocation='other.xsd'/>")).unwrap_err();
    assert!(told.contains("other.xsd") && told.contains("there is no such file"), "{told}");
}
