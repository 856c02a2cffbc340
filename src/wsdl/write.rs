//! The text of a WSDL, part by part in the order of its schema (WSDL 1.1, section 2).

use std::fmt::Write as _;

use super::{Definitions, Document, Operation, Output, QName};
use crate::xml::escape_attribute;

/// Stands for the address while the text is made; no text from outside can hold it.
const ADDRESS: char = '\u{0}';
/// The part, message and fault name of the element in the detail of faults.
const FAULT: &str = "failure";

pub(super) fn document(definitions: &Definitions<'_>) -> Document {
    let mut writer = Writer { definitions, namespaces: namespaces(definitions), out: String::new() };
    writer.all();
    Document { parts: writer.out.split(ADDRESS).map(str::to_owned).collect() }
}

/// The namespaces of messages beside the target namespace, in order of appearance.
fn namespaces<'a>(definitions: &Definitions<'a>) -> Vec<&'a str> {
    let mut list = Vec::new();
    let outputs = definitions.operations.iter().map(|operation| match operation.output {
        Output::Element(name) => Some(name),
        Output::OneWay => None,
    });
    let inputs = definitions.operations.iter().map(|operation| operation.input);
    for name in inputs.chain(outputs).chain([definitions.fault]).flatten() {
        if let Some(namespace) = name.namespace
            && namespace != definitions.namespace
            && !list.contains(&namespace)
        {
            list.push(namespace);
        }
    }
    list
}

struct Writer<'a> {
    definitions: &'a Definitions<'a>,
    namespaces: Vec<&'a str>,
    out: String,
}

impl<'a> Writer<'a> {
    fn all(&mut self) {
        let target = attribute(self.definitions.namespace);
        self.out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let _ = write!(
            self.out,
            "<wsdl:definitions xmlns:wsdl=\"http://schemas.xmlsoap.org/wsdl/\" \
             xmlns:soap=\"http://schemas.xmlsoap.org/wsdl/soap/\" \
             xmlns:soap12=\"http://schemas.xmlsoap.org/wsdl/soap12/\" xmlns:tns=\"{target}\""
        );
        for (at, namespace) in self.namespaces.iter().enumerate() {
            let _ = write!(self.out, " xmlns:m{}=\"{}\"", at + 1, attribute(namespace));
        }
        let _ = writeln!(
            self.out,
            " name=\"{}\" targetNamespace=\"{target}\">",
            attribute(self.definitions.service)
        );
        self.line(1, "<wsdl:types>");
        for schema in self.definitions.schemas {
            self.out.push_str(schema);
        }
        self.line(1, "</wsdl:types>");
        self.messages();
        self.port_type();
        if self.definitions.soap11 {
            self.binding("soap", "");
        }
        if self.definitions.soap12 {
            self.binding("soap12", "12");
        }
        self.service();
        self.out.push_str("</wsdl:definitions>\n");
    }

    fn messages(&mut self) {
        for operation in self.definitions.operations {
            self.message(&format!("{}Request", operation.name), "parameters", operation.input);
            if let Output::Element(name) = operation.output {
                self.message(&format!("{}Response", operation.name), "parameters", Some(name));
            }
        }
        if let Some(name) = self.fault() {
            self.message(FAULT, FAULT, Some(name));
        }
    }

    /// The declared fault, if there is an operation that can answer with one.
    fn fault(&self) -> Option<QName<'a>> {
        let answers = |operation: &Operation<'_>| operation.output != Output::OneWay;
        self.definitions.fault.filter(|_| self.definitions.operations.iter().any(answers))
    }

    fn message(&mut self, message: &str, part: &str, element: Option<QName<'_>>) {
        let Some(element) = element else {
            return self.line(1, &format!("<wsdl:message name=\"{message}\"/>"));
        };
        let prefix = match element.namespace {
            None => String::new(),
            Some(namespace) => match self.namespaces.iter().position(|known| *known == namespace) {
                Some(at) => format!("m{}:", at + 1),
                None => "tns:".to_owned(),
            },
        };
        self.line(1, &format!("<wsdl:message name=\"{message}\">"));
        self.line(2, &format!("<wsdl:part name=\"{part}\" element=\"{prefix}{}\"/>", element.local));
        self.line(1, "</wsdl:message>");
    }

    fn port_type(&mut self) {
        let service = attribute(self.definitions.service);
        self.line(1, &format!("<wsdl:portType name=\"{service}PortType\">"));
        for Operation { name, output, .. } in self.definitions.operations {
            self.line(2, &format!("<wsdl:operation name=\"{name}\">"));
            self.line(3, &format!("<wsdl:input message=\"tns:{name}Request\"/>"));
            // A one-way operation has no faults (WSDL 1.1, section 2.4.1).
            if *output != Output::OneWay {
                self.line(3, &format!("<wsdl:output message=\"tns:{name}Response\"/>"));
                if self.definitions.fault.is_some() {
                    self.line(3, &format!("<wsdl:fault name=\"{FAULT}\" message=\"tns:{FAULT}\"/>"));
                }
            }
            self.line(2, "</wsdl:operation>");
        }
        self.line(1, "</wsdl:portType>");
    }

    fn binding(&mut self, prefix: &str, suffix: &str) {
        let service = attribute(self.definitions.service);
        let transport = "http://schemas.xmlsoap.org/soap/http";
        self.line(
            1,
            &format!("<wsdl:binding name=\"{service}Binding{suffix}\" type=\"tns:{service}PortType\">"),
        );
        self.line(2, &format!("<{prefix}:binding style=\"document\" transport=\"{transport}\"/>"));
        // SOAP 1.2 has no SOAPAction, and the action parameter is never required (part 2, section 6.5).
        let required = if prefix == "soap12" { " soapActionRequired=\"false\"" } else { "" };
        for Operation { name, action, output, .. } in self.definitions.operations {
            let action = attribute(action);
            self.line(2, &format!("<wsdl:operation name=\"{name}\">"));
            self.line(
                3,
                &format!("<{prefix}:operation soapAction=\"{action}\"{required} style=\"document\"/>"),
            );
            self.line(3, &format!("<wsdl:input><{prefix}:body use=\"literal\"/></wsdl:input>"));
            if *output != Output::OneWay {
                self.line(3, &format!("<wsdl:output><{prefix}:body use=\"literal\"/></wsdl:output>"));
                if self.definitions.fault.is_some() {
                    let fault = format!("<{prefix}:fault name=\"{FAULT}\" use=\"literal\"/>");
                    self.line(3, &format!("<wsdl:fault name=\"{FAULT}\">{fault}</wsdl:fault>"));
                }
            }
            self.line(2, "</wsdl:operation>");
        }
        self.line(1, "</wsdl:binding>");
    }

    fn service(&mut self) {
        let service = attribute(self.definitions.service);
        self.line(1, &format!("<wsdl:service name=\"{service}\">"));
        let bindings = [("soap", "", self.definitions.soap11), ("soap12", "12", self.definitions.soap12)];
        for (prefix, suffix, _) in bindings.iter().filter(|(_, _, served)| *served) {
            self.line(
                2,
                &format!(
                    "<wsdl:port name=\"{service}Port{suffix}\" binding=\"tns:{service}Binding{suffix}\">"
                ),
            );
            self.line(3, &format!("<{prefix}:address location=\"{ADDRESS}\"/>"));
            self.line(2, "</wsdl:port>");
        }
        self.line(1, "</wsdl:service>");
    }

    fn line(&mut self, indent: usize, text: &str) {
        for _ in 0..indent {
            self.out.push_str("  ");
        }
        self.out.push_str(text);
        self.out.push('\n');
    }
}

fn attribute(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    escape_attribute(text, &mut out);
    String::from_utf8(out).unwrap_or_default()
}
