//! The profile format kind: how a profile of a format is read and compiled.

use std::fmt::Debug;

use super::{Compiling, Manual};
use crate::pipeline::operation::Profile;
use crate::syntax::Node;

/// One profile format.
#[derive(Debug, Clone, Copy)]
pub struct FormatKind {
    /// Its manual entry; the name is what `format=` says.
    pub manual: Manual,
    /// Reads a `profile` node whose name and `format=` have been taken; `None` after findings.
    pub read: fn(Node<'_>) -> Option<Box<dyn DeclaredProfile>>,
}

/// A profile as declared.
pub trait DeclaredProfile: Debug {
    /// Checks it and makes what runs; `None` after findings.
    fn compile(&self, name: &str, compiling: &Compiling<'_>) -> Option<Profile>;
}
