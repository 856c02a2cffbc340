//! `soapstone call`: what leaves, what comes back and what became of it, and never a secret in any of it.
#![allow(clippy::disallowed_methods, reason = "tests read files and run programs")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

#[path = "support/broken_server.rs"]
mod broken_server;
mod support;

use broken_server::{Answer, BrokenServer, ClosedPort, Identity, Seen};
use serde_json::Value;
use support::*;

const PASSWORD: &str = "hunter2-and-more";
const PLACE: &str = "<t:placeOrder xmlns:t=\"urn:example:shop:types\"><t:sku>A</t:sku><t:quantity>2</t:quantity></t:placeOrder>";
const PLACED: &str =
    "<t:placeOrderResponse xmlns:t=\"urn:example:shop:types\"><t:number>17</t:number></t:placeOrderResponse>";

/// A folder with a file that declares these servers and processes, beside the contract of the shop.
fn folder(declared: &str) -> Folder {
    let folder = Folder::new();
    // No listener: nobody calls this file.
    folder.write("gateway.kdl", declared);
    for file in ["shop.wsdl", "parts/sums.wsdl", "parts/types.xsd", "parts/count.xsd"] {
        folder.write(file, &project(&format!("tests/contracts/{file}")));
    }
    folder.write("place.xml", PLACE);
    folder
}

/// Runs `soapstone call` with further arguments; the password is in the environment, and nowhere in what it prints.
fn call(folder: &Folder, arguments: &[&str]) -> (i32, String, String) {
    let mut command = binary();
    command.current_dir(folder.path()).arg("call").args(arguments).env("PASSWORD", PASSWORD);
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (out, told) = (text(output.stdout), text(output.stderr));
    for secret in [PASSWORD, ENCODED, "the-token", "a-cookie"] {
        assert!(!out.contains(secret) && !told.contains(secret), "{secret} in {out}{told}");
    }
    (output.status.code().unwrap(), out, told)
}

/// `soapstone:hunter2-and-more` in Base64.
const ENCODED: &str = "c29hcHN0b25lOmh1bnRlcjItYW5kLW1vcmU=";

fn soap(status: u16, body: &str) -> Answer {
    let answer = Answer::new(status, "text/xml; charset=utf-8", envelope("1.1", body));
    answer.header("Set-Cookie", "id=a-cookie")
}

/// A server of the shop's contract, called with a password.
fn shop(url: &str, more: &str) -> String {
    format!(
        "server crm url=\"{url}\" {{ wsdl \"shop.wsdl\" service=Shop port=Orders11; auth basic user=soapstone password=(env)PASSWORD; {more} }}\n"
    )
}

fn json(out: &str) -> Value {
    serde_json::from_str(out).unwrap_or_else(|error| panic!("{error}: {out}"))
}

/// Sends back in an answer and in a field whatever it was shown.
fn echo(seen: &Seen) -> Answer {
    assert!(seen.header("authorization").is_some_and(|shown| shown.contains(ENCODED)), "{seen:?}");
    let number = format!("<t:number>{PASSWORD} {ENCODED}</t:number>");
    soap(200, &PLACED.replace("<t:number>17</t:number>", &number)).header("X-Seen", PASSWORD)
}

#[test]
fn a_call_over_tls_is_shown_whole_and_without_secrets() {
    let server = BrokenServer::answering_tls(Identity::Right, echo);
    let url = format!("https://localhost:{}/shop", server.address().port());
    let folder = folder(&shop(&url, "tls ca=\"ca.pem\""));
    folder.write("ca.pem", server.certificate());
    let arguments = ["crm", "placeOrder", "--body", "place.xml", "--header", "{urn:x}Session=<1>"];
    let (code, out, told) = call(&folder, &arguments);
    assert_eq!((code, told.as_str()), (0, ""), "{out}");
    let seen = server.one();
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("POST", "/shop"));
    let sent = seen.text();
    assert!(sent.contains("&lt;1&gt;</") && out.contains(&sent), "{sent} in {out}");
    for line in [
        "> POST /shop HTTP/1.1",
        "> authorization: ***",
        "> soapaction: \"urn:place\"",
        "< 200 OK",
        "< x-seen: ***",
        "< set-cookie: ***",
        "  server       crm, attempt 1",
        "  TLS          TLS 1.3, TLS13_",
        "  certificate  CN=a test, until ",
        "  first byte   ",
        "answered as expected",
    ] {
        assert!(out.lines().any(|shown| shown.starts_with(line)), "{line} in {out}");
    }
    assert!(out.contains("<t:number>*** ***</t:number>"), "{out}");
    let address = format!("  address      {}, connected in ", server.address());
    assert!(out.contains(&address), "{out}");

    // The pin is one that the server's `tls` takes, and no other is.
    let pin = out.split("pin=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let pinned = |pin: &str| {
        let kdl = shop(&url, &format!("tls ca=\"ca.pem\" pin=\"{pin}\""));
        folder.write("gateway.kdl", &format!("listener internal bind=\"127.0.0.1:0\"\n{kdl}"));
        call(&folder, &[&arguments[..], &["--format", "json"]].concat())
    };
    let (code, out, _) = pinned(pin);
    let shown = &json(&out)["attempts"][0];
    assert_eq!((code, &shown["answer"]["status"]), (0, &Value::from(200)), "{out}");
    assert_eq!(shown["connection"]["tls"]["certificate"]["pin"], pin);
    assert_eq!(shown["connection"]["tls"]["version"], "TLS 1.3");
    assert_eq!(shown["request"]["body"], sent);
    let (code, out, _) = pinned("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    assert_eq!((code, &json(&out)["attempts"][0]["error"]["kind"]), (1, &Value::from("security")), "{out}");
    let (code, out, told) = call(&folder, &[&arguments[..], &["--raw"]].concat());
    assert_eq!((code, out.as_str()), (1, ""), "no body came");
    assert!(told.contains("its certificate is refused"), "{told}");
}

#[test]
fn a_fault_is_told_with_its_parts() {
    let server = BrokenServer::answering(|seen| {
        assert_eq!(seen.header("soapaction"), Some("\"urn:place\""));
        let detail =
            "<t:refused xmlns:t=\"urn:example:shop:types\"><t:reason>none left</t:reason></t:refused>";
        let fault = "<e:Fault><faultcode>e:Client.Stock</faultcode><faultstring xml:lang=\"en\">sold out</faultstring>\
                     <faultactor>urn:shop</faultactor><detail>DETAIL</detail></e:Fault>";
        soap(500, &fault.replace("DETAIL", detail))
    });
    let folder = folder(&shop(&server.url("/shop"), ""));
    let (code, out, told) = call(&folder, &["crm", "placeOrder", "--body", "place.xml"]);
    assert_eq!((code, told.as_str()), (1, ""));
    for line in [
        "failed: crm: answered with the fault Client: sold out",
        "  kind         fault, fault",
        "  name         refused",
        "  code         {http://schemas.xmlsoap.org/soap/envelope/}Client",
        "  subcodes     {http://schemas.xmlsoap.org/soap/envelope/}Stock",
        "  reason       sold out (en)",
        "  role         urn:shop",
        "  detail       <",
        "  TLS          none",
    ] {
        assert!(out.lines().any(|shown| shown.starts_with(line)), "{line} in {out}");
    }
    let (code, out, _) = call(&folder, &["crm", "placeOrder", "--body", "place.xml", "--format", "json"]);
    let fault = &json(&out)["failure"]["call"]["fault"];
    assert_eq!((code, &fault["name"], &fault["role"]), (1, &"refused".into(), &"urn:shop".into()), "{out}");
    assert!(fault["detail"][0].as_str().unwrap().contains("none left"), "{out}");
    let (code, out, told) = call(&folder, &["crm", "placeOrder", "--body", "place.xml", "--raw"]);
    assert!(code == 1 && out.starts_with("<e:Envelope") && told.contains("sold out"), "{out}{told}");
}

#[test]
fn whoever_does_not_answer_is_told_within_the_time() {
    let closed = ClosedPort::new();
    let folder = folder(&shop(&closed.url("/shop"), "timeout \"5s\""));
    let (code, out, _) = call(&folder, &["crm", "placeOrder", "--body", "place.xml"]);
    assert_eq!(code, 1);
    assert!(out.contains(&format!("  address      {}, no connection\n", closed.url(""))), "{out}");
    assert!(out.contains("  failed       connect-refused (transport): no connection to "), "{out}");

    let silent = BrokenServer::start([Answer::silent()]);
    let kdl = shop(&silent.url("/shop"), "timeout \"100ms\"; retry 1 backoff=\"1ms\" on=timeout any=#true");
    folder.write("gateway.kdl", &format!("listener internal bind=\"127.0.0.1:0\"\n{kdl}"));
    let (code, out, _) = call(&folder, &["crm", "placeOrder", "--body", "place.xml", "--format", "json"]);
    let shown = json(&out);
    let attempts = shown["attempts"].as_array().unwrap();
    assert_eq!((code, attempts.len(), &attempts[1]["attempt"]), (1, 2, &Value::from(2)), "{out}");
    assert_eq!(attempts[0]["error"]["cause"], "timeout");
    assert_eq!(attempts[0]["connection"]["address"], silent.address().to_string());
    assert_eq!(shown["failure"]["call"]["kind"], "timeout");

    let kdl = shop(&silent.url("/shop"), "timeout \"1h\"");
    folder.write("gateway.kdl", &format!("listener internal bind=\"127.0.0.1:0\"\n{kdl}"));
    let arguments = ["crm", "placeOrder", "--body", "place.xml", "--timeout", "100ms"];
    let (code, out, _) = call(&folder, &arguments);
    assert!(code == 1 && out.contains("failed: "), "{out}");
}

#[test]
fn a_whole_envelope_is_sent_as_it_is() {
    let server = BrokenServer::start([soap(200, PLACED)]);
    let folder = folder(&shop(&server.url("/shop"), ""));
    let whole = envelope("1.1", PLACE).replace("<e:Body>", "<e:Header><mine/></e:Header>\n<e:Body>");
    folder.write("whole.xml", &whole);
    let (code, out, _) = call(&folder, &["crm", "placeOrder", "--body", "whole.xml"]);
    assert_eq!((code, server.one().text()), (0, whole.clone()), "{out}");
    let block = ["crm", "placeOrder", "--body", "whole.xml", "--header", "{urn:x}Session=1"];
    let (code, _, told) = call(&folder, &block);
    assert!(code == 1 && told.contains("a whole envelope is sent as it is"), "{told}");
    for (wrong, why) in [
        (envelope("1.2", PLACE), "it is no envelope of http://schemas.xmlsoap.org/soap/envelope/"),
        (envelope("1.1", ""), "its body is empty"),
        (envelope("1.1", PLACED), "and the document is {urn:example:shop:types}placeOrderResponse"),
        (PLACE.replace(">2<", ">two<"), "the request does not fit the contract"),
    ] {
        folder.write("whole.xml", &wrong);
        let (code, out, _) = call(&folder, &["crm", "placeOrder", "--body", "whole.xml"]);
        assert!(code == 1 && out.contains(why), "{why} in {out}");
    }
    let (code, _, told) = call(&folder, &["crm", "placeOrder"]);
    assert!(code == 1 && told.contains("give it with --body FILE"), "{told}");
    assert_eq!(server.count_in_the_end(), 0, "what is wrong is not sent");
}

#[test]
fn paths_and_actions_are_called_without_a_contract() {
    let server = BrokenServer::answering(|seen| {
        let (accept, media) = (seen.header("accept"), seen.header("content-type").unwrap_or_default());
        match seen.path.as_str() {
            "/api/orders/%7B1%7D?full=1" if accept == Some("application/json") => {
                Answer::new(200, "application/json", "{\"id\":1}")
            }
            "/api/orders" if media == "application/json" => Answer::new(201, "", seen.body.clone()),
            "/api" if media.contains("action=\"urn:any\"") => {
                Answer::new(200, "application/soap+xml", envelope("1.2", "<done/>"))
            }
            _ => Answer::new(404, "", format!("{seen:?}").replace(PASSWORD, "...")),
        }
    });
    let folder = folder(&format!(
        "server billing url=\"{}\" {{ auth bearer token=(env)PASSWORD }}\n",
        server.url("/api")
    ));
    let get = ["billing", "get", "/orders/{1}?full=1", "--header", "Accept=application/json", "--raw"];
    let (code, out, told) = call(&folder, &get);
    assert_eq!((code, out.as_str(), told.as_str()), (0, "{\"id\":1}", ""));
    folder.write("order.json", "{\"id\":2}");
    let (code, out, _) = call(&folder, &["billing", "POST", "/orders", "--body", "order.json", "--raw"]);
    assert_eq!((code, out.as_str()), (0, "{\"id\":2}"));
    folder.write("any.xml", "<any/>");
    let action = ["billing", "--action", "urn:any", "--soap", "1.2", "--body", "any.xml"];
    let (code, out, _) = call(&folder, &action);
    assert!(code == 0 && out.contains("<done/>"), "{out}");
    let (code, out, _) = call(&folder, &["billing", "GET", "/none"]);
    assert!(code == 1 && out.contains("< 404 Not Found") && out.contains("kind         status"), "{out}");
}

#[test]
fn a_token_that_is_asked_for_is_never_shown() {
    let server = BrokenServer::answering(|seen| {
        let shown = seen.header("authorization").unwrap_or_default();
        if seen.path == "/tokens" {
            assert!(seen.method == "POST" && shown.starts_with("Basic "), "{seen:?}");
            return Answer::new(200, "", "{\"access_token\":\"the-token\",\"token_type\":\"Bearer\"}");
        }
        Answer::new(200, "", if shown == "Bearer the-token" { "it was the-token" } else { "" })
    });
    let folder = folder(&format!(
        "server billing url=\"{}\" {{ auth oauth2 token-url=\"{}\" client-id=me client-secret=(env)PASSWORD }}\n",
        server.url(""),
        server.url("/tokens")
    ));
    for format in ["text", "json"] {
        let (code, out, _) = call(&folder, &["billing", "get", "/", "--format", format]);
        assert!(code == 0 && out.contains("it was ***") && !out.contains("/tokens"), "{out}");
    }
}

#[test]
fn a_process_is_run_once_with_what_it_calls() {
    let server = BrokenServer::answering(|seen| Answer::new(200, "application/json", seen.body.clone()));
    let folder = folder(&format!(
        "server billing url=\"{}\"\nprocess sweep {{\n    parallel 2 {{ http billing post \"/a\" }}\n    call later wait=#false\n    \
         message \"swept {{part}}\"\n}}\nprocess later {{ http billing get \"/b\"; throw \"too late\" status=500 }}\n\
         process back {{ message \"given back\"; return }}\n",
        server.url("")
    ));
    folder.write("order.json", "[1]");
    let arguments = ["--process", "sweep", "--body", "order.json", "--property", "part=all"];
    let (code, out, _) = call(&folder, &arguments);
    assert_eq!(code, 1, "what nobody waits for fails: {out}");
    for line in [
        "> POST /a HTTP/1.1",
        "[1]",
        "> GET /b HTTP/1.1",
        "later, which nobody waits for, failed: too late",
        "swept all",
    ] {
        assert!(out.lines().any(|shown| shown == line), "{line} in {out}");
    }
    let (code, out, _) = call(&folder, &["--process", "back"]);
    assert_eq!((code, out.as_str()), (0, "gives 1 document, 10 B\n\ngiven back\n"));
    let (code, out, _) = call(&folder, &["--process", "back", "--format", "json"]);
    assert_eq!(
        (code, &json(&out)["documents"]["shown"][0]["text"]),
        (0, &Value::from("given back")),
        "{out}"
    );
}

#[test]
fn what_the_file_does_not_declare_is_told_on_a_line() {
    let folder = folder(&format!("{}process back {{ return }}\n", shop("http://localhost:1", "")));
    for (arguments, expected) in [
        (&["cmr", "placeOrder"][..], "gateway.kdl: there is no `server cmr`; did you mean `crm`?\n"),
        (&["crm", "placeOrdr"], "did you mean `placeOrder`?"),
        (&["crm", "get", "orders"], "the path of a call begins with a slash"),
        (&["crm", "g t", "/orders"], "`g t` is not a method of HTTP"),
        (&["crm", "get", "/a b"], "must be percent-encoded"),
        (&["crm", "get", "/", "--header", "Host=x"], "`Host` is a field of the connection"),
        (&["crm", "placeOrder", "--header", "x"], "--header x: expected NAME=VALUE\n"),
        (&["--process", "bakc"], "gateway.kdl: there is no `process bakc`; did you mean `back`?\n"),
        (&[], "required"),
        (&["crm"], "required"),
        (&["crm", "placeOrder", "--timeout", "5"], "a duration with its unit"),
    ] {
        let (code, out, told) = call(&folder, arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}: {told}");
        assert!(told.contains(expected), "{arguments:?}: {told}");
    }
    let (code, _, told) = call(&folder, &["crm", "placeOrder", "--body", "none.xml"]);
    assert_eq!((code, told.as_str()), (1, "none.xml cannot be read: there is no such file\n"));
    folder.write("wrong.xml", "<a>\n<b>");
    let (code, _, told) = call(&folder, &["crm", "placeOrder", "--body", "wrong.xml"]);
    assert!(code == 1 && told.starts_with("wrong.xml:2:"), "{told}");
    folder.write("gateway.kdl", "listner a");
    let (code, _, told) = call(&folder, &["crm", "placeOrder"]);
    assert!(
        code == 1 && told.contains("gateway.kdl:1:1") && told.contains("error[unknown-declaration]"),
        "{told}"
    );
    let (code, _, told) = call(&folder, &["crm", "placeOrder", "--file", "none.kdl"]);
    assert!(code == 1 && told.contains("`none.kdl` cannot be read"), "{told}");
}
