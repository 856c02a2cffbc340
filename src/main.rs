//! The command: everything is in the library.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    soapstone_resolve::install();
    soapstone::cli::main()
}
