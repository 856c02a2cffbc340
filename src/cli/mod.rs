//! The commands: what a person or a unit file calls.

mod arguments;
mod call;
mod calling;
mod check;
mod connect;
mod explain;
mod export;
mod fetch;
mod files;
mod given;
pub mod import;
mod init;
mod map;
mod output;
mod password;
mod ping;
mod process;
mod queue;
mod reload;
mod routes;
mod run;
mod stack;
pub mod topics;
mod trace;
mod version;
mod wsdl;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use self::arguments::{Arguments, Command, Export, Import, Wsdl};
use self::output::Output;
use crate::source::Finding;

/// All went well.
const FINE: u8 = 0;
/// What was asked could not be done: the file has mistakes, an address is taken, a reload was refused.
const FAILED: u8 = 1;

/// The command was not understood; clap says so of what it reads.
const MISUSED: u8 = 2;

/// The commands with their options and their help, for the manual page.
pub fn command() -> clap::Command {
    Arguments::command()
}

/// Runs the command line; its exit code is the process's. Wrong usage exits with 2 (by clap).
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut out = Output::new();
    let code = match &arguments.command {
        Command::Run(options) => run::run(options, &mut out),
        Command::Check(options) => check::check(options, &mut out),
        Command::Reload(options) => reload::reload(options, &mut out),
        Command::Init { folder } => init::init(folder, &mut out),
        Command::Explain(options) => explain::explain(options, &mut out),
        Command::Routes(options) => routes::routes(options, &mut out),
        Command::Map(options) => map::map(options, &mut out),
        Command::Trace(options) => trace::trace(options, &mut out),
        Command::Call(options) => call::call(options, &mut out),
        Command::Ping(options) => ping::ping(options, &mut out),
        Command::Import { what: Import::Profile(options) } => import::profile(options, &mut out),
        Command::Export { what: Export::OpenApi(options) } => export::openapi(options, &mut out),
        Command::Import { what: Import::OpenApi(options) } => import::openapi::openapi(options, &mut out),
        Command::Import { what: Import::Wsdl(options) } => import::wsdl(options, &mut out),
        Command::Wsdl { what: Wsdl::Update(options) } => wsdl::update(options, &mut out),
        Command::HashPassword => password::hash(&mut out),
        Command::Version => version::version(&mut out),
    };
    ExitCode::from(code)
}

/// A finding about a word of the command line, on one line.
fn told(finding: &Finding) -> String {
    match &finding.help {
        Some(help) => format!("{}; {help}", finding.message),
        None => finding.message.clone(),
    }
}
