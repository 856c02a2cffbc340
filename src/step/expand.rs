//! The `expand` step: what `compress` packed, unpacked within the bounds of the execution.

use crate::document::Document;
use crate::document::packed::{Archive, Gunzip};
use crate::kind::step::{DeclaredStep, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual};
use crate::pipeline::failure::Failure;
use crate::pipeline::gather::Gathered;
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Step, Work};
use crate::source::Spanned;
use crate::step::apart::{MUCH, apart};
use crate::step::content::Content;
use crate::step::packing::{Packing, unreadable};
use crate::syntax::Node;

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "expand",
        summary: "unpacks each document from gzip, or the files of zip archives",
        usage: "expand gzip | zip [profile=NAME]",
        text: "With `gzip` each document is unpacked. With `zip` each becomes one document for every file in it, in the order of \
               the archive, with the properties of the archive and the file's name as the property `file.name`; folders and \
               links are passed over, and folders in a name are separated by `/`. An archive without files gives no document. \
               What comes out is plain data, or of the profile that `profile=` names. Nothing is unpacked beyond the bounds of \
               the operation, `documents=` and `bytes=` of its `limits`, whatever the archive says of itself. A document that \
               is not packed so, a file that is encrypted or packed by another method than deflate, and a name that is \
               absolute or has `..` in it, fail with the code unreadable-document.",
        example: "expand zip profile=order\nnotify info \"{file.name} is order {= doc.Order.id}\"",
    },
    read,
};

/// The property that has the name of a file.
const NAME: &str = "file.name";

/// Bytes that are unpacked without a look at the bounds and the time.
const PIECE: usize = 1 << 20;

#[derive(Debug)]
struct Declared {
    packing: Spanned<String>,
    profile: Option<Spanned<String>>,
}

#[derive(Debug)]
struct Expand {
    packing: Packing,
    content: Content,
}

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let (packing, profile) = (node.argument("compression"), node.property("profile"));
    node.finish();
    Some(Box::new(Declared { packing: packing?, profile }))
}

impl DeclaredStep for Declared {
    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        let packing = Packing::compile(&self.packing, compiling);
        let content = Content::compile(self.profile.as_ref(), here, compiling);
        Some(Box::new(Expand { packing: packing?, content: content? }))
    }
}

impl Expand {
    async fn gunzip(&self, run: &Run, packed: &Document, out: &mut Gathered<'_>) -> Result<(), Failure> {
        let bytes = packed.bytes().clone();
        // A short one is begun here; what becomes long is none of the worker's any more.
        let (mut much, mut piece) = (bytes.len(), MUCH);
        let mut reader = Gunzip::new(bytes);
        loop {
            let unpacked = apart(much, move || {
                let more = reader.more(piece);
                (reader, more)
            });
            let more;
            (reader, more) = unpacked.await?;
            out.room(1, reader.size())?;
            if !more.map_err(|refused| unreadable(&refused))? {
                break;
            }
            (much, piece) = (MUCH, PIECE);
            run.turn().await?;
        }
        out.add(vec![packed.replaced(self.content.document(reader.done(), run))])
    }

    async fn unzip(&self, run: &Run, packed: &Document, out: &mut Gathered<'_>) -> Result<(), Failure> {
        let mut archive = Archive::open(packed.bytes().clone()).map_err(|refused| unreadable(&refused))?;
        out.room(archive.len(), 0)?;
        let mut files = archive.files().map_err(|refused| unreadable(&refused))?;
        while let Some(file) = files.next_file().map_err(|refused| unreadable(&refused))? {
            run.turn().await?;
            out.room(1, file.size)?;
            let name = file.name.clone();
            let bytes = apart(file.size.max(file.packed), move || file.unpack()).await?;
            let bytes = bytes.map_err(|refused| unreadable(&refused))?;
            let mut document = packed.replaced(self.content.document(bytes, run));
            document.properties.set(NAME, name);
            out.add(vec![document])?;
        }
        Ok(())
    }
}

impl Step for Expand {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        Work::Later(Box::pin(async move {
            let mut out = run.gather();
            for packed in documents {
                run.turn().await?;
                match self.packing {
                    Packing::Gzip => self.gunzip(run, &packed, &mut out).await?,
                    Packing::Zip => self.unzip(run, &packed, &mut out).await?,
                }
            }
            Ok(out.done())
        }))
    }

    fn gives_each(&self) -> bool {
        matches!(self.packing, Packing::Gzip)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::document::packed::{gzip, zip};
    use crate::pipeline::load::Bounds;
    use crate::step::fixture::outcome;

    fn expanded(packing: Packing, packed: Vec<u8>, bounds: Bounds) -> Result<Vec<Bytes>, String> {
        let step = Expand { packing, content: Content::data() };
        let out = outcome(&step, bounds, vec![Document::data(packed.into())]);
        out.map(|out| out.iter().map(|document| document.bytes().clone()).collect())
            .map_err(|failure| failure.code.clone())
    }

    #[test]
    fn much_is_unpacked_piece_by_piece_and_never_beyond_the_bounds() {
        let long: Vec<u8> = (0..5_000_000_u32).flat_map(|n| (n / 1000).to_le_bytes()).collect();
        let packed = gzip(&long).unwrap();
        let bounds = |bytes| Bounds { documents: 2, bytes };
        let whole = expanded(Packing::Gzip, packed.clone(), bounds(long.len())).unwrap();
        assert!(whole == [Bytes::from(long.clone())]);
        assert_eq!(expanded(Packing::Gzip, packed, bounds(long.len() - 1)).unwrap_err(), "too-much");
        let bomb = gzip(&vec![0; 60 << 20]).unwrap();
        assert!(bomb.len() < MUCH);
        assert_eq!(expanded(Packing::Gzip, bomb, bounds(1 << 20)).unwrap_err(), "too-much");
        let files = |count: usize| -> Vec<(String, Bytes)> {
            (0..count).map(|at| (at.to_string(), Bytes::from(vec![b'x'; 1000]))).collect()
        };
        let archive = |count| zip(&files(count)).unwrap();
        assert_eq!(expanded(Packing::Zip, archive(2), bounds(2000)).unwrap().len(), 2);
        assert_eq!(expanded(Packing::Zip, archive(2), bounds(1999)).unwrap_err(), "too-much");
        assert_eq!(expanded(Packing::Zip, archive(3), bounds(9999)).unwrap_err(), "too-much");
    }

    #[test]
    fn what_is_not_packed_so_is_unreadable() {
        for packing in [Packing::Gzip, Packing::Zip] {
            let refused = expanded(packing, b"plain".to_vec(), Bounds::default());
            assert_eq!(refused.unwrap_err(), "unreadable-document");
        }
    }
}
