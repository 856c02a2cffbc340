//! The contracts at addresses that a file names, for `soapstone wsdl update`: read as if nothing had been fetched yet.

use std::io;
use std::path::{Path, PathBuf};

use super::KINDS;
use crate::config::{self, Layers};
use crate::kind::contract_source;
use crate::source::{Findings, Sources};
use crate::world::World;
use crate::wsdl::cache::{LOCK, WsdlSource};

/// What a file names.
#[derive(Debug)]
pub struct WsdlSources {
    /// The contracts at addresses.
    pub sources: Vec<WsdlSource>,
    /// What is wrong with the file, but for contracts that are not in the cache.
    pub findings: Findings,
    /// The files that were read.
    pub files: Sources,
}

/// Reads a file with its includes; what the cache has counts for nothing, so that no contract in it stands in the way of a
/// better one.
pub fn wsdl_sources(layers: &Layers, world: &dyn World) -> WsdlSources {
    let read = config::read(layers, &Uncached(world), &KINDS);
    let mut findings = Findings::default();
    for finding in read.findings.borrow().sorted() {
        if finding.code != "wsdl-not-cached" {
            findings.push(finding.clone());
        }
    }
    let sources = contract_source::sources(&read.kept.borrow());
    WsdlSources { sources, findings, files: read.sources }
}

/// The same world without a lock.
struct Uncached<'w>(&'w dyn World);

impl World for Uncached<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match path.file_name().is_some_and(|name| name == LOCK) {
            true => Err(io::ErrorKind::NotFound.into()),
            false => self.0.read(path),
        }
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        self.0.list(folder)
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.0.variable(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::{compile, fingerprint};
    use crate::syntax::Secret;
    use crate::world::Memory;
    use crate::wsdl::Url;
    use crate::wsdl::cache::{CachedFile, Lock};

    const SCHEMA: &str = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:element name='a' type='xs:string'/></xs:schema>";

    const KDL: &str = "listener internal bind=\"127.0.0.1:0\"\n\
                       profile one format=xml xsd=\"http://a/x.xsd\"\nprofile two format=xml xsd=\"HTTP://A/x.xsd\"\n";

    fn file(text: &str) -> CachedFile {
        let url = Url::parse("http://a/x.xsd").unwrap();
        CachedFile::of(&url, &url, false, text.as_bytes())
    }

    /// A world with files of an address in the cache.
    fn world(lock: &[CachedFile], text: &str) -> Memory {
        let mut all = Lock::default();
        all.0.insert("http://a/x.xsd".to_owned(), lock.to_vec());
        let world = Memory::default().file("d/gateway.kdl", KDL).file("d/wsdl.lock", all.text());
        lock.iter().fold(world, |world, file| world.file(Path::new("d").join(&file.path), text))
    }

    #[test]
    fn what_several_name_is_read_once() {
        let world = world(&[file(SCHEMA)], SCHEMA);
        let compiled = compile(Path::new("d/gateway.kdl"), &world);
        assert!(!compiled.findings.has_errors(), "{:?}", compiled.findings);
        // The file itself, the lock, and one schema.
        let read: Vec<&str> = compiled.sources.files().iter().map(|file| &*file.path).collect();
        assert_eq!(read.len(), 3, "{read:?}");
    }

    #[test]
    fn the_fingerprint_knows_the_lock_and_the_files() {
        let path = Path::new("d/gateway.kdl");
        let of = |world: &Memory| fingerprint(&path.into(), world);
        let first = of(&world(&[file(SCHEMA)], SCHEMA));
        assert_eq!(first, of(&world(&[file(SCHEMA)], SCHEMA)));
        let other = SCHEMA.replace("string", "int");
        let all = [
            of(&world(&[file(&other)], &other)),
            of(&world(&[file(SCHEMA)], &other)),
            of(&world(&[], "")),
            of(&Memory::default().file("d/gateway.kdl", KDL)),
        ];
        assert!(all.iter().all(|one| *one != first));
    }

    #[test]
    fn sources_are_known_with_what_the_file_says_of_them() {
        let kdl = "api a listener=internal base=\"/a\" { soap \"/b\" { wsdl \"http://a/b?wsdl\" { hosts B C; auth basic user=me password=(env)P } } }\n\
                   include \"more.kdl\"\n";
        let world = Memory::default()
            .file("gateway.kdl", format!("{KDL}{kdl}"))
            .file(
                "more.kdl",
                "profile three format=xml xsd=\"https://c/\" { xsd \"own.xsd\"; xsd \"http://a/x.xsd\" }\n",
            )
            .with_variable("P", "hunter2");
        let found = wsdl_sources(&Path::new("gateway.kdl").into(), &world);
        let messages: Vec<_> =
            found.findings.sorted().iter().map(|finding| finding.message.clone()).collect();
        assert_eq!(messages, Vec::<String>::new());
        let shown: Vec<String> = found.sources.iter().map(|source| source.url.to_string()).collect();
        assert_eq!(shown, ["http://a/x.xsd", "http://a/b?wsdl", "https://c/"]);
        assert_eq!(found.sources[1].hosts, ["b", "c"]);
        assert_eq!(found.sources[1].credentials, Some(("me".to_owned(), Secret::new("hunter2"))));
        assert!(!format!("{found:?}").contains("hunter2\""));
    }

    #[test]
    fn what_is_wrong_with_a_source_is_said() {
        let kdl = "api a listener=internal base=\"/a\" { soap \"/b\" { wsdl \"http://a/b?wsdl\" { hosts \"http://b\"; auth token user=\"a:b\" password=(env)P; x } }\n\
                   soap \"/c\" { wsdl \"c.wsdl\" { hosts b } }\n soap \"/d\" wsdl=\"http://a b/\" { wsdl \"http://a/\" } }\n";
        let world = Memory::default().file("gateway.kdl", kdl).with_variable("P", "hunter2");
        let found = wsdl_sources(&Path::new("gateway.kdl").into(), &world);
        let codes: Vec<&str> = found.findings.sorted().iter().map(|finding| finding.code).collect();
        let expected = [
            "bad-host",
            "unknown-scheme",
            "wrong-value",
            "unknown-word",
            "unreadable-file",
            "unused-part",
            "bad-address",
            "duplicate-part",
        ];
        assert_eq!(codes, expected, "{:#?}", found.findings);
    }
}
