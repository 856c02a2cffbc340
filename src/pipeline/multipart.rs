//! How documents become the parts of a multipart body: a form, or a document with what belongs to it.

use std::collections::HashSet;

use bytes::Bytes;
use hyper::header::HeaderValue;

use super::failure::Failure;
use super::part;
use super::published::BYTES;
use crate::document::Document;
use crate::document::coding::Coding;
use crate::mime::{FORM_DATA, MediaType, Referenced, Root, Writer, escaped_name, is_id, own_id, quoted};

/// Bytes that the header of a part takes, about.
const HEADER: usize = 256;

/// A body with its media type.
#[derive(Debug)]
pub struct Multipart {
    /// The media type, with the boundary.
    pub media_type: HeaderValue,
    /// The body.
    pub body: Bytes,
}

/// A root with what it refers to and its attachments (RFC 2387), the root first.
///
/// # Errors
/// Two attachments have one content id.
pub fn related(
    boundary: &str,
    root: &Root<'_>,
    referenced: &[Referenced],
    attachments: &[Document],
) -> Result<Multipart, Failure> {
    let sizes = referenced.iter().map(|part| part.bytes.len());
    let sizes = sizes.chain(attachments.iter().map(|part| part.bytes().len()));
    let room = sizes.fold(root.body.len() + HEADER, |all, size| all + size + HEADER);
    let mut writer = Writer::new(boundary, room);
    let start = own_id(0, boundary);
    let fields = [
        ("Content-Type", root.content_type),
        ("Content-Transfer-Encoding", root.encoding),
        ("Content-ID", &bracketed(&start)),
    ];
    writer.part(&fields).extend_from_slice(root.body);
    for part in referenced {
        let fields = [
            ("Content-Type", part.content_type.as_str()),
            ("Content-Transfer-Encoding", "binary"),
            ("Content-ID", &bracketed(&part.id)),
        ];
        writer.part(&fields).extend_from_slice(&part.bytes);
    }
    let mut ids = HashSet::new();
    for (at, document) in attachments.iter().enumerate() {
        let id = attachment(&mut writer, document, own_id(referenced.len() + at + 1, boundary));
        if let Some(id) = ids.replace(id) {
            let log = format!("two attachments have the id {id:?}");
            return Err(Failure::internal("bad-attachment-id", log));
        }
    }
    let start = quoted(&bracketed(&start));
    let mut media_type = format!("multipart/related; type={}; start={start}", quoted(root.kind));
    if !root.info.is_empty() {
        media_type.push_str(&format!("; start-info={}", quoted(root.info)));
    }
    if !root.action.is_empty() {
        media_type.push_str(&format!("; action={}", quoted(root.action)));
    }
    whole(writer, &media_type, boundary)
}

/// One attachment; gives its id.
fn attachment(writer: &mut Writer, document: &Document, own: String) -> String {
    let property = |name| document.properties.get(name).unwrap_or_default();
    let id = Some(property(part::ID)).filter(|id| is_id(id)).map_or(own, str::to_owned);
    let fields = [
        ("Content-Type", content_type(document)),
        ("Content-Transfer-Encoding", "binary"),
        ("Content-ID", &bracketed(&id)),
        ("Content-Location", property(part::LOCATION)),
        ("Content-Disposition", &attached(property(part::FILENAME))),
    ];
    writer.part(&fields).extend_from_slice(document.bytes());
    id
}

/// Documents as the parts of a form, or of another multipart type.
///
/// # Errors
/// The media type is none that a header can hold.
pub fn parts(boundary: &str, media_type: &str, documents: &[&Document]) -> Result<Multipart, Failure> {
    let room = documents.iter().fold(HEADER, |all, document| all + document.bytes().len() + HEADER);
    let mut writer = Writer::new(boundary, room);
    let is_form = media_type.eq_ignore_ascii_case(FORM_DATA);
    for (at, document) in documents.iter().enumerate() {
        if !is_form {
            attachment(&mut writer, document, own_id(at + 1, boundary));
            continue;
        }
        let property = |name| document.properties.get(name);
        let name = property(part::NAME).map_or_else(|| format!("part{}", at + 1), str::to_owned);
        let mut disposition = format!("form-data; name={}", escaped_name(&name));
        if let Some(file) = property(part::FILENAME) {
            disposition.push_str(&format!("; filename={}", escaped_name(file)));
        }
        let fields =
            [("Content-Disposition", disposition.as_str()), ("Content-Type", content_type(document))];
        writer.part(&fields).extend_from_slice(document.bytes());
    }
    whole(writer, media_type, boundary)
}

fn whole(writer: Writer, media_type: &str, boundary: &str) -> Result<Multipart, Failure> {
    let text = format!("{media_type}; boundary={}", quoted(boundary));
    let media_type = HeaderValue::from_str(&text);
    let media_type =
        media_type.map_err(|_| Failure::internal("media-type", "no header holds a media type"))?;
    Ok(Multipart { media_type, body: Bytes::from(writer.done()) })
}

/// The type that a document says it has as a part, else that of its format.
fn content_type(document: &Document) -> &str {
    let own = document.properties.get(part::TYPE).filter(|text| MediaType::parse(text).is_some());
    own.or_else(|| document.codec().map(|codec| codec.media_type())).unwrap_or(BYTES)
}

fn bracketed(id: &str) -> String {
    format!("<{id}>")
}

/// The disposition of an attachment: only one of a file has a name (RFC 6266, section 4.3).
fn attached(filename: &str) -> String {
    if filename.is_empty() {
        return String::new();
    }
    let plain: String = filename.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
    let mut out = format!("attachment; filename={}", quoted(&plain));
    if plain != filename {
        let bytes = Coding::Url.encode(filename.as_bytes(), None).unwrap_or_default();
        out.push_str(&format!("; filename*=UTF-8''{}", String::from_utf8_lossy(&bytes)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(body: &'static str, properties: &[(&str, &str)]) -> Document {
        let mut document = Document::data(body.into());
        for (name, value) in properties {
            document.properties.set(name, *value);
        }
        document
    }

    fn text(multipart: &Multipart) -> &str {
        std::str::from_utf8(&multipart.body).unwrap()
    }

    #[test]
    fn a_form_is_written_as_browsers_do() {
        let file = [("part.name", "f\"\r\n"), ("part.filename", "ü.txt"), ("part.type", "text/plain")];
        let documents = [document("1", &file), document("2", &[("part.type", "x\r\nEvil: 1")])];
        let form = parts("b", FORM_DATA, &documents.each_ref()).unwrap();
        assert_eq!(form.media_type, "multipart/form-data; boundary=\"b\"");
        assert_eq!(
            text(&form),
            "--b\r\nContent-Disposition: form-data; name=\"f%22%0D%0A\"; filename=\"ü.txt\"\r\n\
             Content-Type: text/plain\r\n\r\n1\r\n\
             --b\r\nContent-Disposition: form-data; name=\"part2\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n2\r\n--b--\r\n"
        );
    }

    #[test]
    fn a_root_stands_first() {
        let root = Root {
            kind: "text/xml",
            info: "",
            action: "",
            content_type: "text/xml",
            encoding: "8bit",
            body: b"<a/>",
        };
        let file = [("part.id", "x@y"), ("part.filename", "ü\".txt"), ("part.location", "/a")];
        let documents = [document("1", &file), document("2", &[("part.id", "no id")])];
        let referenced =
            [Referenced { id: "1@b".into(), content_type: "image/png".into(), bytes: b"png".to_vec() }];
        let whole = related("b", &root, &referenced, &documents).unwrap();
        assert_eq!(whole.media_type, "multipart/related; type=\"text/xml\"; start=\"<0@b>\"; boundary=\"b\"");
        assert_eq!(
            text(&whole),
            "--b\r\nContent-Type: text/xml\r\nContent-Transfer-Encoding: 8bit\r\nContent-ID: <0@b>\r\n\r\n<a/>\r\n\
             --b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <1@b>\r\n\r\npng\r\n\
             --b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\
             Content-ID: <x@y>\r\nContent-Location: /a\r\n\
             Content-Disposition: attachment; filename=\"_\\\".txt\"; filename*=UTF-8''%C3%BC%22.txt\r\n\r\n1\r\n\
             --b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\
             Content-ID: <3@b>\r\n\r\n2\r\n--b--\r\n"
        );
        let twice = [documents[0].clone(), documents[0].clone()];
        assert_eq!(related("b", &root, &[], &twice).err().unwrap().code, "bad-attachment-id");
    }
}
