//! Values for samples: one that a simple type accepts, made of what narrows it and checked by it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use compact_str::{CompactString, ToCompactString, format_compact};

use super::{Facets, Simple, SimpleType, Variety};

/// Characters, bytes or items of a value.
const LONGEST: u32 = 4096;
/// Years that dates are tried in.
const YEARS: &[&str] = &["2026", "2000", "1970", "1900", "2100", "0001", "9999"];
/// Numbers that are tried, beside the bounds and what lies near them.
const NUMBERS: &[&str] =
    &["0", "-1", "0.5", "0.1", "0.01", "0.001", "1.5", "-0.5", "10", "100", "1000", "1000000", "-1000"];
/// Durations that are tried.
const DURATIONS: &[&str] = &["P1D", "PT1S", "PT1H", "P1M", "P1Y", "PT0S", "-P1D"];

impl Simple {
    /// A value that the type accepts, for samples; `None` where none was found. Another `turn` gives another value where the
    /// type has one that is easily found: IDs of one document count theirs up.
    pub fn sample(&self, turn: usize) -> Option<CompactString> {
        let accepts = |text: &CompactString| self.check(text).is_ok();
        if let Some(values) = self.facets().and_then(|facets| facets.values.as_ref()) {
            let first = turn.checked_rem(values.texts.len()).unwrap_or_default();
            let all = values.texts.iter().cycle().skip(first).take(values.texts.len());
            return all.into_iter().find(|text| accepts(text)).cloned();
        }
        let found = match &self.variety {
            Variety::List(item) => self.list(item, turn).filter(accepts),
            Variety::Union(members) => members.iter().find_map(|member| member.sample(turn).filter(&accepts)),
            Variety::Atomic => None,
        };
        found.or_else(|| self.word(turn)).or_else(|| self.atomic(turn).into_iter().find(accepts))
    }

    fn list(&self, item: &Self, turn: usize) -> Option<CompactString> {
        let (least, most) = self.facets().map_or((1, LONGEST), lengths);
        let item = item.sample(turn)?;
        let count = usize::try_from(least.max(1).min(most)).unwrap_or_default();
        Some(vec![item.as_str(); count].join(" ").into())
    }

    /// A word of one of its patterns; the first `turn` that fit are passed over, as far as there are more.
    fn word(&self, turn: usize) -> Option<CompactString> {
        let facets = self.facets()?;
        let (least, most) = lengths(facets);
        let (mut found, mut left) = (None, turn);
        for pattern in facets.patterns.iter().rev() {
            let mut take = |word: &str| {
                if self.check(word).is_err() || found.as_deref() == Some(word) {
                    return false;
                }
                found = Some(word.to_compact_string());
                let is_it = left == 0;
                left = left.saturating_sub(1);
                is_it
            };
            if pattern.words(&[least, most.min(LONGEST)], &mut take) || found.is_some() {
                break;
            }
        }
        found
    }

    /// Values to try of an atomic type, or of a list or union that has none of its own.
    fn atomic(&self, turn: usize) -> Vec<CompactString> {
        let base = self.base;
        let bounds = self.facets().into_iter().flat_map(|facets| facets.min.iter().chain(&facets.max));
        let bounds: Vec<&str> = bounds.map(|bound| bound.text.as_str()).collect();
        let (least, most) = self.facets().map_or((0, LONGEST), lengths);
        let bytes = vec![0; usize::try_from(least.max(3).min(most)).unwrap_or_default()];
        let mut found = match base.primitive() {
            SimpleType::Boolean if turn % 2 == 1 => vec!["false".into(), "true".into()],
            SimpleType::Boolean => vec!["true".into(), "false".into()],
            SimpleType::Decimal | SimpleType::Float | SimpleType::Double => numbers(turn, &bounds),
            SimpleType::Duration => DURATIONS.iter().map(|text| text.to_compact_string()).collect(),
            SimpleType::Base64Binary => vec![STANDARD.encode(&bytes).into()],
            SimpleType::HexBinary => vec!["00".repeat(bytes.len()).into()],
            SimpleType::AnyUri => vec![fitted(&format!("urn:sample:{turn}"), least, most)],
            _ if base.is_temporal() => moments(base, turn),
            _ => Vec::new(),
        };
        if base == SimpleType::Language {
            found.push("en".into());
        }
        found.extend(bounds.into_iter().map(CompactString::from));
        let word = match base {
            SimpleType::Id => format!("id{turn}"),
            SimpleType::IdRef | SimpleType::IdRefs => "id0".to_owned(),
            _ if turn == 0 => "text".to_owned(),
            _ => format!("text{turn}"),
        };
        found.push(fitted(&word, least, most));
        found
    }
}

/// The least and the greatest length that a value may have.
fn lengths(facets: &Facets) -> (u32, u32) {
    let exact = facets.length;
    let least = exact.or(facets.min_length).unwrap_or_default().min(LONGEST);
    (least, exact.or(facets.max_length).unwrap_or(LONGEST))
}

/// A text made longer or shorter.
fn fitted(text: &str, least: u32, most: u32) -> CompactString {
    let [least, most] = [least, most].map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    let longer = text.chars().chain(std::iter::repeat('a')).take(text.chars().count().max(least));
    longer.take(most).collect()
}

/// Numbers, first the plain ones, then what lies near the bounds and between them.
fn numbers(turn: usize, bounds: &[&str]) -> Vec<CompactString> {
    let mut found = vec![(turn.saturating_add(1)).to_compact_string()];
    found.extend(NUMBERS.iter().map(|text| text.to_compact_string()));
    for bound in bounds {
        if let Ok(whole) = bound.parse::<i128>() {
            let steps = [1, -1, 10, -10].into_iter();
            found.extend(steps.filter_map(|by| whole.checked_add(by)).map(|near| near.to_compact_string()));
        }
        // What lies a little beyond a bound that is itself left out.
        let point = if bound.contains('.') { "" } else { "." };
        found.push(format_compact!("{bound}{point}1"));
    }
    if let [Ok(low), Ok(high)] = [bounds.first(), bounds.last()].map(|b| b.unwrap_or(&"").parse::<f64>()) {
        found.push(format_compact!("{}", low.midpoint(high)));
    }
    found
}

/// Dates, times and parts of them: in the middle of a year and at its ends, in several years, with a zone and without.
fn moments(base: SimpleType, turn: usize) -> Vec<CompactString> {
    let day = format!("{:02}", turn % 28 + 1);
    let days = [("11", day.as_str(), "08:00"), ("01", "01", "00:00"), ("12", "31", "23:59")];
    let mut found = Vec::new();
    for (year, (month, day, clock)) in days.iter().flat_map(|part| YEARS.iter().map(move |year| (year, part)))
    {
        let text = match base {
            SimpleType::DateTime => format!("{year}-{month}-{day}T{clock}:00"),
            SimpleType::Date => format!("{year}-{month}-{day}"),
            SimpleType::Time => format!("{clock}:{day}"),
            SimpleType::GYear => (*year).to_owned(),
            SimpleType::GYearMonth => format!("{year}-{month}"),
            SimpleType::GMonthDay => format!("--{month}-{day}"),
            SimpleType::GMonth => format!("--{month}"),
            _ => format!("---{day}"),
        };
        found.push(format_compact!("{text}Z"));
        found.push(text.into());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::GivenFacets;

    fn narrowed(base: SimpleType, set: impl FnOnce(&mut GivenFacets)) -> Simple {
        let mut given = GivenFacets::default();
        set(&mut given);
        Simple::of(base).restrict(&given).unwrap()
    }

    #[test]
    fn every_built_in_type_has_a_sample() {
        for base in SimpleType::all() {
            for turn in [0, 1, 40] {
                let simple = Simple::of(base);
                let sample = simple.sample(turn).unwrap_or_else(|| panic!("{base:?}"));
                assert!(simple.check(&sample).is_ok(), "{base:?}: {sample}");
            }
        }
        let ids: Vec<_> = (0..3).map(|turn| Simple::of(SimpleType::Id).sample(turn).unwrap()).collect();
        assert_eq!(ids, ["id0", "id1", "id2"]);
    }

    #[test]
    fn facets_hold() {
        let enumerated = narrowed(SimpleType::String, |f| f.enumeration = vec!["b".into(), "a".into()]);
        assert_eq!(enumerated.sample(0).unwrap(), "b");
        assert_eq!(enumerated.sample(3).unwrap(), "a");
        let long = narrowed(SimpleType::Token, |f| f.min_length = Some("9".into()));
        assert_eq!(long.sample(0).unwrap(), "textaaaaa");
        let short = narrowed(SimpleType::String, |f| f.max_length = Some("2".into()));
        assert_eq!(short.sample(0).unwrap(), "te");
        let bytes = narrowed(SimpleType::HexBinary, |f| f.length = Some("5".into()));
        assert_eq!(bytes.sample(0).unwrap(), "0000000000");
        let between = narrowed(SimpleType::Decimal, |f| {
            f.min_exclusive = Some("17.2".into());
            f.max_exclusive = Some("17.3".into());
        });
        assert_eq!(between.sample(0).unwrap(), "17.21");
        let far = narrowed(SimpleType::Int, |f| f.min_exclusive = Some("5000".into()));
        assert_eq!(far.sample(0).unwrap(), "1000000");
        let code = narrowed(SimpleType::String, |f| {
            f.patterns = vec!["[A-Z]{2}\\d*".into()];
            f.length = Some("6".into());
        });
        assert_eq!(code.sample(0).unwrap(), "AA1111");
        let list = Simple::list_of(code.into())
            .restrict(&GivenFacets { min_length: Some("2".into()), ..GivenFacets::default() });
        assert_eq!(list.unwrap().sample(0).unwrap(), "AA1111 AA1111");
    }

    #[test]
    fn what_has_no_values_has_no_sample() {
        let none = narrowed(SimpleType::String, |f| f.patterns = vec!["[a-z-[a-z]]".into()]);
        assert_eq!(none.sample(0), None);
    }
}
