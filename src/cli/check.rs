//! `soapstone check`: the same reading and compiling as `run`, and with `--connect` what databases say of their statements.

use super::arguments::{CheckCommand, Format};
use super::output::Output;
use super::{FAILED, FINE, connect};
use crate::compile;
use crate::world::Real;

/// Reads and compiles the file, and prints the findings.
pub fn check(command: &CheckCommand, out: &mut Output) -> u8 {
    let options = &command.options;
    let layers = options.overlays.of(&options.file);
    let mut compiled = compile::compile(&layers, &Real);
    let mut asked = 0;
    if command.connect && compiled.gateway.is_some() {
        match connect::ask(&compiled) {
            Ok(answers) => {
                asked = answers.asked;
                answers.findings.into_iter().for_each(|finding| compiled.findings.push(finding));
            }
            Err(why) => {
                out.tell(&format!("{why}\n"));
                return FAILED;
            }
        }
    }
    out.findings(&compiled.findings, &compiled.sources, options.format);
    let Some(gateway) = compiled.gateway.filter(|_| !compiled.findings.has_errors()) else { return FAILED };
    if options.format == Format::Text {
        let routes: usize = gateway.listeners.iter().map(|listener| listener.router.routes().len()).sum();
        let listeners = gateway.listeners.len();
        let statements = if command.connect { format!(", {asked} statement(s)") } else { String::new() };
        out.say(&format!("{layers} is fine: {listeners} listener(s), {routes} route(s){statements}\n"));
    }
    FINE
}
