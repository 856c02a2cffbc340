//! A small web site that a test can change while it is served: files by their targets, redirections, credentials.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::broken_server::{Answer, BrokenServer, Seen};

/// What stands at a target.
#[derive(Clone)]
pub enum Page {
    /// A text.
    Text(String),
    /// A redirection to a location.
    Moved(String),
    /// A text for who sends this `Authorization`.
    Guarded(String, String),
}

/// A request: its target, and the value of `Authorization`.
pub type Asked = (String, Option<String>);

/// A site on a free port of 127.0.0.1; it ends with the test.
pub struct Site {
    server: BrokenServer,
    pages: Arc<Mutex<HashMap<String, Page>>>,
}

impl Site {
    pub fn start() -> Self {
        let pages = Arc::<Mutex<HashMap<_, _>>>::default();
        let own = Arc::clone(&pages);
        let server = BrokenServer::answering(move |seen| answer(seen, own.lock().unwrap().get(&seen.path)));
        Self { server, pages }
    }

    pub fn put(&self, target: &str, page: Page) {
        self.pages.lock().unwrap().insert(target.to_owned(), page);
    }

    pub fn text(&self, target: &str, text: &str) {
        self.put(target, Page::Text(text.to_owned()));
    }

    /// The address of a target.
    pub fn url(&self, target: &str) -> String {
        self.server.url(target)
    }

    /// The same by another name of the host.
    pub fn other_url(&self, target: &str) -> String {
        format!("http://localhost:{}{target}", self.server.address().port())
    }

    /// The requests so far; forgets them.
    pub fn asked(&self) -> Vec<Asked> {
        let asked = |seen: Seen| (seen.path.clone(), seen.header("authorization").map(str::to_owned));
        self.server.taken().into_iter().map(asked).collect()
    }
}

fn answer(seen: &Seen, page: Option<&Page>) -> Answer {
    match page {
        Some(Page::Text(text)) => Answer::new(200, "", text.as_str()),
        Some(Page::Moved(location)) => Answer::empty(302).header("Location", location),
        Some(Page::Guarded(wanted, text)) if seen.header("authorization") == Some(wanted) => {
            Answer::new(200, "", text.as_str())
        }
        Some(Page::Guarded(..)) => Answer::empty(401).header("WWW-Authenticate", "Basic realm=\"x\""),
        None => Answer::empty(404),
    }
}
