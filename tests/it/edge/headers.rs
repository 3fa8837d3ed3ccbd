//! Headers are read where they mean something, and only there.

use kassa::app::document;
use serde_json::{Value, json};

use crate::contract::access::cast::Cast;
use crate::contract::none;
use crate::contract::spec::{Operation, operations};
use crate::support::request::{Call, Reply, send};
use crate::support::{Merchant, TestApp};

/// The request of an operation by who may make it; it changes nothing.
fn request(cast: &Cast, operation: &Operation) -> Call {
    let mut call = Call::new(&operation.method, cast.path(operation));
    if !operation.body["requestBody"].is_null() {
        call = call.json(json!({}));
    }
    if matches!(operation.method.as_str(), "PATCH" | "PUT" | "DELETE") {
        call = call.header("if-match", "\"stale\"");
    }
    match operation.permission.as_deref() {
        None => call,
        Some("session") => call.bearer(&cast.visit.secret),
        Some(_) => call.bearer(&cast.merchant.api_key),
    }
}

fn good_types(operation: &Operation) -> Vec<String> {
    let responses = operation.body["responses"].as_object().expect("responses");
    let good = responses.iter().filter(|(status, _)| status.starts_with('2'));
    good.filter_map(|(_, response)| response["content"].as_object())
        .flat_map(|content| content.keys().cloned())
        .collect()
}

#[actix_web::test]
async fn accept_is_held_against_what_the_document_names() {
    let test = TestApp::new().await;
    let cast = Cast::new(&test).await;
    let service = test.service().await;
    let (mut faults, mut unasked, mut files) = (Vec::new(), 0, 0);
    for operation in operations(&document()) {
        let asked = !operation.body["responses"]["406"].is_null();
        let refused = async |accept: &str| {
            let reply = send(&service, request(&cast, &operation).header("accept", accept)).await;
            reply.status == 406
        };
        let mut fault = |what: &str| faults.push(format!("{}: {what}", operation.name()));
        unasked += usize::from(!asked);
        if refused("image/webp").await != asked {
            fault("an Accept that names none of its types is 406 if the document says so, and only then");
        }
        if refused("").await {
            fault("an empty Accept says nothing");
        }
        for media in good_types(&operation) {
            files += usize::from(media != "application/json");
            if refused(&media).await {
                fault(&format!("refuses {media}, which it answers in"));
            }
        }
    }
    assert!(
        (unasked, files) == (4, 2),
        "the walk has lost callbacks, returns or exports: {unasked} {files}"
    );
    none(
        &faults,
        "Operations::of reads from the document what an operation answers in (src/http/operations.rs).",
    );
}

#[actix_web::test]
async fn a_broken_idempotency_key_is_refused_where_keys_count() {
    let test = TestApp::new().await;
    let cast = Cast::new(&test).await;
    let service = test.service().await;
    let mut faults = Vec::new();
    for operation in operations(&document()) {
        let parameters = operation.body["parameters"].as_array().cloned().unwrap_or_default();
        let counts = parameters
            .iter()
            .any(|parameter| parameter["name"] == "Idempotency-Key");
        let ignored = operation.method == "GET" || !operation.is_secured();
        for key in ["x".repeat(300), "ä".to_owned(), String::new()] {
            let call = request(&cast, &operation).header("idempotency-key", &key);
            let reply = send(&service, call).await;
            let refused = reply.status == 400 && reply.json()["code"] == "malformed-request";
            if (counts && !refused) || (ignored && refused) {
                faults.push(format!("{} with {key:.5}: {}", operation.name(), reply.status));
            }
        }
    }
    none(
        &faults,
        "Keys are read by Ctx<…> where the policy has a scope for them, and not on reads.",
    );
}

/// What news of a provider comes to, whatever its software says in headers that are not for it.
#[actix_web::test]
async fn news_is_judged_by_its_signature_alone() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "news").await;
    let stripe =
        json!({"publishable_key": "pk_test_51H8", "secret_key": "sk_test_51H8", "webhook_secret": "whsec_5f3c"});
    let stripe = Call::new("PUT", merchant.path("payment-methods/stripe")).json(stripe);
    merchant.call(&test, stripe).await.expect(200);
    let path = format!("/v1/callbacks/stripe/{}", merchant.checkout);
    let news = || Call::post(path.clone(), json!({"id": "evt_1"})).header("stripe-signature", "t=1,v1=00");
    for call in [
        news(),
        news().header("accept", "text/html"),
        news().header("accept", ""),
        news().header("idempotency-key", &"x".repeat(300)),
        news().header("idempotency-key", "ä"),
        news().header("if-match", "ä"),
    ] {
        let shown = format!("{call:?}");
        assert_eq!(test.call(call).await.problem().1, "signature-invalid", "{shown}");
    }
}

async fn course(test: &TestApp, merchant: &Merchant) -> (String, String) {
    let list = merchant.read(test, "products").await;
    let path = merchant.path(&format!("products/{}", list["data"][0]["id"].as_str().expect("an id")));
    let read = merchant.call(test, Call::get(&path)).await;
    (path, read.header("etag").expect("a tag").to_owned())
}

#[actix_web::test]
async fn a_condition_that_cannot_be_read_does_not_hold() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "tags").await;
    let (path, tag) = course(&test, &merchant).await;
    let change = async |method: &str, lines: &[&str]| -> Reply {
        let call = match method {
            "PATCH" => Call::patch(&path, json!({"name": "Renamed"})),
            _ => Call::new(method, &path),
        };
        let call = lines.iter().fold(call, |call, line| call.header("if-match", line));
        merchant.call(&test, call).await
    };
    for lines in [&["\"é\""][..], &["é"], &[""], &["\"x\"", "\"é\""], &["\"a,*,b\""]] {
        for method in ["PATCH", "DELETE"] {
            let refused = change(method, lines).await;
            assert_eq!(refused.problem().1, "precondition-failed", "{method} {lines:?}");
        }
    }
    assert_eq!(
        merchant.call(&test, Call::get(&path)).await.expect(200)["status"],
        Value::from("active")
    );
    // Lines of one header are one list.
    change("PATCH", &["\"é\"", &tag]).await.expect(200);
    change("DELETE", &["*"]).await.expect(204);
}
