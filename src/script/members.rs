//! The members that scripts name, noted as they are parsed; a member may have the name of a reserved word.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use compact_str::CompactString;
use rhai::{Engine, Token};

/// The members that the scripts parsed so far name.
#[derive(Debug, Default)]
pub(super) struct Members {
    names: RefCell<BTreeSet<CompactString>>,
    before: Cell<Before>,
}

/// What the token before was.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
enum Before {
    #[default]
    Other,
    /// `.` or `?.`: a member follows, or a method.
    Dot,
    /// A member with the name of a reserved word.
    Word,
}

impl Members {
    /// Starts another text: one that ended with a dot must not reach into the next.
    pub(super) fn start(&self) {
        self.before.set(Before::Other);
    }

    /// All of them, each once.
    pub(super) fn names(&self) -> Vec<CompactString> {
        self.names.borrow().iter().cloned().collect()
    }

    fn token(&self, token: Token) -> Token {
        let before = self.before.replace(match token {
            Token::Period | Token::Elvis => Before::Dot,
            _ => Before::Other,
        });
        match (before, token) {
            // After a keyword Rhai's tokenizer takes a sign for that of a number.
            (Before::Word, Token::UnaryPlus) => Token::Plus,
            (Before::Word, Token::UnaryMinus) => Token::Minus,
            (Before::Dot, token) => self.member(token),
            (_, token) => token,
        }
    }

    fn member(&self, token: Token) -> Token {
        let token = match token {
            Token::Reserved(name) if name.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                Token::Identifier(name)
            }
            other if other.is_standard_keyword() => match other.literal_syntax() {
                "" => other,
                word => {
                    self.before.set(Before::Word);
                    Token::Identifier(Box::new(word.into()))
                }
            },
            other => other,
        };
        if let Token::Identifier(name) = &token {
            self.names.borrow_mut().insert(CompactString::from(name.as_str()));
        }
        token
    }
}

/// Has the engine's parser note members.
#[expect(deprecated, reason = "Rhai marks this as open to change, not as deprecated")]
pub(super) fn note(engine: &mut Engine, members: Rc<Members>) {
    engine.on_parse_token(move |token, _, _| members.token(token));
}
