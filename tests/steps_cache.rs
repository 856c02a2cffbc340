//! The `cache` step seen from outside: what is found again, by whom, and for how long.
#![allow(clippy::disallowed_methods, reason = "tests read files and run programs")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop at the first surprise"
)]

mod support;

use std::time::Instant;

use support::*;

/// What stands around the operations of each test.
const AROUND: &str = r#"admin bind="127.0.0.1:0"
listener internal bind="127.0.0.1:0"
profile item format=xml { element Item { element Name; element Note occurs="0..1" } }
"#;

/// An operation over a list of items that answers with text: POST /ws/simple/executeOBJECT.
fn operation(object: &str, process: &str) -> String {
    format!(
        "operation execute-{} {{\n action execute\n object {object}\n input item many=#true\n output data content-type=\"text/plain\"\n process {{\n{process}\n}}\n}}\n",
        object.to_lowercase()
    )
}

/// Finds what a name was made into, or makes it: the request that made it can be told from it.
fn look(cache: &str, time: &str) -> String {
    format!(
        r#"set n from="Item/Name"
        cache get={cache} {{
            key property=n
            miss {{
                message "{{n}}@{{request.id}};"
                cache put={cache} for="{time}" {{ key property=n }}
            }}
        }}
        return"#
    )
}

fn items(names: &[&str]) -> String {
    names.iter().map(|name| format!("<Item><Name>{name}</Name></Item>")).collect()
}

fn item(name: &str, note: &str) -> String {
    format!("<Item><Name>{name}</Name><Note>{note}</Note></Item>")
}

/// The answer of an operation to a list of items.
fn ask(gateway: &Gateway, object: &str, items: &str) -> Response {
    let (path, body) =
        (format!("/ws/simple/execute{object}"), format!("<{object}List>{items}</{object}List>"));
    post(gateway.address("internal"), &path, "application/xml", &body)
}

/// What an operation makes of items.
fn done(gateway: &Gateway, object: &str, items: &str) -> String {
    let answer = ask(gateway, object, items);
    assert_eq!(answer.status, 200, "{object}: {answer:?}");
    answer.body
}

fn metric(gateway: &Gateway, name: &str, cache: &str) -> Option<u64> {
    let text = call(gateway.address("admin"), "GET", "/metrics", &[("Host", "localhost")], b"").body;
    let line = format!("soapstone_{name}{{cache=\"{cache}\"}} ");
    text.lines().find_map(|found| found.strip_prefix(&line)).map(|value| value.parse().unwrap())
}

#[test]
fn what_was_put_is_found_until_it_is_removed() {
    let gateway = Gateway::start(&format!(
        "{AROUND}{}{}",
        operation("Look", &look("names", "1h")),
        operation(
            "Forget",
            "cache remove=names { key from=\"Item/Name\" }\nmessage \"gone{= doc.Item.Name};\"\nreturn"
        ),
    ));
    let first = done(&gateway, "Look", &items(&["a"]));
    assert!(first.starts_with("a@"), "{first}");
    assert_eq!(done(&gateway, "Look", &items(&["a"])), first);
    // What is found goes on first, then what was made, each in the order of the documents.
    let mixed = done(&gateway, "Look", &items(&["c", "a", "b", "a"]));
    assert!(mixed.starts_with(&format!("{first}{first}c@")), "{mixed}");
    assert!(mixed.contains(";b@"), "{mixed}");
    assert_eq!(done(&gateway, "Look", &items(&["b", "c"])).matches('@').count(), 2);
    assert_eq!(done(&gateway, "Forget", &items(&["a", "none"])), "gonea;gonenone;");
    let again = done(&gateway, "Look", &items(&["a", "b"]));
    assert!(again.starts_with("b@") && !again.contains(&first), "{again}");
    // No documents: nothing runs.
    assert_eq!(done(&gateway, "Look", ""), "");
    assert_eq!(metric(&gateway, "cache_hits_total", "names"), Some(6));
    assert_eq!(metric(&gateway, "cache_misses_total", "names"), Some(4));
    assert_eq!(metric(&gateway, "cache_entries", "names"), Some(3));
    assert!(metric(&gateway, "cache_bytes", "names").unwrap() > 0);
    // Every worker sees it: a new connection goes to the worker with the fewest.
    let body = format!("<LookList>{}</LookList>", items(&["a"]));
    let mut open: Vec<Connection> = (0..20).map(|_| Connection::open(gateway.address("internal"))).collect();
    for connection in &mut open {
        let headers = [("Content-Type", "application/xml")];
        let answer = connection.call("POST", "/ws/simple/executeLook", &headers, body.as_bytes());
        assert!(answer.body.starts_with("a@") && again.ends_with(&answer.body), "{answer:?}");
    }
}

#[test]
fn an_entry_ends_with_its_time() {
    let gateway = Gateway::start(&format!("{AROUND}{}", operation("Look", &look("short", "300ms"))));
    let first = done(&gateway, "Look", &items(&["a"]));
    let until = Instant::now() + DEADLINE;
    // It ends although it is read all the time.
    while done(&gateway, "Look", &items(&["a"])) == first {
        assert!(Instant::now() < until, "it never ends");
        std::thread::yield_now();
    }
}

/// Puts under a key, and gets under one: by what the gateway is asked for.
fn put_and_get(key: &str) -> String {
    let put = format!("cache put=pairs for=\"1h\" {{ {key} }}\nmessage \"put\"\nreturn");
    let get = format!(
        "set own value=\"own\"\ncache get=pairs {{ {key}; miss {{ message \"missed\"; return }} }}\nset response.header.x-own property=own\nset response.header.x-put property=put\nset name from=\"Item/Name\"\nmessage \"found {{name}};\"\nreturn"
    );
    format!(
        "{AROUND}{}{}",
        operation("Put", &format!("set put value=\"put\"\n{put}")),
        operation("Get", &get)
    )
}

#[test]
fn parts_of_a_key_do_not_run_together() {
    let gateway = Gateway::start(&put_and_get("key from=\"Item/Name\"; key from=\"Item/Note\""));
    assert_eq!(done(&gateway, "Put", &item("a", "bc")), "put");
    assert_eq!(done(&gateway, "Get", &item("a", "bc")), "found a;");
    for (name, note) in [("ab", "c"), ("abc", ""), ("", "abc"), ("a", "b"), ("a|", "bc")] {
        assert_eq!(done(&gateway, "Get", &item(name, note)), "missed", "{name} {note}");
    }
    // Without one of its parts a document has no key.
    for body in [item("a", ""), items(&["a"])] {
        assert_eq!(done(&gateway, "Put", &body), "put");
        assert_eq!(done(&gateway, "Get", &body), "missed");
    }
    assert_eq!(metric(&gateway, "cache_entries", "pairs"), Some(1));
    let gateway = Gateway::start(&put_and_get("key from=\"Item/Name\"; key from=\"Item/Note\" default=none"));
    assert_eq!(done(&gateway, "Put", &items(&["a"])), "put");
    assert_eq!(done(&gateway, "Get", &item("a", "none")), "found a;", "the default is a part like any other");
}

#[test]
fn the_body_and_its_format_are_found_and_the_properties_stay() {
    // By the note, so that the name tells which document it is.
    let gateway = Gateway::start(&put_and_get("key from=\"Item/Note\""));
    assert_eq!(done(&gateway, "Put", &item("first", "k")), "put");
    let answer = ask(&gateway, "Get", &item("second", "k"));
    assert_eq!(answer.body, "found first;", "{answer:?}");
    assert_eq!((answer.header("x-own"), answer.header("x-put")), (Some("own"), None), "{answer:?}");
    assert_eq!(done(&gateway, "Put", &item("third", "k")), "put");
    assert_eq!(
        done(&gateway, "Get", &item("second", "k")),
        "found third;",
        "it takes the place of the first"
    );
}

#[test]
fn it_works_inside_other_steps() {
    let gateway = Gateway::start(&format!(
        "{AROUND}process looks {{ {} }}\n{}{}{}{}",
        look("names", "1h"),
        operation("Call", "call looks each=#true\nreturn"),
        operation("Parallel", "parallel 4 { call looks }\nreturn"),
        operation(
            "Branch",
            r#"branch {
                path put { set n from="Item/Name"; message "kept {n};"; cache put=names for="1h" { key property=n }; stop }
                path get { call looks }
            }
            return"#
        ),
        operation(
            "Try",
            r#"try {
                set n from="Item/Name"
                message "kept {n};"
                cache put=names for="1h" { key script="if property::get(\"n\") == \"bad\" { throw \"no key\" } else { property::get(\"n\") }" }
                catch { message "caught {= doc.Item.Name};" }
            }
            return"#
        ),
    ));
    let first = done(&gateway, "Call", &items(&["a", "b", "a"]));
    let made: Vec<&str> = first.split_inclusive(';').collect();
    assert!(made.len() == 3 && made[0] == made[2] && made[1].starts_with("b@"), "{first}");
    let parallel = done(&gateway, "Parallel", &items(&["x", "b", "a"]));
    assert!(
        parallel.starts_with("x@") && parallel.ends_with(&format!("{}{}", made[1], made[0])),
        "{parallel}"
    );
    assert_eq!(done(&gateway, "Branch", &items(&["c", "d"])), "kept c;kept d;");
    // A failure in the middle: the documents are what they were, and what was put before stays put.
    let caught = done(&gateway, "Try", &items(&["e", "bad", "f"]));
    assert_eq!(caught, "caught e;caught bad;caught f;");
    let after = done(&gateway, "Call", &items(&["e", "f"]));
    assert!(after.starts_with("kept e;f@"), "{after}");
}

#[test]
fn many_documents_are_looked_for_at_once() {
    let gateway = Gateway::start(&format!("{AROUND}{}", operation("Look", &look("names", "1h"))));
    let names: Vec<String> = (0..2000).map(|n| format!("n{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let first = done(&gateway, "Look", &items(&names));
    assert_eq!(first.matches(';').count(), 2000);
    assert_eq!(done(&gateway, "Look", &items(&names)), first);
}

#[test]
fn a_cache_is_bounded() {
    let small = look("few", "1h").replace("for=", "entries=2 for=");
    let large = "cache put=large for=\"1h\" { key from=\"Item/Name\" }\nmessage \"put\"\nreturn";
    let found = "cache get=large { key from=\"Item/Name\"; miss { message \"missed\" } }\nreturn";
    let gateway = Gateway::start(&format!(
        "{AROUND}capacity caches=\"60KiB\"\n{}{}{}",
        operation("Look", &small),
        operation("Put", large),
        operation("Get", found),
    ));
    done(&gateway, "Look", &items(&["a", "b", "c"]));
    assert_eq!(metric(&gateway, "cache_entries", "few"), Some(2));
    // The share of each of the two is 30 KiB.
    let note = "x".repeat(14 << 10);
    for name in ["a", "b", "c", "d"] {
        assert_eq!(done(&gateway, "Put", &item(name, &note)), "put");
    }
    assert_eq!(metric(&gateway, "cache_entries", "large"), Some(2));
    assert!(metric(&gateway, "cache_bytes", "large").unwrap() <= 30 << 10);
    assert_eq!(done(&gateway, "Get", &items(&["a"])), "missed");
    assert!(done(&gateway, "Get", &items(&["d"])).contains("<Name>d</Name>"));
    // What is larger than all of it is not kept, and takes nothing away.
    assert_eq!(done(&gateway, "Put", &item("e", &"x".repeat(31 << 10))), "put");
    assert_eq!(done(&gateway, "Get", &items(&["e"])), "missed");
    assert_eq!(metric(&gateway, "cache_entries", "large"), Some(2));
}

#[test]
fn a_reload_keeps_what_has_the_same_name() {
    let file = |cache: &str, time: &str, word: &str| {
        format!("{AROUND}process {word} {{ stop }}\n{}", operation("Look", &look(cache, time)))
    };
    let gateway = Gateway::start(&file("names", "1h", "one"));
    let first = done(&gateway, "Look", &items(&["a"]));
    let becomes = |text: &str| {
        gateway.folder.write("gateway.kdl", text);
        let (status, told) = gateway.reload();
        assert!(status.success() && told.contains("serves"), "{told}");
    };
    becomes(&file("names", "1h", "two"));
    assert_eq!(done(&gateway, "Look", &items(&["a"])), first);
    // Another time holds for what is put from now on.
    becomes(&file("names", "1ms", "two"));
    assert_eq!(done(&gateway, "Look", &items(&["a"])), first);
    assert_eq!(metric(&gateway, "cache_hits_total", "names"), Some(2));
    becomes(&file("others", "1h", "two"));
    assert_ne!(done(&gateway, "Look", &items(&["a"])), first);
    assert_eq!(metric(&gateway, "cache_entries", "names"), None, "what nothing names any more is gone");
    assert_eq!(metric(&gateway, "cache_entries", "others"), Some(1));
    becomes(&file("names", "1h", "two"));
    assert_ne!(done(&gateway, "Look", &items(&["a"])), first);
}

#[test]
fn a_key_of_several_values_is_refused() {
    let process = "cache put=items for=\"1h\" { key from=\"Item\" }\nmessage \"put\"\nreturn";
    let found = "cache get=items { key from=\"Item\"; miss { stop } }\nreturn";
    let text = format!("{AROUND}{}{}", operation("Put", process), operation("Get", found));
    let mut gateway = Gateway::start(&text);
    let answer = ask(&gateway, "Put", &items(&["a"]));
    assert!(answer.status == 500 && answer.body.contains("code: bad-key"), "{answer:?}");
    let line = gateway.wait_for_line("bad-key");
    assert!(line.contains("the cache items is no single value"), "{line}");
}
