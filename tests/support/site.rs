//! A small web site that a test can change while it is served: files by their targets, redirections, credentials.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use super::DEADLINE;

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
    address: SocketAddr,
    pages: Arc<Mutex<HashMap<String, Page>>>,
    /// The requests, in the order they came.
    asked: Arc<Mutex<Vec<Asked>>>,
    is_done: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Site {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (pages, asked) = (Arc::<Mutex<HashMap<_, _>>>::default(), Arc::<Mutex<Vec<_>>>::default());
        let is_done = Arc::new(AtomicBool::new(false));
        let address = listener.local_addr().unwrap();
        let (own_pages, own_asked, own_done) = (Arc::clone(&pages), Arc::clone(&asked), Arc::clone(&is_done));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if own_done.load(Ordering::SeqCst) {
                    return;
                }
                // Who goes away while it is answered is no mistake of the site's.
                let _ = answer(stream.unwrap(), &own_pages, &own_asked);
            }
        });
        Self { address, pages, asked, is_done, thread: Some(thread) }
    }

    pub fn put(&self, target: &str, page: Page) {
        self.pages.lock().unwrap().insert(target.to_owned(), page);
    }

    pub fn text(&self, target: &str, text: &str) {
        self.put(target, Page::Text(text.to_owned()));
    }

    /// The address of a target.
    pub fn url(&self, target: &str) -> String {
        format!("http://{}{target}", self.address)
    }

    /// The same by another name of the host.
    pub fn other_url(&self, target: &str) -> String {
        format!("http://localhost:{}{target}", self.address.port())
    }

    /// The requests so far; forgets them.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.is_done.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn answer(
    stream: TcpStream,
    pages: &Mutex<HashMap<String, Page>>,
    asked: &Mutex<Vec<Asked>>,
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(DEADLINE))?;
    stream.set_write_timeout(Some(DEADLINE))?;
    let mut lines = BufReader::new((&stream).take(64 << 10)).lines();
    let first = lines.next().unwrap_or(Ok(String::new()))?;
    let target = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut authorization = None;
    for line in lines {
        let line = line?;
        match line.split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("authorization") => {
                authorization = Some(value.trim().to_owned());
            }
            Some(_) => {}
            None => break,
        }
    }
    asked.lock().unwrap().push((target.clone(), authorization.clone()));
    let page = pages.lock().unwrap().get(&target).cloned();
    let (status, field, body) = match page {
        Some(Page::Text(text)) => ("200 OK", String::new(), text),
        Some(Page::Moved(location)) => ("302 Found", format!("Location: {location}\r\n"), String::new()),
        Some(Page::Guarded(wanted, text)) if authorization.as_ref() == Some(&wanted) => {
            ("200 OK", String::new(), text)
        }
        Some(Page::Guarded(..)) => {
            ("401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"\r\n".to_owned(), String::new())
        }
        None => ("404 Not Found", String::new(), String::new()),
    };
    let head =
        format!("HTTP/1.1 {status}\r\n{field}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let mut stream = &stream;
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())
}
