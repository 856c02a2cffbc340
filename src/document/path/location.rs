//! The parser of location paths: a part of XPath 1.0, with names that match in any namespace.

use super::PathError;
use super::step::{Kind, Predicate, Step, Test};

/// Compiles `Order/Line[2]/@sku` and the like.
pub(super) fn parse(text: &str) -> Result<Vec<Step>, PathError> {
    let mut parser = Parser { text, at: 0, nesting: 0 };
    parser.skip_space();
    if parser.next() == Some('$') {
        return Err(parser.wrong(
            "`$` begins a JSONPath, and this document is not JSON: write a path like `Order/Line/@sku`",
        ));
    }
    if parser.rest().starts_with('/') && !parser.rest().starts_with("//") {
        return Err(parser.wrong(
            "a path does not begin with `/`: write the root element's name first, as in `Order/Line`",
        ));
    }
    let steps = parser.steps()?;
    match parser.next() {
        None => Ok(steps),
        Some(']') => Err(parser.wrong("`]` closes nothing here")),
        Some(c) => Err(parser.wrong(format!("`{c}` is not expected here: steps are separated by `/`"))),
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    nesting: usize,
}

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn next(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self, token: &str) -> bool {
        let there = self.rest().starts_with(token);
        if there {
            self.at += token.len();
        }
        there
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let token = rest.get(..rest.find(|c| !wanted(c)).unwrap_or(rest.len())).unwrap_or_default();
        self.at += token.len();
        token
    }

    fn skip_space(&mut self) {
        self.take_while(char::is_whitespace);
    }

    fn wrong(&self, message: impl Into<String>) -> PathError {
        PathError::new(self.at, message)
    }

    /// Steps up to the end or to something that is not of a path.
    fn steps(&mut self) -> Result<Vec<Step>, PathError> {
        let mut steps: Vec<Step> = Vec::new();
        let mut descend = self.take("//");
        loop {
            self.skip_space();
            if steps.last().is_some_and(|step| matches!(step.kind, Kind::Attribute(_))) {
                return Err(self.wrong("nothing can follow an attribute: it has no children"));
            }
            let mut step = self.step(descend)?;
            self.skip_space();
            while self.take("[") {
                if matches!(step.kind, Kind::Attribute(_) | Kind::Own) {
                    return Err(PathError::new(
                        self.at - 1,
                        "a predicate can only follow the name of an element",
                    ));
                }
                step.predicates.push(self.predicate()?);
                self.skip_space();
            }
            steps.push(step);
            descend = self.take("//");
            if !descend && !self.take("/") {
                return Ok(steps);
            }
        }
    }

    fn step(&mut self, descend: bool) -> Result<Step, PathError> {
        let offset = self.at;
        if self.rest().starts_with("..") {
            return Err(self.wrong("`..` is not part of these paths: begin at the parent instead"));
        }
        if self.take(".") || self.take("text()") {
            if descend {
                return Err(PathError::new(offset, "after `//` a name is expected"));
            }
            return Ok(Step::new(Kind::Own, offset));
        }
        let attribute = self.take("@");
        let test = self.test()?;
        match (attribute, descend) {
            (true, true) => {
                Err(PathError::new(offset, "after `//` the name of an element is expected, not an attribute"))
            }
            (true, false) => Ok(Step::new(Kind::Attribute(test), offset)),
            (false, true) => Ok(Step::new(Kind::Descendant(test), offset)),
            (false, false) => Ok(Step::new(Kind::Child(test), offset)),
        }
    }

    /// `name`, `{namespace}name` or `*`.
    fn test(&mut self) -> Result<Test, PathError> {
        if self.take("*") {
            return Ok(Test::Any);
        }
        let mut namespace = None;
        if self.take("{") {
            let name = self.take_while(|c| c != '}');
            namespace = Some(name.into());
            if !self.take("}") {
                return Err(self.wrong("`}` is missing after the namespace"));
            }
        }
        let mut local = self.take_while(is_name);
        // The two prefixes that mean the same in every document.
        let fixed = FIXED.iter().find(|(prefix, _)| *prefix == local && namespace.is_none());
        if let Some((_, uri)) =
            fixed.filter(|_| self.rest().starts_with(':') && !self.rest().starts_with("::"))
        {
            self.at += 1;
            namespace = Some((*uri).into());
            local = self.take_while(is_name);
        }
        let message = match self.next() {
            Some(':') if self.rest().starts_with("::") => {
                "axes are not part of these paths: use `/`, `//` and `@`"
            }
            Some(':') => "prefixes are not known here: write the name alone, or `{namespace}name`",
            Some('(') => "functions are not part of paths: use `script=`",
            Some('/') if local.is_empty() => "a step is missing between two `/`",
            None if local.is_empty() => "a step is missing here: the path ends too early",
            Some(c) if local.is_empty() => {
                return Err(
                    self.wrong(format!("`{c}` is not expected here: a step is a name, `@name`, `*` or `.`"))
                );
            }
            _ if local.starts_with(|c: char| c.is_ascii_digit()) => {
                self.at -= local.len();
                "a name does not begin with a digit; for a position write it in brackets, as in `Line[1]`"
            }
            _ => return Ok(Test::Name { namespace, local: local.into() }),
        };
        Err(self.wrong(message))
    }

    /// What stands in brackets, and the closing one.
    fn predicate(&mut self) -> Result<Predicate, PathError> {
        const DEEPEST: usize = 8;
        self.nesting += 1;
        if self.nesting > DEEPEST {
            return Err(self.wrong(format!("predicates are nested deeper than {DEEPEST}")));
        }
        self.skip_space();
        let predicate = match self.next() {
            Some('0'..='9') => self.position()?,
            Some('/') => {
                return Err(self.wrong("a path in a predicate is relative: it does not begin with `/`"));
            }
            _ => self.condition()?,
        };
        self.skip_space();
        if !self.take("]") {
            return Err(self.wrong(
                "expected `]`: a predicate is a position, a path, or a path compared with a text in quotes",
            ));
        }
        self.nesting -= 1;
        Ok(predicate)
    }

    fn position(&mut self) -> Result<Predicate, PathError> {
        let start = self.at;
        match self.take_while(|c| c.is_ascii_digit()).parse() {
            Ok(0) => Err(PathError::new(start, "positions are counted from 1")),
            Ok(position) => Ok(Predicate::Position(position)),
            Err(_) => Err(PathError::new(start, "this position is too large")),
        }
    }

    fn condition(&mut self) -> Result<Predicate, PathError> {
        let steps = self.steps()?;
        self.skip_space();
        let equal = if self.take("!=") {
            false
        } else if self.take("=") {
            self.take("="); // `==` is what many mean
            true
        } else {
            return Ok(Predicate::Exists(steps));
        };
        self.skip_space();
        let quote = match self.next() {
            Some(quote @ ('"' | '\'')) => quote,
            _ => return Err(self.wrong("a path is compared with a text in quotes, as in `Line[Sku='A-1']`")),
        };
        self.at += 1;
        let value = self.take_while(|c| c != quote).into();
        if self.next().is_none() {
            return Err(self.wrong("the text has no end quote"));
        }
        self.at += 1;
        Ok(Predicate::Text { steps, equal, value })
    }
}

/// The prefixes that stand for one namespace wherever they are: of XML itself, and of `xsi:type`.
const FIXED: &[(&str, &str)] =
    &[("xml", "http://www.w3.org/XML/1998/namespace"), ("xsi", "http://www.w3.org/2001/XMLSchema-instance")];

fn is_name(c: char) -> bool {
    !c.is_whitespace() && !"/[]@=!'\"(){}*,:|<>$&#?;%~^+`\\".contains(c)
}
