//! Paging: an answer of many documents in pages, of which the first leaves and the others are kept as they will leave.

use std::cell::{OnceCell, RefCell};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use compact_str::CompactString;
use hyper::StatusCode;

use super::endpoint::{Reply, Request};
use super::failure::Failure;
use super::operation::Operation;
use crate::document::Document;
use crate::soap::Version;

/// The parameter that leads to a page, in URLs and in SOAP, and the attribute of lists that says there are more.
pub const TOKEN: &str = "moreDataToken";

/// The parameter of URLs by which a caller asks for another size, and the header block that does so in SOAP.
pub const SIZE: &str = "page";

/// Documents that a page may have: as many as an execution may, unless its operation says more.
pub const LONGEST: usize = 100_000;

/// How long a page can be asked for where the file says nothing else.
pub const LASTS: Duration = Duration::from_secs(15 * 60);

/// Pages of one answer. They are made at once and kept, whatever size a caller asks for: where there would be more, each has
/// more documents.
const MOST_PAGES: usize = 1000;

/// How the answers of an operation are paged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    /// Documents on a page, unless the caller asks for another number.
    pub size: usize,
    /// The most that a caller may ask for.
    pub most: usize,
    /// How long a page can be asked for.
    pub lasts: Duration,
}

impl Paging {
    /// What is said of pages here, where an address says something else: a size makes pages of what has none.
    pub fn changed(known: Option<&Self>, size: Option<usize>, most: Option<usize>) -> Option<Self> {
        let size = size.or(known.map(|known| known.size))?;
        let most = most.or(known.map(|known| known.most)).unwrap_or(size).max(size);
        Some(Self { size, most, lasts: known.map_or(LASTS, |known| known.lasts) })
    }

    /// The documents on a page for what a caller wrote. Who asks for too many is given as many as there may be: a page may
    /// be smaller than was asked for.
    ///
    /// # Errors
    /// 400: it is no number from 1.
    pub fn asked(&self, text: Option<&str>) -> Result<usize, Failure> {
        let Some(text) = text else { return Ok(self.size) };
        let text = text.trim();
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // More digits than fit are more than there may be.
        let number = digits.then(|| text.parse().unwrap_or(usize::MAX)).filter(|number| *number > 0);
        let number: usize = number.ok_or_else(|| {
            let message = format!("`{SIZE}` is the number of documents on a page: from 1 to {}.", self.most);
            Failure::client(StatusCode::BAD_REQUEST, "bad-page", message)
        })?;
        Ok(number.min(self.most))
    }
}

/// What an answer is written for: a page of one is no page of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoken {
    /// REST.
    Rest,
    /// Plain HTTP.
    Simple,
    /// SOAP 1.1.
    Soap11,
    /// SOAP 1.2.
    Soap12,
}

impl Spoken {
    /// Its word in what a token is bound to.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rest => "rest",
            Self::Simple => "simple",
            Self::Soap11 => "soap 1.1",
            Self::Soap12 => "soap 1.2",
        }
    }

    /// Whether the next page has a URL. Over SOAP it is asked for by a message.
    pub fn has_links(self) -> bool {
        matches!(self, Self::Rest | Self::Simple)
    }
}

impl From<Version> for Spoken {
    fn from(version: Version) -> Self {
        match version {
            Version::V11 => Self::Soap11,
            Version::V12 => Self::Soap12,
        }
    }
}

/// A request for a page that is kept.
#[derive(Debug, Clone)]
pub struct More {
    /// The operation whose answer it is a page of.
    pub operation: Arc<Operation>,
    /// The token.
    pub token: CompactString,
    /// What the page must be written for.
    pub spoken: Spoken,
}

impl More {
    /// The page that a request asks for in its query; `None` where it asks for none, or the answers are no lists.
    pub fn in_query(operation: &Arc<Operation>, request: &Request, spoken: Spoken) -> Option<Self> {
        if request.query.is_empty() || !operation.output.many() {
            return None;
        }
        let token = request.query(TOKEN)?;
        Some(Self { operation: Arc::clone(operation), token, spoken })
    }
}

/// The tokens of one answer's pages, by their number.
type Tokens = Box<dyn Fn(u32) -> CompactString>;

/// What cuts the answer of one call in pages.
pub struct Pager {
    /// Documents on a page, unless an answer would have too many pages.
    pub size: usize,
    /// How long a page can be asked for.
    pub lasts: Duration,
    /// What the answer is written for.
    pub spoken: Spoken,
    tokens: OnceCell<Tokens>,
    cut: RefCell<Cut>,
}

impl fmt::Debug for Pager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pager")
            .field("size", &self.size)
            .field("spoken", &self.spoken)
            .finish_non_exhaustive()
    }
}

/// What is left of an answer whose first page leaves.
#[derive(Debug, Default)]
pub struct Cut {
    /// The token that the first page carries; `None` where there is one page only.
    pub next: Option<CompactString>,
    /// The other pages, each with the token of the one behind it.
    pub pages: Vec<(Reply, Option<CompactString>)>,
}

impl Pager {
    /// For pages of a size, as [`Paging::asked`] gives it.
    pub fn new(paging: &Paging, size: usize, spoken: Spoken) -> Self {
        Self { size, lasts: paging.lasts, spoken, tokens: OnceCell::new(), cut: RefCell::default() }
    }

    /// For a request that may say in its query how many documents it wants on a page; `None` without paging.
    ///
    /// # Errors
    /// As [`Paging::asked`].
    pub fn in_query(
        operation: &Operation,
        request: &Request,
        spoken: Spoken,
    ) -> Result<Option<Self>, Failure> {
        let Some(paging) = &operation.paging else { return Ok(None) };
        let asked = if request.query.is_empty() { None } else { request.query(SIZE) };
        Ok(Some(Self::new(paging, paging.asked(asked.as_deref())?, spoken)))
    }

    /// Lets an answer of so many documents be cut, where that are more than one page holds. Without it nothing is cut.
    pub fn begin(&self, documents: usize, tokens: impl FnOnce() -> Tokens) {
        if documents > self.size {
            self.tokens.get_or_init(tokens);
        }
    }

    /// Writes the documents as pages: `page` writes one, with the token of the next where there is one. Gives the first
    /// and keeps the others.
    ///
    /// # Errors
    /// As `page`.
    pub fn cut(
        &self,
        documents: &[Document],
        page: impl Fn(&[Document], Option<&str>) -> Result<Reply, Failure>,
    ) -> Result<Reply, Failure> {
        let Some(tokens) = self.tokens.get() else { return page(documents, None) };
        let size = self.size.max(documents.len().div_ceil(MOST_PAGES));
        let mut chunks = documents.chunks(size.max(1)).peekable();
        let first = chunks.next().unwrap_or_default();
        let mut cut = Cut { next: chunks.peek().map(|_| tokens(1)), pages: Vec::new() };
        let reply = page(first, cut.next.as_deref())?;
        let mut number = 1;
        while let Some(chunk) = chunks.next() {
            number += 1;
            let next = chunks.peek().map(|_| tokens(number));
            cut.pages.push((page(chunk, next.as_deref())?, next));
        }
        self.cut.replace(cut);
        Ok(reply)
    }

    /// What was cut off, to be kept.
    pub fn take(&self) -> Cut {
        self.cut.take()
    }
}

/// Cuts an answer where there is a pager, and else writes it whole.
///
/// # Errors
/// As `page`.
pub fn cut(
    pager: Option<&Pager>,
    documents: &[Document],
    page: impl Fn(&[Document], Option<&str>) -> Result<Reply, Failure>,
) -> Result<Reply, Failure> {
    match pager {
        Some(pager) => pager.cut(documents, page),
        None => page(documents, None),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use compact_str::format_compact;

    use super::*;

    const PAGING: Paging = Paging { size: 10, most: 40, lasts: LASTS };

    #[test]
    fn a_caller_may_ask_for_another_size() {
        let of = |text| PAGING.asked(text).map_err(|failure| (failure.status.as_u16(), failure.code.clone()));
        for (text, size) in [
            (None, 10),
            (Some("1"), 1),
            (Some(" 40 "), 40),
            (Some("41"), 40),
            (Some("999999999999999999999"), 40),
        ] {
            assert_eq!(of(text), Ok(size), "{text:?}");
        }
        for bad in ["", "0", "00", "-1", "+1", "1.5", "ten", "1 2"] {
            assert_eq!(of(Some(bad)), Err((400, "bad-page".into())), "{bad}");
        }
    }

    /// The sizes and tokens of the pages of so many documents.
    fn pages(documents: usize, begun: bool) -> Vec<(String, Option<CompactString>)> {
        let all: Vec<Document> = (0..documents).map(|_| Document::data(Bytes::from_static(b"x"))).collect();
        let pager = Pager::new(&PAGING, 10, Spoken::Rest);
        if begun {
            pager.begin(documents, || Box::new(|page| format_compact!("t{page}")));
        }
        let page = |documents: &[Document], next: Option<&str>| {
            let text = format!("{} {}", documents.len(), next.unwrap_or("-"));
            Ok(Reply::new(StatusCode::OK, "text/plain", text))
        };
        let text = |reply: Reply| String::from_utf8(reply.body.to_vec()).unwrap();
        let first = pager.cut(&all, page).unwrap();
        let Cut { next, pages } = pager.take();
        let mut list = vec![(text(first), next)];
        list.extend(pages.into_iter().map(|(reply, next)| (text(reply), next)));
        list
    }

    #[test]
    fn every_page_but_the_last_says_which_is_next() {
        let alone = |text: &str| vec![(text.to_owned(), None)];
        assert_eq!(pages(0, true), alone("0 -"));
        assert_eq!(pages(10, true), alone("10 -"));
        assert_eq!(pages(25, false), alone("25 -"));
        assert_eq!(
            pages(25, true),
            [
                ("10 t1".to_owned(), Some("t1".into())),
                ("10 t2".to_owned(), Some("t2".into())),
                ("5 -".to_owned(), None)
            ]
        );
        assert_eq!(pages(20, true).len(), 2);
        // However many there are, and whatever is asked for.
        assert_eq!((pages(10_000, true).len(), pages(10_001, true).len()), (1000, 910));
        assert_eq!(pages(99_999, true).len(), 1000);
    }
}
