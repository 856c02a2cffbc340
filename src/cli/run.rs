//! `soapstone run`: serves a file until told to stop.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use super::arguments::{Format, RunOptions};
use super::output::Output;
use super::{FAILED, FINE};
use crate::admin::Admin;
use crate::compile;
use crate::config::Layers;
use crate::pipeline::gateway::{Gateway, Listener};
use crate::serve::{self, Options, Server, StartError, Triggers};
use crate::source::{Form, render};
use crate::world::{Real, World};

/// Serves the file.
pub fn run(options: &RunOptions, out: &mut Output) -> u8 {
    let layers = options.overlays.of(&options.file);
    let compiled = compile::compile(&layers, &Real);
    out.findings(&compiled.findings, &compiled.sources, options.format);
    let Some(gateway) = compiled.gateway else { return FAILED };
    match serve(options, layers, gateway, out) {
        Ok(()) => FINE,
        Err(error) => {
            out.tell(&format!("soapstone cannot serve: {error}\n"));
            FAILED
        }
    }
}

fn serve(options: &RunOptions, layers: Layers, gateway: Gateway, out: &mut Output) -> Result<(), String> {
    let colour = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let log = serve::log::install(gateway.log, std::io::stderr(), colour)?;
    let runtime = serve::control_runtime().map_err(|error| error.to_string())?;
    let file = layers.to_string();
    let triggers = triggers(options, layers);
    let options = Options {
        workers: options.workers.and_then(NonZeroUsize::new),
        admin: Some(Arc::new(Admin)),
        log: Some(log),
    };
    let outcome = runtime.block_on(async {
        // Before the first socket: a signal during the start must not end the process in the middle of it.
        let signals = serve::signals()?;
        let server = Server::start(gateway, options).await?;
        out.tell(&announcement(&file, &server).await);
        Ok::<_, StartError>(serve::run(&server, &triggers, signals).await)
    });
    // The blocking pool may still hash a password that nobody waits for.
    runtime.shutdown_timeout(Duration::from_secs(1));
    outcome.map(|_left| ()).map_err(|error| error.to_string())
}

/// One line that says what listens where, with the ports that the system chose.
async fn announcement(file: &str, server: &Server) -> String {
    let schemes = server.shared().with_gateway(|gateway| {
        let one = |listener: &Arc<Listener>| {
            (listener.name.to_string(), if listener.tls.is_some() { "https" } else { "http" })
        };
        gateway.listeners.iter().map(one).collect::<Vec<_>>()
    });
    let listeners = schemes.into_iter().zip(server.addresses().await);
    let mut parts: Vec<String> =
        listeners.map(|((name, scheme), address)| format!("{name} on {scheme}://{address}")).collect();
    parts.extend(server.admin_address().await.map(|address| format!("admin on http://{address}")));
    format!("soapstone {} serves {file}: {}\n", super::version::VERSION, parts.join(", "))
}

/// What reloads read: the same files, compiled the same way.
fn triggers(options: &RunOptions, layers: Layers) -> Triggers {
    let format = options.format;
    let watched = layers.clone();
    Triggers {
        compile: Arc::new(move || reread(&layers, format)),
        watch: options
            .watch
            .then(|| -> serve::Content { Arc::new(move || Some(compile::fingerprint(&watched, &Real))) }),
        notify_socket: Real.variable("NOTIFY_SOCKET"),
    }
}

fn reread(layers: &Layers, format: Format) -> Result<Gateway, String> {
    let compiled = compile::compile(layers, &Real);
    let form = match format {
        Format::Text => Form::Text { colour: false },
        Format::Json => Form::Json,
    };
    compiled.gateway.ok_or_else(|| render(&compiled.findings, &compiled.sources, form))
}
