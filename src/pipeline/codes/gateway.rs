//! The codes of failures that this gateway or its file is to blame for.

use super::{Group, code};

pub(super) const GATEWAY: Group = Group {
    name: "failures of this gateway",
    about: "a failure of this gateway",
    text: "This gateway or its file is at fault (error.blame is gateway). The caller reads only that the request could not be \
           processed; the log has what happened, with the place in gateway.kdl.",
    codes: &[
        code(
            "bad-attachment-id",
            "Two attachments have one id, or an id that no header field holds.",
            "Give each document another part.id.",
        ),
        code(
            "bad-file-name",
            "What a placeholder made of a file's name is no name in the folder of files.",
            "Keep `/`, `..` and control characters out of it.",
        ),
        code(
            "bad-header",
            "A value cannot be in a header field: it has a line end or a control character.",
            "Clean the value, by string::replace for one.",
        ),
        code("bad-key", "A part of a cache's key is a list.", "Let a script make a single value of it."),
        code(
            "bad-path",
            "A value makes the path of a call climb: it is `.` or `..`.",
            "Check the value before the call.",
        ),
        code("bad-property", "response.status was set to what is no status of an answer.", "Set 200 to 999."),
        code(
            "bad-subject",
            "What a placeholder put into a subject is empty, or holds `.`, `*`, `>` or white space.",
            "Clean the value before it is published.",
        ),
        code(
            "bad-url",
            "The address of an execution's status is no URL.",
            "See the Host and the path of the request.",
        ),
        code(
            "busy",
            "There is too much to do: executions under way, passwords being checked, or writes to the state. The caller is told to try again (503).",
            "Raise `capacity`, or add machines.",
        ),
        code(
            "description",
            "A description was called as if it were an operation.",
            "Report it: this is a mistake in soapstone.",
        ),
        code(
            "file-exists",
            "The file is there already, and `exists=` does not let it be replaced.",
            "Write another name, or say exists=replace or exists=append.",
        ),
        code(
            "file-failed",
            "The system could not read or write a file. Trying again may help.",
            "See the log for what the system says: space, rights.",
        ),
        code(
            "file-too-large",
            "The file is larger than an execution may hold.",
            "Raise the operation's `limits`, or read it in parts.",
        ),
        code(
            "interrupted",
            "The gateway ended before a kept execution was done.",
            "Call again, where that does no harm.",
        ),
        code(
            "media-type",
            "The media type of a part is none that a header field holds.",
            "Correct part.type.",
        ),
        code(
            "mixed-documents",
            "Documents of several formats are to become one.",
            "Bring all into one format by a map first.",
        ),
        code(
            "no-background",
            "Something was to run on behind the answer where nothing can.",
            "Report it: this is a mistake in soapstone.",
        ),
        code(
            "no-call",
            "An address that is none of an operation was called as one.",
            "Report it: this is a mistake in soapstone.",
        ),
        code(
            "no-entry",
            "A SOAP answer belongs to no operation.",
            "Report it: this is a mistake in soapstone.",
        ),
        code(
            "no-process",
            "A process was called that was not compiled.",
            "Report it: this is a mistake in soapstone.",
        ),
        code(
            "no-stand-in",
            "A `soapstone trace` calls a system for which no --mock was given.",
            "Add --mock NAME=FILE.",
        ),
        code(
            "no-such-file",
            "A file that is to be read is not there.",
            "Check the name, or say missing=skip.",
        ),
        code(
            "not-a-condition",
            "The `where` of an `each` gave neither true nor false.",
            "Let the script compare.",
        ),
        code(
            "not-a-document",
            "The path of a `split` leads to what can be no document.",
            "Let it lead to elements, or to members that are objects or lists.",
        ),
        code("not-a-file", "What is to be read or written is no plain file.", "Check the name."),
        code("not-a-value", "A value to go by is a list.", "Let a script give a single value."),
        code(
            "panic",
            "A part of soapstone broke. Only this request has failed.",
            "Report it with the text in the log: this is a mistake in soapstone.",
        ),
        code("random", "The system gives no random numbers.", "Look after the system."),
        code("script-failed", "A script failed.", "See the log: it has the place in the script."),
        code(
            "script-limit",
            "A script passed its bounds of operations, depth, size or time.",
            "Make it do less.",
        ),
        code(
            "state",
            "What is to be kept could not be stored, or not be read.",
            "Check the place that `state` names: space, rights.",
        ),
        code("status", "The answer got a status that ends none: one of 1xx.", "Set a status of 200 to 599."),
        code("stopped", "The process ended: by `stop all=#true`, or since the gateway ends.", "Nothing."),
        code("thrown", "A script threw; the message is what it threw.", "As the message says."),
        code(
            "timeout",
            "The time of the request, the process or the step was up.",
            "Raise `limits request=` or the step's timeout=, or call less.",
        ),
        code(
            "too-many-documents",
            "The answer is of one document, and the process returned several.",
            "Return one, or say output many=#true.",
        ),
        code("too-many-headers", "The answer has too many SOAP header blocks.", "Add fewer."),
        code(
            "too-much",
            "The execution, or all of a worker, holds more than it may.",
            "Raise the operation's `limits`, or `capacity`; or split the work.",
        ),
        code(
            "unreadable-document",
            "A document that a step made, or got, is not of the format that it should have; plain data has no parts at all.",
            "Check what comes there, or read data by `validate PROFILE` first.",
        ),
        code(
            "unwritable-document",
            "A document cannot be written in its format.",
            "Let the map make what the format can hold.",
        ),
        code(
            "wrong-detail",
            "The detail of a fault does not fit its profile.",
            "Let the process make the detail as the fault declares it.",
        ),
        code(
            "wrong-document",
            "A step or map got a document of another format or root than it reads.",
            "Put the map before it that makes such documents.",
        ),
        code(
            "wrong-header",
            "A header block of the answer does not fit its profile.",
            "Let the step `header` set what the profile asks for.",
        ),
        code(
            "wrong-output",
            "What the process returned is not what the operation's output says.",
            "Return documents of that profile: a map makes them.",
        ),
    ],
};
