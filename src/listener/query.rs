//! The parameters of a query that a route declares: checked before anything runs.

use hyper::StatusCode;

use crate::pipeline::endpoint::query_pairs;
use crate::pipeline::failure::Failure;
use crate::pipeline::fits::VIOLATIONS;
use crate::pipeline::published::Parameter;
use crate::schema::Violation;
use crate::schema::validate::shown;

/// Checks a query against the declared parameters. What is not declared is let through.
///
/// # Errors
/// 400 with every parameter that is missing, given twice, or not of its type; their places are `query.NAME`.
pub(super) fn check(parameters: &[Parameter], query: &str) -> Result<(), Failure> {
    if parameters.is_empty() {
        return Ok(());
    }
    let mut seen = vec![0_usize; parameters.len()];
    let mut found = Vec::new();
    let mut note = |parameter: &Parameter, message: String| {
        if found.len() < VIOLATIONS {
            let path = format!("query.{}", parameter.name);
            found.push(Violation { path, message, way: Vec::new(), line: None });
        }
    };
    for (name, value) in query_pairs(query) {
        let declared = parameters.iter().zip(&mut seen).find(|(parameter, _)| parameter.name == name);
        let Some((parameter, times)) = declared else { continue };
        *times += 1;
        match *times {
            // The process reads the text as it is: white space around a number is not nothing.
            1 => {
                if let Err(expected) = parameter.simple.check_json_string(&value) {
                    let value =
                        if value.is_empty() { "nothing".into() } else { format!("`{}`", shown(&value)) };
                    note(parameter, format!("found {value}, expected {expected}"));
                }
            }
            2 => note(parameter, "is given more than once".to_owned()),
            _ => {}
        }
    }
    for (parameter, _) in parameters.iter().zip(&seen).filter(|(one, times)| one.required && **times == 0) {
        let expected = parameter.simple.check_json_string("").err();
        let expected = expected.unwrap_or_else(|| parameter.simple.expectation());
        note(parameter, format!("is missing, expected {expected}"));
    }
    let Some(first) = found.first() else { return Ok(()) };
    let message = format!(
        "The parameters of the query are not what is expected here: {}: {}.",
        first.path, first.message
    );
    let mut failure = Failure::client(StatusCode::BAD_REQUEST, "invalid-parameters", message);
    failure.violations = found;
    Err(failure)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{GivenFacets, Simple, SimpleType};

    fn parameter(name: &str, base: SimpleType, required: bool) -> Parameter {
        let most = GivenFacets { max_inclusive: Some("100".into()), ..GivenFacets::default() };
        let simple = Simple::of(base);
        let simple = if base == SimpleType::Integer { simple.restrict(&most).unwrap() } else { simple };
        Parameter { name: name.into(), simple, required, default: None, description: None }
    }

    fn problems(query: &str) -> Vec<String> {
        let parameters = [
            parameter("limit", SimpleType::Integer, true),
            parameter("since", SimpleType::Date, false),
            parameter("q", SimpleType::String, false),
        ];
        let Err(failure) = check(&parameters, query) else { return Vec::new() };
        assert_eq!((failure.status.as_u16(), failure.code.as_str()), (400, "invalid-parameters"));
        failure.violations.iter().map(|at| format!("{}: {}", at.path, at.message)).collect()
    }

    #[test]
    fn what_is_declared_is_checked() {
        assert_eq!(problems("limit=10&since=2026-11-20&q=&other=1&other=2"), [""; 0]);
        assert_eq!(problems("LIMIT=10"), ["query.limit: is missing, expected an integer"]);
        assert_eq!(problems("limit=101").len(), 1);
        assert_eq!(
            problems("limit=+5&since=2026-02-30&limit=2&limit=3"),
            [
                "query.limit: found ` 5`, expected an integer",
                "query.since: found `2026-02-30`, expected a date like 2026-11-20",
                "query.limit: is given more than once",
            ]
        );
        assert_eq!(problems("limit="), ["query.limit: found nothing, expected an integer"]);
        assert_eq!(problems("%6Cimit=%31"), [""; 0]);
    }
}
