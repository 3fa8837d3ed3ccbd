//! Reads `application/x-www-form-urlencoded`: the query of a callback, or the body of a posted form.

/// The pairs in their order, decoded. None for an escape that is none, or text that is not UTF-8: what was signed cannot be known then.
pub fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decoded(name)?, decoded(value)?))
        })
        .collect()
}

/// The value of a name that is there once. None when it is missing, or there twice: then nobody knows which one counts.
pub fn only<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut found = pairs.iter().filter(|(known, _)| known == name);
    let (_, value) = found.next()?;
    found.next().is_none().then_some(value)
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut plain = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            b'+' => b' ',
            b'%' => digit(bytes.next()?)? << 4 | digit(bytes.next()?)?,
            other => other,
        });
    }
    String::from_utf8(plain).ok()
}

fn digit(letter: u8) -> Option<u8> {
    match letter {
        b'0'..=b'9' => Some(letter - b'0'),
        b'a'..=b'f' => Some(letter - b'a' + 10),
        b'A'..=b'F' => Some(letter - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_decoded_or_refused() {
        let read = pairs("a=1+2&b=%C3%A4%2f&&c&d==").expect("pairs");
        let expected = [("a", "1 2"), ("b", "ä/"), ("c", ""), ("d", "=")];
        assert_eq!(read, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        for wrong in ["a=%", "a=%4", "a=%zz", "a=%ff", "%C3=a"] {
            assert_eq!(pairs(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_there_twice_is_nothing() {
        let read = pairs("a=1&b=2&a=3").expect("pairs");
        assert_eq!(
            (only(&read, "a"), only(&read, "b"), only(&read, "c")),
            (None, Some("2"), None)
        );
    }
}
