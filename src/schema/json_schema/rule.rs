//! The rule of a JSON Schema: a fast yes, and for a no every place that does not fit.

use std::fmt;

use jsonschema::{ValidationError, Validator};

use super::tree::{Budget, Place, Tree};
use super::{files, words};
use crate::document::tree::{Content, Element};
use crate::schema::at::{At, Step};
use crate::schema::validate::Check;
use crate::schema::{Mode, Rule};

/// Looks into objects and arrays that one check may take: far more than any real document needs, a second at most.
const MOST_LOOKS: u64 = 20_000_000;

/// Looks for finding the places of a wrong document, beside a multiple of its size or of what it took to see that it is
/// wrong: the first wrong place ends that, but all of the document is gone through to tell.
const SOME_LOOKS: u64 = 50_000;
const LOOKS_A_VALUE: u64 = 8;

/// Errors that are put into words for each that may be told: some tell the same place.
const ERRORS_A_PLACE: usize = 4;

/// A schema as a rule.
pub struct SchemaRule {
    validator: Validator<Tree>,
}

impl fmt::Debug for SchemaRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SchemaRule").finish_non_exhaustive()
    }
}

impl SchemaRule {
    /// A rule that a compiled schema makes.
    pub fn new(validator: Validator<Tree>) -> Self {
        Self { validator }
    }
}

impl Rule for SchemaRule {
    fn check(&self, element: &Element, at: &At<'_>, check: &mut Check) {
        let budget = Budget::of(MOST_LOOKS);
        let fits = self.validator.is_valid(Place { element, budget: &budget });
        if budget.is_spent() {
            let message = "checking this takes too long: its schema has alternatives within alternatives";
            return check.report(at, message.to_owned());
        }
        if fits {
            return;
        }
        let looks = budget.taken().max(size(element)).saturating_mul(LOOKS_A_VALUE);
        let budget = Budget::of(looks.saturating_add(SOME_LOOKS).min(MOST_LOOKS));
        let most = check.room().saturating_mul(ERRORS_A_PLACE);
        let errors = self.validator.iter_errors(Place { element, budget: &budget });
        let errors: Vec<ValidationError<'_>> = errors.take(most).collect();
        if budget.is_spent() {
            let message = "this does not fit its schema, which has too many alternatives to say where";
            return check.report(at, message.to_owned());
        }
        for place in words::places(&errors, element, check.mode() == Mode::Lax, most) {
            if check.full() {
                return;
            }
            report(check, element, at, &place.way, &place);
        }
    }
}

/// Goes the rest of the way, so that the place has its path, and reports there.
fn report(check: &mut Check, element: &Element, at: &At<'_>, way: &[usize], place: &words::Place) {
    let Some((position, rest)) = way.split_first() else {
        return match &place.missing {
            Some(name) => check.report(&At::part(at, Step::Name(name)), place.message.clone()),
            None => check.report(at, place.message.clone()),
        };
    };
    let Some(next) = files::nth(element, *position) else { return };
    let step = match element.content {
        Content::Items(_) => Step::Index(*position),
        _ => Step::Name(&next.name.local),
    };
    report(check, next, &At::child(at, step, *position), rest, place);
}

/// How many values a document has. Depth is bounded by the reader's limit.
fn size(element: &Element) -> u64 {
    element.elements().map(size).fold(1, u64::saturating_add)
}
