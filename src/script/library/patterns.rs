//! Regular expressions of scripts: compiled once for each pattern and worker, bounded in size, never backtracking.

use std::collections::VecDeque;
use std::rc::Rc;

use compact_str::CompactString;
use regex::{Captures, Regex, RegexBuilder};
use rhai::{Array, Dynamic};

use super::Wrong;
use super::arguments::{excerpt, out, text, through, too_late, too_long};
use crate::script::engine::State;
use crate::script::view::{Raised, raise};

/// Bytes of a compiled pattern: `\w{50}` is well within.
const LARGEST: usize = 512 << 10;

/// Characters of a pattern.
const LONGEST: usize = 2000;

/// Bytes of a text that is searched: the time of a search grows with the text times the pattern.
const TEXT: usize = 1 << 20;

/// Patterns that are kept compiled.
const KEPT: usize = 64;

/// Matches between two looks at the clock.
const LOOK: usize = 64;

/// The patterns that a worker's scripts used last.
#[derive(Debug, Default)]
pub(in crate::script) struct Patterns(VecDeque<(CompactString, Rc<Regex>)>);

impl Patterns {
    fn get(&mut self, pattern: &str) -> Result<Rc<Regex>, Raised> {
        if let Some((_, regex)) = self.0.iter().find(|(known, _)| known == pattern) {
            return Ok(Rc::clone(regex));
        }
        let regex = Rc::new(compile(pattern).map_err(|wrong| raise(wrong.one_line()))?);
        if self.0.len() >= KEPT {
            self.0.pop_front();
        }
        self.0.push_back((pattern.into(), Rc::clone(&regex)));
        Ok(regex)
    }
}

fn compile(pattern: &str) -> Result<Regex, Wrong> {
    if pattern.chars().count() > LONGEST {
        return Err(Wrong::plain(format!("the pattern is longer than {LONGEST} characters")));
    }
    let built = RegexBuilder::new(pattern).size_limit(LARGEST).dfa_size_limit(LARGEST).build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => Wrong {
            message: format!("the pattern `{}` is too large", excerpt(pattern)),
            help: Some("repeat less in it: {n} copies what it repeats".into()),
        },
        error => {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default();
            let why = last.strip_prefix("error: ").unwrap_or(last);
            Wrong {
                message: format!("`{}` is not a regular expression: {why}", excerpt(pattern)),
                help: Some("special characters that stand for themselves need a backslash".into()),
            }
        }
    })
}

/// Checks a pattern that is a literal.
pub(super) fn check(pattern: &str) -> Result<(), Wrong> {
    compile(pattern).map(drop)
}

fn regex(state: &State, pattern: &str, text: &str) -> Result<Rc<Regex>, Raised> {
    if text.len() > TEXT {
        return Err(raise("a text of more than 1 MiB is not searched for a pattern"));
    }
    state.patterns.borrow_mut().get(pattern)
}

pub(super) fn matches(state: &State, value: &Dynamic, pattern: &str) -> Result<bool, Raised> {
    let text = text(value)?;
    Ok(regex(state, pattern, &text)?.is_match(&text))
}

pub(super) fn find(state: &State, value: &Dynamic, pattern: &str) -> Result<Dynamic, Raised> {
    through(value, |text| {
        let found = regex(state, pattern, text)?.find(text).map(|found| out(found.as_str()));
        Ok(found.unwrap_or(Dynamic::UNIT))
    })
}

pub(super) fn groups(state: &State, value: &Dynamic, pattern: &str) -> Result<Array, Raised> {
    let text = text(value)?;
    let found = regex(state, pattern, &text)?.captures(&text).map(|groups| {
        let text = |group: Option<regex::Match<'_>>| group.map_or(Dynamic::UNIT, |g| out(g.as_str()));
        groups.iter().skip(1).map(text).collect()
    });
    Ok(found.unwrap_or_default())
}

pub(super) fn replace(state: &State, value: &Dynamic, pattern: &str, with: &str) -> Result<Dynamic, Raised> {
    through(value, |text| {
        let regex = regex(state, pattern, text)?;
        let mut made = String::with_capacity(text.len());
        let mut done = 0;
        let references = memchr::memchr_iter(b'$', with.as_bytes()).count();
        for (number, groups) in regex.captures_iter(text).enumerate() {
            if number % LOOK == 0 && state.is_late() {
                return Err(too_late());
            }
            done = keep(&mut made, text, done, &groups);
            // Each `$` may put in a group, and all of them are put in before anyone can look.
            let longest = groups.iter().flatten().map(|group| group.len()).max().unwrap_or(0);
            if with.len().saturating_add(references.saturating_mul(longest)) > state.text_bound() {
                return Err(too_long());
            }
            groups.expand(with, &mut made);
            if made.len() > state.text_bound() {
                return Err(too_long());
            }
        }
        made.push_str(text.get(done..).unwrap_or_default());
        Ok(made)
    })
}

/// Copies what stands before a match; gives where the match ends.
fn keep(made: &mut String, text: &str, done: usize, groups: &Captures<'_>) -> usize {
    let Some(whole) = groups.get(0) else { return done };
    made.push_str(text.get(done..whole.start()).unwrap_or_default());
    whole.end()
}
