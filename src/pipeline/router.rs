//! The router: from a method, a path and header fields to the endpoint that serves them.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use compact_str::CompactString;
use hyper::Method;
use hyper::header::{HeaderMap, HeaderValue};

use super::endpoint::decode;
use super::path::{plain, written};
use super::route::REST;

pub use super::route::{Condition, Route};

/// The addresses of one listener.
#[derive(Debug, Default)]
pub struct Router {
    routes: Vec<Route>,
    /// The routes of each path that is written out, those with more conditions first.
    exact: HashMap<String, Vec<usize>>,
    patterns: Vec<Pattern>,
}

/// The routes of one pattern; each has its own names for the segments.
#[derive(Debug)]
struct Pattern {
    /// The segments between slashes; `None` stands for any.
    segments: Vec<Option<String>>,
    /// Whether everything below is served too.
    prefix: bool,
    /// The routes, each with the names of its free segments, those with more conditions first.
    routes: Vec<(usize, Vec<CompactString>)>,
}

/// What a request leads to.
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
    /// Builds the tables. Two routes of one method, path and conditions are returned as clashes, the later one first.
    pub fn new(routes: Vec<Route>) -> (Self, Vec<(usize, usize)>) {
        let mut router = Self { routes, ..Self::default() };
        let mut clashes = Vec::new();
        for index in 0..router.routes.len() {
            if let Some(other) = router.enter(index) {
                clashes.push((index, other));
            }
        }
        // Whole paths come before beginnings, longer beginnings before shorter ones; then the more fixed segments come
        // first, the further left they stand: so the most specific pattern wins.
        let any = |pattern: &Pattern| -> Vec<bool> { pattern.segments.iter().map(Option::is_none).collect() };
        let length = |pattern: &Pattern| pattern.prefix.then_some(Reverse(pattern.segments.len()));
        router.patterns.sort_by_key(|pattern| (length(pattern), any(pattern)));
        router.vary();
        (router, clashes)
    }

    /// Notes at each route the fields that may lead a request from it to another one, or from there to it.
    fn vary(&mut self) {
        let told: Vec<(Pattern, Arc<[Condition]>)> = self
            .routes
            .iter()
            .filter(|route| !route.conditions.is_empty())
            .map(|route| (Pattern::of(&written(&route.path), route.prefix), Arc::clone(&route.conditions)))
            .collect();
        for route in self.routes.iter_mut().filter(|_| !told.is_empty()) {
            let own = Pattern::of(&written(&route.path), route.prefix);
            let beside = told.iter().filter(|(other, _)| own.meets(other));
            let mut names: Vec<&str> =
                beside.flat_map(|(_, all)| all.iter()).map(|condition| condition.name.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            let value = HeaderValue::from_str(&names.join(", ")).ok();
            route.vary = value.filter(|_| !names.is_empty());
        }
    }

    /// Enters a route; gives the route it clashes with.
    fn enter(&mut self, index: usize) -> Option<usize> {
        let Route { path, prefix, .. } = self.routes.get(index)?;
        let (path, prefix) = (written(path), *prefix);
        let others = match path.contains('{') || prefix {
            true => self.enter_pattern(index, &path, prefix),
            false => self.enter_exact(index, path),
        };
        let route = self.routes.get(index)?;
        let same = |other: &Route| other.method == route.method && other.conditions == route.conditions;
        others.into_iter().find(|other| self.routes.get(*other).is_some_and(same))
    }

    /// The routes that were there before at the same path.
    fn enter_exact(&mut self, index: usize, path: String) -> Vec<usize> {
        let others = self.exact.get(&path).cloned().unwrap_or_default();
        let at = self.place(index, others.iter().copied());
        self.exact.entry(path).or_default().insert(at, index);
        others
    }

    /// The routes that were there before with the same pattern, whatever their names are.
    fn enter_pattern(&mut self, index: usize, path: &str, prefix: bool) -> Vec<usize> {
        let own = Pattern::of(path, prefix);
        let names = path.split('/').filter_map(name).map(CompactString::from).collect();
        let is_there = |other: &Pattern| other.segments == own.segments && other.prefix == prefix;
        let Some(found) = self.patterns.iter().position(is_there) else {
            self.patterns.push(Pattern { routes: vec![(index, names)], ..own });
            return Vec::new();
        };
        let others: Vec<usize> =
            self.patterns.get(found).iter().flat_map(|pattern| &pattern.routes).map(|(at, _)| *at).collect();
        let at = self.place(index, others.iter().copied());
        if let Some(pattern) = self.patterns.get_mut(found) {
            pattern.routes.insert(at, (index, names));
        }
        others
    }

    /// Where a route stands among others of its path: in front of those with fewer conditions.
    fn place(&self, index: usize, others: impl Iterator<Item = usize>) -> usize {
        let count = |index: usize| self.routes.get(index).map_or(0, |route| route.conditions.len());
        let own = count(index);
        others.take_while(|other| count(*other) >= own).count()
    }

    /// Every route in the order they were given.
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// Where a request goes. Paths are compared exactly, letter case included. A path that is written out goes before one
    /// with free segments, that before a free one further left, and a whole path before the beginning of one, among those
    /// that serve the method and whose conditions hold; of one path, the route with more conditions.
    pub fn find(&self, method: &Method, path: &str, headers: &HeaderMap) -> Found<'_> {
        let path = &*plain(path);
        let mut others = Vec::new();
        let wanted = if method == Method::HEAD { &Method::GET } else { method };
        for index in self.exact.get(path).into_iter().flatten() {
            if let Some(route) = self.serving(*index, wanted, headers, &mut others) {
                return Found::Route(route, Vec::new());
            }
        }
        for pattern in self.patterns.iter().filter(|pattern| pattern.matches(path)) {
            for (index, names) in &pattern.routes {
                if let Some(route) = self.serving(*index, wanted, headers, &mut others) {
                    return Found::Route(route, pattern.params(names, path));
                }
            }
        }
        match others.first() {
            Some(first) => Found::OtherMethods(allow(others.iter().copied()), first),
            None => Found::Nothing,
        }
    }

    /// The value of `Allow` for a path, whatever the conditions of its routes, and one of those; `None` where nothing is
    /// served.
    pub fn allow(&self, path: &str) -> Option<(String, &Route)> {
        let path = &*plain(path);
        let patterns = self.patterns.iter().filter(|pattern| pattern.matches(path));
        let patterns = patterns.flat_map(|pattern| &pattern.routes).map(|(index, _)| index);
        let all = self.exact.get(path).into_iter().flatten().chain(patterns);
        let routes: Vec<&Route> = all.filter_map(|index| self.routes.get(*index)).collect();
        Some((allow(routes.iter().copied()), *routes.first()?))
    }

    /// The route if it is of that method and its conditions hold; GET also serves HEAD (RFC 9110, section 9.3.2). One of
    /// another method is noted.
    fn serving<'a>(
        &'a self,
        index: usize,
        wanted: &Method,
        headers: &HeaderMap,
        others: &mut Vec<&'a Route>,
    ) -> Option<&'a Route> {
        let route = self.routes.get(index)?;
        if !route.conditions.is_empty() && !route.takes(headers) {
            return None;
        }
        if route.method == *wanted {
            return Some(route);
        }
        others.push(route);
        None
    }
}

/// The methods of routes, each once, with those that are served beside them.
fn allow<'a>(routes: impl Iterator<Item = &'a Route>) -> String {
    let mut words: Vec<&str> = Vec::new();
    for route in routes {
        let word = if route.method == Method::GET { "GET, HEAD" } else { route.method.as_str() };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words.push(Method::OPTIONS.as_str());
    words.join(", ")
}

/// The name in a segment `{name}`.
fn name(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

impl Pattern {
    /// That of a path, without routes.
    fn of(path: &str, prefix: bool) -> Self {
        let path = if prefix { path.trim_end_matches('/') } else { path };
        let segment = |text: &str| name(text).is_none().then(|| text.to_owned());
        Self { segments: path.split('/').map(segment).collect(), prefix, routes: Vec::new() }
    }

    /// Whether there are paths that match both.
    fn meets(&self, other: &Self) -> bool {
        let (own, others) = (self.segments.len(), other.segments.len());
        let long_enough = (self.prefix || own >= others) && (other.prefix || others >= own);
        let fits = |(one, other): (&Option<String>, &Option<String>)| match (one, other) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        long_enough && self.segments.iter().zip(&other.segments).all(fits)
    }

    fn matches(&self, path: &str) -> bool {
        let mut given = path.split('/');
        let fits = self.segments.iter().all(|segment| match (segment, given.next()) {
            (Some(fixed), Some(text)) => fixed == text,
            (None, Some(text)) => !text.is_empty(),
            (_, None) => false,
        });
        fits && (self.prefix || given.next().is_none())
    }

    /// The values of the free segments of a path that matches, under a route's names for them.
    fn params(&self, names: &[CompactString], path: &str) -> Vec<(CompactString, CompactString)> {
        let free = self.segments.iter().zip(path.split('/')).filter(|(segment, _)| segment.is_none());
        let mut params: Vec<_> =
            names.iter().zip(free).map(|(name, (_, text))| (name.clone(), decode(text))).collect();
        if self.prefix {
            let rest = path.splitn(self.segments.len() + 1, '/').nth(self.segments.len());
            params.push((REST.into(), decode(rest.unwrap_or_default())));
        }
        params
    }
}

#[cfg(test)]
#[path = "router_tests.rs"]
mod tests;
