//! Operations and profiles as they are at run time.

use std::sync::Arc;
use std::time::Duration;

use compact_str::CompactString;
use hyper::StatusCode;

use super::access::User;
use super::contract::{Fault, Header};
use super::failure::Failure;
use super::leaving::Leaving;
use super::load::Bounds;
use super::outcome::Outcomes;
use super::page::Paging;
use super::source::ValueSource;
use super::step::Process;
use crate::document::codec::CodecRef;
use crate::schema::Shape;
use crate::source::Place;

/// What an operation is called for; it names addresses and elements, and the default REST method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Reads one.
    Get,
    /// Reads many.
    Query,
    /// Makes one.
    Create,
    /// Changes one.
    Update,
    /// Makes or changes one.
    Upsert,
    /// Removes one.
    Delete,
    /// Anything else.
    Execute,
}

impl Action {
    /// Every action by its word.
    pub const ALL: &[(&str, Action)] = &[
        ("get", Self::Get),
        ("query", Self::Query),
        ("create", Self::Create),
        ("update", Self::Update),
        ("upsert", Self::Upsert),
        ("delete", Self::Delete),
        ("execute", Self::Execute),
    ];

    /// The word.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, action)| *action == self).map_or("execute", |(word, _)| word)
    }
}

/// A profile at run time.
#[derive(Debug)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Its format.
    pub codec: CodecRef,
    /// What its documents look like.
    pub shape: Arc<Shape>,
    /// What is done with documents of it that leave; `None` where they leave as they are.
    pub leaving: Option<Leaving>,
}

impl Profile {
    /// The profile of a name, a format and a shape, which says too how its documents leave.
    pub fn new(name: &str, codec: impl Into<CodecRef>, shape: impl Into<Arc<Shape>>) -> Self {
        let (codec, shape) = (codec.into(), shape.into());
        let leaving = Leaving::of(&shape, codec.clone());
        Self { name: name.to_owned(), codec, shape, leaving }
    }
}

/// What goes into or comes out of an operation.
#[derive(Debug, Clone)]
pub enum Io {
    /// Nothing: no body in; no answer out, the call is asynchronous.
    None,
    /// Bytes that nobody looks into.
    Data {
        /// The media type to answer with.
        content_type: Option<CompactString>,
    },
    /// The parts of a multipart body (RFC 2046, RFC 7578), one document each.
    Multipart {
        /// The media type to answer with, without its boundary: `multipart/form-data` unless the file says another.
        content_type: Option<CompactString>,
    },
    /// Documents of a profile.
    Profile {
        /// Which.
        profile: Arc<Profile>,
        /// Whether it is a list of them.
        many: bool,
        /// Of an output: whether each document is checked against the profile before it is answered with.
        check: bool,
    },
}

impl Io {
    /// The profile, where there is one.
    pub fn profile(&self) -> Option<&Arc<Profile>> {
        match self {
            Self::Profile { profile, .. } => Some(profile),
            Self::None | Self::Data { .. } | Self::Multipart { .. } => None,
        }
    }

    /// Whether it is a list.
    pub fn many(&self) -> bool {
        matches!(self, Self::Profile { many: true, .. })
    }
}

/// What bounds each execution of an operation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OperationLimits {
    /// How long a request may take, where that is less than its listener allows.
    pub request: Option<Duration>,
    /// How long may take what goes on after the answer has left.
    pub after: Option<Duration>,
    /// What may lie between two steps.
    pub bounds: Bounds,
}

/// How many times a request's time what runs on behind its answer may take, unless its operation says: nobody waits for it,
/// and nothing may run for ever.
const LONGEST: u32 = 10;

impl OperationLimits {
    /// How long may take what runs on behind the answer, where a request may take `request`.
    pub fn behind(&self, request: Duration) -> Duration {
        self.after.unwrap_or_else(|| request.saturating_mul(LONGEST))
    }
}

/// When the answer of an operation leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaves {
    /// Before the first step: there is none.
    AtOnce,
    /// Behind the last one.
    AtTheEnd,
    /// Behind the last one that can add to it; others run on.
    Early,
}

/// A part of all requests, in millionths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sample(pub u32);

impl Sample {
    /// Every request.
    pub const ALL: Self = Self(1_000_000);
}

/// An operation: what a client can ask for.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its name in the file.
    pub name: Arc<str>,
    /// What it does, for contracts; empty without.
    pub description: CompactString,
    /// What it does.
    pub action: Action,
    /// What it does it to; may be empty.
    pub object: CompactString,
    /// What it takes.
    pub input: Io,
    /// What it gives.
    pub output: Io,
    /// The faults that it may answer with.
    pub faults: Vec<Arc<Fault>>,
    /// Its SOAP headers.
    pub headers: Vec<Header>,
    /// The roles of which a caller must have one; `None` where everybody may call it whom the listener lets in.
    pub roles: Option<Vec<CompactString>>,
    /// The status of an answer with no documents, where the file says one.
    pub on_empty: Option<StatusCode>,
    /// What says which state its answer is of, where the file does.
    pub etag: Option<Arc<ValueSource>>,
    /// How its answers are paged; without it they leave whole.
    pub paging: Option<Paging>,
    /// What runs.
    pub process: Arc<Process>,
    /// The statuses that its process chooses.
    pub outcomes: Outcomes,
    /// What bounds each execution.
    pub limits: OperationLimits,
    /// How often its steps are noted, unasked.
    pub trace: Sample,
    /// Where it is written.
    pub place: Place,
}

impl Operation {
    /// Whether a caller may use it.
    pub fn admits(&self, user: Option<&User>) -> bool {
        let Some(roles) = &self.roles else { return true };
        user.is_some_and(|user| user.roles.iter().any(|role| roles.contains(role)))
    }

    /// Lets a caller in: endpoints ask before they look into what was sent, and nothing runs without it.
    ///
    /// # Errors
    /// 403: the caller may not use it.
    pub fn admit(&self, user: Option<&User>) -> Result<(), Failure> {
        let message = "You may not call this operation.";
        let refused = || Failure::client(StatusCode::FORBIDDEN, "not-allowed", message);
        self.admits(user).then_some(()).ok_or_else(refused)
    }

    /// The same with other pages, where an address says so.
    #[must_use]
    pub fn paged(self: Arc<Self>, size: Option<usize>, most: Option<usize>) -> Arc<Self> {
        match Paging::changed(self.paging.as_ref(), size, most) {
            Some(paging) if self.paging != Some(paging) => {
                Arc::new(Self { paging: Some(paging), ..Self::clone(&self) })
            }
            _ => self,
        }
    }

    /// When its answer leaves.
    pub fn leaves(&self) -> Leaves {
        match &self.output {
            Io::None => Leaves::AtOnce,
            _ if self.process.runs_on.is_some() => Leaves::Early,
            _ => Leaves::AtTheEnd,
        }
    }

    /// The name on the wire, `createOrder`: the action and the object, its first letter in upper case.
    pub fn wire_name(&self) -> String {
        let mut letters = self.object.chars();
        let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
        format!("{}{first}{}", self.action.as_str(), letters.as_str())
    }
}
