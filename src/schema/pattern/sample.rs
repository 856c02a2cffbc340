//! Words of a pattern: texts that match an expression, made along it. For samples; nothing of this is done for a request.

use regex::Regex;

use super::Pattern;
use super::class;
use super::escape::{self, Escaped};
use super::translate::{Cursor, quantity};

/// Characters of a word.
const LONGEST: usize = 4096;
/// Alternatives of a group that are tried.
const ALTERNATIVES: usize = 8;
/// How often what may repeat is repeated beyond its least number.
const REPEATS: u32 = 40;
/// Words that are tried at all.
const MOST: usize = 10_000;
/// Groups within groups; the reader of expressions allows as many.
const DEEPEST: usize = 100;
/// Characters that a sample has by preference.
const PREFERRED: &str = "1aA0 -_.:/@+,";

/// The alternatives of an expression: each a row of pieces.
type Alternatives = Vec<Vec<Repeated>>;

/// A piece of an expression, and how often it may stand there.
struct Repeated {
    piece: Piece,
    min: u32,
    max: Option<u32>,
}

enum Piece {
    /// One character; `None` for a class that has none.
    One(Option<char>),
    Group(Alternatives),
}

impl Pattern {
    /// Gives words that match one of the expressions until one is taken. `lengths` are numbers of characters that may be
    /// wanted. Whether a word matches, `take` must look for itself: what a class subtracts or a block has is not told apart.
    pub(in crate::schema) fn words(&self, lengths: &[u32], take: &mut dyn FnMut(&str) -> bool) -> bool {
        let mut left = MOST;
        self.sources().any(|source| {
            let mut cursor = Cursor { text: source, at: 0 };
            let Some(read) = alternatives(&mut cursor, 0) else { return false };
            let extras = (0..=REPEATS).chain(lengths.iter().copied());
            extras.into_iter().any(|extra| {
                (0..ALTERNATIVES).any(|turn| {
                    let mut word = String::new();
                    left = usize::saturating_sub(left, 1);
                    left > 0 && write(&read, turn, extra, &mut word).is_some() && take(&word)
                })
            })
        })
    }
}

/// Reads alternatives up to the end of their group; the expression was compiled before, so it is right.
fn alternatives(cursor: &mut Cursor<'_>, depth: usize) -> Option<Alternatives> {
    if depth > DEEPEST {
        return None;
    }
    let mut all: Alternatives = Vec::new();
    let mut row = Vec::new();
    while let Some(c) = cursor.peek() {
        let piece = match c {
            ')' => break,
            '|' => {
                cursor.next();
                all.push(std::mem::take(&mut row));
                continue;
            }
            '(' => {
                cursor.next();
                let inner = alternatives(cursor, depth + 1)?;
                cursor.next();
                Piece::Group(inner)
            }
            '[' => {
                let mut set = String::new();
                class::class(cursor, &mut set, 0).ok()?;
                Piece::One(member(&set))
            }
            '\\' => match escape::escape(cursor).ok()? {
                Escaped::Char(c) => Piece::One(Some(c)),
                Escaped::Set(set) => Piece::One(member(&set)),
            },
            c => {
                cursor.next();
                Piece::One(Some(if c == '.' { 'a' } else { c }))
            }
        };
        let (min, max) = repetition(cursor)?;
        row.push(Repeated { piece, min, max });
    }
    all.push(row);
    Some(all)
}

fn repetition(cursor: &mut Cursor<'_>) -> Option<(u32, Option<u32>)> {
    let found = match cursor.peek() {
        Some('?') => (0, Some(1)),
        Some('*') => (0, None),
        Some('+') => (1, None),
        Some('{') => return quantity(cursor).ok(),
        _ => return Some((1, Some(1))),
    };
    cursor.next();
    Some(found)
}

/// A character of a class as the regex library writes it.
fn member(set: &str) -> Option<char> {
    let regex = Regex::new(&format!("\\A(?:{set})\\z")).ok()?;
    let mut buffer = [0; 4];
    let mut is = |c: &char| regex.is_match(c.encode_utf8(&mut buffer));
    let all = PREFERRED.chars().chain(' '..='\u{FFFD}');
    all.into_iter().find(|c| is(c))
}

/// Appends a word: of each group the alternative of that turn, of each piece so many more than must be.
fn write(all: &Alternatives, turn: usize, extra: u32, out: &mut String) -> Option<()> {
    let row = all.get(turn.checked_rem(all.len())?)?;
    for repeated in row {
        let most = repeated.max.unwrap_or(u32::MAX);
        for _ in 0..repeated.min.saturating_add(extra).min(most) {
            match &repeated.piece {
                Piece::One(c) => out.push((*c)?),
                Piece::Group(inner) => {
                    let before = out.len();
                    write(inner, turn, extra, out)?;
                    // Of nothing there is no more to come.
                    if out.len() == before {
                        break;
                    }
                }
            }
            if out.len() > LONGEST {
                return None;
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(source: &str, lengths: &[u32], wanted: impl Fn(&str) -> bool) -> Option<String> {
        let pattern = Pattern::new(source).unwrap();
        let mut found = None;
        pattern.words(lengths, &mut |word| {
            let takes = pattern.matches(word) && wanted(word);
            found = takes.then(|| word.to_owned());
            takes
        });
        found
    }

    #[test]
    fn words_match_their_expression() {
        for (source, word) in [
            ("", ""),
            ("[0-9]{3}-\\d{2}", "111-11"),
            ("(a|b){2}c?", "aa"),
            ("\\i\\c*", "a"),
            ("[^1a]", "A"),
            ("[a-z-[a-y]]+", "z"),
            ("\\p{IsGreek}", "\u{370}"),
            ("(ab(c|d))+|x", "abc"),
            ("..", "aa"),
            ("()*", ""),
        ] {
            assert_eq!(first(source, &[], |_| true).as_deref(), Some(word), "{source}");
        }
    }

    #[test]
    fn longer_words_and_other_alternatives_are_found() {
        assert_eq!(first("[A-Z]*", &[300], |word| word.len() == 300).map(|word| word.len()), Some(300));
        assert_eq!(first("a|b|c", &[], |word| word == "c").as_deref(), Some("c"));
        assert_eq!(first("[A-Z]{2}[0-9]*", &[], |word| word.len() == 9).as_deref(), Some("AA1111111"));
        assert_eq!(first("[a-z-[a-z]]", &[], |_| true), None);
    }
}
