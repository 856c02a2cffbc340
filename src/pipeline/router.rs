//! The router: from a method and a path to the endpoint that serves it.

use std::collections::HashMap;
use std::sync::Arc;

use compact_str::CompactString;
use hyper::Method;

use super::endpoint::{Endpoint, decode};
use crate::source::{Place, Span};

/// An address with what serves it.
#[derive(Debug, Clone)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path; a segment `{name}` stands for any one segment.
    pub path: String,
    /// The protocol's name, for `routes` and metrics.
    pub protocol: &'static str,
    /// What is called there, for `routes`: an operation's name, or a count of them.
    pub serves: String,
    /// Where the file says so.
    pub place: Place,
    /// The same as a span, for findings.
    pub span: Span,
    /// What serves it.
    pub endpoint: Arc<dyn Endpoint>,
}

/// The addresses of one listener.
#[derive(Debug, Default)]
pub struct Router {
    routes: Vec<Route>,
    exact: HashMap<String, Vec<usize>>,
    patterns: Vec<Pattern>,
}

/// The routes of one pattern; each has its own names for the segments.
#[derive(Debug)]
struct Pattern {
    /// The segments between slashes; `None` stands for any.
    segments: Vec<Option<String>>,
    /// The routes, each with the names of its free segments.
    routes: Vec<(usize, Vec<CompactString>)>,
}

/// What a method and a path lead to.
#[derive(Debug)]
pub enum Found<'a> {
    /// To a route, with the values of its `{name}` segments.
    Route(&'a Route, Vec<(CompactString, CompactString)>),
    /// To a path that other methods are for: the value of `Allow`, and one of its routes.
    OtherMethods(String, &'a Route),
    /// Nowhere.
    Nothing,
}

impl Router {
    /// Builds the tables. Two routes of one method and path are returned as clashes, the later one first.
    pub fn new(routes: Vec<Route>) -> (Self, Vec<(usize, usize)>) {
        let mut router = Self { routes, ..Self::default() };
        let mut clashes = Vec::new();
        for index in 0..router.routes.len() {
            if let Some(other) = router.enter(index) {
                clashes.push((index, other));
            }
        }
        // The more fixed segments come first, the further left they stand; so the most specific pattern wins.
        let any = |pattern: &Pattern| -> Vec<bool> { pattern.segments.iter().map(Option::is_none).collect() };
        router.patterns.sort_by_key(any);
        (router, clashes)
    }

    /// Enters a route; gives the route it clashes with.
    fn enter(&mut self, index: usize) -> Option<usize> {
        let Route { method, path, .. } = self.routes.get(index)?;
        let (method, path) = (method.clone(), path.clone());
        let others =
            if path.contains('{') { self.enter_pattern(index, &path) } else { self.enter_exact(index, path) };
        others.into_iter().find(|other| self.routes.get(*other).is_some_and(|route| route.method == method))
    }

    /// The routes that were there before at the same path.
    fn enter_exact(&mut self, index: usize, path: String) -> Vec<usize> {
        let list = self.exact.entry(path).or_default();
        let others = list.clone();
        list.push(index);
        others
    }

    /// The routes that were there before with the same pattern, whatever their names are.
    fn enter_pattern(&mut self, index: usize, path: &str) -> Vec<usize> {
        let segments: Vec<Option<String>> =
            path.split('/').map(|text| name(text).is_none().then(|| text.to_owned())).collect();
        let names = path.split('/').filter_map(name).map(CompactString::from).collect();
        match self.patterns.iter_mut().find(|pattern| pattern.segments == segments) {
            Some(pattern) => {
                let others = pattern.routes.iter().map(|(other, _)| *other).collect();
                pattern.routes.push((index, names));
                others
            }
            None => {
                self.patterns.push(Pattern { segments, routes: vec![(index, names)] });
                Vec::new()
            }
        }
    }

    /// Every route in the order they were given.
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// Where a request goes. Paths are compared exactly, letter case included. A path that is written out goes before one
    /// with free segments, and that before a free one further left, among those that serve the method.
    pub fn find(&self, method: &Method, path: &str) -> Found<'_> {
        let mut others = Vec::new();
        let wanted = if method == Method::HEAD { &Method::GET } else { method };
        for index in self.exact.get(path).into_iter().flatten() {
            if let Some(route) = self.serving(*index, wanted, &mut others) {
                return Found::Route(route, Vec::new());
            }
        }
        for pattern in self.patterns.iter().filter(|pattern| pattern.matches(path)) {
            for (index, names) in &pattern.routes {
                if let Some(route) = self.serving(*index, wanted, &mut others) {
                    return Found::Route(route, pattern.params(names, path));
                }
            }
        }
        let Some(first) = others.first() else { return Found::Nothing };
        let mut words: Vec<&str> = Vec::new();
        for route in &others {
            let word = if route.method == Method::GET { "GET, HEAD" } else { route.method.as_str() };
            if !words.contains(&word) {
                words.push(word);
            }
        }
        Found::OtherMethods(words.join(", "), first)
    }

    /// The route if it is of that method; GET also serves HEAD (RFC 9110, section 9.3.2). Otherwise it is noted.
    fn serving<'a>(
        &'a self,
        index: usize,
        wanted: &Method,
        others: &mut Vec<&'a Route>,
    ) -> Option<&'a Route> {
        let route = self.routes.get(index)?;
        if route.method == *wanted {
            return Some(route);
        }
        others.push(route);
        None
    }
}

/// The name in a segment `{name}`.
fn name(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

impl Pattern {
    fn matches(&self, path: &str) -> bool {
        let mut given = path.split('/');
        let fits = self.segments.iter().all(|segment| match (segment, given.next()) {
            (Some(fixed), Some(text)) => fixed == text,
            (None, Some(text)) => !text.is_empty(),
            (_, None) => false,
        });
        fits && given.next().is_none()
    }

    /// The values of the free segments of a path that matches, under a route's names for them.
    fn params(&self, names: &[CompactString], path: &str) -> Vec<(CompactString, CompactString)> {
        let free = self.segments.iter().zip(path.split('/')).filter(|(segment, _)| segment.is_none());
        names.iter().zip(free).map(|(name, (_, text))| (name.clone(), decode(text))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::answer::Returned;
    use crate::pipeline::endpoint::{Call, FailureForm, Opened, Reply, Request};
    use crate::pipeline::failure::Failure;

    /// Serves nothing: only where requests go is looked at.
    #[derive(Debug)]
    struct Nowhere;

    impl Endpoint for Nowhere {
        fn failure_form(&self, _: &Request) -> FailureForm {
            FailureForm::Text
        }

        fn open(&self, _: &Request) -> Result<Opened, Failure> {
            Err(Failure::internal("nowhere", ""))
        }

        fn close(&self, _: &Call, _: Returned) -> Result<Reply, Failure> {
            Err(Failure::internal("nowhere", ""))
        }
    }

    fn router(routes: &[(Method, &str)]) -> (Router, Vec<(usize, usize)>) {
        let route = |(method, path): &(Method, &str)| Route {
            method: method.clone(),
            path: (*path).to_owned(),
            protocol: "rest",
            serves: format!("{method} {path}"),
            place: Place { file: "gateway.kdl".into(), line: 1, column: 1 },
            span: Span::default(),
            endpoint: Arc::new(Nowhere),
        };
        Router::new(routes.iter().map(route).collect())
    }

    /// Where a request goes, in a line.
    fn found(router: &Router, method: &Method, path: &str) -> String {
        match router.find(method, path) {
            Found::Route(route, params) => {
                let params: Vec<String> =
                    params.iter().map(|(name, value)| format!(" {name}={value}")).collect();
                format!("{}{}", route.serves, params.concat())
            }
            Found::OtherMethods(methods, _) => format!("allow {methods}"),
            Found::Nothing => "nothing".to_owned(),
        }
    }

    #[test]
    fn each_route_keeps_its_own_names() {
        let (router, clashes) = router(&[(Method::GET, "/o/{id}/{line}"), (Method::POST, "/o/{key}/{sku}")]);
        assert_eq!(clashes, []);
        assert_eq!(found(&router, &Method::GET, "/o/1/%32"), "GET /o/{id}/{line} id=1 line=2");
        assert_eq!(found(&router, &Method::HEAD, "/o/1/2"), "GET /o/{id}/{line} id=1 line=2");
        assert_eq!(found(&router, &Method::POST, "/o/1/2"), "POST /o/{key}/{sku} key=1 sku=2");
        assert_eq!(found(&router, &Method::PUT, "/o/1/2"), "allow GET, HEAD, POST");
        assert_eq!(found(&router, &Method::GET, "/o/1/"), "nothing");
    }

    #[test]
    fn another_method_falls_through_to_a_pattern_that_serves_it() {
        let (router, _) = router(&[
            (Method::GET, "/o/new"),
            (Method::PUT, "/o/{id}"),
            (Method::GET, "/o/{id}"),
            (Method::DELETE, "/{kind}/new"),
        ]);
        assert_eq!(found(&router, &Method::GET, "/o/new"), "GET /o/new");
        assert_eq!(found(&router, &Method::PUT, "/o/new"), "PUT /o/{id} id=new");
        assert_eq!(found(&router, &Method::DELETE, "/o/new"), "DELETE /{kind}/new kind=o");
        assert_eq!(found(&router, &Method::POST, "/o/new"), "allow GET, HEAD, PUT, DELETE");
    }

    #[test]
    fn one_pattern_under_two_names_clashes() {
        let (_, clashes) = router(&[(Method::GET, "/o/{id}"), (Method::GET, "/o/{key}")]);
        assert_eq!(clashes, [(1, 0)]);
    }
}
