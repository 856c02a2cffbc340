//! The WSDL of a service: what its operations look like, for those that a caller may use.

use std::borrow::Cow;
use std::sync::Arc;

use super::SoapOptions;
use super::build::Contract;
use super::contract;
use super::rpc;
use crate::document::family::Family;
use crate::pipeline::access::User;
use crate::pipeline::contract::Fault;
use crate::schema::Shape;
use crate::schema::rule::Published;
use crate::schema::xsd::{Clash, Schemas};
use crate::soap::Version;
use crate::wsdl::{self, Body, Definitions, Style};

/// Everything that a service's WSDL is written from.
#[derive(Debug)]
pub(super) struct Blueprint {
    pub(super) options: SoapOptions,
    pub(super) contracts: Vec<Contract>,
}

impl Blueprint {
    /// Which operations a caller may use.
    pub(super) fn shown(&self, user: Option<&User>) -> Vec<bool> {
        self.options.operations.iter().map(|served| served.operation.admits(user)).collect()
    }
}

/// The declared faults that have an element to show.
fn faults(faults: &[Arc<Fault>]) -> impl Iterator<Item = (&Fault, &Shape)> {
    faults.iter().filter_map(|fault| {
        let profile = fault.profile.as_ref()?;
        (Family::of(&*profile.codec) == Family::Xml).then(|| (&**fault, &*profile.shape))
    })
}

/// Adds all that an operation refers to.
///
/// # Errors
/// An element or a type looks different from one that is there already.
pub(super) fn add(
    schemas: &mut Schemas,
    options: &SoapOptions,
    at: usize,
    made: &Contract,
) -> Result<(), Clash> {
    let Some(served) = options.operations.get(at) else { return Ok(()) };
    match options.style {
        Style::Document => {
            for shape in [&made.request, &made.answer].into_iter().flatten() {
                schemas.add(shape)?;
            }
            if let Some(more) = made.more.as_ref().filter(|more| more.is_paged) {
                schemas.add(&more.shape)?;
                schemas.add(&more.size)?;
            }
        }
        Style::Rpc => {
            for (shape, suffix) in [(&made.request, "Request"), (&made.answer, "Response")] {
                for part in shape.iter().flat_map(rpc::parts) {
                    let name = type_name(&served.name, suffix, &part.name);
                    if let wsdl::TypeName::Named(namespace, local) =
                        rpc::type_of(part, &name, &options.namespace)
                    {
                        schemas.add_type(&local, &namespace, part)?;
                    }
                }
            }
        }
    }
    for header in &served.operation.headers {
        let shape = &header.profile.shape;
        let shape = if header.inbound { shape.incoming() } else { Cow::Borrowed(&**shape) };
        schemas.add(&shape)?;
    }
    faults(&served.operation.faults).try_for_each(|(_, shape)| schemas.add(shape))
}

fn type_name(operation: &str, suffix: &str, part: &str) -> String {
    format!("{operation}{suffix}.{part}")
}

impl Blueprint {
    /// The WSDL with the operations that `shown` says.
    pub(super) fn document(&self, shown: impl Fn(usize) -> bool) -> wsdl::Document {
        let options = &self.options;
        let mut schemas = Schemas::default();
        let all = self.contracts.iter().enumerate().filter(|(at, _)| shown(*at));
        for (at, made) in all.clone() {
            // What clashes was reported when the service was made.
            let _ = add(&mut schemas, options, at, made);
        }
        let fault = contract::fault_detail();
        // Its namespace is ours alone, so nothing can be in its way.
        let _ = schemas.add(&fault);
        let operations: Vec<wsdl::Operation<'_>> =
            all.flat_map(|(at, made)| [self.operation(at, made), self.more(at, made)]).flatten().collect();
        let prefixes: Vec<(String, &str)> = schemas.prefixes().collect();
        // What is imported comes first: there are readers that take a schema in when they meet it.
        let schemas: Vec<wsdl::Schema> = schemas.write(2).into_iter().rev().map(schema).collect();
        let declares_failure = operations.iter().flat_map(|o| &o.faults).any(|fault| fault.name == "failure");
        wsdl::Document::new(&Definitions {
            namespace: &options.namespace,
            names: &options.names,
            documentation: &options.description,
            schemas: &schemas,
            prefixes: &prefixes,
            operations: &operations,
            fault: (!declares_failure).then(|| contract::qname(&fault)),
            style: options.style,
            soap11: options.versions.contains(&Version::V11),
            soap12: options.versions.contains(&Version::V12),
        })
    }

    fn operation<'a>(&'a self, at: usize, made: &'a Contract) -> Option<wsdl::Operation<'a>> {
        let served = self.options.operations.get(at)?;
        let headers = served.operation.headers.iter().map(|header| wsdl::Header {
            element: contract::qname(&header.profile.shape),
            inbound: header.inbound,
            outbound: header.outbound,
        });
        let more = made.more.as_ref().filter(|more| more.is_paged);
        let size = more.map(|more| wsdl::Header {
            element: contract::qname(&more.size),
            inbound: true,
            outbound: false,
        });
        let faults = faults(&served.operation.faults).map(|(fault, shape)| wsdl::Fault {
            name: &fault.name,
            element: contract::qname(shape),
            documentation: &fault.description,
        });
        Some(wsdl::Operation {
            name: &served.name,
            action: &made.action,
            documentation: &served.operation.description,
            input: self.body(made.request.as_ref(), &served.name, "Request"),
            output: made.answer.as_ref().map(|shape| self.body(Some(shape), &served.name, "Response")),
            headers: headers.chain(size).collect(),
            faults: faults.collect(),
        })
    }

    /// The operation that asks for further pages of another one's answers.
    fn more<'a>(&'a self, at: usize, made: &'a Contract) -> Option<wsdl::Operation<'a>> {
        let more = made.more.as_ref().filter(|more| more.is_paged)?;
        let own = self.operation(at, made)?;
        Some(wsdl::Operation {
            name: &more.name,
            action: &more.action,
            documentation: "",
            input: Body::Element(contract::qname(&more.shape)),
            headers: Vec::new(),
            ..own
        })
    }

    fn body<'a>(&self, shape: Option<&'a Shape>, operation: &str, suffix: &str) -> Body<'a> {
        let Some(shape) = shape else { return Body::Empty };
        if self.options.style == Style::Document {
            return Body::Element(contract::qname(shape));
        }
        let part = |part: &'a Shape| {
            let name = type_name(operation, suffix, &part.name);
            (part.name.as_str(), rpc::type_of(part, &name, &self.options.namespace))
        };
        Body::Parts(rpc::parts(shape).map(part).collect())
    }
}

fn schema(written: Published) -> wsdl::Schema {
    let imports = written.imports.into_iter();
    wsdl::Schema {
        namespace: written.namespace.map(|namespace| namespace.to_string()),
        text: written.text,
        inside: written.inside,
        imports: imports.map(|(at, namespace)| (at, namespace.map(|n| n.to_string()))).collect(),
    }
}
