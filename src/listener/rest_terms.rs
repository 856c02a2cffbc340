//! What a route of `rest` asks of a request: header fields that it must have, and parameters of its query.

use compact_str::CompactString;
use hyper::header::{HeaderName, HeaderValue};

use crate::kind::facets;
use crate::pipeline::published::{Parameter, Resource};
use crate::pipeline::redact::CREDENTIALS;
use crate::pipeline::route::{Condition, Defaults};
use crate::source::{Finding, Spanned};
use crate::syntax::Node;

/// Fields that belong to the connection: no route can be told by them, nor by credentials.
const OF_THE_CONNECTION: [&str; 5] = ["connection", "transfer-encoding", "content-length", "upgrade", "te"];

/// Whether routes can be told by a header field.
pub fn tells_routes(name: &HeaderName) -> bool {
    !OF_THE_CONNECTION.iter().chain(CREDENTIALS).any(|known| *known == name.as_str())
}

/// Reads `header NAME VALUE`; `None` after a finding.
pub(super) fn condition(node: &mut Node<'_>, others: &[Spanned<Condition>]) -> Option<Spanned<Condition>> {
    let (name, value) = (node.argument::<String>("header field's name"), node.argument::<String>("value"));
    let (given, value) = (name?, value?);
    let Ok(name) = HeaderName::from_bytes(given.value.as_bytes()) else {
        let message = format!("`{}` is not the name of a header field", given.value);
        node.report(Finding::error("bad-name", given.span, message));
        return None;
    };
    if !tells_routes(&name) {
        let message = format!("a route cannot be told by `{}`", given.value);
        let finding = Finding::error("bad-condition", given.span, message);
        node.report(
            finding.help("fields of the connection and credentials are read before there is a route"),
        );
        return None;
    }
    let fits = HeaderValue::from_str(&value.value).is_ok() && value.value.trim() == value.value;
    if !fits || value.value.is_empty() {
        let finding = Finding::error("bad-condition", value.span, "a header field cannot have this value");
        node.report(finding.help("write the whole value, without line ends and spaces around it"));
        return None;
    }
    if let Some(first) = others.iter().find(|other| other.value.name == name) {
        let message = format!("`{}` is given twice: a request would have to have both values", given.value);
        let finding = Finding::error("duplicate-part", given.span, message);
        node.report(finding.also(first.span, "the first one is here").help("write a route for each"));
        return None;
    }
    Some(Spanned::new(Condition { name, value: value.value.into() }, given.span))
}

/// Reads `query NAME [type=TYPE] [facets] [required=#true] [default=VALUE] [description=TEXT]`.
pub(super) fn parameter(node: &mut Node<'_>, others: &[Spanned<Parameter>]) -> Option<Spanned<Parameter>> {
    let name = node.argument::<String>("parameter's name");
    let base = facets::simple_type(node);
    let simple = facets::simple(node, base);
    let required = node.property::<bool>("required").is_some_and(|given| given.value);
    let default = node.property::<Text>("default");
    let description = node.property::<String>("description").map(|given| given.value);
    let name = name?;
    if let Some(first) = others.iter().find(|other| other.value.name == name.value) {
        let message = format!("the parameter `{}` is declared twice", name.value);
        let finding = Finding::error("duplicate-part", name.span, message);
        node.report(finding.also(first.span, "the first one is here"));
        return None;
    }
    if let Some(default) = &default {
        if required {
            let message = format!("`{}` must be given: its default would never count", name.value);
            let finding = Finding::error("never-used", default.span, message);
            node.report(finding.help("remove required=#true, or the default="));
        } else if let Err(expected) = simple.check_json_string(&default.value.0)
            && base.is_some()
        {
            let message = format!("the default of `{}` does not fit its type", name.value);
            node.report(
                Finding::error("bad-default", default.span, message).label(format!("expected {expected}")),
            );
        }
    }
    let default = default.map(|given| given.value.0);
    let parameter = Parameter { name: name.value.into(), simple, required, default, description };
    Some(Spanned::new(parameter, name.span))
}

/// A value as the text that a query would have.
struct Text(CompactString);

impl crate::syntax::FromValue for Text {
    const HOME: crate::syntax::Home = crate::syntax::Home::File;

    fn from_value(given: &crate::syntax::Given<'_>) -> Result<Self, String> {
        let written = || given.written.replace('_', "");
        match (given.text(), given.value.as_bool(), given.value.is_null()) {
            (Some(text), _, _) => Ok(Self(text.into())),
            (_, Some(value), _) => Ok(Self(if value { "true".into() } else { "false".into() })),
            (_, _, true) => Err("text, a number, #true or #false".to_owned()),
            _ => Ok(Self(written().into())),
        }
    }
}

/// The values of parameters that a request does not give; `None` where there are none.
pub(super) fn defaults(resource: &Resource) -> Option<Defaults> {
    let all = resource.parameters.iter();
    let all: Defaults = all.filter_map(|one| Some((one.name.clone(), one.default.clone()?))).collect();
    (!all.is_empty()).then_some(all)
}
