//! The authentication schemes: one file each, and the table of them.

mod basic;
mod none;
mod password;
mod token;
mod users;

use crate::kind::scheme::SchemeKind;

pub use password::hash_password;

/// Every scheme, in the order the manual shows them.
pub static SCHEMES: &[SchemeKind] = &[none::KIND, basic::KIND, token::KIND];
