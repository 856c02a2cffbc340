//! Contracts of standards that others import by address: they are built in, as nothing is fetched.

/// Each with its address, without the scheme.
static ALL: &[(&str, &str)] = &[
    ("http://docs.oasis-open.org/wsn/bw-2.wsdl", include_str!("wellknown/bw-2.wsdl")),
    ("http://docs.oasis-open.org/wsn/brw-2.wsdl", include_str!("wellknown/brw-2.wsdl")),
    ("http://docs.oasis-open.org/wsrf/rw-2.wsdl", include_str!("wellknown/rw-2.wsdl")),
];

/// The contract at an address, and that; among each other they are known by the name of the file alone (`is_beside`).
pub(super) fn by_address(location: &str, is_beside: bool) -> Option<(&'static str, &'static str)> {
    let bare = |text: &str| text.split_once("://").map(|(_, rest)| rest.to_owned());
    let file = |text: &str| text.rsplit('/').next().map(str::to_owned);
    let is = |known: &str| match is_beside {
        true => file(known) == file(location),
        false => bare(location).is_some() && bare(known) == bare(location),
    };
    ALL.iter().find(|(address, _)| is(address)).copied()
}
