//! The text of a WSDL, part by part in the order of its schema (WSDL 1.1, section 2).

use std::fmt::Write as _;

use super::template::{ADDRESS, Template, attribute};
use super::{Body, Definitions, Fault, Header, Operation, QName, Style, TypeName};
use crate::xml::escape_text;

/// The part, message and fault name of the element in the detail of faults that no operation declares.
const FAULT: &str = "failure";
const TRANSPORT: &str = "http://schemas.xmlsoap.org/soap/http";

/// Writes the document; `types` is what stands in `wsdl:types`.
pub(super) fn document(definitions: &Definitions<'_>, types: &str) -> Template {
    let namespaces = namespaces(definitions);
    let mut writer = Writer { definitions, namespaces, headers: headers(definitions), out: String::new() };
    writer.all(types);
    Template::new(&writer.out)
}

/// The namespaces of messages beside the target namespace, in order of appearance.
fn namespaces(definitions: &Definitions<'_>) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    let mut add = |namespace: Option<&str>| {
        if let Some(namespace) = namespace
            && namespace != definitions.namespace
            && !list.iter().any(|known| known == namespace)
        {
            list.push(namespace.to_owned());
        }
    };
    let mut body = |body: &Body<'_>| match body {
        Body::Empty => {}
        Body::Element(name) => add(name.namespace),
        Body::Parts(parts) => parts.iter().for_each(|(_, kind)| match kind {
            TypeName::BuiltIn(_) => {}
            TypeName::Named(namespace, _) => add(Some(namespace)),
        }),
    };
    let operations = definitions.operations;
    operations.iter().for_each(|operation| body(&operation.input));
    operations.iter().filter_map(|operation| operation.output.as_ref()).for_each(&mut body);
    for operation in operations {
        operation.headers.iter().for_each(|header| add(header.element.namespace));
        operation.faults.iter().for_each(|fault| add(fault.element.namespace));
    }
    if let Some(fault) = definitions.fault {
        add(fault.namespace);
    }
    list
}

/// The elements of header blocks, each with the name of its message and of its part.
fn headers<'a>(definitions: &Definitions<'a>) -> Vec<(QName<'a>, String)> {
    let mut list: Vec<(QName<'a>, String)> = Vec::new();
    for header in definitions.operations.iter().flat_map(|operation| &operation.headers) {
        if list.iter().any(|(known, _)| *known == header.element) {
            continue;
        }
        let same = list.iter().filter(|(known, _)| known.local == header.element.local).count();
        let number = if same == 0 { String::new() } else { (same + 1).to_string() };
        list.push((header.element, format!("{}Header{number}", header.element.local)));
    }
    list
}

struct Writer<'a> {
    definitions: &'a Definitions<'a>,
    namespaces: Vec<String>,
    headers: Vec<(QName<'a>, String)>,
    out: String,
}

impl<'a> Writer<'a> {
    fn all(&mut self, types: &str) {
        let target = attribute(self.definitions.namespace);
        self.out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let _ = write!(
            self.out,
            "<wsdl:definitions xmlns:wsdl=\"http://schemas.xmlsoap.org/wsdl/\" \
             xmlns:soap=\"http://schemas.xmlsoap.org/wsdl/soap/\" \
             xmlns:soap12=\"http://schemas.xmlsoap.org/wsdl/soap12/\" xmlns:tns=\"{target}\""
        );
        if self.definitions.style == Style::Rpc {
            self.out.push_str(" xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"");
        }
        for (prefix, namespace) in self.prefixes() {
            let _ = write!(self.out, " xmlns:{prefix}=\"{}\"", attribute(&namespace));
        }
        let name = attribute(&self.definitions.names.service);
        let _ = writeln!(self.out, " name=\"{name}\" targetNamespace=\"{target}\">");
        self.documentation(1, self.definitions.documentation);
        self.line(1, "<wsdl:types>");
        self.out.push_str(types);
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

    /// The prefixes of all namespaces but the target namespace: those of the schemas, and of what stands in none of them.
    fn prefixes(&self) -> Vec<(String, String)> {
        let known = self.definitions.prefixes.iter();
        let mut all: Vec<(String, String)> =
            known.map(|(prefix, namespace)| (prefix.clone(), (*namespace).to_owned())).collect();
        for namespace in &self.namespaces {
            if !all.iter().any(|(_, known)| known == namespace) {
                all.push((format!("m{}", all.len() + 1), namespace.clone()));
            }
        }
        all
    }

    fn messages(&mut self) {
        for operation in self.definitions.operations {
            self.message(&format!("{}Request", operation.name), &operation.input);
            if let Some(output) = &operation.output {
                self.message(&format!("{}Response", operation.name), output);
            }
        }
        for (element, name) in self.headers.clone() {
            self.one_part(&name, element.local, element);
        }
        for fault in self.faults() {
            self.one_part(&format!("{}Fault", fault.name), "fault", fault.element);
        }
        if let Some(name) = self.fault() {
            self.one_part(FAULT, FAULT, name);
        }
    }

    /// The declared faults of all operations, each once.
    fn faults(&self) -> Vec<Fault<'a>> {
        let mut list: Vec<Fault<'a>> = Vec::new();
        for fault in self.definitions.operations.iter().flat_map(|operation| &operation.faults) {
            if !list.iter().any(|known| known.name == fault.name) {
                list.push(*fault);
            }
        }
        list
    }

    /// The fault that none of them is, if there is an operation that can answer with one.
    fn fault(&self) -> Option<QName<'a>> {
        let answers = |operation: &Operation<'_>| operation.output.is_some();
        self.definitions.fault.filter(|_| self.definitions.operations.iter().any(answers))
    }

    fn message(&mut self, message: &str, body: &Body<'_>) {
        match body {
            Body::Empty => self.line(1, &format!("<wsdl:message name=\"{message}\"/>")),
            Body::Element(element) => self.one_part(message, "parameters", *element),
            Body::Parts(parts) if parts.is_empty() => self.message(message, &Body::Empty),
            Body::Parts(parts) => {
                self.line(1, &format!("<wsdl:message name=\"{message}\">"));
                for (name, kind) in parts {
                    let kind = match kind {
                        TypeName::BuiltIn(word) => format!("xs:{word}"),
                        TypeName::Named(namespace, local) => {
                            format!("{}{local}", self.prefix(Some(namespace)))
                        }
                    };
                    self.line(2, &format!("<wsdl:part name=\"{name}\" type=\"{kind}\"/>"));
                }
                self.line(1, "</wsdl:message>");
            }
        }
    }

    fn one_part(&mut self, message: &str, part: &str, element: QName<'_>) {
        let prefix = self.prefix(element.namespace);
        self.line(1, &format!("<wsdl:message name=\"{message}\">"));
        self.line(2, &format!("<wsdl:part name=\"{part}\" element=\"{prefix}{}\"/>", element.local));
        self.line(1, "</wsdl:message>");
    }

    fn prefix(&self, namespace: Option<&str>) -> String {
        match namespace {
            None => String::new(),
            Some(namespace) if namespace == self.definitions.namespace => "tns:".to_owned(),
            Some(namespace) => {
                let found = self.prefixes().into_iter().find(|(_, known)| known == namespace);
                found.map(|(prefix, _)| format!("{prefix}:")).unwrap_or_default()
            }
        }
    }

    fn port_type(&mut self) {
        self.line(1, &format!("<wsdl:portType name=\"{}\">", attribute(&self.definitions.names.port_type)));
        for operation in self.definitions.operations {
            let name = operation.name;
            self.line(2, &format!("<wsdl:operation name=\"{name}\">"));
            self.documentation(3, operation.documentation);
            self.line(3, &format!("<wsdl:input message=\"tns:{name}Request\"/>"));
            // A one-way operation has no faults (WSDL 1.1, section 2.4.1).
            if operation.output.is_some() {
                self.line(3, &format!("<wsdl:output message=\"tns:{name}Response\"/>"));
                for fault in &operation.faults {
                    self.declared_fault(fault);
                }
                if self.definitions.fault.is_some() {
                    self.line(3, &format!("<wsdl:fault name=\"{FAULT}\" message=\"tns:{FAULT}\"/>"));
                }
            }
            self.line(2, "</wsdl:operation>");
        }
        self.line(1, "</wsdl:portType>");
    }

    fn declared_fault(&mut self, fault: &Fault<'_>) {
        let name = fault.name;
        let tag = format!("<wsdl:fault name=\"{name}\" message=\"tns:{name}Fault\"");
        if fault.documentation.is_empty() {
            return self.line(3, &format!("{tag}/>"));
        }
        self.line(3, &format!("{tag}>"));
        self.documentation(4, fault.documentation);
        self.line(3, "</wsdl:fault>");
    }

    fn binding(&mut self, prefix: &str, suffix: &str) {
        let names = self.definitions.names;
        let (binding, port_type) = (attribute(&names.binding), attribute(&names.port_type));
        let style = self.definitions.style.word();
        self.line(1, &format!("<wsdl:binding name=\"{binding}{suffix}\" type=\"tns:{port_type}\">"));
        self.line(2, &format!("<{prefix}:binding style=\"{style}\" transport=\"{TRANSPORT}\"/>"));
        // SOAP 1.2 has no SOAPAction, and the action parameter is never required (part 2, section 6.5).
        let required = if prefix == "soap12" { " soapActionRequired=\"false\"" } else { "" };
        for operation in self.definitions.operations {
            let action = attribute(operation.action);
            self.line(2, &format!("<wsdl:operation name=\"{}\">", operation.name));
            let tag = format!("<{prefix}:operation soapAction=\"{action}\"{required} style=\"{style}\"/>");
            self.line(3, &tag);
            self.bound("input", prefix, operation, |header| header.inbound);
            if operation.output.is_some() {
                self.bound("output", prefix, operation, |header| header.outbound);
                let names = operation.faults.iter().map(|fault| fault.name);
                for name in names.chain(self.definitions.fault.map(|_| FAULT)) {
                    let fault = format!("<{prefix}:fault name=\"{name}\" use=\"literal\"/>");
                    self.line(3, &format!("<wsdl:fault name=\"{name}\">{fault}</wsdl:fault>"));
                }
            }
            self.line(2, "</wsdl:operation>");
        }
        self.line(1, "</wsdl:binding>");
    }

    /// One direction of an operation in a binding: its body and its header blocks.
    fn bound(
        &mut self,
        word: &str,
        prefix: &str,
        operation: &Operation<'_>,
        has: impl Fn(&Header<'_>) -> bool,
    ) {
        let namespace = match self.definitions.style {
            Style::Document => String::new(),
            // An rpc body names the namespace of its element (BP R2717).
            Style::Rpc => format!(" namespace=\"{}\"", attribute(self.definitions.namespace)),
        };
        let mut inner = format!("<{prefix}:body use=\"literal\"{namespace}/>");
        for header in operation.headers.iter().filter(|header| has(header)) {
            if let Some((element, message)) = self.headers.iter().find(|(known, _)| *known == header.element)
            {
                let part = element.local;
                let _ = write!(
                    inner,
                    "<{prefix}:header message=\"tns:{message}\" part=\"{part}\" use=\"literal\"/>"
                );
            }
        }
        self.line(3, &format!("<wsdl:{word}>{inner}</wsdl:{word}>"));
    }

    fn service(&mut self) {
        let names = self.definitions.names;
        let (service, port, binding) =
            (attribute(&names.service), attribute(&names.port), attribute(&names.binding));
        self.line(1, &format!("<wsdl:service name=\"{service}\">"));
        let bindings = [("soap", "", self.definitions.soap11), ("soap12", "12", self.definitions.soap12)];
        for (prefix, suffix, _) in bindings.iter().filter(|(_, _, served)| *served) {
            self.line(2, &format!("<wsdl:port name=\"{port}{suffix}\" binding=\"tns:{binding}{suffix}\">"));
            self.line(3, &format!("<{prefix}:address location=\"{ADDRESS}\"/>"));
            self.line(2, "</wsdl:port>");
        }
        self.line(1, "</wsdl:service>");
    }

    fn documentation(&mut self, indent: usize, text: &str) {
        if text.is_empty() {
            return;
        }
        let mut escaped = Vec::with_capacity(text.len());
        escape_text(text, &mut escaped);
        let escaped = String::from_utf8(escaped).unwrap_or_default();
        self.line(indent, &format!("<wsdl:documentation>{escaped}</wsdl:documentation>"));
    }

    fn line(&mut self, indent: usize, text: &str) {
        for _ in 0..indent {
            self.out.push_str("  ");
        }
        self.out.push_str(text);
        self.out.push('\n');
    }
}
