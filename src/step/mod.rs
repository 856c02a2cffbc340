//! The steps of a process: one file each, and the table of them.

mod apart;
mod attach;
mod attachments;
mod beside;
mod block;
mod branch;
mod cache;
mod call;
mod called;
mod clause_detail;
mod clause_order;
mod clauses;
mod combine;
mod compare;
mod compress;
mod content;
mod database;
mod decision;
mod decode;
mod dispatch;
mod encode;
mod expand;
mod fields;
mod file;
#[cfg(test)]
mod fixture;
mod for_each;
mod form_data;
mod group;
mod header;
mod http;
mod inner;
mod join;
mod key;
mod map;
mod message;
mod notify;
mod packing;
mod parallel;
mod publish;
mod relay;
mod return_;
mod route;
mod script;
mod set;
mod soap;
mod sort;
mod split;
mod stop;
mod throw;
mod transaction;
mod try_;
mod validate;
mod wait;

use crate::kind::step::StepKind;

/// Every step, in the order the manual shows them.
pub static STEPS: &[StepKind] = &[
    map::KIND,
    message::KIND,
    script::KIND,
    set::KIND,
    validate::KIND,
    split::KIND,
    combine::KIND,
    sort::KIND,
    group::KIND,
    compress::KIND,
    expand::KIND,
    encode::KIND,
    decode::KIND,
    soap::KIND,
    http::declared::KIND,
    cache::KIND,
    file::KIND,
    publish::KIND,
    database::KIND,
    transaction::KIND,
    attachments::KIND,
    attach::KIND,
    branch::KIND,
    decision::KIND,
    route::KIND,
    call::KIND,
    dispatch::KIND,
    for_each::KIND,
    parallel::KIND,
    try_::KIND,
    throw::KIND,
    stop::KIND,
    return_::KIND,
    header::KIND,
    relay::KIND,
    notify::KIND,
    wait::KIND,
];
