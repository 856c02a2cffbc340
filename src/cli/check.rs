//! `soapstone check`: the same reading and compiling as `run`, and nothing else.

use super::arguments::{CheckOptions, Format};
use super::output::Output;
use super::{FAILED, FINE};
use crate::compile;
use crate::world::Real;

/// Reads and compiles the file, and prints the findings.
pub fn check(options: &CheckOptions, out: &mut Output) -> u8 {
    let layers = options.overlays.of(&options.file);
    let compiled = compile::compile(&layers, &Real);
    out.findings(&compiled.findings, &compiled.sources, options.format);
    let Some(gateway) = compiled.gateway else { return FAILED };
    if options.format == Format::Text {
        let routes: usize = gateway.listeners.iter().map(|listener| listener.router.routes().len()).sum();
        let listeners = gateway.listeners.len();
        out.say(&format!("{layers} is fine: {listeners} listener(s), {routes} route(s)\n"));
    }
    FINE
}
