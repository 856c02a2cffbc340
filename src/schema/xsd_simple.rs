//! The text of simple types in a schema: restrictions, lists and unions (XML Schema part 2, section 4.1.2).

use std::sync::Arc;

use super::pattern::Pattern;
use super::xsd_write::{Writer, attribute};
use super::{Bound, Facets, Simple, Variety};

impl Writer<'_> {
    /// A type of its own, in place.
    pub(super) fn simple(&mut self, simple: &Simple) {
        self.open("<xs:simpleType>");
        self.definition(simple);
        self.close("</xs:simpleType>");
    }

    /// What stands in an `xs:simpleType`.
    pub(super) fn definition(&mut self, simple: &Simple) {
        let default = Facets::default();
        let facets = simple.facets().unwrap_or(&default);
        let own_space = is_named(simple) && simple.space != simple.base.white_space();
        if simple.is_builtin() {
            self.line(&format!("<xs:restriction base=\"xs:{}\"/>", simple.base.name()));
        } else if is_named(simple) || simple.facets().is_some() {
            self.restriction(simple, &facets.patterns, |writer| {
                if own_space {
                    writer.facet("whiteSpace", Some(simple.space.name()));
                }
                writer.facets(facets);
            });
        } else {
            self.variety(simple);
        }
    }

    /// A restriction per step that has patterns, the first of them innermost: patterns of one step are alternatives.
    fn restriction(&mut self, simple: &Simple, patterns: &[Pattern], facets: impl FnOnce(&mut Self)) {
        let (last, before) = match patterns.split_last() {
            Some((last, before)) => (Some(last), before),
            None => (None, patterns),
        };
        if !before.is_empty() {
            self.open("<xs:restriction>");
            self.open("<xs:simpleType>");
            // As deep as the type's derivation was, which its reader bounds.
            self.inner(simple, before);
            self.close("</xs:simpleType>");
        } else if is_named(simple) {
            self.open(&format!("<xs:restriction base=\"xs:{}\">", simple.base.name()));
        } else {
            self.open("<xs:restriction>");
            self.open("<xs:simpleType>");
            self.variety(simple);
            self.close("</xs:simpleType>");
        }
        facets(self);
        for source in last.into_iter().flat_map(Pattern::sources) {
            self.facet("pattern", Some(source));
        }
        self.close("</xs:restriction>");
    }

    /// A restriction with patterns alone.
    fn inner(&mut self, simple: &Simple, patterns: &[Pattern]) {
        let nothing: fn(&mut Self) = |_| {};
        self.restriction(simple, patterns, nothing);
    }

    /// A list or a union without its facets.
    fn variety(&mut self, simple: &Simple) {
        match &simple.variety {
            Variety::Atomic => {}
            Variety::List(item) if item.is_builtin() => {
                self.line(&format!("<xs:list itemType=\"xs:{}\"/>", item.base.name()));
            }
            Variety::List(item) => {
                self.open("<xs:list>");
                self.simple(item);
                self.close("</xs:list>");
            }
            Variety::Union(members) if members.iter().all(|member| member.is_builtin()) => {
                let name = |member: &Arc<Simple>| format!("xs:{}", member.base.name());
                let names: Vec<String> = members.iter().map(name).collect();
                self.line(&format!("<xs:union memberTypes=\"{}\"/>", names.join(" ")));
            }
            // Named members come before those in place, so that with one in place all are: their order counts.
            Variety::Union(members) => {
                self.open("<xs:union>");
                for member in members.iter() {
                    self.simple(member);
                }
                self.close("</xs:union>");
            }
        }
    }

    /// All but the patterns.
    fn facets(&mut self, facets: &Facets) {
        let name = |bound: &Bound, [inclusive, exclusive]: [&'static str; 2]| {
            if bound.inclusive { inclusive } else { exclusive }
        };
        if let Some(min) = &facets.min {
            self.facet(name(min, ["minInclusive", "minExclusive"]), Some(&min.text));
        }
        if let Some(max) = &facets.max {
            self.facet(name(max, ["maxInclusive", "maxExclusive"]), Some(&max.text));
        }
        self.facet("totalDigits", facets.total_digits);
        self.facet("fractionDigits", facets.fraction_digits);
        self.facet("length", facets.length);
        self.facet("minLength", facets.min_length.filter(|_| facets.length.is_none()));
        self.facet("maxLength", facets.max_length.filter(|_| facets.length.is_none()));
        for value in facets.values.iter().flat_map(|values| &values.texts) {
            self.facet("enumeration", Some(value));
        }
    }

    fn facet(&mut self, name: &str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.line(&format!("<xs:{name} value=\"{}\"/>", attribute(&value.to_string())));
        }
    }
}

/// Whether what it restricts has a name: a built-in type, no list or union of its own.
fn is_named(simple: &Simple) -> bool {
    matches!(simple.variety, Variety::Atomic) || simple.base.item().is_some()
}
