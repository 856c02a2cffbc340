//! The manual entries of the top-level declarations.

use crate::kind::Manual;

/// Every declaration, in the order the manual shows them.
pub static DECLARATIONS: &[Manual] = &[
    Manual {
        name: "include",
        summary: "reads further files",
        usage: "include PATH",
        text: "The path is relative to the file that says it; `*` in its last part stands for any text, and the files are \
               read in the order of their names. Order of declarations never matters, over all files.",
        example: "include \"partners/*.kdl\"",
    },
    Manual {
        name: "listener",
        summary: "an address that serves requests",
        usage: "listener NAME bind=ADDRESS [trust-proxy=NETWORKS] { [tls cert=PATH key=(file)PATH { [client-ca PATH [require=#false]] }] [auth SCHEME ...] [allow NETWORK...] [limits ...] [paths ...] }",
        text: "HTTP/1.1 and HTTP/2 on one port, over TLS where `tls` is given. A listener on a loopback address may go without \
               `auth`; any other must say who may call, if only `auth none`. Several `auth` may stand side by side, any may \
               match. `allow` bounds the addresses that may call: others are answered with 403, whatever credentials they show. \
               `trust-proxy=` names the proxies whose X-Forwarded-For, \
               -Proto, -Host, -Port and -Prefix are believed: the caller's address, and what contracts and links say of ours. \
               So is their X-Request-URI in links to pages and executions. Of each field the last entry counts, which must \
               be the proxy's own: it has to set these fields or take them away, not let its callers' pass. `limits` bounds what a stranger may send: body= (10MiB), header= (32KiB), fields= (100), \
               connections= (10000), depth= (100), elements= (500000), attributes= (500), parts= (50) and \
               part= (50MiB) of multipart bodies, head= (\"10s\"), idle= (\"60s\") and \
               request= (\"30s\"). `paths` moves \
               the prefixes below which operations are published: simple= (/ws/simple), rest= (/ws/rest), soap= (/ws/soap).",
        example: "listener internal bind=\"127.0.0.1:8080\" {\n    limits body=\"2MiB\" request=\"10s\"\n}",
    },
    Manual {
        name: "users",
        summary: "who may call",
        usage: "users NAME { user NAME [password=(env)NAME] [token=(env)NAME] { [roles ROLE...] [allow NETWORK...] } ... }",
        text: "Named by the `auth` of listeners. A password is given as an Argon2id hash (`soapstone hash-password`), a token as \
               itself; both live outside the file. A user outside its own `allow` is answered like one with wrong credentials.",
        example: "users partners {\n    user acme password=(env)ACME_PASSWORD_HASH { roles orders }\n}",
    },
    Manual {
        name: "profile",
        summary: "the shape of a document",
        usage: "profile NAME format=FORMAT [validate=strict|lax|off] { ... }",
        text: "What a document must look like, in the words of its format: `soapstone explain xml`, `soapstone explain json`. \
               Used by operations for what comes in and goes out, and by maps for both sides. `validate=` says how \
               documents from callers are checked: strict, which is the default, refuses whatever the profile does not \
               know; lax lets elements, attributes and members through that it does not know, and checks those it does; \
               off checks nothing beyond what it takes to read the document. `soapstone import profile FILE` writes a \
               profile from a sample or a schema.",
        example: "profile ping format=xml {\n    element Ping { element At type=dateTime }\n}",
    },
    Manual {
        name: "map",
        summary: "a document of one profile from one of another",
        usage: "map NAME from=PROFILE to=PROFILE { ITEM... }",
        text: "Items are `set`, `each`, `copy`, `remove`, `document` and `script`. Every path in them is checked against its profile when \
               the file is read. A required part of the target that nothing sets is a warning, unless a `copy` or a `script` \
               may write it; a `from=` without a script that can find several values where one is wanted, or one of a type \
               that does not fit the target's, is an error. `soapstone map NAME FILE --trace` runs it alone and shows what \
               each item reads and writes. A document whose root is not that of the source's profile \
               ends the process with the failure wrong-document.",
        example: "map order-to-receipt from=order to=receipt {\n    set \"$.id\" from=\"Order/@id\"\n}",
    },
    Manual {
        name: "table",
        summary: "rows that scripts look things up in",
        usage: "table NAME key=COLUMNS [match=exact|wildcard|regex] { row COLUMN=VALUE ... } | table NAME key=COLUMNS csv=PATH [delimiter=TEXT] [match=...]",
        text: "A script asks for a row, `table::find(\"countries\", it)`, or for one column of it, \
               `table::get(\"countries\", it, \"name\", \"unknown\")`. Rows stand in the block, where the first one says which \
               columns there are, or in a CSV file, whose first line does and whose values are texts. Several key columns are \
               named key=\"country product\", and looked up by a list: [\"DE\", it]. A key is compared exactly; as a wildcard, in \
               which `*` stands for any characters and `?` for one; or as a regular expression, which must fit the whole text. \
               The first row that fits counts. A name of a table or column that is a literal is checked when the file is read. \
               An exact table may have 200000 rows, one of wildcards 10000, one of regular expressions 1000.",
        example: "table countries key=code {\n    row code=DE name=Germany vat=19\n    row code=AT name=Austria vat=20\n}",
    },
    Manual {
        name: "functions",
        summary: "Rhai functions for every script",
        usage: "functions file=PATH | functions SCRIPT",
        text: "Functions that all scripts of the gateway may call. They may call each other, wherever they are declared, and \
               the packages; they see their arguments only. A mistake in the file is shown at its place there.",
        example: "functions #\"fn gross(net) { net * decimal(\"1.19\") }\"#",
    },
    Manual {
        name: "process",
        summary: "steps under a name",
        usage: "process NAME { STEP [timeout=TIME] ... }",
        text: "What an operation runs when it says `process NAME`, or another process by `call` or `dispatch`. Steps run in order, \
               each on all documents; a step does not run without documents. What stands behind a `return`, `stop` or \
               `throw` can never run and is a mistake. Processes do not call each other in a circle. Every step takes \
               `timeout=TIME`: beyond it the step is cancelled and fails.",
        example: "process acknowledge {\n    map order-to-receipt\n    return\n}",
    },
    Manual {
        name: "fault",
        summary: "a failure that contracts name",
        usage: "fault NAME [profile=PROFILE] [status=400..599] [description=TEXT]",
        text: "A process ends with it by `throw TEXT fault=NAME`; the document that it has then becomes the detail, and must \
               have the profile's root. Operations name theirs in `faults`: the WSDL declares each that has an XML profile, with its \
               typed detail. Over SOAP the detail holds that document; a problem document of REST has it as its member \
               `fault`, in JSON. Its name is the failure's code. `status=` is 422 without one; below 500 the caller is at \
               fault (`Client`, `Sender`).",
        example: "fault OutOfStock profile=order status=409",
    },
    Manual {
        name: "operation",
        summary: "what a client can ask for",
        usage: "operation NAME { [description TEXT]; action ACTION; [object NAME]; [input PROFILE|data|multipart [many=#true]];\n    [output PROFILE|data|multipart [many=#true] [check=#true] [content-type=TYPE]\n    [page=N] [max-page=N] [page-lifetime=TIME]]; [on-empty STATUS]; [etag PATH|SOURCE];\n    [faults FAULT...]; [header PROFILE [direction=in|out|both] [required=#true]] ...; [roles ROLE...];\n    [limits [request=TIME] [after=TIME] [documents=N] [bytes=SIZE]]; [trace [sample=PART]]; process { STEP... } | process NAME }",
        text: "Action and object name its addresses and elements: `create` of `Order` is /ws/simple/createOrder, the SOAP \
               operation createOrder, and POST /ws/rest/Order. Actions are get, query, create, update, upsert, delete, \
               execute. What comes in is checked against the input's profile; what goes out where the output says \
               `check=#true`: what does not fit is then answered with status 500, and the log names the places. Without an \
               output the call is asynchronous: the answer leaves at once, with 202 over SOAP and REST and with 200 over plain HTTP. `data` stands for bytes that nobody looks into, \
               `multipart` for a body whose parts are the documents (`soapstone explain attachments`). \
               The answer leaves as soon as every document has one and no later step can add to it, by a `return` or by a `set` of \
               `response.status` or of a header; the steps behind run on, for ten times the time of a request at most, and their failures are \
               logged and kept. Within the steps of a `try`, before the last document of a `for-each`, within `parallel` and within a called process it \
               never leaves. With an output, \
               every path must end in `return`, `throw` or `stop`. \
               `page=` on an output with `many=#true` cuts longer answers in pages of \
               so many documents, without it they leave whole: `soapstone explain paging`. `limits` bounds each execution: `request=` the time until \
               the answer, where it is less than the listener's, `after=` the time of what runs on, `documents=` (100000) \
               and `bytes=` (256MiB) what may lie between two steps. `trace` notes what each step did for every request, \
               or for a part of them: `sample=0.01`. `description` is told in the WSDL and in OpenAPI, as are `faults`, \
               the declared faults that it may answer with. `header` is a SOAP header block: its name is that of the \
               profile's root. In requests (direction=in, the default) it counts as understood, is checked, and is read by \
               the properties `soap.header.NAME`, which is all its text, `soap.header.NAME/Child`, `soap.header.NAME/@attribute` and, \
               with its namespace, `soap.header.{namespace}NAME`; required=#true holds over SOAP alone. The step `header` puts one into the answer. `roles` lets only callers in who have one of \
               them: others are answered with 403, and contracts do not show them the operation. `etag` says which state the \
               one document that goes out is of: a path in it, or property= or script=. It becomes the strong entity tag of the \
               answer (RFC 9110), except to a PUT, unless a step sets `response.header.ETag`; the JSON form of XML has \
               a tag of its own. A GET or HEAD with If-None-Match of that tag is answered with 304. Before a PUT, PATCH, \
               POST or DELETE over REST with If-Match or If-None-Match the process of the GET of the same address runs, if its operation has \
               an `etag`, as for a GET by the same caller: with its `roles` (who may not read is answered with 403), the checks \
               of its query, its `limits` and its trace; where the state is another, or 404 says that there is none, the answer is 412 and nothing else runs. What changes \
               in between is not noticed: a process that must know compares again where it writes. Without such a GET the conditions are \
               the process's to look at.",
        example: "operation create-order {\n    action create\n    object Order\n    input order\n    output receipt\n    process {\n        map order-to-receipt\n        return\n    }\n}",
    },
    Manual {
        name: "api",
        summary: "operations at addresses of their own",
        usage: "api NAME [version=TEXT] [listener=NAME] base=PATH {\n    [title TEXT]; [description TEXT]; [deprecated since=DATE [sunset=DATE] [link=URL]]; [rest { METHOD PATH OPERATION ... }] [soap PATH [namespace=URI] [versions=\"1.1 1.2\"] [service=NAME] { operation NAME [as=NAME] [wrapper=#false] ... }] }",
        text: "Publishes operations below `base`, on one listener or on all. An operation that an api publishes is not published \
               at the default addresses. Several versions of one name stand side by side, each with a base of its own. \
               `title` and `description` are for people, in what is written about the api. Every answer at an address of a \
               `deprecated` api says so, over REST and SOAP, failures too: Deprecation with the moment from which on it should \
               not be used (RFC 9745), Sunset with the moment at which it ends (RFC 8594), and Link with the page that says \
               what to do; the access log names the api then. A DATE is a day, which begins at midnight in UTC, or a \
               time with its zone.",
        example: "api orders version=\"1\" base=\"/orders/v1\" {\n    deprecated since=\"2026-12-01\" sunset=\"2027-06-01\"\n    rest {\n        post \"/orders\" create-order\n    }\n}",
    },
    Manual {
        name: "admin",
        summary: "the address for those who operate the gateway",
        usage: "admin bind=ADDRESS { [token (env)NAME] }",
        text: "Over plain HTTP: GET /health, /metrics (OpenMetrics) and /routes; /traces, the requests whose steps were \
               noted, newest first, and /traces/ID, all steps of the one with that request id; /failures and /failures/ID, \
               what failed after its answer had left, with the documents that it began with; POST /reload. Bound to a \
               loopback address it may go without a token; any other address needs one. `soapstone reload` calls it.",
        example: "admin bind=\"127.0.0.1:9901\"",
    },
    Manual {
        name: "log",
        summary: "how the log is written",
        usage: "log [level=error|warn|info|debug|trace] [format=text|json]",
        text: "One line for each request at level info, with the request id that the answer carried. Written to standard error.",
        example: "log level=info format=json",
    },
    Manual {
        name: "capacity",
        summary: "how much may be under way at once",
        usage: "capacity [memory=SIZE] [executions=N] [caches=SIZE]",
        text: "Bounds over all requests: `memory=` (512MiB) the bytes of bodies and documents, `executions=` (10000) the number \
               of executions, those included that run on after their answer. Each worker has its share, and new connections go where less is to do. A request beyond is \
               answered with 503 and `Retry-After` before its body is taken. Trees of documents take several times the \
               bytes that are counted. `caches=` (64MiB) bounds the documents in all caches together; each cache has an equal \
               share, over all workers.",
        example: "capacity memory=\"256MiB\" executions=2000",
    },
    Manual {
        name: "files",
        summary: "the folder that steps read and write files in",
        usage: "files root=PATH",
        text: "What the step `file` reads and writes lies below this folder: no path and no link leads out of it. The path is \
               relative to the file that says it. The folder must be there when a step uses it, and is never made: what is \
               missing may be a disk that is not mounted. It is opened anew each time; `check` does not look at it, and a \
               gateway that starts without it says so in its log.",
        example: "files root=\"var/exchange\"",
    },
    Manual {
        name: "state",
        summary: "where what outlives a request is kept",
        usage: "state [sqlite=PATH] [size=SIZE] [age=TIME]",
        text: "Pages of answers that are not read yet, and executions that were handed over with their answers. `sqlite=` keeps \
               them in a file of SQLite, relative to the file that says it: they are there again after a restart, whatever \
               ended the process. The folder must be there; the file is made with mode 0600 when the gateway starts, and \
               `check` does not touch it. Without it they are kept in memory, within the same bounds, and are lost when the \
               process ends. `size=` (256MiB) bounds the bytes of all values, and the oldest go where there is no room; \
               `age=` (24h) is how long anything is kept at most. A reload that says the same file goes on with what is in it, \
               with the new bounds; one that says another begins with what is in that one, and what is under way ends with \
               the first. A file that a newer version wrote, or another program, is refused, and the gateway does not start \
               or goes on as it was. The file holds documents of callers, and the key that signs the tokens of pages: keep it \
               as safe as the documents.",
        example: "state sqlite=\"var/soapstone.db\" size=\"512MiB\" age=\"48h\"",
    },
    Manual {
        name: "trace",
        summary: "whose requests are noted step by step",
        usage: "trace [sample=PART] [keep=N] { [roles ROLE...] }",
        text: "A user with one of the roles may send `X-Soapstone-Trace: 1` with a request; its steps are then noted, with the \
               documents before and after each, and read at the admin address: /traces lists what is kept, /traces/ID shows \
               one by its request id. `sample=` notes a part of all requests unasked, `trace` in an operation those of the \
               operation. `keep=` (100) traces are kept, and as many failures of what ran on after its answer, which /failures \
               lists. Every value of four bytes or more that the file takes from outside, and the credentials of the request, are struck out.",
        example: "trace keep=50 {\n    roles support\n}",
    },
    Manual {
        name: "drain",
        summary: "how long a stop waits for what is under way",
        usage: "drain DURATION",
        text: "A stop, and a listener that a reload removes, waits so long for requests that are under way; 30 seconds without it.",
        example: "drain \"30s\"",
    },
];
