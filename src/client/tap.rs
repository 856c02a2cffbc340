//! Looking on at calls: what leaves and what comes back, for a command that shows it. Nothing is made for it where nobody does.

use std::fmt::Debug;
use std::sync::Arc;

use bytes::Bytes;
use hyper::Request;

use super::answer::Answer;
use super::connect::Peer;
use super::error::CallError;

/// Who looks on at the calls of a worker. Requests for tokens are not shown to it.
pub trait Tap: Debug {
    /// An attempt begins. Gives the number under which the rest of it is told: several may be under way.
    fn sends(&self, attempt: Attempt<'_>) -> usize;

    /// It has a connection, which may have been used before.
    fn connected(&self, number: usize, peer: &Arc<Peer>, reused: bool);

    /// It has ended.
    fn ended(&self, number: usize, outcome: &Result<Answer, CallError>);
}

/// An attempt to be answered.
#[derive(Debug)]
pub struct Attempt<'a> {
    /// The server's name.
    pub server: &'a Arc<str>,
    /// Where it goes: `https://crm.example.com`.
    pub origin: String,
    /// Which one of the call it is, from 1.
    pub attempts: u32,
    /// What is sent, without the fields that frame the body.
    pub request: Request<Bytes>,
}
