//! Listeners: addresses, access, TLS, and the routes they serve.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use super::Purpose;
use super::routes::{self, Publication};
use super::tls::{self, Files};
use crate::config::{Declarations, DeclaredAuth, DeclaredListener, Read};
use crate::kind::Compiling;
use crate::kind::names::Names;
use crate::pipeline::access::{Access, AddressList};
use crate::pipeline::gateway::Listener;
use crate::source::{Finding, Spanned};
use crate::world::World;

/// The files that listeners' `tls` name, in the order of the listeners.
pub type Certificates = Vec<Option<Files>>;

/// Reads the certificate files, and notes them as seen.
pub fn read_certificates(read: &Read, world: &dyn World) -> Certificates {
    let one = |listener: &DeclaredListener| {
        let tls = listener.tls.as_ref()?;
        let contents = |path: &Spanned<String>| {
            let place = read.sources.place(path.span);
            let folder = Path::new(&*place.file).parent().unwrap_or(Path::new(""));
            let contents = tls::contents(&folder.join(&path.value), world);
            let seen = contents.clone().unwrap_or_else(String::into_bytes);
            read.seen.borrow_mut().push((path.value.clone(), seen.clone()));
            touch(read, &listener.name.value, &seen);
            contents
        };
        Some(Files {
            certificate: contents(&tls.certificate),
            client_ca: tls.client_ca.as_ref().map(contents),
        })
    };
    read.declarations.listeners.iter().map(one).collect()
}

/// What a file says is part of what its listener says.
fn touch(read: &Read, listener: &str, bytes: &[u8]) {
    for part in
        read.parts.borrow_mut().iter_mut().filter(|part| part.kind == "listener" && part.name == listener)
    {
        let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
        context.update(&part.hash);
        context.update(bytes);
        part.hash = context.finish().as_ref().try_into().unwrap_or_default();
    }
}

/// Compiles the listeners; `None` after findings.
pub fn listeners(
    declared: &Declarations,
    certificates: &Certificates,
    purpose: Purpose,
    compiling: &Compiling<'_>,
) -> Option<Vec<Arc<Listener>>> {
    let is_wanted = declared.listeners.is_empty() && purpose == Purpose::Serve;
    if is_wanted && !compiling.findings.borrow().has_errors() {
        let finding = Finding::error(
            "no-listener",
            crate::config::nowhere(),
            "there is no listener: nothing could be called",
        );
        compiling.report(finding.help("add one: listener internal bind=\"127.0.0.1:8080\""));
    }
    let mut names: Names<()> = Names::new("listener");
    let mut whole = true;
    for listener in &declared.listeners {
        if let Err(finding) = names.enter(&listener.name, Some(Arc::new(()))) {
            compiling.report(finding);
        }
    }
    check_binds(declared, compiling);
    let publication = Publication::new(declared, &names, compiling);
    let mut out = Vec::new();
    for (listener, files) in declared.listeners.iter().zip(certificates) {
        match self::listener(listener, files.as_ref(), &publication, compiling) {
            Some(listener) => out.push(Arc::new(listener)),
            None => whole = false,
        }
    }
    whole.then_some(out)
}

/// Two listeners on one address: the second could never be bound.
fn check_binds(declared: &Declarations, compiling: &Compiling<'_>) {
    let admin = declared.admin.as_ref().map(|admin| &admin.value.bind);
    let binds: Vec<&Spanned<SocketAddr>> =
        declared.listeners.iter().filter_map(|listener| listener.bind.as_ref()).chain(admin).collect();
    for (index, bind) in binds.iter().enumerate() {
        if bind.value.port() == 0 {
            continue;
        }
        if let Some(first) = binds.iter().take(index).find(|other| other.value == bind.value) {
            let message = format!("{} is taken by another listener", bind.value);
            compiling.report(
                Finding::error("duplicate-bind", bind.span, message).also(first.span, "it is taken here"),
            );
        }
    }
}

fn listener(
    declared: &DeclaredListener,
    files: Option<&Files>,
    publication: &Publication<'_>,
    compiling: &Compiling<'_>,
) -> Option<Listener> {
    let access = access(declared, compiling);
    let tls = match (&declared.tls, files) {
        (Some(tls), Some(files)) => Some(tls::settings(tls, files, compiling)),
        _ => None,
    };
    let none = Access::default();
    let rules = access.as_ref().unwrap_or(&none);
    let router = routes::router(declared, publication, rules, compiling);
    let tls = match tls {
        Some(settings) => Some(settings?),
        None => None,
    };
    Some(Listener {
        name: Arc::from(declared.name.value.as_str()),
        bind: declared.bind.as_ref()?.value,
        tls,
        access: access?,
        bounds: declared.bounds.clone(),
        router: router?,
        place: compiling.place(declared.name.span),
    })
}

/// Who may call. Closed by default: only a loopback address may go without saying.
fn access(declared: &DeclaredListener, compiling: &Compiling<'_>) -> Option<Access> {
    let bind = declared.bind.as_ref()?;
    if declared.auth.is_empty() && !declared.broken && !bind.value.ip().is_loopback() {
        let message = format!("`{}` on {} does not say who may call", declared.name.value, bind.value);
        let finding = Finding::error("open-listener", bind.span, message);
        compiling.report(finding.help("write auth basic users=..., or auth none to let everyone in"));
        return None;
    }
    warn_of_clear_text(declared, bind, compiling);
    let mut whole = true;
    let mut schemes = Vec::new();
    for DeclaredAuth { word, scheme } in &declared.auth {
        match scheme.as_ref().and_then(|scheme| scheme.compile(compiling)) {
            Some(Some(scheme)) => schemes.push(scheme),
            Some(None) if declared.auth.len() > 1 => {
                let message = format!("`auth {}` lets everyone in, whatever stands beside it", word.value);
                compiling.report(
                    Finding::error("open-listener", word.span, message).help("remove it, or the others"),
                );
            }
            Some(None) => {}
            None => whole = false,
        }
    }
    let allow = declared.allow.clone().map(AddressList);
    whole.then_some(Access { schemes, allow, trusted_proxies: AddressList(declared.trusted.clone()) })
}

/// Passwords and tokens are sent as they are: without TLS, here or at a proxy, whoever is on the way reads them.
fn warn_of_clear_text(declared: &DeclaredListener, bind: &Spanned<SocketAddr>, compiling: &Compiling<'_>) {
    if bind.value.ip().is_loopback()
        || declared.tls.is_some()
        || !declared.trusted.is_empty()
        || declared.broken
    {
        return;
    }
    if let Some(auth) = declared.auth.iter().find(|auth| auth.word.value != "none" && auth.scheme.is_some()) {
        let message = format!("`auth {}` without `tls`: credentials travel in clear", auth.word.value);
        let finding = Finding::warning("clear-credentials", auth.word.span, message);
        compiling
            .report(finding.help("add tls cert=PATH key=(file)PATH, or trust-proxy= where a proxy does TLS"));
    }
}
