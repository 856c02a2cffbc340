//! The `publish` step: each document becomes a message of a broker.

use std::sync::Arc;

use hyper::StatusCode;

use crate::broker::{Broker, Kind, Message, PublishError, check_name, check_subject};
use crate::document::Document;
use crate::kind::step::{DeclaredStep, Facts, StepKind};
use crate::kind::value::{DeclaredValue, For};
use crate::kind::{Compiling, Here, Kinds, Manual, template};
use crate::pipeline::failure::{Blame, Failure};
use crate::pipeline::leaving::{Leaving, leaving};
use crate::pipeline::run::Run;
use crate::pipeline::source::ValueSource;
use crate::pipeline::step::{Documents, Outcome, Step, Work};
use crate::pipeline::systems;
use crate::pipeline::template::{Escape, Piece, Template};
use crate::source::{Finding, Spanned};
use crate::state::files::shown;
use crate::syntax::{Literal, Node};

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "publish",
        summary: "publishes each document to a broker",
        usage: "publish BROKER SUBJECT [jetstream=#true] { [header NAME from=PATH | value=LITERAL | property=NAME | script=EXPRESSION] ... }",
        text: "Each document becomes a message, and goes on unchanged. The subject may hold placeholders, as a `message` does. What a \
               placeholder puts in is a part of one token: empty, or with white space, `.`, `*`, `>` or a control character in it, or \
               with `$` at its beginning, it fails with bad-subject. `header` gives the message a header field; one whose value is absent is left \
               out, and a line end in a value fails with bad-header. Content-Type is the media type of the document's format, where no `header` says \
               another. The step ends when the server has read the message and not refused it; with `jetstream=#true` when a stream has \
               stored it, which drops a second one of the same Nats-Msg-Id, and counts that as stored. It fails with \
               broker-unreachable, also when the connection breaks before that; broker-timeout, when the broker's `timeout` is \
               up; broker-refused, by whom the server lets in and what they may publish; message-too-large; and with \
               `jetstream=#true` no-stream, where nothing stores the subject, and not-stored, where a stream says why not. \
               After the first two, and a not-stored that comes from a lack of room, another attempt may succeed, but the message may have been published: give it a \
               Nats-Msg-Id. Where one of several documents fails, others may have been published, before it and behind it.",
        example: "publish events \"orders.{= doc.Order.id}.created\" jetstream=#true {\n    header X-Country from=\"Order/Customer/Country\"\n    header Nats-Msg-Id from=\"Order/@id\"\n}",
    },
    read,
};

/// Messages that are on their way at once.
const AT_ONCE: usize = 64;

/// The field that is made from the document's format.
const CONTENT_TYPE: &str = "Content-Type";

#[derive(Debug)]
struct Declared {
    broker: Spanned<String>,
    subject: Spanned<Literal>,
    headers: Vec<(Spanned<String>, DeclaredValue)>,
    stored: bool,
}

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let (broker, subject) = (node.argument("broker's name"), node.argument("subject"));
    let stored = node.property::<bool>("jetstream").is_some_and(|given| given.value);
    let (mut headers, mut whole) = (Vec::new(), true);
    for mut child in node.children() {
        if child.name() != "header" {
            child.unknown("unknown-word", "a part of `publish`", ["header"]);
            whole = false;
            continue;
        }
        let (name, value) = (child.argument::<String>("name"), DeclaredValue::read(&mut child, true));
        child.finish();
        match name.zip(value) {
            Some(header) => headers.push(header),
            None => whole = false,
        }
    }
    node.finish();
    let (broker, subject) = (broker?, subject?);
    whole.then(|| Box::new(Declared { broker, subject, headers, stored }) as Box<dyn DeclaredStep>)
}

impl Declared {
    /// The subject, of which what the file itself says is checked now.
    fn subject(&self, here: &Here, compiling: &Compiling<'_>) -> Option<Template> {
        let subject = template::compile(&self.subject, Escape::Subject, here.shape(), compiling)?;
        let pieces = subject.pieces.iter().map(|piece| match piece {
            Piece::Text(text) => text.as_str(),
            // Whatever is put in stands for a part of a token.
            Piece::Property(_) | Piece::Script(_) => "x",
        });
        if let Err(why) = check_subject(&pieces.collect::<String>()) {
            let message = format!("this is not a subject to publish to: {why}");
            let finding = Finding::error("bad-subject", self.subject.span, message);
            compiling
                .report(finding.help("a subject is made of words with dots between: \"orders.created\""));
            return None;
        }
        Some(subject)
    }

    fn headers(&self, here: &Here, compiling: &Compiling<'_>) -> Option<Vec<(String, ValueSource)>> {
        let wrong = |name: &Spanned<String>, message: String| {
            compiling.report(Finding::error("bad-header", name.span, message));
        };
        let (mut all, mut whole) = (Vec::<(String, ValueSource)>::new(), true);
        for (name, value) in &self.headers {
            let value = value.compile(&For::here(here), compiling);
            let is_twice = all.iter().any(|(known, _)| known.eq_ignore_ascii_case(&name.value));
            match (check_name(&name.value), value) {
                (Err(why), _) => wrong(name, format!("this is not the name of a header field: {why}")),
                (Ok(()), _) if is_twice => wrong(name, format!("`{}` is given twice", name.value)),
                (Ok(()), Some((value, _))) => {
                    all.push((name.value.clone(), value));
                    continue;
                }
                (Ok(()), None) => {}
            }
            whole = false;
        }
        whole.then_some(all)
    }
}

impl DeclaredStep for Declared {
    fn facts(&self) -> Facts<'_> {
        Facts { keeps: true, ..Facts::default() }
    }

    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        let broker = compiling.broker(&self.broker);
        let (subject, headers) = (self.subject(here, compiling), self.headers(here, compiling));
        let (broker, subject, headers) = (broker?, subject?, headers?);
        let leaving = here.leaving();
        Some(Box::new(Publish { broker, subject, headers, stored: self.stored, leaving }))
    }
}

#[derive(Debug)]
struct Publish {
    broker: Arc<Broker>,
    subject: Template,
    headers: Vec<(String, ValueSource)>,
    stored: bool,
    /// What is done with documents before they are sent.
    leaving: Option<Leaving>,
}

impl Publish {
    async fn all(&self, run: &Run, documents: Documents) -> Outcome {
        if run.execution.stand_in(&self.broker.name).is_some() {
            return Ok(documents);
        }
        let outside = systems::outside(run, &self.broker.name)?;
        for (at, documents) in documents.chunks(AT_ONCE).enumerate() {
            if at > 0 {
                run.turn().await?;
            }
            let messages = documents.iter().map(|document| self.message(run, document));
            let messages = messages.collect::<Result<Vec<_>, _>>()?;
            let published =
                self.broker.publish(messages, self.stored, &outside.links, &outside.shared.brokers);
            Box::pin(published).await.map_err(|error| self.failed(&error))?;
        }
        Ok(documents)
    }

    fn message(&self, run: &Run, document: &Document) -> Result<Message, Failure> {
        let subject = self.subject.fill(run, document)?;
        let wrong = |why: &str| {
            let log = format!("{} is not a subject to publish to: {why}", shown(&subject));
            Failure::internal("bad-subject", log)
        };
        let sent = leaving(self.leaving.as_ref(), document, run.request().limits)?;
        let mut message = Message::new(subject.clone(), sent.bytes().clone()).map_err(wrong)?;
        for (name, value) in &self.headers {
            let Some(text) = value.read(run, document, None)?.text() else { continue };
            message.header(name, &text).map_err(|why| {
                Failure::internal(
                    "bad-header",
                    format!("{} cannot be the value of {name}: {why}", shown(&text)),
                )
            })?;
        }
        let says = |(name, _): &(String, ValueSource)| name.eq_ignore_ascii_case(CONTENT_TYPE);
        if let Some(codec) = document.codec().filter(|_| !self.headers.iter().any(says)) {
            let own = message.header(CONTENT_TYPE, codec.media_type());
            own.map_err(|why| Failure::internal("bad-header", why))?;
        }
        Ok(message)
    }

    fn failed(&self, error: &PublishError) -> Failure {
        let status = match error.kind {
            Kind::Unreachable => StatusCode::SERVICE_UNAVAILABLE,
            Kind::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Kind::Refused | Kind::NoStream | Kind::NotStored { .. } | Kind::TooLarge => {
                StatusCode::BAD_GATEWAY
            }
        };
        let message = "A message could not be published.";
        let mut failure = Failure::new(Blame::Upstream, status, error.kind.code(), message);
        failure.retriable = error.kind.is_retriable();
        failure.log(format!("broker {}: {error}", self.broker.name))
    }
}

impl Step for Publish {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        Work::Later(Box::pin(self.all(run, documents)))
    }

    fn gives_each(&self) -> bool {
        true
    }
}
