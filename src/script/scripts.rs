//! A worker's scripts: compiled once, run many times, sharing nothing with another worker.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use rhai::{AST, Dynamic, Engine, ImmutableString, Scope};

use super::arena::{Arena, Shared};
use super::check::{Checked, Needs, scope};
use super::engine::{self, State};
use super::failure::failure;
use super::library::Held;
use super::members;
use super::place::{Place, Root, Tree};
use super::shapes::{ShapeId, Shapes};
use super::view::View;
use super::{Bounds, Input, It, ScriptFailure, ScriptId, ScriptSet, Variable, convert};
use crate::document::Document;
use crate::document::tree::Element;
use crate::document::value::Value;

/// The scripts of one worker.
pub struct Scripts {
    engine: Engine,
    scripts: Vec<Compiled>,
    shapes: Rc<Shapes>,
    state: Rc<State>,
    bounds: Bounds,
    names: [ImmutableString; 4],
    /// The functions that are in no script's own text.
    library: Vec<String>,
}

impl std::fmt::Debug for Scripts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scripts({})", self.scripts.len())
    }
}

struct Compiled {
    ast: AST,
    text: Box<str>,
    needs: Needs,
    /// The variables in the order the parser saw them, with their shapes.
    bindings: Vec<(Variable, Option<ShapeId>)>,
    /// The documents under names of their own, behind the variables; those it does not mention it need not be given.
    others: Vec<(ImmutableString, Option<ShapeId>, bool)>,
}

impl Scripts {
    /// Compiles a checked set for one worker. A script that does not compile after all fails each time it is run.
    pub fn compile(set: &ScriptSet, bounds: Bounds) -> Self {
        let state = Rc::new(State::new(bounds));
        let (mut engine, _) = engine::engine(&state);
        engine::register_members(&mut engine, &set.members);
        if !set.tables.is_empty() {
            engine::register_rows(&mut engine, &set.members);
            state.tables.borrow_mut().extend(set.tables.iter().map(|table| Rc::new(Held(Arc::clone(table)))));
        }
        members::note(&mut engine, Rc::default());
        let mut library = AST::empty();
        for text in &set.libraries {
            library = library.merge(&engine.compile(&**text).unwrap_or_default());
        }
        let mut shapes = Shapes::default();
        let scripts = set.scripts.iter();
        let scripts = scripts.map(|checked| compile(&engine, &library, &mut shapes, checked)).collect();
        Self {
            engine,
            scripts,
            shapes: Rc::new(shapes),
            state,
            bounds,
            library: library.iter_functions().map(|f| f.name.to_owned()).collect(),
            names: Variable::ALL.map(|variable| variable.name().into()),
        }
    }

    /// The value of an expression.
    ///
    /// # Errors
    /// What the script asked for is not possible, it passed a bound, or it threw.
    pub fn eval(&self, id: ScriptId, input: &Input<'_>) -> Result<Value, ScriptFailure> {
        let script = self.script(id)?;
        let mut scope = self.scope(script, input, None)?;
        let result = self.run(script, &mut scope, input)?;
        convert::value(result).map_err(|error| self.fail(script, *error))
    }

    /// What statements make of a tree: the one behind `target`, or behind `doc` where the script has no `target`.
    ///
    /// # Errors
    /// As [`Scripts::eval`]; also when the script removed the root element.
    pub fn change(&self, id: ScriptId, tree: Element, input: &Input<'_>) -> Result<Element, ScriptFailure> {
        let script = self.script(id)?;
        let bound = |wanted| script.bindings.iter().find(|(variable, _)| *variable == wanted);
        let Some((changed, shape)) = bound(Variable::Target).or_else(|| bound(Variable::Doc)) else {
            return Err(ScriptFailure::plain("the script has nothing to change"));
        };
        let arena = Arena::new(
            tree,
            *shape,
            Rc::clone(&self.shapes),
            Rc::clone(&self.state.absent),
            (self.bounds.items, self.bounds.text),
        );
        let shared: Shared = Rc::new(RefCell::new(arena));
        let mut scope = self.scope(script, input, Some((*changed, &shared)))?;
        // Statements have no result: what they changed is the result.
        drop(self.run(script, &mut scope, input)?);
        drop(scope);
        // A closure may still hold a view: then the tree is copied out instead of taken.
        let root = match Rc::try_unwrap(shared) {
            Ok(arena) => arena.into_inner().into_root(),
            Err(held) => {
                let view = View::Write(Rc::clone(&held), 0);
                Some(view.copy())
            }
        };
        root.ok_or_else(|| ScriptFailure::plain("the script removed the root element"))
    }

    fn script(&self, id: ScriptId) -> Result<&Compiled, ScriptFailure> {
        let script = self.scripts.get(id.0 as usize);
        script.ok_or_else(|| ScriptFailure::plain("there is no script of that number"))
    }

    fn scope(
        &self,
        script: &Compiled,
        input: &Input<'_>,
        changed: Option<(Variable, &Shared)>,
    ) -> Result<Scope<'static>, ScriptFailure> {
        let mut scope = Scope::new();
        for (variable, shape) in &script.bindings {
            let value = match changed {
                Some((which, shared)) if which == *variable => View::write(shared, 0),
                _ if !script.needs.variables.contains(variable) => Dynamic::UNIT,
                _ => self.variable(*variable, *shape, input)?,
            };
            let [source, doc, it, target] = &self.names;
            let name = match variable {
                Variable::Source => source,
                Variable::Doc => doc,
                Variable::It => it,
                Variable::Target => target,
            };
            scope.push_dynamic(name.clone(), value);
        }
        for (index, (name, shape, needed)) in script.others.iter().enumerate() {
            let value = match input.others.filter(|_| *needed) {
                Some(others) => self.document(others.other(index).map_err(ScriptFailure::plain)?, *shape)?,
                None => Dynamic::UNIT,
            };
            scope.push_dynamic(name.clone(), value);
        }
        Ok(scope)
    }

    fn variable(
        &self,
        variable: Variable,
        shape: Option<ShapeId>,
        input: &Input<'_>,
    ) -> Result<Dynamic, ScriptFailure> {
        match variable {
            Variable::Source => self.document(input.source, shape),
            Variable::Doc => self.document(input.doc, shape),
            Variable::Target => Ok(Dynamic::UNIT),
            Variable::It => Ok(match input.it {
                It::None => Dynamic::UNIT,
                It::Value(value) => self.value(value, shape),
                It::Element(element) => self.element(element.clone(), shape),
            }),
        }
    }

    fn value(&self, value: &Value, shape: Option<ShapeId>) -> Dynamic {
        match value {
            Value::Tree(element) => self.element((**element).clone(), shape),
            Value::List(values) => {
                let items: rhai::Array = values.iter().map(|v| self.value(v, shape)).collect();
                Dynamic::from(items)
            }
            leaf => convert::dynamic(leaf, self.shapes.simple(shape)).unwrap_or(Dynamic::UNIT),
        }
    }

    fn element(&self, element: Element, shape: Option<ShapeId>) -> Dynamic {
        Place::root(self.root(Tree::Element(element)), shape)
    }

    fn document(
        &self,
        document: Option<&Document>,
        shape: Option<ShapeId>,
    ) -> Result<Dynamic, ScriptFailure> {
        let Some(document) = document.filter(|document| !document.is_empty()) else {
            return Ok(Dynamic::UNIT);
        };
        if let Err(malformed) = document.tree() {
            return Err(ScriptFailure::plain(format!("the document cannot be read: {malformed}")));
        }
        Ok(Place::document(self.root(Tree::Document(document.clone())), shape))
    }

    fn root(&self, tree: Tree) -> Rc<Root> {
        Rc::new(Root { tree, shapes: Rc::clone(&self.shapes), absent: Rc::clone(&self.state.absent) })
    }

    fn run(
        &self,
        script: &Compiled,
        scope: &mut Scope<'static>,
        input: &Input<'_>,
    ) -> Result<Dynamic, ScriptFailure> {
        self.prepare(script, input);
        let execution = input.execution.filter(|_| script.needs.execution);
        let swap = || {
            if let Some(execution) = execution {
                execution.0.swap(&self.state.execution);
            }
        };
        swap();
        let run = || self.engine.eval_ast_with_scope::<Dynamic>(scope, &script.ast);
        // Rhai is not written to panic; if it does, one request fails and not the worker.
        let ran = catch_unwind(AssertUnwindSafe(run));
        swap();
        match ran {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(error)) => Err(self.fail(script, *error)),
            Err(_) => Err(ScriptFailure::plain("the script met a fault of the interpreter")),
        }
    }

    fn prepare(&self, script: &Compiled, input: &Input<'_>) {
        let own = Instant::now().checked_add(self.bounds.time);
        let earliest = [own, input.deadline].into_iter().flatten().min();
        self.state.deadline.set(earliest);
        self.state.absent.borrow_mut().take();
        let mut properties = self.state.properties.borrow_mut();
        properties.clear();
        let Some(source) = input.properties else {
            return;
        };
        if script.needs.any_property {
            source.each(&mut |name, value| properties.push((name.into(), value.into())));
        }
        for name in &script.needs.properties {
            if let Some(value) = source.property(name) {
                properties.push((name.clone(), value));
            }
        }
    }

    fn fail(&self, script: &Compiled, error: rhai::EvalAltResult) -> ScriptFailure {
        let absent = self.state.absent.borrow();
        let absent = absent.as_ref().map(|(member, parent)| (member.as_str(), parent.as_str()));
        let is_library = |name: &str| self.library.iter().any(|function| function == name);
        failure(error, &script.text, absent, &is_library)
    }
}

fn compile(engine: &Engine, library: &AST, shapes: &mut Shapes, checked: &Checked) -> Compiled {
    let script = &checked.script;
    let own = engine.compile_with_scope(&scope(script), &*script.text);
    let own = own.unwrap_or_default();
    let bindings = script.bindings.iter();
    Compiled {
        ast: library.merge(&own),
        text: (&*script.text).into(),
        needs: checked.needs.clone(),
        bindings: bindings.map(|(v, shape)| (v, shape.map(|s| shapes.add(s)))).collect(),
        others: script
            .bindings
            .others()
            .map(|(name, shape)| {
                let needed = checked.needs.names.contains(name);
                (name.as_str().into(), shape.map(|shape| shapes.add(shape)), needed)
            })
            .collect(),
    }
}
