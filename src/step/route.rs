//! The `route` step: each document takes the first case that its value fits.

use crate::document::value::Value;
use crate::kind::here::common;
use crate::kind::step::{DeclaredPath, DeclaredStep, Facts, Share, StepKind};
use crate::kind::value::{DeclaredValue, Scalar};
use crate::kind::{Compiling, Here, Kinds, Manual};
use crate::pipeline::run::Run;
use crate::pipeline::source::ValueSource;
use crate::pipeline::step::{Documents, Path, Step, WithComing, Work};
use crate::source::{Finding, Span, Spanned};
use crate::step::compare::{DeclaredTest, Test};
use crate::step::inner::{compile_all, one_of, single};
use crate::syntax::Node;

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "route",
        summary: "sends each document down the first path that its value fits",
        usage: "route from=PATH | property=NAME | script=EXPRESSION { case LITERAL... | eq=|ne=|gt=|ge=|lt=|le=LITERAL | matches=REGEX | like=WILDCARD { STEP... } ... [default { STEP... }] }",
        text: "The value of each document is compared with the cases in their order; the first that fits counts. A `case` names \
               literals, any of which may be equal, or one comparison, as `decision` has it. The paths run in the order in \
               which they are written, each to its end with all of its documents before the next begins, `default` last. \
               What reaches their ends goes on behind the route, in the order of the paths. Without `default` the documents \
               that fit no case go on unchanged, behind the others.",
        example: "route from=\"Order/Customer/Country\" {\n    case DE AT {\n        set region value=\"home\"\n    }\n    case matches=\"^[F-I]\" {\n        set region value=\"south\"\n    }\n    default {\n        throw \"we do not deliver to {= doc.Order.Customer.Country}\" status=422\n    }\n}",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    value: DeclaredValue,
    cases: Vec<DeclaredCase>,
    default: Option<DeclaredPath>,
    span: Span,
    broken: bool,
}

#[derive(Debug)]
struct DeclaredCase {
    literals: Vec<Spanned<Scalar>>,
    test: DeclaredTest,
    path: DeclaredPath,
}

#[derive(Debug)]
struct Route {
    value: ValueSource,
    /// For each case its conditions, one of which must hold.
    cases: Vec<Vec<Test>>,
    /// The paths of the cases, and that of the others, where they have one.
    paths: Vec<Path>,
}

fn read(mut node: Node<'_>, kinds: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let span = node.name_span();
    let value = DeclaredValue::read(&mut node, false);
    let (mut cases, mut default, mut broken) = (Vec::new(), None, false);
    for mut child in node.parts(&["default"]) {
        match child.name() {
            "case" => {
                let literals = child.arguments("value");
                let test = DeclaredTest::read(&mut child);
                cases.push(DeclaredCase { literals, test, path: DeclaredPath::inner(child, kinds) });
            }
            "default" => default = Some(DeclaredPath::inner(child, kinds)),
            _ => {
                child.unknown("unknown-word", "a part of `route`", ["case", "default"]);
                broken = true;
            }
        }
    }
    node.finish();
    Some(Box::new(Declared { value: value?, cases, default, span, broken }))
}

impl DeclaredCase {
    /// Its conditions; `None` after a finding.
    fn compile(&self, compiling: &Compiling<'_>) -> Option<Vec<Test>> {
        if self.literals.is_empty() == self.test.is_none() {
            let message = match self.literals.is_empty() {
                true => "this `case` does not say which documents take it",
                false => "a `case` has either values or a comparison",
            };
            let finding = Finding::error("bad-case", self.path.span, message);
            compiling
                .report(finding.help("case DE AT { ... }, case gt=100 { ... } or case like=\"F*\" { ... }"));
            return None;
        }
        if self.literals.is_empty() {
            return self.test.compile("a `case`", compiling).map(|test| vec![test]);
        }
        Some(self.literals.iter().map(|literal| Test::equals(&literal.value.value)).collect())
    }
}

impl Declared {
    /// A value that stands in an earlier case never leads to a later one.
    fn check_values(&self, compiling: &Compiling<'_>) {
        let mut seen: Vec<(&Value, Span)> = Vec::new();
        for literal in self.cases.iter().flat_map(|case| &case.literals) {
            let value = &literal.value.value;
            match seen.iter().find(|(other, _)| *other == value) {
                Some((_, first)) => {
                    let message = "an earlier case has taken the documents with this value already";
                    let finding = Finding::error("unreachable-case", literal.span, message);
                    compiling.report(finding.also(*first, "it stands here first"));
                }
                None => seen.push((value, literal.span)),
            }
        }
    }
}

impl DeclaredStep for Declared {
    fn facts(&self) -> Facts<'_> {
        let inner: Vec<_> = self.cases.iter().map(|case| &case.path).chain(&self.default).collect();
        let share = if self.default.is_some() { Share::One } else { Share::OneOrPast };
        Facts { keeps: inner.iter().all(|path| path.keeps()), inner, share, ..Facts::default() }
    }

    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        if self.cases.is_empty() && !self.broken {
            let finding = Finding::error("empty-route", self.span, "a `route` without cases does nothing");
            compiling.report(finding.help("write case VALUE { ... } in it"));
            return None;
        }
        self.check_values(compiling);
        let value = single(&self.value, here, compiling);
        let cases: Vec<_> = self.cases.iter().map(|case| case.compile(compiling)).collect();
        let (paths, mut ends) = compile_all(&self.facts().inner, here, compiling);
        if self.default.is_none() {
            ends.push(here.document.take());
        }
        here.document = common(ends);
        let cases = cases.into_iter().collect::<Option<Vec<_>>>();
        Some(Box::new(Route { value: value?, cases: cases?, paths: paths? }))
    }
}

impl Step for Route {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        Work::Later(Box::pin(async move {
            let mut shares: Vec<Documents> = self.cases.iter().map(|_| Documents::new()).collect();
            let mut others = Documents::new();
            for (at, document) in documents.into_iter().enumerate() {
                if at > 0 {
                    run.turn().await?;
                }
                let value = self.value.read(run, &document, None)?;
                let case = self.cases.iter().position(|tests| tests.iter().any(|test| test.holds(&value)));
                case.and_then(|case| shares.get_mut(case)).unwrap_or(&mut others).push(document);
            }
            shares.push(others);
            let mut out = run.gather();
            let mut paths = self.paths.iter();
            let mut shares = shares.into_iter();
            while let Some(share) = shares.next() {
                // The documents of later paths have no answer yet, and may end in a failure.
                let later = shares.as_slice().iter().any(|share| !share.is_empty());
                let _hold = later.then(|| run.hold());
                match paths.next() {
                    Some(path) => out.add(run.path(path, share).await?)?,
                    None => out.add(share)?,
                }
            }
            Ok(out.done())
        }))
    }

    fn with_coming(&self) -> WithComing {
        one_of(&self.value, &self.paths)
    }

    fn gives_coming(&self) -> bool {
        true
    }

    fn choices(&self) -> Vec<Option<&Path>> {
        let paths = self.paths.iter().map(Some);
        paths.chain((self.paths.len() == self.cases.len()).then_some(None)).collect()
    }

    fn gives_each(&self) -> bool {
        self.choices().into_iter().flatten().all(Path::gives_each)
    }
}
