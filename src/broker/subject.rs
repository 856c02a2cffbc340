//! Subjects: what messages are published to, and what may become a part of one.

/// Bytes that a subject may have. A server reads lines of 4 KiB with more in them than that.
const LONGEST: usize = 1024;

/// Checks a whole subject: tokens with dots between them, none of them empty or a wildcard.
///
/// # Errors
/// What is wrong with it, to be put behind "the subject: ".
pub fn check(subject: &str) -> Result<(), &'static str> {
    if subject.len() > LONGEST {
        return Err("it is longer than 1024 bytes");
    }
    if subject.split('.').any(str::is_empty) {
        return Err("a part of it is empty");
    }
    check_characters(subject)
}

/// Checks a value that is put into a subject: it is a part of one token, and chooses no other place.
///
/// # Errors
/// As [`check`].
pub fn check_token(value: &str) -> Result<(), &'static str> {
    match value {
        "" => Err("it is empty"),
        _ if value.contains('.') => Err("there is a `.` in it, which begins another part"),
        // What begins so belongs to the server: JetStream's own interface, for one.
        _ if value.starts_with('$') => Err("it begins with `$`, as subjects of the server do"),
        _ => check_characters(value),
    }
}

fn check_characters(text: &str) -> Result<(), &'static str> {
    let wrong = |c: &char| c.is_whitespace() || c.is_control() || matches!(c, '*' | '>');
    match text.chars().find(wrong) {
        None => Ok(()),
        Some('*' | '>') => Err("there is a wildcard in it (`*` or `>`)"),
        Some(c) if c.is_whitespace() => Err("there is white space in it"),
        Some(_) => Err("there is a control character in it"),
    }
}

#[cfg(test)]
mod tests {
    use super::{check, check_token};

    #[test]
    fn a_subject_is_made_of_tokens() {
        for good in ["orders", "orders.created", "orders.größe-1.x_y", "$JS.EVENT.x", "a.b$c"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        let long = "x".repeat(1025);
        for wrong in ["", ".", "a.", ".a", "a..b", "a b", "a.*", "a.>", "a\tb", "a\r\nPUB x 0", "a\0b", &long]
        {
            assert!(check(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_value_is_one_token() {
        assert_eq!(check_token("A-1001"), Ok(()));
        for wrong in ["", "a.b", ".", "*", ">", "a*", " a", "a\u{a0}b", "a\r\nb", "$JS", "\u{7f}"] {
            assert!(check_token(wrong).is_err(), "{wrong:?}");
        }
    }
}
