//! What `soapstone explain` says about things that are not words of their own: properties, paths, scripts, values.

/// A topic with its text.
pub struct Topic {
    /// The word to ask for.
    pub name: &'static str,
    /// One line.
    pub summary: &'static str,
    /// The text, as it is printed.
    pub text: &'static str,
}

/// Every topic.
pub static TOPICS: &[Topic] = &[
    Topic {
        name: "properties",
        summary: "what a step can read and set beside a document's body",
        text: "  read:        request.method  request.path  request.user  request.role  request.address  request.id
               request.attachments (how many there are)
               request.query.NAME  request.path.NAME (a {NAME} of an api's path)  request.header.NAME
               request.path.rest (what stands behind the path of a route with prefix=#true)
               soap.action  soap.version  soap.header.NAME
               in a `catch` or `fault` and behind it: error.message  error.code  error.status  error.blame
               error.retry  error.step  error.place  error.fault; of a call that failed also: error.kind
               error.cause (`soapstone explain failures` lists them)  error.system  error.http.status
               error.http.body  error.fault.name  error.fault.code  error.fault.namespace
               error.fault.subcodes  error.fault.reason  error.fault.reasons  error.fault.role
               error.fault.node  error.fault.detail  error.fault.details
               http.status (behind `http` and `soap`)  database.affected (behind `database`)
               file.name (behind `expand` and `file read=`)  group.key (behind `group`)
               of parts and attachments: part.id  part.name  part.filename  part.type  part.location
               part.header.NAME (other Content- fields, NAME in lower case)
  read, set:   response.status  response.header.NAME  process.NAME (of the whole execution)
               any other name: of the document

  Names of headers are read without regard to case. A property is read by property=NAME, by {NAME} in a text, and by
  property(\"NAME\") in a script; one that is not set is absent.
",
    },
    Topic {
        name: "paths",
        summary: "how from= and target paths are written",
        text: "  In XML, a location path, which begins with the root's name:
      Order/Line/Sku           Order/@id           Order/Line[1]/Sku
      Order/Line[Sku='A-1']/Quantity               //Sku
  Names match in any namespace. Inside an `each`, paths begin at its element: Sku, @pos; with / in front at the whole
  document, which is how the fields of a parent are read: /Order/@id.

  In JSON, a JSONPath (RFC 9535):
      $.lines[0].sku           $.lines[*].sku      $['odd name']
  Inside an `each`, without the $ they begin at its element: sku, parts[0]; with it at the whole document. An array
  is no way to its items' members: write lines[*].sku or lines[0].sku.

  A target path has names only. What is missing on the way is made.

  of=NAME beside a path makes it begin in another document of the map; see `soapstone explain document`.
",
    },
    Topic {
        name: "scripts",
        summary: "what a script sees, and what it can do",
        text: "  Scripts are Rhai, written as raw strings: #\"...\"# on a line, #\"\"\" ... \"\"\"# over several; nothing is escaped in them.

      source    the document a map reads       doc    the document of a process, the same to a script
      it        what from= read; in an `each` without from=, the element it stands at
      target    in a `script` item of a map: what has been made so far, and may be changed
      NAME      a `document` of the map, with _ for -

  source.Order.Line[0].Sku goes down by names; attributes are members too, e[\"@id\"] or e.id. What may repeat is a list,
  also when there is one; a leaf has its type. What is not there is (): `?.` goes on past it, is_absent(x) asks.
  Numbers are exact decimals of 28 digits: 10 / 4 is 2.5, 10 / 5 is 2, and (10 / 4).to_int() is 2. What has more digits
  is passed on as it is; calculating with it is an error. Dates and times are texts, and == and < compare them as texts:
  date::compare(a, b) < 0 compares the moments, whatever their offsets.
  Lists: sum(list), list.map(|l| ...), list.filter(|l| ...), list.len(). More functions stand in packages:
  date::format(it, \"%d.%m.%Y\"), string::trim(it), table::get(\"countries\", it, \"name\"); `soapstone explain` lists
  them. A script ends at its bounds: operations, depth, size, time.
",
    },
    Topic {
        name: "attachments",
        summary: "what comes and goes in parts of its own: MTOM, SOAP with attachments, forms",
        text: "  A SOAP request may be multipart/related, in both versions of SOAP. Its root is the part that `start` names, else the
  first one. What the root includes by xop:Include (MTOM) is put back as base64 before the message is checked, and is a
  value of the document like any other. All other parts are attachments: the step `attachments` makes them the documents,
  `attachments id=` finds the one that a document names, and `attach` adds documents to the answer.

      process {
          branch {
              path files { attachments; file write=\"in/{part.id}\" }
              path order { map order-to-receipt; return }
          }
      }

  The answer is MTOM where the request was, or accepts multipart/related; type=\"application/xop+xml\": data of type
  base64Binary goes out in parts of its own. `soap` takes mtom=#true for all answers, mtom=#false for none, and
  mtom-threshold=SIZE for data that stays where it is. Only data whose base64 is written in the one plain way, without
  white space, is taken out. Faults are never multipart. The WSDL says nothing of attachments: they need no contract.

  `input multipart` takes a multipart body over REST and plain HTTP, multipart/form-data first of all: each part is a
  document. `output multipart` makes a part of each returned document: of a form, or of the type that content-type= says.
  Over SOAP neither is possible: its body is XML, and what comes beside are attachments.

  Calls do the same the other way round. `soap SERVER OPERATION mtom=#true` sends the base64Binary data of the contract in
  parts of its own, `attach` in its block adds attachments, `http` sends forms with files by `multipart`, and `keep-parts`
  keeps what came beside an answer for as long as the execution runs:

      soap archive Store mtom=#true {
          attach { attachments }
          attach name=\"terms.pdf\" type=\"application/pdf\" { file read=\"terms.pdf\" }
          keep-parts as=archive.parts
      }
      attachments of=archive.parts

  Both ways, a part is a document with the properties part.id, part.name, part.filename, part.type and part.location, which
  a process may set for parts that go out. One that says it is XML or JSON is a document of that format. Names come
  from the caller and may be any text: `file write=` refuses those that are no file's name.

  The listener bounds them, and those of answers to calls: limits parts=50 part=\"50MiB\", within body=; a part has 500 header lines of 1000 bytes. What
  elements include together may be twice the size of the message, and always 1 MiB: several may share a part.
",
    },
    Topic {
        name: "openapi",
        summary: "the description of an api: what it says, where it is served, and how to begin with one",
        text: "  GET BASE/openapi.json gives the OpenAPI 3.1 of an api, ?version=3.0 that of 3.0.3 for clients that read no
  later one; /ws/rest/openapi.json describes what no api publishes. In `rest { ... }`, openapi \"/docs.json\" moves it,
  openapi #false serves none. Its server is the address that the caller used, as far as trusted proxies say. Callers
  must be let in as everywhere on the listener, and operations that ask for roles are shown to who has one of them.

      soapstone export openapi gateway.kdl --api orders --output orders.json
      soapstone import openapi petstore.yaml --output petstore.kdl

  It says what the file says: title, version and description of the api, the routes with their parameters and
  conditions, profiles as schemas, the statuses that steps set and throw, declared faults, and every failure that the
  gateway answers with itself. XML profiles stand there twice, as JSON and as XML with names and namespaces. Dates and
  times have the formats date, date-time and time; a zone may be missing where XML Schema lets it. Patterns are those of
  ECMA-262, with ASCII digits for \\d; where one cannot be said so, the description gives it. 3.0.3 has fewer words: what
  it cannot say is left out, which only lets more through.

  An import writes profiles (JSON Schemas that say more go into files), operations and the api. Each operation throws
  \"not implemented yet\" until you write its process. What is left out stands in comments.
",
    },
    Topic {
        name: "calling",
        summary: "how to try out the servers of a file: by a call, by a ping, without them",
        text: "      soapstone ping                                        which systems can be reached
      soapstone call crm GetAccount --body account.xml      by SOAP, as the step `soap` calls
      soapstone call billing get \"/invoices/7?full=1\"       by HTTP, as the step `http` calls
      soapstone call --process nightly --body start.xml     a process of the file, run once

  A call has the server's credentials, times, further attempts and TLS, and its contract checks it. It prints each attempt:
  what leaves, what comes back, the address and how long it took, over TLS the version, the suite and the certificate
  with the pin= of its key; then the parts of a fault. Secrets of the file and credentials stand there as ***, and requests for
  tokens are left out. --raw prints the body of the answer alone, --format json one object.

  --body is the element in the body of a SOAP request, or a whole envelope, which is sent as it is. --header Name=VALUE
  is a field of HTTP, \"{namespace}Name=TEXT\" a header block. A server without `wsdl` is called by --action URI.

  A ping connects, over TLS where it is spoken, and asks for nothing; with --request it sends a GET with the credentials.

  `soapstone trace` calls nothing: --mock crm=answer.xml stands in for what the server `crm` answers.

  /metrics has for each server soapstone_server_attempts_total by outcome (answered, transport, timeout, security), and
  server_rejected, server_retries, server_connections, server_seconds and server_addresses_open (left alone now).
",
    },
    Topic {
        name: "values",
        summary: "how values are written in KDL, and where they may come from",
        text: "  Words and numbers are bare: order  5  -1.5.  Everything with other characters is quoted: \"0..1\"  \"/orders\"  \"10MiB\".
  Truth is #true and #false, nothing is #null. Text with quotes or backslashes in it: #\"say \"hi\"\"#.
  Nodes end at the line's end or at `;`: process { stop }  and  user acme { roles orders; allow \"10.0.0.0/8\" }.

  (env)NAME takes a value from the environment, (file)\"path\" from a file; secrets come from there and are never shown.
  Durations and sizes carry their unit: \"250ms\" \"30s\" \"24h\", \"64KiB\" \"10MiB\".

  A value read from a document is there, nil (xsi:nil, JSON null), empty or absent, and stays what it is: see when-absent=
  and when-nil= of `set`. A script sees absent and nil as (), and writes nothing by giving ().

      export ACME_PASSWORD_HASH=$(printf %s 'the password' | soapstone hash-password)
      user acme password=(env)ACME_PASSWORD_HASH
",
    },
    Topic {
        name: "overlay",
        summary: "what differs where a gateway runs: a file that changes parts of another",
        text: "  soapstone run gateway.kdl --with prod.kdl

  An overlay declares parts of what the file declares already, and changes these. What it leaves out stays as it is;
  #null removes. In prod.kdl:

      listener public bind=\"0.0.0.0:9443\"                     // its `tls`, `auth` and limits stay
      users partners { user acme token=(env)ACME_TOKEN; user tester #null }
      operation create-order { limits request=\"5s\" }
      log level=warn format=#null

  A declaration is found by its word and name, and of several versions of an api by version=. A name that the file does
  not declare is a mistake: an overlay adds no declarations but those that have no name (admin, log, capacity, files,
  state, trace, drain). What it says of a declaration is merged:

      properties  each changes the one of its name, or adds it; x=#null removes it
      arguments   if there are any behind the name, they take the place of all that were there
      blocks      part by part in the same way: a part that is not there is added, `tls #null` removes one. Parts are
                  found by their word, except
                  - those with names: user, header, query, role, understand, soap and its operations, the routes of
                    rest. They are found by word and first argument, and all others stay.
                  - auth: the overlay says all there are. A scheme that it does not name is no way in any more; one
                    that it names keeps what the overlay leaves out.
                  - row, etag, an operation's process, and the blocks of process, map and profile, which are
                    replaced as they are.
                  Of any other word that stands there several times, those of the overlay replace all.

  A declaration goes with #null behind its name: `listener test #null`. To remove what is not there is a warning.

  --with may be repeated; overlays apply in order, the later to what the earlier made. Every command that reads a file
  takes it. A running gateway reads its overlays again at every reload, and run --watch watches them too; `soapstone
  reload` wants --with only to find the admin address where an overlay says it. Paths in an overlay are relative to it.
  It has no `include` and no `functions`.
",
    },
    Topic {
        name: "paging",
        summary: "how long lists are answered page by page",
        text: "  output order many=#true page=100 max-page=1000 page-lifetime=\"15m\"

  An answer of more documents than page= is cut. The process runs once; the first page leaves, and the others are kept in
  `state` as they will leave, with the status and header fields of the answer. Without page= an answer leaves whole.

  In XML the list says that there is more: <OrderResponseList moreDataToken=\"TOKEN\">. REST and plain HTTP also answer
  with `Link: <URL>; rel=\"next\"`, which is all that JSON arrays and files have. Behind a proxy that trust-proxy= names,
  `X-Request-URI` says what the URL in it looks like from outside; such a proxy must set that field and X-Forwarded- ones,
  or take them away, lest callers choose where the links lead.

  The next page:
      REST, plain HTTP   the same address and method with ?moreDataToken=TOKEN; a body is not looked at, and the page
                         has the format that the first one has
      SOAP               <queryOrderMoreResults><moreDataToken>TOKEN</moreDataToken></queryOrderMoreResults> in the
                         namespace of the service, answered with the element of the operation; both stand in the WSDL

  Every page has another token, and the last one none. A token may be used again, so that a page that was lost on the way
  is no loss: by the same user, at the same address, in the same protocol, for page-lifetime= from the first page on and
  no longer than age= of `state`. Then it is answered with 410, page-expired, as is a page that had to go for want of
  room; what is no token for this caller here, with 404, unknown-page; over SOAP with faults of the Sender.

  A caller may ask for another number of documents on a page: ?page=50; over SOAP by a header block,
  <page>50</page> in the namespace of the service. Up to max-page=, which is page= without it: who asks for more gets as
  many as that. An answer has at most 1000 pages: a longer one has more documents on each.
",
    },
    Topic {
        name: "wsdl-cache",
        summary: "contracts at addresses: how they are fetched, kept and compared",
        text: "  A WSDL or an XML Schema may be named by its address wherever it may be named by a file:

      profile customer format=xml xsd=\"https://crm.example.com/customers?wsdl\" root=\"{urn:crm}customer\"
      api crm listener=internal base=\"/crm\" {
          soap \"/customers\" {
              wsdl \"https://crm.example.com/customers?wsdl\" {
                  hosts \"schemas.example.com\"
                  auth basic user=gateway password=(env)CRM_PASSWORD
              }
              operation getCustomer do=get-customer
          }
      }

  Nothing is fetched when the gateway checks, starts, serves or reloads. One command fetches:

      soapstone wsdl update gateway.kdl
      soapstone wsdl update gateway.kdl --check

  It writes wsdl-cache/, with the files as they came, and wsdl.lock, which names each with its address and its SHA-256;
  both lie beside the file that is served, and belong with it where that is kept. A file that is not what the lock says is
  not used (wsdl-changed-on-disk), and neither is an address that was never fetched (wsdl-not-cached).

  An update prints what is another than before, so that a contract never changes behind your back: operations with
  their elements, faults and actions, types and elements, policies. With --check it writes nothing, and ends with 1 when
  something differs. All contracts are fetched and read, as the gateway reads them, before the first one is written: an
  update that fails changes nothing. An address behind the file updates that contract alone; contracts that the file
  does not name any more go with an update of all.

  Fetched is what a contract refers to on its own host and on those that `hosts` names, by http and https; what is well
  known is built in, and anything else is a finding when it is missed. Redirects stay on their host. A contract at a
  public address does not lead to private, loopback or link-local ones; one that stands at such an address itself may.
  Credentials go to the scheme, host and port of the contract alone. TLS trusts the authorities of this system. A
  contract has at most 64 files of 8 MiB each, 32 of them in a row; a file takes a minute, and all of them five.

  What several declarations name is read and compiled once.
",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::called::OF_CALL;

    #[test]
    fn properties_of_failed_calls_are_named() {
        let topic = TOPICS.iter().find(|topic| topic.name == "properties").unwrap();
        let named: Vec<&str> = topic.text.split_whitespace().collect();
        for name in OF_CALL {
            assert!(named.contains(name), "{name}");
        }
    }
}
