//! What a CSV text without a profile is made of: its delimiter, its quote and its records.

use std::ops::ControlFlow;

use super::records::Records;
use crate::document::codec::Malformed;

pub use super::records::Cell;

/// The characters that a delimiter is looked for among.
const DELIMITERS: [u8; 4] = [b',', b';', b'|', b'\t'];
/// Records that a guess looks at.
const LOOKED_AT: usize = 100;

/// How a text is divided into fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// The character between fields.
    pub delimiter: u8,
    /// The character around fields; `None` when there is none.
    pub quote: Option<u8>,
}

/// What the first records of a text look like in one dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The dialect.
    pub dialect: Dialect,
    /// The fields of the first record.
    pub fields: usize,
    /// The records that were looked at.
    pub records: usize,
    /// Whether all of them have as many fields, and their quotes close.
    pub is_even: bool,
}

/// The dialect in which the first records have the same number of fields, the most of all dialects; one in which the
/// first record is divided, where there is none such. What is given is not guessed.
pub fn guess(text: &str, delimiter: Option<u8>, quote: Option<Option<u8>>) -> Look {
    let delimiters: Vec<u8> = delimiter.map_or(DELIMITERS.to_vec(), |given| vec![given]);
    let quotes = match quote {
        Some(given) => vec![given],
        // A lone `'` is mostly an apostrophe.
        None if !text.contains('"') && text.starts_with('\'') => vec![Some(b'\''), Some(b'"')],
        None => vec![Some(b'"')],
    };
    let mut looks = Vec::new();
    for quote in quotes {
        let dialects = delimiters.iter().map(|delimiter| Dialect { delimiter: *delimiter, quote });
        let dialects = dialects.filter(|one| Some(one.delimiter) != one.quote);
        looks.push(dialects.map(|one| look(text, one)).collect::<Vec<Look>>());
    }
    // With the most fields, of equals the first; the first quote with which there is one.
    let most = |accept: &dyn Fn(&Look) -> bool| {
        let of_quote = |looks: &Vec<Look>| {
            looks.iter().rev().filter(|look| accept(look)).max_by_key(|look| look.fields).copied()
        };
        looks.iter().find_map(of_quote)
    };
    let found = most(&|look| look.is_even && look.fields > 1).or_else(|| most(&|look| look.fields > 1));
    let found = found.or_else(|| most(&|look| look.is_even)).or_else(|| most(&|_| true));
    let plain = Dialect { delimiter: delimiter.unwrap_or(b','), quote: Some(b'"') };
    found.unwrap_or(Look { dialect: plain, fields: 0, records: 0, is_even: false })
}

fn look(text: &str, dialect: Dialect) -> Look {
    let mut look = Look { dialect, fields: 0, records: 0, is_even: true };
    let read = each_record(text, dialect, &mut |cells, _| {
        if look.records == 0 {
            look.fields = cells.len();
        }
        look.records += 1;
        look.is_even &= cells.len() == look.fields;
        match look.records < LOOKED_AT {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    });
    look.is_even &= read.is_ok();
    look
}

/// Visits the records of a text without a byte order mark, each with the byte at which it begins.
///
/// # Errors
/// A quote that is not closed, or stands where none may, and a value that is too long.
pub fn each_record<'t>(
    text: &'t str,
    dialect: Dialect,
    visit: &mut dyn FnMut(&[Cell<'t>], usize) -> ControlFlow<()>,
) -> Result<(), Malformed> {
    let mut records = Records::new(text, dialect.delimiter, dialect.quote);
    let mut cells = Vec::new();
    while let Some(start) = records.next(&mut cells).map_err(|wrong| wrong.in_text(text))? {
        if visit(&cells, start).is_break() {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_divides_all_lines_alike() {
        for (text, delimiter, quote, fields) in [
            ("a,b\n1,2\n", b',', Some(b'"'), 2),
            ("a;b;c\n1,5;2,5;x\n", b';', Some(b'"'), 3),
            ("a\tb\n\"x\ty\"\t1\n", b'\t', Some(b'"'), 2),
            ("a|b\n1|2,3\n", b'|', Some(b'"'), 2),
            ("one\ntwo\n", b',', Some(b'"'), 1),
            ("'a,1';'b'\n'c';'d'\n", b';', Some(b'\''), 2),
            ("\"a,b\",c\n\"d,e\",f\n", b',', Some(b'"'), 2),
            ("'tis,1\nx,2\n", b',', Some(b'"'), 2),
        ] {
            let look = guess(text, None, None);
            assert_eq!(look.dialect, Dialect { delimiter, quote }, "{text}");
            assert!(look.fields == fields && look.is_even, "{text}: {look:?}");
        }
        let ragged = guess("a;b;c\n1;2\n", None, None);
        assert_eq!((ragged.dialect.delimiter, ragged.fields, ragged.is_even), (b';', 3, false));
        assert_eq!(
            guess("a;b,c\n", Some(b','), Some(None)).dialect,
            Dialect { delimiter: b',', quote: None }
        );
        assert_eq!(guess("", None, None).records, 0);
    }
}
