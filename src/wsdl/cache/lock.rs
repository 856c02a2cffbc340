//! The lock: for each contract at an address the files that were fetched for it, with their hashes.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use aws_lc_rs::digest::{SHA256, digest};

use super::{FOLDER, LOCK};
use crate::source::{FileId, Finding, Spanned};
use crate::syntax::{Node, Reading, Tree, parse};
use crate::world::World;
use crate::wsdl::Url;

/// What the lock begins with.
const OPENING: &str = "// Written by `soapstone wsdl update`: the contracts at addresses that the file beside it names, as they were
// fetched. Keep it together with wsdl-cache/, and change neither by hand.
";

/// A file that was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachedFile {
    /// The address that names it.
    pub url: Url,
    /// The address that locations in it are relative to: another one after a redirection.
    pub base: Url,
    /// Its path from the folder of the lock.
    pub path: String,
    /// Its bytes.
    pub size: usize,
    /// The SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
}

/// The files of each contract, by the contract's address; the first one is the contract itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock(pub BTreeMap<String, Vec<CachedFile>>);

impl CachedFile {
    /// Of what was fetched. No other text and no other address has its path, so that a file of the cache is never written
    /// over: whoever reads an older lock still finds what that lock names.
    pub fn of(url: &Url, base: &Url, is_wsdl: bool, bytes: &[u8]) -> Self {
        let path = url.target.split('?').next().unwrap_or_default();
        let stem = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or_default();
        let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
        let named = |text: &str| -> String {
            let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' || c == '_' { c } else { '-' };
            let text: String = text.chars().take(60).map(plain).collect();
            Some(text.trim_matches(['.', '-'])).filter(|text| !text.is_empty()).unwrap_or("index").to_owned()
        };
        let whole = [url.to_string().as_bytes(), b"\n", base.to_string().as_bytes(), b"\n", bytes].concat();
        let number: String = hash(&whole).chars().take(12).collect();
        let extension = if is_wsdl { "wsdl" } else { "xsd" };
        Self {
            url: url.clone(),
            base: base.clone(),
            path: format!("{FOLDER}/{}/{}-{number}.{extension}", named(&url.name), named(stem)),
            size: bytes.len(),
            sha256: hash(bytes),
        }
    }

    /// Whether these are its bytes.
    pub fn is(&self, bytes: &[u8]) -> bool {
        bytes.len() == self.size && hash(bytes) == self.sha256
    }

    fn read(mut node: Node<'_>) -> Option<Self> {
        let url = address(&mut node);
        let (path, size) = (node.required::<String>("path"), node.required::<usize>("size"));
        let sha256 = node.required::<String>("sha256");
        let base = node.property::<String>("base");
        let base = base.map(|base| Url::parse(&base.value).ok_or(base.span)).transpose();
        if let Some(path) = path.as_ref().filter(|path| !is_inside(&path.value)) {
            let message = format!("`{}` is no file in {FOLDER}", path.value);
            node.report(Finding::error("bad-wsdl-lock", path.span, message).help(HELP));
        }
        if let Err(span) = base {
            node.report(Finding::error("bad-wsdl-lock", span, "this is no address").help(HELP));
        }
        node.finish();
        let (url, path) = (url?.value, path.filter(|path| is_inside(&path.value))?.value);
        let base = base.ok()?.unwrap_or_else(|| url.clone());
        Some(Self { base, url, path, size: size?.value, sha256: sha256?.value })
    }

    fn text(&self) -> String {
        let base = match self.base == self.url {
            true => String::new(),
            false => format!(" base={:?}", self.base.to_string()),
        };
        let Self { url, path, size, sha256, .. } = self;
        format!("    file {:?}{base} path={path:?} size={size} sha256={sha256:?}\n", url.to_string())
    }
}

const HELP: &str = "`soapstone wsdl update` writes the lock anew";

impl Lock {
    /// Reads a lock, whose text is that of a file. `None` after findings.
    pub fn read(text: &str, file: FileId, reading: &Reading<'_>) -> Option<Self> {
        let before = reading.findings.borrow().counts().0;
        let document = parse(text, file, &mut reading.findings.borrow_mut())?;
        let mut lock = Self::default();
        for tree in &Tree::of(&document, file, text) {
            let mut node = Node::new(tree, reading);
            if node.name() != "wsdl" {
                node.unknown("bad-wsdl-lock", "a part of the lock", ["wsdl"]);
                continue;
            }
            let url = address(&mut node);
            let mut files = Vec::new();
            for child in node.children() {
                match child.name() {
                    "file" => files.extend(CachedFile::read(child)),
                    _ => child.unknown("bad-wsdl-lock", "a part of `wsdl`", ["file"]),
                }
            }
            if let Some(url) = url.filter(|_| !files.is_empty()) {
                lock.0.insert(url.value.to_string(), files);
            }
            node.finish();
        }
        (reading.findings.borrow().counts().0 == before).then_some(lock)
    }

    /// The lock beside a file, without any reading of that file: an empty one where there is none, or one that is not right.
    pub fn beside(folder: &Path, world: &dyn World) -> Self {
        let Ok(bytes) = world.read(&folder.join(LOCK)) else { return Self::default() };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let reading = Reading {
            world,
            findings: &Default::default(),
            seen: &Default::default(),
            sources: &Default::default(),
            kept: &Default::default(),
        };
        Self::read(&text, FileId::default(), &reading).unwrap_or_default()
    }

    /// As it is written.
    pub fn text(&self) -> String {
        let mut out = OPENING.to_owned();
        for (url, files) in &self.0 {
            out.push_str(&format!("wsdl {url:?} {{\n{}}}\n", Self::entry(files)));
        }
        out
    }

    /// The files of a contract as they are written.
    pub fn entry(files: &[CachedFile]) -> String {
        files.iter().map(CachedFile::text).collect()
    }
}

/// The address that a node names.
fn address(node: &mut Node<'_>) -> Option<Spanned<Url>> {
    let text = node.argument::<String>("address")?;
    let url = Url::parse(&text.value);
    if url.is_none() {
        node.report(Finding::error("bad-wsdl-lock", text.span, "this is no address").help(HELP));
    }
    Some(Spanned::new(url?, text.span))
}

/// Whether a path stays in the cache.
fn is_inside(path: &str) -> bool {
    let mut parts = Path::new(path).components();
    parts.next() == Some(Component::Normal(FOLDER.as_ref()))
        && path.len() > FOLDER.len() + 1
        && parts.all(|part| matches!(part, Component::Normal(_)))
}

/// The SHA-256 in hexadecimal digits.
fn hash(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::source::Findings;
    use crate::world::Memory;

    /// What is read of a text, and the messages of the findings.
    fn read(text: &str) -> (Option<Lock>, Vec<String>) {
        let findings = RefCell::<Findings>::default();
        let reading = Reading {
            world: &Memory::default(),
            findings: &findings,
            seen: &RefCell::default(),
            sources: &RefCell::default(),
            kept: &RefCell::default(),
        };
        let lock = Lock::read(text, FileId::default(), &reading);
        let findings = findings.into_inner();
        (lock, findings.sorted().iter().map(|finding| finding.message.clone()).collect())
    }

    fn file(url: &str, base: &str, bytes: &[u8]) -> CachedFile {
        CachedFile::of(&Url::parse(url).unwrap(), &Url::parse(base).unwrap(), true, bytes)
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut lock = Lock::default();
        let odd = file("http://[::1]:81/a\"\\/?x={y}", "https://[::1]/b", b"x");
        lock.0.insert("http://a/?wsdl".into(), vec![file("http://a/?wsdl", "http://a/?wsdl", b""), odd]);
        lock.0.insert("http://b/".into(), vec![file("http://b/", "http://b/", b"y")]);
        let (found, findings) = read(&lock.text());
        assert_eq!((found.as_ref(), findings), (Some(&lock), Vec::new()), "{}", lock.text());
    }

    #[test]
    fn a_file_is_known_by_its_address_and_its_bytes() {
        let one =
            file("http://a.example/crm/Customer.svc?wsdl", "http://a.example/crm/Customer.svc?wsdl", b"x");
        assert!(
            one.path.starts_with("wsdl-cache/a.example/Customer-") && one.path.ends_with(".wsdl"),
            "{}",
            one.path
        );
        assert_ne!(one.path, file("http://a.example/crm/Customer.svc?wsdl", "http://a.example/", b"x").path);
        assert_ne!(one.path, file("http://a.example/Customer.svc?wsdl", "http://a.example/", b"x").path);
        assert!(one.is(b"x") && !one.is(b"y") && !one.is(b""));
        assert!(is_inside(&file("http://../../..", "http://a/", b"").path));
        assert!(is_inside(&file("http://[::1]", "http://a/", b"").path));
    }

    #[test]
    fn a_lock_that_someone_changed_is_refused() {
        let entry = |path: &str| {
            format!("wsdl \"http://a/\" {{ file \"http://a/\" path=\"{path}\" size=1 sha256=\"00\" }}")
        };
        for path in ["/etc/passwd", "wsdl-cache/../secret", "wsdl-cache/", "wsdl-cache", "other/a"] {
            let (lock, findings) = read(&entry(path));
            assert_eq!((lock, findings), (None, vec![format!("`{path}` is no file in wsdl-cache")]));
        }
        assert!(read(&entry("wsdl-cache/a")).0.is_some());
        for text in ["wsdl a {", "wsdl a { file b }", "walrus", "wsdl \"http://a/\" { fish }"] {
            let (lock, findings) = read(text);
            assert!(lock.is_none() && !findings.is_empty(), "{text}");
        }
    }
}
