//! A contract at an address with what it imports from the same host: its links made local, to be saved in one folder.

use super::source::ImportError;
use crate::wsdl::Url;
use crate::wsdl::cache::{Fetch, crawl};

/// Fetches a contract: its files by the names that they are saved under, the contract itself first.
///
/// # Errors
/// Something cannot be fetched, or there is more than the bounds allow.
pub fn gather(url: &Url, stem: &str, fetch: &mut Fetch<'_>) -> Result<Vec<(String, String)>, ImportError> {
    // What is elsewhere stays an address: it is built in, or named in the findings of the check.
    let files = crawl(url, &|target| target.host() == url.host(), fetch).map_err(ImportError)?;
    let names = files.iter().enumerate().map(|(number, file)| {
        let extension = if file.is_wsdl { "wsdl" } else { "xsd" };
        match number {
            0 => format!("{stem}.{extension}"),
            number => format!("{stem}-{number}.{extension}"),
        }
    });
    let names: Vec<String> = names.collect();
    let local = files.iter().map(|file| {
        let (mut out, mut at) = (String::with_capacity(file.text.len()), 0);
        for (range, target) in &file.links {
            out.push_str(file.text.get(at..range.start).unwrap_or_default());
            out.push_str(names.get(*target).map_or("", String::as_str));
            at = range.end;
        }
        out.push_str(file.text.get(at..).unwrap_or_default());
        out
    });
    Ok(names.iter().cloned().zip(local).collect())
}
