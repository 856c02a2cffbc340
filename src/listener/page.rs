//! The list that holds the documents of a page: with the token of the next page, where there is one.

use crate::pipeline::page::TOKEN;
use crate::soap::write::Frame;

/// Appends what stands before the documents of a list, its innermost element, with the attribute that leads to the next
/// page. A token holds no character that XML would escape.
pub(super) fn open_list(list: &Frame, next: Option<&str>, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(&list.before);
    mark_list(start, next, out);
}

/// Puts the attribute into the start tag that the text behind `start` ends with.
pub(super) fn mark_list(start: usize, next: Option<&str>, out: &mut Vec<u8>) {
    let Some(token) = next else { return };
    if out.len() > start && out.last() == Some(&b'>') {
        out.pop();
        for part in [" ", TOKEN, "=\"", token, "\">"] {
            out.extend_from_slice(part.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_stands_at_the_list() {
        let list = Frame::document("urn:a", &["OrderResponseList"]);
        let text = |next| {
            let mut out = b"<x>".to_vec();
            open_list(&list, next, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert!(text(None).ends_with("<wss:OrderResponseList xmlns:wss=\"urn:a\">"));
        assert!(
            text(Some("t-1")).ends_with("<wss:OrderResponseList xmlns:wss=\"urn:a\" moreDataToken=\"t-1\">")
        );
        assert!(text(Some("t-1")).starts_with("<x><?xml"));
    }
}
