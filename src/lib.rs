//! soapstone: a declarative web-service gateway, as a library over which `main` is a thin command.
#![forbid(unsafe_code)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::string_slice,
        reason = "a test that fails says so by panicking"
    )
)]

pub mod admin;
pub mod auth;
pub mod broker;
pub mod cli;
pub mod client;
pub mod compile;
pub mod config;
pub mod connector;
pub mod document;
pub mod edi;
pub mod kind;
pub mod listener;
pub mod map;
pub mod mime;
pub mod openapi;
pub mod picture;
pub mod pipeline;
pub mod profile;
pub mod schema;
pub mod script;
pub mod serve;
pub mod soap;
pub mod source;
pub mod sql;
pub mod state;
pub mod step;
pub mod syntax;
pub mod world;
pub mod wsdl;
pub mod xml;
