//! Entity tags and the conditions on them: what is read again without a body, and what is changed only in its state.
#![allow(clippy::unwrap_used, reason = "a test that fails says so by panicking")]

mod support;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use support::{DEADLINE, Gateway, Response, call, get, post};

const NOTES: &str = r##"
listener internal bind="127.0.0.1:0"

profile note format=xml {
    element Note {
        element Id
        element Version type=integer
        element Text
    }
}

process keep { cache put=notes for="1h" { key from="Note/Id" } }

operation get-note {
    action get
    object Note
    output note
    etag "Note/Version"
    process {
        cache get=notes {
            key property=request.path.id
            miss { throw "There is no such note." status=404 code=no-note }
        }
        decision from="Note/Text" eq=broken { then { throw "It cannot be read." status=503 } }
        return
    }
}
operation put-note {
    action update
    object Note
    input note
    output note
    etag "Note/Version"
    process { call keep; return }
}
operation patch-note {
    action execute
    object Note
    input note
    output note
    etag from="Note/Version" script="it + 1"
    process { call keep; return }
}
operation delete-note {
    action delete
    object Note
    output data
    process { message ""; set response.status value=204; return }
}
operation own-tag {
    action get
    object Own
    output data content-type="text/plain"
    process {
        set response.header.ETag value=#"W/"of its own""#
        set response.header.X-Seen value="{request.header.if-match}"
        message "own"
        return
    }
}
operation of-data {
    action get
    object Data
    output data content-type="text/plain"
    etag property=kind
    process { set kind property=request.query.kind; message "data"; return }
}
operation set-own { action execute; object Own; output data; process { message "done"; return } }

api notes base="/notes" {
    rest {
        get "/{id}" get-note
        put "/{key}" put-note
        patch "/{id}" patch-note
        delete "/{id}" delete-note
        get "/x/own" own-tag
        put "/x/own" set-own
        get "/x/data" of-data
    }
}
"##;

fn gateway() -> (Gateway, SocketAddr) {
    let gateway = Gateway::start(NOTES);
    let address = gateway.address("internal");
    (gateway, address)
}

fn note(version: u32, text: &str) -> String {
    format!("<Note><Id>7</Id><Version>{version}</Version><Text>{text}</Text></Note>")
}

/// Sends a note under conditions.
fn send(address: SocketAddr, method: &str, conditions: &[(&str, &str)], version: u32) -> Response {
    let headers = [&[("Content-Type", "application/xml")], conditions].concat();
    call(address, method, "/notes/7", &headers, note(version, "a").as_bytes())
}

/// Reads the note under conditions.
fn read(address: SocketAddr, conditions: &[(&str, &str)]) -> (u16, Option<String>, usize) {
    let answer = call(address, "GET", "/notes/7", conditions, b"");
    (answer.status, answer.header("etag").map(str::to_owned), answer.body.len())
}

#[test]
fn what_is_known_already_is_not_sent_again() {
    let (_gateway, address) = gateway();
    assert_eq!(send(address, "PUT", &[], 1).status, 200);
    let (status, tag, length) = read(address, &[]);
    assert_eq!((status, tag.as_deref()), (200, Some("\"1\"")));
    assert!(length > 0);
    // A weak tag is as good to a reader; any of several, and any state at all.
    for known in ["\"1\"", "W/\"1\"", "\"0\", \"1\"", "*"] {
        let (status, tag, length) = read(address, &[("If-None-Match", known)]);
        assert_eq!((status, tag.as_deref(), length), (304, Some("\"1\""), 0), "{known}");
    }
    for other in ["\"2\"", "\"1+json\"", "1", ""] {
        assert_eq!(read(address, &[("If-None-Match", other)]).0, 200, "{other}");
    }
    // Of two forms each has a tag of its own.
    let json = [("Accept", "application/json")];
    assert_eq!(read(address, &json).1.as_deref(), Some("\"1+json\""));
    assert_eq!(read(address, &[json[0], ("If-None-Match", "\"1\"")]).0, 200);
    let same = call(address, "GET", "/notes/7", &[json[0], ("If-None-Match", "\"1+json\"")], b"");
    assert_eq!((same.status, same.header("vary"), same.header("content-type")), (304, Some("Accept"), None));
    // A reader who wants one state only.
    assert_eq!(read(address, &[("If-Match", "\"1\"")]).0, 200);
    assert_eq!(read(address, &[("If-Match", "W/\"1\"")]).0, 412);
}

#[test]
fn what_has_changed_is_not_changed_again() {
    let (_gateway, address) = gateway();
    let refused = send(address, "PUT", &[("If-Match", "*")], 1);
    assert_eq!(refused.status, 412, "there is none yet");
    assert!(refused.body.contains("precondition-failed"), "{}", refused.body);
    assert_eq!(get(address, "/notes/7").status, 404, "and nothing ran");
    assert_eq!(send(address, "PUT", &[("If-None-Match", "*")], 1).status, 200);
    assert_eq!(send(address, "PUT", &[("If-None-Match", "*")], 2).status, 412);
    assert_eq!(send(address, "PUT", &[("If-Match", "\"2\", W/\"1\"")], 2).status, 412);
    assert_eq!(read(address, &[]).1.as_deref(), Some("\"1\""));
    let put = send(address, "PUT", &[("If-Match", "\"0\", \"1\"")], 2);
    // The tag of an answer to PUT would be of what was sent.
    assert_eq!((put.status, put.header("etag")), (200, None));
    // Whoever read it in JSON changes the same note.
    let patched = send(address, "PATCH", &[("If-Match", "\"2+json\"")], 3);
    assert_eq!((patched.status, patched.header("etag")), (200, Some("\"4\"")));
    assert_eq!(send(address, "PATCH", &[("If-None-Match", "\"3\"")], 4).status, 412);
    assert_eq!(send(address, "PATCH", &[("If-None-Match", "\"2\"")], 4).status, 200);
    let delete = |tag: &str| call(address, "DELETE", "/notes/7", &[("If-Match", tag)], b"").status;
    assert_eq!((delete("\"3\""), delete("\"4\"")), (412, 204));
    // Mistakes are told, and what stands in the way of reading the state.
    let wrong = send(address, "PUT", &[("If-Match", "4")], 5);
    assert!(wrong.status == 400 && wrong.body.contains("bad-condition"), "{}", wrong.body);
    assert_eq!(post_broken(address), 200);
    assert_eq!(send(address, "PUT", &[("If-Match", "\"5\"")], 6).status, 503);
}

fn post_broken(address: SocketAddr) -> u16 {
    call(address, "PUT", "/notes/7", &[("Content-Type", "text/xml")], note(5, "broken").as_bytes()).status
}

#[test]
fn a_step_may_set_the_tag() {
    let (_gateway, address) = gateway();
    let own = |headers: &[(&str, &str)]| call(address, "GET", "/notes/x/own", headers, b"");
    assert_eq!(own(&[]).header("etag"), Some("W/\"of its own\""));
    let tag = "W/\"of\"";
    // A space cannot stand in a tag: what is none is compared with nothing.
    assert_eq!(own(&[("If-None-Match", tag)]).status, 200);
    // Without an `etag` the process alone knows the state.
    let put = call(address, "PUT", "/notes/x/own", &[("If-Match", "\"other\"")], b"");
    assert_eq!(put.status, 200);
    let data = |kind: &str| get(address, &format!("/notes/x/data?kind={kind}"));
    assert_eq!(data("a%22b").header("etag"), Some("\"a%22b\""));
    assert_eq!(data("").header("etag"), None);
}

#[test]
fn head_is_answered_like_get() {
    let (_gateway, address) = gateway();
    assert_eq!(send(address, "PUT", &[], 1).status, 200);
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream
        .write_all(b"HEAD /notes/7 HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"1\"\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert!(
        text.starts_with("HTTP/1.1 304 ") && text.contains("\"1\"") && text.ends_with("\r\n\r\n"),
        "{text}"
    );
    assert_eq!(post(address, "/notes/7", "text/xml", "").status, 405);
}

const WRITER: &str = "writer-token-of-thirty-two-bytes";
const READER: &str = "reader-token-of-thirty-two-bytes";

/// Where writers are others than readers, and reading has bounds of its own.
const GUARDED: &str = r##"
users people {
    user writer token=(env)WRITER { roles writers }
    user reader token=(env)READER { roles writers readers }
}
listener known bind="127.0.0.1:0" { auth token users=people }
admin bind="127.0.0.1:0"
trace keep=10
operation get-note {
    action get
    object Note
    output data content-type="text/plain"
    roles readers
    etag property=tag
    limits request="200ms"
    trace
    process {
        set tag value="7"
        decision property=request.path.id eq=slow { then { wait "1h" } }
        decision property=request.path.id eq=broken {
            then { throw "Not for {request.header.authorization}." status=503 }
        }
        message "a note"
        return
    }
}
operation put-note {
    action update
    object Note
    input data
    output data
    roles writers
    process { message "written"; return }
}
api notes base="/notes" {
    rest {
        get "/{id}" get-note { query v type=integer }
        put "/{id}" put-note
    }
}
"##;

#[test]
fn a_condition_tells_nobody_more_than_a_get_would() {
    let gateway = Gateway::start_with(GUARDED, &[], &[("WRITER", WRITER), ("READER", READER)]);
    let (address, admin) = (gateway.address("known"), gateway.address("admin"));
    let told = |path: &str| call(admin, "GET", path, &[("Host", "localhost")], b"").body;
    let put = |user: &str, path: &str, tag: &str| {
        let token = format!("Bearer {user}");
        let headers =
            [("Authorization", token.as_str()), ("If-Match", tag), ("Accept", "application/octet-stream")];
        call(address, "PUT", path, &headers, b"x")
    };
    // Whether the tag is right or wrong, and whether there is anything or not.
    for (path, tag) in [("/notes/a", "\"7\""), ("/notes/a", "\"8\""), ("/notes/broken", "*")] {
        let refused = put(WRITER, path, tag);
        assert_eq!(refused.status, 403, "{path} {tag}: {refused:?}");
    }
    assert_eq!(told("/traces").matches("get-note").count(), 0, "nothing was run");
    assert_eq!(put(READER, "/notes/a", "\"8\"").status, 412);
    assert_eq!(put(READER, "/notes/a?v=x", "\"7\"").status, 400, "it is checked like a GET");
    assert_eq!(put(READER, "/notes/slow", "\"7\"").status, 504, "it has the time that a GET has");
    let broken = put(READER, "/notes/broken", "\"7\"");
    assert_eq!(broken.status, 503);
    assert!(broken.body.contains("Not for ***.") && !broken.body.contains(READER), "{}", broken.body);
    let traces = told("/traces");
    assert_eq!(traces.matches("get-note").count(), 3, "{traces}");
    let counted = told("/metrics");
    for line in ["operation=\"get-note\",class=\"5xx\"} 2", "operation=\"put-note\",class=\"4xx\"} 5"] {
        assert!(counted.contains(line), "{line} in {counted}");
    }
}
