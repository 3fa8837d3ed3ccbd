//! The signature: HMAC over every `checkout-*` pair by name, and the body as it was sent.

use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;
use secrecy::ExposeSecret;

use super::Config;

/// What of a request, an answer or a callback is signed beside the body: never a fixed list, new ones may appear.
const SIGNED: &str = "checkout-";

/// Signs pairs and a body with SHA-256; lower-case hex.
pub fn sign(config: &Config, pairs: &[(String, String)], body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, config.secret_key.expose_secret().as_bytes());
    HEXLOWER.encode(hmac::sign(&key, &signed_text(pairs, body)).as_ref())
}

/// Whether the signature is this merchant's, by the algorithm that the pairs name, and they name this merchant.
pub fn is_signed(config: &Config, pairs: &[(String, String)], body: &[u8], signature: &str) -> bool {
    let value = |name: &str| super::super::query::only(pairs, name);
    let algorithm = match value("checkout-algorithm") {
        Some("sha256") => hmac::HMAC_SHA256,
        Some("sha512") => hmac::HMAC_SHA512,
        _ => return false,
    };
    // A line break within a value could make one pair look like two, and a name that is there twice has two meanings.
    let mut names: Vec<&str> = signed(pairs).iter().map(|(name, _)| name.as_str()).collect();
    names.dedup();
    let plain = signed(pairs)
        .iter()
        .all(|(name, value)| !name.contains([':', '\n']) && !value.contains(|letter: char| letter.is_control()));
    if !plain || names.len() != signed(pairs).len() || value("checkout-account") != Some(&config.merchant_id) {
        return false;
    }
    let Ok(tag) = HEXLOWER.decode(signature.as_bytes()) else {
        return false;
    };
    let key = hmac::Key::new(algorithm, config.secret_key.expose_secret().as_bytes());
    hmac::verify(&key, &signed_text(pairs, body), &tag).is_ok()
}

/// What is signed: `name:value` by name, one a line, then the body.
pub fn signed_text(pairs: &[(String, String)], body: &[u8]) -> Vec<u8> {
    let lines = signed(pairs)
        .into_iter()
        .map(|(name, value)| format!("{name}:{value}\n"));
    let mut text = lines.collect::<String>().into_bytes();
    text.extend_from_slice(body);
    text
}

fn signed(pairs: &[(String, String)]) -> Vec<&(String, String)> {
    let mut signed: Vec<_> = pairs.iter().filter(|(name, _)| name.starts_with(SIGNED)).collect();
    signed.sort_by(|left, right| left.0.cmp(&right.0));
    signed
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Paytrail's public account for trials.
    fn config() -> Config {
        Config {
            merchant_id: "375917".to_owned(),
            secret_key: "SAIPPUAKAUPPIAS".to_owned().into(),
        }
    }

    fn named(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(name, value)| (format!("checkout-{name}"), (*value).to_owned()))
            .collect()
    }

    const BODY: &str = r##"{"stamp":"unique-identifier-for-merchant","reference":"3759170","amount":1525,"currency":"EUR","language":"FI","items":[{"unitPrice":1525,"units":1,"vatPercentage":25.5,"productCode":"#1234","deliveryDate":"2018-09-01"}],"customer":{"email":"test.customer@example.com"},"redirectUrls":{"success":"https://ecom.example.com/cart/success","cancel":"https://ecom.example.com/cart/cancel"}}"##;

    fn request(algorithm: &str) -> Vec<(String, String)> {
        named(&[
            ("nonce", "564635208570151"),
            ("account", "375917"),
            ("timestamp", "2018-07-06T10:01:31.904Z"),
            ("algorithm", algorithm),
            ("method", "POST"),
        ])
    }

    #[test]
    fn the_published_request() {
        let official = "9a4a7735279de4c99268e4566a5526ae887e73e6e58f2918cb2309ccac366129";
        assert_eq!(sign(&config(), &request("sha256"), BODY.as_bytes()), official);
        assert!(is_signed(&config(), &request("sha256"), BODY.as_bytes(), official));
        let before = BODY.replace("25.5", "24");
        assert_eq!(
            sign(&config(), &request("sha256"), before.as_bytes()),
            "3708f6497ae7cc55a2e6009fc90aa10c3ad0ef125260ee91b19168750f6d74f6"
        );
        let float = sign(&config(), &request("sha256"), BODY.replace("25.5", "24.0").as_bytes());
        assert!(float.starts_with("dc3f22f2"), "{float}");
        let longer = "dcc8a2011ab03aeec18e251e1f7b96842a8ff54caac1e36b6c3516b1347be311c7c00ac58d55cd6ec73818647c7bf325d6beaa03b9176f6a3eefaacfee242552";
        assert!(is_signed(&config(), &request("sha512"), BODY.as_bytes(), longer));
    }

    #[test]
    fn the_published_redirect() {
        let query = "checkout-account=375917&checkout-algorithm=sha256&checkout-amount=2964&checkout-stamp=15336332710015&checkout-reference=192387192837195&checkout-transaction-id=4b300af6-9a22-11e8-9184-abb6de7fd2d0&checkout-status=ok&checkout-provider=nordea";
        let pairs = super::super::super::query::pairs(query).expect("pairs");
        let official = "b2d3ecdda2c04563a4638fcade3d4e77dfdc58829b429ad2c2cb422d0fc64080";
        assert!(is_signed(&config(), &pairs, b"", official));
        for place in 0..pairs.len() {
            let mut changed = pairs.clone();
            changed[place].1.push('1');
            assert!(!is_signed(&config(), &changed, b"", official), "{:?}", changed[place]);
            let mut shorter = pairs.clone();
            let gone = shorter.remove(place);
            assert!(!is_signed(&config(), &shorter, b"", official), "{gone:?}");
        }
    }

    #[test]
    fn the_published_question() {
        let pairs = named(&[
            ("account", "375917"),
            ("algorithm", "sha256"),
            ("method", "GET"),
            ("timestamp", "2019-11-01T08:48:50.832Z"),
            ("transaction-id", "681538c4-fc84-11e9-83bc-2ffcef4c3453"),
            ("nonce", "87ac41e1-e6e6-4789-b8e0-c83930cfc447"),
        ]);
        assert_eq!(
            sign(&config(), &pairs, b""),
            "4d84e3aedaa847b23e672ff3bc9c57ae5d1c1e84aec251ce39914eaf250bb8b2"
        );
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_not_signed() {
        let pairs = named(&[("account", "375917"), ("algorithm", "sha256"), ("status", "ok")]);
        let signature = sign(&config(), &pairs, b"");
        assert!(is_signed(&config(), &pairs, b"", &signature));
        assert!(!is_signed(&config(), &pairs, b"", &signature.to_uppercase()));
        assert!(!is_signed(&config(), &pairs, b"x", &signature));
        // The same bytes, with a pair hidden in another.
        let hidden = named(&[("account", "375917"), ("algorithm", "sha256\ncheckout-status:ok")]);
        assert!(!is_signed(&config(), &hidden, b"", &signature));
        let twice = named(&[
            ("account", "375917"),
            ("algorithm", "sha256"),
            ("status", "ok"),
            ("status", "fail"),
        ]);
        assert!(!is_signed(&config(), &twice, b"", &sign(&config(), &twice, b"")));
        let other = named(&[("account", "375918"), ("algorithm", "sha256"), ("status", "ok")]);
        assert!(!is_signed(&config(), &other, b"", &sign(&config(), &other, b"")));
        let weak = named(&[("account", "375917"), ("algorithm", "md5"), ("status", "ok")]);
        assert!(!is_signed(&config(), &weak, b"", &sign(&config(), &weak, b"")));
    }
}
