//! A regular expression of XML Schema as one of the regex library: the same language, anchored, no backtracking.

use super::PatternError;
use super::escape::{self, Escaped};

/// Groups within groups.
const DEEPEST: usize = 100;

/// From this count on a repetition of one character alone is counted beside the expression.
const COUNTED: u32 = 32;

/// An expression that matches whole values.
pub(super) struct Translated {
    /// For the regex library.
    pub(super) text: String,
    /// The characters a value may have, where the text does not say it.
    pub(super) count: Option<(u32, Option<u32>)>,
}

/// Reads an expression (XML Schema part 2, appendix F). Beyond it, `\` may stand before any punctuation, and `-` between
/// two parts of a class stands for itself: schemas in use have both, and neither can mean anything else.
pub(super) fn translate(source: &str) -> Result<Translated, PatternError> {
    let cursor = Cursor { text: source, at: 0 };
    let mut reader = Reader {
        cursor,
        out: String::from(START),
        open: Vec::new(),
        repeatable: false,
        alone: false,
        count: None,
    };
    while let Some(c) = reader.cursor.peek() {
        match c {
            '?' | '*' | '+' | '{' => reader.repetition(c)?,
            '(' | ')' | '|' => reader.group(c)?,
            _ => {
                reader.alone = reader.out.len() == START.len();
                reader.repeatable = true;
                atom(&mut reader.cursor, c, &mut reader.out)?;
            }
        }
    }
    if let Some(offset) = reader.open.pop() {
        return Err(PatternError { offset, message: "this group is not closed".to_owned() });
    }
    reader.out.push_str(")\\z");
    Ok(Translated { text: reader.out, count: reader.count })
}

/// How every expression begins: where the value does.
const START: &str = "\\A(?:";

/// What is read so far.
struct Reader<'a> {
    cursor: Cursor<'a>,
    out: String,
    /// Where the groups begin that are not closed yet.
    open: Vec<usize>,
    /// Whether something stands before that can be repeated.
    repeatable: bool,
    /// Whether that is one character with which the expression begins.
    alone: bool,
    count: Option<(u32, Option<u32>)>,
}

impl Reader<'_> {
    fn repetition(&mut self, c: char) -> Result<(), PatternError> {
        if !self.repeatable {
            let message =
                format!("`{c}` has nothing before it that it could repeat; `\\{c}` is the character");
            return Err(PatternError { offset: self.cursor.at, message });
        }
        self.repeatable = false;
        if c != '{' {
            self.cursor.next();
            self.out.push(c);
            return Ok(());
        }
        let (min, max) = quantity(&mut self.cursor)?;
        let is_whole = self.alone && self.cursor.peek().is_none();
        if is_whole && max.unwrap_or(min) > COUNTED {
            self.out.push('*');
            self.count = Some((min, max));
            return Ok(());
        }
        self.out.push_str(&match max {
            None => format!("{{{min},}}"),
            Some(max) => format!("{{{min},{max}}}"),
        });
        Ok(())
    }

    fn group(&mut self, c: char) -> Result<(), PatternError> {
        let offset = self.cursor.at;
        match c {
            '(' if self.open.len() == DEEPEST => {
                let message = format!("groups nest at most {DEEPEST} deep");
                return Err(PatternError { offset, message });
            }
            '(' => {
                self.open.push(offset);
                self.out.push_str("(?:");
            }
            ')' if self.open.pop().is_none() => {
                let message = "`)` closes nothing; `\\)` is the character".to_owned();
                return Err(PatternError { offset, message });
            }
            c => self.out.push(c),
        }
        self.cursor.next();
        self.alone = false;
        self.repeatable = c == ')';
        Ok(())
    }
}

/// One character, class or escape.
fn atom(cursor: &mut Cursor<'_>, c: char, out: &mut String) -> Result<(), PatternError> {
    match c {
        '}' | ']' => {
            let message = format!("`{c}` closes nothing; `\\{c}` is the character");
            return Err(PatternError { offset: cursor.at, message });
        }
        '[' => super::class::class(cursor, out, 0)?,
        '\\' => match escape::escape(cursor)? {
            Escaped::Char(c) => literal(c, out),
            Escaped::Set(set) => out.push_str(&set),
        },
        '.' => {
            cursor.next();
            out.push_str("[^\\n\\r]");
        }
        c => {
            cursor.next();
            literal(c, out);
        }
    }
    Ok(())
}

/// A character that means itself, inside and outside of classes.
pub(super) fn literal(c: char, out: &mut String) {
    if c.is_ascii_alphanumeric() || !c.is_ascii() {
        out.push(c);
    } else {
        out.push_str(&format!("\\x{{{:X}}}", u32::from(c)));
    }
}

/// `{n}`, `{n,}` or `{n,m}`, from its brace on.
pub(super) fn quantity(cursor: &mut Cursor<'_>) -> Result<(u32, Option<u32>), PatternError> {
    let offset = cursor.at;
    let wrong = |message: &str| PatternError { offset, message: message.to_owned() };
    let rest = cursor.text.get(offset + 1..).unwrap_or_default();
    let form = || wrong("a count is written {2}, {2,} or {2,5}; `\\{` is the character");
    let (inside, _) = rest.split_once('}').ok_or_else(form)?;
    let number = |text: &str| {
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(form());
        }
        text.parse::<u32>().map_err(|_| wrong("this count is too large"))
    };
    let (min, max) = match inside.split_once(',') {
        None => {
            let exact = number(inside)?;
            (exact, Some(exact))
        }
        Some((min, "")) => (number(min)?, None),
        Some((min, max)) => (number(min)?, Some(number(max)?)),
    };
    if max.is_some_and(|max| max < min) {
        return Err(wrong("the second count is less than the first"));
    }
    cursor.at += inside.len() + 2;
    Ok((min, max))
}

/// Where reading stands.
pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    /// In bytes.
    pub(super) at: usize,
}

impl Cursor<'_> {
    /// The next character.
    pub(super) fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    /// The one behind it.
    pub(super) fn peek_second(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().nth(1)
    }

    /// Takes the next character.
    pub(super) fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }
}
