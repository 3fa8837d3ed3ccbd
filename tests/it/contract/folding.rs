//! What people type is compared without regard to case by one function, `kassa_fold`, which knows every alphabet on every cluster.
//!
//! `lower()` goes by the locale of the database: with the locale C, which the private cluster has, it leaves Ä alone, and Rust does not.

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

use super::database::{ask, indexes};
use super::none;
use super::source::{is_name, sources};
use crate::support::database;

/// Ways of PostgreSQL to compare texts without regard to case that go by the locale.
const BY_LOCALE: &[&str] = &["lower(", "upper(", "initcap(", " ilike ", "citext", " ~* ", " ~~* "];

const ADVICE: &str = "If you are here because texts are compared without regard to case: `kassa_fold(column) = kassa_fold($1)`, with an \
     index on kassa_fold(column) and the text as it was typed. Columns named *_folded hold what Rust has folded (`Email::folded`, \
     `CodeText::folded`) and are compared with that.";

#[test]
fn no_statement_folds_case_by_the_locale() {
    let mut faults = Vec::new();
    let mut uses = 0;
    for file in sources() {
        let text = file.text.to_ascii_lowercase();
        uses += text.matches("kassa_fold(").count();
        for word in BY_LOCALE {
            for (at, _) in text.match_indices(word) {
                // In a string: blanked in the code. A method or a longer name is another thing.
                let before = text[..at].chars().next_back();
                let within = word.ends_with('(') && before.is_some_and(|c| is_name(c) || c == '.' || c == ':');
                let blank = file.code.as_bytes()[at..at + word.len()]
                    .iter()
                    .all(|byte| *byte == b' ');
                if blank && !within {
                    faults.push(format!("{}: {}", file.place(at), word.trim()));
                }
            }
        }
    }
    assert!(uses > 20, "the statements are not where the rule looks for them");
    none(&faults, ADVICE);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_index_folds_case_by_the_locale() {
    let database = database::fresh().await;
    let all = indexes(&database.owner).await;
    let by_locale = |definition: &str| {
        let definition = definition.to_lowercase();
        BY_LOCALE.iter().any(|word| definition.contains(word))
    };
    let faults: Vec<_> = all
        .iter()
        .filter(|index| by_locale(&index.definition))
        .map(|index| format!("{}: {}", index.name, index.definition))
        .collect();
    none(&faults, ADVICE);
    let folded = all.iter().filter(|index| index.definition.contains("kassa_fold("));
    assert_eq!(folded.count(), 8, "an index that folds case came or went");
}

/// A text, and another that is the same but for case.
#[derive(Debug, Deserialize)]
struct Pair {
    typed: String,
    folded: String,
}

async fn folded(texts: &[String]) -> Vec<Pair> {
    let database = database::fresh().await;
    let values: Vec<String> = texts
        .iter()
        .map(|text| format!("('{}')", text.replace('\'', "''")))
        .collect();
    let query = format!(
        "SELECT typed, kassa_fold(typed) AS folded FROM (VALUES {}) v(typed)",
        values.join(", ")
    );
    ask(&database.admin, &query).await
}

/// The same in Rust: of each letter the small one, composed; the two small sigmas, which have one capital, are one.
fn expected(text: &str) -> String {
    let small: String = text.nfkc().flat_map(char::to_lowercase).collect();
    small.replace('ς', "σ").nfkc().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_letter_is_folded_as_rust_folds_it() {
    let cased: Vec<char> = (1..=0x0010_FFFF)
        .filter_map(char::from_u32)
        .filter(|letter| !letter.to_lowercase().eq([*letter]))
        .collect();
    assert!(cased.len() > 1400);
    let mut texts: Vec<String> = Vec::new();
    for letter in cased {
        let alone = letter.to_string();
        // As addresses are folded when they are written.
        texts.push(format!("x{letter}x").to_lowercase());
        texts.push(format!("x{letter}x"));
        texts.push(alone.to_lowercase());
        texts.push(alone);
    }
    let pairs = folded(&texts).await;
    let wrong: Vec<_> = pairs
        .iter()
        .filter(|pair| pair.folded != expected(&pair.typed))
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    for both in pairs.chunks(2) {
        assert_eq!(both[0].folded, both[1].folded, "{both:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_the_same_or_are_not() {
    for (one, other, same) in [
        ("Äijä Öhman", "ÄIJÄ ÖHMAN", true),
        ("Äijä", "A\u{308}IJA\u{308}", true),
        ("KESÄ20", "kesä20", true),
        ("ＳＡＬＥ", "sale", true),
        ("ОЛЬГА", "Ольга", true),
        ("ΟΔΟΣ", "οδος", true),
        ("ΟΔΟΣ", "οδοσ", true),
        ("İPEK", "i\u{307}pek", true),
        ("H\u{331}", "\u{1e96}", true),
        ("Maija@ÄKÄSLOMPOLO.example", "maija@äkäslompolo.EXAMPLE", true),
        ("Öhman", "Ohman", false),
        ("Groß", "Gross", false),
        ("I", "ı", false),
        ("", " ", false),
    ] {
        let found = folded(&[one.to_owned(), other.to_owned()]).await;
        assert_eq!(found[0].folded == found[1].folded, same, "{found:?}");
    }
}

#[derive(Deserialize)]
struct Text {
    text: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_locale_makes_no_difference() {
    let database = database::fresh().await;
    // The private cluster knows A to Z alone: what the tests find with Ä is found by kassa_fold.
    let told: Vec<Text> = ask(
        &database.admin,
        "SELECT lower('KESÄ') || current_setting('lc_ctype') AS text",
    )
    .await;
    assert_eq!(told[0].text, "kesÄC", "the tests' cluster has the locale C");
    // Where PostgreSQL has ICU, in a language of another small I, and in the locale of the operating system.
    let collations: Vec<Text> = ask(
        &database.admin,
        "SELECT DISTINCT collname::text AS text FROM pg_collation
         WHERE collname IN ('tr-x-icu', 'lt-x-icu', 'und-x-icu', 'C', 'POSIX', 'C.utf8', 'tr_TR.utf8', 'default')",
    )
    .await;
    assert!(collations.len() >= 3);
    for Text { text: name } in collations {
        let query =
            format!("SELECT kassa_fold('TITLE' COLLATE \"{name}\") || kassa_fold('TÄTI' COLLATE \"{name}\") AS text");
        let told: Vec<Text> = ask(&database.admin, &query).await;
        assert_eq!(told[0].text, "titletäti", "{name}");
    }
}
