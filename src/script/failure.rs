//! What can be wrong with a script, before and while it runs, in plain words and at its place in the script's text.

use rhai::{Dynamic, EvalAltResult, ParseErrorType, Position};

use super::engine::KINDS;

/// Why a script cannot be used: found when the configuration is compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptProblem {
    /// Where, in bytes from the start of the text; `None` for the text as a whole.
    pub offset: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// What is not known, if it is that: it may be missing because of another mistake.
    pub unknown: Option<Unknown>,
}

/// What a script names that there is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// A function.
    Function,
    /// A table.
    Table,
}

impl ScriptProblem {
    /// A problem at a place.
    pub(super) fn new(offset: Option<usize>, message: impl Into<String>) -> Self {
        Self { offset, message: message.into(), help: None, unknown: None }
    }

    /// With what to do about it.
    pub(super) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// With what is not known.
    pub(super) fn unknown(self, unknown: Unknown) -> Self {
        Self { unknown: Some(unknown), ..self }
    }
}

/// Why a run of a script ended without a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptFailure {
    /// Where, in bytes from the start of the text; in a function of a library it is the place of the call.
    pub offset: Option<usize>,
    /// What went wrong; what the script threw for [`FailureKind::Thrown`].
    pub message: String,
    /// What kind of failure it is.
    pub kind: FailureKind,
}

/// What kind of failure ended a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// The script asked for something that is not possible with this document.
    Runtime,
    /// The script passed one of its [`super::Bounds`], or the request's deadline.
    Limit,
    /// The script said `throw`.
    Thrown,
}

impl std::fmt::Display for ScriptFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ScriptFailure {}

impl ScriptFailure {
    /// A failure without a place.
    pub(super) fn plain(message: impl Into<String>) -> Self {
        Self { offset: None, message: message.into(), kind: FailureKind::Runtime }
    }
}

/// The byte offset of a place that Rhai gives as line and column in characters.
pub(super) fn offset(text: &str, position: Position) -> Option<usize> {
    let line = position.line()?;
    let column = position.position().unwrap_or(1).max(1);
    let mut start = 0;
    for _ in 1..line {
        start += text.get(start..)?.find('\n')? + 1;
    }
    let rest = text.get(start..)?;
    let within = rest.char_indices().nth(column - 1).map_or(rest.len(), |(at, _)| at);
    Some(start + within)
}

/// What a value is, for a message: `a list`.
pub(super) fn kind_of(value: &Dynamic) -> &'static str {
    plain_kind(value.type_name())
}

fn plain_kind(name: &str) -> &'static str {
    let name = name.trim();
    if name.ends_with("Row") {
        return "a row of a table";
    }
    if name.ends_with("Wide") {
        return super::wide::KIND;
    }
    if name.ends_with("View") {
        return "an element";
    }
    KINDS.iter().find(|(known, _)| *known == name).map_or("this value", |(_, plain)| plain)
}

/// A run-time error in plain words.
///
/// `absent` is the last member that was not there, with what it was looked for in; `is_library` tells which functions are
/// not in this text.
pub(super) fn failure(
    error: EvalAltResult,
    text: &str,
    absent: Option<(&str, &str)>,
    is_library: &dyn Fn(&str) -> bool,
) -> ScriptFailure {
    if let EvalAltResult::ErrorInFunctionCall(name, _, inner, position) = error {
        let mut failure = failure(*inner, text, absent, is_library);
        if is_library(&name) {
            failure.offset = offset(text, position);
            if failure.kind == FailureKind::Runtime {
                failure.message = format!("in `{name}`: {}", failure.message);
            }
        }
        return failure;
    }
    let place = offset(text, error.position());
    let (kind, message) = words(error, text, place, absent);
    ScriptFailure { offset: place, message, kind }
}

fn words(
    error: EvalAltResult,
    text: &str,
    place: Option<usize>,
    absent: Option<(&str, &str)>,
) -> (FailureKind, String) {
    use EvalAltResult as E;
    use FailureKind::{Limit, Runtime, Thrown};
    match error {
        E::ErrorRuntime(thrown, _) => (Thrown, thrown_text(&thrown)),
        E::ErrorTooManyOperations(_) => {
            (Limit, "the script does too much: it passed its limit of operations".into())
        }
        E::ErrorTerminated(..) => (Limit, "the script ran out of time".into()),
        E::ErrorStackOverflow(_) => (Limit, "the script's calls go too deep".into()),
        E::ErrorTooManyVariables(_) => (Limit, "the script has too many variables at once".into()),
        E::ErrorDataTooLarge(what, _) => (Limit, format!("{} passes its limit", size_words(&what))),
        E::ErrorArithmetic(message, _) => (Runtime, message),
        E::ErrorPropertyNotFound(name, _) => (Runtime, absent_words(&name, text, place, absent)),
        E::ErrorFunctionNotFound(signature, _) => (Runtime, call_words(&signature)),
        E::ErrorDotExpr(message, _) => (Runtime, dot_words(&message)),
        E::ErrorIndexingType(message, _) => (Runtime, index_words(&message)),
        E::ErrorVariableNotFound(name, _) => (Runtime, format!("there is no variable `{name}`")),
        E::ErrorMismatchDataType(want, got, _) => {
            (Runtime, format!("this needs {}, and it is {}", plain_kind(&want), plain_kind(&got)))
        }
        E::ErrorArrayBounds(0, ..) => (Runtime, "the list is empty".into()),
        E::ErrorArrayBounds(length, index, _) => {
            (Runtime, format!("there is no item {index} in a list of {length}: the first is item 0"))
        }
        E::ErrorFor(_) => (Runtime, "`for` goes through lists and elements, and this is neither".into()),
        E::ErrorAssignmentToConstant(name, _) | E::ErrorNonPureMethodCallOnConstant(name, _) => {
            (Runtime, format!("`{name}` cannot be changed"))
        }
        other => (Runtime, without_place(&other)),
    }
}

fn thrown_text(thrown: &Dynamic) -> String {
    match super::library::text(thrown) {
        Ok(text) => text.into(),
        Err(_) => thrown.to_string(),
    }
}

fn size_words(what: &str) -> &str {
    match what {
        "Length of string" => "the text",
        "Size of array/BLOB" => "the list",
        "Size of object map" => "the map",
        "What the script adds to the document" => "what the script adds to the document",
        other => other,
    }
}

/// What was asked of something that is not there: named from the text before the place, `source.Order.Customer.Name`.
fn absent_words(name: &str, text: &str, place: Option<usize>, absent: Option<(&str, &str)>) -> String {
    let before = place.and_then(|at| text.get(..at)).unwrap_or_default();
    let before = before.trim_end().trim_end_matches(['.', '?']).trim_end();
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let start = before
        .rfind(|c| !word(c))
        .map_or(0, |at| at + before.get(at..).and_then(|s| s.chars().next()).map_or(1, char::len_utf8));
    let owner = before.get(start..).unwrap_or_default();
    let hint = format!("write `?.{name}` where it may be absent");
    match absent {
        Some((member, parent)) if member == owner => {
            let parent = match parent {
                "the document" => parent.to_owned(),
                other => format!("`{other}`"),
            };
            format!("`{member}` is not in {parent}: {hint}")
        }
        _ if owner.is_empty() => {
            format!("`{name}` is read from something that is not there: {hint}")
        }
        _ => format!("`{owner}` is not there, so it has no `{name}`: {hint}"),
    }
}

/// `foo (element, i64)` in plain words.
fn call_words(signature: &str) -> String {
    let (name, arguments) = signature.split_once(" (").unwrap_or((signature, ""));
    let arguments = arguments.strip_suffix(')').unwrap_or(arguments);
    let kinds: Vec<&str> = match arguments {
        "" => Vec::new(),
        list => list.split(", ").map(plain_kind).collect(),
    };
    let operator = !name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    match (operator, kinds.as_slice()) {
        (true, [a, b]) if a == b => format!("`{name}` does not work on {a} and {b}"),
        (true, [a, b]) => {
            let hint = match (*a == "text" || *b == "text") && name != "+" {
                true => ": decimal(...) or integer(...) reads the number in a text",
                false => "",
            };
            format!("`{name}` does not work on {a} and {b}{hint}")
        }
        (_, []) => format!("there is no function `{name}` without arguments"),
        (_, kinds) => format!("there is no function `{name}` for {}", kinds.join(" and ")),
    }
}

/// `Unknown property 'x' - a getter is not registered for type 'array'` in plain words.
fn dot_words(message: &str) -> String {
    let mut quoted = message.split('\'').skip(1).step_by(2);
    match (quoted.next(), quoted.next().map(plain_kind)) {
        (Some(name), Some("a list")) => {
            format!(
                "a list has no `{name}`: take one item with [0], or go through all with map(|item| item.{name})"
            )
        }
        (Some(name), Some(kind)) => format!("{kind} has no `{name}`"),
        _ => message.to_owned(),
    }
}

/// `element [decimal]` in plain words.
fn index_words(message: &str) -> String {
    let (owner, index) = message.split_once(" [").unwrap_or((message, ""));
    let index = index.split(']').next().unwrap_or_default();
    format!("{} has no items that {} chooses", plain_kind(owner), plain_kind(index))
}

fn without_place(error: &EvalAltResult) -> String {
    let text = error.to_string();
    let cut = text.rfind(" (line ").and_then(|at| text.get(..at));
    cut.unwrap_or(&text).to_owned()
}

fn variable_help(name: &str, known: &[&str]) -> String {
    match crate::source::nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "only what `let` declares is known here".into(),
        None => format!("known here: {}", known.join(", ")),
    }
}

/// A parse error in plain words.
pub(super) fn problem(error: &rhai::ParseError, text: &str, known: &[&str]) -> ScriptProblem {
    use ParseErrorType as P;
    let mut help = None;
    let at = offset(text, error.position());
    let found = at.and_then(|at| text.get(at..)?.chars().next()).filter(|c| !c.is_ascii());
    let message = match error.err_type() {
        P::UnexpectedEOF => "the script ends in the middle of something".into(),
        P::VariableUndefined(name) => {
            help = Some(variable_help(name, known));
            format!("there is no variable `{name}`")
        }
        P::ModuleUndefined(name) => {
            let position = error.position();
            return super::calls::no_package(name, text, position);
        }
        P::Reserved(word) if word == "import" || word == "export" => {
            help = Some("functions of a file are declared with: functions file=\"lib/name.rhai\"".into());
            format!("a script cannot {word}: it can call the packages and the functions that are declared")
        }
        P::MissingToken(token, why) => format!("`{token}` is missing {why}"),
        P::Reserved(word) => {
            help = Some(format!(
                "write \"{word}\" in quotes for the member of a map, and another name for a variable"
            ));
            format!("`{word}` is a reserved word")
        }
        P::ExprTooDeep => {
            help = Some("give a part of it a name with `let`".into());
            "the expression is nested too deeply".into()
        }
        P::BadInput(_) if found.is_some_and(char::is_alphabetic) => {
            help =
                Some("names are of the letters a to z, digits and `_`; any text may stand in quotes".into());
            format!("a name in a script cannot have `{}` in it", found.unwrap_or_default())
        }
        other => {
            let text = other.to_string();
            match text.chars().next() {
                Some(first) if first.is_ascii_uppercase() => {
                    format!("{}{}", first.to_ascii_lowercase(), text.get(1..).unwrap_or_default())
                }
                _ => text,
            }
        }
    };
    let offset = at.or_else(|| Some(text.trim_end().len()));
    ScriptProblem { offset, message, help, unknown: None }
}
