//! Tests of overlays: what a file becomes, and what is found at which place.

use std::cell::RefCell;

use super::super::DECLARATIONS;
use super::*;
use crate::source::Sources;
use crate::syntax::parse;
use crate::world::Memory;

/// The declarations alone.
static KINDS: Kinds = Kinds {
    steps: &[],
    formats: &[],
    items: &[],
    protocols: &[],
    schemes: &[],
    connectors: &[],
    declarations: DECLARATIONS,
};

/// A file changed by an overlay, written on one line, and the findings: code and the text at its place.
fn merged(file: &str, overlay: &str) -> (String, Vec<String>) {
    let (findings, seen, kept, sources) = Default::default();
    let sources: RefCell<Sources> = sources;
    let world = Memory::default();
    let reading = Reading { world: &world, findings: &findings, seen: &seen, kept: &kept, sources: &sources };
    let add = |name: &str, text: &str| sources.borrow_mut().add(name, text);
    let ids = [add("gateway.kdl", file), add("prod.kdl", overlay)];
    let parsed = [(file, ids[0]), (overlay, ids[1])]
        .map(|(text, id)| parse(text, id, &mut findings.borrow_mut()).unwrap());
    let mut trees = Tree::of(&parsed[0], ids[0], file);
    apply(&mut trees, Tree::of(&parsed[1], ids[1], overlay), true, &KINDS, &reading);
    let shown = written(&trees);
    let findings = findings.borrow();
    let told = findings.sorted().into_iter();
    let told = told.map(|finding| {
        let place = sources.borrow().place(finding.span);
        format!("{} {} {}", finding.code, place.file, sources.borrow().text(finding.span))
    });
    (shown, told.collect())
}

/// Trees as they would be written.
fn written(trees: &[Tree<'_>]) -> String {
    let one = |tree: &Tree<'_>| {
        let entries = tree.entries.iter().map(|entry| match entry.key() {
            Some(key) => format!(" {key}={}", entry.written()),
            None => format!(" {}", entry.written()),
        });
        let block = tree.block.as_ref().map(|block| format!(" {{ {} }}", written(block)));
        format!("{}{}{}", tree.name(), entries.collect::<String>(), block.unwrap_or_default())
    };
    trees.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// What a file becomes by an overlay that gives no findings.
#[track_caller]
fn becomes(file: &str, overlay: &str, expected: &str) {
    assert_eq!(merged(file, overlay), (expected.to_owned(), Vec::new()));
}

#[track_caller]
fn finds(file: &str, overlay: &str, expected: &[&str]) {
    let expected: Vec<String> = expected.iter().map(|&text| text.to_owned()).collect();
    assert_eq!(merged(file, overlay).1, expected);
}

#[test]
fn what_is_left_out_stays() {
    becomes(
        "listener public bind=a trust-proxy=b { tls cert=c key=d }; listener other bind=e",
        "listener public bind=f { tls cert=g; limits body=h }",
        "listener public trust-proxy=b bind=f { tls key=d cert=g; limits body=h }; listener other bind=e",
    );
    becomes("log level=a format=b", "log level=c", "log format=b level=c");
    becomes("process a { stop }", "log level=c", "process a { stop }; log level=c");
}

#[test]
fn arguments_replace_those_behind_the_name() {
    becomes("drain a", "drain b", "drain b");
    becomes(
        "operation a { roles b c; output d many=e }",
        "operation a { roles f; output check=g }",
        "operation a { roles f; output d many=e check=g }",
    );
    becomes(
        "api a base=b { rest { get c d { on-empty e }; post c f } }",
        "api a { rest { get c g } }",
        "api a base=b { rest { get c g { on-empty e }; post c f } }",
    );
}

#[test]
fn null_removes() {
    becomes("log level=a format=b", "log format=#null", "log level=a");
    becomes("log level=a; drain b", "log #null", "drain b");
    becomes("listener a bind=b; listener c bind=d", "listener a #null", "listener c bind=d");
    becomes(
        "listener a bind=b { tls cert=c; allow d }",
        "listener a { tls #null }",
        "listener a bind=b { allow d }",
    );
    becomes("trace sample=a { roles b }", "trace { roles #null }", "trace sample=a");
    becomes(
        "listener a bind=b { auth c; auth d; allow e }",
        "listener a { auth #null }",
        "listener a bind=b { allow e }",
    );
    becomes(
        "users a { user b token=c; user d token=e }",
        "users a { user b #null }",
        "users a { user d token=e }",
    );
}

#[test]
fn null_that_removes_nothing_is_a_warning_at_its_place() {
    finds("log level=a", "log format=#null", &["nothing-to-remove prod.kdl format"]);
    finds("listener a bind=b", "listener a { tls #null }", &["nothing-to-remove prod.kdl tls"]);
    finds("users a { user b }", "users a { user c #null }", &["nothing-to-remove prod.kdl user"]);
    finds("process a { stop }", "drain #null", &["nothing-to-remove prod.kdl drain"]);
    let (text, found) = merged("listener a", "listener a { tls b=#null c=d { e #null; f } }");
    assert_eq!(text, "listener a { tls c=d { f } }");
    assert_eq!(found, ["nothing-to-remove prod.kdl b", "nothing-to-remove prod.kdl e"]);
}

#[test]
fn parts_with_names_are_found_by_them() {
    becomes(
        "users a { user b token=c { allow d }; user e token=f }",
        "users a { user e token=g; user h token=i }",
        "users a { user b token=c { allow d }; user e token=g; user h token=i }",
    );
    becomes(
        "api a { soap b { operation c as=d; operation e } }",
        "api a { soap b { operation c as=f } }",
        "api a { soap b { operation c as=f; operation e } }",
    );
    becomes("api a { soap b { operation c } }", "api a { soap d=e }", "api a { soap b d=e { operation c } }");
    finds("api a { soap b; soap c }", "api a { soap d=e }", &["ambiguous-name prod.kdl soap"]);
}

#[test]
fn an_overlay_says_all_ways_in() {
    becomes(
        "listener a { auth none; allow b }",
        "listener a { auth basic users=c }",
        "listener a { auth basic users=c; allow b }",
    );
    becomes(
        "listener a { auth basic users=b realm=c; auth token users=d }",
        "listener a { auth basic users=e }",
        "listener a { auth realm=c basic users=e }",
    );
    becomes(
        "listener a { auth basic users=b realm=c }",
        "listener a { auth users=d }",
        "listener a { auth basic realm=c users=d }",
    );
}

#[test]
fn what_is_one_thing_is_replaced() {
    becomes("process a { map b; return }", "process a { stop }", "process a { stop }");
    becomes(
        "operation a { action b; process { return } }",
        "operation a { process c }",
        "operation a { action b; process c }",
    );
    becomes("map a from=b to=c { set d }", "map a { set e }", "map a from=b to=c { set e }");
    becomes(
        "profile a format=b { element c }",
        "profile a validate=lax",
        "profile a format=b validate=lax { element c }",
    );
    becomes("table a key=b { row b=c; row b=d }", "table a { row b=e }", "table a key=b { row b=e }");
}

#[test]
fn several_of_a_word_are_replaced_by_those_of_the_overlay() {
    becomes("listener a { x b; x c; y d }", "listener a { x e f=g }", "listener a { x e f=g; y d }");
    becomes("listener a { x b; y d }", "listener a { x e; x f }", "listener a { x e; x f; y d }");
}

#[test]
fn a_version_says_which_api() {
    let file = "api a version=b base=c; api a version=d base=e";
    becomes(file, "api a version=d base=f", "api a version=b base=c; api a version=d base=f");
    finds(file, "api a base=f", &["ambiguous-name prod.kdl api"]);
    finds(file, "api a version=g base=f", &["ambiguous-name prod.kdl api"]);
    becomes("api a version=b base=c", "api a base=d", "api a version=b base=d");
}

#[test]
fn what_an_overlay_cannot_say_is_found() {
    finds("listener public bind=a", "listener publik bind=b", &["unknown-name prod.kdl publik"]);
    finds(
        "log level=a",
        "include b; functions c",
        &["not-in-overlay prod.kdl include", "not-in-overlay prod.kdl functions"],
    );
    finds("log level=a", "log level=b; log level=c", &["duplicate-name prod.kdl log"]);
    let routes = "api a { rest { get b c { header d e }; get b f } }";
    finds(routes, "api a { rest { get b g } }", &["ambiguous-name prod.kdl get"]);
}

/// Everything but these has a name behind its word: an overlay finds it by that.
#[test]
fn declarations_without_a_name_are_known() {
    for manual in DECLARATIONS.iter().filter(|manual| !matches!(manual.name, "include" | "functions")) {
        let named = manual.usage.starts_with(&format!("{} NAME", manual.name));
        assert_ne!(named, top::ONCE.contains(&manual.name), "{}", manual.name);
    }
}
