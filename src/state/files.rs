//! The folder of exchanged files: names are checked, nothing leads out of it, and nobody reads half a file.

use std::fmt;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, OpenOptions, OpenOptionsExt};
use rustix::fs::OFlags;
use uuid::Uuid;

use crate::world::reason;

/// Bytes of the longest name of a file or folder: what file systems of Linux take.
const LONGEST: usize = 255;

/// Bytes that are written before it is looked whether anybody still wants them.
const CHUNK: usize = 1 << 20;

/// How the name of a file begins that is not whole yet.
const UNFINISHED: &str = ".soapstone-";

/// The path of a file below the folder: parts with `/` between them, each of which is the name of something in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileName(String);

impl FileName {
    /// Checks a path.
    ///
    /// # Errors
    /// What is wrong with it, to be put behind "the name: ".
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() {
            return Err("it is empty");
        }
        if text.starts_with('/') {
            return Err("it begins with `/`, and is not relative to the folder");
        }
        text.split('/').try_for_each(check_part)?;
        Ok(Self(text.to_owned()))
    }

    /// The path of the folder that the file is in, and its name there.
    fn split(&self) -> (&str, &str) {
        self.0.rsplit_once('/').unwrap_or(("", &self.0))
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn check_part(part: &str) -> Result<(), &'static str> {
    match part {
        "" => Err("a part of it is empty"),
        "." | ".." => Err("a part of it is `.` or `..`"),
        _ if part.len() > LONGEST => Err("a part of it is longer than 255 bytes"),
        _ => check_text(part),
    }
}

/// Looks for characters that no name may hold.
fn check_text(text: &str) -> Result<(), &'static str> {
    match text.chars().find(|c| *c == '\\' || c.is_control()) {
        Some('\\') => Err("there is a backslash in it"),
        Some(_) => Err("there is a control character in it"),
        None => Ok(()),
    }
}

/// Checks a value that is put into a path: it is a part of a name, and chooses no folder.
///
/// # Errors
/// What is wrong with it, to be put behind "the value: ".
pub fn check_value(value: &str) -> Result<(), &'static str> {
    match value {
        "" => Err("it is empty"),
        _ if value.contains('/') => Err("there is a `/` in it"),
        _ => check_text(value),
    }
}

/// A text from outside as a log shows it: quoted, its control characters escaped, and not all of a long one.
pub fn shown(text: &str) -> String {
    let escaped: String = text.escape_debug().take(300).collect();
    format!("\"{escaped}\"")
}

/// What becomes of a file that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Exists {
    /// The new one takes its place.
    #[default]
    Replace,
    /// It stays, and writing fails.
    Fail,
    /// What is written is put behind it.
    Append,
}

impl Exists {
    /// Every way by its word.
    pub const ALL: &[(&str, Self)] =
        &[("replace", Self::Replace), ("fail", Self::Fail), ("append", Self::Append)];
}

/// Why a file could not be read or written.
#[derive(Debug)]
pub enum FileError {
    /// The folder itself cannot be opened.
    Folder(io::Error),
    /// There is a file of that name.
    Exists,
    /// It is a folder, a pipe or a device.
    NotAFile,
    /// It is larger than so many bytes.
    TooLarge(u64),
    /// Nobody wants it any more.
    Stopped,
    /// What the system says.
    Io(io::Error),
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(error) => {
                write!(f, "the root of `files` cannot be opened: {}", folder_reason(error))
            }
            Self::Exists => f.write_str("there is such a file already"),
            Self::NotAFile => f.write_str("it is no regular file"),
            Self::TooLarge(most) => write!(f, "it has more than the {most} bytes that an execution may hold"),
            Self::Stopped => f.write_str("it was stopped"),
            // What the library refuses comes from no call of the system.
            Self::Io(error)
                if error.kind() == io::ErrorKind::PermissionDenied && error.raw_os_error().is_none() =>
            {
                f.write_str("a link in its path leads out of the folder")
            }
            Self::Io(error) => f.write_str(&reason(error)),
        }
    }
}

fn folder_reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such folder".to_owned(),
        io::ErrorKind::NotADirectory => "it is no folder".to_owned(),
        _ => reason(error),
    }
}

/// Tells work on another thread that nobody waits for it any more: when it is dropped.
#[derive(Debug, Default)]
pub struct Waiting(Stop);

/// Whether somebody still waits.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Waiting {
    /// What the work looks at.
    pub fn stop(&self) -> Stop {
        self.0.clone()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

impl Stop {
    fn check(&self) -> Result<(), FileError> {
        if self.0.load(Ordering::Relaxed) { Err(FileError::Stopped) } else { Ok(()) }
    }
}

/// The folder below which steps read and write. All that it does may take as long as a disk does: for threads that may
/// wait.
#[derive(Debug)]
pub struct Files {
    root: PathBuf,
}

impl Files {
    /// The folder at a path. Nothing is opened yet: the machine that checks a file need not have it.
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Opens it anew each time, so that one that is mounted or replaced while the process runs is seen. It is never made:
    /// what is missing may be a disk that is not mounted.
    fn open(&self) -> Result<Dir, FileError> {
        Dir::open_ambient_dir(&self.root, ambient_authority()).map_err(FileError::Folder)
    }

    /// Whether the folder is there.
    ///
    /// # Errors
    /// Its path, and why it cannot be opened.
    pub fn look(&self) -> Result<(), String> {
        self.open().map(drop).map_err(|error| format!("{}: {error}", self.root.display()))
    }

    /// Writes a whole file, and makes the folders that it needs. It is on the disk when this returns, and has its name
    /// only then: nobody sees a part of it. What is appended is one write behind what is there.
    ///
    /// # Errors
    /// What the system says, [`FileError::Exists`] or [`FileError::NotAFile`]; the file is then what it was, but that a
    /// disk that runs full can leave a part of what was appended.
    pub fn write(&self, name: &FileName, bytes: &[u8], exists: Exists, stop: &Stop) -> Result<(), FileError> {
        stop.check()?;
        let (path, last) = name.split();
        let folder = folder(self.open()?, path)?;
        match exists {
            Exists::Append => return append(&folder, last, bytes),
            Exists::Fail if folder.symlink_metadata(last).is_ok() => return Err(FileError::Exists),
            Exists::Fail | Exists::Replace => {}
        }
        let mut unfinished = Unfinished::new(&folder)?;
        for chunk in bytes.chunks(CHUNK) {
            stop.check()?;
            unfinished.file.write_all(chunk)?;
        }
        unfinished.file.sync_all()?;
        stop.check()?;
        unfinished.becomes(last, exists)?;
        sync(&folder)?;
        Ok(())
    }

    /// The bytes of a file; `None` where there is none.
    ///
    /// # Errors
    /// What the system says, [`FileError::NotAFile`] or [`FileError::TooLarge`].
    pub fn read(&self, name: &FileName, most: usize) -> Result<Option<Vec<u8>>, FileError> {
        let most = u64::try_from(most).unwrap_or(u64::MAX);
        let mut options = OpenOptions::new();
        let file = match self.open()?.open_with(name.as_str(), without_waiting(options.read(true))) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let size = regular(&file)?;
        if size > most {
            return Err(FileError::TooLarge(most));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        // It may have grown since.
        file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
            Err(FileError::TooLarge(most))
        } else {
            Ok(Some(bytes))
        }
    }
}

/// Opening a pipe waits for its other side, unless one says not to.
fn without_waiting(options: &mut OpenOptions) -> &OpenOptions {
    options.custom_flags(OFlags::NONBLOCK.bits().cast_signed())
}

/// The size of a regular file.
fn regular(file: &File) -> Result<u64, FileError> {
    let about = file.metadata()?;
    if about.is_file() { Ok(about.len()) } else { Err(FileError::NotAFile) }
}

/// The folder at a path below the root, made where it is missing.
fn folder(root: Dir, path: &str) -> io::Result<Dir> {
    if path.is_empty() {
        return Ok(root);
    }
    match root.open_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            root.create_dir_all(path)?;
            sync(&root)?;
            for (at, _) in path.match_indices('/') {
                sync(&root.open_dir(path.get(..at).unwrap_or_default())?)?;
            }
            root.open_dir(path)
        }
        opened => opened,
    }
}

/// Lets the names in a folder reach the disk. Some file systems of networks cannot, and say so.
fn sync(folder: &Dir) -> io::Result<()> {
    match folder.open(".")?.sync_all() {
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => {
            Ok(())
        }
        done => done,
    }
}

fn append(folder: &Dir, name: &str, bytes: &[u8]) -> Result<(), FileError> {
    let mut options = OpenOptions::new();
    let mut file = folder.open_with(name, without_waiting(options.append(true).create(true)))?;
    let size = regular(&file)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    if size == 0 {
        sync(folder)?;
    }
    Ok(())
}

/// A file under a name that nobody knows, which goes away unless it gets its own.
struct Unfinished<'a> {
    folder: &'a Dir,
    name: String,
    file: File,
    has_name: bool,
}

impl<'a> Unfinished<'a> {
    fn new(folder: &'a Dir) -> io::Result<Self> {
        let name = format!("{UNFINISHED}{}", Uuid::new_v4().simple());
        let mut options = OpenOptions::new();
        let file = folder.open_with(&name, options.write(true).create_new(true))?;
        Ok(Self { folder, name, file, has_name: false })
    }

    /// Gives it its name at once. A link is refused where there is such a file already; renaming would replace that.
    fn becomes(&mut self, name: &str, exists: Exists) -> Result<(), FileError> {
        if exists == Exists::Fail {
            return match self.folder.hard_link(&self.name, self.folder, name) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(FileError::Exists),
                linked => Ok(linked?),
            };
        }
        self.folder.rename(&self.name, self.folder, name)?;
        self.has_name = true;
        Ok(())
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if !self.has_name {
            // Nothing can be done about one that cannot be removed; its name tells what it is.
            let _ = self.folder.remove_file(&self.name);
        }
    }
}

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
