//! The functions scripts have beside Rhai's own: one table for the interpreter, the checks, the manual and `explain`.

mod arguments;
mod base64;
mod date;
mod date_change;
mod hash;
mod json;
mod lists;
mod moment;
mod number;
mod number_format;
mod order;
mod patterns;
mod property;
mod sequence;
mod string;
mod string_cut;
mod table;
mod uuid;
mod values;
mod xml;

use std::rc::Rc;

use rhai::{Engine, FuncRegistration, Module, RhaiNativeFunc, Variant};

use super::engine::State;

pub(super) use arguments::{excerpt, text};
pub(super) use lists::items;
pub(super) use moment::Zones;
pub(super) use patterns::{Patterns, check_replacement};
pub(super) use table::{Held, Row};

/// A package: functions that belong together and are called as `package::function(...)`.
#[derive(Debug)]
pub struct Package {
    /// Its name; empty for functions that are called without one.
    pub name: &'static str,
    /// What its functions are for, in one sentence.
    pub summary: &'static str,
    /// Its functions, by name.
    pub functions: &'static [Function],
}

/// A function of scripts.
#[derive(Debug)]
pub struct Function {
    /// Its name within the package.
    pub name: &'static str,
    /// How it is called; optional arguments in brackets.
    pub signature: &'static str,
    /// What it gives, in one sentence.
    pub summary: &'static str,
    /// An expression that runs as it stands.
    pub example: &'static str,
    /// What the example gives, as text.
    pub result: &'static str,
    /// For arguments that are checked at load where they are literals: the number from 0, and what must hold.
    checks: &'static [(usize, Check)],
    register: fn(&mut Registrar<'_>),
}

/// What a literal argument must be.
///
/// # Errors
/// What is wrong with it, and what to do.
type Check = fn(&str) -> Result<(), Wrong>;

/// What is wrong with a literal argument.
#[derive(Debug)]
pub(super) struct Wrong {
    pub message: String,
    pub help: Option<String>,
}

impl Function {
    /// What is wrong with the literal that is given as that argument, if anything.
    pub(super) fn wrong(&self, argument: usize, literal: &str) -> Option<Wrong> {
        let check = self.checks.iter().find(|(number, _)| *number == argument)?;
        check.1(literal).err()
    }
}

/// Every package, in the order the manual shows them.
pub static PACKAGES: &[Package] = &[
    lists::PACKAGE,
    values::PACKAGE,
    string::PACKAGE,
    number::PACKAGE,
    date::PACKAGE,
    table::PACKAGE,
    sequence::PACKAGE,
    property::PACKAGE,
    hash::PACKAGE,
    base64::PACKAGE,
    json::PACKAGE,
    xml::PACKAGE,
    uuid::PACKAGE,
];

/// Every function with its package.
pub fn functions() -> impl Iterator<Item = (&'static Package, &'static Function)> {
    PACKAGES.iter().flat_map(|package| package.functions.iter().map(move |function| (package, function)))
}

/// The name by which a script calls a function: `date::format`, `sum`.
pub fn full_name(package: &Package, function: &Function) -> String {
    match package.name {
        "" => function.name.to_owned(),
        package => format!("{package}::{}", function.name),
    }
}

/// The names of the functions that are called without a package.
pub(super) fn plain_names() -> impl Iterator<Item = &'static str> {
    functions().filter(|(package, _)| package.name.is_empty()).map(|(_, function)| function.name)
}

/// How many arguments each function takes: one entry for each way to call it.
#[derive(Debug, Default)]
pub(super) struct Arities(Vec<(&'static str, &'static str, usize)>);

impl Arities {
    /// Whether a function of a package can be called with so many arguments.
    pub(super) fn has(&self, package: &str, name: &str, count: usize) -> bool {
        self.0.iter().any(|(p, n, c)| *p == package && *n == name && *c == count)
    }
}

/// Where a function puts its ways to be called.
struct Registrar<'a> {
    engine: &'a mut Engine,
    module: &'a mut Module,
    package: &'static str,
    name: &'static str,
    state: &'a Rc<State>,
    arities: &'a mut Arities,
}

impl Registrar<'_> {
    /// Adds a way to call the function.
    fn add<A: 'static, const N: usize, const X: bool, R: Variant + Clone, const F: bool>(
        &mut self,
        function: impl RhaiNativeFunc<A, N, X, R, F> + 'static,
    ) -> &mut Self {
        self.arities.0.push((self.package, self.name, N));
        if self.package.is_empty() {
            self.engine.register_fn(self.name, function);
        } else {
            FuncRegistration::new(self.name).set_into_module(self.module, function);
        }
        self
    }

    /// What a run leaves for the functions it calls.
    fn state(&self) -> Rc<State> {
        Rc::clone(self.state)
    }
}

/// Registers all packages.
pub(super) fn register(engine: &mut Engine, state: &Rc<State>) -> Arities {
    let mut arities = Arities::default();
    for package in PACKAGES {
        let mut module = Module::new();
        for function in package.functions {
            (function.register)(&mut Registrar {
                engine,
                module: &mut module,
                package: package.name,
                name: function.name,
                state,
                arities: &mut arities,
            });
        }
        if !package.name.is_empty() {
            engine.register_static_module(package.name, module.into());
        }
    }
    arities
}
