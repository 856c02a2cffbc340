//! `soapstone version`: what this binary was built from.

use super::FINE;
use super::output::Output;

/// The version of the package.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The commit it was built from, where the build knew it.
pub const COMMIT: Option<&str> = option_env!("SOAPSTONE_COMMIT");

/// Prints `soapstone 0.1.0 (commit 0123456789ab)`.
pub fn version(out: &mut Output) -> u8 {
    let commit = COMMIT.map(|commit| format!(" (commit {commit})")).unwrap_or_default();
    out.say(&format!("soapstone {VERSION}{commit}\n"));
    FINE
}
