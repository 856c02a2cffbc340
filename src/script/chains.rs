//! Checking the members a script names against the shapes of its variables, before it ever runs.

use std::collections::{BTreeMap, BTreeSet};

use compact_str::CompactString;
use rhai::{AST, ASTFlags, ASTNode, Expr, FnPtr, Position, Stmt};

use super::calls::column_problem;
use super::check::Tables;
use super::failure::offset;
use super::{ScriptKind, ScriptProblem, ScriptText, Variable};
use crate::schema::{Shape, ShapeKind};
use crate::source::nearest;

/// Methods that give each item to the function they are given.
const EACH: [&str; 6] = ["map", "filter", "some", "all", "find", "find_index"];

/// What is known of a value.
#[derive(Debug, Clone, Copy)]
enum Known<'a> {
    /// A document whose one member is the root element.
    Document(&'a Shape),
    /// An element or a leaf.
    One(&'a Shape),
    /// A list of them.
    Many(&'a Shape),
}

type Names<'a> = BTreeMap<CompactString, Known<'a>>;

/// Finds the first member that is not in the shape it is asked of, and the first assignment that an expression cannot do.
/// Rows of tables are known where the table's name is a literal.
pub(super) fn check(script: &ScriptText, ast: &AST, tables: &Tables) -> Result<(), ScriptProblem> {
    let mut names = Names::new();
    for (variable, shape) in script.bindings.iter() {
        let known = shape.and_then(|shape| match variable {
            Variable::It => plain(shape),
            _ if shape.name.is_empty() => plain(shape),
            _ => Some(Known::Document(shape)),
        });
        names.extend(known.map(|known| (variable.name().into(), known)));
    }
    for (name, shape) in script.bindings.others() {
        let known = shape.and_then(|shape| match shape.name.is_empty() {
            true => plain(shape),
            false => Some(Known::Document(shape)),
        });
        names.extend(known.map(|known| (name.clone(), known)));
    }
    let mut checker =
        Checker { script, ast, tables, items: BTreeMap::new(), closures: Vec::new(), problem: None };
    checker.unit(&ast.clone_statements_only(), names);
    while let (None, Some((name, names))) = (&checker.problem, checker.closures.pop()) {
        checker.unit(&ast.clone_functions_only_filtered(|_, _, _, found, _| found == name), names);
    }
    checker.problem.map_or(Ok(()), Err)
}

struct Checker<'a, 's> {
    script: &'s ScriptText,
    ast: &'s AST,
    tables: &'s Tables,
    /// What the closures of `map` and its like are given.
    items: BTreeMap<CompactString, Known<'a>>,
    /// Closures still to be checked, with what is known of what they catch.
    closures: Vec<(CompactString, Names<'a>)>,
    problem: Option<ScriptProblem>,
}

impl<'a> Checker<'a, '_> {
    /// Checks the script's own statements, or the body of one closure.
    fn unit(&mut self, body: &AST, mut names: Names<'a>) {
        let mut declared = BTreeSet::new();
        body.walk(&mut |path| {
            self.node(path, &mut names, &mut declared);
            self.problem.is_none()
        });
    }

    fn node(&mut self, path: &[ASTNode<'_>], names: &mut Names<'a>, declared: &mut BTreeSet<CompactString>) {
        let above = path.len().checked_sub(2).and_then(|at| path.get(at));
        match path.last() {
            Some(ASTNode::Expr(expr @ (Expr::Dot(..) | Expr::Index(..)))) if !continues(above, expr) => {
                self.row(expr);
                self.chain(expr, names);
            }
            Some(ASTNode::Expr(Expr::DynamicConstant(value, _))) => {
                if let Some(closure) = value.read_lock::<FnPtr>() {
                    self.closure(closure.fn_name(), above, names);
                }
            }
            Some(ASTNode::Stmt(Stmt::Var(x, ..))) => {
                names.remove(x.0.name.as_str());
                declared.insert(x.0.name.as_str().into());
            }
            Some(ASTNode::Stmt(Stmt::For(x, _))) => {
                let name = CompactString::from(x.0.name.as_str());
                let item = self.chain(&x.2.expr, names).and_then(item);
                // A name with two meanings at once is left to the run.
                let taken = Variable::ALL.iter().any(|variable| variable.name() == name)
                    || self.script.bindings.others().any(|(other, _)| *other == name);
                let outer = path
                    .iter()
                    .rev()
                    .skip(1)
                    .any(|node| matches!(node, ASTNode::Stmt(Stmt::For(y, _)) if y.0.name == x.0.name));
                names.remove(&name);
                if let Some(item) = item.filter(|_| !taken && !outer && !declared.contains(&name)) {
                    names.insert(name, item);
                }
            }
            Some(ASTNode::Stmt(Stmt::Assignment(x))) => self.assignment(&x.1.lhs, names, declared),
            _ => {}
        }
    }

    fn assignment(&mut self, lhs: &Expr, names: &mut Names<'a>, declared: &BTreeSet<CompactString>) {
        let mut first = lhs;
        while let Expr::Dot(x, ..) | Expr::Index(x, ..) = first {
            first = &x.lhs;
        }
        let Expr::Variable(x, _, at) = first else { return };
        let name = x.1.as_str();
        let given = self.script.bindings.names().any(|known| known == name);
        if self.script.kind == ScriptKind::Expression && given && !declared.contains(name) {
            self.problem.get_or_insert_with(|| {
                let message = format!("an expression cannot change `{name}`");
                ScriptProblem::new(offset(&self.script.text, *at), message)
                    .help("for a comparison write `==`")
            });
        }
        if matches!(lhs, Expr::Variable(..)) {
            names.remove(name);
        }
    }

    /// Notes a closure with what it catches, for a check of its own.
    fn closure(&mut self, name: &str, above: Option<&ASTNode<'_>>, names: &Names<'a>) {
        let caught: Vec<&Expr> = match above {
            Some(ASTNode::Expr(Expr::FnCall(call, _)) | ASTNode::Stmt(Stmt::FnCall(call, _)))
                if call.name == "curry" =>
            {
                call.args.iter().skip(1).collect()
            }
            _ => Vec::new(),
        };
        let function = self.ast.iter_functions().find(|function| function.name == name);
        let Some(function) = function.filter(|_| name.starts_with("anon$")) else { return };
        let mut inner = Names::new();
        for expr in &caught {
            if let Expr::Variable(x, ..) = expr
                && let Some(known) = names.get(x.1.as_str())
            {
                inner.insert(x.1.as_str().into(), *known);
            }
        }
        for own in function.params.iter().skip(caught.len()) {
            inner.remove(*own);
        }
        if let (Some(known), Some(own)) = (self.items.get(name), function.params.get(caught.len())) {
            inner.insert(CompactString::from(*own), *known);
        }
        self.closures.push((name.into(), inner));
    }

    /// Checks the column that is read from the row of a lookup: `table::find("t", key).name`.
    fn row(&mut self, expr: &Expr) {
        let Expr::Dot(x, ..) = expr else { return };
        let Expr::FnCall(call, _) = &x.lhs else { return };
        if !call.is_qualified() || call.namespace.root() != "table" || call.name != "find" {
            return;
        }
        let member = match &x.rhs {
            Expr::Dot(x, ..) | Expr::Index(x, ..) if !ends(expr) => &x.lhs,
            member => member,
        };
        let Some(Expr::StringConstant(name, _)) = call.args.first() else { return };
        if let (Some(Some(table)), Expr::Property(x, at)) = (self.tables.get(name.as_str()), member) {
            self.problem = column_problem(table, &x.2, &self.script.text, *at);
        }
    }

    /// Follows a chain of members, and tells what is known of its end.
    fn chain(&mut self, expr: &Expr, names: &Names<'a>) -> Option<Known<'a>> {
        let (mut rest, mut index, mut known) = match expr {
            Expr::Variable(x, ..) => return names.get(x.1.as_str()).copied(),
            Expr::Dot(x, ..) | Expr::Index(x, ..) => match &x.lhs {
                Expr::Variable(v, ..) => (&x.rhs, is_index(expr), names.get(v.1.as_str()).copied()?),
                _ => return None,
            },
            _ => return None,
        };
        let mut last = ends(expr);
        loop {
            // The part after an index is in the chain only as long as Rhai says that the chain goes on.
            let (link, next) = match rest {
                Expr::Dot(x, ..) | Expr::Index(x, ..) if !last => (&x.lhs, Some(rest)),
                _ => (rest, None),
            };
            known = self.link(link, index, known)?;
            let Some(Expr::Dot(x, ..) | Expr::Index(x, ..)) = next else { return Some(known) };
            (index, last) = (is_index(rest), ends(rest));
            rest = &x.rhs;
        }
    }

    fn link(&mut self, link: &Expr, index: bool, known: Known<'a>) -> Option<Known<'a>> {
        match link {
            Expr::Property(x, at) if !index => self.member(known, &x.2, *at),
            Expr::StringConstant(name, at) if index => self.member(known, name, *at),
            Expr::MethodCall(call, _) if EACH.contains(&call.name.as_str()) => {
                let name = call.args.first().and_then(closure_name)?;
                self.items.insert(name, item(known)?);
                (call.name == "filter").then_some(known)
            }
            Expr::StringConstant(..) | Expr::Property(..) | Expr::MethodCall(..) => None,
            // Any other index takes an item of a list.
            _ if index && matches!(known, Known::Many(_)) => item(known),
            _ => None,
        }
    }

    fn member(&mut self, known: Known<'a>, name: &str, at: Position) -> Option<Known<'a>> {
        match find(known, name) {
            Ok(found) => found,
            Err((owner, names)) => {
                let near = nearest(name, names.iter().map(CompactString::as_str));
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if names.is_empty() => "nothing is declared in it".into(),
                    None => format!("known here: {}", names.join(", ")),
                };
                self.problem.get_or_insert_with(|| {
                    let message = format!("`{name}` is not in {owner}");
                    ScriptProblem::new(offset(&self.script.text, at), message).help(help)
                });
                None
            }
        }
    }
}

/// Whether `expr` is the rest of the chain that the node above begins.
fn continues(above: Option<&ASTNode<'_>>, expr: &Expr) -> bool {
    match above {
        Some(ASTNode::Expr(above @ (Expr::Dot(x, ..) | Expr::Index(x, ..)))) => {
            std::ptr::eq(&raw const x.rhs, expr) && !ends(above)
        }
        _ => false,
    }
}

fn ends(expr: &Expr) -> bool {
    matches!(expr, Expr::Dot(_, flags, _) | Expr::Index(_, flags, _) if flags.intersects(ASTFlags::BREAK))
}

fn is_index(expr: &Expr) -> bool {
    matches!(expr, Expr::Index(..))
}

/// The name of a closure given as an argument, with or without something caught.
fn closure_name(argument: &Expr) -> Option<CompactString> {
    let value = match argument {
        Expr::DynamicConstant(value, _) => value,
        Expr::Stmt(block) => match block.iter().last()? {
            Stmt::FnCall(call, _) if call.name == "curry" => match call.args.first()? {
                Expr::DynamicConstant(value, _) => value,
                _ => return None,
            },
            _ => return None,
        },
        _ => return None,
    };
    value.read_lock::<FnPtr>().map(|closure| closure.fn_name().into())
}

/// One value of that shape; nothing is known of what may be anything.
fn plain(shape: &Shape) -> Option<Known<'_>> {
    match &shape.kind {
        ShapeKind::Items(item) => Some(Known::Many(item)),
        ShapeKind::Any | ShapeKind::Open(_) => None,
        ShapeKind::Simple(_) | ShapeKind::Children(_) => Some(Known::One(shape)),
    }
}

/// One item of a list; one value is a list of itself.
fn item(known: Known<'_>) -> Option<Known<'_>> {
    match known {
        Known::Many(shape) => plain(shape),
        Known::One(_) => Some(known),
        Known::Document(_) => None,
    }
}

type Missing = (String, Vec<CompactString>);

/// The member of that name, as [`super::place::Place::member`] finds it; an error has the owner and the names it knows.
fn find<'a>(known: Known<'a>, name: &str) -> Result<Option<Known<'a>>, Missing> {
    let path = name.split_once('/');
    match known {
        Known::Document(root) if root.name == name => Ok(plain(root)),
        Known::Document(root) => match (path, plain(root)) {
            (Some((first, rest)), Some(inner)) if root.name == first => find(inner, rest),
            (Some((first, _)), None) if root.name == first => Ok(None),
            _ => Err(("the document".into(), vec![root.name.clone()])),
        },
        Known::Many(_) => Ok(None),
        Known::One(shape) => {
            let simple = matches!(shape.kind, ShapeKind::Simple(_));
            let bare = name.strip_prefix('@');
            if let Some((_, child)) = shape.child(name).filter(|_| bare.is_none()) {
                return Ok(if child.occurs.repeats() { Some(Known::Many(child)) } else { plain(child) });
            }
            // A leaf has no members: what is asked of it is asked of its text.
            if shape.attribute(bare.unwrap_or(name)).is_some() || (simple && bare.is_none()) {
                return Ok(None);
            }
            if let Some((first, rest)) = path.filter(|_| bare.is_none())
                && let Some((_, child)) = shape.child(first)
            {
                return plain(child).map_or(Ok(None), |inner| find(inner, rest));
            }
            let attributes = shape.attributes.iter().map(|a| CompactString::from(format!("@{}", a.name)));
            let names = shape.children().iter().map(|child| child.name.clone()).chain(attributes);
            let owner = match shape.name.as_str() {
                "" => "the document".into(),
                own => format!("`{own}`"),
            };
            Err((owner, names.collect()))
        }
    }
}
