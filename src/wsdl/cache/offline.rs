//! Contracts at addresses as the cache has them: each file checked against the lock, locations in it resolved by address.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::lock::{CachedFile, Lock};
use super::{FOLDER, LOCK};
use crate::schema::grammar::NOT_CACHED;
use crate::source::{Finding, Spanned};
use crate::syntax::Reading;
use crate::world::reason;
use crate::wsdl::Url;

/// The files of some contracts, each by its path.
#[derive(Debug, Default)]
pub struct Offline {
    files: HashMap<PathBuf, Held>,
    /// The path of each address.
    paths: HashMap<Url, PathBuf>,
}

#[derive(Debug)]
struct Held {
    base: Url,
    bytes: Vec<u8>,
}

impl Offline {
    /// Adds the files of a contract, with what each holds; gives the path of the contract itself.
    pub fn add(
        &mut self,
        folder: &Path,
        files: impl IntoIterator<Item = (CachedFile, Vec<u8>)>,
    ) -> Option<PathBuf> {
        let mut first = None;
        for (file, bytes) in files {
            let path = folder.join(&file.path);
            first = first.or_else(|| Some(path.clone()));
            self.paths.insert(file.url, path.clone());
            self.files.insert(path, Held { base: file.base, bytes });
        }
        first
    }

    /// Adds a contract that a declaration names by its address, from the cache beside the file that is served; gives the path
    /// of the contract itself. `None` after a finding: it was not fetched, or its files are not what was fetched.
    pub fn contract(&mut self, reading: &Reading<'_>, name: &Spanned<String>) -> Option<PathBuf> {
        let Some(url) = Url::parse(&name.value) else {
            // It is not quoted: a password may stand in it.
            let message = "this is no address that could be fetched";
            let help = "write http:// or https://, a host, and a path of ASCII characters; a name and a password go into \
                        auth basic";
            reading.report(Finding::error("bad-address", name.span, message).help(help));
            return None;
        };
        let folder = reading.main_folder();
        let lock = lock(reading)?;
        let Some(files) = lock.0.get(&url.to_string()) else {
            let message = format!("the contract at {url} was not fetched yet");
            reading.report(Finding::error("wsdl-not-cached", name.span, message).help(update(reading)));
            return None;
        };
        // What is read of the lock is this entry alone: others may change without a change here.
        reading.seen.borrow_mut().push((format!("{LOCK} {url}"), Lock::entry(files).into_bytes()));
        let mut found = Vec::with_capacity(files.len());
        for file in files {
            let path = folder.join(&file.path);
            let bytes = match reading.world.read(&path) {
                Ok(bytes) => bytes,
                Err(error) => {
                    let message = format!(
                        "`{}`, which the cache has of {url}, cannot be read: {}",
                        path.display(),
                        reason(&error)
                    );
                    reading
                        .report(Finding::error("wsdl-not-cached", name.span, message).help(update(reading)));
                    return None;
                }
            };
            reading.seen.borrow_mut().push((path.display().to_string(), bytes.clone()));
            if !file.is(&bytes) {
                let message = format!(
                    "`{}` is not what was fetched from {}: its SHA-256 differs from {LOCK}",
                    path.display(),
                    file.url
                );
                let help = format!("take {FOLDER}/ and {LOCK} back as they were, or {}", update(reading));
                reading.report(Finding::error("wsdl-changed-on-disk", name.span, message).help(help));
                return None;
            }
            found.push((file.clone(), bytes));
        }
        self.add(&folder, found)
    }

    /// What a file of the cache holds; `None` for any other.
    pub fn bytes(&self, path: &Path) -> Option<&[u8]> {
        self.files.get(path).map(|held| held.bytes.as_slice())
    }

    /// Where a location in a file leads; see [`crate::schema::grammar::Files::locate`].
    pub fn locate(&self, file: &Path, location: &str) -> Option<Result<PathBuf, String>> {
        let held = self.files.get(file)?;
        let path = held.base.join(location).and_then(|url| self.paths.get(&url).cloned());
        Some(path.ok_or_else(|| NOT_CACHED.to_owned()))
    }
}

/// What to do about something that is not in the cache.
fn update(reading: &Reading<'_>) -> String {
    format!("run `soapstone wsdl update {}`", reading.main_file())
}

/// The lock, read once; an empty one where there is none, `None` after findings.
fn lock(reading: &Reading<'_>) -> Option<Arc<Lock>> {
    if let Some(known) =
        reading.kept.borrow().get(LOCK).cloned().and_then(|kept| kept.downcast::<Option<Arc<Lock>>>().ok())
    {
        return known.as_ref().clone();
    }
    let path = reading.main_folder().join(LOCK);
    let lock = match reading.world.read(&path) {
        Ok(bytes) => read(reading, &path, bytes),
        Err(error) => {
            // That there is none is an answer too: one that appears changes what is served.
            reading.seen.borrow_mut().push((LOCK.to_owned(), reason(&error).into_bytes()));
            Some(Arc::default())
        }
    };
    reading.kept.borrow_mut().insert(LOCK.to_owned(), Arc::new(lock.clone()));
    lock
}

fn read(reading: &Reading<'_>, path: &Path, bytes: Vec<u8>) -> Option<Arc<Lock>> {
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let file = reading.sources.borrow_mut().add(path.display().to_string(), text.as_str());
    let lock = Lock::read(&text, file, reading);
    if lock.is_none() {
        reading.seen.borrow_mut().push((LOCK.to_owned(), bytes));
    }
    lock.map(Arc::new)
}
