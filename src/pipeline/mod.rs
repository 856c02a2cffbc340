//! The immutable gateway and everything that runs on it: the traits that steps and protocols implement, and the executor.

pub mod access;
pub mod answer;
pub mod contract;
pub mod endpoint;
pub mod execution;
mod executor;
pub mod failure;
pub mod fits;
pub mod gateway;
pub mod gather;
pub mod load;
pub mod operation;
pub mod output;
pub mod part;
pub mod property;
pub mod published;
pub mod redact;
pub mod route;
pub mod router;
pub mod run;
pub mod scripted;
pub mod soap_header;
pub mod source;
pub mod step;
pub mod template;
pub mod trace;
pub mod trace_view;
