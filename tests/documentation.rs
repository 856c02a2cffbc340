//! What README shows is what happens: its requests are sent, its answers compared, its finding and reload reproduced.
#![allow(clippy::disallowed_methods, reason = "tests read files and the environment")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that fails says so by panicking"
)]

mod support;

use std::process::Command;

use support::{Folder, Gateway, binary, order_service, project};

/// The fenced blocks with their language.
fn blocks(text: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut parts = text.split("\n```");
    parts.next();
    while let (Some(block), Some(_)) = (parts.next(), parts.next()) {
        let (language, body) = block.split_once('\n').unwrap();
        blocks.push((language.to_owned(), body.to_owned()));
    }
    blocks
}

/// The text with the value of `"requestId"` replaced, which is another each time.
fn without_id(text: &str) -> String {
    match text.split_once("\"requestId\":\"") {
        Some((before, after)) => {
            let end = after.find('"').unwrap();
            format!("{before}\"requestId\":\"REQUEST-ID{}", &after[end..])
        }
        None => text.to_owned(),
    }
}

#[test]
fn the_requests_of_readme_get_the_answers_of_readme() {
    let gateway = Gateway::start(&order_service());
    let readme = blocks(&project("README.md"));
    let pairs: Vec<_> = readme.windows(2).filter(|pair| pair[0].0 == "sh").collect();
    assert_eq!(pairs.len(), 3, "SOAP, REST and plain HTTP");
    for pair in pairs {
        let command = pair[0].1.replace("127.0.0.1:8080", &gateway.address("internal").to_string());
        let output = Command::new("sh").args(["-c", &command]).output().unwrap();
        let answer = String::from_utf8(output.stdout).unwrap();
        assert_eq!(without_id(answer.trim()), pair[1].1.trim(), "{command}");
    }
}

#[test]
fn the_change_of_readme_reloads_as_readme_says() {
    let gateway = Gateway::start(&order_service());
    let (before, after) = ("^(AT|CH|DE)$", "^(AT|CH|DE|FR)$");
    assert!(order_service().contains(before) && project("README.md").contains(after));
    gateway.folder.write("gateway.kdl", &order_service().replace(before, after));
    let (status, text) = gateway.reload();
    assert!(status.success(), "{text}");
    let shown = blocks(&project("README.md"));
    let (_, shown) = shown.iter().find(|(_, body)| body.starts_with("generation 2")).unwrap();
    let lines = |text: &str| text.trim().lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    assert!(text.starts_with("generation 2 serves, "), "{text}");
    assert_eq!(lines(&text), lines(shown));
}

#[test]
fn the_finding_of_readme_is_what_check_prints() {
    let folder = Folder::new();
    let broken = project("gateway.kdl").replace("Order/Customer/Name", "Order/Custmer/Name");
    folder.write("gateway.kdl", &broken);
    let output = binary().current_dir(folder.path()).arg("check").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let shown = blocks(&project("README.md"));
    let (_, shown) = shown.iter().find(|(_, body)| body.starts_with("error[")).unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap().trim(), shown.trim());
}
