//! The server as its clients and operators see it, over real sockets on port 0.

mod limits;
mod reload;
mod requests;
mod stop;
mod support;
mod tls;
mod trigger;
