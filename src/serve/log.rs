//! The log: text or JSON lines written by a thread of its own, with a level that a reload can change.

use std::io::Write;

use tracing::Level;
use tracing_appender::non_blocking::{ErrorCounter, NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::reload;
use tracing_subscriber::{Layer, Registry};

use crate::pipeline::gateway::Log;

/// Lines that wait for the writer; beyond it lines are dropped and counted, because a slow terminal must not hold up
/// requests.
const LINES: usize = 64_000;

/// The running log.
#[derive(Debug)]
pub struct LogHandle {
    level: reload::Handle<LevelFilter, Registry>,
    dropped: ErrorCounter,
    _writer: WorkerGuard,
}

impl LogHandle {
    /// Changes the least level that is written.
    pub fn set_level(&self, level: Level) {
        // It fails only when the subscriber is gone, and then nothing is written at all.
        let _ = self.level.reload(LevelFilter::from_level(level));
    }

    /// How many lines were dropped because the writer was too slow.
    pub fn dropped_lines(&self) -> usize {
        self.dropped.dropped_lines()
    }
}

/// A subscriber that writes as `log` says, and its handle. Dropping the handle writes what still waits.
pub fn subscriber(
    log: Log,
    to: impl Write + Send + 'static,
    colour: bool,
) -> (impl tracing::Subscriber + Send + Sync, LogHandle) {
    let builder = NonBlockingBuilder::default().buffered_lines_limit(LINES).lossy(true).thread_name("log");
    let (writer, guard) = builder.finish(to);
    let dropped = writer.error_counter();
    let (filter, level) = reload::Layer::new(LevelFilter::from_level(log.level));
    let subscriber = Registry::default().with(filter).with(lines(log.json, writer, colour));
    (subscriber, LogHandle { level, dropped, _writer: guard })
}

fn lines<S>(json: bool, writer: NonBlocking, colour: bool) -> Box<dyn Layer<S> + Send + Sync>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
{
    let writer = move || OneLine(writer.clone());
    let layer = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(colour).with_target(false);
    if json {
        let layer = layer.json().flatten_event(true).with_current_span(false).with_span_list(false);
        Box::new(layer)
    } else {
        Box::new(layer)
    }
}

/// Writes events, each given whole: a line break within one came with what a caller sent, and must not begin what looks
/// like another line of the log.
struct OneLine(NonBlocking);

impl Write for OneLine {
    fn write(&mut self, event: &[u8]) -> std::io::Result<usize> {
        let line = event.strip_suffix(b"\n").unwrap_or(event);
        if memchr::memchr2(b'\n', b'\r', line).is_none() {
            return self.0.write(event);
        }
        let mut escaped = Vec::with_capacity(event.len() + 16);
        for byte in line {
            match byte {
                b'\n' => escaped.extend_from_slice(b"\\n"),
                b'\r' => escaped.extend_from_slice(b"\\r"),
                byte => escaped.push(*byte),
            }
        }
        escaped.push(b'\n');
        self.0.write_all(&escaped)?;
        Ok(event.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

/// Makes the log the process's own, panics included.
///
/// # Errors
/// There is one already.
pub fn install(log: Log, to: impl Write + Send + 'static, colour: bool) -> Result<LogHandle, String> {
    let (subscriber, handle) = subscriber(log, to, colour);
    tracing::subscriber::set_global_default(subscriber).map_err(|error| error.to_string())?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "a panic: please report it as a bug");
    }));
    Ok(handle)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_level_can_be_changed_and_json_is_one_object_a_line() {
        let memory = Memory::default();
        let (subscriber, handle) = subscriber(Log { level: Level::WARN, json: true }, memory.clone(), false);
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!("not this");
            handle.set_level(Level::INFO);
            tracing::info!(status = 200, "this");
            assert_eq!(handle.dropped_lines(), 0);
            drop(handle);
        });
        let text = String::from_utf8(memory.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 1, "{text}");
        assert_eq!((lines[0]["message"].as_str(), lines[0]["status"].as_u64()), (Some("this"), Some(200)));
    }

    #[test]
    fn an_event_is_one_line_whatever_is_in_it() {
        let memory = Memory::default();
        let (subscriber, handle) = subscriber(Log { level: Level::INFO, json: false }, memory.clone(), false);
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!("{}", "a\r\n2026-11-20 ERROR b");
            drop(handle);
        });
        let text = String::from_utf8(memory.0.lock().unwrap().clone()).unwrap();
        assert!(text.lines().count() == 1 && text.ends_with("a\\r\\n2026-11-20 ERROR b\n"), "{text:?}");
    }
}
