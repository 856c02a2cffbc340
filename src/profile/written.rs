//! How a profile says that its parts are written: `zone=`, `fraction=` and `exclude=`, inline and for parts of a schema.

use std::sync::Arc;

use crate::schema::{Dates, Simple, SimpleType, Variety, Zone};
use crate::source::{Finding, Span, Spanned};
use crate::syntax::Node;

/// `zone=` and `fraction=` as declared, with what is known of them without the type.
#[derive(Debug)]
pub struct DeclaredDates {
    zone: Option<Spanned<Zone>>,
    fraction: Option<Spanned<usize>>,
}

impl DeclaredDates {
    /// Reads the properties off a node; `None` when neither is there.
    pub fn read(node: &mut Node<'_>) -> Option<Self> {
        let there = node.has_property("zone") || node.has_property("fraction");
        let zone = node.property::<String>("zone").and_then(|word| {
            let zone = Zone::named(&word.value);
            if zone.is_none() {
                let message = format!("`{}` is not a time zone", word.value);
                let words: Vec<String> = Zone::words().collect();
                let finding = Finding::error("unknown-zone", word.span, message);
                let finding = finding.suggest(&word.value, words.iter().map(String::as_str));
                let help =
                    "write utc, none, an offset such as \"+01:00\" or a name such as \"Europe/Berlin\"";
                node.report(if finding.help.is_none() { finding.help(help) } else { finding });
            }
            zone.map(|zone| Spanned::new(zone, word.span))
        });
        let fraction = node.property::<usize>("fraction").filter(|given| {
            let fits = given.value <= MOST;
            if !fits {
                let message = format!("a second is written with at most {MOST} digits behind the point");
                node.report(Finding::error("bad-fraction", given.span, message));
            }
            fits
        });
        there.then_some(Self { zone, fraction })
    }

    /// Gives them to a type of dates or times; to any other, or where there is no single value, they are a finding.
    pub fn apply(&self, simple: Option<&mut Simple>, report: &dyn Fn(Finding)) {
        let base =
            simple.as_ref().filter(|simple| simple.variety == Variety::Atomic).map(|simple| simple.base);
        let zone = self.zone.as_ref().and_then(|zone| fits(&zone.value, base, zone.span, report));
        let fraction = self.fraction.as_ref().filter(|given| match base {
            Some(SimpleType::DateTime | SimpleType::Time) => true,
            _ => {
                report(not_a_date("fraction", "dateTime and time", base, given.span));
                false
            }
        });
        if let Some(simple) = simple.filter(|_| zone.is_some() || fraction.is_some()) {
            simple.dates = Some(Arc::new(Dates { zone, fraction: fraction.map(|given| given.value) }));
        }
    }
}

/// Digits of a fraction of a second: nanoseconds.
const MOST: usize = 9;

/// The zone, where values of the type can be written in it.
fn fits(zone: &Zone, base: Option<SimpleType>, span: Span, report: &dyn Fn(Finding)) -> Option<Zone> {
    let finding = match (base, zone) {
        (Some(SimpleType::DateTime), _)
        | (Some(SimpleType::Time), Zone::Without | Zone::Utc | Zone::Offset(_))
        | (Some(SimpleType::Date), Zone::Without) => return Some(zone.clone()),
        (Some(SimpleType::Time), Zone::Place(_)) => {
            let message =
                "a time without a date is not known on the clocks of a place, which change with summer time";
            Finding::error("not-a-date", span, message)
                .help("write utc, none or an offset such as \"+01:00\"")
        }
        (Some(SimpleType::Date), _) => {
            let message = "a date without a time is no moment that other clocks could show";
            Finding::error("not-a-date", span, message)
                .help("write none to leave its zone out, or type=dateTime")
        }
        _ => not_a_date("zone", "dateTime, time and date", base, span),
    };
    report(finding);
    None
}

fn not_a_date(word: &str, types: &str, base: Option<SimpleType>, span: Span) -> Finding {
    let is = match base {
        Some(base) => format!("this is of type {}", base.name()),
        None => "this holds no single value".to_owned(),
    };
    let finding = Finding::error("not-a-date", span, format!("`{word}=` is for {types}, and {is}"));
    finding.help(format!("remove {word}=, or give the type"))
}

/// Whether a part is never written, by `exclude=`.
pub fn exclude(node: &mut Node<'_>) -> Option<Spanned<bool>> {
    node.property::<bool>("exclude").filter(|given| given.value)
}

/// A part that is required and never written.
pub fn needed(span: Span, word: &str) -> Finding {
    let message = format!("`exclude=#true` leaves out what `{word}` requires");
    Finding::error("excluded-part", span, message)
        .help("remove one of the two: what is excluded is optional where it is read")
}
