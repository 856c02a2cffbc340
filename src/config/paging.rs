//! `page=`, `max-page=` and `page-lifetime=` of an output.

use std::time::Duration;

use crate::kind::paging::number;
use crate::pipeline::page::{LASTS, LONGEST, Paging};
use crate::source::Finding;
use crate::syntax::Node;

/// Reads the properties of an output that is a list, or is none: then there are no pages.
pub fn read(node: &mut Node<'_>, many: bool) -> Option<Paging> {
    let (page, most) = (node.property::<usize>("page"), node.property::<usize>("max-page"));
    let lasts = node.property::<Duration>("page-lifetime");
    let Some(page) = page else {
        let alone =
            [most.map(|most| ("max-page", most.span)), lasts.map(|lasts| ("page-lifetime", lasts.span))];
        for (word, span) in alone.into_iter().flatten() {
            let finding =
                Finding::error("not-paged", span, format!("`{word}=` without `page=` says nothing"));
            node.report(finding.help("add page=100, the number of documents on a page, or remove it"));
        }
        return None;
    };
    if !many {
        let finding = Finding::error("not-paged", page.span, "one document has no pages");
        node.report(finding.help("add many=#true, or remove page="));
    }
    let size = number(&page, node);
    let most = most.map_or(size, |most| {
        let number = number(&most, node);
        if number < size && page.value <= LONGEST {
            let message = format!("`max-page=` of {number} is less than `page=` of {size}");
            node.report(Finding::error("bad-page", most.span, message).also(page.span, "it is here"));
        }
        number
    });
    if let Some(none) = lasts.as_ref().filter(|lasts| lasts.value.is_zero()) {
        let message = "`page-lifetime=` of 0 would keep no page";
        let finding = Finding::error("zero-limit", none.span, message);
        node.report(finding.help("say how long a page can be asked for, such as \"15m\""));
    }
    Some(Paging { size, most: most.max(size), lasts: lasts.map_or(LASTS, |lasts| lasts.value) })
}
