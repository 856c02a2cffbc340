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

/// Checks that a replacement, a literal as its pattern is, names groups that there are.
pub(in crate::script) fn check_replacement(pattern: &str, with: &str) -> Result<(), Wrong> {
    // What is wrong with the pattern is told of the pattern.
    compile(pattern).map_or(Ok(()), |regex| pieces(&regex, with).map(drop))
}

/// A part of a replacement.
enum Piece<'a> {
    Text(&'a str),
    Group(usize),
}

/// Takes a replacement apart: `$1` and `${name}` are groups, `$$` is a dollar, as is one before anything else.
fn pieces<'a>(regex: &Regex, with: &'a str) -> Result<Vec<Piece<'a>>, Wrong> {
    let mut pieces = Vec::new();
    let mut parts = with.split_inclusive('$');
    let mut rest = with;
    while let Some(part) = parts.next() {
        rest = rest.get(part.len()..).unwrap_or_default();
        let Some(before) = part.strip_suffix('$') else {
            pieces.push(Piece::Text(part));
            break;
        };
        pieces.push(Piece::Text(before));
        let (piece, read) = after_dollar(regex, rest)?;
        pieces.push(piece);
        rest = rest.get(read..).unwrap_or_default();
        parts = rest.split_inclusive('$');
    }
    Ok(pieces)
}

/// What a dollar with that text behind it stands for, and how many bytes of the text belong to it.
fn after_dollar<'a>(regex: &Regex, rest: &'a str) -> Result<(Piece<'a>, usize), Wrong> {
    if rest.starts_with('$') {
        return Ok((Piece::Text("$"), 1));
    }
    if let Some((name, _)) = rest.strip_prefix('{').and_then(|braced| braced.split_once('}')) {
        return Ok((Piece::Group(group(regex, name)?), name.len() + 2));
    }
    let until = |ends: fn(u8) -> bool| rest.bytes().position(ends).unwrap_or(rest.len());
    let digits = until(|b| !b.is_ascii_digit());
    if digits > 0 {
        // The longest number that there is: what follows it is text.
        let known = (1..=digits).rev().find_map(|length| {
            let number: usize = rest.get(..length)?.parse().ok()?;
            (number < regex.captures_len()).then_some((Piece::Group(number), length))
        });
        return known.ok_or_else(|| no_group(regex, rest.get(..digits).unwrap_or_default()));
    }
    let name = rest.get(..until(|b| b != b'_' && !b.is_ascii_alphanumeric())).unwrap_or_default();
    match name {
        "" => Ok((Piece::Text("$"), 0)),
        name => Ok((Piece::Group(group(regex, name)?), name.len())),
    }
}

/// The number of the group of that name or number.
fn group(regex: &Regex, name: &str) -> Result<usize, Wrong> {
    let number = name.parse().ok().filter(|number| *number < regex.captures_len());
    number
        .or_else(|| regex.capture_names().position(|known| known == Some(name)))
        .ok_or_else(|| no_group(regex, name))
}

fn no_group(regex: &Regex, name: &str) -> Wrong {
    let name = excerpt(name);
    Wrong {
        message: format!("`{}` has no group `{name}`", excerpt(regex.as_str())),
        help: Some("a dollar itself is written $$, and a group before letters as ${name}".into()),
    }
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
        let pieces = pieces(&regex, with).map_err(|wrong| raise(wrong.one_line()))?;
        let mut made = String::with_capacity(text.len());
        let mut done = 0;
        for (number, groups) in regex.captures_iter(text).enumerate() {
            if number % LOOK == 0 && state.is_late() {
                return Err(too_late());
            }
            done = keep(&mut made, text, done, &groups);
            for piece in &pieces {
                let part = match piece {
                    Piece::Text(text) => text,
                    Piece::Group(number) => groups.get(*number).map_or("", |group| group.as_str()),
                };
                // A group may be long, and be named often.
                if made.len() + part.len() > state.text_bound() {
                    return Err(too_long());
                }
                made.push_str(part);
            }
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
