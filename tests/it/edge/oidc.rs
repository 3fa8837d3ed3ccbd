//! Tokens of an OpenID Connect issuer in another language: what they prove, and every way in which they prove nothing.

use chrono::TimeDelta;
use data_encoding::BASE64URL_NOPAD;
use futures_util::future::join_all;
use kassa::accounts::oidc::{Identity, IssuerConfig, Oidc};
use kassa::kernel::clock::Clock;
use kassa::kernel::problem_codes::ProblemCode;
use kassa::net::{ClientOptions, GuardedClient};
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::doubles::Double;
use crate::support::request::Call;

fn client() -> GuardedClient {
    GuardedClient::new(ClientOptions {
        allow_private: true,
        allow_http: true,
        ..ClientOptions::default()
    })
    .expect("a client")
}

/// An issuer and who verifies its tokens.
struct Trust {
    double: Double,
    issuer: String,
    clock: Clock,
    oidc: Oidc,
}

impl Trust {
    fn new() -> Self {
        let double = Double::start("oidc_issuer.py", &[]);
        let issuer = format!("http://127.0.0.1:{}", double.port);
        let config: IssuerConfig = format!("{issuer}|kassa").parse().expect("an issuer");
        let clock = Clock::default();
        Self {
            oidc: Oidc::new(vec![config], client(), clock.clone()),
            double,
            issuer,
            clock,
        }
    }

    fn claims(&self) -> Value {
        let now = self.clock.now().timestamp();
        json!({"iss": self.issuer, "sub": "subject-1", "aud": "kassa", "iat": now, "exp": now + 600,
            "email": "aino@example.com", "email_verified": true, "name": "Aino"})
    }

    fn claims_with(&self, name: &str, value: Value) -> Value {
        let mut claims = self.claims();
        claims[name] = value;
        claims
    }

    fn mint(&mut self, key: &str, alg: &str, claims: &Value, headers: Value) -> String {
        let minted = self
            .double
            .ask(&json!({"mint": {"key": key, "alg": alg, "claims": claims, "headers": headers}}));
        minted["token"].as_str().expect("a token").to_owned()
    }

    /// A good token of a key.
    fn token(&mut self, key: &str) -> String {
        let alg = match key {
            "ec" => "ES256",
            "ed" => "EdDSA",
            _ => "RS256",
        };
        let claims = self.claims();
        self.mint(key, alg, &claims, json!({"kid": key}))
    }

    fn serve(&mut self, what: Value) {
        self.double.ask(&json!({ "serve": what }));
    }

    /// Requests so far: discovery, key set, anything else.
    fn counts(&mut self) -> (i64, i64, i64) {
        let counts = self.double.ask(&json!({"count": true}));
        let count = |name: &str| counts[name].as_i64().expect("a count");
        (count("discovery"), count("jwks"), count("other"))
    }

    async fn verify(&self, token: &str) -> Option<Identity> {
        self.oidc.verify(token).await.expect("the issuer's keys")
    }

    async fn is_good(&mut self, key: &str) -> bool {
        let token = self.token(key);
        self.verify(&token).await.is_some()
    }

    async fn refusal(&self, token: &str) -> (ProblemCode, Option<u32>) {
        let problem = self.oidc.verify(token).await.expect_err("a refusal");
        (problem.code, problem.retry_after)
    }
}

const AWAY: (ProblemCode, Option<u32>) = (ProblemCode::ServiceUnavailable, Some(5));

#[actix_web::test]
async fn every_pinned_algorithm_proves_who_somebody_is() {
    let mut trust = Trust::new();
    for key in ["rsa", "ec", "ed"] {
        let token = trust.token(key);
        let identity = trust.verify(&token).await.unwrap_or_else(|| panic!("{key}"));
        assert_eq!(
            identity,
            Identity {
                issuer: trust.issuer.clone(),
                subject: "subject-1".to_owned(),
                email: Some("aino@example.com".parse().expect("an address")),
                name: Some("Aino".parse().expect("a name")),
            }
        );
    }
    let claims = trust.claims_with("email_verified", json!(false));
    let token = trust.mint("rsa", "RS256", &claims, json!({"kid": "rsa", "typ": "at+jwt"}));
    assert_eq!(trust.verify(&token).await.expect("an identity").email, None);
    let claims = trust.claims_with("aud", json!(["other", "kassa"]));
    let token = trust.mint("rsa", "RS256", &claims, json!({"kid": "rsa", "typ": null}));
    assert!(trust.verify(&token).await.is_some());
    assert_eq!(trust.counts(), (1, 1, 0), "one look at the issuer is enough");
}

#[actix_web::test]
async fn a_key_is_tied_to_its_algorithm() {
    let mut trust = Trust::new();
    let claims = trust.claims();
    let pss = trust.mint("rsa", "PS256", &claims, json!({"kid": "rsa"}));
    assert!(trust.is_good("rsa").await);
    assert!(trust.verify(&pss).await.is_none(), "the key set says RS256");
    trust.serve(json!({"alg": false}));
    trust.clock.advance(TimeDelta::hours(2));
    let claims = trust.claims();
    let pss = trust.mint("rsa", "PS256", &claims, json!({"kid": "rsa"}));
    assert!(
        trust.verify(&pss).await.is_some(),
        "an RSA key that says nothing is for both"
    );
    for (key, alg, kid) in [
        ("rsa", "RS256", "ec"),
        ("ec", "ES256", "rsa"),
        ("ed", "EdDSA", "rsa"),
        ("rsa", "RS512", "rsa"),
    ] {
        let token = trust.mint(key, alg, &claims, json!({"kid": kid}));
        assert!(trust.verify(&token).await.is_none(), "{alg} with the key {kid}");
    }
}

#[actix_web::test]
async fn what_proves_nothing_is_one_outcome() {
    let mut trust = Trust::new();
    assert!(trust.is_good("rsa").await);
    let now = trust.clock.now().timestamp();
    let canary = format!("{}/canary", trust.issuer);
    let mut tokens = Vec::new();
    for (name, value) in [
        ("aud", json!("other")),
        ("aud", json!(["other"])),
        ("aud", json!(null)),
        ("iss", json!(format!("{}/", trust.issuer))),
        ("iss", json!(trust.issuer.to_uppercase())),
        ("iss", json!("http://kassa.test")),
        ("iss", json!([trust.issuer])),
        ("exp", json!(now - 120)),
        ("exp", json!(null)),
        ("exp", json!("9999999999")),
        ("exp", json!(now + 2 * 24 * 3600)),
        ("iat", json!(now + 600)),
        ("nbf", json!(now + 600)),
        ("sub", json!("")),
        ("sub", json!("x".repeat(256))),
    ] {
        let claims = trust.claims_with(name, value.clone());
        tokens.push((
            format!("{name} {value}"),
            trust.mint("rsa", "RS256", &claims, json!({"kid": "rsa"})),
        ));
    }
    let claims = trust.claims();
    for headers in [
        json!({}),
        json!({"kid": ""}),
        json!({"kid": "nobody"}),
        json!({"kid": "../../dev/null"}),
        json!({"kid": "' OR 1=1 --"}),
        json!({"kid": canary}),
        json!({"kid": "k".repeat(300)}),
        json!({"kid": "k".repeat(10_000)}),
        json!({"kid": "rsa", "crit": ["exp"]}),
        json!({"kid": "rsa", "zip": "DEF"}),
        json!({"kid": "rsa", "typ": "dpop+jwt"}),
    ] {
        tokens.push((headers.to_string(), trust.mint("rsa", "RS256", &claims, headers)));
    }
    // Signed by a stranger who says where to find his key.
    for headers in [
        json!({"kid": "rsa"}),
        json!({"kid": "stranger", "jku": canary}),
        json!({"kid": "stranger", "x5u": canary}),
        json!({"kid": "stranger", "jwk": {"kty": "oct", "k": "AAAA", "kid": "stranger"}}),
    ] {
        tokens.push((headers.to_string(), trust.mint("stranger", "RS256", &claims, headers)));
    }
    tokens.push((
        "the public key as a secret".to_owned(),
        trust.mint("rsa", "hmac", &claims, json!({})),
    ));
    tokens.extend(bent(&trust.token("rsa")).into_iter().chain(bent(&trust.token("ec"))));
    for (case, token) in tokens {
        assert_eq!(trust.verify(&token).await, None, "{case}");
    }
    assert!(trust.is_good("rsa").await);
    let (_, _, canary) = trust.counts();
    assert_eq!(canary, 0, "nothing is fetched from where a token says");
}

/// A good token, bent.
fn bent(good: &str) -> Vec<(String, String)> {
    let (signed, signature) = good.rsplit_once('.').expect("a signature");
    let (head, claims) = signed.split_once('.').expect("two parts");
    let bytes = BASE64URL_NOPAD.decode(signature.as_bytes()).expect("base64");
    let with = |bytes: &[u8]| format!("{signed}.{}", BASE64URL_NOPAD.encode(bytes));
    let mut flipped = bytes.clone();
    flipped[7] ^= 1;
    let none = |alg: &str| {
        let head = json!({"alg": alg, "typ": "JWT", "kid": "rsa"}).to_string();
        format!("{}.{claims}", BASE64URL_NOPAD.encode(head.as_bytes()))
    };
    let cases = [
        ("no signature", format!("{signed}.")),
        ("no third part", signed.to_owned()),
        ("a fourth part", format!("{good}.x")),
        ("five parts", format!("{good}.x.y")),
        ("an empty token", String::new()),
        ("dots", "..".to_owned()),
        ("a cut signature", with(&bytes[..bytes.len() - 1])),
        ("a longer signature", with(&[&bytes[..], &[0]].concat())),
        ("a signature of nought", with(&vec![0; bytes.len()])),
        ("one bit", with(&flipped)),
        ("alg none", format!("{}.", none("none"))),
        ("alg None", format!("{}.", none("None"))),
        ("alg nOnE with a signature", format!("{}.{signature}", none("nOnE"))),
        ("no alg", format!("{}.{signature}", none(""))),
        ("padding", format!("{good}=")),
        ("a space", format!(" {good}")),
        ("a line break", format!("{good}\n")),
        (
            "other claims",
            format!("{head}.{}.{signature}", BASE64URL_NOPAD.encode(b"{}")),
        ),
        ("a megabyte", format!("{signed}.{}", "A".repeat(1 << 20))),
    ];
    cases.map(|(name, token)| (name.to_owned(), token)).to_vec()
}

#[actix_web::test]
async fn keys_are_rotated_and_withdrawn() {
    let mut trust = Trust::new();
    assert!(trust.is_good("rsa").await);
    trust.serve(json!({"keys": ["next"]}));
    assert!(!trust.is_good("next").await, "the issuer was asked a moment ago");
    trust.clock.advance(TimeDelta::seconds(31));
    assert!(trust.is_good("next").await);
    assert!(!trust.is_good("rsa").await, "a key that is gone is withdrawn");
    // Known keys are looked up again after an hour, whatever comes.
    trust.serve(json!({"keys": ["ed"]}));
    trust.clock.advance(TimeDelta::minutes(59));
    assert!(trust.is_good("next").await);
    trust.clock.advance(TimeDelta::minutes(2));
    assert!(!trust.is_good("next").await);
    assert!(trust.is_good("ed").await);
    assert_eq!(trust.counts(), (3, 3, 0));
}

#[actix_web::test]
async fn a_flood_of_unknown_keys_is_one_request() {
    let mut trust = Trust::new();
    let claims = trust.claims();
    let mut tokens = vec![trust.token("rsa"); 20];
    for number in 0..50 {
        tokens.push(trust.mint("rsa", "RS256", &claims, json!({"kid": format!("invented-{number}")})));
    }
    let flood = async |trust: &Trust| join_all(tokens.iter().map(|token| trust.verify(token))).await;
    let proved = flood(&trust).await.iter().flatten().count();
    assert_eq!(
        (proved, trust.counts()),
        (20, (1, 1, 0)),
        "those who come first share one look"
    );
    flood(&trust).await;
    assert_eq!(trust.counts(), (1, 1, 0));
    trust.clock.advance(TimeDelta::seconds(31));
    flood(&trust).await;
    assert_eq!(trust.counts(), (2, 2, 0));
}

#[actix_web::test]
async fn an_issuer_that_is_away_stops_nobody_whose_key_is_known() {
    let mut trust = Trust::new();
    assert!(trust.is_good("rsa").await);
    trust.serve(json!({"status": 500}));
    for _ in 0..2 {
        trust.clock.advance(TimeDelta::hours(11));
        assert!(trust.is_good("rsa").await);
    }
    assert!(!trust.is_good("next").await, "an unknown key is no reason to fail");
    trust.clock.advance(TimeDelta::hours(3));
    let token = trust.token("rsa");
    assert_eq!(trust.refusal(&token).await, AWAY);
    let before = trust.counts();
    assert_eq!(trust.refusal(&token).await, AWAY);
    assert_eq!(trust.counts(), before, "failures are paced too");
    trust.serve(json!({"status": 200}));
    trust.clock.advance(TimeDelta::seconds(6));
    assert!(trust.verify(&token).await.is_some());
}

#[actix_web::test]
async fn an_issuer_that_was_never_seen_is_a_reason_to_come_back() {
    let mut trust = Trust::new();
    let (good, claims) = (trust.token("rsa"), trust.claims_with("aud", json!("other")));
    let wrong = trust.mint("rsa", "RS256", &claims, json!({"kid": "rsa"}));
    for answer in [
        json!({"status": 503}),
        json!({"status": 302}),
        json!({"status": 200, "issuer": "http://127.0.0.1:1"}),
        json!({"issuer": null, "jwks_uri": "http://keys.example.com/"}),
        json!({"jwks_uri": "file:///etc/passwd"}),
        json!({"jwks_uri": null, "padding": 300 * 1024}),
    ] {
        trust.serve(answer.clone());
        trust.clock.advance(TimeDelta::seconds(6));
        assert_eq!(trust.refusal(&good).await, AWAY, "{answer}");
    }
    let before = trust.counts();
    trust.clock.advance(TimeDelta::seconds(6));
    assert_eq!(
        trust.verify(&wrong).await,
        None,
        "a token that is wrong anyway is no reason to ask"
    );
    assert_eq!(trust.counts(), before);
    trust.serve(json!({"padding": 0}));
    assert!(trust.verify(&good).await.is_some());
}

#[actix_web::test]
async fn keys_may_be_named_by_the_operator() {
    let mut trust = Trust::new();
    let keys = format!("{}|kassa|{}/keys", trust.issuer, trust.issuer);
    let config = keys.parse().expect("an issuer");
    trust.oidc = Oidc::new(vec![config], client(), trust.clock.clone());
    assert!(trust.is_good("rsa").await);
    assert_eq!(trust.counts(), (0, 1, 0));
}

#[actix_web::test]
async fn our_tokens_and_theirs_are_never_taken_for_each_other() {
    let mut trust = Trust::new();
    let test = TestApp::new().await;
    let merchant = crate::support::Merchant::new(&test, "issued").await;
    let ours = test.app.signer().issue(merchant.owner).expect("a token");
    assert_eq!(trust.verify(&ours).await, None);
    // Theirs, in our clothes.
    let now = trust.clock.now().timestamp();
    let claims = json!({"iss": "http://kassa.test", "aud": "kassa", "sub": merchant.owner.to_string(), "iat": now,
        "exp": now + 600, "jti": "1"});
    let theirs = trust.mint("ed", "EdDSA", &claims, json!({"kid": "test", "typ": "at+jwt"}));
    assert_eq!(trust.verify(&theirs).await, None);
    let reply = test.call(Call::get("/v1/me").bearer(&theirs)).await;
    assert_eq!(reply.problem().0, 401);
}

#[test]
fn verifying_may_move_between_threads() {
    fn is_send<F: Send>(_: impl FnOnce(&'static Oidc) -> F) {}
    is_send(|oidc| oidc.verify("token"));
}
