//! YAML 1.2 as JSON has it (its core schema), bounded, with the line of every value.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput};
use serde_json::{Map, Number, Value};

use super::given::part;
use crate::document::number::Lexical;

/// Values within values, and values in all: an alias counts as often as what it stands for.
const DEEPEST: usize = 100;
const MOST: usize = 500_000;

/// The line of each value by its pointer (RFC 6901).
pub type Lines = BTreeMap<String, usize>;

/// A line and what is wrong there.
type Wrong = (usize, String);

/// Reads the one document of a text.
///
/// # Errors
/// The line of the first mistake. An alias of what it stands in, a tag of a program's own and a key that is no scalar are
/// mistakes too: JSON has none.
pub fn read(text: &str) -> Result<(Value, Lines), Wrong> {
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        anchors: BTreeMap::new(),
        lines: Lines::new(),
        left: MOST,
        line: 1,
    };
    loop {
        match reader.next()?.0 {
            Event::StreamStart | Event::DocumentStart(_) => {}
            Event::StreamEnd => return Err((1, "there is no document in it".to_owned())),
            event => {
                let value = reader.value(event, &mut String::new(), 0)?;
                return match (reader.next()?.0, reader.next()?.0) {
                    (Event::DocumentEnd, Event::StreamEnd) => Ok((value, reader.lines)),
                    _ => Err((reader.line, "there is more than one document in it".to_owned())),
                };
            }
        }
    }
}

struct Reader<'t> {
    parser: Parser<'t, StrInput<'t>>,
    /// What has an anchor, with the number of its values.
    anchors: BTreeMap<usize, (Value, usize)>,
    lines: Lines,
    left: usize,
    line: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Span), Wrong> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => {
                self.line = span.start.line();
                Ok((event, span))
            }
            Some(Err(error)) => Err((error.marker().line(), error.info().to_owned())),
            None => Err((self.line, "it ends too early".to_owned())),
        }
    }

    fn wrong<T>(&self, message: &str) -> Result<T, Wrong> {
        Err((self.line, message.to_owned()))
    }

    fn take(&mut self, values: usize) -> Result<(), Wrong> {
        match self.left.checked_sub(values) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err((self.line, format!("there are more than {MOST} values in it"))),
        }
    }

    fn value(&mut self, event: Event<'t>, pointer: &mut String, depth: usize) -> Result<Value, Wrong> {
        let before = self.left;
        self.take(1)?;
        self.lines.insert(pointer.clone(), self.line);
        if depth > DEEPEST {
            return Err((self.line, format!("values nest more than {DEEPEST} deep")));
        }
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_text = match &tag {
                    Some(tag) if tag.is_yaml_core_schema() => tag.suffix == "str",
                    Some(_) => return self.wrong("it has a tag that JSON has nothing for"),
                    None => style != ScalarStyle::Plain,
                };
                (if is_text { Value::String(text.into_owned()) } else { plain(&text) }, anchor)
            }
            Event::SequenceStart(anchor, _) => (self.items(pointer, depth)?, anchor),
            Event::MappingStart(anchor, _) => (self.members(pointer, depth)?, anchor),
            Event::Alias(id) => {
                let Some((value, size)) = self.anchors.get(&id).cloned() else {
                    return self.wrong("an alias stands for what is not there yet");
                };
                self.take(size)?;
                return Ok(value);
            }
            _ => return self.wrong("there is no value here"),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, (value.clone(), before.saturating_sub(self.left)));
        }
        Ok(value)
    }

    fn items(&mut self, pointer: &mut String, depth: usize) -> Result<Value, Wrong> {
        let length = pointer.len();
        let mut items = Vec::new();
        loop {
            match self.next()?.0 {
                Event::SequenceEnd => return Ok(Value::Array(items)),
                event => {
                    pointer.push_str(&format!("/{}", items.len()));
                    items.push(self.value(event, pointer, depth + 1)?);
                    pointer.truncate(length);
                }
            }
        }
    }

    fn members(&mut self, pointer: &mut String, depth: usize) -> Result<Value, Wrong> {
        let length = pointer.len();
        let mut members = Map::new();
        loop {
            let name = match self.next()?.0 {
                Event::MappingEnd => return Ok(Value::Object(members)),
                Event::Scalar(name, ..) => name.into_owned(),
                _ => return self.wrong("a key is no text"),
            };
            if members.contains_key(&name) {
                return self.wrong(&format!("the key `{name}` stands here twice"));
            }
            let line = self.line;
            pointer.push_str(&format!("/{}", part(&name)));
            let event = self.next()?.0;
            let value = self.value(event, pointer, depth + 1)?;
            // A person looks for the key.
            self.lines.insert(pointer.clone(), line);
            pointer.truncate(length);
            members.insert(name, value);
        }
    }
}

/// A plain scalar by the core schema (YAML 1.2.2, section 10.3.2).
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    let radix = |prefix: &str, radix: u32| {
        let digits = text.strip_prefix(prefix)?;
        Some(Number::from(u64::from_str_radix(digits, radix).ok()?))
    };
    // As it is written, where JSON writes it so too.
    let written = || serde_json::from_str::<Number>(text).ok();
    let number = || written().or_else(|| serde_json::from_str(&Lexical::json(text)?.plain()).ok());
    let found = radix("0x", 16).or_else(|| radix("0o", 8)).or_else(number);
    found.map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn yaml_is_read_as_json_with_lines() {
        let text = "a: &x\n  - 1\n  - '1'\n  - 1.50\n  - no\n  - ~\nb: *x\n200: true\nc: |\n  text\n  more\nd/e: {f: 0x1F}\n";
        let (value, lines) = read(text).unwrap();
        let list: Value = serde_json::from_str(r#"[1, "1", 1.50, "no", null]"#).unwrap();
        assert_eq!(
            value,
            json!({ "a": list, "b": list, "200": true, "c": "text\nmore\n", "d/e": { "f": 31 } })
        );
        assert_eq!((lines["/a/3"], lines["/200"], lines["/d~1e/f"]), (5, 8, 12));
    }

    #[test]
    fn what_json_has_not_is_refused_with_its_line() {
        for (text, line, why) in [
            ("a: 1\na: 2\n", 2, "stands here twice"),
            ("a: *x\n", 1, "unknown anchor"),
            ("a: &x [*x]\n", 1, "not there yet"),
            ("a: !own 1\n", 1, "tag"),
            ("? [a]\n: 1\n", 1, "a key is no text"),
            ("a: 1\n---\nb: 2\n", 2, "more than one document"),
            ("", 1, "no document"),
            ("a: [1\n", 2, ""),
        ] {
            let (at, message) = read(text).unwrap_err();
            assert!(message.contains(why), "{text:?}: {message}");
            assert_eq!(at, line, "{text:?}: {message}");
        }
    }

    #[test]
    fn aliases_of_aliases_are_bounded() {
        let mut text = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n".to_owned();
        for (name, last) in
            ["b", "c", "d", "e", "f", "g", "h"].iter().zip(["a", "b", "c", "d", "e", "f", "g"])
        {
            text.push_str(&format!("{name}: &{name} [{}]\n", vec![format!("*{last}"); 9].join(", ")));
        }
        assert!(read(&text).unwrap_err().1.contains("more than"));
        assert!(read(&"[".repeat(5_000)).is_err());
    }
}
