//! The `file` step seen from outside: what lies in the folder, and what never does.
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

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Instant;

use support::*;

/// An operation over a list of items that answers with text: POST /ws/simple/executeOBJECT.
fn operation(object: &str, process: &str) -> String {
    format!(
        "operation execute-{} {{\n action execute\n object {object}\n input item many=#true\n output data content-type=\"text/plain\"\n process {{\n{process}\n}}\n}}\n",
        object.to_lowercase()
    )
}

/// A gateway whose folder is `exchange`, beside a file that nobody may see.
fn start(operations: &[(&str, &str)]) -> Gateway {
    start_with("", operations)
}

fn start_with(more: &str, operations: &[(&str, &str)]) -> Gateway {
    let operations: String = operations.iter().map(|(object, process)| operation(object, process)).collect();
    let folder = Folder::new();
    fs::create_dir(folder.path().join("exchange")).unwrap();
    folder.write("secret", "secret");
    folder.write(
        "gateway.kdl",
        &format!(
            "listener internal bind=\"127.0.0.1:0\"\nfiles root=\"exchange\"\nprofile item format=xml {{ element Item {{ element Name; element Text occurs=\"0..1\" }} }}\n{more}\n{operations}"
        ),
    );
    Gateway::start_in(folder, &[], &[])
}

/// `a=text` as an item.
fn items(all: &[&str]) -> String {
    let one = |item: &&str| {
        let (name, text) = item.split_once('=').unwrap_or((item, ""));
        format!("<Item><Name>{name}</Name><Text>{text}</Text></Item>")
    };
    all.iter().map(one).collect()
}

fn ask(gateway: &Gateway, object: &str, items: &str) -> Response {
    let (path, body) =
        (format!("/ws/simple/execute{object}"), format!("<{object}List>{items}</{object}List>"));
    post(gateway.address("internal"), &path, "application/xml", &body)
}

fn done(gateway: &Gateway, object: &str, items: &str) -> String {
    let answer = ask(gateway, object, items);
    assert_eq!(answer.status, 200, "{object}: {answer:?}");
    answer.body
}

/// Asks for what must fail with a code, and gives what the log says of it.
fn fails(gateway: &mut Gateway, object: &str, items: &str, code: &str) -> String {
    let answer = ask(gateway, object, items);
    assert!(answer.status == 500 && answer.body.contains(&format!("code: {code}\n")), "{code}: {answer:?}");
    gateway.wait_for_line(answer.header("x-request-id").unwrap())
}

fn root(gateway: &Gateway) -> PathBuf {
    gateway.folder.path().join("exchange")
}

fn text(gateway: &Gateway, path: &str) -> Option<String> {
    fs::read_to_string(root(gateway).join(path)).ok()
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<String> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type().unwrap().is_dir() {
            all.extend(files(&entry.path()).into_iter().map(|file| format!("{name}/{file}")));
        } else {
            all.push(name);
        }
    }
    all.sort();
    all
}

/// Writes what the item says under its name.
fn write(more: &str) -> String {
    format!(
        "set n from=\"Item/Name\"\nset t from=\"Item/Text\"\nmessage \"{{t}}\"\nfile write=\"out/{{n}}\" {more}\nmessage \"{{n}};\"\nreturn"
    )
}

const READ: &str = "set n from=\"Item/Name\"\nset own value=\"own\"\nfile read=\"out/{n}\"\nset response.header.x-name property=file.name\nset response.header.x-own property=own\nreturn";

#[test]
fn documents_become_files_and_files_documents() {
    let gateway = start(&[
        ("Write", &write("")),
        (
            "Keep",
            "file write=\"whole/deep/{= doc.Item.Name}.xml\"\nset n from=\"Item/Name\"\nmessage \"{n}\"\nreturn",
        ),
        ("Read", READ),
        ("Skip", &READ.replace("out/{n}\"", "out/{n}\" missing=skip")),
        (
            "Typed",
            "set n from=\"Item/Name\"\nfile read=\"whole/deep/{n}.xml\" profile=item\nmessage \"read {= doc.Item.Text}\"\nreturn",
        ),
    ]);
    assert_eq!(done(&gateway, "Write", &items(&["a=one", "b=two", "ü &amp;.txt="])), "a;b;ü &.txt;");
    assert_eq!(files(&root(&gateway)), ["out/a", "out/b", "out/ü &.txt"]);
    assert_eq!(
        (text(&gateway, "out/b").unwrap(), text(&gateway, "out/ü &.txt").unwrap()),
        ("two".into(), "".into())
    );
    // Another one takes its place.
    done(&gateway, "Write", &items(&["a=three", "a=four"]));
    assert_eq!(text(&gateway, "out/a").unwrap(), "four");
    let answer = ask(&gateway, "Read", &items(&["a", "b"]));
    assert_eq!((answer.status, answer.body.as_str()), (200, "fourtwo"), "{answer:?}");
    assert_eq!((answer.header("x-name"), answer.header("x-own")), (Some("out/b"), Some("own")), "{answer:?}");
    assert_eq!(done(&gateway, "Skip", &items(&["none", "b", "nor/this"]).replace("nor/this", "nor")), "two");
    assert_eq!(done(&gateway, "Skip", &items(&["none"])), "");
    // The documents go on as they were, and a profile reads the file.
    assert_eq!(done(&gateway, "Keep", &items(&["x=hello"])), "x");
    assert!(text(&gateway, "whole/deep/x.xml").unwrap().contains("<Text>hello</Text>"));
    assert_eq!(done(&gateway, "Typed", &items(&["x"])), "read hello");
    // No documents: nothing runs.
    assert_eq!(done(&gateway, "Write", ""), "");
}

#[test]
fn what_is_there_already_is_treated_as_the_file_says() {
    let mut gateway = start(&[
        ("Fail", &write("exists=fail")),
        ("Append", &write("exists=append")),
        (
            "Caught",
            &format!(
                "try {{ {}\n catch {{ message \"caught {{error.code}} {{= doc.Item.Text}};\"; return }} }}",
                write("exists=fail")
            ),
        ),
        ("Read", READ),
    ]);
    assert_eq!(done(&gateway, "Fail", &items(&["a=one"])), "a;");
    let line = fails(&mut gateway, "Fail", &items(&["b=two", "a=three", "c=four"]), "file-exists");
    assert!(line.contains("out/a: there is such a file already"), "{line}");
    // Those before are there, those behind are not; nothing else is.
    assert_eq!(files(&root(&gateway)), ["out/a", "out/b"]);
    assert_eq!(text(&gateway, "out/a").unwrap(), "one");
    let caught = done(&gateway, "Caught", &items(&["d=five", "a=six"]));
    assert_eq!(caught, "caught file-exists five;caught file-exists six;");
    assert_eq!(done(&gateway, "Append", &items(&["log=1,", "log=2,", "log=3"])), "log;log;log;");
    assert_eq!(text(&gateway, "out/log").unwrap(), "1,2,3");
    let line = fails(&mut gateway, "Read", &items(&["none"]), "no-such-file");
    assert!(line.contains("out/none: there is no such file"), "{line}");
    fs::create_dir(root(&gateway).join("out/folder")).unwrap();
    fails(&mut gateway, "Read", &items(&["folder"]), "not-a-file");
    fails(&mut gateway, "Append", &items(&["folder=x"]), "file-failed");
}

#[test]
fn nothing_leads_out_of_the_folder() {
    let script = "let n = doc.Item.Name; if n == \"NUL\" { \"a\\u0000b\" } else if n == \"LF\" { \"a\\nb\" } else { n }";
    let name =
        |before: &str, after: &str| format!("set n script=#\"{script}\"#\nmessage \"text\"\n{before}{after}");
    let mut gateway = start(&[
        ("Write", &name("file write=\"{n}\"\n", "return")),
        ("Read", &name("file read=\"{n}\"\n", "return")),
        ("Below", &name("file write=\"in/{n}/{n}\"\n", "return")),
        ("Two", &name("file write=\"in/.{n}\"\n", "return")),
        ("Linked", &name("file read=\"{n}/secret\"\n", "return")),
        ("Into", &name("file write=\"{n}/new\"\n", "return")),
        ("Onto", &name("file write=\"{n}\" exists=append\n", "return")),
    ]);
    let long = "x".repeat(256);
    for wrong in [
        "..",
        ".",
        "../secret",
        "/etc/passwd",
        "a/b",
        "a/../../secret",
        "..\\secret",
        "\\\\host\\share",
        "NUL",
        "LF",
        "",
        &long,
    ] {
        for object in ["Write", "Read", "Below"] {
            let line = fails(&mut gateway, object, &items(&[wrong]), "bad-file-name");
            assert!(!line.contains('\0') && line.len() < 1500, "{line}");
        }
    }
    fails(&mut gateway, "Two", &items(&["."]), "bad-file-name");
    let line = fails(&mut gateway, "Write", &items(&["LF"]), "bad-file-name");
    assert!(line.contains("a\\") && line.contains("there is a control character in it"), "{line}");
    assert_eq!(files(&root(&gateway)), [""; 0]);
    // What others would decode is a name.
    for plain in ["%2e%2e%2fsecret", "..%2fsecret", "..%c0%afsecret", "．．", "~", "$HOME", "C:", "...."] {
        assert_eq!(done(&gateway, "Write", &items(&[plain])), "text", "{plain}");
        assert_eq!(text(&gateway, plain).as_deref(), Some("text"), "{plain}");
    }
    let written = files(&root(&gateway));
    // Links are followed within the folder alone.
    let folder = gateway.folder.path().to_owned();
    symlink(&folder, root(&gateway).join("absolute")).unwrap();
    symlink("..", root(&gateway).join("relative")).unwrap();
    symlink("../secret", root(&gateway).join("file")).unwrap();
    for link in ["absolute", "relative"] {
        let line = fails(&mut gateway, "Linked", &items(&[link]), "file-failed");
        assert!(line.contains("a link in its path leads out of the folder"), "{line}");
        fails(&mut gateway, "Into", &items(&[link]), "file-failed");
    }
    fails(&mut gateway, "Read", &items(&["file"]), "file-failed");
    fails(&mut gateway, "Onto", &items(&["file"]), "file-failed");
    assert_eq!(fs::read_to_string(folder.join("secret")).unwrap(), "secret");
    let mut beside: Vec<String> = files(&folder).into_iter().filter(|file| !file.contains('/')).collect();
    beside.sort();
    assert_eq!(beside, ["gateway.kdl", "secret"], "nothing new");
    let mut after = files(&root(&gateway));
    after.retain(|file| !["absolute", "relative", "file"].contains(&file.as_str()));
    assert_eq!(after, written);
}

#[test]
fn nobody_reads_half_a_file() {
    let gateway = start(&[(
        "Write",
        "message \"{= string::repeat(doc.Item.Text, 200000)}\"\nfile write=\"deep/er/shared\"\nmessage \"done\"\nreturn",
    )]);
    let texts = ["a", "b", "c", "d"];
    let whole = |text: &str| text.repeat(200_000);
    std::thread::scope(|scope| {
        let gateway = &gateway;
        let writers: Vec<_> = texts
            .iter()
            .map(|word| {
                scope.spawn(move || {
                    for _ in 0..5 {
                        assert_eq!(done(gateway, "Write", &items(&[&format!("x={word}")])), "done");
                    }
                })
            })
            .collect();
        let until = Instant::now() + DEADLINE;
        let mut seen = 0;
        while !writers.iter().all(|writer| writer.is_finished()) || seen == 0 {
            assert!(Instant::now() < until, "no file was seen");
            if let Some(found) = text(gateway, "deep/er/shared") {
                assert!(texts.iter().any(|word| found == whole(word)), "{} bytes", found.len());
                seen += 1;
            }
        }
    });
    assert_eq!(files(&root(&gateway)), ["deep/er/shared"]);
}

#[test]
fn appended_lines_do_not_mix() {
    let gateway = start(&[(
        "Append",
        "set t from=\"Item/Text\"\nmessage \"{t}\\n\"\nfile write=\"log\" exists=append\nmessage \"done\"\nreturn",
    )]);
    let line = |word: &str| word.repeat(5000);
    std::thread::scope(|scope| {
        for word in ["a", "b", "c", "d"] {
            let gateway = &gateway;
            scope.spawn(move || {
                for _ in 0..10 {
                    done(gateway, "Append", &items(&[&format!("x={}", line(word))]));
                }
            });
        }
    });
    let log = text(&gateway, "log").unwrap();
    assert_eq!(log.lines().count(), 40);
    assert!(log.lines().all(|found| ["a", "b", "c", "d"].iter().any(|word| found == line(word))));
}

#[test]
fn what_is_too_large_is_not_read() {
    let process = "file read=\"{= doc.Item.Name}\"\nreturn";
    let limited = operation("Read", process).replace("process {", "limits bytes=\"100KiB\"\n process {");
    let mut gateway = start_with(&limited, &[]);
    fs::write(root(&gateway).join("fits"), "x".repeat(90 << 10)).unwrap();
    fs::write(root(&gateway).join("large"), "x".repeat((100 << 10) + 1)).unwrap();
    assert_eq!(done(&gateway, "Read", &items(&["fits"])).len(), 90 << 10);
    let line = fails(&mut gateway, "Read", &items(&["large"]), "file-too-large");
    assert!(line.contains("it has more than the 102400 bytes"), "{line}");
    fails(&mut gateway, "Read", &items(&["fits", "fits"]), "too-much");
}

/// Waits until no file is there that has no name yet.
fn is_tidy(gateway: &Gateway) {
    let until = Instant::now() + DEADLINE;
    while files(&root(gateway)).iter().any(|file| file.contains(".soapstone-")) {
        assert!(Instant::now() < until, "{:?}", files(&root(gateway)));
        std::thread::yield_now();
    }
}

#[test]
fn a_cancelled_write_leaves_nothing_behind() {
    let folder = Folder::new();
    fs::create_dir(folder.path().join("exchange")).unwrap();
    let text = r#"listener internal bind="127.0.0.1:0" { limits body="64MiB" }
files root="exchange"
operation execute-work {
    action execute
    object Work
    input data
    output data
    process {
        file write="large" timeout="1ms"
        return
    }
}
operation execute-try {
    action execute
    object Try
    input data
    output data content-type="text/plain"
    process {
        try {
            file write="large" timeout="1ms"
            catch { message "{error.code} {error.step}"; return }
        }
        return
    }
}
"#;
    folder.write("gateway.kdl", text);
    let gateway = Gateway::start_in(folder, &[], &[]);
    let body = "x".repeat(40 << 20);
    for _ in 0..3 {
        let answer = post(gateway.address("internal"), "/ws/simple/executeWork", "text/plain", &body);
        assert!(answer.status == 504 && answer.body.contains("code: timeout"), "{answer:?}");
        is_tidy(&gateway);
        assert!(text_size(&gateway).is_none_or(|size| size == body.len()), "half a file has its name");
    }
    let answer = post(gateway.address("internal"), "/ws/simple/executeTry", "text/plain", &body);
    assert_eq!((answer.status, answer.body.as_str()), (200, "timeout file"), "{answer:?}");
    is_tidy(&gateway);
}

fn text_size(gateway: &Gateway) -> Option<usize> {
    fs::metadata(root(gateway).join("large")).ok().map(|about| about.len() as usize)
}

#[test]
fn it_works_inside_other_steps() {
    let keep = "set n from=\"Item/Name\"\nfile write=\"{n}\"";
    let mut gateway = start_with(
        &format!("process keeps {{ {keep} }}"),
        &[
            (
                "Parallel",
                "parallel 8 { call keeps; set n from=\"Item/Name\"; file read=\"{n}\" profile=item; message \"{= doc.Item.Text};\" }\nreturn",
            ),
            (
                "Branch",
                "branch { path keep { call keeps; stop }; path read { set n from=\"Item/Name\"; file read=\"{n}\" profile=item; message \"{= doc.Item.Text};\" } }\nreturn",
            ),
            (
                "First",
                "parallel 8 { set n from=\"Item/Name\"; file write=\"first/{n}\" exists=fail }\nmessage \"done;\"\nreturn",
            ),
        ],
    );
    let names: Vec<String> = (0..50).map(|n| format!("n{n}={n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let numbers: String = (0..50).map(|n| format!("{n};")).collect();
    assert_eq!(done(&gateway, "Parallel", &items(&names)), numbers);
    assert_eq!(files(&root(&gateway)).len(), 50);
    assert_eq!(done(&gateway, "Branch", &items(&["a=1", "b=2"])), "1;2;");
    // The first failure cancels the others.
    assert_eq!(done(&gateway, "First", &items(&["n49=x"])), "done;");
    fails(&mut gateway, "First", &items(&names), "file-exists");
    is_tidy(&gateway);
}

#[test]
fn a_missing_folder_is_told_at_the_start_and_found_when_it_comes() {
    let mut gateway = start(&[("Write", &write(""))]);
    fs::rename(root(&gateway), gateway.folder.path().join("away")).unwrap();
    let line = fails(&mut gateway, "Write", &items(&["a=1"]), "file-failed");
    assert!(line.contains("the root of `files` cannot be opened: there is no such folder"), "{line}");
    fs::create_dir(root(&gateway)).unwrap();
    assert_eq!(done(&gateway, "Write", &items(&["a=1"])), "a;");
    assert_eq!(text(&gateway, "out/a").unwrap(), "1");
    let folder = Folder::new();
    let text = "listener internal bind=\"127.0.0.1:0\"\nfiles root=\"none\"\n";
    folder.write("gateway.kdl", &format!("{text}process a {{ file write=\"x\"; stop }}"));
    let mut gateway = Gateway::start_in(folder, &[], &[]);
    // It may be told before the gateway says that it serves.
    let (_, log) = gateway.stop();
    assert!(
        log.contains("none: the root of `files` cannot be opened") && log.contains("every step `file` fails"),
        "{log}"
    );
}
