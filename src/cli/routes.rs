//! `soapstone routes`: every address, what it serves, and the line that says so.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::arguments::{CheckOptions, Format};
use super::output::Output;
use super::{FAILED, FINE};
use crate::compile;
use crate::pipeline::gateway::{Gateway, Listener};
use crate::pipeline::route::{Condition, Route};
use crate::world::Real;

/// Prints the table of routes.
pub fn routes(options: &CheckOptions, out: &mut Output) -> u8 {
    let compiled = compile::compile(options.overlays.of(&options.file), &Real);
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
    let below = match (route.prefix, route.path.ends_with('/')) {
        (false, _) => "",
        (true, true) => "*",
        (true, false) => "/*",
    };
    format!("{scheme}://{}{}{below}", listener.bind, route.path)
}

/// The api's name and version, and whether it should not be used any more.
fn api(route: &Route) -> String {
    let Some(api) = &route.api else { return "-".to_owned() };
    let deprecated = api.deprecation.as_ref().map(|deprecation| {
        let sunset = deprecation.sunset.map(|sunset| format!(", ends {}", day(sunset)));
        format!(" (deprecated {}{})", day(deprecation.since), sunset.unwrap_or_default())
    });
    format!("{}{}", api.identity(), deprecated.unwrap_or_default())
}

/// The day of a moment, in UTC.
fn day(moment: Timestamp) -> String {
    moment.to_zoned(TimeZone::UTC).date().to_string()
}

const HEADS: [&str; 7] = ["METHOD", "ADDRESS", "CONDITIONS", "PROTOCOL", "SERVES", "API", "LINE"];

/// Columns as wide as their widest cell; those in which no route has anything are left out.
fn table(gateway: &Gateway) -> String {
    let mut rows: Vec<[String; 7]> = vec![HEADS.map(str::to_owned)];
    rows.extend(all(gateway).map(|(listener, route)| {
        let conditions: Vec<String> = route.conditions.iter().map(Condition::to_string).collect();
        let conditions = if conditions.is_empty() { "-".to_owned() } else { conditions.join(", ") };
        [
            route.method.to_string(),
            address(listener, route),
            conditions,
            route.protocol.to_owned(),
            route.serves.clone(),
            api(route),
            route.place.to_string(),
        ]
    }));
    let mut widths = [0_usize; 7];
    let mut filled = [false; 7];
    for (at, row) in rows.iter().enumerate() {
        for ((width, filled), cell) in widths.iter_mut().zip(&mut filled).zip(row) {
            *width = (*width).max(cell.chars().count());
            *filled |= at > 0 && cell != "-";
        }
    }
    let mut out = String::new();
    for row in &rows {
        let cells = row.iter().zip(widths).zip(filled).filter(|(_, filled)| *filled);
        let cells: Vec<String> = cells.map(|((cell, width), _)| format!("{cell:width$}")).collect();
        out.push_str(cells.join("  ").trim_end());
        out.push('\n');
    }
    out
}

fn json(gateway: &Gateway) -> String {
    let line = |(listener, route): (&Listener, &Route)| {
        let mut value = serde_json::json!({
            "listener": &*listener.name,
            "method": route.method.as_str(),
            "address": address(listener, route),
            "protocol": route.protocol,
            "serves": route.serves,
            "file": &*route.place.file,
            "line": route.place.line,
        });
        if let Some(members) = value.as_object_mut() {
            members.extend(published(route));
        }
        format!("{value}\n")
    };
    all(gateway).map(line).collect()
}

/// What only some routes have.
fn published(route: &Route) -> serde_json::Map<String, serde_json::Value> {
    let mut members = serde_json::Map::new();
    if !route.conditions.is_empty() {
        let conditions = route.conditions.iter();
        let conditions: serde_json::Map<_, _> =
            conditions.map(|one| (one.name.to_string(), one.value.as_str().into())).collect();
        members.insert("conditions".into(), conditions.into());
    }
    let Some(api) = &route.api else { return members };
    members.insert("api".into(), (*api.name).into());
    members.extend(api.version.clone().map(|version| ("version".into(), version.into())));
    if let Some(deprecation) = &api.deprecation {
        members.insert("deprecated".into(), deprecation.since.to_string().into());
        members.extend(deprecation.sunset.map(|sunset| ("sunset".into(), sunset.to_string().into())));
    }
    members
}
