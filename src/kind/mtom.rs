//! `mtom=` and `mtom-threshold=` in the file: how data goes out, from a service and in a call.

use crate::soap::mtom::Mtom;
use crate::source::Finding;
use crate::syntax::{Bytes, Node};

/// Reads them off a service: without `mtom=` it goes by what a caller speaks.
pub fn of_service(node: &mut Node<'_>) -> Mtom {
    let unused = "no answer goes out as MTOM here: there is nothing to bound";
    read(node, |always| always == Some(false), unused, "remove mtom-threshold=, or mtom=#false")
}

/// Reads them off a call, which is MTOM only where the file says so: nobody can ask a server what it speaks.
pub fn of_call(node: &mut Node<'_>) -> Mtom {
    let unused = "this call is not sent as MTOM: there is nothing to bound";
    read(node, |always| always != Some(true), unused, "write mtom=#true beside it, or remove mtom-threshold=")
}

/// `mtom=#true mtom-threshold="1KiB"`; a threshold where `never` holds is a finding.
fn read(node: &mut Node<'_>, never: fn(Option<bool>) -> bool, unused: &str, help: &str) -> Mtom {
    let always = node.property::<bool>("mtom").map(|given| given.value);
    let threshold = node.property::<Bytes>("mtom-threshold");
    if let Some(given) = threshold.as_ref().filter(|_| never(always)) {
        node.report(Finding::error("unused-threshold", given.span, unused).help(help));
    }
    Mtom { always, threshold: threshold.map_or(0, |given| given.value.0) }
}
