//! The schema documents and contracts that declarations name: read once for all that name the same, compiled on first need.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use aws_lc_rs::digest::{Context, SHA256};

use super::Compiling;
use super::contract_source;
use crate::document::text;
use crate::schema::grammar::{self, Documents, Files, Grammar};
use crate::source::{FileId, Finding, Spanned};
use crate::syntax::Reading;
use crate::world::reason;
use crate::wsdl::Url;
use crate::wsdl::cache::{Offline, WsdlSource};
use crate::wsdl::read::{Contract, Loaded, read};

/// Schema documents and contracts that belong together.
#[derive(Debug)]
pub struct Schemas {
    /// The documents.
    pub documents: Documents,
    /// The contracts among the files that are named, in their order.
    pub contracts: Vec<Contract>,
    /// Whether a contract has mistakes; they were reported.
    is_wrong: bool,
    grammar: OnceLock<Option<Arc<Grammar>>>,
    /// The files that came from addresses.
    offline: Offline,
    /// What the files say, for the fingerprints of declarations that name them again.
    hash: [u8; 32],
}

/// The files of a configuration: each is part of its fingerprint, and findings can show a place in it.
struct Given<'a> {
    reading: &'a Reading<'a>,
    offline: Offline,
}

impl Given<'_> {
    /// Where a file lies that a declaration names; `None` after a finding.
    fn path(&mut self, name: &Spanned<String>) -> Option<PathBuf> {
        match Url::is_meant(&name.value) {
            true => self.offline.contract(self.reading, name),
            false => Some(self.reading.resolve(name)),
        }
    }
}

impl Files for Given<'_> {
    fn open(&mut self, path: &Path) -> Result<(FileId, String), String> {
        let shown = path.display().to_string();
        let decode = |bytes: &[u8]| match text::decode(bytes, None) {
            Ok(text) => Ok(text.into_owned()),
            Err(malformed) => Err(malformed.message),
        };
        let decoded = match self.offline.bytes(path) {
            Some(bytes) => decode(bytes)?,
            None => {
                let bytes = self.reading.world.read(path).map_err(|error| reason(&error))?;
                let decoded = decode(&bytes)?;
                self.reading.seen.borrow_mut().push((shown.clone(), bytes));
                decoded
            }
        };
        let file = self.reading.sources.borrow_mut().add(shown, decoded.clone());
        Ok((file, decoded))
    }

    fn locate(&self, file: &Path, location: &str) -> Option<Result<PathBuf, String>> {
        self.offline.locate(file, location)
    }

    fn built_in(&mut self, name: &str, text: &str) -> FileId {
        self.reading.sources.borrow_mut().add(name, text)
    }
}

impl Schemas {
    /// Whether something is wrong with the files that was reported already.
    pub fn is_wrong(&self) -> bool {
        self.is_wrong
    }

    /// Reads files with all that they name: by their paths, and by their addresses from the cache. What is wrong with a
    /// contract is reported at once, what is wrong with a schema when it is compiled, each a single time.
    pub fn read(reading: &Reading<'_>, names: &[Spanned<String>]) -> Arc<Self> {
        let known = |name: &Spanned<String>| match Url::parse(&name.value) {
            Some(url) => url.to_string(),
            None => reading.resolve(name).display().to_string(),
        };
        for name in names {
            let url = Url::parse(&name.value);
            url.into_iter().for_each(|url| contract_source::note(reading, WsdlSource::new(url, name.span)));
        }
        let key = format!("schemas {}", names.iter().map(known).collect::<Vec<_>>().join("\n"));
        let known = reading.kept.borrow().get(&key).cloned().and_then(|kept| kept.downcast::<Self>().ok());
        if let Some(known) = known {
            reading.seen.borrow_mut().push((key, known.hash.to_vec()));
            return known;
        }
        let seen_before = reading.seen.borrow().len();
        let mut given = Given { reading, offline: Offline::default() };
        let paths: Vec<_> = names.iter().filter_map(|name| Some((given.path(name)?, name.span))).collect();
        // Without one of them, what the others miss is no mistake of theirs.
        let is_whole = paths.len() == names.len();
        let loaded = if is_whole { read(&paths, &mut given) } else { Loaded::default() };
        let mut hash = Context::new(&SHA256);
        reading.seen.borrow().iter().skip(seen_before).for_each(|(_, bytes)| hash.update(bytes));
        let is_wrong = !is_whole || loaded.findings.iter().any(Finding::is_error);
        loaded.findings.into_iter().for_each(|finding| reading.report(finding));
        let schemas = Arc::new(Self {
            documents: loaded.documents,
            contracts: loaded.contracts,
            is_wrong,
            grammar: OnceLock::new(),
            offline: given.offline,
            hash: hash.finish().as_ref().try_into().unwrap_or_default(),
        });
        reading.kept.borrow_mut().insert(key, schemas.clone());
        schemas
    }

    /// Where a location in one of the files leads, when that came from an address; see [`Files::locate`].
    pub fn locate(&self, file: &Path, location: &str) -> Option<Result<PathBuf, String>> {
        self.offline.locate(file, location)
    }

    /// The schemas compiled; `None` after findings.
    pub fn grammar(&self, compiling: &Compiling<'_>) -> Option<Arc<Grammar>> {
        let compile = || {
            let (grammar, findings) = grammar::compile(&self.documents);
            let is_wrong = self.is_wrong || !findings.is_empty();
            findings.into_iter().for_each(|finding| compiling.report(finding));
            (!is_wrong).then(|| Arc::new(grammar))
        };
        self.grammar.get_or_init(compile).clone()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::source::{Findings, Sources, Span};
    use crate::world::Memory;
    use crate::wsdl::cache::{CachedFile, Lock};

    const SCHEMA: &str = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:element name='a' type='xs:string'/></xs:schema>";

    #[test]
    fn what_several_declarations_name_is_compiled_once() {
        let url = Url::parse("https://a/x.xsd").unwrap();
        let file = CachedFile::of(&url, &url, false, SCHEMA.as_bytes());
        let mut lock = Lock::default();
        lock.0.insert(url.to_string(), vec![file.clone()]);
        let world = Memory::default()
            .file("d/wsdl.lock", lock.text())
            .file(format!("d/{}", file.path), SCHEMA)
            .file("d/in/own.xsd", SCHEMA);
        let (findings, sources) = (RefCell::<Findings>::default(), RefCell::<Sources>::default());
        sources.borrow_mut().add("d/gateway.kdl", "");
        let (seen, kept) = (RefCell::default(), RefCell::default());
        // An include in another folder: the cache is beside the file that is served.
        let reading =
            Reading { world: &world, findings: &findings, seen: &seen, sources: &sources, kept: &kept };
        let inner = Span { file: sources.borrow_mut().add("d/in/more.kdl", ""), ..Span::default() };
        let none = Sources::default();
        let compiling = Compiling::new(&none, &findings);
        for name in ["https://a/x.xsd", "own.xsd"] {
            let named = |name: &str| [Spanned::new(name.to_owned(), inner)];
            let (one, other) = (Schemas::read(&reading, &named(name)), Schemas::read(&reading, &named(name)));
            assert!(Arc::ptr_eq(&one, &other), "{name}");
            let (one, other) = (one.grammar(&compiling).unwrap(), other.grammar(&compiling).unwrap());
            assert!(Arc::ptr_eq(&one, &other), "{name}");
        }
        assert!(Arc::ptr_eq(
            &Schemas::read(&reading, &[Spanned::new("HTTPS://A:443/x.xsd".to_owned(), inner)]),
            &Schemas::read(&reading, &[Spanned::new("https://a/x.xsd".to_owned(), inner)]),
        ));
        assert!(!findings.borrow().has_errors(), "{findings:?}");
    }
}
