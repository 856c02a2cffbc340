//! What was seen of calls, for a person: each attempt with its facts, then what came of it.

use std::time::Duration;

use jiff::Timestamp;

use super::execution::Ended;
use super::seen::{Exchange, fields, text as text_of};
use crate::cli::trace::shown::{batch, printable, size};
use crate::client::{Certificate, Peer};
use crate::document::tree::Name;
use crate::pipeline::called::Called;
use crate::pipeline::failure::Failure;
use crate::pipeline::redact::Redaction;
use crate::pipeline::systems::tls_version;
use crate::soap::received::ReceivedFault;
use crate::xml::write_element;

/// The width of the words before facts.
const WORDS: usize = 13;

/// All of it. `with_documents`: what a process gives is shown too; a call's is its answer.
pub fn text(ended: &Ended, with_documents: bool) -> String {
    let mut page = Page { out: String::new(), redaction: &ended.redaction };
    for exchange in &ended.exchanges {
        page.exchange(exchange);
    }
    if ended.more > 0 {
        page.line(&format!("{} more attempts are not shown\n", ended.more));
    }
    for (what, failure) in &ended.later {
        page.failure(&format!("{what}, which nobody waits for, failed"), failure);
    }
    match &ended.failure {
        Some(failure) => page.failure("failed", failure),
        None if with_documents => {
            page.line(&format!("gives {}", batch(&ended.documents)));
            for document in &ended.documents {
                page.body(document.bytes());
            }
        }
        None => page.line("answered as expected"),
    }
    page.out
}

/// What is written.
struct Page<'a> {
    out: String,
    redaction: &'a Redaction,
}

impl Page<'_> {
    /// A line, without what would move a terminal's cursor.
    fn line(&mut self, line: &str) {
        let line = self.redaction.strike(line);
        for line in line.split('\n') {
            self.out.push_str(printable(line).trim_end());
            self.out.push('\n');
        }
    }

    fn fact(&mut self, word: &str, text: &str) {
        for (at, line) in text.lines().enumerate() {
            let word = if at == 0 { word } else { "" };
            self.line(&format!("  {word:WORDS$}{line}"));
        }
    }

    /// A body between empty lines; nothing for none.
    fn body(&mut self, body: &[u8]) {
        if body.is_empty() {
            return;
        }
        self.line("");
        match text_of(body, self.redaction) {
            Some(text) => text.lines().for_each(|line| self.line(line)),
            None => self.line(&format!("({} that are no text)", size(body.len()))),
        }
    }

    fn exchange(&mut self, exchange: &Exchange) {
        let request = &exchange.request;
        self.line(&format!("> {} {} HTTP/1.1", request.method(), request.uri()));
        for (name, value) in fields(&exchange.sent(), self.redaction) {
            self.line(&format!("> {name}: {value}"));
        }
        self.body(request.body());
        self.line("");
        if let Some(answer) = exchange.answer() {
            self.line(&format!("< {}", answer.status));
            for (name, value) in fields(&answer.headers, self.redaction) {
                self.line(&format!("< {name}: {value}"));
            }
            self.body(&answer.body);
            self.line("");
        }
        self.fact("server", &format!("{}, attempt {}", exchange.server, exchange.attempt));
        match &exchange.peer {
            Some((peer, reused)) => self.peer(peer, *reused),
            None => self.fact("address", &format!("{}, no connection", exchange.origin)),
        }
        match &exchange.outcome {
            Some(Ok(answer)) => {
                self.fact("first byte", &time(answer.facts.first_byte));
                self.fact("whole", &time(answer.facts.took));
            }
            Some(Err(error)) => {
                self.fact("failed", &format!("{} ({}): {}", error.code, error.kind.as_str(), error.text));
            }
            None => self.fact("failed", "given up before its end"),
        }
        self.line("");
    }

    fn peer(&mut self, peer: &Peer, reused: bool) {
        let address = peer.address.map(|address| address.to_string()).unwrap_or_default();
        let connection = if reused {
            "a connection used before".to_owned()
        } else {
            format!("connected in {}", time(peer.took))
        };
        self.fact("address", &format!("{address}, {connection}"));
        let Some((version, suite, der)) = &peer.tls else { return self.fact("TLS", "none") };
        self.fact("TLS", &format!("{}, {suite}", tls_version(version)));
        let Some(certificate) = Certificate::read(der) else { return };
        let days = certificate.days_left(Timestamp::now());
        self.fact(
            "certificate",
            &format!("{}, until {}, {days} days", certificate.subject, certificate.until),
        );
        self.fact("", &format!("pin=\"{}\"", certificate.pin));
    }

    fn failure(&mut self, word: &str, failure: &Failure) {
        let told = failure.log.as_deref().unwrap_or(&failure.message);
        self.line(&format!("{word}: {told}"));
        let Some(called) = &failure.called else { return self.fact("code", &failure.code) };
        self.fact("kind", &format!("{}, {}", called.kind.as_str(), called.cause));
        if let Some(fault) = &called.fault {
            self.fault(fault, called);
        }
    }

    fn fault(&mut self, fault: &ReceivedFault, called: &Called) {
        self.fact("name", called.name.as_deref().unwrap_or_default());
        self.fact("code", &fault.code.to_string());
        let subcodes: Vec<String> = fault.subcodes.iter().map(Name::to_string).collect();
        self.fact("subcodes", &subcodes.join("\n"));
        for (language, reason) in &fault.reasons {
            let language = language.as_ref().map(|language| format!(" ({language})")).unwrap_or_default();
            self.fact("reason", &format!("{reason}{language}"));
        }
        self.fact("role", fault.role.as_deref().unwrap_or_default());
        self.fact("node", fault.node.as_deref().unwrap_or_default());
        for element in &fault.detail {
            let mut out = Vec::new();
            write_element(element, None, &mut out);
            self.fact("detail", &String::from_utf8_lossy(&out));
        }
    }
}

fn time(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}
