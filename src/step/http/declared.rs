//! The `http` step as it is written: its manual, how it is read, and what is checked.

use std::str::FromStr as _;

use hyper::Method;

use super::Http;
use super::parts::{Expected, Parts};
use crate::kind::step::{DeclaredStep, Facts, Share, StepKind};
use crate::kind::value::{DeclaredValue, For};
use crate::kind::{Compiling, Here, Kinds, Manual, template};
use crate::pipeline::called::CallKind;
use crate::pipeline::source::ValueSource;
use crate::pipeline::step::Step;
use crate::pipeline::systems;
use crate::pipeline::template::Escape;
use crate::source::{Finding, Span, Spanned};
use crate::step::clause_order::Fails;
use crate::step::clauses;
use crate::step::fields::{self, kept, property_to_set};
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
               `output data` where nothing but `return`, and `set` from what is not in the document, stands behind the call; the call may stand in a `decision` or `route`, \
               while one behind it holds the answer. `limits body=` of the server bounds it all the same (10 MiB unless it says more): one whose length says that it is larger fails the call, \
               one without a length breaks off there. Events (text/event-stream) do at once. `timeout` of the server then \
               bounds each wait for more. Not: one that has a `profile=` or `keep-parts`, is in a content coding or, as XML or JSON, not in UTF-8; nor with `etag` or `Prefer: respond-async`. \
               A request does in an operation with `input data`, where no step stands before the call but `set` of what is not in the document, and neither what is put into the call nor a `fault`, `redirects=`, `retry` or \
               OAuth2 might need it again; POST, PUT, PATCH and DELETE. Its time is that of the request (`limits request=`), and the server's begins behind it. What breaks off behind the \
               head of the answer ends the connection, as does a caller who takes nothing of it for the listener's `idle` time, or 60 s. Such an answer has the content type that the output says: \
               `keep-header` and `set response.header.NAME` pass on what the server says. `soapstone routes` shows for every address whether the bodies of requests and \
               answers are streamed so or held, and by which step; where that depends on the path that a document takes, or on how many there are, it names the step that \
               decides. A body of 64 KiB at most, one in a content coding and an answer to HTTP/1.0 are held all the same.",
        example: "http billing get \"/invoices/{request.path.id}?full=1\" {\n    header Accept value=\"application/json\"\n    fault kind=status { throw \"no such invoice\" status=404 }\n}",
    },
    read,
};

/// The kinds of failures of a call over HTTP.
const KINDS: &[CallKind] =
    &[CallKind::Status, CallKind::Transport, CallKind::Timeout, CallKind::Security, CallKind::Mapping];

#[derive(Debug)]
struct Declared {
    span: Span,
    server: Spanned<String>,
    method: Spanned<String>,
    path: Spanned<Literal>,
    profile: Option<Spanned<String>>,
    body: Option<Spanned<bool>>,
    redirects: u32,
    parts: Parts,
}

/// The methods that a server is called with.
const METHODS: &[Method] =
    &[Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::HEAD, Method::OPTIONS];

/// The most redirects.
const MOST_REDIRECTS: u32 = 10;

fn read(mut node: Node<'_>, kinds: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let span = node.name_span();
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
        span,
        server: server?,
        method: method?,
        path: path?,
        profile,
        body,
        redirects,
        parts,
    }))
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

    /// Warns of a form that goes where nobody looks for a body (RFC 9110, sections 9.3.1 and 9.3.2).
    fn check_body(&self, method: &Method, compiling: &Compiling<'_>) {
        let Some((word, span)) = self.parts.body.filter(|_| matches!(*method, Method::GET | Method::HEAD))
        else {
            return;
        };
        let message = format!("a {method} has no body: servers ignore or refuse what `{word}` sends in one");
        let finding = Finding::warning("form-in-get", span, message);
        compiling.report(
            finding
                .also(self.method.span, "the method is here")
                .help("write query NAME ... in place of the form's fields, or call with post"),
        );
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
            let is_url = ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme));
            compiling.report(finding.help(match is_url {
                true => format!(
                    "the address stands in `server {}`: write here what stands behind it, such as \"/orders\"",
                    self.server.value
                ),
                false => format!("write \"/{text}\"; the server's URL stands before it"),
            }));
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
        let headers = fields::set(&parts.headers, here, compiling);
        let kept = kept(&parts.kept, compiling);
        let kept_parts = parts.kept_parts.as_ref().map(|property| property_to_set(property, compiling));
        let every_status = parts.expected.as_deref().is_some_and(Expected::every);
        let fails =
            Fails { step: "http", at: self.span, kinds: KINDS, known: None, elements: &[], every_status };
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
        self.check_body(&method, compiling);
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
