//! `soapstone wsdl update`: the contracts at addresses that a file names, fetched, compared with the cache, and written to it.

mod store;
mod version;

use std::path::{Path, PathBuf};

use self::version::Version;
use super::arguments::{Format, UpdateOptions};
use super::fetch::Fetcher;
use super::output::Output;
use super::{FAILED, FINE, MISUSED};
use crate::compile;
use crate::source::Span;
use crate::world::Real;
use crate::wsdl::Url;
use crate::wsdl::cache::{Lock, WsdlSource, difference, is_host};

/// Fetches what the file names, prints what is another than before, and writes it; nothing is written when anything fails.
pub fn update(options: &UpdateOptions, out: &mut Output) -> u8 {
    let (file, urls) = match asked(options) {
        Ok(asked) => asked,
        Err(message) => {
            out.tell(&format!("{message}\n"));
            return MISUSED;
        }
    };
    let named = compile::wsdl_sources(&options.overlays.of(&file), &Real);
    if named.findings.has_errors() {
        out.findings(&named.findings, &named.files, Format::Text);
        return FAILED;
    }
    let folder = file.parent().unwrap_or(Path::new("")).to_owned();
    let old = Lock::beside(&folder, &Real);
    let wanted = wanted(named.sources, &urls, &options.hosts);
    let (mut versions, mut is_whole) = (Vec::new(), true);
    for source in &wanted {
        let mut fetcher = Fetcher::new(source);
        match Version::fetched(source, &mut |url| fetcher.fetch(url)) {
            Ok(version) => versions.push(version),
            Err(message) => {
                is_whole = false;
                out.tell(&format!("{}\n", message.trim_end()));
            }
        }
    }
    if !is_whole {
        out.tell("nothing was written\n");
        return FAILED;
    }
    let mut lock = if urls.is_empty() { Lock::default() } else { old.clone() };
    let mut differs = false;
    for version in &versions {
        let (told, is_other) = compared(&old, &folder, version);
        out.say(&told);
        differs |= is_other;
        lock.0.insert(version.url.to_string(), version.files.clone());
    }
    for gone in old.0.keys().filter(|url| !lock.0.contains_key(*url)) {
        out.say(&format!("{gone}\n  is not named any more\n"));
        differs = true;
    }
    finish(options, out, (&folder, &old, &lock), &versions, differs)
}

/// Writes what differs, unless it is only asked for.
fn finish(
    options: &UpdateOptions,
    out: &mut Output,
    (folder, old, lock): (&Path, &Lock, &Lock),
    versions: &[Version],
    differs: bool,
) -> u8 {
    if !differs {
        out.say(match lock.0.is_empty() {
            true => "the file names no WSDL at an address: there is nothing to fetch\n",
            false => "nothing differs from the cache\n",
        });
        return FINE;
    }
    if options.check {
        out.say("the cache is not what stands at the addresses: soapstone wsdl update writes it\n");
        return FAILED;
    }
    let files = versions.iter().flat_map(Version::contents);
    match store::write(folder, lock, files, old) {
        Ok(path) => {
            out.say(&format!("wrote {}\n", path.display()));
            FINE
        }
        Err(message) => {
            out.tell(&format!("{message}\nnothing was written\n"));
            FAILED
        }
    }
}

/// The file and the addresses that are asked for.
fn asked(options: &UpdateOptions) -> Result<(PathBuf, Vec<Url>), String> {
    if let Some(host) = options.hosts.iter().find(|host| !is_host(host)) {
        return Err(format!("--host {host}: a host's name is wanted, without scheme, port and path"));
    }
    let (mut file, mut urls) = (None, Vec::new());
    for what in &options.what {
        match Url::parse(what) {
            Some(url) => urls.push(url),
            None if what.contains("://") => {
                // What stands before the host may be a password.
                let shown = what.rsplit('@').next().unwrap_or_default();
                return Err(format!("{shown} is no address of http or https that could be fetched"));
            }
            None => {
                if let Some(first) = file.replace(PathBuf::from(what)) {
                    return Err(format!("{} and {what}: one file at a time", first.display()));
                }
            }
        }
    }
    Ok((file.unwrap_or_else(|| PathBuf::from("gateway.kdl")), urls))
}

/// What is fetched: all that the file names, or what is asked for, with what the file says of it.
fn wanted(named: Vec<WsdlSource>, urls: &[Url], hosts: &[String]) -> Vec<WsdlSource> {
    let of = |url: &Url| {
        let known = named.iter().find(|source| source.url == *url);
        known.cloned().unwrap_or_else(|| WsdlSource::new(url.clone(), Span::default()))
    };
    let mut wanted: Vec<WsdlSource> = match urls.is_empty() {
        true => named.clone(),
        false => urls.iter().map(of).collect(),
    };
    for source in &mut wanted {
        source.hosts.extend(hosts.iter().map(|host| host.to_ascii_lowercase()));
    }
    wanted
}

/// What is another than in the cache, in words, and whether anything is.
fn compared(old: &Lock, folder: &Path, new: &Version) -> (String, bool) {
    let url = &new.url;
    let Some(files) = old.0.get(&url.to_string()) else {
        return (format!("{url}\n  new: {}; {}\n", new.facts.counted(), counted(new.files.len())), true);
    };
    let Some(cached) = Version::cached(url, folder, files) else {
        let told = "the files in the cache are not what was fetched, and are written anew";
        return (format!("{url}\n  {told}: {}; {}\n", new.facts.counted(), counted(new.files.len())), true);
    };
    if cached.files == new.files {
        return (format!("{url}\n  as it is in the cache\n"), false);
    }
    let changes = difference(&cached.facts, &new.facts);
    let mut told = format!("{url}\n");
    if changes.is_empty() {
        told.push_str("  other text, with the same operations, types and policies\n");
    }
    for change in changes {
        told.push_str(&format!("  {change}\n"));
    }
    (told, true)
}

fn counted(files: usize) -> String {
    format!("{files} {}", if files == 1 { "file" } else { "files" })
}
