//! What contracts say beside inputs and outputs: `fault`, and the `faults` and `header` of operations.

use compact_str::CompactString;

use crate::source::{Finding, Spanned};
use crate::syntax::Node;
use crate::xml::is_ncname;

/// A `fault` declaration.
#[derive(Debug)]
pub struct DeclaredFault {
    /// Its name.
    pub name: Spanned<String>,
    /// The profile of its detail.
    pub profile: Option<Spanned<String>>,
    /// The status over HTTP.
    pub status: Option<Spanned<u16>>,
    /// When it comes.
    pub description: CompactString,
    /// Whether a part could not be read.
    pub broken: bool,
}

/// A `header` of an operation.
#[derive(Debug)]
pub struct DeclaredHeader {
    /// The profile of the block.
    pub profile: Spanned<String>,
    /// Whether requests carry it, and whether answers do.
    pub directions: (bool, bool),
    /// Whether a request must carry it.
    pub required: Option<Spanned<bool>>,
}

/// The words of `direction=` with what they mean: in requests, in answers.
const DIRECTIONS: &[(&str, (bool, bool))] =
    &[("in", (true, false)), ("out", (false, true)), ("both", (true, true))];

/// Reads `fault NAME [profile=PROFILE] [status=STATUS] [description=TEXT]`.
pub fn fault(mut node: Node<'_>) -> Option<DeclaredFault> {
    let name = node.argument::<String>("name");
    let mut broken = false;
    if let Some(given) = name.as_ref().filter(|given| !is_ncname(&given.value)) {
        let message = format!("`{}` cannot be the name of a fault", given.value);
        let finding = Finding::error("bad-name", given.span, message);
        node.report(
            finding.help("it stands in contracts: letters, digits, `-`, `_` and `.`, a letter first"),
        );
        broken = true;
    }
    let lost = |there: bool, read: bool| there && !read;
    let (has_profile, has_status) = (node.has_property("profile"), node.has_property("status"));
    let profile = node.property("profile");
    let status = node.property("status");
    let description = node.property::<CompactString>("description");
    broken |= lost(has_profile, profile.is_some()) || lost(has_status, status.is_some());
    node.finish();
    let description = description.map(|given| given.value).unwrap_or_default();
    Some(DeclaredFault { name: name?, profile, status, description, broken })
}

/// Reads `header PROFILE [direction=in|out|both] [required=#true]`.
pub fn header(node: &mut Node<'_>) -> Option<DeclaredHeader> {
    let profile = node.argument("profile's name");
    let directions = match node.property::<String>("direction") {
        None => Some((true, false)),
        Some(given) => {
            let found = DIRECTIONS.iter().find(|(word, _)| *word == given.value);
            if found.is_none() {
                let message = format!("`{}` is not a direction of headers", given.value);
                let known = DIRECTIONS.iter().map(|(word, _)| *word);
                node.report(
                    Finding::error("unknown-direction", given.span, message).suggest(&given.value, known),
                );
            }
            found.map(|(_, directions)| *directions)
        }
    };
    let required = node.property("required");
    Some(DeclaredHeader { profile: profile?, directions: directions?, required })
}
