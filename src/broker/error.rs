//! Why a message was not published: kinds that a process can tell apart, and a text for the log.

use std::fmt;

/// What kept a message from being published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// No connection, or one that broke before the server confirmed the message.
    Unreachable,
    /// The time was up; the message may have been published all the same.
    Timeout,
    /// The server does not let this gateway in, or not publish there.
    Refused,
    /// No stream stores the subject.
    NoStream,
    /// A stream has it, and does not store this message.
    NotStored {
        /// Whether another attempt may succeed.
        retriable: bool,
    },
    /// It is larger than the server or the stream takes.
    TooLarge,
}

impl Kind {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unreachable => "broker-unreachable",
            Self::Timeout => "broker-timeout",
            Self::Refused => "broker-refused",
            Self::NoStream => "no-stream",
            Self::NotStored { .. } => "not-stored",
            Self::TooLarge => "message-too-large",
        }
    }

    /// Whether the same message may be published later.
    pub fn is_retriable(self) -> bool {
        match self {
            Self::Unreachable | Self::Timeout => true,
            Self::NotStored { retriable } => retriable,
            Self::Refused | Self::NoStream | Self::TooLarge => false,
        }
    }
}

/// A message that was not published, as far as is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishError {
    /// Which kind of failure it is.
    pub kind: Kind,
    /// What happened, for the log. Holds no secret.
    pub text: String,
}

impl PublishError {
    /// An error of a kind.
    pub fn new(kind: Kind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    /// What an `-ERR` of the server means that ends the connection.
    pub(super) fn said(text: &str) -> Self {
        const DOORS: &[&str] = &["authorization", "authentication", "permissions", "tls required"];
        let lower = text.to_ascii_lowercase();
        let refused = DOORS.iter().any(|door| lower.contains(door));
        let kind = if refused { Kind::Refused } else { Kind::Unreachable };
        Self::new(kind, format!("the server says: {text}"))
    }
}

impl fmt::Display for PublishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_says_is_told_apart() {
        for refused in
            ["Authorization Violation", "User Authentication Expired", "Account Authentication Expired"]
        {
            assert_eq!(PublishError::said(refused).kind, Kind::Refused, "{refused}");
        }
        for broken in [
            "Stale Connection",
            "maximum account active connections exceeded",
            "Maximum Connections Exceeded",
            "Slow Consumer",
            "",
        ] {
            assert_eq!(PublishError::said(broken).kind, Kind::Unreachable, "{broken}");
        }
    }
}
