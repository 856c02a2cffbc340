//! The files of a contract at an address: itself and what it imports from allowed hosts, each once, bounded.

use std::collections::HashMap;
use std::ops::Range;

use crate::document::text;
use crate::wsdl::Url;
use crate::wsdl::read::{MOST_BYTES, MOST_DEEP, MOST_FILES, WSDL, locations};

/// What stands at an address.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// Where it stood in the end, which differs after a redirection: locations in it are relative to that (RFC 3986, 5.1.3).
    pub base: Url,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Gives what stands at an address, or why it cannot be had, in plain words.
pub type Fetch<'f> = dyn FnMut(&Url) -> Result<Fetched, String> + 'f;

/// A file of a contract.
#[derive(Debug)]
pub struct Found {
    /// The address that names it.
    pub url: Url,
    /// The address that locations in it are relative to.
    pub base: Url,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The same as text.
    pub text: String,
    /// Whether a WSDL is expected there.
    pub is_wsdl: bool,
    /// The locations in its text that lead to files of the contract, in their order: where, and the number of the file.
    pub links: Vec<(Range<usize>, usize)>,
}

/// The files of a contract; the one that was named is the first.
pub type Crawled = Vec<Found>;

/// Fetches a contract with what it refers to and `is_allowed` lets through. What is not let through stays an address: the
/// reader knows whether it is built in, or missed.
///
/// # Errors
/// Something cannot be fetched, is neither a WSDL nor a schema, or is more than the bounds allow ([`MOST_FILES`],
/// [`MOST_BYTES`], [`MOST_DEEP`]). The message names the address.
pub fn crawl(
    root: &Url,
    is_allowed: &dyn Fn(&Url) -> bool,
    fetch: &mut Fetch<'_>,
) -> Result<Crawled, String> {
    let mut crawler = Crawler { fetch, is_allowed, known: HashMap::new(), files: Vec::new() };
    crawler.file(root, true, 0)?;
    Ok(crawler.files)
}

struct Crawler<'a, 'f> {
    fetch: &'a mut Fetch<'f>,
    is_allowed: &'a dyn Fn(&Url) -> bool,
    known: HashMap<Url, usize>,
    files: Crawled,
}

impl Crawler<'_, '_> {
    /// The number of the file at an address.
    fn file(&mut self, url: &Url, is_wsdl: bool, depth: usize) -> Result<usize, String> {
        if let Some(number) = self.known.get(url) {
            return Ok(*number);
        }
        if self.files.len() >= MOST_FILES || depth >= MOST_DEEP {
            return Err(format!(
                "{url}: a contract has at most {MOST_FILES} files, {MOST_DEEP} of them in a row"
            ));
        }
        let Fetched { base, bytes } =
            (self.fetch)(url).map_err(|why| format!("{url} cannot be fetched: {why}"))?;
        if bytes.len() > MOST_BYTES {
            return Err(format!("{url} has more than {} MiB", MOST_BYTES >> 20));
        }
        let text = text::decode(&bytes, None).map_err(|wrong| format!("{url}: {wrong}"))?.into_owned();
        let found = locations(&text).map_err(|why| match is_page(&text) {
            true => format!(
                "{url} is no WSDL and no schema: it is an HTML page; many servers want ?wsdl behind it"
            ),
            false => format!("{url} is no WSDL and no schema: {why}"),
        })?;
        // A schema may be named where a contract mostly is.
        let is_wsdl = is_wsdl && (depth > 0 || text.contains(WSDL));
        let number = self.files.len();
        self.known.insert(url.clone(), number);
        let file = Found { url: url.clone(), base: base.clone(), bytes, text, is_wsdl, links: Vec::new() };
        self.files.push(file);
        let mut links = Vec::new();
        for (range, location, is_wsdl) in found {
            let target =
                base.join(&location).filter(|target| !location.is_empty() && (self.is_allowed)(target));
            if let Some(target) = target {
                links.push((range, self.file(&target, is_wsdl, depth + 1)?));
            }
        }
        if let Some(file) = self.files.get_mut(number) {
            file.links = links;
        }
        Ok(number)
    }
}

/// Whether a text is a page for people.
fn is_page(text: &str) -> bool {
    let start: String = text.trim_start().chars().take(14).collect::<String>().to_ascii_lowercase();
    start.starts_with("<!doctype html") || start.starts_with("<html")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &str = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>";

    /// The addresses of what is found among these, or why nothing is.
    fn crawled(files: &[(&str, String)]) -> Result<Vec<(String, usize)>, String> {
        let root = Url::parse(files[0].0).unwrap();
        let mut fetch = |url: &Url| {
            let found = files.iter().find(|(known, _)| Url::parse(known).as_ref() == Some(url));
            let text = found.map(|(_, text)| text.clone()).ok_or("it is not there")?;
            Ok(Fetched { base: url.clone(), bytes: text.into_bytes() })
        };
        let found = crawl(&root, &|url| url.host() == "a", &mut fetch)?;
        Ok(found.into_iter().map(|file| (file.url.to_string(), file.links.len())).collect())
    }

    fn including(locations: &[&str]) -> String {
        let one = |location: &&str| format!("<xs:include schemaLocation='{location}'/>");
        format!("{SCHEMA}{}</xs:schema>", locations.iter().map(one).collect::<String>())
    }

    #[test]
    fn each_file_is_fetched_once_and_other_hosts_are_left() {
        let files = [
            ("http://a/x/s?wsdl", including(&["?xsd=1", "../y/c.xsd", "http://b/d.xsd", "urn:x"])),
            ("http://a/x/s?xsd=1", including(&["s?wsdl", "/y/c.xsd"])),
            ("http://a/y/c.xsd", including(&[])),
        ];
        let expected = [("http://a/x/s?wsdl", 2), ("http://a/x/s?xsd=1", 2), ("http://a/y/c.xsd", 0)];
        assert_eq!(crawled(&files).unwrap(), expected.map(|(url, links)| (url.to_owned(), links)));
    }

    #[test]
    fn what_is_wrong_is_said_with_the_address() {
        let told = |text: &str| crawled(&[("http://a/", text.to_owned())]).unwrap_err();
        assert_eq!(
            told(" <!DOCTYPE HTML><p>"),
            "http://a/ is no WSDL and no schema: it is an HTML page; many servers want ?wsdl behind it"
        );
        assert_eq!(told("<a/>"), "http://a/ is no WSDL and no schema: its root is a");
        assert_eq!(told(&including(&["b"])), "http://a/b cannot be fetched: it is not there");
        assert_eq!(told(&" ".repeat(MOST_BYTES + 1)), "http://a/ has more than 8 MiB");
        let many: Vec<String> = (0..=MOST_FILES).map(|number| format!("http://a/{number}")).collect();
        let all: Vec<&str> = many.iter().map(String::as_str).collect();
        let mut files = vec![(all[0], including(&all))];
        files.extend(all[1..].iter().map(|url| (*url, including(&[]))));
        assert_eq!(
            crawled(&files).unwrap_err(),
            "http://a/64: a contract has at most 64 files, 32 of them in a row"
        );
        let chain: Vec<(&str, String)> =
            all.iter().zip(&all[1..]).map(|(url, next)| (*url, including(&[next]))).collect();
        assert_eq!(
            crawled(&chain).unwrap_err(),
            "http://a/32: a contract has at most 64 files, 32 of them in a row"
        );
    }
}
