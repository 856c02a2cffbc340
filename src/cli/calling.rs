//! The arguments of the commands that call systems: `call` and `ping`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::arguments::{Format, Overlays};
use crate::syntax::parse_duration;

/// Options of `call`.
#[derive(Debug, Args)]
pub struct CallOptions {
    /// The server
    #[arg(required_unless_present = "process", conflicts_with = "process")]
    pub server: Option<String>,
    /// The operation of its contract (SOAP); with PATH, the method (HTTP)
    #[arg(value_name = "OPERATION-or-METHOD", required_unless_present_any = ["process", "action"])]
    pub operation: Option<String>,
    /// The path behind the server's URL, with its query: "/orders?since=1"
    #[arg(conflicts_with = "action")]
    pub path: Option<String>,
    /// Call by SOAP a server without a contract: the action, "" for none
    #[arg(long, value_name = "URI", conflicts_with = "operation")]
    pub action: Option<String>,
    /// The version of SOAP for --action
    #[arg(long, value_name = "VERSION", requires = "action", value_parser = ["1.1", "1.2"], default_value = "1.1")]
    pub soap: String,
    /// Run a process of the file once, with the systems that it calls
    #[arg(long, value_name = "NAME")]
    pub process: Option<String>,
    /// What is sent: for SOAP the element in the body or a whole envelope; what a process begins with; `-` for standard input
    #[arg(long, value_name = "FILE")]
    pub body: Option<PathBuf>,
    /// Send a header field, or with "{NAMESPACE}NAME=TEXT" a header block of SOAP; may be repeated
    #[arg(long = "header", value_name = "NAME=VALUE", conflicts_with = "process")]
    pub headers: Vec<String>,
    /// Give the execution or the document a property; may be repeated
    #[arg(long = "property", value_name = "NAME=VALUE")]
    pub properties: Vec<String>,
    /// The file that declares the server; it needs no listener
    #[arg(long, value_name = "FILE", default_value = "gateway.kdl")]
    pub file: PathBuf,
    /// What changes it
    #[command(flatten)]
    pub overlays: Overlays,
    /// How long all of it may take; the server's own times hold for each attempt
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = parse_duration)]
    pub timeout: Duration,
    /// Print only the body of the answer, without secrets
    #[arg(long, conflicts_with = "format")]
    pub raw: bool,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// Options of `ping`.
#[derive(Debug, Args)]
pub struct PingOptions {
    /// The systems; without any, all of the file
    pub names: Vec<String>,
    /// The file that declares them; it needs no listener
    #[arg(long, value_name = "FILE", default_value = "gateway.kdl")]
    pub file: PathBuf,
    /// What changes it
    #[command(flatten)]
    pub overlays: Overlays,
    /// How long all of it may take
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = parse_duration)]
    pub timeout: Duration,
    /// Be content with a server that can be reached at one of its addresses; without it, one that cannot fails
    #[arg(long)]
    pub any: bool,
    /// Send each server a GET too, with its credentials: 401, 403 and 5xx count as failed
    #[arg(long)]
    pub request: bool,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}
