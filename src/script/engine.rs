//! The interpreter of one worker: bounded, without `eval` or output, and with elements as values.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Instant;

use compact_str::CompactString;
use rhai::module_resolvers::DummyModuleResolver;
use rhai::{Dynamic, Engine, EvalAltResult, ImmutableString, Module, OptimizationLevel, Position};
use rust_decimal::Decimal;

use super::execution::Ongoing;
use super::library::{Arities, Held, Patterns, Row, Zones};
use super::place::{LastAbsent, Root, Tree};
use super::shapes::Shapes;
use super::view::{Raised, View, raise};
use super::wide::{self, Wide};
use super::{Bounds, arithmetic, assign, library, numbers};

/// Between two looks at the clock: a look costs some 25 ns, an operation 50 ns and more.
const LOOK: u64 = 16;

/// Nested expressions: with `Bounds::depth` calls of functions it must fit a thread's stack.
const EXPRESSION: usize = 64;

const NO_SLEEP: &str = "a script cannot wait: a process can, with the step `wait`";

/// What a run leaves for the functions it calls.
#[derive(Debug)]
pub(super) struct State {
    /// The properties the script can ask for, read before it runs.
    pub properties: RefCell<Vec<(CompactString, CompactString)>>,
    /// When the run must end.
    pub deadline: Cell<Option<Instant>>,
    /// See [`LastAbsent`].
    pub absent: Rc<LastAbsent>,
    /// What goes on from script to script, while a script that asks for it runs.
    pub execution: RefCell<Ongoing>,
    /// The tables to look things up in.
    pub tables: RefCell<Vec<Rc<Held>>>,
    /// The regular expressions that were used last.
    pub patterns: RefCell<Patterns>,
    /// The time zones that were used last.
    pub zones: RefCell<Zones>,
    /// Keeps identifiers of one moment in order.
    pub uuids: uuid::ContextV7,
    /// What a run may use.
    pub bounds: Bounds,
    /// No shapes: for documents that scripts read from texts.
    shapes: Rc<Shapes>,
}

impl State {
    /// Nothing yet.
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            properties: RefCell::default(),
            deadline: Cell::default(),
            absent: Rc::default(),
            execution: RefCell::default(),
            tables: RefCell::default(),
            patterns: RefCell::default(),
            zones: RefCell::default(),
            uuids: uuid::ContextV7::new(),
            bounds,
            shapes: Rc::default(),
        }
    }

    /// Bytes of the longest text.
    pub(super) fn text_bound(&self) -> usize {
        self.bounds.text
    }

    /// Items of the longest list.
    pub(super) fn items_bound(&self) -> usize {
        self.bounds.items
    }

    /// Whether the run's time is up.
    pub(super) fn is_late(&self) -> bool {
        self.deadline.get().is_some_and(|end| Instant::now() >= end)
    }

    /// The root of a document that a script reads from a text.
    pub(super) fn root(&self, tree: Tree) -> Rc<Root> {
        Rc::new(Root { tree, shapes: Rc::clone(&self.shapes), absent: Rc::clone(&self.absent) })
    }

    /// The property's text, `()` when it is not set.
    pub(super) fn property(&self, name: &str) -> Dynamic {
        let properties = self.properties.borrow();
        let found = properties.iter().find(|(n, _)| n == name);
        found.map_or(Dynamic::UNIT, |(_, value)| super::typed::string(value))
    }
}

/// An engine with everything but the members that its scripts name.
pub(super) fn engine(state: &Rc<State>) -> (Engine, Arities) {
    let bounds = &state.bounds;
    let mut engine = Engine::new();
    engine
        .set_max_operations(bounds.operations)
        .set_max_call_levels(bounds.depth)
        .set_max_string_size(bounds.text)
        .set_max_array_size(bounds.items)
        .set_max_map_size(bounds.items)
        .set_max_variables(bounds.variables)
        .set_max_expr_depths(EXPRESSION, EXPRESSION / 2)
        .set_max_functions(1000)
        .set_max_strings_interned(0)
        .set_optimization_level(OptimizationLevel::Simple)
        .set_strict_variables(true)
        // Rhai's own operators say that a text is never equal to a number; ours compare by value.
        .set_fast_operators(false)
        .disable_symbol("eval")
        // Packages are built in: nothing else is a module, and no script is looked for in files.
        .set_module_resolver(DummyModuleResolver::new())
        .disable_symbol("import")
        .disable_symbol("export")
        .on_print(|_| ())
        .on_debug(|_, _, _| ());
    let clock = Rc::clone(state);
    engine.on_progress(move |operations| {
        let late = operations % LOOK == 0 && clock.is_late();
        late.then_some(Dynamic::UNIT)
    });
    // A worker serves other requests: it must not wait in a script.
    engine
        .register_fn("sleep", |_: i64| -> Result<(), Raised> { Err(raise(NO_SLEEP)) })
        .register_fn("sleep", |_: Decimal| -> Result<(), Raised> { Err(raise(NO_SLEEP)) });
    register_elements(&mut engine);
    register_lists(&mut engine);
    numbers::register(&mut engine);
    arithmetic::register(&mut engine);
    wide::register(&mut engine);
    let arities = library::register(&mut engine, state);
    (engine, arities)
}

fn register_elements(engine: &mut Engine) {
    engine
        .register_type_with_name::<View>("element")
        .register_fn("to_string", |view: &mut View| view.text().to_string())
        .register_fn("to_debug", |view: &mut View| view.text().to_string())
        .register_fn("==", |a: View, b: View| a.copy() == b.copy())
        .register_fn("!=", |a: View, b: View| a.copy() != b.copy())
        .register_fn("len", |view: &mut View| view.items().len() as i64)
        .register_fn("is_empty", |view: &mut View| view.items().is_empty())
        .register_fn("contains", |view: &mut View, name: ImmutableString| {
            view.member(&name).is_ok_and(|v| !v.is_unit())
        })
        .register_fn("push", |view: &mut View, value: Dynamic| match view {
            View::Write(shared, id) => assign::push(shared, *id, value),
            View::Read(_) => Err(raise("a document that is only read cannot be added to")),
        })
        .register_indexer_get(|view: &mut View, name: ImmutableString| view.member(&name))
        .register_indexer_set(|view: &mut View, name: ImmutableString, value: Dynamic| {
            view.set_member(&name, value)
        })
        .register_indexer_get(item)
        // Only the writing back after a call on an item: items are set by the name of their list.
        .register_indexer_set(|_: &mut View, _: i64, _: Dynamic| ());
}

/// Rows of tables, whose members are their columns.
pub(super) fn register_rows(engine: &mut Engine, names: &[CompactString]) {
    engine
        .register_type_with_name::<Row>("row")
        .register_indexer_get(|row: &mut Row, name: ImmutableString| row.get(&name));
    for name in names {
        let get = ImmutableString::from(name.as_str());
        engine.register_get(name, move |row: &mut Row| row.get(&get));
    }
}

fn item(view: &mut View, position: i64) -> Result<Dynamic, Raised> {
    let mut items = view.items();
    let length = items.len();
    let from_end = position.unsigned_abs() as usize;
    let at = match position < 0 {
        true => length.checked_sub(from_end),
        false => Some(from_end).filter(|at| *at < length),
    };
    at.map(|at| items.swap_remove(at))
        .ok_or_else(|| Box::new(EvalAltResult::ErrorArrayBounds(length, position, Position::NONE)))
}

/// One value is a list of one and `()` an empty list, in `for` and for `len()`.
fn register_lists(engine: &mut Engine) {
    engine
        .register_fn("len", |(): ()| 0_i64)
        .register_fn("is_empty", |(): ()| true)
        .register_fn("len", |_: i64| 1_i64)
        .register_fn("len", |_: Decimal| 1_i64)
        .register_fn("len", |_: bool| 1_i64);
    let mut module = Module::new();
    macro_rules! one_by_one {
        ($($kind:ty),*) => {$(
            module.set_iter(std::any::TypeId::of::<$kind>(), |value: Dynamic| {
                Box::new(library::items(value).into_iter())
            });
        )*};
    }
    one_by_one!((), View, ImmutableString, i64, Decimal, Wide, bool);
    engine.register_global_module(module.into());
}

/// Registers the members that scripts name, so that each is found without a failed search first.
pub(super) fn register_members(engine: &mut Engine, names: &[CompactString]) {
    for name in names {
        // Lists and texts have these by themselves.
        let get = ImmutableString::from(name.as_str());
        let set = get.clone();
        let absent = get.clone();
        engine
            .register_get(name, move |view: &mut View| view.member(&get))
            .register_set(name, move |view: &mut View, value: Dynamic| view.set_member(&set, value))
            .register_get(name, move |(): &mut ()| -> Result<Dynamic, Raised> {
                Err(Box::new(EvalAltResult::ErrorPropertyNotFound(absent.to_string(), Position::NONE)))
            });
    }
}

/// The kinds of value as messages name them.
pub(super) const KINDS: &[(&str, &str)] = &[
    ("element", "an element"),
    ("row", "a row of a table"),
    ("array", "a list"),
    ("i64", "a whole number"),
    ("decimal", "a number"),
    ("rust_decimal::decimal::Decimal", "a number"),
    ("wide", wide::KIND),
    ("&str | ImmutableString | String", "text"),
    ("string", "text"),
    ("&str", "text"),
    ("bool", "true or false"),
    ("char", "a character"),
    ("map", "a map"),
    ("()", "nothing"),
    ("Fn", "a function"),
];
