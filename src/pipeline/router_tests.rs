//! Tests of the router: which route a request goes to, and what clashes.

use std::sync::Arc;

use hyper::header::{HeaderName, HeaderValue};

use super::*;
use crate::pipeline::answer::Returned;
use crate::pipeline::endpoint::{Call, Endpoint, FailureForm, Opened, Reply, Request};
use crate::pipeline::failure::Failure;
use crate::source::{Place, Span};

/// Serves nothing: only where requests go is looked at.
#[derive(Debug)]
struct Nowhere;

impl Endpoint for Nowhere {
    fn failure_form(&self, _: &Request) -> FailureForm {
        FailureForm::Text
    }

    fn open(&self, _: &Request) -> Result<Opened, Failure> {
        Err(Failure::internal("nowhere", ""))
    }

    fn close(&self, _: &Call, _: Returned) -> Result<Reply, Failure> {
        Err(Failure::internal("nowhere", ""))
    }
}

/// Routes by method and path; `*` at its end says that everything below is served too, and ` name=value` behind it are
/// conditions.
fn router(routes: &[(Method, &str)]) -> (Router, Vec<(usize, usize)>) {
    let route = |(method, text): &(Method, &str)| Route {
        method: method.clone(),
        path: text.split(' ').next().unwrap().trim_end_matches('*').to_owned(),
        prefix: text.split(' ').next().unwrap().ends_with('*'),
        conditions: text.split(' ').skip(1).map(condition).collect(),
        vary: None,
        protocol: "rest",
        serves: format!("{method} {text}"),
        place: Place { file: "gateway.kdl".into(), line: 1, column: 1 },
        span: Span::default(),
        endpoint: Arc::new(Nowhere),
        defaults: None,
        resource: None,
        api: None,
    };
    Router::new(routes.iter().map(route).collect())
}

fn condition(text: &str) -> Condition {
    let (name, value) = text.split_once('=').unwrap();
    Condition { name: name.parse().unwrap(), value: value.into() }
}

/// Where a request goes, in a line.
fn found(router: &Router, method: &Method, path: &str) -> String {
    found_with(router, method, path, &[])
}

/// The same for one with header fields.
fn found_with(router: &Router, method: &Method, path: &str, fields: &[(&str, &str)]) -> String {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
    }
    match router.find(method, path, &headers) {
        Found::Route(route, params) => {
            let params: Vec<String> = params.iter().map(|(name, value)| format!(" {name}={value}")).collect();
            format!("{}{}", route.serves, params.concat())
        }
        Found::OtherMethods(methods, _) => format!("allow {methods}"),
        Found::Nothing => "nothing".to_owned(),
    }
}

#[test]
fn each_route_keeps_its_own_names() {
    let (router, clashes) = router(&[(Method::GET, "/o/{id}/{line}"), (Method::POST, "/o/{key}/{sku}")]);
    assert_eq!(clashes, []);
    assert_eq!(found(&router, &Method::GET, "/o/1/%32"), "GET /o/{id}/{line} id=1 line=2");
    assert_eq!(found(&router, &Method::HEAD, "/o/1/2"), "GET /o/{id}/{line} id=1 line=2");
    assert_eq!(found(&router, &Method::POST, "/o/1/2"), "POST /o/{key}/{sku} key=1 sku=2");
    assert_eq!(found(&router, &Method::PUT, "/o/1/2"), "allow GET, HEAD, POST, OPTIONS");
    assert_eq!(found(&router, &Method::GET, "/o/1/"), "nothing");
}

#[test]
fn another_method_falls_through_to_a_pattern_that_serves_it() {
    let (router, _) = router(&[
        (Method::GET, "/o/new"),
        (Method::PUT, "/o/{id}"),
        (Method::GET, "/o/{id}"),
        (Method::DELETE, "/{kind}/new"),
    ]);
    assert_eq!(found(&router, &Method::GET, "/o/new"), "GET /o/new");
    assert_eq!(found(&router, &Method::PUT, "/o/new"), "PUT /o/{id} id=new");
    assert_eq!(found(&router, &Method::DELETE, "/o/new"), "DELETE /{kind}/new kind=o");
    assert_eq!(found(&router, &Method::POST, "/o/new"), "allow GET, HEAD, PUT, DELETE, OPTIONS");
}

#[test]
fn one_pattern_under_two_names_clashes() {
    let (_, clashes) = router(&[(Method::GET, "/o/{id}"), (Method::GET, "/o/{key}")]);
    assert_eq!(clashes, [(1, 0)]);
}

#[test]
fn a_beginning_serves_what_nothing_else_does() {
    let (router, clashes) = router(&[
        (Method::GET, "/*"),
        (Method::GET, "/files*"),
        (Method::GET, "/files/{id}/parts/*"),
        (Method::GET, "/files/{id}"),
        (Method::GET, "/files"),
        (Method::PUT, "/files/new"),
    ]);
    assert_eq!(clashes, []);
    assert_eq!(found(&router, &Method::GET, "/files"), "GET /files");
    assert_eq!(found(&router, &Method::GET, "/files/7"), "GET /files/{id} id=7");
    assert_eq!(found(&router, &Method::GET, "/files/a/b%20c"), "GET /files* rest=a/b c");
    assert_eq!(found(&router, &Method::GET, "/files/"), "GET /files* rest=");
    assert_eq!(found(&router, &Method::GET, "/files/7/parts/1/2"), "GET /files/{id}/parts/* id=7 rest=1/2");
    assert_eq!(found(&router, &Method::GET, "/filesystem"), "GET /* rest=filesystem");
    assert_eq!(found(&router, &Method::GET, "/files/new"), "GET /files/{id} id=new");
    assert_eq!(found(&router, &Method::POST, "/files/new"), "allow PUT, GET, HEAD, OPTIONS");
}

#[test]
fn a_condition_counts_like_a_fixed_segment() {
    let (router, clashes) = router(&[
        (Method::GET, "/o"),
        (Method::GET, "/o x-kind=express"),
        (Method::GET, "/o x-kind=express x-zone=eu"),
        (Method::POST, "/o x-kind=express"),
        (Method::GET, "/o/{id} x-kind=express"),
        (Method::GET, "/{any}/1"),
    ]);
    assert_eq!(clashes, []);
    let with = |method, path, fields: &[(&str, &str)]| found_with(&router, &method, path, fields);
    let express = ("X-Kind", " express ");
    assert_eq!(with(Method::GET, "/o", &[]), "GET /o");
    assert_eq!(with(Method::GET, "/o", &[("X-Kind", "Express")]), "GET /o");
    assert_eq!(with(Method::GET, "/o", &[express]), "GET /o x-kind=express");
    assert_eq!(with(Method::GET, "/o", &[("X-Kind", "a"), express]), "GET /o x-kind=express");
    assert_eq!(with(Method::HEAD, "/o", &[("X-Zone", "eu"), express]), "GET /o x-kind=express x-zone=eu");
    // Without the field it is as if the address were not there.
    assert_eq!(with(Method::POST, "/o", &[]), "allow GET, HEAD, OPTIONS");
    assert_eq!(with(Method::GET, "/o/1", &[]), "GET /{any}/1 any=o");
    assert_eq!(with(Method::GET, "/o/2", &[]), "nothing");
    assert_eq!(router.allow("/o").unwrap().0, "GET, HEAD, POST, OPTIONS");
    assert!(router.allow("/o/2/3").is_none());
}

#[test]
fn routes_clash_where_their_conditions_are_the_same() {
    let (_, clashes) =
        router(&[(Method::GET, "/o a=1 b=2"), (Method::GET, "/o a=1 b=3"), (Method::GET, "/o a=1 b=2")]);
    assert_eq!(clashes, [(2, 0)]);
    let (_, clashes) = router(&[(Method::GET, "/o*"), (Method::GET, "/o/*")]);
    assert_eq!(clashes, [(1, 0)]);
}

#[test]
fn answers_say_which_fields_led_to_them() {
    let (router, _) = router(&[
        (Method::GET, "/a"),
        (Method::GET, "/a x-kind=b x-zone=c"),
        (Method::PUT, "/a"),
        (Method::GET, "/b"),
        (Method::GET, "/{x}/c x-free=1"),
        (Method::GET, "/b/c"),
        (Method::GET, "/b/d"),
        (Method::GET, "/deep* x-below=1"),
        (Method::GET, "/deep/{x}/y"),
        (Method::GET, "/deeper"),
        (Method::GET, "/*"),
        (Method::GET, "/ü x-city=k"),
        (Method::GET, "/%C3%BC"),
    ]);
    let vary = |route: &Route| {
        let value = route.vary.as_ref().map_or("", |value| value.to_str().unwrap());
        format!("{} {}: {value}", route.method, route.path)
    };
    let all: Vec<String> = router.routes().iter().map(vary).collect();
    assert_eq!(
        all,
        [
            "GET /a: x-kind, x-zone",
            "GET /a: x-kind, x-zone",
            "PUT /a: x-kind, x-zone",
            "GET /b: ",
            "GET /{x}/c: x-below, x-free",
            "GET /b/c: x-free",
            "GET /b/d: ",
            "GET /deep: x-below, x-free",
            "GET /deep/{x}/y: x-below",
            "GET /deeper: ",
            "GET /: x-below, x-city, x-free, x-kind, x-zone",
            "GET /ü: x-city",
            "GET /%C3%BC: x-city",
        ]
    );
}
