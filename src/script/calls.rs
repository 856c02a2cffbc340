//! The calls in a script: functions that exist, with as many arguments as they take, and literals that make sense.

use compact_str::CompactString;
use rhai::{AST, ASTNode, Expr, FnCallExpr, Position, Stmt};

use super::check::Known;
use super::failure::{ScriptProblem, Unknown, offset};
use super::library::{self, PACKAGES, Package, Wrong};
use super::standard::STANDARD;
use super::table::Table;
use crate::source::nearest;

/// A call as it is written.
struct Call<'a> {
    call: &'a FnCallExpr,
    at: Position,
}

/// Finds the first call that cannot work: `locals` are functions of the script's own, and variables that may hold one.
pub(super) fn check(
    ast: &AST,
    text: &str,
    known: &Known<'_>,
    is_local: &dyn Fn(&str) -> bool,
    functions: &[&str],
) -> Result<(), ScriptProblem> {
    let mut problem = None;
    ast.walk(&mut |path| {
        let found = match path.last() {
            Some(ASTNode::Expr(Expr::FnCall(call, at) | Expr::MethodCall(call, at)))
            | Some(ASTNode::Stmt(Stmt::FnCall(call, at)))
                if !call.is_operator_call() =>
            {
                let written = Call { call, at: *at };
                match call.is_qualified() {
                    true => written.qualified(call.namespace.root(), text, known),
                    false => written.plain(text, is_local, functions),
                }
            }
            Some(ASTNode::Expr(Expr::Variable(x, _, at))) if !x.2.is_empty() => {
                Some(no_value(x.2.root(), &x.1, text, *at))
            }
            _ => None,
        };
        problem = found;
        problem.is_none()
    });
    problem.map_or(Ok(()), Err)
}

fn no_value(package: &str, name: &str, text: &str, at: Position) -> ScriptProblem {
    let message = format!("`{package}::{name}` is not a value");
    let problem = ScriptProblem::new(offset(text, at), message);
    match PACKAGES.iter().any(|known| known.name == package) {
        true => problem.help(format!("a function is called with its arguments: {package}::{name}(...)")),
        false => problem,
    }
}

impl Call<'_> {
    fn problem(&self, text: &str, message: String) -> ScriptProblem {
        ScriptProblem::new(offset(text, self.at), message)
    }

    /// A call without a package.
    fn plain(
        &self,
        text: &str,
        is_local: &dyn Fn(&str) -> bool,
        functions: &[&str],
    ) -> Option<ScriptProblem> {
        let name = self.call.name.as_str();
        if is_local(name) || is_standard(name) {
            return self
                .literals(text, library::functions().find(|(p, f)| p.name.is_empty() && f.name == name));
        }
        let mut names: Vec<&str> = library::plain_names().collect();
        names.extend(STANDARD);
        names.extend(functions);
        let help = match nearest(name, names) {
            Some(near) => Some(format!("did you mean `{near}`?")),
            // `upper(it)` was meant as `string::upper(it)`.
            None => library::functions()
                .find(|(_, function)| function.name == name)
                .map(|(package, function)| format!("did you mean `{}::{}`?", package.name, function.name)),
        };
        let problem = self.problem(text, format!("there is no function `{name}`")).unknown(Unknown::Function);
        Some(match help {
            Some(help) => problem.help(help),
            None => problem,
        })
    }

    /// A call of a package's function.
    fn qualified(&self, root: &str, text: &str, known: &Known<'_>) -> Option<ScriptProblem> {
        let name = self.call.name.as_str();
        let Some(package) = PACKAGES.iter().find(|package| package.name == root) else {
            return Some(no_package(root, text, self.at));
        };
        let Some(function) = package.functions.iter().find(|function| function.name == name) else {
            let problem = self.problem(text, format!("there is no function `{name}` in `{root}`"));
            let near = nearest(name, package.functions.iter().map(|function| function.name));
            return Some(match near {
                Some(near) => problem.help(format!("did you mean `{root}::{near}`?")),
                None => problem.help(format!("`soapstone explain {root}` lists its functions")),
            });
        };
        if !known.arities.has(root, name, self.call.args.len()) {
            let message = format!("`{root}::{name}` does not take {}", arguments(self.call.args.len()));
            return Some(self.problem(text, message).help(format!("it is called {}", function.signature)));
        }
        self.literals(text, Some((package, function)))
            .or_else(|| (root == "table").then(|| self.table(text, known)).flatten())
            .or_else(|| (root == "string" && name == "replace").then(|| self.replacement(text)).flatten())
    }

    fn literals(
        &self,
        text: &str,
        function: Option<(&Package, &library::Function)>,
    ) -> Option<ScriptProblem> {
        let (_, function) = function?;
        self.call.args.iter().enumerate().find_map(|(number, argument)| {
            let Expr::StringConstant(literal, at) = argument else { return None };
            let Wrong { message, help } = function.wrong(number, literal)?;
            let problem = ScriptProblem::new(offset(text, *at), message);
            Some(match help {
                Some(help) => problem.help(help),
                None => problem,
            })
        })
    }

    /// The groups that a replacement names, where it and its pattern are literals.
    fn replacement(&self, text: &str) -> Option<ScriptProblem> {
        let [_, Expr::StringConstant(pattern, _), Expr::StringConstant(with, at)] = self.call.args.as_slice()
        else {
            return None;
        };
        let Wrong { message, help } = library::check_replacement(pattern, with).err()?;
        let problem = ScriptProblem::new(offset(text, *at), message);
        Some(problem.help(help.unwrap_or_default()))
    }

    /// The name of a table, the number of its keys and the name of its column, where they are literals.
    fn table(&self, text: &str, known: &Known<'_>) -> Option<ScriptProblem> {
        let mut arguments = self.call.args.iter();
        let (Some(Expr::StringConstant(name, at)), Some(key)) = (arguments.next(), arguments.next()) else {
            return None;
        };
        let table = match known.tables.get(name.as_str()) {
            Some(table) => table.as_ref()?,
            None => {
                let message = format!("there is no `table {name}`");
                let problem = ScriptProblem::new(offset(text, *at), message).unknown(Unknown::Table);
                return Some(suggest(problem, name, known.tables.keys().map(String::as_str)));
            }
        };
        if let Expr::Array(parts, at) = key
            && parts.len() != table.keys()
        {
            let message =
                format!("`table {name}` has {} key columns, and this key has {}", table.keys(), parts.len());
            return Some(ScriptProblem::new(offset(text, *at), message));
        }
        match arguments.next() {
            Some(Expr::StringConstant(column, at)) => column_problem(table, column, text, *at),
            _ => None,
        }
    }
}

/// What is wrong with the name of a column.
pub(super) fn column_problem(table: &Table, column: &str, text: &str, at: Position) -> Option<ScriptProblem> {
    if table.column(column).is_some() {
        return None;
    }
    let message = format!("`table {}` has no column `{column}`", table.name());
    let problem = ScriptProblem::new(offset(text, at), message);
    Some(suggest(problem, column, table.columns().iter().map(CompactString::as_str)))
}

fn suggest<'a>(
    problem: ScriptProblem,
    word: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> ScriptProblem {
    let names: Vec<&str> = known.clone().take(17).collect();
    match nearest(word, known) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None if (1..=16).contains(&names.len()) => problem.help(format!("known here: {}", names.join(", "))),
        None => problem,
    }
}

/// There is no package of that name.
pub(super) fn no_package(name: &str, text: &str, at: Position) -> ScriptProblem {
    let problem = ScriptProblem::new(offset(text, at), format!("there is no package `{name}`"));
    let known = PACKAGES.iter().map(|package| package.name).filter(|name| !name.is_empty());
    suggest(problem, name, known)
}

fn arguments(count: usize) -> String {
    match count {
        0 => "no arguments".into(),
        1 => "one argument".into(),
        count => format!("{count} arguments"),
    }
}

fn is_standard(name: &str) -> bool {
    name.contains('$') || library::plain_names().any(|known| known == name) || STANDARD.contains(&name)
}
