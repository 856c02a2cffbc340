//! The codes that failures have, each with what it means and what to do: what the manual lists, and a test holds the source to.

mod caller;
mod causes;
mod gateway;
mod systems;

/// A code of failures, or a cause of failed calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The word: `error.code`, the field `code` of log lines, and the subcode or type of an answer.
    pub name: &'static str,
    /// What has happened.
    pub meaning: &'static str,
    /// What to do about it.
    pub help: &'static str,
}

/// Codes that belong together.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// What they are about: a heading.
    pub name: &'static str,
    /// What one of them is, in a few words.
    pub about: &'static str,
    /// What holds for all of them.
    pub text: &'static str,
    /// The codes, by name.
    pub codes: &'static [Code],
}

const fn code(name: &'static str, meaning: &'static str, help: &'static str) -> Code {
    Code { name, meaning, help }
}

/// All codes that soapstone gives to failures by itself. `throw code=` and declared faults add those of the file.
/// The last ones are the causes of failed calls.
pub const GROUPS: &[Group] =
    &[caller::CALLER, gateway::GATEWAY, systems::CALLED, systems::DATABASE, systems::BROKER, causes::CAUSES];

/// The failure of a code, or the cause of a failed call; both where both have it.
pub fn named(word: &str) -> impl Iterator<Item = (&'static Group, &'static Code)> {
    let all = GROUPS.iter().flat_map(|group| group.codes.iter().map(move |code| (group, code)));
    all.filter(move |(_, code)| code.name == word)
}
