//! The elements of a service: what stands in the bodies of requests and answers, for the check and for the WSDL alike.

use super::super::common::holder;
use super::super::reader::list;
use super::{SoapOperation, more, rpc};
use crate::pipeline::operation::Io;
use crate::schema::{Occurs, Shape, ShapeKind, Simple, SimpleType};
use crate::soap::fault;
use crate::wsdl::{QName, Style};

/// What stands behind the object in the name of the list in an answer.
const ANSWERS: &str = "ResponseList";

/// The body's child in a request; `None` when the body is empty.
pub(super) fn request(namespace: &str, served: &SoapOperation, style: Style) -> Option<Shape> {
    let input = &served.operation.input;
    let shape = match style {
        Style::Rpc => parts(namespace, &served.name, input),
        Style::Document => {
            let inner = documents(namespace, served, input, "List");
            framed(namespace, &served.name, served.wrapper, inner)?
        }
    };
    // A request may have what its profile leaves out when it writes.
    Some(shape.incoming().into_owned())
}

/// The body's child in an answer; `None` when there is no answer.
pub(super) fn answer(namespace: &str, served: &SoapOperation, style: Style) -> Option<Shape> {
    let output = &served.operation.output;
    if style == Style::Rpc {
        output.profile()?;
        return Some(parts(namespace, &format!("{}Response", served.name), output));
    }
    let mut inner = documents(namespace, served, output, ANSWERS)?;
    if !output.many() && served.wrapper {
        // A process may return nothing; the answer is then the wrapper alone.
        inner.occurs = Occurs::OPTIONAL;
    }
    framed(namespace, &format!("{}Response", served.name), served.wrapper, Some(inner))
}

/// An element around the parts of an rpc message.
fn parts(namespace: &str, name: &str, io: &Io) -> Shape {
    let parts = io.profile().map(|profile| rpc::shapes(&profile.shape)).unwrap_or_default();
    holder(name, Some(namespace), parts)
}

fn framed(namespace: &str, name: &str, wrapper: bool, inner: Option<Shape>) -> Option<Shape> {
    match wrapper {
        true => Some(holder(name, Some(namespace), inner.into_iter().collect())),
        false => inner,
    }
}

/// The document or the list of documents.
fn documents(namespace: &str, served: &SoapOperation, io: &Io, suffix: &str) -> Option<Shape> {
    let Io::Profile { profile, many, .. } = io else { return None };
    Some(match many {
        true => {
            let mut list =
                list(&format!("{}{suffix}", served.operation.object), Some(namespace), &profile.shape);
            if suffix == ANSWERS && served.operation.paging.is_some() {
                list.attributes.push(more::attribute());
            }
            list
        }
        false => Shape { occurs: Occurs::ONCE, ..Shape::clone(&profile.shape) },
    })
}

/// The elements around the documents of an answer, outermost first.
pub(super) fn wrappers(served: &SoapOperation, style: Style) -> Vec<String> {
    let mut names = Vec::new();
    if served.wrapper || style == Style::Rpc {
        names.push(format!("{}Response", served.name));
    }
    if served.operation.output.many() {
        names.push(format!("{}ResponseList", served.operation.object));
    }
    names
}

/// What stands in the detail of faults, as [`fault`] writes it.
pub(super) fn fault_detail() -> Shape {
    let text = |name: &str| Shape {
        kind: ShapeKind::Simple(Simple::of(SimpleType::String)),
        ..holder(name, Some(fault::NAMESPACE), Vec::new())
    };
    let line = Shape {
        kind: ShapeKind::Simple(Simple::of(SimpleType::Integer)),
        occurs: Occurs::OPTIONAL,
        ..text("line")
    };
    let violation = holder("violation", Some(fault::NAMESPACE), vec![text("path"), line, text("message")]);
    let violation = Shape { occurs: Occurs { min: 0, max: None }, ..violation };
    holder(fault::DETAIL, Some(fault::NAMESPACE), vec![text("code"), text("request"), violation])
}

/// The action of an operation: the namespace and the name, joined as the namespace's kind of URI is.
pub(super) fn action(namespace: &str, name: &str) -> String {
    let separator = match namespace {
        n if n.ends_with(['/', '#', ':']) => "",
        n if n.starts_with("urn:") => ":",
        _ => "/",
    };
    format!("{namespace}{separator}{name}")
}

/// The name of a shape's element.
pub(super) fn qname(shape: &Shape) -> QName<'_> {
    QName { namespace: shape.namespace.as_deref(), local: &shape.name }
}
