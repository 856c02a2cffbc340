//! Tests of the folder of files: what is no name, what leads out of it, and what is left of a stopped write.
#![allow(clippy::disallowed_methods, reason = "the tests look at files from outside")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use super::*;

/// A folder with a root in it and something beside it; it goes away with the test.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("soapstone-files-{}", Uuid::new_v4().simple()));
        fs::create_dir_all(path.join("root")).unwrap();
        fs::write(path.join("beside"), "beside").unwrap();
        Self(path)
    }

    fn root(&self) -> PathBuf {
        self.0.join("root")
    }

    fn files(&self) -> Files {
        Files::new(self.root())
    }

    fn text(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.root().join(name)).ok()
    }

    fn write(&self, path: &str, bytes: &[u8], exists: Exists) -> Result<(), FileError> {
        self.files().write(&name(path), bytes, exists, &Stop::default())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn name(path: &str) -> FileName {
    FileName::parse(path).unwrap()
}

/// All names below a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        all.push(entry.file_name().to_string_lossy().into_owned());
        if entry.file_type().unwrap().is_dir() {
            all.extend(names(&entry.path()));
        }
    }
    all.sort();
    all
}

#[test]
fn what_is_no_name_is_refused() {
    let long = "x".repeat(256);
    for wrong in [
        "",
        "/",
        "/etc/passwd",
        "//x",
        "..",
        "../x",
        "a/../b",
        "a/..",
        ".",
        "./a",
        "a/.",
        "a//b",
        "a/",
        "a\\b",
        "..\\x",
        "a\0b",
        "a\nb",
        "a\u{7f}",
        "a\u{85}",
        &long,
    ] {
        assert!(FileName::parse(wrong).is_err(), "{wrong:?}");
    }
    // What a shell or a URL would read something else in is only a name here.
    for fine in ["a", "a/b/c", "..a", "a..", "...", "%2e%2e%2fx", "~", "$HOME", "a b", "ü", &long[1..]] {
        assert!(FileName::parse(fine).is_ok(), "{fine:?}");
    }
    for wrong in ["", "a/b", "/", "a\\b", "a\0"] {
        assert!(check_value(wrong).is_err(), "{wrong:?}");
    }
    assert!(check_value("..").is_ok(), "what becomes of it is checked as a whole");
}

#[test]
fn a_file_is_written_and_read_whole() {
    let place = Place::new();
    assert!(place.files().read(&name("in/a"), 10).unwrap().is_none());
    place.write("out/deep/a", b"one", Exists::Replace).unwrap();
    place.write("out/deep/a", b"two", Exists::Replace).unwrap();
    place.write("b", b"", Exists::Fail).unwrap();
    assert!(matches!(place.write("b", b"x", Exists::Fail), Err(FileError::Exists)));
    place.write("c", b"1", Exists::Append).unwrap();
    place.write("c", b"2", Exists::Append).unwrap();
    assert_eq!(place.files().read(&name("out/deep/a"), 3).unwrap().unwrap(), b"two");
    assert!(matches!(place.files().read(&name("out/deep/a"), 2), Err(FileError::TooLarge(2))));
    assert_eq!((place.text("b").unwrap().as_str(), place.text("c").unwrap().as_str()), ("", "12"));
    assert_eq!(names(&place.root()), ["a", "b", "c", "deep", "out"]);
}

#[test]
fn no_link_leads_out() {
    let place = Place::new();
    let outside = place.0.clone();
    symlink(&outside, place.root().join("absolute")).unwrap();
    symlink("..", place.root().join("relative")).unwrap();
    symlink("../beside", place.root().join("file")).unwrap();
    symlink("nowhere/../../new", place.root().join("dangling")).unwrap();
    for path in ["absolute/beside", "relative/beside", "file"] {
        let told = place.files().read(&name(path), 100).unwrap_err().to_string();
        assert_eq!(told, "a link in its path leads out of the folder", "{path}");
    }
    for exists in [Exists::Replace, Exists::Fail, Exists::Append] {
        for path in ["absolute/beside", "relative/beside", "absolute/new", "relative/deep/new"] {
            assert!(place.write(path, b"x", exists).is_err(), "{path} {exists:?}");
        }
    }
    assert!(place.write("file", b"x", Exists::Append).is_err());
    assert!(place.write("dangling", b"x", Exists::Append).is_err());
    assert!(matches!(place.write("file", b"x", Exists::Fail), Err(FileError::Exists)));
    // A file takes the place of a link, not of what it leads to.
    place.write("file", b"own", Exists::Replace).unwrap();
    assert_eq!(place.text("file").unwrap(), "own");
    assert_eq!(fs::read_to_string(outside.join("beside")).unwrap(), "beside");
    let mut beside = names(&outside);
    beside.retain(|name| !["absolute", "relative", "file", "dangling"].contains(&name.as_str()));
    assert_eq!(beside, ["beside", "root"]);
    // Within the folder links are followed.
    place.write("a/b", b"linked", Exists::Replace).unwrap();
    symlink("a/../a/b", place.root().join("inside")).unwrap();
    assert_eq!(place.files().read(&name("inside"), 100).unwrap().unwrap(), b"linked");
}

#[test]
fn what_is_no_file_holds_up_nobody() {
    let place = Place::new();
    assert!(Command::new("mkfifo").arg(place.root().join("pipe")).status().unwrap().success());
    fs::create_dir(place.root().join("folder")).unwrap();
    for path in ["pipe", "folder"] {
        assert!(matches!(place.files().read(&name(path), 100), Err(FileError::NotAFile)), "{path}");
        assert!(place.write(path, b"x", Exists::Append).is_err(), "{path}");
    }
    assert!(place.write("folder", b"x", Exists::Replace).is_err());
    assert_eq!(names(&place.root()), ["folder", "pipe"]);
}

#[test]
fn what_nobody_waits_for_leaves_nothing() {
    let place = Place::new();
    let waiting = Waiting::default();
    let stop = waiting.stop();
    drop(waiting);
    for exists in [Exists::Replace, Exists::Fail, Exists::Append] {
        let stopped = place.files().write(&name("a"), b"x", exists, &stop);
        assert!(matches!(stopped, Err(FileError::Stopped)));
    }
    assert!(names(&place.root()).is_empty());
}

#[test]
fn a_missing_folder_is_told_and_not_made() {
    let files = Files::new(PathBuf::from("/nonexistent/root"));
    let told = files.read(&name("a"), 1).unwrap_err().to_string();
    assert_eq!(told, "the root of `files` cannot be opened: there is no such folder");
    assert!(files.look().unwrap_err().starts_with("/nonexistent/root: "));
    let place = Place::new();
    let files = Files::new(place.0.join("beside"));
    assert!(files.look().unwrap_err().ends_with("it is no folder"));
}
