//! The codes of requests that are refused.

use super::{Group, code};

pub(super) const CALLER: Group = Group {
    name: "requests that are refused",
    about: "a request that is refused",
    text: "The caller is at fault (error.blame is client), and the same request fails again. The answer says what is wrong.",
    codes: &[
        code(
            "action-mismatch",
            "The SOAP action is that of one operation, the body that of another.",
            "Send both of the same operation, or no action.",
        ),
        code(
            "bad-condition",
            "`If-Match` or `If-None-Match` is no list of entity tags.",
            "Send tags as an answer gave them, in quotation marks.",
        ),
        code(
            "bad-encoding",
            "The body of an rpc message is not encoded as SOAP says (section 5 of SOAP 1.1).",
            "Send the parts as the WSDL has them, with references that lead to an id.",
        ),
        code(
            "bad-envelope",
            "The message is no SOAP envelope: an element is missing, twice there, or in the wrong place.",
            "Send an Envelope with an optional Header and one Body.",
        ),
        code(
            "bad-include",
            "An xop:Include leads to no part of the message, or stands where no data may be.",
            "Send each included part once, with its Content-ID.",
        ),
        code("bad-page", "The number of documents on a page is no number from 1.", "Send a number."),
        code(
            "body-not-allowed",
            "The operation has no input, and the request has a body.",
            "Send none; with GET, parameters stand in the address.",
        ),
        code(
            "charset",
            "The document is in a character set that is not read here, or its bytes are none of that set.",
            "Send UTF-8.",
        ),
        code(
            "content-encoding",
            "The body is in a content coding that is not read here, or is not what that coding says.",
            "Send gzip, deflate or none, and only one.",
        ),
        code(
            "dtd-refused",
            "The document has a document type declaration, which is never read.",
            "Leave the DOCTYPE out.",
        ),
        code(
            "encoding-style",
            "The message names an encoding style that is not read here.",
            "Send literal parts, or those of SOAP's own encoding.",
        ),
        code(
            "forbidden",
            "Calls from this address are not allowed here.",
            "Add the network to `allow` of the listener.",
        ),
        code(
            "gone",
            "A reload has taken the address away while the request came.",
            "Ask again; the address may have moved.",
        ),
        code(
            "header",
            "A SOAP header block is missing, twice there, or not what its profile says.",
            "Send the header blocks that the WSDL declares.",
        ),
        code(
            "host",
            "The request has no Host field, more than one, or one that is none.",
            "Send one Host field.",
        ),
        code(
            "incomplete",
            "The body ended before it was complete.",
            "Send as much as Content-Length says, or end the last chunk.",
        ),
        code(
            "invalid-document",
            "The document does not fit its profile. The places that are wrong stand in the answer.",
            "Correct the places. Of `validate status=5xx` this gateway is at fault: the map before it makes such documents.",
        ),
        code(
            "invalid-parameters",
            "Parameters of the address do not fit the input of the operation.",
            "Correct those that the answer names.",
        ),
        code(
            "limit-passed",
            "The document is deeper, or has more elements, attributes or parts, than the listener's `limits` allow.",
            "Send less, or raise the limit.",
        ),
        code(
            "malformed",
            "The document is not what its format's syntax says, or is not there.",
            "Correct it at the line and column that the answer names.",
        ),
        code(
            "method-not-allowed",
            "The address is served, but not with that method.",
            "Use a method of the field Allow.",
        ),
        code(
            "missing-value",
            "A map needs a value that is absent, nil or empty (`when-absent=error` and its neighbours).",
            "Send it. Where the caller is not to blame, give the item a `default=`.",
        ),
        code(
            "must-understand",
            "A SOAP header block must be understood, and nothing here does.",
            "Declare the block, or have it sent without mustUnderstand.",
        ),
        code(
            "no-attachment",
            "An attachment that the process asks for was not sent.",
            "Send the attachment that the answer names.",
        ),
        code(
            "not-acceptable",
            "The operation gives none of the media types in Accept.",
            "Accept one of those that the answer names.",
        ),
        code(
            "not-allowed",
            "The caller may not use this operation.",
            "Give the user a role of the operation's `roles`.",
        ),
        code("not-found", "Nothing is served at this address.", "Compare it with `soapstone routes`."),
        code(
            "nothing-found",
            "The process returned no document, and the operation says that this is a failure (`on-empty`).",
            "Nothing, where there is nothing to be found.",
        ),
        code("page-expired", "The page was kept no longer.", "Begin again with the first page."),
        code(
            "precondition-failed",
            "The state is not the one that `If-Match`, or `If-None-Match`, is for.",
            "Get the state anew, and change that.",
        ),
        code(
            "slow-body",
            "The body did not come in time.",
            "Send faster, or raise `limits request=` of the listener.",
        ),
        code("slow-taker", "The answer was not taken in time.", "Read faster."),
        code(
            "too-large",
            "The body is larger than the listener's `limits body=`.",
            "Send less, or raise the limit.",
        ),
        code(
            "too-many-fields",
            "The request has more header fields than `limits fields=` of the listener allows.",
            "Send fewer.",
        ),
        code(
            "transfer-encoding",
            "The request has a transfer coding other than chunked.",
            "Send chunked, or a Content-Length.",
        ),
        code(
            "unauthorized",
            "The credentials are missing or wrong.",
            "Send those of a user of the listener's `auth`.",
        ),
        code(
            "unknown-execution",
            "There is no such execution for this caller, or no longer.",
            "Ask at the address that the answer to the call gave.",
        ),
        code("unknown-operation", "No operation has that body or action.", "Compare both with the WSDL."),
        code(
            "unknown-page",
            "There is no such page for this caller.",
            "Ask with the token that an answer gave.",
        ),
        code(
            "unknown-version",
            "The description is asked for in a version of OpenAPI that is not written.",
            "Ask for one that the answer names.",
        ),
        code(
            "unsupported-media-type",
            "The body is of a media type that the operation does not take.",
            "Send one that the answer names.",
        ),
        code(
            "version-mismatch",
            "The envelope is of a version of SOAP that this address does not serve.",
            "Send a version that the answer names.",
        ),
    ],
};
