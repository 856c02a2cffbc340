//! The nearest known word to one that is not known.

/// The known word that `word` was most likely meant to be, if one is near enough: a third of its letters may be wrong.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let allowed = (word.chars().count() / 3).clamp(1, 4);
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= allowed && *distance < candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_finds_its_word() {
        let known = ["map", "message", "branch", "return"];
        assert_eq!(nearest("retrun", known), Some("return"));
        assert_eq!(nearest("Brnach", known), Some("branch"));
        assert_eq!(nearest("xyz", known), None);
        assert_eq!(nearest("m", ["a"]), None);
    }
}
