//! Whether what a `from=` finds fits what it is written to: one value where one is wanted, and of a type that can be.

use crate::document::path::Language;
use crate::kind::Compiling;
use crate::kind::path::End;
use crate::schema::{ShapeKind, SimpleType};
use crate::source::{Finding, Spanned};
use crate::syntax::Literal;

/// What a `from=` without a script leads to.
pub struct Found<'a> {
    /// The path as written.
    pub from: &'a Spanned<Literal>,
    /// What the source's profile says of it.
    pub end: &'a End,
    /// The language it is written in.
    pub language: Language,
}

impl Found<'_> {
    /// Checks it against the end of the target; `None` after a finding.
    pub fn check(&self, target: &Spanned<Literal>, end: &End, compiling: &Compiling<'_>) -> Option<()> {
        let finding = self.several(target, end).or_else(|| self.misfit(target, end));
        match finding {
            Some(finding) => {
                compiling.report(finding);
                None
            }
            None => Some(()),
        }
    }

    /// Several values where there is room for one: all but the first would silently be dropped.
    fn several(&self, target: &Spanned<Literal>, end: &End) -> Option<Finding> {
        let (from, to) = (&self.from.value.text, &target.value.text);
        let list =
            |end: &End| end.shape.as_ref().is_some_and(|shape| matches!(shape.kind, ShapeKind::Items(_)));
        if end.repeats || list(end) {
            return None;
        }
        let message = match (self.end.repeats, list(self.end) && end.simple.is_some()) {
            (true, _) => format!("`{from}` can be there several times, and `{to}` once"),
            (false, true) => format!("`{from}` is an array, and `{to}` a single value"),
            (false, false) => return None,
        };
        let help = match self.language {
            Language::Location => {
                "write each SOURCE into=TARGET { ... } for what repeats there too, name one by its position, such as \
                 Order/Line[1]/Net, or make one value of all by script=, such as sum(source.Order.Line.map(|l| l.Net))"
            }
            Language::JsonPath => {
                "write each SOURCE into=TARGET { ... } for what repeats there too, name one by its position, such as \
                 $.lines[0].net, or make one value of all by script=, such as sum(source.lines.map(|l| l.net)); \
                 script=\"it\" beside a filter takes the first"
            }
        };
        Some(Finding::error("repeated-source", self.from.span, message).help(help))
    }

    fn misfit(&self, target: &Spanned<Literal>, end: &End) -> Option<Finding> {
        let (is, wanted) = (self.end.simple?, end.simple?);
        if may_fit(is, wanted) {
            return None;
        }
        let message = format!(
            "`{}` is of type {}, which does not fit `{}` of type {}",
            self.from.value.text,
            is.name(),
            target.value.text,
            wanted.name()
        );
        let help = "name another path, give both one type in their profiles, or convert the value by a script= beside it";
        Some(Finding::error("type-misfit", self.from.span, message).help(help))
    }
}

/// Whether a value of one type may be one of the other, too, as it is written (XML Schema part 2, section 3). Text may
/// hold anything. That `1` is a boolean, and `2026` base64, does not make either a number.
fn may_fit(is: SimpleType, wanted: SimpleType) -> bool {
    use SimpleType::{AnyUri, Base64Binary, Boolean, Date, DateTime, Decimal, Integer, String, Time};
    match (is, wanted) {
        (is, wanted) if is == wanted => true,
        (String | AnyUri, _) | (_, String | AnyUri) => true,
        (Integer | Decimal, Integer | Decimal | Boolean | Base64Binary) => true,
        (Boolean, Base64Binary) | (Base64Binary, Boolean) => true,
        (Boolean | Base64Binary, Integer | Decimal) => false,
        (Date | DateTime | Time, _) | (_, Date | DateTime | Time) => false,
        (Boolean | Base64Binary, Boolean | Base64Binary) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_never_be_read_as_the_other_does_not_fit() {
        use SimpleType::*;
        for (is, wanted) in [(String, Integer), (Integer, String), (Decimal, Integer), (Integer, Boolean)] {
            assert!(may_fit(is, wanted), "{is:?} into {wanted:?}");
        }
        for (is, wanted) in [
            (Boolean, Integer),
            (Base64Binary, Decimal),
            (Date, Integer),
            (Integer, Date),
            (Date, DateTime),
            (DateTime, Date),
            (DateTime, Time),
            (Boolean, Date),
            (Base64Binary, Time),
        ] {
            assert!(!may_fit(is, wanted), "{is:?} into {wanted:?}");
        }
    }

    #[test]
    fn what_does_not_fit_shares_no_lexical_form_but_those_of_other_meaning() {
        let forms = ["true", "0", "2026-11-20", "2026-11-20T08:00:00Z", "08:00:00", "1.5", "QUJD"];
        for (_, is) in SimpleType::ALL {
            for (_, wanted) in SimpleType::ALL {
                let shared = forms.iter().filter(|form| is.accepts(form) && wanted.accepts(form)).count();
                let number = |of: &SimpleType| of.is_number();
                assert!(may_fit(*is, *wanted) || shared == 0 || number(wanted), "{is:?} into {wanted:?}");
            }
        }
    }
}
