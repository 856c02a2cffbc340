//! A version of a contract at an address, as it was fetched or as the cache has it: its files, and what a client sees of it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::document::text;
use crate::schema::grammar::{self, Files};
use crate::source::{FileId, Findings, Form, Sources, render};
use crate::world::{Real, World};
use crate::wsdl::Url;
use crate::wsdl::cache::{CachedFile, Facts, Fetch, Offline, WsdlSource, crawl};
use crate::wsdl::read::{Loaded, read};

/// A version of a contract.
#[derive(Debug)]
pub struct Version {
    /// The address of the contract.
    pub url: Url,
    /// Its files; the first one is the contract itself.
    pub files: Vec<CachedFile>,
    /// What a client sees of it.
    pub facts: Facts,
    offline: Offline,
}

/// The files of a contract as they are given to the reader.
struct Opened<'o> {
    offline: &'o Offline,
    sources: Sources,
    /// The address of each, which is what messages name.
    addresses: HashMap<PathBuf, String>,
}

impl Files for Opened<'_> {
    fn open(&mut self, path: &Path) -> Result<(FileId, String), String> {
        let bytes = self.offline.bytes(path).ok_or("it is no file of the contract")?;
        let text = text::decode(bytes, None).map_err(|malformed| malformed.message)?.into_owned();
        let shown = self.addresses.get(path).cloned().unwrap_or_else(|| path.display().to_string());
        Ok((self.sources.add(shown, text.as_str()), text))
    }

    fn locate(&self, file: &Path, location: &str) -> Option<Result<PathBuf, String>> {
        self.offline.locate(file, location)
    }

    fn built_in(&mut self, name: &str, text: &str) -> FileId {
        self.sources.add(name, text)
    }
}

impl Version {
    /// Fetches a contract, and reads it as the gateway would.
    ///
    /// # Errors
    /// Something cannot be fetched, or the gateway could not use it: all that is wrong with it, with places.
    pub fn fetched(source: &WsdlSource, fetch: &mut Fetch<'_>) -> Result<Self, String> {
        let found = crawl(&source.url, &|url| source.allows(url), fetch)?;
        let files = found
            .into_iter()
            .map(|file| (CachedFile::of(&file.url, &file.base, file.is_wsdl, &file.bytes), file.bytes));
        Self::of(&source.url, Path::new(""), files.collect())
            .map_err(|told| format!("{} cannot be used as it is there:\n{told}", source.url))
    }

    /// What the cache has of a contract; `None` where its files are not what was fetched. Mistakes in it do not matter.
    pub fn cached(url: &Url, folder: &Path, files: &[CachedFile]) -> Option<Self> {
        let bytes =
            |file: &CachedFile| Real.read(&folder.join(&file.path)).ok().filter(|bytes| file.is(bytes));
        let files: Option<Vec<_>> = files.iter().map(|file| Some((file.clone(), bytes(file)?))).collect();
        let files = files?;
        let known: Vec<CachedFile> = files.iter().map(|(file, _)| file.clone()).collect();
        let other =
            || Self { url: url.clone(), files: known, facts: Facts::default(), offline: Offline::default() };
        Some(Self::of(url, folder, files).unwrap_or_else(|_| other()))
    }

    fn of(url: &Url, folder: &Path, files: Vec<(CachedFile, Vec<u8>)>) -> Result<Self, String> {
        let known: Vec<CachedFile> = files.iter().map(|(file, _)| file.clone()).collect();
        let addresses = known.iter().map(|file| (folder.join(&file.path), file.url.to_string())).collect();
        let mut offline = Offline::default();
        let root = offline.add(folder, files).unwrap_or_default();
        let mut opened = Opened { offline: &offline, sources: Sources::default(), addresses };
        let place =
            crate::source::Span { file: opened.sources.add(url.to_string(), ""), ..Default::default() };
        let loaded = read(&[(root, place)], &mut opened);
        let told = mistakes(&loaded, &opened.sources);
        let facts = Facts::of(&loaded, &|path| offline.bytes(path).is_some());
        match told {
            Some(told) => Err(told),
            None => Ok(Self { url: url.clone(), files: known, facts, offline }),
        }
    }

    /// The path of each file in the folder of the lock, with what it holds.
    pub fn contents(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let one = |file: &'_ CachedFile| self.offline.bytes(Path::new(&file.path));
        self.files.iter().filter_map(move |file| Some((file.path.as_str(), one(file)?)))
    }
}

/// What is wrong with a contract and its schemas, as a person reads it.
fn mistakes(loaded: &Loaded, sources: &Sources) -> Option<String> {
    let (_, of_schemas) = grammar::compile(&loaded.documents);
    let mut findings = Findings::default();
    let errors = loaded.findings.iter().filter(|finding| finding.is_error()).cloned();
    errors.chain(of_schemas).for_each(|finding| findings.push(finding));
    findings.has_errors().then(|| render(&findings, sources, Form::Text { colour: false }))
}
