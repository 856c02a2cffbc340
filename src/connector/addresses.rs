//! The addresses of a system: URLs with spaces between them.

use crate::client::Address;
use crate::kind::Compiling;
use crate::source::{Finding, Spanned};
use crate::syntax::Literal;

/// Addresses of one system.
const MOST: usize = 32;

/// What has addresses, for those who read what is wrong with them.
pub struct Addressed {
    /// What it is called: `server`.
    pub name: &'static str,
    /// What could be written instead.
    pub example: &'static str,
    /// Takes a URL apart.
    pub parse: fn(&str) -> Result<Address, &'static str>,
}

impl Addressed {
    /// The addresses in a text, each of which stands there once; `None` after a finding.
    pub fn read(&self, urls: &Spanned<Literal>, compiling: &Compiling<'_>) -> Option<Vec<Address>> {
        let wrong = |message: String, help: &str| {
            compiling.report(Finding::error("bad-url", urls.span, message).help(help.to_owned()));
        };
        let Self { name, example, parse } = self;
        let mut all: Vec<Address> = Vec::new();
        for url in urls.value.text.split_whitespace() {
            match parse(url) {
                Ok(address) if all.contains(&address) => {
                    wrong("an address is given twice".to_owned(), "remove one of them");
                }
                Ok(address) => {
                    all.push(address);
                    continue;
                }
                Err(why) => wrong(format!("this is not the URL of a {name}"), why),
            }
            return None;
        }
        if all.is_empty() || all.len() > MOST {
            wrong(format!("a {name} has 1 to {MOST} addresses"), &format!("write url=\"{example}\""));
            return None;
        }
        Some(all)
    }
}
