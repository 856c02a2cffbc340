//! The connector kind: how a system that steps call is declared.

use std::fmt::Debug;
use std::sync::Arc;

use super::contract::RemoteContract;
use super::{Compiling, Manual};
use crate::pipeline::systems::System;
use crate::source::Spanned;
use crate::syntax::Node;

/// One kind of system.
#[derive(Debug, Clone, Copy)]
pub struct ConnectorKind {
    /// Its manual entry; the name is the declaration's word.
    pub manual: Manual,
    /// Reads its node, whose name has been taken; `None` after findings.
    pub read: fn(Node<'_>) -> Option<Box<dyn DeclaredConnector>>,
}

/// A system as declared.
pub trait DeclaredConnector: Debug {
    /// Checks it and makes what steps call; `None` after findings.
    fn compile(&self, name: &Spanned<String>, compiling: &Compiling<'_>) -> Option<System>;

    /// Its contract, where it has one.
    fn contract(&self) -> Option<Arc<RemoteContract>> {
        None
    }
}

/// A declaration of a system with its name.
#[derive(Debug)]
pub struct NamedConnector {
    /// The name.
    pub name: Spanned<String>,
    /// The kind's word.
    pub kind: &'static str,
    /// What it says; `None` with mistakes: its name is kept, so that those who use it are not blamed.
    pub declared: Option<Box<dyn DeclaredConnector>>,
}
