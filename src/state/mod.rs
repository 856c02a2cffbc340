//! What outlives a request: caches of documents, and the folder of the files that steps exchange.

pub mod cache;
pub mod files;
pub mod store;
