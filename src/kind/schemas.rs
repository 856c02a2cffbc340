//! The schema documents and contracts that declarations name: read once for all that name the same, compiled on first need.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use aws_lc_rs::digest::{Context, SHA256};

use super::Compiling;
use crate::document::text;
use crate::schema::grammar::{self, Documents, Files, Grammar};
use crate::source::{FileId, Finding, Span};
use crate::syntax::Reading;
use crate::world::reason;
use crate::wsdl::read::{Contract, read};

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
    /// What the files say, for the fingerprints of declarations that name them again.
    hash: [u8; 32],
}

/// The files of a configuration: each is part of its fingerprint, and findings can show a place in it.
struct Given<'a> {
    reading: &'a Reading<'a>,
}

impl Files for Given<'_> {
    fn open(&mut self, path: &Path) -> Result<(FileId, String), String> {
        let bytes = self.reading.world.read(path).map_err(|error| reason(&error))?;
        let decoded = text::decode(&bytes, None).map_err(|malformed| malformed.message)?.into_owned();
        let shown = path.display().to_string();
        self.reading.seen.borrow_mut().push((shown.clone(), bytes));
        let file = self.reading.sources.borrow_mut().add(shown, decoded.clone());
        Ok((file, decoded))
    }

    fn built_in(&mut self, name: &str, text: &str) -> FileId {
        self.reading.sources.borrow_mut().add(name, text)
    }
}

impl Schemas {
    /// Reads files with all that they name, each with the place that names it. What is wrong with a contract is reported at
    /// once, what is wrong with a schema when it is compiled, each a single time.
    pub fn read(reading: &Reading<'_>, paths: &[(PathBuf, Span)]) -> Arc<Self> {
        let names: Vec<String> = paths.iter().map(|(path, _)| path.display().to_string()).collect();
        let key = format!("schemas {}", names.join("\n"));
        let known = reading.kept.borrow().get(&key).cloned().and_then(|kept| kept.downcast::<Self>().ok());
        if let Some(known) = known {
            reading.seen.borrow_mut().push((key, known.hash.to_vec()));
            return known;
        }
        let seen_before = reading.seen.borrow().len();
        let loaded = read(paths, &mut Given { reading });
        let mut hash = Context::new(&SHA256);
        reading.seen.borrow().iter().skip(seen_before).for_each(|(_, bytes)| hash.update(bytes));
        let is_wrong = loaded.findings.iter().any(Finding::is_error);
        loaded.findings.into_iter().for_each(|finding| reading.report(finding));
        let schemas = Arc::new(Self {
            documents: loaded.documents,
            contracts: loaded.contracts,
            is_wrong,
            grammar: OnceLock::new(),
            hash: hash.finish().as_ref().try_into().unwrap_or_default(),
        });
        reading.kept.borrow_mut().insert(key, schemas.clone());
        schemas
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
