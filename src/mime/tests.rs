//! Tests of reading and writing bodies of several parts.

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::document::codec::Limits;

fn parts(body: &'static str) -> Result<Vec<Part>, Refused> {
    read(&Bytes::from_static(body.as_bytes()), "b", &Limits::default())
}

fn bodies(body: &'static str) -> Vec<Bytes> {
    parts(body).unwrap().into_iter().map(|part| part.body).collect()
}

#[test]
fn parts_are_slices_of_the_whole() {
    let body = Bytes::from_static(b"--b\r\nContent-ID: <a@x>\r\n\r\n12345\r\n--b--\r\n");
    let parts = read(&body, "b", &Limits::default()).unwrap();
    assert_eq!((parts.len(), parts[0].id()), (1, Some("a@x")));
    assert_eq!(parts[0].body, "12345");
    assert_eq!(parts[0].body.as_ptr(), body[26..].as_ptr());
}

#[test]
fn what_others_write_is_read() {
    for body in [
        "--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--",
        "before\r\n--b \t\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\nbehind\r\n--b\r\n",
        "--b\n\none\n--b\n\ntwo\n--b--\n",
        "\r\n--b\r\nA: b\r\n c\r\nContent-Type:text/plain\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--  ",
    ] {
        assert_eq!(bodies(body), ["one", "two"], "{body:?}");
    }
    assert_eq!(bodies("--b\r\n\r\n--b\r\n\r\n--bb\r\n x--b\r\n--b--\r\n"), ["", "--bb\r\n x--b"]);
    assert_eq!(bodies("--b\r\nA: b\r\n\r\n--b--"), [""]);
    assert_eq!(bodies("--b\r\nA: b\r\n\r\n\r\n\r\n--b--"), ["\r\n"]);
    assert!(bodies("--b--").is_empty());
    let folded = parts("--b\r\nCONTENT-type: a/b;\r\n\tcharset=x\r\n\r\n\r\n--b--").unwrap();
    assert_eq!(folded[0].media_type().unwrap().parameter("charset"), Some("x"));
}

#[test]
fn what_only_begins_like_a_boundary_is_gone_through_once() {
    // With a search from each byte this would take hours.
    let boundary = "-".repeat(250);
    let dashes = vec![b'-'; 10 << 20];
    let lines = [&dashes[..300], b"\r\n"].concat().repeat(10_000);
    for content in [&dashes, &lines] {
        let mark = format!("--{boundary}");
        let body = [
            b"x",
            &content[..],
            b"\n",
            mark.as_bytes(),
            b"\r\n\r\n",
            content,
            b"\r\n",
            mark.as_bytes(),
            b"--",
        ];
        let parts = read(&body.concat().into(), &boundary, &Limits::default()).unwrap();
        assert_eq!(parts.iter().map(|part| part.body.len()).collect::<Vec<_>>(), [content.len()]);
    }
    assert_eq!(bodies("x--b\r\n--b\r\n\r\n--b x\r\n\r\n--b--"), ["--b x\r\n"]);
}

#[test]
fn what_is_not_whole_is_refused() {
    for body in [
        "",
        "no boundary",
        "--b\r\n\r\none\r\n",
        "--b\r\n\r\none\r\n--b",
        "--c\r\n\r\none\r\n--c--",
        "--b\r\nno field\r\n\r\n\r\n--b--",
        "--b\r\n folded\r\n\r\n\r\n--b--",
        "--b\r\n: x\r\n\r\n\r\n--b--",
    ] {
        assert!(matches!(parts(body), Err(Refused::Malformed(_))), "{body:?}");
    }
    let whole = Bytes::from_static(b"--b--");
    for boundary in ["", "  ", &"b".repeat(251)] {
        assert!(read(&whole, boundary, &Limits::default()).is_err());
    }
}

#[test]
fn bombs_are_refused_at_their_bounds() {
    let limits = Limits { parts: 3, part: 10, ..Limits::default() };
    let body = |count: usize, header: &str, content: &str| {
        let part = format!("--b\r\n{header}\r\n{content}\r\n");
        Bytes::from(part.repeat(count) + "--b--")
    };
    let refused = |body: &Bytes| read(body, "b", &limits).err();
    assert_eq!(refused(&body(3, "", "0123456789")), None);
    let beyond = |found: Option<Refused>| matches!(found, Some(Refused::Beyond(_)));
    assert!(beyond(refused(&body(4, "", ""))));
    assert!(beyond(refused(&body(1, "", "0123456789+"))));
    assert_eq!(refused(&body(1, &"A: b\r\n".repeat(499), "")), None);
    assert!(beyond(refused(&body(1, &"A: b\r\n".repeat(500), ""))));
    assert_eq!(refused(&body(1, &format!("A: {}\r\n", "x".repeat(997)), "")), None);
    assert!(beyond(refused(&body(1, &format!("A: {}\r\n", "x".repeat(998)), ""))));
}

#[test]
fn references_are_decoded() {
    assert_eq!(reference("cid:a%40x").as_deref(), Some("a@x"));
    assert_eq!(reference(" CID:<a%x> ").as_deref(), Some("a%x"));
    for other in ["http://a/x", "file:///etc/passwd", "#a", "", "ci", "ä:"] {
        assert_eq!(reference(other), None);
    }
}

#[test]
fn what_is_written_cannot_begin_another_field_or_part() {
    let mut writer = Writer::new("b", 100);
    writer.part(&[("A", "x\r\nB: y"), ("C", "")]).extend_from_slice(b"1");
    writer.part(&[]).extend_from_slice(b"2");
    let text = String::from_utf8(writer.done()).unwrap();
    assert_eq!(text, "--b\r\nA: x  B: y\r\n\r\n1\r\n--b\r\n\r\n2\r\n--b--\r\n");
    assert_eq!(quoted("a\"b\\"), "\"a\\\"b\\\\\"");
    assert_eq!(escaped_name("a\"\r\n"), "\"a%22%0D%0A\"");
    let (one, two) = (boundary(), boundary());
    assert!(one != two && one.len() <= 70, "{one}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(
        pieces in prop::collection::vec(
            prop::sample::select(vec![&b"--b"[..], b"\r\n", b"\n", b"--", b"A: b", b" ", b"x", b"=", b"\xFF"]),
            0..40,
        ),
    ) {
        let body = Bytes::from(pieces.concat());
        if let Ok(parts) = read(&body, "b", &Limits::default()) {
            for part in parts {
                prop_assert!(part.body.len() <= body.len());
                let _ = (part.media_type(), part.disposition(), part.content());
            }
        }
    }

    #[test]
    fn what_is_written_reads_back(
        bodies in prop::collection::vec(prop_oneof![
            prop::collection::vec(any::<u8>(), 0..100),
            Just(b"\r\n".to_vec()), Just(b"--".to_vec()), Just(b"\r\n--soapstone-\r\n".to_vec()),
        ], 0..10),
    ) {
        let boundary = boundary();
        let mut writer = Writer::new(&boundary, 0);
        for (at, body) in bodies.iter().enumerate() {
            writer.part(&[("Content-ID", &format!("<{at}@x>"))]).extend_from_slice(body);
        }
        let parts = read(&writer.done().into(), &boundary, &Limits::default()).unwrap();
        prop_assert_eq!(parts.len(), bodies.len());
        for (at, (part, body)) in parts.iter().zip(&bodies).enumerate() {
            prop_assert_eq!(&part.body, body);
            let id = format!("{at}@x");
            prop_assert_eq!(part.id(), Some(id.as_str()));
        }
    }
}
