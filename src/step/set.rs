//! The `set` step: gives a property a value.

use compact_str::CompactString;

use crate::kind::step::{DeclaredStep, Facts, StatusSet, StepKind};
use crate::kind::value::{DeclaredValue, For, property_name};
use crate::kind::{Compiling, Here, Kinds, Manual};
use crate::pipeline::property::{Fixed, Property, parse_status};
use crate::pipeline::run::{Run, each_document};
use crate::pipeline::source::{Origin, ValueSource, is_blank};
use crate::pipeline::step::{Documents, Step, WithComing, Work};
use crate::source::{Finding, Spanned};
use crate::syntax::{Literal, Node};

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "set",
        summary: "gives a property a value",
        usage: "set PROPERTY from=PATH | value=LITERAL | property=NAME | script=EXPRESSION [default=LITERAL]",
        text: "For each document the value is read and put into the property. `response.status` and \
               `response.header.NAME` shape the answer, `process.NAME` belongs to the whole execution, any other name to \
               the document. A value that is absent removes the property; `default=` stands in for one that is absent, \
               nil or empty. Properties that a request brought cannot be set.",
        example: "set response.status value=201\nset customer from=\"Order/Customer/Name\" default=\"unknown\"",
    },
    read,
};

/// Header fields that frame an answer or that every answer carries.
const FRAMING: &[&str] = &[
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "upgrade",
    "te",
    "trailer",
    "proxy-connection",
    "date",
    "x-request-id",
];

#[derive(Debug)]
struct Declared {
    name: Spanned<Literal>,
    value: DeclaredValue,
}

#[derive(Debug)]
struct SetStep {
    property: Property,
    value: ValueSource,
}

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let name = node.argument("property's name");
    let value = DeclaredValue::read(&mut node, true);
    node.finish();
    Some(Box::new(Declared { name: name?, value: value? }))
}

impl Declared {
    /// What the status becomes, where that is what it sets.
    fn status(&self) -> StatusSet {
        let literal = self.value.value.as_ref().filter(|_| self.value.default.is_none());
        let status = literal.and_then(|literal| parse_status(&literal.value.value.text()?));
        status.map_or(StatusSet::Computed, |status| StatusSet::To(status.as_u16()))
    }
}

impl DeclaredStep for Declared {
    fn facts(&self) -> Facts<'_> {
        let shapes_answer =
            Property::parse(&self.name.value.text).is_ok_and(|property| property.is_of_answer());
        let is_status = self.name.value.text == "response.status";
        Facts { shapes_answer, status: is_status.then(|| self.status()), keeps: true, ..Facts::default() }
    }

    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        let property = property_name(&self.name, compiling);
        compiling.sets(&self.name.value.text);
        let value = self.value.compile(&For::here(here), compiling);
        let property = property?;
        if !property.is_writable() {
            let whose = match property {
                Property::Error(_) => "says what failed",
                _ => "is what the request brought",
            };
            let message = format!("`{}` {whose}: it cannot be set", self.name.value.text);
            let help = "response.status, response.header.NAME, process.NAME or a name of your own can be set";
            compiling.report(Finding::error("read-only-property", self.name.span, message).help(help));
            return None;
        }
        if let Property::ResponseHeader(name) = &property
            && FRAMING.contains(&name.as_str())
        {
            let message = format!("`{name}` is written by the gateway: it cannot be set");
            compiling.report(Finding::error("read-only-property", self.name.span, message));
            return None;
        }
        let value = value?.0;
        if property == Property::Fixed(Fixed::Status)
            && let Origin::Literal(literal) = &value.origin
            && !is_blank(literal)
            && literal.text().is_none_or(|text| parse_status(&text).is_none())
        {
            let span = self.value.value.as_ref().map_or(self.name.span, |given| given.span);
            let finding = Finding::error("bad-status", span, "this is not the status of an answer");
            compiling.report(finding.help("a status is a number from 200 to 999, such as 201 or 404"));
            return None;
        }
        Some(Box::new(SetStep { property, value }))
    }
}

impl Step for SetStep {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        each_document(run, documents, |mut document| {
            let value: Option<CompactString> = self.value.read(run, &document, None)?.text();
            self.property.set(value, run, &mut document)?;
            Ok(document)
        })
    }

    fn with_coming(&self) -> WithComing {
        if self.value.reads_body() { WithComing::Reads } else { WithComing::Passes }
    }

    fn gives_each(&self) -> bool {
        true
    }
}
