//! Documents that a step makes bit by bit, never more than an execution may hold.

use super::failure::Failure;
use super::run::Run;
use super::step::Documents;
use crate::document::Document;

impl Run {
    /// Where a step gathers the documents that it makes bit by bit.
    pub fn gather(&self) -> Gathered<'_> {
        Gathered { run: self, documents: Documents::new(), counted: 0, bytes: 0 }
    }
}

/// Documents that a step makes bit by bit, never more than an execution may hold.
#[derive(Debug)]
pub struct Gathered<'a> {
    run: &'a Run,
    documents: Documents,
    counted: usize,
    bytes: usize,
}

impl Gathered<'_> {
    /// Makes room for documents before they are made: so many, of so many bytes in all.
    ///
    /// # Errors
    /// As [`Gathered::add`] would fail with them.
    pub fn room(&self, documents: usize, bytes: usize) -> Result<(), Failure> {
        let execution = &self.run.execution;
        let count = self.counted.saturating_add(documents);
        let all = execution.bounds.check(count, self.bytes.saturating_add(bytes))?;
        execution.holds(all.saturating_sub(self.bytes))
    }

    /// Counts documents that are kept elsewhere until all are there.
    ///
    /// # Errors
    /// There are more than an execution may hold, or than its worker has room for.
    pub fn count(&mut self, more: &[Document]) -> Result<(), Failure> {
        let execution = &self.run.execution;
        let bytes = execution.bounds.add(self.counted, self.bytes, more)?;
        execution.keep(bytes.saturating_sub(self.bytes))?;
        self.bytes = bytes;
        self.counted = self.counted.saturating_add(more.len());
        Ok(())
    }

    /// Adds some.
    ///
    /// # Errors
    /// As [`Gathered::count`].
    pub fn add(&mut self, more: Documents) -> Result<(), Failure> {
        self.count(&more)?;
        if self.documents.is_empty() {
            self.documents = more;
        } else {
            self.documents.extend(more);
        }
        Ok(())
    }

    /// All of them.
    pub fn done(mut self) -> Documents {
        std::mem::take(&mut self.documents)
    }
}

impl Drop for Gathered<'_> {
    fn drop(&mut self) {
        self.run.execution.release(self.bytes);
    }
}
