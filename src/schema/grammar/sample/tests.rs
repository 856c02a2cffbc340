//! Tests of samples: what each construct becomes, that recursion ends, and what no document fits.

use super::super::tests::read;
use super::*;
use crate::document::tree::Name;

fn sampler(inner: &str) -> Sampler {
    let text = super::super::tests::schema(inner);
    Sampler::new(read(&[("a.xsd", &text)]).unwrap())
}

/// The sample of the element `r`, or why there is none.
fn sample(inner: &str, extent: Extent) -> Result<String, NoSample> {
    let sampler = sampler(inner);
    let root = sampler.grammar.root(&Name::qualified("urn:t", "r")).unwrap();
    let element = sampler.sample(root, extent)?;
    sampler.check(root, &element).unwrap();
    let mut out = Vec::new();
    crate::xml::write_element(&element, Some("urn:t"), &mut out);
    Ok(String::from_utf8(out).unwrap())
}

fn both(inner: &str) -> [String; 2] {
    [Extent::Least, Extent::Full].map(|extent| sample(inner, extent).unwrap())
}

#[test]
fn content_and_attributes_are_there_once() {
    let inner = "<xs:element name='r'><xs:complexType><xs:sequence>
        <xs:element name='a' type='xs:int'/><xs:element name='b' type='xs:string' minOccurs='0' maxOccurs='9'/>
        <xs:element name='c' minOccurs='2' maxOccurs='2' default='x' type='xs:string'/>
        <xs:choice><xs:sequence><xs:element name='d'/><xs:element name='e' type='xs:date'/></xs:sequence>
          <xs:element name='f' type='xs:boolean' fixed='false'/></xs:choice>
        <xs:any namespace='##other' processContents='lax' minOccurs='0'/></xs:sequence>
        <xs:attribute name='k' use='required' type='xs:NCName'/><xs:attribute name='o' fixed='q'/></xs:complexType></xs:element>";
    let [least, full] = both(inner);
    assert_eq!(least, "<r k=\"text\"><a>1</a><c>x</c><c>x</c><f>false</f></r>");
    assert_eq!(
        full,
        "<r k=\"text\" o=\"q\"><a>1</a><b>text</b><c>x</c><c>x</c><d>text</d><e>2026-11-01Z</e></r>"
    );
}

#[test]
fn parts_are_what_the_root_holds() {
    let inner = "<xs:element name='r'><xs:complexType><xs:all><xs:element name='a' minOccurs='0'><xs:complexType><xs:sequence>
        <xs:element name='b' type='xs:int' minOccurs='0'/></xs:sequence></xs:complexType></xs:element></xs:all></xs:complexType></xs:element>";
    assert_eq!(sample(inner, Extent::Least).unwrap(), "<r/>");
    assert_eq!(sample(inner, Extent::Parts).unwrap(), "<r><a/></r>");
    assert_eq!(sample(inner, Extent::Full).unwrap(), "<r><a><b>1</b></a></r>");
}

#[test]
fn recursion_ends() {
    let tree = "<xs:element name='r' type='t:n'/><xs:complexType name='n'><xs:sequence><xs:element name='v' type='xs:int'/>
        <xs:element name='n' type='t:n' minOccurs='0'/></xs:sequence></xs:complexType>";
    let [least, full] = both(tree);
    assert_eq!(least, "<r><v>1</v></r>");
    assert_eq!(full.matches("<n>").count(), 2, "{full}");
    // What must recur ends by the branch that does.
    let expression = "<xs:element name='r' type='t:e'/><xs:complexType name='e'><xs:choice><xs:element name='not' type='t:e'/>
        <xs:sequence><xs:element name='v' type='xs:int'/><xs:element name='w' type='xs:int'/></xs:sequence></xs:choice></xs:complexType>";
    let [least, full] = both(expression);
    assert_eq!(least, "<r><v>1</v><w>1</w></r>");
    assert_eq!(full.matches("<not>").count(), 2, "{full}");
    // Nil where nothing else ends it.
    let nil = "<xs:element name='r' type='t:n'/><xs:complexType name='n'><xs:sequence>
        <xs:element name='n' type='t:n' nillable='true'/></xs:sequence></xs:complexType>";
    assert!(sample(nil, Extent::Least).unwrap().contains("xsi:nil=\"true\""));
    let endless = nil.replace("nillable='true'", "");
    assert_eq!(sample(&endless, Extent::Full), Err(NoSample::Endless));
}

#[test]
fn what_is_abstract_has_a_stand_in() {
    let types = "<xs:element name='r' type='t:base'/><xs:complexType name='base' abstract='true'/>
        <xs:complexType name='own'><xs:complexContent><xs:extension base='t:base'><xs:sequence>
        <xs:element name='v' type='xs:int'/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>";
    let [least, _] = both(types);
    assert_eq!(
        least,
        "<r xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:ns1=\"urn:t\" xsi:type=\"ns1:own\"><v>1</v></r>"
    );
    let heads = "<xs:element name='r'><xs:complexType><xs:sequence><xs:element ref='t:head'/></xs:sequence></xs:complexType>
        </xs:element><xs:element name='head' abstract='true' type='xs:token'/><xs:element name='m' substitutionGroup='t:head'/>";
    assert_eq!(both(heads)[0], "<r><m>text</m></r>");
    let alone = heads.replace("substitutionGroup='t:head'", "");
    assert_eq!(sample(&alone, Extent::Least), Err(NoSample::Endless));
}

#[test]
fn wildcards_that_must_take_something_do() {
    let of = |any: &str| {
        let inner = format!(
            "<xs:element name='o' type='xs:int'/><xs:element name='r'><xs:complexType><xs:sequence>
             <xs:any {any}/></xs:sequence></xs:complexType></xs:element>"
        );
        sample(&inner, Extent::Least)
    };
    assert_eq!(of("").unwrap(), "<r><o>1</o></r>");
    assert_eq!(of("processContents='skip' namespace='urn:x'").unwrap(), "<r><sample xmlns=\"urn:x\"/></r>");
    assert_eq!(of("processContents='lax' namespace='##local'").unwrap(), "<r><sample xmlns=\"\"/></r>");
    assert_eq!(of("namespace='##other'"), Err(NoSample::Endless));
}

#[test]
fn references_and_keys_lead_somewhere() {
    let ids = "<xs:element name='r'><xs:complexType><xs:sequence><xs:element name='a' maxOccurs='2' minOccurs='2'>
        <xs:complexType><xs:attribute name='id' type='xs:ID'/><xs:attribute name='to' type='xs:IDREF' use='required'/></xs:complexType>
        </xs:element></xs:sequence></xs:complexType></xs:element>";
    assert_eq!(both(ids)[0], "<r><a id=\"id0\" to=\"id0\"/><a id=\"id1\" to=\"id0\"/></r>");
    // Where no ID can stand, what would refer to one is left out.
    let alone = "<xs:element name='r'><xs:complexType><xs:sequence><xs:element name='a' type='xs:IDREF' minOccurs='0'/>
        </xs:sequence><xs:attribute name='to' type='xs:IDREFS'/></xs:complexType></xs:element>";
    assert_eq!(both(alone)[1], "<r/>");
    let keys = "<xs:element name='r'><xs:complexType><xs:sequence><xs:element name='a' type='xs:string' minOccurs='3' maxOccurs='3'/>
        </xs:sequence></xs:complexType><xs:unique name='u'><xs:selector xpath='t:a'/><xs:field xpath='.'/></xs:unique></xs:element>";
    assert_eq!(both(keys)[0], "<r><a>text</a><a>text1</a><a>text2</a></r>");
}

#[test]
fn samples_are_bounded() {
    // Each level has ten of the next: only some of them are whole.
    let level = |at: usize| {
        let parts: String = (0..10)
            .map(|part| format!("<xs:element name='p{part}' type='t:l{}' minOccurs='0'/>", at + 1))
            .collect();
        format!("<xs:complexType name='l{at}'><xs:sequence>{parts}</xs:sequence></xs:complexType>")
    };
    let levels: String = (0..9).map(level).collect();
    let wide = format!(
        "<xs:element name='r' type='t:l0'/>{levels}<xs:simpleType name='l9'><xs:restriction base='xs:int'/></xs:simpleType>"
    );
    let full = sample(&wide, Extent::Full).unwrap();
    assert!(full.matches('<').count() > 100 && full.len() < 200_000, "{}", full.len());
    let huge = "<xs:element name='r'><xs:complexType><xs:sequence><xs:element name='a' minOccurs='5000' maxOccurs='5000'/>
        </xs:sequence></xs:complexType></xs:element>";
    assert_eq!(sample(huge, Extent::Least), Err(NoSample::TooLarge));
}

#[test]
fn what_lies_too_deep_is_not_made() {
    let level = |at: usize| {
        format!(
            "<xs:complexType name='l{at}'><xs:sequence><xs:element name='n' type='t:l{}'/></xs:sequence></xs:complexType>",
            at + 1
        )
    };
    let levels: String = (0..300).map(level).collect();
    let deep = format!("<xs:element name='r' type='t:l0'/>{levels}<xs:complexType name='l300'/>");
    assert_eq!(sample(&deep, Extent::Full), Err(NoSample::TooLarge));
}
