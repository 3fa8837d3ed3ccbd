//! What clients ask for in the query of a list of customers.

use super::model::Filter;
use crate::kernel::text::folded_address;

/// The filters, without what stands around them; the query folds their case, and that of addresses is folded here as it was when they
/// were written.
pub fn filter(test_mode: Option<bool>, email: Option<&str>, q: Option<&str>) -> Filter {
    let trimmed = |text: &str| text.trim().to_owned();
    let mut filter = Filter {
        test_mode: test_mode.unwrap_or(false),
        email: email.map(folded_address),
        ..Filter::default()
    };
    let Some(text) = q.map(trimmed).filter(|text| !text.is_empty()) else {
        return filter;
    };
    if text.contains('@') {
        filter.email.get_or_insert(folded_address(&text));
    } else if let Some((first, last)) = text.rsplit_once(char::is_whitespace) {
        (filter.first_name, filter.last_name) = (Some(first.trim().to_owned()), Some(last.to_owned()));
    } else {
        filter.any_name = Some(text);
    }
    filter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_field_finds_by_what_it_looks_like() {
        let of = |q| filter(None, None, Some(q));
        assert_eq!(of(" Buyer@Example.com").email.as_deref(), Some("buyer@example.com"));
        let both = of("Anna Maria  Virtanen");
        assert_eq!(
            (both.first_name.as_deref(), both.last_name.as_deref()),
            (Some("Anna Maria"), Some("Virtanen"))
        );
        assert_eq!(of("AINO").any_name.as_deref(), Some("AINO"));
        assert_eq!(of("  "), Filter::default());
        let two = filter(Some(true), Some("A@b.fi"), Some("c@d.fi"));
        assert_eq!((two.email.as_deref(), two.test_mode), (Some("a@b.fi"), true));
    }
}
