//! Compiling: declarations become one immutable gateway, or findings.

mod answering;
mod caches;
mod contracts;
mod described;
mod kinds;
mod listeners;
mod names;
mod operations;
mod outcomes;
mod pictures;
mod processes;
mod routes;
mod tables;
mod tls;
mod wsdl_sources;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256, digest};

use crate::config::{self, Layers, Read};
use crate::kind::Compiling;
use crate::kind::item::Transform;
use crate::kind::names::Names;
use crate::kind::process::Callee;
use crate::kind::statements::Prepared;
use crate::pipeline::gateway::{Admin, Gateway, Scripting, Tracing};
use crate::pipeline::operation::Operation;
use crate::pipeline::systems::System;
use crate::script::Bounds;
use crate::source::{Finding, Findings, Sources, Spanned};
use crate::sql::Database;
use crate::state::files::Files;
use crate::syntax::Secret;
use crate::world::World;

pub use kinds::KINDS;
pub use names::RESERVED;
pub use pictures::Pictures;
pub use wsdl_sources::{WsdlSources, wsdl_sources};

/// What reading and compiling a file gives.
#[derive(Debug)]
pub struct Compiled {
    /// The gateway; `None` when there are errors.
    pub gateway: Option<Gateway>,
    /// The files that were read.
    pub sources: Sources,
    /// Errors and warnings.
    pub findings: Findings,
    /// The maps by name, for whoever runs one alone.
    pub maps: Names<dyn Transform>,
    /// The operations by name.
    pub operations: Names<Operation>,
    /// The processes by name.
    pub processes: Names<Callee>,
    /// What their pictures show.
    pub pictures: Pictures,
    /// The databases by name.
    pub databases: Names<Database>,
    /// The statements of all steps, for whoever asks the databases about them.
    pub statements: Vec<Prepared>,
}

/// Waited for what is under way, unless the file says otherwise.
const DRAIN: Duration = Duration::from_secs(30);

/// What a file is compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To be served: it needs a listener.
    Serve,
    /// To call the systems that it declares.
    Call,
}

/// Reads a file with its includes and overlays and compiles it: what `check`, `run` and `reload` all do.
pub fn compile(layers: impl Into<Layers>, world: &dyn World) -> Compiled {
    compile_for(layers, world, Purpose::Serve)
}

/// The same for some purpose.
pub fn compile_for(layers: impl Into<Layers>, world: &dyn World, purpose: Purpose) -> Compiled {
    compiled(config::read(&layers.into(), world, &KINDS), world, purpose)
}

fn compiled(read: Read, world: &dyn World, purpose: Purpose) -> Compiled {
    let (gateway, names) = gateway(&read, world, purpose);
    let findings = read.findings.into_inner();
    let gateway = gateway.filter(|_| !findings.has_errors());
    let ByName { maps, operations, processes, pictures, databases, statements } = names;
    let sources = read.sources;
    Compiled { gateway, sources, findings, maps, operations, processes, pictures, databases, statements }
}

/// What can be run alone.
struct ByName {
    maps: Names<dyn Transform>,
    operations: Names<Operation>,
    processes: Names<Callee>,
    pictures: Pictures,
    databases: Names<Database>,
    statements: Vec<Prepared>,
}

/// A hash over everything a file says and takes from outside, without compiling: tells whether anything has changed.
pub fn fingerprint(layers: &Layers, world: &dyn World) -> [u8; 32] {
    let read = config::read(layers, world, &KINDS);
    listeners::read_certificates(&read, world);
    hash(&read)
}

fn hash(read: &Read) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for (what, bytes) in read.seen.borrow().iter() {
        for part in [what.as_bytes(), bytes] {
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            context.update(part);
        }
    }
    context.finish().as_ref().try_into().unwrap_or_default()
}

fn gateway(read: &Read, world: &dyn World, purpose: Purpose) -> (Option<Gateway>, ByName) {
    let declared = &read.declarations;
    let mut compiling = Compiling::new(&read.sources, &read.findings);
    tables::tables(declared, &mut compiling);
    let functions = declared.functions.iter();
    compiling.libraries(functions.map(|functions| functions.as_ref().map(|functions| &functions.value)));
    names::profiles(declared, &mut compiling);
    contracts::faults(declared, &mut compiling);
    names::users(declared, &mut compiling);
    let systems = names::systems(declared, &mut compiling);
    names::maps(declared, &mut compiling);
    compiling.files =
        declared.files.as_ref().map(|files| files.value.root.clone().map(Files::new).map(Arc::new));
    processes::enter(declared, &mut compiling);
    operations::operations(declared, &mut compiling);
    let caches = caches::caches(declared, &compiling);
    let certificates = listeners::read_certificates(read, world);
    let listeners = listeners::listeners(declared, &certificates, purpose, &compiling);
    let admin = declared.admin.as_ref().map(|admin| self::admin(admin, &compiling));
    if let Some(listeners) = listeners.as_ref().filter(|listeners| !listeners.is_empty()) {
        contracts::roles(declared, listeners, &compiling);
    }
    unused(&compiling);
    caches::unread(declared, &compiling);
    unused_files(declared, &compiling);
    let scripts = Scripting { set: compiling.scripts.take().finish(), bounds: Bounds::default() };
    let mut parts = read.parts.borrow().clone();
    parts.sort();
    let whole = listeners.filter(|_| !matches!(admin, Some(None)));
    let tracing = tracing(read, &systems);
    let gateway = whole.map(|listeners| Gateway {
        generation: 0,
        fingerprint: hash(read),
        listeners,
        operations: by_name(&compiling.operations),
        admin: admin.flatten(),
        scripts,
        parts,
        log: declared.log.as_ref().map(|log| log.value).unwrap_or_default(),
        capacity: declared.capacity.as_ref().map(|capacity| capacity.value).unwrap_or_default(),
        caches,
        files: compiling.files.clone().flatten(),
        systems,
        state: declared.state.as_ref().map(|state| state.value.clone()).unwrap_or_default(),
        tracing,
        drain: declared.drain.as_ref().map_or(DRAIN, |drain| drain.value),
    });
    let pictures = pictures::pictures(declared, &compiling);
    let Compiling { maps, operations, processes, databases, statements, .. } = compiling;
    let statements = statements.into_inner();
    (gateway, ByName { maps, operations, processes, pictures, databases, statements })
}

fn by_name(operations: &Names<Operation>) -> HashMap<Arc<str>, Arc<Operation>> {
    let all = operations.names().filter_map(|name| operations.get(name));
    all.map(|operation| (Arc::clone(&operation.name), Arc::clone(operation))).collect()
}

/// What is traced; every value from outside is a secret to it.
fn tracing(read: &Read, systems: &[System]) -> Tracing {
    let tracing = read.declarations.trace.as_ref().map(|trace| trace.value.clone()).unwrap_or_default();
    let seen = read.seen.borrow();
    let outside = seen.iter().filter(|(what, _)| what.starts_with("env ") || what.starts_with("file "));
    let texts = outside.filter_map(|(_, bytes)| std::str::from_utf8(bytes).ok());
    // A file is read without the end of its last line, and that is how its text goes on.
    let texts = texts.map(|text| text.trim_end_matches(['\r', '\n']));
    // What is made of secrets is one: the Base64 of a name and a password.
    let shown = systems.iter().filter_map(System::shown);
    Tracing { secrets: texts.map(Secret::new).chain(shown).collect(), ..tracing }
}

/// Warns of names that nothing uses; not beside errors, which may be why they seem unused.
fn unused(compiling: &Compiling<'_>) {
    if compiling.findings.borrow().has_errors() {
        return;
    }
    tables::note_used(compiling);
    let names = compiling.profiles.unused().chain(compiling.maps.unused()).chain(compiling.users.unused());
    let names = names.chain(compiling.tables.unused()).chain(compiling.processes.unused());
    let names = names
        .chain(compiling.faults.unused())
        .chain(compiling.servers.unused())
        .chain(compiling.databases.unused())
        .chain(compiling.brokers.unused());
    for finding in names.chain(compiling.never_set()) {
        compiling.report(finding);
    }
}

/// Warns of a folder that no step uses.
fn unused_files(declared: &config::Declarations, compiling: &Compiling<'_>) {
    let Some(files) = declared.files.as_ref().filter(|_| !compiling.files_used.get()) else { return };
    if !compiling.findings.borrow().has_errors() {
        let finding = Finding::warning("unused", files.span, "no step reads or writes files");
        compiling.report(finding.help("remove it, or use it"));
    }
}

/// The admin address: closed to others unless it asks for a token.
fn admin(declared: &Spanned<config::DeclaredAdmin>, compiling: &Compiling<'_>) -> Option<Admin> {
    let bind = &declared.value.bind;
    if let Some(token) = declared.value.token.as_ref().filter(|token| token.value.reveal().len() < 16) {
        compiling.report(
            Finding::error("weak-token", token.span, "the token is shorter than 16 characters")
                .help("use a random one"),
        );
        return None;
    }
    if !bind.value.ip().is_loopback() && declared.value.token.is_none() {
        let message = format!("`admin` on {} is open to others and asks for no token", bind.value);
        let finding = Finding::error("open-admin", bind.span, message);
        compiling.report(finding.help("bind it to 127.0.0.1, or write token (env)ADMIN_TOKEN in its block"));
        return None;
    }
    let hash = |token: &Spanned<Secret>| {
        digest(&SHA256, token.value.reveal().as_bytes()).as_ref().try_into().unwrap_or_default()
    };
    Some(Admin { bind: bind.value, token: declared.value.token.as_ref().map(hash) })
}
