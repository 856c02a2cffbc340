//! `api`: operations published at addresses of their own, in a version, and what people read about it.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::kind::Kinds;
use crate::kind::protocol::DeclaredEndpoint;
use crate::pipeline::published::Deprecation;
use crate::source::{Finding, Spanned};
use crate::syntax::Node;

/// An `api` declaration.
#[derive(Debug)]
pub struct DeclaredApi {
    /// Its name.
    pub name: Spanned<String>,
    /// Its version: several of one name may stand side by side.
    pub version: Option<Spanned<String>>,
    /// The listener it is published on; every listener without one.
    pub listener: Option<Spanned<String>>,
    /// What all its addresses begin with.
    pub base: String,
    /// What people call it.
    pub title: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Since when it should not be used any more.
    pub deprecation: Option<Deprecation>,
    /// The protocols' blocks.
    pub endpoints: Vec<Box<dyn DeclaredEndpoint>>,
}

impl DeclaredApi {
    /// Its name and version, which no other api has.
    pub fn identity(&self) -> String {
        let version = self.version.as_ref().map(|version| format!(" version={}", version.value));
        format!("{}{}", self.name.value, version.unwrap_or_default())
    }
}

/// The parts that are given once.
const PARTS: [&str; 3] = ["title", "description", "deprecated"];

/// Reads `api NAME [version=TEXT] [listener=NAME] base=PATH { ... }`.
pub fn read(mut node: Node<'_>, kinds: &Kinds) -> Option<DeclaredApi> {
    let name = node.argument("name");
    let version = node.property("version");
    let listener = node.property("listener");
    let base = node.required::<String>("base");
    if let Some(base) =
        base.as_ref().filter(|base| !base.value.starts_with('/') || base.value.contains(['{', '?', '#']))
    {
        let finding = Finding::error(
            "bad-prefix",
            base.span,
            format!("`{}` cannot be the start of addresses", base.value),
        );
        node.report(finding.help("a base is a path such as \"/orders/v1\""));
    }
    let (mut title, mut description, mut deprecation) = (None, None, None);
    let mut endpoints = Vec::new();
    let readers = || kinds.protocols.iter().filter_map(|kind| Some((kind.manual.name, kind.read?)));
    for child in node.parts(&PARTS) {
        match (child.name(), readers().find(|(word, _)| *word == child.name())) {
            ("title", _) => title = text(child, "title"),
            ("description", _) => description = text(child, "description"),
            ("deprecated", _) => deprecation = deprecated(child),
            (_, Some((_, read))) => endpoints.extend(read(child)),
            (_, None) => {
                let known = PARTS.into_iter().chain(readers().map(|(word, _)| word));
                child.unknown("unknown-word", "a part of `api`", known);
            }
        }
    }
    node.finish();
    let base = base?.value.trim_end_matches('/').to_owned();
    Some(DeclaredApi { name: name?, version, listener, base, title, description, deprecation, endpoints })
}

/// The text of a part.
fn text(mut node: Node<'_>, what: &'static str) -> Option<String> {
    let text = node.argument::<String>(what);
    node.finish();
    text.map(|text| text.value)
}

/// Reads `deprecated since=DATE [sunset=DATE] [link=URI]`.
fn deprecated(mut node: Node<'_>) -> Option<Deprecation> {
    let since = node.required::<String>("since");
    let sunset = node.property::<String>("sunset");
    let link = node.property::<String>("link");
    let since = since.and_then(|given| moment(&given, &node));
    let sunset = sunset.map(|given| moment(&given, &node));
    if let (Some(since), Some(Some(sunset))) = (&since, &sunset)
        && sunset.value < since.value
    {
        let message = "this ends before it is deprecated";
        let finding = Finding::error("sunset-before-since", sunset.span, message);
        let finding = finding.also(since.span, "it is deprecated from here on");
        node.report(finding.help("sunset= is the later of the two (RFC 9745, section 4)"));
    }
    let is_uri = |given: &&Spanned<String>| {
        let fits = |c: char| {
            c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | '\\' | '^' | '`' | '{' | '|' | '}')
        };
        let scheme = given.value.starts_with("https://") || given.value.starts_with("http://");
        scheme && given.value.chars().all(fits)
    };
    if let Some(link) = link.as_ref().filter(|link| !is_uri(link)) {
        let message = format!("`{}` is not the address of a page", link.value);
        node.report(
            Finding::error("bad-link", link.span, message).help("such as \"https://example.com/orders/v2\""),
        );
    }
    node.finish();
    let sunset = match sunset {
        Some(sunset) => Some(sunset?.value),
        None => None,
    };
    Deprecation::new(since?.value, sunset, link.map(|link| link.value))
}

/// A day, which begins at midnight in UTC, or a time with its zone.
fn moment(given: &Spanned<String>, node: &Node<'_>) -> Option<Spanned<Timestamp>> {
    let text = given.value.as_str();
    let day = || text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok().map(|start| start.timestamp());
    // A date alone would also be read out of a time without a zone, which is no moment.
    let found = if text.contains(['T', 't', ' ']) { text.parse().ok() } else { day() };
    if found.is_none() {
        let finding = Finding::error("bad-date", given.span, format!("`{text}` is not a date"));
        node.report(finding.label("expected such as \"2026-12-01\" or \"2026-12-01T12:00:00Z\""));
    }
    found.map(|found| Spanned::new(found, given.span))
}
