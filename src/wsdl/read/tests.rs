//! Tests of the reader: a contract with everything in it, what is refused and where, and that no text makes it panic.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;
use crate::schema::grammar;
use crate::source::{FileId, Severity, Sources};

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

/// What is read of files of which the first is named, and the findings: `severity place: message`.
fn loaded(files: &[(&str, &str)]) -> (Loaded, Vec<String>) {
    let mut given = Given::default();
    for (name, text) in files {
        given.files.insert(PathBuf::from(name), (*text).to_owned());
    }
    let loaded = read(&[(PathBuf::from(files[0].0), Span::default())], &mut given);
    let (_, of_schemas) = grammar::compile(&loaded.documents);
    let shown = |finding: &Finding| {
        let word = if finding.severity == Severity::Error { "" } else { "warning " };
        format!("{word}{}: {}", given.sources.place(finding.span), finding.message)
    };
    let findings = loaded.findings.iter().chain(&of_schemas).map(shown).collect();
    (loaded, findings)
}

const HEAD: &str = "<wsdl:definitions name='D' targetNamespace='urn:t' xmlns:t='urn:t' xmlns:wsdl='http://schemas.xmlsoap.org/wsdl/' \
     xmlns:soap='http://schemas.xmlsoap.org/wsdl/soap/' xmlns:soap12='http://schemas.xmlsoap.org/wsdl/soap12/' \
     xmlns:mime='http://schemas.xmlsoap.org/wsdl/mime/' xmlns:xs='http://www.w3.org/2001/XMLSchema'>";

const TYPES: &str = "
<wsdl:documentation>All of
  it.</wsdl:documentation>
<wsdl:types>
 <xs:schema targetNamespace='urn:t' xmlns:d='urn:d'><xs:import namespace='urn:d'/>
  <xs:element name='order' type='d:order'/><xs:element name='receipt' type='xs:string'/><xs:element name='token' type='xs:string'/>
 </xs:schema>
 <xs:schema targetNamespace='urn:d'><xs:complexType name='order'><xs:sequence><xs:element name='id' type='xs:int'/></xs:sequence>
  </xs:complexType></xs:schema>
</wsdl:types>
<wsdl:message name='in'><wsdl:part name='body' element='t:order'/><wsdl:part name='head' element='t:token'/></wsdl:message>
<wsdl:message name='out'><wsdl:part name='body' element='t:receipt'/></wsdl:message>
<wsdl:message name='sum'><wsdl:part name='a' type='xs:int'/><wsdl:part name='b' type='xs:int'/></wsdl:message>";

const REST: &str = "
<wsdl:portType name='P'>
 <wsdl:operation name='order'><wsdl:documentation>Orders.</wsdl:documentation>
  <wsdl:input message='t:in'/><wsdl:output message='t:out'/><wsdl:fault name='f' message='t:out'/></wsdl:operation>
 <wsdl:operation name='add'><wsdl:input message='t:sum'/></wsdl:operation>
</wsdl:portType>
<wsdl:binding name='B' type='t:P'>
 <soap:binding transport='http://schemas.xmlsoap.org/soap/http'/>
 <wsdl:operation name='order'><soap:operation soapAction='urn:order'/>
  <wsdl:input><mime:multipartRelated><mime:part><soap:body use='literal'/><soap:header message='t:in' part='head' use='literal'/>
   </mime:part></mime:multipartRelated></wsdl:input>
  <wsdl:output><soap:body use='literal'/></wsdl:output><wsdl:fault name='f'><soap:fault name='f' use='literal'/></wsdl:fault>
 </wsdl:operation>
 <wsdl:operation name='add'><soap:operation style='rpc'/><wsdl:input><soap:body use='literal' namespace='urn:calls'/></wsdl:input>
 </wsdl:operation>
</wsdl:binding>
<wsdl:service name='S'><wsdl:port name='SP' binding='t:B'><soap:address location='http://a/'/></wsdl:port></wsdl:service>
</wsdl:definitions>";

#[test]
fn a_contract_says_what_stands_in_it() {
    let text = format!("{HEAD}{TYPES}{REST}");
    let (loaded, findings) = loaded(&[("a.wsdl", &text)]);
    assert_eq!(findings, Vec::<String>::new());
    let contract = &loaded.contracts[0];
    assert_eq!(contract.namespace.as_deref(), Some("urn:t"));
    assert_eq!(contract.documentation.as_deref(), Some("All of it."));
    let endpoints = contract.endpoints();
    assert_eq!(endpoints.len(), 1);
    assert_eq!(endpoints[0].port.unwrap().1.address.as_deref(), Some("http://a/"));
    assert_eq!(endpoints[0].binding.protocol, Protocol::Soap11);
    let operations: Vec<_> = endpoints[0].operations().collect();
    let (bound, operation) = operations[0];
    assert_eq!(bound.action.as_deref(), Some("urn:order"));
    assert_eq!(operation.documentation.as_deref(), Some("Orders."));
    let names: Vec<&str> = operation
        .input
        .iter()
        .chain(&operation.output)
        .chain(&operation.faults)
        .map(|used| used.name.as_str())
        .collect();
    assert_eq!(names, ["orderRequest", "orderResponse", "f"]);
    assert!(bound.input.as_ref().unwrap().is_multipart && bound.input.as_ref().unwrap().headers.len() == 1);
    // The part in the header is not in the body.
    let wire = |side| contract.wire(bound, operation, side).unwrap();
    let element = |local: &str| Wire::Element(crate::document::tree::Name::qualified("urn:t", local));
    assert_eq!(wire(Side::Request), element("order"));
    assert_eq!(wire(Side::Answer), element("receipt"));
    let (bound, operation) = operations[1];
    let call = crate::document::tree::Name::qualified("urn:calls", "add");
    assert_eq!(contract.wire(bound, operation, Side::Request), Some(Wire::Element(call.clone())));
    assert_eq!(contract.wire(bound, operation, Side::Answer), None);
    // The element of the call was made, and its parts are in no namespace.
    let grammar = std::sync::Arc::new(grammar::compile(&loaded.documents).0);
    let shape = grammar.root(&call).and_then(|root| grammar.shape(root)).unwrap();
    let parts: Vec<_> =
        shape.children().iter().map(|part| (part.name.as_str(), part.namespace.clone())).collect();
    assert_eq!(parts, [("a", None), ("b", None)]);
}

#[test]
fn a_contract_may_stand_in_several_files_that_import_each_other() {
    let import =
        "<wsdl:import namespace='urn:t' location='b.wsdl'/><wsdl:import namespace='urn:t' location='c.xsd'/>";
    let first = format!("{HEAD}{import}{REST}");
    let second =
        format!("{HEAD}<wsdl:import namespace='urn:t' location='a.wsdl'/>{TYPES}</wsdl:definitions>");
    let schema = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'/>";
    let (loaded, findings) = loaded(&[("a.wsdl", &first), ("b.wsdl", &second), ("c.xsd", schema)]);
    assert_eq!(findings, Vec::<String>::new());
    assert_eq!(loaded.contracts[0].files.len(), 2);
}

#[test]
fn bindings_without_a_service_are_offered() {
    let text = format!("{HEAD}{TYPES}{REST}")
        .replace("wsdl:service", "wsdl:documentation")
        .replace("wsdl:port ", "p ")
        .replace("</wsdl:port>", "</p>");
    let (loaded, findings) = loaded(&[("a.wsdl", &text)]);
    assert_eq!(findings, Vec::<String>::new());
    let endpoints = loaded.contracts[0].endpoints();
    assert!(endpoints.len() == 1 && endpoints[0].port.is_none());
}

/// The findings about a contract in which something is replaced.
fn findings(what: &str, by: &str) -> Vec<String> {
    let text = format!("{HEAD}{TYPES}{REST}");
    assert!(text.contains(what));
    loaded(&[("a.wsdl", &text.replacen(what, by, 1))]).1
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let required = "<soap:binding/><x:policy xmlns:x='urn:x' wsdl:required='true'/>";
    let cases = [
        (
            "binding='t:B'",
            "binding='t:C'",
            "a.wsdl:29:24: the port `SP` has the binding {urn:t}C, which is not there",
        ),
        (
            "message='t:out'/><wsdl:fault",
            "message='u:out'/><wsdl:fault",
            "a.wsdl:16:31: message=\"u:out\" of this output has the prefix `u`, which is not declared",
        ),
        (
            "element='t:receipt'",
            "element='t:bill'",
            "a.wsdl:12:26: the part `body` is of the element {urn:t}bill, which no schema declares",
        ),
        (
            " part='head'",
            " part='tail'",
            "a.wsdl:22:75: this header is the part `tail`, which the message `in` has not",
        ),
        (
            "<wsdl:definitions",
            "<!DOCTYPE x><wsdl:definitions",
            "a.wsdl:1:1: this is no XML document: document type declarations are refused: send the document without <!DOCTYPE>",
        ),
        ("type='d:order'", "type='d:ordr'", "a.wsdl:6:3: there is no type `ordr` in the namespace `urn:d`"),
        (
            "<soap:binding transport='http://schemas.xmlsoap.org/soap/http'/>",
            required,
            "warning a.wsdl:20:17: the contract requires {urn:x}policy, which is not known here: clients may rely on what \
             it asks for",
        ),
    ];
    for (what, by, expected) in cases {
        assert_eq!(findings(what, by).first().map(String::as_str), Some(expected));
    }
}

#[test]
fn nothing_is_fetched_and_nothing_outside_is_read() {
    for (location, why) in [
        ("http://a/b.wsdl", "nothing is fetched from the network"),
        ("../b.wsdl", "a WSDL refers only to files in its own folder and below, by relative paths"),
        ("/etc/passwd", "a WSDL refers only to files in its own folder and below, by relative paths"),
        ("b.wsdl", "there is no such file"),
    ] {
        let text = format!("{HEAD}<wsdl:import namespace='urn:t' location='{location}'/>{REST}");
        let found = loaded(&[("d/a.wsdl", &text)]).1;
        assert!(found[0].contains(&format!("was not found at `{location}`: {why}")), "{found:#?}");
    }
}

#[test]
fn files_in_a_row_are_bounded() {
    let file = |n: usize| {
        format!("{HEAD}<wsdl:import namespace='urn:t' location='{}.wsdl'/></wsdl:definitions>", n + 1)
    };
    let files: Vec<(String, String)> = (0..100).map(|n| (format!("{n}.wsdl"), file(n))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let (loaded, findings) = loaded(&files);
    assert_eq!(loaded.contracts[0].files.len(), MOST_DEEP);
    assert!(findings[0].contains("at most 64 files, 32 of them in a row"), "{findings:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = loaded(&[("a.wsdl", &format!("/wsdl{text}"))]);
    }

    #[test]
    fn no_cut_and_swap_of_a_contract_makes_it_panic(at in 0_usize..4000, length in 0_usize..200, to in 0_usize..4000) {
        let text = format!("{HEAD}{TYPES}{REST}");
        let (at, to) = (at % text.len(), to % text.len());
        let cut: String = text.get(at..(at + length).min(text.len())).unwrap_or_default().to_owned();
        let rest = text.replacen(&cut, "", 1);
        let mut swapped = rest.clone();
        swapped.insert_str(to.min(rest.len()), &cut);
        let _ = loaded(&[("a.wsdl", &rest)]);
        let _ = loaded(&[("a.wsdl", &swapped)]);
    }
}

#[test]
fn a_client_is_told_all_that_a_call_needs() {
    let several = REST.replace(
        "<soap:body use='literal'/><soap:header message='t:in' part='head' use='literal'/>",
        "<soap:body use='literal'/>",
    );
    let text = format!("{HEAD}{TYPES}{REST}");
    let (one, _) = loaded(&[("a.wsdl", &text)]);
    let contract = &one.contracts[0];
    let endpoints = contract.endpoints();
    let (calls, left) = contract.calls(&endpoints[0]);
    assert_eq!(left, []);
    let name = |local: &str| crate::document::tree::Name::qualified("urn:t", local);
    let order = &calls[0];
    assert_eq!((order.address, order.action), (Some("http://a/"), Some("urn:order")));
    assert_eq!((order.protocol(), order.style), (&Protocol::Soap11, Style::Document));
    assert_eq!(order.request.body, [name("order")]);
    assert_eq!(order.request.headers, [name("token")]);
    assert_eq!(order.answer.as_ref().unwrap().body, [name("receipt")]);
    assert_eq!(order.faults, [DeclaredFault { name: "f", detail: Some(name("receipt")) }]);
    let add = &calls[1];
    assert!(add.is_one_way() && add.style == Style::Rpc && !add.request.is_encoded);
    assert_eq!(add.request.body, [crate::document::tree::Name::qualified("urn:calls", "add")]);
    // Elements side by side are sent so; a type in place of an element is not.
    let text = format!("{HEAD}{TYPES}{several}");
    let (two, _) = loaded(&[("a.wsdl", &text)]);
    let contract = &two.contracts[0];
    assert_eq!(contract.calls(&contract.endpoints()[0]).0[0].request.body, [name("order"), name("token")]);
    let typed = text.replace("name='body' element='t:order'", "name='body' type='xs:string'");
    let (three, _) = loaded(&[("a.wsdl", &typed)]);
    let contract = &three.contracts[0];
    let (calls, left) = contract.calls(&contract.endpoints()[0]);
    assert_eq!((calls.len(), left[0].name.as_str()), (1, "order"));
    assert!(left[0].why.starts_with("cannot be called: its request has"), "{}", left[0].why);
}
