//! Work that would hold up the other requests of its worker: done beside it when there is much of it.

use crate::pipeline::failure::Failure;

/// Bytes from which on work on them is not done on the worker.
pub const MUCH: usize = 64 << 10;

/// Does work on so many bytes, here or on the threads that may be held.
///
/// # Errors
/// It panics, which is a fault of this program.
pub async fn apart<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    if bytes < MUCH {
        return Ok(work());
    }
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Failure::internal("panic", error.to_string()))
}
