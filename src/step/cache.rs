//! The `cache` step: keeps documents under a key for a time, finds them again, forgets them.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::document::Document;
use crate::document::value::Value;
use crate::kind::step::{CacheAccess, CacheUse, DeclaredPath, DeclaredStep, Facts, Share, StepKind};
use crate::kind::value::{DeclaredValue, For};
use crate::kind::{Compiling, Here, Kinds, Manual};
use crate::pipeline::failure::Failure;
use crate::pipeline::run::{Run, each_document};
use crate::pipeline::source::{ValueSource, is_blank};
use crate::pipeline::step::{Documents, Outcome, Path, Step, Work};
use crate::source::{Finding, Span, Spanned};
use crate::state::cache::{Cache, Key};
use crate::syntax::Node;

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "cache",
        summary: "keeps documents for a time, and finds them again",
        usage: "cache put=NAME for=DURATION [entries=N] { key SOURCE ... } | cache get=NAME { key SOURCE ...; miss { STEP... } } | cache remove=NAME { key SOURCE ... }",
        text: "`put` keeps each document under its key, in place of what was there, for as long as `for=` says; the documents go \
               on unchanged. `get` looks for each document's key: where it finds one, the cached document's body and format \
               take the place of the document's, whose properties stay; where it does not, the document takes `miss`, all of \
               them together. What was found goes on first, then what comes out of `miss`. `remove` forgets what is under \
               the key; the documents go on unchanged. `key` takes from=, value=, property= or script=, with default=; \
               several make a key of several parts, and every step that names a cache gives its key the same parts. What differs \
               from caller to caller belongs into the key. A part that is no single value fails with bad-key. A document one of \
               whose parts is absent, nil or empty has no key: it is not kept, and is not found. Properties are not kept: they \
               may be another caller's. Caches belong to the process: all workers share them, and they outlive a reload \
               under their names; a changed `for=` or `entries=` holds for what is put from then on. A cache holds at most \
               `entries=` (10000, at most 1000000) documents, and its share of the bytes that `capacity caches=` (64MiB) gives \
               to all; beyond it those go that were not used for longest, and a document larger than that is not kept.",
        example: "cache get=accounts {\n    key property=request.query.customer\n    miss {\n        message \"<Account/>\" type=\"application/xml\"\n        cache put=accounts for=\"10m\" { key property=request.query.customer }\n    }\n}",
    },
    read,
};

/// Entries that a cache may have.
const MOST: usize = 1_000_000;

#[derive(Debug)]
struct Declared {
    name: Spanned<String>,
    span: Span,
    parts: Parts,
    does: Does,
}

#[derive(Debug)]
enum Does {
    Put { time: Spanned<Duration>, entries: Option<Spanned<usize>> },
    Get,
    Remove,
}

/// What the three forms are told apart by.
const FORMS: &[&str] = &["put", "get", "remove"];

fn read(mut node: Node<'_>, kinds: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let span = node.name_span();
    let given: Vec<&str> = FORMS.iter().copied().filter(|form| node.has_property(form)).collect();
    let form = match given.as_slice() {
        [form] => Some(*form),
        [] if node.misspells(FORMS) => None,
        [] => {
            let message = "this `cache` neither puts, nor gets, nor removes";
            let finding = Finding::error("missing-property", span, message);
            node.report(finding.help("write put=NAME, get=NAME or remove=NAME"));
            None
        }
        [_, ..] => {
            let message = "a `cache` step does one thing";
            let finding = Finding::error("several-actions", span, message);
            node.report(finding.help("write one step for each of put=, get= and remove="));
            None
        }
    };
    let names = [node.property("put"), node.property("get"), node.property("remove")];
    let name: Option<Spanned<String>> = names.into_iter().flatten().next();
    let (mut time, mut entries) = (None, None);
    match form {
        Some("put") => (time, entries) = (node.required("for"), node.property("entries")),
        Some(_) => {}
        // What it was meant to be is not known.
        None => (time, entries) = (node.property("for"), node.property("entries")),
    }
    let parts = Parts::read(&mut node, form, kinds);
    node.finish();
    let does = match form? {
        "put" => Does::Put { time: time?, entries },
        "get" => Does::Get,
        _ => Does::Remove,
    };
    Some(Box::new(Declared { name: name?, span, parts, does }))
}

/// What stands in the block. Nothing follows from what is not there, where it may be what could not be read.
#[derive(Debug, Default)]
struct Parts {
    key: Vec<DeclaredValue>,
    broken_key: bool,
    miss: Option<DeclaredPath>,
    unknown: bool,
}

impl Parts {
    fn read(node: &mut Node<'_>, form: Option<&str>, kinds: &Kinds) -> Self {
        let mut parts = Self::default();
        let known: &[&str] = if matches!(form, Some("put" | "remove")) { &["key"] } else { &["key", "miss"] };
        for mut child in node.parts(&["miss"]) {
            match child.name() {
                "key" => {
                    let value = DeclaredValue::read(&mut child, true);
                    parts.broken_key |= value.is_none();
                    parts.key.extend(value);
                    child.finish();
                }
                "miss" if known.contains(&"miss") => parts.miss = Some(DeclaredPath::inner(child, kinds)),
                _ => {
                    let place = form
                        .map_or("a part of `cache`".to_owned(), |form| format!("a part of `cache {form}=`"));
                    child.unknown("unknown-word", &place, known.iter().copied());
                    parts.unknown = true;
                }
            }
        }
        parts
    }
}

impl Declared {
    /// Reports what is missing or out of bounds.
    fn check(&self, compiling: &Compiling<'_>) {
        let name = &self.name.value;
        if self.parts.key.is_empty() && !self.parts.broken_key && !self.parts.unknown {
            let message = format!("it is not said under which key the cache `{name}` has its documents");
            let finding = Finding::error("missing-key", self.span, message);
            compiling.report(
                finding.help("write key from=PATH, key property=NAME or key script=EXPRESSION in it"),
            );
        }
        match &self.does {
            Does::Put { time, entries } => {
                if time.value.is_zero() {
                    let message = "what is kept for no time is never found";
                    let finding = Finding::error("wrong-value", time.span, message);
                    compiling.report(finding.label("expected a longer duration"));
                }
                if let Some(entries) = entries.as_ref().filter(|given| !(1..=MOST).contains(&given.value)) {
                    let message = format!("a cache cannot have {} entries", entries.value);
                    let finding = Finding::error("bad-entries", entries.span, message);
                    compiling.report(finding.label(format!("expected 1 to {MOST}")));
                }
            }
            Does::Get if self.parts.miss.is_none() && !self.parts.unknown => {
                let message = "it is not said what is done with a document whose key is not in the cache";
                let finding = Finding::error("missing-miss", self.span, message);
                compiling.report(finding.help(
                    "write miss { ... } in it: the steps that make the document, and put it; or throw",
                ));
            }
            Does::Get | Does::Remove => {}
        }
    }
}

impl DeclaredStep for Declared {
    fn facts(&self) -> Facts<'_> {
        let access = match &self.does {
            Does::Put { entries, .. } => CacheAccess::Put(entries.as_ref()),
            Does::Get => CacheAccess::Get,
            Does::Remove => CacheAccess::Remove,
        };
        // A key that could not be read is not compared with others.
        let parts = if self.parts.broken_key { 0 } else { self.parts.key.len() };
        let cache = Some(CacheUse { name: &self.name, parts, access });
        let inner = self.parts.miss.iter().collect();
        Facts { inner, share: Share::OneOrPast, cache, ..Facts::default() }
    }

    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        self.check(compiling);
        let parts = &self.parts;
        let key: Vec<_> = parts.key.iter().map(|part| part.compile(&For::here(here), compiling)).collect();
        let miss = parts.miss.as_ref().and_then(|miss| miss.compile(&mut here.clone(), compiling));
        let key = key.into_iter().map(|part| Some(part?.0)).collect::<Option<Vec<_>>>();
        if matches!(self.does, Does::Get) {
            // What was put may have been anything.
            here.document = None;
        }
        let cache = Cached { name: Arc::from(self.name.value.as_str()), cache: OnceLock::new(), key: key? };
        Some(match &self.does {
            Does::Put { time, .. } => Box::new(Put { cache, time: time.value }),
            Does::Get => Box::new(Get { cache, miss: miss? }),
            Does::Remove => Box::new(Remove { cache }),
        })
    }
}

/// A cache and the keys in it, as a compiled step has them.
#[derive(Debug)]
struct Cached {
    name: Arc<str>,
    /// The process's cache, looked up by the first document: compiling knows of no process.
    cache: OnceLock<Arc<Cache>>,
    key: Vec<ValueSource>,
}

impl Cached {
    fn cache(&self, run: &Run) -> &Cache {
        self.cache.get_or_init(|| run.execution.around.caches.open(&self.name))
    }

    /// The key of a document; `None` where a part of it is absent, nil or empty.
    fn key(&self, run: &Run, document: &Document) -> Result<Option<Key>, Failure> {
        let mut parts = Vec::with_capacity(self.key.len());
        for source in &self.key {
            let value = source.read(run, document, None)?;
            if is_blank(&value) {
                return Ok(None);
            }
            match value {
                // Texts of several values run together, so that two keys could be one.
                Value::Tree(_) | Value::List(_) => {
                    let log = format!("a part of the key for the cache {} is no single value", self.name);
                    return Err(Failure::internal("bad-key", log));
                }
                single => parts.extend(single.text()),
            }
        }
        Ok(Some(Key::new(parts)))
    }
}

#[derive(Debug)]
struct Put {
    cache: Cached,
    time: Duration,
}

impl Step for Put {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        each_document(run, documents, |document| {
            if let Some(key) = self.cache.key(run, &document)? {
                self.cache.cache(run).put(key, &document, self.time);
            }
            Ok(document)
        })
    }

    fn gives_each(&self) -> bool {
        true
    }
}

#[derive(Debug)]
struct Get {
    cache: Cached,
    miss: Path,
}

impl Get {
    async fn look(&self, run: &Run, documents: Documents) -> Outcome {
        let cache = self.cache.cache(run);
        let (mut out, mut missed) = (run.gather(), Documents::new());
        for (at, document) in documents.into_iter().enumerate() {
            if at > 0 {
                run.turn().await?;
            }
            let found = match self.cache.key(run, &document)? {
                Some(key) => cache.get(&key),
                None => {
                    cache.miss();
                    None
                }
            };
            match found {
                Some(found) => out.add(vec![document.replaced(found)])?,
                None => missed.push(document),
            }
        }
        out.add(run.path(&self.miss, missed).await?)?;
        Ok(out.done())
    }
}

impl Step for Get {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        Work::Later(Box::pin(self.look(run, documents)))
    }
}

#[derive(Debug)]
struct Remove {
    cache: Cached,
}

impl Step for Remove {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        each_document(run, documents, |document| {
            if let Some(key) = self.cache.key(run, &document)? {
                self.cache.cache(run).remove(&key);
            }
            Ok(document)
        })
    }

    fn gives_each(&self) -> bool {
        true
    }
}
