//! Tests of identity constraints and IDs: what they take, and that their cost is linear in the document.

use super::gather::WORK;
use super::tests::{shape, wrong};

/// The errors of a document and the steps that they took.
fn counted(shape: &crate::schema::Shape, document: &str) -> (Vec<String>, usize) {
    WORK.with(|work| work.set(0));
    let found = wrong(shape, document);
    (found, WORK.with(std::cell::Cell::get))
}

const IDS: &str = "<xs:element name='r'><xs:complexType><xs:sequence>\
    <xs:element name='e' maxOccurs='unbounded'><xs:complexType><xs:attribute name='id' type='xs:ID'/>\
    <xs:attribute name='to' type='xs:IDREFS'/></xs:complexType></xs:element>\
    </xs:sequence></xs:complexType></xs:element>";

const KEYS: &str = "<xs:element name='r'><xs:complexType><xs:sequence>\
    <xs:element name='g' maxOccurs='unbounded'><xs:complexType><xs:sequence>\
    <xs:element name='e' maxOccurs='unbounded'><xs:complexType><xs:attribute name='id' type='xs:int'/>\
    <xs:attribute name='to' type='xs:int'/></xs:complexType></xs:element></xs:sequence></xs:complexType>\
    <xs:key name='k'><xs:selector xpath='t:e'/><xs:field xpath='@id'/></xs:key></xs:element>\
    </xs:sequence></xs:complexType>\
    <xs:keyref name='f' refer='t:k'><xs:selector xpath='t:g/t:e'/><xs:field xpath='@to'/></xs:keyref>\
    <xs:keyref name='f2' refer='t:k'><xs:selector xpath='t:g/t:e'/><xs:field xpath='@to'/></xs:keyref></xs:element>";

#[test]
fn the_cost_of_references_is_linear() {
    const MANY: usize = 100_000;
    let ids = shape(IDS, "r");
    let keys = shape(KEYS, "r");
    let of = |count: usize, one: &dyn Fn(usize) -> String| -> String {
        format!("<r>{}</r>", (0..count).map(one).collect::<String>())
    };
    // The next one refers to this one, so that all but one are open until the end.
    let id = |n: usize| format!("<e id='i{n}' to='i{}'/>", (n + 1) % MANY);
    let key = |n: usize| format!("<g><e id='{n}' to='{}'/></g>", (n + 1) % MANY);
    for (shape, one) in [(&ids, &id as &dyn Fn(usize) -> String), (&keys, &key)] {
        let (found, work) = counted(shape, &of(MANY, one));
        assert_eq!(found, [""; 0]);
        assert!(work <= 10 * MANY, "{work}");
    }
    let id = |n: usize| format!("<e id='i{n}' to='j{n}'/>");
    let key = |n: usize| format!("<g><e id='{n}' to='-{}'/></g>", n + 1);
    for (shape, one) in [(&ids, &id as &dyn Fn(usize) -> String), (&keys, &key)] {
        let (found, work) = counted(shape, &of(MANY, one));
        assert_eq!(found.len(), 20);
        assert!(work <= 10 * MANY, "{work}");
    }
}

#[test]
fn references_that_lead_nowhere_are_named_once_each_in_document_order() {
    let ids = shape(IDS, "r");
    assert_eq!(
        wrong(&ids, "<r><e to='a b  c'/><e id='b'/><e id='z' to='c d'/></r>"),
        [
            "r/e[1]/@to: there is no element with the ID `a`",
            "r/e[1]/@to: there is no element with the ID `c`",
            "r/e[3]/@to: there is no element with the ID `d`",
        ]
    );
    let keys = shape(KEYS, "r");
    let document =
        "<r><g><e id='1' to='3'/><e id='2' to='02'/></g><g><e id='1' to='3'/><e id='4' to='1'/></g></r>";
    let said = |of: &str| format!("r/g[1]/e[1]: the key `k` has no value `3`, which `{of}` refers to");
    let mut found = wrong(&keys, document);
    found.sort();
    assert_eq!(found, [said("f2"), said("f")]);
}

#[test]
fn a_reference_sees_the_keys_of_the_elements_in_it_and_no_others() {
    let nested = "<xs:element name='n' type='t:n'><xs:key name='k'><xs:selector xpath='.'/><xs:field xpath='@id'/></xs:key>\
        <xs:keyref name='f' refer='t:k'><xs:selector xpath='.'/><xs:field xpath='@to'/></xs:keyref></xs:element>\
        <xs:complexType name='n'><xs:sequence><xs:element ref='t:n' minOccurs='0' maxOccurs='unbounded'/></xs:sequence>\
        <xs:attribute name='id' type='xs:int' use='required'/><xs:attribute name='to' type='xs:int'/></xs:complexType>";
    let shape = shape(nested, "n");
    let inner = "<n id='2'><n id='3'/></n><n id='4' to='4'/>";
    assert_eq!(wrong(&shape, &format!("<n id='1' to='3'>{inner}</n>")), [""; 0]);
    assert_eq!(
        wrong(&shape, "<n id='1'><n id='2' to='3'/><n id='3'/></n>"),
        ["n/n[1]: the key `k` has no value `3`, which `f` refers to"]
    );
}
