//! `soapstone routes`: every address, what it serves, and the line that says so.

use super::arguments::{CheckOptions, Format};
use super::output::Output;
use super::{FAILED, FINE};
use crate::compile;
use crate::pipeline::gateway::{Gateway, Listener};
use crate::pipeline::router::Route;
use crate::world::Real;

/// Prints the table of routes.
pub fn routes(options: &CheckOptions, out: &mut Output) -> u8 {
    let compiled = compile::compile(&options.file, &Real);
    if compiled.findings.has_errors() {
        out.findings(&compiled.findings, &compiled.sources, options.format);
    }
    let Some(gateway) = compiled.gateway else { return FAILED };
    let text = match options.format {
        Format::Text => table(&gateway),
        Format::Json => json(&gateway),
    };
    out.say(&text);
    FINE
}

fn all(gateway: &Gateway) -> impl Iterator<Item = (&Listener, &Route)> {
    gateway
        .listeners
        .iter()
        .flat_map(|listener| listener.router.routes().iter().map(move |route| (&**listener, route)))
}

fn address(listener: &Listener, route: &Route) -> String {
    let scheme = if listener.tls.is_some() { "https" } else { "http" };
    format!("{scheme}://{}{}", listener.bind, route.path)
}

/// Columns as wide as their widest cell.
fn table(gateway: &Gateway) -> String {
    let mut rows: Vec<[String; 5]> =
        vec![["METHOD", "ADDRESS", "PROTOCOL", "SERVES", "LINE"].map(str::to_owned)];
    rows.extend(all(gateway).map(|(listener, route)| {
        [
            route.method.to_string(),
            address(listener, route),
            route.protocol.to_owned(),
            route.serves.clone(),
            route.place.to_string(),
        ]
    }));
    let mut widths = [0_usize; 5];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut out = String::new();
    for row in &rows {
        let cells: Vec<String> =
            row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        out.push_str(cells.join("  ").trim_end());
        out.push('\n');
    }
    out
}

fn json(gateway: &Gateway) -> String {
    let line = |(listener, route): (&Listener, &Route)| {
        let value = serde_json::json!({
            "listener": &*listener.name,
            "method": route.method.as_str(),
            "address": address(listener, route),
            "protocol": route.protocol,
            "serves": route.serves,
            "file": &*route.place.file,
            "line": route.place.line,
        });
        format!("{value}\n")
    };
    all(gateway).map(line).collect()
}
