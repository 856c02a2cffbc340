//! Word to the service manager (`sd_notify`): ready, reloading, stopping, as datagrams to its socket.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::Path;

use tracing::warn;

use crate::world::{Real, World};

/// The service manager, if the process has one.
#[derive(Debug)]
pub(super) struct Notify(Option<(UnixDatagram, SocketAddr)>);

impl Notify {
    /// Opens the way to the socket that `NOTIFY_SOCKET` names: a path, or `@name` for an abstract one.
    pub(super) fn new(socket: Option<String>) -> Self {
        let open = |name: &str| {
            let address = match name.strip_prefix('@') {
                Some(name) => SocketAddr::from_abstract_name(name)?,
                None => SocketAddr::from_pathname(name)?,
            };
            Ok((UnixDatagram::unbound()?, address))
        };
        let opened: Option<std::io::Result<_>> =
            socket.filter(|name| !name.is_empty()).map(|name| open(&name));
        Self(opened.and_then(|outcome| {
            outcome.inspect_err(|error| warn!(%error, "NOTIFY_SOCKET cannot be used")).ok()
        }))
    }

    /// Requests are served.
    pub(super) fn ready(&self) {
        self.say("READY=1");
    }

    /// A reload has begun; [`Notify::ready`] ends it, whatever came of it.
    pub(super) fn reloading(&self) {
        if self.0.is_some() {
            self.say(&format!("RELOADING=1\nMONOTONIC_USEC={}", monotonic_usec()));
        }
    }

    /// The process is ending.
    pub(super) fn stopping(&self) {
        self.say("STOPPING=1");
    }

    fn say(&self, text: &str) {
        if let Some((socket, address)) = &self.0
            && let Err(error) = socket.send_to_addr(text.as_bytes(), address)
        {
            warn!(%error, "the service manager could not be told {text:?}");
        }
    }
}

/// A monotonic time in microseconds, at least as late as the clock the service manager compares it with.
///
/// The standard library does not show `CLOCK_MONOTONIC`. The time since boot is the same or, after a suspend, later; it is
/// given in hundredths of a second, so one is added.
fn monotonic_usec() -> u64 {
    let text = Real.read(Path::new("/proc/uptime")).unwrap_or_default();
    uptime_usec(&String::from_utf8_lossy(&text)).unwrap_or_default()
}

fn uptime_usec(text: &str) -> Option<u64> {
    let (seconds, hundredths) = text.split_whitespace().next()?.split_once('.')?;
    let hundredths = seconds.parse::<u64>().ok()?.checked_mul(100)?.checked_add(hundredths.parse().ok()?)?;
    hundredths.checked_add(1)?.checked_mul(10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manager_hears_every_word() {
        let name = format!("soapstone-test-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        let manager = UnixDatagram::bind_addr(&address).unwrap();
        manager.set_read_timeout(Some(std::time::Duration::from_secs(10))).unwrap();
        let notify = Notify::new(Some(format!("@{name}")));
        notify.ready();
        notify.reloading();
        notify.stopping();
        let hear = || {
            let mut buffer = [0; 200];
            let read = manager.recv(&mut buffer).unwrap();
            String::from_utf8(buffer[..read].to_vec()).unwrap()
        };
        assert_eq!(hear(), "READY=1");
        let reloading = hear();
        let usec: u64 = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").unwrap().parse().unwrap();
        assert!(usec > 0);
        assert_eq!(hear(), "STOPPING=1");
    }

    #[test]
    fn uptime_is_read_in_hundredths() {
        assert_eq!(uptime_usec("12.34 99.00\n"), Some(12_350_000));
        assert_eq!(uptime_usec(""), None);
    }
}
