//! The rules of the house: what no compiler checks and no reviewer should have to.
//!
//! Each failure says what to do. What a rule does not hold for stands in a table beside it, with the reason; an entry that is no
//! longer needed fails too, so the tables only ever say what is true.

pub mod access;
mod bodies;
mod compatibility;
mod database;
mod deploy;
mod document;
mod folding;
mod house;
mod imports;
mod keys;
mod migrations;
mod problems;
mod routes;
mod schema;
mod source;
pub mod spec;
mod spec_answers;
mod words;

use std::path::{Path, PathBuf};

/// A file of the repository.
fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Fails with the faults at once, as many as one reads, and with what to do about them.
#[track_caller]
pub fn none(faults: &[String], advice: &str) {
    const SHOWN: usize = 40;
    let shown = faults
        .iter()
        .take(SHOWN)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join("\n  ");
    let more = faults.len().saturating_sub(SHOWN);
    assert!(
        faults.is_empty(),
        "{} fault(s), {more} of them not shown:\n  {shown}\n\n{advice}\n",
        faults.len()
    );
}

/// Compares a generated file with the committed one, byte for byte; rewrites it when `UPDATE_GENERATED=1`.
#[track_caller]
#[expect(
    clippy::disallowed_methods,
    reason = "a switch of the tests, not a setting of the product"
)]
fn generated(path: &str, text: &str) {
    let file = at(path);
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("the folder of a generated file");
        std::fs::write(&file, text).expect("a generated file");
        return;
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    let differs = committed.lines().zip(text.lines()).position(|(old, new)| old != new);
    assert!(
        committed == text,
        "{path} is not what the code makes of it (first difference: line {}).\n\nIf you are here because you changed what it is \
         made from: `UPDATE_GENERATED=1 cargo test --test it -- contract::`, read the difference as a client would, commit it.\n",
        differs.map_or_else(
            || "beyond the shorter of the two".to_owned(),
            |line| (line + 1).to_string()
        ),
    );
}
