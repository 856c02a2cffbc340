//! A contract at an address with what it imports from the same host: fetched once each, bounded, its links made local.

use std::collections::HashMap;

use super::source::ImportError;
use super::url::Url;
use crate::document::text;
use crate::wsdl::read::{MOST_BYTES, MOST_DEEP, MOST_FILES, locations};

/// Gives what stands at an address.
pub type Fetch<'f> = dyn FnMut(&Url) -> Result<Vec<u8>, String> + 'f;

/// Fetches a contract: its files by the names that they are saved under, the contract itself first.
///
/// # Errors
/// Something cannot be fetched, or there is more than the bounds allow.
pub fn gather(url: &Url, stem: &str, fetch: &mut Fetch<'_>) -> Result<Vec<(String, String)>, ImportError> {
    let mut gatherer = Gatherer { fetch, stem, host: url.host(), names: HashMap::new(), files: Vec::new() };
    gatherer.file(url, true, 0)?;
    Ok(gatherer.files)
}

struct Gatherer<'a, 'f> {
    fetch: &'a mut Fetch<'f>,
    stem: &'a str,
    host: String,
    names: HashMap<String, String>,
    files: Vec<(String, String)>,
}

impl Gatherer<'_, '_> {
    /// The name under which the file at an address is saved.
    fn file(&mut self, url: &Url, is_wsdl: bool, depth: usize) -> Result<String, ImportError> {
        let key = url.to_string();
        if let Some(name) = self.names.get(&key) {
            return Ok(name.clone());
        }
        if self.names.len() >= MOST_FILES || depth >= MOST_DEEP {
            let message =
                format!("{key}: a contract has at most {MOST_FILES} files, {MOST_DEEP} of them in a row");
            return Err(ImportError(message));
        }
        let bytes =
            (self.fetch)(url).map_err(|why| ImportError(format!("{key} cannot be fetched: {why}")))?;
        if bytes.len() > MOST_BYTES {
            return Err(ImportError(format!("{key} has more than {} MiB", MOST_BYTES >> 20)));
        }
        let text =
            text::decode(&bytes, None).map_err(|wrong| ImportError(format!("{key}: {wrong}")))?.into_owned();
        let extension = if is_wsdl { "wsdl" } else { "xsd" };
        let name = match self.names.len() {
            0 => format!("{}.{extension}", self.stem),
            number => format!("{}-{number}.{extension}", self.stem),
        };
        self.names.insert(key.clone(), name.clone());
        let at = self.files.len();
        self.files.push((name.clone(), String::new()));
        let local = self.local(url, &text, depth).map_err(|ImportError(why)| match why.contains(": ") {
            true => ImportError(why),
            false => ImportError(format!("{key}: {why}")),
        })?;
        if let Some(file) = self.files.get_mut(at) {
            file.1 = local;
        }
        Ok(name)
    }

    /// The text with the locations of files on the same host made names of saved files.
    fn local(&mut self, url: &Url, text: &str, depth: usize) -> Result<String, ImportError> {
        let found =
            locations(text).map_err(|why| ImportError(format!("{url} is no WSDL and no schema: {why}")))?;
        let (mut out, mut at) = (String::with_capacity(text.len()), 0);
        for (range, location, is_wsdl) in found {
            // What is elsewhere stays an address: it is built in, or named in the findings of the check.
            let Some(target) = url.join(&location).filter(|target| target.host() == self.host) else {
                continue;
            };
            let name = self.file(&target, is_wsdl, depth + 1)?;
            out.push_str(text.get(at..range.start).unwrap_or_default());
            out.push_str(&name);
            at = range.end;
        }
        out.push_str(text.get(at..).unwrap_or_default());
        Ok(out)
    }
}
