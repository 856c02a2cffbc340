//! The check of an element's attributes against those of its type (XML Schema part 1, section 3.4.4).

use super::check::Walk;
use super::wildcard::Process;
use super::{Given, Type};
use crate::document::tree::{Attribute, Element};
use crate::schema::at::{At, Step, shown};
use crate::schema::validate::hint;
use crate::schema::{Mode, Simple};
use crate::xml::XSI;

impl Walk<'_, '_, '_> {
    /// Every attribute that is there, and those that must be.
    pub(super) fn attributes(&mut self, element: &Element, known: &Type, at: &At<'_>) {
        for attribute in &element.attributes {
            self.attribute(attribute, known, at);
        }
        for used in known.attributes.iter().filter(|used| used.is_required) {
            let name = &used.attribute.name;
            let is_there = element.attributes.iter().any(|attribute| attribute.name == *name);
            if !is_there {
                let message = format!("the attribute `{}` is missing", name.local);
                self.check.report(at, message);
            }
        }
    }

    fn attribute(&mut self, attribute: &Attribute, known: &Type, at: &At<'_>) {
        let here = At::part(at, Step::Attribute(&attribute.name.local));
        if let Some(used) = known.attributes.iter().find(|used| used.attribute.name == attribute.name) {
            return self.value(attribute, &used.attribute.simple, used.given(), &here);
        }
        let namespace = attribute.name.namespace.as_deref();
        // The standard's own: type, nil, schemaLocation and noNamespaceSchemaLocation.
        if namespace == Some(XSI) {
            return;
        }
        let any = known.any_attribute.as_ref().filter(|any| any.takes(namespace));
        let declared = self.grammar.attributes.get(&attribute.name);
        match (any, declared) {
            (Some(any), _) if any.process == Process::Skip => {}
            (Some(_), Some(declared)) => {
                self.value(attribute, &declared.simple, declared.value.as_ref(), &here);
            }
            (Some(any), None) if any.process == Process::Lax => {}
            _ if self.check.full() || self.check.mode() == Mode::Lax => {}
            (Some(_), None) => {
                self.check.report(&here, "there is no declaration of this attribute".to_owned());
            }
            (None, _) => {
                let names = known.attributes.iter().map(|used| used.attribute.name.local.as_str());
                let hint = hint(&attribute.name.local, names);
                self.check.report(&here, format!("this attribute is not known here{hint}"));
            }
        }
    }

    fn value(&mut self, attribute: &Attribute, simple: &Simple, given: Option<&Given>, at: &At<'_>) {
        let text = attribute.value.as_str();
        if let Err(expected) = simple.check(text) {
            return self.check.complain(at, text, &expected);
        }
        if let Some(fixed) = given.filter(|given| given.is_fixed && given.text != text)
            && simple.key(text) != simple.key(&fixed.text)
        {
            return self.check.complain(at, text, &format!("`{}`, which is fixed", shown(&fixed.text)));
        }
        self.seen(Some(&attribute.name), simple, text, at);
    }
}
