//! `wsdl FILE-or-URL { ... }`: the contract that a declaration names, and what may be fetched for it.

use std::sync::Arc;

use crate::source::{Finding, Spanned};
use crate::syntax::{Kept, Node, Reading, Secret};
use crate::wsdl::Url;
use crate::wsdl::cache::{WsdlSource, is_host};

/// What the sources of a file are kept under.
const KEY: &str = "wsdl source";

/// Reads `wsdl FILE-or-URL { [hosts HOST...]; [auth basic user=NAME password=(env)NAME] }`; gives the file or the address,
/// for [`super::schemas::Schemas::read`].
pub fn read(mut node: Node<'_>) -> Option<Spanned<String>> {
    let name = node.argument::<String>("file or address");
    let url = name.as_ref().and_then(|name| Url::parse(&name.value).map(|url| Spanned::new(url, name.span)));
    let is_meant = name.as_ref().is_some_and(|name| Url::is_meant(&name.value));
    let (mut hosts, mut credentials) = (Vec::new(), None);
    for mut child in node.parts(&["hosts", "auth"]) {
        if name.is_some() && !is_meant {
            let message = format!("`{}` is for a WSDL at an address", child.name());
            let finding = Finding::error("unused-part", child.name_span(), message);
            node.report(finding.help("a file is read as it is, and nothing is fetched for it"));
        }
        match child.name() {
            "hosts" => {
                hosts.extend(
                    child.arguments::<String>("host").into_iter().filter_map(|given| host(&child, given)),
                );
                child.finish();
            }
            "auth" => credentials = auth(child),
            _ => child.unknown("unknown-word", "a part of `wsdl`", ["hosts", "auth"]),
        }
    }
    if let Some(url) = url {
        let source = WsdlSource { hosts, credentials, ..WsdlSource::new(url.value, url.span) };
        note(node.reading, source);
    }
    node.finish();
    name
}

fn host(node: &Node<'_>, given: Spanned<String>) -> Option<String> {
    if is_host(&given.value) {
        return Some(given.value.to_ascii_lowercase());
    }
    let finding =
        Finding::error("bad-host", given.span, format!("`{}` is not the name of a host", given.value));
    node.report(
        finding.help("a name as it stands in addresses, without scheme, port and path: schemas.example.com"),
    );
    None
}

/// Reads `auth basic user=NAME password=(env)NAME`.
fn auth(mut node: Node<'_>) -> Option<(String, Secret)> {
    let scheme = node.argument::<String>("scheme");
    if let Some(scheme) = scheme.as_ref().filter(|scheme| scheme.value != "basic") {
        let message = format!("`{}` is no way to fetch a WSDL", scheme.value);
        node.report(Finding::error("unknown-scheme", scheme.span, message).suggest(&scheme.value, ["basic"]));
    }
    let (user, password) = (node.required::<String>("user"), node.required::<Secret>("password"));
    if let Some(user) = user.as_ref().filter(|user| user.value.contains(':')) {
        let finding = Finding::error("wrong-value", user.span, "a user's name has no colon (RFC 7617)");
        node.report(finding);
    }
    node.finish();
    Some((user?.value, password?.value))
}

/// Keeps a contract at an address, for whoever fetches what a file names.
pub fn note(reading: &Reading<'_>, source: WsdlSource) {
    let mut kept = reading.kept.borrow_mut();
    let number = kept.len();
    kept.insert(format!("{KEY} {number}"), Arc::new(source));
}

/// The contracts at addresses that a file names, each address once, in the order of their places.
pub fn sources(kept: &Kept) -> Vec<WsdlSource> {
    let all = kept.iter().filter(|(key, _)| key.starts_with(KEY));
    let all = all.filter_map(|(_, source)| source.downcast_ref::<WsdlSource>().cloned());
    WsdlSource::each_once(all.collect())
}
