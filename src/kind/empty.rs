//! `on-empty`: the status of an answer without documents, of an operation or of one of its addresses.

use hyper::StatusCode;

use super::Compiling;
use crate::source::{Finding, Spanned};

/// The status, where it can answer that there is nothing: 404 or one of success. `None` after a finding.
pub fn status(status: &Spanned<u16>, compiling: &Compiling<'_>) -> Option<StatusCode> {
    let found =
        StatusCode::from_u16(status.value).ok().filter(|code| matches!(code.as_u16(), 200..300 | 404));
    if found.is_none() {
        let finding = Finding::error(
            "bad-status",
            status.span,
            format!("{} cannot answer that there is nothing", status.value),
        );
        compiling.report(finding.label("expected 404, or a status of success: 200 to 299"));
    }
    found
}
