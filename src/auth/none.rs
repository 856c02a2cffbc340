//! The `none` scheme: nobody is asked.

use std::sync::Arc;

use crate::kind::scheme::{DeclaredScheme, SchemeKind};
use crate::kind::{Compiling, Manual};
use crate::pipeline::access::Authenticator;
use crate::syntax::Node;

/// The kind.
pub const KIND: SchemeKind = SchemeKind {
    manual: Manual {
        name: "none",
        summary: "lets every caller in",
        usage: "auth none",
        text: "A listener that is not bound to a loopback address must say who may call; this says everyone. It stands alone. \
               `allow` still bounds the addresses.",
        example: "auth none",
    },
    read,
};

#[derive(Debug)]
struct Nobody;

fn read(node: Node<'_>) -> Option<Box<dyn DeclaredScheme>> {
    node.finish();
    Some(Box::new(Nobody))
}

impl DeclaredScheme for Nobody {
    fn compile(&self, _: &Compiling<'_>) -> Option<Option<Arc<dyn Authenticator>>> {
        Some(None)
    }
}
