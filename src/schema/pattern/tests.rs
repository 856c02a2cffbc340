//! Tests of patterns: the constructs of appendix F, what is refused and where, and bounds.

use proptest::prelude::*;

use super::*;

fn matches(pattern: &str, text: &str) -> bool {
    Pattern::new(pattern).unwrap_or_else(|e| panic!("{pattern}: {e:?}")).matches(text)
}

#[test]
fn expressions_match_whole_values() {
    for (pattern, right, wrong) in [
        ("abc", "abc", "xabcx"),
        ("a|b", "b", "ab"),
        ("", "", "a"),
        ("(a|)b", "b", "a"),
        ("a?b*c+", "bbc", "ab"),
        ("[A-Z]{3}-[0-9]+", "ABC-12", "ABCD-12"),
        ("a{2}", "aa", "aaa"),
        ("a{2,}", "aaaa", "a"),
        ("a{0,0}b", "b", "ab"),
        ("^a$", "^a$", "a"),
        (".", "ä", "\n"),
        (".", "\u{1F600}", "\r"),
        ("\\.", ".", "a"),
        ("\\n\\r\\t", "\n\r\t", "nrt"),
        ("\\s", " ", "\u{A0}"),
        ("\\S+", "ab\u{A0}", "a b"),
        ("\\d{2}", "4\u{0664}", "4a"),
        ("\\D", "a", "1"),
        ("\\w+", "aé1+", "a,b"),
        ("\\W", ",", "a"),
        ("\\i\\c*", "_a-1.b:c", "1a"),
        ("\\I\\C", "1 ", "a "),
        ("\\p{Lu}\\P{Lu}", "Aa", "aA"),
        ("\\p{IsBasicLatin}*", "abc~", "ä"),
        ("\\P{IsBasicLatin}", "ä", "a"),
        ("[\\p{IsGreek}-[α]]", "β", "α"),
        ("\\p{IsPrivateUse}", "\u{E000}", "a"),
        ("\\P{IsHighSurrogates}", "a", ""),
        ("[a-z-[aeiou]]+", "xyz", "xaz"),
        ("[^a-z-[A-Z]]", "1", "A"),
        ("[\\w-[\\d_]]", "a", "1"),
        ("[a-z-[b-y-[m]]]+", "amz", "b"),
        ("[-a]", "-", "b"),
        ("[a-]", "-", "b"),
        ("[a\\-z]", "-", "b"),
        ("[a-c-z]", "-", "y"),
        ("[\\w-.]+", "a-b.c", "a,b"),
        ("[^^]", "a", "^"),
        ("[a^]", "^", "b"),
        ("[\\^\\]\\[]", "]", "b"),
        ("[.?*+(){}|$]+", ".?*+(){}|$", "a"),
        ("[&~#]{3}", "&~#", "a"),
        ("a&&b", "a&&b", "a"),
        ("\\(\\)\\{\\}\\|\\?\\*\\+\\\\", "(){}|?*+\\", "a"),
        ("https?:\\/\\/\\S+", "http://a", "http:a"),
        ("<a> #", "<a> #", "<a>"),
    ] {
        assert!(matches(pattern, right), "{pattern} {right}");
        assert!(!matches(pattern, wrong), "{pattern} {wrong}");
    }
}

#[test]
fn faults_are_named_with_their_place() {
    for (pattern, offset, message) in [
        ("a)", 1, "`)` closes nothing"),
        ("(a(b)", 0, "this group is not closed"),
        ("[abc", 0, "this class is not closed"),
        ("ab]", 2, "`]` closes nothing"),
        ("é}", 2, "`}` closes nothing"),
        ("*a", 0, "`*` has nothing before it"),
        ("a**", 2, "`*` has nothing before it"),
        ("a+?", 2, "`?` has nothing before it"),
        ("(?i)a", 1, "`?` has nothing before it"),
        ("a|{2}", 2, "`{` has nothing before it"),
        ("a{,3}", 1, "a count is written"),
        ("a{x}", 1, "a count is written"),
        ("a{3", 1, "a count is written"),
        ("a{3,2}", 1, "the second count is less"),
        ("a{99999999999}", 1, "this count is too large"),
        ("[]", 1, "a class has at least one"),
        ("[^]", 2, "a class has at least one"),
        ("[a[b]]", 2, "`[` in a class"),
        ("[z-a]", 1, "the range ends before it begins"),
        ("[a-\\d]", 1, "a range goes from"),
        ("[a-z-[b]c]", 8, "the class ends behind"),
        ("\\", 0, "a backslash escapes"),
        ("ab\\bc", 2, "`\\b` is not an escape"),
        ("\\x41", 0, "`\\x` is not an escape"),
        ("\\pL", 0, "a property is written"),
        ("\\p{Xx}", 0, "`Xx` is not a category"),
        ("\\p{IsGreeek}", 0, "`Greeek` is not a block of Unicode; did you mean `Greek`?"),
    ] {
        let error = Pattern::new(pattern).unwrap_err();
        assert!(error.message.contains(message), "{pattern}: {}", error.message);
        assert!(error.offset <= pattern.len() && error.offset == offset, "{pattern}: {error:?}");
    }
}

#[test]
fn sizes_are_bounded() {
    for pattern in ["(\\w{1000}){1000}", "(a{1,100000}b){1,100000}", "((\\c{100}){100}){100}"] {
        let error = Pattern::new(pattern).unwrap_err();
        assert!(error.message.contains("too much memory"), "{pattern}: {}", error.message);
    }
    assert!(Pattern::new(&"(".repeat(100_000)).unwrap_err().message.contains("at most 100 deep"));
    assert!(Pattern::new(&"[a-".repeat(100_000)).is_err());
    assert!(Pattern::new(&format!("{}a{}", "(".repeat(100), ")".repeat(100))).is_ok());
}

#[test]
fn one_counted_character_is_no_large_expression() {
    let long = Pattern::new("[\\s\\S]{2,2147483647}").unwrap();
    assert!(long.matches("ab\n") && !long.matches("a"));
    let exact = Pattern::new("\\d{40}").unwrap();
    assert!(
        exact.matches(&"1".repeat(40)) && !exact.matches(&"1".repeat(41)) && !exact.matches(&"a".repeat(40))
    );
    assert!(matches("a{50}b", &format!("{}b", "a".repeat(50))));
    assert!(matches("a{50}|b", "b") && matches("ba{50}", &format!("b{}", "a".repeat(50))));
    assert!(matches("(ab){50}", &"ab".repeat(50)));
}

#[test]
fn the_patterns_of_a_step_are_alternatives() {
    let pattern = Pattern::new("a").unwrap().or(Pattern::new("b").unwrap());
    assert!(pattern.matches("a") && pattern.matches("b") && !pattern.matches("ab"));
    assert_eq!(pattern.sources().collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn every_block_and_category_compiles() {
    for name in blocks::names().chain(["HighSurrogates", "LowSurrogates"]) {
        assert!(Pattern::new(&format!("\\p{{Is{name}}}[\\P{{Is{name}}}]")).is_ok(), "{name}");
    }
    for name in ["L", "Lu", "Nd", "Pc", "Zs", "Sm", "C", "Cn", "Co", "Cf"] {
        assert!(Pattern::new(&format!("\\p{{{name}}}\\P{{{name}}}")).is_ok(), "{name}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(pattern in "[\\[\\](){}|?*+.^$a-c,0-9&~ \\\\pdiwLI-]{0,20}|\\PC{0,12}", text in "\\PC{0,6}") {
        match Pattern::new(&pattern) {
            Ok(pattern) => { pattern.matches(&text); }
            Err(error) => {
                prop_assert!(error.offset <= pattern.len() && pattern.is_char_boundary(error.offset));
                prop_assert!(!error.message.is_empty() && !error.message.contains("error:"));
            }
        }
    }

    #[test]
    fn an_escaped_text_matches_itself(text in "[ -~]{0,12}") {
        let escape = |c: char| if c.is_ascii_punctuation() { format!("\\{c}") } else { c.to_string() };
        let pattern: String = text.chars().map(escape).collect();
        prop_assert!(matches(&pattern, &text));
    }
}
