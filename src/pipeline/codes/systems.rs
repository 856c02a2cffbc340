//! The codes of failures of what is called: servers, databases and brokers.

use super::{Group, code};

pub(super) const CALLED: Group = Group {
    name: "failed calls of servers",
    about: "a failed call of a server",
    text: "A system that is called is at fault, unless nothing could be sent (error.blame is upstream, or gateway). The caller reads no more \
           than that; error.kind is the word behind upstream-, and error.cause says it more exactly. Without a `fault` \
           clause that fits, the nearest `try` catches.",
    codes: &[
        code(
            "upstream-fault",
            "The server answered with a SOAP fault; error.fault.code and its neighbours say which.",
            "Catch the ones that you know by `fault NAME` or detail=.",
        ),
        code(
            "upstream-mapping",
            "No request can be made of the document, or no document of the answer.",
            "Check what the step gets, and what the server sends.",
        ),
        code(
            "upstream-security",
            "A certificate is not trusted, or the server does not let this gateway in.",
            "Check `tls` and `auth` of the server.",
        ),
        code(
            "upstream-status",
            "The server answered over HTTP with a status that `expect` does not name.",
            "Catch it by `fault kind=status`, or expect it.",
        ),
        code(
            "upstream-timeout",
            "The time was up before the answer was there.",
            "Raise the server's `timeout`, or look after the server.",
        ),
        code(
            "upstream-transport",
            "There was no connection, it broke, or what came back is no answer.",
            "Check the address and whether the server runs: soapstone ping.",
        ),
        code(
            "upstream-validation",
            "The request or the answer is against the server's contract.",
            "Correct the map, or say validate=lax.",
        ),
    ],
};

pub(super) const DATABASE: Group = Group {
    name: "failed statements",
    about: "a failed statement",
    text: "A database is at fault, but for database-rolled-back (error.blame is upstream, or gateway). What it says is in the log alone.",
    codes: &[
        code(
            "database-conflict",
            "What was to be written conflicts with what is there: a key is taken, or still referred to.",
            "Catch it, and look first; or write an upsert.",
        ),
        code(
            "database-rolled-back",
            "The transaction was over, since a statement in it had failed.",
            "Let the failure leave the `transaction`, and try that again.",
        ),
        code(
            "database-rows",
            "Rows came back that do not fit the profile of the step, or hold a value that has no text.",
            "Correct the SQL or the profile: soapstone check --connect compares their columns. Cast what has no text.",
        ),
        code(
            "database-serialization",
            "Several transactions stood in each other's way. Trying again may help.",
            "Put a `try retry=2` around the `transaction`.",
        ),
        code(
            "database-statement",
            "The database does not take the statement.",
            "Correct the SQL at the place in the log: soapstone check --connect.",
        ),
        code(
            "database-timeout",
            "The statement took longer than it may, and was cancelled.",
            "Raise the database's `timeout`, or add an index.",
        ),
        code(
            "database-unreachable",
            "There is no connection, or it broke; or the database does not let this gateway in.",
            "Check its URL and whether it runs.",
        ),
        code("database-value", "A value does not fit where it goes.", "Check the values of the binds."),
    ],
};

pub(super) const BROKER: Group = Group {
    name: "failed messages",
    about: "a failed message",
    text: "A broker did not take a message (error.blame is upstream).",
    codes: &[
        code(
            "broker-refused",
            "The broker does not let this gateway in, or not publish there.",
            "Check `auth` of the broker, and its rights.",
        ),
        code(
            "broker-timeout",
            "The time was up; the message may have been published all the same.",
            "Try again with a Nats-Msg-Id.",
        ),
        code(
            "broker-unreachable",
            "There is no connection, or it broke before the broker confirmed.",
            "Check the broker's URLs and whether it runs.",
        ),
        code(
            "message-too-large",
            "The message is larger than the broker or the stream takes.",
            "Publish less, or raise max_payload of the server.",
        ),
        code(
            "no-stream",
            "No stream stores the subject.",
            "Make a stream for it, or leave jetstream=#true out.",
        ),
        code(
            "not-stored",
            "A stream has the subject and did not store the message.",
            "See the log for what the stream says.",
        ),
    ],
};
