//! MTOM calls of servers of others: JAX-WS and gSOAP, in both versions of SOAP.
#![allow(clippy::disallowed_methods, reason = "tests read files and run programs")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "support/soap_servers.rs"]
mod soap_servers;
mod support;

use soap_servers::SoapServer;
use support::{Folder, Gateway, call};

const KDL: &str = r##"
listener internal bind="127.0.0.1:0"
server orders url=(env)ORDERS { wsdl "wrapped.wsdl" version="1.1" }
server orders12 url=(env)ORDERS12 { wsdl "wrapped.wsdl" version="1.2" }
profile attach format=xml {
    element Attach namespace="urn:example:orders" { element Name; element Data type=base64Binary }
}
operation attach { action execute; object Attach; input attach; output data content-type="text/plain"
    process {
        soap orders Attach mtom=#true { keep-parts as=orders.parts }
        message "{= doc.AttachResponse.Size} {= doc.AttachResponse.Data}"
        return
    }
}
operation attach12 { action execute; object Attach; input attach; output data content-type="text/plain"
    process {
        soap orders12 Attach mtom=#true { attach id="beside@example.com" type="text/plain" { message "beside" } }
        message "{= doc.AttachResponse.Size} {= doc.AttachResponse.Data}"
        return
    }
}
api calls base="/calls" { rest { post "/attach" attach; post "/attach12" attach12 } }
"##;

/// Base64 of 3000 bytes, all of them in it.
fn data() -> String {
    "AAEC/f7/".repeat(500)
}

fn data_goes_there_and_back(v11: String, v12: String) {
    let folder = Folder::new();
    folder.write("gateway.kdl", KDL);
    folder.write("wrapped.wsdl", include_str!("servers/wrapped.wsdl"));
    let gateway = Gateway::start_in(folder, &[], &[("ORDERS", &v11), ("ORDERS12", &v12)]);
    for path in ["/calls/attach", "/calls/attach12"] {
        let body =
            format!("<Attach xmlns='urn:example:orders'><Name>n</Name><Data>{}</Data></Attach>", data());
        let headers = [("Content-Type", "text/xml")];
        let answer = call(gateway.address("internal"), "POST", path, &headers, body.as_bytes());
        assert_eq!((answer.status, answer.body), (200, format!("3000 {}", data())), "{path}");
    }
}

#[test]
fn jax_ws_takes_and_answers_data_in_parts() {
    let server = SoapServer::jax_ws();
    data_goes_there_and_back(server.url("/mtom"), server.url("/mtom12"));
    server.stop();
}

#[test]
fn gsoap_takes_and_answers_data_in_parts() {
    let server = SoapServer::gsoap_wrapped();
    data_goes_there_and_back(server.url("/"), server.url("/"));
    server.stop();
}
