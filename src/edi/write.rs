//! Writing: a tree as an interchange, with its counts and control numbers.

use compact_str::format_compact;

use super::charset::{has, of_level};
use super::codec::Edi;
use super::count::is_number;
use super::envelope::{Envelopes, GROUP, Pair, is_binary};
use super::fill::{self, Isa, fill, get, trailer, unwritable};
use super::slots::{Slot, is_empty, slots};
use super::structure::{self, ElementSpec, Item, Part, SegmentSpec, element_name, is_tag};
use super::wire::Wire;
use super::{Delimiters, Syntax};
use crate::document::charset::{Charset, shown};
use crate::document::codec::Unwritable;
use crate::document::tree::Element;

/// A text that is being written.
struct Writer<'a> {
    codec: &'a Edi,
    out: String,
    delimiters: Delimiters,
    charset: Charset,
    /// Segments since the message began.
    segments: usize,
}

/// The text of an interchange, and how its characters are to be written.
pub(super) fn write(root: &Element, codec: &Edi) -> Result<(String, Charset), Unwritable> {
    let declared = codec.defaults.charset;
    let writer = |delimiters, charset| Writer { codec, out: String::new(), delimiters, charset, segments: 0 };
    match codec.syntax {
        Syntax::X12 => {
            let isa =
                fill::isa(root.child("ISA"), &codec.defaults).map_err(|e| within(e, &root.name.local))?;
            let charset = declared.unwrap_or(Charset::Utf8);
            let mut writer = writer(isa.delimiters, charset);
            writer.x12(root, &isa).map_err(|e| within(e, &root.name.local))?;
            Ok((writer.out, charset))
        }
        Syntax::Edifact => {
            let (unb, wanted) =
                fill::unb(root.child("UNB"), &codec.defaults).map_err(|e| within(e, &root.name.local))?;
            let level = get(&unb, &["UNB01", "UNB0101"]).unwrap_or_default();
            let charset = declared.or_else(|| of_level(level)).unwrap_or(Charset::Ascii);
            let mut writer = writer(wanted, charset);
            writer.edifact(root, &unb).map_err(|e| within(e, &root.name.local))?;
            Ok((writer.out, charset))
        }
    }
}

/// The error as seen from the element around it.
fn within(mut error: Unwritable, name: &str) -> Unwritable {
    error.path = if error.path.is_empty() { name.to_owned() } else { format!("{name}/{}", error.path) };
    error
}

/// The children of a level, each with its declaration.
type Level<'a> = Option<&'a [Item]>;

impl<'a> Writer<'a> {
    fn x12(&mut self, root: &Element, isa: &Isa) -> Result<(), Unwritable> {
        let Envelopes { interchange, group, beside, .. } = self.codec.syntax.envelopes();
        self.out.push_str(&isa.text);
        self.new_line();
        let mut groups = 0;
        for child in root.elements() {
            match child.name.local.as_str() {
                GROUP => {
                    groups += 1;
                    let mut header = child.child(group.head).cloned().unwrap_or_default();
                    fill::gs(&mut header, isa, &self.codec.defaults, groups);
                    self.group(child, &header).map_err(|e| within(e, GROUP))?;
                }
                tag if tag == interchange.head || tag == interchange.tail => {}
                tag if beside.contains(&tag) => self.segment(child, tag, None)?,
                other => return Err(unwritable(other, "an interchange holds ISA, groups, TA1 and IEA")),
            }
        }
        self.trailer(root, *interchange, groups, &isa.control)
    }

    fn edifact(&mut self, root: &Element, unb: &Element) -> Result<(), Unwritable> {
        let Envelopes { interchange, group, message_name, .. } = self.codec.syntax.envelopes();
        if let Some(advice) = get(root, &["UNA"]) {
            let given = Delimiters::of_advice(advice)
                .ok_or_else(|| unwritable("UNA", "it has six characters, which say what delimits"))?;
            let repetition = given.repetition.filter(|_| self.delimiters.repetition.is_some());
            self.delimiters = Delimiters { repetition, ..given };
            self.out.push_str("UNA");
            self.out.push_str(advice);
        } else if (Delimiters { repetition: None, ..self.delimiters })
            != (Delimiters { repetition: None, ..Delimiters::EDIFACT })
            || (self.delimiters.repetition.is_some() && self.delimiters.repetition != Some('*'))
        {
            self.out.push_str("UNA");
            self.out.push_str(&self.delimiters.advice());
        }
        if let Some(fault) = self.delimiters.fault() {
            return Err(unwritable("UNA", fault));
        }
        if !self.out.is_empty() {
            self.new_line();
        }
        self.segment(unb, "UNB", structure::service("UNB"))?;
        let (mut groups, mut messages) = (0, 0);
        for child in root.elements() {
            match child.name.local.as_str() {
                "UNA" => {}
                tag if tag == interchange.head || tag == interchange.tail => {}
                GROUP => {
                    groups += 1;
                    let mut header = child.child(group.head).cloned().unwrap_or_default();
                    fill(&mut header, &["UNG05"], format_compact!("{groups}"));
                    self.group(child, &header).map_err(|e| within(e, GROUP))?;
                }
                name if name == *message_name => {
                    messages += 1;
                    self.message(child, messages).map_err(|e| within(e, message_name))?;
                }
                other => {
                    return Err(unwritable(
                        other,
                        "an interchange holds UNA, UNB, groups or messages, and UNZ",
                    ));
                }
            }
        }
        if groups > 0 && messages > 0 {
            return Err(unwritable(GROUP, "groups stand beside messages without one"));
        }
        let control = get(unb, &["UNB05"]).unwrap_or_default();
        self.trailer(root, *interchange, groups + messages, control)
    }

    fn group(&mut self, group: &Element, header: &Element) -> Result<(), Unwritable> {
        let Envelopes { group: pair, message_name, .. } = self.codec.syntax.envelopes();
        self.segment(header, pair.head, structure::service(pair.head))?;
        let mut messages = 0;
        for child in group.elements() {
            match child.name.local.as_str() {
                tag if tag == pair.head || tag == pair.tail => {}
                name if name == *message_name => {
                    messages += 1;
                    self.message(child, messages).map_err(|e| within(e, message_name))?;
                }
                other => {
                    let message = format!("a group holds {}, {message_name} and {}", pair.head, pair.tail);
                    return Err(unwritable(other, message));
                }
            }
        }
        let name = element_name(pair.head, pair.control, None);
        self.trailer(group, *pair, messages, get(header, &[&name]).unwrap_or_default())
    }

    /// A transaction set or message; `number` is its number in what is around it.
    fn message(&mut self, message: &Element, number: usize) -> Result<(), Unwritable> {
        let pair = self.codec.syntax.envelopes().message;
        let mut header = message.child(pair.head).cloned().unwrap_or_default();
        self.codec.defaults.message(&mut header, self.codec.syntax, number);
        let wanted = &self.codec.defaults.message;
        let names: &[&str] = if self.codec.syntax == Syntax::X12 { &["ST01"] } else { &["UNH02", "UNH0201"] };
        let kind = get(&header, names).unwrap_or_default();
        if kind.is_empty() || !(wanted.is_empty() || kind == *wanted) {
            let path = format!("{}/{}", pair.head, names.join("/"));
            let expected = if wanted.is_empty() { "what kind of message this is" } else { wanted };
            return Err(unwritable(path, format!("found `{kind}`, expected {expected}")));
        }
        self.segments = 0;
        self.segment(&header, pair.head, structure::service(pair.head))?;
        let items = (!self.codec.items.is_empty()).then_some(self.codec.items.as_slice());
        for child in message.elements() {
            let name = child.name.local.as_str();
            if name != pair.head && name != pair.tail {
                self.part(child, items).map_err(|e| within(e, name))?;
            }
        }
        let name = element_name(pair.head, pair.control, None);
        let count = self.segments + 1;
        self.trailer(message, pair, count, get(&header, &[&name]).unwrap_or_default())
    }

    fn trailer(
        &mut self,
        parent: &Element,
        pair: Pair,
        count: usize,
        control: &str,
    ) -> Result<(), Unwritable> {
        let (count, control) = trailer(parent.child(pair.tail), pair, count, control);
        let element = self.delimiters.element;
        self.out.push_str(pair.tail);
        self.out.push(element);
        self.out.push_str(&count);
        self.out.push(element);
        self.value(&control).map_err(|e| within(e, pair.tail))?;
        self.end();
        Ok(())
    }

    /// A segment or loop, by its declaration; what is not declared is a segment by its tag.
    fn part(&mut self, element: &Element, level: Level<'_>) -> Result<(), Unwritable> {
        let name = &element.name.local;
        match level.and_then(|items| items.iter().find(|item| item.name() == name)) {
            Some(Item::Segment(spec)) => self.inner(element, &spec.tag, Some(spec)),
            Some(Item::Loop(inner)) => {
                for child in element.elements() {
                    self.part(child, Some(&inner.items)).map_err(|e| within(e, &child.name.local))?;
                }
                Ok(())
            }
            None if is_tag(name, self.codec.syntax) => self.inner(element, name, None),
            None => {
                Err(unwritable("", "this is neither a declared segment or loop nor the tag of a segment"))
            }
        }
    }

    fn end(&mut self) {
        self.segments += 1;
        self.out.push(self.delimiters.terminator);
        self.new_line();
    }

    fn new_line(&mut self) {
        if self.delimiters.terminator != '\n' {
            self.out.push_str(self.codec.defaults.newline);
        }
    }

    fn segment(
        &mut self,
        element: &Element,
        tag: &str,
        spec: Option<&SegmentSpec>,
    ) -> Result<(), Unwritable> {
        self.inner(element, tag, spec).map_err(|e| within(e, tag))
    }

    fn inner(&mut self, element: &Element, tag: &str, spec: Option<&SegmentSpec>) -> Result<(), Unwritable> {
        if element.leaf().is_some_and(|text| !text.trim().is_empty()) {
            return Err(unwritable("", "a segment has elements and no text of its own"));
        }
        let known = spec.map_or(&[][..], |spec| &spec.elements);
        if self.codec.syntax == Syntax::X12 && is_binary(tag) && !is_empty(element) {
            return self.binary(element, tag, known);
        }
        let service = self.codec.syntax.is_service(tag);
        self.out.push_str(tag);
        let slots = slots(element, known, tag, tag)?;
        let mut at = 0;
        for slot in slots {
            if slot.position == at {
                match self.delimiters.repetition.filter(|_| !service) {
                    Some(repetition) => self.out.push(repetition),
                    None => {
                        let message = match service {
                            true => "it is there twice, and stands once in an envelope",
                            false => "it is there twice, and this version of the syntax has no repetitions",
                        };
                        return Err(unwritable(slot.element.name.local.as_str(), message));
                    }
                }
            }
            while at < slot.position {
                self.out.push(self.delimiters.element);
                at += 1;
            }
            self.element(&slot, tag).map_err(|e| within(e, &slot.element.name.local))?;
        }
        self.end();
        Ok(())
    }

    fn element(&mut self, slot: &Slot<'_>, tag: &str) -> Result<(), Unwritable> {
        let known: &[ElementSpec] = match slot.part {
            Some(Part::Composite(known)) => known,
            Some(Part::Simple(wire)) if slot.element.leaf().is_some() => {
                return self.typed(slot.element.leaf().unwrap_or_default(), *wire);
            }
            _ => &[],
        };
        if let Some(text) = slot.element.leaf() {
            return self.value(text);
        }
        if !matches!(slot.part, Some(Part::Composite(_))) && self.codec.syntax.is_service(tag) {
            return Err(unwritable("", "this holds one value, and components are there"));
        }
        let prefix = element_name(tag, slot.position, None);
        let mut at = 1;
        for slot in slots(slot.element, known, &prefix, tag)? {
            let name = &slot.element.name.local;
            if at == slot.position && at > 1 || slot.position < at {
                return Err(unwritable(name.as_str(), "a component is there twice"));
            }
            while at < slot.position {
                self.out.push(self.delimiters.component);
                at += 1;
            }
            let text = slot.element.leaf();
            let text = text.ok_or_else(|| unwritable(name.as_str(), "a component holds no others"))?;
            match slot.part {
                Some(Part::Simple(wire)) => self.typed(text, *wire),
                _ => self.value(text),
            }
            .map_err(|e| within(e, name))?;
        }
        Ok(())
    }

    fn typed(&mut self, text: &str, wire: Wire) -> Result<(), Unwritable> {
        if text.is_empty() {
            return Ok(());
        }
        let text = wire.write(text, self.delimiters.decimal).map_err(|message| unwritable("", message))?;
        self.value(&text)
    }

    /// A value: what delimits is released, or cannot be written.
    fn value(&mut self, text: &str) -> Result<(), Unwritable> {
        for c in text.chars() {
            if !has(self.charset, c) {
                let message = format!(
                    "{} is not in {}, which the interchange is written in",
                    shown(c),
                    self.charset.name()
                );
                return Err(unwritable("", message));
            }
            let line = self.codec.syntax == Syntax::Edifact && matches!(c, '\r' | '\n');
            if line || self.delimiters.is_foreign(c) {
                return Err(unwritable("", self.delimiters.not_data(c)));
            }
            if self.delimiters.has(c) {
                match self.delimiters.release {
                    Some(release) => self.out.push(release),
                    None => {
                        let c = c.escape_default();
                        let message =
                            format!("`{c}` delimits in this interchange, and cannot be escaped in it");
                        return Err(unwritable("", message));
                    }
                }
            }
            self.out.push(c);
        }
        Ok(())
    }

    /// `BIN` and `BDS`: data with its length, in which nothing delimits.
    fn binary(&mut self, element: &Element, tag: &str, known: &[ElementSpec]) -> Result<(), Unwritable> {
        let slots = slots(element, known, tag, tag)?;
        let last = if tag == "BIN" { 2 } else { 3 };
        if let Some(other) = slots.iter().find(|slot| slot.position > last) {
            return Err(unwritable(other.element.name.local.as_str(), format!("{tag} has {last} elements")));
        }
        let field = |position| {
            let slot = slots.iter().find(|slot| slot.position == position);
            slot.and_then(|slot| slot.element.leaf()).unwrap_or_default()
        };
        let data = field(last);
        let length = match self.charset {
            Charset::Latin1 | Charset::Windows1252 => data.chars().count(),
            _ => data.len(),
        };
        if let Some(c) = data.chars().find(|c| !has(self.charset, *c)) {
            return Err(unwritable("", format!("{} is not in {}", shown(c), self.charset.name())));
        }
        let between = self.delimiters.element;
        self.out.push_str(tag);
        if tag == "BDS" {
            self.out.push(between);
            self.value(field(1))?;
        }
        self.out.push(between);
        match field(last - 1) {
            stated if is_number(stated, length) => self.out.push_str(stated),
            _ => self.out.push_str(&format_compact!("{length}")),
        }
        self.out.push(between);
        self.out.push_str(data);
        self.end();
        Ok(())
    }
}
