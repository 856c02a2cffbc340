//! Statements that begin or end a transaction: as SQL of their own they would leave it open for whoever has the connection next.

use super::Dialect;
use super::scan::Mistake;

/// What is wrong with a statement whose first word begins at `at`, where it begins or ends a transaction.
pub(super) fn mistake(text: &str, at: usize, dialect: Dialect) -> Option<Mistake> {
    let rest = text.get(at..)?;
    let length = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (first, behind) = rest.split_at_checked(length)?;
    let is = |word: &str| first.eq_ignore_ascii_case(word);
    let controls = match dialect {
        _ if ["begin", "commit", "rollback", "savepoint", "release"].into_iter().any(is) => true,
        _ if is("start") => {
            let next = behind.trim_start().get(..11);
            next.is_some_and(|next| next.eq_ignore_ascii_case("transaction"))
        }
        Dialect::Postgres => is("end") || is("abort"),
        Dialect::Sqlite => is("end"),
        Dialect::MySql => is("xa"),
    };
    controls.then(|| Mistake {
        start: at,
        end: at + length,
        message: format!("`{first}` begins or ends a transaction, and the connection is shared with others"),
        help: "put the steps that belong together into a `transaction`: it commits at its end, and rolls back where a step fails".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::scan;
    use super::*;

    fn is_one(text: &str, dialect: Dialect) -> bool {
        scan(text, dialect).is_err_and(|all| all.iter().any(|one| one.message.contains("transaction")))
    }

    #[test]
    fn words_that_begin_or_end_a_transaction_are_found() {
        use Dialect::{MySql, Postgres, Sqlite};
        for text in ["begin", "  BEGIN immediate;", "-- now\n/* x */ Commit", "rollback to a", "savepoint a"]
        {
            for dialect in [Postgres, MySql, Sqlite] {
                assert!(is_one(text, dialect), "{text}");
            }
        }
        assert!(is_one("start\n transaction read only", MySql) && is_one("end", Sqlite));
        assert!(is_one("abort", Postgres) && is_one("# x\nxa start 'a'", MySql));
    }

    #[test]
    fn other_statements_are_left_alone() {
        let all =
            ["select 'begin'", "update t set state = 'commit'", "beginning", "start", "", "(select 1)", "é"];
        for text in all {
            for dialect in [Dialect::Postgres, Dialect::MySql, Dialect::Sqlite] {
                assert!(!is_one(text, dialect), "{text}");
            }
        }
    }
}
