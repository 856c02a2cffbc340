//! The authentication scheme kind, and the accounts that schemes look at.

use std::fmt::Debug;
use std::sync::Arc;

use super::{Compiling, Manual};
use crate::pipeline::access::{Authenticator, User};
use crate::source::Spanned;
use crate::syntax::{Node, Secret};

/// One authentication scheme.
#[derive(Debug, Clone, Copy)]
pub struct SchemeKind {
    /// Its manual entry; the name is the word behind `auth`.
    pub manual: Manual,
    /// Reads an `auth` node whose scheme has been taken; `None` after findings.
    pub read: fn(Node<'_>) -> Option<Box<dyn DeclaredScheme>>,
}

/// A scheme as declared.
pub trait DeclaredScheme: Debug {
    /// Checks it and makes what runs; the inner `None` is a scheme that asks nothing.
    fn compile(&self, compiling: &Compiling<'_>) -> Option<Option<Arc<dyn Authenticator>>>;
}

/// A user with what they show to prove it.
#[derive(Debug)]
pub struct Account {
    /// Who it is.
    pub user: Arc<User>,
    /// The hash of the password, as a PHC string.
    pub password: Option<Spanned<Secret>>,
    /// The token.
    pub token: Option<Spanned<Secret>>,
}

/// A `users` declaration.
#[derive(Debug)]
pub struct Users {
    /// Its name.
    pub name: String,
    /// The accounts in the order of the file.
    pub accounts: Vec<Account>,
}
