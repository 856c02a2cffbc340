//! The manual entry that every kind carries.

/// What a person needs to know to use a word of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manual {
    /// The word.
    pub name: &'static str,
    /// One line: what it does.
    pub summary: &'static str,
    /// How it is written, optional parts in brackets.
    pub usage: &'static str,
    /// How it behaves, in plain sentences.
    pub text: &'static str,
    /// An example that a test compiles: a whole file where the kind needs one around it.
    pub example: &'static str,
}
