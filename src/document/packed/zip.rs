//! zip archives (APPNOTE 6.3): stored and deflated files, read one by one without an index of them in memory.

use std::io::{Cursor, Read, Write};

use bytes::Bytes;
use zip::read::{ArchiveOffset, Config, ZipFileEntry};
use zip::result::ZipError;
use zip::unstable::read::{ZipIterable, ZipIterableFiles};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipReadOptions, ZipWriter};

use super::Refused;

/// Bytes that one byte of a deflated file can become: 258 for two bits (RFC 1951, section 3.2.5).
const DENSEST: u64 = 1032;

/// An archive of these files by their names, in this order. Its files are dated with the first day of the format, so that
/// the same documents give the same bytes.
///
/// # Errors
/// A name is longer than the format has room for.
pub fn zip(files: &[(String, Bytes)]) -> Result<Vec<u8>, Refused> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = options.large_file(bytes.len() >= u32::MAX as usize);
        writer.start_file(name.as_str(), options).map_err(refused)?;
        writer.write_all(bytes).map_err(|error| Refused(error.to_string()))?;
    }
    writer.finish().map(Cursor::into_inner).map_err(refused)
}

/// What keeps a name from being that of a file in an archive: where it is unpacked by name, it must stay where it belongs.
pub fn unfit_name(name: &str) -> Option<&'static str> {
    let drive = |name: &str| matches!(name.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    match name {
        "" => Some("it is empty"),
        name if name.chars().any(char::is_control) => Some("it has a control character in it"),
        name if name.contains('\\') => Some("it has a `\\` in it: folders are separated by `/`"),
        name if name.starts_with('/') || drive(name) => Some("it is absolute"),
        name if name.split('/').any(|part| part == "..") => Some("it leads out of its folder by `..`"),
        name if name.split('/').any(|part| matches!(part, "" | ".")) => Some("a part of it is no name"),
        _ => None,
    }
}

/// An archive whose end was found; nothing of its files is read yet.
#[derive(Debug)]
pub struct Archive {
    bytes: Bytes,
    files: ZipIterable<Cursor<Bytes>>,
}

/// The files of an archive in its order.
#[derive(Debug)]
pub struct Files<'a> {
    bytes: &'a Bytes,
    entries: &'a mut ZipIterableFiles<Cursor<Bytes>>,
}

/// A file of an archive, still packed.
#[derive(Debug)]
pub struct PackedFile {
    /// Its name, which is fit to be one below a folder. Folders in it are separated by `/`.
    pub name: String,
    /// Bytes that it has according to the archive; it never unpacks to more.
    pub size: usize,
    /// Bytes that it takes in the archive.
    pub packed: usize,
    bytes: Bytes,
    entry: ZipFileEntry<'static>,
}

impl Archive {
    /// Looks for the end of an archive, which says how many entries there are.
    ///
    /// # Errors
    /// The bytes are no archive, or one of several volumes.
    pub fn open(bytes: Bytes) -> Result<Self, Refused> {
        // An archive begins with the document: nothing is looked for in what might stand before it.
        let config = Config { archive_offset: ArchiveOffset::Known(0) };
        let files = ZipIterable::try_new(Cursor::new(bytes.clone()), config).map_err(refused)?;
        // What its index says of a file must be what stands before the file: else two readers see two archives.
        Ok(Self { bytes, files: files.enforce_header_consistency(true) })
    }

    /// How many entries there are, folders included.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Its files, from the first.
    ///
    /// # Errors
    /// None that memory does not have.
    pub fn files(&mut self) -> Result<Files<'_>, Refused> {
        Ok(Files { bytes: &self.bytes, entries: self.files.files().map_err(refused)? })
    }
}

impl Files<'_> {
    /// The next file; folders and links, which hold nothing, are passed over. `None` at the end.
    ///
    /// # Errors
    /// The archive is broken, or the file is encrypted, packed in another way than by deflate, or has a name that is unfit
    /// to be one.
    pub fn next_file(&mut self) -> Result<Option<PackedFile>, Refused> {
        for entry in self.entries.by_ref() {
            let entry = entry.map_err(refused)?;
            if entry.is_file() {
                return PackedFile::new(entry, self.bytes.clone()).map(Some);
            }
        }
        Ok(None)
    }
}

impl PackedFile {
    fn new(entry: ZipFileEntry<'static>, bytes: Bytes) -> Result<Self, Refused> {
        // Some programs of one system separate folders as that system does, against the format.
        let name = entry.name().map_err(refused)?.replace('\\', "/");
        let wrong = |why: String| Err(Refused(format!("the file {} {why}", shown(&name))));
        if let Some(why) = unfit_name(&name) {
            return wrong(format!("has a name that is unfit: {why}"));
        }
        if entry.encrypted() {
            return wrong("is encrypted".to_owned());
        }
        let method = entry.compression();
        let (packed, size) = (entry.compressed_size(), entry.size());
        let most = match method {
            CompressionMethod::Stored => packed,
            CompressionMethod::Deflated => packed.saturating_mul(DENSEST),
            other => return wrong(format!("is packed by {other:?}; deflate and none are read")),
        };
        if size > most {
            return wrong(format!(
                "claims to have {size} bytes, which its {packed} packed ones cannot become"
            ));
        }
        let counted = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
        Ok(Self { size: counted(size), packed: counted(packed), name, bytes, entry })
    }

    /// Unpacks it. Takes the memory that its size says.
    ///
    /// # Errors
    /// The file is broken, is of another size than the archive says, or is not what its checksum says.
    pub fn unpack(self) -> Result<Bytes, Refused> {
        let Self { name, size, bytes, entry, .. } = self;
        let wrong = |why: String| Refused(format!("the file {} cannot be unpacked: {why}", shown(&name)));
        let mut reader = Cursor::new(bytes);
        let file = entry.with_reader(&mut reader, ZipReadOptions::new());
        let file = file.map_err(|error| wrong(refused(error).0))?;
        let mut out = Vec::with_capacity(size);
        let beyond = u64::try_from(size).unwrap_or(u64::MAX).saturating_add(1);
        file.take(beyond).read_to_end(&mut out).map_err(|error| wrong(error.to_string()))?;
        if out.len() != size {
            return Err(wrong(format!("it should have {size} bytes, and has others")));
        }
        Ok(out.into())
    }
}

/// A name from outside, fit for a line of a log.
fn shown(name: &str) -> String {
    const LONGEST: usize = 100;
    format!("{:?}", name.chars().take(LONGEST).collect::<String>())
}

fn refused(error: ZipError) -> Refused {
    Refused(match error {
        ZipError::UnsupportedArchive(why) => format!("such archives are not read: {why}"),
        error => format!("it is no zip archive, or a broken one: {error}"),
    })
}
