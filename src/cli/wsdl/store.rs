//! Writing the cache: files under names of their own first, the lock in one rename, then what no lock names any more goes.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::world::{Real, World, reason};
use crate::wsdl::cache::{FOLDER, LOCK, Lock};

/// Writes files and the lock that names them, each file beside the others; gives the path of the lock. Whoever reads meanwhile
/// finds the old cache or the new one. A failure leaves the old one.
///
/// # Errors
/// What cannot be written, in plain words.
pub fn write<'f>(
    folder: &Path,
    lock: &Lock,
    files: impl Iterator<Item = (&'f str, &'f [u8])>,
    old: &Lock,
) -> Result<PathBuf, String> {
    let mut written = Written {
        folder,
        aside: folder.join(format!("{FOLDER}.new-{}", std::process::id())),
        new: Vec::new(),
    };
    let done = written.all(files).and_then(|()| written.lock(lock));
    let _cleaned = fs::remove_dir_all(&written.aside);
    match done {
        Ok(path) => {
            forget(folder, lock, old);
            Ok(path)
        }
        Err((path, error)) => {
            written.new.iter().for_each(|path| remove(path));
            Err(format!("{} cannot be written: {}", path.display(), reason(&error)))
        }
    }
}

/// What has been written so far.
struct Written<'a> {
    folder: &'a Path,
    /// A folder beside the cache, in which files are written before they have their names.
    aside: PathBuf,
    /// The files that were not there before.
    new: Vec<PathBuf>,
}

type Failed = (PathBuf, io::Error);

impl Written<'_> {
    fn all<'f>(&mut self, files: impl Iterator<Item = (&'f str, &'f [u8])>) -> Result<(), Failed> {
        for (number, (path, bytes)) in files.enumerate() {
            let path = self.folder.join(path);
            if Real.read(&path).is_ok_and(|known| known == bytes) {
                continue;
            }
            let is_new = !path.exists();
            self.place(&format!("{number}"), &path, bytes).map_err(|error| (path.clone(), error))?;
            if is_new {
                self.new.push(path);
            }
        }
        Ok(())
    }

    fn lock(&self, lock: &Lock) -> Result<PathBuf, Failed> {
        let path = self.folder.join(LOCK);
        self.place(LOCK, &path, lock.text().as_bytes()).map_err(|error| (path.clone(), error))?;
        Ok(path)
    }

    /// Writes a file aside, and gives it its name when it is whole.
    fn place(&self, name: &str, path: &Path, bytes: &[u8]) -> io::Result<()> {
        fs::create_dir_all(&self.aside)?;
        let aside = self.aside.join(name);
        let mut file = File::create(&aside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder)?;
        }
        fs::rename(&aside, path)
    }
}

/// Removes the files that the old lock names and the new one does not; other files are left alone.
fn forget(folder: &Path, lock: &Lock, old: &Lock) {
    let all = |lock: &Lock| -> HashSet<String> {
        lock.0.values().flatten().map(|file| file.path.clone()).collect()
    };
    let kept = all(lock);
    for path in all(old).difference(&kept) {
        remove(&folder.join(path));
    }
}

/// Removes a file, and its folder when that was the last one in it.
fn remove(path: &Path) {
    let _gone = fs::remove_file(path);
    let _empty = path.parent().map(fs::remove_dir);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wsdl::Url;
    use crate::wsdl::cache::CachedFile;

    fn lock(bytes: &[u8]) -> (Lock, CachedFile) {
        let url = Url::parse("http://a/b.wsdl").unwrap();
        let file = CachedFile::of(&url, &url, true, bytes);
        let mut lock = Lock::default();
        lock.0.insert(url.to_string(), vec![file.clone()]);
        (lock, file)
    }

    #[test]
    fn a_failure_leaves_the_old_cache() {
        let folder = std::env::temp_dir().join(format!("soapstone-store-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let ((first, one), (second, two)) = (lock(b"1"), lock(b"2"));
        let there = |path: &str| folder.join(path).exists();
        write(&folder, &first, [(one.path.as_str(), &b"1"[..])].into_iter(), &Lock::default()).unwrap();
        assert_eq!(Lock::beside(&folder, &Real), first);
        // The lock cannot be replaced: it is a folder now.
        fs::rename(folder.join(LOCK), folder.join("kept")).unwrap();
        fs::create_dir_all(folder.join(LOCK).join("x")).unwrap();
        let told = write(&folder, &second, [(two.path.as_str(), &b"2"[..])].into_iter(), &first).unwrap_err();
        assert!(told.contains("wsdl.lock cannot be written"), "{told}");
        assert!(there(&one.path) && !there(&two.path));
        fs::remove_dir_all(folder.join(LOCK)).unwrap();
        // And then it can.
        write(&folder, &second, [(two.path.as_str(), &b"2"[..])].into_iter(), &first).unwrap();
        assert!(!there(&one.path) && there(&two.path));
        assert_eq!(Lock::beside(&folder, &Real), second);
        let names: Vec<_> = Real.list(&folder).unwrap();
        assert_eq!(names.len(), 2, "{names:?}");
        fs::remove_dir_all(&folder).unwrap();
    }
}
