//! Simple types of schema documents: restrictions, lists and unions of built-in and other types (part 1, section 3.14).

use std::sync::Arc;

use super::compile::Compiler;
use super::source::At;
use super::{Content, Type, TypeId, Ways};
use crate::schema::Simple;
use crate::schema::simple::{GivenFacets, SimpleType, Variety};

/// The built-in types, each behind the one it derives from: its name, that of its base, and the type.
pub(super) fn built_in() -> Vec<(&'static str, &'static str, Arc<Simple>)> {
    let mut all: Vec<(usize, SimpleType)> = SimpleType::all().map(|simple| (depth(simple), simple)).collect();
    all.sort_by_key(|(depth, _)| *depth);
    let one = |(_, simple): (usize, SimpleType)| {
        let base = if simple == SimpleType::AnySimpleType { "anyType" } else { simple.parent().name() };
        (simple.name(), base, Arc::new(Simple::of(simple)))
    };
    all.into_iter().map(one).collect()
}

/// How many steps a type is away from `xs:anySimpleType`.
fn depth(simple: SimpleType) -> usize {
    let mut at = simple;
    let mut steps = 0;
    while at != SimpleType::AnySimpleType {
        at = at.parent();
        steps += 1;
    }
    steps
}

/// Whether a value has another lexical form of the same value.
pub(super) fn same(simple: &Simple, left: &str, right: &str) -> bool {
    left == right || simple.key(left) == simple.key(right)
}

impl Compiler<'_> {
    /// Compiles an `xs:simpleType`.
    pub fn simple_type(&mut self, at: At, id: TypeId) {
        let closed = self.ways(at, "final", "finalDefault", Ways(26));
        let made = match self.child(at, &["restriction", "list", "union"]) {
            Some(inner) => match self.tag(inner) {
                "restriction" => self.restriction(inner),
                "list" => self.list(inner),
                _ => self.union(inner),
            },
            None => None,
        };
        // What is wrong takes anything, so that it is blamed once.
        let (base, way, members, simple) = made.unwrap_or_else(|| {
            let any = Arc::new(Simple::of(SimpleType::AnySimpleType));
            (TypeId::ANY_SIMPLE, Ways::RESTRICTION, Vec::new(), any)
        });
        if let Some(known) = self.grammar.types.get_mut(id.0) {
            let name = known.name.clone();
            *known = Type { way, members, closed, ..Type::simple(name, base, simple) };
        }
    }

    fn restriction(&mut self, at: At) -> Option<(TypeId, Ways, Vec<TypeId>, Arc<Simple>)> {
        let base = match (self.get(at, "base"), self.child(at, &["simpleType"])) {
            (Some(_), Some(_)) => {
                self.wrong(at, "this has base= and a type of its own: remove one of the two");
                return None;
            }
            (Some(name), _) => self.type_named(at, name)?,
            (None, Some(own)) => self.type_at(own),
            (None, None) => {
                self.wrong(at, "the type that is restricted is missing: write base=");
                return None;
            }
        };
        let simple = self.atom(at, base, Ways::RESTRICTION)?;
        if base == TypeId::ANY_SIMPLE {
            self.wrong(at, "xs:anySimpleType cannot be restricted: name a type such as xs:string");
            return None;
        }
        let simple = self.narrowed(at, &simple)?;
        let members = self.grammar.types.get(base.0).map(|base| base.members.clone()).unwrap_or_default();
        Some((base, Ways::RESTRICTION, members, simple))
    }

    /// The simple type of a number that is used in this way; `None` after a finding.
    fn atom(&mut self, at: At, id: TypeId, way: Ways) -> Option<Arc<Simple>> {
        self.completed(id);
        let known = self.grammar.types.get(id.0)?;
        let name = known.name.local.clone();
        if self.open.iter().any(|open| self.types.get(open) == Some(&id)) {
            self.wrong(at, format!("the type `{name}` is made of itself"));
            return None;
        }
        if known.closed.has(way) {
            self.wrong(at, format!("`{name}` is final: no type may be made of it in this way"));
        }
        let known = self.grammar.types.get(id.0)?;
        match &known.content {
            Content::Simple(simple) if self.grammar.is_simple(id) => Some(simple.clone()),
            _ => {
                self.wrong(at, format!("`{name}` is a complex type, and a simple one is expected here"));
                None
            }
        }
    }

    fn list(&mut self, at: At) -> Option<(TypeId, Ways, Vec<TypeId>, Arc<Simple>)> {
        let item = match (self.get(at, "itemType"), self.child(at, &["simpleType"])) {
            (Some(_), Some(_)) => {
                self.wrong(at, "this has itemType= and a type of its own: remove one of the two");
                return None;
            }
            (Some(name), _) => self.type_named(at, name)?,
            (None, Some(own)) => self.type_at(own),
            (None, None) => {
                self.wrong(at, "the type of the items is missing: write itemType=");
                return None;
            }
        };
        let simple = self.atom(at, item, Ways::LIST)?;
        if simple.is_list() {
            self.wrong(at, "the items of a list cannot be lists");
            return None;
        }
        Some((TypeId::ANY_SIMPLE, Ways::LIST, Vec::new(), Arc::new(Simple::list_of(simple))))
    }

    fn union(&mut self, at: At) -> Option<(TypeId, Ways, Vec<TypeId>, Arc<Simple>)> {
        let mut members = Vec::new();
        for name in self.get(at, "memberTypes").unwrap_or_default().split_whitespace() {
            members.push(self.type_named(at, name)?);
        }
        let own: Vec<At> = self.children(at).filter(|child| self.tag(*child) == "simpleType").collect();
        for child in own {
            let member = self.type_at(child);
            members.push(member);
        }
        if members.is_empty() {
            self.wrong(at, "a union needs types: write memberTypes=");
            return None;
        }
        let mut simples = Vec::new();
        for member in &members {
            simples.push(self.atom(at, *member, Ways::UNION)?);
        }
        let union = Simple::union_of(simples);
        if let Variety::Union(all) = &union.variety
            && all.len() > 10_000
        {
            self.wrong(at, "a union has at most 10000 types");
            return None;
        }
        Some((TypeId::ANY_SIMPLE, Ways::UNION, members, Arc::new(union)))
    }

    /// A type narrowed by the facets that stand in a restriction; `None` after a finding.
    pub fn narrowed(&mut self, at: At, simple: &Arc<Simple>) -> Option<Arc<Simple>> {
        let mut given = GivenFacets::default();
        let facets: Vec<At> = self.children(at).collect();
        let mut first = None;
        for facet in facets {
            let tag = self.tag(facet);
            let Some(value) = self.raw(facet, "value") else { continue };
            first = first.or(Some(facet));
            let one = match tag {
                "pattern" => {
                    given.patterns.push(value);
                    continue;
                }
                "enumeration" => {
                    given.enumeration.push(value);
                    continue;
                }
                "length" => &mut given.length,
                "minLength" => &mut given.min_length,
                "maxLength" => &mut given.max_length,
                "whiteSpace" => &mut given.white_space,
                "maxInclusive" => &mut given.max_inclusive,
                "maxExclusive" => &mut given.max_exclusive,
                "minInclusive" => &mut given.min_inclusive,
                "minExclusive" => &mut given.min_exclusive,
                "totalDigits" => &mut given.total_digits,
                "fractionDigits" => &mut given.fraction_digits,
                _ => continue,
            };
            if one.replace(value).is_some() {
                self.wrong(facet, format!("the facet `{tag}` is there twice"));
            }
        }
        if given == GivenFacets::default() {
            return Some(simple.clone());
        }
        match simple.restrict(&given) {
            Ok(narrowed) => Some(Arc::new(narrowed)),
            Err(error) => {
                let mut all = self.children(at);
                let place = all.find(|child| self.tag(*child) == error.facet).or(first).unwrap_or(at);
                self.wrong(place, format!("the facet {error}"));
                None
            }
        }
    }

    /// An attribute as it is written, with its white space.
    pub fn raw(&self, at: At, name: &str) -> Option<String> {
        let node = self.doc(at)?.tree.nodes.get(at.node)?;
        node.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.to_string())
    }
}
