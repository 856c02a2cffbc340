//! Checking scripts when the configuration is compiled: syntax, variables, functions, and what each script will need.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use compact_str::CompactString;
use rhai::{AST, ASTNode, Engine, Expr, FnCallExpr, Scope, Stmt};

use super::engine::State;
use super::failure::{offset, problem};
use super::library::Arities;
use super::members::{self, Members};
use super::standard::STANDARD;
use super::table::Table;
use super::{Bounds, ScriptId, ScriptProblem, ScriptText, Variable, library};
use super::{calls, chains, engine};

/// Checked scripts with the libraries they call: what every worker compiles its own copy of.
#[derive(Debug, Default)]
pub struct ScriptSet {
    pub(super) scripts: Vec<Checked>,
    pub(super) libraries: Vec<Arc<str>>,
    /// Every member that a script names.
    pub(super) members: Vec<CompactString>,
    /// The tables that scripts may look into; all workers share them.
    pub(super) tables: Vec<Arc<Table>>,
}

/// One checked script.
#[derive(Debug)]
pub(super) struct Checked {
    pub script: ScriptText,
    pub needs: Needs,
}

/// What a script mentions, and so must be given.
#[derive(Debug, Default, Clone)]
pub(super) struct Needs {
    pub variables: Vec<Variable>,
    /// Every other name that it reads: its own variables, and documents under names of their own.
    pub names: BTreeSet<CompactString>,
    pub properties: BTreeSet<CompactString>,
    /// Some property's name is put together as the script runs.
    pub any_property: bool,
    /// It asks when the execution started, or counts in it.
    pub execution: bool,
    /// The tables it looks into; `None` for one whose name is put together as the script runs.
    tables: BTreeSet<Option<CompactString>>,
}

/// Tables by name; `None` for those with mistakes.
pub(super) type Tables = BTreeMap<String, Option<Arc<Table>>>;

/// What calls are checked against.
pub(super) struct Known<'a> {
    pub arities: &'a Arities,
    pub tables: &'a Tables,
}

/// Checks scripts one by one into a [`ScriptSet`].
pub struct Builder {
    engine: Engine,
    arities: Arities,
    members: Rc<Members>,
    library: AST,
    library_needs: Needs,
    tables: Tables,
    /// As [`Needs::tables`], of all scripts.
    used_tables: BTreeSet<Option<CompactString>>,
    set: ScriptSet,
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Builder").field(&self.set).finish()
    }
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}

impl Builder {
    /// Nothing checked yet.
    pub fn new() -> Self {
        let (mut engine, arities) = engine::engine(&Rc::new(State::new(Bounds::default())));
        let members: Rc<Members> = Rc::default();
        members::note(&mut engine, Rc::clone(&members));
        Self {
            engine,
            arities,
            members,
            library: AST::empty(),
            library_needs: Needs::default(),
            tables: Tables::new(),
            used_tables: BTreeSet::new(),
            set: ScriptSet::default(),
        }
    }

    /// Adds a table that scripts may look into: before the scripts. `None` for one with mistakes, whose name counts.
    pub fn table(&mut self, name: &str, table: Option<Arc<Table>>) {
        self.set.tables.extend(table.clone());
        self.tables.insert(name.to_owned(), table);
    }

    /// The tables that scripts look into so far; all of them when some script puts a name together as it runs.
    pub fn used_tables(&self) -> impl Iterator<Item = &str> {
        let any = self.used_tables.contains(&None);
        let names = self.tables.keys().map(String::as_str);
        names.filter(move |name| any || self.used_tables.contains(&Some(CompactString::from(*name))))
    }

    /// Adds functions that every script may call: before the scripts that call them, and at once, because they may call
    /// each other.
    ///
    /// Gives what is wrong with each text: a syntax error, something other than a function, a function with the name of one
    /// that exists, a call of one that does not.
    pub fn libraries(&mut self, texts: &[&str]) -> Vec<Option<ScriptProblem>> {
        let parsed: Vec<_> = texts.iter().map(|text| self.parse_library(text)).collect();
        let check = |(parsed, text): (Result<AST, ScriptProblem>, &&str)| match parsed {
            Ok(ast) => match self.walk(&ast, &self.library, text) {
                Ok(needs) => {
                    self.library_needs.take(needs);
                    self.set.libraries.push((*text).into());
                    None
                }
                Err(problem) => Some(problem),
            },
            Err(problem) => Some(problem),
        };
        parsed.into_iter().zip(texts).map(check).collect()
    }

    /// Parses a library and makes its functions known.
    fn parse_library(&mut self, text: &str) -> Result<AST, ScriptProblem> {
        self.members.start();
        let ast = self.engine.compile(text).map_err(|e| problem(&e, text, &[]))?;
        if let Some(statement) = ast.statements().first() {
            let problem =
                ScriptProblem::new(offset(text, statement.position()), "a library holds functions only");
            return Err(problem.help("write fn name(argument) { ... }"));
        }
        for function in ast.iter_functions() {
            let name = function.name;
            let taken = library::plain_names().any(|known| known == name)
                || STANDARD.contains(&name)
                || self
                    .library
                    .iter_functions()
                    .any(|f| f.name == name && f.params.len() == function.params.len());
            if taken && !name.starts_with("anon$") {
                return Err(taken_name(name, text));
            }
        }
        self.library = self.library.merge(&ast);
        Ok(ast)
    }

    /// Checks a script and adds it.
    ///
    /// # Errors
    /// A syntax error, an unknown variable or function.
    pub fn add(&mut self, script: ScriptText) -> Result<ScriptId, ScriptProblem> {
        let text = &*script.text;
        let known: Vec<&str> = script.bindings.names().collect();
        self.members.start();
        let compiled = self.engine.compile_with_scope(&scope(&script), text);
        let ast = compiled.map_err(|e| problem(&e, text, &known))?;
        let taken =
            ast.iter_functions().map(|f| f.name).find(|name| library::plain_names().any(|n| n == *name));
        if let Some(name) = taken {
            return Err(taken_name(name, text));
        }
        let mut needs = self.walk(&ast, &self.library.merge(&ast), text)?;
        needs.take(self.library_needs.clone());
        chains::check(&script, &ast, &self.tables)?;
        self.used_tables.append(&mut needs.tables);
        let id = u32::try_from(self.set.scripts.len()).unwrap_or(u32::MAX);
        self.set.scripts.push(Checked { script, needs });
        Ok(ScriptId(id))
    }

    /// The checked scripts.
    pub fn finish(mut self) -> ScriptSet {
        self.set.members = self.members.names();
        self.set
    }

    /// Finds what the script needs, and the first call that cannot work.
    fn walk(&self, ast: &AST, all: &AST, text: &str) -> Result<Needs, ScriptProblem> {
        inside(ast, text)?;
        let mut needs = Needs::default();
        let mut locals: BTreeSet<CompactString> = BTreeSet::new();
        ast.walk(&mut |path| {
            match path.last() {
                Some(ASTNode::Expr(Expr::Variable(x, _, _))) if x.2.is_empty() => needs.variable(&x.1),
                Some(ASTNode::Expr(Expr::FnCall(call, _) | Expr::MethodCall(call, _)))
                | Some(ASTNode::Stmt(Stmt::FnCall(call, _))) => needs.call(call),
                Some(ASTNode::Stmt(Stmt::Var(x, _, _))) => {
                    locals.insert(x.0.name.as_str().into());
                }
                _ => {}
            }
            true
        });
        for function in all.iter_functions().chain(ast.iter_functions()) {
            locals.extend(function.params.iter().map(|p| CompactString::from(*p)));
            locals.insert(function.name.into());
        }
        let functions: Vec<&str> =
            all.iter_functions().map(|f| f.name).filter(|name| !name.contains('$')).collect();
        let known = Known { arities: &self.arities, tables: &self.tables };
        calls::check(ast, text, &known, &|name| locals.contains(name), &functions)?;
        Ok(needs)
    }
}

fn taken_name(name: &str, text: &str) -> ScriptProblem {
    let at = text.find(&format!("fn {name}")).map(|at| at + 3);
    ScriptProblem::new(at, format!("there is a function `{name}` already")).help("choose another name")
}

impl Needs {
    fn variable(&mut self, name: &str) {
        let known = Variable::ALL.into_iter().find(|v| v.name() == name);
        match known {
            Some(variable) if !self.variables.contains(&variable) => self.variables.push(variable),
            Some(_) => {}
            None => {
                self.names.insert(name.into());
            }
        }
    }

    fn call(&mut self, call: &FnCallExpr) {
        let literal = match call.args.first() {
            Some(Expr::StringConstant(name, _)) => Some(CompactString::from(name.as_str())),
            _ => None,
        };
        match (call.is_qualified().then(|| call.namespace.root()), call.name.as_str()) {
            (None, "property") | (Some("property"), _) => match literal {
                Some(name) => drop(self.properties.insert(name)),
                None => self.any_property = true,
            },
            (Some("table"), _) => drop(self.tables.insert(literal)),
            (Some("date"), "now" | "today") | (Some("sequence"), _) | (Some("uuid"), "v7") => {
                self.execution = true;
            }
            _ => {}
        }
    }

    fn take(&mut self, other: Self) {
        self.properties.extend(other.properties);
        self.any_property |= other.any_property;
        self.execution |= other.execution;
        self.tables.extend(other.tables);
    }
}

/// Refuses functions that name what is outside them: Rhai lets them, and fails when they run.
fn inside(ast: &AST, text: &str) -> Result<(), ScriptProblem> {
    // What a closure catches becomes an argument of its own function, and is named without an index on its way there.
    let mut known: BTreeSet<CompactString> =
        ast.iter_functions().flat_map(|f| f.params).map(CompactString::from).collect();
    let mut used = Vec::new();
    ast.clone_functions_only().walk(&mut |path| {
        match path.last() {
            Some(ASTNode::Expr(Expr::Variable(x, None, at))) if x.0.is_none() && x.2.is_empty() => {
                used.push((CompactString::from(x.1.as_str()), *at));
            }
            Some(ASTNode::Stmt(Stmt::Var(x, _, _))) => {
                known.insert(x.0.name.as_str().into());
            }
            _ => {}
        }
        true
    });
    let outside = used.into_iter().find(|(name, _)| !known.contains(name));
    let Some((name, at)) = outside else { return Ok(()) };
    let message = format!("there is no variable `{name}` in this function");
    let help = "a function sees its arguments only: give it the value as one";
    Err(ScriptProblem::new(offset(text, at), message).help(help))
}

/// The variables that a script sees, for the parser.
pub(super) fn scope(script: &ScriptText) -> Scope<'static> {
    let mut scope = Scope::new();
    for name in script.bindings.names() {
        scope.push_dynamic(name, rhai::Dynamic::UNIT);
    }
    scope
}
