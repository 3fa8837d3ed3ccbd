//! Tokens that prove nothing, each wrong in one way only.

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kassa::accounts::tokens::LIFETIME;
use kassa::http::session_secret;
use kassa::kernel::ids::UserId;
use kassa::kernel::secret::{Keyring, random_bytes};
use serde_json::{Value, json};

use super::cast::Cast;
use crate::support::TestApp;

/// The seed and key id that the test application signs with.
const SEED: [u8; 32] = [2; 32];
const KEY_ID: &str = "test";

fn claims(test: &TestApp, user: UserId) -> Value {
    let now = test.clock.now().timestamp();
    json!({"iss": "http://kassa.test", "aud": "kassa", "sub": user.to_string(), "iat": now, "exp": now + LIFETIME, "jti": "1"})
}

fn header() -> Header {
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some("at+jwt".to_owned());
    header.kid = Some(KEY_ID.to_owned());
    header
}

/// PKCS#8 of an Ed25519 seed (RFC 8410, section 7).
fn key(seed: [u8; 32]) -> EncodingKey {
    let mut der = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20".to_vec();
    der.extend_from_slice(&seed);
    EncodingKey::from_ed_der(&der)
}

fn jwt(header: &Header, claims: &Value, key: &EncodingKey) -> String {
    jsonwebtoken::encode(header, claims, key).expect("a token")
}

/// A good token made by hand: what the forgeries below differ from in one thing each.
pub fn genuine(test: &TestApp, user: UserId) -> String {
    jwt(&header(), &claims(test, user), &key(SEED))
}

/// Every forgery, by name.
pub fn all(test: &TestApp, cast: &Cast) -> Vec<(&'static str, String)> {
    let owner = cast.merchant.owner;
    let now = test.clock.now().timestamp();
    let with = |name: &str, value: Value| {
        let mut claims = claims(test, owner);
        claims[name] = value;
        jwt(&header(), &claims, &key(SEED))
    };
    let without = |name: &str| {
        let mut claims = claims(test, owner);
        claims.as_object_mut().expect("claims").remove(name);
        jwt(&header(), &claims, &key(SEED))
    };
    let with_header = |change: fn(&mut Header)| {
        let mut header = header();
        change(&mut header);
        jwt(&header, &claims(test, owner), &key(SEED))
    };
    let mut long_ago = claims(test, owner);
    long_ago["iat"] = json!(now - LIFETIME - 1);
    long_ago["exp"] = json!(now - 1);
    let none = json!({"alg": "none", "typ": "at+jwt", "kid": KEY_ID});
    let none = [none, claims(test, owner)]
        .map(|part| BASE64URL_NOPAD.encode(part.to_string().as_bytes()))
        .join(".");
    let good = genuine(test, owner);
    let (signed, signature) = good.rsplit_once('.').expect("a signature");
    // The public key as an HMAC secret: what a checker that trusts `alg` would accept.
    let public = test.app.signer().jwks()["keys"][0]["x"]
        .as_str()
        .and_then(|x| BASE64URL_NOPAD.decode(x.as_bytes()).ok());
    let public = public.expect("the public key");
    let mut symmetric = header();
    symmetric.alg = Algorithm::HS256;
    let strangers = Keyring::new(vec![(1, [9; 32])]).expect("a key");
    let session = cast.visit.id.parse().expect("a session");
    let organization = cast.merchant.organization.uuid();
    let mut api_key = organization.as_bytes().to_vec();
    api_key.extend_from_slice(organization.as_bytes());
    api_key.extend_from_slice(&random_bytes::<32>());
    vec![
        ("an empty token", String::new()),
        ("garbage", "garbage".to_owned()),
        ("alg none", format!("{none}.")),
        ("alg none with a signature", format!("{none}.{signature}")),
        (
            "the public key as a secret",
            jwt(&symmetric, &claims(test, owner), &EncodingKey::from_secret(&public)),
        ),
        ("another key", jwt(&header(), &claims(test, owner), &key([3; 32]))),
        ("no signature", format!("{signed}.")),
        (
            "an unknown key id",
            with_header(|header| header.kid = Some("other".to_owned())),
        ),
        ("no key id", with_header(|header| header.kid = None)),
        (
            "another type",
            with_header(|header| header.typ = Some("JWT".to_owned())),
        ),
        ("an expired token", jwt(&header(), &long_ago, &key(SEED))),
        ("a token of the future", with("iat", json!(now + 600))),
        ("a token without end", with("exp", json!(now + 10 * LIFETIME))),
        ("not yet valid", with("nbf", json!(now + 600))),
        ("another audience", with("aud", json!("other"))),
        ("another issuer", with("iss", json!("http://other.test"))),
        ("no audience", without("aud")),
        ("no issuer", without("iss")),
        (
            "a subject of another kind",
            with("sub", json!(cast.merchant.checkout.to_string())),
        ),
        (
            "a session secret of another key ring",
            session_secret::issue(&strangers, cast.merchant.checkout, session),
        ),
        (
            "a session secret cut short",
            cast.visit.secret[..cast.visit.secret.len() - 1].to_owned(),
        ),
        (
            "a session secret of random bytes",
            format!("kassa_ss_{}", BASE64URL_NOPAD.encode(&random_bytes::<64>())),
        ),
        (
            "an API key that nobody has",
            format!("kassa_sk_test_{}", BASE64URL_NOPAD.encode(&api_key)),
        ),
        ("an API key with another secret", other_secret(&cast.merchant.api_key)),
        (
            "an API key of the other mode",
            cast.merchant.api_key.replace("_live_", "_test_"),
        ),
        ("an API key of nothing", "kassa_sk_test_".to_owned()),
    ]
}

/// The organization and id of a key, and 32 other bytes.
fn other_secret(api_key: &str) -> String {
    let (prefix, encoded) = api_key.split_at("kassa_sk_live_".len());
    let mut bytes = BASE64URL_NOPAD.decode(encoded.as_bytes()).expect("a key");
    bytes.truncate(32);
    bytes.extend_from_slice(&random_bytes::<32>());
    format!("{prefix}{}", BASE64URL_NOPAD.encode(&bytes))
}
