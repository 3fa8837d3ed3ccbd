//! Tags of contacts: what every service of contacts takes.

use std::borrow::Cow;

use validator::ValidationError;

use crate::kernel::places::each;

/// The longest tag that all of them take, in characters.
const LONGEST: usize = 64;

/// Whether each can be a tag.
pub(super) fn fit(tags: &[String]) -> Result<(), ValidationError> {
    let fits = |tag: &String| {
        let length = tag.chars().count();
        (1..=LONGEST).contains(&length) && tag.trim() == tag && !tag.chars().any(char::is_control)
    };
    each(tags, |tag| {
        if fits(tag) {
            return Ok(());
        }
        let words = Cow::from("must have 1 to 64 characters, with no spaces around them");
        Err(ValidationError::new("invalid").with_message(words))
    })
}

/// Each tag once, whatever its case: the services take "VIP" and "vip" for the same.
pub(super) fn distinct(tags: &[String]) -> Vec<&str> {
    let mut kept: Vec<&str> = Vec::new();
    for tag in tags {
        if !kept.iter().any(|known| same(known, tag)) {
            kept.push(tag);
        }
    }
    kept
}

/// Whether two names are of one tag.
pub(super) fn same(left: &str, right: &str) -> bool {
    left.trim().to_lowercase() == right.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_short_plain_and_named_once() {
        let owned = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
        assert!(fit(&owned(&["customer", "Kevät 2026", &"x".repeat(64)])).is_ok());
        for wrong in ["", " x", "x ", "a\nb", &"x".repeat(65)] {
            assert!(fit(&owned(&["fine", wrong])).is_err(), "{wrong:?}");
        }
        assert_eq!(distinct(&owned(&["VIP", "course", "vip"])), ["VIP", "course"]);
    }
}
