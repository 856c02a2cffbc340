//! Tests of grammars: schemas in memory, and documents against them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proptest::prelude::*;

use super::{Files, Grammar, compile, load};
use crate::document::codec::Limits;
use crate::schema::{Format, Shape, ShapeKind, validate};
use crate::source::{FileId, Sources, Span};
use crate::xml;

/// Files in memory.
#[derive(Default)]
struct Given {
    files: BTreeMap<PathBuf, String>,
    sources: Sources,
}

impl Files for Given {
    fn open(&mut self, path: &Path) -> Result<(FileId, String), String> {
        let text = self.files.get(path).cloned().ok_or("there is no such file")?;
        Ok((self.sources.add(path.display().to_string(), text.clone()), text))
    }

    fn built_in(&mut self, name: &str, text: &str) -> FileId {
        self.sources.add(name, text)
    }
}

/// A schema document with this inside, in the namespace `urn:t` with the prefix `t`.
pub(super) fn schema(inner: &str) -> String {
    format!(
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns:t='urn:t' targetNamespace='urn:t' \
         elementFormDefault='qualified'>{inner}</xs:schema>"
    )
}

/// The grammar of documents, or what is wrong with them, each with its place.
pub(super) fn read(files: &[(&str, &str)]) -> Result<Arc<Grammar>, Vec<String>> {
    let mut given = Given::default();
    for (name, text) in files {
        given.files.insert(PathBuf::from(name), (*text).to_owned());
    }
    let first = files.first().map(|(name, _)| (PathBuf::from(name), Span::default()));
    let documents = load(&Vec::from_iter(first), &mut given);
    let (grammar, findings) = compile(&documents);
    if findings.is_empty() {
        return Ok(Arc::new(grammar));
    }
    let shown = |finding: &crate::source::Finding| {
        let help = finding.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{}: {}{help}", given.sources.place(finding.span), finding.message)
    };
    Err(findings.iter().map(shown).collect())
}

pub(super) fn shape(inner: &str, root: &str) -> Shape {
    let grammar = read(&[("a.xsd", &schema(inner))]).unwrap();
    let name = crate::document::tree::Name::qualified("urn:t", root);
    grammar.shape(grammar.root(&name).unwrap()).unwrap()
}

/// What is wrong with a document whose default namespace is `urn:t`.
pub(super) fn wrong(shape: &Shape, document: &str) -> Vec<String> {
    let at = document.find([' ', '>', '/']).unwrap();
    let (start, rest) = document.split_at(at);
    let text = format!(
        "{start} xmlns='urn:t' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xmlns:xs='urn:other'{rest}"
    );
    let root = xml::parse(&text, &Limits::default()).unwrap();
    let found = validate(&root, shape, Format::Xml, 20);
    found.into_iter().map(|violation| format!("{}: {}", violation.path, violation.message)).collect()
}

const ANIMALS: &str = "<xs:element name='zoo'><xs:complexType><xs:sequence>\
    <xs:element name='pet' type='t:pet' maxOccurs='3'/>\
    <xs:choice minOccurs='0' maxOccurs='2'><xs:element name='a' type='xs:int'/><xs:sequence>\
    <xs:element name='b' type='xs:date'/><xs:element name='c'/></xs:sequence></xs:choice>\
    <xs:any namespace='##other' processContents='lax' minOccurs='0'/>\
    </xs:sequence></xs:complexType>\
    <xs:key name='k'><xs:selector xpath='t:pet'/><xs:field xpath='@id'/></xs:key>\
    <xs:keyref name='r' refer='t:k'><xs:selector xpath='t:pet'/><xs:field xpath='@friend'/></xs:keyref>\
    </xs:element>\
    <xs:complexType name='pet' abstract='true'><xs:sequence><xs:element name='name' type='xs:token'/></xs:sequence>\
    <xs:attribute name='id' type='xs:int' use='required'/><xs:attribute name='friend' type='xs:int'/></xs:complexType>\
    <xs:complexType name='dog'><xs:complexContent><xs:extension base='t:pet'><xs:sequence>\
    <xs:element name='chip' type='xs:int' nillable='true'/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>";

const DOG: &str = "<pet id='1' xsi:type='dog'><name>Rex</name><chip>1</chip></pet>";

#[test]
fn a_document_that_fits_has_no_errors() {
    let shape = shape(ANIMALS, "zoo");
    for inner in [
        "",
        "<a>1</a><a>2</a>",
        "<b>2026-11-20</b><c/><a>1</a>",
        "<x xmlns='urn:x'><y/></x>",
        "<a>1</a><x xmlns='urn:x'/>",
    ] {
        assert_eq!(wrong(&shape, &format!("<zoo>{DOG}{inner}</zoo>")), [""; 0], "{inner}");
    }
    let nil = DOG.replace("<chip>1</chip>", "<chip xsi:nil='true'/>");
    assert_eq!(wrong(&shape, &format!("<zoo>{nil}</zoo>")), [""; 0]);
}

#[test]
fn each_error_names_its_place_and_what_was_expected() {
    let shape = shape(ANIMALS, "zoo");
    let one = |inner: &str| wrong(&shape, &format!("<zoo>{inner}</zoo>")).join("\n");
    assert_eq!(one(""), "zoo/pet: this element is missing");
    assert_eq!(
        one("<pet id='1'><name>x</name></pet>"),
        "zoo/pet: its type `pet` is abstract: xsi:type names another one; expected `{urn:t}dog`"
    );
    assert_eq!(
        one(&DOG.replace("'dog'", "'cat'")).lines().next().unwrap(),
        "zoo/pet/@type: there is no type `{urn:t}cat`; expected `{urn:t}dog`"
    );
    assert_eq!(one(&format!("{DOG}<b>2026-11-20</b>")), "zoo/c: this element is missing");
    assert_eq!(
        one(&format!("{DOG}<c/>")),
        "zoo/c: this element cannot stand here: expected `pet`, `a`, `b`, any element in another namespace than `urn:t` \
         or nothing"
    );
    assert_eq!(
        one(&format!("{DOG}<pett/>")),
        "zoo/pett: this element is not known here; did you mean `pet`?"
    );
    assert_eq!(
        one(&format!("{DOG}<a>x</a>")),
        "zoo/a: found `x`, expected an integer from -2147483648 to 2147483647"
    );
    assert_eq!(
        one(&format!("{DOG}{DOG}")),
        "zoo/pet[2]: the value `1` is there twice, and `k` must be unique"
    );
    let friend = DOG.replace("id='1'", "id='1' friend='7'");
    assert_eq!(one(&friend), "zoo/pet: the key `k` has no value `7`, which `r` refers to");
}

#[test]
fn ambiguous_models_find_a_way_when_there_is_one() {
    let inner = "<xs:element name='r'><xs:complexType><xs:sequence><xs:element name='a' minOccurs='0'/>\
        <xs:sequence minOccurs='2' maxOccurs='1000000'><xs:element name='a' minOccurs='0'/><xs:element name='b'/></xs:sequence>\
        <xs:any minOccurs='0' maxOccurs='unbounded' processContents='skip'/><xs:element name='z'/>\
        </xs:sequence></xs:complexType></xs:element>";
    let shape = shape(inner, "r");
    for right in ["<b/><b/><z/>", "<a/><b/><a/><b/><z/>", "<a/><a/><b/><b/><z/><z/>", "<b/><b/><b/><q/><z/>"]
    {
        assert_eq!(wrong(&shape, &format!("<r>{right}</r>")), [""; 0], "{right}");
    }
    for bad in ["<b/><z/>", "<b/><b/>", "<a/><a/><a/><b/><b/><z/>"] {
        assert!(!wrong(&shape, &format!("<r>{bad}</r>")).is_empty(), "{bad}");
    }
}

#[test]
fn documents_include_import_and_redefine_each_other() {
    let main = schema(
        "<xs:include schemaLocation='sub/part.xsd'/><xs:import namespace='urn:u' schemaLocation='u.xsd'/>\
         <xs:import namespace='http://www.w3.org/XML/1998/namespace' schemaLocation='http://www.w3.org/2001/xml.xsd'/>\
         <xs:redefine schemaLocation='base.xsd'><xs:simpleType name='size'><xs:restriction base='t:size'>\
         <xs:maxInclusive value='10'/></xs:restriction></xs:simpleType></xs:redefine>\
         <xs:element name='r'><xs:complexType><xs:sequence><xs:element ref='t:part'/><xs:element ref='u:e' xmlns:u='urn:u'/>\
         <xs:element name='s' type='t:size'/></xs:sequence><xs:attribute ref='xml:lang'/></xs:complexType></xs:element>",
    );
    // In no namespace, and in a circle.
    let part = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:include schemaLocation='../sub/part.xsd'/>\
        <xs:element name='part' type='p'/><xs:simpleType name='p'><xs:restriction base='xs:int'/></xs:simpleType></xs:schema>";
    let other = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:u' xmlns:t='urn:t'>\
        <xs:import namespace='urn:t' schemaLocation='a.xsd'/><xs:element name='e' type='t:size'/></xs:schema>";
    let base = schema(
        "<xs:simpleType name='size'><xs:restriction base='xs:int'><xs:minInclusive value='1'/></xs:restriction></xs:simpleType>",
    );
    let files = [("a.xsd", main.as_str()), ("sub/part.xsd", part), ("u.xsd", other), ("base.xsd", &base)];
    let grammar = read(&files).unwrap();
    let root = grammar.root(&crate::document::tree::Name::qualified("urn:t", "r")).unwrap();
    let shape = grammar.shape(root).unwrap();
    let document = |size: &str| {
        wrong(&shape, &format!("<r xml:lang='en'><part>1</part><e xmlns='urn:u'>2</e><s>{size}</s></r>"))
    };
    assert_eq!(document("10"), [""; 0]);
    assert_eq!(document("0"), ["r/s: found `0`, expected at least 1"]);
    assert_eq!(document("11"), ["r/s: found `11`, expected at most 10"]);
    assert!(grammar.published.is_none(), "a redefinition cannot be published");
}

#[test]
fn mistakes_in_a_schema_name_file_line_and_construct() {
    let text = "\n<xs:element name='r' type='t:typ'/>\n<xs:complexType name='type'><xs:sequence><xs:elemnt/></xs:sequence></xs:complexType>";
    assert_eq!(
        read(&[("a.xsd", &schema(text))]).unwrap_err(),
        ["a.xsd:3:42: xs:elemnt: this element is not known here; did you mean `element`?"]
    );
    let text = "\n<xs:element name='r' type='t:typ'/>\n<xs:complexType name='type'/>\n<xs:import namespace='urn:x' schemaLocation='http://x.example/x.xsd'/>";
    let text = text
        .replace("<xs:import", "<!-- -->")
        .replace(" namespace='urn:x' schemaLocation='http://x.example/x.xsd'/>", "");
    assert_eq!(
        read(&[("a.xsd", &schema(&text))]).unwrap_err(),
        ["a.xsd:2:1: there is no type `typ` in the namespace `urn:t` (did you mean `type`?)"]
    );
    let import = "<xs:import namespace='urn:x' schemaLocation='http://x.example/x.xsd'/>";
    let said = read(&[("a.xsd", &schema(import))]).unwrap_err();
    assert!(
        said[0].contains("`urn:x` was not found at `http://x.example/x.xsd`: nothing is fetched"),
        "{said:?}"
    );
}

#[test]
fn repeats_in_a_counted_group_leave_open_where_one_ends() {
    let of = |particles: &str| {
        let head = "<xs:element name='r'><xs:complexType><xs:sequence>";
        shape(&format!("{head}{particles}</xs:sequence></xs:complexType></xs:element>"), "r")
    };
    let check = |particles: &str, right: &[usize], bad: &[usize]| {
        let shape = of(particles);
        let found = |count: &usize| wrong(&shape, &format!("<r>{}</r>", "<a/>".repeat(*count)));
        for count in right {
            assert_eq!(found(count), [""; 0], "{particles}: {count}");
        }
        for count in bad {
            assert!(!found(count).is_empty(), "{particles}: {count}");
        }
    };
    let group = |min: u32, max: &str, inner: &str| {
        format!("<xs:sequence minOccurs='{min}' maxOccurs='{max}'>{inner}</xs:sequence>")
    };
    let many = "<xs:element name='a' maxOccurs='unbounded'/>";
    check(&group(2, "5", many), &[2, 3, 5, 6, 50], &[1]);
    check(&group(20, "30", many), &[20, 25, 31, 200], &[1, 19]);
    check(
        &group(1, "unbounded", "<xs:element name='a' minOccurs='2' maxOccurs='3'/>"),
        &[2, 3, 4, 5, 7],
        &[1],
    );
    check(
        &group(2, "10", "<xs:element name='a' minOccurs='2' maxOccurs='3'/>"),
        &[4, 5, 7, 20, 21, 29, 30],
        &[3, 31],
    );
    // Each one could be any of them: more leaves than a set has places for.
    check(&"<xs:element name='a' minOccurs='0'/>".repeat(12), &[0, 1, 11, 12], &[13]);
}

#[test]
fn a_schema_reads_no_files_but_those_in_its_folder_and_those_that_are_named() {
    let part = schema("<xs:element name='p'/>");
    let secret = "root:x:0:0:secret\n";
    for location in ["/etc/passwd", "../passwd", "file:passwd", "file:///etc/passwd", "sub/../../passwd"] {
        let main = schema(&format!("<xs:include schemaLocation='{location}'/>"));
        let other = ["/etc/passwd", "passwd", "a/passwd"].map(|path| (path, secret));
        let said = read(&[&[("a/main.xsd", main.as_str())], other.as_slice()].concat()).unwrap_err();
        assert_eq!(said.len(), 1, "{location}: {said:?}");
        assert!(
            said[0].starts_with("a/main.xsd:1:") && said[0].contains("name it in the profile"),
            "{said:?}"
        );
    }
    // Within the folder nothing of a file that is no schema is shown.
    for text in [secret, "<config password='secret'/>"] {
        let main = schema("<xs:include schemaLocation='passwd'/>");
        let said = read(&[("main.xsd", main.as_str()), ("passwd", text)]).unwrap_err();
        assert!(said[0].starts_with("main.xsd:1:") && !said[0].contains("secret"), "{said:?}");
    }
    // What the configuration names may be anywhere, and so may what lies beside it.
    let main = schema("<xs:include schemaLocation='../b/part.xsd'/>");
    let between = schema("<xs:include schemaLocation='inner.xsd'/>");
    let mut given = Given::default();
    for (name, text) in [("a/main.xsd", &main), ("b/part.xsd", &between), ("b/inner.xsd", &part)] {
        given.files.insert(PathBuf::from(name), text.clone());
    }
    let named = |names: &[&str]| -> Vec<(PathBuf, Span)> {
        names.iter().map(|name| (PathBuf::from(name), Span::default())).collect()
    };
    assert_eq!(load(&named(&["a/main.xsd"]), &mut given).findings.len(), 1);
    assert_eq!(load(&named(&["a/main.xsd", "b/part.xsd"]), &mut given).findings, []);
}

#[test]
fn a_shape_shows_what_paths_may_find() {
    let shape = shape(ANIMALS, "zoo");
    let ShapeKind::Open(children) = &shape.kind else { panic!("a wildcard makes it open: {:?}", shape.kind) };
    let seen: Vec<_> = children.iter().map(|c| (c.name.as_str(), c.occurs.min, c.occurs.max)).collect();
    assert_eq!(seen, [("pet", 1, Some(3)), ("a", 0, Some(2)), ("b", 0, Some(2)), ("c", 0, Some(2))]);
    let pet = shape.child("pet").unwrap().1;
    assert!(matches!(&pet.kind, ShapeKind::Open(_)) && pet.child("chip").unwrap().1.nillable);
    let recursive = "<xs:element name='n' type='t:n'/><xs:complexType name='n'><xs:sequence>\
        <xs:element ref='t:n' minOccurs='0'/></xs:sequence></xs:complexType>";
    let mut at = &self::shape(recursive, "n");
    let mut depth = 0;
    while let Some((_, child)) = at.child("n") {
        (at, depth) = (child, depth + 1);
    }
    assert!(depth > 0 && matches!(at.kind, ShapeKind::Any));
}

#[test]
fn published_documents_stand_alone() {
    let main = schema(
        "<xs:include schemaLocation='part.xsd'><xs:annotation/></xs:include><xs:import namespace='urn:u' \
         schemaLocation='u.xsd'/><xs:element name='r' type='t:p'/>",
    );
    let part = "<?xml version='1.0'?><xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:simpleType name='p'>\
        <xs:restriction base='xs:int'/></xs:simpleType><xs:element name='q' type='p'/></xs:schema>";
    let other = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:u'/>";
    let grammar = read(&[("a.xsd", &main), ("part.xsd", part), ("u.xsd", other)]).unwrap();
    let published = grammar.published.as_ref().unwrap();
    assert_eq!(published.len(), 3);
    for document in published {
        assert!(
            !document.text.contains("schemaLocation") && !document.text.contains("<xs:include"),
            "{}",
            document.text
        );
        assert!(xml::parse(&document.text, &Limits::default()).is_ok(), "{}", document.text);
    }
    assert!(published[1].text.starts_with("<xs:schema targetNamespace=\"urn:t\" xmlns=\"urn:t\" xmlns:xs="));
}

proptest! {
    #[test]
    fn no_document_makes_a_check_panic(names in prop::collection::vec((0usize..7, 0usize..3, "[a-z0-9 ]{0,4}"), 0..30)) {
        let shape = shape(ANIMALS, "zoo");
        let mut text = String::new();
        let mut open = Vec::new();
        for (name, ends, value) in &names {
            let name = ["pet", "a", "b", "c", "name", "chip", "zoo"][*name];
            text.push_str(&format!("<{name} id='{value}'>{value}"));
            open.push(name);
            for _ in 0..*ends {
                if let Some(name) = open.pop() {
                    text.push_str(&format!("</{name}>"));
                }
            }
        }
        while let Some(name) = open.pop() {
            text.push_str(&format!("</{name}>"));
        }
        let found = wrong(&shape, &format!("<zoo>{text}</zoo>"));
        prop_assert!(found.len() <= 20);
    }

    #[test]
    fn no_schema_makes_the_compiler_panic(cuts in prop::collection::vec((0usize..1200, 0usize..40), 1..4), swap in 0usize..20) {
        let mut text = schema(ANIMALS);
        let words = ["element", "sequence", "choice", "t:pet", "t:dog", "xs:int", "extension", "restriction", "key", "all"];
        text = text.replacen(words[swap % 10], words[(swap * 7 + 3) % 10], 1 + swap / 10);
        for (at, length) in cuts {
            let from = at.min(text.len());
            let to = (at + length).min(text.len());
            text.replace_range(from..to, "");
        }
        let _ = read(&[("a.xsd", &text)]);
    }
}

/// What a grammar with a root `t:r` of this content says beyond its shape.
fn unsaid(content: &str) -> Vec<String> {
    let all = format!(
        "{content}<xs:element name='h' type='xs:string'/><xs:element name='s' substitutionGroup='t:h'/>\
         <xs:complexType name='B'><xs:sequence/></xs:complexType>\
         <xs:complexType name='D'><xs:complexContent><xs:extension base='t:B'/></xs:complexContent></xs:complexType>"
    );
    let grammar = read(&[("t.xsd", &schema(&all))]).unwrap();
    grammar.unsaid(grammar.root(&crate::document::tree::Name::qualified("urn:t", "r")).unwrap())
}

#[test]
fn a_shape_says_all_of_plain_sequences() {
    let plain = "<xs:element name='r'><xs:complexType><xs:sequence>\
        <xs:sequence minOccurs='0' maxOccurs='9'><xs:element name='a' type='t:D'/></xs:sequence>\
        <xs:choice><xs:element name='b' minOccurs='0' type='xs:int' nillable='true'/></xs:choice>\
        <xs:element name='gone' maxOccurs='0' minOccurs='0'/>\
        <xs:element name='c'><xs:complexType><xs:simpleContent><xs:extension base='xs:NMTOKENS'>\
        <xs:attribute name='x' use='required'/></xs:extension></xs:simpleContent></xs:complexType></xs:element>\
        </xs:sequence></xs:complexType></xs:element>";
    assert_eq!(unsaid(plain), [""; 0]);
}

#[test]
fn what_a_shape_does_not_say_is_named() {
    let in_r =
        |inside: &str| format!("<xs:element name='r'><xs:complexType>{inside}</xs:complexType></xs:element>");
    let in_sequence = |inside: &str| in_r(&format!("<xs:sequence>{inside}</xs:sequence>"));
    let two = "<xs:element name='a' type='xs:int'/><xs:element name='b' type='xs:int'/>";
    let of_type = |inside: &str| {
        in_sequence(&format!("<xs:element name='a'><xs:simpleType>{inside}</xs:simpleType></xs:element>"))
    };
    for (content, expected) in [
        (in_r(&format!("<xs:choice>{two}</xs:choice>")), "xs:choice in `r`"),
        (in_r(&format!("<xs:all>{two}</xs:all>")), "xs:all in `r`"),
        (in_r(&format!("<xs:sequence minOccurs='0'>{two}</xs:sequence>")), "a group that repeats or is optional in `r`"),
        (in_r(&format!("<xs:sequence>{two}<xs:element name='a' type='xs:int'/></xs:sequence>")), "an element in several places in `r`"),
        (in_sequence("<xs:any/>"), "xs:any in `r`"),
        (in_r("<xs:anyAttribute/>"), "xs:anyAttribute in `r`"),
        (in_r("<xs:attribute name='x' default='1'/>"), "a default value in `r`"),
        (in_r("<xs:attribute name='x' type='xs:ID'/>"), "xs:ID and xs:IDREF in `r`"),
        (in_r("<xs:attribute ref='xml:lang'/>").replacen("<xs", "<xs:import namespace='http://www.w3.org/XML/1998/namespace'/><xs", 1), "an attribute in a namespace in `r`"),
        (in_sequence("<xs:element name='a' fixed='x'/>"), "a fixed value in `a`"),
        (in_sequence("<xs:element name='a'/>"), "xs:anyType in `a`"),
        (in_sequence("<xs:element name='a' type='t:B'/>"), "derived types for xsi:type in `a`"),
        (in_sequence("<xs:element ref='t:h'/>"), "a substitution group in `h`"),
        (in_sequence("<xs:element ref='t:r' minOccurs='0'/>"), "a recursive type in `r`"),
        (in_r("<xs:sequence/>").replace("complexType>", "complexType mixed='true'>").replace("</xs:complexType mixed='true'>", "</xs:complexType>"), "mixed content in `r`"),
        (of_type("<xs:list itemType='xs:int'/>"), "xs:list in `a`"),
        (of_type("<xs:union memberTypes='xs:int xs:date'/>"), "xs:union in `a`"),
        (of_type("<xs:restriction base='xs:string'><xs:whiteSpace value='collapse'/></xs:restriction>"), "xs:whiteSpace in `a`"),
        (of_type("<xs:restriction base='xs:string'><xs:pattern value='a'/><xs:pattern value='b'/></xs:restriction>"), "several patterns in `a`"),
        (
            in_sequence("<xs:element name='a' type='xs:int' maxOccurs='9'/>").replace("</xs:complexType></xs:element>", "</xs:complexType><xs:unique name='u'><xs:selector xpath='t:a'/><xs:field xpath='.'/></xs:unique></xs:element>"),
            "an identity constraint in `r`",
        ),
    ] {
        let found = unsaid(&content);
        assert!(found.iter().any(|one| one == expected), "{content}: {found:?}, expected {expected}");
    }
}

#[test]
fn a_derived_type_that_holds_an_element_once_more_makes_it_repeat() {
    let shape = shape(
        "<xs:element name='r' type='t:base'/><xs:complexType name='base'><xs:sequence>\
         <xs:element name='a' type='xs:int'/></xs:sequence></xs:complexType>\
         <xs:complexType name='more'><xs:complexContent><xs:extension base='t:base'><xs:sequence>\
         <xs:element name='a' type='xs:int'/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>",
        "r",
    );
    assert_eq!(wrong(&shape, "<r xsi:type='more'><a>1</a><a>2</a></r>"), [""; 0]);
    assert!(shape.child("a").unwrap().1.occurs.repeats());
}

#[test]
fn an_encoded_array_holds_items_that_its_type_does_not_list() {
    let encoding = "http://schemas.xmlsoap.org/soap/encoding/";
    let of = |inner: &str| {
        format!(
            "<xs:import namespace='{encoding}'/><xs:element name='r'><xs:complexType><xs:complexContent>
             <xs:restriction base='e:Array' xmlns:e='{encoding}' xmlns:w='http://schemas.xmlsoap.org/wsdl/'>{inner}
             <xs:attribute ref='e:arrayType' w:arrayType='xs:int[]'/></xs:restriction></xs:complexContent></xs:complexType></xs:element>"
        )
    };
    let bare = shape(&of(""), "r");
    assert_eq!(wrong(&bare, "<r><item>1</item><item>2</item></r>"), [""; 0]);
    // What lists its content has no other.
    let own = shape(&of("<xs:sequence><xs:element name='i' type='xs:int'/></xs:sequence>"), "r");
    assert_eq!(wrong(&own, "<r><i>1</i></r>"), [""; 0]);
    assert_ne!(wrong(&own, "<r><item>1</item></r>"), [""; 0]);
}
