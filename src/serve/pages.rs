//! Pages of answers: signed tokens that lead to them, the pages in the state, and the way back to one.

use compact_str::CompactString;
use hyper::StatusCode;
use hyper::header::{HeaderValue, LINK};
use jiff::Timestamp;
use std::time::Duration;

use super::request::Known;
use super::site::Site;
use crate::pipeline::endpoint::{Call, Reply, Request};
use crate::pipeline::failure::Failure;
use crate::pipeline::keep::{self, Kept};
use crate::pipeline::operation::Operation;
use crate::pipeline::page::{More, Spoken};
use crate::pipeline::token::{RANDOM, Refused, Token};
use crate::state::store::{Key, Put};

/// The space of pages in the state.
const SPACE: &str = "pages";

/// The pages of one answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Series {
    number: [u8; RANDOM],
    expires: u64,
    lasts: Duration,
}

impl Series {
    fn token(&self, page: u32) -> Token {
        Token { series: self.number, page, expires: self.expires }
    }
}

/// What a token is bound to: how and where it was given, for what, and to whom.
fn bound(site: &Site, request: &Request, operation: &Operation, spoken: Spoken) -> [CompactString; 6] {
    let (known, user) = match &request.user {
        Some(user) => ("user", user.name.clone()),
        None => ("anyone", CompactString::default()),
    };
    let listener = &*site.listener.name;
    [
        spoken.as_str().into(),
        listener.into(),
        request.path.clone(),
        (&*operation.name).into(),
        known.into(),
        user,
    ]
}

fn seconds() -> u64 {
    u64::try_from(Timestamp::now().as_second()).unwrap_or_default()
}

/// Begins the pages of an answer that is longer than one, if it is.
///
/// # Errors
/// The system gives no random numbers.
pub(super) fn begin(
    site: &std::rc::Rc<Site>,
    known: &Known,
    call: &Call,
    documents: usize,
) -> Result<Option<Series>, Failure> {
    let Some(pager) = call.pages.as_ref().filter(|pager| documents > pager.size) else { return Ok(None) };
    let mut number = [0; RANDOM];
    aws_lc_rs::rand::fill(&mut number)
        .map_err(|_| Failure::internal("random", "the system gives no random numbers"))?;
    let lasts = pager.lasts.min(site.age());
    let series = Series { number, expires: seconds().saturating_add(lasts.as_secs().max(1)), lasts };
    let (site, bound) =
        (std::rc::Rc::clone(site), bound(site, &known.request, &call.operation, pager.spoken));
    pager.begin(documents, || {
        Box::new(move |page| {
            let bound = bound.each_ref().map(CompactString::as_str);
            site.state().keys.sign(&series.token(page), &bound)
        })
    });
    Ok(Some(series))
}

/// Keeps the pages that were cut off an answer, and says in its first one where the next is.
///
/// # Errors
/// The state cannot keep them: nobody is given a part of a list for the whole.
pub(super) async fn keep(
    site: &Site,
    known: &Known,
    call: &Call,
    series: Series,
    mut reply: Reply,
) -> Result<Reply, Failure> {
    let Some(pager) = &call.pages else { return Ok(reply) };
    let cut = pager.take();
    let owner = site.owner(&known.request);
    let put = |(page, (reply, next))| Put {
        key: Key { space: SPACE, name: series.token(page).name() },
        owner: owner.clone(),
        lasts: series.lasts,
        value: Kept { reply, next }.encode(),
    };
    let puts: Vec<Put> = (1u32..).zip(cut.pages).map(put).collect();
    if !puts.is_empty() {
        site.state().store.put(puts).await.map_err(|error| keep::failed(&error))?;
    }
    link(site, &mut reply, cut.next.as_deref(), pager.spoken);
    Ok(reply)
}

/// Answers with a page that is kept.
///
/// # Errors
/// 404: the token is none, or not for this caller here; 410: its time is over, or the page had to go.
pub(super) async fn more(site: &Site, known: &Known, more: &More) -> Result<Reply, Failure> {
    let bound = bound(site, &known.request, &more.operation, more.spoken);
    let bound = bound.each_ref().map(CompactString::as_str);
    let token = site.state().keys.read(&more.token, &bound, seconds()).map_err(|refused| match refused {
        Refused::Unknown => unknown(),
        Refused::Expired => expired(),
    })?;
    let key = Key { space: SPACE, name: token.name() };
    let found = site.state().store.get(key, site.owner(&known.request)).await;
    let value = found.map_err(|error| keep::failed(&error))?.ok_or_else(expired)?;
    let Kept { mut reply, next } = Kept::decode(value)
        .ok_or_else(|| Failure::internal("state", "a page in the state is in no form that is known here"))?;
    link(site, &mut reply, next.as_deref(), more.spoken);
    Ok(reply)
}

/// Says where the next page is (RFC 8288), where it has a URL.
fn link(site: &Site, reply: &mut Reply, next: Option<&str>, spoken: Spoken) {
    let Some(token) = next.filter(|_| spoken.has_links()) else { return };
    let link = format!("<{}>; rel=\"next\"", site.page(token));
    if let Ok(value) = HeaderValue::from_str(&link) {
        reply.headers.append(LINK, value);
    }
}

fn unknown() -> Failure {
    let message = "There is no such page for you at this address.";
    // The address is right, whatever SOAP clients take 404 for.
    Failure::client(StatusCode::NOT_FOUND, "unknown-page", message).thrown()
}

fn expired() -> Failure {
    let message = "This page can be had no longer. Ask for the list again.";
    Failure::client(StatusCode::GONE, "page-expired", message).thrown()
}
