//! The manual page of the script library is what the table of its functions says: `UPDATE_GOLDENS=1` rewrites it.
#![allow(clippy::disallowed_methods, reason = "tests read and write files")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::fs;
use std::path::Path;

use soapstone::script::library::{PACKAGES, Package, full_name};

const OPENING: &str = r#".\" Written from the table of functions by tests/script_manual.rs: UPDATE_GOLDENS=1 rewrites it.
.TH SOAPSTONE-SCRIPTS 7
.SH NAME
soapstone\-scripts \- the functions that scripts in gateway.kdl may call
.SH DESCRIPTION
Scripts are Rhai. Beside what Rhai has itself, they may call the functions below: some by their name alone, the others
with the name of their package,
.BR date::format(it,\~"%Y") .
Numbers are exact decimals and never floating. Where a function makes one value of another,
.B ()
stays
.BR () :
what is absent stays absent. Literals such as patterns, time zones and names of tables are checked when gateway.kdl is
read. No function reaches files, the environment or the network; the time is that of the start of the execution, and the
same for all scripts of a request. Texts, lists, time and depth are bounded.
"#;

/// A text as roff shows it.
fn roff(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    match text.starts_with(['.', '\'']) {
        true => format!("\\&{text}"),
        false => text,
    }
}

fn section(package: &Package) -> String {
    let (title, text) = match package.name {
        "" => package.summary.split_once(['.', ':']).unwrap(),
        name => (name, package.summary),
    };
    let mut out = format!(".SH {}\n", roff(&title.to_uppercase()));
    if !text.trim().is_empty() {
        out.push_str(&format!("{}\n", roff(text.trim())));
    }
    for function in package.functions {
        let (signature, summary) = (roff(function.signature), roff(function.summary));
        out.push_str(&format!(".TP\n.B {}\n{summary}\n", signature.replace(' ', "\\ ")));
        let (example, result) = (roff(function.example), roff(&function.result.replace('\n', "\\n")));
        out.push_str(&format!(".br\n{example} gives \\(lq{result}\\(rq\n"));
        assert!(function.signature.contains(&full_name(package, function)));
    }
    out
}

#[test]
fn the_manual_page_is_that_of_the_table() {
    let made = OPENING.to_owned() + &PACKAGES.iter().map(section).collect::<String>();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("man/soapstone-scripts.7");
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &made).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == made,
        "man/soapstone-scripts.7 is not what the table says: UPDATE_GOLDENS=1 rewrites it"
    );
}
