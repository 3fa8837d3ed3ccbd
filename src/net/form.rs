//! `application/x-www-form-urlencoded`: what Stripe is spoken to in.
//!
//! Everything but ASCII letters, digits and `-._` is written as bytes in percent signs, spaces too: every reader takes that.

/// The media type of [`encode`].
pub const CONTENT_TYPE: &str = "application/x-www-form-urlencoded";

/// The pairs, in their order.
pub fn encode<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut body = String::new();
    for (name, value) in pairs {
        if !body.is_empty() {
            body.push('&');
        }
        push(&mut body, name);
        body.push('=');
        push(&mut body, value);
    }
    body
}

fn push(body: &mut String, text: &str) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            body.push(char::from(byte));
        } else {
            let digits = [byte >> 4, byte & 15].map(|half| char::from(DIGITS[usize::from(half)]));
            body.push('%');
            body.extend(digits);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_plain_stays_as_it_is() {
        assert_eq!(encode([]), "");
        let pairs = [("metadata[order_id]", "ord_1"), ("a b", "ä&=+%~€"), ("empty", "")];
        assert_eq!(
            encode(pairs),
            "metadata%5Border_id%5D=ord_1&a%20b=%C3%A4%26%3D%2B%25%7E%E2%82%AC&empty="
        );
    }
}
