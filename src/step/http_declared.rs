//! The `http` step as it is written: its manual, how it is read, and what is checked.

use std::str::FromStr as _;

use hyper::header::HeaderName;
use hyper::{Method, StatusCode};

use super::http::Http;
use crate::kind::step::{DeclaredStep, Facts, Share, StepKind};
use crate::kind::value::{DeclaredValue, For};
use crate::kind::{Compiling, Here, Kinds, Manual, template};
use crate::pipeline::called::CallKind;
use crate::pipeline::property::Property;
use crate::pipeline::source::ValueSource;
use crate::pipeline::step::Step;
use crate::pipeline::systems;
use crate::pipeline::template::Escape;
use crate::source::{Finding, Spanned};
use crate::step::beside::keep_parts;
use crate::step::clause_order::Fails;
use crate::step::clauses::{self, DeclaredClause};
use crate::step::form_data::{self, DeclaredPart};
use crate::syntax::{Literal, Node};

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "http",
        summary: "calls a server over HTTP with each document",
        usage: "http SERVER METHOD PATH [profile=NAME] [body=#true|#false] [redirects=N] {\n    [header NAME SOURCE] ...; [query NAME SOURCE] ...; [form { set NAME SOURCE ... } | multipart { part NAME [SOURCE | { STEP... }] [type=TEXT] [file=NAME] ... }]; [expect STATUSES];\n    [keep-header NAME as=PROPERTY] ...; [keep-parts as=PROPERTY]; [fault [kind=KIND] { STEP... }] ... }",
        text: "What stands in PATH, with its query, is put behind the server's URL; what placeholders put in is escaped for it. \
               With POST, PUT and PATCH the document is the body, with others only where body=#true says so; `form` sends fields in \
               its place, and `multipart` fields that may be files (multipart/form-data): each a text from a source, the documents that its steps make of the \
               document, or with neither the document itself; `file=` is a file's name and `type=` the media type, else as `part.filename` and \
               `part.type` say. A source is from=, value=, property= or script=, as everywhere; what is absent is left out. The answer becomes \
               the document: of the profile where one is named, else XML or JSON by its content type, else data, which nobody looks \
               into. `http.status` is its status, and `keep-header` keeps a field of it in a property. `keep-parts` takes a multipart answer apart for the step \
               `attachments of=`: of multipart/related the root becomes the document. `expect` says which statuses are \
               right, \"2xx\" without it; the call fails at any other. Redirects are not followed, or as many as `redirects=` allows, \
               and only to addresses of the same server. A failed call has a kind: status (not expected), transport (no connection, or no \
               answer), timeout, security (certificates, 401, 403) and mapping (an answer in no known charset); a `fault` in the block catches \
               it, the most exact first, and goes on with the document that was sent: `error.kind`, `error.cause` (connect-refused), \
               `error.http.status` and `error.http.body` (the beginning of the answer) say what happened, and `keep-header` keeps fields of such an answer too. Without one the nearest `try` has it. \
               One call is made after the other: `parallel` makes several at once. \
               Data that nothing reads goes on as it comes where it is longer than 64 KiB, and is not held in memory. An answer does in an operation with \
               `output data` where only `set` and `return` stand behind the call, in it or in a `decision` or `route`; events (text/event-stream) do at once. `timeout` of the server then \
               bounds each wait for more. Not: one that has a `profile=` or `keep-parts`, is in a content coding or, as XML or JSON, not in UTF-8; nor with `etag` or `Prefer: respond-async`. \
               A request does in an operation with `input data`, where nothing before the call reads the document, and neither what is put into the call nor a `fault`, `redirects=`, `retry` or \
               OAuth2 might need it again; POST, PUT, PATCH and DELETE. Its time is that of the request (`limits request=`), and the server's begins behind it. What breaks off behind the \
               head of the answer ends the connection.",
        example: "http billing get \"/invoices/{request.path.id}?full=1\" {\n    header Accept value=\"application/json\"\n    fault kind=status { throw \"no such invoice\" status=404 }\n}",
    },
    read,
};

/// The kinds of failures of a call over HTTP.
const KINDS: &[CallKind] =
    &[CallKind::Status, CallKind::Transport, CallKind::Timeout, CallKind::Security, CallKind::Mapping];

/// Statuses that are expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// All that begin with that digit.
    Class(u16),
    /// That one.
    One(u16),
}

impl Expected {
    /// Whether a status is one of them.
    pub(super) fn includes(self, status: StatusCode) -> bool {
        match self {
            Self::Class(first) => status.as_u16() / 100 == first,
            Self::One(one) => status.as_u16() == one,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        match text.strip_suffix("xx") {
            Some(first) => first.parse().ok().filter(|first| (1..=5).contains(first)).map(Self::Class),
            None => text.parse().ok().filter(|status| (100..1000).contains(status)).map(Self::One),
        }
    }
}

#[derive(Debug)]
struct Declared {
    server: Spanned<String>,
    method: Spanned<String>,
    path: Spanned<Literal>,
    profile: Option<Spanned<String>>,
    body: Option<Spanned<bool>>,
    redirects: u32,
    parts: Parts,
}

/// What stands in the block.
#[derive(Debug, Default)]
struct Parts {
    headers: Vec<(Spanned<String>, DeclaredValue)>,
    parameters: Vec<(Spanned<String>, DeclaredValue)>,
    form: Option<Vec<(Spanned<String>, DeclaredValue)>>,
    multipart: Vec<DeclaredPart>,
    kept_parts: Option<Spanned<String>>,
    expected: Option<Vec<Expected>>,
    kept: Vec<(Spanned<String>, Spanned<String>)>,
    clauses: Vec<DeclaredClause>,
    broken: bool,
}

/// The words of the block.
const WORDS: &[&str] =
    &["header", "query", "form", "multipart", "expect", "keep-header", "keep-parts", "fault"];

/// The methods that a server is called with.
const METHODS: &[Method] =
    &[Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::HEAD, Method::OPTIONS];

/// The most redirects.
const MOST_REDIRECTS: u32 = 10;

fn read(mut node: Node<'_>, kinds: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let server = node.argument("server's name");
    let (method, path) = (node.argument("method"), node.argument("path"));
    let (profile, body) = (node.property("profile"), node.property("body"));
    let redirects = node.property::<u32>("redirects");
    if let Some(given) = redirects.as_ref().filter(|given| given.value > MOST_REDIRECTS) {
        let finding =
            Finding::error("wrong-value", given.span, format!("{} redirects are too many", given.value));
        node.report(finding.label(format!("expected at most {MOST_REDIRECTS}")));
    }
    let mut parts = Parts::default();
    for child in node.parts(&["form", "multipart", "expect", "keep-parts"]) {
        parts.read(child, kinds);
    }
    node.finish();
    let redirects = redirects.map_or(0, |given| given.value.min(MOST_REDIRECTS));
    if parts.broken {
        return None;
    }
    Some(Box::new(Declared {
        server: server?,
        method: method?,
        path: path?,
        profile,
        body,
        redirects,
        parts,
    }))
}

impl Parts {
    fn read(&mut self, mut child: Node<'_>, kinds: &Kinds) {
        match child.name() {
            "header" => match named(child, "name") {
                Some(header) => self.headers.push(header),
                None => self.broken = true,
            },
            "query" => match named(child, "name") {
                Some(parameter) => self.parameters.push(parameter),
                None => self.broken = true,
            },
            "form" => {
                let mut fields = Vec::new();
                for field in child.children() {
                    match field.name() {
                        "set" => fields.extend(named(field, "name")),
                        _ => field.unknown("unknown-word", "a part of `form`", ["set"]),
                    }
                }
                child.finish();
                self.form = Some(fields);
            }
            "multipart" => {
                if self.form.is_some() {
                    let message = "this call says its body twice: by `form`, and by `multipart`";
                    let finding = Finding::error("several-values", child.name_span(), message);
                    child.report(finding.help("keep one of the two: files go in `multipart`"));
                }
                match form_data::read(child, kinds) {
                    Some(parts) => self.multipart = parts,
                    None => self.broken = true,
                }
            }
            "expect" => self.expected = expected(child),
            "keep-header" => match keep(child) {
                Some(kept) => self.kept.push(kept),
                None => self.broken = true,
            },
            "keep-parts" => {
                self.kept_parts = keep_parts(child);
                self.broken |= self.kept_parts.is_none();
            }
            "fault" => self.clauses.push(DeclaredClause::read(child, kinds)),
            _ => {
                child.unknown("unknown-word", "a part of `http`", WORDS.iter().copied());
                self.broken = true;
            }
        }
    }
}

/// A name with a value.
fn named(mut node: Node<'_>, what: &'static str) -> Option<(Spanned<String>, DeclaredValue)> {
    let name = node.argument(what);
    let value = DeclaredValue::read(&mut node, true);
    node.finish();
    Some((name?, value?))
}

/// A header field or block that is kept, with its property.
pub(super) fn keep(mut node: Node<'_>) -> Option<(Spanned<String>, Spanned<String>)> {
    let (name, property) = (node.argument("name"), node.required("as"));
    node.finish();
    Some((name?, property?))
}

fn expected(mut node: Node<'_>) -> Option<Vec<Expected>> {
    let mut all = Vec::new();
    let is_empty = !node.has_argument();
    for given in node.arguments::<Literal>("status") {
        for word in given.value.text.split_whitespace() {
            match Expected::parse(word) {
                Some(expected) => all.push(expected),
                None => {
                    let finding = Finding::error("bad-status", given.span, format!("`{word}` is no status"));
                    node.report(finding.label("expected statuses such as \"2xx\" or \"200 404\""));
                }
            }
        }
    }
    if is_empty {
        let finding = Finding::error("missing-argument", node.name_span(), "`expect` needs a status");
        node.report(finding.help("such as expect \"2xx\""));
    }
    node.finish();
    Some(all)
}

impl Declared {
    fn method(&self, compiling: &Compiling<'_>) -> Option<Method> {
        let found = Method::from_str(&self.method.value.to_ascii_uppercase()).ok();
        let found = found.filter(|method| METHODS.contains(method));
        if found.is_none() {
            let message = format!("`{}` is not a method of HTTP", self.method.value);
            let finding = Finding::error("bad-method", self.method.span, message);
            let known: Vec<String> =
                METHODS.iter().map(|method| method.as_str().to_ascii_lowercase()).collect();
            compiling.report(finding.suggest(&self.method.value, known.iter().map(String::as_str)));
        }
        found
    }

    /// The path and the query, which begin with a slash or not at all.
    fn target(
        &self,
        here: &Here,
        compiling: &Compiling<'_>,
    ) -> Option<(crate::pipeline::template::Template, Option<crate::pipeline::template::Template>)> {
        let text = self.path.value.text.as_str();
        if !(text.is_empty() || text.starts_with(['/', '?'])) {
            let message = "the path of a call begins with a slash";
            let finding = Finding::error("bad-path", self.path.span, message);
            compiling.report(finding.help(format!("write \"/{text}\"; the server's URL stands before it")));
            return None;
        }
        let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '#');
        let split = split(text).unwrap_or(text.len());
        let part = |start: usize, end: usize, escape: Escape| {
            let literal = Spanned::new(self.path.value.part(start, end), self.path.span);
            template::compile(&literal, escape, here.shape(), compiling)
        };
        let path = part(0, split, Escape::Segment)?;
        let query = if split < text.len() { Some(part(split + 1, text.len(), Escape::Uri)?) } else { None };
        for template in std::iter::once(&path).chain(&query) {
            for piece in &template.pieces {
                if let crate::pipeline::template::Piece::Text(text) = piece
                    && !text.chars().all(plain)
                {
                    let message = "a character in this path must be percent-encoded";
                    compiling
                        .report(Finding::error("bad-path", self.path.span, message).help("a space is %20"));
                    return None;
                }
            }
        }
        Some((path, query))
    }

    fn values(
        list: &[(Spanned<String>, DeclaredValue)],
        here: &Here,
        compiling: &Compiling<'_>,
    ) -> Option<Vec<(String, ValueSource)>> {
        let one = |(name, value): &(Spanned<String>, DeclaredValue)| {
            let (source, _) = value.compile(&For::here(here), compiling)?;
            Some((systems::escaped(&name.value).into_string(), source))
        };
        // Every one is compiled, so that all findings are there.
        let all: Vec<_> = list.iter().map(one).collect();
        all.into_iter().collect()
    }

    fn headers(&self, here: &Here, compiling: &Compiling<'_>) -> Option<Vec<(HeaderName, ValueSource)>> {
        let one = |(name, value): &(Spanned<String>, DeclaredValue)| {
            let (found, source) = (field(name, compiling), value.compile(&For::here(here), compiling));
            Some((found?, source?.0))
        };
        let all: Vec<_> = self.parts.headers.iter().map(one).collect();
        all.into_iter().collect()
    }
}

/// Where the query begins: the first question mark outside of placeholders.
fn split(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '?' if depth == 0 => return Some(at),
            _ => {}
        }
    }
    None
}

/// The name of a header field that a call may set; `None` after a finding.
pub(super) fn field(name: &Spanned<String>, compiling: &Compiling<'_>) -> Option<HeaderName> {
    let found = HeaderName::from_str(&name.value).ok();
    let Some(found) = found else {
        let message = format!("`{}` is not the name of a header field", name.value);
        compiling.report(Finding::error("bad-header", name.span, message));
        return None;
    };
    if systems::NOT_GIVEN.contains(&found.as_str()) {
        let message = format!("`{}` is a field of the connection, which is made here", name.value);
        compiling.report(Finding::error("bad-header", name.span, message).help("remove it"));
        return None;
    }
    Some(found)
}

/// Header fields of answers that are kept; `None` after a finding.
pub(super) fn kept(
    list: &[(Spanned<String>, Spanned<String>)],
    compiling: &Compiling<'_>,
) -> Option<Vec<(HeaderName, String)>> {
    let one = |(name, property): &(Spanned<String>, Spanned<String>)| {
        let found = field(name, compiling);
        let property = property_to_set(property, compiling);
        Some((found?, property?))
    };
    let all: Vec<_> = list.iter().map(one).collect();
    all.into_iter().collect()
}

/// The name of a property of documents that a step sets; `None` after a finding.
pub(super) fn property_to_set(name: &Spanned<String>, compiling: &Compiling<'_>) -> Option<String> {
    if let Ok(Property::Document(_)) = Property::parse(&name.value) {
        compiling.sets(&name.value);
        return Some(name.value.clone());
    }
    let message = format!("`{}` is not a property of documents, which could keep it", name.value);
    let finding = Finding::error("not-writable", name.span, message);
    compiling.report(finding.help("choose a name of your own, such as crm.limits"));
    None
}

impl DeclaredStep for Declared {
    fn facts(&self) -> Facts<'_> {
        let parts = self.parts.multipart.iter().map(|part| &part.path);
        let inner = parts.chain(self.parts.clauses.iter().map(|clause| &clause.path)).collect();
        Facts { inner, share: Share::OneOrPast, ..Facts::default() }
    }

    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        let parts = &self.parts;
        compiling.sets("http.status");
        let (server, method) = (compiling.server(&self.server), self.method(compiling));
        let target = self.target(here, compiling);
        let parameters = Self::values(&parts.parameters, here, compiling);
        let form = parts.form.as_ref().map(|fields| Self::values(fields, here, compiling));
        let multipart: Vec<_> = parts.multipart.iter().map(|part| part.compile(here, compiling)).collect();
        let headers = self.headers(here, compiling);
        let kept = kept(&parts.kept, compiling);
        let kept_parts = parts.kept_parts.as_ref().map(|property| property_to_set(property, compiling));
        let fails = Fails { step: "http", kinds: KINDS, known: None };
        let clauses = clauses::compile(&parts.clauses, fails, here, compiling);
        let profile = match &self.profile {
            Some(name) => Some(compiling.profile(name)?),
            None => None,
        };
        let leaving = here.leaving();
        here.document = None;
        if parts.clauses.iter().all(|clause| !clause.path.falls()) {
            profile.iter().for_each(|profile| here.becomes(profile));
        }
        let form = match form {
            Some(fields) => Some(fields?),
            None => None,
        };
        let kept_parts = match kept_parts {
            Some(property) => Some(property?),
            None => None,
        };
        let method = method?;
        let usual = matches!(method, Method::POST | Method::PUT | Method::PATCH);
        let (path, query) = target?;
        Some(Box::new(Http {
            server: server?,
            sends: self.body.as_ref().map_or(usual, |given| given.value),
            leaving,
            method,
            path,
            query,
            parameters: parameters?,
            headers: headers?,
            form,
            multipart: multipart.into_iter().collect::<Option<_>>()?,
            kept_parts,
            expected: parts.expected.clone().unwrap_or_else(|| vec![Expected::Class(2)]),
            kept: kept?,
            profile,
            redirects: self.redirects,
            clauses: clauses?,
        }))
    }
}
