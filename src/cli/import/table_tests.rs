//! Tests of profiles of CSV samples: the printed profile compiles, and the sample fits it.

use bytes::Bytes;
use proptest::prelude::*;

use super::*;

/// Imports a CSV file, and checks that it fits what was printed, and that `sample=` says the same.
fn table(file: &str, bytes: &[u8]) -> Result<String, String> {
    let world = Memory::default().file(file, bytes.to_vec());
    let format = Some(crate::cli::arguments::ImportFormat::Csv);
    let options = ImportOptions { format, ..options(file) };
    let printed = imported(&options, &world).map_err(|error| error.0)?;
    let (shape, codec) = profile_of(&printed, &world);
    let (sampled, _) = profile_of(&format!("profile p format=csv sample=\"{file}\"\n"), &world);
    if sampled != shape {
        return Err(format!("{printed}\nis not {sampled:?}"));
    }
    let root = codec.decode(&Bytes::copy_from_slice(bytes), &Limits::default());
    let root = root.map_err(|wrong| format!("{printed}\n{wrong}"))?;
    let found = validate(&root, &shape, Format::Xml, 9);
    if found.is_empty() { Ok(printed) } else { Err(format!("{printed}\n{found:?}")) }
}

#[test]
fn a_csv_sample_becomes_columns() {
    let printed = table(
        "prices.csv",
        b"sku;Unit price;on;note\r\nA-1;1.50;2026-11-20;\"a;b\"\r\n007;2;2026-11-21;\r\n",
    );
    let expected = r#"profile prices format=csv header=#true delimiter=";" {
    column sku required=#true
    column Unit-price type=decimal required=#true header="Unit price"
    column on type=date required=#true
    column note
}
"#;
    assert_eq!(printed.unwrap().split_once('\n').unwrap().1, expected);
    let printed = table("stock.txt", b"7\tM\xFCller\n8\t\n").unwrap();
    let expected = r#"profile stock format=csv delimiter="\t" encoding="windows-1252" newline=lf {
    column column1 type=integer required=#true
    column column2
}
"#;
    assert_eq!(printed.split_once('\n').unwrap().1, expected);
    let printed = table("q.csv", "\u{feff}'a','b'\n'it''s','2'\n".as_bytes()).unwrap();
    assert!(printed.contains(" format=csv header=#true quote=\"'\" bom=#true newline=lf {\n"), "{printed}");
}

#[test]
fn csv_is_told_by_its_lines() {
    let guessed = |text: &str| {
        let world = Memory::default().file("some.txt", text);
        imported(&options("some.txt"), &world).map_err(|error| error.0)
    };
    assert!(guessed("a|b\n1|2\n").unwrap().contains("format=csv header=#true delimiter=\"|\""));
    let unclear = "some.txt is neither XML, JSON nor CSV; say what it is with --format";
    for text in ["some words, and more", "a,b\n1,2,3\n", "one\ntwo\n", ""] {
        assert_eq!(guessed(text).unwrap_err(), unclear, "{text}");
    }
    let world = Memory::default().file("some.CSV", "{one\ntwo\n");
    assert!(imported(&options("some.CSV"), &world).unwrap_or_default().contains("column column1 required"));
    let rooted = ImportOptions { root: Some("a".to_owned()), ..options("some.CSV") };
    let expected = "--root a: a CSV file has rows, there is no root to choose";
    assert_eq!(imported(&rooted, &world).unwrap_err().0, expected);
}

/// A CSV file with values of all kinds: how it is written, and its rows.
fn file() -> impl Strategy<Value = Vec<u8>> {
    let value = prop_oneof![
        Just(String::new()),
        "[0-9]{1,4}|-?[0-9]{1,30}\\.[0-9]{1,9}|0[0-9]{3}|1e5|NaN",
        "true|false|20[0-9]{2}-0[1-9]-[0-3][0-9](T08:00:00Z)?|08:00:00",
        "[a-zA-Z_ .äß€-]{1,9}",
        "[,;|\t\"'\r\n #\\\\{}x]{0,6}",
        "\\PC{0,6}",
    ];
    let dialects = (prop::sample::select(vec![',', ';', '|', '\t']), any::<bool>(), any::<bool>());
    let rows = (1_usize..6).prop_flat_map(move |columns| {
        prop::collection::vec(prop::collection::vec((value.clone(), any::<bool>()), columns), 1..8)
    });
    (rows, dialects).prop_map(|(rows, (delimiter, crlf, mark))| {
        let single = rows.first().is_some_and(|row| row.len() == 1);
        let cell = |(value, quoted): &(String, bool)| {
            let special = value.contains([',', ';', '|', '\t', '"', '\'', '\r', '\n']);
            match special || *quoted || (single && value.is_empty()) {
                true => format!("\"{}\"", value.replace('"', "\"\"")),
                false => value.clone(),
            }
        };
        let between = delimiter.to_string();
        let line = |row: &Vec<(String, bool)>| row.iter().map(cell).collect::<Vec<_>>().join(&between);
        let end = if crlf { "\r\n" } else { "\n" };
        let lines: String = rows.iter().map(|row| line(row) + end).collect();
        format!("{}{lines}", if mark { "\u{feff}" } else { "" }).into_bytes()
    })
}

proptest! {
    #[test]
    fn any_csv_sample_fits_the_profile_that_is_printed_of_it(bytes in file()) {
        if let Err(wrong) = table("s.csv", &bytes) {
            let text = String::from_utf8_lossy(&bytes);
            prop_assert!(false, "{:?}\n{}", text, wrong);
        }
    }

    #[test]
    fn any_bytes_are_refused_or_fit(bytes in prop::collection::vec(prop_oneof![
        any::<u8>(), prop::sample::select(b"ab1-.,;|\t\"'\n\r".to_vec())], 0..80)) {
        if let Err(wrong) = table("s.csv", &bytes) {
            prop_assert!(wrong.starts_with("s.csv is not CSV: "), "{}", wrong);
        }
    }
}
