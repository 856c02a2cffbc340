//! The causes of failed calls: `error.cause`, more exact than the code of the failure.

use super::{Group, code};

/// The causes, as `error.cause` has them.
pub(super) const CAUSES: Group = Group {
    name: "causes of failed calls",
    about: "a cause of failed calls: error.cause",
    text: "error.cause of a failed call; error.code is upstream- with the kind.",
    codes: &[
        code(
            "answer-too-large",
            "The answer, or its parts, are larger than is allowed.",
            "Raise `limits body=` of the server.",
        ),
        code(
            "bad-answer",
            "What came back is not HTTP, or is not in its content coding.",
            "Check that the address is that of the service.",
        ),
        code(
            "bad-charset",
            "The answer is in a character set that is not read here, or not in the one it names.",
            "Let the server send UTF-8.",
        ),
        code(
            "bad-encoding",
            "The body of an rpc answer is not encoded as SOAP says.",
            "Report it to those who run the server.",
        ),
        code("bad-header", "A value cannot be in a header field. Nothing was sent.", "Clean the value."),
        code(
            "bad-include",
            "An xop:Include of the answer leads to no part.",
            "Report it to those who run the server.",
        ),
        code(
            "bad-path",
            "A value makes the path climb. Nothing was sent.",
            "Check the value before the call.",
        ),
        code("bad-request", "The request cannot be written.", "See the log for what is wrong with it."),
        code(
            "breaker-open",
            "Attempts failed in a row, and the server is left alone for a while.",
            "Look after the server; see `breaker`.",
        ),
        code(
            "certificate-refused",
            "The server's certificate is not trusted, or is of another name.",
            "Give its authority by `tls ca=`, or correct the address.",
        ),
        code("connect-failed", "No connection could be made.", "See the log for what the system says."),
        code(
            "connect-refused",
            "Nothing listens at the address.",
            "Check the port, and whether the server runs.",
        ),
        code(
            "connect-timeout",
            "No connection was made in time.",
            "Check the address and the firewalls on the way.",
        ),
        code(
            "connection-lost",
            "The connection broke before there was a whole answer.",
            "Try again, where the request may be repeated.",
        ),
        code("cut", "A body ended, and whoever sent it did not say why.", "See the log."),
        code("empty-answer", "The answer has no envelope.", "Check that the address is that of the service."),
        code("fault", "The server answered with a fault.", "Catch it by `fault`."),
        code("forbidden", "The server answered 403.", "Check the rights of the user that it is called with."),
        code(
            "head-too-large",
            "The head of the answer is larger than is read.",
            "Report it to those who run the server.",
        ),
        code(
            "html-answer",
            "The answer is a page for people.",
            "Check the address: a proxy or a login may stand there.",
        ),
        code(
            "invalid-answer",
            "The answer is against the contract.",
            "Compare the WSDL with the server's; or say validate=lax.",
        ),
        code(
            "invalid-request",
            "The request is against the contract. Nothing was sent.",
            "Correct the map that makes it.",
        ),
        code(
            "malformed-answer",
            "The answer is not what its format's syntax says.",
            "Report it to those who run the server.",
        ),
        code(
            "no-token",
            "No OAuth2 token was given.",
            "Check the client's id and secret, and the token's address.",
        ),
        code(
            "not-soap",
            "The answer is no envelope of SOAP.",
            "Check that the address is that of the service.",
        ),
        code(
            "own-certificate-refused",
            "The server does not take this gateway's certificate.",
            "Check `tls cert=` and key=.",
        ),
        code(
            "proxy-failed",
            "The proxy made no connection.",
            "Check the proxy, and whether it may reach the server.",
        ),
        code("proxy-refused", "The proxy asks for credentials.", "Give them in the proxy's URL."),
        code(
            "redirected",
            "The server says to look elsewhere.",
            "Correct the address; over HTTP, redirects= follows.",
        ),
        code(
            "request-cut",
            "The caller's body broke off while it was sent on.",
            "Nothing: the caller is told.",
        ),
        code("slow-taker", "The answer was not taken in time.", "Nothing: the caller is slow."),
        code(
            "timeout",
            "The answer, or a part of it, did not come in time.",
            "Raise the server's `timeout`.",
        ),
        code(
            "tls-failed",
            "There was no TLS with the server.",
            "Check that the port speaks TLS, and which versions.",
        ),
        code(
            "truncated-answer",
            "The answer ended before it was complete.",
            "Look after the server, or the proxies before it.",
        ),
        code("unauthorized", "The server answered 401, over SOAP also 407.", "Check `auth` of the server."),
        code("unexpected-status", "The status is none that is expected.", "Catch it by kind, or expect it."),
        code("unknown-host", "The host's name leads to no address.", "Check the name and the DNS."),
        code(
            "wrong-document",
            "The document is not the element that the contract asks for. Nothing was sent.",
            "Put the map before the call that makes it.",
        ),
    ],
};
