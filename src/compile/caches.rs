//! Caches: no declaration of their own, but what all the steps say that name one.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::{Declarations, DeclaredWork};
use crate::kind::Compiling;
use crate::kind::step::{CacheAccess, CacheUse, DeclaredPath};
use crate::source::{Finding, Spanned};
use crate::state::cache::{CacheSpec, ENTRIES};

/// The steps that put documents into a cache, by its name.
type Puts<'a> = BTreeMap<&'a str, Vec<CacheUse<'a>>>;

/// The steps of all processes and operations.
fn paths(declared: &Declarations) -> impl Iterator<Item = &DeclaredPath> {
    let inline = declared.operations.iter().filter_map(|operation| match &operation.work {
        Some(DeclaredWork::Inline(path, _)) => Some(path),
        Some(DeclaredWork::Named(_)) | None => None,
    });
    declared.processes.iter().map(|(_, path)| path).chain(inline)
}

fn puts(declared: &Declarations) -> Puts<'_> {
    let mut puts = Puts::new();
    for cache in paths(declared).flat_map(DeclaredPath::caches) {
        if matches!(cache.access, CacheAccess::Put(_)) {
            puts.entry(&cache.name.value).or_default().push(cache);
        }
    }
    puts
}

/// Checks what the steps say of each cache against each other, and gives the caches.
pub fn caches(declared: &Declarations, compiling: &Compiling<'_>) -> Vec<CacheSpec> {
    let puts = puts(declared);
    // A step that could not be read may be the one that puts.
    let whole = !compiling.unread() && paths(declared).all(DeclaredPath::is_whole);
    for cache in paths(declared).flat_map(DeclaredPath::caches) {
        match puts.get(cache.name.value.as_str()).and_then(|puts| puts.first()) {
            Some(put) => check_parts(&cache, put, compiling),
            None if whole => {
                let name = &cache.name.value;
                let message = format!("nothing puts documents into the cache `{name}`");
                let finding = Finding::error("unknown-name", cache.name.span, message);
                let finding =
                    finding.help(format!("write cache put={name} for=\"10m\" where they are known"));
                let known = puts.keys().copied();
                compiling.report(if puts.is_empty() { finding } else { finding.suggest(name, known) });
            }
            None => {}
        }
    }
    let spec = |(name, puts): (&&str, &Vec<CacheUse<'_>>)| CacheSpec {
        name: Arc::from(*name),
        entries: entries(name, puts, compiling).unwrap_or(ENTRIES),
    };
    puts.iter().map(spec).collect()
}

/// A key of another number of parts is never the same key.
fn check_parts(cache: &CacheUse<'_>, put: &CacheUse<'_>, compiling: &Compiling<'_>) {
    if cache.parts == put.parts || cache.parts == 0 || put.parts == 0 {
        return;
    }
    let parts = |count| if count == 1 { "1 part".to_owned() } else { format!("{count} parts") };
    let message = format!(
        "the key has {} here, and {} where `{}` is put",
        parts(cache.parts),
        parts(put.parts),
        put.name.value
    );
    let finding = Finding::error("other-key", cache.name.span, message);
    compiling.report(finding.also(put.name.span, "it is put here").help("give both the same `key` lines"));
}

/// How many entries a cache may have; steps that say it differently are a finding.
fn entries(name: &str, puts: &[CacheUse<'_>], compiling: &Compiling<'_>) -> Option<usize> {
    let mut said = puts.iter().filter_map(|put| match put.access {
        CacheAccess::Put(entries) => entries,
        CacheAccess::Get | CacheAccess::Remove => None,
    });
    let first: &Spanned<usize> = said.next()?;
    for other in said.filter(|other| other.value != first.value) {
        let message = format!("the cache `{name}` cannot have two bounds");
        let finding = Finding::error("other-entries", other.span, message);
        compiling.report(finding.also(first.span, "the first one is here").help("say it once"));
    }
    Some(first.value)
}

/// Warns of caches that nothing reads; not beside errors, which may be why they seem unread.
pub fn unread(declared: &Declarations, compiling: &Compiling<'_>) {
    if compiling.findings.borrow().has_errors() {
        return;
    }
    let all: Vec<CacheUse<'_>> = paths(declared).flat_map(DeclaredPath::caches).collect();
    let is_read = |name: &str| {
        all.iter().any(|cache| matches!(cache.access, CacheAccess::Get) && cache.name.value == name)
    };
    for (name, puts) in puts(declared).into_iter().filter(|(name, _)| !is_read(name)) {
        for put in puts.iter().take(1) {
            let message = format!("nothing gets documents from the cache `{name}`");
            let finding = Finding::warning("unused", put.name.span, message);
            compiling.report(finding.help(format!("get them with cache get={name}, or remove this step")));
        }
    }
}
