//! The protocols as a stranger meets them, and the order service with bounds that a test can reach.

use super::{Gateway, Response, create_order, envelope, get, order_service};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Simple,
    Rest,
    Soap11,
    Soap12,
}

use Protocol::{Rest, Simple, Soap11, Soap12};

pub const ALL: [Protocol; 4] = [Simple, Rest, Soap11, Soap12];

impl Protocol {
    pub fn path(self) -> &'static str {
        match self {
            Simple => "/ws/simple/createOrder",
            Rest => "/ws/rest/Order",
            Soap11 | Soap12 => "/ws/soap",
        }
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Simple | Rest => "application/xml",
            Soap11 => "text/xml",
            Soap12 => "application/soap+xml",
        }
    }

    /// What says which protocol is spoken where no endpoint can: at an unknown address.
    pub fn hint(self) -> Option<(&'static str, &'static str)> {
        match self {
            Rest => Some(("Accept", "application/problem+json, */*;q=0.1")),
            Soap11 => Some(("SOAPAction", "\"\"")),
            Simple | Soap12 => None,
        }
    }

    /// A body around a document.
    pub fn body(self, document: &str) -> String {
        match self {
            Simple | Rest => document.to_owned(),
            Soap11 => envelope("1.1", &create_order(document)),
            Soap12 => envelope("1.2", &create_order(document)),
        }
    }

    /// That a failure is in the protocol's own form: a fault, a problem document, or text.
    pub fn must_be_own(self, what: &str, answer: &Response, code: &str) {
        let (content_type, holds) = match self {
            Simple => ("text/plain; charset=utf-8", format!("\ncode: {code}\n")),
            Rest => ("application/problem+json", format!("\"code\":\"{code}\"")),
            Soap11 => ("text/xml; charset=utf-8", format!("<f:code>{code}</f:code>")),
            Soap12 => ("application/soap+xml; charset=utf-8", format!("<f:code>{code}</f:code>")),
        };
        assert_eq!(answer.header("content-type"), Some(content_type), "{what}, {self:?}: {answer:?}");
        assert!(answer.body.contains(&holds), "{what}, {self:?}: no {holds} in {answer:?}");
        let id = answer.header("x-request-id").unwrap_or_else(|| panic!("{what}: no request id"));
        assert!(answer.body.contains(id), "{what}, {self:?}: {answer:?}");
    }
}

/// The order service with small bounds, and an operation without an input beside it.
pub fn small() -> Gateway {
    let listener = "listener internal bind=\"127.0.0.1:0\"";
    let kdl = order_service();
    assert!(kdl.contains(listener));
    let limits = "limits body=\"4KiB\" header=\"8KiB\" fields=20 depth=12 elements=100 attributes=8 \
                  head=\"500ms\" request=\"1s\"";
    let kdl = kdl.replace(listener, &format!("{listener} {{\n    {limits}\n}}"));
    Gateway::start(&format!(
        "{kdl}\nprofile pong format=xml {{ element Pong }}\noperation get-status {{\n action get\n object Status\n \
         output pong\n process {{ message \"<Pong>ok</Pong>\" type=\"application/xml\"; return }}\n}}\n"
    ))
}

pub fn must_serve(gateway: &Gateway, after: &str) {
    let answer = get(gateway.address("internal"), "/ws/simple/getStatus");
    assert_eq!((answer.status, answer.body.contains("ok")), (200, true), "after {after}: {answer:?}");
}
