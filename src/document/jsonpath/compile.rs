//! From jsonpath-rust's syntax tree to a query, refusing what RFC 9535 calls invalid and the crate lets pass.

use jsonpath_rust::parser::errors::JsonPathError;
use jsonpath_rust::parser::model::{
    self as model, Comparable, Comparison, Filter, FilterAtom, FnArg, JpQuery, Literal, SingularQuery,
    SingularQuerySegment, TestFunction,
};
use jsonpath_rust::parser::parse_json_path;
use regex::{Regex, RegexBuilder};

use super::is_member;
use super::query::{Logical, Operand, Operator, Query, Segment, Selector};
use crate::document::path::PathError;

/// How deep parentheses may be nested: the crate's parser tries calls in several ways at each depth.
const DEEPEST: usize = 8;

const NOT: &str = "this is not a JSONPath (RFC 9535)";

/// What is not well-typed (RFC 9535, section 2.4.3).
type Typed<T> = Result<T, String>;

impl Query {
    /// Compiles an absolute path.
    pub(in crate::document) fn parse(text: &str) -> Result<Self, PathError> {
        check_outline(text)?;
        let parsed = parse_json_path(text).map_err(|error| place(text, &error))?;
        query(&parsed).map_err(|message| PathError::new(0, message))
    }
}

/// What the crate's parser would let pass or take too long over: deep parentheses, and white space within a name or after
/// a dot (its grammar skips it between any two characters, RFC 9535 allows it only between tokens).
fn check_outline(text: &str) -> Result<(), PathError> {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut escaped = false;
    // The last character that is not white space, and whether white space came after it.
    let (mut last, mut gap) = (' ', false);
    for (at, c) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if quote.is_some() {
            if quote == Some(c) {
                quote = None;
            }
        } else if matches!(c, '\'' | '"') {
            quote = Some(c);
        } else if c == '(' {
            depth += 1;
            if depth > DEEPEST {
                return Err(PathError::new(at, format!("parentheses are nested deeper than {DEEPEST}")));
            }
        } else if c == ')' {
            depth = depth.saturating_sub(1);
        }
        if quote.is_none() && gap && (last == '.' || is_member(last) && is_member(c)) && !is_space(c) {
            return Err(PathError::new(
                at,
                format!("{NOT}: white space cannot stand here; a name with a space is written `['a b']`"),
            ));
        }
        gap = is_space(c);
        if !gap || quote.is_some() {
            last = c;
        }
    }
    Ok(())
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// The crate's error with its place in the text.
fn place(text: &str, error: &JsonPathError) -> PathError {
    match error {
        JsonPathError::PestError(error) => {
            // The place is read from the message: the types it has are not re-exported.
            let shown = error.to_string();
            let numbers = shown.split_once("--> ").and_then(|(_, rest)| rest.split_once('\n'));
            let (line, column) = numbers
                .and_then(|(numbers, _)| numbers.trim().split_once(':'))
                .and_then(|(line, column)| Some((line.parse().ok()?, column.parse().ok()?)))
                .unwrap_or((1, 1));
            let start: usize = text.split_inclusive('\n').take(line.max(1) - 1).map(str::len).sum();
            let rest = text.get(start..).unwrap_or_default();
            let offset = rest.char_indices().nth(column.max(1) - 1).map_or(rest.len(), |(at, _)| at);
            let wanted = error.variant.message().replace('_', " ");
            PathError::new(start + offset, format!("{NOT}: {wanted}"))
        }
        JsonPathError::InvalidJsonPath(message) => PathError::new(0, format!("{NOT}: {message}")),
        other => PathError::new(0, format!("{NOT}: {other}")),
    }
}

fn query(parsed: &JpQuery) -> Typed<Query> {
    Ok(Query { absolute: true, segments: segments(&parsed.segments)? })
}

fn segments(parsed: &[model::Segment]) -> Typed<Vec<Segment>> {
    parsed.iter().map(segment).collect()
}

fn segment(parsed: &model::Segment) -> Typed<Segment> {
    Ok(match parsed {
        model::Segment::Descendant(inner) => Segment { descend: true, ..segment(inner)? },
        model::Segment::Selector(one) => Segment { descend: false, selectors: vec![selector(one)?] },
        model::Segment::Selectors(all) => {
            Segment { descend: false, selectors: all.iter().map(selector).collect::<Typed<_>>()? }
        }
    })
}

fn selector(parsed: &model::Selector) -> Typed<Selector> {
    Ok(match parsed {
        model::Selector::Name(name) => Selector::Name(name.clone()),
        model::Selector::Wildcard => Selector::Wildcard,
        model::Selector::Index(at) => Selector::Index(*at),
        model::Selector::Slice(start, end, step) => {
            Selector::Slice { start: *start, end: *end, step: step.unwrap_or(1) }
        }
        model::Selector::Filter(filter) => Selector::Filter(logical(filter)?),
    })
}

fn logical(parsed: &Filter) -> Typed<Logical> {
    Ok(match parsed {
        Filter::Or(all) => Logical::Or(all.iter().map(logical).collect::<Typed<_>>()?),
        Filter::And(all) => Logical::And(all.iter().map(logical).collect::<Typed<_>>()?),
        Filter::Atom(FilterAtom::Filter { expr, not }) => negate(logical(expr)?, *not),
        Filter::Atom(FilterAtom::Test { expr, not }) => negate(test(expr)?, *not),
        Filter::Atom(FilterAtom::Comparison(comparison)) => comparison_of(comparison)?,
    })
}

fn negate(logical: Logical, not: bool) -> Logical {
    if not { Logical::Not(Box::new(logical)) } else { logical }
}

fn test(parsed: &model::Test) -> Typed<Logical> {
    match parsed {
        model::Test::RelQuery(parsed) => {
            Ok(Logical::Exists(Query { absolute: false, segments: segments(parsed)? }))
        }
        model::Test::AbsQuery(parsed) => Ok(Logical::Exists(query(parsed)?)),
        model::Test::Function(function) => match function.as_ref() {
            TestFunction::Match(value, pattern) => matching(value, pattern, true),
            TestFunction::Search(value, pattern) => matching(value, pattern, false),
            TestFunction::Length(_) => Err(unlike("length")),
            TestFunction::Count(_) => Err(unlike("count")),
            TestFunction::Value(_) => Err(unlike("value")),
            TestFunction::Custom(name, _) => Err(unknown(name)),
        },
    }
}

fn unlike(function: &str) -> String {
    format!("`{function}(...)` gives a value, not a yes or no: compare it with something")
}

fn unknown(function: &str) -> String {
    format!("the function `{function}` is not in RFC 9535: it has length, count, value, match and search")
}

fn matching(value: &FnArg, pattern_of: &FnArg, whole: bool) -> Typed<Logical> {
    let pattern = match argument(pattern_of)? {
        Operand::Text(text) => pattern(&text, whole),
        Operand::Null | Operand::Bool(_) | Operand::Number(_) => None,
        // It would be compiled for each node, whatever its size.
        Operand::Singular(_) | Operand::Length(_) | Operand::Count(_) | Operand::Only(_) => {
            return Err("the pattern of `match` and `search` is a text that stands in the path itself".into());
        }
    };
    Ok(Logical::Match { value: argument(value)?, pattern })
}

/// An I-Regexp (RFC 9485) as a pattern; `None` if it is not one.
fn pattern(text: &str, whole: bool) -> Option<Regex> {
    const LARGEST: usize = 1 << 20;
    let mut translated = String::with_capacity(text.len() + 8);
    let mut in_class = false;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                translated.push(c);
                translated.extend(chars.next());
                continue;
            }
            '[' => in_class = true,
            ']' => in_class = false,
            // Section 5.3: a dot is anything but a line end, and a carriage return is one.
            '.' if !in_class => {
                translated.push_str(r"[^\n\r]");
                continue;
            }
            _ => {}
        }
        translated.push(c);
    }
    if whole {
        translated = format!(r"\A(?:{translated})\z");
    }
    RegexBuilder::new(&translated).size_limit(LARGEST).build().ok()
}

fn comparison_of(parsed: &Comparison) -> Typed<Logical> {
    let (left, right) = parsed.vals();
    let operator = match parsed {
        Comparison::Eq(..) => Operator::Equal,
        Comparison::Ne(..) => Operator::NotEqual,
        Comparison::Gt(..) => Operator::Greater,
        Comparison::Gte(..) => Operator::GreaterOrEqual,
        Comparison::Lt(..) => Operator::Less,
        Comparison::Lte(..) => Operator::LessOrEqual,
    };
    Ok(Logical::Compare { left: comparable(left)?, operator, right: comparable(right)? })
}

fn comparable(parsed: &Comparable) -> Typed<Operand> {
    match parsed {
        Comparable::Literal(literal) => Ok(constant(literal)),
        Comparable::Function(function) => valued(function),
        Comparable::SingularQuery(query) => {
            let (absolute, steps) = match query {
                SingularQuery::Current(steps) => (false, steps),
                SingularQuery::Root(steps) => (true, steps),
            };
            let selectors = steps.iter().map(|step| match step {
                SingularQuerySegment::Index(at) => Selector::Index(*at),
                SingularQuerySegment::Name(name) => Selector::Name(name.clone()),
            });
            let segments = selectors.map(|one| Segment { descend: false, selectors: vec![one] }).collect();
            Ok(Operand::Singular(Query { absolute, segments }))
        }
    }
}

fn constant(literal: &Literal) -> Operand {
    match literal {
        Literal::Int(number) => Operand::Number(number.to_string()),
        Literal::Float(number) => Operand::Number(number.to_string()),
        Literal::String(text) => Operand::Text(text.clone()),
        Literal::Bool(value) => Operand::Bool(*value),
        Literal::Null => Operand::Null,
    }
}

/// A function that gives a value.
fn valued(function: &TestFunction) -> Typed<Operand> {
    match function {
        TestFunction::Length(value) => Ok(Operand::Length(Box::new(argument(value)?))),
        TestFunction::Count(nodes) => Ok(Operand::Count(nodes_of(nodes, "count")?)),
        TestFunction::Value(nodes) => Ok(Operand::Only(nodes_of(nodes, "value")?)),
        TestFunction::Match(..) | TestFunction::Search(..) => {
            Err("`match` and `search` say yes or no: they are not compared with anything".into())
        }
        TestFunction::Custom(name, _) => Err(unknown(name)),
    }
}

/// An argument that must have one value: a literal, a query that leads to one node at most, a function with a value.
fn argument(parsed: &FnArg) -> Typed<Operand> {
    let FnArg::Test(test) = parsed else {
        return match parsed {
            FnArg::Literal(literal) => Ok(constant(literal)),
            _ => Err("the argument of this function is a value, not a condition".into()),
        };
    };
    let query = match test.as_ref() {
        model::Test::Function(function) => return valued(function),
        model::Test::RelQuery(parsed) => Query { absolute: false, segments: segments(parsed)? },
        model::Test::AbsQuery(parsed) => query(parsed)?,
    };
    if query.segments.iter().all(Segment::is_singular) {
        Ok(Operand::Singular(query))
    } else {
        Err("the argument of this function is one value, and this query may lead to several".into())
    }
}

fn nodes_of(parsed: &FnArg, function: &str) -> Typed<Query> {
    match parsed {
        FnArg::Test(test) => match test.as_ref() {
            model::Test::RelQuery(parsed) => Ok(Query { absolute: false, segments: segments(parsed)? }),
            model::Test::AbsQuery(parsed) => query(parsed),
            model::Test::Function(_) => Err(format!("the argument of `{function}` is a query")),
        },
        _ => Err(format!("the argument of `{function}` is a query")),
    }
}

impl Segment {
    /// Whether it leads from one node to one at most.
    fn is_singular(&self) -> bool {
        !self.descend && matches!(self.selectors.as_slice(), [Selector::Name(_) | Selector::Index(_)])
    }
}
