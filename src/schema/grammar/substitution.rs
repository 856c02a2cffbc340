//! Substitution groups: which elements may stand in the place of which (XML Schema part 1, section 3.3.6).

use std::collections::HashMap;

use super::compile::{Compiler, DEEPEST};
use super::source::At;
use super::{ElementId, Ways};

impl Compiler<'_> {
    pub fn substitutions(&mut self) {
        let mut members: Vec<Vec<ElementId>> = vec![Vec::new(); self.grammar.elements.len()];
        let heads: HashMap<ElementId, ElementId> =
            self.heads.iter().map(|(member, head, _)| (*member, *head)).collect();
        for (member, head, at) in std::mem::take(&mut self.heads) {
            self.check_member(member, head, at);
            let mut up = Some(head);
            // A group of groups; in a circle, as long as there are heads.
            for _ in 0..=heads.len().min(DEEPEST) {
                let Some(head) = up.filter(|head| *head != member) else { break };
                let may = self.may_replace(member, head);
                if let Some(list) = members.get_mut(head.0).filter(|list| may && !list.contains(&member)) {
                    list.push(member);
                }
                up = heads.get(&head).copied();
            }
        }
        for (declaration, members) in self.grammar.elements.iter_mut().zip(members) {
            declaration.members = members;
        }
    }

    /// Whether documents may have the member in place of the head.
    fn may_replace(&self, member: ElementId, head: ElementId) -> bool {
        let (Some(member), Some(head)) =
            (self.grammar.elements.get(member.0), self.grammar.elements.get(head.0))
        else {
            return false;
        };
        let block = head.block.and(self.grammar.type_of(head.type_id).map_or(Ways::NONE, |t| t.block));
        !head.block.has(Ways::SUBSTITUTION) && self.grammar.derives(member.type_id, head.type_id, block)
    }

    fn check_member(&mut self, member: ElementId, head: ElementId, at: At) {
        let (Some(own), Some(other)) =
            (self.grammar.elements.get(member.0), self.grammar.elements.get(head.0))
        else {
            return;
        };
        if !self.grammar.derives(own.type_id, other.type_id, other.closed) {
            let message = format!(
                "the type of `{}` does not derive from that of `{}`, or its final= forbids it: it cannot be in its \
                 substitution group",
                own.name.local, other.name.local
            );
            self.wrong(at, message);
        }
        if member == head {
            self.wrong(at, "this element is the head of its own substitution group");
        }
    }
}
