//! What schemes share: the users they look up.

use std::sync::Arc;

use crate::kind::Compiling;
use crate::kind::scheme::Users;
use crate::source::{Finding, Spanned};
use crate::syntax::Node;

/// A scheme that asks for users.
#[derive(Debug)]
pub struct OfUsers {
    /// The name behind `users=`.
    pub users: Spanned<String>,
}

impl OfUsers {
    /// Reads `users=` and ends the node.
    pub fn read(mut node: Node<'_>) -> Option<Self> {
        let users = node.required("users");
        node.finish();
        Some(Self { users: users? })
    }

    /// The users; a finding when none of them has what the scheme asks for.
    pub fn find(
        &self,
        what: &str,
        has: impl Fn(&crate::kind::scheme::Account) -> bool,
        compiling: &Compiling<'_>,
    ) -> Option<Arc<Users>> {
        let users = compiling.users(&self.users)?;
        if !users.accounts.iter().any(has) {
            let message = format!("none of the users `{}` has a {what}", users.name);
            compiling.report(
                Finding::error("no-credentials", self.users.span, message)
                    .help(format!("give them {what}=(env)NAME")),
            );
            return None;
        }
        Some(users)
    }
}
