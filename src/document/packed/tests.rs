//! Tests of packed bytes: what is packed comes back, and what is no archive is refused within bounds.

use bytes::Bytes;
use proptest::prelude::*;

use super::*;

/// Unpacks with pieces of that size, up to a bound; `None` beyond it.
fn gunzip(bytes: &[u8], piece: usize, most: usize) -> Result<Option<Bytes>, Refused> {
    let mut reader = Gunzip::new(Bytes::copy_from_slice(bytes));
    while reader.more(piece)? {
        if reader.size() > most {
            return Ok(None);
        }
    }
    Ok(Some(reader.done()))
}

fn unzip(bytes: &[u8]) -> Result<Vec<(String, Bytes)>, Refused> {
    let mut archive = Archive::open(Bytes::copy_from_slice(bytes))?;
    let mut files = archive.files()?;
    let mut found = Vec::new();
    while let Some(file) = files.next_file()? {
        found.push((file.name.clone(), file.unpack()?));
    }
    Ok(found)
}

fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
    let files: Vec<_> =
        files.iter().map(|(name, bytes)| ((*name).to_owned(), Bytes::copy_from_slice(bytes))).collect();
    zip(&files).unwrap()
}

/// The archive with other bytes in place of the first (or last) that are such.
fn changed(archive: &[u8], from: &[u8], to: &[u8], last: bool) -> Vec<u8> {
    let mut found = memchr::memmem::find_iter(archive, from);
    let at = if last { found.last() } else { found.next() }.unwrap();
    [&archive[..at], to, &archive[at + from.len()..]].concat()
}

#[test]
fn all_members_of_a_gzip_are_read() {
    let both = [gzip(b"one ").unwrap(), gzip(b"two").unwrap()].concat();
    assert_eq!(gunzip(&both, 2, 100).unwrap().unwrap(), "one two");
    assert_eq!(gunzip(&gzip(b"").unwrap(), 2, 100).unwrap().unwrap(), "");
    for broken in [&both[..both.len() - 3], b"", b"no gzip at all", &[&both[..], b"x"].concat()] {
        assert!(gunzip(broken, 1000, 1000).is_err(), "{broken:?}");
    }
    let mut wrong = gzip(b"checked").unwrap();
    let at = wrong.len() - 5;
    wrong[at] ^= 1;
    assert!(gunzip(&wrong, 1000, 1000).is_err(), "its checksum is another");
}

#[test]
fn a_bomb_is_left_where_the_bound_is() {
    let bomb = gzip(&vec![0; 10 << 20]).unwrap();
    let mut reader = Gunzip::new(Bytes::from(bomb));
    assert_eq!((reader.more(1000), reader.size()), (Ok(true), 1000));
    assert_eq!((reader.more(1), reader.size()), (Ok(true), 1001));
}

#[test]
fn folders_are_passed_over_and_files_come_in_order() {
    let archive = packed(&[("b.txt", b"two"), ("a/x.txt", b"one"), ("empty", b"")]);
    let found = unzip(&archive).unwrap();
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["b.txt", "a/x.txt", "empty"]);
    // A folder is an entry whose name ends in `/`.
    let folder = [("a/b/", &b""[..]), ("a/b/c", b"1")];
    let renamed = changed(&packed(&[("a/b_", b""), ("a/b/c", b"1")]), b"a/b_", b"a/b/", false);
    let renamed = changed(&renamed, b"a/b_", b"a/b/", true);
    assert_eq!(Archive::open(renamed.clone().into()).unwrap().len(), folder.len());
    assert_eq!(unzip(&renamed).unwrap(), [("a/b/c".to_owned(), Bytes::from_static(b"1"))]);
    assert!(unzip(&packed(&[])).unwrap().is_empty());
}

#[test]
fn what_must_not_be_unpacked_is_refused_with_words() {
    let archive = packed(&[("abc.txt", b"text text text text text text text text")]);
    let renamed = |to: &[u8]| changed(&changed(&archive, b"abc.txt", to, false), b"abc.txt", to, true);
    let central = memchr::memmem::find(&archive, b"PK\x01\x02").unwrap();
    let both = |local: usize, index: usize, to: &[u8]| {
        let mut changed = archive.clone();
        changed[local..local + to.len()].copy_from_slice(to);
        changed[central + index..central + index + to.len()].copy_from_slice(to);
        changed
    };
    for (bytes, told) in [
        (renamed(b"../.txt"), "leads out of its folder"),
        (renamed(b"/bc.txt"), "it is absolute"),
        (renamed(b"C:c.txt"), "it is absolute"),
        (renamed(b"..\\.txt"), "leads out of its folder"),
        (renamed(b"a\nc.txt"), "control character"),
        (renamed(b"a//.txt"), "a part of it is no name"),
        (both(6, 8, &[1, 0]), "is encrypted"),
        (both(8, 10, &[12, 0]), "packed by"),
        (both(22, 24, &[0, 0, 0, 0x70]), "claims to have 1879048192 bytes"),
        (both(22, 24, &[200, 0, 0, 0]), "cannot be unpacked"),
        (both(22, 24, &[1, 0, 0, 0]), "cannot be unpacked"),
        (both(14, 16, &[1, 2, 3, 4]), "cannot be unpacked"),
        (changed(&archive, b"abc.txt", b"xyz.txt", false), "no zip archive, or a broken one"),
        (b"PK".to_vec(), "no zip archive"),
        (archive[..archive.len() - 5].to_vec(), "no zip archive"),
    ] {
        let refused = unzip(&bytes).unwrap_err();
        assert!(refused.0.contains(told), "{told}: {refused}");
    }
    let windows = renamed(b"a\\c.txt");
    assert_eq!(unzip(&windows).unwrap()[0].0, "a/c.txt");
}

#[test]
fn unfit_names_are_told_from_others() {
    for fit in ["a", "a.txt", "a/b c/ä.xml", "..a", "a..", ".hidden", "10:15"] {
        assert_eq!(unfit_name(fit), None, "{fit}");
    }
    for unfit in ["", "/a", "a/../b", "..", "a\\b", "a\u{7f}", "a\n", "c:/a", "./a", "a//b", "a/"] {
        assert!(unfit_name(unfit).is_some(), "{unfit}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_packed_comes_back(bytes in prop::collection::vec(any::<u8>(), 0..3000), piece in 1_usize..4000) {
        prop_assert_eq!(gunzip(&gzip(&bytes).unwrap(), piece, usize::MAX).unwrap().unwrap(), bytes.clone());
        let whole = packed(&[("one", &bytes), ("two/three", &bytes[..bytes.len() / 2])]);
        let found = unzip(&whole).unwrap();
        prop_assert_eq!(&found[0].1, &bytes);
        prop_assert_eq!(&found[1].1, &bytes[..bytes.len() / 2]);
    }

    #[test]
    fn pieces_are_never_larger_than_asked_for(bytes in prop::collection::vec(0_u8..3, 0..3000), piece in 1_usize..100) {
        let mut reader = Gunzip::new(gzip(&bytes).unwrap().into());
        let mut asked = 0;
        while reader.more(piece).unwrap() {
            asked += piece;
            prop_assert_eq!(reader.size(), asked);
        }
        prop_assert!(reader.size() <= asked + piece);
    }

    #[test]
    fn no_bytes_break_a_reader(bytes in prop::collection::vec(any::<u8>(), 0..500), at in 0_usize..300, byte: u8) {
        let _ = gunzip(&bytes, 64, 4096);
        let _ = unzip(&bytes);
        // Nearly right ones reach further.
        let mut archive = packed(&[("one", &bytes), ("two", b"2")]);
        let at = at % archive.len();
        archive[at] = byte;
        let _ = unzip(&archive);
        let mut member = gzip(&bytes).unwrap();
        let at = at % member.len();
        member[at] = byte;
        let _ = gunzip(&member, 64, 4096);
    }
}
