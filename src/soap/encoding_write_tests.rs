//! Tests of written encodings: types, arrays and nil, and that what is written is read back as it was.

use std::path::{Path, PathBuf};

use super::*;
use crate::document::codec::Limits;
use crate::document::tree::{Content, Node};
use crate::schema::grammar::{Files, Source, compile, load_all};
use crate::soap::envelope;
use crate::source::{FileId, Sources};
use crate::xml;

const XS: &str = "http://www.w3.org/2001/XMLSchema";

/// Nothing but what is built in.
#[derive(Default)]
struct BuiltIn(Sources);

impl Files for BuiltIn {
    fn open(&mut self, _: &Path) -> Result<(FileId, String), String> {
        Err("there are no files".to_owned())
    }

    fn built_in(&mut self, name: &str, text: &str) -> FileId {
        self.0.add(name, text)
    }
}

/// A grammar with the call `{urn:t}call` of these parts, and these types.
fn grammar(parts: &str, types: &str) -> Grammar {
    let text = format!(
        "<xs:schema xmlns:xs='{XS}' xmlns:t='urn:t' xmlns:e='{ENCODING_11}' xmlns:w='http://schemas.xmlsoap.org/wsdl/'
         targetNamespace='urn:t'><xs:import namespace='{ENCODING_11}'/>{types}
         <xs:element name='call'><xs:complexType><xs:all>{parts}</xs:all>
         <xs:anyAttribute namespace='##other' processContents='lax'/></xs:complexType></xs:element></xs:schema>"
    );
    let mut files = BuiltIn::default();
    let file = files.0.add("t.xsd", text.clone());
    let documents =
        load_all(vec![Source::Text { path: PathBuf::from("t.xsd"), file, text }], None, &mut files);
    let (grammar, findings) = compile(&documents);
    assert!(findings.is_empty(), "{findings:?}");
    grammar
}

/// An array of items of a type.
fn array(name: &str, item: &str) -> String {
    format!(
        "<xs:complexType name='{name}'><xs:complexContent><xs:restriction base='e:Array'>
         <xs:attribute ref='e:arrayType' w:arrayType='{item}'/></xs:restriction></xs:complexContent></xs:complexType>"
    )
}

fn encoded(grammar: &Grammar, inner: &str, version: Version) -> String {
    let text = format!("<t:call xmlns:t='urn:t' xmlns:x='{XSI}' xmlns:xs='{XS}'>{inner}</t:call>");
    let mut call = xml::parse(&text, &Limits::default()).unwrap();
    let root = grammar.root(&call.name).unwrap();
    encode(&mut call, grammar, root, version);
    let mut out = Vec::new();
    xml::write_element(&call, None, &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn every_value_says_its_type() {
    let types = "<xs:complexType name='line'><xs:sequence><xs:element name='sku' type='xs:token'/>
        <xs:element name='own'><xs:simpleType><xs:restriction base='xs:int'/></xs:simpleType></xs:element></xs:sequence></xs:complexType>";
    let grammar = grammar(
        "<xs:element name='a' type='xs:int' nillable='true'/><xs:element name='b' type='t:line'/><xs:element name='c'/>",
        types,
    );
    let inner = "<a x:nil='true'/><b id='1'><sku>q</sku><own>2</own></b><c>any</c>";
    assert_eq!(
        encoded(&grammar, inner, Version::V11),
        format!(
            "<call xmlns=\"urn:t\" xmlns:ns1=\"{0}\" ns1:encodingStyle=\"{ENCODING_11}\"><a xmlns=\"\" \
             xmlns:xsi=\"{XSI}\" xmlns:ns2=\"{XS}\" xsi:type=\"ns2:int\" xsi:nil=\"true\"/><b xmlns=\"\" xmlns:xsi=\"{XSI}\" \
             xmlns:ns2=\"urn:t\" xsi:type=\"ns2:line\"><sku xmlns:ns3=\"{XS}\" xsi:type=\"ns3:token\">q</sku><own>2</own></b>\
             <c xmlns=\"\" xmlns:xsi=\"{XSI}\" xmlns:ns2=\"{XS}\" xsi:type=\"ns2:string\">any</c></call>",
            Version::V11.namespace()
        )
    );
}

#[test]
fn arrays_say_what_they_hold() {
    let types = format!(
        "<xs:complexType name='line'><xs:sequence><xs:element name='sku' type='xs:token'/></xs:sequence></xs:complexType>
         {}{}{}",
        array("words", "xs:string[]"),
        array("lines", "t:line[]"),
        array("rows", "xs:int[][]")
    );
    let parts = "<xs:element name='w' type='t:words'/><xs:element name='l' type='t:lines'/><xs:element name='r' type='t:rows'/>
        <xs:element name='any' type='e:Array'/>";
    let grammar = grammar(parts, &types);
    let inner = "<w><item>a</item><item>b</item></w><l><item><sku>q</sku></item></l>
        <r><item><i>1</i><i>2</i></item></r><any/>";
    let of = |version| {
        let text = encoded(&grammar, inner, version);
        let call = xml::parse(&text, &Limits::default()).unwrap();
        // Prefixes are the writer's; what they stand for is told by the types beside.
        let mut seen = Vec::new();
        let mut open = vec![&call];
        while let Some(next) = open.pop() {
            let local = |value: &str| value.rsplit([':', '}']).next().unwrap().to_owned();
            let of = |local: &str| next.attributes.iter().find(|a| a.name.local == local);
            let said: Vec<String> = ["type", "arrayType", "itemType", "arraySize"]
                .iter()
                .filter_map(|name| Some(local(&of(name)?.value)))
                .collect();
            seen.push(format!("{} {}", next.name.local, said.join(" ")));
            let children: Vec<&Element> = next.elements().collect();
            open.extend(children.into_iter().rev());
        }
        seen
    };
    assert_eq!(
        of(Version::V11),
        [
            "call ",
            "w words string[2]",
            "item string",
            "item string",
            "l lines line[1]",
            "item line",
            "sku token",
            "r rows int[][1]",
            "item Array int[2]",
            "i int",
            "i int",
            "any Array anyType[0]"
        ]
    );
    assert_eq!(of(Version::V12)[7..9], ["r rows Array 1", "item Array int 2"]);
    assert_eq!(of(Version::V12)[1], "w words string 2");
}

#[test]
fn what_is_written_is_read_back() {
    let types = format!(
        "<xs:complexType name='line'><xs:sequence><xs:element name='sku' type='xs:token'/><xs:element name='n' type='xs:int'
         nillable='true'/></xs:sequence></xs:complexType>{}",
        array("lines", "t:line[]")
    );
    let grammar =
        grammar("<xs:element name='l' type='t:lines'/><xs:element name='b' type='xs:boolean'/>", &types);
    let text = format!(
        "<t:call xmlns:t='urn:t' xmlns:x='{XSI}'><l><item><sku>a</sku><n>1</n></item><item><sku>b</sku><n x:nil='true'/></item></l>
         <b>true</b></t:call>"
    );
    let call = xml::parse(&text, &Limits::default()).unwrap();
    let root = grammar.root(&call.name).unwrap();
    for version in [Version::V11, Version::V12] {
        let mut sent = call.clone();
        encode(&mut sent, &grammar, root, version);
        let namespace = version.namespace();
        let mut out = format!("<s:Envelope xmlns:s='{namespace}'><s:Body>").into_bytes();
        xml::write_element(&sent, None, &mut out);
        out.extend_from_slice(b"</s:Body></s:Envelope>");
        let read = xml::parse(std::str::from_utf8(&out).unwrap(), &Limits::default()).unwrap();
        let mut message = envelope::take(read, Version::ALL, &Default::default()).unwrap();
        assert!(message.is_encoded);
        let mut body = message.take_body(true, &Limits::default(), &|_| false).unwrap().unwrap();
        plain(&mut body);
        assert_eq!(body, call, "{version:?}");
    }
}

/// Takes away what the encoding says of types, which the contract says too.
fn plain(element: &mut Element) {
    element.attributes.clear();
    if let Content::Children(nodes) = &mut element.content {
        for node in nodes {
            if let Node::Element(child) = node {
                plain(child);
            }
        }
    }
}
