//! Codes in sessions: applied, seen, replaced, removed, judged anew when something changes.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;

use super::shop::{Shop, told};

#[actix_web::test]
async fn a_code_is_held_shown_replaced_and_removed() {
    let shop = Shop::new("codes").await;
    let spring = shop.ten_percent("SPRING", Some(5)).await;
    let summer = shop
        .code(json!({"code": "Kesä 2026", "type": "fixed_amount", "amounts": [{"currency": "EUR", "amount": 500}], "usage_limit": 1}))
        .await;
    let buyer = shop.buyer("a@example.com").await;
    assert!(buyer.visit.session["discount"].is_null());
    let session = buyer.apply("  spring ").await.expect(200);
    let discount = &session["discount"];
    assert_eq!(
        (&discount["code"], &discount["state"], &discount["amount"]),
        (&json!("SPRING"), &json!("held"), &json!(390))
    );
    assert_eq!(discount["amount_formatted"], "€3.90");
    assert_eq!(discount["renew_after_seconds"], 100);
    assert_eq!(
        discount["allocations"],
        json!([{"line_id": session["lines"][0]["id"], "amount": 390}])
    );
    assert_eq!(
        (&session["totals"]["discount_total"], &session["totals"]["total"]),
        (&json!(390), &json!(3510))
    );
    assert_eq!(session["totals"]["total_formatted"], "€35.10");
    assert_eq!(
        buyer.read().await["discount"],
        *discount,
        "a read says the same and renews nothing"
    );
    assert_eq!(shop.counts(spring).await, (1, 0));

    // Another one takes its place; letter case and the ways to write an ä do not matter.
    let session = buyer.apply("KESA\u{308} 2026").await.expect(200);
    assert_eq!(
        (&session["discount"]["amount"], &session["totals"]["total"]),
        (&json!(500), &json!(3400))
    );
    assert_eq!((shop.counts(spring).await, shop.counts(summer).await), ((0, 0), (1, 0)));
    // One that cannot be held changes nothing.
    let other = shop.buyer("b@example.com").await;
    other.apply("spring").await.expect(200);
    assert_eq!(other.refused("kesä 2026").await, "usage_limit_reached");
    assert_eq!(other.read().await["discount"]["code"], "SPRING");
    assert_eq!((shop.counts(spring).await, shop.counts(summer).await), ((1, 0), (1, 0)));

    buyer.remove().await;
    buyer.remove().await;
    let session = buyer.read().await;
    assert!(session["discount"].is_null() && told(&session).is_empty());
    assert_eq!(session["totals"]["total"], 3900);
    assert_eq!(shop.counts(summer).await, (0, 0), "free at once");
    other.apply("kesä 2026").await.expect(200);
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn every_refusal_says_why() {
    let shop = Shop::new("reasons").await;
    let code = |code: &str, more: serde_json::Value| {
        let mut body = json!({"code": code, "type": "percentage", "percentage": "10"});
        body.as_object_mut()
            .expect("an object")
            .extend(more.as_object().expect("an object").clone());
        body
    };
    shop.code(code("OFF", json!({"active": false}))).await;
    shop.code(code("LATER", json!({"valid_from": "2099-01-01T00:00:00Z"})))
        .await;
    shop.code(code("OVER", json!({"expires_at": "2020-01-01T00:00:00Z"})))
        .await;
    shop.code(code("BOOKS", json!({"product_ids": [shop.book["id"]]})))
        .await;
    shop.code(code("FULL", json!({"exclude_discounted_products": true})))
        .await;
    shop.code(code(
        "LARGE",
        json!({"minimum_amounts": [{"currency": "EUR", "amount": 3901}]}),
    ))
    .await;
    shop.code(json!({"code": "KRONOR", "type": "fixed_amount", "amounts": [{"currency": "SEK", "amount": 500}]}))
        .await;
    let buyer = shop.buyer("a@example.com").await;
    for (text, reason) in [
        ("nothing", "not_found"),
        ("off", "inactive"),
        ("later", "not_started"),
        ("over", "expired"),
        ("books", "no_eligible_products"),
        ("full", "no_eligible_products"),
        ("large", "below_minimum_amount"),
        ("kronor", "currency_not_supported"),
    ] {
        assert_eq!(buyer.refused(text).await, reason, "{text}");
    }
    assert!(buyer.read().await["discount"].is_null());
    // The same basket with the book, and in kronor.
    buyer.accept(&shop.bump, 1).await.expect(200);
    for text in ["books", "full", "large"] {
        buyer.apply(text).await.expect(200);
    }
    buyer.remove().await;
    buyer.patch(json!({"currency": "SEK"})).await.expect(200);
    buyer.apply("kronor").await.expect(200);
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn guessing_has_an_end() {
    let shop = Shop::new("guesses").await;
    shop.ten_percent("REAL", None).await;
    let buyer = shop.buyer("a@example.com").await;
    for guess in 0..10 {
        assert_eq!(buyer.refused(&format!("guess {guess}")).await, "not_found");
        if guess < 9 {
            // Who names a real one is not guessing.
            buyer.apply("real").await.expect(200);
        }
    }
    let refused = buyer.apply("real").await;
    assert_eq!(refused.problem().1, "rate-limited");
    assert!(refused.header("retry-after").is_some());
    // Another session of the same network has its own ten, up to the network's hundred.
    shop.buyer("b@example.com").await.apply("real").await.expect(200);
}

#[actix_web::test]
async fn what_changes_the_basket_judges_the_code_anew() {
    let shop = Shop::new("anew").await;
    let only = shop
        .code(json!({"code": "COURSE", "type": "percentage", "percentage": "50", "product_ids": [shop.course["id"]], "usage_limit": 1}))
        .await;
    let buyer = shop.buyer("a@example.com").await;
    buyer.apply("course").await.expect(200);
    // The only eligible product is replaced.
    let upgraded = buyer.accept(&shop.upgrade, 1).await.expect(200);
    assert!(upgraded["discount"].is_null());
    assert_eq!(
        (told(&upgraded), &upgraded["messages"][0]["reason"]),
        (vec!["discount_removed".to_owned()], &json!("no_eligible_products"))
    );
    assert_eq!(upgraded["totals"]["total"], 7900);
    assert_eq!(shop.counts(only).await, (0, 0), "given back at once");
    assert_eq!(told(&buyer.read().await), ["discount_removed"], "until the next change");
    buyer.decline(&shop.upgrade).await;
    let back = buyer.read().await;
    assert_eq!((&back["totals"]["total"], told(&back).len()), (&json!(3900), 0));
    buyer.apply("course").await.expect(200);

    // The currency: a percentage holds in any, an amount only in its own.
    let euro = json!({"code": "EURO", "type": "fixed_amount", "amounts": [{"currency": "EUR", "amount": 100}]});
    shop.code(euro).await;
    let kronor = buyer.patch(json!({"currency": "SEK"})).await.expect(200);
    assert_eq!((&kronor["discount"]["amount"], told(&kronor).len()), (&json!(27450), 0));
    buyer.patch(json!({"currency": "EUR"})).await.expect(200);
    buyer.apply("euro").await.expect(200);
    let kronor = buyer.patch(json!({"currency": "SEK"})).await.expect(200);
    assert_eq!(
        (&kronor["messages"][0]["reason"], &kronor["totals"]["total"]),
        (&json!("currency_not_supported"), &json!(54900))
    );
    buyer.patch(json!({"currency": "EUR"})).await.expect(200);

    // The quantity: below the minimum again.
    shop.code(json!({"code": "TWO", "type": "percentage", "percentage": "10", "minimum_amounts": [{"currency": "EUR", "amount": 7800}]}))
        .await;
    let line = format!(
        "/lines/{}",
        buyer.read().await["lines"][0]["id"].as_str().expect("an id")
    );
    buyer
        .call("PATCH", &line, Some(json!({"quantity": 2})))
        .await
        .expect(200);
    buyer.apply("two").await.expect(200);
    let less = buyer
        .call("PATCH", &line, Some(json!({"quantity": 1})))
        .await
        .expect(200);
    assert_eq!(less["messages"][0]["reason"], "below_minimum_amount");

    // The price: the merchant reduces it, and the code is not for what is reduced.
    let book =
        json!({"code": "UNREDUCED", "type": "percentage", "percentage": "10", "exclude_discounted_products": true});
    shop.code(book).await;
    buyer.accept(&shop.bump, 1).await.expect(200);
    buyer.apply("unreduced").await.expect(200);
    let path = shop
        .merchant
        .path(&format!("products/{}", shop.book["id"].as_str().expect("an id")));
    let cheaper = json!({"prices": [{"currency": "EUR", "amount": 1005, "discounted_amount": 905}, {"currency": "SEK", "amount": 11500}]});
    shop.merchant
        .call(&shop.test, crate::support::request::Call::patch(path, cheaper))
        .await
        .expect(200);
    let seen = buyer.read().await;
    assert_eq!(
        told(&seen),
        ["discount_removed", "price_changed"],
        "a read says so and changes nothing"
    );
    assert!(seen["discount"].is_null());
    let changed = buyer.patch(json!({"locale": "fi"})).await.expect(200);
    assert_eq!(told(&changed), ["discount_removed", "price_changed"]);
    assert_eq!(changed["messages"][1]["line_id"], changed["lines"][2]["id"]);
    assert_eq!(
        told(&buyer.patch(json!({"locale": "en"})).await.expect(200)),
        Vec::<String>::new(),
        "told once"
    );
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn one_use_per_customer_whoever_they_say_they_are() {
    let shop = Shop::new("customer").await;
    let once = shop
        .code(json!({"code": "ONCE", "type": "percentage", "percentage": "10", "max_per_customer": 1}))
        .await;
    // The same address in every letter case, from fifty sessions at once.
    let address = |index: usize| {
        let letters = "buyer@example.com".char_indices();
        letters
            .map(|(at, letter)| {
                if (index >> (at % 6)) & 1 == 1 {
                    letter.to_ascii_uppercase()
                } else {
                    letter
                }
            })
            .collect::<String>()
    };
    let buyers = join_all((0..50).map(|index| {
        let email = address(index);
        let shop = &shop;
        async move { shop.buyer(&email).await }
    }))
    .await;
    let replies = join_all(buyers.iter().map(|buyer| buyer.apply("once"))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
    let others = replies.iter().filter(|reply| reply.status != 200);
    for reply in others {
        assert_eq!(reply.json()["reason"], "customer_limit_reached");
    }
    assert_eq!(shop.counts(once).await, (1, 0));
    // Who has not said who they are may hold it; it ends when they say that they are the same.
    let stranger = shop.stranger().await;
    stranger.apply("once").await.expect(200);
    let named = stranger
        .patch(json!({"customer": {"email": "Buyer@Example.com", "country": "FI"}}))
        .await
        .expect(200);
    assert_eq!(
        (told(&named), &named["messages"][0]["reason"]),
        (vec!["discount_removed".to_owned()], &json!("customer_limit_reached"))
    );
    let other = shop.stranger().await;
    other.apply("once").await.expect(200);
    let named = other
        .patch(json!({"customer": {"email": "someone@example.com", "country": "FI"}}))
        .await
        .expect(200);
    assert_eq!(named["discount"]["code"], "ONCE");
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn the_links_code_comes_with_the_session_or_says_why_not() {
    let shop = Shop::new("prefilled").await;
    let spring = shop.ten_percent("SPRING", Some(1)).await;
    let first = shop.open(json!({"discount_code": "spring"})).await;
    assert_eq!(
        (
            &first.visit.session["discount"]["code"],
            told(&first.visit.session).len()
        ),
        (&json!("SPRING"), 0)
    );
    let second = shop.open(json!({"discount_code": "spring"})).await;
    assert_eq!(
        (
            told(&second.visit.session),
            &second.visit.session["messages"][0]["reason"]
        ),
        (vec!["discount_refused".to_owned()], &json!("usage_limit_reached"))
    );
    assert_eq!(second.read().await, second.visit.session);
    let third = shop.open(json!({"discount_code": "\u{1F3B5}"})).await;
    assert_eq!(third.visit.session["messages"][0]["reason"], "not_found");
    assert_eq!(shop.counts(spring).await, (1, 0));
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn an_address_without_a_name_holds_so_many() {
    let shop = Shop::new("greedy").await;
    shop.ten_percent("SPRING", None).await;
    let path = format!("/v1/checkouts/{}", shop.merchant.checkout);
    let limit = crate::support::request::Call::patch(path, json!({"max_holds_per_address": 5}));
    shop.merchant.call(&shop.test, limit).await.expect(200);
    let mut strangers = Vec::new();
    for _ in 0..5 {
        let stranger = shop.stranger().await;
        stranger.apply("spring").await.expect(200);
        strangers.push(stranger);
    }
    shop.advance(TimeDelta::seconds(100));
    let sixth = shop.stranger().await;
    let refused = sixth.apply("spring").await;
    assert_eq!((refused.status, refused.problem().1.as_str()), (429, "too-many-holds"));
    // A hold lasts five minutes, and the first of these was taken a hundred seconds ago.
    let after: i64 = refused
        .header("retry-after")
        .and_then(|seconds| seconds.parse().ok())
        .expect("seconds");
    assert!((150..=200).contains(&after), "{after}");
    // The same code again is the same hold; a name frees a place, and who has one is not limited.
    strangers[0].apply("spring").await.expect(200);
    shop.buyer("b@example.com").await.apply("spring").await.expect(200);
    strangers[0]
        .patch(json!({"customer": {"email": "a@example.com"}}))
        .await
        .expect(200);
    sixth.apply("spring").await.expect(200);
    shop.test.check_invariants().await;
}
