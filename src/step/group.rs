//! The `group` step: documents with the same value become one document each.

use std::collections::HashMap;

use compact_str::CompactString;

use crate::kind::step::{DeclaredStep, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual};
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Step, Work};
use crate::step::join::{DeclaredJoin, Join};
use crate::step::key::{DeclaredKey, Key};
use crate::syntax::Node;

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "group",
        summary: "makes one document of all that have the same value",
        usage: "group from=PATH | property=NAME | script=EXPRESSION [root=NAME]",
        text: "Documents with the same value, compared as text, become one document as `combine` makes it, and `root=` is what it \
               is there. The groups go on in the order in which their values first come, each with the properties of its \
               first document and the value as the property `group.key`. Documents without the value are a group too, \
               without that property.",
        example: "split \"Order/Line\"\ngroup from=\"Line/Sku\" root=Lines\nnotify info \"the lines of {group.key}\"",
    },
    read,
};

/// The property that has a group's value.
const KEY: &str = "group.key";

#[derive(Debug)]
struct Declared {
    key: DeclaredKey,
    join: DeclaredJoin,
}

#[derive(Debug)]
struct Group {
    key: Key,
    join: Join,
}

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let key = DeclaredKey::read(&mut node);
    let join = DeclaredJoin::read(&mut node, false);
    node.finish();
    Some(Box::new(Declared { key: key?, join }))
}

impl DeclaredStep for Declared {
    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        let key = self.key.compile(here, compiling);
        let join = self.join.compile(here, compiling);
        Some(Box::new(Group { key: key?, join: join? }))
    }
}

impl Step for Group {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        Work::Later(Box::pin(async move {
            let values = self.key.read(run, &documents).await?;
            let mut groups: Vec<(Option<CompactString>, Documents)> = Vec::new();
            let mut places: HashMap<Option<CompactString>, usize> = HashMap::new();
            for (value, document) in values.into_iter().zip(documents) {
                let key = value.text();
                let place = *places.entry(key.clone()).or_insert(groups.len());
                match groups.get_mut(place) {
                    Some((_, group)) => group.push(document),
                    None => groups.push((key, vec![document])),
                }
            }
            let mut out = run.gather();
            for (key, group) in groups {
                let mut whole = self.join.run(run, &group).await?;
                match key {
                    Some(key) => whole.properties.set(KEY, key),
                    None => whole.properties.remove(KEY),
                }
                out.add(vec![whole])?;
            }
            Ok(out.done())
        }))
    }
}
