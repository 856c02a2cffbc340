//! What a command line asks to be called, as a process in the words of the file: there is one way to call, that of the steps.

use std::io;
use std::path::{Path, PathBuf};

use crate::cli::calling::CallOptions;
use crate::cli::import::kdl::quoted;
use crate::world::{Real, World};

/// The name of the process, and of the file that it stands in: no name that anybody gives.
pub const NAME: &str = "(command line)";

/// The machine, with a file more beside one that includes it.
#[derive(Debug)]
pub struct Beside<'a> {
    /// The file of the command line.
    pub file: &'a Path,
    /// What stands in the file beside it.
    pub text: String,
}

impl World for Beside<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if path.file_name().is_some_and(|name| name == NAME) {
            return Ok(self.text.clone().into_bytes());
        }
        let mut bytes = Real.read(path)?;
        if path == self.file {
            bytes.extend_from_slice(format!("\ninclude {}\n", quoted(NAME)).as_bytes());
        }
        Ok(bytes)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        Real.list(folder)
    }

    fn variable(&self, name: &str) -> Option<String> {
        Real.variable(name)
    }
}

/// The process that calls what is asked for.
///
/// # Errors
/// The words do not go together, in words.
pub fn process(options: &CallOptions) -> Result<String, String> {
    let server = quoted(options.server.as_deref().unwrap_or_default());
    let (step, is_soap) = match (&options.action, &options.operation, &options.path) {
        (Some(action), _, _) => {
            (format!("soap {server} action={} version={}", quoted(action), quoted(&options.soap)), true)
        }
        (None, Some(method), Some(path)) => (http(&server, method, path, options.body.is_some()), false),
        (None, operation, None) => {
            (format!("soap {server} {}", quoted(operation.as_deref().unwrap_or_default())), true)
        }
        (None, None, Some(_)) => return Err("a path is called with a method: SERVER get /path".into()),
    };
    let headers: Result<String, String> = options.headers.iter().map(|text| header(text, is_soap)).collect();
    Ok(format!("process {} {{\n    {step} {{\n{}    }}\n}}\n", quoted(NAME), headers?))
}

/// A path is taken as it is: braces in it are none of a placeholder.
fn http(server: &str, method: &str, path: &str, has_body: bool) -> String {
    let path = path.replace('{', "%7B").replace('}', "%7D");
    let body = if has_body { " body=#true" } else { "" };
    format!("http {server} {} {}{body}", quoted(method), quoted(&path))
}

/// `NAME=VALUE` or `{NAMESPACE}NAME=VALUE` as a line of the step.
fn header(text: &str, is_soap: bool) -> Result<String, String> {
    // An equals sign in the namespace is none before the value.
    let name = text.find('}').filter(|_| text.starts_with('{')).unwrap_or_default();
    let at = text.get(name..).and_then(|rest| rest.find('=')).map(|at| name + at);
    let Some((name, value)) = at.map(|at| text.split_at(at)) else {
        return Err(format!("--header {text}: expected NAME=VALUE"));
    };
    let value = value.strip_prefix('=').unwrap_or(value).replace('{', "{{");
    let word = match (is_soap, is_block(text)) {
        (true, false) => "http-header",
        (false, true) => return Err(format!("--header {text}: only a call by SOAP has header blocks")),
        (true, true) | (false, false) => "header",
    };
    Ok(format!("        {word} {} value={}\n", quoted(name), quoted(&value)))
}

/// Whether a `--header` is a header block of SOAP.
pub fn is_block(text: &str) -> bool {
    text.starts_with('{')
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::arguments::{Arguments, Command};

    fn written(arguments: &[&str]) -> Result<String, String> {
        let parsed = Arguments::parse_from(["soapstone", "call"].iter().chain(arguments));
        let Command::Call(options) = parsed.command else { panic!("it is a call") };
        process(&options)
    }

    #[test]
    fn a_command_line_becomes_a_step() {
        let block = "--header={urn:a=b}Session={x} \"y\"";
        let text = written(&["crm", "GetAccount", block, "--header", "X-Trace=1=2"]).unwrap();
        assert_eq!(
            text,
            "process \"(command line)\" {\n    soap \"crm\" \"GetAccount\" {\n        \
             header \"{urn:a=b}Session\" value=\"{{x} \\\"y\\\"\"\n        \
             http-header \"X-Trace\" value=\"1=2\"\n    }\n}\n"
        );
        let text = written(&["crm", "put", "/a?b={c}", "--body", "x.json"]).unwrap();
        assert!(text.contains("http \"crm\" \"put\" \"/a?b=%7Bc%7D\" body=#true {"), "{text}");
        let text = written(&["crm", "--action", "urn:a", "--soap", "1.2"]).unwrap();
        assert!(text.contains("soap \"crm\" action=\"urn:a\" version=\"1.2\" {"), "{text}");
    }

    #[test]
    fn a_header_that_is_none_is_told() {
        assert_eq!(written(&["crm", "A", "--header", "x"]).unwrap_err(), "--header x: expected NAME=VALUE");
        assert!(written(&["crm", "A", "--header", "{urn:a=b}x"]).is_err());
        assert!(written(&["crm", "get", "/", "--header", "{urn:a}x=1"]).unwrap_err().contains("SOAP"));
    }
}
