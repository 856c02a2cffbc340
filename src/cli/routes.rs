//! `soapstone routes`: every address, what it serves, whether bodies are streamed or held there, and the line that says so.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::arguments::{CheckOptions, Format};
use super::output::Output;
use super::{FAILED, FINE};
use crate::compile;
use crate::pipeline::gateway::{Gateway, Listener};
use crate::pipeline::passing::{Bodies, Holder, MANY, Passing};
use crate::pipeline::route::{Condition, Route};
use crate::pipeline::step::StepNode;
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

const COLUMNS: usize = 9;

const HEADS: [&str; COLUMNS] =
    ["METHOD", "ADDRESS", "CONDITIONS", "PROTOCOL", "SERVES", "REQUEST", "ANSWER", "API", "LINE"];

/// Columns as wide as their widest cell; those in which no route has anything are left out.
fn table(gateway: &Gateway) -> String {
    let mut rows: Vec<[String; COLUMNS]> = vec![HEADS.map(str::to_owned)];
    rows.extend(all(gateway).map(|(listener, route)| {
        let conditions: Vec<String> = route.conditions.iter().map(Condition::to_string).collect();
        let conditions = if conditions.is_empty() { "-".to_owned() } else { conditions.join(", ") };
        let [request, answer] = bodies(route).map(|body| body.to_string());
        [
            route.method.to_string(),
            address(listener, route),
            conditions,
            route.protocol.to_owned(),
            route.serves.clone(),
            request,
            answer,
            api(route),
            route.place.to_string(),
        ]
    }));
    let mut widths = [0_usize; COLUMNS];
    let mut filled = [false; COLUMNS];
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

/// What becomes of the bodies of requests and answers there.
fn bodies(route: &Route) -> [Passing<'_>; 2] {
    match route.endpoint.bodies(&route.method) {
        Some(Bodies { request, answer }) => [request, answer],
        None => [Passing::Nothing, Passing::Nothing],
    }
}

/// A body as a member: whether it is `streamed` or `held`, or on what that `depends`, with the step and its line where there is one.
fn body(passing: &Passing<'_>) -> Option<serde_json::Value> {
    let place = |node: &StepNode| (node.kind, node.place.clone());
    let (body, step, why) = match passing {
        Passing::Nothing => return None,
        Passing::Streams => ("streamed", None, None),
        Passing::Held(Holder::Step(node)) => ("held", Some(place(node)), None),
        Passing::Held(holder @ Holder::Early(Some(last))) => {
            ("held", Some((last.kind, last.place.clone())), Some(holder.word()))
        }
        Passing::Held(holder) => ("held", None, Some(holder.word())),
        Passing::Depends(Some(node)) => ("depends", Some(place(node)), None),
        Passing::Depends(None) => ("depends", None, Some(MANY)),
    };
    let mut members = serde_json::Map::from_iter([("body".to_owned(), body.into())]);
    members.extend(why.map(|why| ("why".to_owned(), why.into())));
    if let Some((kind, place)) = step {
        members.insert("step".to_owned(), kind.into());
        members.insert("file".to_owned(), (*place.file).into());
        members.insert("line".to_owned(), place.line.into());
    }
    Some(members.into())
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
    let [request, answer] = bodies(route);
    members.extend(body(&request).map(|body| ("request".to_owned(), body)));
    members.extend(body(&answer).map(|body| ("answer".to_owned(), body)));
    let Some(api) = &route.api else { return members };
    members.insert("api".into(), (*api.name).into());
    members.extend(api.version.clone().map(|version| ("version".into(), version.into())));
    if let Some(deprecation) = &api.deprecation {
        members.insert("deprecated".into(), deprecation.since.to_string().into());
        members.extend(deprecation.sunset.map(|sunset| ("sunset".into(), sunset.to_string().into())));
    }
    members
}
