//! What a certificate says for those who look at one: whose it is, until when, and the pin of its key (RFC 5280, section 4.1).

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The parts of a certificate that are shown. Whether it is to be trusted was decided before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Whose it is: `CN=crm.example.com, O=Example`. May be empty.
    pub subject: String,
    /// The end of its time.
    pub until: Timestamp,
    /// SHA-256 over its public key in Base64, as `tls pin=` takes it.
    pub pin: String,
}

/// Tags of DER.
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT_ID: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const LONG_TIME: u8 = 0x18;
/// The version of a certificate, which may be left out.
const VERSION: u8 = 0xA0;

/// The parts of names that are shown: their object identifiers in DER, and what people write for them.
const PARTS: &[(&[u8], &str)] = &[
    (&[0x55, 0x04, 0x03], "CN"),
    (&[0x55, 0x04, 0x06], "C"),
    (&[0x55, 0x04, 0x07], "L"),
    (&[0x55, 0x04, 0x08], "ST"),
    (&[0x55, 0x04, 0x0A], "O"),
    (&[0x55, 0x04, 0x0B], "OU"),
];

impl Certificate {
    /// Reads one in DER; `None` for bytes that are none.
    pub fn read(der: &[u8]) -> Option<Self> {
        let (whole, _) = Value::take(der)?;
        let mut all = whole.inside(SEQUENCE)?;
        let mut signed = all.next()?.inside(SEQUENCE)?;
        let first = signed.next()?;
        // The serial number, where the version stands before it.
        if first.tag == VERSION {
            signed.next()?;
        }
        let (_algorithm, _issuer) = (signed.next()?, signed.next()?);
        let until = signed.next()?.inside(SEQUENCE)?.nth(1)?.time()?;
        let subject = signed.next()?.name()?;
        let key = signed.next().filter(|key| key.tag == SEQUENCE)?;
        let pin = STANDARD.encode(digest(&SHA256, key.whole));
        Some(Self { subject, until, pin })
    }

    /// How many whole days are left at that time; below 0 when it is over.
    pub fn days_left(&self, now: Timestamp) -> i64 {
        self.until.as_second().saturating_sub(now.as_second()).div_euclid(24 * 3600)
    }
}

/// A value in DER: its tag, its contents, and both with the length between them.
#[derive(Debug, Clone, Copy)]
struct Value<'a> {
    tag: u8,
    contents: &'a [u8],
    whole: &'a [u8],
}

impl<'a> Value<'a> {
    /// The value at the beginning, and what stands behind it.
    fn take(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (tag, length) = (*bytes.first()?, *bytes.get(1)?);
        let (start, length) = match length {
            0..=0x7F => (2, usize::from(length)),
            // Three bytes of length are more than any certificate has.
            0x81..=0x83 => {
                let end = 2 + usize::from(length & 0x7F);
                let digits = bytes.get(2..end)?;
                (end, digits.iter().fold(0, |sum, digit| (sum << 8) | usize::from(*digit)))
            }
            _ => return None,
        };
        let end = start + length;
        let value = Self { tag, contents: bytes.get(start..end)?, whole: bytes.get(..end)? };
        Some((value, bytes.get(end..)?))
    }

    /// The values in it; `None` where it is of another kind.
    fn inside(self, tag: u8) -> Option<impl Iterator<Item = Value<'a>>> {
        let mut rest = self.contents;
        let next = move || {
            let (value, behind) = Value::take(rest)?;
            rest = behind;
            Some(value)
        };
        (self.tag == tag).then(|| std::iter::from_fn(next))
    }

    /// A moment: `YYMMDDHHMMSSZ`, of 1950 to 2049, or with four digits of the year.
    fn time(self) -> Option<Timestamp> {
        let text = std::str::from_utf8(self.contents).ok()?;
        let text = match self.tag {
            UTC_TIME if text.get(..2)? < "50" => format!("20{text}"),
            UTC_TIME => format!("19{text}"),
            LONG_TIME => text.to_owned(),
            _ => return None,
        };
        let moment = DateTime::strptime("%Y%m%d%H%M%SZ", text).ok()?;
        moment.to_zoned(TimeZone::UTC).ok().map(|moment| moment.timestamp())
    }

    /// A name: sets of pairs of an identifier and a text.
    fn name(self) -> Option<String> {
        let mut parts = Vec::new();
        for set in self.inside(SEQUENCE)? {
            for pair in set.inside(SET)? {
                let mut pair = pair.inside(SEQUENCE)?;
                let (id, text) = (pair.next()?, pair.next()?);
                let known = PARTS.iter().find(|(known, _)| id.tag == OBJECT_ID && id.contents == *known);
                parts.extend(
                    known.map(|(_, word)| format!("{word}={}", String::from_utf8_lossy(text.contents))),
                );
            }
        }
        Some(parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_read() {
        let mut parameters = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
        parameters.distinguished_name.push(rcgen::DnType::OrganizationName, "Büro");
        parameters.distinguished_name.push(rcgen::DnType::CommonName, "crm");
        for (year, until) in [(2049, "2049-07-01T00:00:00Z"), (2050, "2050-07-01T00:00:00Z")] {
            parameters.not_after = rcgen::date_time_ymd(year, 7, 1);
            let key = rcgen::KeyPair::generate().unwrap();
            let made = parameters.self_signed(&key).unwrap();
            let read = Certificate::read(made.der()).unwrap();
            assert!(read.subject.contains("CN=crm") && read.subject.contains("O=Büro"), "{read:?}");
            assert_eq!(read.until.to_string(), until);
            let before = Timestamp::from_second(read.until.as_second() - 24 * 3600 - 1).unwrap();
            assert_eq!((read.days_left(before), read.days_left(read.until)), (1, 0));
            let own = STANDARD.encode(digest(&SHA256, &rcgen::PublicKeyData::subject_public_key_info(&key)));
            assert_eq!(read.pin, own);
        }
    }

    #[test]
    fn what_is_cut_off_is_no_certificate() {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let der = made.cert.der();
        for end in 0..der.len() {
            assert!(Certificate::read(der.get(..end).unwrap()).is_none(), "{end}");
        }
        assert!(Certificate::read(&[SEQUENCE, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]).is_none());
    }
}
