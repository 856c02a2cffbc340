//! `users`: who may call, what they show, and where from.

use compact_str::CompactString;
use ipnet::IpNet;

use crate::source::{Finding, Spanned};
use crate::syntax::{Node, Secret};

/// A `users` declaration.
#[derive(Debug)]
pub struct DeclaredUsers {
    /// Its name.
    pub name: Spanned<String>,
    /// The users in order.
    pub users: Vec<DeclaredUser>,
    /// Whether one of them, or what one shows, could not be read.
    pub broken: bool,
}

/// One user.
#[derive(Debug)]
pub struct DeclaredUser {
    /// The name.
    pub name: Spanned<String>,
    /// The password's hash.
    pub password: Option<Spanned<Secret>>,
    /// The token.
    pub token: Option<Spanned<Secret>>,
    /// The roles.
    pub roles: Vec<CompactString>,
    /// Where the user may call from.
    pub allow: Option<Vec<IpNet>>,
}

/// Reads `users NAME { user ... }`.
pub fn read(mut node: Node<'_>) -> Option<DeclaredUsers> {
    let name = node.argument("name");
    let mut users: Vec<DeclaredUser> = Vec::new();
    let mut broken = false;
    for child in node.children() {
        if child.name() != "user" {
            child.unknown("unknown-word", "a part of `users`", ["user"]);
            broken = true;
            continue;
        }
        let given = usize::from(child.has_property("password")) + usize::from(child.has_property("token"));
        let Some(user) = user(child) else {
            broken = true;
            continue;
        };
        broken |= usize::from(user.password.is_some()) + usize::from(user.token.is_some()) < given.max(1);
        if let Some(first) = users.iter().find(|other| other.name.value == user.name.value) {
            let message = format!("there are two users `{}`", user.name.value);
            node.report(
                Finding::error("duplicate-name", user.name.span, message)
                    .also(first.name.span, "the first one is here"),
            );
        }
        users.push(user);
    }
    node.finish();
    Some(DeclaredUsers { name: name?, users, broken })
}

fn user(mut node: Node<'_>) -> Option<DeclaredUser> {
    let name = node.argument::<String>("name");
    let (password, token) = (node.property("password"), node.property("token"));
    let given = node.has_property("password") || node.has_property("token");
    if !given && !node.misspells(&["password", "token"]) {
        let finding =
            Finding::error("no-credentials", node.name_span(), "this user has nothing to prove who they are");
        node.report(finding.help("give password=(env)NAME or token=(env)NAME"));
    }
    let (mut roles, mut allow) = (Vec::new(), None);
    for mut child in node.parts(&["roles", "allow"]) {
        match child.name() {
            "roles" => {
                roles.extend(child.arguments::<CompactString>("role").into_iter().map(|role| role.value))
            }
            "allow" => allow = Some(networks(&mut child)),
            _ => {
                child.unknown("unknown-word", "a part of `user`", ["roles", "allow"]);
                continue;
            }
        }
        child.finish();
    }
    node.finish();
    Some(DeclaredUser { name: name?, password, token, roles, allow })
}

/// The networks behind `allow`; none at all lets nobody in, which is hardly meant.
pub fn networks(node: &mut Node<'_>) -> Vec<IpNet> {
    if !node.has_argument() {
        let finding = Finding::warning("empty-allow", node.name_span(), "an empty `allow` lets nobody in");
        node.report(finding.help("name the addresses or networks that may call"));
    }
    node.arguments::<IpNet>("address").into_iter().map(|net| net.value).collect()
}
