//! Whether what a `from=` finds fits what it is written to: one where one is wanted, a subtree where one can be, of a type that can be.

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
    /// Whether the target is in another format.
    pub abroad: bool,
}

impl Found<'_> {
    /// Checks it against the end of the target; `None` after a finding.
    pub fn check(&self, target: &Spanned<Literal>, end: &End, compiling: &Compiling<'_>) -> Option<()> {
        let finding = self.several(target, end).or_else(|| self.subtree(target, end));
        let finding = finding.or_else(|| self.misfit(target, end));
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
        let room = end.repeats || list(end);
        let message = match (self.end.repeats, list(self.end)) {
            (true, _) if room => format!("`{from}` can be there several times, and `set` writes one"),
            (true, _) => format!("`{from}` can be there several times, and `{to}` once"),
            (false, true) if !room => format!("`{from}` is an array, and `{to}` a single value"),
            (false, _) => return None,
        };
        let finding = Finding::error("repeated-source", self.from.span, message);
        if room {
            return Some(finding.help(format!("write each \"{from}\" into=\"{to}\" {{ ... }}")));
        }
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
        Some(finding.help(help))
    }

    /// A subtree goes where there is a subtree, and into no other format: there its values and names are others.
    fn subtree(&self, target: &Spanned<Literal>, end: &End) -> Option<Finding> {
        let (is, wanted) = (self.end.shape.as_ref()?, end.shape.as_ref()?);
        if matches!(is.kind, ShapeKind::Simple(_) | ShapeKind::Any) {
            return None;
        }
        let (from, to) = (&self.from.value.text, &target.value.text);
        if matches!(wanted.kind, ShapeKind::Simple(_)) {
            let message = format!("`{from}` has parts of its own, and `{to}` is a single value");
            let finding = Finding::error("type-misfit", self.from.span, message);
            return Some(finding.help("name one of its parts"));
        }
        if self.abroad {
            let message = format!("`{from}` has parts of its own, and `{to}` is in another format");
            let finding = Finding::error("copy-formats", self.from.span, message);
            return Some(finding.help("set its parts one by one, and what repeats by each"));
        }
        let array = |kind: &ShapeKind| matches!(kind, ShapeKind::Items(_));
        let open = matches!(wanted.kind, ShapeKind::Any);
        (!open && array(&is.kind) != array(&wanted.kind)).then(|| {
            let message = format!("`{from}` is an object, and `{to}` an array");
            let finding = Finding::error("type-misfit", self.from.span, message);
            finding.help(format!("write each SOURCE into=\"{to}\" {{ ... }}"))
        })
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
    use SimpleType::{
        AnySimpleType, AnyUri, Base64Binary, Boolean, Decimal, Double, Float, GYear, HexBinary, String,
    };
    match (is.primitive(), wanted.primitive()) {
        (is, wanted) if is == wanted => true,
        (String | AnyUri | AnySimpleType, _) | (_, String | AnyUri | AnySimpleType) => true,
        (Decimal | Float | Double, Decimal | Float | Double) => true,
        (Decimal | Float | Double, Boolean | Base64Binary | HexBinary | GYear) => true,
        (GYear, Decimal | Float | Double) => true,
        (Boolean, Base64Binary) | (Base64Binary, Boolean) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_never_be_read_as_the_other_does_not_fit() {
        use SimpleType::*;
        for (is, wanted) in [
            (String, Integer),
            (Integer, String),
            (Decimal, Integer),
            (Integer, Boolean),
            (Long, Byte),
            (Double, Int),
            (NmTokens, Date),
            (GYear, Short),
        ] {
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
            (HexBinary, Base64Binary),
            (Duration, Time),
            (GYear, GMonth),
            (Date, Byte),
        ] {
            assert!(!may_fit(is, wanted), "{is:?} into {wanted:?}");
        }
    }

    #[test]
    fn what_does_not_fit_shares_no_lexical_form_but_those_of_other_meaning() {
        use SimpleType::{Base64Binary, GYear, HexBinary, Notation, QName};
        let forms = [
            "true",
            "0",
            "2026",
            "2026-11-20",
            "2026-11-20T08:00:00Z",
            "08:00:00",
            "--11",
            "P1D",
            "1.5",
            "QUJD",
            "ABCD",
        ];
        for is in SimpleType::all() {
            for wanted in SimpleType::all() {
                let shared = forms.iter().filter(|form| is.accepts(form) && wanted.accepts(form)).count();
                let other = |of: SimpleType| {
                    of.is_number() || matches!(of, Base64Binary | GYear | HexBinary | Notation | QName)
                };
                let fits = may_fit(is, wanted) || shared == 0 || other(wanted) || other(is);
                assert!(fits, "{is:?} into {wanted:?}");
            }
        }
    }
}
