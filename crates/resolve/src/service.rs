//! From a service's name to its port: `/etc/services`, and a small table for machines without that file.

/// What stands in for `/etc/services` where a container has none. Port numbers as registered with IANA.
const COMMON: &str = "
ftp 21/tcp
ssh 22/tcp
telnet 23/tcp
smtp 25/tcp mail
domain 53/tcp
domain 53/udp
http 80/tcp www
pop3 110/tcp
ntp 123/udp
imap2 143/tcp imap
snmp 161/udp
ldap 389/tcp
https 443/tcp
submissions 465/tcp
syslog 514/udp
submission 587/tcp
ldaps 636/tcp
imaps 993/tcp
pop3s 995/tcp
ms-sql-s 1433/tcp
mysql 3306/tcp
amqps 5671/tcp
postgresql 5432/tcp
amqp 5672/tcp
http-alt 8080/tcp
";

/// The port of a service whose text is a number, `None` when it is none. An empty text is port 0, as in glibc.
pub(crate) fn numeric(text: &str) -> Option<Result<u16, std::num::ParseIntError>> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| if text.is_empty() { Ok(0) } else { text.parse() })
}

/// The port that a named service has with a protocol (`tcp` or `udp`): first by `/etc/services`, then by the common
/// names above.
#[allow(clippy::disallowed_methods, reason = "services(5) is asked for as any C program would")]
pub(crate) fn port(name: &str, protocol: &str) -> Option<u16> {
    named(std::fs::read_to_string("/etc/services").ok().as_deref(), name, protocol)
}

fn named(services: Option<&str>, name: &str, protocol: &str) -> Option<u16> {
    services.and_then(|text| find(text, name, protocol)).or_else(|| find(COMMON, name, protocol))
}

fn find(text: &str, name: &str, protocol: &str) -> Option<u16> {
    text.lines().find_map(|line| {
        let line = line.split('#').next().unwrap_or(line);
        let mut words = line.split_whitespace();
        let official = words.next()?;
        let (port, with) = words.next()?.split_once('/')?;
        let known = official == name || words.any(|alias| alias == name);
        if known && with == protocol { port.parse().ok() } else { None }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_ports() {
        assert_eq!(numeric("8080"), Some(Ok(8080)));
        assert_eq!(numeric(""), Some(Ok(0)));
        assert!(matches!(numeric("65536"), Some(Err(_))));
        assert_eq!(numeric("http"), None);
        assert_eq!(numeric("-1"), None);
    }

    #[test]
    fn names_are_found_by_name_and_alias_in_their_protocol() {
        let text = "# services\norders\t7001/tcp\tord # ours\norders 7002/udp\nbroken\n";
        assert_eq!(named(Some(text), "orders", "tcp"), Some(7001));
        assert_eq!(named(Some(text), "ord", "tcp"), Some(7001));
        assert_eq!(named(Some(text), "orders", "udp"), Some(7002));
        assert_eq!(named(Some(text), "ord", "udp"), None);
        assert_eq!(named(Some(text), "https", "tcp"), Some(443));
        assert_eq!(named(None, "www", "tcp"), Some(80));
        assert_eq!(named(None, "nosuch", "tcp"), None);
    }
}
