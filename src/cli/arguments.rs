//! The arguments of every command.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::calling::{CallOptions, PingOptions};
use crate::config::Layers;
use crate::openapi::Version;

const EXIT_CODES: &str = "Exit codes:
  0  all went well; for `run`: it was told to stop, and everything under way was finished
  1  it could not be done: the file has mistakes, an address is taken, a reload was refused; the output says what
  2  the command was not understood";

const CALL_EXIT_CODES: &str = "Exit codes:
  0  what was called answered as expected
  1  it did not, or the file has mistakes; the output says what
  2  the command was not understood, or names what the file does not declare";

/// A declarative web-service gateway: one binary, one KDL file.
#[derive(Debug, Parser)]
#[command(name = "soapstone", after_help = EXIT_CODES, version)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve a file until told to stop (SIGTERM, SIGINT); SIGHUP reloads it
    #[command(after_help = EXIT_CODES)]
    Run(RunOptions),
    /// Read and compile a file as `run` does, and say what is wrong with it
    #[command(after_help = EXIT_CODES)]
    Check(CheckCommand),
    /// Make the running gateway take the file as it is now, and wait until it serves
    #[command(after_help = EXIT_CODES)]
    Reload(ReloadOptions),
    /// Write a gateway.kdl to start from
    #[command(after_help = EXIT_CODES)]
    Init {
        /// The folder to write it into
        #[arg(default_value = ".")]
        folder: PathBuf,
    },
    /// Say what a word of the language means, or show a process of a file; without a word, list them all
    #[command(after_help = EXIT_CODES)]
    Explain(ExplainOptions),
    /// List every address with its operation, what becomes of its bodies, and its line in the file
    #[command(after_help = EXIT_CODES)]
    Routes(CheckOptions),
    /// Run one map of a file on one document, and print what it makes
    #[command(after_help = EXIT_CODES)]
    Map(MapOptions),
    /// Run one operation of a file without serving it, and print what each of its steps does
    #[command(after_help = EXIT_CODES)]
    Trace(TraceOptions),
    /// Make one call with a server of a file, and print what is sent, what comes back, and how
    #[command(after_help = CALL_EXIT_CODES)]
    Call(CallOptions),
    /// Connect to the systems of a file, and say which can be reached
    #[command(after_help = CALL_EXIT_CODES)]
    Ping(PingOptions),
    /// Read a password from standard input and print its hash for password=
    #[command(after_help = EXIT_CODES)]
    HashPassword,
    /// Write what others need to know of a file
    #[command(after_help = EXIT_CODES)]
    Export {
        /// What to write
        #[command(subcommand)]
        what: Export,
    },
    /// Make parts of gateway.kdl from what there is: samples, schemas
    #[command(after_help = EXIT_CODES)]
    Import {
        /// What to make
        #[command(subcommand)]
        what: Import,
    },
    /// Look after the contracts at addresses that a file names
    #[command(after_help = EXIT_CODES)]
    Wsdl {
        /// What to do
        #[command(subcommand)]
        what: Wsdl,
    },
    /// Print version and commit
    #[command(after_help = EXIT_CODES)]
    Version,
}

/// The overlays of a file, for every command that reads one.
#[derive(Debug, Args)]
pub struct Overlays {
    /// Change what the file declares by an overlay, such as prod.kdl (`soapstone explain overlay`); may be repeated, and
    /// they apply in order
    #[arg(long = "with", value_name = "OVERLAY")]
    with: Vec<PathBuf>,
}

impl Overlays {
    /// The file with these overlays.
    pub fn of(&self, file: &Path) -> Layers {
        Layers { file: file.to_owned(), overlays: self.with.clone() }
    }
}

/// Options of `explain`.
#[derive(Debug, Args)]
pub struct ExplainOptions {
    /// The word: a declaration, step, map item, profile format, protocol, scheme or script function
    pub word: Option<String>,
    /// Behind `process`, the name of a process or operation, whose steps are printed
    pub name: Option<String>,
    /// The file that declares it
    #[arg(default_value = "gateway.kdl")]
    pub file: PathBuf,
    /// What changes it
    #[command(flatten)]
    pub overlays: Overlays,
    /// Draw the process into an SVG file instead
    #[arg(long, value_name = "FILE", requires = "name")]
    pub picture: Option<PathBuf>,
}

/// What can be exported.
#[derive(Debug, Subcommand)]
pub enum Export {
    /// Print the description of an api (OpenAPI), as the gateway serves it
    #[command(after_help = EXIT_CODES, name = "openapi")]
    OpenApi(ExportOptions),
}

/// Options of `export openapi`.
#[derive(Debug, Args)]
pub struct ExportOptions {
    /// The file that declares the api
    #[arg(default_value = "gateway.kdl")]
    pub file: PathBuf,
    /// What changes it
    #[command(flatten)]
    pub overlays: Overlays,
    /// The api, where there are several: its name, with its version where several have that: "orders 2"; for operations
    /// that no api publishes, the listener's name
    #[arg(long, value_name = "NAME")]
    pub api: Option<String>,
    /// The version of OpenAPI
    #[arg(long, value_enum, default_value = "3.1")]
    pub openapi: OpenApiVersion,
    /// Write it to a file
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// A version of OpenAPI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OpenApiVersion {
    /// 3.0.3
    #[value(name = "3.0")]
    V30,
    /// 3.1
    #[value(name = "3.1")]
    V31,
}

impl From<OpenApiVersion> for Version {
    fn from(version: OpenApiVersion) -> Self {
        match version {
            OpenApiVersion::V30 => Self::V30,
            OpenApiVersion::V31 => Self::V31,
        }
    }
}

/// What can be imported.
#[derive(Debug, Subcommand)]
pub enum Import {
    /// Print the profile of a sample (XML, JSON, CSV) or of a schema (XML Schema, JSON Schema)
    #[command(after_help = EXIT_CODES)]
    Profile(ImportOptions),
    /// Write a file that serves the contract of a WSDL: its profiles, operations to be written, and the service
    #[command(after_help = EXIT_CODES)]
    Wsdl(WsdlOptions),
    /// Write a file with the api, operations and profiles of an OpenAPI document (3.0 or 3.1, in JSON or YAML); each
    /// operation says that it is not implemented, until you write its process
    #[command(after_help = EXIT_CODES, name = "openapi")]
    OpenApi(OpenApiImport),
}

/// What can be done with the contracts at addresses.
#[derive(Debug, Subcommand)]
pub enum Wsdl {
    /// Fetch the WSDLs and schemas at addresses that a file names into wsdl-cache/ and wsdl.lock beside it, and print what is
    /// another than before: operations, types, policies. Nothing else fetches: the gateway starts and serves without network
    #[command(after_help = UPDATE)]
    Update(UpdateOptions),
}

const UPDATE: &str = "Only http and https are fetched, from the host of each contract and from those that `hosts` in the file and \
--host name; redirects stay on their host. A contract at a public address does not lead to private, loopback or link-local ones; \
one that stands at such an address itself may. A contract has at most 64 files of 8 MiB each, 32 of them in a row, and takes five \
minutes. All or nothing is written.

Exit codes:
  0  all went well; with --check: nothing differs
  1  something could not be fetched or used, and nothing was written; with --check: something differs
  2  the command was not understood";

/// Options of `wsdl update`.
#[derive(Debug, Args)]
pub struct UpdateOptions {
    /// The file, gateway.kdl without one; and addresses, to fetch these alone and leave the others as they are
    #[arg(value_name = "FILE-or-URL")]
    pub what: Vec<String>,
    /// What changes the file
    #[command(flatten)]
    pub overlays: Overlays,
    /// Write nothing; exit with 1 when something differs
    #[arg(long)]
    pub check: bool,
    /// Allow one more host, beside those that the file names; may be repeated
    #[arg(long = "host", value_name = "HOST")]
    pub hosts: Vec<String>,
}

/// Options of `import openapi`.
#[derive(Debug, Args)]
pub struct OpenApiImport {
    /// The document
    pub file: PathBuf,
    /// The file to write; schemas are written into a folder beside it, and nothing is overwritten
    #[arg(long, value_name = "FILE", default_value = "gateway.kdl")]
    pub output: PathBuf,
    /// The api's name; without it, that of the document's file
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
}

/// Options of `import wsdl`.
#[derive(Debug, Args)]
pub struct WsdlOptions {
    /// The WSDL 1.1: a file, or an address of http or https, which is fetched with what it imports from the same host
    #[arg(value_name = "FILE-or-URL")]
    pub from: String,
    /// The folder to write to, with the WSDL beside the file; without it, that of the WSDL, or this one for an address
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// What a file to import can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ImportFormat {
    /// An XML document
    Xml,
    /// A JSON document
    Json,
    /// A JSON Schema
    JsonSchema,
    /// An XML Schema
    Xsd,
    /// A CSV file
    Csv,
}

/// Options of `import profile`.
#[derive(Debug, Args)]
pub struct ImportOptions {
    /// The sample or the schema
    pub file: PathBuf,
    /// What the file is; told by its content without it
    #[arg(long, value_enum)]
    pub format: Option<ImportFormat>,
    /// The element or member that documents of the profile begin with, where it is not the file's own; of an XML Schema
    /// with several, the global element: NAME or {namespace}NAME
    #[arg(long, value_name = "NAME")]
    pub root: Option<String>,
    /// The profile's name; without it, that of the file
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
}

/// How findings and tables are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a person
    Text,
    /// One JSON object a line
    Json,
}

/// Options of `check` and `routes`.
#[derive(Debug, Args)]
pub struct CheckOptions {
    /// The file
    #[arg(default_value = "gateway.kdl")]
    pub file: PathBuf,
    /// What changes it
    #[command(flatten)]
    pub overlays: Overlays,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// Options of `check`.
#[derive(Debug, Args)]
pub struct CheckCommand {
    /// What is checked
    #[command(flatten)]
    pub options: CheckOptions,
    /// Connect to the databases of the file too, and let them look at every statement
    #[arg(long)]
    pub connect: bool,
}

/// Options of `map`.
#[derive(Debug, Args)]
pub struct MapOptions {
    /// The map's name
    pub name: String,
    /// The document; `-` for standard input
    pub file: PathBuf,
    /// The file that declares the map
    #[arg(long, value_name = "FILE", default_value = "gateway.kdl")]
    pub config: PathBuf,
    /// What changes it
    #[command(flatten)]
    pub overlays: Overlays,
    /// Map each record of a large document on its own: Orders/Order in XML, $.orders[*] in JSON
    #[arg(long, value_name = "PATH", conflicts_with = "trace")]
    pub split: Option<String>,
    /// Write the result to a file
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Tell on standard error what each item read and wrote; secrets are left out
    #[arg(long)]
    pub trace: bool,
    /// Give the map a property, such as request.query.id=7 or one of the document; may be repeated
    #[arg(long = "property", value_name = "NAME=VALUE")]
    pub properties: Vec<String>,
}

/// Options of `trace`.
#[derive(Debug, Args)]
pub struct TraceOptions {
    /// The file that declares the operation
    pub file: PathBuf,
    /// The operation's name
    pub operation: String,
    /// What changes the file
    #[command(flatten)]
    pub overlays: Overlays,
    /// The body of the request, read as plain HTTP has it; `-` for standard input
    #[arg(long, value_name = "FILE")]
    pub body: Option<PathBuf>,
    /// Give the request, the execution or its documents a property, such as request.query.id=7; may be repeated
    #[arg(long = "property", value_name = "NAME=VALUE")]
    pub properties: Vec<String>,
    /// Let a file stand in for what a process returns or a system answers: .xml, .json, or else data; may be repeated
    #[arg(long = "mock", value_name = "NAME=FILE")]
    pub mocks: Vec<String>,
    /// Print documents whole
    #[arg(long)]
    pub full: bool,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// Options of `run`.
#[derive(Debug, Args)]
pub struct RunOptions {
    /// The file
    #[arg(default_value = "gateway.kdl")]
    pub file: PathBuf,
    /// What changes it
    #[command(flatten)]
    pub overlays: Overlays,
    /// Reload when the file, or anything it takes from other files, has changed
    #[arg(long)]
    pub watch: bool,
    /// Workers, each with a thread of its own; as many as there are cores without it
    #[arg(long, value_name = "N")]
    pub workers: Option<usize>,
    /// How to print findings
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// Options of `reload`.
#[derive(Debug, Args)]
pub struct ReloadOptions {
    /// The file that the gateway runs; its `admin` says where the gateway listens for commands
    #[arg(default_value = "gateway.kdl")]
    pub file: PathBuf,
    /// What changes it
    #[command(flatten)]
    pub overlays: Overlays,
    /// The admin address of the running gateway, when the file does not say it any more
    #[arg(long, value_name = "ADDRESS")]
    pub admin: Option<SocketAddr>,
    /// Refuse if the gateway serves another generation than this
    #[arg(long, value_name = "N")]
    pub if_generation: Option<u64>,
}
