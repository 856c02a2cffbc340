//! The cache of contracts at addresses: what `soapstone wsdl update` fetched, and the lock that says what that is.
//!
//! `crawl` finds the files of a contract with whatever fetches them, `lock` is the list of them with their hashes, `offline`
//! gives them to the reader of contracts, and `facts` and `difference` compare two versions of a contract. Nothing here
//! fetches: starting and serving read the cache alone.

mod crawl;
mod difference;
mod facts;
mod lock;
mod offline;
mod source;

pub use crawl::{Crawled, Fetch, Fetched, Found, crawl};
pub use difference::{Change, difference};
pub use facts::Facts;
pub use lock::{CachedFile, Lock};
pub use offline::Offline;
pub use source::{WsdlSource, is_host};

/// The lock, beside the file that is served.
pub const LOCK: &str = "wsdl.lock";
/// The folder of the files, beside the lock.
pub const FOLDER: &str = "wsdl-cache";
