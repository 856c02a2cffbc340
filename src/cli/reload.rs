//! `soapstone reload`: asks the running gateway to take the file as it is now, and waits for the result.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use super::arguments::{Format, ReloadOptions};
use super::output::Output;
use super::{FAILED, FINE};
use crate::compile::KINDS;
use crate::config;
use crate::world::Real;

/// A reload compiles everything and may bind sockets; beyond this something is wrong.
const LONGEST: Duration = Duration::from_secs(300);

/// Reloads, and prints what changed.
pub fn reload(options: &ReloadOptions, out: &mut Output) -> u8 {
    let read = config::read(&options.overlays.of(&options.file), &Real, &KINDS);
    let (bind, token) = match &read.declarations.admin {
        Some(admin) => {
            (Some(admin.value.bind.value), admin.value.token.as_ref().map(|token| token.value.reveal()))
        }
        None => (None, None),
    };
    let Some(address) = options.admin.or(bind) else {
        let findings = read.findings.into_inner();
        if findings.has_errors() {
            // A file that cannot be read says no address either; what is wrong with it is what helps.
            out.findings(&findings, &read.sources, Format::Text);
            out.tell(
                "not reloaded: mend the file, or name the running gateway's admin address with --admin\n",
            );
            return FAILED;
        }
        out.tell(&format!(
            "{} declares no `admin`, so there is no address to ask at; add admin bind=\"127.0.0.1:9901\", name the \
             running one with --admin, or send the process SIGHUP\n",
            options.file.display()
        ));
        return FAILED;
    };
    let answer = runtime().and_then(|runtime| {
        runtime.block_on(async {
            let ask = ask(address, token, options.if_generation);
            tokio::time::timeout(LONGEST, ask)
                .await
                .map_err(|_| "no answer within five minutes".to_owned())?
        })
    });
    match answer {
        Ok((true, value)) => {
            out.say(&told(&value));
            FINE
        }
        Ok((false, value)) => {
            out.tell(&format!(
                "not reloaded; what served before serves on:\n{}\n",
                text(&value, "error").trim_end()
            ));
            FAILED
        }
        Err(error) => {
            out.tell(&format!(
                "the gateway's admin address {address} cannot be asked: {error}\nis it running? if the file has another \
                 `admin` than the running gateway, name the running one with --admin\n"
            ));
            FAILED
        }
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())
}

/// Whether it was done, and what the gateway says about it.
async fn ask(
    address: SocketAddr,
    token: Option<&str>,
    if_generation: Option<u64>,
) -> Result<(bool, Value), String> {
    let words = |error: &dyn std::fmt::Display| error.to_string();
    let stream = TcpStream::connect(reachable(address)).await.map_err(|error| words(&error))?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|error| words(&error))?;
    let mut request = Request::post("/reload")
        .header("host", reachable(address).to_string())
        .header("soapstone-admin", "1");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    if let Some(generation) = if_generation {
        request = request.header("if-generation", generation);
    }
    let request = request.body(Empty::<Bytes>::new()).map_err(|error| words(&error))?;
    // Ends with the exchange: dropping the sender closes the connection.
    tokio::spawn(connection);
    let answer = sender.send_request(request).await.map_err(|error| words(&error))?;
    let done = answer.status().is_success();
    let body = answer.into_body().collect().await.map_err(|error| words(&error))?.to_bytes();
    let value = serde_json::from_slice(&body).map_err(|_| "the answer is not from a gateway".to_owned())?;
    Ok((done, value))
}

/// An address bound to all interfaces is asked at loopback.
fn reachable(address: SocketAddr) -> SocketAddr {
    let mut address = address;
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() {
            [127, 0, 0, 1].into()
        } else {
            std::net::Ipv6Addr::LOCALHOST.into()
        });
    }
    address
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// What a reload did, a line for each difference.
fn told(value: &Value) -> String {
    let generation = value.get("generation").and_then(Value::as_u64).unwrap_or_default();
    if text(value, "result") == "unchanged" {
        return format!("unchanged: generation {generation} goes on\n");
    }
    let took = value.get("milliseconds").and_then(Value::as_f64).unwrap_or_default();
    let mut out = format!("generation {generation} serves, {took:.1} ms after it was compiled\n");
    for (name, mark) in [("added", '+'), ("changed", '~'), ("removed", '-')] {
        for part in value.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
        {
            out.push_str(&format!("  {mark} {part}\n"));
        }
    }
    out
}
