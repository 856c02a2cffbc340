//! The name of the element that a `fault` clause finds in a detail, held against what the server's schemas declare.

use super::clauses::KnownFault;
use crate::document::tree::Name;
use crate::source::{Finding, Spanned};

/// Warns of a name that no fault has, where the schemas of the server have one that differs by its namespace alone.
pub fn check(detail: &Spanned<String>, known: Option<&[KnownFault]>, elements: &[Name]) -> Option<Finding> {
    let name = Name::written(&detail.value);
    let known = known.unwrap_or_default();
    let mut all = elements.iter().chain(known.iter().filter_map(|fault| fault.element.as_ref()));
    // A fault that the contract gives no element has the name of its detail, in whatever namespace.
    let is_named = known.iter().any(|fault| fault.element.is_none() && fault.name == name.local.as_str());
    if is_named || all.clone().any(|element| *element == name) {
        return None;
    }
    // A colon cannot stand in a name: what is before it was meant as a prefix.
    let prefixed = name.local.split_once(':').filter(|_| name.namespace.is_none());
    let local = prefixed.map_or(name.local.as_str(), |(_, local)| local);
    // What the operation itself declares is the nearer guess.
    let own = known.iter().filter_map(|fault| fault.element.as_ref()).find(|element| element.local == local);
    let near = own.or_else(|| all.find(|element| element.local == local));
    let message = match (&name.namespace, prefixed) {
        (_, Some(_)) => format!("no element has the name `{}`: a prefix says nothing here", detail.value),
        (None, None) => format!("`{local}` is in no namespace here, and so in no fault of this server"),
        (Some(namespace), None) => format!("this server has no `{local}` in the namespace `{namespace}`"),
    };
    let help = match near {
        Some(near) => format!("the server's WSDL declares it so: detail=\"{near}\""),
        None if prefixed.is_some() => format!("write detail=\"{{NAMESPACE}}{local}\""),
        None => return None,
    };
    Some(Finding::warning("unknown-detail", detail.span, message).help(help))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    fn told(detail: &str, elements: &[Name], known: &[KnownFault]) -> Option<String> {
        let detail = Spanned::new(detail.to_owned(), Span::default());
        check(&detail, Some(known), elements).map(|finding| finding.help.unwrap_or_default())
    }

    fn fault(name: &str, element: Option<Name>) -> KnownFault {
        KnownFault { name: name.to_owned(), element, detail: None }
    }

    #[test]
    fn a_name_without_its_namespace_is_told_the_one_it_has() {
        let elements = [Name::qualified("urn:a", "Refused"), Name::local("plain")];
        let known = [fault("Refused", Some(Name::qualified("urn:b", "Refused"))), fault("Late", None)];
        let says = |namespace: &str| {
            Some(format!("the server's WSDL declares it so: detail=\"{{{namespace}}}Refused\""))
        };
        assert_eq!(told("Refused", &elements, &[]), says("urn:a"));
        assert_eq!(told("{urn:c}Refused", &elements, &[]), says("urn:a"));
        assert_eq!(told("t:Refused", &elements, &[]), says("urn:a"));
        assert_eq!(told("Refused", &elements, &known), says("urn:b"));
        assert_eq!(told("t:Other", &elements, &[]), Some("write detail=\"{NAMESPACE}Other\"".to_owned()));
    }

    #[test]
    fn a_name_that_a_fault_may_have_is_right() {
        let elements = [Name::qualified("urn:a", "Refused"), Name::local("plain")];
        let known = [fault("Refused", Some(Name::qualified("urn:b", "Refused"))), fault("Late", None)];
        for right in ["{urn:a}Refused", "{urn:b}Refused", "plain", "Late", "Unheard", "{urn:c}Unheard"] {
            assert_eq!(told(right, &elements, &known), None, "{right}");
        }
    }
}
