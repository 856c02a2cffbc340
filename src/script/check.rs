//! Checking scripts when the configuration is compiled: syntax, variables, functions, and what each script will need.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use compact_str::CompactString;
use rhai::{AST, ASTNode, Engine, Expr, FnCallExpr, Position, Scope, Stmt};

use super::failure::{offset, problem};
use super::members::{self, Members};
use super::standard::STANDARD;
use super::{Bounds, ScriptId, ScriptProblem, ScriptText, Variable, library};
use super::{chains, engine};
use crate::source::nearest;

/// Checked scripts with the libraries they call: what every worker compiles its own copy of.
#[derive(Debug, Default)]
pub struct ScriptSet {
    pub(super) scripts: Vec<Checked>,
    pub(super) libraries: Vec<Arc<str>>,
    /// Every member that a script names.
    pub(super) members: Vec<CompactString>,
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
    pub properties: BTreeSet<CompactString>,
    /// Some property's name is put together as the script runs.
    pub any_property: bool,
}

/// Checks scripts one by one into a [`ScriptSet`].
pub struct Builder {
    engine: Engine,
    members: Rc<Members>,
    library: AST,
    library_needs: Needs,
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
        let mut engine = engine::engine(&Bounds::default(), &Rc::default());
        let members: Rc<Members> = Rc::default();
        members::note(&mut engine, Rc::clone(&members));
        Self {
            engine,
            members,
            library: AST::empty(),
            library_needs: Needs::default(),
            set: ScriptSet::default(),
        }
    }

    /// Adds functions that every script may call: before the scripts that call them.
    ///
    /// # Errors
    /// A syntax error, something other than a function, or a function with the name of one that exists.
    pub fn library(&mut self, text: &str) -> Result<(), ScriptProblem> {
        self.members.start();
        let ast = self.engine.compile(text).map_err(|e| problem(&e, text, &[]))?;
        if let Some(statement) = ast.statements().first() {
            return Err(ScriptProblem {
                offset: offset(text, statement.position()),
                message: "a library holds functions only".into(),
                help: Some("write fn name(argument) { ... }".into()),
                unknown_function: false,
            });
        }
        for function in ast.iter_functions() {
            let name = function.name;
            let taken = library::FUNCTIONS.iter().any(|f| f.name == name)
                || STANDARD.contains(&name)
                || self
                    .library
                    .iter_functions()
                    .any(|f| f.name == name && f.params.len() == function.params.len());
            if taken && !name.starts_with("anon$") {
                let at = text.find(&format!("fn {name}")).map(|at| at + 3);
                return Err(ScriptProblem {
                    offset: at,
                    message: format!("there is a function `{name}` already"),
                    help: Some("choose another name".into()),
                    unknown_function: false,
                });
            }
        }
        let merged = self.library.merge(&ast);
        let needs = self.walk(&ast, &merged, text)?;
        self.library_needs.take(needs);
        self.library = merged;
        self.set.libraries.push(text.into());
        Ok(())
    }

    /// Checks a script and adds it.
    ///
    /// # Errors
    /// A syntax error, an unknown variable or function.
    pub fn add(&mut self, script: ScriptText) -> Result<ScriptId, ScriptProblem> {
        let text = &*script.text;
        let known: Vec<&str> = script.bindings.iter().map(|(v, _)| v.name()).collect();
        self.members.start();
        let compiled = self.engine.compile_with_scope(&scope(&script), text);
        let ast = compiled.map_err(|e| problem(&e, text, &known))?;
        let own_names: Vec<&str> = ast.iter_functions().map(|f| f.name).collect();
        for name in own_names {
            if library::FUNCTIONS.iter().any(|f| f.name == name) {
                return Err(ScriptProblem {
                    offset: text.find(&format!("fn {name}")).map(|at| at + 3),
                    message: format!("there is a function `{name}` already"),
                    help: Some("choose another name".into()),
                    unknown_function: false,
                });
            }
        }
        let mut needs = self.walk(&ast, &self.library.merge(&ast), text)?;
        needs.take(self.library_needs.clone());
        chains::check(&script, &ast)?;
        let id = u32::try_from(self.set.scripts.len()).unwrap_or(u32::MAX);
        self.set.scripts.push(Checked { script, needs });
        Ok(ScriptId(id))
    }

    /// The checked scripts.
    pub fn finish(mut self) -> ScriptSet {
        self.set.members = self.members.names();
        self.set
    }

    /// Finds what the script needs, and the first call of a function that does not exist.
    fn walk(&self, ast: &AST, all: &AST, text: &str) -> Result<Needs, ScriptProblem> {
        inside(ast, text)?;
        let mut needs = Needs::default();
        let mut calls: Vec<(CompactString, Position)> = Vec::new();
        let mut locals: BTreeSet<CompactString> = BTreeSet::new();
        ast.walk(&mut |path| {
            match path.last() {
                Some(ASTNode::Expr(Expr::Variable(x, _, _))) => needs.variable(&x.1),
                Some(ASTNode::Expr(Expr::FnCall(call, at) | Expr::MethodCall(call, at)))
                | Some(ASTNode::Stmt(Stmt::FnCall(call, at))) => {
                    needs.call(call);
                    if !call.is_operator_call() {
                        calls.push((call.name.as_str().into(), *at));
                    }
                }
                Some(ASTNode::Stmt(Stmt::Var(x, _, _))) => {
                    locals.insert(x.0.name.as_str().into());
                }
                _ => {}
            }
            true
        });
        for function in all.iter_functions() {
            locals.extend(function.params.iter().map(|p| CompactString::from(*p)));
            locals.insert(function.name.into());
        }
        let unknown = calls.iter().find(|(name, _)| !locals.contains(name) && !is_standard(name));
        let Some((name, at)) = unknown else {
            return Ok(needs);
        };
        let functions = all.iter_functions().map(|f| f.name).filter(|n| !n.contains('$'));
        let names = library::FUNCTIONS.iter().map(|f| f.name).chain(STANDARD.iter().copied());
        Err(ScriptProblem {
            offset: offset(text, *at),
            message: format!("there is no function `{name}`"),
            help: nearest(name, names.chain(functions)).map(|near| format!("did you mean `{near}`?")),
            unknown_function: true,
        })
    }
}

impl Needs {
    fn variable(&mut self, name: &str) {
        let known = Variable::ALL.into_iter().find(|v| v.name() == name);
        if let Some(variable) = known.filter(|v| !self.variables.contains(v)) {
            self.variables.push(variable);
        }
    }

    fn call(&mut self, call: &FnCallExpr) {
        if call.name == "property" {
            match call.args.first() {
                Some(Expr::StringConstant(name, _)) => {
                    self.properties.insert(name.as_str().into());
                }
                _ => self.any_property = true,
            }
        }
    }

    fn take(&mut self, other: Self) {
        self.properties.extend(other.properties);
        self.any_property |= other.any_property;
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
            Some(ASTNode::Expr(Expr::Variable(x, None, at))) if x.0.is_none() => {
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
    Err(ScriptProblem {
        offset: offset(text, at),
        message: format!("there is no variable `{name}` in this function"),
        help: Some("a function sees its arguments only: give it the value as one".into()),
        unknown_function: false,
    })
}

fn is_standard(name: &str) -> bool {
    name.contains('$') || library::FUNCTIONS.iter().any(|f| f.name == name) || STANDARD.contains(&name)
}

/// The variables that a script sees, for the parser.
pub(super) fn scope(script: &ScriptText) -> Scope<'static> {
    let mut scope = Scope::new();
    for (variable, _) in script.bindings.iter() {
        scope.push_dynamic(variable.name(), rhai::Dynamic::UNIT);
    }
    scope
}
