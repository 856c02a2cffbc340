//! Restriction: the facets of one derivation step, checked for their type and against those of the steps before it.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use compact_str::{CompactString, ToCompactString};

use super::facets::{Bound, Facets, Values};
use super::ordered::Ordered;
use super::space::trim;
use super::{Simple, SimpleType, WhiteSpace};
use crate::schema::pattern::Pattern;

/// The facets of one derivation step, as written (XML Schema part 2, section 4.3).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GivenFacets {
    /// The exact length in characters, bytes or items.
    pub length: Option<String>,
    /// The least length.
    pub min_length: Option<String>,
    /// The greatest length.
    pub max_length: Option<String>,
    /// A value matches one of these, and one of those of each step before.
    pub patterns: Vec<String>,
    /// The only values allowed; none given allows all.
    pub enumeration: Vec<String>,
    /// `preserve`, `replace` or `collapse`.
    pub white_space: Option<String>,
    /// The greatest value.
    pub max_inclusive: Option<String>,
    /// The value that all are less than.
    pub max_exclusive: Option<String>,
    /// The least value.
    pub min_inclusive: Option<String>,
    /// The value that all are more than.
    pub min_exclusive: Option<String>,
    /// The most digits of a number.
    pub total_digits: Option<String>,
    /// The most digits behind the point.
    pub fraction_digits: Option<String>,
}

/// What is wrong with a facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetError {
    /// Its name in XML Schema, such as `minInclusive`.
    pub facet: &'static str,
    /// What is wrong, in words to stand behind its name.
    pub message: String,
    /// What kind of fault it is.
    pub fault: Fault,
}

/// The kinds of faults of facets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The type does not have this facet.
    Inapplicable,
    /// Its value is none that it can have.
    Value,
    /// A pattern is wrong at this byte.
    Pattern(usize),
    /// It allows what another one, or the type that is restricted, does not.
    Conflict,
}

impl fmt::Display for FacetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.facet, self.message)
    }
}

/// The error in place of any result.
pub(super) fn error<T>(
    facet: &'static str,
    fault: Fault,
    message: impl Into<String>,
) -> Result<T, FacetError> {
    Err(FacetError { facet, fault, message: message.into() })
}

impl Simple {
    /// The type narrowed by the facets of one more derivation step.
    ///
    /// # Errors
    /// The first facet that does not apply to the type, whose value is wrong, or that would widen the type.
    pub fn restrict(&self, given: &GivenFacets) -> Result<Self, FacetError> {
        self.applies(given)?;
        let mut simple = self.clone();
        let mut facets = self.facets().cloned().unwrap_or_default();
        simple.space = self.white_space(given)?;
        self.lengths(given, &mut facets)?;
        digits(self.base, given, &mut facets)?;
        self.bounds(given, &mut facets)?;
        if let Some(pattern) = patterns(&given.patterns)? {
            facets.patterns.push(pattern);
        }
        if !given.enumeration.is_empty() {
            facets.values = Some(simple.values(&given.enumeration)?);
        }
        simple.facets = (facets != Facets::default()).then(|| Arc::new(facets));
        Ok(simple)
    }

    /// Never weaker than before (section 4.3.6).
    fn white_space(&self, given: &GivenFacets) -> Result<WhiteSpace, FacetError> {
        let Some(name) = &given.white_space else { return Ok(self.space) };
        match WhiteSpace::named(trim(name)) {
            None => {
                let message = format!("is `{name}`, and can be preserve, replace or collapse");
                error("whiteSpace", Fault::Value, message)
            }
            Some(space) if space < self.space => {
                let message = format!("is {name}, which keeps more than the {} before it", self.space.name());
                error("whiteSpace", Fault::Conflict, message)
            }
            Some(space) => Ok(space),
        }
    }

    /// Sections 4.3.1 to 4.3.3.
    fn lengths(&self, given: &GivenFacets, facets: &mut Facets) -> Result<(), FacetError> {
        let length = count("length", given.length.as_ref())?;
        let min = count("minLength", given.min_length.as_ref())?;
        let max = count("maxLength", given.max_length.as_ref())?;
        if let (Some(new), Some(old)) = (length, facets.length)
            && new != old
        {
            return error(
                "length",
                Fault::Conflict,
                format!("is {new}, and exactly {old} in the type that is restricted"),
            );
        }
        let least = facets.min_length.or(self.base.item().map(|_| 1));
        not_less("minLength", min, least)?;
        not_more("maxLength", max, facets.max_length)?;
        // A length beside another facet of the same step says something twice, or against it.
        if length.is_some() || facets.length.is_some() {
            for (facet, new, old) in
                [("minLength", min, facets.min_length), ("maxLength", max, facets.max_length)]
            {
                if new.is_some() && new != old {
                    return error(facet, Fault::Conflict, "stands beside a length that is exact");
                }
            }
        }
        facets.length = length.or(facets.length);
        facets.min_length = min.or(facets.min_length);
        facets.max_length = max.or(facets.max_length);
        if let (Some(least), Some(most)) = (facets.min_length.or(least), facets.max_length)
            && least > most
        {
            let facet = if max.is_some() { "maxLength" } else { "minLength" };
            return error(
                facet,
                Fault::Conflict,
                format!("leaves no length: at least {least} and at most {most}"),
            );
        }
        if let Some(exact) = facets.length
            && (facets.min_length.is_some_and(|least| exact < least)
                || facets.max_length.is_some_and(|most| exact > most))
        {
            let message = format!("is {exact}, outside of the least and greatest length");
            return error("length", Fault::Conflict, message);
        }
        Ok(())
    }

    /// Sections 4.3.7 to 4.3.10.
    fn bounds(&self, given: &GivenFacets, facets: &mut Facets) -> Result<(), FacetError> {
        let min = self.bound(
            [("minInclusive", given.min_inclusive.as_ref()), ("minExclusive", given.min_exclusive.as_ref())],
            facets.min.as_ref(),
            Ordering::Less,
        )?;
        let max = self.bound(
            [("maxInclusive", given.max_inclusive.as_ref()), ("maxExclusive", given.max_exclusive.as_ref())],
            facets.max.as_ref(),
            Ordering::Greater,
        )?;
        let facet = max.as_ref().or(min.as_ref()).map_or("maxInclusive", |(facet, _)| *facet);
        facets.min = min.map(|(_, bound)| bound).or(facets.min.take());
        facets.max = max.map(|(_, bound)| bound).or(facets.max.take());
        if let (Some(min), Some(max)) = (&facets.min, &facets.max) {
            let apart = match max.value.place(self.base, &min.text) {
                Some(Ordering::Less) | None => true,
                Some(Ordering::Equal) => min.inclusive == max.inclusive,
                Some(Ordering::Greater) => false,
            };
            if !apart {
                let message = format!("leaves no value between {} and {}", min.text, max.text);
                return error(facet, Fault::Conflict, message);
            }
        }
        Ok(())
    }

    /// One bound of the step: inclusive or exclusive, and not beyond the one of the steps before.
    fn bound(
        &self,
        [inclusive, exclusive]: [(&'static str, Option<&String>); 2],
        before: Option<&Bound>,
        beyond: Ordering,
    ) -> Result<Option<(&'static str, Bound)>, FacetError> {
        let (facet, text, is_inclusive) = match (inclusive, exclusive) {
            ((_, Some(_)), (facet, Some(_))) => {
                let message = format!("cannot stand beside `{}`", inclusive.0);
                return error(facet, Fault::Conflict, message);
            }
            ((facet, Some(text)), _) => (facet, trim(text), true),
            (_, (facet, Some(text))) => (facet, trim(text), false),
            _ => return Ok(None),
        };
        let value = self.base.accepts(text).then(|| Ordered::parse(self.base, text)).flatten();
        let Some(value) = value else {
            let message = format!("is `{text}`, and should be {}", self.base.expectation());
            return error(facet, Fault::Value, message);
        };
        if let Some(before) = before {
            let wider = match before.value.place(self.base, text) {
                Some(Ordering::Equal) => is_inclusive && !before.inclusive,
                place => place == Some(beyond),
            };
            if wider {
                let message = format!("is {text}, beyond the {} of the type that is restricted", before.text);
                return error(facet, Fault::Conflict, message);
            }
        }
        Ok(Some((facet, Bound { text: text.to_compact_string(), inclusive: is_inclusive, value })))
    }

    /// Values that the restricted type has (section 4.3.5), their white space treated as the new one does.
    fn values(&self, texts: &[String]) -> Result<Values, FacetError> {
        let mut normal = Vec::with_capacity(texts.len());
        for text in texts {
            if let Err(expected) = self.check(text) {
                let message = format!("has `{text}`, which the type has not: expected {expected}");
                return error("enumeration", Fault::Value, message);
            }
            normal.push(CompactString::from(self.space.normalize(text)));
        }
        Ok(Values::new(self, normal))
    }
}

/// Sections 4.3.11 and 4.3.12.
fn digits(base: SimpleType, given: &GivenFacets, facets: &mut Facets) -> Result<(), FacetError> {
    let total = count("totalDigits", given.total_digits.as_ref())?;
    let fraction = count("fractionDigits", given.fraction_digits.as_ref())?;
    if total == Some(0) {
        return error("totalDigits", Fault::Value, "is 0, and a number has at least one digit");
    }
    not_more("totalDigits", total, facets.total_digits)?;
    let most = if base == SimpleType::Decimal { facets.fraction_digits } else { Some(0) };
    not_more("fractionDigits", fraction, most)?;
    facets.total_digits = total.or(facets.total_digits);
    facets.fraction_digits = fraction.or(facets.fraction_digits);
    match (facets.fraction_digits, facets.total_digits) {
        (Some(fraction), Some(total)) if fraction > total => {
            let message = format!("is {fraction}, more than all {total} digits of the number");
            error("fractionDigits", Fault::Conflict, message)
        }
        _ => Ok(()),
    }
}

/// A whole number from 0; one that is too large for any value is as good as the largest here.
fn count(facet: &'static str, text: Option<&String>) -> Result<Option<u32>, FacetError> {
    let Some(text) = text else { return Ok(None) };
    let text = trim(text);
    if !SimpleType::NonNegativeInteger.accepts(text) {
        return error(facet, Fault::Value, format!("is `{text}`, and should be an integer from 0"));
    }
    Ok(Some(text.trim_start_matches(['+', '-']).parse().unwrap_or(u32::MAX)))
}

fn not_more(facet: &'static str, new: Option<u32>, old: Option<u32>) -> Result<(), FacetError> {
    match (new, old) {
        (Some(new), Some(old)) if new > old => error(
            facet,
            Fault::Conflict,
            format!("is {new}, more than the {old} of the type that is restricted"),
        ),
        _ => Ok(()),
    }
}

fn not_less(facet: &'static str, new: Option<u32>, old: Option<u32>) -> Result<(), FacetError> {
    match (new, old) {
        (Some(new), Some(old)) if new < old => error(
            facet,
            Fault::Conflict,
            format!("is {new}, less than the {old} of the type that is restricted"),
        ),
        _ => Ok(()),
    }
}

/// The patterns of a step, as alternatives.
fn patterns(sources: &[String]) -> Result<Option<Pattern>, FacetError> {
    let mut all: Option<Pattern> = None;
    for source in sources {
        let pattern = Pattern::new(source).map_err(|fault| FacetError {
            facet: "pattern",
            message: format!("is wrong at byte {} of `{source}`: {}", fault.offset, fault.message),
            fault: Fault::Pattern(fault.offset),
        })?;
        all = Some(match all {
            Some(before) => before.or(pattern),
            None => pattern,
        });
    }
    Ok(all)
}
