//! Inner paths, as several steps have them.

use crate::kind::path::Side;
use crate::kind::step::DeclaredPath;
use crate::kind::{Compiling, Here};
use crate::pipeline::step::Path;

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
