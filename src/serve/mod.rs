//! Serving: workers, connections, the way of a request, and swapping one gateway for the next.

mod access;
mod background;
mod body;
mod broker_metrics;
mod cache_metrics;
mod caught;
mod coming;
mod conditional;
mod connection;
mod database_metrics;
mod executions;
mod handover;
mod head;
mod kept;
mod live;
pub mod log;
mod metrics;
mod notify;
mod outbound;
mod pages;
mod path_credentials;
mod problem;
mod process;
mod reply;
mod request;
mod server;
mod server_metrics;
mod site;
mod socket;
mod state;
mod state_metrics;
mod swap;
mod tracing;
mod trigger;
mod watched;
mod worker;

pub use live::Shared;
pub use reply::failed as failed_reply;
pub use server::{Options, Server, Side};
pub use swap::{Applied, ReloadError, StartError, Swapped};
pub use trigger::{Compile, Content, Signal, Triggers, run, signals};
pub use worker::Left;

/// The runtime on which a [`Server`] is started: it accepts, reloads and serves the admin interface; requests run on the
/// workers.
///
/// # Errors
/// The system gives none.
pub fn control_runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(4).build()
}

#[cfg(test)]
mod tests;
