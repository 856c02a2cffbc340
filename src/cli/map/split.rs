//! `--split`: a large document record by record, the results one behind the other, in memory that one record decides.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;

use super::input::wrong_in;
use super::{execution, failure_text, input};
use crate::cli::arguments::MapOptions;
use crate::cli::given::Given;
use crate::cli::output::Output;
use crate::cli::{FAILED, FINE};
use crate::document::Document;
use crate::document::records::{Bounds, Broken, RecordPath, Records};
use crate::kind::item::Map;
use crate::pipeline::gateway::Scripting;
use crate::pipeline::run::Run;
use crate::world::reason;

/// Bytes of results that are gathered before they are written.
const GATHERED: usize = 64 << 10;

/// Maps the records at `path`. The first record that is wrong ends the work: what is written then are those before it.
pub fn split(options: &MapOptions, map: &Map, path: &str, scripts: &Scripting, out: &mut Output) -> u8 {
    let done = Work::new(options, map, path, scripts).and_then(|mut work| {
        let done = work.all(out);
        let written = work.sink.flush().map_err(|error| work.unwritten(&error));
        done.and(written)
    });
    match done {
        Ok(()) => FINE,
        Err(why) => {
            out.tell(&format!("{}\n", why.trim_end()));
            FAILED
        }
    }
}

/// Standard input for `-`, or a file.
fn open(file: &Path) -> std::io::Result<Box<dyn Read>> {
    if file == Path::new("-") {
        return Ok(Box::new(std::io::stdin()));
    }
    Ok(Box::new(File::open(file)?))
}

/// A run over all records.
struct Work<'a> {
    map: &'a Map,
    given: Given,
    run: Run,
    records: Box<dyn Records>,
    /// The input's name in messages.
    name: String,
    path: &'a str,
    /// The output's name in messages.
    target: String,
    sink: Box<dyn Write>,
    /// How many records came.
    count: usize,
}

impl<'a> Work<'a> {
    fn new(
        options: &'a MapOptions,
        map: &'a Map,
        path: &'a str,
        scripts: &Scripting,
    ) -> Result<Self, String> {
        let given = Given::of(&options.properties)?;
        let codec = &map.source().codec;
        let compiled =
            RecordPath::parse(path, codec.language()).map_err(|error| format!("--split {path}: {error}"))?;
        let name = input::name_of(&options.file);
        let unread = |error: &std::io::Error| format!("{name} cannot be read: {}", reason(error));
        let bytes = open(&options.file).map_err(|error| unread(&error))?;
        let records = codec
            .records(bytes, &compiled, Bounds::default())
            .map_err(|error| format!("--split {path}: {error}"))?;
        let target = options.output.as_ref().map_or("standard output".into(), |f| f.display().to_string());
        let sink: Box<dyn Write> = match &options.output {
            Some(file) => Box::new(File::create(file).map_err(|e| unwritten(&target, &e))?),
            None => Box::new(std::io::stdout()),
        };
        let sink = Box::new(BufWriter::with_capacity(GATHERED, sink));
        let run = execution(&given, scripts);
        Ok(Self { map, given, run, records, name, path, target, sink, count: 0 })
    }

    fn all(&mut self, out: &mut Output) -> Result<(), String> {
        let head = self.map.target().codec.head();
        self.sink.write_all(&head).map_err(|error| self.unwritten(&error))?;
        while let Some(record) = self.records.next().map_err(|broken| self.broken(&broken))? {
            self.count += 1;
            let document = Document::tree_of(record, self.map.source().codec.clone());
            self.one(document, &head)?;
        }
        if self.count == 0 {
            out.tell(&format!("{}: there are no records at {}\n", self.name, self.path));
        }
        Ok(())
    }

    /// Checks a record, maps it, checks the result and writes it.
    fn one(&mut self, document: Document, head: &[u8]) -> Result<(), String> {
        let records = &self.records;
        let wrong = wrong_in(&document, self.map.source(), &self.name, |ways| records.lines(ways));
        if !wrong.is_empty() {
            return Err(format!("{wrong}{}", self.place()));
        }
        let made = self.given.put(&self.run, document).and_then(|d| self.map.apply(&self.run, d));
        let made = made.map_err(|failure| format!("{}: {}", self.place(), failure_text(&failure)))?;
        let wrong = input::wrong(&made, self.map.target(), "the result");
        if !wrong.is_empty() {
            return Err(format!("{wrong}{}", self.place()));
        }
        let bytes = made.bytes();
        let body = bytes.strip_prefix(head).unwrap_or(bytes);
        let end: &[u8] = if body.is_empty() || body.ends_with(b"\n") { b"" } else { b"\n" };
        let written = self.sink.write_all(body).and_then(|()| self.sink.write_all(end));
        written.map_err(|error| self.unwritten(&error))
    }

    /// Which record it is about.
    fn place(&self) -> String {
        format!("{}:{}: record {}", self.name, self.records.line(), self.count)
    }

    fn broken(&self, broken: &Broken) -> String {
        match broken {
            Broken::Malformed(why) => format!(
                "{}:{}:{}: after {} records: {}",
                self.name, why.line, why.column, self.count, why.message
            ),
            Broken::Input(error) => format!("{} cannot be read: {}", self.name, reason(error)),
        }
    }

    fn unwritten(&self, error: &std::io::Error) -> String {
        unwritten(&self.target, error)
    }
}

fn unwritten(target: &str, error: &std::io::Error) -> String {
    format!("{target} cannot be written: {}", reason(error))
}
