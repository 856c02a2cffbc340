//! The manual pages are what the tables of the code say: `UPDATE_GOLDENS=1` rewrites them.
#![allow(clippy::disallowed_methods, reason = "tests read and write files")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::fs;
use std::path::Path;

use clap::{Arg, Command};
use soapstone::cli::topics::TOPICS;
use soapstone::compile::KINDS;
use soapstone::kind::Manual;
use soapstone::pipeline::codes::{GROUPS, Group};
use soapstone::script::library::{PACKAGES, Package, full_name};

const SCRIPTS: &str = r#".\" Written from the table of functions by tests/man_pages.rs: UPDATE_GOLDENS=1 rewrites it.
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

const FAILURES: &str = r#".\" Written from the table of codes by tests/man_pages.rs: UPDATE_GOLDENS=1 rewrites it.
.TH SOAPSTONE-FAILURES 7
.SH NAME
soapstone\-failures \- the codes of failures, what they mean, and what to do
.SH DESCRIPTION
A request that fails has a code, a word that stays the same: in the answer, in the field
.B code
of the log's line, in
.B error.code
where a
.B catch
or a
.B fault
of a call has caught the failure, and in traces. Metrics count failures by whose fault they are, as
.B error.blame
says it: client, gateway or upstream; and calls by their kind. Codes of a
.BR throw
and the names of declared faults are codes too, and stand in gateway.kdl.
.B soapstone explain CODE
shows the same entries one by one.
"#;

const LANGUAGE: &str = r#".\" Written from the tables of the language by tests/man_pages.rs: UPDATE_GOLDENS=1 rewrites it.
.TH GATEWAY.KDL 5
.SH NAME
gateway.kdl \- what a soapstone gateway serves, and how
.SH DESCRIPTION
One file in KDL declares listeners, the documents that operations take and give, the maps between them and the steps of
processes. It is read as a whole, and every mistake in it is told with its place;
.B soapstone check
does no more than that.
Optional parts stand in brackets;
.B ...
says that there may be several.
.B soapstone explain
shows the same entries one by one.
.SH EXAMPLE
.EX
"#;

const COMMANDS: &str = r#".\" Written from the commands by tests/man_pages.rs: UPDATE_GOLDENS=1 rewrites it.
.TH SOAPSTONE 1
.SH NAME
soapstone \- a declarative web\-service gateway
.SH SYNOPSIS
.B soapstone
.I COMMAND
.RI [ OPTION ]...
.SH DESCRIPTION
Serves the operations that
.BR gateway.kdl (5)
declares, over SOAP, REST and plain HTTP, and helps to write that file.
.SH COMMANDS
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

/// A text in lines of at most so many characters.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().unwrap();
        if last.is_empty() {
            last.push_str(word);
        } else if last.chars().count() + 1 + word.chars().count() <= width {
            last.push_str(&format!(" {word}"));
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// A text that is filled; what stands between backticks is bold.
fn filled(text: &str) -> String {
    let out: String = wrapped(text, 110).iter().map(|line| format!("{}\n", roff(line))).collect();
    let mut pieces = out.split('`');
    let mut bold = pieces.next().unwrap_or_default().to_owned();
    for (at, piece) in pieces.enumerate() {
        bold.push_str(if at % 2 == 0 { "\\fB" } else { "\\fR" });
        bold.push_str(piece);
    }
    bold
}

/// Text that stays as it is written.
fn verbatim(text: &str) -> String {
    let lines = text.lines().map(|line| format!("{}\n", roff(line))).collect::<String>();
    format!(".EX\n{lines}.EE\n")
}

fn entry(manual: &Manual) -> String {
    let Manual { name, summary, usage, text, example } = manual;
    // What goes on is set in, as the usage has it itself.
    let broken = |line: &str| {
        let goes_on = line.starts_with(' ');
        let pieces = wrapped(line, 70).into_iter().enumerate();
        let set_in = |(at, piece)| if goes_on || at > 0 { format!("    {piece}") } else { piece };
        pieces.map(set_in).map(|piece| format!(".B {}\n", quoted(&piece))).collect::<String>()
    };
    let usage: String = usage.lines().map(broken).collect();
    let usage = format!(".PP\n.RS\n.nf\n{usage}.fi\n.RE\n");
    let example = format!(".PP\n.RS\n{}.RE\n", verbatim(example));
    format!(
        ".SS {}\n{}{usage}.PP\n{}{example}",
        roff(name),
        filled(&format!("{}.", capital(summary))),
        filled(text)
    )
}

/// An argument of a macro.
fn quoted(text: &str) -> String {
    format!("\"{}\"", roff(text).replace('"', "\\(dq"))
}

fn capital(text: &str) -> String {
    let first = text.chars().next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    first + text.get(1..).unwrap_or_default()
}

fn language() -> String {
    let example = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("gateway.kdl")).unwrap();
    let shown: String = example.lines().map(|line| format!("{}\n", roff(line))).collect();
    let mut page = format!("{LANGUAGE}{shown}.EE\n");
    for topic in TOPICS {
        page.push_str(&format!(
            ".SH {}\n{}",
            roff(&topic.name.to_uppercase()),
            filled(&format!("{}.", capital(topic.summary)))
        ));
        page.push_str(&format!(".PP\n{}", verbatim(topic.text)));
    }
    let mut last = "";
    for (kind, manual) in KINDS.manuals() {
        if kind != last {
            page.push_str(&format!(".SH {}S\n", roff(&kind.to_uppercase())));
            last = kind;
        }
        page.push_str(&entry(manual));
    }
    page.push_str(
        ".SH SEE ALSO\n.BR soapstone (1),\n.BR soapstone\\-failures (7),\n.BR soapstone\\-scripts (7)\n",
    );
    page
}

/// The codes of a group, each with what it means and what to do.
fn codes(group: &Group) -> String {
    let one = |code: &soapstone::pipeline::codes::Code| {
        format!(".TP\n.B {}\n{}.br\n{}", quoted(code.name), filled(code.meaning), filled(code.help))
    };
    let all: String = group.codes.iter().map(one).collect();
    format!(".SH {}\n{}{all}", roff(&group.name.to_uppercase()), filled(group.text))
}

/// How an argument or option is written.
fn written(argument: &Arg) -> String {
    let names: Vec<String> =
        argument.get_value_names().unwrap_or_default().iter().map(ToString::to_string).collect();
    let value = names.join(" ");
    match argument.get_long() {
        Some(long) if argument.get_action().takes_values() => format!("--{long} {value}"),
        Some(long) => format!("--{long}"),
        None => value,
    }
}

fn options(command: &Command) -> String {
    let mut out = String::new();
    for argument in command.get_arguments().filter(|argument| argument.get_id() != "help") {
        let mut help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        let values = argument.get_possible_values();
        if argument.get_action().takes_values() && !values.is_empty() {
            let values: Vec<&str> = values.iter().map(|value| value.get_name()).collect();
            help.push_str(&format!(": {}", values.join(", ")));
        }
        if let [default] = argument.get_default_values() {
            help.push_str(&format!("; {} by default", default.to_string_lossy()));
        }
        out.push_str(&format!(".TP\n.B {}\n{}", quoted(&written(argument)), filled(&format!("{help}."))));
    }
    out
}

/// The commands below one, each with its options.
fn commands(command: &Command, before: &str) -> String {
    let mut out = String::new();
    for command in command.get_subcommands().filter(|command| command.get_name() != "help") {
        let name = format!("{before}{}", command.get_name());
        if command.get_subcommands().next().is_some() {
            out.push_str(&commands(command, &format!("{name} ")));
            continue;
        }
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        out.push_str(&format!(".SS {}\n{}", roff(&name), filled(&format!("{about}."))));
        out.push_str(&options(command));
    }
    out
}

fn commands_page() -> String {
    let command = soapstone::cli::command();
    let codes = command.get_after_help().unwrap().to_string();
    let (_, codes) = codes.split_once('\n').unwrap();
    let one = |line: &str| {
        let (code, meaning) = line.trim().split_once("  ").unwrap();
        format!(".TP\n.B {code}\n{}", filled(&format!("{}.", capital(meaning))))
    };
    let codes: String = codes.lines().map(one).collect();
    let see = ".BR gateway.kdl (5),\n.BR soapstone\\-failures (7),\n.BR soapstone\\-scripts (7)\n";
    format!("{COMMANDS}{}.SH EXIT STATUS\n{codes}.SH SEE ALSO\n{see}", commands(&command, ""))
}

/// Compares a page with what the tables say.
fn is_written(name: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("man").join(name);
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, made).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == made, "man/{name} is not what the tables say: UPDATE_GOLDENS=1 rewrites it");
}

#[test]
fn the_page_of_the_scripts_is_that_of_the_functions() {
    is_written(
        "soapstone-scripts.7",
        &(SCRIPTS.to_owned() + &PACKAGES.iter().map(section).collect::<String>()),
    );
}

#[test]
fn the_page_of_the_language_is_that_of_its_kinds() {
    let page = language();
    for (kind, manual) in KINDS.manuals() {
        assert!(page.contains(&format!(".SS {}\n", roff(manual.name))), "{kind} {}", manual.name);
    }
    is_written("gateway.kdl.5", &page);
}

#[test]
fn the_page_of_the_failures_is_that_of_their_codes() {
    let codes: String = GROUPS.iter().map(codes).collect();
    let see = ".SH SEE ALSO\n.BR soapstone (1),\n.BR gateway.kdl (5)\n";
    is_written("soapstone-failures.7", &format!("{FAILURES}{codes}{see}"));
}

#[test]
fn the_page_of_the_commands_is_that_of_their_help() {
    is_written("soapstone.1", &commands_page());
}
