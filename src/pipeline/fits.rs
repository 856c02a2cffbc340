//! The failure of a document that does not fit its profile, with every place that is wrong.

use hyper::StatusCode;

use super::failure::Failure;
use crate::document::codec::Codec;
use crate::schema::Violation;

/// How many places of a wrong document are reported.
pub const VIOLATIONS: usize = 20;

/// Where the checked element stands in what was received.
pub struct Sent<'a> {
    /// The format of the body.
    pub codec: &'a dyn Codec,
    /// The body.
    pub body: &'a [u8],
    /// The way to the element from the body's root, as [`Codec::lines`] has it.
    pub way: &'a [usize],
}

impl Sent<'_> {
    /// Gives each violation its line.
    fn find_lines(&self, violations: &mut [Violation]) {
        let ways: Vec<Vec<usize>> = violations.iter().map(|v| [self.way, &v.way].concat()).collect();
        let ways: Vec<&[usize]> = ways.iter().map(Vec::as_slice).collect();
        for (violation, line) in violations.iter_mut().zip(self.codec.lines(self.body, &ways)) {
            violation.line = line;
        }
    }
}

/// Nothing when there is no violation.
///
/// # Errors
/// 422 with the places; with their lines where it is known what was sent.
pub fn fits(mut violations: Vec<Violation>, sent: Option<&Sent<'_>>) -> Result<(), Failure> {
    if let Some(sent) = sent.filter(|_| !violations.is_empty()) {
        sent.find_lines(&mut violations);
    }
    let Some(first) = violations.first() else { return Ok(()) };
    let more = match violations.len() {
        1 => String::new(),
        2 => " There is one more such place.".to_owned(),
        count if count >= VIOLATIONS => " There are more such places.".to_owned(),
        count => format!(" There are {} more such places.", count - 1),
    };
    // Of a document on one line, the line says nothing.
    let line = first.line.filter(|line| *line > 1).map(|line| format!(" in line {line}")).unwrap_or_default();
    let message = format!(
        "The document does not fit what is expected here: {}{line}: {}.{more}",
        first.path, first.message
    );
    let mut failure = Failure::client(StatusCode::UNPROCESSABLE_ENTITY, "invalid-document", message);
    failure.violations = violations;
    Err(failure)
}
