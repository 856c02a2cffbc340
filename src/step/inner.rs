//! What steps that choose have in common: inner paths, and a value to choose by.

use crate::kind::path::Side;
use crate::kind::step::DeclaredPath;
use crate::kind::value::{DeclaredValue, For};
use crate::kind::{Compiling, Here};
use crate::pipeline::source::ValueSource;
use crate::pipeline::step::{Path, WithComing};
use crate::source::Finding;

/// Compiles the value to choose by; `None` after an error. That only the first of several counts is a warning.
pub fn single(value: &DeclaredValue, here: &Here, compiling: &Compiling<'_>) -> Option<ValueSource> {
    let (source, end) = value.compile(&For::here(here), compiling)?;
    if let (Some(from), true) = (&value.from, end.is_some_and(|end| end.repeats)) {
        let message = format!("`{}` can be there several times: only the first counts", from.value.text);
        let help = "name one by its position, ask all of them by a script=, or `split` the documents first";
        compiling.report(Finding::warning("repeated-source", from.span, message).help(help));
    }
    Some(source)
}

/// Compiles the paths that documents may take from here; `None` after findings. Gives what is known at the end of each
/// that documents can come out of.
pub fn compile_all(
    paths: &[&DeclaredPath],
    here: &Here,
    compiling: &Compiling<'_>,
) -> (Option<Vec<Path>>, Vec<Option<Side>>) {
    let (mut compiled, mut ends) = (Vec::new(), Vec::new());
    for path in paths {
        let mut inner = here.clone();
        compiled.push(path.compile(&mut inner, compiling));
        if path.falls() {
            ends.push(inner.document);
        }
    }
    (compiled.into_iter().collect(), ends)
}

/// What a step that chooses one of these paths does with a document whose body is still on its way.
pub fn one_of<'p>(value: &ValueSource, paths: impl IntoIterator<Item = &'p Path>) -> WithComing {
    let sends = paths.into_iter().any(|path| path.sends_on);
    if sends && !value.reads_body() { WithComing::Sends } else { WithComing::Reads }
}
