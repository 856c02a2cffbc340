//! Tests of the reader and the writer together.

use bytes::Bytes;
use proptest::prelude::*;

use super::{XML, XMLNS_NAMESPACE, XSI, parse, parse_with_places, write, write_element};
use crate::document::codec::{Codec, Limits, MalformedKind};
use crate::document::tree::{Attribute, Content, Element, Name, Node};

fn read(text: &str) -> Element {
    parse(text, &Limits::default()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

pub(super) fn text(root: &Element) -> String {
    let mut out = Vec::new();
    write(root, &mut out, false);
    String::from_utf8(out).unwrap()
}

#[test]
fn content_has_its_kinds() {
    let root = read(
        "<?xml version='1.0' encoding='UTF-8'?>\n<!-- c --><r xmlns:x='http://www.w3.org/2001/XMLSchema-instance'>
         <t>a<![CDATA[<b>]]>&amp;<!-- no end -->c\r\nd</t><e/><f></f><n x:nil=' 1 ' k='v'/><s> </s>
         <m><i>a</i> <b>b</b> tail</m></r><?pi?>\n",
    );
    let kinds: Vec<_> = root.elements().map(|e| &e.content).collect();
    assert_eq!(root.nodes().len(), 6);
    assert_eq!(kinds[0], &Content::Text("a<b>&c\nd".into()));
    assert_eq!(kinds[1..4], [&Content::Empty, &Content::Empty, &Content::Nil]);
    assert_eq!(kinds[4], &Content::Text(" ".into()));
    assert_eq!(root.child("n").unwrap().attributes.len(), 1);
    let mixed = root.child("m").unwrap();
    assert_eq!(mixed.nodes().len(), 4);
    assert_eq!(mixed.nodes()[1], Node::Text(" ".into()));
    assert_eq!(mixed.nodes()[3], Node::Text(" tail".into()));
}

#[test]
fn a_document_that_says_1_1_is_read_as_1_0() {
    assert_eq!(read("<?xml version='1.1'?><a>\u{85}</a>").leaf(), Some("\u{85}"));
    assert_eq!(read("<?xml version='1.0'?><a>\u{80}</a>").leaf(), Some("\u{80}"));
}

#[test]
fn nil_with_content_keeps_both_for_validation_to_see() {
    let root = read(&format!("<a xmlns:i='{XSI}' i:nil='true'>x</a>"));
    assert_eq!(root.leaf(), Some("x"));
    assert_eq!(root.attribute_in(XSI, "nil"), Some("true"));
}

#[test]
fn names_get_their_namespaces() {
    let root =
        read("<a:x xmlns:a='urn:a' xmlns='urn:d' a:k='1' k='2'><y xml:lang='de'><z xmlns=''/></y></a:x>");
    assert!(root.name.is("urn:a", "x"));
    assert_eq!((root.attribute_in("urn:a", "k"), root.attribute("k")), (Some("1"), Some("2")));
    let y = root.child("y").unwrap();
    assert!(y.name.is("urn:d", "y") && y.child("z").unwrap().name.is("", "z"));
    assert_eq!(y.attribute_in(super::XML_NAMESPACE, "lang"), Some("de"));
}

#[test]
fn what_is_not_well_formed_is_refused() {
    for bad in [
        "",
        " ",
        "x",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<a/>x",
        "x<a/>",
        "<a/>&amp;",
        "<a/><![CDATA[]]>",
        "<1a/>",
        "< a/>",
        "<a b='<'/>",
        "<a b=x/>",
        "<a b/>",
        "<a b='1'c='2'/>",
        "<a b='1' b='2'/>",
        "<a>]]></a>",
        "<a>\u{1}</a>",
        "<a>\u{FFFF}</a>",
        "<a b='\u{0}'/>",
        " <?xml version='1.0'?><a/>",
        "<?xml version='1.0'?><?xml version='1.0'?><a/>",
        "<a>&nbsp;</a>",
        "<a>& b</a>",
        "<a b='&'/>",
        "<a>&#0;</a>",
        "<a><?XmL x?></a>",
        "<a><!-- -- --></a>",
        "<a><!-- x---></a>",
        "<p:a/>",
        "<a p:b='1'/>",
        "<a:b:c xmlns:a='u'/>",
        "<a xmlns:p=''/>",
        "<a xmlns:p='u' xmlns:q='u' p:x='' q:x=''/>",
        "<a xmlns:xml='u'/>",
        "<a xmlns:xmlns='u'/>",
        "<a xmlns:p='u' xmlns:p='u'/>",
        "<a xmlns='http://www.w3.org/2000/xmlns/'/>",
        "<xmlns:a/>",
        "<a></a b>",
        "<!foo><a/>",
        "<a><b></a></b>",
        "<a",
        "<a b='",
        "<?pi",
        "<!--",
        "<a/ >",
        "<?a:b?><a/>",
        "\u{FEFF}\u{FEFF}<a/>",
        "<?xml version='1.1'?><a>\u{80}</a>",
    ] {
        let error = parse(bad, &Limits::default()).expect_err(bad);
        assert_eq!(error.kind, MalformedKind::Syntax, "{bad}: {error}");
    }
}

#[test]
fn document_types_are_refused_by_kind() {
    for bad in [
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
        "<!doctype html><a/>",
        "<!DOCTYPE a [",
        "<!DOCTYPE>",
    ] {
        assert_eq!(parse(bad, &Limits::default()).unwrap_err().kind, MalformedKind::Dtd, "{bad}");
    }
}

#[test]
fn an_error_knows_its_place() {
    let place = |text: &str| {
        let error = parse(text, &Limits::default()).unwrap_err();
        (error.line, error.column)
    };
    assert_eq!(place("<a>\n <b c='1'\n d='<'/></a>"), (3, 5));
    assert_eq!(place("\u{FEFF}<a>ä&x;</a>"), (1, 5));
    assert_eq!(place("<a>\n<b></c></a>"), (2, 4));
    assert_eq!(place("<a>\n\n"), (3, 1));
}

#[test]
fn limits_hold() {
    let limits = Limits {
        depth: 3,
        elements: 5,
        attributes: 2,
        name: 8,
        namespaces: 2,
        namespace: 9,
        ..Limits::default()
    };
    for bad in [
        "<a><a><a><a/></a></a></a>",
        "<a><b/><b/><b/><b/><b/></a>",
        "<a b='' c='' d=''/>",
        "<abcdefghi/>",
        "<a abcdefghi=''/>",
        "<a xmlns='a' xmlns:b='b'><c xmlns:d='d'/></a>",
        "<a xmlns='urn:abcdef'/>",
        "<a><a xmlns:b='urn:abcdef'/></a>",
    ] {
        assert_eq!(parse(bad, &limits).unwrap_err().kind, MalformedKind::Limit, "{bad}");
    }
    assert!(parse("<a xmlns='urn:ab&lt;de'/>", &limits).is_ok());
    let long = format!("<a xmlns='{}'/>", "x".repeat(2049));
    let refused = parse(&long, &Limits::default()).unwrap_err();
    assert_eq!(refused.message, "the name of a namespace has more than 2048 bytes");
    assert!(parse("<a xmlns='a'><b xmlns='b'/><b xmlns='c'/><b xmlns='d'/></a>", &limits).is_ok());
}

#[test]
fn declarations_are_written_where_the_namespace_changes() {
    let root = read("<a:x xmlns:a='urn:a'><a:y/><z k='&#10;\"' a:q='1'/></a:x>");
    let written = text(&root);
    assert_eq!(
        written,
        "<x xmlns=\"urn:a\"><y/><z xmlns=\"\" k=\"&#10;&quot;\" xmlns:ns1=\"urn:a\" ns1:q=\"1\"/></x>"
    );
    assert_eq!(read(&written), root);
    let mut out = Vec::new();
    write_element(&root, Some("urn:a"), &mut out);
    assert!(out.starts_with(b"<x><y/>"));
}

#[test]
fn shapes_of_json_are_written_too() {
    let item = |n: &str| Node::Element(Element::with(Name::default(), Content::Number(n.into())));
    let lines = Element::with(Name::local("lines"), Content::Items(vec![item("1"), item("2")]));
    let mut root = Element::default();
    root.push(lines.clone());
    root.push(Element::with(Name::local("1 b"), Content::Nil));
    root.push(Element::with(Name::local("none"), Content::Items(Vec::new())));
    assert_eq!(
        text(&root),
        format!(
            "<document><lines>1</lines><lines>2</lines><_1_b xmlns:xsi=\"{XSI}\" xsi:nil=\"true\"/></document>"
        )
    );
    let nested = Element::with(
        Name::default(),
        Content::Items(vec![
            item("1"),
            Node::Element(Element::with(Name::default(), Content::Items(vec![item("2")]))),
        ]),
    );
    assert_eq!(
        text(&nested),
        "<document><document>1</document><document><document>2</document></document></document>"
    );
}

fn name() -> impl Strategy<Value = Name> {
    ("[a-zé_][a-z0-9.-]{0,8}", prop::sample::select(vec!["", "urn:a", "urn:b", "u&<\"' x"]))
        .prop_map(|(local, namespace)| Name::qualified(namespace, local))
}

pub(super) fn tree() -> impl Strategy<Value = Element> {
    let characters = "[ -~\t\r\n\u{85}ä€\u{10FFFF}]{1,12}";
    let attributes = prop::collection::vec((name(), characters), 0..4)
        .prop_map(|list| {
            let mut attributes: Vec<Attribute> = Vec::new();
            for (name, value) in list {
                if attributes.iter().all(|a| a.name != name) {
                    attributes.push(Attribute { name, value: value.into() });
                }
            }
            attributes
        })
        .boxed();
    let leaf = prop_oneof![
        Just(Content::Empty),
        Just(Content::Nil),
        characters.prop_map(|t| Content::Text(t.into())),
    ];
    let leaf = (name(), attributes.clone(), leaf).prop_map(|(name, attributes, content)| Element {
        name,
        attributes,
        content,
    });
    leaf.prop_recursive(5, 60, 6, move |inner| {
        let children =
            prop::collection::vec((inner, prop::option::of("[a-z&<]{1,5}")), 1..6).prop_map(|list| {
                let mut nodes = Vec::new();
                for (element, text) in list {
                    nodes.push(Node::Element(element));
                    nodes.extend(text.map(|t| Node::Text(t.into())));
                }
                Content::Children(nodes)
            });
        (name(), attributes.clone(), children).prop_map(|(name, attributes, content)| Element {
            name,
            attributes,
            content,
        })
    })
}

/// Takes the namespace declarations out of the attributes.
fn forget_declarations(element: &mut Element) {
    element.attributes.retain(|attribute| attribute.name.namespace.as_deref() != Some(XMLNS_NAMESPACE));
    let Content::Children(nodes) = &mut element.content else { return };
    for node in nodes {
        if let Node::Element(child) = node {
            forget_declarations(child);
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_reads_back(tree in tree()) {
        let written = text(&tree);
        let back = parse(&written, &Limits::default());
        prop_assert_eq!(back.map_err(|e| format!("{written}: {e}")), Ok(tree));
    }

    #[test]
    fn plain_tags_are_what_events_make_of_them(tree in tree()) {
        // White space in tags keeps elements from being recognized at a look: in all of them, at the start, at the end.
        let written = text(&tree);
        let tag = |text: &str, spaced: [bool; 2]| {
            let ends = text.starts_with('/');
            let space = if spaced[usize::from(ends)] { " " } else { "" };
            text.strip_suffix("/>").map_or_else(
                || text.replacen('>', &format!("{space}>"), 1),
                |name| format!("{name}{space}/>"),
            )
        };
        for spaced in [[true, true], [true, false], [false, true]] {
            let pieces = written.split_inclusive('>').map(|piece| match piece.rsplit_once('<') {
                Some((before, markup)) => format!("{before}<{}", tag(markup, spaced)),
                None => piece.to_owned(),
            });
            let spaced: String = pieces.collect();
            prop_assert_eq!(read(&spaced), tree.clone(), "{}", spaced);
        }
    }

    #[test]
    fn plain_tags_are_refused_as_events_are(
        text in "(<a>|</a>|<b>|</b>|<p:a>|</p:a>|<a/>|</a >|<b >|<b xmlns:p='u'>|x|&amp;| |\r\n|]]>|<!-- -->|<!\\[CDATA\\[y\\]\\]>|</ >|<c){0,12}",
        rooted in any::<bool>(),
    ) {
        // Where the places of elements are kept, all are read as events.
        let text = if rooted { format!("<a>{text}</a>") } else { text };
        let limits = Limits { depth: 4, elements: 8, ..Limits::default() };
        let by_events = parse_with_places(&text, &limits).map(|(mut root, _)| {
            forget_declarations(&mut root);
            root
        });
        prop_assert_eq!(parse(&text, &limits), by_events);
    }

    #[test]
    fn the_reader_never_panics(text in "(<|>|/|a|b|:|xmlns|=|'|\"| |&|;|#|x|1|!|-|\\[|\\]|CDATA|\\?|xml|é|\r|\n|<a>|</a>|.){0,40}") {
        if let Ok(tree) = parse(&text, &Limits::default()) {
            prop_assert_eq!(read(&super::tests::text(&tree)), tree);
        }
    }

    #[test]
    fn bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = XML.decode(&Bytes::from(bytes), &Limits::default());
    }
}
