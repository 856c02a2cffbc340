//! Reading: the segments of an interchange into its tree, with its envelopes, counts and control numbers checked.

use compact_str::CompactString;

use super::count::Open;
use super::envelope::{self, Envelopes, GROUP, Pair, ROOT};
use super::group::Grouper;
use super::structure::{self, ElementSpec, Item, LAST_POSITION, Part, SegmentSpec, element_name, is_tag};
use super::token::{Fault, Segment, Segments};
use super::{Delimiters, Syntax};
use crate::document::codec::{Limits, Malformed, MalformedKind};
use crate::document::tree::{Attribute, Content, Element, Name};

/// The attribute that keeps the line of a segment, for who asks for it.
pub(super) const LINE: &str = "line";

/// What reading goes by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules<'s> {
    pub syntax: Syntax,
    /// The structure of transaction sets; empty when nothing is declared.
    pub items: &'s [Item],
    /// What each of them must be; empty for anything.
    pub message: &'s str,
    /// Whether trailers must be right.
    pub checked: bool,
    pub limits: &'s Limits,
    /// Whether characters were single bytes.
    pub single_bytes: bool,
    /// Whether segments get their lines.
    pub lines: bool,
}

/// How much of the depth of a tree is not loops: root, group, message, segment, element, component.
const FLAT_DEPTH: usize = 6;

struct Reader<'s> {
    rules: Rules<'s>,
    delimiters: Delimiters,
    envelopes: &'static Envelopes,
    root: Element,
    interchange: Option<Open>,
    group: Option<(Open, Element)>,
    message: Option<(Open, Grouper<'s>)>,
    /// Messages outside of groups (EDIFACT).
    ungrouped: bool,
    /// Elements made so far.
    made: usize,
    /// The lines counted so far, and up to which byte.
    line: (usize, usize),
}

/// The tree of an interchange.
pub(super) fn read(text: &str, rules: Rules<'_>) -> Result<Element, Malformed> {
    let failed = |(at, message): Fault| {
        let limit = message.starts_with(LIMIT);
        let kind = if limit { MalformedKind::Limit } else { MalformedKind::Syntax };
        Malformed::at(text.as_bytes(), at, kind, message)
    };
    let head = envelope::head(text, rules.syntax).map_err(failed)?;
    let envelopes = rules.syntax.envelopes();
    let mut reader = Reader {
        rules,
        delimiters: head.delimiters,
        envelopes,
        root: Element::new(Name::local(ROOT)),
        interchange: None,
        group: None,
        message: None,
        ungrouped: false,
        made: 20,
        line: (1, 0),
    };
    if let Some(mut first) = head.first {
        reader.mark(&mut first, head.offset, text);
        if rules.syntax == Syntax::X12 {
            let control = first.child("ISA13").and_then(Element::leaf).unwrap_or_default().to_owned();
            reader.interchange = Some(Open { control, count: 0 });
        }
        reader.root.push(first);
    }
    let mut segments = Segments::new(text, head.next, head.delimiters, rules.single_bytes);
    while let Some(segment) = segments.next().map_err(failed)? {
        if reader.segment(&segment, text).map_err(failed)? {
            let at = segments.position();
            return match text.get(at..).unwrap_or_default() {
                "" => Ok(reader.root),
                rest if rest.starts_with(['I', 'U']) => {
                    Err(failed((at, "a document is one interchange, and another one begins here".to_owned())))
                }
                _ => Err(failed((at, format!("nothing follows {}", envelopes.interchange.tail)))),
            };
        }
    }
    Err(failed((text.len(), reader.unclosed())))
}

/// How messages of limits begin.
const LIMIT: &str = "the interchange is too large: ";

impl<'s> Reader<'s> {
    /// Takes one segment; whether it closed the interchange.
    fn segment(&mut self, segment: &Segment<'_>, text: &str) -> Result<bool, Fault> {
        let envelopes = self.envelopes;
        let tag = segment.tag.as_str();
        if let Some((open, _)) = &mut self.message {
            open.count += 1;
        }
        if !is_tag(tag, self.rules.syntax) {
            let shown: String = tag.chars().take(10).filter(|c| !c.is_control()).collect();
            return Err((segment.offset, format!("`{shown}` is not the tag of a segment")));
        }
        if self.interchange.is_none() && tag != envelopes.interchange.head {
            return Err((segment.offset, format!("{tag} stands before {}", envelopes.interchange.head)));
        }
        match tag {
            _ if tag == envelopes.interchange.head => self.open_interchange(segment, text)?,
            _ if tag == envelopes.group.head => self.open_group(segment, text)?,
            _ if tag == envelopes.message.head => self.open_message(segment, text)?,
            _ if tag == envelopes.message.tail => self.close_message(segment, text)?,
            _ if tag == envelopes.group.tail => self.close_group(segment, text)?,
            _ if tag == envelopes.interchange.tail => {
                self.close_interchange(segment, text)?;
                return Ok(true);
            }
            _ => self.inner(segment, text)?,
        }
        Ok(false)
    }

    fn open_interchange(&mut self, segment: &Segment<'_>, text: &str) -> Result<(), Fault> {
        if self.interchange.is_some() {
            return Err((segment.offset, format!("{} stands in an interchange", segment.tag)));
        }
        self.interchange = Some(Open::by(segment, self.envelopes.interchange)?);
        let header = self.element(segment, structure::service(&segment.tag), text)?;
        self.root.push(header);
        Ok(())
    }

    fn open_group(&mut self, segment: &Segment<'_>, text: &str) -> Result<(), Fault> {
        let Envelopes { group, message, .. } = self.envelopes;
        if self.message.is_some() {
            return Err((segment.offset, format!("{} is missing before {}", message.tail, group.head)));
        }
        if self.group.is_some() {
            return Err((segment.offset, format!("{} is missing before {}", group.tail, group.head)));
        }
        if self.ungrouped {
            return Err((segment.offset, format!("{} stands beside messages without a group", group.head)));
        }
        let mut element = Element::new(Name::local(GROUP));
        element.push(self.element(segment, structure::service(&segment.tag), text)?);
        self.group = Some((Open::by(segment, *group)?, element));
        Ok(())
    }

    fn open_message(&mut self, segment: &Segment<'_>, text: &str) -> Result<(), Fault> {
        let Envelopes { group, message, message_name, .. } = self.envelopes;
        if self.message.is_some() {
            return Err((segment.offset, format!("{} is missing before {}", message.tail, message.head)));
        }
        if self.group.is_none() {
            let grouped = self.root.child(GROUP).is_some();
            if self.rules.syntax == Syntax::X12 || grouped {
                return Err((
                    segment.offset,
                    format!("{} stands outside of a group ({})", message.head, group.head),
                ));
            }
            self.ungrouped = true;
        }
        let (position, component) = self.envelopes.message_kind;
        let kind = segment.value(position, component);
        if !self.rules.message.is_empty() && kind != self.rules.message {
            let kind: String = kind.chars().take(10).collect();
            let word = self.envelopes.message_word;
            let message = format!("this is a {word} of `{kind}`, and `{}` is expected", self.rules.message);
            return Err((segment.offset, message));
        }
        self.deep_enough(segment, 1)?;
        let mut element = Element::new(Name::local(*message_name));
        element.push(self.element(segment, structure::service(&segment.tag), text)?);
        let open = Open { count: 1, ..Open::by(segment, *message)? };
        self.message = Some((open, Grouper::new(self.rules.items, element)));
        Ok(())
    }

    fn deep_enough(&self, segment: &Segment<'_>, loops: usize) -> Result<(), Fault> {
        let limit = self.rules.limits.depth;
        if FLAT_DEPTH + loops - 1 > limit {
            return Err((segment.offset, format!("{LIMIT}its tree is deeper than {limit}")));
        }
        Ok(())
    }

    fn close_message(&mut self, segment: &Segment<'_>, text: &str) -> Result<(), Fault> {
        let pair = self.envelopes.message;
        let Some((open, grouper)) = self.message.take() else {
            return Err((segment.offset, format!("{} closes nothing: {} is missing", pair.tail, pair.head)));
        };
        self.check(&open, segment, pair, "segments")?;
        let mut element = grouper.finish();
        element.push(self.element(segment, None, text)?);
        let (count, parent) = match (&mut self.group, &mut self.interchange) {
            (Some((open, element)), _) => (&mut open.count, element),
            (None, Some(open)) => (&mut open.count, &mut self.root),
            (None, None) => return Ok(()),
        };
        *count += 1;
        parent.push(element);
        Ok(())
    }

    fn close_group(&mut self, segment: &Segment<'_>, text: &str) -> Result<(), Fault> {
        let Envelopes { group: pair, message, message_word, .. } = self.envelopes;
        if self.message.is_some() {
            return Err((segment.offset, format!("{} is missing before {}", message.tail, pair.tail)));
        }
        let Some((open, mut element)) = self.group.take() else {
            return Err((segment.offset, format!("{} closes nothing: {} is missing", pair.tail, pair.head)));
        };
        self.check(&open, segment, *pair, &format!("{message_word}s"))?;
        element.push(self.element(segment, None, text)?);
        if let Some(interchange) = &mut self.interchange {
            interchange.count += 1;
        }
        self.root.push(element);
        Ok(())
    }

    fn close_interchange(&mut self, segment: &Segment<'_>, text: &str) -> Result<(), Fault> {
        let Envelopes { interchange: pair, group, message, message_word, .. } = self.envelopes;
        for (open, tail) in [(self.message.is_some(), message.tail), (self.group.is_some(), group.tail)] {
            if open {
                return Err((segment.offset, format!("{tail} is missing before {}", pair.tail)));
            }
        }
        if let Some(open) = &self.interchange {
            let what = if self.ungrouped { format!("{message_word}s") } else { "groups".to_owned() };
            self.check(open, segment, *pair, &what)?;
        }
        let trailer = self.element(segment, None, text)?;
        self.root.push(trailer);
        Ok(())
    }

    fn check(&self, open: &Open, trailer: &Segment<'_>, pair: Pair, what: &str) -> Result<(), Fault> {
        if self.rules.checked { open.close(trailer, pair, what) } else { Ok(()) }
    }

    /// A segment that is of no envelope.
    fn inner(&mut self, segment: &Segment<'_>, text: &str) -> Result<(), Fault> {
        let Envelopes { message_word, beside, .. } = self.envelopes;
        let Some((_, grouper)) = &mut self.message else {
            if self.group.is_none() && beside.contains(&segment.tag.as_str()) {
                let element = self.element(segment, None, text)?;
                self.root.push(element);
                return Ok(());
            }
            return Err((segment.offset, format!("{} stands outside of a {message_word}", segment.tag)));
        };
        let spec = grouper.place(segment);
        let loops = grouper.depth();
        self.deep_enough(segment, loops)?;
        let element = self.element(segment, spec, text)?;
        if let Some((_, grouper)) = &mut self.message {
            grouper.push(element);
        }
        Ok(())
    }

    /// What is missing at the end of the text.
    fn unclosed(&self) -> String {
        let Envelopes { interchange, group, message, .. } = self.envelopes;
        let missing = match (&self.message, &self.group) {
            (Some(_), _) => message.tail,
            (None, Some(_)) => group.tail,
            (None, None) => interchange.tail,
        };
        format!("the interchange ends without {missing}")
    }

    fn mark(&mut self, element: &mut Element, offset: usize, text: &str) {
        if !self.rules.lines {
            return;
        }
        let (line, from) = self.line;
        let passed = text.as_bytes().get(from..offset).unwrap_or_default();
        let line = line + memchr::memchr_iter(b'\n', passed).count();
        self.line = (line, offset.max(from));
        let value = CompactString::from(line.to_string());
        element.attributes.push(Attribute { name: Name::local(LINE), value });
    }

    fn made(&mut self, offset: usize) -> Result<(), Fault> {
        self.made += 1;
        let limit = self.rules.limits.elements;
        if self.made > limit {
            return Err((offset, format!("{LIMIT}it has more than {limit} elements")));
        }
        Ok(())
    }

    // ---- one segment

    fn element(
        &mut self,
        segment: &Segment<'_>,
        spec: Option<&SegmentSpec>,
        text: &str,
    ) -> Result<Element, Fault> {
        self.made(segment.offset)?;
        let syntax = self.rules.syntax;
        let service = syntax.is_service(&segment.tag);
        let name = spec.map_or(&segment.tag, |spec| &spec.name);
        let mut element = Element::new(Name::local(name.clone()));
        self.mark(&mut element, segment.offset, text);
        for (index, raw) in segment.elements().enumerate() {
            let position = index + 1;
            if raw.is_empty() {
                continue;
            }
            if position > 2 && syntax.is_trailer(&segment.tag) {
                return Err((
                    segment.offset,
                    format!("{} has two elements, and more are there", segment.tag),
                ));
            }
            if position > LAST_POSITION {
                return Err((
                    segment.offset,
                    format!("{} has more than {LAST_POSITION} elements", segment.tag),
                ));
            }
            let known = spec.and_then(|spec| spec.elements.iter().find(|known| known.position == position));
            let name =
                known.map_or_else(|| element_name(&segment.tag, position, None), |known| known.name.clone());
            if segment.is_raw(position) {
                self.made(segment.offset)?;
                element.push(Element::with(Name::local(name), Content::Text(raw.into())));
                continue;
            }
            let delimiters = self.delimiters;
            if service {
                self.once(segment, position, raw, known)?;
            }
            // Empty is absent, unless it holds a place before another repetition.
            let mut empty = 0;
            for repetition in delimiters.repetitions(raw) {
                let content = self.content(segment, position, repetition, known.map(|known| &known.part))?;
                if content == Content::Empty {
                    empty += 1;
                    continue;
                }
                for content in
                    std::iter::repeat_n(Content::Empty, std::mem::take(&mut empty)).chain([content])
                {
                    self.made(segment.offset)?;
                    element.push(Element::with(Name::local(name.clone()), content));
                }
            }
        }
        Ok(element)
    }

    /// An element of a service segment stands once, and is one value when it is not declared composite.
    fn once(
        &self,
        segment: &Segment<'_>,
        position: usize,
        raw: &str,
        known: Option<&ElementSpec>,
    ) -> Result<(), Fault> {
        let Delimiters { component, repetition, .. } = self.delimiters;
        let name = || element_name(&segment.tag, position, None);
        if let Some(c) = repetition.filter(|_| self.delimiters.repetitions(raw).nth(1).is_some()) {
            let c = c.escape_default();
            return Err((segment.offset, format!("{} stands once, and `{c}` repeats it", name())));
        }
        let composite = matches!(known.map(|known| &known.part), Some(Part::Composite(_)));
        if !composite && self.delimiters.components(raw).skip(1).any(|part| !part.is_empty()) {
            let c = component.escape_default();
            let message = format!("{} holds one value, and `{c}` parts it into components", name());
            return Err((segment.offset, message));
        }
        Ok(())
    }

    /// What one repetition of an element holds.
    fn content(
        &mut self,
        segment: &Segment<'_>,
        position: usize,
        raw: &str,
        part: Option<&Part>,
    ) -> Result<Content, Fault> {
        let delimiters = self.delimiters;
        let known: &[ElementSpec] = match part {
            Some(Part::Composite(known)) => known,
            Some(Part::Simple(_)) | None => &[],
        };
        let mut components = delimiters.components(raw);
        let first = components.next().unwrap_or_default();
        // Separators with nothing behind them say nothing.
        let alone = components.clone().all(|component| delimiters.value(component).is_empty());
        if alone && !matches!(part, Some(Part::Composite(_))) {
            let value = CompactString::from(delimiters.value(first));
            let value = match part {
                Some(Part::Simple(wire)) if !value.is_empty() => wire.read(value),
                _ => value,
            };
            return Ok(if value.is_empty() { Content::Empty } else { Content::Text(value) });
        }
        let mut composite = Element::default();
        for (index, raw) in std::iter::once(first).chain(components).enumerate() {
            let (component, value) = (index + 1, CompactString::from(delimiters.value(raw)));
            if value.is_empty() {
                continue;
            }
            if component > LAST_POSITION {
                let name = element_name(&segment.tag, position, None);
                return Err((segment.offset, format!("{name} has more than {LAST_POSITION} components")));
            }
            self.made(segment.offset)?;
            let spec = known.iter().find(|known| known.position == component);
            let value = match spec.map(|spec| &spec.part) {
                Some(Part::Simple(wire)) => wire.read(value),
                Some(Part::Composite(_)) | None => value,
            };
            let name = spec.map_or_else(
                || element_name(&segment.tag, position, Some(component)),
                |spec| spec.name.clone(),
            );
            composite.push(Element::with(Name::local(name), Content::Text(value)));
        }
        Ok(composite.content)
    }
}
